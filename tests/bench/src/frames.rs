//! As much of WebSocket (RFC 6455) as a load client needs.

/// One frame a server sent.
#[derive(Debug)]
pub(crate) struct Frame<'a> {
    pub(crate) opcode: u8,
    pub(crate) payload: &'a [u8],
    /// Its bytes with the header.
    pub(crate) bytes: usize,
}

pub(crate) const CONTINUATION: u8 = 0;
pub(crate) const TEXT: u8 = 1;
pub(crate) const BINARY: u8 = 2;
pub(crate) const CLOSE: u8 = 8;
pub(crate) const PING: u8 = 9;
pub(crate) const PONG: u8 = 10;

/// The first frame in `bytes`, if it is whole.
#[inline]
pub(crate) fn first(bytes: &[u8]) -> Option<Frame<'_>> {
    let [first, second, rest @ ..] = bytes else { return None };
    let (header, len) = match second & 0x7f {
        126 => (4, usize::from(u16::from_be_bytes(*rest.first_chunk()?))),
        127 => (10, usize::try_from(u64::from_be_bytes(*rest.first_chunk()?)).ok()?),
        len => (2, usize::from(len)),
    };
    let bytes_in_all = header + len;
    let payload = bytes.get(header..bytes_in_all)?;
    Some(Frame { opcode: first & 0xf, payload, bytes: bytes_in_all })
}

/// The whole frames at the beginning of `bytes`.
pub(crate) fn all(bytes: &[u8]) -> impl Iterator<Item = Frame<'_>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let frame = first(rest)?;
        rest = &rest[frame.bytes..];
        Some(frame)
    })
}

/// A client's frame. Its mask is zero, which spares the mask: nothing between here and the server could be fooled.
pub(crate) fn of_client(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x80 | opcode];
    match u16::try_from(payload.len()) {
        Ok(len) if len < 126 => frame.push(0x80 | payload.len() as u8),
        Ok(len) => {
            frame.push(0x80 | 126);
            frame.extend_from_slice(&len.to_be_bytes());
        }
        Err(_) => {
            frame.push(0x80 | 127);
            frame.extend_from_slice(&(payload.len() as u64).to_be_bytes());
        }
    }
    frame.extend_from_slice(&[0; 4]);
    frame.extend_from_slice(payload);
    frame
}

/// A server's frame.
pub(crate) fn of_server(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = of_client(opcode, payload);
    // What a client's has and a server's has not: the mask, and the bit that announces it.
    let mask = frame.len() - payload.len() - 4;
    frame.drain(mask..mask + 4);
    frame[1] &= 0x7f;
    frame
}

#[cfg(test)]
mod tests {
    use super::{first, of_server};

    #[test]
    fn frames_are_as_long_as_they_say() {
        for payload in [0, 125, 126, 400, 65_535, 65_536] {
            let frame = of_server(super::TEXT, &vec![b'x'; payload]);
            assert_eq!(first(&frame).unwrap().payload.len(), payload);
            assert_eq!(first(&frame).unwrap().bytes, frame.len());
            assert!(first(&frame[..frame.len() - 1]).is_none());
        }
    }
}

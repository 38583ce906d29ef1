//! As much of WebSocket (RFC 6455) as a load client needs.

/// One frame a server sent.
#[derive(Debug)]
pub(crate) struct Frame<'a> {
    pub(crate) opcode: u8,
    pub(crate) payload: &'a [u8],
    /// Its bytes with the header.
    pub(crate) bytes: usize,
}

pub(crate) const TEXT: u8 = 1;
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

/// A server's text frame of so many bytes in all.
pub(crate) fn of_server(bytes: usize) -> Vec<u8> {
    let mut frame = vec![0x81];
    match u16::try_from(bytes.saturating_sub(4)) {
        Ok(len) if len >= 126 => {
            frame.push(126);
            frame.extend_from_slice(&len.to_be_bytes());
        }
        _ => frame.push(bytes.saturating_sub(2).min(125) as u8),
    }
    let payload = first_payload(&frame);
    frame.resize(frame.len() + payload, b'x');
    frame
}

/// The payload a header announces.
fn first_payload(header: &[u8]) -> usize {
    match header {
        [_, 126, high, low] => usize::from(u16::from_be_bytes([*high, *low])),
        [_, len] => usize::from(*len),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::{first, of_client, of_server};

    #[test]
    fn frames_are_as_long_as_they_say() {
        for bytes in [2, 100, 127, 130, 131, 400, 60_000] {
            let frame = of_server(bytes);
            assert_eq!(frame.len(), bytes);
            assert_eq!(first(&frame).unwrap().bytes, bytes);
            assert!(first(&frame[..bytes - 1]).is_none());
        }
        for payload in [0, 125, 126, 65_535, 65_536] {
            let mut frame = of_client(1, &vec![b'x'; payload]);
            let header = frame.len() - payload;
            // Without its mask it would be a server's.
            frame[1] &= 0x7f;
            frame.drain(header - 4..header);
            assert_eq!(first(&frame).unwrap().payload.len(), payload);
        }
    }
}

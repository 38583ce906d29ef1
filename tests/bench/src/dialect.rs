//! What a server's clients are sent: how a stream of bytes is cut into the messages that count as deliveries.

use anyhow::{Result, bail, ensure};

use crate::frames::{self, BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT};

/// What a server speaks to its clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// This project's: numbered JSON objects, each a WebSocket text frame, acknowledged.
    Numbered,
    /// Each WebSocket frame is a message.
    Frames,
    /// XMPP over WebSocket (RFC 7395): each frame is a stanza, and a `message` counts.
    Xmpp,
    /// The NATS client protocol in WebSocket frames.
    Nats,
    /// MQTT 3.1.1 in WebSocket frames.
    Mqtt,
    /// The redis serialization protocol over TCP.
    Redis,
}

/// What was found in a piece of a stream.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// Messages that were whole.
    pub(crate) messages: u64,
    /// Of the last numbered one.
    pub(crate) seq: Option<u64>,
    /// What the protocol wants answered at once.
    pub(crate) answers: Vec<u8>,
}

impl Dialect {
    /// Cuts whole frames off the beginning of `bytes` and returns how many bytes they were. `inner` is kept for the stream:
    /// the beginning of a message that goes on in the next frame.
    pub(crate) fn scan(self, bytes: &[u8], inner: &mut Vec<u8>, found: &mut Found) -> Result<usize> {
        if self == Self::Redis {
            return redis(bytes, found);
        }
        let mut at = 0;
        let mut last: Option<&[u8]> = None;
        while let Some(frame) = frames::first(&bytes[at..]) {
            at += frame.bytes;
            match frame.opcode {
                TEXT | BINARY | CONTINUATION => match self {
                    Self::Numbered => {
                        found.messages += 1;
                        last = Some(frame.payload);
                    }
                    Self::Xmpp => found.messages += u64::from(frame.payload.starts_with(b"<message")),
                    Self::Nats => stream(frame.payload, inner, found, nats)?,
                    Self::Mqtt => stream(frame.payload, inner, found, mqtt)?,
                    Self::Frames | Self::Redis => found.messages += 1,
                },
                PING => found.answers.extend(frames::of_client(PONG, frame.payload)),
                CLOSE => bail!("the server closes a client: {}", String::from_utf8_lossy(frame.payload)),
                _ => {}
            }
        }
        // `connected` has none.
        found.seq = last.and_then(seq);
        Ok(at)
    }
}

/// Continues a stream with the payload of a frame.
fn stream(
    payload: &[u8],
    inner: &mut Vec<u8>,
    found: &mut Found,
    cut: fn(&[u8], &mut Found) -> Result<usize>,
) -> Result<()> {
    if inner.is_empty() {
        let used = cut(payload, found)?;
        inner.extend_from_slice(&payload[used..]);
    } else {
        inner.extend_from_slice(payload);
        let used = cut(inner, found)?;
        inner.drain(..used);
    }
    Ok(())
}

/// The number of a message: it stands near its beginning.
fn seq(message: &[u8]) -> Option<u64> {
    const NAME: &[u8] = b"\"seq\":";
    let begin = message[..message.len().min(128)].windows(NAME.len()).position(|window| window == NAME)? + NAME.len();
    Some(number(&message[begin..]))
}

fn number(digits: &[u8]) -> u64 {
    let digits = digits.iter().take_while(|byte| byte.is_ascii_digit());
    digits.fold(0, |number, digit| number * 10 + u64::from(digit - b'0'))
}

/// The first line of `bytes` without its end, and how many bytes it takes.
fn line(bytes: &[u8]) -> Option<(&[u8], usize)> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    Some((bytes[..end].trim_ascii_end(), end + 1))
}

/// `MSG subject sid size`, its payload in the next line; anything else is a line.
fn nats(bytes: &[u8], found: &mut Found) -> Result<usize> {
    let mut at = 0;
    while let Some((line, len)) = line(&bytes[at..]) {
        if line.starts_with(b"MSG ") {
            let size = line.rsplit(|byte| *byte == b' ').next().map_or(0, number);
            let end = at + len + usize::try_from(size)? + 2;
            if end > bytes.len() {
                break;
            }
            found.messages += 1;
            at = end;
        } else {
            ensure!(!line.starts_with(b"-ERR"), "NATS says {}", String::from_utf8_lossy(line));
            if line == b"PING" {
                found.answers.extend(frames::of_client(BINARY, b"PONG\r\n"));
            }
            at += len;
        }
    }
    Ok(at)
}

/// Packets with a fixed header of a type and a length of up to four bytes; type 3 is PUBLISH.
fn mqtt(bytes: &[u8], found: &mut Found) -> Result<usize> {
    const PUBLISH: u8 = 3;
    let mut at = 0;
    while let Some(kind) = bytes.get(at) {
        let mut len = 0;
        let mut header = 1;
        loop {
            let Some(byte) = bytes.get(at + header) else { return Ok(at) };
            ensure!(header <= 4, "an MQTT packet's length does not end");
            len |= usize::from(byte & 0x7f) << (7 * (header - 1));
            header += 1;
            if byte & 0x80 == 0 {
                break;
            }
        }
        if at + header + len > bytes.len() {
            break;
        }
        found.messages += u64::from(kind >> 4 == PUBLISH);
        at += header + len;
    }
    Ok(at)
}

/// Arrays of bulk strings; `message` stands first in a delivery.
fn redis(bytes: &[u8], found: &mut Found) -> Result<usize> {
    let mut at = 0;
    while at < bytes.len() {
        let Some((first, end)) = redis_array(&bytes[at..])? else { break };
        found.messages += u64::from(first == b"message");
        at += end;
    }
    Ok(at)
}

/// The first element of the array at the beginning, and how many bytes the array takes.
fn redis_array(bytes: &[u8]) -> Result<Option<(&[u8], usize)>> {
    let Some((header, mut at)) = line(bytes) else { return Ok(None) };
    let [b'*', count @ ..] = header else { bail!("redis says {}", String::from_utf8_lossy(header)) };
    let mut first: &[u8] = b"";
    for element in 0..number(count) {
        let Some((header, len)) = line(&bytes[at..]) else { return Ok(None) };
        at += len;
        if let [b'$', size @ ..] = header {
            let end = at + usize::try_from(number(size))?;
            let Some(text) = bytes.get(at..end) else { return Ok(None) };
            if end + 2 > bytes.len() {
                return Ok(None);
            }
            if element == 0 {
                first = text;
            }
            at = end + 2;
        }
    }
    Ok(Some((first, at)))
}

#[cfg(test)]
mod tests {
    use super::{Dialect, Found};
    use crate::frames;

    fn frame(opcode: u8, payload: &[u8]) -> Vec<u8> {
        frames::of_server(opcode, payload)
    }

    /// Feeds a stream in pieces of every size and gives what was found, which must not depend on the size.
    fn scan(dialect: Dialect, bytes: &[u8]) -> Found {
        let scan_in = |size: usize| {
            let (mut inner, mut buffer, mut found) = (Vec::new(), Vec::new(), Found::default());
            let mut seq = None;
            for piece in bytes.chunks(size) {
                buffer.extend_from_slice(piece);
                let used = dialect.scan(&buffer, &mut inner, &mut found).unwrap();
                buffer.drain(..used);
                seq = found.seq.or(seq);
            }
            assert!(buffer.is_empty() && inner.is_empty(), "everything is read");
            Found { seq, ..found }
        };
        let whole = scan_in(bytes.len());
        for size in 1..bytes.len() {
            assert_eq!(scan_in(size), whole, "in pieces of {size}");
        }
        whole
    }

    #[test]
    fn numbered_messages_are_counted_and_the_last_number_is_known() {
        let mut bytes = frame(1, br#"{"messageType":"connected"}"#);
        bytes.extend(frame(1, br#"{"messageType":"resourceEvent","seq":1204,"serviceId":"p"}"#));
        bytes.extend(frame(9, b"hello"));
        let found = scan(Dialect::Numbered, &bytes);
        assert_eq!((found.messages, found.seq), (2, Some(1_204)));
        assert_eq!(found.answers, frames::of_client(10, b"hello"), "a ping is answered");
    }

    #[test]
    fn messages_of_nats_may_begin_in_one_frame_and_end_in_the_next() {
        let text = b"INFO {}\r\nMSG a 1 5\r\nhello\r\nPING\r\nMSG a 1 7\r\nMSG\r\nxx\r\n";
        for cut in 1..text.len() {
            let bytes = [frame(2, &text[..cut]), frame(2, &text[cut..])].concat();
            let found = scan(Dialect::Nats, &bytes);
            assert_eq!(found.messages, 2);
            assert_eq!(found.answers, frames::of_client(2, b"PONG\r\n"));
        }
    }

    #[test]
    fn only_publications_of_mqtt_are_counted() {
        let long = [&[0x30, 0x96, 0x01][..], &[b'x'; 150]].concat();
        let packets = [&[0x20, 2, 0, 0][..], &long, &[0x90, 3, 0, 1, 0], &[0x30, 3, 0, 1, b'a']].concat();
        assert_eq!(scan(Dialect::Mqtt, &frame(2, &packets)).messages, 2);
    }

    #[test]
    fn only_messages_of_redis_are_counted() {
        let bytes = b"*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$4\r\n*1\r\n\r\n";
        assert_eq!(scan(Dialect::Redis, bytes).messages, 1);
        assert!(Dialect::Redis.scan(b"-ERR no\r\n", &mut Vec::new(), &mut Found::default()).is_err());
    }

    #[test]
    fn only_messages_of_xmpp_are_counted() {
        let bytes = [frame(1, b"<iq type='result'/>"), frame(1, b"<message to='a'/>")].concat();
        assert_eq!(scan(Dialect::Xmpp, &bytes).messages, 1);
    }

    #[test]
    fn a_server_that_closes_is_no_delivery() {
        assert!(Dialect::Frames.scan(&frame(8, b"\x03\xe8"), &mut Vec::new(), &mut Found::default()).is_err());
    }
}

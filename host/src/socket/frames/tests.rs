use super::{Broken, Decoder, Incoming};

const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

#[derive(Debug, PartialEq, Eq, Clone)]
enum Told {
    Text(String),
    Binary(u64),
    Ping(Vec<u8>),
    Pong,
    Close,
    TooLarge(u64),
}

/// A masked frame: first byte as given.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        len @ 0..=125 => bytes.push(0x80 | u8::try_from(len).unwrap()),
        len @ 126..=65_535 => {
            bytes.push(0x80 | 126);
            bytes.extend_from_slice(&u16::try_from(len).unwrap().to_be_bytes());
        }
        len => {
            bytes.push(0x80 | 127);
            bytes.extend_from_slice(&(len as u64).to_be_bytes());
        }
    }
    bytes.extend_from_slice(&MASK);
    bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}

fn run(max: u32, pieces: &[&[u8]]) -> (Vec<Told>, Option<Broken>) {
    let mut decoder = Decoder::new(max);
    let mut told = Vec::new();
    for piece in pieces {
        let mut read = piece.to_vec();
        let result = decoder.push(&mut read, &mut |incoming| {
            told.push(match incoming {
                Incoming::Text(text) => Told::Text(String::from_utf8(text.to_vec()).unwrap()),
                Incoming::Binary(bytes) => Told::Binary(bytes),
                Incoming::Ping(payload) => Told::Ping(payload.to_vec()),
                Incoming::Pong => Told::Pong,
                Incoming::Close => Told::Close,
                Incoming::TooLarge(bytes) => Told::TooLarge(bytes),
            });
        });
        if let Err(broken) = result {
            return (told, Some(broken));
        }
    }
    (told, None)
}

fn texts(texts: &[&str]) -> Vec<Told> {
    texts.iter().map(|text| Told::Text((*text).to_owned())).collect()
}

#[test]
fn messages_come_whole_however_the_network_cuts_them() {
    let long = "ä".repeat(300);
    let mut stream = frame(0x81, b"{}");
    stream.extend(frame(0x81, long.as_bytes()));
    stream.extend(frame(0x01, b"one "));
    stream.extend(frame(0x89, b"beat"));
    stream.extend(frame(0x00, b"message "));
    stream.extend(frame(0x8A, b""));
    stream.extend(frame(0x80, b"in three"));
    let want = vec![
        Told::Text("{}".into()),
        Told::Text(long),
        Told::Ping(b"beat".to_vec()),
        Told::Pong,
        Told::Text("one message in three".into()),
    ];
    assert_eq!(run(1_000, &[&stream]), (want.clone(), None));
    for size in [1, 2, 3, 7, 64, 601] {
        let pieces: Vec<&[u8]> = stream.chunks(size).collect();
        assert_eq!(run(1_000, &pieces), (want.clone(), None), "in pieces of {size}");
    }
}

#[test]
fn many_messages_in_one_read() {
    let stream: Vec<u8> = (0..100).flat_map(|n| frame(0x81, format!("{{\"n\":{n}}}").as_bytes())).collect();
    let (told, broken) = run(100, &[&stream]);
    assert_eq!((told.len(), broken), (100, None));
    assert_eq!(told[99], Told::Text("{\"n\":99}".into()));
}

#[test]
fn the_bound_is_exact_and_holds_before_the_bytes_come() {
    assert_eq!(run(4, &[&frame(0x81, b"1234")]).0, texts(&["1234"]));
    assert_eq!(run(4, &[&frame(0x81, b"12345")]).0, [Told::TooLarge(5)]);
    // The header alone is enough, and nothing after it is looked at.
    let mut announced = vec![0x81, 0x80 | 127];
    announced.extend_from_slice(&(1_u64 << 40).to_be_bytes());
    announced.extend_from_slice(&MASK);
    assert_eq!(run(65_536, &[&announced, &frame(0x81, b"{}")]).0, [Told::TooLarge(1 << 40)]);
}

#[test]
fn fragments_count_together() {
    let mut stream = frame(0x01, b"123");
    stream.extend(frame(0x80, b"45"));
    assert_eq!(run(4, &[&stream]).0, [Told::TooLarge(5)]);
    assert_eq!(run(5, &[&stream]).0, texts(&["12345"]));
    let mut binary = frame(0x02, b"123");
    binary.extend(frame(0x80, b"45"));
    assert_eq!(run(5, &[&binary]).0, [Told::Binary(5)]);
}

#[test]
fn nothing_follows_a_close() {
    let mut stream = frame(0x88, &[0x03, 0xE8, b'b', b'y', b'e']);
    stream.extend(frame(0x81, b"{}"));
    assert_eq!(run(100, &[&stream, &frame(0x81, b"{}")]), (vec![Told::Close], None));
    assert_eq!(run(100, &[&frame(0x88, b"")]), (vec![Told::Close], None));
}

#[test]
fn broken_framing_is_found() {
    let cases: [(&str, Vec<u8>); 11] = [
        ("unmasked", vec![0x81, 2, b'{', b'}']),
        ("reserved bit", frame(0xC1, b"{}")),
        ("reserved data opcode", frame(0x83, b"{}")),
        ("reserved control opcode", frame(0x8B, b"")),
        ("control in fragments", frame(0x09, b"")),
        ("long control", frame(0x89, &[0; 126])),
        ("continuation of nothing", frame(0x80, b"{}")),
        ("half a close code", frame(0x88, &[3])),
        ("close code 1005", frame(0x88, &1005_u16.to_be_bytes())),
        ("close reason not UTF-8", frame(0x88, &[0x03, 0xE8, 0xFF])),
        ("message within a message", [frame(0x01, b"{"), frame(0x81, b"{}")].concat()),
    ];
    for (name, bytes) in cases {
        let (told, broken) = run(1_000, &[&bytes]);
        assert!(broken.is_some() && told.is_empty(), "{name}: {told:?} {broken:?}");
    }
}

use interaction_core::cti::uccx::codec::messages::LAYOUTS;
use interaction_core::cti::uccx::codec::{Width, Widths, hex};
use proptest::collection::vec;
use proptest::prelude::{any, prop_assert_eq, proptest};
use serde_json::Value;

use super::super::{decode, encode};
use super::{LINE_BYTES_MAX, Said, said};

const ALL_WIDTHS: [Widths; 4] =
    [Widths::V10, Widths::V18, Widths::WIDE, Widths { tag: Width::One, length: Width::Two }];

fn decoded(input: &[u8], binary: bool, widths: Widths) -> String {
    let mut out = Vec::new();
    let mut input = input;
    let result =
        if binary { decode::binary(&mut input, widths, &mut out) } else { decode::text(&mut input, widths, &mut out) };
    result.unwrap();
    String::from_utf8(out).unwrap()
}

fn encoded(input: &str, binary: bool, widths: Widths) -> Vec<u8> {
    let mut out = Vec::new();
    encode::encode(&mut input.as_bytes(), widths, binary, &mut out).unwrap();
    out
}

fn there_and_back(input: &[u8], binary: bool, widths: Widths) -> Vec<u8> {
    encoded(&decoded(input, binary, widths), binary, widths)
}

fn frame(id: u32, body: &[u8]) -> Vec<u8> {
    [&u32::try_from(body.len()).unwrap().to_be_bytes()[..], &id.to_be_bytes(), body].concat()
}

fn line(bytes: &[u8]) -> String {
    format!("{}\n", hex::encode(bytes))
}

/// Each line is a JSON object with the properties that are always there.
fn told(text: &str) -> Vec<Value> {
    let check = |line: &str| {
        let object: Value = serde_json::from_str(line).unwrap();
        assert!(object["type"].is_u64() && object["name"].is_string(), "{line}");
        assert!(object["fields"].is_object() && object["floating"].is_array(), "{line}");
        object
    };
    text.lines().map(check).collect()
}

proptest! {
    #[test]
    fn lines_of_anything_come_back(bytes in vec(any::<u8>(), 1..400), id in 0_u32..260) {
        for widths in ALL_WIDTHS {
            for bytes in [bytes.clone(), frame(id, &bytes)] {
                let line = line(&bytes);
                let told = told(&decoded(line.as_bytes(), false, widths));
                if told.len() == 1 {
                    prop_assert_eq!(&there_and_back(line.as_bytes(), false, widths), line.as_bytes());
                }
            }
        }
    }

    #[test]
    fn captures_of_anything_come_back(pieces in vec((0_u32..260, vec(any::<u8>(), 0..80)), 0..6), rest in vec(any::<u8>(), 0..200)) {
        let mut capture: Vec<u8> = pieces.iter().flat_map(|(id, body)| frame(*id, body)).collect();
        capture.extend(rest);
        for widths in ALL_WIDTHS {
            told(&decoded(&capture, true, widths));
            prop_assert_eq!(&there_and_back(&capture, true, widths), &capture);
        }
    }

    #[test]
    fn every_message_of_the_table_comes_back_at_any_length(bytes in vec(any::<u8>(), 0..120), keep in 0_usize..180) {
        for layout in LAYOUTS {
            let Some(id) = layout.id else { continue };
            let mut body = vec![0; layout.fixed_bytes];
            body.extend(&bytes);
            let whole = frame(id, &body);
            for bytes in [&whole[..], &whole[..keep.min(whole.len())]] {
                if bytes.is_empty() {
                    continue;
                }
                let line = line(bytes);
                prop_assert_eq!(&there_and_back(line.as_bytes(), false, Widths::V10), line.as_bytes());
                prop_assert_eq!(&there_and_back(bytes, true, Widths::V10), bytes);
            }
        }
    }

    #[test]
    fn lines_that_are_no_digits_come_back(text in "[ -~]{1,60}") {
        let input = format!("{text}\n");
        let told = told(&decoded(input.as_bytes(), false, Widths::V10));
        let blank = text.trim().is_empty() || text.trim().starts_with('#');
        prop_assert_eq!(told.len(), usize::from(!blank));
        if !blank && hex::decode(&text.replace(' ', "")).is_none() {
            prop_assert_eq!(there_and_back(input.as_bytes(), false, Widths::V10), input.as_bytes());
        }
    }
}

#[test]
fn each_frame_gives_an_object_whatever_it_is() {
    let heartbeat = frame(5, &[0, 0, 0, 2]);
    let input = [
        "# a comment".to_owned(),
        String::new(),
        hex::encode(&heartbeat).to_ascii_uppercase(),
        "00 00 00 04 00000005 00000002\r".to_owned(),
        hex::encode(&[&heartbeat[..], &heartbeat].concat()),
        hex::encode(&[&heartbeat[..], b"!"].concat()),
        "0000".to_owned(),
        "zz".to_owned(),
        "1700000000000000 3 > 000000040000000500000002".to_owned(),
        hex::encode(&frame(4711, &[0xab])),
    ]
    .join("\n");
    let told = told(&decoded(input.as_bytes(), false, Widths::V10));
    let heartbeats = told.iter().filter(|object| object["fields"]["InvokeID"] == 2).count();
    assert_eq!((told.len(), heartbeats), (9, 5));
    let wrong: Vec<bool> = told.iter().map(|object| object.get("error").is_some()).collect();
    assert_eq!(wrong, [false, false, false, false, true, true, true, false, false]);
    assert_eq!(told[4]["frame"], "00000004000000050000000221");
    assert_eq!(told[7]["trace"], "1700000000000000 3 >");
    assert_eq!((&told[8]["name"], &told[8]["body"]), (&"UNKNOWN".into(), &"ab".into()));
}

#[test]
fn a_trace_comes_back_with_what_it_says_beside_the_frames() {
    let trace = "1700000000000000 3 > 000000040000000500000002\n1700000000000009 3 < 000000040000000600000002\n";
    assert_eq!(there_and_back(trace.as_bytes(), false, Widths::V10), trace.as_bytes());
}

#[test]
fn a_line_longer_than_any_frame_is_told_in_pieces() {
    let input = format!("{}#\nzz\n", "0".repeat(usize::try_from(LINE_BYTES_MAX).unwrap() + 3));
    let decoded = decoded(input.as_bytes(), false, Widths::V10);
    let told = told(&decoded);
    assert_eq!(told.len(), 3);
    assert!(told.iter().all(|object| object["error"].is_string()));
    assert_eq!(encoded(&decoded, false, Widths::V10), input.as_bytes());
}

#[test]
fn the_longest_frame_comes_back() {
    let fields = frame(1, &[&[0; 8][..], &[200, 0].repeat(32_764)].concat());
    assert_eq!(there_and_back(line(&fields).as_bytes(), false, Widths::V10), line(&fields).as_bytes());
    let beyond = frame(1, &[0; 65_537]);
    assert_eq!(there_and_back(&beyond, true, Widths::V10), beyond);
    assert_eq!(there_and_back(line(&beyond).as_bytes(), false, Widths::V10), line(&beyond).as_bytes());
}

#[test]
fn what_is_no_frame_is_refused_with_its_property() {
    let refused = |text: &str| said(text, Widths::V10).unwrap_err();
    assert!(refused("{").contains("EOF"));
    assert!(refused("[]").contains("map"));
    assert!(refused(r#"{"type":5,"fields":{"InvokeID":-1}}"#).contains("fields.InvokeID"));
    assert!(refused(r#"{"type":"x"}"#).contains("`type`"));
    assert!(refused(r#"{"type":5,"colour":1}"#).contains("colour"));
    assert!(refused(r#"{"type":5,"trace":1}"#).contains("`trace`"));
    assert!(refused(r#"{"line":"z"}"#).contains("`line`"));
    assert_eq!(
        said(r#"{"type":5,"fields":{"InvokeID":2}}"#, Widths::V10),
        Ok(Said::Frame(frame(5, &[0, 0, 0, 2]), None))
    );
    let mut out = Vec::new();
    let mut input = &b"\n{\"type\":5,\"fields\":{\"InvokeID\":2}}\n{}\n"[..];
    let stopped = encode::encode(&mut input, Widths::V10, false, &mut out).unwrap_err();
    assert!(matches!(stopped, encode::Stop::Line(3, _)), "{stopped:?}");
    assert_eq!(out, b"000000040000000500000002\n");
}

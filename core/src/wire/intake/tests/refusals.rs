//! What the intake refuses, and the near misses it accepts.

use std::fmt::Write as _;

use super::taken;
use crate::input::MalformedKind;
use crate::wire::intake::{DEPTH_MAX, FRAME_BYTES_MAX, Refused, intake};

fn assert_refused(frame: &[u8], fault: MalformedKind) {
    let text = String::from_utf8_lossy(frame);
    match intake(frame) {
        Err(found) => assert_eq!(found, Refused::Malformed(fault), "{text}"),
        Ok(_) => panic!("accepted: {text}"),
    }
}

#[test]
fn what_is_not_json_is_refused() {
    for frame in [
        "",
        " ",
        "{",
        "}",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,",
        "{\"a\":1,}",
        "{,}",
        "{1:2}",
        "{a:1}",
        "{'a':1}",
        "{\"a\" 1}",
        "{\"a\":}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":[1,]}",
        "{\"a\":[,1]}",
        "{\"a\":[1}",
        "{\"a\":{]}",
        "{\"a\":1}}",
        "{}{}",
        "{} x",
        "{}\0",
        "\u{feff}{}",
        "{}\u{feff}",
        "{\u{a0}}",
        "{\u{b}}",
        "//\n{}",
        "{/**/}",
        "{\"a\":01}",
        "{\"a\":-}",
        "{\"a\":+1}",
        "{\"a\":.5}",
        "{\"a\":1.}",
        "{\"a\":1e}",
        "{\"a\":1e+}",
        "{\"a\":-01}",
        "{\"a\":0x1}",
        "{\"a\":NaN}",
        "{\"a\":Infinity}",
        "{\"a\":1_0}",
        "{\"a\":tru}",
        "{\"a\":truex}",
        "{\"a\":True}",
        "{\"a\":nul",
        "{\"a\":n",
        "{\"password\":nope}",
        "{\"a\":\"\n\"}",
        "{\"a\":\"\u{1f}\"}",
        "{\"a\":\"\0\"}",
        "{\"a\t\":1}",
        "{\"a\":\"",
        "{\"a\":\"\\\"}",
        "{\"a\":\"\\",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":\"\\u12g4\"}",
        "{\"a\":\"\\U0041\"}",
        "{\"a\":\"\\ud800\\u12\"}",
        "{\"password\":\"\n\"}",
        "{\"password\":{\"a\":01}}",
        "nul",
        "abc",
        "[1,",
        "1 2",
        "\"abc",
    ] {
        assert_refused(frame.as_bytes(), MalformedKind::NotJson);
    }
}

#[test]
fn what_is_not_utf8_is_refused() {
    for frame in [&b"\xff"[..], b"{\"a\":\"\xc3\"}", b"{\"a\":\"\xed\xa0\x80\"}", b"{\"\xc0\x80\":1}", b"{}\x80"] {
        assert_refused(frame, MalformedKind::NotUtf8);
    }
}

#[test]
fn only_an_object_is_a_message() {
    for frame in ["null", " true ", "0", "-1.5e3", "\"a\"", "[]", "[{\"password\":\"p\"}]"] {
        assert_refused(frame.as_bytes(), MalformedKind::NotAnObject);
    }
}

#[test]
fn control_characters_are_found_wherever_they_stand_in_a_string() {
    for length in 0..40 {
        for place in 0..=length {
            for byte in [b'\x00', b'\n', b'\x1f'] {
                let mut frame = vec![b'{', b'"'];
                frame.resize(2 + length, b'a');
                frame.insert(2 + place, byte);
                frame.extend_from_slice(b"\":1}");
                assert_refused(&frame, MalformedKind::NotJson);
                // Neighbours of the sought bytes are ordinary text.
                frame[2 + place] = [b' ', b'!', b'#', b'[', b']', 0x7f][length % 6];
                assert!(intake(&frame).is_ok(), "{frame:?}");
            }
        }
    }
}

#[test]
fn a_property_stands_once_in_an_object() {
    for frame in [
        r#"{"a":1,"a":1}"#,
        r#"{"":1,"":2}"#,
        r#"{"a":1,"b":2,"\u0061":3}"#,
        r#"{"\u0061":1,"a":2}"#,
        r#"{"a\/":1,"a/":2}"#,
        r#"{"a":{"b":1,"c":{"b":1},"b":2}}"#,
        r#"{"a":[{"b":1,"b":2}]}"#,
        r#"{"password":{"b":1,"b":2}}"#,
        r#"{"password":null,"pass\u0077ord":"p"}"#,
        "{\"\u{1f600}\":1,\"\\ud83d\\ude00\":2}",
    ] {
        assert_refused(frame.as_bytes(), MalformedKind::DuplicateKey);
    }
    for frame in [r#"{"a":{"a":{"a":1}},"b":{"a":1}}"#, r#"{"a":1,"A":2,"ä":3,"a\u0308":4}"#] {
        taken(frame);
    }
}

/// An object with `count` distinct keys, in no order, every tenth with an escape, then `last`.
fn many_keys(count: usize, last: &str) -> String {
    let mut frame = "{".to_owned();
    for index in 0..count {
        let scattered = index * 7919 % count;
        let spelled = if index % 10 == 0 { "\\u006b" } else { "k" };
        write!(frame, "\"{spelled}{scattered}\":{index},").expect("a string takes all");
    }
    frame.push_str(last);
    frame.push('}');
    frame
}

#[test]
fn many_keys_are_compared_all_the_same() {
    for count in [1, 14, 15, 16, 17, 18, 40, 10_000] {
        taken(&many_keys(count, "\"last\":0"));
        assert_refused(many_keys(count, "\"k0\":0").as_bytes(), MalformedKind::DuplicateKey);
        assert_refused(many_keys(count, "\"\\u006b0\":0").as_bytes(), MalformedKind::DuplicateKey);
        assert_refused(many_keys(count, "\"zz\":0,\"zz\":1").as_bytes(), MalformedKind::DuplicateKey);
        // An inner object's keys do not meet the outer's.
        taken(&many_keys(count, &format!("\"last\":{}", many_keys(count, "\"k\":0"))));
    }
}

#[test]
fn depth_is_bounded() {
    let nested = |open: &str, close: &str, levels: usize| {
        format!("{{\"a\":{}1{}}}", open.repeat(levels - 1), close.repeat(levels - 1))
    };
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[ ", " ]"), ("{\"password\":", "}")] {
        taken(&nested(open, close, 32));
        assert_refused(nested(open, close, 33).as_bytes(), MalformedKind::TooDeep);
    }
    assert_refused("[".repeat(65_536).as_bytes(), MalformedKind::TooDeep);
    assert_refused("{\"a\":".repeat(13_000).as_bytes(), MalformedKind::TooDeep);
}

#[test]
fn half_a_surrogate_pair_is_refused() {
    for inside in ["\\ud800", "\\udfff", "\\ud83dx", "\\ud83d\\n", "\\ud83d\\u0041", "\\ud83d\\ud83d", "\\ude00\\ud83d"]
    {
        for frame in
            [format!("{{\"a\":\"{inside}\"}}"), format!("{{\"{inside}\":1}}"), format!("{{\"token\":\"{inside}\"}}")]
        {
            assert_refused(frame.as_bytes(), MalformedKind::LoneSurrogate);
        }
    }
}

#[test]
fn each_fault_says_what_to_do() {
    for fault in [
        MalformedKind::NotUtf8,
        MalformedKind::NotJson,
        MalformedKind::NotAnObject,
        MalformedKind::DuplicateKey,
        MalformedKind::TooDeep,
        MalformedKind::LoneSurrogate,
        MalformedKind::Binary,
    ] {
        assert!(fault.message().contains([':', ',']), "{fault:?}");
        assert_eq!(Refused::from(fault).to_string(), fault.message());
    }
    assert!(MalformedKind::TooDeep.message().contains(&DEPTH_MAX.to_string()));
}

#[test]
fn a_frame_is_bounded_whatever_the_transport_let_pass() {
    // Zeroed pages that are never touched: the length alone decides.
    let frame = vec![0; FRAME_BYTES_MAX + 1];
    assert!(matches!(intake(&frame), Err(Refused::TooLarge)));
}

//! Frames written down and rebuilt.

use interaction_core::cti::uccx::codec::inspect::{Inspected, Value, inspect};
use interaction_core::cti::uccx::codec::messages::LAYOUTS;
use interaction_core::cti::uccx::codec::rebuild::rebuild;
use interaction_core::cti::uccx::codec::{Widths, blank_passwords};
use proptest::collection::vec;
use proptest::prelude::{any, prop_assert_eq, proptest};

use crate::generate::put;
use crate::generate::{Tape, body};
use crate::{ALL_WIDTHS, bytes, framed};

fn json(frame: &[u8]) -> String {
    serde_json::to_string(&inspect(frame, Widths::V10)).expect("it can be written as JSON")
}

/// Through JSON text and back to bytes.
fn there_and_back(frame: &[u8], widths: Widths) -> Vec<u8> {
    let text = serde_json::to_string(&inspect(frame, widths)).expect("it can be written as JSON");
    let inspected: Inspected = serde_json::from_str(&text).expect("its own JSON can be read");
    rebuild(&inspected, widths).expect("what was inspected can be rebuilt")
}

proptest! {
    #[test]
    fn arbitrary_frames_are_rebuilt(id in 0_u32..260, body in vec(any::<u8>(), 0..300)) {
        let frame = framed(id, &body);
        for widths in ALL_WIDTHS {
            prop_assert_eq!(&there_and_back(&frame, widths), &frame);
        }
    }

    #[test]
    fn well_formed_frames_are_rebuilt_and_show_no_error(tape in vec(any::<u8>(), 0..500)) {
        for layout in LAYOUTS {
            let Some(id) = layout.id else { continue };
            for widths in ALL_WIDTHS {
                let frame = framed(id, &body(layout, widths, &mut Tape(&tape)));
                let inspected = inspect(&frame, widths);
                prop_assert_eq!((inspected.error, inspected.body), (None, None));
                prop_assert_eq!(&there_and_back(&frame, widths), &frame);
            }
        }
    }

    #[test]
    fn cut_and_arbitrary_bytes_are_rebuilt(bytes in vec(any::<u8>(), 0..40), tag in any::<u8>(), tail in vec(any::<u8>(), 0..20)) {
        prop_assert_eq!(&there_and_back(&bytes, Widths::V10), &bytes);
        let mut body = vec![0, 0, 0, 1];
        put(&mut body, Widths::V10, u16::from(tag), &bytes);
        body.extend(&tail);
        let frame = framed(2, &body);
        prop_assert_eq!(&there_and_back(&frame, Widths::V10), &frame);
    }
}

#[test]
fn the_json_has_its_documented_shape() {
    let team = "00000041000000f300000007000200010000000000000000cc0653616c657300c205737570310057020001b7020000cd020001\
                c208616774323030350057020000b7020000cd020001";
    let wanted = r#"{"type":243,"name":"TEAM_CONFIG_EVENT","fields":{"TeamID":7,"NumRecords":2,"Operation":1,"resv_8":"0000000000000000"},"floating":[{"tag":204,"name":"TeamName","value":"Sales"},{"tag":194,"name":"AgentID","value":"sup1"},{"tag":87,"name":"AgentFlags","value":1},{"tag":183,"name":"RecordType","value":0},{"tag":205,"name":"MemberType","value":1},{"tag":194,"name":"AgentID","value":"agt2005"},{"tag":87,"name":"AgentFlags","value":0},{"tag":183,"name":"RecordType","value":0},{"tag":205,"name":"MemberType","value":1}]}"#;
    assert_eq!(json(&bytes(team)), wanted);
    assert_eq!(
        json(&framed(4711, &[1, 0xAB])),
        r#"{"type":4711,"name":"UNKNOWN","fields":{},"floating":[],"body":"01ab"}"#
    );
}

#[test]
fn nothing_unusual_is_lost_or_hidden() {
    let one = |tag: u16, value: &[u8]| {
        let mut body = vec![0, 0, 0, 1];
        put(&mut body, Widths::V10, tag, value);
        let text = json(&framed(2, &body));
        let start = text.find("\"floating\":[").expect("a floating part") + 12;
        text[start..text.len() - 2].to_string()
    };
    assert_eq!(one(7, b"no\0"), r#"{"tag":7,"name":"Text","value":"no"}"#);
    assert_eq!(one(7, b"no"), r#"{"tag":7,"name":"Text","value":"no","nul":false}"#);
    assert_eq!(one(7, b"no\0\0"), r#"{"tag":7,"name":"Text","value":"no\u0000"}"#);
    assert_eq!(one(7, b"M\xFC\0"), r#"{"tag":7,"name":"Text","value":"4dfc00","raw":true}"#);
    assert_eq!(one(194, b"a\0"), r#"{"tag":194,"name":"AgentID","value":"6100"}"#, "not a field of this message");
    assert_eq!(one(251, b"a"), r#"{"tag":251,"name":"UNKNOWN","value":"61"}"#);
    let mut data = vec![0; 40];
    put(&mut data, Widths::V10, 82, b"user.tier\0gold\0");
    put(&mut data, Widths::V10, 83, b"\x03user.list\0x\0");
    put(&mut data, Widths::V10, 82, b"cut\0x");
    let text = json(&framed(25, &data));
    assert!(
        text.contains(r#"{"tag":82,"name":"NamedVariable","value":{"name":"user.tier","value":"gold"}}"#),
        "{text}"
    );
    assert!(text.contains(r#""value":{"index":3,"name":"user.list","value":"x"}}"#), "{text}");
    assert!(text.contains(r#"{"tag":82,"name":"NamedVariable","value":"6375740078","raw":true}"#), "{text}");
    let mut csq = vec![0, 1];
    put(&mut csq, Widths::V10, 185, &[0, 0, 0, 1]);
    assert!(json(&framed(236, &csq)).contains(r#"{"tag":185,"name":"AutoWork","value":1,"length":4}"#));
}

#[test]
fn broken_frames_tell_what_they_hold() {
    let cut = inspect(&framed(2, &[0, 0, 0, 1, 7, 9, b'a']), Widths::V10);
    assert_eq!(cut.fields, [("Status".into(), Value::Number(1))]);
    assert_eq!(cut.body.as_deref(), Some("070961"));
    assert!(cut.error.expect("an error").contains("byte 4 of the body of FAILURE_EVENT"));
    let short = inspect(&framed(2, &[0, 0]), Widths::V10);
    assert!(short.fields.is_empty());
    assert!(short.error.expect("an error").contains("fixed part of 4 bytes"));
    let no_frame = inspect(&[0, 0, 0, 9, 0, 0, 0, 2, 1], Widths::V10);
    assert_eq!((no_frame.message_id, no_frame.name.as_str()), (2, "FAILURE_EVENT"));
    assert!(no_frame.error.expect("an error").contains("announces a body of 9 bytes, 1 follow it"));
}

#[test]
fn both_orders_of_a_dequeued_call_are_shown_as_they_came() {
    let mut fixed = vec![0; 34];
    fixed[22..26].fill(0xFF);
    let shown = inspect(&framed(86, &fixed), Widths::V10);
    let names: Vec<&str> = shown.fields.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names[5..8], ["QueueDeviceType", "ApplicationID", "resv_22"]);
    fixed[20..24].fill(0xFF);
    let shown = inspect(&framed(86, &fixed), Widths::V10);
    assert_eq!(shown.fields[6].0, "resv_20");
}

#[test]
fn a_frame_can_be_written_by_hand() {
    let text = r#"{"type":242,"fields":{"ConfigParam":1,"InvokeID":3},"floating":[]}"#;
    let inspected: Inspected = serde_json::from_str(text).expect("it can be read");
    let frame = rebuild(&inspected, Widths::V10).expect("it can be built");
    assert_eq!(frame, bytes("0000000e000000f20000000300010000000000000000"));
    let refused = |text: &str| {
        let inspected: Inspected = serde_json::from_str(text).expect("it can be read");
        rebuild(&inspected, Widths::V10).expect_err("it is refused").to_string()
    };
    assert_eq!(refused(r#"{"type":242,"fields":{"InvokeID":3}}"#), "`fields.ConfigParam` must be given");
    assert_eq!(
        refused(r#"{"type":5,"fields":{"InvokeId":3}}"#),
        "`fields.InvokeId` must be a field of this message type"
    );
    assert_eq!(
        refused(r#"{"type":5,"fields":{"InvokeID":-1}}"#),
        "`fields.InvokeID` must be a number within the range of its type"
    );
    assert_eq!(refused(r#"{"type":4711}"#), "`type` must be a known message type, or the body given as `body`");
    let far = r#"{"type":2,"fields":{"Status":1},"floating":[{"tag":300,"value":"00"}]}"#;
    assert_eq!(refused(far), "`floating[0].tag` must be at most 255 with tags of one byte");
}

#[test]
fn a_redacted_frame_shows_no_password() {
    let mut body = vec![0; 44];
    put(&mut body, Widths::V10, 2, b"hunter2");
    let mut inspected = inspect(&framed(3, &body), Widths::V10);
    let debug = format!("{inspected:?}");
    assert!(debug.contains("ClientPassword[2]: Text(\"(redacted)\")"), "{debug}");
    inspected.redact();
    let text = serde_json::to_string(&inspected).expect("it can be written as JSON");
    assert!(text.contains(r#"{"tag":2,"name":"ClientPassword","value":"(redacted)"}"#), "{text}");
    assert!(!text.contains("68756e74657232"));
    let mut broken = inspect(&framed(3, &body[..50]), Widths::V10);
    broken.redact();
    assert_eq!(broken.body.as_deref(), Some("(redacted)"));
}

#[test]
fn blanked_passwords_leave_the_frame_as_it_was() {
    let mut open = vec![0; 44];
    put(&mut open, Widths::V10, 1, b"me\0");
    put(&mut open, Widths::V10, 2, b"hunter2");
    let mut login = vec![0; 21];
    put(&mut login, Widths::V10, 49, b"hunter2\0");
    put(&mut login, Widths::V10, 194, b"agt2005\0");
    for (id, body) in [(3, open), (38, login)] {
        let whole = framed(id, &body);
        let mut bytes = whole.clone();
        blank_passwords(&mut bytes, Widths::V10);
        let text = json(&bytes);
        assert!(!text.contains("hunter2") && !text.contains("68756e74657232"), "{text}");
        assert!(text.contains("2a2a2a2a2a2a2a") || text.contains("*******"), "{text}");
        assert_eq!((bytes.len(), json(&bytes).contains("error")), (whole.len(), false));
        // Cut anywhere, or announced too long, what may be a password is blank all the same.
        for end in 0..whole.len() {
            let mut cut = whole[..end].to_vec();
            blank_passwords(&mut cut, Widths::V10);
            let parts: Vec<&[u8]> = cut.windows(4).collect();
            assert!(!parts.contains(&&b"hunt"[..]), "cut at {end}");
        }
    }
    let mut other = framed(2, b"\0\0\0\x11\x07\x03no\0");
    let before = other.clone();
    blank_passwords(&mut other, Widths::V10);
    assert_eq!(other, before, "no password stands there");
}

//! The intake against serde_json, on values and bytes nobody chose.

use std::borrow::Cow;

use proptest::collection::{btree_map, vec};
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use super::{hex, spliced};
use crate::input::MalformedKind;
use crate::wire::intake::{Refused, intake, key_hash};

fn names() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("password".to_owned()),
        Just("token".to_owned()),
        Just("resume".to_owned()),
        Just("key".to_owned()),
        "[a-d]{0,2}",
        any::<String>(),
    ]
}

fn objects(values: impl Strategy<Value = Value>, properties_max: usize) -> impl Strategy<Value = Value> {
    btree_map(names(), values, 0..=properties_max).prop_map(|map| Value::Object(map.into_iter().collect()))
}

fn frames() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    let value = leaf.clone().prop_recursive(6, 40, 5, |inner| {
        prop_oneof![vec(inner.clone(), 0..5).prop_map(Value::from), objects(inner, 5)]
    });
    // Wide ones too: beyond some keys the intake looks for duplicates in another way.
    prop_oneof![9 => objects(value, 5), 1 => objects(leaf, 40)]
}

/// Writes a value token by token, spelling strings by the choices given.
struct Renderer<'a> {
    tokens: Vec<String>,
    choices: std::iter::Cycle<std::slice::Iter<'a, u8>>,
}

impl Renderer<'_> {
    fn choice(&mut self) -> u8 {
        self.choices.next().copied().unwrap_or(0)
    }

    fn push(&mut self, token: &str) {
        self.tokens.push(token.to_owned());
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::String(string) => self.string(string),
            Value::Array(items) => {
                self.push("[");
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        self.push(",");
                    }
                    self.value(item);
                }
                self.push("]");
            }
            Value::Object(map) => {
                self.push("{");
                for (index, (name, item)) in map.iter().enumerate() {
                    if index > 0 {
                        self.push(",");
                    }
                    self.string(name);
                    self.push(":");
                    self.value(item);
                }
                self.push("}");
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => self.push(&value.to_string()),
        }
    }

    fn string(&mut self, string: &str) {
        let mut spelled = "\"".to_owned();
        for character in string.chars() {
            let must = matches!(character, '"' | '\\' | '\0'..='\u{1f}');
            match self.choice() % 8 {
                0 => {
                    for unit in character.encode_utf16(&mut [0; 2]) {
                        spelled.push_str(&format!("\\u{unit:04X}"));
                    }
                }
                1 if character == '/' => spelled.push_str("\\/"),
                _ if must => {
                    let quoted = Value::from(character.to_string()).to_string();
                    spelled.push_str(&quoted[1..quoted.len() - 1]);
                }
                _ => spelled.push(character),
            }
        }
        spelled.push('"');
        self.tokens.push(spelled);
    }
}

fn spaced(tokens: &[String], choices: &[u8]) -> String {
    let mut choices = choices.iter().cycle();
    let mut space = || match choices.next().copied().unwrap_or(0) {
        0..=60 => " ",
        61..=90 => "\r\n\t",
        91..=110 => "                  ",
        _ => "",
    };
    let mut text = space().to_owned();
    for token in tokens {
        text.push_str(token);
        text.push_str(space());
    }
    text
}

/// What the value is without its secrets, by the plainest means.
fn nulled(value: &Value, is_resume: bool) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| nulled(item, false)).collect(),
        Value::Object(map) => {
            let mut clean = Map::new();
            for (name, item) in map {
                let item = match (name.as_str(), item) {
                    ("password" | "token", _) => Value::Null,
                    ("key", Value::String(key)) if is_resume => Value::from(hex(&key_hash(key).0)),
                    ("key", _) if is_resume => Value::Null,
                    (name, item) => nulled(item, name == "resume"),
                };
                clean.insert(name.clone(), item);
            }
            Value::Object(clean)
        }
        leaf => leaf.clone(),
    }
}

/// Acceptance is serde_json's, except for the protocol's stricter rules.
fn assert_agrees(frame: &[u8]) {
    let shown = String::from_utf8_lossy(frame);
    let is_json = str::from_utf8(frame).is_ok_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok());
    match intake(frame) {
        Ok(intake) => {
            assert!(is_json, "accepted: {shown}");
            assert!(serde_json::from_str::<IgnoredAny>(&intake.text).is_ok(), "made of {shown}: {}", intake.text);
            assert!(intake.text.starts_with('{'), "{shown}");
        }
        Err(Refused::Malformed(MalformedKind::NotUtf8)) => assert!(str::from_utf8(frame).is_err(), "{shown}"),
        Err(Refused::Malformed(MalformedKind::NotJson)) => assert!(!is_json, "refused: {shown}"),
        Err(Refused::Malformed(MalformedKind::NotAnObject)) => {
            assert!(is_json && !shown.trim_start().starts_with('{'), "refused: {shown}");
        }
        Err(Refused::Malformed(MalformedKind::Binary)) => panic!("no frame of bytes is known to be binary"),
        // Found before the rest was read, so the rest may be anything.
        Err(Refused::Malformed(MalformedKind::DuplicateKey)) => assert!(shown.matches('"').count() >= 4, "{shown}"),
        Err(Refused::Malformed(MalformedKind::LoneSurrogate)) => {
            assert!(serde_json::from_str::<Value>(&shown).is_err(), "{shown}");
        }
        Err(Refused::Malformed(MalformedKind::TooDeep)) => assert!(shown.matches(['[', '{']).count() > 32, "{shown}"),
        Err(Refused::TooLarge) => panic!("refused for its length: {}", frame.len()),
    }
}

proptest! {
    #[test]
    fn text_is_the_value_without_secrets(value in frames(), spelling in vec(any::<u8>(), 1..200), space in vec(any::<u8>(), 1..100)) {
        let mut renderer = Renderer { tokens: Vec::new(), choices: spelling.iter().cycle() };
        renderer.value(&value);
        let compact = renderer.tokens.concat();
        let frame = spaced(&renderer.tokens, &space);
        let sent: Value = serde_json::from_str(&frame).expect("the renderer writes JSON");

        let taken = intake(frame.as_bytes()).expect("the renderer writes no duplicates");
        let text: Value = serde_json::from_str(&taken.text).expect("what is left is JSON");
        prop_assert_eq!(text, nulled(&sent, false));

        prop_assert_eq!(spliced("", &taken, ""), Ok(compact.clone()));

        let again = intake(compact.as_bytes()).expect("the same without space");
        prop_assert_eq!(&again.text, &taken.text);
        prop_assert_eq!(again.secrets.len(), taken.secrets.len());
        prop_assert_eq!(matches!(again.text, Cow::Borrowed(_)), again.secrets.is_empty());
    }

    #[test]
    fn a_damaged_frame_is_judged_as_serde_json_does(
        value in frames(),
        spelling in vec(any::<u8>(), 1..50),
        place in any::<proptest::sample::Index>(),
        byte in prop_oneof![any::<u8>(), proptest::sample::select(b"\"\\{}[]:, 0e.-u\n".to_vec())],
        kind in 0..4,
    ) {
        let mut renderer = Renderer { tokens: Vec::new(), choices: spelling.iter().cycle() };
        renderer.value(&value);
        let mut frame = spaced(&renderer.tokens, &spelling).into_bytes();
        let at = place.index(frame.len());
        match kind {
            0 => frame[at] = byte,
            1 => frame.insert(at, byte),
            2 => drop(frame.remove(at)),
            _ => frame.truncate(at),
        }
        assert_agrees(&frame);
        prop_assert!(frame.len() < 1 << 20);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn bytes_are_judged_as_serde_json_does(frame in vec(any::<u8>(), 0..64)) {
        assert_agrees(&frame);
    }

    #[test]
    fn near_json_is_judged_as_serde_json_does(
        pieces in vec(
            proptest::sample::select(vec![
                "{", "}", "[", "]", ":", ",", "\"", "\\", " ", "\n", "0", "1", "-", "+", ".", "e", "E5", "true", "false", "null",
                "\"a\"", "\"password\"", "\"key\":", "\"resume\":{", "\\u00", "\\ud83d", "\\ude00", "\"\\n\"", "\u{1}", "ä", "😀",
            ]),
            0..24,
        ),
    ) {
        assert_agrees(pieces.concat().as_bytes());
        assert_agrees(format!("{{\"a\":{}}}", pieces.concat()).as_bytes());
        assert_agrees(format!("{{\"token\":\"{}\"}}", pieces.concat()).as_bytes());
    }
}

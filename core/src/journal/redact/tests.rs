//! Messages without people: still the messages they were, in form.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Ids, Redactor};
use crate::config::{Config, Seed};
use crate::ids::{SecretRef, SocketId};
use crate::input::{Frame, Input, SecretKind};
use crate::journal::{Header, Keeps};
use crate::time::Time;
use crate::wire::intake::intake;

const START: Time = Time::from_millis(1_790_000_000_000);

/// A message through the intake, as an input.
fn sent(message: &str) -> Input<'static> {
    let taken = intake(message.as_bytes()).expect("a well-formed message");
    let secrets: Vec<_> = taken.secrets.iter().zip(1..).map(|(taken, number)| taken.span(SecretRef(number))).collect();
    let frame = Frame::Text { text: taken.text.into_owned().into(), secrets: secrets.into(), claims: None };
    Input::Frame { socket: SocketId(1), frame }
}

fn redactor(config: Config, ids: Ids, inputs: &[Input<'_>]) -> Redactor {
    let header = Header::of_new(config, Seed(7), START, Keeps::Digests);
    let mut redactor = Redactor::new(&header, ids).unwrap();
    inputs.iter().for_each(|input| redactor.learn(input));
    redactor.settle();
    redactor
}

/// The text of a message's input, and what stands at the places of its secrets.
fn parts(input: &Input<'_>) -> (String, Vec<(SecretKind, String)>) {
    let Input::Frame { frame: Frame::Text { text, secrets, .. }, .. } = input else { panic!("{input:?}") };
    let stands = |from: u32, len: u32| text[from as usize..(from + len) as usize].to_owned();
    let secrets = secrets.iter().map(|secret| (secret.kind, stands(secret.offset, secret.len))).collect();
    (text.to_string(), secrets)
}

fn redacted(message: &Value, ids: Ids) -> Value {
    let input = sent(&message.to_string());
    let mut redactor = redactor(Config::default(), ids, std::slice::from_ref(&input));
    serde_json::from_str(&parts(&redactor.input(&input)).0).unwrap()
}

#[test]
fn words_of_the_protocol_stay_and_everything_else_goes() {
    let message = json!({
        "messageType": "resourceRequest", "requestId": "anna-1", "serviceId": "processor", "resourceId": "anna",
        "request": {"command": " channel.dial ", "data": {
            "destination": "+15550100", "callVariable3": "gold", "Anna Smith": {"age": 42, "seq": 42}, "list": ["Anna Smith", true, null],
        }},
    });
    let other = redacted(&message, Ids::Replaced);
    assert_eq!(other["messageType"], "resourceRequest");
    assert_eq!(other["serviceId"], "processor");
    assert_eq!(other["request"]["command"], " channel.dial ");
    let data = other["request"]["data"].as_object().unwrap();
    let text = other.to_string();
    for gone in ["anna", "Anna", "Smith", "15550100", "gold", "\"age\"", "list"] {
        assert!(!text.contains(gone), "{gone} is in {text}");
    }
    assert_eq!(data.len(), 4);
    assert!(data["callVariable3"].as_str().is_some_and(|value| value.len() == 4));
    assert!(data["destination"].as_str().is_some_and(|value| value.starts_with('+') && value.len() == 9));
    // One text is the same wherever it stands.
    let (name, within) = data.iter().find(|(_, value)| value.is_object()).unwrap();
    let list = data.values().find_map(Value::as_array).unwrap();
    assert_eq!(list[..], [json!(name), json!(true), Value::Null]);
    assert_eq!(within["seq"], 42, "what counts stays");
    assert!(within.as_object().unwrap().values().any(|age| *age != 42 && age.as_u64().is_some_and(|age| age < 100)));
}

#[test]
fn secrets_keep_their_places_and_hashes_are_others() {
    let message = r#"{"messageType":"connect","requestId":"a much longer id","token":"t0ken","client":{"name":"Grüße"},
        "resume":{"key":"r3sume","seq":4}}"#;
    let input = sent(message);
    let mut redactor = redactor(Config::default(), Ids::Replaced, std::slice::from_ref(&input));
    let (before, old) = parts(&input);
    let (after, new) = parts(&redactor.input(&input));
    assert_ne!(before, after);
    assert_eq!(new[0], (SecretKind::Token, "null".to_owned()));
    assert_eq!((new[1].0, new[1].1.len()), (SecretKind::ResumeKey, 66));
    assert_ne!(old[1], new[1]);
    let value: Value = serde_json::from_str(&after).unwrap();
    assert_eq!(value["resume"]["key"].to_string(), new[1].1);
    assert_eq!(value["resume"]["seq"], 4);
    assert_eq!(parts(&redactor.input(&input)), (after, new), "the same again");
}

#[test]
fn ids_stay_where_they_are_asked_to() {
    let prepare = json!({"messageType": "serviceRequest", "requestId": "1", "serviceId": "processor", "request": {
        "command": "prepareSession", "data": {"model": "default", "agent": {"id": "asmith", "password": "x"}, "client": {"id": "asmith2"}}}});
    let kept = redacted(&prepare, Ids::Kept);
    assert_eq!(kept["request"]["data"]["agent"], json!({"id": "asmith", "password": null}));
    assert_ne!(kept["request"]["data"]["client"]["id"], "asmith2");
    assert_eq!(kept["request"]["data"]["model"], "default");
    let gone = redacted(&prepare, Ids::Replaced).to_string();
    assert!(!gone.contains("asmith"), "{gone}");
}

#[test]
fn settings_go_and_messages_name_the_new_ones() {
    let config = Config { service_id: "acme-bank".into(), instance: "acme-1".into(), ..Config::default() };
    let input =
        sent(r#"{"messageType":"coreRequest","requestId":"1","command":"bindService","serviceId":"acme-bank"}"#);
    let header = Header::of_new(config.clone(), Seed(7), START, Keeps::Digests);
    let mut redactor = redactor(config, Ids::Replaced, std::slice::from_ref(&input));
    let header = redactor.header(&header);
    assert!(header.redacted && !format!("{header:?}").contains("acme"));
    let value: Value = serde_json::from_str(&parts(&redactor.input(&input)).0).unwrap();
    assert_eq!(value["serviceId"], *header.config.service_id);
    assert_eq!(header.config.reports_id, Config::default().reports_id);
}

#[test]
fn peers_become_addresses_of_their_kind_and_networks_stay_apart() {
    let mut redactor = redactor(Config::default(), Ids::Replaced, &[]);
    let mut peer = |peer: &str| redactor.words.peer(peer);
    assert_eq!(peer("10.0.0.1"), "198.18.0.1");
    assert_eq!(peer("10.0.0.2"), "198.18.0.2");
    assert_eq!(peer("10.0.0.1"), "198.18.0.1");
    assert_eq!(peer("::ffff:10.0.0.2"), "::ffff:198.18.0.2");
    assert_eq!(peer("2a01:1:2:3::7"), peer("2a01:1:2:3::8"), "of one network");
    assert_ne!(peer("2a01:1:2:3::7"), peer("2a01:1:2:4::7"));
    assert!(!peer("somewhere.example.com").contains("example"), "what is no address is a text");
}

fn value() -> impl Strategy<Value = Value> {
    let text = prop_oneof!["[ -~]{0,12}", "\\PC{0,8}", Just("session.start".to_owned()), Just("s-1-2".to_owned())];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        let name = prop_oneof![
            text.clone(),
            Just("password".to_owned()),
            Just("token".to_owned()),
            Just("resume".to_owned()),
            Just("key".to_owned()),
            Just("target".to_owned()),
            Just("type".to_owned()),
        ];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::vec((name, inner), 0..6).prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

/// The form of a value: everything but texts and numbers.
fn form(value: &Value) -> Value {
    match value {
        Value::Null | Value::Bool(_) => value.clone(),
        Value::Number(_) => json!(0),
        Value::String(_) => json!(""),
        Value::Array(items) => items.iter().map(form).collect(),
        Value::Object(properties) => properties.values().map(form).collect(),
    }
}

proptest! {
    #[test]
    fn whatever_a_message_holds_it_stays_a_message_of_its_form(value in value()) {
        let message = json!({"messageType": "connect", "any": value}).to_string();
        let input = sent(&message);
        let mut redactor = redactor(Config::default(), Ids::Replaced, std::slice::from_ref(&input));
        let ((before, old), (after, new)) = (parts(&input), parts(&redactor.input(&input)));
        // Well-formed, compact, and without secrets of its own: taken in again it is what it is, but that the gate has a hash in the
        // place of each resume key, and here of what was one already.
        let again = intake(after.as_bytes()).expect("a well-formed message");
        if before.contains("\"key\":") {
            prop_assert_eq!(again.text.len(), after.len());
        } else {
            prop_assert_eq!(&*again.text, &*after);
        }
        prop_assert_eq!(old.len(), new.len());
        for (old, new) in old.iter().zip(&new) {
            prop_assert_eq!((old.0, old.1.len()), (new.0, new.1.len()));
        }
        let read = |text: &str| -> Value { serde_json::from_str(text).unwrap() };
        let any = |value: &Value| form(value.as_object().unwrap().values().next().unwrap());
        let forms = (any(&read(&before)), any(&read(&after)));
        let sorted = |value: &Value| { let mut text: Vec<char> = value.to_string().chars().collect(); text.sort_unstable(); text };
        prop_assert_eq!(sorted(&forms.0), sorted(&forms.1));
    }

    #[test]
    fn no_text_is_put_in_the_place_of_two(texts in proptest::collection::btree_set("[a-c0-9 +]{0,4}", 0..200)) {
        let inputs: Vec<Input<'_>> = texts.iter().map(|text| sent(&json!({"requestId": text}).to_string())).collect();
        let mut redactor = redactor(Config::default(), Ids::Replaced, &inputs);
        let others: std::collections::BTreeSet<String> = inputs.iter().map(|input| parts(&redactor.input(input)).0).collect();
        prop_assert_eq!(others.len(), inputs.len());
    }
}

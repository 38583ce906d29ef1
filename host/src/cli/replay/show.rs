//! Inputs and outputs as JSON for people: as they are in the program, messages as the JSON they are.

use interaction_core::codec;
use interaction_core::input::Input;
use interaction_core::journal::Outcome;
use interaction_core::time::Time;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::super::people::timestamp;

/// The properties that hold bytes of messages.
const MESSAGE_PARTS: [&str; 4] = ["head", "prefix", "suffix", "tail"];
/// Bytes of a hash.
const HASH_BYTES: usize = 32;

/// An input.
pub(super) fn input(number: u64, now: Time, input: &Input<'_>) -> Value {
    json!({"input": number, "at": timestamp(now), "fed": readable(input)})
}

/// One of its outputs, by its place among them.
pub(super) fn output(number: u64, place: usize, encoded: &[u8]) -> Value {
    json!({"input": number, "output": place, "came": decoded(encoded)})
}

/// An output, encoded.
pub(super) fn decoded(encoded: &[u8]) -> Value {
    match codec::decode_output(encoded) {
        Ok(output) => readable(&output),
        Err(error) => json!({"unreadable": error.to_string()}),
    }
}

/// What came of an input, in short.
pub(super) fn outcome(outcome: &Outcome) -> Value {
    let digest: String = outcome.digest.iter().map(|byte| format!("{byte:02x}")).collect();
    json!({"verdict": outcome.verdict.as_str(), "outputs": outcome.outputs, "digest": digest})
}

fn readable(value: &impl Serialize) -> Value {
    // INVARIANT: inputs and outputs are plain values, whose maps have texts for keys.
    serde_json::to_value(value).map_or_else(|error| json!({"unreadable": error.to_string()}), plain)
}

/// Messages as JSON, hashes as hexadecimal digits.
fn plain(value: Value) -> Value {
    match value {
        Value::Array(items) => match bytes(&items) {
            Some(hash) if hash.len() == HASH_BYTES => {
                hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
            }
            Some(_) | None => items.into_iter().map(plain).collect(),
        },
        Value::Object(properties) => object(properties).into(),
        other => other,
    }
}

fn object(properties: Map<String, Value>) -> Map<String, Value> {
    let mut parts = [const { None }; MESSAGE_PARTS.len()];
    let mut read = Map::new();
    for (name, value) in properties {
        match (MESSAGE_PARTS.iter().position(|part| *part == name), &value) {
            (Some(place), Value::Array(items)) => parts[place] = bytes(items),
            (None, Value::String(_)) if name == "text" => {
                let message = value.as_str().and_then(|text| serde_json::from_str::<Map<String, Value>>(text).ok());
                match message {
                    Some(message) => read.insert("message".into(), message.into()),
                    None => read.insert(name, value),
                };
            }
            _ => {
                read.insert(name, plain(value));
            }
        }
    }
    if parts.iter().any(Option::is_some) {
        // Of a message to many, the number of the first stands for all.
        let first = read.get("to").and_then(|to| to[0]["seq"].as_u64()).map(|seq| seq.to_string().into_bytes());
        let [head, prefix, suffix, tail] = parts;
        let text = [head, prefix, first, suffix, tail].into_iter().flatten().flatten().collect::<Vec<u8>>();
        let text = String::from_utf8_lossy(&text);
        read.insert("message".into(), serde_json::from_str(&text).unwrap_or_else(|_| text.into()));
    }
    read
}

fn bytes(items: &[Value]) -> Option<Vec<u8>> {
    items.iter().map(|item| item.as_u64().and_then(|byte| u8::try_from(byte).ok())).collect()
}

#[cfg(test)]
mod tests {
    use interaction_core::ids::{SecretRef, SocketId};
    use interaction_core::input::{Access, Frame, FreshKey, Input, KeyHash, Scopes};
    use interaction_core::output::{Output, Sending};
    use interaction_core::time::Time;
    use serde_json::json;

    use super::{codec, input, output};

    #[test]
    fn messages_are_shown_as_json_and_hashes_as_digits() {
        let now = Time::from_micros(1_790_000_000_000_250);
        let socket = SocketId(3);
        let frame = Frame::Text { text: r#"{"messageType":"ping"}"#.into(), secrets: (&[][..]).into(), claims: None };
        assert_eq!(
            input(7, now, &Input::Frame { socket, frame }),
            json!({"input": 7, "at": "2026-09-21T14:13:20.000250Z", "fed": {"Frame": {"socket": 3,
                "frame": {"Text": {"message": {"messageType": "ping"}, "secrets": [], "claims": null}}}}})
        );
        let key = FreshKey { secret: SecretRef(5), hash: KeyHash([0xab; 32]) };
        let opened =
            Input::SocketOpened { socket, peer: "10.0.0.1".into(), access: Access::Open(Scopes::LOOPBACK), key };
        assert_eq!(input(8, now, &opened)["fed"]["SocketOpened"]["key"]["hash"], json!("ab".repeat(32)));
        let mut encoded = Vec::new();
        let tail = (&br#","requestId":"1"}"#[..]).into();
        let head = br#"{"messageType":"pong","time":1"#;
        codec::encode_output(
            &Output::Send { socket, head, tail: &tail, splices: &[], sending: Sending::Live },
            &mut encoded,
        );
        assert_eq!(
            output(8, 1, &encoded),
            json!({"input": 8, "output": 1, "came": {"Send": {"socket": 3, "splices": [], "sending": "Live",
                "message": {"messageType": "pong", "time": 1, "requestId": "1"}}}})
        );
    }
}

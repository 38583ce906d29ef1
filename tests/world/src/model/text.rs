//! Reading what clients send.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// Messages nested deeper than this are malformed.
const DEPTH_MAX: usize = 32;

/// One JSON object without duplicate keys, not too deep; `None` for anything else.
pub(super) fn read(text: &str) -> Option<Value> {
    let value: Value = serde_json::from_str(text).ok()?;
    serde_json::from_str::<Unique>(text).ok()?;
    (value.is_object() && depth(&value) <= DEPTH_MAX).then_some(value)
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(items) => 1 + items.values().map(depth).max().unwrap_or(0),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

/// Any JSON in which no object names a property twice.
struct Unique;

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Unique {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without duplicate keys")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self, A::Error> {
        while items.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self, A::Error> {
        let mut keys: BTreeSet<String> = BTreeSet::new();
        while let Some(key) = entries.next_key::<String>()? {
            if !keys.insert(key) {
                while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                return Err(A::Error::custom("a property is named twice"));
            }
            entries.next_value::<Self>()?;
        }
        Ok(self)
    }
}

/// What an envelope's properties must be, by their paths. `null` counts as absent.
const ENVELOPE: &[(&str, Kind)] = &[
    ("/messageType", Kind::Text),
    ("/requestId", Kind::Text),
    ("/command", Kind::Text),
    ("/serviceId", Kind::Text),
    ("/resourceId", Kind::Text),
    ("/serviceType", Kind::Text),
    ("/seq", Kind::Number),
    ("/protocol", Kind::Number),
    ("/client", Kind::Object),
    ("/client/id", Kind::Text),
    ("/client/name", Kind::Text),
    ("/resume", Kind::Object),
    ("/resume/seq", Kind::Number),
];

/// The kinds of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    Flag,
    Object,
}

impl Kind {
    fn takes(self, value: &Value) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::Number => value.is_u64(),
            Self::Flag => value.is_boolean(),
            Self::Object => value.is_object(),
        }
    }
}

/// The property of a message that has the wrong type, if one has.
pub(super) fn wrong_in_envelope(message: &Value) -> Option<String> {
    wrong_in(message, ENVELOPE).map(|path| path[1..].replace('/', "."))
}

/// The path of the first property that has the wrong type.
pub(super) fn wrong_in(value: &Value, kinds: &[(&str, Kind)]) -> Option<String> {
    let wrong =
        |(path, kind): &&(&str, Kind)| value.pointer(path).is_some_and(|one| !one.is_null() && !kind.takes(one));
    kinds.iter().find(wrong).map(|(path, _)| (*path).to_owned())
}

/// A well-formed `requestId`.
pub(super) fn request_id(message: &Value) -> Option<&str> {
    message["requestId"].as_str().filter(|id| (1..=64).contains(&id.len()))
}

/// A well-formed id: 1 to 128 bytes without control characters.
pub(super) fn id(value: &Value) -> Option<&str> {
    value.as_str().filter(|id| (1..=128).contains(&id.len()) && !id.chars().any(char::is_control))
}

/// The same JSON with every password taken out.
pub(super) fn without_passwords(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(without_passwords).collect(),
        Value::Object(items) => {
            let hide = |(key, value): (&String, &Value)| {
                let shown = if key == "password" { Value::Null } else { without_passwords(value) };
                (key.clone(), shown)
            };
            Value::Object(items.iter().map(hide).collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

/// What an address is counted as: an IPv6 host owns its whole /64.
pub(super) fn address_key(address: &str) -> String {
    match address.parse::<std::net::Ipv6Addr>() {
        Ok(ip) => match ip.to_ipv4_mapped() {
            Some(old) => old.to_string(),
            None => format!("{:?}", &ip.segments()[..4]),
        },
        Err(_) => address.to_owned(),
    }
}

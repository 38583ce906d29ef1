//! The `data` of requests to a session, as section 4 has it.

use interaction_core::cti::{CallData, Media};
use serde_json::Value;

use super::commands::Done;
use crate::model::requests::Asked;
use crate::model::{Fault, text};

const DESTINATION_BYTES_MAX: usize = 128;
const DIGITS_MAX: usize = 32;
const KEY_BYTES_MAX: usize = 64;
const VALUE_BYTES_MAX: usize = 4_096;
/// Keys of interaction data that the platform alone sets.
const READ_ONLY: [&str; 4] = ["ani", "dnis", "queue", "enteredDigits"];

/// `{reason?}`: its code.
pub(super) fn reason(data: &Value) -> Done<Option<String>> {
    match &data["reason"] {
        Value::Null => Ok(None),
        reason => {
            let code = text::id(&reason["code"]).ok_or_else(|| Fault::invalid("data.reason.code"))?;
            Ok(Some(code.to_owned()))
        }
    }
}

/// What can be dialled at all; whether it is reached is the platform's to say.
pub(super) fn destination(asked: &Asked) -> Done<String> {
    let data = asked.data(&[("/destination", text::Kind::Text)])?;
    let destination = data["destination"].as_str().ok_or_else(|| Fault::invalid("data.destination"))?.trim();
    let fits = (1..=DESTINATION_BYTES_MAX).contains(&destination.len());
    if !fits || destination.chars().any(char::is_control) {
        return Err(Fault::new("destination.invalid"));
    }
    Ok(destination.to_owned())
}

/// `{destination,extensions?}`: the data the new call is to carry; it has nothing yet that could be removed.
pub(super) fn to_dial(asked: &Asked) -> Done<(String, CallData)> {
    let data = asked.data(&[("/destination", text::Kind::Text), ("/extensions", text::Kind::Object)])?;
    let wrong = |(_, value): &(&String, &Value)| !value.is_string() && !value.is_null();
    if let Some((key, _)) = data["extensions"].as_object().into_iter().flatten().find(wrong) {
        return Err(Fault::invalid(&format!("data.extensions.{key}")));
    }
    let destination = destination(asked)?;
    let mut extensions = changed("data.extensions", &data["extensions"])?;
    extensions.retain(|(_, value)| !value.is_empty());
    Ok((destination, extensions))
}

/// `{digits}`.
pub(super) fn digits(asked: &Asked) -> Done<String> {
    let data = asked.data(&[("/digits", text::Kind::Text)])?;
    let digits = data["digits"].as_str().unwrap_or_default();
    let is_digit = |digit: char| "0123456789*#ABCD".contains(digit);
    if !(1..=DIGITS_MAX).contains(&digits.len()) || !digits.chars().all(is_digit) {
        return Err(Fault::invalid("data.digits"));
    }
    Ok(digits.to_owned())
}

/// `{key:value,…}`: null removes.
pub(super) fn changes(asked: &Asked) -> Done<CallData> {
    changed("data", asked.data(&[])?)
}

fn changed(parent: &str, data: &Value) -> Done<CallData> {
    let entries = data.as_object().into_iter().flatten();
    let wrong = |key: &str| Fault::invalid(&format!("{parent}.{key}"));
    if let Some((key, _)) = entries.clone().find(|(_, value)| !value.is_string() && !value.is_null()) {
        return Err(wrong(key));
    }
    let mut changes = CallData::new();
    for (key, value) in entries {
        let value = value.as_str().unwrap_or_default();
        let is_name = (1..=KEY_BYTES_MAX).contains(&key.len()) && !key.chars().any(char::is_control);
        if !is_name || READ_ONLY.contains(&&**key) || value.len() > VALUE_BYTES_MAX {
            return Err(wrong(key));
        }
        changes.push((key.as_str().into(), value.into()));
    }
    Ok(changes)
}

/// `{"<what>":{"id"}}`.
pub(super) fn id_in(asked: &Asked, what: &str) -> Done<String> {
    let (object, id) = (format!("/{what}"), format!("/{what}/id"));
    let data = asked.data(&[(&object, text::Kind::Object), (&id, text::Kind::Text)])?;
    if data[what].is_null() {
        return Err(Fault::invalid(&format!("data.{what}")));
    }
    text::id(&data[what]["id"]).map(str::to_owned).ok_or_else(|| Fault::invalid(&format!("data.{what}.id")))
}

/// `{endpoint,type}`.
pub(super) fn wanted(channel: &Value, property: &str) -> Done<(Media, String)> {
    if channel.is_null() {
        return Err(Fault::invalid(property));
    }
    let kind = text::id(&channel["type"]).ok_or_else(|| Fault::invalid(&format!("{property}.type")))?;
    let endpoint = text::id(&channel["endpoint"]).ok_or_else(|| Fault::invalid(&format!("{property}.endpoint")))?;
    let media = match kind {
        "telephony" => Media::Voice,
        "chat" => Media::Chat,
        "email" => Media::Email,
        _ => return Err(Fault::new("channel.type.unsupported")),
    };
    Ok((media, endpoint.to_owned()))
}

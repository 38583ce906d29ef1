//! Any frame written down so that people can read it and nothing is lost.
//!
//! The JSON form is `{"type":30,"name":"AGENT_STATE_EVENT","fields":{…},"floating":[{"tag":194,"name":"AgentID",
//! "value":"agt2005"},…]}`:
//!
//! * `fields`: the fixed part in wire order. Numbers, and hexadecimal digits for opaque bytes. Reserved words
//!   are `resv_` and their offset, as they came.
//! * `floating`: the floating fields in wire order, groups not gathered. `value` is a number, a string without
//!   its terminating NUL, hexadecimal digits for opaque bytes, `{"name","value"}` for a named variable, and
//!   `{"index","name","value"}` for an element of a named array. A string that has no terminating NUL says
//!   `"nul":false`, a BOOL of four bytes `"length":4`. A tag that the message does not define has hexadecimal
//!   digits; so has, with `"raw":true`, a value that cannot be said in its type (wrong length, not UTF-8).
//! * `body`: hexadecimal digits of what `fields` and `floating` do not tell: the whole body of an unknown type,
//!   or what follows the last field that could be read.
//! * `error`: why the frame is broken, only if it is.
//! * `frame`: hexadecimal digits of all bytes, only if they are not one frame; then the others are empty.

use std::fmt::{self, Debug, Formatter};

use serde::{Deserialize, Serialize};

use super::error::{DecodeError, FrameError};
use super::frame::Frame;
use super::hex;
use super::kinds::{FixedKind, S4, U1, U2, U4};
use super::layout::{FloatingField, Kind, Layout};
use super::messages::{CallDequeuedEvent, CallDequeuedGedEvent, LAYOUTS, in_ged_order};
use super::names::tags;
use super::ordered;
use super::tail::{Tail, Tlv};
use super::values::{NamedVariable, without_nul};
use super::widths::Widths;

/// The name of a message type or tag that is not in the tables.
pub const UNKNOWN: &str = "UNKNOWN";

const REDACTED: &str = "(redacted)";

/// A frame written down; see the [module](self) for its JSON form. `Debug` shows it [redacted](Self::redact).
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inspected {
    /// `MessageTypeID`.
    #[serde(rename = "type", default)]
    pub message_id: u32,
    /// The message's name in the protocol, or [`UNKNOWN`].
    #[serde(default)]
    pub name: String,
    /// The fixed part.
    #[serde(default, with = "ordered")]
    pub fields: Vec<(String, Value)>,
    /// The floating part.
    #[serde(default)]
    pub floating: Vec<InspectedField>,
    /// What the two do not tell, as hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Why the frame is broken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// All bytes as hexadecimal digits, if they are not one frame.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frame: Option<String>,
}

/// One floating field written down. `Debug` shows no password.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InspectedField {
    /// `FieldDataID`.
    pub tag: u16,
    /// Its name in the protocol, or [`UNKNOWN`].
    #[serde(default)]
    pub name: String,
    /// Its value.
    pub value: Value,
    /// Whether a string ends with a NUL.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub nul: bool,
    /// Bytes of a BOOL, if not two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u8>,
    /// Whether the value is hexadecimal digits in place of what its type asks for.
    #[serde(default, skip_serializing_if = "is_false")]
    pub raw: bool,
}

/// A value written down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// A number or BOOL.
    Number(i64),
    /// A string, or hexadecimal digits.
    Text(String),
    /// A named variable, with an index an element of a named array.
    Variable {
        /// The element's index.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        index: Option<u8>,
        /// The variable's name.
        name: String,
        /// Its value.
        value: String,
    },
}

/// Writes down bytes that should be one frame.
pub fn inspect(bytes: &[u8], widths: Widths) -> Inspected {
    match Frame::from_bytes(bytes) {
        Ok(frame) => inspect_frame(frame, widths),
        Err(error) => no_frame(bytes, error),
    }
}

impl Inspected {
    /// Replaces passwords, so that it may be shown; it cannot be rebuilt then. Of a broken frame, in which a
    /// password could not be told from other bytes, the bytes that were not read are replaced too.
    pub fn redact(&mut self) {
        for field in &mut self.floating {
            field.redact();
        }
        if self.error.is_some() {
            self.body = self.body.take().map(|_| REDACTED.into());
            self.frame = self.frame.take().map(|_| REDACTED.into());
        }
    }
}

impl InspectedField {
    fn redact(&mut self) {
        let is_secret = |layout: &Layout| layout.floating_field(self.tag).is_some_and(|field| field.secret);
        if LAYOUTS.iter().any(is_secret) {
            self.value = Value::Text(REDACTED.into());
        }
    }
}

impl Debug for Inspected {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut shown = self.clone();
        shown.redact();
        f.debug_struct("Inspected")
            .field("message_id", &shown.message_id)
            .field("name", &shown.name)
            .field("fields", &shown.fields)
            .field("floating", &shown.floating)
            .field("body", &shown.body)
            .field("error", &shown.error)
            .field("frame", &shown.frame)
            .finish()
    }
}

impl Debug for InspectedField {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut shown = self.clone();
        shown.redact();
        write!(f, "{}[{}]: {:?}", shown.name, shown.tag, shown.value)
    }
}

fn no_frame(bytes: &[u8], error: FrameError) -> Inspected {
    let message_id = bytes.get(4..).map_or(0, <U4 as FixedKind>::read);
    Inspected {
        message_id,
        name: layouts(message_id).next().map_or(UNKNOWN, |layout| layout.name).into(),
        error: Some(error.to_string()),
        frame: Some(hex::encode(bytes)),
        ..Inspected::default()
    }
}

fn inspect_frame(frame: Frame<'_>, widths: Widths) -> Inspected {
    let Frame { message_id, body } = frame;
    let Some(layout) = layout_of(frame) else {
        return Inspected { message_id, name: UNKNOWN.into(), body: Some(hex::encode(body)), ..Inspected::default() };
    };
    let mut inspected = Inspected { message_id, name: layout.name.into(), ..Inspected::default() };
    let Some((fixed, tail)) = body.split_at_checked(layout.fixed_bytes) else {
        let error = DecodeError::FixedCut { message: layout.name, needed: layout.fixed_bytes, found: body.len() };
        inspected.body = Some(hex::encode(body));
        inspected.error = Some(error.to_string());
        return inspected;
    };
    for (offset, field) in layout.fixed_at() {
        let value = fixed_value(field.kind, fixed.get(offset..).unwrap_or_default());
        inspected.fields.push((field.name.into(), value));
    }
    for tlv in Tail::new(tail, widths).fields() {
        match tlv {
            Ok(tlv) => inspected.floating.push(floating_field(layout, tlv)),
            Err(cut) => {
                let offset = layout.fixed_bytes + cut.offset;
                let error = DecodeError::FieldCut { message: layout.name, offset };
                inspected.body = body.get(offset..).map(hex::encode);
                inspected.error = Some(error.to_string());
            }
        }
    }
    inspected
}

/// The layouts of a message type: none, one, or the two orders of CALL_DEQUEUED_EVENT.
pub(super) fn layouts(message_id: u32) -> impl Iterator<Item = &'static Layout> {
    let ged: &Layout = &CallDequeuedGedEvent::LAYOUT;
    LAYOUTS.iter().chain([ged]).filter(move |layout| layout.id == Some(message_id))
}

fn layout_of(frame: Frame<'_>) -> Option<&'static Layout> {
    if Some(frame.message_id) == CallDequeuedEvent::ID && in_ged_order(frame.body) {
        return Some(&CallDequeuedGedEvent::LAYOUT);
    }
    layouts(frame.message_id).next()
}

fn fixed_value(kind: Kind, bytes: &[u8]) -> Value {
    let number = match kind {
        Kind::U1 => i64::from(<U1 as FixedKind>::read(bytes)),
        Kind::U2 | Kind::Bool => i64::from(<U2 as FixedKind>::read(bytes)),
        Kind::U4 | Kind::Time => i64::from(<U4 as FixedKind>::read(bytes)),
        Kind::S4 => i64::from(<S4 as FixedKind>::read(bytes)),
        Kind::Opaque(length) => return opaque(bytes.get(..length).unwrap_or(bytes)),
        Kind::Text(_) | Kind::NamedVariable | Kind::NamedArray => return opaque(&[]), // Never in a fixed part.
    };
    Value::Number(number)
}

fn floating_field(layout: &Layout, tlv: Tlv<'_>) -> InspectedField {
    let known = layout.floating_field(tlv.tag);
    let mut field = InspectedField {
        tag: tlv.tag,
        name: known.map_or_else(|| tags::name(tlv.tag).unwrap_or(UNKNOWN), |known| known.name).into(),
        value: opaque(tlv.value),
        nul: true,
        length: None,
        raw: false,
    };
    if let Some(known) = known
        && !read_value(known, tlv.value, &mut field)
    {
        field.raw = true;
    }
    field
}

/// Says the value in its type; false, and the field unchanged, if that would lose something.
fn read_value(known: &FloatingField, bytes: &[u8], field: &mut InspectedField) -> bool {
    if !known.kind.reads(bytes.len()) {
        return false;
    }
    let value = match known.kind {
        Kind::U1 | Kind::U2 | Kind::U4 | Kind::S4 | Kind::Time => Some(fixed_value(known.kind, bytes)),
        Kind::Bool if bytes.len() == 4 => {
            field.length = Some(4);
            Some(fixed_value(Kind::U4, bytes))
        }
        Kind::Bool => Some(fixed_value(Kind::U2, bytes)),
        Kind::Opaque(_) => Some(opaque(bytes)),
        Kind::Text(_) => text(without_nul(bytes)).map(|text| {
            field.nul = bytes.ends_with(&[0]);
            Value::Text(text)
        }),
        Kind::NamedVariable => variable(None, bytes),
        Kind::NamedArray => bytes.split_first().and_then(|(index, rest)| variable(Some(*index), rest)),
    };
    let said = value.is_some();
    if let Some(value) = value {
        field.value = value;
    }
    said
}

fn variable(index: Option<u8>, bytes: &[u8]) -> Option<Value> {
    let NamedVariable { name, value } = NamedVariable::from_wire(bytes);
    let both_nuls = bytes.len() == name.as_bytes().len() + value.as_bytes().len() + 2;
    if !both_nuls {
        return None;
    }
    Some(Value::Variable { index, name: text(name.as_bytes())?, value: text(value.as_bytes())? })
}

fn text(bytes: &[u8]) -> Option<String> {
    std::str::from_utf8(bytes).ok().map(String::from)
}

fn opaque(bytes: &[u8]) -> Value {
    Value::Text(hex::encode(bytes))
}

fn yes() -> bool {
    true
}

fn is_true(value: &bool) -> bool {
    *value
}

fn is_false(value: &bool) -> bool {
    !*value
}

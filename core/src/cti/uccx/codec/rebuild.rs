//! The bytes of a frame that was written down.

use std::fmt::{self, Display, Formatter};

use super::encoder::put;
use super::hex;
use super::inspect::{Inspected, InspectedField, Value, layouts};
use super::layout::{FixedField, Kind, Layout};
use super::widths::Widths;

/// Something written down cannot be said in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RebuildError {
    /// The property, such as `fields.AgentState` or `floating[2].value`.
    pub property: String,
    /// What it must be.
    pub expected: &'static str,
}

impl Display for RebuildError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` must be {}", self.property, self.expected)
    }
}

impl std::error::Error for RebuildError {}

/// Turns what [`inspect`](super::inspect::inspect) wrote back into the same bytes.
///
/// What is written by hand may leave out reserved words, which take their frozen values, and all names of
/// floating fields. `name`, `error` and the order of `fields` are not read, the counts of groups not checked: a
/// wrong frame can be built on purpose.
///
/// # Errors
/// A field is missing, unknown, or not of its type.
pub fn rebuild(inspected: &Inspected, widths: Widths) -> Result<Vec<u8>, RebuildError> {
    if let Some(frame) = &inspected.frame {
        return digits(frame, || "frame".into());
    }
    let mut body = Vec::new();
    let layout = layout_of(inspected);
    let whole_body = inspected.fields.is_empty() && inspected.body.is_some();
    match layout {
        Some(layout) if !whole_body => fixed_part(layout, inspected, &mut body)?,
        None if !whole_body => return fail("type".into(), "a known message type, or the body given as `body`"),
        _ => {}
    }
    for (index, field) in inspected.floating.iter().enumerate() {
        let kind = layout.and_then(|layout| layout.floating_field(field.tag)).map(|known| known.kind);
        floating_field(index, field, kind, widths, &mut body)?;
    }
    if let Some(rest) = &inspected.body {
        body.extend(digits(rest, || "body".into())?);
    }
    let length = u32::try_from(body.len()).or_else(|_| fail("body".into(), "shorter than 4 GiB"))?;
    let mut bytes = Vec::with_capacity(super::HEADER_BYTES + body.len());
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(&inspected.message_id.to_be_bytes());
    bytes.extend_from_slice(&body);
    Ok(bytes)
}

/// The layout that names all the fields given, where a message type has two.
fn layout_of(inspected: &Inspected) -> Option<&'static Layout> {
    let names_all = |layout: &&Layout| {
        let mut given = inspected.fields.iter();
        given.all(|(name, _)| layout.fixed.iter().any(|field| field.name == name))
    };
    let mut candidates = layouts(inspected.message_id);
    candidates.find(names_all).or_else(|| layouts(inspected.message_id).next())
}

fn fixed_part(layout: &Layout, inspected: &Inspected, body: &mut Vec<u8>) -> Result<(), RebuildError> {
    let given = |name: &str| inspected.fields.iter().find(|(given, _)| given == name);
    for (name, _) in &inspected.fields {
        if !layout.fixed.iter().any(|field| field.name == name) {
            return fail(format!("fields.{name}"), "a field of this message type");
        }
    }
    for field in layout.fixed {
        match given(field.name) {
            Some((_, value)) => fixed_field(field, value, body)?,
            None if field.is_reserved() => fixed_default(field, body),
            None => return fail(format!("fields.{}", field.name), "given"),
        }
    }
    Ok(())
}

fn fixed_field(field: &FixedField, value: &Value, body: &mut Vec<u8>) -> Result<(), RebuildError> {
    let property = || format!("fields.{}", field.name);
    if let Kind::Opaque(length) = field.kind {
        let bytes = opaque(value, property)?;
        if bytes.len() != length {
            return fail(property(), "as many bytes as the field has");
        }
        body.extend(bytes);
        return Ok(());
    }
    body.extend(number(field.kind, value, property)?);
    Ok(())
}

fn fixed_default(field: &FixedField, body: &mut Vec<u8>) {
    let bytes = field.default.to_be_bytes();
    let length = field.kind.fixed_bytes().min(bytes.len()); // INVARIANT: no fixed field has over eight bytes.
    body.extend_from_slice(&bytes[bytes.len() - length..]);
}

fn floating_field(
    index: usize,
    field: &InspectedField,
    kind: Option<Kind>,
    widths: Widths,
    body: &mut Vec<u8>,
) -> Result<(), RebuildError> {
    let property = || format!("floating[{index}].value");
    let bytes = match kind {
        Some(kind) if !field.raw => value_bytes(kind, field, property)?,
        _ => opaque(&field.value, property)?,
    };
    if usize::from(field.tag) > widths.tag.max() {
        return fail(format!("floating[{index}].tag"), "at most 255 with tags of one byte");
    }
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    if bytes.len() > widths.length.max() {
        return fail(property(), "as short as the width of the length allows");
    }
    put(body, field.tag, widths.tag);
    put(body, length, widths.length);
    body.extend(bytes);
    Ok(())
}

fn value_bytes(kind: Kind, field: &InspectedField, property: impl Fn() -> String) -> Result<Vec<u8>, RebuildError> {
    match kind {
        Kind::Bool if field.length == Some(4) => number(Kind::U4, &field.value, property),
        Kind::U1 | Kind::U2 | Kind::U4 | Kind::S4 | Kind::Time | Kind::Bool => number(kind, &field.value, property),
        Kind::Opaque(_) => opaque(&field.value, property),
        Kind::Text(_) => {
            let Value::Text(text) = &field.value else {
                return fail(property(), "a string");
            };
            let mut bytes = text.clone().into_bytes();
            bytes.extend(field.nul.then_some(0));
            Ok(bytes)
        }
        Kind::NamedVariable | Kind::NamedArray => variable(kind, &field.value, property),
    }
}

fn variable(kind: Kind, given: &Value, property: impl Fn() -> String) -> Result<Vec<u8>, RebuildError> {
    let Value::Variable { index, name, value } = given else {
        return fail(property(), "an object with `name` and `value`");
    };
    if index.is_some() != (kind == Kind::NamedArray) {
        return fail(property(), "with `index` for an element of an array, without it for a variable");
    }
    let mut bytes = Vec::new();
    bytes.extend(index);
    bytes.extend_from_slice(name.as_bytes());
    bytes.push(0);
    bytes.extend_from_slice(value.as_bytes());
    bytes.push(0);
    Ok(bytes)
}

fn number(kind: Kind, value: &Value, property: impl Fn() -> String) -> Result<Vec<u8>, RebuildError> {
    let Value::Number(number) = *value else {
        return fail(property(), "a number");
    };
    let bytes = match kind {
        Kind::U1 => u8::try_from(number).map(|number| number.to_be_bytes().to_vec()),
        Kind::U2 | Kind::Bool => u16::try_from(number).map(|number| number.to_be_bytes().to_vec()),
        Kind::S4 => i32::try_from(number).map(|number| number.to_be_bytes().to_vec()),
        _ => u32::try_from(number).map(|number| number.to_be_bytes().to_vec()),
    };
    bytes.or_else(|_| fail(property(), "a number within the range of its type"))
}

fn opaque(value: &Value, property: impl Fn() -> String) -> Result<Vec<u8>, RebuildError> {
    match value {
        Value::Text(text) => digits(text, property),
        Value::Number(_) | Value::Variable { .. } => fail(property(), "a string of hexadecimal digits"),
    }
}

fn digits(text: &str, property: impl Fn() -> String) -> Result<Vec<u8>, RebuildError> {
    hex::decode(text).map_or_else(|| fail(property(), "an even number of hexadecimal digits"), Ok)
}

fn fail<T>(property: String, expected: &'static str) -> Result<T, RebuildError> {
    Err(RebuildError { property, expected })
}

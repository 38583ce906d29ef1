//! Reading one shape out of a line's text; a failure is read again to name the property.

use serde::Deserialize;

use super::error::LineError;

/// The longest piece of a message that quotes the line.
const QUOTE_CHARS: usize = 240;

/// Parses `text` as `T`.
pub(super) fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, LineError> {
    // serde would also read a struct from an array.
    if !text.starts_with('{') {
        return Err(LineError::of_line("is not a JSON object: write one object a line, such as {\"event\":\"ping\"}"));
    }
    serde_json::from_str(text).map_err(|error| explain::<T>(text, &error))
}

#[cold]
fn explain<'a, T: Deserialize<'a>>(text: &'a str, error: &serde_json::Error) -> LineError {
    if !error.is_data() {
        let column = error.column();
        let what = without_place(&error.to_string());
        return LineError::of_line(format!("is not JSON: {what} at column {column}: write one whole object a line"));
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let Err(error) = serde_path_to_error::deserialize::<_, T>(&mut deserializer) else {
        return LineError::of_line(without_place(&error.to_string()));
    };
    let path = error.path().to_string();
    let path = if path == "." { String::new() } else { path };
    let what = without_place(&error.inner().to_string());
    let field = |rest: &str| {
        let field = rest.trim_matches('`');
        if path.is_empty() { field.to_owned() } else { format!("{path}.{field}") }
    };
    if let Some(rest) = what.strip_prefix("missing field ") {
        return LineError::of(field(rest), "is missing: give it");
    }
    if let Some(rest) = what.strip_prefix("duplicate field ") {
        return LineError::of(field(rest), "stands twice: give it once");
    }
    let message = if let Some(rest) = what.strip_prefix("unknown variant ") {
        format!("is no word that is known here: {rest}")
    } else if what.starts_with("invalid ") {
        format!("is of the wrong type: {what}")
    } else {
        what
    };
    if path.is_empty() { LineError::of_line(message) } else { LineError::of(path, message) }
}

/// What serde_json says, without where it says it, and cut.
fn without_place(what: &str) -> String {
    let what = what.rsplit_once(" at line ").map_or(what, |(what, _)| what);
    cut(what, QUOTE_CHARS)
}

/// A text short enough to be repeated.
pub(super) fn cut(text: &str, chars: usize) -> String {
    if text.chars().count() <= chars { text.to_owned() } else { text.chars().take(chars).chain(['…']).collect() }
}

//! The text between `cti decode`, `cti encode` and `cti trace`: lines of frames, and what is said of each as JSON.

use interaction_core::cti::uccx::codec::hex;
use interaction_core::cti::uccx::codec::inspect::{Inspected, UNKNOWN, inspect};
use interaction_core::cti::uccx::codec::rebuild::rebuild;
use interaction_core::cti::uccx::codec::{DECODED_BODY_BYTES_MAX, Frame, HEADER_BYTES, Widths};
use serde_json::{Map, Value, json};

/// The longest line that is looked at as one: four times the longest frame in digits. A longer one is told in pieces.
pub(super) const LINE_BYTES_MAX: u64 = 8 * (DECODED_BODY_BYTES_MAX + HEADER_BYTES) as u64;

/// What a trace says beside a frame: `<microseconds> <connection> <`, or `>` where it was sent.
const TRACE: &str = "trace";
/// A line that holds no bytes, as hexadecimal digits of its own bytes.
const LINE: &str = "line";
/// Whether such a line went on.
const GOES_ON: &str = "goesOn";

/// How much of a line there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// All of it.
    Whole,
    /// A piece of one that is too long, but not its last.
    Piece,
    /// The last piece.
    Last,
}

/// The frames of a line of input, each as a JSON object; none of a blank line or a comment.
pub(super) fn objects(line: &[u8], extent: Extent, widths: Widths) -> Vec<String> {
    let unreadable = |why: &str| {
        let object = json!({
            "type": 0, "name": UNKNOWN, "fields": {}, "floating": [], "error": why, LINE: hex::encode(line),
            GOES_ON: extent == Extent::Piece
        });
        vec![object.to_string()]
    };
    if extent != Extent::Whole {
        return unreadable("the line is longer than four of the longest frames");
    }
    let Ok(text) = std::str::from_utf8(line) else { return unreadable("the line is no text") };
    let text = text.trim();
    if text.is_empty() || text.starts_with('#') {
        return Vec::new();
    }
    let (trace, digits) = traced(text).map_or((None, text), |(trace, digits)| (Some(trace), digits));
    let digits: String = digits.split_whitespace().collect();
    let Some(bytes) = hex::decode(&digits) else {
        return unreadable("the line is not an even number of hexadecimal digits");
    };
    frames(&bytes).into_iter().map(|frame| object(&inspect(frame, widths), trace)).collect()
}

/// What is said of a frame, as a JSON object.
pub(super) fn object(inspected: &Inspected, trace: Option<&str>) -> String {
    // INVARIANT: it holds numbers, strings and lists alone.
    let mut text = serde_json::to_string(inspected).expect("it can be said as JSON");
    if let Some(trace) = trace {
        text.pop();
        text.push_str(&format!(",{:?}:{}}}", TRACE, Value::from(trace)));
    }
    text
}

/// What a JSON object stands for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// A frame, and what a trace said beside it.
    Frame(Vec<u8>, Option<String>),
    /// A line that held no bytes, and whether it went on.
    Line(Vec<u8>, bool),
}

/// Reads an object back.
pub(super) fn said(text: &str, widths: Widths) -> Result<Said, String> {
    let mut object: Map<String, Value> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if let Some(line) = object.remove(LINE) {
        let bytes = line.as_str().and_then(hex::decode).ok_or("`line` must be an even number of hexadecimal digits")?;
        return Ok(Said::Line(bytes, object.get(GOES_ON) == Some(&Value::Bool(true))));
    }
    let trace = match object.remove(TRACE) {
        None => None,
        Some(Value::String(trace)) => Some(trace),
        Some(_) => return Err("`trace` must be a string".to_owned()),
    };
    let inspected: Inspected = serde_path_to_error::deserialize(Value::Object(object)).map_err(|error| {
        let path = error.path().to_string();
        if path == "." { error.inner().to_string() } else { format!("`{path}`: {}", error.inner()) }
    })?;
    let bytes = rebuild(&inspected, widths).map_err(|error| error.to_string())?;
    Ok(Said::Frame(bytes, trace))
}

/// Cuts bytes into frames where they are whole frames to their end; else they are one thing, which is no frame.
fn frames(bytes: &[u8]) -> Vec<&[u8]> {
    let mut cut = Vec::new();
    let mut rest = bytes;
    while let Some((length, _)) = rest.split_first_chunk::<4>() {
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        let Some((frame, after)) = length.checked_add(HEADER_BYTES).and_then(|end| rest.split_at_checked(end)) else {
            return vec![bytes];
        };
        if Frame::from_bytes(frame).is_err() {
            return vec![bytes];
        }
        cut.push(frame);
        rest = after;
    }
    if cut.is_empty() || !rest.is_empty() { vec![bytes] } else { cut }
}

/// A line of a trace with a frame: what it says beside the frame, and the frame's digits.
fn traced(text: &str) -> Option<(&str, &str)> {
    let end = text.find(['<', '>'])? + 1;
    let (trace, digits) = text.split_at_checked(end)?;
    let mut words = trace.split(' ');
    let numbers = [words.next()?, words.next()?].iter().all(|word| is_number(word));
    (numbers && words.next().is_some_and(|word| matches!(word, "<" | ">")) && words.next().is_none())
        .then_some((trace, digits))
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests;

//! Writing JSON into bytes: the few shapes every message is made of.

use crate::failure::Failure;
use crate::output::Splice;

/// The class of a message the server sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub(crate) enum Class {
    CoreResponse,
    CoreEvent,
    CoreError,
    ServiceResponse,
    ServiceError,
    ResourceResponse,
    ResourceEvent,
    ResourceError,
}

impl Class {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::CoreResponse => "coreResponse",
            Self::CoreEvent => "coreEvent",
            Self::CoreError => "coreError",
            Self::ServiceResponse => "serviceResponse",
            Self::ServiceError => "serviceError",
            Self::ResourceResponse => "resourceResponse",
            Self::ResourceEvent => "resourceEvent",
            Self::ResourceError => "resourceError",
        }
    }
}

/// Appends `text` as a JSON string.
pub(crate) fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    string_body(out, text);
    out.push(b'"');
}

/// Appends `text` as the inside of a JSON string.
pub(crate) fn string_body(out: &mut Vec<u8>, text: &str) {
    if is_plain(text.as_bytes()) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    let quoted = serde_json::to_string(text).unwrap_or_default();
    out.extend_from_slice(&quoted.as_bytes()[1..quoted.len().max(2) - 1]);
}

/// Whether a text stands in JSON as it is: no quote, no backslash, no control character. Eight bytes at a time.
fn is_plain(text: &[u8]) -> bool {
    let (words, rest) = text.as_chunks::<8>();
    let mut last = [b' '; 8];
    last[..rest.len()].copy_from_slice(rest);
    words.iter().chain([&last]).all(|word| {
        let word = u64::from_le_bytes(*word);
        (has_below_space(word) | has(word, b'"') | has(word, b'\\')) & HIGH == 0
    })
}

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// A high bit where a byte is below 0x20; never one in a word without such a byte.
const fn has_below_space(word: u64) -> u64 {
    word.wrapping_sub(LOW * 0x20) & !word
}

/// A high bit where a byte is `byte`; never one in a word without it.
const fn has(word: u64, byte: u8) -> u64 {
    let zeroed = word ^ (LOW * byte as u64);
    zeroed.wrapping_sub(LOW) & !zeroed
}

/// Appends a number.
pub(crate) fn number(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Appends `"name":"value"`.
pub(crate) fn text_property(out: &mut Vec<u8>, name: &str, value: &str) {
    string(out, name);
    out.push(b':');
    string(out, value);
}

/// Appends `"name":value`.
pub(crate) fn number_property(out: &mut Vec<u8>, name: &str, value: u64) {
    string(out, name);
    out.push(b':');
    number(out, value);
}

/// Appends a failure object. `context` is empty unless debugging is on.
pub(crate) fn failure(out: &mut Vec<u8>, failure: &Failure, context: &str) {
    out.extend_from_slice(b"{\"code\":");
    string(out, failure.code.as_str());
    out.extend_from_slice(b",\"message\":");
    string(out, &failure.message);
    out.extend_from_slice(b",\"context\":");
    string(out, context);
    if !failure.params.is_empty() {
        out.extend_from_slice(b",\"params\":{");
        for (position, (name, value)) in failure.params.iter().enumerate() {
            if position > 0 {
                out.push(b',');
            }
            text_property(out, name, value);
        }
        out.push(b'}');
    }
    if let Some(millis) = failure.retry_after_ms {
        out.extend_from_slice(b",\"retryAfterMs\":");
        number(out, millis);
    }
    out.push(b'}');
}

/// A piece of a client's message that is sent back, with the places of the secrets that were taken out of it.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Echo {
    text: std::sync::Arc<str>,
    splices: Vec<Splice>,
}

impl Echo {
    /// The piece `part` of `text`, where `spans` are the places of secrets in the whole text.
    pub(crate) fn new(text: &str, part: &str, spans: &[crate::input::SecretSpan]) -> Self {
        // INVARIANT: `part` is borrowed from `text`.
        let start = part.as_ptr().addr() - text.as_ptr().addr();
        let end = start + part.len();
        let splices = spans
            .iter()
            .filter(|span| (start..end).contains(&(span.offset as usize)))
            .map(|span| Splice { at: span.offset - len(start), len: span.len, secret: span.secret })
            .collect();
        Self { text: part.into(), splices }
    }

    /// The same piece, its secrets never to be put back.
    pub(crate) fn without_secrets(&self) -> Self {
        Self { text: self.text.clone(), splices: Vec::new() }
    }

    /// Appends it; the places of its secrets, counted from the start of `out`, go to `splices`.
    pub(crate) fn write(&self, out: &mut Vec<u8>, splices: &mut Vec<Splice>) {
        let start = len(out.len());
        splices.extend(self.splices.iter().map(|splice| Splice { at: splice.at + start, ..*splice }));
        out.extend_from_slice(self.text.as_bytes());
    }
}

/// INVARIANT: what is written here comes of one message of at most `message_bytes` and a bounded envelope.
fn len(bytes: usize) -> u32 {
    u32::try_from(bytes).expect("one message stays below 4 GiB")
}

#[cfg(test)]
mod tests {
    use super::{is_plain, string};

    #[test]
    fn every_byte_at_every_place_is_judged_as_serde_json_does() {
        for length in 1..20 {
            for place in 0..length {
                for char in (0_u8..=0x7f).map(char::from).chain(['é', '☎']) {
                    let mut text = "a".repeat(length);
                    text.replace_range(place..=place, &char.to_string());
                    let mut out = Vec::new();
                    string(&mut out, &text);
                    assert_eq!(String::from_utf8(out).unwrap(), serde_json::to_string(&text).unwrap());
                    let quoted = serde_json::to_string(&text).unwrap();
                    assert_eq!(is_plain(text.as_bytes()), quoted.len() == text.len() + 2, "{text:?}");
                }
            }
        }
    }
}

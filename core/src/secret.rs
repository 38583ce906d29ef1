//! A value that must not be seen: kept out of logs, recordings and error text by its type.

mod kept;

use std::fmt;
use std::hint;
use std::mem;

use crate::wire::scan;

pub use kept::Secrets;

/// A secret's text. It cannot be printed, serialised or cloned, and is overwritten when dropped.
///
/// What the intake takes out of a frame is a piece of JSON text (see [`Secret::decoded`] for the string it
/// spells). Moving a `Secret` moves a pointer, so no copy of the text stays behind.
pub struct Secret {
    text: String,
}

impl Secret {
    /// Wraps `text`, whose buffer becomes the secret's own.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self { text }
    }

    /// The text itself. Whoever calls this answers for where it goes.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// The string this JSON text spells, its escapes resolved; `None` where the text is no JSON string.
    #[must_use]
    pub fn decoded(&self) -> Option<Self> {
        let inner = self.text.strip_prefix('"')?;
        let closing = scan::string(inner.as_bytes(), 0).ok()?.end;
        if closing + 1 != inner.len() {
            return None;
        }
        // Decoding never lengthens, so the buffer is never moved and no stale copy is left in freed memory.
        let mut decoded = Self::new(String::with_capacity(closing));
        scan::decode(&inner[..closing], &mut decoded.text).ok()?;
        Some(decoded)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        let mut bytes = mem::take(&mut self.text).into_bytes();
        bytes.fill(0);
        // Without this the compiler may see that nobody reads the zeros, and leave them out.
        hint::black_box(&mut bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    fn decoded(json: &str) -> Option<String> {
        let decoded = Secret::new(json.to_owned()).decoded()?;
        Some(decoded.expose().to_owned())
    }

    #[test]
    fn debug_shows_nothing() {
        let secret = Secret::new("\"hunter2\"".to_owned());
        assert_eq!(format!("{secret:?}"), "Secret(..)");
        assert_eq!(format!("{:#?}", Some(&secret)), "Some(\n    Secret(..),\n)");
    }

    #[test]
    fn a_json_string_decodes() {
        assert_eq!(decoded(r#""""#).as_deref(), Some(""));
        assert_eq!(decoded(r#""plain ä€😀""#).as_deref(), Some("plain ä€😀"));
        assert_eq!(
            decoded(r#""\"\\\/\b\f\n\r\t\u0041\u00e4\u20AC\ud83d\ude00!""#).as_deref(),
            Some("\"\\/\u{8}\u{c}\n\r\tAä€😀!")
        );
        assert_eq!(decoded(r#""\u0000""#).as_deref(), Some("\0"));
    }

    #[test]
    fn what_is_no_json_string_does_not_decode() {
        for json in ["", "\"", "12", "null", "{}", "\"a", "\"a\"b\"", "\"\\q\"", "\"\\ud800\"", "\"a\n\""] {
            assert_eq!(decoded(json), None, "{json}");
        }
    }
}

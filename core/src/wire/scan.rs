//! Reading single JSON tokens from bytes: strings, escapes, numbers, white space (RFC 8259).

use crate::input::MalformedKind;

/// Where a string ends, and whether its spelling differs from its value.
pub(crate) struct StringToken {
    /// Index of the closing quote.
    pub(crate) end: usize,
    /// Whether there is an escape in it.
    pub(crate) escaped: bool,
}

/// Reads a string whose opening quote stands just before `at`.
#[inline]
pub(crate) fn string(bytes: &[u8], mut at: usize) -> Result<StringToken, MalformedKind> {
    let mut escaped = false;
    loop {
        at = skip_plain(bytes, at);
        match bytes.get(at) {
            Some(b'"') => return Ok(StringToken { end: at, escaped }),
            Some(b'\\') => {
                escaped = true;
                at = escape(bytes, at)?.1;
            }
            // A control character, or the end of the frame.
            _ => return Err(MalformedKind::NotJson),
        }
    }
}

/// Reads a number that begins at `at`; returns the index after it.
#[inline]
pub(crate) fn number(bytes: &[u8], mut at: usize) -> Result<usize, MalformedKind> {
    if bytes.get(at) == Some(&b'-') {
        at += 1;
    }
    at = match bytes.get(at) {
        Some(b'0') => at + 1,
        _ => digits(bytes, at)?,
    };
    if bytes.get(at) == Some(&b'.') {
        at = digits(bytes, at + 1)?;
    }
    if let Some(b'e' | b'E') = bytes.get(at) {
        at += 1;
        if let Some(b'+' | b'-') = bytes.get(at) {
            at += 1;
        }
        at = digits(bytes, at)?;
    }
    Ok(at)
}

/// Reads the word that must stand at `at` (`true`, `false`, `null`); returns the index after it.
#[inline]
pub(crate) fn word<const LEN: usize>(bytes: &[u8], at: usize, word: &[u8; LEN]) -> Result<usize, MalformedKind> {
    match bytes[at..].first_chunk::<LEN>() {
        Some(found) if found == word => Ok(at + LEN),
        _ => Err(MalformedKind::NotJson),
    }
}

/// Index of the first byte from `at` on that is no white space.
#[inline]
pub(crate) fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\t' | b'\n' | b'\r') = bytes.get(at) {
        at += 1;
    }
    at
}

/// Appends what a string's inside (the text between its quotes) spells. Never longer than the spelling.
pub(crate) fn decode(inside: &str, decoded: &mut String) -> Result<(), MalformedKind> {
    let bytes = inside.as_bytes();
    let mut plain = 0;
    while let Some(found) = inside[plain..].find('\\') {
        let backslash = plain + found;
        decoded.push_str(&inside[plain..backslash]);
        let (character, after) = escape(bytes, backslash)?;
        decoded.push(character);
        plain = after;
    }
    decoded.push_str(&inside[plain..]);
    Ok(())
}

/// Copies well-formed JSON text without the white space between its tokens.
pub(crate) fn compact(json: &str) -> Result<String, MalformedKind> {
    let bytes = json.as_bytes();
    let mut compact = String::with_capacity(json.len());
    let (mut at, mut copied) = (0, 0);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => at = string(bytes, at + 1)?.end + 1,
            b' ' | b'\t' | b'\n' | b'\r' => {
                compact.push_str(&json[copied..at]);
                at = skip_space(bytes, at);
                copied = at;
            }
            _ => at += 1,
        }
    }
    compact.push_str(&json[copied..]);
    Ok(compact)
}

/// Reads the escape whose backslash stands at `at`: its character, and the index after it.
fn escape(bytes: &[u8], at: usize) -> Result<(char, usize), MalformedKind> {
    let character = match bytes.get(at + 1) {
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unicode_escape(bytes, at),
        _ => return Err(MalformedKind::NotJson),
    };
    Ok((character, at + 2))
}

/// Reads `\uXXXX`, or two of them that form a surrogate pair.
fn unicode_escape(bytes: &[u8], at: usize) -> Result<(char, usize), MalformedKind> {
    let unit = hex_unit(bytes, at + 2)?;
    let (scalar, after) = match unit {
        0xD800..=0xDBFF => {
            if bytes.get(at + 6..at + 8) != Some(b"\\u") {
                return Err(MalformedKind::LoneSurrogate);
            }
            let low = hex_unit(bytes, at + 8)?;
            if !(0xDC00..=0xDFFF).contains(&low) {
                return Err(MalformedKind::LoneSurrogate);
            }
            (0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00), at + 12)
        }
        unit => (unit, at + 6),
    };
    match char::from_u32(scalar) {
        Some(character) => Ok((character, after)),
        None => Err(MalformedKind::LoneSurrogate),
    }
}

fn hex_unit(bytes: &[u8], at: usize) -> Result<u32, MalformedKind> {
    let Some(four) = bytes.get(at..at + 4) else {
        return Err(MalformedKind::NotJson);
    };
    let mut unit = 0;
    for &digit in four {
        let Some(value) = char::from(digit).to_digit(16) else {
            return Err(MalformedKind::NotJson);
        };
        unit = unit << 4 | value;
    }
    Ok(unit)
}

/// At least one digit, as many as follow.
#[inline]
fn digits(bytes: &[u8], at: usize) -> Result<usize, MalformedKind> {
    let mut end = at;
    while let Some(b'0'..=b'9') = bytes.get(end) {
        end += 1;
    }
    if end == at {
        return Err(MalformedKind::NotJson);
    }
    Ok(end)
}

const ONES: u64 = u64::from_ne_bytes([0x01; 8]);
const HIGHS: u64 = u64::from_ne_bytes([0x80; 8]);
const QUOTES: u64 = u64::from_ne_bytes([b'"'; 8]);
const BACKSLASHES: u64 = u64::from_ne_bytes([b'\\'; 8]);
const SPACES: u64 = u64::from_ne_bytes([b' '; 8]);

/// Index of the first byte from `at` on that is a quote, a backslash or a control character: eight at a time.
#[inline]
fn skip_plain(bytes: &[u8], mut at: usize) -> usize {
    while let Some(eight) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        // Little-endian: the first byte is the lowest. Each term marks the high bit of the bytes sought; a borrow
        // may mark bytes above a true one wrongly, never below, so the lowest mark is right.
        let eight = u64::from_le_bytes(*eight);
        let quote = eight ^ QUOTES;
        let backslash = eight ^ BACKSLASHES;
        let marks = ((quote.wrapping_sub(ONES) & !quote)
            | (backslash.wrapping_sub(ONES) & !backslash)
            | (eight.wrapping_sub(SPACES) & !eight))
            & HIGHS;
        if marks != 0 {
            return at + (marks.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while let Some(&byte) = bytes.get(at) {
        if byte == b'"' || byte == b'\\' || byte < b' ' {
            break;
        }
        at += 1;
    }
    at
}

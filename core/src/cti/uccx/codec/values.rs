//! The values of fields that no Rust number stands for.

use std::borrow::Cow;
use std::fmt::{self, Debug, Display, Formatter, Write};

/// A string as it stands on the wire, without its terminating NUL.
///
/// The protocol asks for UTF-8, but one agent's name in another encoding must not lose the whole frame, so
/// this is a view of bytes: [`Text::as_str`] where only UTF-8 will do, `Display` and [`Text::to_str_lossy`]
/// (which replace what is not UTF-8) where people read.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<'a>(&'a [u8]);

impl<'a> Text<'a> {
    /// The bytes, whatever their encoding.
    pub const fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// The string, if it is UTF-8.
    pub fn as_str(self) -> Option<&'a str> {
        std::str::from_utf8(self.0).ok()
    }

    /// The string, with U+FFFD for what is not UTF-8; allocates only then.
    pub fn to_str_lossy(self) -> Cow<'a, str> {
        String::from_utf8_lossy(self.0)
    }

    /// Whether it has no bytes.
    pub const fn is_empty(self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self(text.as_bytes())
    }
}

impl<'a> From<&'a [u8]> for Text<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }
}

impl PartialEq<str> for Text<'_> {
    fn eq(&self, other: &str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl PartialEq<&str> for Text<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl Display for Text<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            f.write_str(chunk.valid())?;
            if !chunk.invalid().is_empty() {
                f.write_char(char::REPLACEMENT_CHARACTER)?;
            }
        }
        Ok(())
    }
}

impl Debug for Text<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Debug::fmt(&*self.to_str_lossy(), f)
    }
}

/// A password. It prints as `Secret(..)`, so that no log or error text can hold it.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Secret<'a>(&'a [u8]);

impl<'a> Secret<'a> {
    /// Wraps the bytes of a password.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The bytes of the password: for the wire, never for a log.
    pub const fn expose(self) -> &'a [u8] {
        self.0
    }
}

impl Debug for Secret<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// A BOOL. It has two bytes; one page of the guide prints four, so in a floating field both are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bool {
    /// Two bytes, the ordinary form.
    Two(u16),
    /// Four bytes.
    Four(u32),
}

impl Bool {
    /// Whether any bit is set.
    pub const fn is_true(self) -> bool {
        match self {
            Self::Two(value) => value != 0,
            Self::Four(value) => value != 0,
        }
    }
}

impl Default for Bool {
    fn default() -> Self {
        Self::Two(0)
    }
}

impl From<bool> for Bool {
    fn from(value: bool) -> Self {
        Self::Two(u16::from(value))
    }
}

/// A call variable with a name (NAMEDVAR).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NamedVariable<'a> {
    /// Its name, at most [`NamedVariable::NAME_BYTES_MAX`] bytes with the NUL.
    pub name: Text<'a>,
    /// Its value, at most [`NamedVariable::VALUE_BYTES_MAX`] bytes with the NUL.
    pub value: Text<'a>,
}

impl<'a> NamedVariable<'a> {
    /// Longest name in bytes, terminating NUL included.
    pub const NAME_BYTES_MAX: usize = 33;
    /// Longest value in bytes, terminating NUL included.
    pub const VALUE_BYTES_MAX: usize = 211;

    /// Splits at the first NUL; without one all is the name.
    pub(super) fn from_wire(bytes: &'a [u8]) -> Self {
        let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
        let (name, rest) = bytes.split_at(end);
        Self { name: Text(name), value: Text(without_nul(rest.get(1..).unwrap_or_default())) }
    }
}

/// One element of an array of call variables with a name (NAMEDARRAY).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NamedArray<'a> {
    /// The element's index.
    pub index: u8,
    /// The array's name and the element's value.
    pub variable: NamedVariable<'a>,
}

/// Strips one terminating NUL, if there is one.
pub(super) fn without_nul(bytes: &[u8]) -> &[u8] {
    bytes.strip_suffix(&[0]).unwrap_or(bytes)
}

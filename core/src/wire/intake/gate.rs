//! The pass over a frame: one loop with a stack of its own, so that no input can exhaust the thread's.

use std::borrow::Cow;

use super::{DEPTH_MAX, Intake, TakenSecret, key_hash};
use crate::input::{MalformedKind, SecretKind};
use crate::secret::Secret;
use crate::wire::scan;

/// Up to so many keys of one object are compared each with each; more are sorted.
const KEYS_COMPARED_MAX: usize = 16;

/// Where the pass is and what it has kept.
pub(super) struct Gate<'a> {
    frame: &'a str,
    bytes: &'a [u8],
    at: usize,
    levels: [Level; DEPTH_MAX],
    depth: usize,
    /// Keys of all open objects, the innermost object's last.
    keys: Vec<Cow<'a, str>>,
    /// What is kept of `frame[..copied]`. INVARIANT: empty as long as that is nothing; never holds a secret.
    text: String,
    copied: usize,
    secrets: Vec<TakenSecret>,
    opened: Option<Opened>,
    /// Depth of the object that holds the opened secret; `usize::MAX` while none is.
    opened_depth: usize,
}

/// What a property's name says about its value.
#[derive(Clone, Copy, PartialEq)]
enum Meaning {
    Plain,
    Resume,
    Secret(SecretKind),
}

/// An object or array that is not closed yet.
#[derive(Clone, Copy)]
struct Level {
    is_object: bool,
    /// Whether it is the value of a property `resume`.
    is_resume: bool,
    /// Index in `Gate::keys` of its first key.
    keys_from: usize,
}

/// A secret whose value is being read.
struct Opened {
    kind: SecretKind,
    from: usize,
    has_space: bool,
}

impl<'a> Gate<'a> {
    pub(super) fn new(frame: &'a str) -> Self {
        let level = Level { is_object: false, is_resume: false, keys_from: 0 };
        Self {
            frame,
            bytes: frame.as_bytes(),
            at: 0,
            levels: [level; DEPTH_MAX],
            depth: 0,
            keys: Vec::with_capacity(KEYS_COMPARED_MAX),
            text: String::new(),
            copied: 0,
            secrets: Vec::new(),
            opened: None,
            opened_depth: usize::MAX,
        }
    }

    /// Reads the frame to its end.
    pub(super) fn run(mut self) -> Result<Intake<'a>, MalformedKind> {
        let is_object = self.peek()? == b'{';
        let mut meaning = Meaning::Plain;
        'value: loop {
            let byte = self.peek()?;
            if let Meaning::Secret(kind) = meaning
                && byte != b'n'
            {
                self.open_secret(kind);
            }
            match byte {
                b'"' => self.at = scan::string(self.bytes, self.at + 1)?.end + 1,
                b'{' => {
                    self.enter(true, meaning == Meaning::Resume)?;
                    if self.peek()? != b'}' {
                        meaning = self.key()?;
                        continue 'value;
                    }
                }
                b'[' => {
                    self.enter(false, false)?;
                    if self.peek()? != b']' {
                        meaning = Meaning::Plain;
                        continue 'value;
                    }
                }
                b'-' | b'0'..=b'9' => self.at = scan::number(self.bytes, self.at)?,
                b't' => self.at = scan::word(self.bytes, self.at, b"true")?,
                b'f' => self.at = scan::word(self.bytes, self.at, b"false")?,
                b'n' => self.at = scan::word(self.bytes, self.at, b"null")?,
                _ => return Err(MalformedKind::NotJson),
            }
            // A value has ended, or an empty object or array is about to.
            loop {
                if self.depth == self.opened_depth {
                    self.take_secret()?;
                }
                if self.depth == 0 {
                    return self.finish(is_object);
                }
                let level = self.levels[self.depth - 1];
                match (self.peek()?, level.is_object) {
                    (b',', true) => {
                        self.at += 1;
                        meaning = self.key()?;
                        continue 'value;
                    }
                    (b',', false) => {
                        self.at += 1;
                        meaning = Meaning::Plain;
                        continue 'value;
                    }
                    (b'}', true) => self.leave_object(level)?,
                    (b']', false) => {
                        self.at += 1;
                        self.depth -= 1;
                    }
                    _ => return Err(MalformedKind::NotJson),
                }
            }
        }
    }

    /// The next byte that is no white space; what white space stands before it is dropped.
    #[inline]
    fn peek(&mut self) -> Result<u8, MalformedKind> {
        match self.bytes.get(self.at) {
            Some(&byte) if byte > b' ' => Ok(byte),
            _ => self.drop_space(),
        }
    }

    fn drop_space(&mut self) -> Result<u8, MalformedKind> {
        let after = scan::skip_space(self.bytes, self.at);
        let Some(&byte) = self.bytes.get(after) else {
            return Err(MalformedKind::NotJson);
        };
        match &mut self.opened {
            Some(opened) => opened.has_space = true,
            None => {
                self.keep_until(self.at);
                self.copied = after;
            }
        }
        self.at = after;
        Ok(byte)
    }

    /// Copies what is kept of the frame up to `end`.
    fn keep_until(&mut self, end: usize) {
        let kept = &self.frame[self.copied..end];
        if self.text.capacity() == 0 && !kept.is_empty() {
            self.text.reserve(self.frame.len());
        }
        self.text.push_str(kept);
    }

    fn enter(&mut self, is_object: bool, is_resume: bool) -> Result<(), MalformedKind> {
        let Some(level) = self.levels.get_mut(self.depth) else {
            return Err(MalformedKind::TooDeep);
        };
        *level = Level { is_object, is_resume, keys_from: self.keys.len() };
        self.depth += 1;
        self.at += 1;
        Ok(())
    }

    /// Reads a property's name and its colon.
    #[inline]
    fn key(&mut self) -> Result<Meaning, MalformedKind> {
        if self.peek()? != b'"' {
            return Err(MalformedKind::NotJson);
        }
        let start = self.at + 1;
        let token = scan::string(self.bytes, start)?;
        self.at = token.end + 1;
        let spelled = &self.frame[start..token.end];
        let name = if token.escaped { decoded_name(spelled)? } else { Cow::Borrowed(spelled) };

        let level = self.levels[self.depth - 1];
        let siblings = &self.keys[level.keys_from..];
        if siblings.len() < KEYS_COMPARED_MAX && siblings.contains(&name) {
            return Err(MalformedKind::DuplicateKey);
        }
        let meaning = match name.as_bytes() {
            b"password" => Meaning::Secret(SecretKind::Password),
            b"token" => Meaning::Secret(SecretKind::Token),
            b"key" if level.is_resume => Meaning::Secret(SecretKind::ResumeKey),
            b"resume" => Meaning::Resume,
            _ => Meaning::Plain,
        };
        self.keys.push(name);

        if self.peek()? != b':' {
            return Err(MalformedKind::NotJson);
        }
        self.at += 1;
        Ok(meaning)
    }

    #[inline]
    fn leave_object(&mut self, level: Level) -> Result<(), MalformedKind> {
        let keys = &mut self.keys[level.keys_from..];
        if keys.len() > KEYS_COMPARED_MAX {
            keys.sort_unstable();
            if keys.windows(2).any(|pair| pair[0] == pair[1]) {
                return Err(MalformedKind::DuplicateKey);
            }
        }
        self.keys.truncate(level.keys_from);
        self.at += 1;
        self.depth -= 1;
        Ok(())
    }

    /// Begins a secret at the value about to be read, unless that is part of one already.
    fn open_secret(&mut self, kind: SecretKind) {
        if self.opened.is_none() {
            self.opened = Some(Opened { kind, from: self.at, has_space: false });
            self.opened_depth = self.depth;
        }
    }

    /// Ends the opened secret at the value just read, and puts its stand-in into the text.
    fn take_secret(&mut self) -> Result<(), MalformedKind> {
        self.opened_depth = usize::MAX;
        let is_top = self.depth == 1;
        let Some(Opened { kind, from, has_space }) = self.opened.take() else {
            return Ok(());
        };
        let sent = &self.frame[from..self.at];
        let value = Secret::new(if has_space { scan::compact(sent)? } else { sent.to_owned() });

        self.keep_until(from);
        self.copied = self.at;
        let offset = self.text.len();
        let decoded = value.decoded();
        let is_text = decoded.is_some();
        match decoded {
            Some(key) if kind == SecretKind::ResumeKey => push_hex(&mut self.text, &key_hash(key.expose()).0),
            _ => self.text.push_str("null"),
        }
        let len = self.text.len() - offset;
        // INVARIANT: a text of at most `FRAME_BYTES_MAX` bytes is not four times as long with hashes in it.
        let (offset, len) = (offset as u32, len as u32);
        self.secrets.push(TakenSecret { kind, offset, len, is_text, is_top, value });
        Ok(())
    }

    fn finish(mut self, is_object: bool) -> Result<Intake<'a>, MalformedKind> {
        if scan::skip_space(self.bytes, self.at) != self.bytes.len() {
            return Err(MalformedKind::NotJson);
        }
        if !is_object {
            return Err(MalformedKind::NotAnObject);
        }
        let text = if self.text.is_empty() {
            Cow::Borrowed(&self.frame[self.copied..self.at])
        } else {
            self.keep_until(self.at);
            Cow::Owned(self.text)
        };
        Ok(Intake { text, secrets: self.secrets })
    }
}

/// Rare enough to allocate: a property name with an escape in it.
#[cold]
fn decoded_name<'a>(spelled: &str) -> Result<Cow<'a, str>, MalformedKind> {
    let mut name = String::with_capacity(spelled.len());
    scan::decode(spelled, &mut name)?;
    Ok(Cow::Owned(name))
}

/// A hash as a JSON string of lower-case hex.
fn push_hex(text: &mut String, hash: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    text.push('"');
    for byte in hash {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 0xF)]));
    }
    text.push('"');
}

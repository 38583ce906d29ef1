//! A client's message without what is about people: JSON rewritten in one pass, value by value.

use super::words::Words;
use crate::input::{KeyHash, SecretKind, SecretSpan};
use crate::wire::scan;

/// Names of properties that the protocol gives to what clients send; every other name is a client's own text.
const PROPERTIES: [&str; 40] = [
    "messageType",
    "requestId",
    "command",
    "serviceId",
    "resourceId",
    "serviceType",
    "request",
    "seq",
    "protocol",
    "client",
    "id",
    "name",
    "resume",
    "key",
    "token",
    "password",
    "model",
    "modeltype",
    "override",
    "agent",
    "target",
    "data",
    "extension",
    "extensions",
    "reason",
    "code",
    "agentId",
    "callId",
    "CallId",
    "limit",
    "number",
    "destination",
    "digits",
    "disposition",
    "channel",
    "channels",
    "channelgroup",
    "endpoint",
    "type",
    "options",
];
/// Properties whose numbers say nothing of anybody.
const COUNTS: [&str; 3] = ["seq", "protocol", "limit"];
/// Properties whose texts are words of the protocol, or ids that are configured.
const WORDS: [&str; 8] =
    ["messageType", "command", "serviceId", "resourceId", "serviceType", "model", "modeltype", "type"];
/// Properties whose texts are ids of the platform's.
const IDS: [&str; 3] = ["agentId", "callId", "CallId"];

/// Whether the protocol gives a property this name.
pub(super) fn is_property(name: &str) -> bool {
    PROPERTIES.contains(&name)
}

/// The text of a message and the places of its secrets, without what is about people. What is not JSON, which an engine never
/// gets, is a text like any other.
pub(super) fn redact(words: &mut Words, text: &str, secrets: &[SecretSpan]) -> (String, Vec<SecretSpan>) {
    let out = String::with_capacity(text.len() + 16);
    let mut rewriting = Rewriting { words, text, at: 0, out, secrets, placed: Vec::with_capacity(secrets.len()) };
    match rewriting.value("", "", 0) {
        Some(()) if rewriting.at == text.len() => (rewriting.out, rewriting.placed),
        Some(()) | None => (rewriting.words.text(text).into(), Vec::new()),
    }
}

struct Rewriting<'a> {
    words: &'a mut Words,
    text: &'a str,
    at: usize,
    out: String,
    /// Secrets whose places were not passed yet.
    secrets: &'a [SecretSpan],
    placed: Vec<SecretSpan>,
}

impl Rewriting<'_> {
    /// Rewrites the value here. `name` is that of its property, `holder` that of the object which holds it; in arrays those of
    /// the array. `None` where the text is no JSON.
    fn value(&mut self, holder: &str, name: &str, depth: usize) -> Option<()> {
        if let Some((secret, rest)) = self.secrets.split_first()
            && secret.offset as usize == self.at
        {
            self.secrets = rest;
            return self.secret(*secret);
        }
        let bytes = self.text.as_bytes();
        match *bytes.get(self.at)? {
            b'"' => {
                let text = self.string()?;
                let other = self.redacted(holder, name, &text);
                self.write(&other);
            }
            b'{' => self.object(name, depth)?,
            b'[' => self.array(holder, name, depth)?,
            b't' => self.word(b"true")?,
            b'f' => self.word(b"false")?,
            b'n' => self.word(b"null")?,
            _ => self.number(name)?,
        }
        Some(())
    }

    fn object(&mut self, name: &str, depth: usize) -> Option<()> {
        (depth < crate::wire::intake::DEPTH_MAX).then_some(())?;
        self.copy('{')?;
        if self.peek() == Some('}') {
            return self.copy('}');
        }
        loop {
            let key = self.string()?;
            let other = if is_property(&key) { key.as_str().into() } else { self.words.data_key(&key) };
            self.write(&other);
            self.copy(':')?;
            self.value(name, &key, depth + 1)?;
            if self.peek() == Some('}') {
                return self.copy('}');
            }
            self.copy(',')?;
        }
    }

    fn array(&mut self, holder: &str, name: &str, depth: usize) -> Option<()> {
        (depth < crate::wire::intake::DEPTH_MAX).then_some(())?;
        self.copy('[')?;
        if self.peek() == Some(']') {
            return self.copy(']');
        }
        loop {
            self.value(holder, name, depth + 1)?;
            if self.peek() == Some(']') {
                return self.copy(']');
            }
            self.copy(',')?;
        }
    }

    /// A text at a place.
    fn redacted(&mut self, holder: &str, name: &str, text: &str) -> Box<str> {
        if name == "target" {
            let parts: Vec<String> = text.split('.').map(|part| self.own_or_text(part).into()).collect();
            return parts.join(".").into();
        }
        if self.words.is_own(text) {
            text.into()
        } else if WORDS.contains(&name) {
            self.words.word(text)
        } else if IDS.contains(&name) || (name == "id" && holder == "agent") {
            self.words.id(text)
        } else {
            self.words.text(text)
        }
    }

    fn own_or_text(&mut self, text: &str) -> Box<str> {
        if self.words.is_own(text) { text.into() } else { self.words.text(text) }
    }

    /// What stands in a secret's place, at its place in what is written.
    fn secret(&mut self, secret: SecretSpan) -> Option<()> {
        let end = self.at + secret.len as usize;
        let stand_in = self.text.get(self.at..end)?;
        let offset = self.out.len();
        let hash = match secret.kind {
            SecretKind::ResumeKey => stand_in.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')),
            SecretKind::Password | SecretKind::Token => None,
        };
        match hash.and_then(KeyHash::from_hex) {
            Some(hash) => {
                let hex: String = self.words.hash(hash).0.iter().map(|byte| format!("{byte:02x}")).collect();
                self.write(&hex);
            }
            None if stand_in == "null" => self.out.push_str(stand_in),
            None => return None,
        }
        let len = self.out.len() - offset;
        self.placed.push(SecretSpan { offset: u32::try_from(offset).ok()?, len: u32::try_from(len).ok()?, ..secret });
        self.at = end;
        Some(())
    }

    /// A number: another one with as many digits, unless it counts.
    fn number(&mut self, name: &str) -> Option<()> {
        let end = scan::number(self.text.as_bytes(), self.at).ok()?;
        let number = &self.text[self.at..end];
        self.at = end;
        if COUNTS.contains(&name) {
            self.out.push_str(number);
        } else if number.bytes().any(|byte| matches!(byte, b'e' | b'E')) {
            self.out.push('1');
        } else {
            let other = self.words.text(number);
            self.out.push_str(&other);
        }
        Some(())
    }

    /// Reads a string's value.
    fn string(&mut self) -> Option<String> {
        if self.peek() != Some('"') {
            return None;
        }
        let from = self.at + 1;
        let end = scan::string(self.text.as_bytes(), from).ok()?.end;
        let mut value = String::with_capacity(end - from);
        scan::decode(&self.text[from..end], &mut value).ok()?;
        self.at = end + 1;
        Some(value)
    }

    fn write(&mut self, text: &str) {
        // INVARIANT: a text always has a JSON form.
        self.out.push_str(&serde_json::to_string(text).expect("a text has a JSON form"));
    }

    fn word<const LEN: usize>(&mut self, word: &[u8; LEN]) -> Option<()> {
        let end = scan::word(self.text.as_bytes(), self.at, word).ok()?;
        self.out.push_str(&self.text[self.at..end]);
        self.at = end;
        Some(())
    }

    fn peek(&self) -> Option<char> {
        self.text.as_bytes().get(self.at).map(|byte| char::from(*byte))
    }

    fn copy(&mut self, sign: char) -> Option<()> {
        (self.peek()? == sign).then_some(())?;
        self.out.push(sign);
        self.at += 1;
        Some(())
    }
}

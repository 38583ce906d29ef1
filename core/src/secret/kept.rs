//! What the engine must never see, kept by its driver: passwords, tokens and resume keys, by number, until the engine says
//! that they are needed no more.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Secret;
use crate::ids::SecretRef;
use crate::time::Time;

/// The engine forgets every secret within its own deadlines (the longest is a logout's 120 s); this is the net beneath.
const HELD: Duration = Duration::from_secs(180);
/// Each waiting socket holds one and each request a few: beyond this somebody fills memory, and the oldest go.
const HELD_MAX: usize = 131_072;

/// The table. Numbers ascend, so the oldest secret is the first one.
#[derive(Debug, Default)]
pub struct Secrets {
    last: u64,
    held: BTreeMap<SecretRef, Held>,
}

#[derive(Debug)]
struct Held {
    json: Secret,
    until: Time,
}

impl Secrets {
    /// A table whose numbers come after this one: those of an engine that was restored are not given again.
    #[must_use]
    pub const fn after(last: SecretRef) -> Self {
        Self { last: last.0, held: BTreeMap::new() }
    }

    /// Keeps a secret, as the JSON text that spells it.
    pub fn keep(&mut self, now: Time, json: Secret) -> SecretRef {
        if self.held.len() >= HELD_MAX {
            self.held.pop_first();
        }
        self.last += 1;
        let number = SecretRef(self.last);
        self.held.insert(number, Held { json, until: now + HELD });
        number
    }

    /// The JSON text, to be put into a message.
    pub fn held(&self, number: SecretRef) -> Option<&Secret> {
        self.held.get(&number).map(|held| &held.json)
    }

    /// The string the JSON text spells, in the clear. `None` where it is no string, or held no more.
    pub fn clear(&self, number: SecretRef) -> Option<Secret> {
        self.held.get(&number)?.json.decoded()
    }

    /// Forgets one; its memory is overwritten.
    pub fn forget(&mut self, number: SecretRef) {
        self.held.remove(&number);
    }

    /// Forgets those held too long. Returns how many: each is one the engine should have let go.
    pub fn expire(&mut self, now: Time) -> usize {
        let before = self.held.len();
        while self.held.first_entry().is_some_and(|oldest| oldest.get().until <= now) {
            self.held.pop_first();
        }
        before - self.held.len()
    }

    /// How many are held.
    pub fn len(&self) -> usize {
        self.held.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{HELD, HELD_MAX, Secret, SecretRef, Secrets, Time};

    fn secret(json: &str) -> Secret {
        Secret::new(json.to_owned())
    }

    fn json(secrets: &Secrets, number: SecretRef) -> Option<&str> {
        secrets.held(number).map(Secret::expose)
    }

    #[test]
    fn a_secret_is_kept_until_it_is_forgotten() {
        let mut secrets = Secrets::default();
        let first = secrets.keep(Time::ZERO, secret(r#""a\"b""#));
        let second = secrets.keep(Time::ZERO, secret("17"));
        assert_ne!(first, second);
        assert_eq!(json(&secrets, first), Some(r#""a\"b""#));
        assert_eq!(secrets.clear(first).unwrap().expose(), "a\"b");
        assert_eq!(json(&secrets, second), Some("17"));
        assert!(secrets.clear(second).is_none());
        secrets.forget(first);
        secrets.forget(first);
        assert_eq!(json(&secrets, first), None);
        assert_eq!(secrets.len(), 1);
        assert_eq!(Secrets::after(second).keep(Time::ZERO, secret("3")), SecretRef(second.0 + 1));
    }

    #[test]
    fn what_nobody_forgets_expires() {
        let mut secrets = Secrets::default();
        let old = secrets.keep(Time::ZERO, secret("1"));
        let young = secrets.keep(Time::from_millis(1), secret("2"));
        assert_eq!(secrets.expire(Time::ZERO + HELD - Duration::from_micros(1)), 0);
        assert_eq!(secrets.expire(Time::ZERO + HELD), 1);
        assert_eq!((json(&secrets, old), json(&secrets, young)), (None, Some("2")));
    }

    #[test]
    fn the_table_is_bounded() {
        let mut secrets = Secrets::default();
        let first = secrets.keep(Time::ZERO, secret("0"));
        for _ in 0..HELD_MAX {
            secrets.keep(Time::ZERO, secret("1"));
        }
        assert_eq!(secrets.len(), HELD_MAX);
        assert_eq!(json(&secrets, first), None);
    }

    #[test]
    fn debug_shows_no_secret() {
        let mut secrets = Secrets::default();
        secrets.keep(Time::ZERO, secret("\"hunter2\""));
        assert!(!format!("{secrets:?}").contains("hunter2"));
    }
}

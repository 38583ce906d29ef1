//! Bearer tokens: known by their hashes alone, each with its subject, what it permits, and until when.

use std::collections::{BTreeSet, HashMap};

use foldhash::fast::FixedState;
use interaction_core::input::{Claims, KeyHash, Scopes};
use interaction_core::secret::Secret;
use interaction_core::time::Time;
use interaction_core::wire::intake::key_hash;

use crate::config::{Scope, TokenSettings, epoch_ms};

/// What a token's hash begins with in the configuration.
const HASH_PREFIX: &str = "sha256:";

/// The tokens there are. Looked up by SHA-256, so that the time a look-up takes says nothing of any token.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tokens {
    known: HashMap<KeyHash, Token, FixedState>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Token {
    subject: Box<str>,
    scopes: Scopes,
    expires: Option<Time>,
}

impl Tokens {
    /// Those of the configuration.
    ///
    /// # Errors
    /// An entry that says what cannot be: which, and what it must say.
    pub(crate) fn new(settings: &[TokenSettings]) -> Result<Self, String> {
        let mut known = HashMap::with_capacity_and_hasher(settings.len(), FixedState::default());
        for (index, entry) in settings.iter().enumerate() {
            let fail = |what: String| Err(format!("entry {} of subject `{}`: {what}", index + 1, entry.subject));
            let hash = entry.hash.strip_prefix(HASH_PREFIX).and_then(KeyHash::from_hex);
            let Some(hash) = hash else {
                let what = "`hash` must be `sha256:` and 64 hexadecimal digits, as `token new` prints it";
                return fail(what.to_owned());
            };
            if entry.scopes.is_empty() {
                return fail("`scopes` must name at least one of agent, supervisor, reports, admin".to_owned());
            }
            let expires = match entry.expires.as_deref().map(epoch_ms) {
                None => None,
                Some(Some(millis)) => Some(Time::from_millis(millis)),
                Some(None) => {
                    return fail("`expires` must be a moment with its zone, such as 2027-01-01T00:00:00Z".to_owned());
                }
            };
            let token = Token { subject: entry.subject.as_str().into(), scopes: scopes(&entry.scopes), expires };
            if known.insert(hash, token).is_some() {
                return fail("another entry has the same `hash`: each token stands once".to_owned());
            }
        }
        Ok(Self { known })
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.known.len()
    }

    /// What a token says that stood in a message, as the JSON text that spelled it.
    pub(crate) fn claims_of(&self, now: Time, json: &Secret) -> Claims {
        json.decoded().map_or(Claims::Bad, |token| self.claims(now, token.expose()))
    }

    /// What a token says.
    pub(crate) fn claims(&self, now: Time, token: &str) -> Claims {
        self.claims_of_hash(now, key_hash(token))
    }

    /// What is different with `newer`: the tokens that are gone, and those that say something else.
    pub(crate) fn changes(&self, now: Time, newer: &Self) -> Vec<(KeyHash, Claims)> {
        let changed = self.known.iter().filter(|(hash, token)| newer.known.get(*hash) != Some(token));
        let changed: BTreeSet<KeyHash> = changed.map(|(hash, _)| *hash).collect();
        changed.into_iter().map(|hash| (hash, newer.claims_of_hash(now, hash))).collect()
    }

    fn claims_of_hash(&self, now: Time, hash: KeyHash) -> Claims {
        match self.known.get(&hash) {
            Some(Token { subject, scopes, expires }) if expires.is_none_or(|expires| expires > now) => {
                Claims::Known { token: hash, subject: subject.clone(), scopes: *scopes, expires: *expires }
            }
            Some(_) | None => Claims::Bad,
        }
    }
}

fn scopes(named: &[Scope]) -> Scopes {
    let has = |scope| named.contains(&scope);
    Scopes {
        agent: has(Scope::Agent),
        supervisor: has(Scope::Supervisor),
        reports: has(Scope::Reports),
        admin: has(Scope::Admin),
    }
}

/// A token's hash as the configuration has it.
pub(crate) fn hash_text(token: &str) -> String {
    let hex: String = key_hash(token).0.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{HASH_PREFIX}{hex}")
}

#[cfg(test)]
mod tests {
    use interaction_core::input::{Claims, Scopes};
    use interaction_core::secret::Secret;
    use interaction_core::time::Time;

    use super::{Tokens, hash_text};
    use crate::config::{Scope, TokenSettings};

    fn entry(token: &str, scopes: &[Scope], expires: Option<&str>) -> TokenSettings {
        TokenSettings {
            hash: hash_text(token),
            subject: "anna".into(),
            scopes: scopes.to_vec(),
            expires: expires.map(str::to_owned),
        }
    }

    fn at(millis: u64) -> Time {
        Time::from_millis(millis)
    }

    #[test]
    fn a_token_is_good_by_its_hash_until_it_expires() {
        // 2026-03-01T12:00:00Z
        let expires = at(1_772_366_400_000);
        let entries = [entry("one", &[Scope::Agent, Scope::Reports], Some("2026-03-01T13:00:00+01:00"))];
        let tokens = Tokens::new(&entries).unwrap();
        let scopes = Scopes { agent: true, reports: true, ..Scopes::default() };
        let json = Secret::new("\"one\"".to_owned());
        match tokens.claims_of(expires - std::time::Duration::from_millis(1), &json) {
            Claims::Known { subject, scopes: has, expires: until, .. } => {
                assert_eq!((&*subject, has, until), ("anna", scopes, Some(expires)));
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(tokens.claims_of(expires, &json), Claims::Bad);
        for other in ["\"One\"", "\"\"", "17", "null", "\"one \""] {
            assert_eq!(tokens.claims_of(at(0), &Secret::new(other.to_owned())), Claims::Bad, "{other}");
        }
    }

    #[test]
    fn changes_are_what_is_gone_and_what_says_something_else() {
        let entries = |second| {
            vec![entry("one", &[Scope::Agent], None), entry("two", second, None), entry("three", &[Scope::Admin], None)]
        };
        let before = Tokens::new(&entries(&[Scope::Reports])).unwrap();
        assert_eq!(before.changes(at(0), &before), vec![]);
        let mut after = entries(&[Scope::Admin]);
        after.remove(0);
        after.push(entry("four", &[Scope::Agent], None));
        let mut changes = before.changes(at(0), &Tokens::new(&after).unwrap());
        changes.sort_by_key(|(_, claims)| *claims == Claims::Bad);
        assert_eq!(changes.len(), 2, "{changes:?}");
        assert!(matches!(&changes[0].1, Claims::Known { scopes, .. } if scopes.admin && !scopes.reports));
        assert_eq!(changes[1].1, Claims::Bad);
    }

    #[test]
    fn entries_that_cannot_be_are_named() {
        let good = || entry("one", &[Scope::Agent], None);
        let short = TokenSettings { hash: "sha256:12".into(), ..good() };
        let bare = TokenSettings { hash: good().hash.replace("sha256:", ""), ..good() };
        let cases = [
            (vec![short], "64 hexadecimal"),
            (vec![bare], "sha256:"),
            (vec![TokenSettings { scopes: vec![], ..good() }], "scopes"),
            (vec![entry("one", &[Scope::Agent], Some("2027-01-01"))], "expires"),
            (vec![entry("one", &[Scope::Agent], Some("2027-01-01T00:00:00"))], "zone"),
            (vec![good(), good()], "entry 2"),
        ];
        for (entries, want) in cases {
            let error = Tokens::new(&entries).unwrap_err();
            assert!(error.contains(want) && error.contains("anna"), "{error}");
        }
    }
}

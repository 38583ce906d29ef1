//! Resume keys as the listener draws and reads them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use interaction_core::secret::Secret;
use interaction_core::wire::intake::key_hash;

use crate::happening::ResumeKey;

/// Random bytes of a key, or of a token: as many as nobody guesses.
const RANDOM_BYTES: usize = 32;

/// Draws a resume key: the instance's name and 32 random bytes.
pub(super) fn resume_key(instance: &str) -> Option<ResumeKey> {
    let mut json = String::with_capacity(instance.len() + 46);
    json.push('"');
    json.push_str(instance);
    json.push('.');
    push_random(&mut json)?;
    let hash = key_hash(&json[1..]);
    json.push('"');
    Some(ResumeKey { json: Secret::new(json), hash })
}

/// Appends 32 random bytes as 43 characters that need no escape anywhere.
pub(crate) fn push_random(text: &mut String) -> Option<()> {
    let mut random = [0; RANDOM_BYTES];
    getrandom::fill(&mut random).ok()?;
    URL_SAFE_NO_PAD.encode_string(random, text);
    random.fill(0);
    Some(())
}

#[cfg(test)]
mod tests {
    use interaction_core::wire::intake::key_hash;

    use super::resume_key;

    #[test]
    fn a_resume_key_names_the_instance_and_is_never_the_same() {
        let (one, other) = (resume_key("north").unwrap(), resume_key("north").unwrap());
        let key = one.json.decoded().unwrap();
        let (instance, random) = key.expose().split_once('.').unwrap();
        assert_eq!((instance, random.len()), ("north", 43));
        assert_ne!(one.json.expose(), other.json.expose());
        assert_eq!(key_hash(key.expose()), one.hash);
    }
}

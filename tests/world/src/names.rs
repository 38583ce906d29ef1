//! What the model's names and numbers stand for in the engine.

use std::collections::BTreeMap;

/// Which ids and numbers the engine gave to what the model names itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    real: BTreeMap<String, String>,
    engine: BTreeMap<u64, u64>,
}

/// A number of the model's that the engine never gave.
const NOBODYS: u64 = u64::MAX;

impl Names {
    /// The text with every name that is known replaced.
    pub(crate) fn to_real(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((at, name)) = first_name(rest) {
            out.push_str(&rest[..at]);
            out.push_str(self.real.get(name).map_or(name, String::as_str));
            rest = &rest[at + name.len()..];
        }
        out.push_str(rest);
        out
    }

    /// Whether the text is one of the model's names that stands for nothing yet.
    pub(crate) fn is_open(&self, text: &str) -> bool {
        first_name(text).is_some_and(|(_, name)| name == text) && !self.real.contains_key(text)
    }

    /// What a name stands for from here on: no two stand for the same.
    pub(crate) fn bind(&mut self, name: &str, real: &str) -> Result<(), String> {
        let well_formed = (1..=64).contains(&real.len())
            && real.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
        if !well_formed {
            return Err(format!("{real:?} is no id"));
        }
        if let Some((other, _)) = self.real.iter().find(|(_, known)| *known == real) {
            return Err(format!("{real:?} stands for {other} already, and would for {name}"));
        }
        self.real.insert(name.to_owned(), real.to_owned());
        Ok(())
    }

    pub(crate) fn bind_number(&mut self, model: u64, engine: u64) {
        self.engine.insert(model, engine);
    }

    /// The engine's number of the model's.
    pub(crate) fn number(&self, model: u64) -> u64 {
        self.engine.get(&model).copied().unwrap_or(NOBODYS)
    }

    /// The model's number of the engine's.
    pub(crate) fn model_number(&self, engine: u64) -> u64 {
        self.engine.iter().find(|(_, one)| **one == engine).map_or(NOBODYS, |(model, _)| *model)
    }
}

/// The first name in a text (`X_session_3_X`) and where it stands.
fn first_name(text: &str) -> Option<(usize, &str)> {
    let mut from = 0;
    loop {
        let at = from + text[from..].find("X_")?;
        let body = &text[at + 2..];
        let kind = body.bytes().take_while(u8::is_ascii_lowercase).count();
        let digits = body[kind..].strip_prefix('_').map(|rest| rest.bytes().take_while(u8::is_ascii_digit).count());
        if let Some(digits) = digits.filter(|digits| kind > 0 && *digits > 0) {
            let end = kind + 1 + digits;
            if body[end..].starts_with("_X") {
                return Some((at, &text[at..at + 2 + end + 2]));
            }
        }
        from = at + 2;
    }
}

#[cfg(test)]
mod tests {
    use super::Names;

    #[test]
    fn names_are_found_wherever_they_stand() {
        let mut names = Names::default();
        names.bind("X_session_3_X", "s-1").expect("a good id");
        assert_eq!(names.to_real("a X_session_3_X.X_channel_4_X X_ X_a_X"), "a s-1.X_channel_4_X X_ X_a_X");
        assert!(names.is_open("X_channel_4_X") && !names.is_open("X_session_3_X") && !names.is_open("plain"));
        assert!(names.bind("X_session_5_X", "s-1").is_err(), "never reused");
    }
}

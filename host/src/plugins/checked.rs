//! What an adapter says, judged word by word: a native adapter is trusted to know these bounds, a component is not.

use interaction_core::cti::CallData;
use interaction_core::limits::{CALL_DATA_KEYS_MAX, CALL_DATA_VALUE_BYTES_MAX, ID_BYTES_MAX, PARTIES_MAX};
use interaction_core::time::Time;

use super::failure::Failure;
use super::limits::TEXT_BYTES_MAX;

/// 10000-01-01: what is later was counted in other units.
const LATEST_US: u64 = 253_402_300_800_000_000;

/// What is wrong with an answer.
pub(super) fn wrong<T>(what: &str, how: impl std::fmt::Display) -> Result<T, Failure> {
    Err(Failure::Invalid(format!("{what} {how}")))
}

/// An id: 1 to 128 bytes without control characters.
pub(super) fn id<T: From<String>>(what: &str, text: String) -> Result<T, Failure> {
    if text.is_empty() {
        return wrong(what, "is empty");
    }
    if text.len() > ID_BYTES_MAX {
        return wrong(what, format_args!("has {} bytes, and {ID_BYTES_MAX} are the most", text.len()));
    }
    if text.chars().any(char::is_control) {
        return wrong(what, "contains control characters");
    }
    Ok(text.into())
}

/// An id that may be missing.
pub(super) fn optional_id<T: From<String>>(what: &str, text: Option<String>) -> Result<Option<T>, Failure> {
    text.map(|text| id(what, text)).transpose()
}

/// Ids.
pub(super) fn ids<T: From<String>>(what: &str, texts: Vec<String>) -> Result<Vec<T>, Failure> {
    texts.into_iter().map(|text| id(what, text)).collect()
}

/// A text that is shown, which the engine has closer bounds for.
pub(super) fn text(what: &str, text: String) -> Result<Box<str>, Failure> {
    if text.len() > CALL_DATA_VALUE_BYTES_MAX {
        let most = CALL_DATA_VALUE_BYTES_MAX;
        return wrong(what, format_args!("has {} bytes, and {most} are the most", text.len()));
    }
    Ok(text.into())
}

/// A text that may be missing.
pub(super) fn optional_text(what: &str, value: Option<String>) -> Result<Option<Box<str>>, Failure> {
    value.map(|value| text(what, value)).transpose()
}

/// Words for people, which stand in the log: on one line, and no longer than anybody reads.
pub(super) fn words(mut text: String) -> Box<str> {
    if text.len() > TEXT_BYTES_MAX {
        text.truncate(text.floor_char_boundary(TEXT_BYTES_MAX));
    }
    if text.chars().any(char::is_control) {
        text = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    }
    text.into()
}

/// A moment.
pub(super) fn moment(what: &str, us: u64) -> Result<Time, Failure> {
    if us > LATEST_US {
        return wrong(what, format_args!("is {us}: microseconds since 1970 are wanted"));
    }
    Ok(Time::from_micros(us))
}

/// A moment that may be unknown.
pub(super) fn optional_moment(what: &str, us: Option<u64>) -> Result<Option<Time>, Failure> {
    us.map(|us| moment(what, us)).transpose()
}

/// Data of a call.
pub(super) fn data(pairs: Vec<(String, String)>) -> Result<CallData, Failure> {
    at_most("the data of a call", pairs.len(), CALL_DATA_KEYS_MAX)?;
    pairs.into_iter().map(|(key, value)| Ok((text("a key of call data", key)?, text("call data", value)?))).collect()
}

/// Who is on a leg.
pub(super) fn parties<T>(all: Vec<T>) -> Result<Vec<T>, Failure> {
    at_most("a leg's parties", all.len(), PARTIES_MAX)?;
    Ok(all)
}

/// As many as may be.
pub(super) fn at_most(what: &str, have: usize, most: usize) -> Result<(), Failure> {
    if have > most { wrong(what, format_args!("are {have}, and {most} are the most")) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use interaction_core::ids::AgentId;

    use super::{id, text, words};

    #[test]
    fn ids_are_short_and_plain() {
        assert!(id::<AgentId>("an agent's id", "1001".to_owned()).is_ok());
        for bad in [String::new(), "a\nb".to_owned(), "x".repeat(129)] {
            assert!(id::<AgentId>("an agent's id", bad).unwrap_err().to_string().contains("an agent's id"));
        }
        assert!(text("a name", "x".repeat(4_097)).is_err());
    }

    #[test]
    fn words_stand_on_one_line() {
        assert_eq!(&*words("away\r\nERROR forged".to_owned()), "away  ERROR forged");
        assert_eq!(words("ü".repeat(400)).len(), 512);
    }
}

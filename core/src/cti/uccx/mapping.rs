//! What the platform says, in the words of the vocabulary. Nothing here knows of connections.

mod agents;
mod calls;
mod causes;
mod data;
mod devices;
mod joins;
mod journeys;
mod records;
pub(super) mod refusals;
mod roster;
pub(super) mod states;
mod steps;
mod teams;

pub(super) use self::agents::Unheeded;
pub(super) use self::calls::{Calls, Target};
pub(super) use self::data::data_request;
pub(super) use self::devices::Directory;
pub(super) use self::journeys::Turn;
pub(super) use self::roster::Roster;
pub(super) use self::teams::RoleRules;

use super::codec::Text;
use crate::ids::AgentId;
use crate::limits::ID_BYTES_MAX;

/// The longest text kept of anything: the longest field of versions up to 17.
const TEXT_BYTES_MAX: usize = 255;

/// The words of a field, as people read them: control characters become spaces, what is too long is cut.
pub(super) fn words(text: Option<Text<'_>>) -> Box<str> {
    let Some(text) = text else { return "".into() };
    let lossy = text.to_str_lossy();
    let mut end = lossy.len().min(TEXT_BYTES_MAX);
    while !lossy.is_char_boundary(end) {
        end -= 1;
    }
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    lossy[..end].chars().map(plain).collect::<String>().trim().into()
}

/// A login id; nothing where the field holds none.
pub(super) fn login_id(text: Option<Text<'_>>) -> Option<AgentId> {
    let id = text?.as_str()?.trim();
    let fine = (1..=ID_BYTES_MAX).contains(&id.len()) && !id.chars().any(char::is_control);
    fine.then(|| AgentId::from(id))
}

/// A non-empty word of a field.
pub(super) fn word(text: Option<Text<'_>>) -> Option<Box<str>> {
    let word = words(text);
    (!word.is_empty()).then_some(word)
}

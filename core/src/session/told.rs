//! What a binding was told of an object's state and actions, so that only changes are told again.

use serde::{Deserialize, Serialize};

use super::actions::{Action, Actions, Facts, Kind, allowed, applies};
use crate::cti::Offers;
use crate::wire::write;

/// What was told last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Told {
    /// None before the first time.
    state: Option<Box<str>>,
    listed: Actions,
    enabled: Actions,
}

impl Told {
    /// Writes what `state.updated` tells as `data`: all actions the first time, then those that changed. False where there
    /// is nothing to tell.
    pub(crate) fn update(
        &mut self,
        kind: Kind,
        state: &str,
        facts: &Facts,
        offers: &Offers,
        out: &mut Vec<u8>,
    ) -> bool {
        let mut changed = self.state.as_deref() != Some(state);
        let before = (self.listed, self.enabled);
        (self.listed, self.enabled) = (Actions::default(), Actions::default());
        out.push(b'[');
        let mut is_first = true;
        for action in Action::ALL.iter().copied().filter(|action| action.kind() == kind) {
            let is_offered = action.is_offered(offers) && applies(action, facts);
            let is_enabled = is_offered && allowed(action, facts).is_ok();
            if is_offered {
                self.listed.insert(action);
            }
            if is_enabled {
                self.enabled.insert(action);
            }
            let is_news = match (before.0.contains(action), is_offered) {
                (false, offered) => offered,
                (true, _) => before.1.contains(action) != is_enabled,
            };
            if is_news {
                changed = true;
                out.extend_from_slice(if is_first { b"{" } else { b",{" });
                is_first = false;
                write::text_property(out, "name", action.name());
                out.extend_from_slice(if is_enabled { b",\"type\":\"enable\"}" } else { b",\"type\":\"disable\"}" });
            }
        }
        out.push(b']');
        if self.state.as_deref() != Some(state) {
            self.state = Some(state.into());
        }
        changed
    }
}

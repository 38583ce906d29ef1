//! What a binding was told of an object's state and actions, so that only changes are told again.

use serde::{Deserialize, Serialize};

use super::actions::{Actions, Facts, Kind, allowed, applies};
use crate::wire::write;

/// What was told last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Told {
    /// None before the first time.
    state: Option<Box<str>>,
    listed: Actions,
    enabled: Actions,
}

/// Actions whose standing a client is to hear of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct News {
    kind: Kind,
    of: Actions,
    enabled: Actions,
}

impl Told {
    /// What `state.updated` is to tell: all actions the first time, then those that changed. None where there is nothing to
    /// tell.
    pub(crate) fn update(&mut self, kind: Kind, state: &str, facts: &Facts, offered: Actions) -> Option<News> {
        let before = (self.listed, self.enabled);
        (self.listed, self.enabled) = (Actions::default(), Actions::default());
        let mut news = Actions::default();
        for action in kind.actions() {
            let is_offered = offered.contains(action) && applies(action, facts);
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
                news.insert(action);
            }
        }
        if self.state.as_deref() != Some(state) {
            self.state = Some(state.into());
        } else if news == Actions::default() {
            return None;
        }
        Some(News { of: news, enabled: self.enabled, kind })
    }
}

impl News {
    /// Appends them as the `data` of `state.updated`.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.push(b'[');
        let mut is_first = true;
        for action in self.kind.actions().filter(|action| self.of.contains(*action)) {
            out.extend_from_slice(if is_first { b"{" } else { b",{" });
            is_first = false;
            write::text_property(out, "name", action.name());
            let is_enabled = self.enabled.contains(action);
            out.extend_from_slice(if is_enabled { b",\"type\":\"enable\"}" } else { b",\"type\":\"disable\"}" });
        }
        out.push(b']');
    }
}

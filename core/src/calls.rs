//! Calls in progress: who is on each leg and what is known of it, so that a session finds a call that began without it.
//!
//! A session's objects are derived from here and from nowhere else. The cost of an event is one look-up of its leg, and one
//! for each agent who is on it.

mod apply;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::cti::{CallKind, Cause, Device, DeviceKind, LegState, Media, PartyRole, RecordingState};
use crate::ids::{AgentId, CallId};
use crate::map::Map;
use crate::time::Time;

/// Legs in progress, by id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Calls {
    legs: Map<CallId, Leg>,
    /// Second ids of legs, and the ids they are kept under.
    aliases: Map<CallId, CallId>,
    resyncing: bool,
    /// How often the data of any leg changed.
    #[serde(skip)]
    revisions: u64,
}

/// One leg.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Leg {
    pub(crate) media: Media,
    pub(crate) kind: CallKind,
    pub(crate) from: Box<str>,
    pub(crate) to: Box<str>,
    pub(crate) since: Time,
    /// The leg this one consults for.
    pub(crate) consults: Option<CallId>,
    pub(crate) parties: Vec<OnLeg>,
    pub(crate) data: BTreeMap<Box<str>, Box<str>>,
    /// Another one whenever its data, or its ends, may have changed: whoever saw them need not look at them again. Not
    /// written down; whoever is restored looks.
    #[serde(skip)]
    pub(crate) revision: u64,
    aliases: Vec<CallId>,
    heard: Time,
    /// A resynchronisation in progress has shown it.
    mentioned: bool,
}

/// One device on a leg.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct OnLeg {
    pub(crate) device: Device,
    pub(crate) role: PartyRole,
    pub(crate) state: LegState,
    pub(crate) recording: RecordingState,
}

/// What an event means to the agents it concerns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Touched {
    /// Those who asked to be told and are, or were until now, on the leg.
    pub(crate) agents: Vec<AgentId>,
    /// A leg goes by another id from here on, by its new name or because it became part of another leg: old, new.
    pub(crate) moved: Option<(CallId, CallId)>,
    /// Why a leg, or a device's part in it, ended.
    pub(crate) cause: Option<Cause>,
    /// A device left by it.
    pub(crate) has_left: bool,
}

impl Calls {
    pub(crate) fn new(seed: u64) -> Self {
        Self { legs: Map::new(seed), aliases: Map::new(seed), resyncing: false, revisions: 0 }
    }

    /// A leg, by any of its ids.
    pub(crate) fn leg(&self, call: &CallId) -> Option<&Leg> {
        self.legs.get(self.canonical(call))
    }

    /// The legs an agent has a part in, by id.
    pub(crate) fn of_agent(&self, agent: &str) -> Vec<CallId> {
        let is_on = |leg: &Leg| leg.own(agent).is_some();
        let mut legs: Vec<CallId> =
            self.legs.iter().filter(|(_, leg)| is_on(leg)).map(|(call, _)| call.clone()).collect();
        legs.sort_unstable();
        legs
    }

    /// Every agent's legs.
    pub(crate) fn by_agent(&self) -> BTreeMap<AgentId, Vec<CallId>> {
        let mut legs: BTreeMap<AgentId, Vec<CallId>> = BTreeMap::new();
        for (call, leg) in self.legs.iter() {
            for agent in leg.agents() {
                legs.entry(agent).or_default().push(call.clone());
            }
        }
        legs.values_mut().for_each(|legs| legs.sort_unstable());
        legs
    }

    /// A resynchronisation begins: what it does not show is over at its end.
    pub(crate) fn resync_begin(&mut self) {
        self.resyncing = true;
        for leg in self.legs.values_mut() {
            leg.mentioned = false;
        }
    }

    /// The whole truth was told.
    pub(crate) fn resync_end(&mut self) {
        if std::mem::take(&mut self.resyncing) {
            self.drop_where(|leg| !leg.mentioned);
        }
    }

    /// Forgets legs that nothing was heard of for so long. Their agents.
    pub(crate) fn sweep(&mut self, now: Time, silence: Duration) -> Vec<AgentId> {
        let silent = |leg: &Leg| now.since(leg.heard) >= silence;
        let mut agents: Vec<AgentId> = self.legs.values().filter(|leg| silent(leg)).flat_map(Leg::agents).collect();
        agents.sort_unstable();
        agents.dedup();
        self.drop_where(silent);
        agents
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.legs.is_empty()
    }

    /// The id a leg is kept under.
    pub(crate) fn canonical<'a>(&'a self, call: &'a CallId) -> &'a CallId {
        self.aliases.get(call).unwrap_or(call)
    }

    fn drop_where(&mut self, is_gone: impl Fn(&Leg) -> bool) {
        let gone: Vec<CallId> =
            self.legs.iter().filter(|(_, leg)| is_gone(leg)).map(|(call, _)| call.clone()).collect();
        for call in gone {
            self.remove(&call);
        }
    }

    fn remove(&mut self, call: &CallId) -> Option<Leg> {
        let leg = self.legs.swap_remove(call)?;
        for alias in &leg.aliases {
            self.aliases.swap_remove(alias);
        }
        Some(leg)
    }
}

impl Leg {
    /// The agent's part in it.
    pub(crate) fn own(&self, agent: &str) -> Option<&OnLeg> {
        self.parties.iter().find(|party| party.is_of(agent))
    }

    /// The people the agent speaks with, or would. Who listens unheard is not shown.
    pub(crate) fn others(&self, agent: &str) -> impl Iterator<Item = &OnLeg> {
        self.parties.iter().filter(move |party| {
            let is_person = matches!(party.device.kind, DeviceKind::Agent | DeviceKind::External);
            is_person && party.role != PartyRole::Listener && !party.is_of(agent)
        })
    }

    fn agents(&self) -> impl Iterator<Item = AgentId> {
        self.parties.iter().filter_map(|party| party.device.agent.clone())
    }
}

impl OnLeg {
    fn is_of(&self, agent: &str) -> bool {
        self.device.agent.as_ref().is_some_and(|own| own.as_str() == agent)
    }
}

//! Who is on which leg, as the platform tells it: what the objects of sessions are made of.

use std::collections::BTreeMap;
use std::time::Duration;

use interaction_core::cti::{
    CallData, CallEvent, CallRecord, Cause, Device, DeviceKind, LegState, Media, Party, PartyRole, RecordingState,
};
use interaction_core::time::Time;

/// CHOICE: a leg nothing was heard of for a day is over; that is looked for every hour while there are legs.
const SILENCE: Duration = Duration::from_secs(86_400);
pub(super) const LOOKED_FOR_EVERY: Duration = Duration::from_secs(3_600);

/// Every leg, by the id it goes by now.
#[derive(Clone, Debug, Default)]
pub(crate) struct Calls {
    legs: BTreeMap<String, Leg>,
    /// Ids a leg goes by besides.
    aliases: BTreeMap<String, String>,
    is_resyncing: bool,
}

/// One leg.
#[derive(Clone, Debug)]
pub(crate) struct Leg {
    pub(crate) media: Media,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) since: Time,
    /// The leg it consults for.
    pub(crate) consults: Option<String>,
    pub(crate) parties: Vec<OnLeg>,
    pub(crate) data: BTreeMap<String, String>,
    heard: Time,
    is_mentioned: bool,
}

/// A device on a leg.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OnLeg {
    pub(crate) device: Device,
    pub(crate) role: PartyRole,
    pub(crate) state: LegState,
    pub(crate) recording: RecordingState,
}

/// What an event came to.
#[derive(Clone, Debug, Default)]
pub(super) struct Touched {
    /// Agents who were on the leg, or are.
    pub(super) agents: Vec<String>,
    /// A leg goes by another id: the old and the new.
    pub(super) moved: Option<(String, String)>,
    /// Why something ended.
    pub(super) cause: Option<Cause>,
    /// A device left.
    pub(super) has_left: bool,
}

impl Leg {
    /// An agent's part in it.
    pub(crate) fn own(&self, agent: &str) -> Option<&OnLeg> {
        self.parties.iter().find(|party| party.is_of(agent))
    }

    /// Whom the agent speaks with. CHOICE: who listens unheard is not shown, nor are triggers and ports.
    pub(crate) fn others(&self, agent: &str) -> Vec<&OnLeg> {
        let is_person = |one: &&OnLeg| matches!(one.device.kind, DeviceKind::Agent | DeviceKind::External);
        let shown = self.parties.iter().filter(is_person);
        shown.filter(|one| one.role != PartyRole::Listener && !one.is_of(agent)).collect()
    }

    /// The data clients see: `ani` and `dnis` are who called and what, unless the platform says so itself.
    pub(crate) fn tree(&self) -> BTreeMap<String, String> {
        let mut tree = self.data.clone();
        for (key, value) in [("ani", &self.from), ("dnis", &self.to)] {
            if !value.is_empty() {
                tree.entry(key.to_owned()).or_insert_with(|| value.clone());
            }
        }
        tree
    }

    fn put(&mut self, data: &CallData) {
        for (key, value) in data {
            if value.is_empty() {
                self.data.remove(&**key);
            } else {
                self.data.insert(key.to_string(), value.to_string());
            }
        }
    }

    /// These are on the leg and nobody else; a recording goes on.
    fn stand(&mut self, parties: Vec<&Party>) {
        let before = std::mem::take(&mut self.parties);
        for party in parties {
            let is_same = |other: &&OnLeg| other.device.id == party.device.id;
            if self.parties.iter().any(|other| is_same(&other)) {
                continue;
            }
            let recording = before.iter().find(is_same).map_or(RecordingState::Stopped, |before| before.recording);
            let (device, role, state) = (party.device.clone(), party.role, party.state);
            self.parties.push(OnLeg { device, role, state, recording });
        }
    }
}

impl OnLeg {
    fn is_of(&self, agent: &str) -> bool {
        self.device.agent.as_ref().is_some_and(|own| own.as_str() == agent)
    }
}

impl Calls {
    /// The id a leg goes by now.
    pub(crate) fn id_of(&self, call: &str) -> String {
        self.aliases.get(call).map_or(call, String::as_str).to_owned()
    }

    /// A leg, by any of its ids.
    pub(crate) fn leg(&self, call: &str) -> Option<&Leg> {
        self.legs.get(&self.id_of(call))
    }

    /// The legs an agent is on, by id.
    pub(crate) fn of_agent(&self, agent: &str) -> Vec<String> {
        self.legs.iter().filter(|(_, leg)| leg.own(agent).is_some()).map(|(id, _)| id.clone()).collect()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.legs.is_empty()
    }

    /// Legs that are known now, by id.
    pub(crate) fn known(&self) -> impl Iterator<Item = (&String, &Leg)> {
        self.legs.iter()
    }

    pub(super) fn resync_begin(&mut self) {
        self.is_resyncing = true;
        self.legs.values_mut().for_each(|leg| leg.is_mentioned = false);
    }

    pub(super) fn resync_end(&mut self) {
        if std::mem::take(&mut self.is_resyncing) {
            self.drop_where(|leg| !leg.is_mentioned);
        }
    }

    /// Forgets the legs that were silent for too long: whose they were.
    pub(super) fn sweep(&mut self, now: Time) -> Vec<String> {
        let is_silent = |leg: &Leg| now.since(leg.heard) >= SILENCE;
        let silent = self.legs.values().filter(|leg| is_silent(leg)).flat_map(|leg| &leg.parties);
        let mut agents: Vec<String> =
            silent.filter_map(|party| party.device.agent.as_ref()).map(ToString::to_string).collect();
        agents.sort();
        agents.dedup();
        self.drop_where(is_silent);
        agents
    }

    fn drop_where(&mut self, is_gone: impl Fn(&Leg) -> bool) {
        let gone = self.legs.iter().filter(|(_, leg)| is_gone(leg)).map(|(id, _)| id.clone());
        for id in gone.collect::<Vec<_>>() {
            self.remove(&id);
        }
    }

    fn remove(&mut self, call: &str) -> Option<Leg> {
        self.aliases.retain(|_, of| of != call);
        self.legs.remove(call)
    }

    fn open(&mut self, now: Time, call: &str) -> &mut Leg {
        let leg = self.legs.entry(call.to_owned()).or_insert_with(|| Leg {
            media: Media::Voice,
            from: String::new(),
            to: String::new(),
            since: now,
            consults: None,
            parties: Vec::new(),
            data: BTreeMap::new(),
            heard: now,
            is_mentioned: true,
        });
        (leg.heard, leg.is_mentioned) = (now, true);
        leg
    }

    /// Something was heard of a leg that is known.
    fn hear(&mut self, now: Time, call: &str) -> Option<&mut Leg> {
        let leg = self.legs.get_mut(call)?;
        (leg.heard, leg.is_mentioned) = (now, true);
        Some(leg)
    }

    /// A device does this on a leg.
    fn at(&mut self, now: Time, call: &str, device: &Device, state: LegState) {
        // Calls wait in a queue, nobody speaks there.
        if device.kind == DeviceKind::Queue {
            self.hear(now, call);
            return;
        }
        let leg = self.open(now, call);
        match leg.parties.iter_mut().find(|party| party.device.id == device.id) {
            None => leg.parties.push(OnLeg {
                device: device.clone(),
                role: PartyRole::Party,
                state,
                recording: RecordingState::Stopped,
            }),
            Some(party) => {
                // Platforms promise no order: that a phone rang may be told after it was answered.
                let is_late = matches!(state, LegState::Ringing | LegState::Dialing);
                if !(is_late && matches!(party.state, LegState::Connected | LegState::Held)) {
                    party.state = state;
                }
                if device.agent.is_some() {
                    party.device.agent.clone_from(&device.agent);
                }
            }
        }
    }

    fn alias(&mut self, alias: &str, call: &str) {
        if self.legs.contains_key(call) {
            self.aliases.entry(alias.to_owned()).or_insert_with(|| call.to_owned());
        }
    }

    fn agents_on(&self, call: &str, agents: &mut Vec<String>) {
        let parties = self.legs.get(call).into_iter().flat_map(|leg| &leg.parties);
        for agent in parties.filter_map(|party| party.device.agent.as_ref()) {
            if !agents.iter().any(|known| known == agent.as_str()) {
                agents.push(agent.to_string());
            }
        }
    }

    /// Something happens to a leg; `queue` says a queue's name.
    pub(super) fn happens(&mut self, now: Time, event: &CallEvent, queue: impl Fn(&str) -> Option<String>) -> Touched {
        let call = self.id_of(event.call().as_str());
        let mut touched = Touched::default();
        self.agents_on(&call, &mut touched.agents);
        match event {
            CallEvent::Began { media, from, to, consults, data, .. } => {
                let consults = consults.as_ref().map(|call| self.id_of(call.as_str()));
                let leg = self.open(now, &call);
                (leg.media, leg.from, leg.to, leg.consults) = (*media, from.to_string(), to.to_string(), consults);
                leg.put(data);
            }
            CallEvent::Seen(record) => self.seen(now, &call, record, queue),
            CallEvent::Dialing { device, .. } => self.at(now, &call, device, LegState::Dialing),
            CallEvent::Ringing { device, queue: brought_by, alias, .. } => {
                self.at(now, &call, device, LegState::Ringing);
                if let Some(alias) = alias.as_ref().filter(|alias| alias.as_str() != call) {
                    self.alias(alias.as_str(), &call);
                }
                let name = brought_by.as_ref().and_then(|id| queue(id.as_str()));
                if let (Some(leg), Some(name)) = (self.legs.get_mut(&call), name) {
                    leg.data.insert("queue".to_owned(), name);
                }
            }
            CallEvent::Connected { device, role, .. } => {
                self.at(now, &call, device, LegState::Connected);
                let parties = self.legs.get_mut(&call).map(|leg| &mut leg.parties);
                for party in parties.into_iter().flatten() {
                    if party.device.id == device.id {
                        party.role = *role;
                    }
                    // Somebody answered: whoever dialled is connected.
                    if *role == PartyRole::Party && party.state == LegState::Dialing {
                        party.state = LegState::Connected;
                    }
                }
            }
            CallEvent::Held { device, .. } => self.at(now, &call, device, LegState::Held),
            CallEvent::Retrieved { device, .. } => self.at(now, &call, device, LegState::Connected),
            CallEvent::Queued { .. } | CallEvent::Dequeued { .. } => {
                self.hear(now, &call);
            }
            CallEvent::Diverted { device, cause, .. }
            | CallEvent::Left { device, cause, .. }
            | CallEvent::Failed { device, cause, .. } => {
                if let Some(leg) = self.hear(now, &call) {
                    leg.parties.retain(|party| party.device.id != device.id);
                }
                (touched.cause, touched.has_left) = (Some(*cause), true);
            }
            CallEvent::Transferred { absorbed, parties, .. } | CallEvent::Conferenced { absorbed, parties, .. } => {
                let absorbed = self.id_of(absorbed.as_str());
                self.agents_on(&absorbed, &mut touched.agents);
                touched.moved = Some((absorbed.clone(), call.clone()));
                touched.cause = Some(Cause::Transferred);
                let gone = self.remove(&absorbed);
                let leg = self.open(now, &call);
                leg.parties.extend(gone.map(|gone| gone.parties).unwrap_or_default());
                leg.consults = leg.consults.take().filter(|other| *other != absorbed);
                leg.stand(parties.iter().collect());
            }
            CallEvent::Renamed { new, .. } => {
                touched.moved = Some((call.clone(), new.to_string()));
                let new = self.id_of(new.as_str());
                if call != new
                    && let Some(mut leg) = self.legs.remove(&call)
                {
                    (leg.heard, leg.is_mentioned) = (now, true);
                    self.aliases.values_mut().filter(|of| **of == call).for_each(|of| of.clone_from(&new));
                    self.legs.insert(new.clone(), leg);
                    self.alias(&call, &new);
                }
                self.agents_on(&new, &mut touched.agents);
                return touched;
            }
            CallEvent::Data { data, .. } => {
                if let Some(leg) = self.hear(now, &call) {
                    leg.put(data);
                }
            }
            CallEvent::Recording { device, state, .. } => {
                let parties = self.hear(now, &call).map(|leg| &mut leg.parties);
                let own = parties.into_iter().flatten().find(|party| party.device.id == device.id);
                if let Some(own) = own {
                    own.recording = *state;
                }
            }
            CallEvent::Ended { cause, .. } => {
                self.remove(&call);
                touched.cause = Some(*cause);
            }
        }
        self.agents_on(&call, &mut touched.agents);
        touched
    }

    fn seen(&mut self, now: Time, call: &str, record: &CallRecord, queue: impl Fn(&str) -> Option<String>) {
        let consults = record.consults.as_ref().map(|call| self.id_of(call.as_str()));
        let leg = self.open(now, call);
        (leg.media, leg.from, leg.to) = (record.media, record.from.to_string(), record.to.to_string());
        leg.consults = consults;
        leg.since = record.since.unwrap_or(leg.since).min(now);
        let is_on = |party: &&Party| party.call == record.call || party.call.as_str() == call;
        leg.stand(record.parties.iter().filter(is_on).collect());
        leg.data.clear();
        leg.put(&record.data);
        if let Some(name) = record.queues.first().and_then(|id| queue(id.as_str())) {
            leg.data.entry("queue".to_owned()).or_insert(name);
        }
    }
}

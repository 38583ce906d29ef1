//! Queue status: who waits where, who serves what, how the day went.

mod watchers;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use interaction_core::cti::{AgentState, CallEvent, Cause, Device, DeviceKind, Event, PartyRole, Server, Serves};
use interaction_core::report::queuestatus::day_begin;
use interaction_core::time::Time;
use serde_json::{Value, json};

use crate::model::people::People;

const DAY: Duration = Duration::from_secs(86_400);

/// Queues by id, each as an event shows it.
pub(crate) type Shown = BTreeMap<String, Value>;

/// Everything known of queues, and who watches them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Queues {
    /// By link and watched agent: what the watcher knows, snapshot and events taken together.
    pub(crate) watching: BTreeMap<(u64, String), Shown>,
    book: Book,
    /// What the resynchronisation under way has told so far.
    staged: Option<Book>,
    /// How queues looked when the platform went away, or began to tell everything again.
    frozen: Shown,
    contacts: Vec<Contact>,
    days: BTreeMap<String, Day>,
    day: Time,
    /// Nothing can have happened unseen since the last resynchronisation.
    has_seen_all: bool,
}

/// What is told of queues: their names, and who serves which.
#[derive(Clone, Debug, Default)]
struct Book {
    names: BTreeMap<String, String>,
    by_agent: BTreeMap<String, BTreeSet<String>>,
    by_team: BTreeMap<String, BTreeSet<String>>,
}

/// How the day of a queue went.
#[derive(Clone, Debug, Default)]
struct Day {
    answered: u64,
    abandoned: u64,
    is_partial: bool,
}

/// Somebody who came to a queue and is not answered.
#[derive(Clone, Debug)]
struct Contact {
    /// Every id it goes by.
    calls: Vec<String>,
    waits: Vec<Wait>,
    /// The device it rings at, and the queue the platform says it comes from.
    offered: Option<(String, Option<String>)>,
    is_mentioned: bool,
}

#[derive(Clone, Debug)]
struct Wait {
    queue: String,
    since: Time,
    /// It waits there now; or did, and would go on since then.
    is_inside: bool,
}

impl Book {
    fn take(&mut self, event: &Event) {
        match event {
            Event::Queue(queue) => {
                self.names.insert(queue.id.to_string(), queue.name.to_string());
            }
            Event::QueueRemoved { queue } => {
                self.names.remove(queue.as_str());
            }
            Event::AgentRemoved { agent } => {
                self.by_agent.remove(agent.as_str());
            }
            Event::TeamRemoved { team } => {
                self.by_team.remove(team.as_str());
            }
            Event::Serves(Serves { who, queues }) => {
                let queues = queues.iter().map(ToString::to_string).collect();
                match who {
                    Server::Agent(agent) => self.by_agent.insert(agent.to_string(), queues),
                    Server::Team(team) => self.by_team.insert(team.to_string(), queues),
                };
            }
            _ => {}
        }
    }

    fn is_served(&self, queue: &str) -> bool {
        self.by_agent.values().chain(self.by_team.values()).any(|queues| queues.contains(queue))
    }

    /// Those an agent's teams serve; a supervisor sees those nobody serves too.
    fn visible(&self, people: &People, agent: &str) -> BTreeSet<String> {
        let mut seen = BTreeSet::new();
        for (team, shown) in people.view(agent) {
            seen.extend(self.by_team.get(&team).into_iter().flatten().cloned());
            seen.extend(shown.members.keys().filter_map(|member| self.by_agent.get(member)).flatten().cloned());
        }
        if people.is_supervisor(agent) {
            seen.extend(self.names.keys().filter(|queue| !self.is_served(queue)).cloned());
        }
        seen.retain(|queue| self.names.contains_key(queue));
        seen
    }
}

impl Contact {
    /// The queue it is answered for, where the platform names none: where it waits, where the agent serves, where it came first.
    fn served(&self, agent: Option<&str>, book: &Book) -> Option<String> {
        let serves = |wait: &Wait| {
            let own = agent.and_then(|agent| book.by_agent.get(agent));
            own.is_some_and(|queues| queues.contains(&wait.queue))
        };
        let first = self.waits.iter().min_by_key(|wait| (!wait.is_inside, !serves(wait), wait.since));
        first.map(|wait| wait.queue.clone())
    }
}

impl Queues {
    /// A record of who and what there is: part of the truth being told, or a change.
    fn take(&mut self, event: &Event) {
        if let Some(staged) = &mut self.staged {
            staged.take(event);
            return;
        }
        self.book.take(event);
        if let Event::QueueRemoved { queue } = event {
            self.forget(queue.as_str());
        }
    }

    fn forget(&mut self, queue: &str) {
        self.days.remove(queue);
        self.contacts.iter_mut().for_each(|contact| contact.waits.retain(|wait| wait.queue != queue));
    }

    fn resync_end(&mut self, truth: Book) {
        let gone: Vec<String> = self.book.names.keys().filter(|id| !truth.names.contains_key(*id)).cloned().collect();
        gone.iter().for_each(|queue| self.forget(queue));
        self.book = truth;
        for queue in self.book.names.keys() {
            self.days.entry(queue.clone()).or_default().is_partial |= !self.has_seen_all;
        }
        // What became of whom nobody mentioned was not seen.
        for lost in self.contacts.extract_if(.., |contact| !contact.is_mentioned) {
            for wait in lost.waits.iter().filter(|wait| self.book.names.contains_key(&wait.queue)) {
                self.days.entry(wait.queue.clone()).or_default().is_partial = true;
            }
        }
        self.has_seen_all = true;
    }

    /// A new day begins when it is time.
    fn roll(&mut self, now: Time, day_starts_min: u32) {
        if now < self.day + DAY {
            return;
        }
        self.day = day_begin(now, day_starts_min);
        self.days.clear();
        self.contacts.retain(|contact| contact.waits.iter().any(|wait| wait.since + DAY > now));
    }

    fn count(&mut self, queue: Option<String>, count: impl FnOnce(&mut Day)) {
        if let Some(queue) = queue.filter(|queue| self.book.names.contains_key(queue)) {
            count(self.days.entry(queue).or_default());
        }
    }

    fn call(&mut self, now: Time, event: &CallEvent) {
        let call = event.call().as_str();
        let place = self.place_of(call);
        match (event, place) {
            (CallEvent::Queued { queues, .. }, place) if place.is_some() || !queues.is_empty() => {
                let place = place.unwrap_or_else(|| {
                    let (calls, waits) = (vec![call.to_owned()], Vec::new());
                    self.contacts.push(Contact { calls, waits, offered: None, is_mentioned: true });
                    self.contacts.len() - 1
                });
                let contact = &mut self.contacts[place];
                (contact.is_mentioned, contact.offered) = (true, None);
                for queue in queues {
                    match contact.waits.iter_mut().find(|wait| wait.queue == queue.as_str()) {
                        Some(wait) => wait.is_inside = true,
                        None => contact.waits.push(Wait { queue: queue.to_string(), since: now, is_inside: true }),
                    }
                }
            }
            (CallEvent::Dequeued { queues, .. }, Some(place)) => {
                let named = |wait: &&mut Wait| queues.is_empty() || queues.iter().any(|own| own.as_str() == wait.queue);
                self.contacts[place].waits.iter_mut().filter(named).for_each(|wait| wait.is_inside = false);
            }
            (CallEvent::Ringing { device, queue, alias, .. }, Some(place)) => {
                if device.kind == DeviceKind::Agent {
                    let queue = queue.as_ref().map(ToString::to_string);
                    self.contacts[place].offered = Some((device.id.to_string(), queue));
                }
                if let Some(alias) = alias {
                    self.also(place, alias.as_str());
                }
            }
            (CallEvent::Diverted { device, .. } | CallEvent::Left { device, .. }, Some(place))
                if device.kind == DeviceKind::Queue =>
            {
                self.contacts[place].waits.iter_mut().for_each(|wait| wait.is_inside = false);
            }
            (
                CallEvent::Diverted { device, .. } | CallEvent::Left { device, .. } | CallEvent::Failed { device, .. },
                Some(place),
            ) => {
                let contact = &mut self.contacts[place];
                let is_offered = contact.offered.as_ref().is_some_and(|(at, _)| *at == *device.id);
                if is_offered && matches!(device.kind, DeviceKind::Agent | DeviceKind::External) {
                    contact.offered = None;
                }
            }
            (CallEvent::Connected { device, role: PartyRole::Party, .. }, Some(place))
                if device.kind == DeviceKind::Agent =>
            {
                let contact = self.contacts.remove(place);
                let answered = self.answered_for(&contact, device);
                self.count(answered, |day| day.answered += 1);
            }
            (CallEvent::Transferred { absorbed, .. } | CallEvent::Conferenced { absorbed, .. }, _) => {
                self.join(call, absorbed.as_str());
            }
            (CallEvent::Renamed { new, .. }, place) => match (place, self.place_of(new.as_str())) {
                (Some(place), None) => self.also(place, new.as_str()),
                (None, Some(place)) => self.also(place, call),
                (Some(_), Some(_)) => self.join(new.as_str(), call),
                (None, None) => {}
            },
            (CallEvent::Ended { cause, .. }, Some(place)) => {
                let contact = self.contacts.remove(place);
                if matches!(cause, Cause::Abandoned | Cause::Normal | Cause::Other) {
                    self.abandoned(&contact);
                }
            }
            _ => {}
        }
    }

    fn place_of(&self, call: &str) -> Option<usize> {
        self.contacts.iter().position(|contact| contact.calls.iter().any(|own| own == call))
    }

    /// A further id of a contact, unless it is another's.
    fn also(&mut self, place: usize, call: &str) {
        if self.place_of(call).is_none() {
            self.contacts[place].calls.push(call.to_owned());
        }
    }

    /// `absorbed` goes on as `call`: where it waits it goes on waiting since it came there.
    fn join(&mut self, call: &str, absorbed: &str) {
        match (self.place_of(call), self.place_of(absorbed)) {
            (_, None) => {}
            (None, Some(place)) => self.also(place, call),
            (Some(into), Some(place)) if into == place => {}
            (Some(_), Some(place)) => {
                let gone = self.contacts.remove(place);
                let Some(into) = self.place_of(call).map(|into| &mut self.contacts[into]) else { return };
                for wait in gone.waits.into_iter().filter(|wait| wait.is_inside) {
                    (into.offered, into.is_mentioned) = (None, true);
                    match into.waits.iter_mut().find(|own| own.queue == wait.queue) {
                        Some(own) => own.is_inside = true,
                        None => into.waits.push(wait),
                    }
                }
                into.calls.extend(gone.calls);
            }
        }
    }

    fn answered_for(&self, contact: &Contact, device: &Device) -> Option<String> {
        let named = contact.offered.as_ref().filter(|(at, _)| *at == *device.id).and_then(|(_, queue)| queue.clone());
        named.or_else(|| contact.served(device.agent.as_ref().map(interaction_core::ids::AgentId::as_str), &self.book))
    }

    /// One who waits in several queues gave up in each; one who rings gave up in the queue it came from.
    fn abandoned(&mut self, contact: &Contact) {
        let inside: Vec<&Wait> = contact.waits.iter().filter(|wait| wait.is_inside).collect();
        if inside.is_empty() {
            let offered = contact.offered.clone();
            let queue = offered.and_then(|(_, queue)| queue.or_else(|| contact.served(None, &self.book)));
            return self.count(queue, |day| day.abandoned += 1);
        }
        for wait in inside {
            self.count(Some(wait.queue.clone()), |day| day.abandoned += 1);
        }
    }

    /// Every queue as it is.
    fn all(&self, people: &People) -> Shown {
        self.book.names.iter().map(|(id, name)| (id.clone(), self.in_full(people, id, name))).collect()
    }

    fn in_full(&self, people: &People, id: &str, name: &str) -> Value {
        let waits = self.contacts.iter().flat_map(|contact| &contact.waits);
        let waits: Vec<Time> = waits.filter(|wait| wait.is_inside && wait.queue == id).map(|wait| wait.since).collect();
        let mut shown = json!({"queueId": id, "queueName": name, "waiting": waits.len()});
        if let Some(since) = waits.iter().min() {
            shown["longestWaitSince"] = since.as_millis().into();
        }
        let serving = self.book.by_agent.iter().filter(|(_, queues)| queues.contains(id));
        let does: Vec<AgentState> =
            serving.map(|(agent, _)| people.state_of(agent).unwrap_or(AgentState::LoggedOut)).collect();
        if !does.is_empty() {
            let count = |state| does.iter().filter(|does| **does == state).count();
            shown["agents"] = json!({
                "loggedout": count(AgentState::LoggedOut), "notready": count(AgentState::NotReady),
                "ready": count(AgentState::Ready), "reserved": count(AgentState::Reserved),
                "talking": count(AgentState::Talking), "hold": count(AgentState::Hold),
                "work": count(AgentState::Work),
            });
        }
        let day = self.days.get(id).cloned().unwrap_or_default();
        shown["today"] = json!({"since": self.day.as_millis(), "answered": day.answered, "abandoned": day.abandoned});
        if day.is_partial {
            shown["today"]["partial"] = true.into();
        }
        shown
    }
}

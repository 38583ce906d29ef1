//! Queue status: who waits where, who serves what, how the day went.
//!
//! Contacts that are joined into others or get further ids are not modelled: worlds whose platform tells of such do not ask
//! how queues are.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use interaction_core::cti::{AgentState, CallEvent, Cause, Device, DeviceKind, Event, Server, Serves};
use interaction_core::report::queuestatus::day_begin;
use interaction_core::time::Time;
use serde_json::{Value, json};

use super::super::people::People;
use super::super::requests::Asked;
use super::super::{Deadline, Fault, Model};

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
    /// Something may have happened unseen since the last resynchronisation.
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
    call: String,
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
        let place = self.contacts.iter().position(|contact| contact.call == call);
        match (event, place) {
            (CallEvent::Queued { queues, .. }, place) if place.is_some() || !queues.is_empty() => {
                let place = place.unwrap_or_else(|| {
                    let (call, waits) = (call.to_owned(), Vec::new());
                    self.contacts.push(Contact { call, waits, offered: None, is_mentioned: true });
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
            (CallEvent::Ringing { device, queue, .. }, Some(place)) if device.kind == DeviceKind::Agent => {
                self.contacts[place].offered = Some((device.id.to_string(), queue.as_ref().map(ToString::to_string)));
            }
            (CallEvent::Diverted { device, .. } | CallEvent::Left { device, .. }, Some(place)) => {
                let contact = &mut self.contacts[place];
                let is_offered = contact.offered.as_ref().is_some_and(|(at, _)| *at == *device.id);
                if is_offered && matches!(device.kind, DeviceKind::Agent | DeviceKind::External) {
                    contact.offered = None;
                }
            }
            (CallEvent::Connected { device, .. }, Some(place)) if device.kind == DeviceKind::Agent => {
                let contact = self.contacts.remove(place);
                let answered = self.answered_for(&contact, device);
                self.count(answered, |day| day.answered += 1);
            }
            (CallEvent::Ended { cause, .. }, Some(place)) => {
                let contact = self.contacts.remove(place);
                if matches!(cause, Cause::Abandoned | Cause::Normal | Cause::Other) {
                    self.abandoned(&contact);
                }
            }
            _ => {}
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

impl Model {
    /// A record that may be about queues. `is_taken`: it was, where records of people are.
    pub(in crate::model) fn queue_record(&mut self, event: &Event) {
        if self.staged.is_none() && self.frozen {
            return;
        }
        let people = self.staged.as_ref().unwrap_or(&self.people);
        let is_known = match event {
            Event::Serves(Serves { who: Server::Agent(agent), .. }) => people.knows(agent.as_str()),
            Event::Serves(Serves { who: Server::Team(team), .. }) => people.team_name(team.as_str()).is_some(),
            _ => true,
        };
        if is_known {
            self.reports.queues.take(event);
        }
    }

    pub(in crate::model) fn queues_call(&mut self, event: &CallEvent) {
        self.reports.queues.call(self.now, event);
    }

    /// What watchers know stays as it is until the platform is in service again.
    pub(in crate::model) fn queues_freeze(&mut self, was_in_service: bool, is_resync: bool) {
        if was_in_service {
            self.reports.queues.frozen = self.reports.queues.all(&self.people);
        }
        let queues = &mut self.reports.queues;
        queues.staged = is_resync.then(Book::default);
        if is_resync {
            queues.contacts.iter_mut().for_each(|contact| contact.is_mentioned = false);
        } else {
            queues.has_seen_all = false;
        }
    }

    pub(in crate::model) fn queues_resync_end(&mut self) {
        if let Some(truth) = self.reports.queues.staged.take() {
            self.reports.queues.resync_end(truth);
        }
    }

    pub(in crate::model) fn roll_day(&mut self) {
        let starts = self.config.day_starts_min;
        self.reports.queues.roll(self.now, starts);
    }

    /// The day turns by itself only where somebody watches.
    pub(in crate::model) fn arm_day(&mut self) {
        let queues = &self.reports.queues;
        if queues.watching.is_empty() || queues.book.names.is_empty() {
            self.deadlines.remove(&Deadline::Day);
        } else {
            self.deadlines.insert(Deadline::Day, queues.day + DAY);
        }
    }

    fn queues_of(&self, agent: &str) -> Shown {
        let queues = &self.reports.queues;
        let all = if self.platform.is_in_service() { queues.all(&self.people) } else { queues.frozen.clone() };
        let seen = queues.book.visible(&self.people, agent);
        all.into_iter().filter(|(id, _)| seen.contains(id)).collect()
    }

    /// Every watcher is told the differences: removed queues, then added, then changed ones, each by id.
    pub(in crate::model) fn tell_queue_watchers(&mut self) {
        if !self.platform.is_in_service() {
            return;
        }
        let mut told = Vec::new();
        for (link, agent) in self.reports.queues.watching.keys().cloned().collect::<Vec<_>>() {
            let after = self.queues_of(&agent);
            let before = self.reports.queues.watching.insert((link, agent.clone()), after.clone()).unwrap_or_default();
            for (id, then) in before.iter().filter(|(id, _)| !after.contains_key(*id)) {
                let named = json!({"queueId": id, "queueName": then["queueName"]});
                told.push((0, id.clone(), agent.clone(), link, named));
            }
            for (id, now) in after.iter().filter(|(id, now)| before.get(*id) != Some(now)) {
                let order = if before.contains_key(id) { 2 } else { 1 };
                told.push((order, id.clone(), agent.clone(), link, now.clone()));
            }
        }
        told.sort_by(|a, b| (a.0, &a.1, &a.2, a.3).cmp(&(b.0, &b.1, &b.2, b.3)));
        for (order, _, agent, link, queue) in told {
            let kind = ["queueremoved", "queueadded", "queuechanged"][order];
            self.tell_of_queue(link, kind, &agent, &queue);
        }
    }

    fn tell_of_queue(&mut self, link: u64, kind: &str, agent: &str, queue: &Value) {
        let body = self.report_event(&format!("report.queuestatus.{kind}"), json!({"agentId": agent, "queue": queue}));
        self.tell(link, body);
    }

    pub(super) fn begin_watching_queues(&mut self, asked: &Asked) -> Result<(), Fault> {
        let agent = super::agent_id(asked)?;
        let link = asked.link;
        if !self.may_watch(link, &agent) {
            return Err(Fault::new("access.denied"));
        }
        self.require_started()?;
        // CHOICE: where nobody watched, the day may have turned unnoticed, and turns now.
        self.roll_day();
        self.tell_queue_watchers();
        let key = (link, agent.clone());
        self.may_begin(&agent, link, self.reports.queues.watching.keys().map(|key| (key.0, &*key.1)))?;
        self.succeed(asked, Some(json!({})));
        let shown = self.queues_of(&agent);
        for queue in shown.values() {
            self.tell_of_queue(link, "queueadded", &agent, queue);
        }
        self.reports.queues.watching.insert(key, shown);
        Ok(())
    }

    pub(super) fn end_watching_queues(&mut self, asked: &Asked) -> Result<(), Fault> {
        let agent = super::agent_id(asked)?;
        self.reports.queues.watching.remove(&(asked.link, agent));
        self.succeed(asked, Some(json!({})));
        Ok(())
    }
}

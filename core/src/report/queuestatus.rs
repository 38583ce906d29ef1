//! What every queue looks like now and how its day went, told to supervisors: a snapshot when a subscription begins, then
//! every difference.
//!
//! ```text
//! platform ──Event──► QueueStatus::apply, ::call ──► shown views ──publish──► subscribers
//! ```
//!
//! INVARIANT: for every subscription, its snapshot plus its events equals what is shown of the queues its agent sees, at
//! every moment; and what is shown is the truth whenever the platform is in service.
//!
//! *Who sees which queue.* An agent sees the queues its teams serve: those a team of it is responsible for, and those any
//! member of such a team takes contacts of. A queue nobody is known to serve is seen by everybody who supervises a team, so
//! that a platform that tells nothing about it hides nothing, and a queue without agents is noticed.
//!
//! *A day* begins at a configured time. What is counted since then is partial where the processor did not see all of it: it
//! joined later, or the platform was away meanwhile.
//!
//! *Platform away*: nothing is told; the differences are, when it has been read again.

mod book;
mod day;
mod publication;
mod tail;
mod view;
mod waits;
mod watch;

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use self::book::Book;
use self::view::Queue;
use self::waits::{Told, Waits};
use self::watch::{Review, Watch};
use crate::cti::{CallEvent, Event, Server};
use crate::ids::{AgentId, LinkId, QueueId};
use crate::map::Map;
use crate::report::roster::{Delta, Refusal, Roster};
use crate::time::Time;

pub use self::day::day_begin;
pub use self::watch::Beginning;

/// Takes what subscribers are sent.
pub trait QueueSink {
    /// One event for every link that watches the agent. `tail` is everything that follows the agent id's comma in the message, `"queue":` to
    /// the last brace, and is shared by all subscribers of the change.
    fn event(&mut self, to: &[LinkId], event: QueueEvent, agent: &AgentId, tail: &Arc<[u8]>);
}

/// The events of queue status, in the order in which one input raises them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum QueueEvent {
    /// The agent does not see the queue any more, or it is gone.
    Removed,
    /// The agent sees a queue it did not see before.
    Added,
    /// Something of the queue changed.
    Changed,
}

impl QueueEvent {
    /// Every event, in declaration order.
    pub const ALL: [Self; 3] = [Self::Removed, Self::Added, Self::Changed];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Removed => "report.queuestatus.queueremoved",
            Self::Added => "report.queuestatus.queueadded",
            Self::Changed => "report.queuestatus.queuechanged",
        }
    }
}

/// Every queue and every subscription.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct QueueStatus {
    seed: u64,
    book: Book,
    /// What a resynchronisation under way has told so far.
    staging: Option<Box<Book>>,
    queues: Map<QueueId, Queue>,
    waits: Waits,
    watch: Watch,
    /// When the present day began.
    day: Time,
    /// Whether the platform tells everything as it happens; only then anything is told to subscribers.
    in_service: bool,
    /// Whether something may have happened unseen since the last resynchronisation ended.
    missed: bool,
    /// Queues that may look different by now, each once.
    touched: Vec<QueueId>,
    review: Review,
    /// The names of queues that are gone, until it is told.
    farewells: BTreeMap<QueueId, Arc<str>>,
    /// The deadline that was asked for last.
    armed: Option<Time>,
}

impl QueueStatus {
    /// No queues, no subscriptions; hashes are keyed by `seed`.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            book: Book::new(seed),
            staging: None,
            queues: Map::new(seed),
            waits: Waits::new(seed),
            watch: Watch::new(seed),
            day: Time::ZERO,
            in_service: false,
            missed: true,
            touched: Vec::new(),
            review: Review::NONE,
            farewells: BTreeMap::new(),
            armed: None,
        }
    }

    /// Takes one event that the roster has taken, and what it changed there. Calls are taken by [`QueueStatus::call`].
    ///
    /// # Errors
    /// More is told of who serves what than is kept; nothing changed.
    pub fn apply(&mut self, event: &Event, roster: &Roster, delta: &Delta) -> Result<(), Refusal> {
        match event {
            Event::ResyncBegin => {
                self.look_at_all();
                self.staging = Some(Box::new(Book::new(self.seed)));
                self.in_service = false;
                self.waits.doubt();
            }
            Event::ResyncEnd => {
                if let Some(truth) = self.staging.take() {
                    self.become_like(*truth, roster);
                }
            }
            Event::Down { .. } => {
                self.look_at_all();
                self.staging = None;
                self.in_service = false;
                self.missed = true;
            }
            Event::Agent(_)
            | Event::AgentRemoved { .. }
            | Event::Team(_)
            | Event::TeamRemoved { .. }
            | Event::TeamChanged { .. }
            | Event::Queue(_)
            | Event::QueueRemoved { .. }
            | Event::AgentStatus(_)
            | Event::Serves(_) => match &mut self.staging {
                Some(book) => book.take(event).map(|_| ())?,
                None => self.record(event, roster)?,
            },
            Event::Up(_) | Event::Call(_) | Event::Answer(_) => {}
        }
        self.review_teams(roster, delta);
        Ok(())
    }

    /// Takes what happened to a contact.
    pub fn call(&mut self, now: Time, event: &CallEvent) {
        let Self { waits, book, .. } = self;
        let told = waits.apply(now, event, &|agent, queue| book.is_server(agent, queue));
        self.heed(told);
    }

    /// Begins a new day when it is time. To be asked before anything else that happens at `now`.
    pub fn roll(&mut self, now: Time, day_starts_min: u32) {
        if now < self.day + day::DAY {
            return;
        }
        self.day = day_begin(now, day_starts_min);
        for (id, queue) in self.queues.iter_mut() {
            queue.answered = 0;
            queue.abandoned = 0;
            queue.partial = false;
            queue.touch(id, &mut self.touched);
        }
        let told = self.waits.expire(now);
        self.heed(told);
    }

    /// When to call [`QueueStatus::roll`] at the latest, so that watchers hear of the new day. Without them the next event, or
    /// the next subscription, is early enough.
    pub fn poll_timeout(&self) -> Option<Time> {
        (!self.queues.is_empty() && !self.is_empty()).then(|| self.day + day::DAY)
    }

    /// The deadline for [`QueueStatus::roll`], where it is another than the one asked for last; within: none any more.
    pub(crate) fn poll_rearm(&mut self) -> Option<Option<Time>> {
        let due = self.poll_timeout();
        (std::mem::replace(&mut self.armed, due) != due).then_some(due)
    }

    /// How many contacts wait, or were in a queue and are not answered yet.
    pub fn waiting(&self) -> usize {
        self.waits.len()
    }

    /// Takes a record at once.
    fn record(&mut self, event: &Event, roster: &Roster) -> Result<(), Refusal> {
        if let Event::AgentStatus(status) = event {
            let state = state_of(roster, &status.agent);
            if let Some((before, queues)) = self.book.restate(&status.agent, state) {
                for id in queues {
                    let Some(queue) = self.queues.get_mut(id) else { continue };
                    queue.move_agent(before, state);
                    queue.touch(id, &mut self.touched);
                }
            }
            return Ok(());
        }
        let change = self.book.take(event)?;
        match event {
            Event::Queue(record) if !self.queues.contains_key(&record.id) => {
                let mut queue = Queue::default();
                for (server, state) in self.book.servers_of(&record.id) {
                    queue.serve(&server, state);
                }
                queue.touch(&record.id, &mut self.touched);
                self.queues.insert(record.id.clone(), queue);
                self.review = Review::All;
            }
            Event::Queue(record) => {
                if let Some(queue) = self.queues.get_mut(&record.id) {
                    queue.touch(&record.id, &mut self.touched);
                }
            }
            Event::QueueRemoved { queue } => {
                self.review.add(self.watch.watchers(queue).to_vec());
                self.remove_queue(queue);
            }
            _ => {}
        }
        let Some(change) = change else { return Ok(()) };
        let state = match &change.who {
            Server::Agent(agent) => Some((change.state, state_of(roster, agent))),
            Server::Team(_) => None,
        };
        if let (Server::Agent(agent), Some((_, after))) = (&change.who, state) {
            self.book.restate(agent, after);
        }
        let mut flipped = false;
        for id in &change.before {
            let Some(queue) = self.queues.get_mut(id) else { continue };
            queue.leave(&change.who, state.map(|(before, _)| before));
            flipped |= queue.is_unserved();
            queue.touch(id, &mut self.touched);
        }
        for id in self.book.queues_of(&change.who).to_vec() {
            let Some(queue) = self.queues.get_mut(&id) else { continue };
            flipped |= queue.is_unserved();
            queue.serve(&change.who, state.map(|(_, after)| after));
            queue.touch(&id, &mut self.touched);
        }
        if flipped {
            self.review = Review::All;
        }
        let colleagues = |team: crate::report::roster::TeamView<'_>| -> Vec<AgentId> {
            team.members().map(|(member, _)| member.id().clone()).collect()
        };
        match &change.who {
            Server::Agent(agent) => {
                let teams = roster.agent(agent.as_str()).map(|agent| agent.teams().collect::<Vec<_>>());
                for (team, _) in teams.unwrap_or_default() {
                    self.review.add(colleagues(team));
                }
            }
            Server::Team(team) => {
                self.review.add(roster.team(team.as_str()).map(colleagues).unwrap_or_default());
            }
        }
        Ok(())
    }

    /// Memberships began or ended: whoever is, or was, in such a team may see other queues.
    fn review_teams(&mut self, roster: &Roster, delta: &Delta) {
        if self.watch.subjects.is_empty() {
            return;
        }
        let mut last = None;
        for (agent, team, _) in delta.relations() {
            self.review.add([agent.clone()]);
            if last != Some(team) {
                last = Some(team);
                let members = roster.team(team.as_str()).into_iter().flat_map(crate::report::roster::TeamView::members);
                self.review.add(members.map(|(member, _)| member.id().clone()));
            }
        }
    }

    /// A whole truth in place of what was known.
    fn become_like(&mut self, mut truth: Book, roster: &Roster) {
        truth.restate_all(|agent| state_of(roster, agent));
        let gone: Vec<QueueId> = self.queues.keys().filter(|id| !truth.has_queue(id)).cloned().collect();
        for id in gone {
            self.remove_queue(&id);
        }
        self.book = truth;
        for id in self.book.queue_ids() {
            let queue = self.queues.entry(id.clone()).or_default();
            queue.forget_servers();
            queue.partial |= self.missed;
            queue.touch(id, &mut self.touched);
        }
        for (who, state, queues) in self.book.servers() {
            for id in queues {
                if let Some(queue) = self.queues.get_mut(id) {
                    queue.serve(&who, state);
                }
            }
        }
        let told = self.waits.settle();
        self.heed(told);
        self.in_service = true;
        self.missed = false;
        self.review = Review::All;
    }

    fn remove_queue(&mut self, id: &QueueId) {
        self.waits.remove_queue(id);
        self.touched.retain(|touched| touched != id);
        if let Some(view) = self.queues.swap_remove(id).and_then(|queue| queue.shown) {
            self.farewells.insert(id.clone(), view.name);
        }
    }

    fn heed(&mut self, told: Vec<Told>) {
        for told in told {
            let Some(queue) = self.queues.get_mut(told.queue()) else { continue };
            match &told {
                Told::Moved(_) => {}
                Told::Answered(_) => queue.answered += 1,
                Told::Abandoned(_) => queue.abandoned += 1,
                Told::Lost(_) => queue.partial = true,
            }
            queue.touch(told.queue(), &mut self.touched);
        }
    }
}

fn state_of(roster: &Roster, agent: &AgentId) -> crate::cti::AgentState {
    roster.agent(agent.as_str()).map_or(crate::cti::AgentState::LoggedOut, crate::report::roster::AgentView::state)
}

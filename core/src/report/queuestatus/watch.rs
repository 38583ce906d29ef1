//! Who watches whose queues, and which those are.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{QueueEvent, QueueSink, QueueStatus, tail};
use crate::cti::{Role, Server};
use crate::ids::{AgentId, LinkId, QueueId};
use crate::map::Map;
use crate::report::roster::Roster;
use crate::report::teamstatus::{BeginError, Room};
use crate::time::Time;

/// Every subscription.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Watch {
    /// Watched agents. One stays while anybody watches it, though the agent vanish.
    pub(super) subjects: Map<AgentId, Subject>,
    /// What each link watches, by agent id.
    by_link: Map<LinkId, Vec<AgentId>>,
    /// Who of the watched sees a queue, by agent id. Queues nobody watched sees are not in it.
    by_queue: Map<QueueId, Vec<AgentId>>,
}

/// A watched agent.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Subject {
    /// Who watches, ascending.
    pub(super) links: Vec<LinkId>,
    /// What the agent sees, as its watchers were told.
    pub(super) queues: BTreeSet<QueueId>,
}

/// Whose queues may be others by now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Review {
    Of(BTreeSet<AgentId>),
    All,
}

impl Review {
    pub(super) const NONE: Self = Self::Of(BTreeSet::new());

    pub(super) fn add(&mut self, agents: impl IntoIterator<Item = AgentId>) {
        match self {
            Self::Of(set) => set.extend(agents),
            Self::All => {}
        }
    }

    pub(super) fn is_none(&self) -> bool {
        matches!(self, Self::Of(set) if set.is_empty())
    }
}

/// A subscription about to begin: its snapshot, encoded but not sent. To be given to [`QueueStatus::commit`] within the
/// same input, or dropped.
#[derive(Debug)]
#[must_use = "nothing begins before the commit"]
pub struct Beginning {
    link: LinkId,
    agent: AgentId,
    queues: BTreeSet<QueueId>,
    tails: Vec<Arc<[u8]>>,
    tail_bytes: usize,
}

impl Beginning {
    /// How many events the snapshot is.
    pub fn event_count(&self) -> usize {
        self.tails.len()
    }

    /// Bytes of all its tails; the heads are the link's to add.
    pub fn tail_bytes(&self) -> usize {
        self.tail_bytes
    }
}

impl Watch {
    pub(super) fn new(seed: u64) -> Self {
        Self { subjects: Map::new(seed), by_link: Map::new(seed), by_queue: Map::new(seed) }
    }

    /// Who of the watched sees the queue, by agent id.
    pub(super) fn watchers(&self, queue: &QueueId) -> &[AgentId] {
        self.by_queue.get(queue).map_or(&[], Vec::as_slice)
    }

    pub(super) fn sees(&mut self, agent: &AgentId, queue: &QueueId) {
        let watchers = self.by_queue.entry(queue.clone()).or_default();
        if let Err(place) = watchers.binary_search(agent) {
            watchers.insert(place, agent.clone());
        }
        if let Some(subject) = self.subjects.get_mut(agent) {
            subject.queues.insert(queue.clone());
        }
    }

    pub(super) fn sees_no_more(&mut self, agent: &AgentId, queue: &QueueId) {
        if let Some(subject) = self.subjects.get_mut(agent) {
            subject.queues.remove(queue);
        }
        let Some(watchers) = self.by_queue.get_mut(queue) else { return };
        watchers.retain(|other| other != agent);
        if watchers.is_empty() {
            self.by_queue.swap_remove(queue);
        }
    }

    fn drop_unwatched(&mut self, agent: &AgentId) {
        if self.subjects.get(agent).is_none_or(|subject| !subject.links.is_empty()) {
            return;
        }
        let Some(gone) = self.subjects.swap_remove(agent) else { return };
        for queue in &gone.queues {
            self.sees_no_more(agent, queue);
        }
    }
}

impl QueueStatus {
    /// Checks that the subscription may begin and encodes its snapshot: one event for each queue the agent sees. Nothing is
    /// sent or remembered, so that the caller can first see whether it fits, and answer the request before it.
    ///
    /// # Errors
    /// The agent is unknown, the link watches too many, or the tails together are above their bound, at which point encoding
    /// stops.
    pub fn prepare(
        &mut self,
        roster: &Roster,
        link: LinkId,
        agent: &str,
        at: Time,
        room: Room,
    ) -> Result<Beginning, BeginError> {
        let agent = roster.agent(agent).ok_or(BeginError::AgentUnknown)?.id().clone();
        let watched = self.watch.by_link.get(&link).map_or(&[][..], Vec::as_slice);
        if !watched.contains(&agent) && watched.len() >= room.subscriptions_max as usize {
            return Err(BeginError::TooMany);
        }
        let queues = self.visible(roster, &agent);
        let mut beginning = Beginning { link, agent, queues: BTreeSet::new(), tails: Vec::new(), tail_bytes: 0 };
        self.look_at_stale(&queues);
        for queue in queues {
            let Some(view) = self.queues.get(&queue).and_then(|queue| queue.shown.as_ref()) else { continue };
            let tail = tail::whole_queue(&queue, view, at);
            beginning.tail_bytes += tail.len();
            if beginning.tail_bytes > room.tail_bytes_max {
                return Err(BeginError::TooLarge);
            }
            beginning.tails.push(tail);
            beginning.queues.insert(queue);
        }
        Ok(beginning)
    }

    /// Sends the snapshot and begins the subscription; one that there is already goes on, once.
    pub fn commit(&mut self, beginning: Beginning, sink: &mut impl QueueSink) {
        let Beginning { link, agent, queues, tails, .. } = beginning;
        let subject = self.watch.subjects.entry(agent.clone()).or_default();
        if let Err(place) = subject.links.binary_search(&link) {
            subject.links.insert(place, link);
            let theirs = self.watch.by_link.entry(link).or_default();
            if let Err(place) = theirs.binary_search(&agent) {
                theirs.insert(place, agent.clone());
            }
        }
        for queue in &queues {
            self.watch.sees(&agent, queue);
        }
        for tail in &tails {
            sink.event(&[link], QueueEvent::Added, &agent, tail);
        }
    }

    /// Ends a subscription. Whether there was one.
    pub fn end(&mut self, link: LinkId, agent: &str) -> bool {
        let Some((agent, subject)) = self.watch.subjects.get_key_value(agent) else { return false };
        let Ok(place) = subject.links.binary_search(&link) else { return false };
        let agent = agent.clone();
        if let Some(subject) = self.watch.subjects.get_mut(&agent) {
            subject.links.remove(place);
        }
        if let Some(theirs) = self.watch.by_link.get_mut(&link) {
            theirs.retain(|other| *other != agent);
            if theirs.is_empty() {
                self.watch.by_link.swap_remove(&link);
            }
        }
        self.watch.drop_unwatched(&agent);
        true
    }

    /// Ends everything a link watches.
    pub fn drop_link(&mut self, link: LinkId) {
        for agent in self.watch.by_link.swap_remove(&link).unwrap_or_default() {
            if let Some(subject) = self.watch.subjects.get_mut(&agent) {
                subject.links.retain(|other| *other != link);
            }
            self.watch.drop_unwatched(&agent);
        }
    }

    /// Whose queues a link watches, by agent id.
    pub fn subscriptions_of(&self, link: LinkId) -> impl Iterator<Item = &AgentId> {
        self.watch.by_link.get(&link).into_iter().flatten()
    }

    /// How many subscriptions there are.
    pub fn len(&self) -> usize {
        self.watch.by_link.values().map(Vec::len).sum()
    }

    /// Whether nobody watches anything.
    pub fn is_empty(&self) -> bool {
        self.watch.by_link.is_empty()
    }

    /// The queues an agent sees.
    pub(super) fn visible(&self, roster: &Roster, agent: &AgentId) -> BTreeSet<QueueId> {
        let mut seen = BTreeSet::new();
        let Some(agent) = roster.agent(agent.as_str()) else { return seen };
        let mut supervises = false;
        for (team, role) in agent.teams() {
            supervises |= role == Role::Supervisor;
            seen.extend(self.book.queues_of(&Server::Team(team.id().clone())).iter().cloned());
            for (member, _) in team.members() {
                seen.extend(self.book.queues_of(&Server::Agent(member.id().clone())).iter().cloned());
            }
        }
        seen.retain(|queue| self.queues.contains_key(queue));
        if supervises {
            let unserved = self.queues.iter().filter(|(_, queue)| queue.is_unserved());
            seen.extend(unserved.map(|(id, _)| id.clone()));
        }
        seen
    }
}

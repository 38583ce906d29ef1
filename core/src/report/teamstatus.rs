//! Who watches whose teams, and what each subscriber is sent: a snapshot when it begins, then every difference.
//!
//! INVARIANT: for every subscription, its snapshot plus its events equals the roster's view of that agent, at every moment.
//!
//! A change costs one encoding for each kind and team, however many watch, and one call of the [`Sink`] for each
//! watched agent of that team: agents, teams and links that have nothing to do with it cost nothing.

mod form;
mod publication;
mod tail;

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use self::tail::TailWriter;
use crate::ids::{AgentId, LinkId};
use crate::map::Map;
use crate::report::roster::Roster;
use crate::report::roster::slab::{Slab, SubjectIx, TeamIx};
use crate::time::Time;

/// What a subscription must fit into.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// Agents one link may watch.
    pub subscriptions_max: u32,
    /// Bytes of the snapshot's tails together; the heads are the link's to count ([`Beginning::event_count`]).
    pub tail_bytes_max: usize,
}

/// Takes what subscribers are sent.
pub trait Sink {
    /// One event for every link that watches the agent. `tail` is everything that follows the agent id's comma in the message, `"team":` to
    /// the last brace, and is shared by all subscribers of the change.
    fn event(&mut self, to: &[LinkId], event: EventName, agent: &AgentId, tail: &Arc<[u8]>);
}

/// The events of team status, in the order in which one input raises them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum EventName {
    /// The agent left the team, or the team is gone.
    TeamRemoved,
    /// The agent is in a team it was not in before.
    TeamAdded,
    /// The team's name changed.
    TeamChanged,
    /// Members left.
    MemberRemoved,
    /// Members joined.
    MemberAdded,
    /// Members do something else.
    MemberStatusChanged,
}

impl EventName {
    /// Every name, in declaration order.
    pub const ALL: [Self; 6] = [
        Self::TeamRemoved,
        Self::TeamAdded,
        Self::TeamChanged,
        Self::MemberRemoved,
        Self::MemberAdded,
        Self::MemberStatusChanged,
    ];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TeamRemoved => "report.teamstatus.teamremoved",
            Self::TeamAdded => "report.teamstatus.teamadded",
            Self::TeamChanged => "report.teamstatus.teamchanged",
            Self::MemberRemoved => "report.teamstatus.memberremoved",
            Self::MemberAdded => "report.teamstatus.memberadded",
            Self::MemberStatusChanged => "report.teamstatus.memberstatuschanged",
        }
    }
}

/// Why a subscription cannot begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BeginError {
    /// No record, membership or status names such an agent.
    AgentUnknown,
    /// The link watches [`Room::subscriptions_max`] agents already.
    TooMany,
    /// The snapshot is larger than the caller's bound.
    TooLarge,
}

impl fmt::Display for BeginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AgentUnknown => f.write_str("no such agent: agentId must be an agent of the platform"),
            Self::TooMany => f.write_str("too many subscriptions of one link: end others first"),
            Self::TooLarge => {
                f.write_str("the snapshot is larger than what may wait for one client: watch smaller teams")
            }
        }
    }
}

impl std::error::Error for BeginError {}

/// A subscription about to begin: its snapshot, encoded but not sent. To be given to [`TeamStatus::commit`] within the
/// same input, or dropped.
#[derive(Debug)]
#[must_use = "nothing begins before the commit"]
pub struct Beginning {
    link: LinkId,
    agent: AgentId,
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

/// Every subscription.
#[derive(Clone, Debug)]
pub struct TeamStatus {
    seed: u64,
    subjects: Slab<SubjectIx, Subject>,
    by_agent: Map<AgentId, SubjectIx>,
    /// What each link watches, by agent id.
    by_link: Map<LinkId, Vec<SubjectIx>>,
    /// Who of the watched is in a team, by agent id. Teams with nobody watched are not in it.
    by_team: Map<TeamIx, Vec<SubjectIx>>,
    writer: TailWriter,
}

/// A watched agent id. It stays while anybody watches it, though the agent vanish.
#[derive(Clone, Debug)]
struct Subject {
    agent: AgentId,
    /// Who watches, ascending.
    links: Vec<LinkId>,
    /// The agent's teams, in no order: where in `by_team` the subject stands.
    teams: Vec<TeamIx>,
}

impl TeamStatus {
    /// No subscriptions; hashes are keyed by `seed`.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            subjects: Slab::new(),
            by_agent: Map::new(seed),
            by_link: Map::new(seed),
            by_team: Map::new(seed),
            writer: TailWriter::default(),
        }
    }

    /// Checks that the subscription may begin and encodes its snapshot: one event for each team of the agent. Nothing
    /// is sent or remembered, so that the caller can first see whether it fits, and answer the request before it.
    ///
    /// # Errors
    /// The agent is unknown, the link watches too many, or the tails together are above their bound, at which point
    /// encoding stops.
    pub fn prepare(
        &mut self,
        roster: &Roster,
        link: LinkId,
        agent: &str,
        at: Time,
        room: Room,
    ) -> Result<Beginning, BeginError> {
        let ix = roster.agent_ix(agent).ok_or(BeginError::AgentUnknown)?;
        if !self.is_watching(link, agent) && self.watched_by(link).len() >= room.subscriptions_max as usize {
            return Err(BeginError::TooMany);
        }
        let mut beginning =
            Beginning { link, agent: roster.agent_at(ix).id().clone(), tails: Vec::new(), tail_bytes: 0 };
        for (team, _) in roster.relations_of(ix) {
            let tail = self.writer.whole_team(roster.team_at(team), at);
            beginning.tail_bytes += tail.len();
            if beginning.tail_bytes > room.tail_bytes_max {
                return Err(BeginError::TooLarge);
            }
            beginning.tails.push(tail);
        }
        Ok(beginning)
    }

    /// Sends the snapshot and begins the subscription; one that there is already goes on, once.
    pub fn commit(&mut self, roster: &Roster, beginning: Beginning, sink: &mut impl Sink) {
        let Beginning { link, agent, tails, .. } = beginning;
        self.watch(roster, link, &agent);
        for tail in &tails {
            sink.event(&[link], EventName::TeamAdded, &agent, tail);
        }
    }

    /// Ends a subscription. Whether there was one.
    pub fn end(&mut self, link: LinkId, agent: &str) -> bool {
        let Some(&subject) = self.by_agent.get(agent) else { return false };
        let Ok(place) = self.subjects[subject].links.binary_search(&link) else { return false };
        self.subjects[subject].links.remove(place);
        if let Some(theirs) = self.by_link.get_mut(&link) {
            theirs.retain(|other| *other != subject);
            if theirs.is_empty() {
                self.by_link.swap_remove(&link);
            }
        }
        self.drop_unwatched(subject);
        true
    }

    /// Ends everything a link watches.
    pub fn drop_link(&mut self, link: LinkId) {
        for subject in self.by_link.swap_remove(&link).unwrap_or_default() {
            self.subjects[subject].links.retain(|other| *other != link);
            self.drop_unwatched(subject);
        }
    }

    /// Whom a link watches, by agent id.
    pub fn subscriptions_of(&self, link: LinkId) -> impl Iterator<Item = &AgentId> {
        self.watched_by(link).iter().map(|&subject| &self.subjects[subject].agent)
    }

    /// Whether the link watches the agent.
    pub fn is_watching(&self, link: LinkId, agent: &str) -> bool {
        self.by_agent.get(agent).is_some_and(|&subject| self.subjects[subject].links.binary_search(&link).is_ok())
    }

    /// How many subscriptions there are.
    pub fn len(&self) -> usize {
        self.by_link.values().map(Vec::len).sum()
    }

    /// Whether nobody watches anything.
    pub fn is_empty(&self) -> bool {
        self.by_link.is_empty()
    }

    fn watched_by(&self, link: LinkId) -> &[SubjectIx] {
        self.by_link.get(&link).map_or(&[], Vec::as_slice)
    }

    fn watch(&mut self, roster: &Roster, link: LinkId, agent: &AgentId) {
        let subject = match self.by_agent.get(agent) {
            Some(&subject) => subject,
            None => {
                let subject =
                    self.subjects.insert(Subject { agent: agent.clone(), links: Vec::new(), teams: Vec::new() });
                self.by_agent.insert(agent.clone(), subject);
                if let Some(ix) = roster.agent_ix(agent.as_str()) {
                    for (team, _) in roster.relations_of(ix) {
                        self.place_in_team(subject, team);
                    }
                }
                subject
            }
        };
        self.add_link(subject, link);
    }

    fn add_link(&mut self, subject: SubjectIx, link: LinkId) {
        if let Err(place) = self.subjects[subject].links.binary_search(&link) {
            self.subjects[subject].links.insert(place, link);
            insert_by_agent(&self.subjects, self.by_link.entry(link).or_default(), subject);
        }
    }

    fn place_in_team(&mut self, subject: SubjectIx, team: TeamIx) {
        insert_by_agent(&self.subjects, self.by_team.entry(team).or_default(), subject);
        self.subjects[subject].teams.push(team);
    }

    fn take_from_team(&mut self, subject: SubjectIx, team: TeamIx) {
        self.subjects[subject].teams.retain(|other| *other != team);
        let Some(watched) = self.by_team.get_mut(&team) else { return };
        let agent = &self.subjects[subject].agent;
        if let Ok(place) = watched.binary_search_by(|other| self.subjects[*other].agent.cmp(agent)) {
            watched.remove(place);
        }
        if watched.is_empty() {
            self.by_team.swap_remove(&team);
        }
    }

    fn drop_unwatched(&mut self, subject: SubjectIx) {
        if !self.subjects[subject].links.is_empty() {
            return;
        }
        for team in std::mem::take(&mut self.subjects[subject].teams) {
            self.take_from_team(subject, team);
        }
        if let Some(gone) = self.subjects.remove(subject) {
            self.by_agent.swap_remove(gone.agent.as_str());
        }
    }
}

fn insert_by_agent(subjects: &Slab<SubjectIx, Subject>, list: &mut Vec<SubjectIx>, subject: SubjectIx) {
    let agent = &subjects[subject].agent;
    if let Err(place) = list.binary_search_by(|other| subjects[*other].agent.cmp(agent)) {
        list.insert(place, subject);
    }
}

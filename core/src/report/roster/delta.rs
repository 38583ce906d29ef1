//! What one input changed about teams and their members.

use super::slab::{AgentIx, TeamIx};
use crate::ids::{AgentId, TeamId};

/// What one input changed; to be published before the roster takes the next input.
#[derive(Clone, Debug, Default)]
#[must_use = "subscribers must be told"]
pub struct Delta(pub(in crate::report) Change);

#[derive(Clone, Debug, Default)]
pub(in crate::report) enum Change {
    /// Nothing a client sees.
    #[default]
    Nothing,
    /// One agent does something else: the common case, which allocates nothing.
    Status(AgentIx),
    /// Anything else, by team id.
    Teams(Vec<TeamChange>),
}

/// How a person's relation to a team changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelationChange {
    /// The person was not in the team before.
    Gained,
    /// The person is not in the team now.
    Lost,
    /// The person is in the team in another role.
    RoleChanged,
}

impl Delta {
    /// Whether no client can see a difference.
    pub fn is_empty(&self) -> bool {
        matches!(self.0, Change::Nothing)
    }

    /// Whose relation to which team changed, by team id, then agent id.
    pub fn relations(&self) -> impl Iterator<Item = (&AgentId, &TeamId, RelationChange)> {
        let teams: &[TeamChange] = match &self.0 {
            Change::Nothing | Change::Status(_) => &[],
            Change::Teams(teams) => teams,
        };
        teams.iter().flat_map(|team| team.relations.iter().map(|(agent, change)| (agent, &team.id, *change)))
    }
}

/// What changed about one team. The lists are by agent id.
#[derive(Clone, Debug)]
pub(in crate::report) struct TeamChange {
    pub(in crate::report) team: TeamIx,
    pub(in crate::report) id: TeamId,
    /// The name now; of a removed team, its last.
    pub(in crate::report) name: Box<str>,
    pub(in crate::report) fate: Fate,
    pub(in crate::report) relations: Vec<(AgentId, RelationChange)>,
    pub(in crate::report) removed: Vec<AgentId>,
    pub(in crate::report) added: Vec<AgentIx>,
    pub(in crate::report) restated: Vec<AgentIx>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::report) enum Fate {
    Added,
    Removed,
    Renamed,
    Kept,
}

impl TeamChange {
    /// Who gained, or lost, the relation.
    pub(in crate::report) fn persons(&self, change: RelationChange) -> impl Iterator<Item = &AgentId> {
        self.relations.iter().filter(move |(_, theirs)| *theirs == change).map(|(agent, _)| agent)
    }
}

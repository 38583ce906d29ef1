//! The shared rest of a team status message, written by hand because it is nearly all the work of a status change.

use std::sync::Arc;

use crate::cti::Role;
use crate::ids::AgentId;
use crate::report::roster::{AgentView, TeamView};
use crate::time::Time;

/// Writes tails: `"team":{"teamId":…,"teamName":…,"members":[…]}},"at":…}}`. Its buffer serves one after the other.
#[derive(Clone, Debug, Default)]
pub(super) struct TailWriter {
    buffer: Vec<u8>,
}

/// What the buffer keeps between two tails: a large snapshot does not stay allocated.
const BUFFER_BYTES_MAX: usize = 64 * 1024;

impl TailWriter {
    /// The team with every member.
    pub(super) fn whole_team(&mut self, team: TeamView<'_>, at: Time) -> Arc<[u8]> {
        self.members(team, team.members(), at)
    }

    /// The team with these members, in full.
    pub(super) fn members<'a>(
        &mut self,
        team: TeamView<'_>,
        members: impl Iterator<Item = (AgentView<'a>, Role)>,
        at: Time,
    ) -> Arc<[u8]> {
        self.open(team.id().as_str(), team.name());
        self.raw(b",\"members\":[");
        for (place, (agent, role)) in members.enumerate() {
            self.separate(place);
            self.member(agent, role);
        }
        self.raw(b"]");
        self.close(at)
    }

    /// The team with members of whom only the ids are told.
    pub(super) fn member_ids(&mut self, id: &str, name: &str, members: &[AgentId], at: Time) -> Arc<[u8]> {
        self.open(id, name);
        self.raw(b",\"members\":[");
        for (place, agent) in members.iter().enumerate() {
            self.separate(place);
            self.raw(b"{\"memberId\":");
            self.text(agent.as_str());
            self.raw(b"}");
        }
        self.raw(b"]");
        self.close(at)
    }

    /// The team's id and name alone.
    pub(super) fn team_only(&mut self, id: &str, name: &str, at: Time) -> Arc<[u8]> {
        self.open(id, name);
        self.close(at)
    }

    fn open(&mut self, id: &str, name: &str) {
        self.buffer.clear();
        self.raw(b"\"team\":{\"teamId\":");
        self.text(id);
        self.raw(b",\"teamName\":");
        self.text(name);
    }

    fn member(&mut self, agent: AgentView<'_>, role: Role) {
        self.raw(b"{\"memberId\":");
        self.text(agent.id().as_str());
        self.raw(b",\"memberType\":\"");
        self.raw(role.as_str().as_bytes());
        self.raw(b"\",\"memberName\":");
        self.text(agent.name());
        self.raw(b",\"status\":\"");
        self.raw(agent.state().status().as_bytes());
        self.raw(b"\",\"reason\":");
        self.text(agent.reason());
        self.raw(b",\"state\":\"");
        self.raw(agent.state().as_str().as_bytes());
        self.raw(b"\",\"since\":");
        self.number(agent.since().as_millis());
        self.raw(b"}");
    }

    fn close(&mut self, at: Time) -> Arc<[u8]> {
        self.raw(b"}},\"at\":");
        self.number(at.as_millis());
        self.raw(b"}}");
        let tail = Arc::from(self.buffer.as_slice());
        if self.buffer.capacity() > BUFFER_BYTES_MAX {
            self.buffer = Vec::new();
        }
        tail
    }

    fn separate(&mut self, place: usize) {
        if place > 0 {
            self.raw(b",");
        }
    }

    fn raw(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    fn number(&mut self, number: u64) {
        self.raw(itoa::Buffer::new().format(number).as_bytes());
    }

    fn text(&mut self, text: &str) {
        if text.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\') {
            self.raw(b"\"");
            self.raw(text.as_bytes());
            self.raw(b"\"");
        } else {
            serde_json::to_writer(&mut self.buffer, text).expect("INVARIANT: writing to memory does not fail");
        }
    }
}

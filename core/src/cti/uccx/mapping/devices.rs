//! Devices of calls, by type and number.

use super::roster::{Agent, Roster};
use super::words;
use crate::cti::uccx::codec::Text;
use crate::cti::uccx::codec::names::device_type;
use crate::cti::{Device, DeviceKind};
use crate::ids::{AgentId, QueueId};

/// Who and what numbers are: by what is being read now, else by what was known before.
#[derive(Clone, Copy, Debug)]
pub(in crate::cti::uccx) struct Directory<'r> {
    pub(in crate::cti::uccx) now: &'r Roster,
    pub(in crate::cti::uccx) before: Option<&'r Roster>,
    pub(in crate::cti::uccx) applications: &'r [(u32, Box<str>)],
}

impl Directory<'_> {
    /// The device a type and an id name. Agents' lines of both kinds are agents, route points triggers, ports IVR, queues
    /// queues, all else is outside; where the platform names no type, a line somebody is logged in at is an agent's.
    pub(super) fn device(&self, kind: u16, id: Option<Text<'_>>) -> Device {
        let id = words(id);
        match kind {
            device_type::ROUTE_POINT => self.named(DeviceKind::Trigger, id),
            device_type::CTI_PORT => self.named(DeviceKind::Ivr, id),
            device_type::QUEUE => Device { kind: DeviceKind::Queue, id, agent: None, label: "".into() },
            device_type::AGENT_DEVICE | device_type::NON_ACD => self.agent_line(id),
            device_type::NONE | device_type::DEVICE if self.agent_at(&id).is_some() => self.agent_line(id),
            _ => Device { kind: DeviceKind::External, id, agent: None, label: "".into() },
        }
    }

    /// The name of an application, where the operator gave one.
    pub(super) fn application(&self, id: u32) -> Option<&str> {
        self.applications.iter().find(|(known, _)| *known == id).map(|(_, name)| &**name)
    }

    pub(super) fn agent(&self, id: &AgentId) -> Option<&Agent> {
        self.rosters().find_map(|roster| roster.agents.get(id))
    }

    pub(super) fn queue_name(&self, id: &QueueId) -> Option<&str> {
        let number: u32 = id.as_str().parse().ok()?;
        self.rosters().find_map(|roster| roster.queues.get(&number)).map(|name| &**name)
    }

    /// An agent's line: `primary.actual` is another line of the agent at the primary one.
    fn agent_line(&self, id: Box<str>) -> Device {
        let (primary, actual) = id.split_once('.').unwrap_or((&id, &id));
        let agent = self.agent_at(primary).or_else(|| self.agent_at(actual)).or_else(|| self.agent_of(primary));
        let label = agent.and_then(|agent| Some(self.agent(agent)?.name(agent))).unwrap_or_default();
        Device { kind: DeviceKind::Agent, id: actual.into(), agent: agent.cloned(), label }
    }

    fn named(&self, kind: DeviceKind, id: Box<str>) -> Device {
        let label = self.rosters().find_map(|roster| roster.devices.get(&id)).cloned().unwrap_or_default();
        Device { kind, id, agent: None, label }
    }

    fn agent_at(&self, line: &str) -> Option<&AgentId> {
        self.rosters().find_map(|roster| roster.lines.get(line))
    }

    /// Who is configured with an extension: said of a phone of which nobody said who is logged in.
    fn agent_of(&self, extension: &str) -> Option<&AgentId> {
        self.rosters().find_map(|roster| roster.extensions.get(extension))
    }

    fn rosters(&self) -> impl Iterator<Item = &Roster> {
        std::iter::once(self.now).chain(self.before)
    }
}

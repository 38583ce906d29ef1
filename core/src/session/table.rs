//! All sessions, and how one begins and ends.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::objects::Objects;
use super::{Session, State};
use crate::audit::{AuditAction, AuditActor, AuditCause, AuditRecord};
use crate::failure::{Code, Failure};
use crate::ids::{AgentId, LinkId, SecretRef};
use crate::map::Map;
use crate::time::Time;
use crate::timers::TimerName;
use crate::turn::Turn;
use crate::wire::write;

/// The table of sessions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Sessions {
    by_serial: Map<u64, Session>,
    by_agent: Map<AgentId, u64>,
    by_resource: Map<Box<str>, u64>,
    /// Owners and their sessions, oldest first.
    by_owner: BTreeSet<(LinkId, u64)>,
}

/// What a session is made of.
#[derive(Debug)]
pub(crate) struct NewSession {
    pub(crate) agent: AgentId,
    pub(crate) model: Box<str>,
    pub(crate) owner: LinkId,
    pub(crate) peer: Box<str>,
    pub(crate) credentials: Option<SecretRef>,
}

/// Why a session ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Another client took the agent over.
    Superseded { client: Box<str>, peer: Box<str> },
    /// The agent was logged out by somebody else, or is gone from the platform; `reason` is the platform's code.
    Ended { cause: AuditCause, by: Option<AgentId>, reason: Box<str> },
    /// Nobody bound and started it in time, or its client stayed away and its agent goes on without it.
    Released { cause: AuditCause },
    /// Its own client asked for it: the answer tells, no event does.
    LoggedOut,
}

impl Sessions {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            by_serial: Map::new(seed),
            by_agent: Map::new(seed),
            by_resource: Map::new(seed),
            by_owner: BTreeSet::new(),
        }
    }

    /// Every agent that has a session, by id.
    pub(crate) fn agents(&self) -> Vec<AgentId> {
        let mut agents: Vec<AgentId> = self.by_agent.keys().cloned().collect();
        agents.sort_unstable();
        agents
    }

    pub(crate) fn len(&self) -> usize {
        self.by_serial.len()
    }

    pub(crate) fn get(&self, serial: u64) -> Option<&Session> {
        self.by_serial.get(&serial)
    }

    pub(crate) fn get_mut(&mut self, serial: u64) -> Option<&mut Session> {
        self.by_serial.get_mut(&serial)
    }

    pub(crate) fn of_agent(&self, agent: &str) -> Option<&Session> {
        self.by_serial.get(self.by_agent.get(agent)?)
    }

    pub(crate) fn of_resource(&self, resource: &str) -> Option<&Session> {
        self.by_serial.get(self.by_resource.get(resource)?)
    }

    pub(crate) fn of_resource_mut(&mut self, resource: &str) -> Option<&mut Session> {
        self.by_serial.get_mut(self.by_resource.get(resource)?)
    }

    /// The sessions a link owns, oldest first.
    pub(crate) fn owned_by(&self, link: LinkId) -> Vec<u64> {
        self.by_owner.range((link, 0)..=(link, u64::MAX)).map(|(_, serial)| *serial).collect()
    }

    /// Gives a session to another link.
    pub(crate) fn hand_over(&mut self, serial: u64, to: LinkId) -> Option<&mut Session> {
        let session = self.by_serial.get_mut(&serial)?;
        self.by_owner.remove(&(session.owner, serial));
        self.by_owner.insert((to, serial));
        session.owner = to;
        Some(session)
    }

    /// The sessions a link has bound.
    pub(crate) fn bound_by<'a>(&'a self, turn: &'a Turn<'_>, link: LinkId) -> impl Iterator<Item = &'a Session> {
        let resources = turn.links.get(link).map(|link| &link.resources);
        resources.into_iter().flatten().filter_map(|resource| self.of_resource(resource))
    }

    /// A prepared session of an agent that has none.
    pub(crate) fn prepare(&mut self, turn: &mut Turn<'_>, new: NewSession) -> Box<str> {
        let serial = turn.ids.number();
        let resource = turn.ids.name("s");
        let client = turn.links.get(new.owner).map_or_else(Box::default, |link| link.client().into());
        let away_since = turn.links.get(new.owner).filter(|link| link.socket.is_none()).map(|_| turn.now);
        let session = Session {
            serial,
            resource: resource.clone(),
            agent: new.agent.clone(),
            model: new.model,
            owner: new.owner,
            client,
            peer: new.peer,
            since: turn.now,
            state: State::Prepared,
            started_in_binding: false,
            credentials: new.credentials,
            away_since,
            extension: None,
            logged_out_by: None,
            pending: Vec::new(),
            objects: Objects::default(),
        };
        let prepared = std::time::Duration::from_millis(u64::from(turn.config.limits.prepared_ms));
        turn.timers.set(TimerName::Session(serial), turn.now + prepared);
        self.by_agent.insert(new.agent, serial);
        self.by_owner.insert((new.owner, serial));
        self.by_resource.insert(resource.clone(), serial);
        self.by_serial.insert(serial, session);
        turn.counters.sessions_prepared += 1;
        resource
    }

    /// Ends a session: its owner is told, what waited for it is answered.
    pub(crate) fn end(&mut self, turn: &mut Turn<'_>, serial: u64, end: &End) {
        let Some(session) = self.by_serial.swap_remove(&serial) else { return };
        self.by_agent.swap_remove(&session.agent);
        self.by_resource.swap_remove(&session.resource);
        self.by_owner.remove(&(session.owner, serial));
        turn.timers.clear(TimerName::Session(serial));
        if let Some(secret) = session.credentials {
            turn.outbox.forget(secret);
        }
        turn.timers.clear(TimerName::WrapUp(serial));
        // The platform's answers to the commands are waited for on, and change nothing.
        let ended = Failure::new(Code::ResourceUnknown).say("The session has ended. Prepare another one.");
        for pending in &session.pending {
            turn.fail(pending.asked(), &ended);
        }
        if let State::Starting { asked, .. } | State::LoggingOut { asked, .. } = &session.state
            && *end != End::LoggedOut
        {
            turn.fail(asked, &ended);
        }
        if let Some(link) = turn.links.get_mut(session.owner) {
            link.resources.remove(&session.resource);
            turn.bereft.push(session.owner);
        }
        if !matches!(end, End::Superseded { .. }) {
            turn.vacated.push(session.agent.clone());
        } else {
            turn.counters.sessions_superseded += 1;
        }
        turn.outbox.audit(record(turn.now, &session, end));
        let reason = match end {
            End::Superseded { .. } => "superseded",
            End::Ended { .. } => "ended",
            End::Released { .. } => "released",
            End::LoggedOut => return,
        };
        let (now, service) = (turn.now, turn.config.service_id.clone());
        turn.core_event(session.owner, "resourceUnbound", |out| {
            out.push(b'{');
            write::text_property(out, "serviceId", &service);
            out.push(b',');
            write::text_property(out, "resourceId", &session.resource);
            out.push(b',');
            write::text_property(out, "reason", reason);
            if let End::Superseded { client, .. } = end {
                out.push(b',');
                write::text_property(out, "client", client);
                out.push(b',');
                write::number_property(out, "at", now.as_millis());
            }
            out.push(b'}');
        });
    }
}

/// What the audit trail keeps of a session's end.
fn record(at: Time, session: &Session, end: &End) -> AuditRecord {
    let (action, cause) = match end {
        End::Superseded { .. } => (AuditAction::TakenOver, AuditCause::Superseded),
        End::Ended { cause, .. } => (AuditAction::Logout, *cause),
        End::Released { cause } => (AuditAction::Released, *cause),
        End::LoggedOut => (AuditAction::Logout, AuditCause::Own),
    };
    let actor = match cause {
        AuditCause::Own | AuditCause::Superseded => AuditActor::Agent,
        AuditCause::Supervisor => match end {
            End::Ended { by: Some(supervisor), .. } => AuditActor::Supervisor(supervisor.clone()),
            End::Ended { .. } | End::Superseded { .. } | End::Released { .. } | End::LoggedOut => AuditActor::Platform,
        },
        AuditCause::Cti => AuditActor::Platform,
        AuditCause::Disconnected | AuditCause::Idle => AuditActor::Server,
    };
    let (client, peer) = match end {
        End::Superseded { client, peer } => (client, peer),
        End::Ended { .. } | End::Released { .. } | End::LoggedOut => (&session.client, &session.peer),
    };
    let note = match (end, &session.state) {
        (End::Ended { reason, .. }, _) | (End::LoggedOut, State::LoggingOut { reason, .. }) => reason.clone(),
        (End::Superseded { .. } | End::Released { .. } | End::LoggedOut, _) => Box::default(),
    };
    let record = AuditRecord::new(at, action, session.agent.clone(), actor);
    AuditRecord { cause: Some(cause), client: client.clone(), peer: peer.clone(), note, ..record }
}

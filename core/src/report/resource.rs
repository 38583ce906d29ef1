//! The report resource: which report is asked for, by whom, and what it is answered.

mod codes;
mod journeys;

pub(crate) use journeys::{Query, loaded};

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::cti_state::{CtiState, ServiceStatus};
use crate::failure::{Code, Failure};
use crate::ids::{AgentId, CallId, LinkId, QueryNo};
use crate::link::{Head, Links};
use crate::map::Map;
use crate::outbox::Outbox;
use crate::report::journey::{JourneyEvent, JourneyRecord, JourneySink, Journeys, Names};
use crate::report::queuestatus::{QueueEvent, QueueSink, QueueStatus};
use crate::report::roster::{AgentView, Roster};
use crate::report::teamstatus::{self, EventName, Room, Sink, TeamStatus};
use crate::session::Sessions;
use crate::timers::TimerName;
use crate::turn::{Asked, Turn};
use crate::wire::message::{self, Request, StatusOf};
use crate::wire::write;

/// The type of the resource.
pub(crate) const RESOURCE_TYPE: &str = "com.openmethods.iserver.processor.reporting.uccx";

/// What one event adds to its tail, at most, for the bound on snapshots.
const HEAD_BYTES: u64 = 1024;

/// Everything the report resource knows.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Reports {
    pub(crate) roster: Roster,
    pub(crate) teamstatus: TeamStatus,
    pub(crate) queuestatus: QueueStatus,
    pub(crate) journeys: Journeys,
    pub(crate) queries: Map<QueryNo, Query>,
}

/// A request to the report resource, which its link has bound.
pub(crate) fn handle(
    turn: &mut Turn<'_>,
    reports: &mut Reports,
    sessions: &Sessions,
    cti: &CtiState,
    request: &Request<'_>,
    asked: &Asked,
) {
    let done = match &*asked.command {
        "report.teamstatus.begin" => teamstatus_begin(turn, reports, sessions, cti, request, asked),
        "report.teamstatus.end" => teamstatus_end(turn, reports, request, asked),
        "report.queuestatus.begin" => queuestatus_begin(turn, reports, sessions, cti, request, asked),
        "report.queuestatus.end" => queuestatus_end(turn, reports, request, asked),
        "report.calljourney" => journeys::once(turn, reports, sessions, cti, request, asked),
        "report.calljourney.begin" => journeys::begin(turn, reports, sessions, cti, request, asked),
        "report.calljourney.end" => journeys::end(turn, reports, request, asked),
        "report.calljourney.recent" => journeys::recent(turn, reports, cti, request, asked),
        "report.reasoncodes" => codes::tell(turn, cti, request, asked),
        command => Err(Failure::new(Code::CommandUnsupported).with("command", message::cut(command))),
    };
    if let Err(failure) = done {
        turn.fail(asked, &failure);
    }
}

fn teamstatus_begin(
    turn: &mut Turn<'_>,
    reports: &mut Reports,
    sessions: &Sessions,
    cti: &CtiState,
    request: &Request<'_>,
    asked: &Asked,
) -> Result<(), Failure> {
    let data: StatusOf<'_> = message::data(request)?;
    let (agent, room) = watch(turn, &reports.roster, sessions, cti, asked.reply.link, &data)?;
    let begun = reports.teamstatus.prepare(&reports.roster, asked.reply.link, agent, turn.now, room);
    let beginning = begun.map_err(|error| cannot_begin(error, agent))?;
    fits(turn, asked.reply.link, room, beginning.tail_bytes(), beginning.event_count())?;
    turn.succeed(asked, Some(b"{}"));
    let Reports { roster, teamstatus, .. } = reports;
    teamstatus.commit(roster, beginning, &mut FanOut { links: turn.links, outbox: turn.outbox });
    Ok(())
}

fn teamstatus_end(
    turn: &mut Turn<'_>,
    reports: &mut Reports,
    request: &Request<'_>,
    asked: &Asked,
) -> Result<(), Failure> {
    let data: StatusOf<'_> = message::data(request)?;
    reports.teamstatus.end(asked.reply.link, message::id(data.agent_id.as_deref(), "data.agentId")?);
    turn.succeed(asked, Some(b"{}"));
    Ok(())
}

fn queuestatus_begin(
    turn: &mut Turn<'_>,
    reports: &mut Reports,
    sessions: &Sessions,
    cti: &CtiState,
    request: &Request<'_>,
    asked: &Asked,
) -> Result<(), Failure> {
    let data: StatusOf<'_> = message::data(request)?;
    let (agent, room) = watch(turn, &reports.roster, sessions, cti, asked.reply.link, &data)?;
    // Nobody may have watched since the day before, and then the day is not begun yet.
    reports.queuestatus.roll(turn.now, turn.config.day_starts_min);
    let Reports { roster, queuestatus, .. } = reports;
    queuestatus.publish(roster, turn.now, &mut FanOut { links: turn.links, outbox: turn.outbox });
    let begun = reports.queuestatus.prepare(&reports.roster, asked.reply.link, agent, turn.now, room);
    let beginning = begun.map_err(|error| cannot_begin(error, agent))?;
    fits(turn, asked.reply.link, room, beginning.tail_bytes(), beginning.event_count())?;
    turn.succeed(asked, Some(b"{}"));
    reports.queuestatus.commit(beginning, &mut FanOut { links: turn.links, outbox: turn.outbox });
    Ok(())
}

fn queuestatus_end(
    turn: &mut Turn<'_>,
    reports: &mut Reports,
    request: &Request<'_>,
    asked: &Asked,
) -> Result<(), Failure> {
    let data: StatusOf<'_> = message::data(request)?;
    reports.queuestatus.end(asked.reply.link, message::id(data.agent_id.as_deref(), "data.agentId")?);
    turn.succeed(asked, Some(b"{}"));
    Ok(())
}

/// Whose teams or queues are to be watched, once it is clear that they may be, and what that must fit into.
fn watch<'a>(
    turn: &Turn<'_>,
    roster: &Roster,
    sessions: &Sessions,
    cti: &CtiState,
    link: LinkId,
    data: &'a StatusOf<'_>,
) -> Result<(&'a str, Room), Failure> {
    let agent = message::id(data.agent_id.as_deref(), "data.agentId")?;
    if !may_watch(turn, roster, sessions, link, agent) {
        return Err(Failure::new(Code::AccessDenied).say(
            "The status of this agent's teams and queues needs its session, one of its supervisors' sessions, or the scope `reports`.",
        ));
    }
    known_yet(cti)?;
    let limits = &turn.config.limits;
    let most = limits.pending_bytes.min(limits.replay_bytes);
    Ok((agent, Room { subscriptions_max: limits.subscriptions_max, tail_bytes_max: most as usize }))
}

fn cannot_begin(error: teamstatus::BeginError, agent: &str) -> Failure {
    match error {
        teamstatus::BeginError::AgentUnknown => Failure::new(Code::AgentUnknown).with("agentId", message::cut(agent)),
        teamstatus::BeginError::TooMany => Failure::new(Code::RateLimited)
            .say("This link watches as many agents as it may. End one of its subscriptions first."),
        teamstatus::BeginError::TooLarge => too_large(),
    }
}

/// Whether a snapshot of so many tail bytes and events can be sent now.
fn fits(turn: &Turn<'_>, link: LinkId, room: Room, tail_bytes: usize, events: usize) -> Result<(), Failure> {
    let bytes = tail_bytes as u64 + HEAD_BYTES * events as u64;
    let waiting = turn.links.get(link).map_or(0, |link| link.backlog_bytes);
    if bytes > room.tail_bytes_max as u64 {
        return Err(too_large());
    }
    if bytes + waiting > u64::from(turn.config.limits.pending_bytes) {
        return Err(Failure::new(Code::RateLimited)
            .say("More waits for this socket already than leaves room for the snapshot. Read, then ask again.")
            .retry_after_ms(1_000));
    }
    Ok(())
}

fn too_large() -> Failure {
    Failure::new(Code::RequestTooLarge)
        .say("What this agent sees is larger than one link may carry. Raise `limits.pendingBytes` and `replayBytes`.")
}

/// A link is over: nothing is sent to it any more.
pub(crate) fn drop_link(turn: &mut Turn<'_>, reports: &mut Reports, link: LinkId) {
    reports.teamstatus.drop_link(link);
    reports.queuestatus.drop_link(link);
    reports.journeys.drop_link(link);
    let queries = reports.queries.iter().filter(|(_, query)| query.asked.reply.link == link);
    for query in queries.map(|(number, _)| *number).collect::<Vec<_>>() {
        reports.queries.shift_remove(&query);
        turn.timers.clear(TimerName::Request(crate::cti::RequestNo(query.0)));
    }
}

/// The link does not have the resource bound any more: its subscriptions are over.
pub(crate) fn unbound(reports: &mut Reports, link: LinkId) {
    reports.teamstatus.drop_link(link);
    reports.queuestatus.drop_link(link);
    reports.journeys.drop_link(link);
}

/// What gave a right may be gone: subscriptions that have none any more end, and their links are told.
pub(crate) fn review_rights(turn: &mut Turn<'_>, reports: &mut Reports, sessions: &Sessions, link: LinkId) {
    if may_read_all(turn, link) {
        return;
    }
    let watched: Vec<AgentId> = reports.teamstatus.subscriptions_of(link).cloned().collect();
    for agent in watched {
        if !may_watch(turn, &reports.roster, sessions, link, agent.as_str()) {
            reports.teamstatus.end(link, agent.as_str());
            subscription_ended(turn, link, "report.teamstatus.begin", "agentId", agent.as_str());
        }
    }
    let watched: Vec<AgentId> = reports.queuestatus.subscriptions_of(link).cloned().collect();
    for agent in watched {
        if !may_watch(turn, &reports.roster, sessions, link, agent.as_str()) {
            reports.queuestatus.end(link, agent.as_str());
            subscription_ended(turn, link, "report.queuestatus.begin", "agentId", agent.as_str());
        }
    }
    let followed: Vec<CallId> = reports.journeys.followed(link).to_vec();
    for call in followed {
        let agents = reports.journeys.took_part(&call);
        if !agents.is_some_and(|agents| journeys::took_part(turn, &reports.roster, sessions, link, agents)) {
            reports.journeys.end(link, &call);
            subscription_ended(turn, link, "report.calljourney.begin", "CallId", call.as_str());
        }
    }
}

fn subscription_ended(turn: &mut Turn<'_>, link: LinkId, command: &str, property: &str, value: &str) {
    let config = turn.config;
    turn.core_event(link, "subscriptionEnded", |out| {
        out.push(b'{');
        write::text_property(out, "serviceId", &config.service_id);
        out.push(b',');
        write::text_property(out, "resourceId", &config.reports_id);
        out.push(b',');
        write::text_property(out, "command", command);
        out.extend_from_slice(b",\"data\":{");
        write::text_property(out, property, value);
        out.extend_from_slice(b"}}");
    });
}

fn known_yet(cti: &CtiState) -> Result<(), Failure> {
    if cti.status() == ServiceStatus::Starting { Err(still_reading()) } else { Ok(()) }
}

fn still_reading() -> Failure {
    Failure::new(Code::CtiUnavailable)
        .say("The server is still reading the platform's agents and teams. Try again after `retryAfterMs`.")
        .retry_after_ms(1_000)
}

fn may_read_all(turn: &Turn<'_>, link: LinkId) -> bool {
    turn.links.get(link).is_some_and(|link| link.scopes.reports)
}

fn may_watch(turn: &Turn<'_>, roster: &Roster, sessions: &Sessions, link: LinkId, agent: &str) -> bool {
    may_read_all(turn, link)
        || sessions
            .bound_by(turn, link)
            .any(|session| session.agent.as_str() == agent || roster.supervises(session.agent.as_str(), agent))
}

/// Carries what reports send to the links.
pub(crate) struct FanOut<'a> {
    pub(crate) links: &'a mut Links,
    pub(crate) outbox: &'a mut Outbox,
}

impl Sink for FanOut<'_> {
    fn event(&mut self, to: &[LinkId], event: EventName, agent: &AgentId, tail: &Arc<[u8]>) {
        self.links.tell_many(self.outbox, to, Head::TeamStatus(event, agent.clone()), tail);
    }
}

impl QueueSink for FanOut<'_> {
    fn event(&mut self, to: &[LinkId], event: QueueEvent, agent: &AgentId, tail: &Arc<[u8]>) {
        self.links.tell_many(self.outbox, to, Head::QueueStatus(event, agent.clone()), tail);
    }
}

/// Carries what journeys say: to the links, and to the store.
pub(crate) struct JourneyOut<'a, 'b> {
    pub(crate) turn: &'a mut Turn<'b>,
}

impl JourneySink for JourneyOut<'_, '_> {
    fn event(&mut self, link: LinkId, event: JourneyEvent, asked: &CallId, tail: &Arc<[u8]>) {
        self.turn.links.tell_many(self.turn.outbox, &[link], Head::Journey(event, asked.clone()), tail);
    }

    fn store(&mut self, record: JourneyRecord) {
        self.turn.outbox.store(record);
    }
}

impl Names for Roster {
    fn agent_name(&self, agent: &AgentId) -> Option<&str> {
        self.agent(agent.as_str()).map(AgentView::name)
    }
}

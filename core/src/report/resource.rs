//! The report resource: which report is asked for, by whom, and what it is answered.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::cti_state::{CtiState, ServiceStatus};
use crate::failure::{Code, Failure};
use crate::ids::{AgentId, CallId, LinkId, QueryNo};
use crate::input::{RecentCall, StoreAnswer};
use crate::link::{Head, Links};
use crate::map::Map;
use crate::outbox::Outbox;
use crate::report::journey::{self, CallLine, JourneyEvent, JourneyRecord, JourneySink, Journeys, Names};
use crate::report::queuestatus::{QueueEvent, QueueSink, QueueStatus};
use crate::report::roster::{AgentView, Roster};
use crate::report::teamstatus::{self, EventName, Room, Sink, TeamStatus};
use crate::session::Sessions;
use crate::timers::TimerName;
use crate::turn::{Asked, Turn};
use crate::wire::message::{self, JourneyOf, RecentCalls, Request, StatusOf};
use crate::wire::write;

/// The type of the resource.
pub(crate) const RESOURCE_TYPE: &str = "com.openmethods.iserver.processor.reporting.uccx";

/// The most calls one `report.calljourney.recent` lists.
const RECENT_MAX: u32 = 1_000;
/// So many where the request does not say.
const RECENT_DEFAULT: u32 = 50;
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

/// A request that waits for the store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Query {
    pub(crate) asked: Asked,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Kind {
    Journey,
    Recent { limit: u32, running: Vec<CallLine> },
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
        "report.calljourney" => journey_once(turn, reports, sessions, cti, request, asked),
        "report.calljourney.begin" => journey_begin(turn, reports, sessions, cti, request, asked),
        "report.calljourney.end" => journey_end(turn, reports, request, asked),
        "report.calljourney.recent" => journey_recent(turn, reports, cti, request, asked),
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

fn journey_once(
    turn: &mut Turn<'_>,
    reports: &mut Reports,
    sessions: &Sessions,
    cti: &CtiState,
    request: &Request<'_>,
    asked: &Asked,
) -> Result<(), Failure> {
    let call = call_id(request)?;
    let link = asked.reply.link;
    let has_session = sessions.bound_by(turn, link).next().is_some();
    if !may_read_all(turn, link) && !has_session {
        return Err(journey_denied());
    }
    if let Some(agents) = reports.journeys.took_part(&call) {
        if !may_read_all(turn, link) && !took_part(turn, &reports.roster, sessions, link, agents) {
            return Err(journey_denied());
        }
        let mut data = b"{\"CallJourney\":".to_vec();
        reports.journeys.write_json(&mut data, &call, turn.now);
        data.push(b'}');
        turn.succeed(asked, Some(&data));
        return Ok(());
    }
    known_yet(cti)?;
    let query = ask(turn, reports, Query { asked: asked.without_secrets(), kind: Kind::Journey })?;
    turn.outbox.load_journey(query, call);
    Ok(())
}

fn journey_begin(
    turn: &mut Turn<'_>,
    reports: &mut Reports,
    sessions: &Sessions,
    cti: &CtiState,
    request: &Request<'_>,
    asked: &Asked,
) -> Result<(), Failure> {
    let call = call_id(request)?;
    let link = asked.reply.link;
    if !may_read_all(turn, link) {
        let agents = reports.journeys.took_part(&call);
        if !agents.is_some_and(|agents| took_part(turn, &reports.roster, sessions, link, agents)) {
            return Err(journey_denied());
        }
    }
    known_yet(cti)?;
    reports.journeys.begin(link, &call).map_err(|error| match error {
        journey::BeginError::Unknown => Failure::new(Code::CallUnknown)
            .say("No such call is in progress. Ask `report.calljourney` for one that has ended.")
            .with("CallId", message::cut(call.as_str())),
        journey::BeginError::TooMany => {
            Failure::new(Code::RateLimited).say("This link follows as many calls as it may. End one of them first.")
        }
    })?;
    turn.succeed(asked, Some(b"{}"));
    Ok(())
}

fn journey_end(
    turn: &mut Turn<'_>,
    reports: &mut Reports,
    request: &Request<'_>,
    asked: &Asked,
) -> Result<(), Failure> {
    let call = call_id(request)?;
    reports.journeys.end(asked.reply.link, &call);
    turn.succeed(asked, Some(b"{}"));
    Ok(())
}

fn journey_recent(
    turn: &mut Turn<'_>,
    reports: &mut Reports,
    cti: &CtiState,
    request: &Request<'_>,
    asked: &Asked,
) -> Result<(), Failure> {
    let data: RecentCalls<'_> = message::data_or_default(request)?;
    let limit = data.limit.unwrap_or(RECENT_DEFAULT);
    if limit == 0 || limit > RECENT_MAX {
        return Err(Failure::invalid("data.limit", &format!("is {limit}: 1 to {RECENT_MAX} are possible")));
    }
    let number = match data.number.as_deref() {
        None => None,
        number => Some(message::id(number, "data.number")?),
    };
    if !may_read_all(turn, asked.reply.link) {
        return Err(Failure::new(Code::AccessDenied).say("The list of calls needs the scope `reports`."));
    }
    known_yet(cti)?;
    let running = reports.journeys.recent(limit as usize, number);
    let query = ask(turn, reports, Query { asked: asked.without_secrets(), kind: Kind::Recent { limit, running } })?;
    turn.outbox.load_recent(query, limit, number.map(Into::into));
    Ok(())
}

/// Notes that the store is asked.
fn ask(turn: &mut Turn<'_>, reports: &mut Reports, query: Query) -> Result<QueryNo, Failure> {
    let number = turn.ids.request();
    let limit = Duration::from_millis(u64::from(turn.config.limits.request_ms));
    turn.timers.set(TimerName::Request(number), turn.now + limit);
    let query_no = QueryNo(number.0);
    reports.queries.insert(query_no, query);
    Ok(query_no)
}

/// The store answered, or the deadline did.
pub(crate) fn loaded(
    turn: &mut Turn<'_>,
    reports: &mut Reports,
    sessions: &Sessions,
    query: QueryNo,
    answer: Option<StoreAnswer>,
) {
    let Some(Query { asked, kind }) = reports.queries.shift_remove(&query) else { return };
    turn.timers.clear(TimerName::Request(crate::cti::RequestNo(query.0)));
    let link = asked.reply.link;
    match (kind, answer) {
        (Kind::Journey, Some(StoreAnswer::Journey(Some(record)))) => {
            let permitted =
                may_read_all(turn, link) || took_part(turn, &reports.roster, sessions, link, record.agents.iter());
            if !permitted {
                return turn.fail(&asked, &journey_denied());
            }
            let mut data = b"{\"CallJourney\":".to_vec();
            // Nobody here knows the call any more: what had not ended when it was stored is told as partial.
            record.broken_off().write_json(&mut data, turn.now);
            data.push(b'}');
            turn.succeed(&asked, Some(&data));
        }
        // Who may read some calls only is not told which others there are.
        (Kind::Journey, Some(StoreAnswer::Journey(None) | StoreAnswer::NoHistory)) if !may_read_all(turn, link) => {
            turn.fail(&asked, &journey_denied());
        }
        (Kind::Journey, Some(StoreAnswer::Journey(None))) => turn.fail(&asked, &Failure::new(Code::CallUnknown)),
        (Kind::Journey, Some(StoreAnswer::NoHistory)) => {
            let failure = Failure::new(Code::CallUnknown)
                .say("No such call is kept, and no history source is configured that could know one from before.");
            turn.fail(&asked, &failure);
        }
        (Kind::Recent { limit, running }, Some(StoreAnswer::Recent(ended))) => {
            let data = recent_calls(reports, running, ended, limit);
            turn.succeed(&asked, Some(&data));
        }
        (_, None) => turn.fail(&asked, &Failure::new(Code::RequestDeadline)),
        (_, Some(_)) => {
            let failure = Failure::new(Code::InternalError).say("The store of journeys cannot be read now. Try again.");
            turn.fail(&asked, &failure.retry_after_ms(2_000));
        }
    }
}

/// What the engine knows itself, the store's record lags behind: it may still name its parts.
fn recent_calls(reports: &Reports, running: Vec<CallLine>, mut ended: Vec<RecentCall>, limit: u32) -> Vec<u8> {
    ended.retain(|stored| !stored.partial || !reports.journeys.knows(&stored.call));
    let mut data = Vec::new();
    journey::write_recent(&mut data, &journey::merge_recent(running, ended, limit as usize));
    data
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
        if !agents.is_some_and(|agents| took_part(turn, &reports.roster, sessions, link, agents)) {
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

fn call_id(request: &Request<'_>) -> Result<CallId, Failure> {
    let data: JourneyOf<'_> = message::data(request)?;
    message::id(data.call_id.as_deref(), "data.CallId").map(CallId::from)
}

fn known_yet(cti: &CtiState) -> Result<(), Failure> {
    if cti.status() == ServiceStatus::Starting {
        let failure = Failure::new(Code::CtiUnavailable)
            .say("The server is still reading the platform's agents and teams. Try again after `retryAfterMs`.");
        return Err(failure.retry_after_ms(1_000));
    }
    Ok(())
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

fn took_part<'a>(
    turn: &Turn<'_>,
    roster: &Roster,
    sessions: &Sessions,
    link: LinkId,
    agents: impl Iterator<Item = &'a AgentId>,
) -> bool {
    let own: Vec<&AgentId> = sessions.bound_by(turn, link).map(|session| &session.agent).collect();
    agents
        .into_iter()
        .any(|agent| own.iter().any(|own| *own == agent || roster.supervises(own.as_str(), agent.as_str())))
}

fn journey_denied() -> Failure {
    Failure::new(Code::AccessDenied)
        .say("A call's journey needs the scope `reports`, or a bound session of an agent that took part or of its supervisor.")
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

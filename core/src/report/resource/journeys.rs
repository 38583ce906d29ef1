//! Call journeys: of one call, live or from the store, and the list of recent calls.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Reports, known_yet, may_read_all};
use crate::cti::RequestNo;
use crate::cti_state::CtiState;
use crate::failure::{Code, Failure};
use crate::ids::{AgentId, CallId, LinkId, QueryNo};
use crate::input::{RecentCall, StoreAnswer};
use crate::report::journey::{self, CallLine};
use crate::report::roster::Roster;
use crate::session::Sessions;
use crate::timers::TimerName;
use crate::turn::{Asked, Turn};
use crate::wire::message::{self, JourneyOf, RecentCalls, Request};

/// The most calls one `report.calljourney.recent` lists.
const RECENT_MAX: u32 = 1_000;
/// So many where the request does not say.
const RECENT_DEFAULT: u32 = 50;

/// A request that waits for the store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Query {
    pub(crate) asked: Asked,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Kind {
    Journey,
    Recent {
        limit: u32,
        number: Option<Box<str>>,
        /// What was known here when it was asked.
        known: Vec<CallLine>,
    },
}

pub(super) fn once(
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

pub(super) fn begin(
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

pub(super) fn end(
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

pub(super) fn recent(
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
    let known = reports.journeys.recent(limit as usize, number);
    let kind = Kind::Recent { limit, number: number.map(Into::into), known };
    let query = ask(turn, reports, Query { asked: asked.without_secrets(), kind })?;
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
    turn.timers.clear(TimerName::Request(RequestNo(query.0)));
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
        (Kind::Recent { limit, number, known }, Some(StoreAnswer::Recent(ended))) => {
            let data = recent_calls(reports, number.as_deref(), known, ended, limit);
            turn.succeed(&asked, Some(&data));
        }
        (_, None) => turn.fail(&asked, &Failure::new(Code::RequestDeadline)),
        (_, Some(_)) => {
            let failure = Failure::new(Code::InternalError).say("The store of journeys cannot be read now. Try again.");
            turn.fail(&asked, &failure.retry_after_ms(2_000));
        }
    }
}

/// The calls known now, those that were known at the question and have left since, and those the store has beyond both: whatever
/// was going on at any moment between question and answer is listed, once.
fn recent_calls(
    reports: &Reports,
    number: Option<&str>,
    then: Vec<CallLine>,
    mut ended: Vec<RecentCall>,
    limit: u32,
) -> Vec<u8> {
    let limit = limit as usize;
    let journeys = &reports.journeys;
    // What is known here, the store's record lags behind: it may still name its parts.
    ended.retain(|stored| !stored.partial || !journeys.knows(&stored.call));
    let stored: BTreeSet<&CallId> = ended.iter().filter(|call| !call.partial).map(|call| &call.call).collect();
    let mut known = journeys.recent(limit, number);
    known.extend(then.into_iter().filter(|line| !journeys.knows(&line.call) && !stored.contains(&line.call)));
    let mut data = Vec::new();
    journey::write_recent(&mut data, &journey::merge_recent(known, ended, limit));
    data
}

fn call_id(request: &Request<'_>) -> Result<CallId, Failure> {
    let data: JourneyOf<'_> = message::data(request)?;
    message::id(data.call_id.as_deref(), "data.CallId").map(CallId::from)
}

pub(super) fn took_part<'a>(
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

//! The way of a client's request to its session: who may ask, of which object, and whether its state allows it.

use std::time::Duration;

use super::actions::{Action, Kind, allowed, applies};
use super::acts::{self, Deed};
use super::pending::{self, Goal};
use super::step::{self, Around};
use super::table::End;
use super::{Session, Sessions, State, change, start};
use crate::audit::AuditCause;
use crate::calls::Calls;
use crate::cti::{AgentState, Command, Outcome};
use crate::cti_state::{CtiState, Purpose, Reach};
use crate::failure::{Code, Failure};
use crate::ids::AgentId;
use crate::processor::refusal;
use crate::report::roster::{AgentView, Roster};
use crate::timers::TimerName;
use crate::turn::{Asked, Turn};
use crate::wire::message::{self, Request, SessionLogout};

/// A request to a session its link has bound.
#[allow(clippy::too_many_arguments, reason = "each part of the engine it touches, by name")]
pub(crate) fn handle(
    turn: &mut Turn<'_>,
    sessions: &mut Sessions,
    cti: &mut CtiState,
    calls: &Calls,
    roster: &Roster,
    resource: &str,
    request: &Request<'_>,
    asked: Asked,
) {
    let Some(session) = sessions.of_resource_mut(resource) else {
        return turn.fail(&asked, &Failure::new(Code::ResourceUnknown));
    };
    let mut logs_out = None;
    let done = if is_start(&asked.command) {
        let walked = session.objects.walk(&session.resource, asked.target.as_deref(), Kind::Session);
        walked
            .and_then(|_| start::may_start(session))
            .and_then(|()| start::start(turn, session, (cti, calls, roster), request, &asked))
    } else {
        act(turn, session, cti, (calls, roster), request, &asked, &mut logs_out)
    };
    if let Err(failure) = done {
        turn.fail(&asked, &failure);
    }
    if let Some((agent, by)) = logs_out
        && let Some(serial) = sessions.of_agent(agent.as_str()).map(|other| other.serial)
        && let Some(other) = sessions.get_mut(serial)
    {
        other.logged_out_by = Some(by);
    }
}

/// Whether a session can be asked this.
pub(crate) fn is_command(command: &str) -> bool {
    is_start(command) || Action::of(command).is_some()
}

fn is_start(command: &str) -> bool {
    matches!(command, "session.start" | "session.request.start")
}

/// Everything but the start. `logs_out` becomes the agent a supervisor logs out, and the supervisor.
fn act(
    turn: &mut Turn<'_>,
    session: &mut Session,
    cti: &mut CtiState,
    (calls, roster): (&Calls, &Roster),
    request: &Request<'_>,
    asked: &Asked,
    logs_out: &mut Option<(AgentId, AgentId)>,
) -> Result<(), Failure> {
    must_run(session)?;
    let unsupported = || Failure::new(Code::CommandUnsupported).with("command", &*asked.command);
    let action = Action::of(&asked.command).ok_or_else(unsupported)?;
    let place = session.objects.walk(&session.resource, asked.target.as_deref(), action.kind())?;
    if action == Action::Logout {
        return logout(turn, session, cti, (calls, roster), request, asked);
    }
    let offers = cti.platform.as_ref().map(|platform| platform.offers).unwrap_or_default();
    if !action.is_offered(&offers) {
        return Err(unsupported());
    }
    let around = Around { cti, calls, roster };
    let facts = session.objects.facts(step::facts(session, around), place);
    if !applies(action, &facts) {
        return Err(unsupported());
    }
    let deed = acts::plan(session, around, action, place, request)?;
    let refused = allowed(action, &facts);
    let data = request.data.map(serde_json::value::RawValue::get);
    if matches!(deed, Deed::Holds) && refused != Err(Code::CtiUnavailable) && refused != Err(Code::ConsultMissing) {
        turn.succeed(asked, data.map(str::as_bytes));
        return Ok(());
    }
    refused.map_err(|code| acts::refuse(code, &facts))?;
    change::check(session, around, &deed)?;
    match deed {
        Deed::Ask { command, goal } => pending::ask(turn, session, cti, (asked, data), command, goal),
        Deed::Supervise { command, agent, logs_out: is_logout } => {
            if is_logout {
                *logs_out = Some((agent.clone(), session.agent.clone()));
            }
            pending::ask(turn, session, cti, (asked, data), command, Goal::Supervised { agent });
        }
        deed => change::make(turn, session, around, (asked, data), deed),
    }
    Ok(())
}

/// Everything but the start needs a session that was started in this binding.
fn must_run(session: &Session) -> Result<(), Failure> {
    match session.state {
        State::Starting { .. } => Err(Failure::new(Code::SessionNotInitialized)),
        State::LoggingOut { .. } => {
            Err(Failure::new(Code::StateInvalid).say("The session is being logged out already. Wait for that answer."))
        }
        State::Initialized { .. } if session.started_in_binding => Ok(()),
        State::Prepared | State::Initialized { .. } | State::Abandoned { .. } => {
            Err(Failure::new(Code::SessionNotStarted))
        }
    }
}

fn logout(
    turn: &mut Turn<'_>,
    session: &mut Session,
    cti: &mut CtiState,
    (calls, roster): (&Calls, &Roster),
    request: &Request<'_>,
    asked: &Asked,
) -> Result<(), Failure> {
    let data: SessionLogout<'_> = message::data_or_default(request)?;
    let reason = match data.reason.as_ref().map(|reason| reason.code.as_deref()) {
        None => None,
        Some(code) => Some(message::id(code, "data.reason.code")?),
    };
    let required = cti.platform.as_ref().is_some_and(|platform| platform.offers.logout_reason_required);
    if required && reason.is_none() {
        return Err(Failure::new(Code::LogoutReasonRequired));
    }
    // While the platform tells everything again the logout is not shown as allowed, as nothing else is.
    if cti.reach != Reach::InService {
        return Err(Failure::new(Code::CtiUnavailable).retry_after_ms(2_000));
    }
    if step::facts(session, Around { cti, calls, roster }).is_ongoing {
        return Err(Failure::new(Code::InteractionOngoing));
    }
    let number = turn.ids.request();
    cti.asked.insert(number, Purpose::Logout { session: session.serial });
    let command = Command::Logout { agent: session.agent.clone(), reason: reason.map(Into::into), by: None };
    turn.outbox.cti(number, command, None);
    let limit = Duration::from_millis(u64::from(turn.config.limits.logout_ms));
    turn.timers.set(TimerName::Request(number), turn.now + limit);
    let since = session.running_since();
    let reason = reason.map_or_else(Box::default, Into::into);
    session.state = State::LoggingOut { request: number, asked: asked.without_secrets(), since, reason };
    Ok(())
}

/// What the platform says an agent does.
pub(crate) fn state_of(roster: &Roster, agent: &str) -> Option<AgentState> {
    roster.agent(agent).map(AgentView::state)
}

/// Whether an agent in this state has an interaction that must not be cut.
pub(crate) fn is_ongoing(state: AgentState) -> bool {
    match state {
        AgentState::Reserved | AgentState::Talking | AgentState::Hold => true,
        AgentState::LoggedOut | AgentState::NotReady | AgentState::Ready | AgentState::Work => false,
    }
}

/// The platform answered the logout of a session, or the deadline did (`None`). The agent, where the session goes on.
pub(crate) fn logout_answered(
    turn: &mut Turn<'_>,
    sessions: &mut Sessions,
    serial: u64,
    outcome: Option<&Outcome>,
) -> Option<AgentId> {
    let session = sessions.get_mut(serial)?;
    let State::LoggingOut { asked, since, reason, .. } = &session.state else { return None };
    let (asked, since, reason) = (asked.clone(), *since, reason.clone());
    match outcome {
        Some(Outcome::Done | Outcome::Verified { .. } | Outcome::Call { .. }) => {
            // The link that follows the one that asked, after a gap, gets no answer to what it did not ask.
            let end = if asked.reply.link == session.owner {
                End::LoggedOut
            } else {
                End::Ended { cause: AuditCause::Own, by: None, reason }
            };
            turn.succeed(&asked, None);
            sessions.end(turn, serial, &end);
            None
        }
        refused => {
            let failure = match refused {
                Some(Outcome::Refused(refused)) => refusal(refused),
                _ => Failure::new(Code::RequestDeadline),
            };
            session.state = State::Initialized { since };
            let agent = session.agent.clone();
            turn.fail(&asked, &failure);
            Some(agent)
        }
    }
}

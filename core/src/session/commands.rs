//! What a client asks of its session.

use std::time::Duration;

use super::{Session, Sessions, State, table::End};
use crate::audit::AuditCause;
use crate::cti::{AgentState, Command, Outcome};
use crate::cti_state::{CtiState, Purpose, Reach};
use crate::failure::{Code, Failure};
use crate::ids::AgentId;
use crate::processor::refusal;
use crate::report::roster::{AgentView, Roster};
use crate::timers::TimerName;
use crate::turn::{Asked, Turn};
use crate::wire::message::{self, Request, SessionLogout, SessionStart};
use crate::wire::write;

/// A request to a session its link has bound.
pub(crate) fn handle(
    turn: &mut Turn<'_>,
    sessions: &mut Sessions,
    cti: &mut CtiState,
    roster: &Roster,
    resource: &str,
    request: &Request<'_>,
    asked: Asked,
) {
    let Some(session) = sessions.of_resource_mut(resource) else {
        return turn.fail(&asked, &Failure::new(Code::ResourceUnknown));
    };
    let target = asked.target.as_deref();
    let done = match Verb::of(&asked.command) {
        Some(Verb::Start) => check_target(session, target)
            .and_then(|()| may_start(session))
            .and_then(|()| start(turn, session, cti, roster, request, &asked)),
        Some(Verb::Logout) => check_target(session, target)
            .and_then(|()| must_run(session))
            .and_then(|()| logout(turn, session, cti, roster, request, &asked)),
        None => must_run(session)
            .and_then(|()| Err(Failure::new(Code::CommandUnsupported).with("command", &*asked.command))),
    };
    if let Err(failure) = done {
        turn.fail(&asked, &failure);
    }
}

#[derive(Clone, Copy)]
enum Verb {
    Start,
    Logout,
}

impl Verb {
    /// Both spellings of every verb are understood.
    fn of(command: &str) -> Option<Self> {
        match command {
            "session.start" | "session.request.start" => Some(Self::Start),
            "session.logout" | "session.request.logout" => Some(Self::Logout),
            _ => None,
        }
    }
}

fn may_start(session: &Session) -> Result<(), Failure> {
    match session.state {
        State::Starting { .. } | State::LoggingOut { .. } => Err(Failure::new(Code::SessionAlreadyStarted)),
        _ if session.started_in_binding => Err(Failure::new(Code::SessionAlreadyStarted)),
        State::Prepared | State::Initialized { .. } | State::Abandoned { .. } => Ok(()),
    }
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

fn check_target(session: &Session, target: Option<&str>) -> Result<(), Failure> {
    let target = target.ok_or_else(|| {
        Failure::invalid("target", "is missing: the id of the session, which is the id of its resource")
    })?;
    if target == &*session.resource {
        return Ok(());
    }
    let well_formed = target.split('.').all(|id| {
        (1..=64).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
    });
    let within = target.strip_prefix(&*session.resource).is_some_and(|rest| rest.starts_with('.'));
    let code = match (well_formed, within) {
        // A path that goes on below the session names another kind of object than a `session.…` command takes.
        (false, _) | (true, true) => Code::TargetInvalid,
        (true, false) => Code::TargetUnknown,
    };
    Err(Failure::new(code).with("target", message::cut(target)))
}

fn start(
    turn: &mut Turn<'_>,
    session: &mut Session,
    cti: &mut CtiState,
    roster: &Roster,
    request: &Request<'_>,
    asked: &Asked,
) -> Result<(), Failure> {
    let data: SessionStart<'_> = message::data_or_default(request)?;
    let extension = match data.extension.as_deref() {
        None => None,
        extension => Some(message::id(extension, "data.extension")?),
    };
    if let State::Initialized { .. } | State::Abandoned { .. } = session.state {
        adopt(turn, session, cti, asked);
        return Ok(());
    }
    // What the agent does is known in service only, and decides between a login and an adoption.
    if cti.reach != Reach::InService {
        return Err(Failure::new(Code::CtiUnavailable).retry_after_ms(2_000));
    }
    if state_of(roster, session.agent.as_str()).is_some_and(|state| state != AgentState::LoggedOut) {
        adopt(turn, session, cti, asked);
        return Ok(());
    }
    let number = turn.ids.request();
    let secret = session.credentials.take();
    cti.asked.insert(number, Purpose::Login { session: session.serial });
    let login = Command::Login { agent: session.agent.clone(), extension: extension.map(Into::into) };
    turn.outbox.cti(number, login, secret);
    if let Some(secret) = secret {
        turn.outbox.forget(secret);
    }
    turn.timers.clear(TimerName::Session(session.serial));
    let limit = Duration::from_millis(u64::from(turn.config.limits.request_ms));
    turn.timers.set(TimerName::Request(number), turn.now + limit);
    session.state = State::Starting { request: number, asked: asked.without_secrets() };
    session.started_in_binding = true;
    Ok(())
}

/// The agent is logged in: the session runs, and its client is told everything from the start.
fn adopt(turn: &mut Turn<'_>, session: &mut Session, cti: &CtiState, asked: &Asked) {
    let since = match session.state {
        State::Initialized { since } | State::Abandoned { since } => since,
        State::Prepared | State::Starting { .. } | State::LoggingOut { .. } => turn.now,
    };
    if let Some(secret) = session.credentials.take() {
        turn.outbox.forget(secret);
    }
    match session.away_since {
        // Its client went away while the platform was asked.
        Some(away) => turn.timers.set(TimerName::Session(session.serial), away + turn.config.limits.grace()),
        None => turn.timers.clear(TimerName::Session(session.serial)),
    }
    session.state = State::Initialized { since };
    turn.succeed(asked, None);
    let is_bound = turn.links.get(session.owner).is_some_and(|link| link.resources.contains(&session.resource));
    session.started_in_binding = is_bound;
    if is_bound {
        initial_sequence(turn, session, cti, since);
    }
}

fn initial_sequence(turn: &mut Turn<'_>, session: &Session, cti: &CtiState, since: crate::time::Time) {
    let at = turn.now.as_millis();
    let mut event = Vec::with_capacity(192);
    event.extend_from_slice(b"{\"messageType\":\"stateEvent\",");
    write::text_property(&mut event, "target", &session.resource);
    event.extend_from_slice(b",\"name\":\"state.updated\",\"state\":\"INITIALIZED\",");
    write::number_property(&mut event, "since", since.as_millis());
    event.extend_from_slice(b",\"data\":[{\"name\":\"session.logout\",\"type\":\"enable\"}],");
    write::number_property(&mut event, "at", at);
    event.push(b'}');
    turn.resource_event(session.owner, &session.resource, &event);
    event.clear();
    event.extend_from_slice(b"{\"messageType\":\"objectEvent\",");
    write::text_property(&mut event, "target", &session.resource);
    event.extend_from_slice(b",\"name\":\"session.initialized\",\"data\":{");
    if let Some(platform) = &cti.platform {
        let lists = [
            ("notReadyReasons", &platform.not_ready_reasons),
            ("logoutReasons", &platform.logout_reasons),
            ("wrapUpCodes", &platform.wrap_up_codes),
        ];
        for (position, (name, codes)) in lists.into_iter().enumerate() {
            if position > 0 {
                event.push(b',');
            }
            write::string(&mut event, name);
            event.extend_from_slice(b":[");
            for (position, reason) in codes.iter().enumerate() {
                event.extend_from_slice(if position > 0 { b",{" } else { b"{" });
                write::text_property(&mut event, "code", &reason.code);
                event.push(b',');
                write::text_property(&mut event, "name", &reason.name);
                event.push(b'}');
            }
            event.push(b']');
        }
    }
    event.extend_from_slice(b"},");
    write::number_property(&mut event, "at", at);
    event.push(b'}');
    turn.resource_event(session.owner, &session.resource, &event);
}

fn logout(
    turn: &mut Turn<'_>,
    session: &mut Session,
    cti: &mut CtiState,
    roster: &Roster,
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
    if !cti.is_up() {
        return Err(Failure::new(Code::CtiUnavailable).retry_after_ms(2_000));
    }
    if state_of(roster, session.agent.as_str()).is_some_and(is_ongoing) {
        return Err(Failure::new(Code::InteractionOngoing));
    }
    let number = turn.ids.request();
    cti.asked.insert(number, Purpose::Logout { session: session.serial });
    turn.outbox.cti(number, Command::Logout { agent: session.agent.clone(), reason: reason.map(Into::into) }, None);
    let limit = Duration::from_millis(u64::from(turn.config.limits.logout_ms));
    turn.timers.set(TimerName::Request(number), turn.now + limit);
    let since = match session.state {
        State::Initialized { since } => since,
        State::Prepared | State::Starting { .. } | State::LoggingOut { .. } | State::Abandoned { .. } => turn.now,
    };
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

/// The platform answered the login of a session that starts, or the deadline did (`None`).
pub(crate) fn login_answered(
    turn: &mut Turn<'_>,
    sessions: &mut Sessions,
    cti: &CtiState,
    serial: u64,
    outcome: Option<&Outcome>,
) {
    let Some(session) = sessions.get_mut(serial) else { return };
    let State::Starting { asked, .. } = &session.state else { return };
    let asked = asked.clone();
    match outcome {
        Some(Outcome::Done | Outcome::Verified { .. } | Outcome::Call { .. }) => adopt(turn, session, cti, &asked),
        refused => {
            let failure = match refused {
                Some(Outcome::Refused(refused)) => refusal(refused),
                _ => Failure::new(Code::RequestDeadline),
            };
            // The password is gone with the command: the client prepares again.
            turn.fail(&asked, &failure);
            session.state = State::Prepared;
            sessions.end(turn, serial, &End::Released { cause: AuditCause::Cti });
        }
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
                End::Ended { cause: AuditCause::Own, reason }
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

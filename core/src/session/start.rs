//! The start of a session: the agent is logged in or found so, and the client is told everything from the start.

use std::time::Duration;

use super::actions::Facts;
use super::channel::Channel;
use super::conversation::{Conversation, Seat};
use super::grammar::Life;
use super::news;
use super::objects::Objects;
use super::step::{self, Around};
use super::table::End;
use super::tell::Teller;
use super::told::Told;
use super::{Session, Sessions, State, change};
use crate::audit::AuditCause;
use crate::calls::Calls;
use crate::cti::{AgentState, Command, Outcome};
use crate::cti_state::{CtiState, Purpose, Reach};
use crate::failure::{Code, Failure};
use crate::processor::refusal;
use crate::report::roster::Roster;
use crate::timers::TimerName;
use crate::turn::{Asked, Turn};
use crate::wire::message::{self, Request, SessionStart};

/// Whether the session may be started: once in a binding, and not while it is starting or on its way out.
pub(super) fn may_start(session: &Session) -> Result<(), Failure> {
    match session.state {
        State::Starting { .. } | State::LoggingOut { .. } => Err(Failure::new(Code::SessionAlreadyStarted)),
        _ if session.started_in_binding => Err(Failure::new(Code::SessionAlreadyStarted)),
        State::Prepared | State::Initialized { .. } | State::Abandoned { .. } => Ok(()),
    }
}

/// Starts a session, or tells a running one again.
pub(super) fn start(
    turn: &mut Turn<'_>,
    session: &mut Session,
    (cti, calls, roster): (&mut CtiState, &Calls, &Roster),
    request: &Request<'_>,
    asked: &Asked,
) -> Result<(), Failure> {
    let data: SessionStart<'_> = message::data_or_default(request)?;
    let extension = match data.extension.as_deref() {
        None => None,
        extension => Some(message::id(extension, "data.extension")?),
    };
    if let State::Initialized { .. } | State::Abandoned { .. } = session.state {
        adopt(turn, session, Around { cti, calls, roster }, asked);
        return Ok(());
    }
    // What the agent does is known in service only, and decides between a login and an adoption.
    if cti.reach != Reach::InService {
        return Err(Failure::new(Code::CtiUnavailable).retry_after_ms(2_000));
    }
    if super::state_of(roster, session.agent.as_str()).is_some_and(|state| state != AgentState::LoggedOut) {
        adopt(turn, session, Around { cti, calls, roster }, asked);
        return Ok(());
    }
    session.extension = extension.map(Into::into);
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
fn adopt(turn: &mut Turn<'_>, session: &mut Session, around: Around<'_>, asked: &Asked) {
    let is_new = matches!(session.state, State::Prepared | State::Starting { .. });
    let since = if is_new { turn.now } else { session.running_since() };
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
    // The link that follows the one that asked, after a gap, has not started the session in its own binding.
    let is_bound = asked.reply.link == session.owner
        && turn.links.get(session.owner).is_some_and(|link| link.resources.contains(&session.resource));
    session.started_in_binding = is_bound;
    if is_new {
        change::found(turn, session, around);
    }
    let legs = around.calls.of_agent(session.agent.as_str());
    step::step(turn, session, around, &legs);
    news::forget_gone(&mut session.objects);
    if is_bound {
        tell_all(turn, session, around);
    }
    news::tell(turn, session, around, news::Why::UNKNOWN);
}

/// The initial sequence: what there is, from the top down.
fn tell_all(turn: &mut Turn<'_>, session: &mut Session, around: Around<'_>) {
    let of_session = step::facts(session, around);
    let mut objects = std::mem::take(&mut session.objects);
    unhear(&mut objects);
    let platform = around.cti.platform.as_ref();
    let mut teller = Teller::new(turn, session, platform);
    news::blocks(&mut teller, &mut objects, of_session, around);
    let facts = Facts { session: of_session, channel: None, interaction: None, conversation: None };
    news::session_changed(&mut teller, session, &mut objects, &facts);
    teller.session_initialized(platform);
    session.objects = objects;
}

/// A new binding has heard of nothing.
fn unhear(objects: &mut Objects) {
    objects.told = Told::default();
    for group in &mut objects.groups {
        (group.life, group.told) = (Life::Unheard, Told::default());
    }
    for channel in &mut objects.channels {
        let Channel { life, told, told_info, interactions, .. } = channel;
        (*life, *told, *told_info) = (Life::Unheard, Told::default(), None);
        for interaction in interactions {
            (interaction.life, interaction.told) = (Life::Unheard, Told::default());
            interaction.focus = interaction.conversations().first().map(|one| one.id.clone());
            for Conversation { life, told, members, .. } in interaction.conversations_mut() {
                (*life, *told) = (Life::Unheard, Told::default());
                for member in members {
                    member.seat = Seat::New;
                }
            }
        }
    }
}

/// The platform answered the login of a session that starts, or the deadline did (`None`).
pub(crate) fn login_answered(
    turn: &mut Turn<'_>,
    sessions: &mut Sessions,
    around: Around<'_>,
    serial: u64,
    outcome: Option<&Outcome>,
) {
    let Some(session) = sessions.get_mut(serial) else { return };
    let State::Starting { asked, .. } = &session.state else { return };
    let asked = asked.clone();
    match outcome {
        Some(Outcome::Done | Outcome::Verified { .. } | Outcome::Call { .. }) => adopt(turn, session, around, &asked),
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

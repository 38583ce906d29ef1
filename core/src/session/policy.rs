//! What becomes of a session whose client is away, and of one whose agent is.

use std::time::Duration;

use super::commands::{is_ongoing, state_of};
use super::table::{End, Sessions};
use super::{Session, State};
use crate::audit::AuditCause;
use crate::config::DisconnectPolicy;
use crate::cti::{AgentState, Command};
use crate::cti_state::{CtiState, Purpose};
use crate::ids::LinkId;
use crate::report::roster::Roster;
use crate::timers::TimerName;
use crate::turn::Turn;

/// The longest a session without a client waits for its agent's interaction to end: no call lasts that long, so the
/// platform must have missed its end.
const ABANDONED_LONGEST: Duration = Duration::from_secs(12 * 3600);

/// The owner has no socket any more, or is over: its sessions run their grace time from now.
pub(crate) fn owner_gone(turn: &mut Turn<'_>, sessions: &mut Sessions, link: LinkId) {
    for serial in sessions.owned_by(link) {
        let Some(session) = sessions.get_mut(serial) else { continue };
        if session.away_since.is_some() {
            continue;
        }
        session.away_since = Some(turn.now);
        match session.state {
            // A prepared session has its own deadline.
            State::Prepared => {}
            State::Starting { .. } | State::Initialized { .. } | State::LoggingOut { .. } | State::Abandoned { .. } => {
                turn.timers.set(TimerName::Session(serial), turn.now + turn.config.limits.grace());
            }
        }
    }
}

/// The owner has a socket again.
pub(crate) fn owner_returned(turn: &mut Turn<'_>, sessions: &mut Sessions, link: LinkId) {
    for serial in sessions.owned_by(link) {
        let Some(session) = sessions.get_mut(serial) else { continue };
        // Attached it is; one that is not bound goes on waiting for that.
        let bound = turn.links.get(link).is_some_and(|link| link.resources.contains(&session.resource));
        if !bound {
            continue;
        }
        session.away_since = None;
        session.awaken();
        match session.state {
            State::Prepared => {}
            State::Starting { .. } | State::Initialized { .. } | State::LoggingOut { .. } | State::Abandoned { .. } => {
                turn.timers.clear(TimerName::Session(serial));
            }
        }
    }
}

/// The owner has bound the session: it may be started in this binding.
pub(crate) fn bound(turn: &mut Turn<'_>, sessions: &mut Sessions, resource: &str) {
    let Some(session) = sessions.of_resource_mut(resource) else { return };
    session.started_in_binding = false;
    session.awaken();
    let serial = session.serial;
    let attached = turn.links.get(session.owner).is_some_and(|link| link.socket.is_some());
    if attached && session.away_since.take().is_some() && !matches!(session.state, State::Prepared) {
        turn.timers.clear(TimerName::Session(serial));
    }
}

/// The owner has not bound the session any more: it has the grace time to bind it again.
pub(crate) fn unbound(turn: &mut Turn<'_>, sessions: &mut Sessions, resource: &str) {
    let Some(session) = sessions.of_resource_mut(resource) else { return };
    session.started_in_binding = false;
    if session.away_since.is_none() {
        session.away_since = Some(turn.now);
        if !matches!(session.state, State::Prepared) {
            turn.timers.set(TimerName::Session(session.serial), turn.now + turn.config.limits.grace());
        }
    }
}

/// The owner is over because of a gap, and `new` follows it: the fresh link may bind its sessions.
pub(crate) fn owner_replaced(turn: &mut Turn<'_>, sessions: &mut Sessions, old: LinkId, new: LinkId) {
    for serial in sessions.owned_by(old) {
        let Some(session) = sessions.hand_over(serial, new) else { continue };
        session.started_in_binding = false;
        session.awaken();
        // Attached it may be, but it has not bound the session: the grace time goes on until it does.
        session.away_since = Some(turn.now);
        if !matches!(session.state, State::Prepared) {
            turn.timers.set(TimerName::Session(serial), turn.now + turn.config.limits.grace());
        }
    }
}

/// A session's deadline.
pub(crate) fn due(turn: &mut Turn<'_>, sessions: &mut Sessions, cti: &mut CtiState, roster: &Roster, serial: u64) {
    let Some(session) = sessions.get_mut(serial) else { return };
    match session.state {
        State::Prepared => sessions.end(turn, serial, &End::Released { cause: AuditCause::Idle }),
        // Their own deadlines come first; what they come to decides.
        State::Starting { .. } | State::LoggingOut { .. } => {
            turn.timers.set(TimerName::Session(serial), turn.now + turn.config.limits.grace());
        }
        State::Initialized { .. } => abandon(turn, sessions, cti, roster, serial),
        State::Abandoned { .. } => sessions.end(turn, serial, &End::Released { cause: AuditCause::Disconnected }),
    }
}

fn abandon(turn: &mut Turn<'_>, sessions: &mut Sessions, cti: &mut CtiState, roster: &Roster, serial: u64) {
    let Some(session) = sessions.get_mut(serial) else { return };
    let ongoing = goes_on(session, roster);
    let waits = match turn.config.disconnect {
        DisconnectPolicy::Keep => false,
        DisconnectPolicy::NotReady | DisconnectPolicy::Logout => ongoing || !cti.is_up(),
    };
    if waits {
        if let State::Initialized { since } = session.state {
            session.state = State::Abandoned { since };
        }
        turn.timers.set(TimerName::Session(serial), turn.now + ABANDONED_LONGEST);
        return;
    }
    let end = carry_out(turn, session, cti, roster);
    sessions.end(turn, serial, &end);
}

/// Does to the agent what the policy wants. The session ends as any other does whose agent is logged out, by this or
/// before; else it is released, and the agent goes on without one.
fn carry_out(turn: &mut Turn<'_>, session: &Session, cti: &mut CtiState, roster: &Roster) -> End {
    let state = state_of(roster, session.agent.as_str()).unwrap_or(AgentState::LoggedOut);
    let agent = session.agent.clone();
    let released = End::Released { cause: AuditCause::Disconnected };
    let (command, end) = match (turn.config.disconnect, state) {
        (DisconnectPolicy::Keep, _) | (DisconnectPolicy::NotReady, AgentState::NotReady) => return released,
        (_, AgentState::LoggedOut) => return logged_out(roster, session),
        (DisconnectPolicy::NotReady, _) => {
            (Command::SetState { agent, state: AgentState::NotReady, reason: None, by: None }, released)
        }
        (DisconnectPolicy::Logout, _) => {
            let end = End::Ended { cause: AuditCause::Disconnected, by: None, reason: Box::default() };
            (Command::Logout { agent, reason: None, by: None }, end)
        }
    };
    let number = turn.ids.request();
    cti.asked.insert(number, Purpose::Policy);
    let limit = Duration::from_millis(u64::from(turn.config.limits.logout_ms));
    turn.timers.set(TimerName::Request(number), turn.now + limit);
    turn.outbox.cti(number, command, None);
    end
}

/// A call of the agent's changed: a session that waits for its end may go now. Whether the agent is logged in no call says.
pub(crate) fn call_changed_for(
    turn: &mut Turn<'_>,
    sessions: &mut Sessions,
    cti: &mut CtiState,
    roster: &Roster,
    agent: &str,
) {
    if sessions.of_agent(agent).is_some_and(|session| matches!(session.state, State::Abandoned { .. })) {
        agent_changed(turn, sessions, cti, roster, agent);
    }
}

/// The platform says that an agent does something else now.
pub(crate) fn agent_changed(
    turn: &mut Turn<'_>,
    sessions: &mut Sessions,
    cti: &mut CtiState,
    roster: &Roster,
    agent: &str,
) {
    let Some(session) = sessions.of_agent(agent) else { return };
    let serial = session.serial;
    let state = state_of(roster, agent);
    match &session.state {
        State::Initialized { .. } if state.is_none_or(|state| state == AgentState::LoggedOut) => {
            let end = logged_out(roster, session);
            sessions.end(turn, serial, &end);
        }
        State::Abandoned { .. } if cti.is_up() && !goes_on(session, roster) => {
            let end = carry_out(turn, session, cti, roster);
            sessions.end(turn, serial, &end);
        }
        // The answers of the login and of the logout decide these.
        State::Prepared
        | State::Starting { .. }
        | State::LoggingOut { .. }
        | State::Initialized { .. }
        | State::Abandoned { .. } => {}
    }
}

/// The platform says that the agent is logged out, and by which code.
fn logged_out(roster: &Roster, session: &Session) -> End {
    let reason = roster.agent(session.agent.as_str()).map_or_else(Box::default, |agent| agent.reason().into());
    let by = session.logged_out_by.clone();
    let cause = if by.is_some() { AuditCause::Supervisor } else { AuditCause::Cti };
    End::Ended { cause, by, reason }
}

/// Whether a contact goes on that must not be cut: one the session has an object for, or one its agent's state tells of.
fn goes_on(session: &Session, roster: &Roster) -> bool {
    session.objects.is_ongoing() || state_of(roster, session.agent.as_str()).is_some_and(is_ongoing)
}

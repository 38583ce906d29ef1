//! What sessions make of what the platform tells: each event reaches the sessions of the agents it concerns.

use super::news::{self, Why};
use super::pending;
use super::step::{self, Around};
use super::{Session, Sessions, State};
use crate::calls::Touched;
use crate::cti::{AgentState, Command};
use crate::cti_state::{CtiState, Purpose, Reach};
use crate::ids::CallId;
use crate::time::Time;
use crate::timers::TimerName;
use crate::turn::Turn;

/// A leg changed.
pub(crate) fn call_changed(
    turn: &mut Turn<'_>,
    sessions: &mut Sessions,
    around: Around<'_>,
    call: &CallId,
    touched: &Touched,
) {
    for agent in &touched.agents {
        let Some(serial) = sessions.of_agent(agent.as_str()).map(|session| session.serial) else { continue };
        let Some(session) = sessions.get_mut(serial) else { continue };
        if let Some((old, new)) = &touched.moved {
            step::follow(session, old, new);
        }
        refresh(turn, session, around, std::slice::from_ref(call), Why::of(touched));
    }
}

/// The state of an agent, of the platform or of a team changed.
pub(crate) fn look_again(turn: &mut Turn<'_>, sessions: &mut Sessions, around: Around<'_>, agent: &str) {
    let Some(serial) = sessions.of_agent(agent).map(|session| session.serial) else { return };
    let Some(session) = sessions.get_mut(serial) else { return };
    refresh(turn, session, around, &[], Why::UNKNOWN);
}

/// The platform told everything, or is away: every session looks again.
pub(crate) fn look_all(turn: &mut Turn<'_>, sessions: &mut Sessions, around: Around<'_>) {
    let legs = if around.in_service() { around.calls.by_agent() } else { Default::default() };
    for agent in sessions.agents() {
        let Some(serial) = sessions.of_agent(agent.as_str()).map(|session| session.serial) else { continue };
        let Some(session) = sessions.get_mut(serial) else { continue };
        let legs = legs.get(&agent).map_or(&[][..], Vec::as_slice);
        refresh(turn, session, around, legs, Why::UNKNOWN);
    }
}

/// Requests that are answered by what happened, then the objects, then what the client hears of it.
fn refresh(turn: &mut Turn<'_>, session: &mut Session, around: Around<'_>, legs: &[CallId], why: Why) {
    match session.state {
        State::Prepared | State::Starting { .. } => return,
        State::Initialized { .. } | State::LoggingOut { .. } | State::Abandoned { .. } => {}
    }
    if around.cti.reach == Reach::Resyncing {
        return;
    }
    pending::fulfil(turn, session, around, legs);
    step::step(turn, session, around, legs);
    news::tell(turn, session, around, why);
}

/// Ended interactions, and after-call work that nothing else ends, have waited long enough.
pub(crate) fn wrap_up_due(
    turn: &mut Turn<'_>,
    sessions: &mut Sessions,
    cti: &mut CtiState,
    (calls, roster): (&crate::calls::Calls, &crate::report::roster::Roster),
    serial: u64,
) {
    let Some(session) = sessions.get_mut(serial) else { return };
    let now = turn.now;
    let works = Around { cti, calls, roster }.state_of(session.agent.as_str()) == AgentState::Work;
    let mut over = Vec::new();
    for interaction in session.objects.interactions_mut() {
        if let super::interaction::State::Ended { until } = interaction.state
            && until <= now
        {
            interaction.state = interaction.state.complete();
            over.push(interaction.leg.clone());
        }
    }
    let agent = session.agent.clone();
    let is_due = |at: Option<Time>| at.is_some_and(|at| at <= now);
    if works && cti.reach != Reach::InService {
        // A platform that is away cannot be asked: once it is back, what is left of the work has its time again.
        session.objects.work_until = Some(now + turn.config.limits.wrap_up());
    } else if works {
        if let Some(call) = over.into_iter().next() {
            act(turn, cti, Command::Complete { agent, call, disposition: None });
            // What is left of the work has a deadline of its own.
            session.objects.work_until = Some(now + turn.config.limits.wrap_up());
        } else if is_due(session.objects.work_until) {
            let command = Command::SetState { agent, state: AgentState::NotReady, reason: None, by: None };
            act(turn, cti, command);
            session.objects.work_until = Some(now + turn.config.limits.wrap_up());
        }
    } else if is_due(session.objects.work_until) {
        session.objects.work_until = None;
    }
    news::tell(turn, session, Around { cti, calls, roster }, Why::UNKNOWN);
}

fn act(turn: &mut Turn<'_>, cti: &mut CtiState, command: Command) {
    let number = turn.ids.request();
    cti.asked.insert(number, Purpose::Policy);
    let limit = std::time::Duration::from_millis(u64::from(turn.config.limits.request_ms));
    turn.timers.set(TimerName::Request(number), turn.now + limit);
    turn.outbox.cti(number, command, None);
}

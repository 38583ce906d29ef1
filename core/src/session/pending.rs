//! What a session asked of the platform: answered by the platform, by its effect where that is told first, or by the deadline.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::actions::{Action, allowed};
use super::interaction::{Carrier, State};
use super::objects::Place;
use super::step::{self, Around};
use super::{Session, Sessions, news};
use crate::audit::{AuditAction, AuditActor, AuditCause, AuditRecord};
use crate::cti::{AgentState, CallData, Command, LegState, Outcome, RecordingState, Refusal, RefusalKind, RequestNo};
use crate::cti_state::{CtiState, Purpose};
use crate::failure::{Code, Failure};
use crate::ids::{AgentId, CallId};
use crate::processor::refusal;
use crate::report::roster::AgentView;
use crate::timers::TimerName;
use crate::turn::{Asked, Turn};

/// A request that waits for the platform.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Pending {
    request: RequestNo,
    asked: Asked,
    /// The request's `data`, for the echo of a success.
    data: Option<Box<str>>,
    pub(super) goal: Goal,
}

/// By what a request's effect is known, so that its response precedes the events it causes whatever the platform tells first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Goal {
    /// The agent is on the leg in this state.
    Line {
        leg: CallId,
        state: LegState,
    },
    /// One of the two changed over.
    Alternated {
        active: CallId,
        held: CallId,
    },
    /// The agent is on the leg no more.
    Gone {
        leg: CallId,
    },
    /// There is no such leg any more.
    Joined {
        leg: CallId,
    },
    /// The agent has a leg more than these many, or holds `held`.
    Dialled {
        legs: usize,
        held: Option<CallId>,
    },
    /// The agent is, or will be, in this state.
    Agent {
        state: AgentState,
    },
    Recording {
        leg: CallId,
        state: RecordingState,
    },
    Data {
        leg: CallId,
        data: CallData,
    },
    /// The after-call work for the leg is done, or the contact is over.
    Completed {
        leg: CallId,
    },
    /// A supervisor's act on somebody else: nothing of the session's own shows it.
    Supervised {
        agent: AgentId,
    },
    /// Nothing shows it.
    Unseen,
}

impl Pending {
    /// Whom the answer goes to.
    pub(super) const fn asked(&self) -> &Asked {
        &self.asked
    }
}

impl Goal {
    /// A leg goes by another id.
    pub(super) fn follow(&mut self, old: &CallId, new: &CallId) {
        match self {
            Self::Line { leg, .. }
            | Self::Gone { leg }
            | Self::Recording { leg, .. }
            | Self::Data { leg, .. }
            | Self::Completed { leg } => {
                if leg == old {
                    *leg = new.clone();
                }
            }
            Self::Alternated { active, held } => {
                for leg in [active, held] {
                    if leg == old {
                        *leg = new.clone();
                    }
                }
            }
            Self::Joined { .. }
            | Self::Dialled { .. }
            | Self::Agent { .. }
            | Self::Supervised { .. }
            | Self::Unseen => {}
        }
    }

    fn is_reached(&self, agent: &str, legs: usize, around: Around<'_>) -> bool {
        let own = |leg: &CallId| around.calls.leg(leg).and_then(|leg| leg.own(agent));
        let is = |leg: &CallId, state| own(leg).is_some_and(|own| own.state == state);
        match self {
            Self::Line { leg, state } => is(leg, *state),
            Self::Alternated { active, held } => is(active, LegState::Held) || is(held, LegState::Connected),
            Self::Gone { leg } => own(leg).is_none(),
            Self::Joined { leg } => around.calls.leg(leg).is_none() || own(leg).is_none(),
            Self::Dialled { legs: before, held } => {
                legs > *before || held.as_ref().is_some_and(|held| is(held, LegState::Held))
            }
            Self::Agent { state } => {
                let pending = around.roster.agent(agent).and_then(AgentView::pending);
                around.state_of(agent) == *state || pending == Some(*state)
            }
            Self::Recording { leg, state } => own(leg).is_some_and(|own| own.recording == *state),
            Self::Data { leg, data } => around.calls.leg(leg).is_some_and(|leg| {
                data.iter().all(|(key, value)| leg.data.get(key).map_or("", |value| value) == &**value)
            }),
            Self::Completed { leg } => own(leg).is_none() && around.state_of(agent) != AgentState::Work,
            Self::Supervised { .. } | Self::Unseen => false,
        }
    }
}

/// Asks the platform. The request is answered later.
pub(super) fn ask(
    turn: &mut Turn<'_>,
    session: &mut Session,
    cti: &mut CtiState,
    (asked, data): (&Asked, Option<&str>),
    command: Command,
    goal: Goal,
) {
    let number = turn.ids.request();
    cti.asked.insert(number, Purpose::Session { session: session.serial });
    turn.outbox.cti(number, command, None);
    let limit = Duration::from_millis(u64::from(turn.config.limits.request_ms));
    turn.timers.set(TimerName::Request(number), turn.now + limit);
    session.pending.push(Pending { request: number, asked: asked.without_secrets(), data: data.map(Into::into), goal });
}

/// Answers the requests whose effect the platform told before it answered: the response precedes the events.
pub(super) fn fulfil(turn: &mut Turn<'_>, session: &mut Session, around: Around<'_>, legs: &[CallId]) {
    if session.pending.is_empty() {
        return;
    }
    let agent = session.agent.clone();
    let new = |leg: &&CallId| {
        let leg = around.calls.canonical(leg);
        !session.objects.legs().any(|known| known == leg)
            && around.calls.leg(leg).is_some_and(|leg| leg.own(agent.as_str()).is_some())
    };
    let count = session.objects.legs().count() + legs.iter().filter(new).count();
    let reached = |pending: &Pending| pending.goal.is_reached(agent.as_str(), count, around);
    let (done, open) = std::mem::take(&mut session.pending).into_iter().partition(reached);
    session.pending = open;
    let done: Vec<Pending> = done;
    for pending in done {
        succeed(turn, session, &pending);
    }
}

/// The platform answered, or the deadline did (`None`).
pub(crate) fn answered(
    turn: &mut Turn<'_>,
    sessions: &mut Sessions,
    around: Around<'_>,
    serial: u64,
    number: RequestNo,
    outcome: Option<&Outcome>,
) {
    let Some(session) = sessions.get_mut(serial) else { return };
    // What was answered by its effect is answered.
    let Some(position) = session.pending.iter().position(|pending| pending.request == number) else { return };
    let pending = session.pending.remove(position);
    match outcome {
        Some(Outcome::Done | Outcome::Call { .. } | Outcome::Verified { .. }) => {
            succeed(turn, session, &pending);
            news::tell(turn, session, around, news::Why::UNKNOWN);
        }
        Some(Outcome::Refused(refused)) => {
            let failure = explain(session, around, &pending, refused);
            refused_act(sessions, &pending);
            turn.fail(&pending.asked, &failure);
        }
        None => {
            refused_act(sessions, &pending);
            turn.fail(&pending.asked, &Failure::new(Code::RequestDeadline));
        }
    }
}

/// A supervisor's logout of an agent that did not come about is nobody's cause later.
fn refused_act(sessions: &mut Sessions, pending: &Pending) {
    if let Goal::Supervised { agent } = &pending.goal
        && let Some(serial) = sessions.of_agent(agent.as_str()).map(|other| other.serial)
        && let Some(other) = sessions.get_mut(serial)
    {
        other.logged_out_by = None;
    }
}

fn succeed(turn: &mut Turn<'_>, session: &mut Session, pending: &Pending) {
    turn.succeed(&pending.asked, pending.data.as_deref().map(str::as_bytes));
    match &pending.goal {
        Goal::Completed { leg } => complete(session, leg),
        Goal::Supervised { agent } => {
            let verb = pending.asked.command.rsplit('.').next().unwrap_or_default();
            let actor = AuditActor::Supervisor(session.agent.clone());
            let record = AuditRecord::new(turn.now, AuditAction::Supervised, agent.clone(), actor);
            let (client, peer) = (session.client.clone(), session.peer.clone());
            let cause = Some(AuditCause::Supervisor);
            turn.outbox.audit(AuditRecord { cause, client, peer, note: verb.into(), ..record });
        }
        Goal::Line { .. }
        | Goal::Alternated { .. }
        | Goal::Gone { .. }
        | Goal::Joined { .. }
        | Goal::Dialled { .. }
        | Goal::Agent { .. }
        | Goal::Recording { .. }
        | Goal::Data { .. }
        | Goal::Unseen => {}
    }
}

/// The interaction of a leg is done with: now, or as its contact ends.
pub(super) fn complete(session: &mut Session, leg: &CallId) {
    for interaction in session.objects.interactions_mut().filter(|interaction| interaction.leg == *leg) {
        match interaction.state {
            State::Ended { .. } => interaction.state = interaction.state.complete(),
            State::Completed => {}
            State::Alerting | State::Dialing | State::Started => {
                interaction.is_completing |= matches!(interaction.carrier, Carrier::Other { .. });
            }
        }
    }
}

/// The failure of a platform's no. What the client was shown as allowed is not called a wrong state: it could not know.
fn explain(session: &Session, around: Around<'_>, pending: &Pending, refused: &Refusal) -> Failure {
    let may_mislead = matches!(refused.kind, RefusalKind::State | RefusalKind::UnknownCall | RefusalKind::Busy);
    let Some(action) = Action::of(&pending.asked.command).filter(|_| may_mislead) else { return refusal(refused) };
    let target = pending.asked.target.as_deref();
    let place: Result<Place, Failure> = session.objects.walk(&session.resource, target, action.kind());
    match place {
        Err(failure) => failure,
        Ok(place) => {
            let facts = session.objects.facts(step::facts(session, around), place);
            match allowed(action, &facts) {
                Err(code) => Failure::new(code),
                Ok(()) if refused.kind == RefusalKind::State => {
                    refusal(&Refusal { kind: RefusalKind::Other, text: refused.text.clone() })
                }
                Ok(()) => refusal(refused),
            }
        }
    }
}

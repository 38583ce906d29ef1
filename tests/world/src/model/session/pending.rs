//! What a session asked of the platform: answered by it, by the effect where that is told first, or by the deadline.

use interaction_core::cti::{AgentState, CallData, Command, LegState, Outcome, RecordingState, Refusal, RefusalKind};
use serde_json::Value;

use super::actions::{Action, refusal};
use super::objects::Stage;
use super::step::UNKNOWN;
use super::{Session, failed};
use crate::model::platform::Purpose;
use crate::model::requests::Asked;
use crate::model::{Fault, Model, text};

/// A request that waits for the platform.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    number: u64,
    asked: Asked,
    pub(super) goal: Goal,
}

/// By what its effect is known.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Goal {
    /// The agent is on the leg in this state.
    Line(String, LegState),
    /// One of the two changed over.
    Alternated {
        active: String,
        held: String,
    },
    /// The agent is on the leg no more.
    Gone(String),
    /// The leg is part of another, or gone.
    Joined(String),
    /// The agent has more than so many legs, or holds that one.
    Dialled {
        legs: usize,
        held: Option<String>,
    },
    /// The agent is, or will be, in this state.
    Agent(AgentState),
    Recording(String, RecordingState),
    Data(String, CallData),
    /// The contact is over, and so is the work after it.
    Completed(String),
    /// Nothing of the session's own shows it.
    Unseen,
}

/// `data` as a success repeats it.
pub(super) fn echo(asked: &Asked) -> Option<Value> {
    asked.original.get("data").filter(|data| !data.is_null()).map(text::without_passwords)
}

impl Model {
    pub(super) fn ask(&mut self, session: u64, asked: &Asked, command: Command, goal: Goal) {
        let number = self.ask_platform(Purpose::Session(session), self.config.limits.request_ms, command, None);
        if let Some(session) = self.sessions.get_mut(&session) {
            session.pending.push(Pending { number, asked: asked.late(), goal });
        }
    }

    /// The session is over: nobody waits for the platform's answers any more.
    pub(super) fn fail_pending(&mut self, session: &Session, fault: &Fault) {
        for pending in &session.pending {
            self.fail(&pending.asked, fault);
        }
    }

    /// Answers what the platform has done before it answered: the response precedes the events.
    pub(super) fn fulfil(&mut self, number: u64, legs: &[String]) {
        let session = &self.sessions[&number];
        let own = session.objects.legs();
        let is_new = |leg: &&String| {
            let leg = self.calls.id_of(leg);
            !own.contains(&&*leg) && self.calls.leg(&leg).is_some_and(|leg| leg.own(&session.agent).is_some())
        };
        let count = own.len() + legs.iter().filter(is_new).count();
        let reached = |pending: &Pending| self.is_reached(&pending.goal, &session.agent, count);
        let done: Vec<Pending> = session.pending.iter().filter(|pending| reached(pending)).cloned().collect();
        if let Some(session) = self.sessions.get_mut(&number) {
            session.pending.retain(|pending| !done.iter().any(|done| done.number == pending.number));
        }
        for pending in done {
            self.succeed_pending(number, &pending);
        }
    }

    fn is_reached(&self, goal: &Goal, agent: &str, count: usize) -> bool {
        let own = |leg: &str| self.calls.leg(leg).and_then(|leg| leg.own(agent));
        let is = |leg: &str, state| own(leg).is_some_and(|own| own.state == state);
        match goal {
            Goal::Line(leg, state) => is(leg, *state),
            Goal::Alternated { active, held } => is(active, LegState::Held) || is(held, LegState::Connected),
            Goal::Gone(leg) | Goal::Joined(leg) => own(leg).is_none(),
            Goal::Dialled { legs, held } => count > *legs || held.as_ref().is_some_and(|held| is(held, LegState::Held)),
            Goal::Agent(state) => {
                self.state_of(agent) == *state || self.people.reason_and_pending(agent).1 == Some(*state)
            }
            Goal::Recording(leg, state) => own(leg).is_some_and(|own| own.recording == *state),
            Goal::Data(leg, data) => self.calls.leg(leg).is_some_and(|leg| {
                data.iter().all(|(key, value)| leg.data.get(&**key).map_or("", String::as_str) == &**value)
            }),
            Goal::Completed(leg) => own(leg).is_none() && self.state_of(agent) != AgentState::Work,
            Goal::Unseen => false,
        }
    }

    fn succeed_pending(&mut self, number: u64, pending: &Pending) {
        self.succeed(&pending.asked, echo(&pending.asked));
        if let (Goal::Completed(leg), Some(session)) = (&pending.goal, self.sessions.get_mut(&number)) {
            complete(session, leg);
        }
    }

    /// The platform answered, or the deadline did.
    pub(in crate::model) fn session_answered(&mut self, session: u64, number: u64, outcome: Option<&Outcome>) {
        let Some(own) = self.sessions.get_mut(&session) else { return };
        let Some(place) = own.pending.iter().position(|pending| pending.number == number) else { return };
        let pending = own.pending.remove(place);
        match (failed(outcome), outcome) {
            (None, _) => {
                self.succeed_pending(session, &pending);
                self.tell_changes(session, UNKNOWN);
            }
            (Some(fault), Some(Outcome::Refused(refused))) => {
                let fault = self.explained(session, &pending.asked, refused, fault);
                self.fail(&pending.asked, &fault);
            }
            (Some(fault), _) => self.fail(&pending.asked, &fault),
        }
    }

    /// What is shown as allowed is not called a wrong state: a client could not know.
    fn explained(&self, session: u64, asked: &Asked, refused: &Refusal, fault: Fault) -> Fault {
        let may_mislead = matches!(refused.kind, RefusalKind::State | RefusalKind::UnknownCall | RefusalKind::Busy);
        let Some(action) = Action::of(&asked.command).filter(|_| may_mislead) else { return fault };
        let session = &self.sessions[&session];
        let objects = &session.objects;
        match objects.find(&session.resource, asked.target.as_deref(), action.kind) {
            Err(fault) => fault,
            Ok(place) => match refusal(action.name, &objects.facts(self.of_session(session), place)) {
                Some(code) => Fault::new(code),
                None if refused.kind == RefusalKind::State => Fault::new("cti.refused"),
                None => fault,
            },
        }
    }
}

/// The interaction of a leg is done with: now, or as its contact ends.
pub(super) fn complete(session: &mut Session, leg: &str) {
    use interaction_core::cti::Media;
    for interaction in session.objects.interactions_mut().filter(|interaction| interaction.leg == leg) {
        match interaction.stage {
            Stage::Ended(_) | Stage::Completed => interaction.stage = Stage::Completed,
            _ => interaction.is_completing |= interaction.media != Media::Voice,
        }
    }
}

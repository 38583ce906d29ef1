//! What the platform tells, carried to the parts it concerns: people to the roster, calls to journeys and sessions, answers to
//! whoever asked.

use super::World;
use crate::cti::{AgentState, Answer, CallEvent, Event, Outcome, Refusal, RefusalKind, RequestNo};
use crate::cti_state::{Purpose, Reach};
use crate::ids::LinkId;
use crate::limits::{CALL_SILENCE, CALL_SWEEP};
use crate::processor;
use crate::report::resource::{self, FanOut, Reports};
use crate::session::{self, Around};
use crate::timers::TimerName;
use crate::turn::Turn;

impl World {
    pub(super) fn cti(&mut self, turn: &mut Turn<'_>, event: Event) {
        let before = self.cti.status();
        self.reports.queuestatus.roll(turn.now, turn.config.day_starts_min);
        match event {
            Event::Up(platform) => {
                // Said again while in service, it tells what is new of the platform and nothing else.
                if self.cti.reach != Reach::InService {
                    self.cti.reach = Reach::Resyncing;
                }
                self.cti.platform = Some(platform);
            }
            Event::Down { .. } => {
                self.cti.reach = Reach::Away;
                self.change_people(turn, &event);
                self.reports.journeys.down();
                self.unanswered(turn);
                self.look_all(turn);
            }
            Event::ResyncBegin => {
                self.cti.reach = Reach::Resyncing;
                self.reports.journeys.resync_begin();
                self.calls.resync_begin();
                self.change_people(turn, &event);
            }
            // An end without a beginning tells nothing.
            Event::ResyncEnd if !self.reports.roster.is_resyncing() => turn.counters.records_refused += 1,
            Event::ResyncEnd => {
                self.cti.reach = Reach::InService;
                self.cti.synced_once = true;
                self.change_people(turn, &event);
                self.reports.journeys.resync_end(turn.now);
                self.calls.resync_end();
                self.look_all(turn);
                self.reconcile(turn);
            }
            Event::Queue(ref queue) => {
                self.reports.journeys.queue(queue);
                self.change_people(turn, &event);
            }
            Event::QueueRemoved { ref queue } => {
                self.reports.journeys.queue_removed(queue);
                self.change_people(turn, &event);
            }
            Event::AgentStatus(ref status) => {
                self.change_people(turn, &event);
                let names = &self.reports.roster;
                self.reports.journeys.agent_status(turn.now, &status.agent, status.state, status.since, names);
                self.agent_changed(turn, status.agent.as_str());
            }
            Event::AgentRemoved { ref agent } => {
                let names = &self.reports.roster;
                self.reports.journeys.agent_status(turn.now, agent, AgentState::LoggedOut, None, names);
                self.change_people(turn, &event);
                self.agent_changed(turn, agent.as_str());
            }
            Event::Agent(_)
            | Event::Team(_)
            | Event::TeamRemoved { .. }
            | Event::TeamChanged { .. }
            | Event::Serves(_) => self.change_people(turn, &event),
            Event::Call(ref call) => {
                self.reports.queuestatus.call(turn.now, call);
                self.reports.journeys.apply(turn.now, call, &self.reports.roster);
                self.call(turn, call);
            }
            Event::Answer(answer) => self.answered(turn, &answer),
        }
        self.publish_queues(turn);
        let after = self.cti.status();
        if after != before {
            self.tell_status(turn, after);
        }
    }

    fn change_people(&mut self, turn: &mut Turn<'_>, event: &Event) {
        match self.reports.roster.apply(turn.now, event) {
            Ok(delta) => {
                let Reports { roster, teamstatus, queuestatus, .. } = &mut self.reports;
                teamstatus.publish(roster, &delta, turn.now, &mut FanOut { links: turn.links, outbox: turn.outbox });
                if queuestatus.apply(event, roster, &delta).is_err() {
                    turn.counters.records_refused += 1;
                }
                let related: Vec<_> = delta.relations().map(|(agent, ..)| agent.clone()).collect();
                if !related.is_empty() {
                    self.review_rights(turn);
                    // After a resynchronisation every session looks again, once all of it is applied.
                    for agent in related.iter().filter(|_| *event != Event::ResyncEnd) {
                        self.look_again(turn, agent.as_str());
                    }
                }
            }
            Err(_) => turn.counters.records_refused += 1,
        }
    }

    /// What the input changed about queues, once.
    fn publish_queues(&mut self, turn: &mut Turn<'_>) {
        let Reports { roster, queuestatus, .. } = &mut self.reports;
        queuestatus.publish(roster, turn.now, &mut FanOut { links: turn.links, outbox: turn.outbox });
    }

    pub(super) fn new_day(&mut self, turn: &mut Turn<'_>) {
        self.reports.queuestatus.roll(turn.now, turn.config.day_starts_min);
        self.publish_queues(turn);
    }

    pub(super) fn arm_day(&mut self, turn: &mut Turn<'_>) {
        match self.reports.queuestatus.poll_rearm() {
            Some(Some(at)) => turn.timers.set(TimerName::Day, at),
            Some(None) => turn.timers.clear(TimerName::Day),
            None => {}
        }
    }

    /// Who supervises whom changed: subscriptions that lived by it may end.
    fn review_rights(&mut self, turn: &mut Turn<'_>) {
        let links: Vec<LinkId> = turn
            .links
            .iter()
            .filter(|link| !link.scopes.reports && !link.resources.is_empty())
            .map(|link| link.id)
            .collect();
        for link in links {
            resource::review_rights(turn, &mut self.reports, &self.sessions, link);
        }
    }

    fn agent_changed(&mut self, turn: &mut Turn<'_>, agent: &str) {
        if self.cti.reach == Reach::InService {
            self.look_again(turn, agent);
            session::agent_changed(turn, &mut self.sessions, &mut self.cti, &self.reports.roster, agent);
        }
    }

    /// What happened to a leg reaches the sessions of the agents on it.
    fn call(&mut self, turn: &mut Turn<'_>, event: &CallEvent) {
        let Self { sessions, cti, calls, reports, .. } = self;
        let roster = &reports.roster;
        let touched = calls.apply(
            turn.now,
            event,
            |agent| sessions.of_agent(agent).is_some(),
            |queue| roster.queue_name_told(queue.as_str()).map(Into::into),
        );
        if !calls.is_empty() && !turn.timers.is_set(TimerName::Calls) {
            turn.timers.set(TimerName::Calls, turn.now + CALL_SWEEP);
        }
        session::call_changed(turn, sessions, Around { cti, calls, roster }, event.call(), &touched);
        if cti.reach == Reach::InService {
            for agent in &touched.agents {
                session::call_changed_for(turn, sessions, cti, roster, agent.as_str());
            }
        }
    }

    /// Legs that nothing was heard of for too long are over.
    pub(super) fn sweep_calls(&mut self, turn: &mut Turn<'_>) {
        let agents = self.calls.sweep(turn.now, CALL_SILENCE);
        for agent in agents {
            self.agent_changed(turn, agent.as_str());
        }
        if !self.calls.is_empty() {
            turn.timers.set(TimerName::Calls, turn.now + CALL_SWEEP);
        }
    }

    fn look_again(&mut self, turn: &mut Turn<'_>, agent: &str) {
        let Self { sessions, cti, calls, reports, .. } = self;
        session::look_again(turn, sessions, Around { cti, calls, roster: &reports.roster }, agent);
    }

    fn look_all(&mut self, turn: &mut Turn<'_>) {
        let Self { sessions, cti, calls, reports, .. } = self;
        session::look_all(turn, sessions, Around { cti, calls, roster: &reports.roster });
    }

    pub(super) fn login_answered(&mut self, turn: &mut Turn<'_>, session: u64, outcome: Option<&Outcome>) {
        let Self { sessions, cti, calls, reports, .. } = self;
        session::login_answered(turn, sessions, Around { cti, calls, roster: &reports.roster }, session, outcome);
    }

    pub(super) fn session_answered(
        &mut self,
        turn: &mut Turn<'_>,
        session: u64,
        number: RequestNo,
        outcome: Option<&Outcome>,
    ) {
        let Self { sessions, cti, calls, reports, .. } = self;
        session::answered(turn, sessions, Around { cti, calls, roster: &reports.roster }, session, number, outcome);
    }

    /// The platform told everything: sessions of agents that are logged out by now end.
    fn reconcile(&mut self, turn: &mut Turn<'_>) {
        for agent in self.sessions.agents() {
            self.agent_changed(turn, agent.as_str());
        }
    }

    fn answered(&mut self, turn: &mut Turn<'_>, answer: &Answer) {
        let Some(purpose) = self.cti.asked.swap_remove(&answer.request) else { return };
        self.resolve(turn, answer.request, purpose, &answer.outcome);
    }

    fn resolve(&mut self, turn: &mut Turn<'_>, number: RequestNo, purpose: Purpose, outcome: &Outcome) {
        match purpose {
            // The directory is asked next, within the same time.
            Purpose::Verify => {}
            Purpose::Login { .. } | Purpose::Logout { .. } | Purpose::Policy | Purpose::Session { .. } => {
                turn.timers.clear(TimerName::Request(number));
            }
        }
        match purpose {
            Purpose::Verify => {
                let Self { prepares, lockouts, sessions, cti, reports, .. } = self;
                processor::verified(turn, prepares, lockouts, sessions, cti, reports, number, outcome);
            }
            Purpose::Login { session } => self.login_answered(turn, session, Some(outcome)),
            Purpose::Session { session } => self.session_answered(turn, session, number, Some(outcome)),
            Purpose::Logout { session } => self.logout_answered(turn, session, Some(outcome)),
            Purpose::Policy => {}
        }
    }

    pub(super) fn logout_answered(&mut self, turn: &mut Turn<'_>, session: u64, outcome: Option<&Outcome>) {
        let goes_on = session::logout_answered(turn, &mut self.sessions, session, outcome);
        // The platform may have told of the agent's end meanwhile, which was left to the answer.
        if let Some(agent) = goes_on {
            self.agent_changed(turn, agent.as_str());
        }
    }

    /// The platform is away: what it was asked fails.
    fn unanswered(&mut self, turn: &mut Turn<'_>) {
        let mut asked: Vec<(RequestNo, Purpose)> = self.cti.asked.drain(..).collect();
        asked.sort_unstable_by_key(|(number, _)| *number);
        let outcome = Outcome::Refused(Refusal { kind: RefusalKind::Unavailable, text: "the platform is away".into() });
        for (number, purpose) in asked {
            self.resolve(turn, number, purpose, &outcome);
        }
    }
}

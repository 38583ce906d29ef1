//! The platform behind the processor: whether it is there, what it tells, what it answers.

use std::collections::BTreeSet;

use interaction_core::cti::{self, AgentState, Event, Outcome, Refusal, RefusalKind};
use serde_json::{Value, json};

use super::people::People;
use super::{Deadline, Model, calls};

/// What is known of the platform.
#[derive(Clone, Debug, Default)]
pub(crate) struct Platform {
    pub(super) known: Option<cti::Platform>,
    reach: Reach,
    has_told_all_once: bool,
    pub(crate) is_shutting_down: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Reach {
    #[default]
    Away,
    Resyncing,
    InService,
}

/// What a command was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To check the password of the prepareSession of the same number.
    Verify,
    /// To log a session's agent in.
    Login(u64),
    /// To log it out, as its client asked.
    Logout(u64),
    /// To do what the client of a session asked for.
    Session(u64),
    /// To carry out the disconnect policy, or to end after-call work; the answer changes nothing.
    Policy,
}

impl Platform {
    /// `serviceStatus.status`.
    pub(super) fn status(&self) -> &'static str {
        match (self.is_shutting_down, self.reach, self.has_told_all_once) {
            (true, ..) => "Stopping",
            (false, Reach::InService, _) => "InService",
            (false, _, true) => "OutOfService",
            (false, _, false) => "Starting",
        }
    }

    /// Commands can be sent.
    pub(super) fn is_up(&self) -> bool {
        self.reach != Reach::Away
    }

    /// Everything is being told again.
    pub(super) fn is_resyncing(&self) -> bool {
        self.reach == Reach::Resyncing
    }

    /// What agents do is known.
    pub(crate) fn is_in_service(&self) -> bool {
        self.reach == Reach::InService
    }

    pub(super) fn has_reports(&self) -> bool {
        self.known.as_ref().is_some_and(|known| known.reports.is_some())
    }

    /// The tables of codes, once the platform is known.
    pub(super) fn codes(&self) -> Option<Value> {
        let table = |codes: &[cti::ReasonCode]| -> Value {
            codes.iter().map(|reason| json!({"code": reason.code, "name": reason.name})).collect()
        };
        let known = self.known.as_ref()?;
        Some(json!({"notReadyReasons": table(&known.not_ready_reasons), "logoutReasons": table(&known.logout_reasons),
            "wrapUpCodes": table(&known.wrap_up_codes)}))
    }

    pub(super) fn vendor_and_version(&self) -> (&str, &str) {
        self.known.as_ref().map_or(("", ""), |known| (&known.vendor, &known.version))
    }
}

impl Model {
    pub(super) fn platform_tells(&mut self, event: &Event) {
        let before = self.platform.status();
        let was_in_service = self.platform.is_in_service();
        self.roll_day();
        match event {
            Event::Up(platform) => {
                // CHOICE: said again in service, it only tells what is new of the platform.
                if self.platform.reach != Reach::InService {
                    self.platform.reach = Reach::Resyncing;
                }
                self.platform.known = Some(platform.clone());
            }
            Event::Down { .. } => {
                // What was known is frozen; a truth half told is dropped.
                self.queues_freeze(was_in_service, false);
                self.platform.reach = Reach::Away;
                self.staged = None;
                self.frozen = true;
                self.reports.journeys.down();
                self.nothing_is_answered();
                self.look_all();
            }
            Event::ResyncBegin => {
                self.queues_freeze(was_in_service, true);
                self.platform.reach = Reach::Resyncing;
                self.staged = Some(People::default());
                self.reports.journeys.resync_begin();
                self.calls.resync_begin();
            }
            Event::ResyncEnd => {
                // CHOICE: an end without a beginning tells nothing.
                if let Some(truth) = self.staged.take() {
                    self.platform.reach = Reach::InService;
                    self.platform.has_told_all_once = true;
                    self.frozen = false;
                    let now = self.now;
                    self.queues_resync_end();
                    self.change_people(|people| people.become_like(now, truth));
                    self.reports.journeys.resync_end(now);
                    self.calls.resync_end();
                    self.look_all();
                    for agent in self.agents_with_sessions() {
                        self.agent_of_session_changed(&agent);
                    }
                }
            }
            Event::Serves(_) => self.queue_record(event),
            Event::Queue(queue) => {
                self.reports.journeys.queue(queue);
                self.record(event);
            }
            Event::QueueRemoved { queue } => {
                self.reports.journeys.queue_removed(queue);
                self.record(event);
            }
            Event::Agent(_) | Event::Team(_) | Event::TeamRemoved { .. } | Event::TeamChanged { .. } => {
                self.record(event);
            }
            Event::AgentStatus(status) => {
                self.record(event);
                self.reports.journeys.agent_does(self.now, status.agent.as_str(), status.state, status.since);
                self.agent_of_session_changed(status.agent.as_str());
            }
            Event::AgentRemoved { agent } => {
                let (now, gone) = (self.now, AgentState::LoggedOut);
                self.reports.journeys.agent_does(now, agent.as_str(), gone, None);
                self.record(event);
                self.agent_of_session_changed(agent.as_str());
            }
            Event::Call(call) => {
                self.queues_call(call);
                self.reports.journeys.call(self.now, call);
                let people = self.staged.as_ref().unwrap_or(&self.people);
                let touched = self.calls.happens(self.now, call, |queue| people.queue_name(queue));
                if !self.calls.is_empty() {
                    let at = self.now + calls::LOOKED_FOR_EVERY;
                    self.deadlines.entry(Deadline::Calls).or_insert(at);
                }
                self.call_changed(call.call().as_str(), &touched);
            }
            Event::Answer(answer) => {
                if let Some(purpose) = self.asked.remove(&answer.request.0) {
                    self.answered(answer.request.0, purpose, &answer.outcome);
                }
            }
        }
        self.tell_queue_watchers();
        // CHOICE: what changed is told before the status that follows from it.
        if self.platform.status() != before {
            self.tell_service_status();
        }
    }

    /// A record of people: part of the truth being told, or a change, or nothing while the platform is away.
    fn record(&mut self, event: &Event) {
        let now = self.now;
        self.queue_record(event);
        match &mut self.staged {
            Some(staged) => staged.take(now, event),
            None if self.frozen => {}
            None => {
                let before = self.people.relations();
                self.change_people(|people| people.take(now, event));
                let after = self.people.relations();
                // By team, then agent: whoever gained, lost or changed a role in a team.
                let all: BTreeSet<&(String, String)> = before.keys().chain(after.keys()).collect();
                for key in all.into_iter().filter(|key| before.get(*key) != after.get(*key)) {
                    self.look_again(&key.1);
                }
            }
        }
    }

    /// Legs nothing was heard of for too long are over.
    pub(super) fn look_for_silent_calls(&mut self) {
        for agent in self.calls.sweep(self.now) {
            self.agent_of_session_changed(&agent);
        }
        if !self.calls.is_empty() {
            self.deadlines.insert(Deadline::Calls, self.now + calls::LOOKED_FOR_EVERY);
        }
    }

    /// CHOICE: while the platform tells everything again, sessions wait for its end.
    pub(super) fn agent_of_session_changed(&mut self, agent: &str) {
        if !self.platform.is_in_service() {
            return;
        }
        self.look_again(agent);
        if let Some(session) = self.session_of_agent(agent) {
            self.agent_changed(session);
        }
    }

    fn answered(&mut self, number: u64, purpose: Purpose, outcome: &Outcome) {
        if purpose != Purpose::Verify {
            self.deadlines.remove(&Deadline::Request(number));
        }
        match purpose {
            Purpose::Verify => self.verified(number, outcome),
            Purpose::Login(session) => self.login_answered(session, Some(outcome)),
            Purpose::Logout(session) => self.logout_answered(session, Some(outcome)),
            Purpose::Session(session) => self.session_answered(session, number, Some(outcome)),
            Purpose::Policy => {}
        }
    }

    /// The platform is away: whatever it was asked fails at once.
    fn nothing_is_answered(&mut self) {
        let refusal = Refusal { kind: RefusalKind::Unavailable, text: "".into() };
        for (number, purpose) in std::mem::take(&mut self.asked) {
            self.answered(number, purpose, &Outcome::Refused(refusal.clone()));
        }
    }

    /// A request took too long.
    pub(super) fn request_due(&mut self, number: u64) {
        match self.asked.remove(&number) {
            Some(Purpose::Login(session)) => self.login_answered(session, None),
            Some(Purpose::Logout(session)) => self.logout_answered(session, None),
            Some(Purpose::Session(session)) => self.session_answered(session, number, None),
            Some(Purpose::Verify | Purpose::Policy) | None => {
                self.prepare_due(number);
                self.loaded(number, None);
            }
        }
    }

    pub(super) fn ask_platform(
        &mut self,
        purpose: Purpose,
        within_ms: u32,
        command: cti::Command,
        password: Option<String>,
    ) -> u64 {
        let number = self.number();
        self.asked.insert(number, purpose);
        let at = self.in_ms(within_ms);
        self.deadlines.insert(Deadline::Request(number), at);
        self.said.push(super::Expected::Command { number, command, password });
        number
    }
}

//! Sessions: section 3's life and section 4's resource.

mod actions;
mod commands;
mod data;
mod deeds;
mod objects;
mod pending;
mod step;
mod telling;

use std::time::Duration;

use interaction_core::config::DisconnectPolicy;
use interaction_core::cti::{AgentState, Command, Outcome};
use interaction_core::time::Time;
use serde_json::{Value, json};

use super::platform::Purpose;
use super::requests::Asked;
use super::{Deadline, Fault, Model, text};

pub(crate) use actions::ACTIONS;
pub(crate) use objects::Place;

use actions::Kind;
use objects::Objects;
use pending::Pending;

/// CHOICE: a session whose client is away waits so long, at most, for its agent's interaction to end.
const LONGEST_WAIT: Duration = Duration::from_secs(12 * 3600);

/// One session.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) resource: String,
    pub(crate) agent: String,
    /// The link that prepared it, or the one that followed it after a gap.
    pub(crate) owner: u64,
    /// The client that prepared it.
    pub(super) client: String,
    pub(super) since: Time,
    pub(crate) state: State,
    /// `session.start` was sent in the present binding.
    pub(crate) is_started_in_binding: bool,
    /// The password, until the login needs it no more.
    pub(super) password: Option<String>,
    /// Since when nobody has been there.
    away_since: Option<Time>,
    /// The call model it was prepared with.
    model: String,
    /// The extension its client asked to be logged in at.
    extension: Option<String>,
    /// What it asked of the platform.
    pending: Vec<Pending>,
    pub(crate) objects: Objects,
}

/// Where it is in its life.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum State {
    Prepared,
    /// The platform was asked to log the agent in.
    Starting(Asked),
    Initialized(Time),
    /// The platform was asked to log the agent out.
    LoggingOut(Asked, Time),
    /// Its client stayed away while an interaction went on: the policy is carried out when that is over.
    Abandoned(Time),
}

/// Why a session ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// That client took the agent over.
    Superseded(String),
    Ended,
    Released,
    /// Its own client logged out: the answer tells.
    LoggedOut,
}

impl Session {
    pub(super) fn prepared(
        resource: String,
        agent: String,
        owner: u64,
        client: String,
        password: String,
        now: Time,
        is_attached: bool,
    ) -> Self {
        Self {
            resource,
            agent,
            owner,
            client,
            since: now,
            state: State::Prepared,
            is_started_in_binding: false,
            password: Some(password),
            away_since: (!is_attached).then_some(now),
            model: String::new(),
            extension: None,
            pending: Vec::new(),
            objects: Objects::default(),
        }
    }

    pub(super) fn of_model(self, model: String) -> Self {
        Self { model, ..self }
    }

    /// Its client is back: what its absence was about to lead to is off.
    fn awaken(&mut self) {
        if let State::Abandoned(since) = self.state {
            self.state = State::Initialized(since);
        }
    }
}

impl Model {
    pub(super) fn session_of_agent(&self, agent: &str) -> Option<u64> {
        self.sessions.iter().find(|(_, session)| session.agent == agent).map(|(number, _)| *number)
    }

    pub(super) fn session_of_resource(&self, resource: &str) -> Option<u64> {
        self.sessions.iter().find(|(_, session)| session.resource == resource).map(|(number, _)| *number)
    }

    fn sessions_of(&self, link: u64) -> Vec<u64> {
        self.sessions.iter().filter(|(_, session)| session.owner == link).map(|(number, _)| *number).collect()
    }

    /// A contact goes on: one the session has an object for, or one its agent's state tells of.
    pub(crate) fn is_ongoing(&self, session: &Session) -> bool {
        let state = self.people.state_of(&session.agent);
        session.objects.is_ongoing()
            || matches!(state, Some(AgentState::Reserved | AgentState::Talking | AgentState::Hold))
    }

    /// Whether a command is allowed now, and offered at all.
    pub(crate) fn may(&self, session: &Session, place: Place, name: &str) -> bool {
        let offers = self.platform.known.as_ref().map(|platform| platform.offers).unwrap_or_default();
        let facts = session.objects.facts(self.of_session(session), place);
        let is_one = |action: &&actions::Action| action.name == name && action.is_offered(&offers);
        let action = ACTIONS.iter().find(is_one).filter(|action| action.applies_to(facts.media()));
        action.is_some() && actions::refusal(name, &facts).is_none()
    }

    /// The address a session's channels have.
    pub(crate) fn endpoint(&self, session: &Session) -> String {
        self.endpoint_of(session)
    }

    fn is_bound(&self, session: &Session) -> bool {
        self.links.get(&session.owner).is_some_and(|link| link.resources.contains(&session.resource))
    }

    /// A session ends: whoever waits for it is answered, its client is told, its claim may be given back.
    pub(super) fn end_session(&mut self, number: u64, end: &End) {
        let Some(session) = self.sessions.remove(&number) else { return };
        self.deadlines.remove(&Deadline::Session(number));
        self.deadlines.remove(&Deadline::WrapUp(number));
        self.fail_pending(&session, &Fault::new("resource.unknown"));
        if let (State::Starting(asked) | State::LoggingOut(asked, _), false) = (&session.state, *end == End::LoggedOut)
        {
            self.fail(asked, &Fault::new("resource.unknown"));
        }
        if let Some(link) = self.links.get_mut(&session.owner) {
            link.resources.remove(&session.resource);
            self.bereft.insert(session.owner);
        }
        let mut data = json!({"serviceId": self.config.service_id, "resourceId": session.resource});
        match end {
            End::Superseded(client) => {
                data["reason"] = "superseded".into();
                data["client"] = client.as_str().into();
                data["at"] = self.now.as_millis().into();
            }
            End::Ended => data["reason"] = "ended".into(),
            End::Released => data["reason"] = "released".into(),
            End::LoggedOut => {}
        }
        if !matches!(end, End::Superseded(_)) {
            self.vacated.push(session.agent);
        }
        if *end != End::LoggedOut {
            self.core_event(session.owner, "resourceUnbound", data);
        }
    }

    /// The owner has no socket, or is over: its sessions run their grace time from now.
    pub(super) fn owner_gone(&mut self, link: u64) {
        for number in self.sessions_of(link) {
            self.away(number);
        }
    }

    fn away(&mut self, number: u64) {
        let at = self.in_ms(self.config.limits.grace_ms);
        let Some(session) = self.sessions.get_mut(&number) else { return };
        if session.away_since.is_none() {
            session.away_since = Some(self.now);
            // One that nobody started has a deadline of its own.
            if session.state != State::Prepared {
                self.deadlines.insert(Deadline::Session(number), at);
            }
        }
    }

    /// The owner has a socket again: the sessions it has bound wait for nothing.
    pub(super) fn owner_returned(&mut self, link: u64) {
        for number in self.sessions_of(link) {
            if self.is_bound(&self.sessions[&number]) {
                self.back(number);
            }
        }
    }

    fn back(&mut self, number: u64) {
        let Some(session) = self.sessions.get_mut(&number) else { return };
        session.away_since = None;
        session.awaken();
        if session.state != State::Prepared {
            self.deadlines.remove(&Deadline::Session(number));
        }
    }

    /// The owner is over because of a gap, and `new` follows it: it has the grace time to bind its sessions.
    pub(super) fn owner_replaced(&mut self, old: u64, new: u64) {
        let at = self.in_ms(self.config.limits.grace_ms);
        for number in self.sessions_of(old) {
            let Some(session) = self.sessions.get_mut(&number) else { continue };
            session.owner = new;
            session.is_started_in_binding = false;
            session.awaken();
            session.away_since = Some(self.now);
            if session.state != State::Prepared {
                self.deadlines.insert(Deadline::Session(number), at);
            }
        }
    }

    pub(super) fn session_bound(&mut self, resource: &str) {
        let Some(number) = self.session_of_resource(resource) else { return };
        let Some(session) = self.sessions.get_mut(&number) else { return };
        session.is_started_in_binding = false;
        session.awaken();
        if session.away_since.is_some() && self.links.get(&session.owner).is_some_and(|link| link.socket.is_some()) {
            self.back(number);
        }
    }

    pub(super) fn session_unbound(&mut self, resource: &str) {
        let Some(number) = self.session_of_resource(resource) else { return };
        if let Some(session) = self.sessions.get_mut(&number) {
            session.is_started_in_binding = false;
        }
        self.away(number);
    }

    /// A session's deadline: nobody came.
    pub(super) fn session_due(&mut self, number: u64) {
        let Some(session) = self.sessions.get(&number) else { return };
        match session.state {
            State::Prepared | State::Abandoned(_) => self.end_session(number, &End::Released),
            // What is under way has a deadline of its own, and decides.
            State::Starting(_) | State::LoggingOut(..) => {
                let at = self.in_ms(self.config.limits.grace_ms);
                self.deadlines.insert(Deadline::Session(number), at);
            }
            State::Initialized(since) => {
                let is_busy = self.is_ongoing(session) || !self.platform.is_up();
                if is_busy && self.config.disconnect != DisconnectPolicy::Keep {
                    if let Some(session) = self.sessions.get_mut(&number) {
                        session.state = State::Abandoned(since);
                    }
                    self.deadlines.insert(Deadline::Session(number), self.now + LONGEST_WAIT);
                } else {
                    self.carry_out_policy(number);
                }
            }
        }
    }

    fn carry_out_policy(&mut self, number: u64) {
        let Some(session) = self.sessions.get(&number) else { return };
        let agent = session.agent.clone();
        let state = self.people.state_of(&agent).unwrap_or(AgentState::LoggedOut);
        let id = || agent.as_str().into();
        let (command, end) = match (self.config.disconnect, state) {
            (DisconnectPolicy::Keep, _) | (DisconnectPolicy::NotReady, AgentState::NotReady) => (None, End::Released),
            (_, AgentState::LoggedOut) => (None, End::Ended),
            (DisconnectPolicy::NotReady, _) => (
                Some(Command::SetState { agent: id(), state: AgentState::NotReady, reason: None, by: None }),
                End::Released,
            ),
            (DisconnectPolicy::Logout, _) => {
                (Some(Command::Logout { agent: id(), reason: None, by: None }), End::Ended)
            }
        };
        if let Some(command) = command {
            self.ask_platform(Purpose::Policy, self.config.limits.logout_ms, command, None);
        }
        self.end_session(number, &end);
    }

    /// The platform says that a session's agent does something else.
    pub(super) fn agent_changed(&mut self, number: u64) {
        if !self.platform.is_in_service() {
            return;
        }
        let Some(session) = self.sessions.get(&number) else { return };
        let state = self.people.state_of(&session.agent);
        match session.state {
            State::Initialized(_) if matches!(state, None | Some(AgentState::LoggedOut)) => {
                self.end_session(number, &End::Ended);
            }
            State::Abandoned(_) if !self.is_ongoing(session) => self.carry_out_policy(number),
            // The answers of the login and of the logout decide these.
            State::Prepared
            | State::Starting(_)
            | State::LoggingOut(..)
            | State::Initialized(_)
            | State::Abandoned(_) => {}
        }
    }

    /// A request to a session its link has bound.
    pub(super) fn session_request(&mut self, resource: &str, asked: &Asked) -> Result<(), Fault> {
        let Some(number) = self.session_of_resource(resource) else { return Err(Fault::new("resource.unknown")) };
        let session = &self.sessions[&number];
        match &*asked.command {
            "session.start" | "session.request.start" => {
                session.objects.find(&session.resource, asked.target.as_deref(), Kind::Session)?;
                self.start_session(number, asked)
            }
            _ => self.act_on(number, asked),
        }
    }

    fn start_session(&mut self, number: u64, asked: &Asked) -> Result<(), Fault> {
        let session = &self.sessions[&number];
        let is_under_way = matches!(session.state, State::Starting(_) | State::LoggingOut(..));
        if is_under_way || session.is_started_in_binding {
            return Err(Fault::new("session.alreadystarted"));
        }
        let data = asked.data_or_nothing(&[("/extension", text::Kind::Text)])?;
        let extension = match &data["extension"] {
            Value::Null => None,
            extension => Some(text::id(extension).ok_or_else(|| Fault::invalid("data.extension"))?.to_owned()),
        };
        if session.state != State::Prepared {
            self.adopt(number, asked);
            return Ok(());
        }
        // What the agent does is known in service only, and decides between a login and an adoption.
        if !self.platform.is_in_service() {
            return Err(Fault::new("cti.unavailable"));
        }
        let agent = session.agent.clone();
        if self.people.state_of(&agent).is_some_and(|state| state != AgentState::LoggedOut) {
            self.adopt(number, asked);
            return Ok(());
        }
        let Some(session) = self.sessions.get_mut(&number) else { return Ok(()) };
        session.state = State::Starting(asked.late());
        session.is_started_in_binding = true;
        session.extension.clone_from(&extension);
        let password = session.password.take();
        self.deadlines.remove(&Deadline::Session(number));
        let command = Command::Login { agent: agent.into(), extension: extension.map(Into::into) };
        self.ask_platform(Purpose::Login(number), self.config.limits.request_ms, command, password);
        Ok(())
    }

    /// The agent is logged in: the session runs, and its client is told everything from the start.
    fn adopt(&mut self, number: u64, asked: &Asked) {
        let Some(session) = self.sessions.get_mut(&number) else { return };
        let is_new = matches!(session.state, State::Prepared | State::Starting(_));
        let since = match session.state {
            State::Initialized(since) | State::Abandoned(since) => since,
            State::Prepared | State::Starting(_) | State::LoggingOut(..) => self.now,
        };
        session.password = None;
        session.state = State::Initialized(since);
        match session.away_since {
            Some(away) => {
                let at = away + Duration::from_millis(self.config.limits.grace_ms.into());
                self.deadlines.insert(Deadline::Session(number), at);
            }
            None => {
                self.deadlines.remove(&Deadline::Session(number));
            }
        }
        self.succeed(asked, None);
        // The link that follows the one that asked, after a gap, has not started it in its own binding.
        let session = &self.sessions[&number];
        let is_bound = asked.link == session.owner && self.is_bound(session);
        if let Some(session) = self.sessions.get_mut(&number) {
            session.is_started_in_binding = is_bound;
        }
        if is_new {
            self.found(number);
        }
        let legs = self.calls.of_agent(&self.sessions[&number].agent);
        self.step(number, &legs);
        if let Some(session) = self.sessions.get_mut(&number) {
            telling::forget_gone(&mut session.objects);
        }
        if is_bound {
            self.tell_all(number);
        }
        self.tell_changes(number, step::UNKNOWN);
    }

    /// The platform answered the login, or the deadline did.
    pub(super) fn login_answered(&mut self, number: u64, outcome: Option<&Outcome>) {
        let Some(State::Starting(asked)) = self.sessions.get(&number).map(|session| session.state.clone()) else {
            return;
        };
        match failed(outcome) {
            None => self.adopt(number, &asked),
            // The password is gone with the command: the client prepares again.
            Some(fault) => {
                self.fail(&asked, &fault);
                self.end_session(number, &End::Released);
            }
        }
    }

    fn log_out(&mut self, number: u64, asked: &Asked) -> Result<(), Fault> {
        let data = asked.data_or_nothing(&[("/reason", text::Kind::Object), ("/reason/code", text::Kind::Text)])?;
        let reason = match &data["reason"] {
            Value::Null => None,
            reason => Some(text::id(&reason["code"]).ok_or_else(|| Fault::invalid("data.reason.code"))?.to_owned()),
        };
        let is_required = self.platform.known.as_ref().is_some_and(|known| known.offers.logout_reason_required);
        if is_required && reason.is_none() {
            return Err(Fault::new("logout.reason.required"));
        }
        if !self.platform.is_in_service() {
            return Err(Fault::new("cti.unavailable"));
        }
        let session = &self.sessions[&number];
        let agent = session.agent.clone();
        if self.is_ongoing(session) {
            return Err(Fault::new("interaction.ongoing"));
        }
        if let Some(session) = self.sessions.get_mut(&number)
            && let State::Initialized(since) = session.state
        {
            session.state = State::LoggingOut(asked.late(), since);
        }
        let command = Command::Logout { agent: agent.into(), reason: reason.map(Into::into), by: None };
        self.ask_platform(Purpose::Logout(number), self.config.limits.logout_ms, command, None);
        Ok(())
    }

    /// The platform answered the logout, or the deadline did.
    pub(super) fn logout_answered(&mut self, number: u64, outcome: Option<&Outcome>) {
        let Some(session) = self.sessions.get_mut(&number) else { return };
        let State::LoggingOut(asked, since) = session.state.clone() else { return };
        match failed(outcome) {
            None => {
                // The link that follows the one that asked, after a gap, gets no answer to what it did not ask.
                let end = if asked.link == session.owner { End::LoggedOut } else { End::Ended };
                self.succeed(&asked, None);
                self.end_session(number, &end);
            }
            Some(fault) => {
                session.state = State::Initialized(since);
                self.fail(&asked, &fault);
                // The platform may have told of the agent's end meanwhile.
                let agent = self.sessions[&number].agent.clone();
                self.agent_of_session_changed(&agent);
            }
        }
    }
}

/// What became of a command: nothing wrong, or a failure.
fn failed(outcome: Option<&Outcome>) -> Option<Fault> {
    match outcome {
        Some(Outcome::Done | Outcome::Verified { .. } | Outcome::Call { .. }) => None,
        Some(Outcome::Refused(refusal)) => Some(Fault::of_refusal(refusal)),
        None => Some(Fault::new("request.deadline")),
    }
}

/// Everything but the start needs a session that was started in this binding.
fn must_run(session: &Session) -> Result<(), Fault> {
    match session.state {
        State::Starting(_) => Err(Fault::new("session.notinitialized")),
        State::LoggingOut(..) => Err(Fault::new("state.invalid")),
        State::Initialized(_) if session.is_started_in_binding => Ok(()),
        State::Prepared | State::Initialized(_) | State::Abandoned(_) => Err(Fault::new("session.notstarted")),
    }
}

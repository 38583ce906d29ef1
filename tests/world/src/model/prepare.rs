//! prepareSession: section 3's six steps, and its races.

use interaction_core::config::DirectoryKind;
use interaction_core::cti::{AgentState, Command, Outcome, RefusalKind};
use interaction_core::input::ClaimAnswer;
use serde_json::{Value, json};

use super::platform::Purpose;
use super::requests::Asked;
use super::session::{End, Session};
use super::{Deadline, Expected, Fault, Model, text};

/// A prepareSession that waits for the platform or the directory.
#[derive(Clone, Debug)]
pub(super) struct Prepare {
    asked: Asked,
    /// The agent as the client spells it, and the address: what lock-outs count by.
    spelled: String,
    address: String,
    is_override: bool,
    password: String,
    /// The call model.
    model: String,
    /// The agent as the platform spells it, once the password is right: the directory is asked next.
    agent: Option<String>,
}

/// Who holds an agent's session.
struct Holder {
    instance: String,
    client: String,
    since_ms: u64,
    calls: Value,
}

impl Model {
    pub(super) fn prepare_session(&mut self, asked: &Asked) -> Result<(), Fault> {
        let link = &self.links[&asked.link];
        if !link.scopes.agent {
            return Err(Fault::new("access.denied"));
        }
        let address = self.speaker.clone();
        let data = asked.data(&[
            ("/model", text::Kind::Text),
            ("/override", text::Kind::Flag),
            ("/agent", text::Kind::Object),
            ("/agent/id", text::Kind::Text),
        ])?;
        if data["agent"].is_null() {
            return Err(Fault::invalid("data.agent"));
        }
        let spelled = text::id(&data["agent"]["id"]).ok_or_else(|| Fault::invalid("data.agent.id"))?.to_owned();
        let password = data["agent"]["password"].as_str().ok_or_else(|| Fault::invalid("data.agent.password"))?;
        let (password, is_override) = (password.to_owned(), data["override"] == true);
        let model = match data["model"].as_str().unwrap_or_default().trim() {
            "" => self.config.models.first().map_or("", |model| model),
            model => model,
        };
        if !self.config.models.iter().any(|known| **known == *model) {
            return Err(Fault::new("model.unknown"));
        }
        let model = model.to_owned();
        let trying = || self.prepares.values().filter(|one| one.agent.is_none() && one.address == address);
        let of_pair = trying().filter(|one| one.spelled == spelled).count();
        // CHOICE: a lock-out is told before the platform's absence.
        self.guesses.check(self.now, &spelled, &address, of_pair, trying().count())?;
        if !self.platform.is_up() {
            return Err(Fault::new("cti.unavailable"));
        }
        let number = self.number();
        self.asked.insert(number, Purpose::Verify);
        self.said.push(Expected::Command {
            number,
            command: Command::Verify { agent: spelled.as_str().into() },
            password: Some(password.clone()),
        });
        let at = self.in_ms(self.config.limits.request_ms);
        self.deadlines.insert(Deadline::Request(number), at);
        let prepare = Prepare { asked: asked.clone(), spelled, address, is_override, password, model, agent: None };
        self.prepares.insert(number, prepare);
        Ok(())
    }

    /// The platform answered the check of a password.
    pub(super) fn verified(&mut self, number: u64, outcome: &Outcome) {
        let Some(prepare) = self.prepares.get_mut(&number) else { return };
        let (now, spelled, address) = (self.now, prepare.spelled.clone(), prepare.address.clone());
        let fault = match outcome {
            Outcome::Verified { agent } => {
                prepare.agent = Some(agent.to_string());
                self.guesses.right(&spelled, &address);
                return self.seek(number);
            }
            Outcome::Refused(no) if matches!(no.kind, RefusalKind::Credentials | RefusalKind::UnknownAgent) => {
                self.guesses.wrong(now, &spelled, &address);
                Fault::new("credentials.invalid")
            }
            Outcome::Refused(no) => Fault::of_refusal(no),
            Outcome::Done | Outcome::Call { .. } => Fault::new("internal.error"),
        };
        if let Some(prepare) = self.take_prepare(number) {
            self.fail(&prepare.asked, &fault);
        }
    }

    /// The password is right: is there a live session of that agent, here or in the domain?
    fn seek(&mut self, number: u64) {
        let Some(prepare) = self.prepares.get(&number) else { return };
        let Some(agent) = prepare.agent.clone() else { return };
        if let Some(session) = self.session_of_agent(&agent) {
            if prepare.is_override {
                return self.win(number);
            }
            let session = &self.sessions[&session];
            let holder = Holder {
                instance: self.config.instance.to_string(),
                client: session.client.clone(),
                since_ms: session.since.as_millis(),
                calls: if self.knows_calls { self.calls_of(&agent).into() } else { "~count".into() },
            };
            return self.confirm(number, &holder);
        }
        match self.config.directory {
            DirectoryKind::Local => self.win(number),
            DirectoryKind::Domain => {
                let client = self.links.get(&prepare.asked.link).map_or("", |link| link.client()).to_owned();
                self.said.push(Expected::Claim { number, agent, is_override: prepare.is_override, client });
            }
        }
    }

    /// CHOICE: a platform that tells of agents alone says by a state that there is a call.
    fn calls_of(&self, agent: &str) -> u64 {
        let state = self.people.state_of(agent);
        let busy = matches!(state, Some(AgentState::Reserved | AgentState::Talking | AgentState::Hold));
        self.reports.journeys.calls_of(agent).max(busy.into())
    }

    /// The directory answered.
    pub(super) fn claimed(&mut self, number: u64, answer: &ClaimAnswer) {
        if let ClaimAnswer::Lost { agent, client } = answer {
            if let Some(session) = self.session_of_agent(agent.as_str()) {
                self.end_session(session, &End::Superseded(client.to_string()));
            }
            return;
        }
        if let Some(agent) = self.orphans.remove(&number) {
            self.deadlines.remove(&Deadline::Request(number));
            // It may have been won nevertheless, or one before it that was given up.
            if matches!(answer, ClaimAnswer::Won | ClaimAnswer::Unavailable) {
                self.vacated.push(agent);
            }
            return;
        }
        let Some(prepare) = self.prepares.get(&number) else { return };
        let Some(agent) = prepare.agent.clone() else { return };
        match answer {
            // Two clients of this instance asked at once: the first has it by now.
            ClaimAnswer::Won if self.session_of_agent(&agent).is_some() && !prepare.is_override => self.seek(number),
            ClaimAnswer::Won => self.win(number),
            ClaimAnswer::Held { instance, client, since, calls } => {
                let holder = Holder {
                    instance: instance.to_string(),
                    client: client.to_string(),
                    since_ms: since.as_millis(),
                    calls: (*calls).into(),
                };
                self.confirm(number, &holder);
            }
            ClaimAnswer::Unavailable => {
                if let Some(prepare) = self.take_prepare(number) {
                    self.fail(&prepare.asked, &Fault::new("domain.unavailable"));
                }
                // It may have been won nevertheless.
                self.vacated.push(agent);
            }
            ClaimAnswer::Lost { .. } => {}
        }
    }

    fn confirm(&mut self, number: u64, holder: &Holder) {
        let Some(prepare) = self.take_prepare(number) else { return };
        let details = json!({"agentId": prepare.agent, "since": holder.since_ms, "client": holder.client,
            "instance": holder.instance, "calls": holder.calls});
        let asked = &prepare.asked;
        self.respond(asked, |echo| {
            json!({"command": asked.command, "result": "confirm", "message": "~words",
                "original": echo.of(&asked.original), "details": details})
        });
    }

    /// The claim is won: the old session ends, then the new one is there.
    fn win(&mut self, number: u64) {
        let Some(Prepare { asked, password, model, agent: Some(agent), .. }) = self.take_prepare(number) else {
            return;
        };
        let client = self.links.get(&asked.link).map_or("", |link| link.client()).to_owned();
        if let Some(old) = self.session_of_agent(&agent) {
            self.end_session(old, &End::Superseded(client.clone()));
        }
        let is_attached = self.links.get(&asked.link).is_some_and(|link| link.socket.is_some());
        let resource = self.name("session");
        let session = Session::prepared(resource.clone(), agent, asked.link, client, password, self.now, is_attached)
            .of_model(model);
        let number = self.number();
        self.sessions.insert(number, session);
        let at = self.in_ms(self.config.limits.prepared_ms);
        self.deadlines.insert(Deadline::Session(number), at);
        let data = asked.original["data"].clone();
        self.respond(&asked, |echo| {
            json!({"command": asked.command, "result": "success",
                "resource": {"id": resource, "data": echo.of(&data)}})
        });
    }

    /// The deadline of a request passed, or the time an abandoned claim's answer is waited for.
    pub(super) fn prepare_due(&mut self, number: u64) {
        if let Some(prepare) = self.prepares.get(&number) {
            let asked = prepare.asked.clone();
            self.fail(&asked, &Fault::new("request.deadline"));
            self.abandon(number);
        } else if let Some(agent) = self.orphans.remove(&number) {
            self.vacated.push(agent);
        }
    }

    /// Nobody waits for it any more: a claim that is under way is given back when it is won.
    fn abandon(&mut self, number: u64) {
        if let Some(Prepare { agent: Some(agent), .. }) = self.take_prepare(number) {
            self.orphans.insert(number, agent);
            let at = self.in_ms(self.config.limits.request_ms);
            self.deadlines.insert(Deadline::Request(number), at);
        }
    }

    pub(super) fn drop_prepares(&mut self, link: u64) {
        let own = self.prepares.iter().filter(|(_, prepare)| prepare.asked.link == link).map(|(number, _)| *number);
        for number in own.collect::<Vec<_>>() {
            self.abandon(number);
        }
    }

    fn take_prepare(&mut self, number: u64) -> Option<Prepare> {
        self.deadlines.remove(&Deadline::Request(number));
        self.asked.remove(&number);
        self.prepares.remove(&number)
    }

    /// Gives back the claims that no session and no request lives by.
    pub(super) fn give_back(&mut self) {
        for agent in std::mem::take(&mut self.vacated) {
            let is_wanted = self.prepares.values().any(|one| one.agent.as_deref() == Some(&agent));
            if self.config.directory == DirectoryKind::Domain && !is_wanted && self.session_of_agent(&agent).is_none() {
                self.said.push(Expected::Release { agent });
            }
        }
    }

    /// The passwords the processor still needs.
    pub(crate) fn passwords_needed(&self) -> usize {
        let sessions = self.sessions.values().filter(|session| session.password.is_some());
        self.prepares.len() + sessions.count()
    }
}

//! The contact centre inside the plugin.

use serde::Deserialize;

use crate::exports::interaction::processor::cti::{
    AgentRecord, AgentState, AgentStatus, Answer, Command, Event, Member, Offers, Outcome, Platform, RefusalKind,
    Refused, ReportKind, Role, TeamRecord,
};

/// What the operator writes into `[cti.plugin.config]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Everybody; the first one supervises.
    pub agents: Vec<Person>,
}

/// A person.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    id: String,
    name: String,
}

/// The centre.
pub struct Centre {
    people: Vec<Person>,
    states: Vec<AgentState>,
    is_unborn: bool,
    commands: u64,
}

impl Centre {
    pub fn new(config: Config) -> Self {
        let states = vec![AgentState::LoggedOut; config.agents.len()];
        Self { people: config.agents, states, is_unborn: true, commands: 0 }
    }

    pub fn is_unborn(&self) -> bool {
        self.is_unborn
    }

    pub fn commands(&self) -> u64 {
        self.commands
    }

    /// Who the platform is, then the whole truth, once: only then differences.
    pub fn begin(&mut self) -> Vec<Event> {
        if !std::mem::take(&mut self.is_unborn) {
            return Vec::new();
        }
        let platform = Platform {
            vendor: "Example".to_owned(),
            version: "1".to_owned(),
            offers: Offers::REPORTS,
            reports: Some(ReportKind::Uccx),
            not_ready_reasons: Vec::new(),
            logout_reasons: Vec::new(),
            wrap_up_codes: Vec::new(),
        };
        let agents = self.people.iter().map(|person| {
            let (id, name) = (person.id.clone(), person.name.clone());
            Event::Agent(AgentRecord { id, name, extension: None })
        });
        let members = self.people.iter().enumerate().map(|(at, person)| {
            let role = if at == 0 { Role::Supervisor } else { Role::Agent };
            Member { agent: person.id.clone(), role }
        });
        let team = TeamRecord { id: "1".to_owned(), name: "Everybody".to_owned(), members: members.collect() };
        let mut events = vec![Event::Up(platform), Event::ResyncBegin];
        events.extend(agents);
        events.extend([Event::Team(team), Event::ResyncEnd]);
        events
    }

    /// The answer first, then what changed by it.
    pub fn command(&mut self, now: u64, request: u64, command: Command, secret: Option<&str>) -> Vec<Event> {
        self.commands += 1;
        let (outcome, change) = match command {
            Command::Verify(agent) => match self.find(&agent) {
                Some(_) if secret == Some(&*agent) => (Outcome::Verified(agent), None),
                _ => (refused(RefusalKind::Credentials), None),
            },
            Command::Login(login) => self.change(&login.agent, AgentState::NotReady),
            Command::Logout(logout) => self.change(&logout.agent, AgentState::LoggedOut),
            Command::SetState(to) => self.change(&to.agent, to.state),
            // Nobody calls here.
            Command::Dial(_)
            | Command::Answer(_)
            | Command::Reject(_)
            | Command::Drop(_)
            | Command::Hold(_)
            | Command::Retrieve(_)
            | Command::Consult(_)
            | Command::Alternate(_)
            | Command::CompleteTransfer(_)
            | Command::CompleteConference(_)
            | Command::BlindTransfer(_)
            | Command::BlindConference(_)
            | Command::Dtmf(_)
            | Command::Recording(_)
            | Command::SetData(_)
            | Command::Complete(_)
            | Command::Supervise(_) => (refused(RefusalKind::Unsupported), None),
        };
        let answer = Event::Answer(Answer { request, outcome });
        let status = change.map(|at| {
            Event::AgentStatus(AgentStatus {
                agent: self.people[at].id.clone(),
                state: self.states[at],
                reason: String::new(),
                since: Some(now),
                pending: None,
                extension: None,
            })
        });
        std::iter::once(answer).chain(status).collect()
    }

    fn find(&self, agent: &str) -> Option<usize> {
        self.people.iter().position(|person| person.id == agent)
    }

    fn change(&mut self, agent: &str, state: AgentState) -> (Outcome, Option<usize>) {
        match self.find(agent) {
            Some(at) => {
                self.states[at] = state;
                (Outcome::Done, Some(at))
            }
            None => (refused(RefusalKind::UnknownAgent), None),
        }
    }
}

fn refused(kind: RefusalKind) -> Outcome {
    Outcome::Refused(Refused { kind, text: String::new() })
}

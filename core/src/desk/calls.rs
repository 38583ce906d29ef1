//! The application's calls: each is answered exactly once.

use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Desk;
use super::input::{DeskRequest, To};
use super::limits;
use super::output::{Answer, DeskOutput, EndReason, MirrorKind};
use super::pending::{Owner, Pending, Place, Recipient};
use super::phase::Phase;
use super::problem::{Local, Problem};
use super::read::{self, Response, Subject, Text};
use crate::failure::Code;
use crate::limits::ID_BYTES_MAX;
use crate::secret::Secret;
use crate::time::Time;
use crate::wire::intake;

/// `data` of what the network core is asked.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CoreData<'a> {
    #[serde(borrow)]
    service_type: Option<Text<'a>>,
    #[serde(borrow)]
    resource_id: Option<Text<'a>>,
}

/// `data` of `prepareSession`, as far as it is remembered.
#[derive(Deserialize)]
struct Prepare<'a> {
    #[serde(borrow)]
    agent: Option<Agent<'a>>,
}

#[derive(Deserialize)]
struct Agent<'a> {
    #[serde(borrow)]
    id: Option<Text<'a>>,
}

impl Desk {
    pub(super) fn call(&mut self, call: u64, request: &DeskRequest<'_>, within: Option<Duration>) {
        if self.calls.contains(call) {
            self.warn(Problem::local(Local::Repeats));
            return;
        }
        let admitted = self.admit(call, request);
        match admitted {
            Err(failure) => self.answer_unasked(call, failure),
            Ok(pending) => {
                let is_logout = matches!(request.command, "session.request.logout" | "session.logout");
                let usual = if is_logout { limits::LOGOUT_WITHIN } else { limits::ANSWER_WITHIN };
                let deadline = self.now + within.unwrap_or(usual).min(limits::WITHIN_MAX);
                self.accept(call, pending, deadline);
            }
        }
    }

    /// Checks a request as far as it can be checked here; the server checks the rest.
    fn admit(&self, call: u64, request: &DeskRequest<'_>) -> Result<Pending, Problem> {
        match &self.phase {
            Phase::Idle | Phase::Closed => return Err(Problem::local(Local::Stopped)),
            Phase::Moved { .. } => return Err(Problem::local(Local::Moved)),
            Phase::Refused { failure, .. } => return Err(failure.clone()),
            Phase::Token { .. }
            | Phase::Opening { .. }
            | Phase::Greeting { .. }
            | Phase::Live(_)
            | Phase::Waiting { .. }
            | Phase::Offline { .. } => {}
        }
        if self.calls.len() >= limits::CALLS_MAX {
            return Err(Problem::local(Local::TooMany));
        }
        let command = short(request.command, "command")?;
        let target = request.target.map(|target| bounded(target, "target", 4 * ID_BYTES_MAX)).transpose()?;
        let pending = |to, data| Pending {
            owner: Owner::App(call),
            to,
            command: command.into(),
            target: target.map(Into::into),
            data,
            is_sent: false,
        };
        let to = match request.to {
            To::Core => return Ok(pending(core(command, request.data)?, None)),
            To::Service => Recipient::Service,
            To::Reports => Recipient::Reports,
            To::Resource(resource) => {
                let resource = short(resource, "resource")?;
                if self.network.reports() == Some(resource) {
                    Recipient::Reports
                } else {
                    Recipient::Resource(resource.into())
                }
            }
        };
        let pending = pending(to, request.data.map(data_of).transpose()?);
        well_formed(&pending)?;
        Ok(pending)
    }

    fn accept(&mut self, call: u64, pending: Pending, deadline: Time) {
        let subscription = subscription(&pending);
        match subscription {
            Some((key, true)) => self.subscribe(call, key, deadline),
            Some((key, false)) => {
                self.end_mirror(&key, EndReason::Asked);
                self.ask(call, pending, deadline);
            }
            None => self.ask(call, pending, deadline),
        }
    }

    fn ask(&mut self, call: u64, pending: Pending, deadline: Time) {
        let id = self.table.insert(pending);
        self.calls.insert(call, deadline, Place::Request(id));
    }

    pub(super) fn cancel(&mut self, call: u64) {
        self.drop_call(call, Problem::local(Local::Cancelled));
    }

    /// A call's time is over.
    pub(super) fn expire(&mut self, call: u64) {
        let mut failure = Problem::of(Code::RequestDeadline);
        if !self.was_sent(call) {
            failure = failure.say("It was not sent.");
        }
        self.drop_call(call, failure);
    }

    /// Whether what a call asks for was sent.
    pub(super) fn was_sent(&self, call: u64) -> bool {
        match self.calls.place(call) {
            Some(Place::Request(id)) => self.table.get(*id).is_some_and(|pending| pending.is_sent),
            // Beginning a report changes nothing that is not ended with the call.
            Some(Place::Mirror(_)) | None => false,
        }
    }

    fn drop_call(&mut self, call: u64, failure: Problem) {
        let Some(place) = self.calls.place(call).cloned() else { return };
        self.answer(call, Answer::Failure { failure });
        match place {
            Place::Request(id) => drop(self.table.remove(id)),
            Place::Mirror(key) => self.abandon(&key),
        }
    }

    /// Removes requests whose calls were answered.
    pub(super) fn drop_answered(&mut self) {
        for id in self.table.ids() {
            let is_answered = self.table.get(id).is_some_and(|pending| match pending.owner {
                Owner::App(call) => !self.calls.contains(call),
                _ => false,
            });
            if is_answered {
                self.table.remove(id);
            }
        }
    }

    /// Answers a call, if it was not answered before.
    pub(super) fn answer(&mut self, call: u64, answer: Answer) {
        if self.calls.take(call).is_some() {
            self.outbox.push_back(DeskOutput::Answered { call, answer });
        }
    }

    fn answer_unasked(&mut self, call: u64, failure: Problem) {
        self.outbox.push_back(DeskOutput::Answered { call, answer: Answer::Failure { failure } });
    }

    /// A request was answered, or cannot be; it is not in the table any more.
    pub(super) fn settle(&mut self, id: u64, pending: &Pending, answer: Answer) {
        match &pending.owner {
            Owner::App(call) => {
                self.effects(pending, &answer);
                self.answer(*call, answer);
            }
            Owner::Begin(key) => self.begun(id, key.clone(), answer),
            Owner::Services { is_bound } => match answer {
                Answer::Success { response } => self.listed(core_data(&response), *is_bound),
                Answer::Confirm { .. } => self.nonsense("`getServices` was answered by a confirmation"),
                Answer::Failure { failure } => self.not_listed(failure),
            },
            Owner::BindService => match answer {
                Answer::Success { .. } | Answer::Confirm { .. } => self.service_bound(Ok(())),
                Answer::Failure { failure } => self.service_bound(Err(failure)),
            },
            Owner::BindResource => {
                let Recipient::ResourceBinding(resource) = &pending.to else { return };
                match answer {
                    Answer::Success { .. } | Answer::Confirm { .. } => self.resource_bound(resource),
                    Answer::Failure { failure } => self.resource_refused(resource, &failure),
                }
            }
            Owner::Authenticate => {
                if let Answer::Failure { failure } = answer {
                    self.warn(failure);
                }
            }
            Owner::End => {}
        }
    }

    /// What the success of an application's request means for what is kept here.
    fn effects(&mut self, pending: &Pending, answer: &Answer) {
        let Answer::Success { response } = answer else { return };
        match (&pending.to, &*pending.command) {
            (Recipient::Service, "prepareSession") => {
                let prepared: Option<Response<'_>> = read::object(response.get());
                let Some(prepared) = prepared.and_then(|response| response.resource) else { return };
                let data = pending.data.as_ref().and_then(|data| read::object::<Prepare<'_>>(data.expose()));
                let agent = data.and_then(|data| data.agent).and_then(|agent| agent.id);
                self.session_prepared(&prepared.id, agent.as_deref().unwrap_or_default());
            }
            (Recipient::Resource(resource), "session.request.logout" | "session.logout") => {
                self.session_over(resource, EndReason::Asked);
            }
            (Recipient::ResourceBinding(resource), "bindResource") => self.resource_bound(resource),
            (Recipient::ResourceBinding(resource), "unbindResource") => self.session_over(resource, EndReason::Asked),
            _ => {}
        }
    }

    fn resource_bound(&mut self, resource: &str) {
        if self.network.bound(resource) && self.network.reports() != Some(resource) {
            self.session_bound(resource);
        }
    }

    /// Renews the link's token.
    pub(super) fn authenticate(&mut self, token: Secret) {
        let older: Vec<u64> =
            self.table.iter().filter(|(_, one)| one.owner == Owner::Authenticate).map(|(id, _)| id).collect();
        for id in older {
            self.table.remove(id);
        }
        let mut pending = Pending::own(Owner::Authenticate, Recipient::Link, "authenticate");
        pending.data = Some(token);
        self.table.insert(pending);
    }
}

/// What a request to the core is about.
fn core(command: &str, data: Option<&str>) -> Result<Recipient, Problem> {
    let data = data.unwrap_or("{}");
    let data: CoreData<'_> = read::object(data).ok_or_else(|| Problem::invalid("data", "is no JSON object"))?;
    let resource = || match data.resource_id.as_deref() {
        Some(resource) => short(resource, "data.resourceId").map(Into::into),
        None => Err(Problem::invalid("data.resourceId", "is missing")),
    };
    match command {
        "getServices" => Ok(Recipient::Services(data.service_type.as_deref().map(Into::into))),
        "bindResource" | "unbindResource" => Ok(Recipient::ResourceBinding(resource()?)),
        _ => Err(Problem::of(Code::CommandUnsupported).say("The desk binds the service by itself.")),
    }
}

/// Which subscription a request begins (true) or ends.
fn subscription(pending: &Pending) -> Option<((MirrorKind, Box<str>), bool)> {
    if pending.to != Recipient::Reports {
        return None;
    }
    let (report, word) = pending.command.strip_prefix("report.")?.split_once('.')?;
    let kind = match report {
        "teamstatus" => MirrorKind::Roster,
        "queuestatus" => MirrorKind::Queues,
        "calljourney" => MirrorKind::Journey,
        _ => return None,
    };
    let begins = match word {
        "begin" => true,
        "end" => false,
        _ => return None,
    };
    let subject: Subject<'_> = read::object(pending.data.as_ref()?.expose())?;
    let id = if kind == MirrorKind::Journey { subject.call_id } else { subject.agent_id }?;
    (!id.is_empty() && id.len() <= ID_BYTES_MAX).then(|| ((kind, (*id).into()), begins))
}

/// `data` of a core response that was composed here.
fn core_data(response: &RawValue) -> Option<&RawValue> {
    #[derive(Deserialize)]
    struct Only<'a> {
        #[serde(borrow)]
        data: Option<&'a RawValue>,
    }
    read::object::<Only<'_>>(response.get())?.data
}

fn short<'a>(text: &'a str, property: &str) -> Result<&'a str, Problem> {
    bounded(text, property, ID_BYTES_MAX)
}

fn bounded<'a>(text: &'a str, property: &str, most: usize) -> Result<&'a str, Problem> {
    if text.is_empty() || text.len() > most {
        return Err(Problem::invalid(property, &format!("has {} bytes, but 1 to {most} are wanted", text.len())));
    }
    Ok(text)
}

fn data_of(data: &str) -> Result<Secret, Problem> {
    if data.len() > limits::DATA_BYTES_MAX {
        return Err(Problem::of(Code::RequestTooLarge));
    }
    Ok(Secret::new(data.to_owned()))
}

/// Whether the server will take it for a message: what it does not is never answered.
fn well_formed(pending: &Pending) -> Result<(), Problem> {
    let Some(data) = &pending.data else { return Ok(()) };
    // One value, and not the end of one and the beginning of another.
    let is_value = serde_json::from_str::<&RawValue>(data.expose()).is_ok();
    if !is_value || !data.expose().trim_ascii_start().starts_with('{') {
        return Err(Problem::invalid("data", "is no JSON object"));
    }
    let text = Secret::new(pending.compose(0, "", "").into());
    intake::intake(text.expose().as_bytes())
        .map(drop)
        .map_err(|refused| Problem::of(Code::RequestMalformed).say(&format!("In `data`, {refused}.")))
}

//! What comes on a link that stands: answers and events.

use serde_json::value::RawValue;

use super::link::Numbered;
use super::output::{Answer, Change, DeskOutput, EndReason, Event, MirrorKind, TokenPurpose};
use super::pending::{Owner, Pending};
use super::problem::{Local, Problem};
use super::read::{self, CoreData, Envelope, Happening, Response, Subject};
use super::{Desk, mirror::Applied};
use crate::wire::write;

impl Desk {
    /// A message on a link that stands.
    pub(super) fn message(&mut self, text: &str) {
        let Some(envelope) = read::object::<Envelope<'_>>(text) else {
            self.nonsense("a message is no JSON object, or lacks `messageType`");
            return;
        };
        match (&*envelope.message_type, envelope.seq) {
            ("pong", _) => self.pong(envelope.request_id.as_deref()),
            ("connected", _) => self.nonsense("`connected` came twice"),
            ("coreEvent", None) => self.unnumbered(&envelope),
            ("coreError", None) => {
                let failure = read::part(envelope.failure);
                self.warn(failure.unwrap_or_else(|| Problem::local(Local::Nonsense)));
            }
            (_, None) => self.nonsense("a message has no `seq`"),
            (class, Some(seq)) => match self.link.count(self.now, seq, text.len()) {
                Numbered::Next => {
                    self.reports.message();
                    self.numbered(class, &envelope);
                }
                // Whatever it says was said before.
                Numbered::Again => {}
                Numbered::Hole => {
                    let expected = self.link.seq + 1;
                    self.nonsense(&format!("message {expected} is missing: {seq} came"));
                }
            },
        }
    }

    fn numbered(&mut self, class: &str, envelope: &Envelope<'_>) {
        match class {
            "coreEvent" => self.core_event(envelope),
            "resourceEvent" => self.resource_event(envelope),
            "coreResponse" | "serviceResponse" | "resourceResponse" | "coreError" | "serviceError"
            | "resourceError" => self.answered(class, envelope),
            // Of a newer version: a reader ignores what it does not know.
            _ => {}
        }
    }

    /// `linkMoved` carries no number.
    fn unnumbered(&mut self, envelope: &Envelope<'_>) {
        let Some(happening) = read::part::<Happening<'_>>(envelope.event) else { return };
        if &*happening.name == "linkMoved" {
            self.tell_event(envelope);
            self.moved();
        }
    }

    fn answered(&mut self, class: &str, envelope: &Envelope<'_>) {
        let id = envelope.request_id.as_deref();
        let Some(number) = id.and_then(|id| id.parse::<u64>().ok()) else {
            // About no request in particular: a rate that was passed, a message that was not understood.
            if let Some(failure) = read::part::<Problem>(envelope.failure) {
                self.complained(failure);
            }
            return;
        };
        // One that was given up, or answered before.
        let Some(pending) = self.table.get(number) else { return };
        if class.strip_suffix("Response").or(class.strip_suffix("Error")) != Some(pending.class()) {
            self.nonsense("a request was answered by another class of message");
            return;
        }
        let Some(answer) = answer_of(class, envelope, pending) else {
            self.nonsense("an answer says neither a result nor a failure");
            return;
        };
        if let Some(pending) = self.table.remove(number) {
            self.settle(number, &pending, answer);
        }
    }

    fn complained(&mut self, failure: Problem) {
        if &*failure.code == "rate.limited" {
            // What was dropped is not answered: it is asked again, and what was not does not mind.
            self.table.send_again();
            self.pump_at = Some(self.now + self.wait_of(&failure));
        }
        self.warn(failure);
    }

    fn core_event(&mut self, envelope: &Envelope<'_>) {
        let Some(happening) = read::part::<Happening<'_>>(envelope.event) else {
            self.nonsense("an event has no name");
            return;
        };
        self.tell_event(envelope);
        let data: CoreData<'_> = read::part(happening.data).unwrap_or_default();
        let resource = data.resource_id.as_deref().unwrap_or_default();
        match &*happening.name {
            "serviceStatus" => {
                if let (Some(service), Some(status)) = (data.service_id.as_deref(), data.service_status) {
                    self.service_status(service, status);
                }
            }
            "resourceUnbound" => {
                let why = match data.reason.as_deref() {
                    Some("superseded") => EndReason::Superseded,
                    Some("ended") => EndReason::LoggedOut,
                    _ => EndReason::Released,
                };
                let client = data.client.as_deref().map(Into::into);
                self.session_over(resource, Change::Ended { why, client, at: data.at });
            }
            "subscriptionEnded" => {
                let kind = data.command.as_deref().and_then(kind_of);
                if let (Some(kind), Some(id)) = (kind, data.data.as_ref().and_then(Subject::id)) {
                    self.end_mirror(&(kind, id.into()), EndReason::Denied);
                }
            }
            "tokenExpiring" if self.config.token => {
                self.outbox.push_back(DeskOutput::WantToken { purpose: TokenPurpose::Renew });
            }
            _ => {}
        }
    }

    fn service_status(&mut self, service: &str, status: &RawValue) {
        if self.mirrors.set_status(service, status) {
            self.tell_changed(MirrorKind::Services, "", Change::Event);
        }
        if service == self.network.service() {
            self.list_again();
        }
    }

    fn resource_event(&mut self, envelope: &Envelope<'_>) {
        let happening = read::part::<Happening<'_>>(envelope.event);
        let (Some(resource), Some(happening)) = (envelope.resource_id.as_deref(), happening) else {
            self.nonsense("an event has no resource, or no name");
            return;
        };
        self.tell_event(envelope);
        if self.mirrors.session(resource).is_some() {
            self.session_event(resource, &happening);
        } else if let Some(kind) = kind_of(&happening.name) {
            let subject = read::part::<Subject<'_>>(happening.data);
            let (Some(subject), Some(data)) = (subject, happening.data) else { return };
            if let Some(id) = subject.id() {
                self.report_event(&(kind, id.into()), &happening.name, data);
            }
        }
    }

    fn session_event(&mut self, resource: &str, happening: &Happening<'_>) {
        match self.mirrors.apply_to_session(resource, happening) {
            Applied::Changed => self.tell_changed(MirrorKind::Session, resource, Change::Event),
            Applied::Unknown => {}
            Applied::Misfit | Applied::TooLarge => {
                let target = happening.target.as_deref().unwrap_or("the session");
                let what = format!("It was `{}` of {target}.", &*happening.name);
                self.warn(Problem::local(Local::Misfit).say(&what));
            }
        }
    }

    fn tell_event(&mut self, envelope: &Envelope<'_>) {
        let Some(event) = envelope.event else { return };
        self.outbox.push_back(DeskOutput::Event(Event {
            seq: envelope.seq,
            service_id: envelope.service_id.as_deref().map(Into::into),
            resource_id: envelope.resource_id.as_deref().map(Into::into),
            event: event.to_owned(),
        }));
    }
}

/// The answer a message gives; `None` where it says neither a result nor a failure.
fn answer_of(class: &str, envelope: &Envelope<'_>, pending: &Pending) -> Option<Answer> {
    if class.ends_with("Error") {
        return read::part(envelope.failure).map(|failure| Answer::Failure { failure });
    }
    if class == "coreResponse" {
        return Some(Answer::Success { response: core_response(&pending.command, envelope.data) });
    }
    let raw = envelope.response?;
    let response: Response<'_> = read::object(raw.get())?;
    match &*response.result {
        "success" => Some(Answer::Success { response: raw.to_owned() }),
        "confirm" if matches!(pending.owner, Owner::App(_)) => Some(Answer::Confirm { response: raw.to_owned() }),
        "failure" => read::part(response.failure).map(|failure| Answer::Failure { failure }),
        _ => None,
    }
}

/// A core response in the shape the others have.
fn core_response(command: &str, data: Option<&RawValue>) -> Box<RawValue> {
    let mut out = b"{".to_vec();
    write::text_property(&mut out, "command", command);
    out.extend_from_slice(b",\"result\":\"success\"");
    if let Some(data) = data {
        out.extend_from_slice(b",\"data\":");
        out.extend_from_slice(data.get().as_bytes());
    }
    out.push(b'}');
    // INVARIANT: texts and a value that was read make a value.
    let text = String::from_utf8(out).expect("messages are UTF-8");
    RawValue::from_string(text).expect("an object")
}

/// Which mirror a report's command or event belongs to.
fn kind_of(name: &str) -> Option<MirrorKind> {
    let (report, _) = name.strip_prefix("report.")?.split_once('.')?;
    match report {
        "teamstatus" => Some(MirrorKind::Roster),
        "queuestatus" => Some(MirrorKind::Queues),
        "calljourney" => Some(MirrorKind::Journey),
        _ => None,
    }
}

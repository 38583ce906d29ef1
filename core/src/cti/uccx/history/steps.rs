//! The steps of a contact, in the words and kinds in which live calls are told.
//!
//! The database keeps seconds where it keeps durations and has no time at the route point: those steps have none. Queue rows
//! of one leg overlap where a call waits in several queues, as live steps do.

use std::time::Duration;

use super::read::{Contact, session_id};
use super::rows::{Connection, Hold, Leg, Queueing, Resource, disposition, party, rejection};
use crate::cti::{Cause, DeviceKind};
use crate::ids::{AgentId, CallId};
use crate::report::journey::{JourneyRecord, Step};
use crate::time::Time;

/// The journey of a contact; none where no row of it says when it began.
pub(super) fn journey(contact: &Contact) -> Option<JourneyRecord> {
    let first = contact.legs.iter().find(|leg| leg.started.is_some())?;
    let mut writer = Writer { contact, steps: Vec::new(), agents: Vec::new() };
    for (index, leg) in contact.legs.iter().enumerate() {
        writer.leg(leg, contact.legs.get(index + 1));
    }
    writer.consults();
    let Writer { mut steps, agents, .. } = writer;
    // The order of steps that begin in the same moment is the order in which they were written.
    steps.sort_by_key(|step| step.started);
    let started = first.started?;
    let last = contact.legs.last()?;
    let ended = contact.legs.iter().filter_map(|leg| leg.ended).max().unwrap_or(started);
    let mut legs: Vec<CallId> = Vec::new();
    let mut numbers: Vec<Box<str>> = Vec::new();
    for leg in &contact.legs {
        once(&mut legs, leg.call());
        once(&mut legs, session_id(leg.node, leg.session));
        for number in [&*leg.originator_dn, leg.called()] {
            if !number.is_empty() {
                once(&mut numbers, number.into());
            }
        }
    }
    for step in &steps {
        once(&mut legs, step.call.clone());
    }
    Some(JourneyRecord {
        legs,
        from: first.originator_dn.clone(),
        to: first.called().into(),
        numbers,
        started,
        ended,
        cause: cause(last.disposition),
        agents,
        steps,
        // How many more there are is not known: at least one.
        truncated: u32::from(contact.is_cut),
        running: false,
    })
}

const fn cause(ended_as: i64) -> Cause {
    match ended_as {
        disposition::ABANDONED => Cause::Abandoned,
        disposition::HANDLED => Cause::Normal,
        _ if rejection(ended_as).is_some() => Cause::Rejected,
        _ => Cause::Other,
    }
}

fn once<T: PartialEq>(list: &mut Vec<T>, value: T) {
    if !list.contains(&value) {
        list.push(value);
    }
}

/// Seconds of a column; -1 is none.
fn seconds(value: i64) -> Duration {
    Duration::from_secs(u64::try_from(value).unwrap_or(0))
}

struct Writer<'a> {
    contact: &'a Contact,
    steps: Vec<Step>,
    agents: Vec<AgentId>,
}

impl<'a> Writer<'a> {
    fn leg(&mut self, leg: &'a Leg, next: Option<&'a Leg>) {
        let Some(started) = leg.started else { return };
        let call = leg.call();
        let ended = leg.ended.unwrap_or(started);
        if leg.seq == 0 {
            self.origin(leg, &call, started);
        }
        let queueings: Vec<&Queueing> =
            self.contact.queueings.iter().filter(|row| of(leg, row.session, row.seq)).collect();
        let connections: Vec<&Connection> = self
            .contact
            .connections
            .iter()
            .filter(|row| of(leg, row.session, row.seq) && row.node == leg.node)
            .collect();
        let trigger = self.contact.triggers.get(&leg.called_number);
        if let Some(name) = trigger {
            let refused = rejection(leg.disposition).map_or_else(String::new, |why| format!(": rejected, {why}"));
            self.step(&call, &leg.called_number, DeviceKind::Trigger, format!("{name}{refused}"), started, started);
        }
        if leg.destination_type == party::DEVICE || leg.task > 0 {
            let of_queues = queueings.iter().filter_map(|row| row.started);
            let left =
                of_queues.chain(connections.iter().filter_map(|row| row.started)).min().unwrap_or(ended).min(ended);
            let script = if leg.application.is_empty() { "script" } else { &leg.application };
            let waits = leg.disposition == disposition::ABANDONED && queueings.is_empty() && connections.is_empty();
            let script = if waits { format!("{script}: abandoned") } else { script.to_owned() };
            self.step(&call, &leg.destination_dn, DeviceKind::Ivr, script, started, left);
        }
        for row in &queueings {
            self.queueing(row, &call, started);
        }
        for (index, row) in connections.iter().enumerate() {
            let passes_on = leg.transfer && index + 1 == connections.len();
            let target = next.filter(|_| passes_on).map(|next| self.destination(next));
            self.connection(row, leg, &call, passes_on.then(|| target.unwrap_or_default()));
        }
        if connections.is_empty() && leg.destination_type == party::AGENT {
            // Nobody's line but the agent's own phone: there is no row of the agent's part.
            if let Some(person) = self.person(leg.destination, started) {
                self.step(
                    &call,
                    &person.extension,
                    DeviceKind::Agent,
                    format!("talking {}", person.name),
                    started,
                    ended,
                );
                once(&mut self.agents, (&*person.login).into());
            }
        }
    }

    fn origin(&mut self, leg: &'a Leg, call: &CallId, started: Time) {
        let (called, caller) = (leg.called(), &*leg.originator_dn);
        if leg.originator_type == party::AGENT {
            let person = self.person(leg.originator, started);
            let extension = person.map_or(caller, |person| &*person.extension);
            self.step(call, extension, DeviceKind::Agent, format!("dialling {called}"), started, started);
            if let Some(person) = person {
                once(&mut self.agents, (&*person.login).into());
            }
            if leg.destination_type > party::DEVICE {
                self.step(call, called, DeviceKind::External, format!("Outgoing call to {called}"), started, started);
            }
        } else {
            self.step(call, caller, DeviceKind::External, format!("Incoming call from {caller}"), started, started);
        }
    }

    fn queueing(&mut self, row: &Queueing, call: &CallId, leg_started: Time) {
        let started = row.started.unwrap_or(leg_started);
        let ended = if row.waited >= 0 { started + seconds(row.waited) } else { row.ended.unwrap_or(started) };
        let name = if row.target_type == 0 {
            self.contact.queues.get(&row.target).map_or_else(|| row.target.to_string(), ToString::to_string)
        } else {
            self.person(row.target, started).map_or_else(|| row.target.to_string(), |person| person.name.to_string())
        };
        let outcome = match row.disposition {
            1 => ": abandoned",
            2 => ": answered",
            3 => ": left",
            4 => ": left, handled by the script",
            5 => ": left, answered by another queue",
            _ => "",
        };
        self.step(call, &name, DeviceKind::Queue, format!("{name}{outcome}"), started, ended);
    }

    /// An agent rings, talks and holds by turns, and works afterwards. `passed_to` is set for one who passed the call on.
    fn connection(&mut self, row: &Connection, leg: &Leg, call: &CallId, passed_to: Option<String>) {
        let Some(started) = row.started.or(leg.started) else { return };
        let person = self.person(row.resource, started);
        let number = row.resource.to_string();
        let (extension, name) = person.map_or((&*number, &*number), |person| (&*person.extension, &*person.name));
        if let Some(person) = person {
            once(&mut self.agents, (&*person.login).into());
        }
        let answered = started + seconds(row.ring);
        if row.no_answer || row.ring > 0 {
            let outcome = if row.no_answer { ": no answer" } else { "" };
            self.step(call, extension, DeviceKind::Agent, format!("ringing {name}{outcome}"), started, answered);
        }
        if row.no_answer {
            return;
        }
        let over = answered + seconds(row.talk) + seconds(row.hold);
        let transferred = match passed_to {
            None => String::new(),
            Some(target) if target.is_empty() => ": transferred".to_owned(),
            Some(target) => format!(": transferred to {target}"),
        };
        let holds = self.holds(row, answered, over);
        let mut from = answered;
        for (began, ended) in &holds {
            self.lasting(call, extension, format!("talking {name}"), from, *began);
            self.lasting(call, extension, format!("hold {name}"), *began, *ended);
            from = *ended;
        }
        self.lasting(call, extension, format!("talking {name}"), from, over);
        if over > answered
            && !transferred.is_empty()
            && let Some(last) = self.steps.last_mut()
        {
            last.description = format!("{}{transferred}", last.description).into();
        }
        let work = if row.wrapup.is_empty() {
            format!("after-call work {name}")
        } else {
            format!("after-call work {name}: {}", row.wrapup)
        };
        self.lasting(call, extension, work, over, over + seconds(row.work));
    }

    /// When this agent held, within the time of the call; from the sum alone where single holds are not kept.
    fn holds(&self, row: &Connection, answered: Time, over: Time) -> Vec<(Time, Time)> {
        let own = |hold: &&Hold| {
            (hold.session, hold.seq, hold.resource) == (row.session, row.seq, row.resource) && hold.kind == 1
        };
        let mut holds: Vec<(Time, Time)> = self
            .contact
            .holds
            .iter()
            .filter(own)
            .filter_map(|hold| Some((hold.started?.clamp(answered, over), hold.ended?.clamp(answered, over))))
            .filter(|(began, ended)| began < ended)
            .collect();
        holds.sort_unstable();
        // Rows that overlap count once.
        let mut until = answered;
        for (began, ended) in &mut holds {
            *began = (*began).max(until);
            *ended = (*ended).max(*began);
            until = *ended;
        }
        if holds.is_empty() && row.hold > 0 {
            let began = answered + seconds(row.talk);
            holds.push((began, over));
        }
        holds
    }

    fn consults(&mut self) {
        for row in &self.contact.consults {
            let (Some(started), Some(ended)) = (row.started, row.ended) else { continue };
            let call = session_id(row.node, row.session);
            let (source, destination) = (self.person(row.source, started), self.person(row.destination, started));
            for (own, other) in [(source, destination), (destination, source)] {
                let Some(own) = own else { continue };
                let with = other.map_or_else(String::new, |other| format!(" with {}", other.name));
                self.step(&call, &own.extension, DeviceKind::Agent, format!("consult{with}"), started, ended);
                once(&mut self.agents, (&*own.login).into());
            }
        }
    }

    /// Who a leg goes to, for people.
    fn destination(&self, leg: &Leg) -> String {
        let person = (leg.destination_type == party::AGENT)
            .then(|| self.person(leg.destination, leg.started.unwrap_or(Time::ZERO)))
            .flatten();
        person.map_or_else(|| leg.called().to_owned(), |person| person.name.to_string())
    }

    /// A person as recorded at a time: the first row that was still in use then.
    fn person(&self, id: i64, at: Time) -> Option<&'a Resource> {
        let rows = self.contact.people.get(&id)?;
        rows.iter().find(|row| row.inactive.is_none_or(|inactive| inactive >= at)).or(rows.last())
    }

    /// A step at an agent's line, unless it took no time.
    fn lasting(&mut self, call: &CallId, extension: &str, description: String, started: Time, ended: Time) {
        if ended > started {
            self.step(call, extension, DeviceKind::Agent, description, started, ended);
        }
    }

    fn step(&mut self, call: &CallId, device: &str, kind: DeviceKind, description: String, started: Time, ended: Time) {
        self.steps.push(Step {
            call: call.clone(),
            device: device.into(),
            kind,
            description: description.into(),
            started,
            ended: Some(ended.max(started)),
            partial: false,
        });
    }
}

fn of(leg: &Leg, session: i64, seq: i64) -> bool {
    (leg.session, leg.seq) == (session, seq)
}

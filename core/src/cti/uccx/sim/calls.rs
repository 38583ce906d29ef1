//! Calls in progress as the wire numbers them, and what each event of theirs is there.

pub(super) mod joins;
mod messages;

use std::collections::{BTreeMap, BTreeSet};

use super::UccxSim;
use super::clients::To;
use super::words::{self, NONE, call_number, number};
use crate::cti::uccx::codec::Message;
use crate::cti::uccx::codec::names::{call_message_mask as mask, device_type, event_cause};
use crate::cti::{CallEvent, CallKind, CallRecord, Cause, Device, DeviceKind, LegState, Media, Party, PartyRole};
use crate::ids::{AgentId, CallId, QueueId};

/// The calls of the world that this wire can carry: telephone calls.
#[derive(Debug, Default)]
pub(super) struct WireCalls {
    calls: BTreeMap<u32, WireCall>,
    /// Further numbers of calls: former ones, and those of the internal call from port to agent.
    others: BTreeMap<u32, u32>,
}

/// One call, with what its messages repeat.
#[derive(Debug)]
pub(super) struct WireCall {
    pub(super) id: CallId,
    number: u32,
    call_type: u16,
    /// Who called: type and number.
    from: (u16, Box<str>),
    /// What was called; its type is known once it rings.
    to: (u16, Box<str>),
    /// Where it rang last, and before that.
    rang: Option<(u16, Box<str>)>,
    redirected_from: Option<(u16, Box<str>)>,
    application: u32,
    /// The queue that brought it to an agent.
    csq: u32,
    /// The port its caller is at.
    port: Box<str>,
    agents: BTreeSet<AgentId>,
    /// Supervisors who listen, coach or stepped in.
    watchers: BTreeSet<AgentId>,
    data: BTreeMap<Box<str>, Box<str>>,
    /// It became part of another one, and only its end is still told.
    absorbed: bool,
}

/// Whom a message of a call is for: everybody who follows it, or one agent who left it.
enum Whom<'a> {
    Followers,
    Agent(&'a AgentId),
}

impl WireCalls {
    /// The call with this number, or that had it.
    pub(super) fn id(&self, number: u32) -> Option<CallId> {
        let number = self.others.get(&number).unwrap_or(&number);
        self.calls.get(number).filter(|call| !call.absorbed).map(|call| call.id.clone())
    }

    /// The number requests and confirmations name a call by.
    pub(super) fn number(&self, id: &CallId) -> Option<u32> {
        let number = call_number(id)?;
        let number = *self.others.get(&number).unwrap_or(&number);
        self.calls.contains_key(&number).then_some(number)
    }

    fn at(&mut self, id: &CallId) -> Option<&mut WireCall> {
        let number = self.number(id)?;
        self.calls.get_mut(&number)
    }

    fn open(&mut self, call: WireCall) {
        self.calls.insert(call.number, call);
    }

    fn forget(&mut self, number: u32) {
        self.calls.remove(&number);
        self.others.retain(|_, of| *of != number);
    }

    /// The platform gives a call another number.
    fn renumber(&mut self, from: &CallId, to: &CallId) -> Option<(u32, u32)> {
        let (old, new) = (self.number(from)?, call_number(to)?);
        let mut call = self.calls.remove(&old)?;
        (call.id, call.number) = (to.clone(), new);
        self.calls.insert(new, call);
        self.others.values_mut().filter(|of| **of == old).for_each(|of| *of = new);
        self.others.insert(old, new);
        Some((old, new))
    }
}

impl WireCall {
    fn of_record(record: &CallRecord) -> Option<Self> {
        let mut call = Self::new(&record.call, record.kind, &record.from, &record.to)?;
        call.data = record.data.iter().cloned().collect();
        for party in &record.parties {
            call.agents.extend(party.device.agent.clone());
            call.watchers.extend(party.device.agent.clone().filter(|_| party.role != PartyRole::Party));
            if party.device.kind == DeviceKind::Ivr {
                call.port.clone_from(&party.device.id);
            }
        }
        Some(call)
    }

    fn new(id: &CallId, kind: CallKind, from: &str, to: &str) -> Option<Self> {
        let caller = match kind {
            CallKind::Inbound => device_type::DEVICE,
            _ => device_type::AGENT_DEVICE,
        };
        Some(Self {
            id: id.clone(),
            number: call_number(id)?,
            call_type: words::type_of_call(kind),
            from: (caller, from.into()),
            to: (device_type::NONE, to.into()),
            rang: None,
            redirected_from: None,
            application: NONE,
            csq: NONE,
            port: "".into(),
            agents: BTreeSet::new(),
            watchers: BTreeSet::new(),
            data: BTreeMap::new(),
            absorbed: false,
        })
    }

    fn rings(&mut self, device: &Device, queue: Option<&QueueId>, scripts: &[Box<str>]) {
        let here = (words::device(device.kind), device.id.clone());
        if self.to.0 == device_type::NONE {
            self.to.0 = here.0;
        }
        self.redirected_from = self.rang.replace(here);
        self.agents.extend(device.agent.clone());
        self.csq = queue.and_then(|queue| number(queue.as_str())).unwrap_or(NONE);
        if device.kind == DeviceKind::Ivr {
            self.port.clone_from(&device.id);
            let place = scripts.iter().position(|script| *script == device.label);
            self.application = place.and_then(|place| u32::try_from(place + 1).ok()).unwrap_or(NONE);
        }
    }

    /// A device is on the call; the cause that says as what. Whoever takes over a call that was watched intercepts it.
    fn connects(&mut self, device: &Device, role: PartyRole) -> u16 {
        self.agents.extend(device.agent.clone());
        let Some(agent) = device.agent.as_ref() else { return words::role(role) };
        if role != PartyRole::Party {
            self.watchers.insert(agent.clone());
        } else if self.watchers.remove(agent) {
            return event_cause::INTERCEPT;
        }
        words::role(role)
    }

    fn set(&mut self, data: &[(Box<str>, Box<str>)]) {
        for (key, value) in data {
            if value.is_empty() {
                self.data.remove(key);
            } else {
                self.data.insert(key.clone(), value.clone());
            }
        }
    }
}

impl UccxSim {
    /// Tells what happened to a call.
    pub(super) fn tell_call(&mut self, event: &CallEvent) {
        if let CallEvent::Seen(record) = event {
            if let Some(call) = (record.media == Media::Voice).then(|| WireCall::of_record(record)).flatten() {
                self.calls.open(call);
            }
            return;
        }
        let Self { calls, crowd, scripts, .. } = self;
        calls.apply(event, scripts, &mut |agents, whom, bit, message| match whom {
            Whom::Followers => crowd.say(To::Call { agents, bit }, message),
            Whom::Agent(agent) => crowd.say(To::Own { agent, bit }, message),
        });
    }
}

/// Sends a message: the agents on the call, whom it is for, its bit in the mask.
type Say<'s> = dyn FnMut(&BTreeSet<AgentId>, Whom<'_>, u32, &Message<'_>) + 's;

impl WireCalls {
    /// Takes an event in, and says what it is on the wire.
    fn apply(&mut self, event: &CallEvent, scripts: &[Box<str>], say: &mut Say<'_>) {
        match event {
            // Told by what clients read when they come, which knows no calls.
            CallEvent::Seen(_) => {}
            CallEvent::Began { call, media, kind, from, to, data, .. } => {
                let Some(mut begun) = WireCall::new(call, *kind, from, to).filter(|_| *media == Media::Voice) else {
                    return;
                };
                begun.set(data);
                say(&begun.agents, Whom::Followers, mask::BEGIN, &begun.begin());
                self.open(begun);
            }
            CallEvent::Dialing { call, device } => {
                // Nobody monitors a phone outside.
                let Some(call) = self.at(call).filter(|_| device.kind == DeviceKind::Agent) else { return };
                call.agents.extend(device.agent.clone());
                say(&call.agents, Whom::Followers, mask::SERVICE_INITIATED, &call.initiated(device));
                say(&call.agents, Whom::Followers, mask::ORIGINATED, &call.originated(device));
            }
            CallEvent::Ringing { call: id, device, queue, alias } => {
                let Some(call) = self.at(id) else { return };
                let second = alias.as_ref().and_then(call_number);
                call.rings(device, queue.as_ref(), scripts);
                say(&call.agents, Whom::Followers, mask::DELIVERED, &call.delivered(device, second));
                let number = call.number;
                self.others.extend(second.map(|second| (second, number)));
            }
            CallEvent::Connected { call, device, role } => {
                let Some(call) = self.at(call) else { return };
                let cause = call.connects(device, *role);
                say(&call.agents, Whom::Followers, mask::ESTABLISHED, &call.established(device, cause));
            }
            CallEvent::Queued { call, queues } => {
                let Some(call) = self.at(call) else { return };
                call.queued(queues, &mut |message| say(&call.agents, Whom::Followers, mask::QUEUED, message));
            }
            // UCCX does not expect to send DEQUEUED: leaving the queues shows as DIVERTED.
            CallEvent::Dequeued { .. } | CallEvent::Recording { .. } => {}
            CallEvent::Diverted { call, device, cause } => self.diverted(call, device, *cause, say),
            CallEvent::Held { call, device } => {
                let Some(call) = self.at(call) else { return };
                say(&call.agents, Whom::Followers, mask::HELD, &call.held(device));
            }
            CallEvent::Retrieved { call, device } => {
                let Some(call) = self.at(call) else { return };
                say(&call.agents, Whom::Followers, mask::RETRIEVED, &call.retrieved(device));
            }
            CallEvent::Left { call, device, cause } => self.left(call, device, *cause, say),
            CallEvent::Failed { call, device, cause } => {
                let Some(call) = self.at(call) else { return };
                say(&call.agents, Whom::Followers, mask::FAILED, &call.failed(device, *cause));
            }
            CallEvent::Transferred { call, absorbed, by, parties } => {
                self.joined(call, absorbed, by, parties, false, say);
            }
            CallEvent::Conferenced { call, absorbed, by, parties } => {
                self.joined(call, absorbed, by, parties, true, say);
            }
            CallEvent::Renamed { call, new } => {
                let Some((old, new)) = self.renumber(call, new) else { return };
                if let Some(call) = self.calls.get(&new) {
                    say(&call.agents, Whom::Followers, mask::DATA_UPDATE, &call.renumbered(old));
                }
            }
            CallEvent::Data { call, data } => {
                let Some(call) = self.at(call) else { return };
                call.set(data);
                if let Some(message) = call.updated(data) {
                    say(&call.agents, Whom::Followers, mask::DATA_UPDATE, &message);
                }
            }
            CallEvent::Ended { call, cause } => {
                let Some(number) = self.number(call) else { return };
                let Some(call) = self.calls.get(&number) else { return };
                if !call.absorbed {
                    say(&call.agents, Whom::Followers, mask::CLEARED, &call.cleared(*cause));
                }
                say(&call.agents, Whom::Followers, mask::END, &call.end());
                self.forget(number);
            }
        }
    }

    /// A redirection is DIVERTED at a queue or a phone; from a route point it shows as where the call goes next. A ring that ends with
    /// its call is CONNECTION_CLEARED.
    fn diverted(&mut self, call: &CallId, device: &Device, cause: Cause, say: &mut Say<'_>) {
        let moves = matches!(cause, Cause::NoAnswer | Cause::Redirected | Cause::Rejected);
        match device.kind {
            DeviceKind::Trigger | DeviceKind::Ivr if moves => {}
            _ if moves => {
                let Some(call) = self.at(call) else { return };
                say(&call.agents, Whom::Followers, mask::DIVERTED, &call.diverted(device, cause));
                call.lose(device, say);
            }
            _ => self.left(call, device, cause, say),
        }
    }

    fn left(&mut self, call: &CallId, device: &Device, cause: Cause, say: &mut Say<'_>) {
        let Some(call) = self.at(call) else { return };
        say(&call.agents, Whom::Followers, mask::CONNECTION_CLEARED, &call.released(device, cause));
        call.lose(device, say);
    }

    fn joined(
        &mut self,
        call: &CallId,
        absorbed: &CallId,
        by: &Device,
        parties: &[Party],
        stays: bool,
        say: &mut Say<'_>,
    ) {
        let Some(second) = self.number(absorbed) else { return };
        let Some(gone) = self.calls.get_mut(&second) else { return };
        gone.absorbed = true;
        let agents = gone.agents.clone();
        let Some(call) = self.at(call) else { return };
        call.agents.extend(agents);
        call.agents.extend(parties.iter().filter_map(|party| party.device.agent.clone()));
        let bit = if stays { mask::CONFERENCED } else { mask::TRANSFERRED };
        call.join(second, by, parties, stays, &mut |message| say(&call.agents, Whom::Followers, bit, message));
        if !stays {
            call.lose(by, say);
        }
        // Whoever rings goes on ringing on the call that goes on.
        if let Some(party) = parties.iter().find(|party| party.state == LegState::Ringing) {
            call.rang = Some((words::device(party.device.kind), party.device.id.clone()));
        }
    }
}

impl WireCall {
    /// An agent is off the call: for a session of its own the call is over.
    fn lose(&mut self, device: &Device, say: &mut Say<'_>) {
        if let Some(agent) = device.agent.as_ref().filter(|agent| self.agents.contains(*agent)) {
            say(&self.agents, Whom::Agent(agent), mask::END, &self.end());
            self.agents.remove(agent);
        }
    }
}

#[cfg(test)]
impl WireCalls {
    /// How many there are, and how many further numbers.
    pub(super) fn counts(&self) -> (usize, usize) {
        (self.calls.len(), self.others.len())
    }
}

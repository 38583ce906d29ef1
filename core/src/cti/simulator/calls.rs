//! Legs and their lines: beginning, changing, ending. What happens and why is elsewhere.

use super::Simulator;
use super::timers::{CallKey, Timer};
use super::world::{Call, Fixed, Line, Route};
use crate::cti::{
    CallData, CallEvent, CallKind, Cause, Device, DeviceKind, LegState, Media, PartyRole, RecordingState,
};
use crate::ids::CallId;

impl Simulator {
    /// The next number of a call, never given before by this world.
    pub(super) fn next_number(&mut self) -> u64 {
        self.last_number += 1;
        self.last_number
    }

    pub(super) fn call_id(&self, number: u64) -> CallId {
        CallId::from(format!("{}-{number}", self.boot))
    }

    /// The call in progress that has or had this id.
    pub(super) fn call_at(&self, id: &CallId) -> Option<CallKey> {
        let (boot, number) = id.as_str().rsplit_once('-')?;
        let number: u64 = number.parse().ok().filter(|_| *boot == *self.boot)?;
        let key = self.aliases.get(&number).copied().unwrap_or(number);
        self.calls.contains_key(&key).then_some(key)
    }

    /// Begins a leg and tells it.
    pub(super) fn begin_call(
        &mut self,
        media: Media,
        kind: CallKind,
        from: &str,
        to: &str,
        consults: Option<CallKey>,
        data: CallData,
    ) -> CallKey {
        let key = self.next_number();
        let id = self.call_id(key);
        let call = Call {
            id: id.clone(),
            media,
            kind,
            from: from.into(),
            to: to.into(),
            since: self.at,
            consults,
            data: data.clone(),
            lines: Vec::new(),
            next_line: 1,
            contact: false,
            dialled_by: None,
            route: Route::Off,
            route_stamp: 0,
            port: None,
            queues: Vec::new(),
            wanted: Vec::new(),
            place: key,
            served_by: None,
            trigger: None,
            fixed: Fixed::default(),
            actor: None,
            plan: std::collections::VecDeque::new(),
            plan_stamp: 0,
            aliases: Vec::new(),
            limit: None,
        };
        self.calls.insert(key, call);
        let consults = consults.and_then(|key| self.calls.get(&key)).map(|call| call.id.clone());
        let (from, to) = (from.into(), to.into());
        self.emit_call(CallEvent::Began { call: id, media, kind, from, to, consults, data });
        let limit = self.scenario.calls.duration_max_ms;
        let limit = self.after(limit, Timer::Limit { call: key });
        if let Some(call) = self.calls.get_mut(&key) {
            call.limit = Some(limit);
        }
        key
    }

    /// Puts a device on a leg, silently; an agent's own state is not touched.
    pub(super) fn add_line(&mut self, key: CallKey, device: Device, agent: Option<usize>, state: LegState) -> u32 {
        let Some(call) = self.calls.get_mut(&key) else { return 0 };
        let no = call.next_line;
        call.next_line += 1;
        let (role, recording) = (PartyRole::Party, RecordingState::Stopped);
        call.lines.push(Line { no, device, agent, role, state, recording });
        if let Some(agent) = agent {
            self.agents[agent].calls.push(key);
        }
        no
    }

    /// Takes a line off a leg, silently; an agent's own state is not touched.
    pub(super) fn take_line(&mut self, key: CallKey, no: u32) -> Option<Line> {
        let call = self.calls.get_mut(&key)?;
        let place = call.lines.iter().position(|line| line.no == no)?;
        let line = call.lines.remove(place);
        if let Some(a) = line.agent {
            if call.actor == Some(a) {
                call.actor = None;
            }
            let work = call.served_by.is_none_or(|queue| self.queues[queue].work);
            let work = call.contact && work;
            let handled = matches!(line.state, LegState::Connected | LegState::Held);
            let agent = &mut self.agents[a];
            agent.calls.retain(|k| *k != key);
            if handled && line.role == PartyRole::Party {
                agent.last_call = Some((call.id.clone(), work));
            }
        }
        Some(line)
    }

    /// A phone rings, an agent's or one outside, and a moment for it to be answered or not is set.
    pub(super) fn ring(&mut self, key: CallKey, device: Device, agent: Option<usize>, answers: bool) {
        let Some(call) = self.calls.get(&key) else { return };
        let (id, fixed) = (call.id.clone(), call.fixed.ring_ms);
        let line = self.add_line(key, device.clone(), agent, LegState::Ringing);
        self.emit_call(CallEvent::Ringing { call: id, device, queue: None, alias: None });
        if let Some(agent) = agent {
            self.settle(agent);
        }
        self.ring_timers(key, line, answers, fixed);
    }

    pub(super) fn ring_timers(&mut self, key: CallKey, line: u32, answers: bool, fixed_ms: Option<u64>) {
        let (ring, ring_max) = (self.scenario.calls.ring_ms, self.scenario.calls.ring_max_ms);
        if answers {
            let ms = fixed_ms.unwrap_or_else(|| self.rng.around(ring));
            self.after(ms, Timer::Answer { call: key, line });
        }
        self.after(ring_max, Timer::NoAnswer { call: key, line });
    }

    /// A line answers: told, everybody's state follows.
    pub(super) fn connect(&mut self, key: CallKey, no: u32) {
        let Some(call) = self.calls.get_mut(&key) else { return };
        let Some(line) = call.line_mut(no) else { return };
        line.state = LegState::Connected;
        let (device, role, agent) = (line.device.clone(), line.role, line.agent);
        let mut dialled = Vec::new();
        for line in call.lines.iter_mut().filter(|line| line.state == LegState::Dialing) {
            line.state = LegState::Connected;
            dialled.extend(line.agent);
        }
        let id = call.id.clone();
        let is_person = matches!(device.kind, DeviceKind::Agent | DeviceKind::External);
        self.emit_call(CallEvent::Connected { call: id, device, role });
        if is_person {
            self.off_route(key);
        }
        for agent in dialled.into_iter().chain(agent) {
            self.settle(agent);
        }
    }

    /// The way to an agent is over: the port that kept the caller company leaves.
    pub(super) fn off_route(&mut self, key: CallKey) {
        self.leave_queues(key);
        let Some(call) = self.calls.get_mut(&key) else { return };
        call.route = Route::Off;
        call.route_stamp += 1;
        let port = call.lines.iter().find(|line| matches!(line.device.kind, DeviceKind::Ivr | DeviceKind::Trigger));
        if let Some(no) = port.map(|line| line.no) {
            self.tell_left(key, no, Cause::Redirected);
        }
        self.free_port(key);
    }

    pub(super) fn free_port(&mut self, key: CallKey) {
        if let Some(port) = self.calls.get_mut(&key).and_then(|call| call.port.take()) {
            self.ports.free.insert(port);
        }
    }

    /// Takes a leg out of the queues it waits in, silently.
    pub(super) fn leave_queues(&mut self, key: CallKey) -> Vec<usize> {
        let Some(call) = self.calls.get_mut(&key) else { return Vec::new() };
        let queues = std::mem::take(&mut call.queues);
        for queue in &queues {
            self.queues[*queue].waiting.remove(&(call.place, key));
        }
        queues
    }

    /// A line is off the leg: told, the agent's state follows when the caller settles it.
    pub(super) fn tell_left(&mut self, key: CallKey, no: u32, cause: Cause) -> Option<usize> {
        let line = self.take_line(key, no)?;
        let call = self.calls.get(&key)?.id.clone();
        let device = line.device;
        self.emit_call(match line.state {
            LegState::Ringing => CallEvent::Diverted { call, device, cause },
            LegState::Dialing | LegState::Connected | LegState::Held | LegState::Queued => {
                CallEvent::Left { call, device, cause }
            }
        });
        line.agent
    }

    /// A line leaves; with fewer than two who speak the leg is over for everybody.
    pub(super) fn leave(&mut self, key: CallKey, no: u32, cause: Cause) {
        let agent = self.tell_left(key, no, cause);
        let over = self.calls.get(&key).is_some_and(|call| call.speakers() < 2);
        if over {
            self.end_call(key, cause);
        } else {
            self.go_on_without(key);
        }
        if let Some(agent) = agent {
            self.settle(agent);
        }
    }

    /// A device could not be reached; with nobody else to speak to the leg is over.
    pub(super) fn fail(&mut self, key: CallKey, device: Device, cause: Cause) {
        let Some(call) = self.calls.get(&key) else { return };
        let id = call.id.clone();
        self.emit_call(CallEvent::Failed { call: id, device, cause });
        if self.calls.get(&key).is_some_and(|call| call.speakers() < 2) {
            self.end_call(key, cause);
        }
    }

    /// Ends a leg for everybody on it.
    pub(super) fn end_call(&mut self, key: CallKey, cause: Cause) {
        self.leave_queues(key);
        let Some(call) = self.calls.get(&key) else { return };
        let ringing = call.lines.iter().filter(|line| line.state == LegState::Ringing).map(|line| line.no);
        let others = call.lines.iter().filter(|line| line.state != LegState::Ringing).map(|line| line.no);
        let lines: Vec<u32> = ringing.chain(others).collect();
        let mut agents = Vec::new();
        for no in lines {
            agents.extend(self.tell_left(key, no, cause));
        }
        self.forget(key, cause);
        for agent in agents {
            self.settle(agent);
        }
    }

    /// Tells the end of a leg nobody is on any more.
    pub(super) fn forget(&mut self, key: CallKey, cause: Cause) {
        self.free_port(key);
        if let Some(call) = self.calls.remove(&key) {
            if let Some(limit) = call.limit {
                self.timers.cancel(limit);
            }
            for alias in call.aliases {
                self.aliases.remove(&alias);
            }
            self.emit_call(CallEvent::Ended { call: call.id, cause });
        }
    }

    /// No leg outlives its limit, whoever is on it.
    pub(super) fn cut(&mut self, key: CallKey) {
        self.end_call(key, Cause::Normal);
    }

    /// Changes data of a leg; an empty value removes.
    pub(super) fn change_data(&mut self, key: CallKey, changes: CallData) {
        let Some(call) = self.calls.get_mut(&key) else { return };
        let mut told = CallData::new();
        for (name, value) in changes {
            let place = call.data.iter().position(|(key, _)| *key == name);
            match place {
                Some(place) if call.data[place].1 == value => continue,
                Some(place) if value.is_empty() => {
                    call.data.remove(place);
                }
                Some(place) => call.data[place].1 = value.clone(),
                None if value.is_empty() => continue,
                None => call.data.push((name.clone(), value.clone())),
            }
            told.push((name, value));
        }
        if !told.is_empty() {
            let call = call.id.clone();
            self.emit_call(CallEvent::Data { call, data: told });
        }
    }

    /// The platform gives a leg another id.
    pub(super) fn rename_call(&mut self, key: CallKey) {
        let number = self.next_number();
        let new = self.call_id(number);
        let Some(call) = self.calls.get_mut(&key) else { return };
        call.aliases.push(number);
        self.aliases.insert(number, key);
        let old = std::mem::replace(&mut call.id, new.clone());
        self.emit_call(CallEvent::Renamed { call: old, new });
    }
}

//! Two legs become one: transfer and conference after a consultation.

use super::Simulator;
use super::reasons::wrong_state;
use super::timers::CallKey;
use super::world::Route;
use crate::cti::{CallEvent, Cause, DeviceKind, LegState, PartyRole, Refusal};

impl Simulator {
    /// The agent joins the held call and the one it is consulting on, and leaves both.
    pub(super) fn transfer(&mut self, a: usize, held: CallKey, active: CallKey) -> Result<(), Refusal> {
        self.may_join(a, held, active)?;
        let device = self.agents[a].device();
        let (Some(on_active), Some(on_held)) = (self.line_no(a, active), self.line_no(a, held)) else {
            return Err(wrong_state("the agent is on both calls no more"));
        };
        self.take_line(active, on_active);
        self.take_line(held, on_held);
        let moved = self.merge(held, active);
        let Some(call) = self.calls.get_mut(&held) else { return Ok(()) };
        call.actor = None;
        call.plan.clear();
        call.plan_stamp += 1;
        let (id, parties) = (call.id.clone(), call.parties());
        let absorbed = self.absorbed(active);
        self.emit_call(CallEvent::Transferred { call: id, absorbed, by: device, parties });
        self.forget(active, Cause::Transferred);
        self.settle(a);
        for agent in &moved {
            self.settle(*agent);
        }
        let Some(call) = self.calls.get(&held) else { return Ok(()) };
        if call.speakers() < 2 {
            self.end_call(held, Cause::Normal);
        } else if call.route == Route::Off && !call.lines.iter().any(|line| line.state == LegState::Ringing) {
            self.decide(held, moved.first().copied());
        }
        Ok(())
    }

    /// The agent joins the held call and the one it is consulting on, and stays.
    pub(super) fn conference(&mut self, a: usize, held: CallKey, active: CallKey) -> Result<(), Refusal> {
        self.may_join(a, held, active)?;
        let speaks = |line: &super::world::Line| {
            let is_person = matches!(line.device.kind, DeviceKind::Agent | DeviceKind::External);
            line.agent != Some(a) && is_person && line.state == LegState::Connected
        };
        if !self.calls.get(&active).is_some_and(|call| call.lines.iter().any(speaks)) {
            return Err(wrong_state("nobody has answered yet"));
        }
        let device = self.agents[a].device();
        if let Some(no) = self.line_no(a, active) {
            self.take_line(active, no);
        }
        let moved = self.merge(held, active);
        let Some(call) = self.calls.get_mut(&held) else { return Ok(()) };
        if let Some(line) = call.lines.iter_mut().find(|line| line.agent == Some(a)) {
            line.state = LegState::Connected;
        }
        let (id, parties) = (call.id.clone(), call.parties());
        let absorbed = self.absorbed(active);
        self.emit_call(CallEvent::Conferenced { call: id, absorbed, by: device, parties });
        self.forget(active, Cause::Other);
        self.settle(a);
        for agent in moved {
            self.settle(agent);
        }
        Ok(())
    }

    fn absorbed(&self, key: CallKey) -> crate::ids::CallId {
        self.calls.get(&key).map_or_else(|| self.call_id(key), |call| call.id.clone())
    }

    fn line_no(&self, a: usize, key: CallKey) -> Option<u32> {
        self.line_on(a, key).ok().map(|line| line.no)
    }

    fn may_join(&self, a: usize, held: CallKey, active: CallKey) -> Result<(), Refusal> {
        let (on_held, on_active) = (self.line_on(a, held)?, self.line_on(a, active)?);
        let speaks = |state| matches!(state, LegState::Connected | LegState::Held | LegState::Dialing);
        let may = held != active
            && on_held.role == PartyRole::Party
            && on_active.role == PartyRole::Party
            && matches!(on_held.state, LegState::Held | LegState::Connected)
            && speaks(on_active.state);
        let (on_held, on_active) = (self.calls.get(&held), self.calls.get(&active));
        let twice =
            on_active.into_iter().flat_map(|call| &call.lines).filter(|line| line.agent != Some(a)).any(|line| {
                on_held.is_some_and(|call| call.lines.iter().any(|other| other.device.id == line.device.id))
            });
        if twice {
            return Err(wrong_state("a party is on both calls"));
        }
        let routed = self.calls.get(&held).is_some_and(|call| call.route != Route::Off);
        if !may || routed {
            return Err(wrong_state("no held call and active call to join"));
        }
        Ok(())
    }

    /// Moves everybody from one leg to another, with their timers and their way to an agent. The agents who moved.
    fn merge(&mut self, into: CallKey, from: CallKey) -> Vec<usize> {
        let queues = self.leave_queues(from);
        let Some(source) = self.calls.get_mut(&from) else { return Vec::new() };
        let lines = std::mem::take(&mut source.lines);
        let (route, port, trigger) = (source.route, source.port.take(), source.trigger);
        let (wanted, served_by, contact) = (std::mem::take(&mut source.wanted), source.served_by, source.contact);
        let Some(target) = self.calls.get_mut(&into) else { return Vec::new() };
        let (mut ringing, mut moved) = (Vec::new(), Vec::new());
        for mut line in lines {
            line.no = target.next_line;
            target.next_line += 1;
            if line.state == LegState::Ringing {
                ringing.push((line.no, line.device.id.ends_with(super::control::SILENT)));
            }
            if let Some(agent) = line.agent {
                moved.push(agent);
                for key in self.agents[agent].calls.iter_mut().filter(|key| **key == from) {
                    *key = into;
                }
            }
            target.lines.push(line);
        }
        target.contact |= contact;
        target.served_by = served_by.or(target.served_by);
        let place = target.place;
        if route != Route::Off {
            target.trigger = trigger;
            target.port = port;
            target.wanted = wanted;
            target.queues.clone_from(&queues);
            self.set_route(into, route);
            for queue in queues {
                self.queues[queue].waiting.insert((place, into));
            }
            let prompts = self.scenario.ivr.prompts_ms;
            self.after_route(into, prompts);
            let patience = self.scenario.calls.patience_ms;
            let ms = self.rng.exponential(patience);
            self.after(ms, super::timers::Timer::Patience { call: into });
        }
        for (no, silent) in ringing {
            self.ring_timers(into, no, !silent, None);
        }
        moved
    }
}

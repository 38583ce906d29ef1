//! What agents do on calls, whether a client commands it or the simulated world decides it.

use super::Simulator;
use super::reasons::{bad_destination, no_call, refusal, wrong_state};
use super::timers::{CallKey, Timer};
use super::world::{Line, Route, outside};
use crate::cti::{
    CallData, CallEvent, CallKind, Cause, DeviceKind, LegState, Media, PartyRole, RecordingAction, RecordingState,
    Refusal, RefusalKind,
};

/// The ending of numbers outside that are busy.
pub(super) const BUSY: &str = "0000";
/// The ending of numbers outside that cannot be reached.
pub(super) const UNREACHABLE: &str = "9999";
/// The ending of numbers outside that are never answered.
pub(super) const SILENT: &str = "8888";

/// No value of call data is longer.
const VALUE_MAX: usize = 210;

/// What a dialled number means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Destination {
    Agent(usize),
    Trigger(usize),
    Outside(Box<str>),
}

impl Simulator {
    /// What a number means: a line or id of an agent, a trigger, or a phone outside.
    pub(super) fn resolve(&self, number: &str) -> Result<Destination, Refusal> {
        if let Some(agent) = self.lines.get(number).or_else(|| self.by_id.get(number)) {
            return Ok(Destination::Agent(*agent));
        }
        if let Some(trigger) = self.triggers.iter().position(|trigger| *trigger.number == *number) {
            return Ok(Destination::Trigger(trigger));
        }
        let digits = number.strip_prefix('+').unwrap_or(number);
        let is_number = (3..=32).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        is_number.then(|| Destination::Outside(number.into())).ok_or_else(bad_destination)
    }

    /// The agent's line on a call.
    pub(super) fn line_on(&self, a: usize, key: CallKey) -> Result<&Line, Refusal> {
        self.calls.get(&key).and_then(|call| call.line_of(a)).ok_or_else(no_call)
    }

    /// Whether the leg is one that carries voice; chats and e-mails know no more than accepting and completing.
    fn voice(&self, key: CallKey) -> Result<(), Refusal> {
        match self.calls.get(&key).map(|call| call.media) {
            Some(Media::Voice) => Ok(()),
            Some(Media::Chat | Media::Email) => Err(refusal(RefusalKind::Unsupported, "only calls can do this")),
            None => Err(no_call()),
        }
    }

    /// The agent calls somebody, with call data of its own; `Ok` is the new leg.
    pub(super) fn dial(&mut self, a: usize, number: &str, data: CallData) -> Result<CallKey, Refusal> {
        check_data(&data)?;
        let agent = &self.agents[a];
        if agent.state == crate::cti::AgentState::LoggedOut {
            return Err(wrong_state("the agent is not logged in"));
        }
        if !agent.calls.is_empty() {
            return Err(refusal(RefusalKind::Busy, "the agent's line is in use"));
        }
        let destination = self.resolve(number)?;
        if destination == Destination::Agent(a) {
            return Err(bad_destination());
        }
        let kind = match destination {
            Destination::Outside(_) => CallKind::Outbound,
            Destination::Agent(_) | Destination::Trigger(_) => CallKind::Internal,
        };
        Ok(self.originate(a, kind, number, None, destination, data))
    }

    fn originate(
        &mut self,
        a: usize,
        kind: CallKind,
        number: &str,
        consults: Option<CallKey>,
        destination: Destination,
        own_data: CallData,
    ) -> CallKey {
        let device = self.agents[a].device();
        let mut data = vec![("ani".into(), device.id.clone()), ("dnis".into(), number.into())];
        data.extend(own_data);
        let key = self.begin_call(Media::Voice, kind, &device.id, number, consults, data);
        if let Some(call) = self.calls.get_mut(&key) {
            call.dialled_by = Some(a);
        }
        self.add_line(key, device.clone(), Some(a), LegState::Dialing);
        let call = self.call_id(key);
        self.emit_call(CallEvent::Dialing { call, device });
        self.settle(a);
        self.reach(key, destination);
        key
    }

    /// A leg goes to a destination: it rings there, or fails.
    fn reach(&mut self, key: CallKey, destination: Destination) {
        match destination {
            Destination::Agent(b) if self.can_ring(b) => {
                let device = self.agents[b].device();
                let answers = !self.rng.permille(self.scenario.calls.no_answer_permille);
                self.ring(key, device, Some(b), answers);
            }
            Destination::Agent(b) => {
                let away = self.agents[b].state == crate::cti::AgentState::LoggedOut;
                let cause = if away { Cause::Unreachable } else { Cause::Busy };
                self.fail(key, self.agents[b].device(), cause);
            }
            Destination::Trigger(trigger) => self.enter_trigger(key, trigger),
            Destination::Outside(number) if number.ends_with(BUSY) || self.is_engaged(key, &number) => {
                self.fail(key, outside(&number), Cause::Busy);
            }
            Destination::Outside(number) if number.ends_with(UNREACHABLE) => {
                self.fail(key, outside(&number), Cause::Unreachable);
            }
            Destination::Outside(number) => self.ring(key, outside(&number), None, !number.ends_with(SILENT)),
        }
    }

    /// Whether a phone outside is on this leg already, or on the one this leg consults for.
    fn is_engaged(&self, key: CallKey, number: &str) -> bool {
        let on_it = |call: &super::world::Call| call.lines.iter().any(|line| *line.device.id == *number);
        let call = self.calls.get(&key);
        let consulted = call.and_then(|call| self.calls.get(&call.consults?));
        call.is_some_and(on_it) || consulted.is_some_and(on_it)
    }

    /// The agent picks up what rings.
    pub(super) fn answer(&mut self, a: usize, key: CallKey) -> Result<(), Refusal> {
        let line = self.line_on(a, key)?;
        match line.state {
            LegState::Ringing => {
                let no = line.no;
                if let Some(active) = self.active_call(a) {
                    self.hold(a, active)?;
                }
                self.pick_up(key, no);
                Ok(())
            }
            LegState::Connected | LegState::Held => Ok(()),
            LegState::Dialing | LegState::Queued => Err(wrong_state("no call to answer: it does not ring")),
        }
    }

    /// The agent refuses what rings.
    pub(super) fn reject(&mut self, a: usize, key: CallKey) -> Result<(), Refusal> {
        let line = self.line_on(a, key)?;
        if line.state != LegState::Ringing {
            return Err(wrong_state("no call to reject: it does not ring"));
        }
        let no = line.no;
        self.give_back(key, no, Cause::Rejected);
        Ok(())
    }

    /// The agent leaves a call.
    pub(super) fn drop_call(&mut self, a: usize, key: CallKey) -> Result<(), Refusal> {
        let line = self.line_on(a, key)?;
        if line.state == LegState::Ringing {
            return Err(wrong_state("no connection to clear: it still rings"));
        }
        let no = line.no;
        self.leave(key, no, Cause::Normal);
        Ok(())
    }

    /// The call the agent speaks on.
    fn active_call(&self, a: usize) -> Option<CallKey> {
        let speaks = |key: &&CallKey| self.line_on(a, **key).is_ok_and(|line| line.state == LegState::Connected);
        self.agents[a].calls.iter().find(speaks).copied()
    }

    fn line_to(&mut self, a: usize, key: CallKey, from: LegState, to: LegState) -> bool {
        let Some(call) = self.calls.get_mut(&key) else { return false };
        let Some(line) = call.lines.iter_mut().find(|line| line.agent == Some(a) && line.state == from) else {
            return false;
        };
        line.state = to;
        let (call, device) = (call.id.clone(), line.device.clone());
        self.emit_call(match to {
            LegState::Held => CallEvent::Held { call, device },
            _ => CallEvent::Retrieved { call, device },
        });
        true
    }

    /// The agent holds a call.
    pub(super) fn hold(&mut self, a: usize, key: CallKey) -> Result<(), Refusal> {
        self.voice(key)?;
        let line = self.line_on(a, key)?;
        if line.state == LegState::Held {
            return Ok(());
        }
        if line.role != PartyRole::Party || !self.line_to(a, key, LegState::Connected, LegState::Held) {
            return Err(wrong_state("no active call: it cannot be held"));
        }
        self.settle(a);
        Ok(())
    }

    /// The agent speaks again on a call.
    pub(super) fn retrieve(&mut self, a: usize, key: CallKey) -> Result<(), Refusal> {
        self.voice(key)?;
        if self.line_on(a, key)?.state == LegState::Connected {
            return Ok(());
        }
        let busy = |other: &CallKey| {
            let state = self.line_on(a, *other).map(|line| line.state);
            *other != key && matches!(state, Ok(LegState::Connected | LegState::Dialing))
        };
        if self.agents[a].calls.iter().any(busy) {
            return Err(wrong_state("another call is active"));
        }
        if !self.line_to(a, key, LegState::Held, LegState::Connected) {
            return Err(wrong_state("no held call: it cannot be retrieved"));
        }
        self.settle(a);
        Ok(())
    }

    /// The agent calls somebody about a call, which is held meanwhile; `Ok` is the new leg.
    pub(super) fn consult(&mut self, a: usize, key: CallKey, number: &str) -> Result<CallKey, Refusal> {
        self.voice(key)?;
        let line = self.line_on(a, key)?;
        if line.role != PartyRole::Party || !matches!(line.state, LegState::Connected | LegState::Held) {
            return Err(wrong_state("no active call to consult about"));
        }
        if self.agents[a].calls.len() > 1 {
            return Err(refusal(RefusalKind::Busy, "the agent has a second call already"));
        }
        let destination = self.resolve(number)?;
        if destination == Destination::Agent(a) {
            return Err(bad_destination());
        }
        self.hold(a, key)?;
        Ok(self.originate(a, CallKind::Consult, number, Some(key), destination, Vec::new()))
    }

    /// The agent swaps the active call and the held one.
    pub(super) fn alternate(&mut self, a: usize, active: CallKey, held: CallKey) -> Result<(), Refusal> {
        let now_active = self.line_on(a, active)?.state;
        let now_held = self.line_on(a, held)?.state;
        if now_active == LegState::Held && now_held == LegState::Connected {
            return Ok(());
        }
        if now_active != LegState::Connected || now_held != LegState::Held {
            return Err(wrong_state("one call must be active and the other held"));
        }
        self.line_to(a, active, LegState::Connected, LegState::Held);
        self.line_to(a, held, LegState::Held, LegState::Connected);
        self.settle(a);
        Ok(())
    }

    /// The agent sends a call to a destination, and leaves it.
    pub(super) fn blind_transfer(&mut self, a: usize, key: CallKey, number: &str) -> Result<(), Refusal> {
        let destination = self.third(a, key, number)?;
        if let Ok(no) = self.line_on(a, key).map(|line| line.no) {
            if let Some(call) = self.calls.get_mut(&key) {
                call.actor = None;
                call.plan.clear();
                call.plan_stamp += 1;
                call.wanted.clear();
                call.served_by = None;
            }
            self.tell_left(key, no, Cause::Transferred);
            self.reach(key, destination);
            self.settle(a);
            let waits = self.calls.get(&key).is_some_and(|call| call.route != Route::Off);
            if waits {
                let patience = self.scenario.calls.patience_ms;
                let ms = self.rng.exponential(patience);
                self.after(ms, Timer::Patience { call: key });
            }
        }
        Ok(())
    }

    /// The agent brings somebody into a call.
    pub(super) fn blind_conference(&mut self, a: usize, key: CallKey, number: &str) -> Result<(), Refusal> {
        let destination = self.third(a, key, number)?;
        if matches!(destination, Destination::Trigger(_)) {
            return Err(refusal(RefusalKind::Unsupported, "a trigger cannot be brought into a call"));
        }
        if self.line_on(a, key)?.state != LegState::Connected {
            return Err(wrong_state("the call is not active"));
        }
        if self.calls.get(&key).is_some_and(|call| call.lines.len() >= 16) {
            return Err(refusal(RefusalKind::Busy, "conference limit: 16 parties"));
        }
        self.reach(key, destination);
        Ok(())
    }

    /// A destination to which a call that stands can be sent.
    fn third(&self, a: usize, key: CallKey, number: &str) -> Result<Destination, Refusal> {
        self.voice(key)?;
        let line = self.line_on(a, key)?;
        if line.role != PartyRole::Party || !matches!(line.state, LegState::Connected | LegState::Held) {
            return Err(wrong_state("no active call"));
        }
        if self.agents[a].calls.len() > 1 {
            return Err(wrong_state("a consultation is in progress"));
        }
        let destination = self.resolve(number)?;
        match destination {
            Destination::Agent(b) if b == a => Err(bad_destination()),
            Destination::Outside(number) if self.is_engaged(key, &number) => {
                Err(refusal(RefusalKind::Busy, "the called device is on the call already"))
            }
            Destination::Agent(b) if !self.can_ring(b) => {
                Err(refusal(RefusalKind::Busy, "the called device is busy or out of service"))
            }
            destination => Ok(destination),
        }
    }

    /// The agent sends digits.
    pub(super) fn dtmf(&mut self, a: usize, key: CallKey, digits: &str) -> Result<(), Refusal> {
        self.voice(key)?;
        if self.line_on(a, key)?.state != LegState::Connected {
            return Err(wrong_state("the call is not active"));
        }
        let fits = (1..=32).contains(&digits.len());
        if !fits || !digits.chars().all(|c| c.is_ascii_digit() || "*#ABCD".contains(c)) {
            return Err(refusal(RefusalKind::Other, "parameter: digits must be 1 to 32 of 0-9 * # A-D"));
        }
        Ok(())
    }

    /// The agent acts on the recording of a call.
    pub(super) fn record(&mut self, a: usize, key: CallKey, action: RecordingAction) -> Result<(), Refusal> {
        self.voice(key)?;
        let line = self.line_on(a, key)?;
        let (no, now) = (line.no, line.recording);
        if !matches!(line.state, LegState::Connected | LegState::Held) {
            return Err(wrong_state("the call is not active"));
        }
        let then = match (action, now) {
            (RecordingAction::Start, _) | (RecordingAction::Resume, RecordingState::Recording) => {
                RecordingState::Recording
            }
            (RecordingAction::Stop, _) => RecordingState::Stopped,
            (RecordingAction::Pause, RecordingState::Recording | RecordingState::Paused) => RecordingState::Paused,
            (RecordingAction::Resume, RecordingState::Paused) => RecordingState::Recording,
            (RecordingAction::Pause | RecordingAction::Resume, RecordingState::Stopped) => {
                return Err(wrong_state("the call is not recorded"));
            }
        };
        if then != now
            && let Some(call) = self.calls.get_mut(&key)
            && let Some(line) = call.line_mut(no)
        {
            line.recording = then;
            let device = line.device.clone();
            let call = call.id.clone();
            self.emit_call(CallEvent::Recording { call, device, state: then });
        }
        Ok(())
    }

    /// The agent changes call data.
    pub(super) fn set_data(&mut self, a: usize, key: CallKey, data: CallData) -> Result<(), Refusal> {
        self.line_on(a, key)?;
        check_data(&data)?;
        self.change_data(key, data);
        Ok(())
    }

    /// The agent finishes a contact: after-call work of a call that is over, or a chat or e-mail that is not.
    pub(super) fn complete(
        &mut self,
        a: usize,
        call: &crate::ids::CallId,
        wrap_up: Option<&str>,
    ) -> Result<(), Refusal> {
        if let Some((last, _)) = &self.agents[a].last_call
            && last == call
            && self.agents[a].calls.is_empty()
        {
            self.agents[a].last_call = None;
            if self.agents[a].state == crate::cti::AgentState::Work {
                self.finish_work(a);
            }
            return Ok(());
        }
        let key = self.call_at(call).ok_or_else(no_call)?;
        let line = self.line_on(a, key)?;
        let (no, media) = (line.no, self.calls.get(&key).map(|call| call.media));
        if media == Some(Media::Voice) || line.state != LegState::Connected || line.device.kind != DeviceKind::Agent {
            return Err(wrong_state("the contact is not over"));
        }
        if let Some(wrap_up) = wrap_up {
            self.set_data(a, key, vec![("wrapup".into(), wrap_up.into())])?;
        }
        self.leave(key, no, Cause::Normal);
        Ok(())
    }
}

/// What agents may put into call data.
fn check_data(data: &CallData) -> Result<(), Refusal> {
    for (name, value) in data {
        let number = name.strip_prefix("callVariable");
        let is_variable = number.is_some_and(|n| !n.starts_with('0') && n.parse().is_ok_and(|n| matches!(n, 1..=10)));
        let is_known = **name == *"wrapup" || is_variable;
        if !is_known || value.len() > VALUE_MAX {
            let text = "parameter: call data must be callVariable1 to callVariable10 or wrapup, at most 210 bytes each";
            return Err(refusal(RefusalKind::Other, text));
        }
    }
    Ok(())
}

//! A contact's way to an agent: trigger, script, queues, an agent's phone.

use super::Simulator;
use super::reasons;
use super::timers::{CallKey, Timer};
use super::world::{Fixed, Route, outside};
use crate::cti::{AgentState, CallData, CallEvent, CallKind, Cause, DeviceKind, LegState, Media, PartyRole};

/// How long a trigger takes to hand a call to a port, in milliseconds.
const REDIRECT_MS: u64 = 150;
/// No queue lets more wait: later chats and e-mails are not accepted, calls are bounded by the ports.
const WAITING_MAX: usize = 1_000;

/// Who calls, and what of the call a script fixed.
#[derive(Debug, Default)]
pub(super) struct Caller {
    pub(super) from: Box<str>,
    pub(super) prompts_ms: Option<u64>,
    pub(super) ring_ms: Option<u64>,
    pub(super) talk_ms: Option<u64>,
    pub(super) abandon_ms: Option<u64>,
}

impl Simulator {
    /// The next contact of a queue arrives, and the one after it is planned.
    pub(super) fn arrival(&mut self, queue: usize, media: Media) {
        let q = &self.queues[queue];
        let rate = match media {
            Media::Voice => q.calls_per_hour,
            Media::Chat => q.chats_per_hour,
            Media::Email => q.emails_per_hour,
        };
        self.after_rate(rate, Timer::Arrival { queue, media });
        let number = self.rng.below(10_000_000);
        let from = match media {
            Media::Voice => format!("+1555{number:07}"),
            Media::Chat => format!("visitor-{number}"),
            Media::Email => format!("customer{number}@example.com"),
        };
        self.arrive(queue, media, Caller { from: from.into(), ..Caller::default() });
    }

    /// A contact arrives for a queue.
    pub(super) fn arrive(&mut self, queue: usize, media: Media, caller: Caller) {
        let q = &self.queues[queue];
        let Caller { from, prompts_ms, ring_ms, talk_ms, abandon_ms } = caller;
        let trigger = (media == Media::Voice && !q.triggers.is_empty()).then(|| {
            let triggers = &self.queues[queue].triggers;
            triggers[self.rng.index(triggers.len())]
        });
        if trigger.is_none() && self.queues[queue].waiting.len() >= WAITING_MAX {
            return;
        }
        let to = match trigger {
            Some(trigger) => self.triggers[trigger].number.clone(),
            None => self.queues[queue].name.clone(),
        };
        let data: CallData = vec![("ani".into(), from.clone()), ("dnis".into(), to.clone())];
        let key = self.begin_call(media, CallKind::Inbound, &from, &to, None, data);
        let mut wanted = vec![queue];
        if let Some(trigger) = trigger
            && self.rng.permille(self.scenario.calls.many_queues_permille)
        {
            wanted.extend(self.triggers[trigger].queues.iter().copied().filter(|q| *q != queue).take(2));
        }
        if let Some(call) = self.calls.get_mut(&key) {
            call.contact = true;
            call.wanted = wanted;
            call.fixed = Fixed { prompts_ms, ring_ms, talk_ms };
        }
        let device = outside(&from);
        self.add_line(key, device.clone(), None, LegState::Dialing);
        let call = self.call_id(key);
        self.emit_call(CallEvent::Dialing { call, device });
        let patience = self.scenario.calls.patience_ms;
        let ms = abandon_ms.unwrap_or_else(|| self.rng.exponential(patience));
        self.after(ms, Timer::Patience { call: key });
        match trigger {
            Some(trigger) => self.enter_trigger(key, trigger),
            None => self.enqueue(key),
        }
    }

    /// A leg comes to a trigger.
    pub(super) fn enter_trigger(&mut self, key: CallKey, trigger: usize) {
        let device = self.triggers[trigger].device();
        self.add_line(key, device.clone(), None, LegState::Ringing);
        let Some(call) = self.calls.get_mut(&key) else { return };
        let id = call.id.clone();
        if call.wanted.is_empty() {
            call.wanted = self.triggers[trigger].queues.iter().copied().take(1).collect();
        }
        call.trigger = Some(trigger);
        self.set_route(key, Route::Trigger(trigger));
        self.emit_call(CallEvent::Ringing { call: id, device, queue: None, alias: None });
        let ms = self.rng.around(REDIRECT_MS);
        self.after_route(key, ms);
    }

    pub(super) fn set_route(&mut self, key: CallKey, route: Route) {
        if let Some(call) = self.calls.get_mut(&key) {
            call.route = route;
            call.route_stamp += 1;
        }
    }

    pub(super) fn after_route(&mut self, key: CallKey, ms: u64) {
        if let Some(stamp) = self.calls.get(&key).map(|call| call.route_stamp) {
            self.after(ms, Timer::Route { call: key, stamp });
        }
    }

    /// A leg goes a step further on its way.
    pub(super) fn route_on(&mut self, key: CallKey, stamp: u32) {
        let Some(call) = self.calls.get(&key).filter(|call| call.route_stamp == stamp) else { return };
        match call.route {
            Route::Trigger(trigger) => self.enter_port(key, trigger),
            Route::Script(_) => self.enqueue(key),
            Route::Waiting => self.overflow(key),
            Route::Off | Route::Offered => {}
        }
    }

    /// The trigger redirects to a port, which answers and runs the script.
    fn enter_port(&mut self, key: CallKey, trigger: usize) {
        let number = self.triggers[trigger].device();
        let at_trigger = self.calls.get(&key).and_then(|call| call.lines.iter().find(|line| line.device == number));
        if let Some(no) = at_trigger.map(|line| line.no) {
            self.tell_left(key, no, Cause::Redirected);
        }
        let Some(port) = self.ports.free.pop_first() else {
            self.set_route(key, Route::Off);
            self.fail(key, self.triggers[trigger].device(), Cause::Busy);
            return;
        };
        let device = self.triggers[trigger].port(port);
        let no = self.add_line(key, device.clone(), None, LegState::Ringing);
        let Some(call) = self.calls.get_mut(&key) else { return };
        call.port = Some(port);
        let (id, fixed) = (call.id.clone(), call.fixed.prompts_ms);
        self.set_route(key, Route::Script(trigger));
        self.emit_call(CallEvent::Ringing { call: id, device, queue: None, alias: None });
        self.connect(key, no);
        let prompts = self.scenario.ivr.prompts_ms;
        let ms = fixed.unwrap_or_else(|| self.rng.around(prompts));
        self.after_route(key, ms);
    }

    /// A leg joins the queues it wants.
    pub(super) fn enqueue(&mut self, key: CallKey) {
        let Some(call) = self.calls.get(&key) else { return };
        let (queues, joined) = (call.wanted.clone(), call.kind == CallKind::Inbound);
        self.set_route(key, Route::Waiting);
        self.join_queues(key, &queues);
        if let Some(queue) = queues.first().filter(|_| joined) {
            let name = self.queues[*queue].name.clone();
            self.change_data(key, vec![("queue".into(), name)]);
        }
        let overflow = self.scenario.calls.overflow_ms;
        if overflow != 0 {
            self.after_route(key, overflow);
        }
        self.serve_call(key);
    }

    fn join_queues(&mut self, key: CallKey, queues: &[usize]) {
        let Some(call) = self.calls.get_mut(&key) else { return };
        let new: Vec<usize> = queues.iter().copied().filter(|queue| !call.queues.contains(queue)).collect();
        if new.is_empty() {
            return;
        }
        call.queues.extend(&new);
        let (id, place) = (call.id.clone(), call.place);
        let ids = new.iter().map(|queue| self.queues[*queue].id.clone()).collect();
        for queue in new {
            self.queues[queue].waiting.insert((place, key));
        }
        self.emit_call(CallEvent::Queued { call: id, queues: ids });
    }

    /// A leg that waits too long joins the other queues of its trigger.
    fn overflow(&mut self, key: CallKey) {
        let Some(trigger) = self.calls.get(&key).and_then(|call| call.trigger) else { return };
        let others: Vec<usize> = self.triggers[trigger].queues.iter().copied().take(4).collect();
        self.join_queues(key, &others);
        self.serve_call(key);
    }

    /// Brings a leg that waits to the agent who has been ready longest, if any is.
    fn serve_call(&mut self, key: CallKey) {
        let Some(call) = self.calls.get(&key) else { return };
        let first =
            call.queues.iter().filter_map(|q| self.queues[*q].ready.first().map(|(since, a)| (*since, *a, *q))).min();
        if let Some((_, agent, queue)) = first {
            self.offer(key, agent, queue);
        }
    }

    /// Brings the leg that has waited longest to an agent who is ready, if any waits.
    pub(super) fn serve_agent(&mut self, a: usize) {
        let queues = &self.agents[a].queues;
        let first =
            queues.iter().filter_map(|q| self.queues[*q].waiting.first().map(|(place, key)| (*place, *key, *q))).min();
        if let Some((_, key, queue)) = first {
            self.offer(key, a, queue);
        }
    }

    /// A queue chose an agent: the leg leaves its queues and rings there.
    fn offer(&mut self, key: CallKey, a: usize, queue: usize) {
        let queues = self.leave_queues(key);
        self.set_route(key, Route::Offered);
        let alias = self.next_number();
        let Some(call) = self.calls.get_mut(&key) else { return };
        call.served_by = Some(queue);
        let (id, media, fixed) = (call.id.clone(), call.media, call.fixed.ring_ms);
        let is_voice = media == Media::Voice;
        if is_voice {
            call.aliases.push(alias);
            self.aliases.insert(alias, key);
        }
        let others: Vec<_> = queues.iter().filter(|q| **q != queue).map(|q| self.queues[*q].id.clone()).collect();
        if !others.is_empty() {
            self.emit_call(CallEvent::Dequeued { call: id.clone(), queues: others });
        }
        let from = self.queues[queue].device();
        self.emit_call(CallEvent::Diverted { call: id.clone(), device: from, cause: Cause::Redirected });
        let device = self.agents[a].device();
        let line = self.add_line(key, device.clone(), Some(a), LegState::Ringing);
        let brought_by = Some(self.queues[queue].id.clone());
        let alias = is_voice.then(|| self.call_id(alias));
        self.emit_call(CallEvent::Ringing { call: id, device, queue: brought_by, alias });
        self.settle(a);
        let answers = !self.rng.permille(self.scenario.calls.no_answer_permille);
        self.ring_timers(key, line, answers, fixed);
    }

    /// A line that rings is picked up, unless a client holds the agent: then only a command does.
    pub(super) fn answered_by_simulated(&mut self, key: CallKey, no: u32) {
        let line = self.calls.get(&key).and_then(|call| call.line(no)).filter(|line| line.state == LegState::Ringing);
        let Some(line) = line else { return };
        if line.agent.is_none_or(|agent| !self.agents[agent].held) {
            self.pick_up(key, no);
        }
    }

    /// A line is picked up.
    pub(super) fn pick_up(&mut self, key: CallKey, no: u32) {
        self.connect(key, no);
        let Some(call) = self.calls.get(&key) else { return };
        let answered = call.line(no).and_then(|line| line.agent);
        let renames = call.contact && call.media == Media::Voice && answered.is_some();
        if renames && self.rng.permille(self.scenario.calls.rename_permille) {
            self.rename_call(key);
        }
        self.decide(key, answered);
    }

    /// A line has rung long enough.
    pub(super) fn not_answered(&mut self, key: CallKey, no: u32) {
        let Some(call) = self.calls.get(&key) else { return };
        if call.line(no).is_some_and(|line| line.state == LegState::Ringing) {
            self.give_back(key, no, Cause::NoAnswer);
        }
    }

    /// A line that rings is given up: the leg goes back to its queue, or nobody is reached.
    pub(super) fn give_back(&mut self, key: CallKey, no: u32, cause: Cause) {
        let Some(call) = self.calls.get(&key) else { return };
        let offered = call.route == Route::Offered && call.line(no).is_some_and(|line| line.agent.is_some());
        if !offered {
            return self.leave(key, no, cause);
        }
        let missed = if call.media == Media::Email { reasons::EMAIL_NOT_ACCEPTED } else { reasons::NO_ANSWER };
        if let Some(a) = self.tell_left(key, no, cause) {
            self.agents[a].pending = None;
            self.agents[a].back = Some((AgentState::NotReady, missed.into()));
            self.settle(a);
        }
        self.enqueue(key);
    }

    /// A caller whom nobody has answered hangs up.
    pub(super) fn lose_patience(&mut self, key: CallKey) {
        let Some(call) = self.calls.get(&key) else { return };
        let answered = call.lines.iter().any(|line| line.agent.is_some() && line.state != LegState::Ringing);
        if !answered && call.route != Route::Off {
            self.caller_hangs_up(key);
        }
    }

    /// The customer leaves; what remains of the leg ends, or goes on among those who stay.
    pub(super) fn caller_hangs_up(&mut self, key: CallKey) {
        let Some(call) = self.calls.get(&key) else { return };
        let answered =
            call.lines.iter().any(|line| line.device.kind == DeviceKind::Agent && line.state != LegState::Ringing);
        let speaking = call.lines.iter().filter(|line| {
            let is_person = matches!(line.device.kind, DeviceKind::Agent | DeviceKind::External);
            is_person && line.role != PartyRole::Listener && line.state != LegState::Ringing
        });
        let goes_on = speaking.count() > 2;
        let caller = call.caller().map(|line| line.no);
        let cause = if answered { Cause::Normal } else { Cause::Abandoned };
        match caller {
            Some(no) if goes_on => self.leave(key, no, cause),
            _ => self.end_call(key, cause),
        }
    }
}

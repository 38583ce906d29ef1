//! What simulated agents do on calls: each answered call gets a plan, and every step of it is what a command would do.

use std::collections::VecDeque;

use super::Simulator;
use super::timers::{CallKey, Timer};
use crate::cti::{AgentState, CallKind, DeviceKind, LegState, Media, RecordingAction};

/// One step of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Hold,
    Retrieve,
    Record(RecordingAction),
    Note,
    Consult,
    Alternate,
    Transfer,
    Conference,
    Return,
    BlindTransfer,
    BlindConference,
    HangUp,
}

impl Simulator {
    /// Somebody answered: whoever of the simulated people on the leg decides what happens on it gets a plan.
    pub(super) fn decide(&mut self, key: CallKey, answered: Option<usize>) {
        let Some(call) = self.calls.get(&key) else { return };
        if call.kind == CallKind::Consult || call.actor.is_some() {
            // What follows on a consultation is a step of the plan of the call it is for.
            return;
        }
        let on_it = |agent: &usize| call.line_of(*agent).is_some_and(|line| line.state == LegState::Connected);
        let leads = call.dialled_by.filter(on_it).or(answered);
        let actor = leads.filter(|agent| !self.agents[*agent].held);
        if let Some(actor) = actor {
            let plan = self.draw_plan(key);
            self.set_plan(key, Some(actor), plan);
        } else if !call.lines.iter().any(|line| line.device.kind == DeviceKind::Agent) {
            self.wind_up(key);
        }
    }

    /// Somebody left a leg that goes on: if nobody of those who stay decides about it, one of them does now.
    pub(super) fn go_on_without(&mut self, key: CallKey) {
        let Some(call) = self.calls.get(&key).filter(|call| call.actor.is_none()) else { return };
        let on_it = |line: &super::world::Line| line.agent.filter(|_| line.state != LegState::Ringing);
        let agents: Vec<usize> = call.lines.iter().filter_map(on_it).collect();
        if agents.iter().all(|agent| !self.agents[*agent].held) {
            self.wind_up(key);
        }
    }

    /// The rest of a leg: it is talked on for a while, then somebody hangs up.
    pub(super) fn wind_up(&mut self, key: CallKey) {
        let talk = self.talk_ms(key) / 2;
        let actor = self.calls.get(&key).and_then(|call| {
            let speaks = |line: &&super::world::Line| line.state == LegState::Connected;
            call.lines.iter().filter(speaks).find_map(|line| line.agent)
        });
        self.set_plan(key, actor, VecDeque::from([(talk, Act::HangUp)]));
    }

    pub(super) fn set_plan(&mut self, key: CallKey, actor: Option<usize>, plan: VecDeque<(u64, Act)>) {
        let Some(call) = self.calls.get_mut(&key) else { return };
        call.actor = actor;
        call.plan = plan;
        call.plan_stamp += 1;
        self.await_step(key);
    }

    /// Does the next step, as far as the leg still allows it.
    pub(super) fn plan_on(&mut self, key: CallKey, stamp: u32) {
        let Some(call) = self.calls.get_mut(&key).filter(|call| call.plan_stamp == stamp) else { return };
        let actor = call.actor;
        let Some((_, act)) = call.plan.pop_front() else { return };
        // A step the platform refuses is skipped: the agent goes on with the next.
        let _ = self.act(key, actor, act);
        self.await_step(key);
    }

    fn await_step(&mut self, key: CallKey) {
        let Some(call) = self.calls.get_mut(&key) else { return };
        if let Some((ms, _)) = call.plan.front() {
            let (ms, stamp) = (*ms, call.plan_stamp);
            self.after(ms, Timer::Plan { call: key, stamp });
        }
    }

    fn act(&mut self, key: CallKey, actor: Option<usize>, act: Act) -> Result<(), crate::cti::Refusal> {
        let Some(a) = actor else {
            self.end_call(key, crate::cti::Cause::Normal);
            return Ok(());
        };
        let aside = self.agents[a].calls.iter().copied().find(|other| *other != key);
        match (act, aside) {
            (Act::Hold, _) => self.hold(a, key),
            (Act::Retrieve, None) => self.retrieve(a, key),
            (Act::Record(action), _) => self.record(a, key, action),
            (Act::Note, _) => {
                let number = 1 + self.rng.below(10);
                let value = self.rng.below(100_000);
                let data = vec![(format!("callVariable{number}").into(), value.to_string().into())];
                self.set_data(a, key, data)
            }
            (Act::Consult, None) => {
                let destination = self.colleague(a);
                self.consult(a, key, &destination).map(drop)
            }
            (Act::Alternate, Some(aside)) => {
                self.alternate(a, aside, key)?;
                self.alternate(a, key, aside)
            }
            (Act::Transfer, Some(aside)) => self.transfer(a, key, aside),
            (Act::Conference, Some(aside)) => self.conference(a, key, aside).or_else(|_| self.drop_call(a, aside)),
            (Act::Return, Some(aside)) => {
                self.drop_call(a, aside)?;
                self.retrieve(a, key)
            }
            (Act::Transfer | Act::Conference | Act::Return, None) => self.retrieve(a, key),
            (Act::BlindTransfer, None) => {
                let destination = self.destination(a);
                self.blind_transfer(a, key, &destination)
            }
            (Act::BlindConference, None) => {
                let destination = self.colleague(a);
                self.blind_conference(a, key, &destination)
            }
            (Act::HangUp, aside) => {
                if let Some(aside) = aside {
                    self.drop_call(a, aside)?;
                }
                if self.rng.permille(500) {
                    self.caller_hangs_up(key);
                    return Ok(());
                }
                self.drop_call(a, key)
            }
            (Act::Retrieve | Act::Consult | Act::BlindTransfer | Act::BlindConference, Some(_))
            | (Act::Alternate, None) => Ok(()),
        }
    }

    fn talk_ms(&mut self, key: CallKey) -> u64 {
        let talk = self.scenario.calls.talk_ms;
        match self.calls.get(&key).and_then(|call| call.fixed.talk_ms) {
            Some(ms) => ms,
            None => self.rng.exponential(talk).max(talk / 8).max(1),
        }
    }

    fn draw_plan(&mut self, key: CallKey) -> VecDeque<(u64, Act)> {
        let talk = self.talk_ms(key);
        let call = self.calls.get(&key);
        let plain = call.is_none_or(|call| call.fixed.talk_ms.is_some() || call.media != Media::Voice);
        let contact = call.is_some_and(|call| call.contact);
        let rates = self.scenario.calls.clone();
        let mut acts = Vec::new();
        if !plain {
            if self.rng.permille(rates.data_permille) {
                acts.push(Act::Note);
            }
            let records = self.rng.permille(rates.record_permille);
            if records {
                acts.extend([RecordingAction::Start, RecordingAction::Pause, RecordingAction::Resume].map(Act::Record));
            }
            if self.rng.permille(rates.hold_permille) {
                acts.extend([Act::Hold, Act::Retrieve]);
            }
            if records {
                acts.push(Act::Record(RecordingAction::Stop));
            }
            if contact && self.rng.permille(rates.blind_conference_permille) {
                acts.push(Act::BlindConference);
            }
            if contact && self.rng.permille(rates.consult_permille) {
                acts.push(Act::Consult);
                acts.push(match self.rng.below(8) {
                    0..=3 => Act::Transfer,
                    4..=5 => Act::Conference,
                    6 => Act::Alternate,
                    _ => Act::Return,
                });
                if acts.last() == Some(&Act::Alternate) {
                    acts.push(Act::Return);
                }
            } else if contact && self.rng.permille(rates.blind_transfer_permille) {
                acts.push(Act::BlindTransfer);
            }
        }
        acts.push(Act::HangUp);
        let share = talk / acts.len() as u64;
        acts.into_iter().map(|act| (share.max(1), act)).collect()
    }

    /// Somebody to consult: a colleague who is ready, a supervisor, or somebody outside.
    fn colleague(&mut self, a: usize) -> Box<str> {
        if !self.rng.permille(200) {
            let queues = &self.agents[a].queues;
            let idle = queues.iter().find_map(|queue| self.queues[*queue].ready.last().map(|(_, agent)| *agent));
            let chosen = idle.filter(|_| self.rng.permille(750)).or_else(|| self.supervisor_of(a));
            if let Some(colleague) = chosen.filter(|colleague| *colleague != a) {
                return self.agents[colleague].line.clone();
            }
        }
        self.somebody_outside()
    }

    /// Somewhere to send a call: mostly another trigger.
    fn destination(&mut self, a: usize) -> Box<str> {
        if self.rng.permille(500) {
            let trigger = self.rng.index(self.triggers.len());
            return self.triggers[trigger].number.clone();
        }
        self.colleague(a)
    }

    /// A number outside, sometimes one that does not get through.
    fn somebody_outside(&mut self) -> Box<str> {
        let number = self.rng.below(1000);
        let ending = match self.rng.permille(self.scenario.calls.dial_failure_permille) {
            true => [super::control::BUSY, super::control::UNREACHABLE, super::control::SILENT][self.rng.index(3)],
            false => "1234",
        };
        format!("+44207{number:03}{ending}").into()
    }

    /// A simulated agent dials somebody outside.
    pub(super) fn outbound(&mut self) {
        let rate = self.scenario.calls.outbound_per_hour;
        self.after_rate(rate, Timer::Outbound);
        if let Some(a) = self.somebody_idle() {
            let number = self.somebody_outside();
            // Refused only when the agent is busy after all: then nobody dials.
            let _ = self.dial(a, &number, Vec::new());
        }
    }

    /// A simulated agent calls a colleague.
    pub(super) fn internal(&mut self) {
        let rate = self.scenario.calls.internal_per_hour;
        self.after_rate(rate, Timer::Internal);
        let (Some(a), Some(b)) = (self.somebody_idle(), self.somebody_idle()) else { return };
        if a != b {
            let line = self.agents[b].line.clone();
            // As above.
            let _ = self.dial(a, &line, Vec::new());
        }
    }

    /// A simulated agent who is logged in and on no call, if a few tries find one.
    fn somebody_idle(&mut self) -> Option<usize> {
        (0..8).find_map(|_| {
            let a = self.rng.index(self.agents.len());
            let free = matches!(self.agents[a].state, AgentState::Ready | AgentState::NotReady);
            (free && self.is_idle_simulated(a)).then_some(a)
        })
    }
}

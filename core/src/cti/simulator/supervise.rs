//! Supervisors on calls of their teams.

use super::Simulator;
use super::reasons::{refusal, wrong_state};
use super::timers::{CallKey, Timer};
use crate::cti::{
    AgentState, CallEvent, Cause, LegState, Media, PartyRole, Refusal, RefusalKind, Role, SuperviseAction,
};

/// How long a simulated supervisor stays with one way of being on a call, in milliseconds.
const LOOK_MS: u64 = 6_000;

impl Simulator {
    /// The first supervisor of the agent's first team.
    pub(super) fn supervisor_of(&self, a: usize) -> Option<usize> {
        let team = self.teams.get(self.agents[a].teams.first()?)?;
        team.members.iter().find(|member| member.1 == Role::Supervisor).map(|member| member.0)
    }

    /// A supervisor listens to an agent's call, coaches, steps in, or takes it over.
    pub(super) fn supervise(
        &mut self,
        s: usize,
        a: usize,
        key: CallKey,
        action: SuperviseAction,
    ) -> Result<(), Refusal> {
        let supervises = self.agents[s].teams.iter().filter_map(|team| self.teams.get(team)).any(|team| {
            team.members.contains(&(s, Role::Supervisor)) && team.members.iter().any(|member| member.0 == a)
        });
        if !supervises || s == a {
            return Err(refusal(RefusalKind::Other, "privilege violation: the agent is in no team of this supervisor"));
        }
        if self.agents[s].state == AgentState::LoggedOut {
            return Err(wrong_state("the supervisor is not logged in"));
        }
        let line = self.line_on(a, key)?;
        let is_voice = self.calls.get(&key).is_some_and(|call| call.media == Media::Voice);
        if !is_voice || line.role != PartyRole::Party || !matches!(line.state, LegState::Connected | LegState::Held) {
            return Err(wrong_state("the agent speaks on no such call"));
        }
        let agents_line = line.no;
        let role = match action {
            SuperviseAction::Listen => PartyRole::Listener,
            SuperviseAction::Coach => PartyRole::Coach,
            SuperviseAction::Barge => PartyRole::Barged,
            SuperviseAction::TakeOver => PartyRole::Party,
        };
        let own = self.line_on(s, key).ok().map(|line| (line.no, line.role));
        if own.is_none() && !self.agents[s].calls.is_empty() {
            return Err(refusal(RefusalKind::Busy, "the supervisor is on another call"));
        }
        if own.is_some_and(|(_, own)| own == PartyRole::Party) {
            return Err(wrong_state("the supervisor has the call already"));
        }
        if own.is_some_and(|(_, own)| own == role) {
            return Ok(());
        }
        let device = self.agents[s].device();
        let no = match own {
            Some((no, _)) => no,
            None => self.add_line(key, device.clone(), Some(s), LegState::Connected),
        };
        let Some(call) = self.calls.get_mut(&key) else { return Ok(()) };
        if let Some(line) = call.line_mut(no) {
            line.role = role;
        }
        let id = call.id.clone();
        self.emit_call(CallEvent::Connected { call: id, device, role });
        self.settle(s);
        if action == SuperviseAction::TakeOver {
            self.leave(key, agents_line, Cause::Redirected);
        }
        Ok(())
    }

    /// A simulated supervisor looks at a call of the team.
    pub(super) fn look_in(&mut self) {
        let rate = self.scenario.calls.supervised_per_hour;
        self.after_rate(rate, Timer::Supervise);
        let Some(last) = self.calls.last_key_value().map(|(key, _)| *key) else { return };
        let first = self.calls.first_key_value().map_or(last, |(key, _)| *key);
        let from = first + self.rng.below(last - first + 1);
        let Some((key, a)) = self.calls.range(from..).take(16).find_map(|(key, call)| {
            let speaks = call.lines.iter().find(|line| line.state == LegState::Connected && line.agent.is_some());
            let agent = speaks.filter(|_| call.contact)?.agent?;
            // Nobody simulated meddles with a call of somebody a client holds.
            (!self.agents[agent].held).then_some((*key, agent))
        }) else {
            return;
        };
        let Some(s) = self.supervisor_of(a).filter(|s| self.is_idle_simulated(*s)) else { return };
        if self.supervise(s, a, key, SuperviseAction::Listen).is_ok() {
            let next = match self.rng.below(4) {
                0 => None,
                1 => Some(SuperviseAction::Coach),
                2 => Some(SuperviseAction::Barge),
                _ => Some(SuperviseAction::TakeOver),
            };
            let ms = self.rng.around(LOOK_MS);
            self.after(ms, Timer::SuperviseOn { supervisor: s, call: key, next });
        }
    }

    /// A simulated supervisor goes a step further, or leaves.
    pub(super) fn look_on(&mut self, s: usize, key: CallKey, next: Option<SuperviseAction>) {
        if self.agents[s].held || self.line_on(s, key).is_err() {
            return;
        }
        let agent = self.calls.get(&key).and_then(|call| {
            let speaks = |line: &&super::world::Line| line.role == PartyRole::Party && line.state != LegState::Ringing;
            call.lines.iter().filter(speaks).find_map(|line| line.agent)
        });
        if let (Some(action), Some(a)) = (next, agent)
            && self.supervise(s, a, key, action).is_ok()
        {
            if action == SuperviseAction::TakeOver {
                return self.wind_up(key);
            }
            let ms = self.rng.around(LOOK_MS);
            self.after(ms, Timer::SuperviseOn { supervisor: s, call: key, next: None });
            return;
        }
        // The supervisor was on the call when this began, and leaving it is never refused.
        let _ = self.drop_call(s, key);
    }
}

//! What people do off calls: states, breaks, shifts, after-call work.

use super::Simulator;
use super::reasons::{self, wrong_state};
use super::timers::Timer;
use crate::cti::{AgentState, AgentStatus, Event, LegState, PartyRole, Refusal};
use crate::ids::AgentId;

/// How long an agent stays not ready after not answering, in milliseconds.
const SULK_MS: u64 = 10_000;
/// How long an agent takes to go ready after logging in, in milliseconds.
const SETTLE_IN_MS: u64 = 2_000;

impl Simulator {
    /// Who has this id.
    pub(super) fn agent_at(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// Whether the simulated world may decide for this agent, who is on no call.
    pub(super) fn is_idle_simulated(&self, agent: usize) -> bool {
        let agent = &self.agents[agent];
        !agent.held && !agent.gone && agent.calls.is_empty()
    }

    /// Whether a call no queue brings can ring at this agent.
    pub(super) fn can_ring(&self, agent: usize) -> bool {
        let agent = &self.agents[agent];
        agent.state != AgentState::LoggedOut && agent.calls.is_empty()
    }

    /// Changes what an agent does, tells it, and lets what follows from it follow.
    pub(super) fn set_state(&mut self, a: usize, state: AgentState, reason: &str) {
        let agent = &mut self.agents[a];
        if agent.state == state && *agent.reason == *reason {
            return;
        }
        let was = (agent.state, agent.since);
        agent.stamp += 1;
        agent.reason = reason.into();
        if agent.state != state {
            agent.state = state;
            agent.since = self.at;
        }
        let is = (agent.state, agent.since);
        for queue in &agent.queues {
            if was.0 == AgentState::Ready {
                self.queues[*queue].ready.remove(&(was.1, a));
            }
            if is.0 == AgentState::Ready {
                self.queues[*queue].ready.insert((is.1, a));
            }
        }
        self.tell_status(a);
        self.plan_agent(a);
        if state == AgentState::Ready {
            self.serve_agent(a);
        }
    }

    /// Tells what an agent does.
    pub(super) fn tell_status(&mut self, a: usize) {
        for team in &self.agents[a].teams {
            if let Some(team) = self.teams.get_mut(team) {
                team.changed = self.at;
            }
        }
        let status = self.status(a);
        self.emit(Event::AgentStatus(status));
    }

    /// What an agent does.
    pub(super) fn status(&self, a: usize) -> AgentStatus {
        let agent = &self.agents[a];
        AgentStatus {
            agent: agent.id.clone(),
            state: agent.state,
            reason: agent.reason.clone(),
            since: Some(agent.since),
            pending: agent.pending.as_ref().map(|(state, _)| *state),
            extension: (agent.state != AgentState::LoggedOut).then(|| agent.line.clone()),
        }
    }

    /// Sets the timer for what a simulated agent does next on its own account.
    pub(super) fn plan_agent(&mut self, a: usize) {
        let life = &self.scenario.life;
        let (wrap_up, every, pause, off) =
            (self.scenario.calls.wrap_up_ms, life.break_every_ms, life.break_ms, life.off_ms);
        let agent = &self.agents[a];
        if agent.held || !agent.calls.is_empty() {
            return;
        }
        let ms = match agent.state {
            AgentState::Work => Some(self.rng.around(wrap_up)),
            AgentState::LoggedOut => (off != 0).then(|| self.rng.around(off)),
            AgentState::Ready => (every != 0).then(|| self.rng.exponential(every)),
            AgentState::NotReady if every == 0 => None,
            AgentState::NotReady => Some(match &*agent.reason {
                reasons::LOGON => self.rng.around(SETTLE_IN_MS),
                reasons::NO_ANSWER | reasons::EMAIL_NOT_ACCEPTED => self.rng.around(SULK_MS),
                _ => self.rng.exponential(pause),
            }),
            AgentState::Reserved | AgentState::Talking | AgentState::Hold => None,
        };
        if let Some(ms) = ms {
            let stamp = self.agents[a].stamp;
            self.after(ms, Timer::Agent { agent: a, stamp });
        }
    }

    /// A simulated agent does the next thing off calls.
    pub(super) fn agent_on(&mut self, a: usize, stamp: u32) {
        if self.agents[a].stamp != stamp || !self.is_idle_simulated(a) {
            return;
        }
        let shift_over = self.scenario.life.off_ms != 0 && self.at >= self.agents[a].shift_ends;
        match self.agents[a].state {
            AgentState::LoggedOut => {
                let shift = self.scenario.life.shift_ms;
                let shift = self.rng.around(shift);
                self.start_shift(a, shift);
                self.set_state(a, AgentState::NotReady, reasons::LOGON);
            }
            AgentState::Work => self.finish_work(a),
            AgentState::Ready | AgentState::NotReady if shift_over => {
                let reason = reasons::LOGOUT[self.rng.index(reasons::LOGOUT.len())].0;
                self.log_out(a, reason);
            }
            AgentState::Ready | AgentState::NotReady => self.turn(a),
            AgentState::Reserved | AgentState::Talking | AgentState::Hold => {}
        }
    }

    /// Begins or ends a break.
    fn turn(&mut self, a: usize) {
        if self.agents[a].state == AgentState::NotReady && !self.agents[a].queues.is_empty() {
            return self.set_state(a, AgentState::Ready, "");
        }
        let reason = self.break_reason(a);
        if *self.agents[a].reason == *reason {
            // The same thing goes on: no change, but a next one.
            return self.plan_agent(a);
        }
        self.set_state(a, AgentState::NotReady, reason);
    }

    /// The agent's shift ends `ms` from now, and its line is its own extension.
    pub(super) fn start_shift(&mut self, a: usize, ms: u64) {
        let micros = ms * 1000 / u64::from(self.scenario.speed);
        let agent = &mut self.agents[a];
        agent.shift_ends = self.at + std::time::Duration::from_micros(micros);
        agent.line = agent.extension.clone();
    }

    /// Logs out an agent who is on no call; from here on the agent is simulated again.
    pub(super) fn log_out(&mut self, a: usize, reason: &str) {
        let agent = &mut self.agents[a];
        agent.held = false;
        agent.pending = None;
        agent.back = None;
        agent.last_call = None;
        if agent.line != agent.extension {
            let line = std::mem::replace(&mut agent.line, agent.extension.clone());
            if self.lines.get(&line) == Some(&a) {
                self.lines.remove(&line);
            }
        }
        self.set_state(a, AgentState::LoggedOut, reason);
    }

    /// After-call work is done.
    pub(super) fn finish_work(&mut self, a: usize) {
        let agent = &mut self.agents[a];
        agent.last_call = None;
        let back = agent.back.take();
        let (state, reason) = agent.pending.take().or(back).unwrap_or((AgentState::Ready, "".into()));
        self.set_state(a, state, &reason);
    }

    /// Derives an agent's state from the calls it is on, after they changed.
    pub(super) fn settle(&mut self, a: usize) {
        let agent = &self.agents[a];
        if agent.state == AgentState::LoggedOut {
            return;
        }
        if agent.calls.is_empty() {
            return self.leave_calls(a);
        }
        let (mut contact, mut active, mut held, mut dialled) = (false, false, false, false);
        for call in agent.calls.iter().filter_map(|key| self.calls.get(key)) {
            let Some(line) = call.line_of(a) else { continue };
            contact |= call.contact && line.role == PartyRole::Party;
            active |= matches!(line.state, LegState::Connected | LegState::Dialing);
            held |= line.state == LegState::Held;
            dialled |= call.dialled_by == Some(a);
        }
        if agent.back.is_none() {
            let back = match agent.state {
                AgentState::Work => (AgentState::Ready, "".into()),
                state => (state, agent.reason.clone()),
            };
            self.agents[a].back = Some(back);
        }
        let (state, reason) = match (contact, active, held) {
            (true, true, _) => (AgentState::Talking, ""),
            (true, false, true) => (AgentState::Hold, ""),
            (true, false, false) => (AgentState::Reserved, ""),
            (false, ..) if dialled => (AgentState::NotReady, reasons::OFF_HOOK),
            (false, ..) => (AgentState::NotReady, reasons::NON_ICD),
        };
        self.set_state(a, state, reason);
    }

    /// The last call is gone.
    fn leave_calls(&mut self, a: usize) {
        let agent = &mut self.agents[a];
        let handled = matches!(agent.state, AgentState::Talking | AgentState::Hold);
        let work = handled && agent.last_call.as_ref().is_some_and(|(_, work)| *work);
        match agent.pending.take() {
            Some((state, reason)) => {
                agent.back = None;
                self.set_state(a, state, &reason);
            }
            None if work => self.set_state(a, AgentState::Work, ""),
            None => {
                if let Some((state, reason)) = agent.back.take() {
                    self.set_state(a, state, &reason);
                }
            }
        }
        if self.agents[a].pending.is_none() && self.agents[a].calls.is_empty() {
            // The state may be what it was all along, and then nothing was planned for it.
            self.agents[a].stamp += 1;
            self.plan_agent(a);
        }
    }

    /// A state asked for: now, or once the present contact is over.
    pub(super) fn ask_state(&mut self, a: usize, state: AgentState, reason: &str) -> Result<(), Refusal> {
        if !reasons::is_code(reason) && !reason.is_empty() {
            return Err(reasons::refusal(crate::cti::RefusalKind::Other, "invalid reason code: must be 0 to 65535"));
        }
        let agent = &mut self.agents[a];
        if agent.state == AgentState::LoggedOut {
            return Err(wrong_state("the agent is not logged in"));
        }
        let busy = !agent.calls.is_empty();
        match state {
            AgentState::LoggedOut if busy => return Err(wrong_state("the agent is on a call")),
            AgentState::LoggedOut => {
                self.log_out(a, if reason.is_empty() { reasons::LOGGED_OUT } else { reason });
            }
            AgentState::Reserved | AgentState::Talking | AgentState::Hold => {
                return Err(wrong_state("this state follows from calls alone"));
            }
            AgentState::Work if !busy && agent.state != AgentState::Work => {
                return Err(wrong_state("after-call work begins with the end of a call"));
            }
            AgentState::Ready | AgentState::NotReady | AgentState::Work if busy => {
                let told = agent.pending.replace((state, reason.into())).map(|(state, _)| state);
                if told != Some(state) {
                    self.tell_status(a);
                }
            }
            AgentState::Ready | AgentState::NotReady | AgentState::Work => {
                if agent.state == AgentState::Work && state != AgentState::Work {
                    agent.last_call = None;
                    agent.back = None;
                }
                self.set_state(a, state, reason);
            }
        }
        Ok(())
    }

    /// A client takes an agent over: what the simulated world had planned for it is forgotten.
    pub(super) fn hold_agent(&mut self, a: usize) {
        let agent = &mut self.agents[a];
        if agent.held || agent.state == AgentState::LoggedOut {
            return;
        }
        agent.held = true;
        agent.stamp += 1;
        for key in &agent.calls {
            if let Some(call) = self.calls.get_mut(key).filter(|call| call.actor == Some(a)) {
                call.actor = None;
                call.plan.clear();
                call.plan_stamp += 1;
            }
        }
    }

    /// Somebody who answers to this id, for refusals.
    pub(super) fn known(&self, id: &AgentId) -> Result<usize, Refusal> {
        let kind = crate::cti::RefusalKind::UnknownAgent;
        self.by_id.get(id).copied().ok_or_else(|| reasons::refusal(kind, "invalid agent id"))
    }

    /// Sees to it that something changes in a team.
    pub(super) fn pulse(&mut self, number: u32) {
        let Some(team) = self.teams.get(&number) else { return };
        let half = self.scenario.teams.quiet_max_ms / 2;
        let quiet = self.at.since(team.changed).as_micros() * u128::from(self.scenario.speed);
        // A manager would stir every team at once, and rest in none.
        let managers = self.scenario.people.managers();
        let members: Vec<usize> =
            team.members.iter().map(|member| member.0).filter(|a| !managers.contains(a)).collect();
        // Checked every half interval, and stirred when the half before was quiet too.
        self.after(half, Timer::Pulse { team: number });
        if quiet < u128::from(half) * 1000 || members.is_empty() {
            return;
        }
        let first = self.rng.index(members.len());
        let order: Vec<usize> = (0..members.len()).map(|k| members[(first + k) % members.len()]).collect();
        let idle = order.iter().copied().find(|a| {
            self.is_idle_simulated(*a)
                && matches!(self.agents[*a].state, AgentState::Ready | AgentState::NotReady | AgentState::Work)
        });
        if let Some(a) = idle {
            return match self.agents[a].state {
                AgentState::Work => self.finish_work(a),
                _ => self.stir(a),
            };
        }
        if order.iter().any(|a| self.hold_or_retrieve(*a)) {
            return;
        }
        if let Some(a) = order.into_iter().find(|a| self.is_idle_simulated(*a)) {
            let shift = self.scenario.life.shift_ms;
            self.start_shift(a, shift);
            self.set_state(a, AgentState::NotReady, reasons::LOGON);
        }
    }

    /// Changes an idle agent's state or reason for certain.
    fn stir(&mut self, a: usize) {
        if self.agents[a].state == AgentState::NotReady && self.agents[a].queues.is_empty() {
            let other = reasons::SUPERVISING.iter().find(|reason| **reason != &*self.agents[a].reason);
            return self.set_state(a, AgentState::NotReady, other.copied().unwrap_or(reasons::SUPERVISING[0]));
        }
        self.turn(a);
    }

    fn hold_or_retrieve(&mut self, a: usize) -> bool {
        let agent = &self.agents[a];
        let &[call] = agent.calls.as_slice() else { return false };
        if agent.held {
            return false;
        }
        match agent.state {
            AgentState::Talking => self.hold(a, call).is_ok(),
            AgentState::Hold => self.retrieve(a, call).is_ok(),
            _ => false,
        }
    }
}

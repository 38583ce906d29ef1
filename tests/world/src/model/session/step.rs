//! Objects follow what the platform tells of calls and agents.

use std::time::Duration;

use interaction_core::cti::{AgentState, Cause, LegState, Media};
use interaction_core::time::Time;

use super::actions::{Line, OfSession};
use super::objects::{Conversation, Info, Interaction, Member, Stage, line_of};
use super::pending::Goal;
use super::{Session, State};
use crate::model::Model;
use crate::model::calls::Touched;

/// CHOICE: where the platform does not say what the agent does after a talk, an interaction that ended goes after so long.
const LINGER: Duration = Duration::from_secs(5);
const INTERACTIONS_MAX: usize = 64;

/// What ended an interaction, as far as an event says it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Why {
    pub(super) cause: Cause,
    pub(super) has_left: bool,
}

/// The platform does not show it any more, and nobody knows why.
pub(super) const UNKNOWN: Why = Why { cause: Cause::Other, has_left: false };

impl Model {
    pub(super) fn state_of(&self, agent: &str) -> AgentState {
        self.people.state_of(agent).unwrap_or(AgentState::LoggedOut)
    }

    /// A leg changed: the sessions of those on it follow.
    pub(in crate::model) fn call_changed(&mut self, call: &str, touched: &Touched) {
        let why = Why { cause: touched.cause.unwrap_or(Cause::Other), has_left: touched.has_left };
        for agent in &touched.agents {
            let Some(number) = self.session_of_agent(agent) else { continue };
            if let (Some((old, new)), Some(session)) = (&touched.moved, self.sessions.get_mut(&number)) {
                follow(session, old, new);
            }
            self.refresh(number, &[call.to_owned()], why);
        }
        // A session that waits for its agent's contact to end may go now.
        if self.platform.is_in_service() {
            for agent in &touched.agents {
                let waits = |number: &u64| matches!(self.sessions[number].state, State::Abandoned(_));
                if let Some(number) = self.session_of_agent(agent).filter(waits) {
                    self.agent_changed(number);
                }
            }
        }
    }

    /// An agent, or its teams, changed.
    pub(in crate::model) fn look_again(&mut self, agent: &str) {
        if let Some(number) = self.session_of_agent(agent) {
            self.refresh(number, &[], UNKNOWN);
        }
    }

    /// The platform told everything, or is away.
    pub(in crate::model) fn look_all(&mut self) {
        for agent in self.agents_with_sessions() {
            let Some(number) = self.session_of_agent(&agent) else { continue };
            let legs = if self.platform.is_in_service() { self.calls.of_agent(&agent) } else { Vec::new() };
            self.refresh(number, &legs, UNKNOWN);
        }
    }

    pub(crate) fn agents_with_sessions(&self) -> Vec<String> {
        let mut agents: Vec<String> = self.sessions.values().map(|session| session.agent.clone()).collect();
        agents.sort();
        agents
    }

    /// Requests are answered by what happened, then objects step, then the client hears of it. While the platform tells
    /// everything again, sessions wait for its end.
    fn refresh(&mut self, number: u64, legs: &[String], why: Why) {
        let is_running = !matches!(self.sessions[&number].state, State::Prepared | State::Starting(_));
        if is_running && !self.platform.is_resyncing() {
            self.fulfil(number, legs);
            self.step(number, legs);
            self.tell_changes(number, why);
        }
    }

    pub(super) fn of_session(&self, session: &Session) -> OfSession {
        let objects = &session.objects;
        OfSession {
            in_service: self.platform.is_in_service(),
            is_ongoing: self.is_ongoing(session),
            is_supervisor: self.people.is_supervisor(&session.agent),
            legs: objects.legs().len(),
            active: objects.active(),
        }
    }

    /// Steps every object; `legs` may be new to the session.
    pub(super) fn step(&mut self, number: u64, legs: &[String]) {
        let Some(mut session) = self.sessions.remove(&number) else { return };
        let (now, in_service) = (self.now, self.platform.is_in_service());
        let agent = session.agent.clone();
        for channel in &mut session.objects.channels {
            if channel.is_away == in_service {
                (channel.is_away, channel.since) = (!in_service, now);
            }
        }
        let state = self.state_of(&agent);
        if in_service {
            let until = now + self.waits(state);
            let mut interactions: Vec<&mut Interaction> = session.objects.interactions_mut().collect();
            for interaction in &mut interactions {
                self.step_interaction(interaction, &agent, until);
            }
            for leg in legs {
                self.take_up(&mut session, leg);
            }
            self.wrap_up(&mut session, state);
        }
        let (reason, pending) = self.people.reason_and_pending(&agent);
        for channel in &mut session.objects.channels {
            let has_contact = channel.interactions.iter().any(|interaction| interaction.stage.is_live());
            let info = Info::of(state, &reason, pending, has_contact);
            if info.is != channel.info.is {
                channel.since = now;
            }
            channel.info = info;
        }
        self.sessions.insert(number, session);
    }

    fn wrap_up_time(&self) -> Duration {
        Duration::from_millis(self.config.limits.wrap_up_ms.into())
    }

    /// How long an interaction that ends waits for after-call work, or for its end.
    fn waits(&self, state: AgentState) -> Duration {
        match state {
            AgentState::Work => self.wrap_up_time(),
            AgentState::Reserved | AgentState::Talking | AgentState::Hold => LINGER,
            // After-call work follows a talk, and nothing else.
            AgentState::LoggedOut | AgentState::NotReady | AgentState::Ready => Duration::ZERO,
        }
    }

    fn step_interaction(&mut self, interaction: &mut Interaction, agent: &str, until: Time) {
        if !interaction.stage.is_live() {
            return;
        }
        let now = self.now;
        for one in &mut interaction.conversations {
            let leg = self.calls.leg(&one.leg).cloned();
            let own = leg.as_ref().and_then(|leg| leg.own(agent));
            let line = one.line.and(own).map(|own| line_of(own.state));
            if line != one.line {
                (one.line, one.since) = (line, now);
            }
            if let (Some(leg), Some(own), Some(_)) = (&leg, own, line) {
                one.recording = own.recording;
                one.members = self.members(&one.members, leg, agent);
            }
        }
        let lines: Vec<Line> = if interaction.media == Media::Voice {
            interaction.conversations.iter().filter_map(|one| one.line).collect()
        } else {
            let own = self.calls.leg(&interaction.leg).and_then(|leg| leg.own(agent));
            own.map(|own| line_of(own.state)).into_iter().collect()
        };
        if let Some(leg) = self.calls.leg(&interaction.leg)
            && let Some(own) = leg.own(agent)
        {
            interaction.role = own.role;
            interaction.data = leg.tree();
        }
        let next = match stage_of(&lines) {
            None if interaction.is_completing => Stage::Completed,
            None => Stage::Ended(until),
            // A consultation that rings does not undo that the call was answered.
            Some(_) if interaction.stage == Stage::Started => Stage::Started,
            Some(stage) => stage,
        };
        if next != interaction.stage {
            (interaction.stage, interaction.since) = (next, now);
        }
    }

    /// Who is on the leg beside the agent; whoever stays keeps the id.
    fn members(&mut self, before: &[Member], leg: &crate::model::calls::Leg, agent: &str) -> Vec<Member> {
        let others = leg.others(agent);
        let is_there = |member: &&Member| others.iter().any(|other| *other.device.id == *member.address);
        let mut members: Vec<Member> = before.iter().filter(is_there).cloned().collect();
        for other in &others {
            if !members.iter().any(|member| *member.address == *other.device.id) {
                let (name, address) = (other.device.label.to_string(), other.device.id.to_string());
                members.push(Member { id: self.name("member"), name, address });
            }
        }
        members
    }

    /// A leg the agent is on becomes an object, unless one stands for it.
    fn take_up(&mut self, session: &mut Session, call: &str) {
        let agent = session.agent.clone();
        let call = self.calls.id_of(call);
        let Some(leg) = self.calls.leg(&call).cloned() else { return };
        let Some(own) = leg.own(&agent) else { return };
        let objects = &mut session.objects;
        if objects.legs().contains(&&*call) || objects.interactions().count() >= INTERACTIONS_MAX {
            return;
        }
        let consults = leg.consults.as_ref().map(|call| self.calls.id_of(call));
        let (line, now) = (line_of(own.state), self.now);
        let members = self.members(&[], &leg, &agent);
        let id = self.name("conversation");
        let mut one = Conversation {
            id: id.clone(),
            is_consult: false,
            leg: call.clone(),
            line: Some(line),
            since: now,
            recording: own.recording,
            members,
        };
        let is_for = |interaction: &&mut Interaction| {
            let [primary] = interaction.conversations.as_slice() else { return false };
            interaction.stage.is_live() && Some(&primary.leg) == consults.as_ref()
        };
        if let Some(interaction) = objects.interactions_mut().find(is_for) {
            one.is_consult = true;
            interaction.conversations.push(one);
            return;
        }
        // CHOICE: of several channels of a medium the first has the contacts.
        let Some(channel) = objects.channels.iter_mut().find(|channel| channel.media == leg.media) else { return };
        let is_voice = leg.media == Media::Voice;
        channel.interactions.push(Interaction {
            id: self.name("interaction"),
            media: leg.media,
            conversations: is_voice.then_some(one).into_iter().collect(),
            stage: stage_of(&[line]).unwrap_or(Stage::Alerting),
            is_outbound: own.state == LegState::Dialing || *leg.from == *own.device.id,
            call: call.clone(),
            leg: call,
            began: leg.since,
            since: now,
            role: own.role,
            data: leg.tree(),
            ending: None,
            focus: is_voice.then_some(id),
            is_completing: false,
            is_wrapping: false,
        });
    }

    /// What the agent does now decides how long what ended stays.
    fn wrap_up(&self, session: &mut Session, state: AgentState) {
        let until = self.now + self.wrap_up_time();
        let mut has_ended = false;
        for interaction in session.objects.interactions_mut() {
            let Stage::Ended(_) = interaction.stage else { continue };
            has_ended = true;
            match state {
                AgentState::Work if !interaction.is_wrapping => {
                    interaction.is_wrapping = true;
                    interaction.stage = Stage::Ended(until);
                }
                AgentState::Work | AgentState::Reserved | AgentState::Talking | AgentState::Hold => {}
                AgentState::LoggedOut | AgentState::NotReady | AgentState::Ready => {
                    interaction.stage = Stage::Completed;
                }
            }
        }
        let works_on_nothing = state == AgentState::Work && !has_ended;
        session.objects.work_until = works_on_nothing.then(|| session.objects.work_until.unwrap_or(until));
    }

    /// What ended, or is worked on, waited long enough.
    pub(in crate::model) fn wrap_up_due(&mut self, number: u64) {
        let Some(session) = self.sessions.get_mut(&number) else { return };
        let (now, agent) = (self.now, session.agent.clone());
        let mut over = Vec::new();
        for interaction in session.objects.interactions_mut() {
            if matches!(interaction.stage, Stage::Ended(until) if until <= now) {
                interaction.stage = Stage::Completed;
                over.push(interaction.leg.clone());
            }
        }
        let is_due = session.objects.work_until.is_some_and(|at| at <= now);
        let mut work_until = session.objects.work_until.filter(|_| !is_due);
        let works = self.state_of(&agent) == AgentState::Work;
        if works && !self.platform.is_in_service() {
            // A platform that is away cannot be asked: once it is back, what is left of the work has its time again.
            work_until = Some(now + self.wrap_up_time());
        } else if works {
            // CHOICE: the work for what ended is ended on the platform; work for nothing that is known by another state.
            let again = Some(now + self.wrap_up_time());
            if let Some(call) = over.into_iter().next() {
                work_until = again;
                self.act(interaction_core::cti::Command::Complete {
                    agent: agent.into(),
                    call: call.into(),
                    disposition: None,
                });
            } else if is_due {
                work_until = again;
                let state = AgentState::NotReady;
                let agent = agent.into();
                self.act(interaction_core::cti::Command::SetState { agent, state, reason: None, by: None });
            }
        }
        if let Some(session) = self.sessions.get_mut(&number) {
            session.objects.work_until = work_until;
        }
        self.tell_changes(number, UNKNOWN);
    }

    fn act(&mut self, command: interaction_core::cti::Command) {
        let within = self.config.limits.request_ms;
        self.ask_platform(crate::model::platform::Purpose::Policy, within, command, None);
    }
}

/// Where an interaction is by the lines it has.
fn stage_of(lines: &[Line]) -> Option<Stage> {
    let has = |one: Line| lines.contains(&one);
    if has(Line::Connected) || has(Line::Held) {
        Some(Stage::Started)
    } else if has(Line::Dialing) {
        Some(Stage::Dialing)
    } else {
        has(Line::Alerting).then_some(Stage::Alerting)
    }
}

/// A leg goes by another id, or became part of another.
fn follow(session: &mut Session, old: &str, new: &str) {
    let has_new = session.objects.interactions().flat_map(|one| &one.conversations).any(|one| one.leg == new);
    for interaction in session.objects.interactions_mut() {
        if interaction.leg == old {
            new.clone_into(&mut interaction.leg);
        }
        let place = |leg: &str| interaction.conversations.iter().position(|one| one.leg == leg);
        let Some(moved) = place(old) else { continue };
        match place(new) {
            // Both are this interaction's: what remains is the primary conversation.
            Some(other) => {
                for place in [moved, other] {
                    let one = &mut interaction.conversations[place];
                    if one.is_consult {
                        one.line = None;
                    } else {
                        new.clone_into(&mut one.leg);
                    }
                }
            }
            None if has_new => {}
            None => new.clone_into(&mut interaction.conversations[moved].leg),
        }
    }
    for pending in &mut session.pending {
        let legs = match &mut pending.goal {
            Goal::Line(leg, _)
            | Goal::Gone(leg)
            | Goal::Recording(leg, _)
            | Goal::Data(leg, _)
            | Goal::Completed(leg) => {
                vec![leg]
            }
            Goal::Alternated { active, held } => vec![active, held],
            Goal::Joined(_) | Goal::Dialled { .. } | Goal::Agent(_) | Goal::Unseen => Vec::new(),
        };
        legs.into_iter().filter(|leg| **leg == old).for_each(|leg| new.clone_into(leg));
    }
}

//! Objects follow what the platform tells of calls and agents: each steps from its state to the next. Nothing is told here.

use std::collections::BTreeMap;

use super::Session;
use super::actions::OfSession;
use super::channel::Info;
use super::conversation::{Conversation, Member, Role, Seat, State as Line};
use super::grammar::Life;
use super::interaction::{Carrier, Interaction, State, line_of};
use super::told::Told;
use crate::calls::{Calls, Leg, OnLeg};
use crate::cti::{AgentState, LegState, Media};
use crate::cti_state::{CtiState, Reach};
use crate::ids::CallId;
use crate::limits::{INTERACTIONS_MAX, WRAP_UP_LINGER};
use crate::report::roster::{AgentView, Roster};
use crate::time::Time;
use crate::turn::{Ids, Turn};

/// What a session looks at to know what is true.
#[derive(Clone, Copy)]
pub(crate) struct Around<'a> {
    pub(crate) cti: &'a CtiState,
    pub(crate) calls: &'a Calls,
    pub(crate) roster: &'a Roster,
}

impl Around<'_> {
    /// What the platform says the agent does.
    pub(crate) fn state_of(&self, agent: &str) -> AgentState {
        super::state_of(self.roster, agent).unwrap_or(AgentState::LoggedOut)
    }

    pub(crate) fn in_service(&self) -> bool {
        self.cti.reach == Reach::InService
    }
}

/// A leg goes by another id, or became part of another.
pub(super) fn follow(session: &mut Session, old: &CallId, new: &CallId) {
    let has_new = session.objects.conversations().any(|one| one.leg == *new);
    for interaction in session.objects.interactions_mut() {
        if interaction.leg == *old {
            interaction.leg = new.clone();
            interaction.seen = None;
        }
        let Carrier::Voice { conversations } = &mut interaction.carrier else {
            if let Carrier::Other { leg, .. } = &mut interaction.carrier
                && leg == old
            {
                *leg = new.clone();
            }
            continue;
        };
        let Some(moved) = conversations.iter().position(|one| one.leg == *old) else { continue };
        match conversations.iter().position(|one| one.leg == *new) {
            // Both legs are this interaction's: what remains is the primary conversation.
            Some(other) => {
                for (position, one) in conversations.iter_mut().enumerate() {
                    if position != moved && position != other {
                        continue;
                    }
                    match one.role {
                        Role::Primary => one.leg = new.clone(),
                        Role::Consult => one.state = Line::Ended,
                    }
                }
            }
            None if has_new => {}
            None => conversations[moved].leg = new.clone(),
        }
    }
    for pending in &mut session.pending {
        pending.goal.follow(old, new);
    }
}

/// Steps every object. `legs` may be new to the session.
pub(super) fn step(turn: &mut Turn<'_>, session: &mut Session, around: Around<'_>, legs: &[CallId]) {
    let in_service = around.in_service();
    for channel in &mut session.objects.channels {
        let next = channel.state.step(in_service);
        if next != channel.state {
            channel.state = next;
            channel.since = turn.now;
        }
    }
    let agent = around.roster.agent(session.agent.as_str());
    let state = agent.map_or(AgentState::LoggedOut, AgentView::state);
    if in_service {
        let until = ended_until(turn, state);
        for interaction in session.objects.interactions_mut() {
            step_interaction(turn, interaction, around.calls, session.agent.as_str(), until);
        }
        for leg in legs {
            attach(turn, session, around.calls, leg);
        }
        wrap_up(turn, session, state);
    }
    let (reason, pending) = agent.map_or(("", None), |agent| (agent.reason(), agent.pending()));
    for channel in &mut session.objects.channels {
        let in_contact = channel.interactions.iter().any(|interaction| interaction.state.is_live());
        let info = Info::derive(state, reason, pending, in_contact);
        if info.availability != channel.info.availability {
            channel.since = turn.now;
        }
        channel.info = info;
    }
}

/// The facts of the session itself.
pub(super) fn facts(session: &Session, around: Around<'_>) -> OfSession {
    let agent = around.roster.agent(session.agent.as_str());
    let state = agent.map_or(AgentState::LoggedOut, AgentView::state);
    OfSession {
        in_service: around.in_service(),
        is_ongoing: session.objects.is_ongoing() || super::is_ongoing(state),
        is_supervisor: agent.is_some_and(is_supervisor),
        legs: session.objects.legs().count(),
        active: session.objects.conversations().filter(|one| one.state.is_active()).count(),
    }
}

fn is_supervisor(agent: AgentView<'_>) -> bool {
    agent.teams().any(|(_, role)| role == crate::cti::Role::Supervisor)
}

/// Until when an interaction that ends now waits: for the agent's state to say whether there is after-call work, and for the
/// end of that work.
fn ended_until(turn: &Turn<'_>, state: AgentState) -> Time {
    match state {
        AgentState::Work => turn.now + turn.config.limits.wrap_up(),
        AgentState::Reserved | AgentState::Talking | AgentState::Hold => turn.now + WRAP_UP_LINGER,
        // After-call work follows a talk, and nothing else.
        AgentState::LoggedOut | AgentState::NotReady | AgentState::Ready => turn.now,
    }
}

fn step_interaction(turn: &mut Turn<'_>, interaction: &mut Interaction, calls: &Calls, agent: &str, until: Time) {
    if !interaction.state.is_live() {
        return;
    }
    let now = turn.now;
    let next = match &mut interaction.carrier {
        Carrier::Voice { conversations } => {
            for one in conversations.iter_mut() {
                step_conversation(turn.ids, now, one, calls, agent);
            }
            let lines = conversations.iter().map(|one| one.state).filter(|state| *state != Line::Ended);
            interaction.state.step(lines, until)
        }
        Carrier::Other { leg, .. } => {
            let own = calls.leg(leg).and_then(|leg| leg.own(agent));
            interaction.state.step(line_of(own.map(|own| own.state)).into_iter(), until)
        }
    };
    if let Some((leg, own)) = calls.leg(&interaction.leg).and_then(|leg| Some((leg, leg.own(agent)?))) {
        interaction.role = own.role;
        if interaction.seen != Some(leg.revision) {
            interaction.seen = Some(leg.revision);
            if !is_tree(&interaction.data, leg) {
                interaction.data = tree(leg);
                interaction.is_data_new = true;
            }
        }
    }
    if next != interaction.state {
        interaction.state = if interaction.is_completing && !next.is_live() { next.complete() } else { next };
        interaction.since = now;
    }
}

fn step_conversation(ids: &mut Ids, now: Time, one: &mut Conversation, calls: &Calls, agent: &str) {
    let leg = calls.leg(&one.leg);
    let own = leg.and_then(|leg| leg.own(agent));
    let next = one.state.step(own.map(|own| own.state));
    if next != one.state {
        one.state = next;
        one.since = now;
    }
    if let (Some(leg), Some(own)) = (leg, own)
        && next != Line::Ended
    {
        one.recording = own.recording;
        seat(ids, &mut one.members, leg, agent);
    }
}

/// The members are those on the leg; who stays keeps the id.
fn seat(ids: &mut Ids, members: &mut Vec<Member>, leg: &Leg, agent: &str) {
    let is_there = |member: &Member| leg.others(agent).any(|party| party.device.id == member.address);
    members.retain(|member| member.seat == Seat::Told || is_there(member));
    for member in members.iter_mut().filter(|member| !is_there(member)) {
        member.seat = Seat::Left;
    }
    for party in leg.others(agent) {
        if !members.iter().any(|member| member.address == party.device.id && member.seat != Seat::Left) {
            members.push(member(ids, party));
        }
    }
}

fn member(ids: &mut Ids, party: &OnLeg) -> Member {
    let (name, address) = (party.device.label.clone(), party.device.id.clone());
    Member { id: ids.name("m"), name, address, seat: Seat::New }
}

/// The data of a leg as clients see it.
fn tree(leg: &Leg) -> BTreeMap<Box<str>, Box<str>> {
    let mut data = leg.data.clone();
    for (key, value) in ends(leg) {
        data.entry(key.into()).or_insert_with(|| value.into());
    }
    data
}

/// Who called and what was called, which clients see as data unless the platform's own data has such keys.
fn ends(leg: &Leg) -> impl Iterator<Item = (&'static str, &str)> {
    [("ani", &*leg.from), ("dnis", &*leg.to)].into_iter().filter(|(_, value)| !value.is_empty())
}

/// Whether [`tree`] would make this of the leg: nearly every event of a call leaves its data alone.
fn is_tree(data: &BTreeMap<Box<str>, Box<str>>, leg: &Leg) -> bool {
    let mut own = leg.data.iter().peekable();
    let mut added = 0;
    for (key, value) in data {
        if own.next_if(|(own, _)| *own == key).is_some_and(|(_, own)| own == value) {
            continue;
        }
        let is_end = ends(leg).any(|(end, of)| end == &**key && of == &**value);
        if !is_end || leg.data.contains_key(key) {
            return false;
        }
        added += 1;
    }
    own.next().is_none() && added == ends(leg).filter(|(key, _)| !leg.data.contains_key(*key)).count()
}

/// Makes an object of a leg the agent is on, unless one stands for it.
fn attach(turn: &mut Turn<'_>, session: &mut Session, calls: &Calls, call: &CallId) {
    let agent = session.agent.clone();
    let call = calls.canonical(call).clone();
    let Some(leg) = calls.leg(&call) else { return };
    let Some(own) = leg.own(agent.as_str()) else { return };
    let objects = &mut session.objects;
    if objects.legs().any(|known| *known == call) || objects.interactions().count() >= INTERACTIONS_MAX {
        return;
    }
    let now = turn.now;
    let consults = leg.consults.as_ref().map(|call| calls.canonical(call));
    let consulting = objects.interactions_mut().find(|interaction| {
        let is_for = |one: &Conversation| Some(&one.leg) == consults;
        interaction.state.is_live()
            && interaction.conversations().len() == 1
            && interaction.conversations().iter().any(is_for)
    });
    if let Some(Interaction { carrier: Carrier::Voice { conversations }, .. }) = consulting {
        conversations.push(conversation(turn.ids, now, Role::Consult, &call, leg, own, agent.as_str()));
        return;
    }
    let Some(channel) = objects.channels.iter_mut().find(|channel| channel.media == leg.media) else { return };
    let carrier = match leg.media {
        Media::Voice => {
            let one = conversation(turn.ids, now, Role::Primary, &call, leg, own, agent.as_str());
            Carrier::Voice { conversations: vec![one] }
        }
        media @ (Media::Chat | Media::Email) => Carrier::Other { media, leg: call.clone() },
    };
    let focus = match &carrier {
        Carrier::Voice { conversations } => conversations.first().map(|one| one.id.clone()),
        Carrier::Other { .. } => None,
    };
    channel.interactions.push(Interaction {
        id: turn.ids.name("i"),
        carrier,
        state: State::Alerting.step(line_of(Some(own.state)).into_iter(), now),
        is_outbound: own.state == LegState::Dialing || leg.from == own.device.id,
        call: call.clone(),
        leg: call,
        began: leg.since,
        since: now,
        role: own.role,
        data: tree(leg),
        seen: Some(leg.revision),
        is_data_new: true,
        ending: None,
        focus,
        is_completing: false,
        is_wrapping: false,
        life: Life::Unheard,
        told: Told::default(),
    });
}

fn conversation(
    ids: &mut Ids,
    now: Time,
    role: Role,
    call: &CallId,
    leg: &Leg,
    own: &OnLeg,
    agent: &str,
) -> Conversation {
    let mut members = Vec::new();
    let id = ids.name("v");
    seat(ids, &mut members, leg, agent);
    Conversation {
        id,
        role,
        leg: call.clone(),
        state: Line::of(own.state),
        since: now,
        recording: own.recording,
        members,
        life: Life::Unheard,
        told: Told::default(),
    }
}

/// What the agent does now decides how long ended interactions stay.
fn wrap_up(turn: &mut Turn<'_>, session: &mut Session, state: AgentState) {
    let work_until = turn.now + turn.config.limits.wrap_up();
    let mut has_ended = false;
    for interaction in session.objects.interactions_mut() {
        let State::Ended { .. } = interaction.state else { continue };
        has_ended = true;
        match state {
            AgentState::Work if !interaction.is_wrapping => {
                interaction.is_wrapping = true;
                interaction.state = State::Ended { until: work_until };
            }
            AgentState::Work | AgentState::Reserved | AgentState::Talking | AgentState::Hold => {}
            AgentState::LoggedOut | AgentState::NotReady | AgentState::Ready => {
                interaction.state = interaction.state.complete();
            }
        }
    }
    let objects = &mut session.objects;
    objects.work_until = match state {
        AgentState::Work if !has_ended => Some(objects.work_until.unwrap_or(work_until)),
        _ => None,
    };
}

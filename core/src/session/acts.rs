//! What a client's request comes to: a command to the platform, a change of the session's own, or nothing more to do.

use super::Session;
use super::actions::{Action, Facts};
use super::channel::{Availability, Channel, State as ChannelState};
use super::conversation::{Conversation, Role, State as Line};
use super::data::{self, Wanted};
use super::interaction::{Interaction, State};
use super::objects::Place;
use super::pending::Goal;
use super::step::Around;
use super::supervise;
use crate::cti::{AgentState, Command, LegState, Media, RecordingAction, RecordingState};
use crate::failure::{Code, Failure};
use crate::ids::{AgentId, CallId};
use crate::wire::message::Request;

/// What a request comes to.
#[derive(Debug)]
pub(super) enum Deed {
    /// The goal holds.
    Holds,
    /// The platform is asked.
    Ask {
        command: Command,
        goal: Goal,
    },
    /// Another agent is acted on.
    Supervise {
        command: Command,
        agent: AgentId,
        logs_out: bool,
    },
    Add {
        group: Option<Box<str>>,
        channels: Vec<Wanted>,
    },
    RemoveChannel(Box<str>),
    RemoveGroup(Box<str>),
    /// Channels are switched on or off; the first that cannot be ends it.
    Switch {
        group: Box<str>,
        only: Option<Box<str>>,
        on: bool,
    },
    /// Nothing is left to do for an interaction that ended.
    Complete(CallId),
}

/// Reads a request's data and says what the request comes to, whether or not the present state allows it.
pub(super) fn plan(
    session: &Session,
    around: Around<'_>,
    action: Action,
    place: Place,
    request: &Request<'_>,
) -> Result<Deed, Failure> {
    let objects = &session.objects;
    match place {
        Place::Session => plan_session(session, around, action, request),
        Place::Group(group) => {
            let group = objects.groups[group].id.clone();
            let on = matches!(action, Action::Activate | Action::ActivateAll);
            let only = match action {
                Action::Activate | Action::Deactivate => Some(data::channel_id(request)?),
                _ => None,
            };
            Ok(Deed::Switch { group, only, on })
        }
        Place::Channel(c) => plan_channel(session, action, &objects.channels[c], request),
        Place::Interaction(c, i) => {
            plan_interaction(session, around, action, &objects.channels[c].interactions[i], request)
        }
        Place::Conversation(c, i, v) => {
            let interaction = &objects.channels[c].interactions[i];
            plan_conversation(session, action, &interaction.conversations()[v], request)
        }
    }
}

fn plan_session(session: &Session, around: Around<'_>, action: Action, request: &Request<'_>) -> Result<Deed, Failure> {
    match action {
        Action::AddChannel => Ok(Deed::Add { group: None, channels: vec![data::new_channel(request)?] }),
        Action::AddGroup => {
            let (name, channels) = data::new_group(request)?;
            Ok(Deed::Add { group: Some(name), channels })
        }
        Action::RemoveChannel => Ok(Deed::RemoveChannel(data::channel_id(request)?)),
        Action::RemoveGroup => Ok(Deed::RemoveGroup(data::group_id(request)?)),
        action => supervise::plan(session, around, action, data::supervised(request)?),
    }
}

fn plan_channel(session: &Session, action: Action, channel: &Channel, request: &Request<'_>) -> Result<Deed, Failure> {
    let agent = session.agent.clone();
    let is_active = channel.state == ChannelState::Active;
    let info = &channel.info;
    let set = |state, reason| Deed::Ask {
        command: Command::SetState { agent: agent.clone(), state, reason, by: None },
        goal: Goal::Agent { state },
    };
    let will_be = info.pending.unwrap_or(info.availability);
    Ok(match action {
        Action::Ready => {
            data::reason(request)?;
            if is_active && will_be == Availability::Ready { Deed::Holds } else { set(AgentState::Ready, None) }
        }
        Action::NotReady => {
            let reason = data::reason(request)?;
            let is_same = reason.as_ref().is_none_or(|reason| *reason == info.reason && info.pending.is_none());
            if is_active && will_be == Availability::NotReady && is_same {
                Deed::Holds
            } else {
                // The platform's state may be the same with another reason: its answer tells.
                let goal = Goal::Unseen;
                let state = AgentState::NotReady;
                Deed::Ask { command: Command::SetState { agent, state, reason, by: None }, goal }
            }
        }
        Action::Work => {
            let reason = data::reason(request)?;
            if is_active && will_be == Availability::Work { Deed::Holds } else { set(AgentState::Work, reason) }
        }
        _ => {
            let (destination, data) = data::to_dial(request)?;
            let goal = Goal::Dialled { legs: session.objects.legs().count(), held: None };
            Deed::Ask { command: Command::Dial { agent, destination, data }, goal }
        }
    })
}

fn plan_interaction(
    session: &Session,
    around: Around<'_>,
    action: Action,
    interaction: &Interaction,
    request: &Request<'_>,
) -> Result<Deed, Failure> {
    let agent = session.agent.clone();
    let leg = |role| interaction.line(role).map(|one| one.leg.clone());
    let call = leg(Role::Primary).or_else(|| leg(Role::Consult)).unwrap_or_else(|| interaction.leg.clone());
    let is_started = interaction.state == State::Started;
    Ok(match action {
        Action::Accept => {
            data::nothing(request)?;
            if is_started {
                return Ok(Deed::Holds);
            }
            let goal = Goal::Line { leg: call.clone(), state: LegState::Connected };
            Deed::Ask { command: Command::Answer { agent, call }, goal }
        }
        Action::Reject => {
            data::nothing(request)?;
            Deed::Ask { command: Command::Reject { agent, call: call.clone() }, goal: Goal::Gone { leg: call } }
        }
        Action::Complete => {
            let disposition = data::disposition(request)?;
            let call = interaction.leg.clone();
            let works = around.state_of(session.agent.as_str()) == AgentState::Work;
            if !interaction.state.is_live() && !works && disposition.is_none() {
                return Ok(Deed::Complete(call));
            }
            let goal = Goal::Completed { leg: call.clone() };
            Deed::Ask { command: Command::Complete { agent, call, disposition }, goal }
        }
        Action::UpdateData => {
            let data = data::changes(request)?;
            let is_same =
                |(key, value): &(Box<str>, Box<str>)| interaction.data.get(key).map_or("", |value| value) == &**value;
            if data.iter().all(is_same) {
                return Ok(Deed::Holds);
            }
            let goal = Goal::Data { leg: call.clone(), data: data.clone() };
            Deed::Ask { command: Command::SetData { agent, call, data }, goal }
        }
        Action::Consult => {
            let destination = data::destination(request)?;
            let goal = Goal::Dialled { legs: session.objects.legs().count(), held: Some(call.clone()) };
            Deed::Ask { command: Command::Consult { agent, call, destination }, goal }
        }
        Action::Alternate | Action::ConsultTransfer | Action::ConsultConference => {
            data::nothing(request)?;
            two_calls(action, agent, interaction).unwrap_or(Deed::Holds)
        }
        action => {
            data::nothing(request)?;
            let (act, state) = match action {
                Action::RecordingStart => (RecordingAction::Start, RecordingState::Recording),
                Action::RecordingStop => (RecordingAction::Stop, RecordingState::Stopped),
                Action::RecordingPause => (RecordingAction::Pause, RecordingState::Paused),
                _ => (RecordingAction::Resume, RecordingState::Recording),
            };
            let now = interaction.conversations().first().map(|one| one.recording);
            if is_started && interaction.media() == Media::Voice && now == Some(state) {
                return Ok(Deed::Holds);
            }
            let goal = Goal::Recording { leg: call.clone(), state };
            Deed::Ask { command: Command::Recording { agent, call, action: act }, goal }
        }
    })
}

/// What concerns both conversations; nothing where there are not two. The table refuses that.
fn two_calls(action: Action, agent: AgentId, interaction: &Interaction) -> Option<Deed> {
    let (primary, consult) = (interaction.line(Role::Primary)?, interaction.line(Role::Consult)?);
    let (held, active) = (primary.leg.clone(), consult.leg.clone());
    Some(match action {
        Action::Alternate => {
            let (active, held) = if primary.state == Line::Held { (active, held) } else { (held, active) };
            let goal = Goal::Alternated { active: active.clone(), held: held.clone() };
            Deed::Ask { command: Command::Alternate { agent, active, held }, goal }
        }
        Action::ConsultTransfer => {
            let goal = Goal::Joined { leg: active.clone() };
            Deed::Ask { command: Command::CompleteTransfer { agent, held, active }, goal }
        }
        _ => {
            let goal = Goal::Joined { leg: active.clone() };
            Deed::Ask { command: Command::CompleteConference { agent, held, active }, goal }
        }
    })
}

fn plan_conversation(
    session: &Session,
    action: Action,
    conversation: &Conversation,
    request: &Request<'_>,
) -> Result<Deed, Failure> {
    let agent = session.agent.clone();
    let call = conversation.leg.clone();
    let line = |state| Goal::Line { leg: conversation.leg.clone(), state };
    Ok(match action {
        Action::Answer | Action::Hold | Action::Retrieve => {
            data::nothing(request)?;
            let (wanted, command, goal) = match action {
                Action::Hold => (Line::Held, Command::Hold { agent, call }, line(LegState::Held)),
                Action::Retrieve => (Line::Connected, Command::Retrieve { agent, call }, line(LegState::Connected)),
                _ => (Line::Connected, Command::Answer { agent, call }, line(LegState::Connected)),
            };
            if conversation.state == wanted { Deed::Holds } else { Deed::Ask { command, goal } }
        }
        Action::Drop => {
            data::nothing(request)?;
            let goal = Goal::Gone { leg: call.clone() };
            Deed::Ask { command: Command::Drop { agent, call }, goal }
        }
        Action::Transfer => {
            let (destination, goal) = (data::destination(request)?, Goal::Gone { leg: call.clone() });
            Deed::Ask { command: Command::BlindTransfer { agent, call, destination }, goal }
        }
        Action::Conference => {
            let destination = data::destination(request)?;
            Deed::Ask { command: Command::BlindConference { agent, call, destination }, goal: Goal::Unseen }
        }
        _ => {
            let digits = data::digits(request)?;
            Deed::Ask { command: Command::Dtmf { agent, call, digits }, goal: Goal::Unseen }
        }
    })
}

/// The table's refusal, in words where the code's own say too little.
pub(super) fn refuse(code: Code, facts: &Facts) -> Failure {
    match code {
        Code::CtiUnavailable => Failure::new(code).retry_after_ms(2_000),
        Code::StateInvalid => {
            let conversation = facts.conversation.map(Line::as_str);
            let interaction = || facts.interaction.map(|interaction| interaction.state.as_str());
            let channel = || facts.channel.map(|channel| channel.availability.as_str());
            let state = conversation.or_else(interaction).or_else(channel);
            let failure = Failure::new(code);
            match state {
                Some(state) => failure.with("state", state),
                None => failure,
            }
        }
        code => Failure::new(code),
    }
}

//! What a request to a channel, an interaction or a conversation comes to.

use interaction_core::cti::{AgentState, Command, LegState, RecordingAction, RecordingState};
use interaction_core::ids::AgentId;
use serde_json::Value;

use super::actions::Line;
use super::commands::{Deed, Done};
use super::data::{changes, destination, digits, reason, to_dial};
use super::objects::{Channel, Conversation, Interaction, Objects, Stage};
use super::pending::Goal;
use crate::model::requests::Asked;
use crate::model::{Fault, text};

pub(super) fn of_channel(agent: &str, objects: &Objects, name: &str, channel: &Channel, asked: &Asked) -> Done<Deed> {
    let is_active = channel.word() == "ACTIVE";
    let (info, id) = (&channel.info, || agent.into());
    if name == "channel.dial" {
        let (destination, data) = to_dial(asked)?;
        let command = Command::Dial { agent: id(), destination: destination.into(), data };
        return Ok(Deed::Ask(command, Goal::Dialled { legs: objects.legs().len(), held: None }));
    }
    let kinds =
        [("/reason", text::Kind::Object), ("/reason/code", text::Kind::Text), ("/reason/name", text::Kind::Text)];
    let reason = reason(asked.data_or_nothing(&kinds)?)?;
    let set = |state, reason: Option<String>, goal| {
        Deed::Ask(Command::SetState { agent: id(), state, reason: reason.map(Into::into), by: None }, goal)
    };
    let holds = |wanted: &str| is_active && info.will_be() == wanted;
    Ok(match name {
        "channel.ready" if holds("READY") => Deed::Holds,
        // CHOICE: a reason given for being ready is not passed on.
        "channel.ready" => set(AgentState::Ready, None, Goal::Agent(AgentState::Ready)),
        "channel.notready" => {
            let is_same = reason.as_ref().is_none_or(|reason| *reason == info.reason && info.pending.is_none());
            // The state may be the same with another reason: the platform's answer tells.
            if holds("NOT_READY") && is_same { Deed::Holds } else { set(AgentState::NotReady, reason, Goal::Unseen) }
        }
        _ if holds("ACW") => Deed::Holds,
        _ => set(AgentState::Work, reason, Goal::Agent(AgentState::Work)),
    })
}

pub(super) fn of_interaction(
    agent: &str,
    objects: &Objects,
    name: &str,
    of: &Interaction,
    works: bool,
    asked: &Asked,
) -> Done<Deed> {
    let id = || agent.into();
    let (primary, consult) = (of.of_role(false), of.of_role(true));
    let call = primary.or(consult).map_or(&of.leg, |one| &one.leg).clone();
    Ok(match name {
        "interaction.updatedata" => {
            let data = changes(asked)?;
            let is_same =
                |(key, value): &(Box<str>, Box<str>)| of.data.get(&**key).map_or("", String::as_str) == &**value;
            if data.iter().all(is_same) {
                return Ok(Deed::Holds);
            }
            let command = Command::SetData { agent: id(), call: call.as_str().into(), data: data.clone() };
            Deed::Ask(command, Goal::Data(call, data))
        }
        "interaction.consult" => {
            let command =
                Command::Consult { agent: id(), call: call.as_str().into(), destination: destination(asked)?.into() };
            Deed::Ask(command, Goal::Dialled { legs: objects.legs().len(), held: Some(call) })
        }
        "interaction.complete" => {
            let data = asked.data_or_nothing(&[("/disposition", text::Kind::Text)])?;
            let disposition = match &data["disposition"] {
                Value::Null => None,
                code => Some(text::id(code).ok_or_else(|| Fault::invalid("data.disposition"))?.into()),
            };
            if !of.stage.is_live() && !works && disposition.is_none() {
                return Ok(Deed::Complete(of.leg.clone()));
            }
            let command = Command::Complete { agent: id(), call: of.leg.as_str().into(), disposition };
            Deed::Ask(command, Goal::Completed(of.leg.clone()))
        }
        _ => {
            asked.data_or_nothing(&[])?;
            match name {
                "interaction.accept" if of.stage == Stage::Started => Deed::Holds,
                "interaction.accept" => {
                    let command = Command::Answer { agent: id(), call: call.as_str().into() };
                    Deed::Ask(command, Goal::Line(call, LegState::Connected))
                }
                "interaction.reject" => {
                    Deed::Ask(Command::Reject { agent: id(), call: call.as_str().into() }, Goal::Gone(call))
                }
                "interaction.alternate" | "interaction.consulttransfer" | "interaction.consultconference" => {
                    let (Some(primary), Some(consult)) = (primary, consult) else { return Ok(Deed::Holds) };
                    two_calls(id(), name, primary, consult)
                }
                _ => {
                    let (action, state) = match name {
                        "interaction.recording.start" => (RecordingAction::Start, RecordingState::Recording),
                        "interaction.recording.stop" => (RecordingAction::Stop, RecordingState::Stopped),
                        "interaction.recording.pause" => (RecordingAction::Pause, RecordingState::Paused),
                        _ => (RecordingAction::Resume, RecordingState::Recording),
                    };
                    let is_now = of.conversations.first().is_some_and(|one| one.recording == state);
                    if of.stage == Stage::Started && is_now {
                        return Ok(Deed::Holds);
                    }
                    let command = Command::Recording { agent: id(), call: call.as_str().into(), action };
                    Deed::Ask(command, Goal::Recording(call, state))
                }
            }
        }
    })
}

fn two_calls(agent: AgentId, name: &str, primary: &Conversation, consult: &Conversation) -> Deed {
    let (held, active) = (primary.leg.clone(), consult.leg.clone());
    let id = |leg: &String| leg.as_str().into();
    match name {
        "interaction.alternate" => {
            let (active, held) = if primary.line == Some(Line::Held) { (active, held) } else { (held, active) };
            let command = Command::Alternate { agent, active: id(&active), held: id(&held) };
            Deed::Ask(command, Goal::Alternated { active, held })
        }
        "interaction.consulttransfer" => {
            let command = Command::CompleteTransfer { agent, held: id(&held), active: id(&active) };
            Deed::Ask(command, Goal::Joined(active))
        }
        _ => {
            let command = Command::CompleteConference { agent, held: id(&held), active: id(&active) };
            Deed::Ask(command, Goal::Joined(active))
        }
    }
}

pub(super) fn of_conversation(agent: &str, name: &str, one: &Conversation, asked: &Asked) -> Done<Deed> {
    let (id, leg, call) = (|| agent.into(), one.leg.clone(), || one.leg.as_str().into());
    Ok(match name {
        "conversation.transfer" => {
            let destination = destination(asked)?.into();
            Deed::Ask(Command::BlindTransfer { agent: id(), call: call(), destination }, Goal::Gone(leg))
        }
        "conversation.conference" => {
            let destination = destination(asked)?.into();
            Deed::Ask(Command::BlindConference { agent: id(), call: call(), destination }, Goal::Unseen)
        }
        "conversation.dtmf" => {
            let digits = digits(asked)?.into();
            Deed::Ask(Command::Dtmf { agent: id(), call: call(), digits }, Goal::Unseen)
        }
        _ => {
            asked.data_or_nothing(&[])?;
            let line = |state| Goal::Line(leg.clone(), state);
            let (wanted, command, goal) = match name {
                "conversation.drop" => (None, Command::Drop { agent: id(), call: call() }, Goal::Gone(leg)),
                "conversation.hold" => {
                    (Some(Line::Held), Command::Hold { agent: id(), call: call() }, line(LegState::Held))
                }
                "conversation.retrieve" => {
                    (Some(Line::Connected), Command::Retrieve { agent: id(), call: call() }, line(LegState::Connected))
                }
                _ => (Some(Line::Connected), Command::Answer { agent: id(), call: call() }, line(LegState::Connected)),
            };
            if wanted.is_some() && one.line == wanted { Deed::Holds } else { Deed::Ask(command, goal) }
        }
    })
}

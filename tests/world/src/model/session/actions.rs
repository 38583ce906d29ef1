//! Which commands there are, and when each is allowed: section 4's table and its states, read once more.

use interaction_core::cti::{Media, Offers, PartyRole, RecordingState};

use super::objects::{Channel, Conversation, Interaction, Stage};

/// The kinds of objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Session,
    Group,
    Channel,
    Interaction,
    Conversation,
}

/// What the agent does on a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    Alerting,
    Dialing,
    Connected,
    Held,
}

impl Line {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Alerting => "ALERTING",
            Self::Dialing => "DIALING",
            Self::Connected => "CONNECTED",
            Self::Held => "HELD",
        }
    }
}

/// A command, named as `state.updated` names it.
pub(crate) struct Action {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    is_offered: fn(&Offers) -> bool,
    /// Of telephone calls only.
    is_of_calls: bool,
}

const fn always(name: &'static str, kind: Kind) -> Action {
    Action { name, kind, is_offered: |_| true, is_of_calls: false }
}

const fn offered(name: &'static str, kind: Kind, is_offered: fn(&Offers) -> bool) -> Action {
    Action { name, kind, is_offered, is_of_calls: false }
}

const fn of_calls(name: &'static str, kind: Kind, is_offered: fn(&Offers) -> bool) -> Action {
    Action { name, kind, is_offered, is_of_calls: true }
}

/// Every command but the start, in the protocol's order.
pub(crate) const ACTIONS: &[Action] = &[
    always("session.logout", Kind::Session),
    always("session.addchannel", Kind::Session),
    always("session.removechannel", Kind::Session),
    offered("session.addchannelgroup", Kind::Session, |offers| offers.channel_groups),
    offered("session.removechannelgroup", Kind::Session, |offers| offers.channel_groups),
    offered("session.supervise.ready", Kind::Session, |offers| offers.supervise),
    offered("session.supervise.notready", Kind::Session, |offers| offers.supervise),
    offered("session.supervise.logout", Kind::Session, |offers| offers.supervise),
    offered("session.supervise.listen", Kind::Session, |offers| offers.supervise),
    offered("session.supervise.coach", Kind::Session, |offers| offers.supervise),
    offered("session.supervise.barge", Kind::Session, |offers| offers.supervise),
    offered("session.supervise.takeover", Kind::Session, |offers| offers.supervise),
    offered("channelgroup.activate", Kind::Group, |offers| offers.channel_activation),
    offered("channelgroup.deactivate", Kind::Group, |offers| offers.channel_activation),
    offered("channelgroup.activateall", Kind::Group, |offers| offers.channel_activation),
    offered("channelgroup.deactivateall", Kind::Group, |offers| offers.channel_activation),
    always("channel.ready", Kind::Channel),
    always("channel.notready", Kind::Channel),
    always("channel.acw", Kind::Channel),
    of_calls("channel.dial", Kind::Channel, |offers| offers.telephony),
    always("interaction.accept", Kind::Interaction),
    always("interaction.reject", Kind::Interaction),
    always("interaction.complete", Kind::Interaction),
    always("interaction.updatedata", Kind::Interaction),
    of_calls("interaction.consult", Kind::Interaction, |offers| offers.consult),
    of_calls("interaction.alternate", Kind::Interaction, |offers| offers.alternate),
    of_calls("interaction.consulttransfer", Kind::Interaction, |offers| offers.consult),
    of_calls("interaction.consultconference", Kind::Interaction, |offers| offers.consult),
    of_calls("interaction.recording.start", Kind::Interaction, |offers| offers.recording),
    of_calls("interaction.recording.stop", Kind::Interaction, |offers| offers.recording),
    of_calls("interaction.recording.pause", Kind::Interaction, |offers| offers.recording_pause),
    of_calls("interaction.recording.resume", Kind::Interaction, |offers| offers.recording_pause),
    always("conversation.answer", Kind::Conversation),
    always("conversation.drop", Kind::Conversation),
    always("conversation.hold", Kind::Conversation),
    always("conversation.retrieve", Kind::Conversation),
    offered("conversation.transfer", Kind::Conversation, |offers| offers.blind_transfer),
    offered("conversation.conference", Kind::Conversation, |offers| offers.blind_conference),
    offered("conversation.dtmf", Kind::Conversation, |offers| offers.dtmf),
];

impl Action {
    /// The action of a command, in either spelling.
    pub(super) fn of(command: &str) -> Option<&'static Self> {
        let spelled = |action: &&Self| {
            let (kind, verb) = action.name.split_once('.').unwrap_or_default();
            command == action.name || command == format!("{kind}.request.{verb}")
        };
        ACTIONS.iter().find(spelled)
    }

    /// Whether the platform does this at all.
    pub(super) fn is_offered(&self, offers: &Offers) -> bool {
        (self.is_offered)(offers)
    }

    /// Whether it is an action of an object of that medium.
    pub(super) fn applies_to(&self, media: Option<Media>) -> bool {
        !self.is_of_calls || media.is_none_or(|media| media == Media::Voice)
    }
}

/// What the table asks of the session.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OfSession {
    pub(crate) in_service: bool,
    pub(crate) is_ongoing: bool,
    pub(crate) is_supervisor: bool,
    /// How many legs the agent is on, and on how many of them it speaks or dials.
    pub(crate) legs: usize,
    pub(crate) active: usize,
}

/// An object and what is above it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts<'a> {
    pub(crate) session: OfSession,
    pub(crate) channel: Option<&'a Channel>,
    pub(crate) interaction: Option<&'a Interaction>,
    pub(crate) conversation: Option<&'a Conversation>,
}

impl Facts<'_> {
    pub(super) fn media(&self) -> Option<Media> {
        self.interaction.map(|interaction| interaction.media).or(self.channel.map(|channel| channel.media))
    }
}

/// Why an action is not allowed now; none where it is.
pub(crate) fn refusal(name: &str, facts: &Facts<'_>) -> Option<&'static str> {
    if !facts.session.in_service {
        return Some("cti.unavailable");
    }
    let unless = |may: bool, code| if may { None } else { Some(code) };
    let (kind, _) = name.split_once('.').unwrap_or_default();
    match (kind, facts.channel, facts.interaction, facts.conversation) {
        ("session", ..) if name == "session.logout" => unless(!facts.session.is_ongoing, "interaction.ongoing"),
        ("session", ..) if name.starts_with("session.supervise.") => {
            unless(facts.session.is_supervisor, "access.denied")
        }
        ("session" | "channelgroup", ..) => None,
        ("channel", Some(channel), ..) if channel.word() != "ACTIVE" => Some("channel.inactive"),
        ("channel", Some(channel), ..) => unless(may_channel(name, channel), "state.invalid"),
        ("interaction", _, Some(interaction), _) => may_interaction(name, facts.session, interaction),
        ("conversation", _, Some(interaction), Some(one)) => {
            unless(may_conversation(name, facts.session, interaction, one), "state.invalid")
        }
        _ => Some("state.invalid"),
    }
}

fn may_channel(name: &str, channel: &Channel) -> bool {
    let info = &channel.info;
    match name {
        "channel.ready" => info.will_be() != "READY",
        // Another reason is another state.
        "channel.notready" => true,
        // After-call work begins with the end of a contact.
        "channel.acw" => info.is == "BUSY" && info.pending != Some("ACW"),
        "channel.dial" => info.is != "BUSY",
        _ => false,
    }
}

fn may_interaction(name: &str, session: OfSession, of: &Interaction) -> Option<&'static str> {
    let is_voice = of.media == Media::Voice;
    let (is_started, is_party) = (of.stage == Stage::Started, of.role == PartyRole::Party);
    let primary = of.of_role(false).and_then(|one| one.line);
    let consult = of.of_role(true).and_then(|one| one.line);
    let recording = of.conversations.first().map_or(RecordingState::Stopped, |one| one.recording);
    let records = |states: &[RecordingState]| is_voice && is_started && is_party && states.contains(&recording);
    let may = match name {
        "interaction.accept" | "interaction.reject" => of.stage == Stage::Alerting,
        "interaction.complete" => matches!(of.stage, Stage::Ended(_)) || (is_started && !is_voice),
        "interaction.updatedata" => of.stage.is_live() && is_party,
        "interaction.consult" => {
            let speaks = matches!(primary, Some(Line::Connected | Line::Held));
            is_voice && is_party && speaks && consult.is_none() && session.legs == 1
        }
        "interaction.alternate" | "interaction.consulttransfer" | "interaction.consultconference" => {
            let (Some(primary), Some(consult)) = (primary, consult) else { return Some("consult.missing") };
            let speaks = |line| matches!(line, Line::Connected | Line::Held);
            match name {
                "interaction.alternate" => {
                    let lines = [primary, consult];
                    lines == [Line::Held, Line::Connected] || lines == [Line::Connected, Line::Held]
                }
                // A transfer need not wait until the one consulted answers.
                "interaction.consulttransfer" => {
                    speaks(primary) && (speaks(consult) || (primary == Line::Held && consult == Line::Dialing))
                }
                _ => speaks(primary) && speaks(consult),
            }
        }
        "interaction.recording.start" => records(&[RecordingState::Stopped]),
        "interaction.recording.stop" => records(&[RecordingState::Recording, RecordingState::Paused]),
        "interaction.recording.pause" => records(&[RecordingState::Recording]),
        "interaction.recording.resume" => records(&[RecordingState::Paused]),
        _ => false,
    };
    if may { None } else { Some("state.invalid") }
}

fn may_conversation(name: &str, session: OfSession, of: &Interaction, one: &Conversation) -> bool {
    let is_party = of.role == PartyRole::Party;
    let is_only = session.legs == 1;
    match (name, one.line) {
        ("conversation.answer", Some(Line::Alerting)) => true,
        ("conversation.drop", Some(Line::Connected | Line::Held | Line::Dialing)) => true,
        ("conversation.hold", Some(Line::Connected)) => is_party,
        // Who speaks elsewhere holds or drops that first.
        ("conversation.retrieve", Some(Line::Held)) => session.active == 0,
        ("conversation.transfer", Some(Line::Connected | Line::Held)) => is_party && is_only,
        ("conversation.conference", Some(Line::Connected)) => is_party && is_only,
        ("conversation.dtmf", Some(Line::Connected)) => matches!(of.role, PartyRole::Party | PartyRole::Barged),
        _ => false,
    }
}

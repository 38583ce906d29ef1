//! What may be done to which object in which state: the one table that commands and `state.updated` both read.

use super::channel::{self, Availability};
use super::conversation;
use super::interaction;
use crate::cti::{Media, Offers, PartyRole, RecordingState};
use crate::failure::Code;

/// The kinds of objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Session,
    Group,
    Channel,
    Interaction,
    Conversation,
}

impl Kind {
    /// What may be asked of such an object, in the order in which clients read it.
    pub(crate) fn actions(self) -> impl Iterator<Item = Action> {
        const BY_KIND: [(usize, usize); 5] = [
            range(Kind::Session),
            range(Kind::Group),
            range(Kind::Channel),
            range(Kind::Interaction),
            range(Kind::Conversation),
        ];
        let (from, to) = BY_KIND[self as usize];
        Action::ALL[from..to].iter().copied()
    }

    /// The word commands and events begin with.
    #[cfg(test)]
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Group => "channelgroup",
            Self::Channel => "channel",
            Self::Interaction => "interaction",
            Self::Conversation => "conversation",
        }
    }
}

/// Where the actions of a kind stand among all, which are in the order of their kinds.
const fn range(kind: Kind) -> (usize, usize) {
    let mut from = 0;
    while from < Action::ALL.len() && Action::ALL[from].kind() as usize != kind as usize {
        from += 1;
    }
    let mut to = from;
    while to < Action::ALL.len() && Action::ALL[to].kind() as usize == kind as usize {
        to += 1;
    }
    (from, to)
}

macro_rules! actions {
    ($($action:ident = $kind:ident $name:literal;)*) => {
        /// Everything a client may ask of an object, the start of its session aside.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Action { $($action,)* }

        impl Action {
            /// Every action, in the order in which clients read them.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$action),*];

            /// The name in `state.updated`.
            pub(crate) const fn name(self) -> &'static str {
                match self { $(Self::$action => $name,)* }
            }

            /// The kind of object it is asked of.
            pub(crate) const fn kind(self) -> Kind {
                match self { $(Self::$action => Kind::$kind,)* }
            }

            /// The action of a command, without `request.` in its name.
            fn named(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$action),)* _ => None }
            }
        }
    };
}

actions! {
    Logout = Session "session.logout";
    AddChannel = Session "session.addchannel";
    RemoveChannel = Session "session.removechannel";
    AddGroup = Session "session.addchannelgroup";
    RemoveGroup = Session "session.removechannelgroup";
    SuperviseReady = Session "session.supervise.ready";
    SuperviseNotReady = Session "session.supervise.notready";
    SuperviseLogout = Session "session.supervise.logout";
    Listen = Session "session.supervise.listen";
    Coach = Session "session.supervise.coach";
    Barge = Session "session.supervise.barge";
    TakeOver = Session "session.supervise.takeover";
    Activate = Group "channelgroup.activate";
    Deactivate = Group "channelgroup.deactivate";
    ActivateAll = Group "channelgroup.activateall";
    DeactivateAll = Group "channelgroup.deactivateall";
    Ready = Channel "channel.ready";
    NotReady = Channel "channel.notready";
    Work = Channel "channel.acw";
    Dial = Channel "channel.dial";
    Accept = Interaction "interaction.accept";
    Reject = Interaction "interaction.reject";
    Complete = Interaction "interaction.complete";
    UpdateData = Interaction "interaction.updatedata";
    Consult = Interaction "interaction.consult";
    Alternate = Interaction "interaction.alternate";
    ConsultTransfer = Interaction "interaction.consulttransfer";
    ConsultConference = Interaction "interaction.consultconference";
    RecordingStart = Interaction "interaction.recording.start";
    RecordingStop = Interaction "interaction.recording.stop";
    RecordingPause = Interaction "interaction.recording.pause";
    RecordingResume = Interaction "interaction.recording.resume";
    Answer = Conversation "conversation.answer";
    Drop = Conversation "conversation.drop";
    Hold = Conversation "conversation.hold";
    Retrieve = Conversation "conversation.retrieve";
    Transfer = Conversation "conversation.transfer";
    Conference = Conversation "conversation.conference";
    Dtmf = Conversation "conversation.dtmf";
}

impl Action {
    /// The action a command asks for, in either spelling.
    pub(crate) fn of(command: &str) -> Option<Self> {
        let (kind, verb) = command.split_once('.')?;
        match verb.strip_prefix("request.") {
            // Not twice: `x.request.request.verb` is no command.
            Some(verb) if !verb.starts_with("request.") => Self::named(&format!("{kind}.{verb}")),
            Some(_) => None,
            None => Self::named(command),
        }
    }

    const fn bit(self) -> u64 {
        1 << (self as u32)
    }

    /// Whether the platform does this at all.
    pub(crate) const fn is_offered(self, offers: &Offers) -> bool {
        match self {
            Self::Logout | Self::AddChannel | Self::RemoveChannel => true,
            Self::Ready | Self::NotReady | Self::Work | Self::Complete | Self::UpdateData => true,
            Self::Accept | Self::Reject | Self::Answer | Self::Drop | Self::Hold | Self::Retrieve => true,
            Self::AddGroup | Self::RemoveGroup => offers.channel_groups,
            Self::SuperviseReady
            | Self::SuperviseNotReady
            | Self::SuperviseLogout
            | Self::Listen
            | Self::Coach
            | Self::Barge
            | Self::TakeOver => offers.supervise,
            Self::Activate | Self::Deactivate | Self::ActivateAll | Self::DeactivateAll => offers.channel_activation,
            Self::Dial => offers.telephony,
            Self::Consult | Self::ConsultTransfer | Self::ConsultConference => offers.consult,
            Self::Alternate => offers.alternate,
            Self::RecordingStart | Self::RecordingStop => offers.recording,
            Self::RecordingPause | Self::RecordingResume => offers.recording_pause,
            Self::Transfer => offers.blind_transfer,
            Self::Conference => offers.blind_conference,
            Self::Dtmf => offers.dtmf,
        }
    }
}

/// Whether an action is one of this object at all: some are of telephone calls only.
pub(crate) fn applies(action: Action, facts: &Facts) -> bool {
    let media = facts.interaction.map(|of| of.media).or(facts.channel.map(|of| of.media));
    let is_voice = media.is_none_or(|media| media == Media::Voice);
    match action {
        Action::Dial
        | Action::Consult
        | Action::Alternate
        | Action::ConsultTransfer
        | Action::ConsultConference
        | Action::RecordingStart
        | Action::RecordingStop
        | Action::RecordingPause
        | Action::RecordingResume => is_voice,
        _ => true,
    }
}

/// A set of actions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Actions(u64);

impl Actions {
    pub(crate) const fn contains(self, action: Action) -> bool {
        self.0 & action.bit() != 0
    }

    pub(crate) fn insert(&mut self, action: Action) {
        self.0 |= action.bit();
    }

    /// What a platform does.
    pub(crate) fn offered(offers: &Offers) -> Self {
        let offered = Action::ALL.iter().filter(|action| action.is_offered(offers));
        Self(offered.fold(0, |bits, action| bits | action.bit()))
    }
}

/// What the table needs to know of a session.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OfSession {
    /// The platform is in service.
    pub(crate) in_service: bool,
    /// An interaction that must not be cut goes on.
    pub(crate) is_ongoing: bool,
    /// The agent supervises somebody.
    pub(crate) is_supervisor: bool,
    /// Legs the agent has a part in.
    pub(crate) legs: usize,
    /// How many of them the agent speaks on, or dials.
    pub(crate) active: usize,
}

/// What the table needs to know of a channel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OfChannel {
    pub(crate) media: Media,
    pub(crate) state: channel::State,
    pub(crate) availability: Availability,
    pub(crate) pending: Option<Availability>,
}

/// What the table needs to know of an interaction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OfInteraction {
    pub(crate) media: Media,
    pub(crate) state: interaction::State,
    pub(crate) primary: Option<conversation::State>,
    pub(crate) consult: Option<conversation::State>,
    pub(crate) role: PartyRole,
    pub(crate) recording: RecordingState,
    /// Whether the platform still knows a contact that can be changed.
    pub(crate) is_live: bool,
}

/// The facts of one object and of those above it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    pub(crate) session: OfSession,
    pub(crate) channel: Option<OfChannel>,
    pub(crate) interaction: Option<OfInteraction>,
    pub(crate) conversation: Option<conversation::State>,
}

/// Whether an action is allowed, and the code of the refusal where it is not.
pub(crate) fn allowed(action: Action, facts: &Facts) -> Result<(), Code> {
    let Facts { session, .. } = facts;
    if !session.in_service {
        return Err(Code::CtiUnavailable);
    }
    let when = |holds: bool, code: Code| if holds { Ok(()) } else { Err(code) };
    let state = |holds: bool| when(holds, Code::StateInvalid);
    match action {
        Action::Logout => when(!session.is_ongoing, Code::InteractionOngoing),
        Action::AddChannel | Action::RemoveChannel | Action::AddGroup | Action::RemoveGroup => Ok(()),
        Action::SuperviseReady | Action::SuperviseNotReady | Action::SuperviseLogout => {
            when(session.is_supervisor, Code::AccessDenied)
        }
        Action::Listen | Action::Coach | Action::Barge | Action::TakeOver => {
            when(session.is_supervisor, Code::AccessDenied)
        }
        Action::Activate | Action::Deactivate | Action::ActivateAll | Action::DeactivateAll => Ok(()),
        Action::Ready | Action::NotReady | Action::Work | Action::Dial => of_channel(action, facts.channel.as_ref()),
        Action::Accept
        | Action::Reject
        | Action::Complete
        | Action::UpdateData
        | Action::Consult
        | Action::Alternate
        | Action::ConsultTransfer
        | Action::ConsultConference
        | Action::RecordingStart
        | Action::RecordingStop
        | Action::RecordingPause
        | Action::RecordingResume => of_interaction(action, session, facts.interaction.as_ref()),
        Action::Answer
        | Action::Drop
        | Action::Hold
        | Action::Retrieve
        | Action::Transfer
        | Action::Conference
        | Action::Dtmf => {
            let (Some(line), Some(interaction)) = (facts.conversation, &facts.interaction) else { return state(false) };
            state(of_conversation(action, session, interaction, line))
        }
    }
}

fn of_channel(action: Action, channel: Option<&OfChannel>) -> Result<(), Code> {
    let Some(channel) = channel else { return Err(Code::StateInvalid) };
    if !matches!(channel.state, channel::State::Active) {
        return Err(Code::ChannelInactive);
    }
    let is_busy = channel.availability == Availability::Busy;
    let may = match action {
        Action::Ready => channel.pending.unwrap_or(channel.availability) != Availability::Ready,
        // Another reason is another state.
        Action::NotReady => true,
        // After-call work begins with the end of a contact, and with nothing else.
        Action::Work => is_busy && channel.pending != Some(Availability::Work),
        Action::Dial => !is_busy && channel.media == Media::Voice,
        _ => false,
    };
    if may { Ok(()) } else { Err(Code::StateInvalid) }
}

fn of_interaction(action: Action, session: &OfSession, of: Option<&OfInteraction>) -> Result<(), Code> {
    use conversation::State as Line;
    let Some(of) = of else { return Err(Code::StateInvalid) };
    let is_voice = of.media == Media::Voice;
    let is_started = matches!(of.state, interaction::State::Started);
    let is_party = of.role == PartyRole::Party;
    let may_record = is_voice && is_started && is_party;
    let may = match action {
        Action::Accept | Action::Reject => matches!(of.state, interaction::State::Alerting),
        Action::Complete => matches!(of.state, interaction::State::Ended { .. }) || (is_started && !is_voice),
        Action::UpdateData => of.is_live && is_party,
        Action::Consult => {
            let speaks = matches!(of.primary, Some(Line::Connected | Line::Held));
            is_voice && is_party && speaks && of.consult.is_none() && session.legs == 1
        }
        Action::Alternate | Action::ConsultTransfer | Action::ConsultConference => {
            let (Some(primary), Some(consult)) = (of.primary, of.consult) else { return Err(Code::ConsultMissing) };
            let lines = (primary, consult);
            match action {
                Action::Alternate => matches!(lines, (Line::Held, Line::Connected) | (Line::Connected, Line::Held)),
                Action::ConsultTransfer => {
                    matches!(
                        lines,
                        (Line::Held, Line::Connected | Line::Held | Line::Dialing)
                            | (Line::Connected, Line::Connected | Line::Held)
                    )
                }
                _ => matches!(lines, (Line::Held | Line::Connected, Line::Connected | Line::Held)),
            }
        }
        Action::RecordingStart => may_record && of.recording == RecordingState::Stopped,
        Action::RecordingStop => may_record && of.recording != RecordingState::Stopped,
        Action::RecordingPause => may_record && of.recording == RecordingState::Recording,
        Action::RecordingResume => may_record && of.recording == RecordingState::Paused,
        _ => false,
    };
    if may { Ok(()) } else { Err(Code::StateInvalid) }
}

fn of_conversation(action: Action, session: &OfSession, of: &OfInteraction, line: conversation::State) -> bool {
    use conversation::State as Line;
    let is_party = of.role == PartyRole::Party;
    match action {
        Action::Answer => line == Line::Alerting,
        Action::Drop => matches!(line, Line::Connected | Line::Held | Line::Dialing),
        Action::Hold => line == Line::Connected && is_party,
        Action::Retrieve => line == Line::Held && session.active == 0,
        Action::Transfer => matches!(line, Line::Connected | Line::Held) && is_party && session.legs == 1,
        Action::Conference => line == Line::Connected && is_party && session.legs == 1,
        Action::Dtmf => line == Line::Connected && matches!(of.role, PartyRole::Party | PartyRole::Barged),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_name_the_same_action_and_nothing_else_does() {
        for action in Action::ALL {
            let (kind, verb) = action.name().split_once('.').expect("a kind and a verb");
            assert_eq!(kind, action.kind().as_str());
            assert_eq!(Action::of(action.name()), Some(*action));
            assert_eq!(Action::of(&format!("{kind}.request.{verb}")), Some(*action));
            assert_eq!(Action::of(&format!("{kind}.request.request.{verb}")), None);
        }
        for kind in [Kind::Session, Kind::Group, Kind::Channel, Kind::Interaction, Kind::Conversation] {
            let own: Vec<Action> = Action::ALL.iter().copied().filter(|action| action.kind() == kind).collect();
            assert_eq!(kind.actions().collect::<Vec<_>>(), own);
        }
        for other in ["", "session", "session.", "session.start", "request.hold", "channel.hold", "conversation.Hold"] {
            assert_eq!(Action::of(other), None, "{other}");
        }
    }
}

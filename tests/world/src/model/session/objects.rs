//! What is beneath a session: groups, channels, interactions, conversations, and the way to each by its path.

use std::collections::BTreeMap;

use interaction_core::cti::{AgentState, Cause, LegState, Media, PartyRole, RecordingState};
use interaction_core::time::Time;
use serde_json::Value;

use super::actions::{Facts, Kind, Line, OfSession};
use crate::model::Fault;

/// Everything beneath one session.
#[derive(Clone, Debug, Default)]
pub(crate) struct Objects {
    pub(crate) groups: Vec<Group>,
    pub(crate) channels: Vec<Channel>,
    /// When after-call work that no interaction stands for is ended.
    pub(super) work_until: Option<Time>,
    /// What the present binding was told, by path.
    pub(super) heard: BTreeMap<String, Heard>,
}

#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) id: String,
    pub(super) label: String,
    pub(super) since: Time,
}

#[derive(Clone, Debug)]
pub(crate) struct Channel {
    pub(crate) id: String,
    pub(crate) group: Option<String>,
    pub(crate) media: Media,
    pub(super) endpoint: String,
    /// Its client has it switched on.
    pub(super) is_on: bool,
    /// The platform was away when it was looked at last.
    pub(super) is_away: bool,
    pub(super) info: Info,
    pub(super) since: Time,
    pub(crate) interactions: Vec<Interaction>,
}

/// What `availability` tells.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Info {
    pub(crate) is: &'static str,
    pub(crate) reason: String,
    pub(crate) pending: Option<&'static str>,
}

/// Where an interaction is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Alerting,
    Dialing,
    Started,
    /// Over; nothing more is waited for after that moment.
    Ended(Time),
    Completed,
}

#[derive(Clone, Debug)]
pub(crate) struct Interaction {
    pub(crate) id: String,
    pub(crate) media: Media,
    /// Telephony only.
    pub(crate) conversations: Vec<Conversation>,
    pub(crate) stage: Stage,
    pub(super) is_outbound: bool,
    /// What its journey is asked for by.
    pub(super) call: String,
    /// The leg its data and its after-call work are of.
    pub(crate) leg: String,
    pub(super) began: Time,
    pub(super) since: Time,
    pub(super) role: PartyRole,
    pub(super) data: BTreeMap<String, String>,
    /// Why and by whom its contact is over.
    pub(super) ending: Option<(Cause, &'static str)>,
    /// The conversation that has the focus as clients know it.
    pub(super) focus: Option<String>,
    /// Completed by its client while it goes on.
    pub(super) is_completing: bool,
    /// The agent works on it after the call.
    pub(super) is_wrapping: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Conversation {
    pub(crate) id: String,
    pub(crate) is_consult: bool,
    pub(crate) leg: String,
    /// None: the agent is on the leg no more.
    pub(crate) line: Option<Line>,
    pub(super) since: Time,
    pub(super) recording: RecordingState,
    pub(super) members: Vec<Member>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Member {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) address: String,
}

/// What a binding was told of an object.
#[derive(Clone, Debug, Default)]
pub(super) struct Heard {
    pub(super) state: String,
    pub(super) actions: BTreeMap<&'static str, bool>,
    /// `channel.infochanged`.
    pub(super) info: Option<Value>,
    /// `interaction.datachanged`.
    pub(super) data: Option<Value>,
    pub(super) members: Vec<Member>,
    pub(super) is_ended: bool,
}

/// An object, by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Session,
    Group(usize),
    Channel(usize),
    Interaction(usize, usize),
    Conversation(usize, usize, usize),
}

impl Place {
    pub(crate) fn kind(self) -> Kind {
        match self {
            Self::Session => Kind::Session,
            Self::Group(_) => Kind::Group,
            Self::Channel(_) => Kind::Channel,
            Self::Interaction(..) => Kind::Interaction,
            Self::Conversation(..) => Kind::Conversation,
        }
    }
}

impl Stage {
    pub(crate) fn is_live(self) -> bool {
        matches!(self, Self::Alerting | Self::Dialing | Self::Started)
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Alerting => "ALERTING",
            Self::Dialing => "DIALING",
            Self::Started => "STARTED",
            Self::Ended(_) => "ENDED",
            Self::Completed => "COMPLETED",
        }
    }
}

impl Channel {
    pub(super) fn word(&self) -> &'static str {
        match (self.is_away, self.is_on) {
            (true, _) => "UNAVAILABLE",
            (false, true) => "ACTIVE",
            (false, false) => "INACTIVE",
        }
    }
}

impl Info {
    /// CHOICE: a contact by the channel makes it busy whatever the platform shows of the agent; the reason goes with
    /// NOT_READY, and what is pending with BUSY.
    pub(super) fn of(state: AgentState, reason: &str, pending: Option<AgentState>, has_contact: bool) -> Self {
        let is = if has_contact { "BUSY" } else { availability(state) };
        let reason = if is == "NOT_READY" { reason.to_owned() } else { String::new() };
        Self { is, reason, pending: pending.filter(|_| is == "BUSY").map(availability) }
    }

    /// What it will be when the contact is over.
    pub(super) fn will_be(&self) -> &'static str {
        self.pending.unwrap_or(self.is)
    }
}

pub(super) fn availability(state: AgentState) -> &'static str {
    match state {
        AgentState::LoggedOut | AgentState::NotReady => "NOT_READY",
        AgentState::Ready => "READY",
        AgentState::Reserved | AgentState::Talking | AgentState::Hold => "BUSY",
        AgentState::Work => "ACW",
    }
}

pub(super) fn line_of(state: LegState) -> Line {
    match state {
        LegState::Ringing => Line::Alerting,
        LegState::Dialing => Line::Dialing,
        LegState::Connected | LegState::Queued => Line::Connected,
        LegState::Held => Line::Held,
    }
}

pub(crate) fn type_of(media: Media) -> &'static str {
    match media {
        Media::Voice => "telephony",
        Media::Chat => "chat",
        Media::Email => "email",
    }
}

impl Interaction {
    /// The one of the two that is still there.
    pub(crate) fn of_role(&self, is_consult: bool) -> Option<&Conversation> {
        self.conversations.iter().find(|one| one.is_consult == is_consult && one.line.is_some())
    }

    /// The legs it goes on through.
    pub(super) fn legs(&self) -> Vec<&str> {
        if self.media == Media::Voice {
            self.conversations.iter().filter(|one| one.line.is_some()).map(|one| &*one.leg).collect()
        } else {
            self.stage.is_live().then_some(&*self.leg).into_iter().collect()
        }
    }

    /// The conversation the agent attends to: of two the only one that is not held. CHOICE: where that says nothing, the one
    /// clients know of.
    pub(super) fn attended(&self) -> Option<String> {
        let lines: Vec<&Conversation> = self.conversations.iter().filter(|one| one.line.is_some()).collect();
        let free: Vec<&&Conversation> = lines.iter().filter(|one| one.line != Some(Line::Held)).collect();
        let told = lines.iter().find(|one| Some(&one.id) == self.focus.as_ref());
        let one = match (lines.len(), free.as_slice()) {
            (0 | 1, _) => lines.first(),
            (_, [one]) => Some(*one),
            _ => told.or(lines.first()),
        };
        one.map(|one| one.id.clone())
    }
}

impl Objects {
    pub(crate) fn interactions(&self) -> impl Iterator<Item = &Interaction> {
        self.channels.iter().flat_map(|channel| &channel.interactions)
    }

    pub(super) fn interactions_mut(&mut self) -> impl Iterator<Item = &mut Interaction> {
        self.channels.iter_mut().flat_map(|channel| &mut channel.interactions)
    }

    pub(super) fn legs(&self) -> Vec<&str> {
        self.interactions().flat_map(Interaction::legs).collect()
    }

    /// A contact goes on.
    pub(crate) fn is_ongoing(&self) -> bool {
        self.interactions().any(|interaction| interaction.stage.is_live())
    }

    /// How many conversations the agent speaks in, or dials.
    pub(super) fn active(&self) -> usize {
        let lines = self.interactions().flat_map(|interaction| &interaction.conversations).filter_map(|one| one.line);
        lines.filter(|line| matches!(line, Line::Connected | Line::Dialing)).count()
    }

    pub(super) fn deadline(&self) -> Option<Time> {
        let ends = self.interactions().filter_map(|interaction| match interaction.stage {
            Stage::Ended(until) => Some(until),
            _ => None,
        });
        ends.chain(self.work_until).min()
    }

    /// Every object with its path, the session first.
    pub(crate) fn places(&self, session: &str) -> Vec<(String, Place)> {
        let mut places = vec![(session.to_owned(), Place::Session)];
        for (g, group) in self.groups.iter().enumerate() {
            places.push((format!("{session}.{}", group.id), Place::Group(g)));
        }
        for (c, channel) in self.channels.iter().enumerate() {
            let path = self.path_of(session, channel);
            places.push((path.clone(), Place::Channel(c)));
            for (i, interaction) in channel.interactions.iter().enumerate() {
                let path = format!("{path}.{}", interaction.id);
                places.push((path.clone(), Place::Interaction(c, i)));
                for (v, one) in interaction.conversations.iter().enumerate() {
                    places.push((format!("{path}.{}", one.id), Place::Conversation(c, i, v)));
                }
            }
        }
        places
    }

    pub(super) fn path_of(&self, session: &str, channel: &Channel) -> String {
        match &channel.group {
            Some(group) => format!("{session}.{group}.{}", channel.id),
            None => format!("{session}.{}", channel.id),
        }
    }

    /// Where a target leads; it must be an object of that kind.
    pub(super) fn find(&self, session: &str, target: Option<&str>, kind: Kind) -> Result<Place, Fault> {
        let target = target.ok_or_else(|| Fault::invalid("target"))?;
        let is_id = |id: &str| {
            (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
        };
        if !target.split('.').all(is_id) {
            return Err(Fault::new("target.invalid"));
        }
        match self.places(session).into_iter().find(|(path, _)| path == target) {
            Some((_, place)) if place.kind() == kind => Ok(place),
            Some(_) => Err(Fault::new("target.invalid")),
            None => Err(Fault::new("target.unknown")),
        }
    }

    /// An object and what is above it.
    pub(super) fn facts(&self, session: OfSession, place: Place) -> Facts<'_> {
        let (c, i, v) = match place {
            Place::Session | Place::Group(_) => (None, None, None),
            Place::Channel(c) => (Some(c), None, None),
            Place::Interaction(c, i) => (Some(c), Some(i), None),
            Place::Conversation(c, i, v) => (Some(c), Some(i), Some(v)),
        };
        let channel = c.map(|c| &self.channels[c]);
        let interaction = channel.zip(i).map(|(channel, i)| &channel.interactions[i]);
        let conversation = interaction.zip(v).map(|(interaction, v)| &interaction.conversations[v]);
        Facts { session, channel, interaction, conversation }
    }

    pub(super) fn has_channel(&self, media: Media, endpoint: &str) -> bool {
        self.channels.iter().any(|channel| channel.media == media && channel.endpoint == endpoint)
    }
}

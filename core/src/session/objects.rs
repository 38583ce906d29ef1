//! The objects of one session, and the way to each by its path.

use serde::{Deserialize, Serialize};

use super::actions::{Facts, Kind, OfChannel, OfInteraction, OfSession};
use super::channel::{Channel, Group};
use super::conversation::{Conversation, Role};
use super::interaction::Interaction;
use super::told::Told;
use crate::cti::{Media, RecordingState};
use crate::failure::{Code, Failure};
use crate::ids::CallId;
use crate::time::Time;
use crate::wire::message;

/// Everything beneath a session.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Objects {
    pub(crate) groups: Vec<Group>,
    pub(crate) channels: Vec<Channel>,
    /// What the session's own `state.updated` told.
    pub(crate) told: Told,
    /// When after-call work that no interaction stands for is ended.
    pub(crate) work_until: Option<Time>,
}

/// Where a path leads: positions, which hold as long as nothing changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Session,
    Group(usize),
    Channel(usize),
    Interaction(usize, usize),
    Conversation(usize, usize, usize),
}

impl Place {
    pub(crate) const fn kind(self) -> Kind {
        match self {
            Self::Session => Kind::Session,
            Self::Group(_) => Kind::Group,
            Self::Channel(_) => Kind::Channel,
            Self::Interaction(..) => Kind::Interaction,
            Self::Conversation(..) => Kind::Conversation,
        }
    }
}

impl Objects {
    pub(crate) fn interactions(&self) -> impl Iterator<Item = &Interaction> {
        self.channels.iter().flat_map(|channel| &channel.interactions)
    }

    pub(crate) fn interactions_mut(&mut self) -> impl Iterator<Item = &mut Interaction> {
        self.channels.iter_mut().flat_map(|channel| &mut channel.interactions)
    }

    pub(crate) fn conversations(&self) -> impl Iterator<Item = &Conversation> {
        self.interactions().flat_map(Interaction::conversations)
    }

    /// The legs that objects stand for.
    pub(crate) fn legs(&self) -> impl Iterator<Item = &CallId> {
        self.interactions().flat_map(Interaction::legs)
    }

    /// Whether a contact goes on.
    pub(crate) fn is_ongoing(&self) -> bool {
        self.interactions().any(|interaction| interaction.state.is_live())
    }

    /// Where a path leads.
    ///
    /// # Errors
    /// It is no path, it leads nowhere, or to another kind of object than `kind`.
    pub(crate) fn walk(&self, session: &str, target: Option<&str>, kind: Kind) -> Result<Place, Failure> {
        let target = target.ok_or_else(|| {
            Failure::invalid("target", "is missing: the path of ids from the session to the object, joined by dots")
        })?;
        let fail = |code| Err(Failure::new(code).with("target", message::cut(target)));
        let is_id = |id: &[u8]| {
            (1..=64).contains(&id.len())
                && id.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte == b'-')
        };
        if !target.as_bytes().split(|byte| *byte == b'.').all(is_id) {
            return fail(Code::TargetInvalid);
        }
        match self.find(session, target) {
            Some(place) if place.kind() == kind => Ok(place),
            Some(_) => fail(Code::TargetInvalid),
            None => fail(Code::TargetUnknown),
        }
    }

    fn find(&self, session: &str, target: &str) -> Option<Place> {
        // Of bytes: a search for a character costs more than the short ids it finds.
        let mut ids = target.as_bytes().split(|byte| *byte == b'.');
        ids.next().filter(|id| *id == session.as_bytes())?;
        let Some(id) = ids.next() else { return Some(Place::Session) };
        let mut group = None;
        let mut id = id;
        if let Some(position) = self.groups.iter().position(|group| group.id.as_bytes() == id) {
            group = Some(&*self.groups[position].id);
            match ids.next() {
                None => return Some(Place::Group(position)),
                Some(next) => id = next,
            }
        }
        let is_it = |channel: &Channel| channel.id.as_bytes() == id && channel.group.as_deref() == group;
        let c = self.channels.iter().position(is_it)?;
        let Some(id) = ids.next() else { return Some(Place::Channel(c)) };
        let interactions = &self.channels[c].interactions;
        let i = interactions.iter().position(|interaction| interaction.id.as_bytes() == id)?;
        let Some(id) = ids.next() else { return Some(Place::Interaction(c, i)) };
        let v = interactions[i].conversations().iter().position(|conversation| conversation.id.as_bytes() == id)?;
        ids.next().is_none().then_some(Place::Conversation(c, i, v))
    }

    /// The facts of the object at a place.
    pub(crate) fn facts(&self, session: OfSession, place: Place) -> Facts {
        let (c, i, v) = match place {
            Place::Session | Place::Group(_) => (None, None, None),
            Place::Channel(c) => (Some(c), None, None),
            Place::Interaction(c, i) => (Some(c), Some(i), None),
            Place::Conversation(c, i, v) => (Some(c), Some(i), Some(v)),
        };
        let channel = c.map(|c| &self.channels[c]);
        let interaction = channel.zip(i).map(|(channel, i)| &channel.interactions[i]);
        let conversation = interaction.zip(v).map(|(interaction, v)| interaction.conversations()[v].state);
        Facts { session, channel: channel.map(of_channel), interaction: interaction.map(of_interaction), conversation }
    }

    /// Whether there is a channel of that medium and endpoint.
    pub(crate) fn has_channel(&self, media: Media, endpoint: &str) -> bool {
        self.channels.iter().any(|channel| channel.media == media && *channel.endpoint == *endpoint)
    }

    /// The earliest moment at which something ended or worked on is over without anybody's doing.
    pub(crate) fn next_deadline(&self) -> Option<Time> {
        let ends = self.interactions().filter_map(|interaction| match interaction.state {
            super::interaction::State::Ended { until } => Some(until),
            _ => None,
        });
        ends.chain(self.work_until).min()
    }
}

/// The facts of a channel.
pub(crate) fn of_channel(channel: &Channel) -> OfChannel {
    OfChannel {
        media: channel.media,
        state: channel.state,
        availability: channel.info.availability,
        pending: channel.info.pending,
    }
}

/// The facts of an interaction.
pub(crate) fn of_interaction(interaction: &Interaction) -> OfInteraction {
    let line = |role| interaction.line(role).map(|one| one.state);
    let recordings = interaction.conversations().iter().map(|one| one.recording);
    OfInteraction {
        media: interaction.media(),
        state: interaction.state,
        primary: line(Role::Primary),
        consult: line(Role::Consult),
        role: interaction.role,
        recording: recordings.into_iter().next().unwrap_or(RecordingState::Stopped),
        is_live: interaction.state.is_live(),
    }
}

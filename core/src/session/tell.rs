//! Telling a session's client what happens to its objects.

use super::Session;
use super::actions::{Facts, Kind};
use super::channel::{Channel, Group, Info, State as ChannelState, type_of};
use super::conversation::{Conversation, Member};
use super::interaction::{By, Interaction};
use super::told::Told;
use crate::cti::{Cause, Offers, Platform};
use crate::ids::LinkId;
use crate::time::Time;
use crate::turn::Turn;
use crate::wire::codes::write_codes;
use crate::wire::write::{number_property, text_property};

/// Speaks to the client of one session, which has started it in the present binding.
pub(super) struct Teller<'a, 't> {
    turn: &'a mut Turn<'t>,
    owner: LinkId,
    session: Box<str>,
    model: Box<str>,
    offers: Offers,
    /// The event under construction; kept, so that a turn allocates it once.
    event: Vec<u8>,
}

/// The path of an object.
pub(super) fn path(parts: &[&str]) -> String {
    parts.join(".")
}

impl<'a, 't> Teller<'a, 't> {
    pub(super) fn new(turn: &'a mut Turn<'t>, session: &Session, platform: Option<&Platform>) -> Self {
        Self {
            turn,
            owner: session.owner,
            session: session.resource.clone(),
            model: session.model.clone(),
            offers: platform.map(|platform| platform.offers).unwrap_or_default(),
            event: Vec::with_capacity(512),
        }
    }

    /// The path of the session itself.
    pub(super) fn session(&self) -> &str {
        &self.session
    }

    /// The path of a channel.
    pub(super) fn channel_path(&self, channel: &Channel) -> String {
        match &channel.group {
            Some(group) => path(&[&self.session, group, &channel.id]),
            None => path(&[&self.session, &channel.id]),
        }
    }

    /// Tells an event without data.
    pub(super) fn plain(&mut self, target: &str, name: &str) {
        self.object(target, name, |_| {});
    }

    /// Tells an event; `write_data` writes the inside of `data`.
    pub(super) fn object(&mut self, target: &str, name: &str, write_data: impl FnOnce(&mut Vec<u8>)) {
        let out = &mut self.event;
        out.clear();
        out.extend_from_slice(b"{\"messageType\":\"objectEvent\",");
        text_property(out, "target", target);
        out.push(b',');
        text_property(out, "name", name);
        out.extend_from_slice(b",\"data\":{");
        write_data(out);
        out.extend_from_slice(b"},");
        number_property(out, "at", self.turn.now.as_millis());
        out.push(b'}');
        self.turn.resource_event(self.owner, &self.session, &self.event);
    }

    /// Tells the state and the actions of an object, where anything of it changed.
    pub(super) fn state(
        &mut self,
        target: &str,
        told: &mut Told,
        (kind, state, since): (Kind, &str, Time),
        facts: &Facts,
    ) {
        let mut data = Vec::with_capacity(256);
        if !told.update(kind, state, facts, &self.offers, &mut data) {
            return;
        }
        let out = &mut self.event;
        out.clear();
        out.extend_from_slice(b"{\"messageType\":\"stateEvent\",");
        text_property(out, "target", target);
        out.extend_from_slice(b",\"name\":\"state.updated\",");
        text_property(out, "state", state);
        out.push(b',');
        number_property(out, "since", since.as_millis());
        out.extend_from_slice(b",\"data\":");
        out.extend_from_slice(&data);
        out.push(b',');
        number_property(out, "at", self.turn.now.as_millis());
        out.push(b'}');
        self.turn.resource_event(self.owner, &self.session, &self.event);
    }

    pub(super) fn group_created(&mut self, group: &Group) {
        let session = self.session.clone();
        self.object(&session, "channelgroup.created", |out| {
            out.extend_from_slice(b"\"channelgroup\":{");
            text_property(out, "id", &group.id);
            out.push(b',');
            text_property(out, "name", &group.name);
            out.push(b'}');
        });
    }

    pub(super) fn channel_created(&mut self, parent: &str, channel: &Channel) {
        let model = self.model.clone();
        self.object(parent, "channel.created", |out| {
            out.extend_from_slice(b"\"channel\":{");
            let properties = [
                ("id", &*channel.id),
                ("name", name_of(channel)),
                ("type", type_of(channel.media)),
                ("modeltype", &model),
                ("endpoint", &channel.endpoint),
                ("state", ChannelState::Inactive.as_str()),
            ];
            write_texts(out, &properties);
            out.push(b'}');
        });
    }

    pub(super) fn channel_info(&mut self, target: &str, channel: &Channel, names: Option<&Platform>) {
        self.object(target, "channel.infochanged", |out| {
            out.extend_from_slice(b"\"channel\":{");
            write_texts(out, &[("id", &*channel.id), ("state", channel.state.as_str())]);
            out.extend_from_slice(b",\"availability\":{");
            let Info { availability, reason, pending } = &channel.info;
            text_property(out, "state", availability.as_str());
            if !reason.is_empty() {
                let reasons = names.map_or(&[][..], |platform| &platform.not_ready_reasons);
                let name = reasons.iter().find(|known| known.code == *reason).map_or("", |known| &known.name);
                out.extend_from_slice(b",\"reason\":{");
                write_texts(out, &[("code", reason), ("name", name)]);
                out.push(b'}');
            }
            if let Some(pending) = pending {
                out.push(b',');
                text_property(out, "pending", pending.as_str());
            }
            out.extend_from_slice(b"}}");
        });
    }

    pub(super) fn interaction_created(&mut self, parent: &str, interaction: &Interaction) {
        let model = self.model.clone();
        self.object(parent, "interaction.created", |out| {
            out.extend_from_slice(b"\"interaction\":{");
            let properties = [
                ("id", &*interaction.id),
                ("type", type_of(interaction.media())),
                ("modeltype", &model),
                ("direction", if interaction.is_outbound { "outbound" } else { "inbound" }),
                ("callId", interaction.call.as_str()),
            ];
            write_texts(out, &properties);
            out.push(b',');
            number_property(out, "since", interaction.began.as_millis());
            out.push(b'}');
        });
    }

    /// Tells the whole tree of an interaction's data.
    pub(super) fn data(&mut self, target: &str, name: &str, interaction: &Interaction) {
        self.object(target, name, |out| {
            out.extend_from_slice(b"\"data\":{");
            for (position, (key, value)) in interaction.data.iter().enumerate() {
                if position > 0 {
                    out.push(b',');
                }
                text_property(out, key, value);
            }
            out.push(b'}');
        });
    }

    pub(super) fn ended(&mut self, target: &str, cause: Cause, by: By) {
        self.object(target, "interaction.ended", |out| {
            write_texts(out, &[("cause", word_of(cause)), ("by", by.as_str())]);
        });
    }

    pub(super) fn focus(&mut self, target: &str, conversation: Option<&str>) {
        self.object(target, "interaction.focuschanged", |out| {
            if let Some(id) = conversation {
                out.extend_from_slice(b"\"conversation\":{");
                text_property(out, "id", id);
                out.push(b'}');
            }
        });
    }

    pub(super) fn conversation_created(&mut self, parent: &str, conversation: &Conversation) {
        self.object(parent, "conversation.created", |out| {
            out.extend_from_slice(b"\"conversation\":{");
            write_texts(out, &[("id", &*conversation.id), ("role", conversation.role.as_str())]);
            out.push(b'}');
        });
    }

    pub(super) fn member_added(&mut self, target: &str, member: &Member) {
        self.object(target, "conversation.member.added", |out| {
            out.extend_from_slice(b"\"member\":{");
            write_texts(out, &[("id", &*member.id), ("name", &*member.name), ("address", &*member.address)]);
            out.push(b'}');
        });
    }

    pub(super) fn member_removed(&mut self, target: &str, member: &Member) {
        self.object(target, "conversation.member.removed", |out| {
            out.extend_from_slice(b"\"member\":{");
            text_property(out, "id", &member.id);
            out.push(b'}');
        });
    }

    /// The last of the initial sequence, with the platform's codes.
    pub(super) fn session_initialized(&mut self, platform: Option<&Platform>) {
        let session = self.session.clone();
        self.object(&session, "session.initialized", |out| {
            if let Some(platform) = platform {
                write_codes(out, platform);
            }
        });
    }
}

fn write_texts(out: &mut Vec<u8>, properties: &[(&str, &str)]) {
    for (position, (name, value)) in properties.iter().enumerate() {
        if position > 0 {
            out.push(b',');
        }
        text_property(out, name, value);
    }
}

const fn name_of(channel: &Channel) -> &'static str {
    match channel.media {
        crate::cti::Media::Voice => "Telephony",
        crate::cti::Media::Chat => "Chat",
        crate::cti::Media::Email => "E-mail",
    }
}

const fn word_of(cause: Cause) -> &'static str {
    match cause {
        Cause::Normal => "normal",
        Cause::NoAnswer => "noanswer",
        Cause::Busy => "busy",
        Cause::Abandoned => "abandoned",
        Cause::Redirected => "redirected",
        Cause::Transferred => "transferred",
        Cause::Rejected => "rejected",
        Cause::Unreachable => "unreachable",
        Cause::Failed => "failed",
        Cause::Other => "other",
    }
}

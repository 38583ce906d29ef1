//! Telling a session's client what happens to its objects.

use super::Session;
use super::actions::{Actions, Facts, Kind};
use super::channel::{Channel, Group, Info, State as ChannelState, type_of};
use super::conversation::{Conversation, Member};
use super::interaction::{By, Interaction};
use super::told::Told;
use crate::cti::{Cause, Platform};
use crate::ids::LinkId;
use crate::time::Time;
use crate::turn::Turn;
use crate::wire::codes::write_codes;
use crate::wire::write::{self, number_property, text_property};

/// Speaks to the client of one session, which has started it in the present binding: of the object whose path it was led to.
pub(super) struct Teller<'a, 't> {
    turn: &'a mut Turn<'t>,
    owner: LinkId,
    session: &'a str,
    model: &'a str,
    /// What the platform does.
    offered: Actions,
    /// From the session to the object it speaks of.
    path: String,
}

/// How to get back from an object to the one above it.
#[must_use]
pub(super) struct Above(usize);

impl<'a, 't> Teller<'a, 't> {
    /// Speaks of the session itself at first.
    pub(super) fn new(turn: &'a mut Turn<'t>, session: &'a Session, platform: Option<&Platform>) -> Self {
        let mut path = String::with_capacity(128);
        path.push_str(&session.resource);
        Self {
            turn,
            owner: session.owner,
            session: &session.resource,
            model: &session.model,
            offered: Actions::offered(&platform.map(|platform| platform.offers).unwrap_or_default()),
            path,
        }
    }

    /// Goes down to an object beneath the one it speaks of.
    pub(super) fn enter(&mut self, id: &str) -> Above {
        let above = Above(self.path.len());
        self.path.push('.');
        self.path.push_str(id);
        above
    }

    /// Goes from the session to a channel, through its group where it is in one.
    pub(super) fn enter_channel(&mut self, channel: &Channel) -> Above {
        let above = Above(self.path.len());
        for id in channel.group.iter().chain([&channel.id]) {
            let _ = self.enter(id);
        }
        above
    }

    /// Goes back up.
    pub(super) fn leave(&mut self, above: Above) {
        self.path.truncate(above.0);
    }

    /// Tells an event without data.
    pub(super) fn plain(&mut self, name: &str) {
        self.object(name, |_| {});
    }

    /// Tells an event; `write_data` writes the inside of `data`.
    fn object(&mut self, name: &str, write_data: impl FnOnce(&mut Vec<u8>)) {
        let (now, path) = (self.turn.now, &*self.path);
        self.turn.resource_event(self.owner, self.session, |out| {
            out.extend_from_slice(b"{\"messageType\":\"objectEvent\",\"target\":");
            write::string(out, path);
            out.extend_from_slice(b",\"name\":");
            write::string(out, name);
            out.extend_from_slice(b",\"data\":{");
            write_data(out);
            out.extend_from_slice(b"},\"at\":");
            write::number(out, now.as_millis());
            out.push(b'}');
        });
    }

    /// Tells the state and the actions of the object, where anything of it changed.
    pub(super) fn state(&mut self, told: &mut Told, (kind, state, since): (Kind, &str, Time), facts: &Facts) {
        let Some(news) = told.update(kind, state, facts, self.offered) else { return };
        let (now, path) = (self.turn.now, &*self.path);
        self.turn.resource_event(self.owner, self.session, |out| {
            out.extend_from_slice(b"{\"messageType\":\"stateEvent\",\"target\":");
            write::string(out, path);
            out.extend_from_slice(b",\"name\":\"state.updated\",\"state\":");
            write::string(out, state);
            out.extend_from_slice(b",\"since\":");
            write::number(out, since.as_millis());
            out.extend_from_slice(b",\"data\":");
            news.write(out);
            out.extend_from_slice(b",\"at\":");
            write::number(out, now.as_millis());
            out.push(b'}');
        });
    }

    pub(super) fn group_created(&mut self, group: &Group) {
        self.object("channelgroup.created", |out| {
            out.extend_from_slice(b"\"channelgroup\":{");
            text_property(out, "id", &group.id);
            out.push(b',');
            text_property(out, "name", &group.name);
            out.push(b'}');
        });
    }

    pub(super) fn channel_created(&mut self, channel: &Channel) {
        let model = self.model;
        self.object("channel.created", |out| {
            out.extend_from_slice(b"\"channel\":{");
            let properties = [
                ("id", &*channel.id),
                ("name", name_of(channel)),
                ("type", type_of(channel.media)),
                ("modeltype", model),
                ("endpoint", &channel.endpoint),
                ("state", ChannelState::Inactive.as_str()),
            ];
            write_texts(out, &properties);
            out.push(b'}');
        });
    }

    pub(super) fn channel_info(&mut self, channel: &Channel, names: Option<&Platform>) {
        self.object("channel.infochanged", |out| {
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

    pub(super) fn interaction_created(&mut self, interaction: &Interaction) {
        let model = self.model;
        self.object("interaction.created", |out| {
            out.extend_from_slice(b"\"interaction\":{");
            let properties = [
                ("id", &*interaction.id),
                ("type", type_of(interaction.media())),
                ("modeltype", model),
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
    pub(super) fn data(&mut self, name: &str, interaction: &Interaction) {
        self.object(name, |out| {
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

    pub(super) fn ended(&mut self, cause: Cause, by: By) {
        self.object("interaction.ended", |out| {
            write_texts(out, &[("cause", word_of(cause)), ("by", by.as_str())]);
        });
    }

    pub(super) fn focus(&mut self, conversation: Option<&str>) {
        self.object("interaction.focuschanged", |out| {
            if let Some(id) = conversation {
                out.extend_from_slice(b"\"conversation\":{");
                text_property(out, "id", id);
                out.push(b'}');
            }
        });
    }

    pub(super) fn conversation_created(&mut self, conversation: &Conversation) {
        self.object("conversation.created", |out| {
            out.extend_from_slice(b"\"conversation\":{");
            write_texts(out, &[("id", &*conversation.id), ("role", conversation.role.as_str())]);
            out.push(b'}');
        });
    }

    pub(super) fn member_added(&mut self, member: &Member) {
        self.object("conversation.member.added", |out| {
            out.extend_from_slice(b"\"member\":{");
            write_texts(out, &[("id", &*member.id), ("name", &*member.name), ("address", &*member.address)]);
            out.push(b'}');
        });
    }

    pub(super) fn member_removed(&mut self, member: &Member) {
        self.object("conversation.member.removed", |out| {
            out.extend_from_slice(b"\"member\":{");
            text_property(out, "id", &member.id);
            out.push(b'}');
        });
    }

    /// The last of the initial sequence, with the platform's codes.
    pub(super) fn session_initialized(&mut self, platform: Option<&Platform>) {
        self.object("session.initialized", |out| {
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

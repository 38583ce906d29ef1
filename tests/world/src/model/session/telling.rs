//! What a binding is told: the difference between what it heard of each object and what the object is.
//!
//! Change and disposal run from the bottom up, creation from the top down.

use std::collections::BTreeMap;

use interaction_core::cti::{Cause, Media, Offers, Platform, ReasonCode};
use interaction_core::time::Time;
use serde_json::{Value, json};

use super::actions::{ACTIONS, Facts, Kind, OfSession, refusal};
use super::objects::{Channel, Conversation, Group, Heard, Interaction, Objects, Stage, type_of};
use super::step::Why;
use super::{Session, State};
use crate::model::Model;

/// Speaks to the client of one session.
struct Telling<'a> {
    now: Time,
    session: &'a str,
    model: &'a str,
    of_session: OfSession,
    offers: Offers,
    platform: Option<&'a Platform>,
    heard: BTreeMap<String, Heard>,
    events: Vec<Value>,
}

impl Model {
    /// Tells everything that changed, and forgets what is over.
    pub(super) fn tell_changes(&mut self, number: u64, why: Why) {
        let Some(session) = self.sessions.get_mut(&number) else { return };
        for interaction in session.objects.interactions_mut() {
            if !interaction.stage.is_live() && interaction.ending.is_none() {
                interaction.ending = Some((why.cause, by(interaction, why)));
            }
        }
        if session.is_started_in_binding {
            self.telling(number, |telling, objects, session| {
                telling.changes(objects);
                telling.session_state(session);
            });
        }
        let Some(session) = self.sessions.get_mut(&number) else { return };
        forget_gone(&mut session.objects);
        match session.objects.deadline() {
            Some(at) => self.deadlines.insert(crate::model::Deadline::WrapUp(number), at),
            None => self.deadlines.remove(&crate::model::Deadline::WrapUp(number)),
        };
    }

    /// The initial sequence: a new binding has heard of nothing.
    pub(super) fn tell_all(&mut self, number: u64) {
        self.telling(number, |telling, objects, session| {
            telling.heard.clear();
            telling.blocks(objects);
            telling.session_state(session);
            telling.initialized();
        });
    }

    /// The blocks of groups and channels that are new.
    pub(super) fn tell_new(&mut self, number: u64) {
        self.telling(number, |telling, objects, _| telling.blocks(objects));
    }

    /// Tells that these are gone, by their paths from the bottom up; and what of the session changed by it.
    pub(super) fn tell_gone(&mut self, number: u64, gone: &[(String, &'static str)]) {
        self.telling(number, |telling, _, session| {
            for (path, name) in gone {
                telling.plain(path, name);
                telling.heard.remove(path);
            }
            telling.session_state(session);
        });
    }

    fn telling(&mut self, number: u64, tell: impl FnOnce(&mut Telling<'_>, &mut Objects, &Session)) {
        let Some(mut session) = self.sessions.remove(&number) else { return };
        let of_session = self.of_session(&session);
        let mut objects = std::mem::take(&mut session.objects);
        let mut telling = Telling {
            now: self.now,
            session: &session.resource,
            model: &session.model,
            of_session,
            offers: self.platform.known.as_ref().map(|platform| platform.offers).unwrap_or_default(),
            platform: self.platform.known.as_ref(),
            heard: std::mem::take(&mut objects.heard),
            events: Vec::new(),
        };
        tell(&mut telling, &mut objects, &session);
        let Telling { heard, events, .. } = telling;
        objects.heard = heard;
        session.objects = objects;
        for event in events {
            let body = json!({"messageType": "resourceEvent", "serviceId": self.config.service_id,
                "resourceId": session.resource, "event": event});
            self.tell(session.owner, body);
        }
        self.sessions.insert(number, session);
    }
}

/// Who ended the agent's part in a contact.
///
/// CHOICE: a normal end is the agent's where the agent's device left others behind, or it was completed; and a party's else.
fn by(interaction: &Interaction, why: Why) -> &'static str {
    let has_company = interaction.conversations.iter().any(|one| !one.members.is_empty());
    match why.cause {
        Cause::Rejected | Cause::Transferred => "agent",
        Cause::Abandoned => "party",
        Cause::Normal if interaction.is_completing || (why.has_left && has_company) => "agent",
        Cause::Normal => "party",
        Cause::NoAnswer | Cause::Busy | Cause::Redirected | Cause::Unreachable | Cause::Failed | Cause::Other => {
            "platform"
        }
    }
}

pub(super) fn forget_gone(objects: &mut Objects) {
    for channel in &mut objects.channels {
        for interaction in &mut channel.interactions {
            interaction.conversations.retain(|one| one.line.is_some());
        }
        channel.interactions.retain(|interaction| interaction.stage != Stage::Completed);
    }
}

fn codes(codes: &[ReasonCode]) -> Value {
    codes.iter().map(|reason| json!({"code": reason.code, "name": reason.name})).collect()
}

impl Telling<'_> {
    fn event(&mut self, target: &str, name: &str, data: Value) {
        self.events.push(json!({"messageType": "objectEvent", "target": target, "name": name, "data": data,
            "at": self.now.as_millis()}));
    }

    fn plain(&mut self, target: &str, name: &str) {
        self.event(target, name, json!({}));
    }

    fn knows(&self, path: &str) -> bool {
        self.heard.contains_key(path)
    }

    fn heard(&mut self, path: &str) -> &mut Heard {
        self.heard.entry(path.to_owned()).or_default()
    }

    /// `state.updated`, where the state or what is allowed changed; the first time everything is listed.
    fn state(&mut self, path: &str, kind: Kind, (state, since): (&str, Time), facts: &Facts<'_>) {
        let offers = self.offers;
        let heard = self.heard(path);
        let mut news = Vec::new();
        let own = ACTIONS.iter().filter(|action| action.kind == kind);
        for action in own.filter(|action| action.is_offered(&offers) && action.applies_to(facts.media())) {
            let is_enabled = refusal(action.name, facts).is_none();
            if heard.actions.insert(action.name, is_enabled) != Some(is_enabled) {
                news.push(json!({"name": action.name, "type": if is_enabled { "enable" } else { "disable" }}));
            }
        }
        if !news.is_empty() || heard.state != state {
            state.clone_into(&mut heard.state);
            self.events.push(json!({"messageType": "stateEvent", "target": path, "name": "state.updated",
                "state": state, "since": since.as_millis(), "data": news, "at": self.now.as_millis()}));
        }
    }

    fn bare(&self) -> Facts<'static> {
        Facts { session: self.of_session, channel: None, interaction: None, conversation: None }
    }

    fn changes(&mut self, objects: &mut Objects) {
        let session = self.session.to_owned();
        let paths: Vec<String> = objects.channels.iter().map(|channel| objects.path_of(&session, channel)).collect();
        for (channel, path) in objects.channels.iter_mut().zip(&paths) {
            if !self.knows(path) {
                continue;
            }
            let mut interactions = std::mem::take(&mut channel.interactions);
            let known: Vec<bool> = interactions.iter().map(|one| self.knows(&format!("{path}.{}", one.id))).collect();
            for (interaction, _) in interactions.iter_mut().zip(&known).filter(|(_, known)| **known) {
                self.interaction_changed(path, channel, interaction);
            }
            self.channel_changed(path, channel);
            for (interaction, _) in interactions.iter_mut().zip(&known).filter(|(_, known)| !**known) {
                // One that came and went while nobody looked is told to nobody.
                if interaction.stage.is_live() {
                    self.interaction_created(path, channel, interaction);
                }
            }
            channel.interactions = interactions;
        }
        for group in &objects.groups {
            let path = format!("{session}.{}", group.id);
            if self.knows(&path) {
                self.group_state(&path, group);
            }
        }
    }

    fn session_state(&mut self, session: &Session) {
        // CHOICE: to its client a session that is being logged out runs.
        let (word, since) = match session.state {
            State::Prepared => ("PREPARED", session.since),
            State::Starting(_) => ("STARTING", session.since),
            State::Initialized(since) | State::LoggingOut(_, since) | State::Abandoned(since) => ("INITIALIZED", since),
        };
        let facts = self.bare();
        self.state(&session.resource, Kind::Session, (word, since), &facts);
    }

    fn initialized(&mut self) {
        let data = self.platform.map_or_else(
            || json!({}),
            |platform| {
                json!({"notReadyReasons": codes(&platform.not_ready_reasons),
                    "logoutReasons": codes(&platform.logout_reasons), "wrapUpCodes": codes(&platform.wrap_up_codes)})
            },
        );
        let session = self.session.to_owned();
        self.event(&session, "session.initialized", data);
    }

    fn blocks(&mut self, objects: &mut Objects) {
        let session = self.session.to_owned();
        let paths: Vec<String> = objects.channels.iter().map(|channel| objects.path_of(&session, channel)).collect();
        for group in &objects.groups {
            let path = format!("{session}.{}", group.id);
            if self.knows(&path) {
                continue;
            }
            self.event(
                &session,
                "channelgroup.created",
                json!({"channelgroup": {"id": group.id, "name": group.label}}),
            );
            self.group_state(&path, group);
            for (channel, own) in objects.channels.iter_mut().zip(&paths) {
                if channel.group.as_ref() == Some(&group.id) {
                    self.channel_block(&path, own, channel);
                }
            }
            self.plain(&path, "channelgroup.initialized");
        }
        for (channel, path) in objects.channels.iter_mut().zip(&paths) {
            if !self.knows(path) {
                self.channel_block(&session, path, channel);
            }
        }
    }

    /// CHOICE: a group is always ACTIVE.
    fn group_state(&mut self, path: &str, group: &Group) {
        let facts = self.bare();
        self.state(path, Kind::Group, ("ACTIVE", group.since), &facts);
    }

    fn channel_block(&mut self, parent: &str, path: &str, channel: &mut Channel) {
        let name = match channel.media {
            Media::Voice => "Telephony",
            Media::Chat => "Chat",
            Media::Email => "E-mail",
        };
        self.event(
            parent,
            "channel.created",
            json!({"channel": {"id": channel.id, "name": name, "type": type_of(channel.media), "modeltype": self.model,
                "endpoint": channel.endpoint, "state": "INACTIVE"}}),
        );
        self.channel_changed(path, channel);
        self.plain(path, "channel.initialized");
        let mut interactions = std::mem::take(&mut channel.interactions);
        for interaction in &mut interactions {
            self.interaction_created(path, channel, interaction);
        }
        channel.interactions = interactions;
    }

    fn channel_changed(&mut self, path: &str, channel: &Channel) {
        let mut availability = json!({"state": channel.info.is});
        if !channel.info.reason.is_empty() {
            let reasons = self.platform.map_or(&[][..], |platform| &platform.not_ready_reasons);
            let name = reasons.iter().find(|known| *known.code == *channel.info.reason).map_or("", |known| &known.name);
            availability["reason"] = json!({"code": channel.info.reason, "name": name});
        }
        if let Some(pending) = channel.info.pending {
            availability["pending"] = pending.into();
        }
        let info = json!({"channel": {"id": channel.id, "state": channel.word(), "availability": availability}});
        if self.heard(path).info.as_ref() != Some(&info) {
            self.heard(path).info = Some(info.clone());
            self.event(path, "channel.infochanged", info);
        }
        let facts = Facts { channel: Some(channel), ..self.bare() };
        self.state(path, Kind::Channel, (channel.word(), channel.since), &facts);
    }

    fn interaction_created(&mut self, parent: &str, channel: &Channel, interaction: &mut Interaction) {
        let path = format!("{parent}.{}", interaction.id);
        let direction = if interaction.is_outbound { "outbound" } else { "inbound" };
        self.event(
            parent,
            "interaction.created",
            json!({"interaction": {"id": interaction.id, "type": type_of(interaction.media), "modeltype": self.model,
                "direction": direction, "callId": interaction.call, "since": interaction.began.as_millis()}}),
        );
        self.interaction_state(&path, channel, interaction);
        for one in &interaction.conversations {
            self.conversation_block(&path, channel, interaction, one);
        }
        let data = json!({"data": interaction.data});
        self.heard(&path).data = Some(data.clone());
        self.event(&path, "interaction.datachanged", data.clone());
        self.event(&path, "interaction.preview", data);
        self.plain(&path, "interaction.initialized");
        // A client takes the first conversation for the one that has the focus.
        let attended = interaction.attended();
        if attended.as_ref() != interaction.conversations.first().map(|one| &one.id) {
            self.focus(&path, attended.as_deref());
        }
        interaction.focus = attended;
        self.ended(&path, interaction);
    }

    fn interaction_changed(&mut self, parent: &str, channel: &Channel, interaction: &mut Interaction) {
        let path = format!("{parent}.{}", interaction.id);
        for one in &interaction.conversations {
            if self.knows(&format!("{path}.{}", one.id)) {
                self.conversation_changed(&path, channel, interaction, one);
            } else if one.line.is_some() {
                self.conversation_block(&path, channel, interaction, one);
            }
        }
        let data = json!({"data": interaction.data});
        if self.heard(&path).data.as_ref() != Some(&data) {
            self.heard(&path).data = Some(data.clone());
            self.event(&path, "interaction.datachanged", data);
        }
        let attended = interaction.attended();
        if attended != interaction.focus && interaction.stage.is_live() {
            self.focus(&path, attended.as_deref());
            interaction.focus = attended;
        }
        self.ended(&path, interaction);
        self.interaction_state(&path, channel, interaction);
        if interaction.stage == Stage::Completed {
            self.plain(&path, "interaction.disposed");
            self.heard.remove(&path);
        }
    }

    fn interaction_state(&mut self, path: &str, channel: &Channel, interaction: &Interaction) {
        let facts = Facts { channel: Some(channel), interaction: Some(interaction), ..self.bare() };
        self.state(path, Kind::Interaction, (interaction.stage.word(), interaction.since), &facts);
    }

    fn focus(&mut self, path: &str, conversation: Option<&str>) {
        let data = conversation.map_or_else(|| json!({}), |id| json!({"conversation": {"id": id}}));
        self.event(path, "interaction.focuschanged", data);
    }

    /// Exactly once.
    fn ended(&mut self, path: &str, interaction: &Interaction) {
        if let Some((cause, by)) = interaction.ending
            && !std::mem::replace(&mut self.heard(path).is_ended, true)
        {
            let cause = format!("{cause:?}").to_lowercase();
            self.event(path, "interaction.ended", json!({"cause": cause, "by": by}));
        }
    }

    fn conversation_state(&mut self, path: &str, channel: &Channel, interaction: &Interaction, one: &Conversation) {
        let Some(line) = one.line else { return };
        let facts =
            Facts { channel: Some(channel), interaction: Some(interaction), conversation: Some(one), ..self.bare() };
        self.state(path, Kind::Conversation, (line.word(), one.since), &facts);
    }

    fn conversation_block(&mut self, parent: &str, channel: &Channel, interaction: &Interaction, one: &Conversation) {
        let path = format!("{parent}.{}", one.id);
        let role = if one.is_consult { "consult" } else { "primary" };
        self.event(parent, "conversation.created", json!({"conversation": {"id": one.id, "role": role}}));
        self.conversation_state(&path, channel, interaction, one);
        self.members_added(&path, one);
        self.plain(&path, "conversation.initialized");
    }

    fn conversation_changed(&mut self, parent: &str, channel: &Channel, interaction: &Interaction, one: &Conversation) {
        let path = format!("{parent}.{}", one.id);
        let is_over = one.line.is_none();
        let told = std::mem::take(&mut self.heard(&path).members);
        let (gone, left): (Vec<_>, Vec<_>) =
            told.into_iter().partition(|member| is_over || !one.members.contains(member));
        for member in gone {
            self.event(&path, "conversation.member.removed", json!({"member": {"id": member.id}}));
        }
        if is_over {
            self.plain(&path, "conversation.disposed");
            self.heard.remove(&path);
            return;
        }
        self.heard(&path).members = left;
        self.members_added(&path, one);
        self.conversation_state(&path, channel, interaction, one);
    }

    fn members_added(&mut self, path: &str, one: &Conversation) {
        for member in &one.members {
            if !self.heard(path).members.contains(member) {
                self.heard(path).members.push(member.clone());
                self.event(
                    path,
                    "conversation.member.added",
                    json!({"member": {"id": member.id, "name": member.name, "address": member.address}}),
                );
            }
        }
    }
}

//! What each command of section 4 comes to.

use interaction_core::cti::{AgentState, Command, Media, SuperviseAction};
use serde_json::Value;

use super::actions::{Action, refusal};
use super::data::{id_in, reason, wanted};
use super::deeds::{of_channel, of_conversation, of_interaction};
use super::objects::{Channel, Group, Info, Place};
use super::pending::{Goal, complete, echo};
use super::step::UNKNOWN;
use super::{Session, must_run};
use crate::model::requests::Asked;
use crate::model::{Fault, Model, text};

/// CHOICE: a session has so many channels at most.
const CHANNELS_MAX: usize = 16;
const GROUP_NAME_BYTES_MAX: usize = 512;
/// What a request comes to.
pub(super) enum Deed {
    /// What is asked for holds already.
    Holds,
    Ask(Command, Goal),
    Add(Option<String>, Vec<(Media, String)>),
    RemoveChannel(String),
    RemoveGroup(String),
    Switch {
        group: String,
        only: Option<String>,
        on: bool,
    },
    Complete(String),
}

pub(super) type Done<T> = Result<T, Fault>;

impl Model {
    /// Everything but the start and the logout.
    pub(super) fn act_on(&mut self, number: u64, asked: &Asked) -> Done<()> {
        let session = &self.sessions[&number];
        must_run(session)?;
        let unsupported = || Fault::new("command.unsupported");
        let action = Action::of(&asked.command).ok_or_else(unsupported)?;
        let place = session.objects.find(&session.resource, asked.target.as_deref(), action.kind)?;
        if action.name == "session.logout" {
            return self.log_out(number, asked);
        }
        let offers = self.platform.known.as_ref().map(|platform| platform.offers).unwrap_or_default();
        let facts = session.objects.facts(self.of_session(session), place);
        if !action.is_offered(&offers) || !action.applies_to(facts.media()) {
            return Err(unsupported());
        }
        // CHOICE: what is wrong with the data is told before what is wrong with the state.
        let deed = self.deed(session, action.name, place, asked)?;
        let refused = refusal(action.name, &facts);
        let holds = matches!(deed, Deed::Holds) && !matches!(refused, Some("cti.unavailable" | "consult.missing"));
        if !holds && let Some(code) = refused {
            return Err(Fault::new(code));
        }
        match deed {
            Deed::Holds => self.succeed(asked, echo(asked)),
            Deed::Ask(command, goal) => self.ask(number, asked, command, goal),
            Deed::Complete(leg) => {
                if let Some(session) = self.sessions.get_mut(&number) {
                    complete(session, &leg);
                }
                self.succeed(asked, echo(asked));
                self.show_changes(number);
            }
            Deed::Add(label, wanted) => {
                self.may_add(session, &wanted)?;
                self.add(number, label, wanted);
                self.succeed(asked, echo(asked));
                self.show_changes(number);
            }
            Deed::RemoveChannel(id) => {
                let channel = session.objects.channels.iter().find(|channel| channel.id == id);
                may_go(channel.ok_or_else(|| Fault::new("target.unknown"))?)?;
                self.succeed(asked, echo(asked));
                self.remove(number, |channel| channel.id == id, None);
            }
            Deed::RemoveGroup(id) => {
                if !session.objects.groups.iter().any(|group| group.id == id) {
                    return Err(Fault::new("target.unknown"));
                }
                let is_own = |channel: &Channel| channel.group.as_ref() == Some(&id);
                session.objects.channels.iter().filter(|channel| is_own(channel)).try_for_each(may_go)?;
                self.succeed(asked, echo(asked));
                self.remove(number, is_own, Some(&id));
            }
            Deed::Switch { group, only, on } => self.switch(number, asked, &group, only.as_deref(), on)?,
        }
        Ok(())
    }

    /// What the session changed by itself may show contacts that had no channel.
    fn show_changes(&mut self, number: u64) {
        let legs = self.calls.of_agent(&self.sessions[&number].agent);
        self.step(number, &legs);
        self.tell_new(number);
        self.tell_changes(number, UNKNOWN);
    }

    fn deed(&self, session: &Session, name: &str, place: Place, asked: &Asked) -> Done<Deed> {
        let objects = &session.objects;
        let agent = &session.agent;
        match place {
            Place::Session => self.of_whole_session(session, name, asked),
            Place::Group(g) => {
                let is_all = name.ends_with("all");
                let only = if is_all { None } else { Some(id_in(asked, "channel")?) };
                let on = name.starts_with("channelgroup.activate");
                Ok(Deed::Switch { group: objects.groups[g].id.clone(), only, on })
            }
            Place::Channel(c) => of_channel(agent, objects, name, &objects.channels[c], asked),
            Place::Interaction(c, i) => {
                let works = self.state_of(agent) == AgentState::Work;
                of_interaction(agent, objects, name, &objects.channels[c].interactions[i], works, asked)
            }
            Place::Conversation(c, i, v) => {
                of_conversation(agent, name, &objects.channels[c].interactions[i].conversations[v], asked)
            }
        }
    }

    fn of_whole_session(&self, session: &Session, name: &str, asked: &Asked) -> Done<Deed> {
        match name {
            "session.addchannel" => {
                let data = asked.data(&[("/channel", text::Kind::Object)])?;
                Ok(Deed::Add(None, vec![wanted(&data["channel"], "data.channel")?]))
            }
            "session.removechannel" => Ok(Deed::RemoveChannel(id_in(asked, "channel")?)),
            "session.removechannelgroup" => Ok(Deed::RemoveGroup(id_in(asked, "channelgroup")?)),
            "session.addchannelgroup" => {
                let data =
                    asked.data(&[("/channelgroup", text::Kind::Object), ("/channelgroup/name", text::Kind::Text)])?;
                let group = &data["channelgroup"];
                if group.is_null() {
                    return Err(Fault::invalid("data.channelgroup"));
                }
                let label = group["name"].as_str().filter(|name| (1..=GROUP_NAME_BYTES_MAX).contains(&name.len()));
                let label = label.ok_or_else(|| Fault::invalid("data.channelgroup.name"))?.to_owned();
                let channels = group["channels"].as_array().cloned().unwrap_or_default();
                if channels.len() > CHANNELS_MAX {
                    return Err(Fault::invalid("data.channelgroup.channels"));
                }
                let one = |(place, channel): (usize, &Value)| {
                    wanted(channel, &format!("data.channelgroup.channels[{place}]"))
                };
                Ok(Deed::Add(Some(label), channels.iter().enumerate().map(one).collect::<Done<_>>()?))
            }
            _ => self.supervise(session, name, asked),
        }
    }

    fn supervise(&self, session: &Session, name: &str, asked: &Asked) -> Done<Deed> {
        let data = asked.data(&[
            ("/agentId", text::Kind::Text),
            ("/callId", text::Kind::Text),
            ("/reason", text::Kind::Object),
            ("/reason/code", text::Kind::Text),
        ])?;
        let agent = text::id(&data["agentId"]).ok_or_else(|| Fault::invalid("data.agentId"))?;
        let named = match &data["callId"] {
            Value::Null => None,
            id => Some(text::id(id).ok_or_else(|| Fault::invalid("data.callId"))?),
        };
        let reason = reason(data)?.map(Into::into);
        let supervisor = &session.agent;
        // That somebody shares no team is no less denied than that nobody is there.
        if agent == supervisor || !self.people.supervises(supervisor, agent) {
            return Err(Fault::new("access.denied"));
        }
        let by = Some(supervisor.as_str().into());
        let verb = name.trim_start_matches("session.supervise.");
        let command = match verb {
            "ready" => Command::SetState { agent: agent.into(), state: AgentState::Ready, reason: None, by },
            "notready" => Command::SetState { agent: agent.into(), state: AgentState::NotReady, reason, by },
            "logout" => Command::Logout { agent: agent.into(), reason, by },
            _ => {
                let calls = match named {
                    None => self.calls.of_agent(agent),
                    Some(call) => {
                        let leg = self.calls.leg(call).filter(|leg| leg.own(agent).is_some());
                        leg.map(|_| self.calls.id_of(call)).into_iter().collect()
                    }
                };
                let call = match calls.as_slice() {
                    [] => return Err(Fault::new("call.unknown")),
                    [call] => call.as_str().into(),
                    _ => return Err(Fault::invalid("data.callId")),
                };
                let action = match verb {
                    "listen" => SuperviseAction::Listen,
                    "coach" => SuperviseAction::Coach,
                    "barge" => SuperviseAction::Barge,
                    _ => SuperviseAction::TakeOver,
                };
                Command::Supervise { supervisor: supervisor.as_str().into(), agent: agent.into(), call, action }
            }
        };
        Ok(Deed::Ask(command, Goal::Unseen))
    }

    /// The address contacts come to: the extension the agent is logged in at.
    pub(super) fn endpoint_of(&self, session: &Session) -> String {
        let extension = session.extension.clone().or_else(|| self.people.extension_of(&session.agent));
        extension.unwrap_or_else(|| session.agent.clone())
    }

    fn offers_media(&self, media: Media) -> bool {
        let offers = self.platform.known.as_ref().map(|platform| platform.offers).unwrap_or_default();
        match media {
            Media::Voice => offers.telephony,
            Media::Chat => offers.chat,
            Media::Email => offers.email,
        }
    }

    /// A session begins with a channel for each medium the platform has.
    pub(super) fn found(&mut self, number: u64) {
        for media in [Media::Voice, Media::Chat, Media::Email] {
            let endpoint = self.endpoint_of(&self.sessions[&number]);
            if self.offers_media(media) && !self.sessions[&number].objects.has_channel(media, &endpoint) {
                self.add(number, None, vec![(media, endpoint)]);
            }
        }
    }

    /// CHOICE: contacts come to the agent's own address and to no other, so a channel has that one.
    fn may_add(&self, session: &Session, wanted: &[(Media, String)]) -> Done<()> {
        let objects = &session.objects;
        if objects.channels.len() + wanted.len() > CHANNELS_MAX || objects.groups.len() >= CHANNELS_MAX {
            return Err(Fault::new("rate.limited"));
        }
        for (place, one) in wanted.iter().enumerate() {
            let (media, endpoint) = one;
            if !self.offers_media(*media) || *endpoint != self.endpoint_of(session) {
                return Err(Fault::new("channel.type.unsupported"));
            }
            if objects.has_channel(*media, endpoint) || wanted[..place].contains(one) {
                return Err(Fault::new("channel.exists"));
            }
        }
        Ok(())
    }

    fn add(&mut self, number: u64, label: Option<String>, wanted: Vec<(Media, String)>) {
        let since = self.now;
        let group = label.map(|label| Group { id: self.name("group"), label, since });
        for (media, endpoint) in wanted {
            let channel = Channel {
                id: self.name("channel"),
                group: group.as_ref().map(|group| group.id.clone()),
                media,
                endpoint,
                is_on: true,
                is_away: false,
                info: Info { is: "NOT_READY", reason: String::new(), pending: None },
                since,
                interactions: Vec::new(),
            };
            if let Some(session) = self.sessions.get_mut(&number) {
                session.objects.channels.push(channel);
            }
        }
        if let Some(session) = self.sessions.get_mut(&number) {
            session.objects.groups.extend(group);
        }
    }

    fn remove(&mut self, number: u64, goes: impl Fn(&Channel) -> bool, group: Option<&str>) {
        let Some(session) = self.sessions.get_mut(&number) else { return };
        let (resource, objects) = (session.resource.clone(), &mut session.objects);
        let mut gone = Vec::new();
        for channel in objects.channels.iter().filter(|channel| goes(channel)) {
            gone.push((objects.path_of(&resource, channel), "channel.disposed"));
        }
        gone.extend(group.map(|group| (format!("{resource}.{group}"), "channelgroup.disposed")));
        objects.channels.retain(|channel| !goes(channel));
        objects.groups.retain(|one| Some(&*one.id) != group);
        self.tell_gone(number, &gone);
    }

    /// The first channel that cannot be switched ends it; those before stay switched.
    fn switch(&mut self, number: u64, asked: &Asked, group: &str, only: Option<&str>, on: bool) -> Done<()> {
        let now = self.now;
        let Some(session) = self.sessions.get_mut(&number) else { return Ok(()) };
        let is_meant = |channel: &&mut Channel| {
            channel.group.as_deref() == Some(group) && only.is_none_or(|only| channel.id == only)
        };
        let mut meant: Vec<&mut Channel> = session.objects.channels.iter_mut().filter(is_meant).collect();
        if only.is_some() {
            match meant.as_slice() {
                [] => return Err(Fault::new("target.unknown")),
                [channel, ..] if !on => may_go(channel)?,
                _ => {}
            }
        }
        let mut fault = None;
        for channel in &mut meant {
            if !on && let Err(busy) = may_go(channel) {
                fault = Some(busy);
                break;
            }
            if channel.is_on != on {
                (channel.is_on, channel.since) = (on, now);
            }
        }
        match fault {
            None => self.succeed(asked, echo(asked)),
            Some(fault) => self.fail(asked, &fault),
        }
        self.show_changes(number);
        Ok(())
    }
}

fn may_go(channel: &Channel) -> Done<()> {
    if channel.interactions.is_empty() { Ok(()) } else { Err(Fault::new("channel.busy")) }
}

//! A session's objects.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::super::limits;
use super::super::read::{self, Happening, Text};
use super::super::sorted::SortedMap;
use super::{Applied, write_list};
use crate::wire::write;

/// A session and everything in it.
#[derive(Debug)]
pub struct Session {
    resource: Box<str>,
    agent: Box<str>,
    initialized: bool,
    /// `session.initialized` told it.
    codes: Option<Box<RawValue>>,
    objects: SortedMap<Box<str>, Object>,
    created: u64,
}

/// One object of a session.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Object {
    /// Names it in commands.
    pub target: Box<str>,
    /// What it is.
    pub kind: ObjectKind,
    /// As its creation told it; none for the session.
    pub object: Option<Box<RawValue>>,
    /// Whether everything about it was told.
    pub initialized: bool,
    /// Its state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<Box<str>>,
    /// Since when, in milliseconds, on the server's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<u64>,
    /// The commands that are allowed now, in the order in which they came to be.
    pub enabled: Vec<Box<str>>,
    /// A channel's: whether it takes contacts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub availability: Option<Box<RawValue>>,
    /// An interaction's: its data, whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Box<RawValue>>,
    /// An interaction's: the conversation in which is spoken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub focus: Option<Box<str>>,
    /// An interaction's that is over and not completed: why, and by whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<Box<RawValue>>,
    /// A conversation's: who is in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members: Option<Vec<Box<RawValue>>>,
    #[serde(skip)]
    order: u64,
}

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the protocol's words")]
pub enum ObjectKind {
    Session,
    ChannelGroup,
    Channel,
    Interaction,
    Conversation,
}

/// The inside of `data` of the events that concern an object.
#[derive(Deserialize)]
struct Told<'a> {
    #[serde(borrow)]
    channelgroup: Option<&'a RawValue>,
    #[serde(borrow)]
    channel: Option<&'a RawValue>,
    #[serde(borrow)]
    interaction: Option<&'a RawValue>,
    #[serde(borrow)]
    conversation: Option<&'a RawValue>,
    #[serde(borrow)]
    member: Option<&'a RawValue>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Id<'a> {
    #[serde(borrow)]
    id: Text<'a>,
}

#[derive(Deserialize)]
struct Info<'a> {
    #[serde(borrow)]
    state: Option<Text<'a>>,
    #[serde(borrow)]
    availability: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Permission<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Codes<'a> {
    #[serde(borrow, default)]
    not_ready_reasons: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    logout_reasons: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    wrap_up_codes: Vec<&'a RawValue>,
}

impl Session {
    pub(in super::super) fn new(resource: &str, agent: &str) -> Self {
        let mut session = Self {
            resource: resource.into(),
            agent: agent.into(),
            initialized: false,
            codes: None,
            objects: SortedMap::new(),
            created: 0,
        };
        session.clear();
        session
    }

    /// Whose it is, as the application named the agent; empty where it was bound without having been prepared here.
    pub fn agent(&self) -> &str {
        &self.agent
    }

    /// Whether everything there is was told.
    pub const fn is_initialized(&self) -> bool {
        self.initialized
    }

    /// Every object, in the order of their creation: the session first.
    pub fn objects(&self) -> Vec<&Object> {
        let mut objects: Vec<&Object> = self.objects.values().collect();
        objects.sort_by_key(|object| object.order);
        objects
    }

    /// One object.
    pub fn object(&self, target: &str) -> Option<&Object> {
        self.objects.get(target)
    }

    /// A new binding: everything is told again.
    pub(in super::super) fn clear(&mut self) {
        self.initialized = false;
        self.codes = None;
        self.objects.clear();
        let resource = self.resource.clone();
        self.put(resource, ObjectKind::Session, None);
        if let Some(session) = self.objects.get_mut(&self.resource) {
            session.state = Some("PREPARED".into());
        }
    }

    pub(in super::super) fn apply(&mut self, event: &Happening<'_>) -> Applied {
        let Some(target) = event.target.as_deref() else { return Applied::Misfit };
        if &*event.name == "state.updated" {
            return self.state(target, event).map_or(Applied::Misfit, |()| Applied::Changed);
        }
        let Some((kind, what)) = event.name.split_once('.') else { return Applied::Unknown };
        let (Some(kind), Some(data)) = (ObjectKind::of(kind), event.data) else { return Applied::Unknown };
        let applied = match what {
            "created" => {
                if self.objects.len() >= limits::OBJECTS_MAX {
                    return Applied::TooLarge;
                }
                self.create(target, kind, data)
            }
            "disposed" => self.dispose(target),
            "initialized" => self.finish(target, kind, data),
            _ => match self.objects.get_mut(target) {
                None => None,
                Some(object) => match object.change(what, data) {
                    Some(done) => done,
                    None => return Applied::Unknown,
                },
            },
        };
        applied.map_or(Applied::Misfit, |()| Applied::Changed)
    }

    pub(in super::super) fn write(&self, out: &mut Vec<u8>) {
        write::text_property(out, "resourceId", &self.resource);
        out.push(b',');
        write::text_property(out, "agentId", &self.agent);
        out.extend_from_slice(if self.initialized { b",\"initialized\":true" } else { b",\"initialized\":false" });
        let codes: Option<Codes<'_>> = self.codes.as_ref().and_then(|codes| read::object(codes.get()));
        let Codes { not_ready_reasons, logout_reasons, wrap_up_codes } = codes.unwrap_or(Codes {
            not_ready_reasons: Vec::new(),
            logout_reasons: Vec::new(),
            wrap_up_codes: Vec::new(),
        });
        let lists =
            [("notReadyReasons", not_ready_reasons), ("logoutReasons", logout_reasons), ("wrapUpCodes", wrap_up_codes)];
        for (name, list) in lists {
            out.push(b',');
            write_list(out, name, list.into_iter());
        }
        out.extend_from_slice(b",\"objects\":");
        // Nothing of it can fail to be written.
        out.extend_from_slice(serde_json::to_string(&self.objects()).unwrap_or_default().as_bytes());
    }

    fn create(&mut self, parent: &str, kind: ObjectKind, data: &RawValue) -> Option<()> {
        self.objects.get(parent)?;
        let told: Told<'_> = read::object(data.get())?;
        let object = match kind {
            ObjectKind::Session => None,
            ObjectKind::ChannelGroup => told.channelgroup,
            ObjectKind::Channel => told.channel,
            ObjectKind::Interaction => told.interaction,
            ObjectKind::Conversation => told.conversation,
        }?;
        let Id { id } = read::object(object.get())?;
        self.put(format!("{parent}.{}", &*id).into(), kind, Some(object.to_owned()));
        Some(())
    }

    fn put(&mut self, target: Box<str>, kind: ObjectKind, object: Option<Box<RawValue>>) {
        self.created += 1;
        let object = Object {
            target: target.clone(),
            kind,
            object,
            initialized: false,
            state: None,
            since: None,
            enabled: Vec::new(),
            availability: None,
            data: None,
            focus: None,
            ended: None,
            members: (kind == ObjectKind::Conversation).then(Vec::new),
            order: self.created,
        };
        self.objects.insert(target, object);
    }

    fn dispose(&mut self, target: &str) -> Option<()> {
        self.objects.remove(target)?;
        let is_below = |path: &str| path.strip_prefix(target).is_some_and(|rest| rest.starts_with('.'));
        self.objects.retain(|path, _| !is_below(path));
        Some(())
    }

    fn finish(&mut self, target: &str, kind: ObjectKind, data: &RawValue) -> Option<()> {
        self.objects.get_mut(target)?.initialized = true;
        if kind == ObjectKind::Session {
            self.initialized = true;
            self.codes = Some(data.to_owned());
        }
        Some(())
    }

    fn state(&mut self, target: &str, event: &Happening<'_>) -> Option<()> {
        let object = self.objects.get_mut(target)?;
        let permissions: Vec<Permission<'_>> = serde_json::from_str(event.data?.get()).ok()?;
        for Permission { name, kind } in permissions {
            let at = object.enabled.iter().position(|enabled| **enabled == *name);
            match (&*kind, at) {
                ("enable", None) => object.enabled.push((*name).into()),
                ("disable", Some(at)) => drop(object.enabled.remove(at)),
                _ => {}
            }
        }
        object.state = event.state.as_deref().map(Into::into);
        object.since = event.since;
        Some(())
    }
}

impl Object {
    /// Takes an event that is about this object alone; the outer `None` where it is none that is known.
    fn change(&mut self, what: &str, data: &RawValue) -> Option<Option<()>> {
        let told: Option<Told<'_>> = read::object(data.get());
        Some(match what {
            "infochanged" => told.and_then(|told| read::part(told.channel)).map(|Info { state, availability }| {
                self.state = state.as_deref().map(Into::into).or(self.state.take());
                self.availability = availability.map(ToOwned::to_owned);
            }),
            "datachanged" | "preview" => told.and_then(|told| told.data).map(|data| self.data = Some(data.to_owned())),
            "focuschanged" => told.map(|told| {
                self.focus = read::part(told.conversation).map(|Id { id }| (*id).into());
            }),
            "ended" => {
                self.ended = Some(data.to_owned());
                Some(())
            }
            "member.added" => told.and_then(|told| told.member).and_then(|member| {
                let Id { id } = read::object(member.get())?;
                let members = self.members.as_mut()?;
                members.retain(|member| !is(member, &id));
                // Nobody can be in more than a platform's largest conference.
                (members.len() < limits::OBJECTS_MAX).then(|| members.push(member.to_owned()))
            }),
            "member.removed" => told.and_then(|told| read::part(told.member)).and_then(|Id { id }| {
                let members = self.members.as_mut()?;
                let before = members.len();
                members.retain(|member| !is(member, &id));
                (members.len() < before).then_some(())
            }),
            _ => return None,
        })
    }
}

impl ObjectKind {
    fn of(word: &str) -> Option<Self> {
        match word {
            "session" => Some(Self::Session),
            "channelgroup" => Some(Self::ChannelGroup),
            "channel" => Some(Self::Channel),
            "interaction" => Some(Self::Interaction),
            "conversation" => Some(Self::Conversation),
            _ => None,
        }
    }
}

fn is(member: &RawValue, id: &str) -> bool {
    read::object::<Id<'_>>(member.get()).is_some_and(|member| *member.id == *id)
}

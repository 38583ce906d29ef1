//! Requests that wait to be sent or to be answered, and the application's calls.

use super::output::MirrorKind;
use super::sorted::SortedMap;
use crate::secret::Secret;
use crate::time::Time;
use crate::wire::write;

/// Names a mirror: its kind, and the session's resource, the agent or the call.
pub(super) type Key = (MirrorKind, Box<str>);

/// A request of this link.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) owner: Owner,
    pub(super) to: Recipient,
    pub(super) command: Box<str>,
    pub(super) target: Option<Box<str>>,
    /// A JSON object. It may hold a password.
    pub(super) data: Option<Secret>,
    /// Whether it was sent on this link, by this socket or one before it.
    pub(super) is_sent: bool,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// The application, by its own number.
    App(u64),
    /// A subscription.
    Begin(Key),
    /// The desk: what services there are; whether it was sent after the service was bound.
    Services { is_bound: bool },
    /// The desk: the service's binding.
    BindService,
    /// The desk: a resource's binding.
    BindResource,
    /// The desk: a new token.
    Authenticate,
    /// The desk: a subscription nobody wants any more.
    End,
}

/// Who is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Recipient {
    /// The link itself: `authenticate`.
    Link,
    /// The network core, about services of a type.
    Services(Option<Box<str>>),
    /// The network core, about the service.
    Binding,
    /// The network core, about a resource.
    ResourceBinding(Box<str>),
    Service,
    Reports,
    Resource(Box<str>),
}

/// The requests, by their numbers.
#[derive(Debug, Default)]
pub(super) struct Table {
    last: u64,
    all: SortedMap<u64, Pending>,
    unsent: SortedMap<u64, ()>,
    /// When to give up the answer to a request of the desk's own.
    deadlines: SortedMap<(Time, u64), ()>,
}

impl Table {
    /// Takes a request that is to be sent.
    pub(super) fn insert(&mut self, pending: Pending) -> u64 {
        self.last += 1;
        self.all.insert(self.last, pending);
        self.unsent.insert(self.last, ());
        self.last
    }

    pub(super) fn get(&self, id: u64) -> Option<&Pending> {
        self.all.get(&id)
    }

    pub(super) fn remove(&mut self, id: u64) -> Option<Pending> {
        self.unsent.remove(&id);
        self.deadlines.retain(|(_, of), ()| *of != id);
        self.all.remove(&id)
    }

    /// It was sent, and is to be answered until then; none where the application has a deadline of its own.
    pub(super) fn sent(&mut self, id: u64, deadline: Option<Time>) {
        if let Some(pending) = self.all.get_mut(&id) {
            pending.is_sent = true;
            self.unsent.remove(&id);
            if let Some(at) = deadline {
                self.deadlines.insert((at, id), ());
            }
        }
    }

    /// Those that were sent are to be sent again; how many they are.
    pub(super) fn send_again(&mut self) -> u32 {
        self.deadlines.clear();
        let before = self.unsent.len();
        for (id, _) in self.all.iter().filter(|(_, pending)| pending.is_sent) {
            self.unsent.insert(*id, ());
        }
        u32::try_from(self.unsent.len() - before).unwrap_or(u32::MAX)
    }

    /// A fresh link knows nothing of it.
    pub(super) fn forget_sending(&mut self, id: u64) {
        if let Some(pending) = self.all.get_mut(&id) {
            pending.is_sent = false;
            self.unsent.insert(id, ());
        }
    }

    /// The first to be sent after that one.
    pub(super) fn next_unsent(&self, after: u64) -> Option<u64> {
        self.unsent.after(&after).map(|(id, ())| *id)
    }

    pub(super) fn has_unsent(&self) -> bool {
        self.unsent.len() > 0
    }

    pub(super) fn in_flight(&self) -> usize {
        self.all.len() - self.unsent.len()
    }

    pub(super) fn next_deadline(&self) -> Option<Time> {
        self.deadlines.first().map(|(at, _)| *at)
    }

    /// One whose deadline is past.
    pub(super) fn expired(&self, now: Time) -> Option<u64> {
        self.deadlines.first().filter(|(at, _)| *at <= now).map(|(_, id)| *id)
    }

    /// The numbers of all, oldest first.
    pub(super) fn ids(&self) -> Vec<u64> {
        self.all.keys().copied().collect()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, &Pending)> {
        self.all.iter().map(|(id, pending)| (*id, pending))
    }

    /// The number of the last one.
    pub(super) const fn last(&self) -> u64 {
        self.last
    }

    pub(super) fn clear(&mut self) {
        self.all.clear();
        self.unsent.clear();
        self.deadlines.clear();
    }
}

impl Pending {
    /// A request of the desk's own.
    pub(super) fn own(owner: Owner, to: Recipient, command: &str) -> Self {
        Self { owner, to, command: command.into(), target: None, data: None, is_sent: false }
    }

    /// Whether it changes nothing that a fresh link would not want again.
    pub(super) fn is_repeatable(&self) -> bool {
        match self.to {
            Recipient::Services(_) | Recipient::Binding | Recipient::ResourceBinding(_) | Recipient::Reports => true,
            Recipient::Service => &*self.command == "getCapabilities",
            Recipient::Link | Recipient::Resource(_) => false,
        }
    }

    /// The class of its answer's message, without `Response` or `Error`.
    pub(super) const fn class(&self) -> &'static str {
        match self.to {
            Recipient::Link | Recipient::Services(_) | Recipient::Binding | Recipient::ResourceBinding(_) => "core",
            Recipient::Service => "service",
            Recipient::Reports | Recipient::Resource(_) => "resource",
        }
    }

    /// The message, to the service of that id; `reports` is the report resource's.
    pub(super) fn compose(&self, id: u64, service: &str, reports: &str) -> Box<str> {
        let mut out = Vec::with_capacity(160 + self.data.as_ref().map_or(0, |data| data.expose().len()));
        let (class, resource) = match &self.to {
            Recipient::Link => ("authenticate", None),
            Recipient::Services(_) | Recipient::Binding => ("coreRequest", None),
            Recipient::ResourceBinding(resource) => ("coreRequest", Some(&**resource)),
            Recipient::Service => ("serviceRequest", None),
            Recipient::Reports => ("resourceRequest", Some(reports)),
            Recipient::Resource(resource) => ("resourceRequest", Some(&**resource)),
        };
        out.push(b'{');
        write::text_property(&mut out, "messageType", class);
        out.extend_from_slice(b",\"requestId\":\"");
        write::number(&mut out, id);
        out.push(b'"');
        if let Recipient::Link = self.to {
            property(&mut out, "token", self.data.as_ref().map_or("", Secret::expose));
        } else if let Recipient::Services(kind) = &self.to {
            property(&mut out, "command", &self.command);
            if let Some(kind) = kind {
                property(&mut out, "serviceType", kind);
            }
        } else {
            if self.class() == "core" {
                property(&mut out, "command", &self.command);
            }
            property(&mut out, "serviceId", service);
            if let Some(resource) = resource {
                property(&mut out, "resourceId", resource);
            }
            if self.class() != "core" {
                self.body(&mut out);
            }
        }
        out.push(b'}');
        // INVARIANT: every part is text, and so is what it is joined by.
        String::from_utf8(out).expect("messages are UTF-8").into()
    }

    fn body(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b",\"request\":{");
        write::text_property(out, "command", &self.command);
        if let Some(target) = &self.target {
            property(out, "target", target);
        }
        if let Some(data) = &self.data {
            out.extend_from_slice(b",\"data\":");
            out.extend_from_slice(data.expose().as_bytes());
        }
        out.push(b'}');
    }
}

/// Appends `,"name":"value"`.
pub(super) fn property(out: &mut Vec<u8>, name: &str, value: &str) {
    out.push(b',');
    write::text_property(out, name, value);
}

/// What the application waits for: each call until it is answered, exactly once.
#[derive(Debug, Default)]
pub(super) struct Calls {
    all: SortedMap<u64, (Time, Place)>,
    deadlines: SortedMap<(Time, u64), ()>,
}

/// What a call waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The answer to this request.
    Request(u64),
    /// A mirror's first snapshot.
    Mirror(Key),
}

impl Calls {
    pub(super) fn insert(&mut self, call: u64, deadline: Time, place: Place) {
        self.all.insert(call, (deadline, place));
        self.deadlines.insert((deadline, call), ());
    }

    /// Takes a call that is answered now. `None` where it was answered before.
    pub(super) fn take(&mut self, call: u64) -> Option<Place> {
        let (deadline, place) = self.all.remove(&call)?;
        self.deadlines.remove(&(deadline, call));
        Some(place)
    }

    pub(super) fn contains(&self, call: u64) -> bool {
        self.all.contains_key(&call)
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn next_deadline(&self) -> Option<Time> {
        self.deadlines.first().map(|(at, _)| *at)
    }

    /// One whose deadline is past.
    pub(super) fn expired(&self, now: Time) -> Option<u64> {
        self.deadlines.first().filter(|(at, _)| *at <= now).map(|(_, call)| *call)
    }

    /// Those that wait for that.
    pub(super) fn at(&self, place: &Place) -> Vec<u64> {
        self.all.iter().filter(|(_, (_, at))| at == place).map(|(call, _)| *call).collect()
    }

    /// The numbers of all.
    pub(super) fn ids(&self) -> Vec<u64> {
        self.all.keys().copied().collect()
    }

    /// What a call waits for.
    pub(super) fn place(&self, call: u64) -> Option<&Place> {
        self.all.get(&call).map(|(_, place)| place)
    }

    /// The deadline of a call.
    pub(super) fn deadline(&self, call: u64) -> Option<Time> {
        self.all.get(&call).map(|(deadline, _)| *deadline)
    }

    /// This machine slept: nobody could have answered meanwhile.
    pub(super) fn postpone(&mut self, by: std::time::Duration) {
        self.deadlines.clear();
        for (call, (deadline, _)) in self.all.iter_mut() {
            *deadline = *deadline + by;
            self.deadlines.insert((*deadline, *call), ());
        }
    }
}

//! What every part of the engine may touch while it handles an input, and the few ways to speak to a client.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::counters::Counters;
use crate::cti::RequestNo;
use crate::failure::Failure;
use crate::ids::{AgentId, LinkId, SecretRef};
use crate::link::Links;
use crate::outbox::Outbox;
use crate::output::Splice;
use crate::time::Time;
use crate::timers::Timers;
use crate::wire::write::{self, Class, Echo};

/// One turn of the engine.
pub(crate) struct Turn<'a> {
    pub(crate) now: Time,
    pub(crate) config: &'a Config,
    pub(crate) outbox: &'a mut Outbox,
    pub(crate) links: &'a mut Links,
    pub(crate) timers: &'a mut Timers,
    pub(crate) ids: &'a mut Ids,
    pub(crate) counters: &'a mut Counters,
    /// Secrets of the present frame that nobody has taken over yet: forgotten when the turn ends.
    pub(crate) secrets: Vec<SecretRef>,
    /// Links whose sessions ended: what they watch by those sessions' rights ends with the turn.
    pub(crate) bereft: Vec<LinkId>,
    /// Agents whose claims may be given back when the turn ends, unless something of this instance lives by them then.
    pub(crate) vacated: Vec<AgentId>,
}

/// Numbers and names that never repeat.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Ids {
    /// Drawn from the seed: makes names differ from those of an earlier run.
    run: Box<str>,
    next: u64,
}

impl Ids {
    pub(crate) fn new(seed: u64, now: Time) -> Self {
        // A bijective mix, so that neighbouring seeds and moments give unlike names.
        let mut mixed = seed ^ now.as_micros().rotate_left(32);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        Self { run: base32(mixed & 0xff_ffff_ffff).into(), next: 0 }
    }

    /// The next number.
    pub(crate) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    pub(crate) fn request(&mut self) -> RequestNo {
        RequestNo(self.number())
    }

    /// The next name of a kind: `[A-Za-z0-9_-]{1,64}`.
    pub(crate) fn name(&mut self, kind: &str) -> Box<str> {
        let number = self.number();
        format!("{kind}-{}-{}", self.run, base32(number)).into()
    }

    /// Whether a name may be one of those that [`Ids::name`] makes in this run.
    pub(crate) fn made(&self, name: &str) -> bool {
        let Some((kind, rest)) = name.split_once('-') else { return false };
        let number = rest.strip_prefix(&*self.run).and_then(|rest| rest.strip_prefix('-'));
        kind.len() == 1
            && kind.bytes().all(|byte| byte.is_ascii_lowercase())
            && number.is_some_and(|number| {
                !number.is_empty() && number.len() <= 13 && number.bytes().all(|byte| BASE32.contains(&byte))
            })
    }
}

const BASE32: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

fn base32(mut value: u64) -> String {
    let mut digits = Vec::new();
    while value > 0 || digits.is_empty() {
        digits.push(BASE32[(value % 32) as usize]);
        value /= 32;
    }
    digits.iter().rev().map(|digit| char::from(*digit)).collect()
}

/// Whom an answer goes to, and what it answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Reply {
    pub(crate) link: LinkId,
    pub(crate) request: Arc<str>,
    pub(crate) route: Route,
}

/// Which part of the protocol was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Route {
    Core,
    Service,
    Resource(Arc<str>),
    /// A service or resource request that names no service of ours, or no resource: its error repeats what it names.
    Astray {
        class: Class,
        service: Option<Arc<str>>,
        resource: Option<Arc<str>>,
    },
}

/// A request on its way through the engine: whom to answer, what was asked, and the echo a failure carries. Its texts are
/// shared, as what waits for somebody keeps them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub(crate) reply: Reply,
    pub(crate) command: Arc<str>,
    /// The path of a session request.
    pub(crate) target: Option<Arc<str>>,
    pub(crate) original: Echo,
}

impl Asked {
    /// What is kept of a request that waits for somebody and holds none of its secrets: they are forgotten by the time it
    /// is answered, so the echo keeps their stand-ins.
    pub(crate) fn without_secrets(&self) -> Self {
        Self { original: self.original.without_secrets(), ..self.clone() }
    }
}

impl Turn<'_> {
    /// Sends a response whose body's inside is written by `write_body`.
    pub(crate) fn respond(&mut self, reply: &Reply, write_body: impl FnOnce(&mut Vec<u8>, &mut Vec<Splice>)) {
        let mut tail = self.outbox.take_scratch();
        let mut splices = Vec::new();
        tail.push(b',');
        write::text_property(&mut tail, "requestId", &reply.request);
        let class = match &reply.route {
            Route::Core => {
                tail.push(b',');
                write_body(&mut tail, &mut splices);
                Class::CoreResponse
            }
            Route::Service => {
                self.service_id(&mut tail);
                tail.extend_from_slice(b",\"response\":{");
                write_body(&mut tail, &mut splices);
                tail.push(b'}');
                Class::ServiceResponse
            }
            Route::Resource(resource) => {
                self.service_id(&mut tail);
                tail.push(b',');
                write::text_property(&mut tail, "resourceId", resource);
                tail.extend_from_slice(b",\"response\":{");
                write_body(&mut tail, &mut splices);
                tail.push(b'}');
                Class::ResourceResponse
            }
            // INVARIANT: what goes astray is answered by an error.
            Route::Astray { .. } => unreachable!("a response to what reached nobody"),
        };
        tail.push(b'}');
        if !self.config.echo_password {
            splices.clear();
        }
        let tail = self.outbox.share(tail);
        self.links.answer(self.outbox, reply.link, &reply.request, class, tail, &splices);
    }

    /// Answers with success; `write_data` writes the value of `data`.
    pub(crate) fn succeed(&mut self, asked: &Asked, write_data: Option<&[u8]>) {
        self.counters.answered += 1;
        self.respond(&asked.reply, |out, _| {
            write::text_property(out, "command", &asked.command);
            target(out, asked.target.as_deref());
            out.extend_from_slice(b",\"result\":\"success\"");
            if let Some(data) = write_data {
                out.extend_from_slice(b",\"data\":");
                out.extend_from_slice(data);
            }
        });
    }

    /// Answers a service or resource request with a failure, echoing it; a core request with an error.
    pub(crate) fn fail(&mut self, asked: &Asked, failure: &Failure) {
        if asked.reply.route == Route::Core {
            return self.error(&asked.reply, failure);
        }
        self.counters.failed(failure.code);
        let context = self.context(failure);
        self.respond(&asked.reply, |out, splices| {
            write::text_property(out, "command", &asked.command);
            target(out, asked.target.as_deref());
            out.extend_from_slice(b",\"result\":\"failure\",\"failure\":");
            write::failure(out, failure, &context);
            out.extend_from_slice(b",\"original\":");
            asked.original.write(out, splices);
        });
    }

    /// Answers with an error: what cannot be routed, or is over a limit.
    pub(crate) fn error(&mut self, reply: &Reply, failure: &Failure) {
        self.counters.failed(failure.code);
        let (class, tail) = self.error_tail(Some(reply), failure);
        self.links.answer(self.outbox, reply.link, &reply.request, class, tail, &[]);
    }

    /// Turns a request away that was not begun: the client may send it again under the same id.
    pub(crate) fn turn_away(&mut self, reply: &Reply, failure: &Failure) {
        self.counters.failed(failure.code);
        let (class, tail) = self.error_tail(Some(reply), failure);
        self.links.tell(self.outbox, reply.link, class, tail);
    }

    /// Tells an error that answers no request.
    pub(crate) fn complain(&mut self, link: LinkId, failure: &Failure) {
        self.counters.failed(failure.code);
        let (class, tail) = self.error_tail(None, failure);
        self.links.tell(self.outbox, link, class, tail);
    }

    /// Sends a core event; `write_data` writes the value of `data`.
    pub(crate) fn core_event(&mut self, link: LinkId, name: &str, write_data: impl FnOnce(&mut Vec<u8>)) {
        let tail = core_event_tail(name, write_data);
        self.links.tell(self.outbox, link, Class::CoreEvent, tail);
    }

    /// Sends an event of a session's objects; `write_event` writes the whole `event` object.
    pub(crate) fn resource_event(&mut self, link: LinkId, resource: &str, write_event: impl FnOnce(&mut Vec<u8>)) {
        let mut tail = self.outbox.take_scratch();
        self.service_id(&mut tail);
        tail.push(b',');
        write::text_property(&mut tail, "resourceId", resource);
        tail.extend_from_slice(b",\"event\":");
        write_event(&mut tail);
        tail.push(b'}');
        let tail = self.outbox.share(tail);
        self.links.tell(self.outbox, link, Class::ResourceEvent, tail);
    }

    /// What `context` says of a failure: nothing, unless debugging is on.
    pub(crate) fn context(&self, failure: &Failure) -> String {
        if self.config.debug {
            format!("{:?} at {:?} on {}", failure.code, self.now, self.config.instance)
        } else {
            String::new()
        }
    }

    /// Takes over secrets of the present frame, so that they outlive the turn.
    pub(crate) fn keep_secrets(&mut self) -> Vec<SecretRef> {
        std::mem::take(&mut self.secrets)
    }

    fn error_tail(&self, reply: Option<&Reply>, failure: &Failure) -> (Class, Arc<[u8]>) {
        let mut tail = Vec::with_capacity(256);
        let mut class = Class::CoreError;
        if let Some(reply) = reply {
            tail.push(b',');
            write::text_property(&mut tail, "requestId", &reply.request);
            match &reply.route {
                Route::Core => {}
                Route::Service => {
                    self.service_id(&mut tail);
                    class = Class::ServiceError;
                }
                Route::Resource(resource) => {
                    self.service_id(&mut tail);
                    tail.push(b',');
                    write::text_property(&mut tail, "resourceId", resource);
                    class = Class::ResourceError;
                }
                Route::Astray { class: own, service, resource } => {
                    for (name, id) in [("serviceId", service), ("resourceId", resource)] {
                        if let Some(id) = id {
                            tail.push(b',');
                            write::text_property(&mut tail, name, id);
                        }
                    }
                    class = *own;
                }
            }
        }
        tail.extend_from_slice(b",\"failure\":");
        write::failure(&mut tail, failure, &self.context(failure));
        tail.push(b'}');
        (class, tail.into())
    }

    fn service_id(&self, out: &mut Vec<u8>) {
        out.push(b',');
        write::text_property(out, "serviceId", &self.config.service_id);
    }
}

/// The tail of a core event.
pub(crate) fn core_event_tail(name: &str, write_data: impl FnOnce(&mut Vec<u8>)) -> Arc<[u8]> {
    let mut tail = Vec::with_capacity(128);
    tail.extend_from_slice(b",\"event\":{");
    write::text_property(&mut tail, "name", name);
    tail.extend_from_slice(b",\"data\":");
    write_data(&mut tail);
    tail.extend_from_slice(b"}}");
    tail.into()
}

fn target(out: &mut Vec<u8>, target: Option<&str>) {
    if let Some(target) = target {
        out.push(b',');
        write::text_property(out, "target", target);
    }
}

//! Taking what is about people out of a journal: names, numbers, ids, addresses, call data and every other text that somebody
//! chose, each replaced by one of the same form, the same one wherever it stands.
//!
//! What replaces a text has its length, its digits where digits stood, its letters where letters stood, and its other signs:
//! `Anna Smith` becomes `Aaaa Aaaab`, `+15550100` something like `+11111113`. So what depends on a text's form goes on to do so,
//! and texts that were equal stay equal. Among texts of one form the order stays, too.
//!
//! What stays: times, kinds, states, flags, the engine's own ids, and the words of the protocol. Whatever a client put into a
//! message that is none of these is replaced, names of properties included.
//!
//! It takes two passes over the inputs: [`Redactor::learn`] for each, [`Redactor::settle`], then [`Redactor::input`] for each.
//! What came of the inputs is not redacted but made anew, by feeding what was redacted to an engine.

mod frame;
mod platform;
#[cfg(test)]
mod tests;
mod words;

use std::fmt;

use super::{Begins, Header};
use crate::config::Config;
use crate::ids::AgentId;
use crate::input::{ClaimAnswer, Claims, Frame, FreshKey, Input, RecentCall, Recipient, StoreAnswer};
use crate::report::journey::{JourneyRecord, Step};
use words::Words;

/// Replaces what is about people.
#[derive(Debug)]
pub struct Redactor {
    words: Words,
}

/// Which ids stay as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ids {
    /// None but the engine's own.
    Replaced,
    /// Those of agents, teams, queues and calls.
    Kept,
}

/// Why a journal cannot be redacted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CannotRedact {
    /// It begins with a snapshot, which holds everything that happened before.
    Snapshot,
}

impl fmt::Display for CannotRedact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Snapshot => f.write_str(
                "it begins with a snapshot, which holds what was before it. Redact the recording it was cut from: cutting and \
                 redacting go together",
            ),
        }
    }
}

impl std::error::Error for CannotRedact {}

impl Redactor {
    /// A redactor for the journal with this header.
    ///
    /// # Errors
    /// The journal begins with a snapshot.
    pub fn new(header: &Header, ids: Ids) -> Result<Self, CannotRedact> {
        match header.begins {
            Begins::New => {}
            Begins::Snapshot => return Err(CannotRedact::Snapshot),
        }
        let mut words = Words::new(header, ids);
        config(&mut words, &header.config);
        Ok(Self { words })
    }

    /// Learns the texts of an input.
    pub fn learn(&mut self, input: &Input<'_>) {
        self::input(&mut self.words, input);
    }

    /// All inputs are learnt: what replaces what is settled.
    pub fn settle(&mut self) {
        self.words.settle();
    }

    /// The header of the redacted journal.
    pub fn header(&mut self, header: &Header) -> Header {
        Header { config: config(&mut self.words, &header.config), redacted: true, ..header.clone() }
    }

    /// An input, redacted.
    pub fn input(&mut self, input: &Input<'_>) -> Input<'static> {
        self::input(&mut self.words, input)
    }

    /// How many different texts are replaced.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether nothing is replaced.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

fn config(words: &mut Words, config: &Config) -> Config {
    let Config {
        instance,
        domain,
        vendor,
        version,
        service_id,
        service_name,
        service_type,
        reports_id,
        models,
        guarantee,
        instances,
        echo_password,
        debug,
        disconnect,
        directory,
        day_starts_min,
        limits,
    } = config;
    Config {
        instance: words.setting(instance),
        domain: words.setting(domain),
        vendor: words.setting(vendor),
        version: version.clone(),
        service_id: words.setting(service_id),
        service_name: words.setting(service_name),
        service_type: words.setting(service_type),
        reports_id: words.setting(reports_id),
        models: models.iter().map(|model| words.setting(model)).collect(),
        guarantee: *guarantee,
        instances: instances.iter().map(|instance| words.text(instance)).collect(),
        echo_password: *echo_password,
        debug: *debug,
        disconnect: *disconnect,
        directory: *directory,
        day_starts_min: *day_starts_min,
        limits: limits.clone(),
    }
}

fn input(words: &mut Words, input: &Input<'_>) -> Input<'static> {
    match input {
        Input::Tick => Input::Tick,
        Input::Stalled { for_us } => Input::Stalled { for_us: *for_us },
        Input::SocketOpened { socket, peer, access, key } => Input::SocketOpened {
            socket: *socket,
            peer: words.peer(peer).into(),
            access: *access,
            key: fresh_key(words, *key),
        },
        Input::Frame { socket, frame } => Input::Frame { socket: *socket, frame: self::frame(words, frame) },
        Input::Alive { socket } => Input::Alive { socket: *socket },
        Input::Backlog { socket, bytes } => Input::Backlog { socket: *socket, bytes: *bytes },
        Input::SocketClosed { socket, why } => Input::SocketClosed { socket: *socket, why: *why },
        Input::Cti(event) => Input::Cti(platform::event(words, event)),
        Input::Claimed { claim, answer } => Input::Claimed { claim: *claim, answer: claim_answer(words, answer) },
        Input::Loaded { query, answer } => Input::Loaded { query: *query, answer: store_answer(words, answer) },
        Input::ShutDown { grace_ms } => Input::ShutDown { grace_ms: *grace_ms },
        Input::Posted { socket, peer, access, to, frame } => Input::Posted {
            socket: *socket,
            peer: words.peer(peer).into(),
            access: *access,
            to: match to {
                Recipient::Fresh(key) => Recipient::Fresh(fresh_key(words, *key)),
                Recipient::Link(key) => Recipient::Link(words.hash(*key)),
            },
            frame: self::frame(words, frame),
        },
        Input::Attached { socket, key, after, carrier } => {
            Input::Attached { socket: *socket, key: words.hash(*key), after: *after, carrier: *carrier }
        }
        Input::TokenChanged { token, claims } => {
            Input::TokenChanged { token: words.hash(*token), claims: self::claims(words, claims) }
        }
    }
}

fn fresh_key(words: &mut Words, key: FreshKey) -> FreshKey {
    FreshKey { secret: key.secret, hash: words.hash(key.hash) }
}

fn frame(words: &mut Words, frame: &Frame<'_>) -> Frame<'static> {
    match frame {
        Frame::Text { text, secrets, claims } => {
            let (text, secrets) = frame::redact(words, text, secrets);
            let claims = claims.as_ref().map(|claims| self::claims(words, claims));
            Frame::Text { text: text.into(), secrets: secrets.into(), claims }
        }
        Frame::Malformed { kind, bytes } => Frame::Malformed { kind: *kind, bytes: *bytes },
        Frame::TooLarge { bytes } => Frame::TooLarge { bytes: *bytes },
    }
}

fn claims(words: &mut Words, claims: &Claims) -> Claims {
    match claims {
        Claims::Good { subject, scopes, expires } => {
            Claims::Good { subject: words.text(subject), scopes: *scopes, expires: *expires }
        }
        Claims::Bad => Claims::Bad,
        Claims::Known { token, subject, scopes, expires } => Claims::Known {
            token: words.hash(*token),
            subject: words.text(subject),
            scopes: *scopes,
            expires: *expires,
        },
    }
}

fn claim_answer(words: &mut Words, answer: &ClaimAnswer) -> ClaimAnswer {
    match answer {
        ClaimAnswer::Won => ClaimAnswer::Won,
        ClaimAnswer::Held { instance, client, since, calls } => ClaimAnswer::Held {
            instance: words.text(instance),
            client: words.text(client),
            since: *since,
            calls: *calls,
        },
        ClaimAnswer::Lost { agent, client } => {
            ClaimAnswer::Lost { agent: words.agent(agent), client: words.text(client) }
        }
        ClaimAnswer::Unavailable => ClaimAnswer::Unavailable,
    }
}

fn store_answer(words: &mut Words, answer: &StoreAnswer) -> StoreAnswer {
    match answer {
        StoreAnswer::Journey(journey) => StoreAnswer::Journey(journey.as_ref().map(|it| self::journey(words, it))),
        StoreAnswer::Recent(calls) => StoreAnswer::Recent(calls.iter().map(|call| recent(words, call)).collect()),
        StoreAnswer::Unavailable => StoreAnswer::Unavailable,
        StoreAnswer::NoHistory => StoreAnswer::NoHistory,
    }
}

fn recent(words: &mut Words, call: &RecentCall) -> RecentCall {
    let RecentCall { call, started, ended, from, to, partial } = call;
    RecentCall {
        call: words.call(call),
        started: *started,
        ended: *ended,
        from: words.text(from),
        to: words.text(to),
        partial: *partial,
    }
}

fn journey(words: &mut Words, journey: &JourneyRecord) -> JourneyRecord {
    let JourneyRecord { legs, from, to, numbers, started, ended, cause, agents, steps, truncated, running } = journey;
    JourneyRecord {
        legs: legs.iter().map(|leg| words.call(leg)).collect(),
        from: words.text(from),
        to: words.text(to),
        numbers: numbers.iter().map(|number| words.text(number)).collect(),
        started: *started,
        ended: *ended,
        cause: *cause,
        agents: agents.iter().map(|agent: &AgentId| words.agent(agent)).collect(),
        steps: steps.iter().map(|step| self::step(words, step)).collect(),
        truncated: *truncated,
        running: *running,
    }
}

fn step(words: &mut Words, step: &Step) -> Step {
    let Step { call, device, kind, description, started, ended, partial } = step;
    Step {
        call: words.call(call),
        device: words.text(device),
        kind: *kind,
        description: words.text(description),
        started: *started,
        ended: *ended,
        partial: *partial,
    }
}

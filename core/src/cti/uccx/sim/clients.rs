//! Who is connected, what each hears, and how what is said reaches them: at once, slowly, or not at all.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use super::config::{CLIENTS_MAX, HELD_BYTES_MAX, OPEN_WITHIN, TRICKLE};
use super::{ClientId, SimOutput};
use crate::cti::uccx::codec::names::services;
use crate::cti::uccx::codec::{Framer, HEADER_BYTES, Message, Widths};
use crate::ids::AgentId;
use crate::time::Time;

/// A client.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) node: usize,
    pub(super) framer: Framer,
    pub(super) session: Option<Session>,
    /// Requests that wait for the world.
    pub(super) asked: usize,
    /// When it last said something.
    heard: Time,
    /// What is not sent yet, because of a fault.
    held: VecDeque<u8>,
    silent: bool,
}

/// An open session.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) version: u32,
    pub(super) widths: Widths,
    pub(super) services: u32,
    pub(super) call_mask: u32,
    pub(super) state_mask: u32,
    pub(super) config_mask: u32,
    pub(super) idle: Duration,
    /// Whose session it is, in agent mode.
    pub(super) agent: Option<AgentId>,
    /// It asked for configuration, and is told of changes.
    pub(super) configured: bool,
    /// The same for teams.
    pub(super) teams: bool,
}

impl Session {
    pub(super) const fn grants(&self, any_of: u32) -> bool {
        self.services & any_of != 0
    }

    fn hears(&self, to: &To<'_>) -> bool {
        let all = self.grants(services::ALL_EVENTS);
        match to {
            To::State { agent, bit, unless } => {
                let asked = self.state_mask & bit != 0 && self.state_mask & unless == 0;
                asked && (all || self.agent.as_ref() == Some(agent))
            }
            To::Call { agents, bit } => {
                self.call_mask & bit != 0 && (all || self.agent.as_ref().is_some_and(|own| agents.contains(own)))
            }
            To::Own { agent, bit } => self.call_mask & bit != 0 && !all && self.agent.as_ref() == Some(agent),
            To::Configuration { bit } => self.configured && self.config_mask & bit != 0,
            To::Teams => self.teams,
        }
    }
}

/// Whom a message is for.
#[derive(Clone, Copy, Debug)]
pub(super) enum To<'a> {
    /// Who follows this agent's state, with this bit in the mask and not that one.
    State { agent: &'a AgentId, bit: u32, unless: u32 },
    /// Who follows everything, or one of these agents.
    Call { agents: &'a BTreeSet<AgentId>, bit: u32 },
    /// This agent's own session.
    Own { agent: &'a AgentId, bit: u32 },
    /// Who read the configuration.
    Configuration { bit: u32 },
    /// Who read the teams.
    Teams,
}

/// All clients, and what is to be done for them.
#[derive(Debug)]
pub(super) struct Crowd {
    clients: BTreeMap<ClientId, Client>,
    pub(super) outbox: VecDeque<SimOutput>,
    pub(super) now: Time,
    /// Bytes a second, while everything is slow.
    rate: Option<u32>,
    next_trickle: Time,
    noise: u64,
}

impl Crowd {
    pub(super) fn new(seed: u64, now: Time) -> Self {
        Self { clients: BTreeMap::new(), outbox: VecDeque::new(), now, rate: None, next_trickle: now, noise: seed }
    }

    pub(super) fn len(&self) -> usize {
        self.clients.len()
    }

    pub(super) fn is_full(&self) -> bool {
        self.clients.len() >= CLIENTS_MAX
    }

    pub(super) fn ids(&self) -> Vec<ClientId> {
        self.clients.keys().copied().collect()
    }

    pub(super) fn at(&self, node: usize) -> Vec<ClientId> {
        self.clients.iter().filter(|(_, client)| client.node == node).map(|(id, _)| *id).collect()
    }

    pub(super) fn add(&mut self, id: ClientId, node: usize) {
        let (framer, held, heard) = (Framer::default(), VecDeque::new(), self.now);
        self.clients.insert(id, Client { node, framer, session: None, asked: 0, heard, held, silent: false });
    }

    /// A client said something.
    pub(super) fn heard(&mut self, id: ClientId) -> Option<&mut Client> {
        let client = self.clients.get_mut(&id)?;
        client.heard = self.now;
        Some(client)
    }

    pub(super) fn client(&self, id: ClientId) -> Option<&Client> {
        self.clients.get(&id)
    }

    pub(super) fn client_mut(&mut self, id: ClientId) -> Option<&mut Client> {
        self.clients.get_mut(&id)
    }

    pub(super) fn session(&self, id: ClientId) -> Option<&Session> {
        self.clients.get(&id)?.session.as_ref()
    }

    /// The session of an agent, in agent mode.
    pub(super) fn session_of(&self, agent: &AgentId) -> Option<ClientId> {
        let is_its =
            |client: &Client| client.session.as_ref().is_some_and(|session| session.agent.as_ref() == Some(agent));
        self.clients.iter().find(|(_, client)| is_its(client)).map(|(id, _)| *id)
    }

    pub(super) fn note(&mut self, text: String) {
        self.outbox.push_back(SimOutput::Note(text));
    }

    /// Says something about a client.
    pub(super) fn note_of(&mut self, id: ClientId, text: &str) {
        let node = self.clients.get(&id).map_or(0, |client| client.node) + 1;
        self.note(format!("node {node} client {}: {text}", id.0));
    }

    pub(super) fn gone(&mut self, id: ClientId, why: &str) {
        if self.clients.contains_key(&id) {
            self.note_of(id, &format!("gone: {why}"));
            self.clients.remove(&id);
        }
    }

    pub(super) fn close(&mut self, id: ClientId) {
        if self.clients.contains_key(&id) {
            self.note_of(id, "closed");
            self.clients.remove(&id);
            self.outbox.push_back(SimOutput::Close { client: id });
        }
    }

    pub(super) fn reset(&mut self, id: ClientId) {
        if self.clients.contains_key(&id) {
            self.note_of(id, "reset");
            self.clients.remove(&id);
            self.outbox.push_back(SimOutput::Reset { client: id });
        }
    }

    /// Sends a message to one client.
    pub(super) fn send(&mut self, id: ClientId, message: &Message<'_>) {
        let Some(widths) = self.widths(id) else { return };
        let mut bytes = Vec::new();
        match message.encode(widths, &mut bytes) {
            Ok(()) => self.put(id, bytes),
            Err(error) => {
                let name = message.layout().map_or("a message", |layout| layout.name);
                self.note_of(id, &format!("{name} cannot be said to it: {error}"));
            }
        }
    }

    /// Sends a message to whom it is for.
    pub(super) fn say(&mut self, to: To<'_>, message: &Message<'_>) {
        let hears = |client: &Client| client.session.as_ref().is_some_and(|session| session.hears(&to));
        let ids: Vec<ClientId> = self.clients.iter().filter(|(_, client)| hears(client)).map(|(id, _)| *id).collect();
        ids.into_iter().for_each(|id| self.send(id, message));
    }

    /// Sends a message to every open session.
    pub(super) fn say_to_all(&mut self, message: &Message<'_>) {
        let open = self.clients.iter().filter(|(_, client)| client.session.is_some());
        let ids: Vec<ClientId> = open.map(|(id, _)| *id).collect();
        ids.into_iter().for_each(|id| self.send(id, message));
    }

    /// Sends half of a message's frame, and holds the other half.
    pub(super) fn send_half(&mut self, id: ClientId, message: &Message<'_>) {
        let Some(widths) = self.widths(id) else { return };
        let mut bytes = Vec::new();
        if message.encode(widths, &mut bytes).is_ok() {
            let rest = bytes.split_off(bytes.len() / 2);
            self.put(id, bytes);
            if let Some(client) = self.clients.get_mut(&id) {
                client.held.extend(rest);
            }
        }
    }

    /// A client that has not opened gets what is only headers and fixed words, whose form no version changes.
    fn widths(&self, id: ClientId) -> Option<Widths> {
        let client = self.clients.get(&id)?;
        Some(client.session.as_ref().map_or(Widths::V10, |session| session.widths))
    }

    fn put(&mut self, id: ClientId, bytes: Vec<u8>) {
        let Some(client) = self.clients.get_mut(&id) else { return };
        if !client.silent && self.rate.is_none() && client.held.is_empty() {
            return self.outbox.push_back(SimOutput::Send { client: id, bytes });
        }
        client.held.extend(bytes);
        if client.held.len() > HELD_BYTES_MAX {
            self.note_of(id, "too much is held back for it");
            self.reset(id);
        }
    }

    pub(super) fn silence(&mut self) {
        self.clients.values_mut().for_each(|client| client.silent = true);
    }

    pub(super) fn slow(&mut self, rate: u32) {
        self.rate = Some(rate);
        self.next_trickle = self.now + TRICKLE;
    }

    pub(super) fn resume(&mut self) {
        self.rate = None;
        for (id, client) in &mut self.clients {
            client.silent = false;
            if !client.held.is_empty() {
                let bytes = std::mem::take(&mut client.held).into();
                self.outbox.push_back(SimOutput::Send { client: *id, bytes });
            }
        }
    }

    /// Bytes whose beginning is the header of no frame.
    pub(super) fn garbage(&mut self) {
        for id in self.ids() {
            let mut bytes = vec![0xFF; HEADER_BYTES];
            bytes.extend((0..56).map(|_| self.draw()));
            self.put(id, bytes);
        }
    }

    pub(super) fn on_time(&mut self) {
        let now = self.now;
        let late: Vec<ClientId> = self.deadlines().filter(|(_, at)| *at <= now).map(|(id, _)| id).collect();
        for id in late {
            self.note_of(id, "nothing heard of it in time");
            self.close(id);
        }
        while let Some(rate) = self.rate.filter(|_| self.next_trickle <= now) {
            self.next_trickle = self.next_trickle + TRICKLE;
            let some = usize::try_from(rate / 10).unwrap_or(usize::MAX).max(1);
            for (id, client) in self.clients.iter_mut().filter(|(_, client)| !client.silent && !client.held.is_empty())
            {
                let bytes = client.held.drain(..some.min(client.held.len())).collect();
                self.outbox.push_back(SimOutput::Send { client: *id, bytes });
            }
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Time> {
        let trickle = self.rate.map(|_| self.next_trickle);
        self.deadlines().map(|(_, at)| at).chain(trickle).min()
    }

    /// When each client is given up unless it says something.
    fn deadlines(&self) -> impl Iterator<Item = (ClientId, Time)> {
        self.clients.iter().map(|(id, client)| {
            let within = client.session.as_ref().map_or(OPEN_WITHIN, |session| session.idle);
            (*id, client.heard + within)
        })
    }

    /// splitmix64.
    fn draw(&mut self) -> u8 {
        self.noise = self.noise.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.noise;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        u8::try_from((z ^ (z >> 31)) & 0xFF).unwrap_or(0)
    }
}

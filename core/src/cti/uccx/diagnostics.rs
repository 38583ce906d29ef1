//! What the adapter can say of itself, for a check from the command line and for metrics.

use std::collections::BTreeMap;

use super::codec::Widths;
use super::codec::names::services;
use crate::cti::AdapterCount;
use crate::time::Time;

/// Numbers of unknown messages, and of unknown fields, told apart; more of them are only counted.
const KINDS_MAX: usize = 32;

/// What happened so far, and how things stand. Everything in it is bounded, nothing of it is secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics {
    /// What the adapter is at.
    pub phase: Phase,
    /// The nodes, in the order of the configuration.
    pub nodes: Vec<NodeReport>,
    /// The node of the present connection, by its place.
    pub node: Option<usize>,
    /// The protocol version of the present or the last session.
    pub version: Option<u32>,
    /// The widths of field headers in the present or the last session.
    pub widths: Option<Widths>,
    /// The services granted in the present or the last session, a mask of [`services`].
    pub services_granted: u32,
    /// The services that were asked for and not granted.
    pub services_missing: u32,
    /// The last thing that went wrong.
    pub last_error: Option<LastError>,
    /// Connections asked for.
    pub connects: u64,
    /// Sessions that came into service after the first.
    pub reconnects: u64,
    /// Nodes that said they are the standby.
    pub standby: u64,
    /// Resynchronisations told in full.
    pub resyncs: u64,
    /// Frames received.
    pub frames: u64,
    /// Frames that could not be read, and were skipped.
    pub refused_frames: u64,
    /// Messages of unknown types, by type.
    pub unknown_messages: BTreeMap<u32, u64>,
    /// Messages of unknown types, all of them.
    pub unknown_messages_total: u64,
    /// Fields that found no place in their message.
    pub unknown_fields: u64,
    /// Such fields by message type and tag.
    pub unknown_tags: BTreeMap<(u32, u16), u64>,
    /// Messages whose content made no sense: unknown states, calls without an id, answers to nothing.
    pub unexpected: u64,
    /// Heartbeats sent.
    pub heartbeats: u64,
    /// Records and calls not kept because a bound was reached.
    pub dropped: u64,
    /// Commands received.
    pub commands: u64,
    /// Commands that were refused.
    pub commands_refused: u64,
    /// Commands the platform did not answer in time.
    pub commands_late: u64,
    /// Sessions opened for agents, because this client's own may not control.
    pub agent_sessions: usize,
    /// Calls in progress.
    pub calls: usize,
    /// Agents known.
    pub agents: usize,
    /// Teams known.
    pub teams: usize,
    /// Queues known.
    pub queues: usize,
}

impl Diagnostics {
    /// The names of the granted services.
    pub fn granted(&self) -> impl Iterator<Item = &'static str> {
        services::names(self.services_granted)
    }

    /// As numbers for metrics.
    pub(super) fn counts(&self) -> Vec<AdapterCount> {
        let Self { connects, reconnects, standby, resyncs, frames, refused_frames, heartbeats, dropped, .. } = *self;
        let Self { unknown_messages_total, unknown_fields, unexpected, .. } = *self;
        let Self { commands, commands_refused, commands_late, .. } = *self;
        let in_service = u64::from(self.phase == Phase::InService);
        let of = |role| self.nodes.iter().filter(|node| node.role == role).count() as u64;
        vec![
            AdapterCount::gauge("session_in_service", "1 while a session tells differences", in_service),
            AdapterCount::gauge("nodes_master", "Nodes that were the master when last asked", of(NodeRole::Master)),
            AdapterCount::gauge("nodes_standby", "Nodes that were the standby when last asked", of(NodeRole::Standby)),
            AdapterCount::gauge("nodes_unreachable", "Nodes that could not be reached", of(NodeRole::Unreachable)),
            AdapterCount::gauge("agents", "Agents the platform has", self.agents as u64),
            AdapterCount::gauge("teams", "Teams the platform has", self.teams as u64),
            AdapterCount::gauge("queues", "Queues the platform has", self.queues as u64),
            AdapterCount::gauge("calls", "Calls in progress", self.calls as u64),
            AdapterCount::gauge("agent_sessions", "Sessions opened for agents", self.agent_sessions as u64),
            AdapterCount::counter("connects", "Connections to a node that were asked for", connects),
            AdapterCount::counter("reconnects", "Sessions that came into service after the first", reconnects),
            AdapterCount::counter("standby_answers", "Nodes' answers that they are the standby", standby),
            AdapterCount::counter("resyncs", "Times everything was read and told", resyncs),
            AdapterCount::counter("frames", "Frames received", frames),
            AdapterCount::counter("frames_refused", "Frames that could not be read", refused_frames),
            AdapterCount::counter("unknown_messages", "Messages of unknown types", unknown_messages_total),
            AdapterCount::counter("unknown_fields", "Fields that found no place in their message", unknown_fields),
            AdapterCount::counter("unexpected", "Messages whose content made no sense", unexpected),
            AdapterCount::counter("heartbeats", "Heartbeats sent", heartbeats),
            AdapterCount::counter("dropped", "Records and calls not kept because of a bound", dropped),
            AdapterCount::counter("commands", "Commands received", commands),
            AdapterCount::counter("commands_refused", "Commands that were refused", commands_refused),
            AdapterCount::counter("commands_late", "Commands the platform did not answer in time", commands_late),
        ]
    }

    pub(super) fn error(&mut self, at: Time, text: impl Into<Box<str>>) {
        self.last_error = Some(LastError { at, text: text.into() });
    }

    pub(super) fn unknown_message(&mut self, message_id: u32) {
        self.unknown_messages_total += 1;
        if self.unknown_messages.len() < KINDS_MAX || self.unknown_messages.contains_key(&message_id) {
            *self.unknown_messages.entry(message_id).or_default() += 1;
        }
    }

    pub(super) fn unknown_field(&mut self, message_id: u32, tag: u16) {
        self.unknown_fields += 1;
        let key = (message_id, tag);
        if self.unknown_tags.len() < KINDS_MAX || self.unknown_tags.contains_key(&key) {
            *self.unknown_tags.entry(key).or_default() += 1;
        }
    }
}

/// What an adapter is at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// It waits before it tries again.
    #[default]
    Waiting,
    /// A connection was asked for.
    Connecting,
    /// The session is being opened.
    Opening,
    /// The session is open, the system behind it is offline.
    Offline,
    /// Everything is being read.
    Reading,
    /// Differences are told.
    InService,
}

/// One node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeReport {
    /// Its address, as configured.
    pub address: Box<str>,
    /// What it was when last asked.
    pub role: NodeRole,
    /// Failures in a row.
    pub failures: u32,
}

/// What a node was when it was last asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeRole {
    /// Never asked, or it did not say.
    Unknown,
    /// It opened a session.
    Master,
    /// It said that it is not the master.
    Standby,
    /// No connection could be made.
    Unreachable,
}

/// Something that went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastError {
    /// When.
    pub at: Time,
    /// What, for people.
    pub text: Box<str>,
}

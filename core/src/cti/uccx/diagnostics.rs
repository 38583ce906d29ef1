//! What the adapter can say of itself, for a check from the command line and for metrics.

use std::collections::BTreeMap;

use super::codec::names::services;
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

    pub(super) fn error(&mut self, at: Time, text: impl Into<Box<str>>) {
        self.last_error = Some(LastError { at, text: text.into() });
    }

    pub(super) fn unknown_message(&mut self, message_id: u32) {
        self.unknown_messages_total += 1;
        if self.unknown_messages.len() < KINDS_MAX || self.unknown_messages.contains_key(&message_id) {
            *self.unknown_messages.entry(message_id).or_default() += 1;
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

//! The link: one client, numbered messages, outliving its sockets.

mod form;
mod keep;
mod messages;
mod once;
mod poll;
mod rate;
mod table;

pub(crate) use form::LinksForm;
pub(crate) use keep::{Head, HeadText};
pub(crate) use once::Admission;
pub(crate) use poll::Poll;
pub(crate) use rate::{Rate, Verdict};
pub(crate) use table::{Links, NewLink};

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::ids::{LinkId, SocketId};
use crate::input::{KeyHash, Scopes};
use crate::time::Time;

/// One link.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Link {
    pub(crate) id: LinkId,
    pub(crate) client_id: Box<str>,
    pub(crate) client_name: Box<str>,
    pub(crate) key: KeyHash,
    /// Whose token made it; none on a listener without tokens.
    pub(crate) subject: Option<Box<str>>,
    /// The token by which it lives, where the driver knows tokens by their hashes.
    pub(crate) token: Option<KeyHash>,
    pub(crate) scopes: Scopes,
    pub(crate) token_expires: Option<Time>,
    pub(crate) socket: Option<SocketId>,
    /// What that is told yet, where it is a long poll.
    pub(crate) poll: Option<Poll>,
    /// Bytes the driver said wait for the socket, and those sent since it said so.
    pub(crate) backlog_bytes: u64,
    pub(crate) rate: Rate,
    /// Whether it has bound the service; [`Links::bind_service`] alone changes it.
    pub(crate) service_bound: bool,
    /// Bound resources by id.
    pub(crate) resources: BTreeSet<Box<str>>,
    keep: keep::Keep,
    once: once::Once,
}

impl Link {
    /// The number of the last message sent.
    pub(crate) fn last_seq(&self) -> u64 {
        self.keep.next_seq - 1
    }

    /// What people know the client by.
    pub(crate) fn client(&self) -> &str {
        if self.client_name.is_empty() { &self.client_id } else { &self.client_name }
    }

    /// Whether everything after `seq` is still kept.
    pub(crate) fn can_resume(&self, seq: u64) -> bool {
        seq <= self.last_seq() && seq + 1 >= self.keep.first_seq
    }

    /// Bytes kept for replay, heads counted and shared tails counted in full.
    pub(crate) fn kept_bytes(&self) -> u64 {
        self.keep.bytes + self.once.remembered_bytes
    }
}

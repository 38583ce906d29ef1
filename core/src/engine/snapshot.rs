//! The engine, written down and read again: [`Engine::restore`] continues as the engine was, byte for byte.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Engine, Parts, World};
use crate::config::Config;
use crate::counters::Counters;
use crate::link::{HeadText, Links, LinksForm};
use crate::outbox::Outbox;
use crate::time::Time;
use crate::timers::Timers;
use crate::turn::Ids;

/// What every snapshot begins with.
const MAGIC: &[u8; 4] = b"IPsn";
/// The version of the format that this build writes, and the only one it reads.
pub const SNAPSHOT_VERSION: u16 = 1;
/// Bytes of the checksum that follows the version: the first of the body's SHA-256. What is damaged on the way is refused
/// by it, before anything is made of it.
const CHECKSUM_BYTES: usize = 8;

/// Why a snapshot cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RestoreError {
    /// It is no snapshot, or is cut short.
    Unreadable,
    /// It is of another version of the format.
    Version(u16),
    /// Its checksum does not fit.
    Damaged,
}

impl fmt::Display for RestoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable => f.write_str("this is no snapshot, or not all of one"),
            Self::Version(version) => {
                write!(f, "the snapshot is of format {version}; this build reads {SNAPSHOT_VERSION}")
            }
            Self::Damaged => f.write_str("the snapshot is damaged: its checksum does not fit. Use an older one"),
        }
    }
}

impl std::error::Error for RestoreError {}

#[derive(Serialize)]
struct Written<'a> {
    now: Time,
    links: LinksForm<'a>,
    timers: &'a Timers,
    ids: &'a Ids,
    world: &'a World,
}

#[derive(Deserialize)]
struct Read<'a> {
    now: Time,
    #[serde(borrow)]
    links: LinksForm<'a>,
    timers: Timers,
    ids: Ids,
    world: World,
}

impl Engine {
    /// The whole state. Taken with outputs drained: what was handed out is the driver's, what was not would be lost.
    ///
    /// # Panics
    /// When outputs wait: that is the caller's mistake, and a snapshot without them would lose messages silently.
    pub fn snapshot(&self) -> Vec<u8> {
        assert!(self.outbox.is_empty(), "a snapshot is taken with outputs drained");
        let Parts { links, timers, ids, world } = &self.parts;
        let written = Written { now: self.now, links: links.form(), timers, ids, world };
        let mut out = Vec::with_capacity(4096);
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&SNAPSHOT_VERSION.to_le_bytes());
        let checksum_at = out.len();
        out.extend_from_slice(&[0; CHECKSUM_BYTES]);
        // INVARIANT: writing to a vector fails for no value of these types.
        let mut out = postcard::to_extend(&written, out).expect("the engine's state has an encoded form");
        let body_at = checksum_at + CHECKSUM_BYTES;
        let sum = checksum(&out[body_at..]);
        out[checksum_at..body_at].copy_from_slice(&sum);
        out
    }

    /// The engine that wrote `snapshot`, under a configuration that may have changed: bounds and texts are the new one's.
    ///
    /// Nothing happens by it. A new process goes on to feed `SocketClosed` for every socket of the old one, and that the
    /// platform is down.
    ///
    /// # Errors
    /// The snapshot is damaged or of another version.
    pub fn restore(config: Config, snapshot: &[u8]) -> Result<Self, RestoreError> {
        let body = snapshot.strip_prefix(MAGIC).ok_or(RestoreError::Unreadable)?;
        let (version, body) = body.split_first_chunk::<2>().ok_or(RestoreError::Unreadable)?;
        let version = u16::from_le_bytes(*version);
        if version != SNAPSHOT_VERSION {
            return Err(RestoreError::Version(version));
        }
        let (sum, body) = body.split_first_chunk::<CHECKSUM_BYTES>().ok_or(RestoreError::Unreadable)?;
        if *sum != checksum(body) {
            return Err(RestoreError::Damaged);
        }
        let Ok((read, [])) = postcard::take_from_bytes::<Read<'_>>(body) else { return Err(RestoreError::Unreadable) };
        let text = HeadText::new(&config.service_id, &config.reports_id);
        let links = Links::from_form(read.links, text, config.limits.clone()).ok_or(RestoreError::Unreadable)?;
        let parts = Parts { links, timers: read.timers, ids: read.ids, world: read.world };
        Ok(Self { config, now: read.now, parts, outbox: Outbox::default(), counters: Counters::default() })
    }

    /// The sockets that were open, for a driver that restores in a new process and has to report them closed.
    pub fn sockets(&self) -> Vec<crate::ids::SocketId> {
        self.parts.world.sockets.keys().copied().collect()
    }
}

fn checksum(body: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let digest = Sha256::digest(body);
    let mut sum = [0; CHECKSUM_BYTES];
    sum.copy_from_slice(&digest[..CHECKSUM_BYTES]);
    sum
}

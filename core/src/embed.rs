//! The engine for hosts that embed it and speak JSON: no codec, no table of secrets, no intake of their own.
//!
//! [`Embedded`] is an [`Engine`] with the share of a driver that needs no I/O. Clients' messages go in as they came; their
//! secrets are taken out before the engine sees them, kept here, and put into the outputs that need them: an echo to its client,
//! a login to the platform. `docs/embedding.md` is the reference of both lists.

mod input;
mod output;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;

use serde_json::value::RawValue;

use crate::config::{Config, Seed};
use crate::engine::{Engine, Misuse, RestoreError};
use crate::ids::{SecretRef, SocketId};
use crate::input::{Claims, Frame, FreshKey, Input, Recipient, SecretKind, SecretSpan};
use crate::secret::{Secret, Secrets};
use crate::time::Time;
use crate::wire::intake::{self, Refused, key_hash};
use input::{Happening, To};
use output::Written;

/// The shortest resume key: 16 random bytes in base64.
const KEY_BYTES_MIN: usize = 22;
/// The longest one; nobody guesses a shorter one either.
const KEY_BYTES_MAX: usize = 256;

/// An engine and what its driver keeps for it.
#[derive(Debug)]
pub struct Embedded {
    engine: Engine,
    message_bytes: u32,
    secrets: Numbered,
}

/// The secrets, once the first number is known.
#[derive(Debug)]
enum Numbered {
    /// Of an engine that was restored: the numbers of its former secrets are not known, and are not to be given again.
    Unknown,
    Known(Secrets),
}

/// Why a step was refused. No text of a message stands in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepError {
    /// A word for programs: `inputs.invalid`, or one of [`crate::step::Fault::code`].
    pub code: &'static str,
    /// What is wrong with which property, for people.
    pub message: String,
    /// How many inputs were applied; the one after them is at fault and changed nothing, nor did those behind it.
    pub applied: u32,
    /// The outputs of those that were applied, a JSON array: perform them all the same.
    pub outputs: String,
}

impl fmt::Display for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "input {}: {}", self.applied, self.message)
    }
}

impl std::error::Error for StepError {}

impl Embedded {
    /// An engine in which nothing has happened yet.
    pub fn new(config: Config, seed: Seed, now: Time) -> Self {
        let message_bytes = config.limits.message_bytes;
        Self { engine: Engine::new(config, seed, now), message_bytes, secrets: Numbered::Known(Secrets::default()) }
    }

    /// The engine that wrote `snapshot`. The secrets it knew by number are gone.
    ///
    /// # Errors
    /// The snapshot is damaged or of another version.
    pub fn restore(config: Config, snapshot: &[u8]) -> Result<Self, RestoreError> {
        let message_bytes = config.limits.message_bytes;
        Ok(Self { engine: Engine::restore(config, snapshot)?, message_bytes, secrets: Numbered::Unknown })
    }

    /// The engine.
    pub const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The engine, for inputs in another form.
    pub const fn engine_mut(&mut self) -> &mut Engine {
        &mut self.engine
    }

    /// Applies the inputs of a JSON array at `now`; returns all they caused, a JSON array.
    ///
    /// # Errors
    /// All inputs are read before the first is applied, so one that cannot be read changes nothing.
    pub fn step(&mut self, now: Time, inputs: &str) -> Result<String, StepError> {
        let happenings = input::read(inputs).map_err(|message| StepError {
            code: "inputs.invalid",
            message,
            applied: 0,
            outputs: "[]".to_owned(),
        })?;
        let mut written = Written::default();
        let secrets = self.secrets.known(now);
        secrets.expire(now);
        output::drain(&mut self.engine, secrets, &mut written);
        for (at, happening) in (0..).zip(happenings) {
            let mut kept = Vec::new();
            let input = enter(happening, self.message_bytes, &mut |secret| {
                kept.push(secrets.keep(now, secret));
                kept[kept.len() - 1]
            });
            if let Err(misuse) = self.engine.handle_input(now, input) {
                // It knows none of them.
                kept.into_iter().for_each(|secret| secrets.forget(secret));
                match misuse {
                    // A socket that the engine closed a moment ago, whose host could not know yet.
                    Misuse::UnknownSocket(socket) => written.ignored(at, socket),
                    Misuse::NotDrained | Misuse::TimeWentBack | Misuse::SocketExists(_) | Misuse::TooManySockets => {
                        let (code, message) = (crate::step::Fault::Misuse(misuse).code(), misuse.to_string());
                        return Err(StepError { code, message, applied: at, outputs: written.finish() });
                    }
                }
            }
            output::drain(&mut self.engine, secrets, &mut written);
        }
        Ok(written.finish())
    }
}

impl Numbered {
    /// An engine before this one cannot have numbered more secrets than microseconds had gone by, so the present one comes
    /// after all of its numbers.
    fn known(&mut self, now: Time) -> &mut Secrets {
        if let Self::Unknown = self {
            *self = Self::Known(Secrets::after(SecretRef(now.as_micros())));
        }
        match self {
            Self::Known(secrets) => secrets,
            Self::Unknown => unreachable!("it was made known above"),
        }
    }
}

/// What enters of what happened: its secrets are kept by `keep`.
fn enter<'a>(happening: Happening<'a>, message_bytes: u32, keep: &mut impl FnMut(Secret) -> SecretRef) -> Input<'a> {
    match happening {
        Happening::Tick => Input::Tick,
        Happening::Stalled { for_us } => Input::Stalled { for_us },
        Happening::Opened { socket, peer, access, key } => {
            let key = fresh(&key, keep);
            Input::SocketOpened { socket: SocketId(socket), peer, access, key }
        }
        Happening::Received { socket, text, claims } => {
            let frame = frame(text, claims, message_bytes, keep);
            Input::Frame { socket: SocketId(socket), frame }
        }
        Happening::Unreadable { socket, kind, bytes } => {
            Input::Frame { socket: SocketId(socket), frame: Frame::Malformed { kind, bytes } }
        }
        Happening::TooLarge { socket, bytes } => {
            Input::Frame { socket: SocketId(socket), frame: Frame::TooLarge { bytes } }
        }
        Happening::Alive { socket } => Input::Alive { socket: SocketId(socket) },
        Happening::Backlog { socket, bytes } => Input::Backlog { socket: SocketId(socket), bytes },
        Happening::Closed { socket, why } => Input::SocketClosed { socket: SocketId(socket), why },
        Happening::Cti(event) => Input::Cti(event),
        Happening::Claimed { claim, answer } => Input::Claimed { claim, answer },
        Happening::Loaded { query, answer } => Input::Loaded { query, answer },
        Happening::ShutDown { grace_ms } => Input::ShutDown { grace_ms },
        Happening::Posted { socket, peer, access, to, text, claims } => {
            let to = match to {
                To::Fresh(key) => Recipient::Fresh(fresh(&key, keep)),
                To::Link(key) => Recipient::Link(key_hash(&key)),
            };
            let frame = frame(text, claims, message_bytes, keep);
            Input::Posted { socket: SocketId(socket), peer, access, to, frame }
        }
        Happening::Attached { socket, key, after, carrier } => {
            Input::Attached { socket: SocketId(socket), key: key_hash(&key), after, carrier }
        }
        Happening::TokenChanged { token, claims } => Input::TokenChanged { token, claims },
    }
}

fn fresh(key: &str, keep: &mut impl FnMut(Secret) -> SecretRef) -> FreshKey {
    // INVARIANT: a text, which JSON can always spell.
    let json = serde_json::to_string(key).expect("a text is JSON");
    FreshKey { secret: keep(Secret::new(json)), hash: key_hash(key) }
}

fn frame(
    text: Cow<'_, str>,
    claims: Option<Claims>,
    message_bytes: u32,
    keep: &mut impl FnMut(Secret) -> SecretRef,
) -> Frame<'static> {
    // What is overwritten when it was read: there may be a password in it.
    let text = Secret::new(text.into_owned());
    let bytes = text.expose().len();
    if bytes > message_bytes as usize {
        return Frame::TooLarge { bytes: bytes as u64 };
    }
    match intake::intake(text.expose().as_bytes()) {
        Ok(taken) => {
            let has_token = taken.secrets.iter().any(|secret| secret.kind == SecretKind::Token && secret.is_top);
            // A token that nobody vouches for is none.
            let claims = has_token.then(|| claims.unwrap_or(Claims::Bad));
            let text = taken.text.into_owned();
            let spans = taken.secrets.into_iter().map(|taken| {
                let at = taken.span(SecretRef(0));
                SecretSpan { secret: keep(taken.value), ..at }
            });
            Frame::Text { secrets: spans.collect::<Vec<_>>().into(), text: text.into(), claims }
        }
        Err(Refused::Malformed(kind)) => {
            // INVARIANT: it is not longer than `message_bytes`, which has 32 bits.
            Frame::Malformed { kind, bytes: u32::try_from(bytes).expect("within the bound") }
        }
        Err(Refused::TooLarge) => Frame::TooLarge { bytes: bytes as u64 },
    }
}

/// A raw piece of the array of inputs or outputs.
type Raw<'a> = &'a RawValue;

//! Performing what the engine wants done.

use std::sync::Arc;

use interaction_core::cti::Event;
use interaction_core::ids::{SecretRef, SocketId};
use interaction_core::input::{ClaimAnswer, Input, SecretSpan};
use interaction_core::output::{Output, Sending};
use interaction_core::secret::Secrets;
use interaction_core::time::Time;
use interaction_core::wire::intake::{TakenSecret, splice};
use tracing::error;

use crate::exchange::{Exchanges, wipe};
use crate::socket::{Peers, Told};
use crate::store::{Question, Store};
use crate::switches::Switch;

/// Everything the loop acts on.
pub(crate) struct Effects {
    /// The sockets.
    pub(crate) peers: Peers,
    /// Requests by HTTP that wait.
    pub(crate) exchanges: Exchanges,
    /// What the engine must not see.
    pub(crate) secrets: Secrets,
    /// The telephony platform.
    pub(crate) switch: Switch,
    /// The store.
    pub(crate) store: Store,
    /// Commands the adapter could not be asked.
    pub(crate) cti_overflows: u64,
}

impl Effects {
    /// Keeps a secret that stood in a message, and says where.
    pub(crate) fn keep(&mut self, now: Time, taken: TakenSecret) -> SecretSpan {
        let at = taken.span(SecretRef(0));
        SecretSpan { secret: self.secrets.keep(now, taken.value), ..at }
    }

    /// Performs one output. Returns what came of it at once, for the engine.
    pub(crate) fn perform(&mut self, output: Output<'_>) -> Option<Input<'static>> {
        match output {
            Output::Send { socket, head, tail, splices, sending } => {
                let live = sending == Sending::Live;
                if splices.is_empty() {
                    self.send(socket, head, tail, live);
                } else {
                    match splice(head, tail, splices, |secret| self.secrets.held(secret)) {
                        Ok(message) => {
                            if !self.peers.send_secret(socket, &message, live) {
                                self.exchanges.send(socket, &message, b"", live, true);
                            }
                            wipe(message);
                        }
                        Err(misplaced) => {
                            error!("{misplaced}");
                            self.send(socket, head, tail, live);
                        }
                    }
                }
            }
            Output::Ping { socket } => {
                if !self.peers.ping(socket) {
                    self.exchanges.ping(socket);
                }
            }
            Output::Close { socket, code } => {
                if !self.exchanges.close(socket, code.code(), code.reason()) {
                    self.peers.close(socket, code.code(), code.reason());
                }
            }
            Output::Cti { request, command, secret } => {
                let secret = secret.and_then(|secret| self.secrets.clear(secret));
                if let Some(refused) = self.switch.ask(request, command.clone(), secret) {
                    self.cti_overflows += 1;
                    return Some(Input::Cti(Event::Answer(refused)));
                }
            }
            Output::Forget { secret } => self.secrets.forget(secret),
            // The engine is alone in its domain and answers its claims itself; if it asks, nobody else can.
            Output::Claim { claim, .. } => return Some(Input::Claimed { claim, answer: ClaimAnswer::Unavailable }),
            Output::Release { .. } => {}
            Output::Answer { socket, status } => self.exchanges.answer(socket, status),
            Output::Store { journey } => self.store.keep(journey),
            Output::LoadJourney { query, call } => {
                let answer = self.store.ask(query, Question::Journey(call))?;
                return Some(Input::Loaded { query, answer });
            }
            Output::Audit { record } => self.store.audit(record),
            Output::LoadRecent { query, limit, number } => {
                let answer = self.store.ask(query, Question::Recent { limit, number })?;
                return Some(Input::Loaded { query, answer });
            }
            Output::Fan { to, prefix, suffix, tail } => {
                let Self { peers, exchanges, .. } = self;
                let mut head = Vec::new();
                peers.fan(to, prefix, suffix, tail, |delivery| {
                    head.clear();
                    delivery.write_head(prefix, suffix, &mut head);
                    exchanges.send(delivery.socket, &head, tail, true, false);
                });
            }
        }
        None
    }

    /// The next thing the engine is to be told of what waits for sockets and streams.
    pub(crate) fn poll_told(&mut self) -> Option<Told> {
        self.peers.poll_told().or_else(|| self.exchanges.poll_told())
    }

    /// Whether the engine knows the number.
    pub(crate) fn is_known(&self, socket: SocketId) -> bool {
        self.peers.is_known(socket) || self.exchanges.is_known(socket)
    }

    /// Whether no client is left.
    pub(crate) fn are_over(&self) -> bool {
        self.peers.is_empty() && self.exchanges.is_empty()
    }

    fn send(&mut self, socket: SocketId, head: &[u8], tail: &Arc<[u8]>, live: bool) {
        if !self.peers.send(socket, head, tail, live) {
            self.exchanges.send(socket, head, tail, live, false);
        }
    }
}

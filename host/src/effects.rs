//! Performing what the engine wants done.

use interaction_core::cti::Event;
use interaction_core::ids::SecretRef;
use interaction_core::input::{ClaimAnswer, Input, SecretSpan};
use interaction_core::output::{Output, Sending};
use interaction_core::time::Time;
use interaction_core::wire::intake::{TakenSecret, splice};
use tracing::error;

use crate::secrets::Secrets;
use crate::socket::Peers;
use crate::store::{Question, Store};
use crate::switches::Switch;

/// Everything the loop acts on.
pub(crate) struct Effects {
    /// The sockets.
    pub(crate) peers: Peers,
    /// What the engine must not see.
    pub(crate) secrets: Secrets,
    /// The telephony platform.
    pub(crate) switch: Switch,
    /// The store.
    pub(crate) store: Box<dyn Store>,
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
                    self.peers.send(socket, head, tail, live);
                } else {
                    match splice(head, tail, splices, |secret| self.secrets.held(secret)) {
                        Ok(message) => {
                            self.peers.send_secret(socket, &message, live);
                            wipe(message);
                        }
                        Err(misplaced) => {
                            error!("{misplaced}");
                            self.peers.send(socket, head, tail, live);
                        }
                    }
                }
            }
            Output::Ping { socket } => self.peers.ping(socket),
            Output::Close { socket, code } => {
                self.peers.close(socket, code.code(), code.reason());
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
            Output::Answer { .. } => {}
            Output::Store { journey } => self.store.keep(journey),
            Output::LoadJourney { query, call } => {
                return Some(Input::Loaded { query, answer: self.store.ask(Question::Journey(call)) });
            }
            Output::Audit { record } => self.store.audit(record),
            Output::LoadRecent { query, limit, number } => {
                return Some(Input::Loaded { query, answer: self.store.ask(Question::Recent { limit, number }) });
            }
        }
        None
    }
}

fn wipe(mut message: Vec<u8>) {
    message.fill(0);
    std::hint::black_box(&mut message);
}

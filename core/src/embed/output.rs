//! What is to be done, as a host reads it.

use serde::Serialize;

use crate::audit::AuditRecord;
use crate::cti::jsonl::CommandLine;
use crate::engine::Engine;
use crate::ids::SocketId;
use crate::output::{Output, Sending};
use crate::report::journey::JourneyRecord;
use crate::secret::{Secret, Secrets};
use crate::wire::intake::splice;

#[derive(Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
enum Shape<'a> {
    Send {
        socket: u64,
        text: &'a str,
        /// Sent before, or while no socket was attached: what waits of it is not told as backlog.
        #[serde(skip_serializing_if = "is_false")]
        replay: bool,
    },
    Ping {
        socket: u64,
    },
    Close {
        socket: u64,
        code: u16,
        reason: &'a str,
    },
    Cti(CommandLine<'a>),
    Claim {
        claim: u64,
        agent: &'a str,
        #[serde(rename = "override")]
        override_: bool,
        client: &'a str,
    },
    Release {
        agent: &'a str,
    },
    Store {
        journey: &'a JourneyRecord,
    },
    LoadJourney {
        query: u64,
        call: &'a str,
    },
    LoadRecent {
        query: u64,
        limit: u32,
        #[serde(skip_serializing_if = "Option::is_none")]
        number: Option<&'a str>,
    },
    Audit {
        record: &'a AuditRecord,
    },
    Answer {
        socket: u64,
        status: u16,
    },
    /// An input was for a socket that is not open.
    Ignored {
        input: u32,
        socket: u64,
    },
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_false(is: &bool) -> bool {
    !*is
}

/// A JSON array that grows.
#[derive(Default)]
pub(super) struct Written(Vec<u8>);

impl Written {
    /// An input was for a socket that is not open.
    pub(super) fn ignored(&mut self, input: u32, socket: SocketId) {
        self.push(&Shape::Ignored { input, socket: socket.0 });
    }

    /// The array.
    pub(super) fn finish(mut self) -> String {
        self.0.push(if self.0.is_empty() { b'[' } else { b']' });
        if self.0.len() == 1 {
            self.0.push(b']');
        }
        // INVARIANT: serde_json writes UTF-8.
        String::from_utf8(self.0).expect("JSON is UTF-8")
    }

    fn push(&mut self, shape: &Shape<'_>) {
        self.0.push(if self.0.is_empty() { b'[' } else { b',' });
        // INVARIANT: writing to a vector does not fail, and every shape is an object of texts, numbers and lists.
        serde_json::to_writer(&mut self.0, shape).expect("an output is JSON");
    }
}

/// Writes all that waits, and forgets the secrets that are needed no more.
pub(super) fn drain(engine: &mut Engine, secrets: &mut Secrets, written: &mut Written) {
    while let Some(output) = engine.poll_output() {
        match output {
            Output::Send { socket, head, tail, splices, sending } => {
                // INVARIANT: every splice is of this very message; where one were not, its stand-in would be sent.
                let message = splice(head, tail, splices, |secret| secrets.held(secret));
                let message = message.unwrap_or_else(|_| [head, tail].concat());
                // INVARIANT: the engine writes UTF-8, and secrets are pieces of it.
                let text = Secret::new(String::from_utf8(message).expect("messages are UTF-8"));
                let replay = sending == Sending::Replay;
                written.push(&Shape::Send { socket: socket.0, text: text.expose(), replay });
            }
            Output::Ping { socket } => written.push(&Shape::Ping { socket: socket.0 }),
            Output::Close { socket, code } => {
                written.push(&Shape::Close { socket: socket.0, code: code.code(), reason: code.reason() });
            }
            Output::Cti { request, command, secret } => {
                let secret = secret.and_then(|secret| secrets.clear(secret));
                let password = secret.as_ref().map(Secret::expose);
                written.push(&Shape::Cti(CommandLine::new(request, command, password)));
            }
            Output::Forget { secret } => secrets.forget(secret),
            Output::Claim { claim, agent, override_, client } => {
                written.push(&Shape::Claim { claim: claim.0, agent: agent.as_str(), override_, client });
            }
            Output::Release { agent } => written.push(&Shape::Release { agent: agent.as_str() }),
            Output::Store { journey } => written.push(&Shape::Store { journey }),
            Output::LoadJourney { query, call } => {
                written.push(&Shape::LoadJourney { query: query.0, call: call.as_str() });
            }
            Output::LoadRecent { query, limit, number } => {
                written.push(&Shape::LoadRecent { query: query.0, limit, number });
            }
            Output::Audit { record } => written.push(&Shape::Audit { record }),
            Output::Answer { socket, status } => {
                written.push(&Shape::Answer { socket: socket.0, status: status.code() });
            }
            Output::Fan { .. } => output.each_message(|socket, head, tail| {
                // INVARIANT: the engine writes UTF-8.
                let text = String::from_utf8([head, tail].concat()).expect("messages are UTF-8");
                written.push(&Shape::Send { socket: socket.0, text: &text, replay: false });
            }),
        }
    }
}

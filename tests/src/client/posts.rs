//! The way of a client's own messages over HTTP: `connect` first, then whatever it sends, under the key it got.

use serde_json::{Value, json};

use crate::fault::{Fault, Kind};
use crate::http::{Answer, Connection};
use crate::strict;

/// A connection on which messages are posted, one after the other.
#[derive(Debug)]
pub(super) struct Posts {
    connection: Connection,
    /// The link's key, once connected.
    pub(super) key: String,
    /// The last message the client has.
    pub(super) last: u64,
}

impl Posts {
    /// Connects to the server, without a link yet.
    pub(super) async fn open(address: &str) -> Result<Self, Fault> {
        Ok(Self { connection: Connection::open(address).await?, key: String::new(), last: 0 })
    }

    /// Posts a message; returns what answered it at once.
    pub(super) async fn send(&mut self, text: &str) -> Result<Option<String>, Fault> {
        let is_connect = self.key.is_empty();
        if is_connect {
            self.connection.post("/v1/connect", None, text).await?;
        } else {
            self.connection.post("/v1/messages", Some(&self.key), text).await?;
        }
        let answer = self.connection.answer().await?;
        match answer.status {
            200 if is_connect => {
                let connected = answer.json()?;
                self.key = connected["resumeKey"].as_str().unwrap_or_default().to_owned();
                if connected["resumed"] == json!(true) {
                    self.last = strict::object(text)?["resume"]["seq"].as_u64().unwrap_or(0);
                }
                Ok(Some(answer.body))
            }
            200 => Ok(Some(answer.body)),
            202 if answer.body.is_empty() => Ok(None),
            _ => Err(refused(&answer)),
        }
    }

    /// Ends the connection with a reset.
    pub(super) fn reset(self) {
        self.connection.reset();
    }
}

/// What a refusal would be on a WebSocket.
pub(super) fn refused(answer: &Answer) -> Fault {
    let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    let moved = body["failure"]["params"]["reason"] == "moved";
    let code = match answer.status {
        401 => Some(4003),
        409 if moved => Some(4001),
        410 => Some(1000),
        429 => Some(4029),
        503 => Some(1012),
        _ => None,
    };
    match answer.status {
        401 | 409 | 410 | 429 | 503 => Fault::closed(code, format!("{} {}", answer.status, answer.body)),
        _ => Fault::new(Kind::Unexpected, format!("refused: {} {}", answer.status, answer.body)),
    }
}

//! Long polls of a client: each acknowledges what the one before brought.

use std::collections::VecDeque;

use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use super::Arrived;
use super::posts::{Posts, refused};
use crate::fault::{Fault, Kind};
use crate::http::Connection;

/// A link's messages by polls.
#[derive(Debug)]
pub struct Polls {
    posts: Posts,
    connection: Connection,
    /// The number the open poll acknowledges.
    polling: Option<u64>,
    acknowledged: u64,
    arrived: VecDeque<String>,
}

impl Polls {
    /// Connects to the server, without a link yet.
    pub(super) async fn open(address: &str) -> Result<Self, Fault> {
        let posts = Posts::open(address).await?;
        let connection = Connection::open(address).await?;
        Ok(Self { posts, connection, polling: None, acknowledged: 0, arrived: VecDeque::new() })
    }

    pub(super) async fn send(&mut self, text: String) -> Result<(), Fault> {
        let answer = self.posts.send(&text).await?;
        self.arrived.extend(answer);
        Ok(())
    }

    pub(super) async fn next(&mut self, until: Instant) -> Result<Arrived, Fault> {
        loop {
            if let Some(text) = self.arrived.pop_front() {
                return Ok(Arrived::Text(text));
            }
            if self.polling.is_none() {
                let path = format!("/v1/messages?after={}&wait=5", self.posts.last);
                let bearer = format!("Bearer {}", self.posts.key);
                self.connection.get(&path, &[("Authorization", &bearer)]).await?;
                self.polling = Some(self.posts.last);
            }
            let Ok(answer) = timeout_at(until, self.connection.wait()).await else { return Ok(Arrived::Nothing) };
            let answer = answer?;
            let after = self.polling.take().unwrap_or(0);
            if answer.status != 200 {
                return Err(refused(&answer));
            }
            self.acknowledged = after;
            self.take(&answer.body)?;
        }
    }

    /// Takes in what a poll brought. The texts of messages are cut out as they stand.
    fn take(&mut self, body: &str) -> Result<(), Fault> {
        let wrong = || Fault::new(Kind::Grammar, format!("no answer to a poll: {body:.300}"));
        if body.len() > 1 << 20 && body.matches("\"messageType\":").count() > 1 {
            return Err(Fault::new(Kind::Grammar, format!("{} bytes of several messages", body.len())));
        }
        let inner = body.strip_prefix("{\"messages\":[").and_then(|rest| rest.strip_suffix("]}")).ok_or_else(wrong)?;
        let mut rest = inner;
        while !rest.is_empty() {
            let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
            let message = values.next().ok_or_else(wrong)?.map_err(|_| wrong())?;
            let end = values.byte_offset();
            self.posts.last = message["seq"].as_u64().ok_or_else(wrong)?;
            self.arrived.push_back(rest[..end].to_owned());
            rest = rest[end..].strip_prefix(',').unwrap_or(&rest[end..]);
        }
        Ok(())
    }

    pub(super) fn acknowledged(&self) -> u64 {
        self.acknowledged
    }

    pub(super) fn reset(self) {
        self.connection.reset();
        self.posts.reset();
    }
}

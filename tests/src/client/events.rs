//! An event stream of a client, as `fetch` reads it: events with a number, comments, and why it ended.

use std::collections::VecDeque;

use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use super::Arrived;
use super::posts::{Posts, refused};
use crate::fault::{Fault, Kind};
use crate::http::Connection;

/// A link's messages as events.
#[derive(Debug)]
pub struct Events {
    posts: Posts,
    address: String,
    stream: Option<Connection>,
    /// Whether the stream's answer has begun.
    is_open: bool,
    /// What came of the next event.
    unread: Vec<u8>,
    arrived: VecDeque<String>,
}

impl Events {
    /// Connects to the server, without a link yet.
    pub(super) async fn open(address: &str) -> Result<Self, Fault> {
        let posts = Posts::open(address).await?;
        let (unread, arrived) = (Vec::new(), VecDeque::new());
        Ok(Self { posts, address: address.into(), stream: None, is_open: false, unread, arrived })
    }

    pub(super) async fn send(&mut self, text: String) -> Result<(), Fault> {
        let answer = self.posts.send(&text).await?;
        self.arrived.extend(answer);
        // A page opens its stream as soon as it may, and is not behind when others write.
        if self.stream.is_none() {
            self.attach().await?;
        }
        Ok(())
    }

    pub(super) async fn next(&mut self, until: Instant) -> Result<Arrived, Fault> {
        loop {
            if let Some(text) = self.arrived.pop_front() {
                return Ok(Arrived::Text(text));
            }
            if let Some(end) = self.unread.windows(2).position(|two| two == b"\n\n") {
                let event: Vec<u8> = self.unread.drain(..end + 2).collect();
                let event = String::from_utf8(event).map_err(|_| Fault::new(Kind::Grammar, "an event not in UTF-8"))?;
                self.event(event.trim_end_matches('\n'))?;
                continue;
            }
            let Some(stream) = &mut self.stream else { return Err(Fault::closed(None, "there is no stream")) };
            if !self.is_open {
                let Ok(answer) = timeout_at(until, stream.begin()).await else { return Ok(Arrived::Nothing) };
                let answer = answer?;
                if answer.status != 200 {
                    return Err(refused(&answer));
                }
                if answer.header("content-type").is_none_or(|kind| !kind.starts_with("text/event-stream")) {
                    return Err(Fault::new(Kind::Grammar, format!("no event stream: {answer:?}")));
                }
                self.is_open = true;
            }
            let Ok(chunk) = timeout_at(until, stream.chunk()).await else { return Ok(Arrived::Nothing) };
            match chunk? {
                Some(chunk) => self.unread.extend(chunk),
                None => return Err(Fault::closed(None, "the stream ended without a reason")),
            }
        }
    }

    async fn attach(&mut self) -> Result<(), Fault> {
        let mut stream = Connection::open(&self.address).await?;
        let (bearer, last) = (format!("Bearer {}", self.posts.key), self.posts.last.to_string());
        stream.get("/v1/events", &[("Authorization", &bearer), ("Last-Event-ID", &last)]).await?;
        self.stream = Some(stream);
        Ok(())
    }

    /// Takes in one event, without the empty line at its end.
    fn event(&mut self, text: &str) -> Result<(), Fault> {
        let wrong = |what: &str| Err(Fault::new(Kind::Grammar, format!("{what}: {text:.300}")));
        let (mut id, mut data, mut name) = (None, None, None);
        for line in text.split('\n').filter(|line| !line.starts_with(':')) {
            match line.split_once(": ") {
                Some(("id", value)) if id.is_none() => id = value.parse::<u64>().ok(),
                Some(("data", value)) if data.is_none() => data = Some(value),
                Some(("event", value)) if name.is_none() => name = Some(value),
                _ => return wrong("a line that is none of an event"),
            }
        }
        let Some(data) = data else {
            return if id.is_none() && name.is_none() { Ok(()) } else { wrong("an event without data") };
        };
        let Ok(value) = serde_json::from_str::<Value>(data) else { return wrong("no JSON") };
        match name {
            Some("close") => {
                let code = value["code"].as_u64().and_then(|code| u16::try_from(code).ok());
                Err(Fault::closed(code, format!("the server ended the stream: {value}")))
            }
            Some(_) => wrong("an unknown event"),
            None if id != value["seq"].as_u64() => wrong("an id that is not the message's number"),
            None => {
                self.posts.last = id.unwrap_or(self.posts.last);
                self.arrived.push_back(data.to_owned());
                Ok(())
            }
        }
    }

    pub(super) fn reset(self) {
        if let Some(stream) = self.stream {
            stream.reset();
        }
        self.posts.reset();
    }
}

//! Sockets: how they come, say `connect`, carry a link, fall silent and go.

use std::time::Duration;

use interaction_core::input::{Access, Scopes};
use interaction_core::time::Time;
use serde_json::{Value, json};

use super::http::Kind;
use super::link::{Verdict, count};
use super::{Deadline, Expected, Fate, Fault, Link, Model, Retry, text};

/// How long before a token's end its client is warned.
const TOKEN_WARNING: Duration = Duration::from_secs(60);

/// One socket.
#[derive(Clone, Debug)]
pub(crate) struct Socket {
    /// Its address, as lock-outs count it.
    pub(super) address: String,
    pub(crate) access: Access,
    pub(super) kind: Kind,
    pub(crate) link: Option<u64>,
    pub(super) heard: Time,
    window: Time,
    in_window: u32,
}

impl Socket {
    pub(super) fn count(&mut self, now: Time, per_second: u32) -> Verdict {
        count(&mut self.window, &mut self.in_window, now, per_second)
    }
}

/// What a token says: in this world it reads `good/<subject>/<scopes>/<expires, seconds after the start, or ->`.
struct Token {
    subject: String,
    scopes: Scopes,
    expires: Option<Time>,
}

/// Why a `connect` is refused, and with which code its socket is closed.
type Refused = (Fault, u16);

impl Model {
    pub(super) fn opened(&mut self, number: u64, peer: &str, access: Access) {
        self.add_socket(number, peer, access, Kind::WebSocket);
        let at = self.in_ms(self.config.limits.connect_ms);
        self.deadlines.insert(Deadline::Connect(number), at);
    }

    pub(super) fn add_socket(&mut self, number: u64, peer: &str, access: Access, kind: Kind) {
        let address = text::address_key(peer);
        let socket = Socket { address, access, kind, link: None, heard: self.now, window: Time::ZERO, in_window: 0 };
        self.sockets.insert(number, socket);
    }

    /// A sign of life.
    pub(super) fn heard(&mut self, socket: u64) {
        if let Some(socket) = self.sockets.get_mut(&socket) {
            socket.heard = self.now;
        }
    }

    pub(super) fn backlog(&mut self, socket: u64, bytes: u64) {
        if let Some(link) = self.link_of(socket).and_then(|link| self.links.get_mut(&link)) {
            link.backlog = bytes;
        }
    }

    /// A socket is gone, or is closed with `code`; its link, if it carries one, waits for another.
    pub(super) fn close(&mut self, socket: u64, code: Option<u16>) {
        if let Some(link) = self.drop_socket(socket, code) {
            self.owner_gone(link);
        }
    }

    /// The same without a consequence for the sessions of its link, which is told.
    pub(super) fn drop_socket(&mut self, number: u64, code: Option<u16>) -> Option<u64> {
        let socket = self.sockets.remove(&number)?;
        self.deadlines.remove(&Deadline::Connect(number));
        self.deadlines.remove(&Deadline::Heartbeat(number));
        self.deadlines.remove(&Deadline::Poll(number));
        if let Some(code) = code {
            self.end_request(number, socket.kind, code);
        }
        let link = socket.link?;
        let at = self.in_ms(self.config.limits.grace_ms);
        let carried = self.links.get_mut(&link).filter(|link| link.socket == Some(number))?;
        carried.socket = None;
        carried.backlog = 0;
        self.deadlines.insert(Deadline::Grace(link), at);
        Some(link)
    }

    /// CHOICE: three silent intervals are noticed when the next ping would be sent.
    pub(super) fn heartbeat(&mut self, number: u64) {
        let interval = Duration::from_millis(self.config.limits.heartbeat_ms.into());
        let Some(socket) = self.sockets.get(&number) else { return };
        // On a stream nothing comes from its client.
        if socket.kind == Kind::WebSocket && self.now.since(socket.heard) >= interval * 3 {
            return self.close(number, Some(4002));
        }
        self.said.push(Expected::Ping { socket: number });
        self.deadlines.insert(Deadline::Heartbeat(number), self.now + interval);
    }

    /// An error to a socket that has no link has no number.
    pub(super) fn complain_unlinked(&mut self, socket: u64, request: Option<&str>, fault: &Fault) {
        let mut body = json!({"messageType": "coreError", "failure": fault.body()});
        if let Some(request) = request {
            body["requestId"] = request.into();
        }
        self.said.push(Expected::Message { socket, body, is_replay: false });
    }

    pub(super) fn connect(&mut self, socket: u64, message: &Value) {
        let refused = match self.admit(socket, message) {
            Ok((link, replaces)) => return self.connected(socket, message, link, replaces),
            Err(refused) => refused,
        };
        self.complain_unlinked(socket, text::request_id(message), &refused.0);
        self.close(socket, Some(refused.1));
    }

    /// What a `connect` comes to: the link it resumes, or none and why, with the link that ends because of a gap.
    #[allow(clippy::type_complexity, reason = "named here, used once")]
    fn admit(&self, socket: u64, message: &Value) -> Result<(Result<u64, Fresh>, Option<u64>), Refused> {
        let protocol = |fault| (fault, 4000);
        text::request_id(message).ok_or_else(|| protocol(Fault::invalid("requestId")))?;
        if message["protocol"].as_u64().is_some_and(|version| version != 1) {
            return Err(protocol(Fault::new("protocol.unsupported")));
        }
        let client = &message["client"];
        if !client["id"].is_null() && text::id(&client["id"]).is_none() {
            return Err(protocol(Fault::invalid("client.id")));
        }
        let name = client["name"].as_str().unwrap_or_default();
        if name.len() > 128 || name.chars().any(char::is_control) {
            return Err(protocol(Fault::invalid("client.name")));
        }
        let (subject, scopes, expires) = match (self.sockets[&socket].access, self.token(message)) {
            (Access::Open(scopes), _) => (None, scopes, None),
            (Access::Token, Some(token)) => (Some(token.subject), token.scopes, token.expires),
            (Access::Token, None) => return Err((Fault::new("access.denied"), 4003)),
        };
        let mut fresh = Fresh { subject, scopes, expires, reason: None };
        let resume = &message["resume"];
        let mut replaces = None;
        if !resume.is_null() {
            let seq = resume["seq"].as_u64().ok_or_else(|| protocol(Fault::invalid("resume.seq")))?;
            if resume.get("key").is_none() {
                return Err(protocol(Fault::invalid("resume.key")));
            }
            let key = resume["key"].as_str().and_then(|key| key.strip_prefix("resume-key-")?.parse::<u64>().ok());
            let found = self.links.iter().find(|(_, link)| Some(link.key) == key);
            if found.is_some_and(|(_, link)| link.subject != fresh.subject) {
                return Err((Fault::new("access.denied"), 4003));
            }
            match found {
                Some((number, link)) if link.can_resume(seq) == Fate::Kept => return Ok((Ok(*number), None)),
                Some((number, _)) => {
                    replaces = Some(*number);
                    fresh.reason = Some("gap");
                }
                None if key.is_some_and(|key| self.ended_keys.contains(&key)) => fresh.reason = Some("expired"),
                None => fresh.reason = Some("unknown"),
            }
        }
        let links_after = self.links.len() - usize::from(replaces.is_some());
        if links_after >= self.config.limits.links_max as usize {
            return Err((Fault::new("rate.limited"), 4029));
        }
        Ok((Err(fresh), replaces))
    }

    fn connected(&mut self, socket: u64, message: &Value, link: Result<u64, Fresh>, replaces: Option<u64>) {
        match link {
            Ok(link) => {
                self.take_over(link);
                let token = self.token(message);
                let open = self.sockets[&socket].access;
                let remembered_max = self.config.limits.remembered_max;
                if let Some(link) = self.links.get_mut(&link) {
                    (link.scopes, link.expires) = match (open, token) {
                        (Access::Open(scopes), _) => (scopes, None),
                        (Access::Token, token) => token.map_or((link.scopes, link.expires), |t| (t.scopes, t.expires)),
                    };
                    link.acknowledge(message["resume"]["seq"].as_u64().unwrap_or(0), remembered_max);
                }
                self.attach(socket, link);
                self.arm_token(link);
                self.say_connected(socket, link, message, Some(Ok(())));
                // Who connects by a posted message reads by a poll or a stream.
                if self.kind_of(socket) != Some(Kind::Posted) {
                    self.replay(link, socket);
                }
                self.owner_returned(link);
                // Who posted it is answered by `connected` alone: what else there is goes by a poll or a stream.
                if self.kind_of(socket) == Some(Kind::Posted) {
                    self.close(socket, Some(1000));
                }
                self.review_rights(link);
            }
            Err(fresh) => {
                if let Some(old) = replaces {
                    if let Some(old) = self.links[&old].socket {
                        self.drop_socket(old, Some(4001));
                    }
                    self.forget_link(old);
                }
                let client = &message["client"];
                let client_id = client["id"].as_str().map_or_else(|| self.name("client"), str::to_owned);
                let mut link = Link::new(socket, client_id, client["name"].as_str().unwrap_or_default().to_owned());
                (link.subject, link.scopes, link.expires) = (fresh.subject, fresh.scopes, fresh.expires);
                let number = self.number();
                self.links.insert(number, link);
                self.attach(socket, number);
                self.arm_token(number);
                self.say_connected(socket, number, message, fresh.reason.map(Err));
                if let Some(old) = replaces {
                    self.owner_replaced(old, number);
                    self.drop_waiting(old);
                } else {
                    self.owner_returned(number);
                }
            }
        }
    }

    /// A link is taken from what carries it.
    pub(super) fn take_over(&mut self, link: u64) {
        let Some(old) = self.links[&link].socket else { return };
        // A poll is told so by its status.
        if !matches!(self.kind_of(old), Some(Kind::Poll { .. })) {
            let event = json!({"name": "linkMoved", "data": {}});
            let body = json!({"messageType": "coreEvent", "event": event});
            self.said.push(Expected::Message { socket: old, body, is_replay: false });
        }
        self.drop_socket(old, Some(4001));
    }

    pub(super) fn attach(&mut self, number: u64, link: u64) {
        self.carried.insert(number, link);
        if let Some(socket) = self.sockets.get_mut(&number) {
            socket.link = Some(link);
        }
        if let Some(link) = self.links.get_mut(&link) {
            link.socket = Some(number);
            link.backlog = 0;
        }
        self.deadlines.remove(&Deadline::Connect(number));
        self.deadlines.remove(&Deadline::Grace(link));
        if matches!(self.kind_of(number), Some(Kind::WebSocket | Kind::Stream)) {
            let at = self.in_ms(self.config.limits.heartbeat_ms);
            self.deadlines.insert(Deadline::Heartbeat(number), at);
        }
    }

    fn say_connected(&mut self, socket: u64, link: u64, message: &Value, resumed: Option<Result<(), &str>>) {
        let (config, limits) = (&self.config, &self.config.limits);
        let link = &self.links[&link];
        let mut body = json!({
            "messageType": "connected", "requestId": message["requestId"], "protocol": 1,
            "server": {"name": "interaction-processor", "version": config.version, "instance": config.instance},
            "client": {"id": link.client_id, "name": link.client_name},
            "resumeKey": format!("resume-key-{}", link.key),
            "time": self.now.as_millis(), "graceMs": limits.grace_ms, "heartbeatMs": limits.heartbeat_ms,
            "guarantee": config.guarantee.as_str(), "instances": config.instances,
            "limits": {"messageBytes": limits.message_bytes, "pendingBytes": limits.pending_bytes,
                "replayBytes": limits.replay_bytes, "requestsPerSecond": limits.requests_per_second},
        });
        match resumed {
            None => {}
            Some(Ok(())) => body["resumed"] = true.into(),
            Some(Err(reason)) => {
                body["resumed"] = false.into();
                body["reason"] = reason.into();
            }
        }
        self.said.push(Expected::Message { socket, body, is_replay: false });
    }

    fn token(&self, message: &Value) -> Option<Token> {
        let parts: Vec<&str> = message["token"].as_str()?.split('/').collect();
        let ["good", subject, scopes, expires] = parts[..] else { return None };
        let has = |scope| scopes.split(',').any(|one| one == scope);
        let scopes =
            Scopes { agent: has("agent"), supervisor: has("supervisor"), reports: has("reports"), admin: has("admin") };
        let expires = expires.parse().ok().map(|seconds| self.start + Duration::from_secs(seconds));
        Some(Token { subject: subject.to_owned(), scopes, expires })
    }

    fn arm_token(&mut self, link: u64) {
        match self.links.get(&link).and_then(|link| link.expires) {
            Some(expires) => {
                let at = (expires - TOKEN_WARNING).max(self.now);
                self.deadlines.insert(Deadline::Token(link), at);
            }
            None => {
                self.deadlines.remove(&Deadline::Token(link));
            }
        }
    }

    /// A link's token is about to expire, or has.
    pub(super) fn token_due(&mut self, link: u64) {
        let Some((Some(expires), socket)) = self.links.get(&link).map(|link| (link.expires, link.socket)) else {
            return;
        };
        if expires > self.now {
            self.core_event(link, "tokenExpiring", json!({"expiresAt": expires.as_millis()}));
            self.deadlines.insert(Deadline::Token(link), expires);
        } else if let Some(socket) = socket {
            self.close(socket, Some(4003));
        }
    }

    /// `authenticate`: a new token of the same subject.
    pub(super) fn authenticate(&mut self, link: u64, message: &Value) -> Result<(), Fault> {
        let token = self.token(message);
        let Some(own) = self.links.get_mut(&link) else { return Ok(()) };
        // CHOICE: where no token is needed, renewing one succeeds and changes nothing.
        let Some(subject) = &own.subject else { return Ok(()) };
        let token = token.filter(|token| token.subject == *subject).ok_or_else(|| Fault::new("access.denied"))?;
        (own.scopes, own.expires) = (token.scopes, token.expires);
        self.arm_token(link);
        Ok(())
    }

    /// What follows a flood of bytes: the rest of the message is not read, so the socket is closed.
    pub(super) fn too_large(&mut self, socket: u64) {
        self.heard(socket);
        let fault = Fault::new("request.toolarge").retry(Retry::Free);
        match self.link_of(socket) {
            Some(link) => self.complain(link, &fault),
            None => self.complain_unlinked(socket, None, &fault),
        }
        self.close(socket, Some(1009));
    }

    /// What is not one JSON object.
    pub(super) fn malformed(&mut self, socket: u64) {
        self.heard(socket);
        let link = self.link_of(socket);
        if self.within_rate(socket, link, None) {
            let fault = Fault::new("request.malformed");
            match link {
                Some(link) => self.complain(link, &fault),
                None => self.complain_unlinked(socket, None, &fault),
            }
        }
    }
}

/// What a fresh link is made of, and why the one asked for is not resumed.
struct Fresh {
    subject: Option<String>,
    scopes: Scopes,
    expires: Option<Time>,
    reason: Option<&'static str>,
}

//! Sockets come, say `connect`, carry a link, fall silent and go.

pub(crate) mod http;

use crate::failure::{Code, Failure};
use crate::ids::{LinkId, SecretRef, SocketId};
use crate::input::{Access, Claims, FreshKey, KeyHash, Scopes, SecretKind, SecretSpan};
use crate::limits::{CLIENT_NAME_BYTES_MAX, SILENT_HEARTBEATS};
use crate::link::{Head, Link, NewLink, Poll, Rate};
use crate::output::{CloseCode, Sending, Splice, Status};
use crate::socket::{Socket, SocketKind, Sockets, peer_key};
use crate::time::Time;
use crate::timers::TimerName;
use crate::turn::{Turn, core_event_tail};
use crate::wire::message::{self, Envelope};
use crate::wire::write::{self, Class};

/// How a link came to be without a socket, or to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parted {
    /// Its socket is gone; it waits for another.
    Detached(LinkId),
    /// It is over.
    Ended(LinkId),
}

/// What a `connect` came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Connected {
    /// It was refused.
    Refused,
    /// The socket carries this link now.
    Attached(LinkId),
    /// The socket carries a fresh link; the one it asked for is over because of a gap.
    Replaced {
        /// The link that ended.
        old: LinkId,
        /// The link that follows it.
        new: LinkId,
    },
}

/// A socket stands.
pub(crate) fn opened(
    turn: &mut Turn<'_>,
    sockets: &mut Sockets,
    id: SocketId,
    peer: &str,
    access: Access,
    key: FreshKey,
) {
    let connect = std::time::Duration::from_millis(u64::from(turn.config.limits.connect_ms));
    turn.timers.set(TimerName::Connect(id), turn.now + connect);
    let (kind, rate) = (SocketKind::Web, Rate::default());
    let socket = Socket { id, peer: peer_key(peer), access, kind, key: Some(key), link: None, heard: turn.now, rate };
    sockets.insert(id, socket);
}

/// A socket is gone, or is to be closed with `code`. What its link becomes is for the caller to carry on.
pub(crate) fn close(
    turn: &mut Turn<'_>,
    sockets: &mut Sockets,
    id: SocketId,
    code: Option<CloseCode>,
) -> Option<Parted> {
    let left = leave(turn, sockets, id)?;
    if let Some(code) = code {
        match left.kind {
            SocketKind::Web | SocketKind::Stream => turn.outbox.close(id, code),
            SocketKind::Exchange => turn.outbox.answer(id, http::status(code)),
            // Whatever ended it, what was said before is what it is answered.
            SocketKind::Poll if left.was_told => turn.outbox.answer(id, Status::Done),
            SocketKind::Poll => http::refuse_poll(turn, id, code),
        }
    }
    left.parted
}

/// What a socket leaves behind.
struct Left {
    kind: SocketKind,
    /// Whether it was a poll that has its messages.
    was_told: bool,
    parted: Option<Parted>,
}

/// Forgets a socket, without a word to it.
fn leave(turn: &mut Turn<'_>, sockets: &mut Sockets, id: SocketId) -> Option<Left> {
    let socket = sockets.swap_remove(&id)?;
    turn.timers.clear(TimerName::Connect(id));
    turn.timers.clear(TimerName::Heartbeat(id));
    turn.timers.clear(TimerName::Poll(id));
    if let Some(key) = socket.key {
        turn.outbox.forget(key.secret);
    }
    let link = socket.link.and_then(|link| turn.links.get_mut(link)).filter(|link| link.socket == Some(id));
    let Some(link) = link else { return Some(Left { kind: socket.kind, was_told: false, parted: None }) };
    link.socket = None;
    link.backlog_bytes = 0;
    let was_told = link.poll.take().is_some_and(Poll::was_told);
    let link = link.id;
    arm_grace(turn, link);
    Some(Left { kind: socket.kind, was_told, parted: Some(Parted::Detached(link)) })
}

/// A link without a socket ends after the grace time.
fn arm_grace(turn: &mut Turn<'_>, link: LinkId) {
    turn.timers.set(TimerName::LinkGrace(link), turn.now + turn.config.limits.grace());
}

/// Ends a link, with the socket that carries it.
pub(crate) fn end(turn: &mut Turn<'_>, sockets: &mut Sockets, id: LinkId, code: CloseCode) -> Option<Parted> {
    if let Some(socket) = turn.links.get(id)?.socket {
        close(turn, sockets, socket, Some(code));
    }
    turn.timers.clear(TimerName::LinkGrace(id));
    turn.timers.clear(TimerName::Token(id));
    turn.links.close(id)?;
    Some(Parted::Ended(id))
}

/// The heartbeat of a socket is due: asks for a sign of life, or gives the socket up.
pub(crate) fn heartbeat(turn: &mut Turn<'_>, sockets: &mut Sockets, id: SocketId) -> Option<Parted> {
    let Socket { heard, kind, .. } = *sockets.get(&id)?;
    let interval = turn.config.limits.heartbeat();
    // On a stream clients say nothing: that they still receive is for the driver to find.
    if kind == SocketKind::Web && turn.now.since(heard) >= interval * SILENT_HEARTBEATS {
        turn.counters.silent += 1;
        return close(turn, sockets, id, Some(CloseCode::Silent));
    }
    turn.outbox.ping(id);
    turn.timers.set(TimerName::Heartbeat(id), turn.now + interval);
    None
}

/// How long before its end a client is told that its token expires.
const TOKEN_WARNING: std::time::Duration = std::time::Duration::from_secs(60);

/// Arms the next deadline of a link's token: the warning, then the end.
fn arm_token(turn: &mut Turn<'_>, link: LinkId) {
    match turn.links.get(link).and_then(|link| link.token_expires) {
        // Where less time than that is left, the warning comes at once.
        Some(expires) => turn.timers.set(TimerName::Token(link), (expires - TOKEN_WARNING).max(turn.now)),
        None => turn.timers.clear(TimerName::Token(link)),
    }
}

/// A link's token is about to expire, or has.
pub(crate) fn token_due(turn: &mut Turn<'_>, sockets: &mut Sockets, id: LinkId) -> Option<Parted> {
    let link = turn.links.get(id)?;
    let (expires, socket) = (link.token_expires?, link.socket);
    if expires > turn.now {
        turn.core_event(id, "tokenExpiring", |out| {
            out.push(b'{');
            write::number_property(out, "expiresAt", expires.as_millis());
            out.push(b'}');
        });
        turn.timers.set(TimerName::Token(id), expires);
        return None;
    }
    close(turn, sockets, socket?, Some(CloseCode::Token))
}

/// Answers a socket that has no link: such messages have no number.
pub(crate) fn complain(turn: &mut Turn<'_>, id: SocketId, request: Option<&str>, failure: &Failure) {
    turn.counters.failed(failure.code);
    let mut tail = Vec::with_capacity(256);
    tail.extend_from_slice(b"{\"messageType\":\"coreError\"");
    if let Some(request) = request {
        tail.push(b',');
        write::text_property(&mut tail, "requestId", request);
    }
    tail.extend_from_slice(b",\"failure\":");
    write::failure(&mut tail, failure, &turn.context(failure));
    tail.push(b'}');
    turn.outbox.send(id, Sending::Live, &tail.into(), &[], |_| {});
}

/// A `connect` on a socket without a link.
pub(crate) fn connect(
    turn: &mut Turn<'_>,
    sockets: &mut Sockets,
    id: SocketId,
    envelope: &Envelope<'_>,
    text: &str,
    spans: &[SecretSpan],
    claims: Option<&Claims>,
) -> Connected {
    let request = message::request_id(envelope.request_id.as_deref());
    match try_connect(turn, sockets, id, envelope, text, spans, claims) {
        Ok(connected) => connected,
        Err((failure, code)) => {
            complain(turn, id, request.ok(), &failure);
            close(turn, sockets, id, Some(code));
            Connected::Refused
        }
    }
}

fn try_connect(
    turn: &mut Turn<'_>,
    sockets: &mut Sockets,
    id: SocketId,
    envelope: &Envelope<'_>,
    text: &str,
    spans: &[SecretSpan],
    claims: Option<&Claims>,
) -> Result<Connected, (Failure, CloseCode)> {
    let protocol = |failure| (failure, CloseCode::Protocol);
    let request = message::request_id(envelope.request_id.as_deref()).map_err(protocol)?;
    if let Some(version) = envelope.protocol.filter(|version| *version != 1) {
        return Err(protocol(Failure::new(Code::ProtocolUnsupported).with("protocol", version.to_string())));
    }
    let (client_id, client_name) = client(envelope).map_err(protocol)?;
    let socket = sockets.get(&id).ok_or_else(|| protocol(Failure::new(Code::InternalError)))?;
    let grant = match (socket.access, claims) {
        (Access::Open(scopes), _) => Grant { token: None, subject: None, scopes, expires: None },
        (Access::Token, Some(claims)) => Grant::of(claims).ok_or_else(|| {
            let failure =
                Failure::new(Code::AccessDenied).say("The token is not valid here. Connect with a valid one.");
            (failure, CloseCode::Token)
        })?,
        (Access::Token, None) => {
            let failure =
                Failure::new(Code::AccessDenied).say("A token is needed here. Send it as `token` of `connect`.");
            return Err((failure, CloseCode::Token));
        }
    };
    let mut resumed = None;
    let mut replaces = None;
    if let Some(resume) = &envelope.resume {
        let seq = resume.seq.ok_or_else(|| {
            protocol(Failure::invalid("resume.seq", "is missing: the number of the last message that was received"))
        })?;
        let key = resume.key.0.ok_or_else(|| {
            protocol(Failure::invalid("resume.key", "is missing: the `resumeKey` of the link's `connected`"))
        })?;
        // One that was no string has no hash: nobody has such a key.
        let found = find(turn, KeyHash::from_hex(key.trim_matches('"')), seq);
        if let Found::Link(link) | Found::Gap(link) = found
            && turn.links.get(link).is_some_and(|link| link.subject != grant.subject)
        {
            let failure = Failure::new(Code::AccessDenied)
                .say("This link was made with another subject's token. Connect with a token of the same subject.");
            return Err((failure, CloseCode::Token));
        }
        match found {
            Found::Link(link) => {
                if let Some(link) = turn.links.get_mut(link) {
                    grant.give(link);
                }
                // Other objects of the message may be named `resume` too: the key is the one that stands here.
                let span = resume.key.secret(text, spans, SecretKind::ResumeKey);
                return Ok(resume_link(turn, sockets, id, link, seq, request, span));
            }
            Found::Gap(link) => {
                turn.counters.gaps += 1;
                replaces = Some(link);
                resumed = Some("gap");
            }
            Found::Nothing(reason) => {
                turn.counters.not_resumed += 1;
                resumed = Some(reason);
            }
        }
    }
    if let Some(old) = replaces {
        end(turn, sockets, old, CloseCode::Moved);
    }
    if turn.links.len() >= turn.config.limits.links_max as usize {
        let failure =
            Failure::new(Code::RateLimited).say("This server carries as many links as it may. Try again later.");
        return Err((failure.retry_after_ms(5_000), CloseCode::Flood));
    }
    let Some(key) = sockets.get_mut(&id).and_then(|socket| socket.key.take()) else {
        return Err(protocol(Failure::new(Code::InternalError)));
    };
    let client_id = client_id.map_or_else(|| turn.ids.name("c"), Into::into);
    let client_name = client_name.unwrap_or_default().into();
    let Grant { token, subject, scopes, expires } = grant;
    let new = NewLink { client_id, client_name, key: key.hash, token, subject, scopes, token_expires: expires };
    let link = turn.links.open(new);
    turn.counters.links_opened += 1;
    attach(turn, sockets, id, link);
    arm_token(turn, link);
    send_connected(turn, id, link, request, Some(key.secret), resumed.map(Err));
    turn.outbox.forget(key.secret);
    Ok(replaces.map_or(Connected::Attached(link), |old| Connected::Replaced { old, new: link }))
}

enum Found {
    Link(LinkId),
    Gap(LinkId),
    Nothing(&'static str),
}

fn find(turn: &Turn<'_>, key: Option<KeyHash>, seq: u64) -> Found {
    let Some(key) = key else { return Found::Nothing("unknown") };
    match turn.links.by_key(&key).and_then(|id| turn.links.get(id)) {
        Some(link) if link.can_resume(seq) => Found::Link(link.id),
        Some(link) => Found::Gap(link.id),
        None if turn.links.has_ended(&key) => Found::Nothing("expired"),
        None => Found::Nothing("unknown"),
    }
}

fn resume_link(
    turn: &mut Turn<'_>,
    sockets: &mut Sockets,
    id: SocketId,
    link: LinkId,
    seq: u64,
    request: &str,
    span: Option<&SecretSpan>,
) -> Connected {
    displace(turn, sockets, link);
    turn.counters.resumed += 1;
    // The key that was drawn for this socket is not needed: a link keeps its own for life.
    if let Some(unused) = sockets.get_mut(&id).and_then(|socket| socket.key.take()) {
        turn.outbox.forget(unused.secret);
    }
    // INVARIANT: `can_resume` held, so everything up to `seq` was sent.
    let _ = turn.links.acknowledge(link, seq);
    attach(turn, sockets, id, link);
    arm_token(turn, link);
    send_connected(turn, id, link, request, span.map(|span| span.secret), Some(Ok(())));
    // One that connects by a posted message reads by a poll or a stream.
    if sockets.get(&id).is_some_and(|socket| socket.kind != SocketKind::Exchange) {
        turn.links.replay(turn.outbox, link, id);
    }
    Connected::Attached(link)
}

/// Takes a link from the socket that carries it, for another one.
fn displace(turn: &mut Turn<'_>, sockets: &mut Sockets, link: LinkId) {
    let Some(old) = turn.links.get(link).and_then(|link| link.socket) else { return };
    turn.counters.moved += 1;
    // A poll is answered that it is too old.
    if sockets.get(&old).is_some_and(|socket| socket.kind != SocketKind::Poll) {
        let tail = core_event_tail("linkMoved", |out| out.extend_from_slice(b"{}"));
        turn.outbox.send(old, Sending::Live, &tail, &[], |head| {
            head.extend_from_slice(b"{\"messageType\":\"");
            head.extend_from_slice(Class::CoreEvent.as_str().as_bytes());
            head.push(b'"');
        });
    }
    close(turn, sockets, old, Some(CloseCode::Moved));
}

fn attach(turn: &mut Turn<'_>, sockets: &mut Sockets, id: SocketId, link: LinkId) {
    if let Some(socket) = sockets.get_mut(&id) {
        socket.link = Some(link);
    }
    turn.timers.clear(TimerName::Connect(id));
    turn.timers.clear(TimerName::LinkGrace(link));
    match sockets.get(&id).map(|socket| socket.kind) {
        Some(SocketKind::Web | SocketKind::Stream) => {
            turn.timers.set(TimerName::Heartbeat(id), turn.now + turn.config.limits.heartbeat());
        }
        // They have an end of their own.
        Some(SocketKind::Poll | SocketKind::Exchange) | None => {}
    }
    if let Some(link) = turn.links.get_mut(link) {
        link.socket = Some(id);
        link.backlog_bytes = 0;
    }
}

fn send_connected(
    turn: &mut Turn<'_>,
    id: SocketId,
    link: LinkId,
    request: &str,
    key: Option<SecretRef>,
    resumed: Option<Result<(), &str>>,
) {
    let Some(link) = turn.links.get(link) else { return };
    let config = turn.config;
    let mut out = Vec::with_capacity(768);
    out.extend_from_slice(b"{\"messageType\":\"connected\",");
    write::text_property(&mut out, "requestId", request);
    out.extend_from_slice(b",\"protocol\":1,\"server\":{\"name\":\"interaction-processor\",");
    write::text_property(&mut out, "version", &config.version);
    out.push(b',');
    write::text_property(&mut out, "instance", &config.instance);
    out.extend_from_slice(b"},\"client\":{");
    write::text_property(&mut out, "id", &link.client_id);
    out.push(b',');
    write::text_property(&mut out, "name", &link.client_name);
    out.extend_from_slice(b"},\"resumeKey\":");
    let at = out.len();
    out.extend_from_slice(b"null");
    match resumed {
        Some(Ok(())) => out.extend_from_slice(b",\"resumed\":true"),
        Some(Err(reason)) => {
            out.extend_from_slice(b",\"resumed\":false,");
            write::text_property(&mut out, "reason", reason);
        }
        None => {}
    }
    out.push(b',');
    write::number_property(&mut out, "time", turn.now.as_millis());
    out.push(b',');
    write::number_property(&mut out, "graceMs", config.limits.grace_ms.into());
    out.push(b',');
    write::number_property(&mut out, "heartbeatMs", config.limits.heartbeat_ms.into());
    out.push(b',');
    write::text_property(&mut out, "guarantee", config.guarantee.as_str());
    out.extend_from_slice(b",\"instances\":[");
    for (position, instance) in config.instances.iter().enumerate() {
        if position > 0 {
            out.push(b',');
        }
        write::string(&mut out, instance);
    }
    out.extend_from_slice(b"],\"limits\":{");
    write::number_property(&mut out, "messageBytes", config.limits.message_bytes.into());
    out.push(b',');
    write::number_property(&mut out, "pendingBytes", config.limits.pending_bytes.into());
    out.push(b',');
    write::number_property(&mut out, "replayBytes", config.limits.replay_bytes.into());
    out.push(b',');
    write::number_property(&mut out, "requestsPerSecond", config.limits.requests_per_second.into());
    out.extend_from_slice(b"}}");
    // INVARIANT: `connected` stays far below 4 GiB.
    let at = u32::try_from(at).expect("a short message");
    let splices: Vec<Splice> = key.map(|secret| Splice { at, len: 4, secret }).into_iter().collect();
    turn.outbox.send(id, Sending::Live, &out.into(), &splices, |_| {});
}

fn client<'a>(envelope: &'a Envelope<'_>) -> Result<(Option<&'a str>, Option<&'a str>), Failure> {
    let Some(client) = &envelope.client else { return Ok((None, None)) };
    let id = match client.id.as_deref() {
        None => None,
        id => Some(message::id(id, "client.id")?),
    };
    let name = client.name.as_deref();
    if let Some(name) = name.filter(|name| name.len() > CLIENT_NAME_BYTES_MAX || name.chars().any(char::is_control)) {
        let must_be =
            format!("has {} bytes or control characters: at most {CLIENT_NAME_BYTES_MAX} bytes of text", name.len());
        return Err(Failure::invalid("client.name", &must_be));
    }
    Ok((id, name))
}

/// `authenticate`: a new token of the same subject.
pub(crate) fn authenticate(
    turn: &mut Turn<'_>,
    link: LinkId,
    claims: Option<&Claims>,
) -> Result<Option<Scopes>, Failure> {
    let Some(link) = turn.links.get_mut(link) else { return Ok(None) };
    if link.subject.is_none() {
        return Ok(None);
    }
    match claims.and_then(Grant::of) {
        Some(grant) if grant.subject == link.subject => {
            grant.give(link);
            let (id, scopes) = (link.id, link.scopes);
            arm_token(turn, id);
            Ok(Some(scopes))
        }
        Some(_) => {
            Err(Failure::new(Code::AccessDenied).say("The token is another subject's. Send one of the same subject."))
        }
        None => Err(Failure::new(Code::AccessDenied).say("The token is not valid here. Send a valid one as `token`.")),
    }
}

/// The token by which a link lives is another now. Whether it is good yet: otherwise the link has no rights any more.
pub(crate) fn token_changed(turn: &mut Turn<'_>, id: LinkId, claims: &Claims) -> bool {
    let now = turn.now;
    let Some(link) = turn.links.get_mut(id) else { return false };
    let grant = Grant::of(claims).filter(|grant| grant.subject == link.subject);
    match grant.filter(|grant| grant.expires.is_none_or(|expires| expires > now)) {
        Some(grant) => {
            grant.give(link);
            arm_token(turn, id);
            true
        }
        None => {
            link.scopes = Scopes::default();
            link.token_expires = Some(now);
            turn.timers.clear(TimerName::Token(id));
            false
        }
    }
}

/// What a link gets by how it came.
#[derive(Clone, Debug)]
struct Grant {
    /// By this token, where the driver knows tokens by their hashes.
    token: Option<KeyHash>,
    subject: Option<Box<str>>,
    scopes: Scopes,
    expires: Option<Time>,
}

impl Grant {
    /// What a token grants; nothing where it is not good.
    fn of(claims: &Claims) -> Option<Self> {
        match claims {
            Claims::Bad => None,
            Claims::Good { subject, scopes, expires } => {
                Some(Self { token: None, subject: Some(subject.clone()), scopes: *scopes, expires: *expires })
            }
            Claims::Known { token, subject, scopes, expires } => {
                Some(Self { token: Some(*token), subject: Some(subject.clone()), scopes: *scopes, expires: *expires })
            }
        }
    }

    /// Gives it to a link of the same subject.
    fn give(&self, link: &mut Link) {
        link.token = self.token;
        link.scopes = self.scopes;
        link.token_expires = self.expires;
    }
}

/// Tells a link something that every link is told.
pub(crate) fn tell_all(turn: &mut Turn<'_>, bound_only: bool, name: &str, write_data: impl FnOnce(&mut Vec<u8>)) {
    let tail = core_event_tail(name, write_data);
    let links: Vec<LinkId> =
        turn.links.iter().filter(|link| !bound_only || link.service_bound).map(|link| link.id).collect();
    turn.links.tell_many(turn.outbox, &links, Head::Plain(Class::CoreEvent), &tail);
}

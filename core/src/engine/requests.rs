//! The way of a client's message through the engine.

use super::{World, posts};
use crate::attach;
use crate::failure::{Code, Failure};
use crate::ids::{LinkId, SocketId};
use crate::input::{Claims, Frame, MalformedKind, SecretSpan};
use crate::link::{Admission, Rate, Verdict};
use crate::network::{self, Bound};
use crate::output::{CloseCode, Status};
use crate::processor;
use crate::report::resource;
use crate::session;
use crate::socket::SocketKind;
use crate::turn::{Asked, Reply, Route, Turn};
use crate::wire::message::{self, Envelope, Nothing, Request};
use crate::wire::write::{Class, Echo};

/// A well-formed message and what belongs to it.
pub(super) struct Message<'a> {
    /// What it came on.
    pub(super) socket: SocketId,
    pub(super) text: &'a str,
    pub(super) spans: &'a [SecretSpan],
    pub(super) claims: Option<&'a Claims>,
}

/// A message came on an open socket.
pub(super) fn frame(world: &mut World, turn: &mut Turn<'_>, socket: SocketId, frame: Frame<'_>) {
    world.heard(turn.now, socket);
    let link = world.sockets.get(&socket).and_then(|socket| socket.link);
    match &frame {
        Frame::Text { text, secrets, claims } => {
            turn.secrets = secrets.iter().map(|span| span.secret).collect();
            let message = Message { socket, text, spans: secrets, claims: claims.as_ref() };
            match link {
                Some(link) => on_link(world, turn, link, &message),
                None => before_link(world, turn, &message),
            }
            World::forget(turn);
        }
        Frame::Malformed { kind, bytes } => {
            if within_rate(world, turn, socket, link, None) {
                complain(turn, socket, link, &malformed(*kind, *bytes));
            }
        }
        Frame::TooLarge { bytes } => {
            let failure = too_large(turn, *bytes);
            complain(turn, socket, link, &failure);
            let parted = attach::close(turn, &mut world.sockets, socket, Some(CloseCode::TooLarge));
            world.parted(turn, parted);
        }
    }
}

/// What is told of a message that is not well-formed.
pub(super) fn malformed(kind: MalformedKind, bytes: u32) -> Failure {
    Failure::new(Code::RequestMalformed).say(kind.message()).with("bytes", bytes.to_string())
}

/// What is told of a message above the limit.
pub(super) fn too_large(turn: &Turn<'_>, bytes: u64) -> Failure {
    Failure::new(Code::RequestTooLarge)
        .with("bytes", bytes.to_string())
        .with("messageBytes", turn.config.limits.message_bytes.to_string())
}

fn complain(turn: &mut Turn<'_>, socket: SocketId, link: Option<LinkId>, failure: &Failure) {
    match link {
        Some(link) => turn.complain(link, failure),
        None => attach::complain(turn, socket, None, failure),
    }
}

/// Counts a message against the rate. False when it is not to be served; whoever asks too much is told or cut off here.
pub(super) fn within_rate(
    world: &mut World,
    turn: &mut Turn<'_>,
    socket: SocketId,
    link: Option<LinkId>,
    request: Option<&str>,
) -> bool {
    let per_second = turn.config.limits.requests_per_second;
    let now = turn.now;
    let verdict = rate(world, turn, socket, link).map_or(Verdict::Drop, |rate| rate.count(now, per_second));
    if is_exchange(world, socket) && verdict != Verdict::Serve {
        posts::beyond_rate(world, turn, socket, link, request, verdict);
        return false;
    }
    match verdict {
        Verdict::Serve => true,
        Verdict::Tell { retry_after_ms } => {
            let failure = too_many(turn, retry_after_ms);
            match (link, request) {
                // The answer of one that was begun before is on its way: it must have no second one.
                (Some(link), Some(request)) if !turn.links.knows_request(link, request) => {
                    let reply = Reply { link, request: request.into(), route: Route::Core };
                    turn.turn_away(&reply, &failure);
                }
                (Some(link), _) => turn.complain(link, &failure),
                (None, request) => attach::complain(turn, socket, request, &failure),
            }
            false
        }
        Verdict::Drop => false,
        Verdict::Flood => {
            let parted = attach::close(turn, &mut world.sockets, socket, Some(CloseCode::Flood));
            world.parted(turn, parted);
            false
        }
    }
}

/// What is told of requests beyond the rate.
pub(super) fn too_many(turn: &Turn<'_>, retry_after_ms: u64) -> Failure {
    let per_second = turn.config.limits.requests_per_second;
    Failure::new(Code::RateLimited)
        .say(format!(
            "More than {per_second} requests a second. Those beyond are not done; send them again after `retryAfterMs`."
        ))
        .retry_after_ms(retry_after_ms)
}

pub(super) fn is_exchange(world: &World, socket: SocketId) -> bool {
    world.sockets.get(&socket).is_some_and(|socket| socket.kind == SocketKind::Exchange)
}

fn rate<'a>(
    world: &'a mut World,
    turn: &'a mut Turn<'_>,
    socket: SocketId,
    link: Option<LinkId>,
) -> Option<&'a mut Rate> {
    match link.and_then(|link| turn.links.get_mut(link)) {
        Some(link) => Some(&mut link.rate),
        None => world.sockets.get_mut(&socket).map(|socket| &mut socket.rate),
    }
}

/// A message on a socket that carries no link.
pub(super) fn before_link(world: &mut World, turn: &mut Turn<'_>, message: &Message<'_>) {
    let socket = message.socket;
    if !within_rate(world, turn, socket, None, None) {
        return;
    }
    let envelope: Envelope<'_> = match message::parse(message.text, "") {
        Ok(envelope) => envelope,
        Err(failure) => {
            let request = message::request_id_of(message.text);
            attach::complain(turn, socket, request.as_deref(), &failure);
            if message::is_connect(message.text) {
                let parted = attach::close(turn, &mut world.sockets, socket, Some(CloseCode::Protocol));
                world.parted(turn, parted);
            }
            return;
        }
    };
    let request = message::request_id(envelope.request_id.as_deref()).ok();
    let failure = match envelope.message_type.as_deref() {
        Some("connect") => {
            let sockets = &mut world.sockets;
            let connected =
                attach::connect(turn, sockets, socket, &envelope, message.text, message.spans, message.claims);
            return world.connected(turn, connected);
        }
        Some("ack" | "ping" | "authenticate" | "disconnect" | "coreRequest" | "serviceRequest" | "resourceRequest") => {
            Failure::new(Code::LinkRequired)
        }
        Some(other) => unknown_class(other),
        None => no_class(),
    };
    attach::complain(turn, socket, request, &failure);
}

/// A message of a link's client.
pub(super) fn on_link(world: &mut World, turn: &mut Turn<'_>, link: LinkId, message: &Message<'_>) {
    let socket = message.socket;
    let parsed: Result<Envelope<'_>, Failure> = message::parse(message.text, "");
    let envelope = match parsed {
        Ok(envelope) => envelope,
        Err(failure) => {
            if within_rate(world, turn, socket, Some(link), None) {
                match message::request_id_of(message.text) {
                    Some(request) => {
                        admitted(turn, link, &request, Route::Core, |turn, reply| turn.error(reply, &failure));
                    }
                    None => turn.complain(link, &failure),
                }
            }
            return;
        }
    };
    let class = envelope.message_type.as_deref();
    // An acknowledgement asks for nothing.
    if class == Some("ack") {
        let acknowledged = envelope
            .seq
            .ok_or_else(|| Failure::invalid("seq", "is missing: the number of the last message that was received"))
            .and_then(|seq| turn.links.acknowledge(link, seq));
        if let Err(failure) = acknowledged
            && within_rate(world, turn, socket, Some(link), None)
        {
            turn.complain(link, &failure);
        }
        return;
    }
    let request = envelope.request_id.as_deref();
    // A client that asks too much must not think the link is dead: pings count, and are answered until it is a flood.
    if class == Some("ping") {
        let (now, per_second) = (turn.now, turn.config.limits.requests_per_second);
        match rate(world, turn, socket, Some(link)).map(|rate| rate.count_served(now, per_second)) {
            Some(Verdict::Flood) if is_exchange(world, socket) => {
                posts::beyond_rate(world, turn, socket, Some(link), request, Verdict::Flood);
            }
            Some(Verdict::Flood) => {
                let parted = attach::close(turn, &mut world.sockets, socket, Some(CloseCode::Flood));
                world.parted(turn, parted);
            }
            _ => {
                pong(turn, socket, request);
                attach::http::answer(turn, &mut world.sockets, socket, Status::Done);
            }
        }
        return;
    }
    if !within_rate(world, turn, socket, Some(link), message::request_id(request).ok()) {
        return;
    }
    match class {
        Some("disconnect") => {
            let parted = attach::end(turn, &mut world.sockets, link, CloseCode::Normal);
            world.parted(turn, parted);
        }
        Some("connect") => {
            let failure = Failure::invalid("messageType", "is `connect` on a socket that is connected already");
            match message::request_id(request) {
                Ok(request) => admitted(turn, link, request, Route::Core, |turn, reply| turn.error(reply, &failure)),
                Err(_) => turn.complain(link, &failure),
            }
        }
        Some("authenticate" | "coreRequest" | "serviceRequest" | "resourceRequest") => {
            match message::request_id(request) {
                Err(failure) => turn.complain(link, &failure),
                Ok(id) => request_on_link(world, turn, link, id, &envelope, message),
            }
        }
        other => {
            let failure = other.map_or_else(no_class, unknown_class);
            match message::request_id(request) {
                Ok(request) => admitted(turn, link, request, Route::Core, |turn, reply| turn.error(reply, &failure)),
                Err(_) => turn.complain(link, &failure),
            }
        }
    }
}

/// Does `what` for a request that was not seen before; answers again, or leaves alone, one that was.
fn admitted(turn: &mut Turn<'_>, link: LinkId, request: &str, route: Route, what: impl FnOnce(&mut Turn<'_>, &Reply)) {
    let reply = Reply { link, request: request.into(), route };
    match turn.links.begin_request(link, &reply.request) {
        Admission::New => what(turn, &reply),
        Admission::OnItsWay => {}
        Admission::Again { class, tail } => turn.links.answer_again(turn.outbox, link, &reply.request, class, tail),
        Admission::TooMany => {
            let failure = Failure::new(Code::RateLimited)
                .say("As many requests of this link are in progress as may be. Wait for their answers.")
                .retry_after_ms(1_000);
            turn.turn_away(&reply, &failure);
        }
    }
}

fn request_on_link(
    world: &mut World,
    turn: &mut Turn<'_>,
    link: LinkId,
    request: &str,
    envelope: &Envelope<'_>,
    message: &Message<'_>,
) {
    let route = route(turn, envelope);
    admitted(turn, link, request, route, |turn, reply| match envelope.message_type.as_deref() {
        Some("authenticate") => authenticate(world, turn, message, reply),
        Some("coreRequest") => {
            let bound = network::handle(turn, &world.cti, &world.sessions, envelope, reply);
            rebound(world, turn, link, bound);
        }
        Some("serviceRequest") => {
            if let Err(failure) = to_service(world, turn, envelope, message, reply) {
                turn.error(reply, &failure);
            }
        }
        _ => {
            if let Err(failure) = to_resource(world, turn, envelope, message, reply) {
                turn.error(reply, &failure);
            }
        }
    });
}

/// Which part of the protocol a request asks.
fn route(turn: &Turn<'_>, envelope: &Envelope<'_>) -> Route {
    let is_ours = envelope.service_id.as_deref() == Some(&*turn.config.service_id);
    let resource = envelope.resource_id.as_deref().map(|id| message::cut(id).into());
    let astray = |class, resource| Route::Astray {
        class,
        service: envelope.service_id.as_deref().map(|id| message::cut(id).into()),
        resource,
    };
    match (envelope.message_type.as_deref(), resource) {
        (Some("serviceRequest"), _) if is_ours => Route::Service,
        (Some("serviceRequest"), _) => astray(Class::ServiceError, None),
        (Some("resourceRequest"), Some(resource)) if is_ours => Route::Resource(resource),
        (Some("resourceRequest"), resource) => astray(Class::ResourceError, resource),
        _ => Route::Core,
    }
}

fn authenticate(world: &mut World, turn: &mut Turn<'_>, message: &Message<'_>, reply: &Reply) {
    match attach::authenticate(turn, reply.link, message.claims) {
        Ok(changed) => {
            turn.respond(reply, |out, _| out.extend_from_slice(b"\"command\":\"authenticate\",\"result\":\"success\""));
            if changed.is_some() {
                resource::review_rights(turn, &mut world.reports, &world.sessions, reply.link);
            }
        }
        Err(failure) => turn.error(reply, &failure),
    }
}

/// What follows from a change of bindings.
fn rebound(world: &mut World, turn: &mut Turn<'_>, link: LinkId, bound: Bound) {
    match bound {
        Bound::Unchanged => {}
        Bound::Session(resource) => session::bound(turn, &mut world.sessions, &resource),
        Bound::Unbound(resources) => {
            for resource in resources {
                if *resource == *turn.config.reports_id {
                    resource::unbound(&mut world.reports, link);
                } else {
                    session::unbound(turn, &mut world.sessions, &resource);
                }
            }
            resource::review_rights(turn, &mut world.reports, &world.sessions, link);
        }
    }
}

fn to_service(
    world: &mut World,
    turn: &mut Turn<'_>,
    envelope: &Envelope<'_>,
    message: &Message<'_>,
    reply: &Reply,
) -> Result<(), Failure> {
    network::service(turn, envelope)?;
    network::require_service(turn, reply.link)?;
    let (request, asked) = body(envelope, message, reply)?;
    match &*asked.command {
        "prepareSession" => {
            let may = turn.links.get(reply.link).is_some_and(|link| link.scopes.agent);
            if !may {
                let failure = Failure::new(Code::AccessDenied).say("prepareSession needs the scope `agent`.");
                turn.fail(&asked, &failure);
                return Ok(());
            }
            let address = world.sockets.get(&message.socket).map(|socket| socket.peer.clone());
            let World { prepares, lockouts, cti, .. } = world;
            let address = address.unwrap_or_default();
            processor::prepare(turn, prepares, lockouts, cti, &address, message.text, message.spans, &request, asked);
        }
        "getCapabilities" => match message::data_or_default::<Nothing>(&request) {
            Ok(Nothing {}) => processor::capabilities(turn, &world.cti, &asked),
            Err(failure) => turn.fail(&asked, &failure),
        },
        command => {
            let failure = Failure::new(Code::CommandUnsupported).with("command", message::cut(command));
            turn.fail(&asked, &failure);
        }
    }
    Ok(())
}

fn to_resource(
    world: &mut World,
    turn: &mut Turn<'_>,
    envelope: &Envelope<'_>,
    message: &Message<'_>,
    reply: &Reply,
) -> Result<(), Failure> {
    network::service(turn, envelope)?;
    let resource = message::id(envelope.resource_id.as_deref(), "resourceId")?;
    network::require_service(turn, reply.link)?;
    network::require_resource(turn, &world.cti, &world.sessions, reply.link, resource)?;
    let (request, asked) = body(envelope, message, reply)?;
    if resource == &*turn.config.reports_id {
        resource::handle(turn, &mut world.reports, &world.sessions, &world.cti, &request, &asked);
    } else {
        let World { sessions, cti, calls, reports, .. } = world;
        session::handle(turn, sessions, cti, calls, &reports.roster, resource, &request, asked);
    }
    Ok(())
}

/// The body of a service or resource request.
fn body<'a>(envelope: &Envelope<'a>, message: &Message<'a>, reply: &Reply) -> Result<(Request<'a>, Asked), Failure> {
    let raw = envelope
        .request
        .ok_or_else(|| Failure::invalid("request", "is missing: an object with `command` and `data`"))?;
    let request: Request<'a> = message::parse(raw.get(), "request")?;
    let Some(command) = request.command.as_deref().map(str::trim) else {
        return Err(Failure::invalid("request.command", "is missing: the name of a command"));
    };
    let asked = Asked {
        reply: reply.clone(),
        command: message::cut(command).into(),
        target: request.target.as_deref().map(|target| message::path(target).into()),
        original: Echo::new(message.text, raw.get(), message.spans),
    };
    Ok((request, asked))
}

fn pong(turn: &mut Turn<'_>, socket: SocketId, request: Option<&str>) {
    let mut tail = b"{\"messageType\":\"pong\"".to_vec();
    if let Ok(request) = message::request_id(request) {
        tail.push(b',');
        crate::wire::write::text_property(&mut tail, "requestId", request);
    }
    tail.push(b',');
    crate::wire::write::number_property(&mut tail, "time", turn.now.as_millis());
    tail.push(b'}');
    turn.outbox.send(socket, crate::output::Sending::Live, &tail.into(), &[], |_| {});
}

fn unknown_class(class: &str) -> Failure {
    Failure::new(Code::MessageTypeUnknown).with("messageType", message::cut(class))
}

fn no_class() -> Failure {
    Failure::invalid("messageType", "is missing: one of the protocol's message classes")
}

//! The way of what comes by HTTP: a posted message is answered in its turn, a poll at the end of the turn that has something
//! for it.

use super::World;
use super::requests::{self, Message};
use crate::attach::{self, http};
use crate::ids::{LinkId, SocketId};
use crate::input::{Access, Carrier, Frame, KeyHash, Recipient};
use crate::link::{Poll, Verdict};
use crate::output::{CloseCode, Status};
use crate::turn::Turn;

/// How long to wait where the first refusal of this second told it already, in milliseconds.
const RETRY_AFTER_MS: u64 = 1_000;

/// A message was posted.
pub(super) fn posted(
    world: &mut World,
    turn: &mut Turn<'_>,
    socket: SocketId,
    peer: &str,
    access: Access,
    to: Recipient,
    frame: &Frame<'_>,
) {
    if let Frame::Text { secrets, .. } = frame {
        turn.secrets = secrets.iter().map(|span| span.secret).collect();
    }
    let link = match to {
        Recipient::Fresh(key) => {
            http::posted(turn, &mut world.sockets, socket, peer, access, Some(key));
            None
        }
        Recipient::Link(key) => match http::of_key(turn, &key) {
            Ok(link) => {
                http::posted(turn, &mut world.sockets, socket, peer, access, None);
                Some(link)
            }
            Err(refusal) => {
                http::refuse(turn, socket, &refusal);
                return World::forget(turn);
            }
        },
    };
    // Whoever posts lives, though the answers go elsewhere.
    if let Some(carrier) = link.and_then(|link| turn.links.get(link)).and_then(|link| link.socket) {
        world.heard(turn.now, carrier);
    }
    match frame {
        Frame::Text { text, secrets, claims } => {
            let message = Message { socket, text, spans: secrets, claims: claims.as_ref() };
            match link {
                Some(link) => requests::on_link(world, turn, link, &message),
                None => requests::before_link(world, turn, &message),
            }
            World::forget(turn);
        }
        Frame::Malformed { kind, bytes } => {
            if requests::within_rate(world, turn, socket, link, None) {
                attach::complain(turn, socket, None, &requests::malformed(*kind, *bytes));
                http::answer(turn, &mut world.sockets, socket, Status::Malformed);
            }
        }
        Frame::TooLarge { bytes } => {
            let failure = requests::too_large(turn, *bytes);
            attach::complain(turn, socket, None, &failure);
            http::answer(turn, &mut world.sockets, socket, Status::TooLarge);
        }
    }
    settle(world, turn, socket, link);
}

/// A `connect` that was posted has its answer: what else there is for its link goes by a poll or a stream.
pub(super) fn connected(world: &mut World, turn: &mut Turn<'_>, link: LinkId) {
    let carrier = turn.links.get(link).and_then(|link| link.socket);
    let exchange = carrier.filter(|socket| requests::is_exchange(world, *socket));
    if let Some(exchange) = exchange {
        let parted = attach::close(turn, &mut world.sockets, exchange, Some(CloseCode::Normal));
        world.parted(turn, parted);
    }
}

/// Answers a posted message if nothing did yet: a `connect` that made or resumed a link, or what a link took.
fn settle(world: &mut World, turn: &mut Turn<'_>, socket: SocketId, link: Option<LinkId>) {
    let connected = world.sockets.get(&socket).is_some_and(|socket| socket.link.is_some());
    if connected {
        let parted = attach::close(turn, &mut world.sockets, socket, Some(CloseCode::Normal));
        return world.parted(turn, parted);
    }
    let status = if link.is_some() { Status::Accepted } else { Status::Malformed };
    http::answer(turn, &mut world.sockets, socket, status);
}

/// A posted message beyond the rate is told so at once; ten times as many cost the link what carries it.
pub(super) fn beyond_rate(
    world: &mut World,
    turn: &mut Turn<'_>,
    socket: SocketId,
    link: Option<LinkId>,
    request: Option<&str>,
    verdict: Verdict,
) {
    let retry_after_ms = match verdict {
        Verdict::Tell { retry_after_ms } => retry_after_ms,
        Verdict::Serve | Verdict::Drop | Verdict::Flood => RETRY_AFTER_MS,
    };
    let failure = requests::too_many(turn, retry_after_ms);
    attach::complain(turn, socket, request, &failure);
    http::answer(turn, &mut world.sockets, socket, Status::TooMany);
    let carrier = link.and_then(|link| turn.links.get(link)).and_then(|link| link.socket);
    if let (Verdict::Flood, Some(carrier)) = (verdict, carrier) {
        let parted = attach::close(turn, &mut world.sockets, carrier, Some(CloseCode::Flood));
        world.parted(turn, parted);
    }
}

/// A poll or a stream wants to carry a link.
pub(super) fn attached(
    world: &mut World,
    turn: &mut Turn<'_>,
    socket: SocketId,
    key: &KeyHash,
    after: u64,
    carrier: Carrier,
) {
    let connected = http::attached(turn, &mut world.sockets, socket, key, after, carrier);
    world.connected(turn, connected);
}

/// Answers the polls that were told something in this turn.
pub(super) fn answer_polls(world: &mut World, turn: &mut Turn<'_>) {
    for link in std::mem::take(&mut turn.links.polled) {
        let told = turn.links.get(link).filter(|link| link.poll.is_some_and(Poll::was_told));
        if let Some(socket) = told.and_then(|link| link.socket) {
            let parted = http::poll_due(turn, &mut world.sockets, socket);
            world.parted(turn, parted);
        }
    }
}

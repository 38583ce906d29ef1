//! Links carried by HTTP: polls and event streams attach, posted messages are answered.

use std::time::Duration;

use super::{Connected, Parted, attach, complain, displace, leave};
use crate::failure::{Code, Failure};
use crate::ids::{LinkId, SocketId};
use crate::input::{Access, Carrier, FreshKey, KeyHash, Scopes};
use crate::limits::POLL_WAIT_MS_MAX;
use crate::link::{Poll, Rate};
use crate::output::{CloseCode, Status};
use crate::socket::{Socket, SocketKind, Sockets, peer_key};
use crate::timers::TimerName;
use crate::turn::Turn;

/// Why an HTTP request is not served.
type Refusal = (Status, Failure);

/// A posted message stands for the turn as a socket that is answered once.
pub(crate) fn posted(
    turn: &Turn<'_>,
    sockets: &mut Sockets,
    id: SocketId,
    peer: &str,
    access: Access,
    key: Option<FreshKey>,
) {
    let peer = peer_key(peer);
    let (kind, rate) = (SocketKind::Exchange, Rate::default());
    sockets.insert(id, Socket { id, peer, access, kind, key, link: None, heard: turn.now, rate });
}

/// Answers a posted message that was not answered yet. Nothing happens to what is no posted message.
pub(crate) fn answer(turn: &mut Turn<'_>, sockets: &mut Sockets, id: SocketId, status: Status) {
    if sockets.get(&id).is_some_and(|socket| socket.kind == SocketKind::Exchange) {
        leave(turn, sockets, id);
        turn.outbox.answer(id, status);
    }
}

/// A poll or a stream wants to carry the link of a key.
pub(crate) fn attached(
    turn: &mut Turn<'_>,
    sockets: &mut Sockets,
    id: SocketId,
    key: &KeyHash,
    after: u64,
    carrier: Carrier,
) -> Connected {
    let link = match of_key(turn, key).and_then(|link| follows(turn, link, after)) {
        Ok(link) => link,
        Err(refusal) => {
            refuse(turn, id, &refusal);
            return Connected::Refused;
        }
    };
    displace(turn, sockets, link);
    // INVARIANT: `follows` held, so everything up to `after` was sent.
    let _ = turn.links.acknowledge(link, after);
    let kind = match carrier {
        Carrier::Poll { .. } => SocketKind::Poll,
        Carrier::Stream => SocketKind::Stream,
    };
    // What is posted comes from its own peer, and by the rights of the link.
    let (peer, access) = ("".into(), Access::Open(Scopes::default()));
    let (rate, heard) = (Rate::default(), turn.now);
    sockets.insert(id, Socket { id, peer, access, kind, key: None, link: None, heard, rate });
    attach(turn, sockets, id, link);
    match carrier {
        Carrier::Poll { wait_ms } => {
            if let Some(link) = turn.links.get_mut(link) {
                link.poll = Some(Poll::new());
            }
            let wait = Duration::from_millis(u64::from(wait_ms.min(POLL_WAIT_MS_MAX)));
            turn.timers.set(TimerName::Poll(id), turn.now + wait);
        }
        // Whoever waits for the stream to begin learns that it does.
        Carrier::Stream => turn.outbox.ping(id),
    }
    turn.links.replay(turn.outbox, link, id);
    Connected::Attached(link)
}

/// The link of a key, for whoever speaks for it by that key alone.
pub(crate) fn of_key(turn: &Turn<'_>, key: &KeyHash) -> Result<LinkId, Refusal> {
    let Some(link) = turn.links.by_key(key).and_then(|link| turn.links.get(link)) else {
        return Err(if turn.links.has_ended(key) {
            no_link(Status::Ended, "expired", "This link has ended. Connect anew: POST /v1/connect.")
        } else {
            no_link(Status::Unauthorized, "unknown", "No link has this key. Connect first: POST /v1/connect.")
        });
    };
    if link.token_expires.is_some_and(|expires| expires <= turn.now) {
        return Err((Status::Unauthorized, token_over()));
    }
    Ok(link.id)
}

/// A poll has waited long enough.
pub(crate) fn poll_due(turn: &mut Turn<'_>, sockets: &mut Sockets, id: SocketId) -> Option<Parted> {
    let parted = leave(turn, sockets, id)?.parted;
    turn.outbox.answer(id, Status::Done);
    parted
}

/// Refuses a request by what it is told.
pub(crate) fn refuse(turn: &mut Turn<'_>, id: SocketId, (status, failure): &Refusal) {
    complain(turn, id, None, failure);
    turn.outbox.answer(id, *status);
}

/// Ends a poll to which nothing was said, for the reason a socket would be closed.
pub(super) fn refuse_poll(turn: &mut Turn<'_>, id: SocketId, code: CloseCode) {
    let status = status(code);
    let failure = match code {
        CloseCode::Token => token_over(),
        CloseCode::Flood => Failure::new(Code::RateLimited).with("reason", "flood").retry_after_ms(1_000),
        CloseCode::Moved | CloseCode::Elsewhere => {
            no_link(status, "moved", "Another poll, stream or socket carries this link now.").1
        }
        // A link that ends as it was asked to.
        CloseCode::Normal => {
            let ended = no_link(Status::Ended, "expired", "This link has ended. Connect anew: POST /v1/connect.");
            return refuse(turn, id, &ended);
        }
        CloseCode::TooLarge | CloseCode::Restart | CloseCode::Protocol | CloseCode::Silent | CloseCode::Slow => {
            return turn.outbox.answer(id, status);
        }
    };
    refuse(turn, id, &(status, failure));
}

/// What an HTTP request comes to where a socket would be closed.
pub(super) const fn status(code: CloseCode) -> Status {
    match code {
        CloseCode::Normal => Status::Done,
        CloseCode::TooLarge => Status::TooLarge,
        CloseCode::Protocol => Status::Malformed,
        CloseCode::Moved | CloseCode::Elsewhere => Status::Conflict,
        CloseCode::Token => Status::Unauthorized,
        CloseCode::Flood => Status::TooMany,
        CloseCode::Restart | CloseCode::Silent | CloseCode::Slow => Status::Restart,
    }
}

fn follows(turn: &mut Turn<'_>, link: LinkId, after: u64) -> Result<LinkId, Refusal> {
    if turn.links.get(link).is_some_and(|link| link.can_resume(after)) {
        return Ok(link);
    }
    turn.counters.gaps += 1;
    let what = "What follows this number is not kept. Connect with `resume`: a fresh link begins.";
    Err(no_link(Status::Conflict, "gap", what))
}

fn no_link(status: Status, reason: &'static str, what: &'static str) -> Refusal {
    (status, Failure::new(Code::LinkRequired).say(what).with("reason", reason))
}

fn token_over() -> Failure {
    Failure::new(Code::AccessDenied)
        .say("The token of this link is not good any more. Connect with `resume` and a valid one.")
        .with("reason", "token")
}

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use futures_util::Stream;
use interaction_core::ids::SocketId;
use interaction_core::output::Status;
use tokio::sync::oneshot;

use super::{Events, Exchanges, Kind, Reply};
use crate::socket::Told;

const SOCKET: SocketId = SocketId(1);

fn open(kind: Kind) -> (Exchanges, oneshot::Receiver<Reply>) {
    let mut exchanges = Exchanges::new(1_024);
    let (reply, replied) = oneshot::channel();
    exchanges.open(SOCKET, kind, reply);
    (exchanges, replied)
}

fn whole(mut replied: oneshot::Receiver<Reply>) -> (Status, String) {
    match replied.try_recv() {
        Ok(Reply::Whole(status, body)) => (status, String::from_utf8(body.to_vec()).unwrap()),
        other => panic!("{other:?}"),
    }
}

fn streamed(mut replied: oneshot::Receiver<Reply>) -> Events {
    match replied.try_recv() {
        Ok(Reply::Stream(events)) => events,
        other => panic!("{other:?}"),
    }
}

/// The next piece; `None` at the end, an empty one while there is nothing.
fn next(events: &mut Events) -> Option<String> {
    match Pin::new(events).poll_next(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Some(Ok(piece))) => Some(String::from_utf8(piece.to_vec()).unwrap()),
        Poll::Ready(None) => None,
        Poll::Pending => Some(String::new()),
    }
}

#[test]
fn a_poll_gets_its_messages_together() {
    let (mut exchanges, replied) = open(Kind::Poll);
    exchanges.send(SOCKET, b"{\"a\"", b":1}", true, false);
    exchanges.send(SOCKET, b"", b"{\"b\":2}", true, true);
    assert!(exchanges.is_known(SOCKET));
    exchanges.answer(SOCKET, Status::Done);
    assert!(!exchanges.is_known(SOCKET) && !exchanges.is_empty(), "its response is on its way");
    assert_eq!(whole(replied), (Status::Done, "{\"messages\":[{\"a\":1},{\"b\":2}]}".into()));
    assert!(!exchanges.left(SOCKET) && exchanges.is_empty());
}

#[test]
fn a_poll_without_messages_is_empty_and_a_refused_one_is_told_why() {
    let (mut exchanges, replied) = open(Kind::Poll);
    exchanges.answer(SOCKET, Status::Done);
    assert_eq!(whole(replied), (Status::Done, "{\"messages\":[]}".into()));
    let (mut exchanges, replied) = open(Kind::Poll);
    exchanges.send(SOCKET, b"", b"{\"why\":1}", true, false);
    exchanges.answer(SOCKET, Status::Conflict);
    assert_eq!(whole(replied), (Status::Conflict, "{\"why\":1}".into()));
}

#[test]
fn a_client_that_goes_first_is_told_to_the_engine() {
    let (mut exchanges, replied) = open(Kind::Poll);
    drop(replied);
    assert!(exchanges.left(SOCKET));
    exchanges.answer(SOCKET, Status::Done);
    assert!(exchanges.is_empty());
}

#[test]
fn a_stream_begins_with_a_comment_and_ends_with_the_reason() {
    let (mut exchanges, replied) = open(Kind::Stream);
    exchanges.ping(SOCKET);
    exchanges.send(SOCKET, b"{\"messageType\":\"coreEvent\",\"seq\":1", b"}", true, false);
    exchanges.flush();
    let mut events = streamed(replied);
    assert_eq!(next(&mut events).unwrap(), ":\n\nid: 1\ndata: {\"messageType\":\"coreEvent\",\"seq\":1}\n\n");
    assert_eq!(next(&mut events).unwrap(), "");
    assert!(exchanges.close(SOCKET, 4001, "moved"));
    assert_eq!(next(&mut events).unwrap(), "event: close\ndata: {\"code\":4001,\"reason\":\"moved\"}\n\n");
    assert_eq!(next(&mut events), None);
}

#[test]
fn a_stream_that_is_refused_is_an_ordinary_answer() {
    let (mut exchanges, replied) = open(Kind::Stream);
    exchanges.send(SOCKET, b"", b"{\"why\":1}", true, false);
    exchanges.answer(SOCKET, Status::Ended);
    assert_eq!(whole(replied), (Status::Ended, "{\"why\":1}".into()));
}

#[test]
fn a_stream_is_cut_when_more_than_the_bound_waits_and_a_replay_does_not_count() {
    let (mut exchanges, replied) = open(Kind::Stream);
    exchanges.ping(SOCKET);
    exchanges.send(SOCKET, b"{", &[b'x'; 4_096], false, false);
    exchanges.flush();
    assert_eq!(exchanges.poll_told(), None);
    exchanges.send(SOCKET, b"{", &[b'x'; 600], true, false);
    exchanges.flush();
    assert!(matches!(exchanges.poll_told(), Some(Told::Backlog(SOCKET, 600..))));
    exchanges.send(SOCKET, b"{", &[b'x'; 600], true, false);
    exchanges.flush();
    assert_eq!(exchanges.poll_told(), Some(Told::Slow(SOCKET)));
    assert!(!exchanges.is_known(SOCKET));
    let mut events = streamed(replied);
    assert_eq!(next(&mut events), None, "what waited is dropped: it is kept by the engine");
}

#[test]
fn a_stream_that_was_read_has_room_again() {
    let (mut exchanges, replied) = open(Kind::Stream);
    exchanges.ping(SOCKET);
    exchanges.flush();
    let mut events = streamed(replied);
    for _ in 0..20 {
        exchanges.send(SOCKET, b"{", &[b'x'; 600], true, false);
        exchanges.flush();
        while next(&mut events).is_some_and(|piece| !piece.is_empty()) {}
    }
    assert!(exchanges.is_known(SOCKET));
}

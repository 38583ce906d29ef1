//! An event stream between the loop, which feeds it, and its response, which takes what there is when the network does.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use futures_util::Stream;

/// What says that the stream lives: a comment.
pub(super) const COMMENT: &[u8] = b":\n\n";

/// The loop's end.
#[derive(Debug)]
pub(crate) struct Feed(Arc<Mutex<Queue>>);

/// The response's end: pieces of the stream, each some events.
#[derive(Debug)]
pub(crate) struct Events(Arc<Mutex<Queue>>);

/// What was not taken yet. Held for the time of a push or a pop.
#[derive(Debug, Default)]
struct Queue {
    pieces: VecDeque<(Bytes, usize)>,
    /// Bytes of live messages among them.
    live: usize,
    is_over: bool,
    waker: Option<Waker>,
}

/// A stream that is empty yet.
pub(super) fn feed() -> (Feed, Events) {
    let queue = Arc::new(Mutex::new(Queue::default()));
    (Feed(Arc::clone(&queue)), Events(queue))
}

impl Feed {
    /// Adds a piece, of which so many bytes are live.
    pub(super) fn push(&self, piece: Bytes, live: usize) {
        let mut queue = lock(&self.0);
        queue.pieces.push_back((piece, live));
        queue.live += live;
        queue.wake();
    }

    /// Bytes of live messages that wait.
    pub(super) fn live(&self) -> usize {
        lock(&self.0).live
    }

    /// Nothing more comes.
    pub(super) fn end(&self) {
        let mut queue = lock(&self.0);
        queue.is_over = true;
        queue.wake();
    }

    /// Nothing more comes, not even what waits.
    pub(super) fn cut(&self) {
        let mut queue = lock(&self.0);
        queue.pieces.clear();
        queue.is_over = true;
        queue.wake();
    }
}

impl Queue {
    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

impl Stream for Events {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut queue = lock(&self.0);
        match queue.pieces.pop_front() {
            Some((piece, live)) => {
                queue.live -= live;
                Poll::Ready(Some(Ok(piece)))
            }
            None if queue.is_over => Poll::Ready(None),
            None => {
                queue.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

/// Nothing that is done while it is held can panic half-way.
fn lock(queue: &Mutex<Queue>) -> MutexGuard<'_, Queue> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Appends one message as an event; its number, where it has one, is the event's id.
pub(super) fn event(head: &[u8], tail: &[u8], out: &mut Vec<u8>) {
    out.reserve(head.len() + tail.len() + 40);
    if let Some(seq) = seq(head) {
        out.extend_from_slice(b"id: ");
        out.extend_from_slice(seq);
        out.push(b'\n');
    }
    // Messages are compact JSON: no line ends within.
    out.extend_from_slice(b"data: ");
    out.extend_from_slice(head);
    out.extend_from_slice(tail);
    out.extend_from_slice(b"\n\n");
}

/// Appends the last event of a stream: what a WebSocket would be closed with.
pub(super) fn close(code: u16, reason: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(format!("event: close\ndata: {{\"code\":{code},\"reason\":\"{reason}\"}}\n\n").as_bytes());
}

/// The digits of a message's number, which stands second in it.
fn seq(head: &[u8]) -> Option<&[u8]> {
    const CLASS: &[u8] = b"{\"messageType\":\"";
    const SEQ: &[u8] = b"\",\"seq\":";
    let after_class = head.strip_prefix(CLASS)?;
    let class = after_class.iter().position(|byte| *byte == b'"')?;
    let number = after_class[class..].strip_prefix(SEQ)?;
    let digits = number.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (digits > 0).then(|| &number[..digits])
}

#[cfg(test)]
mod tests {
    use super::{close, event};

    fn written(head: &str, tail: &str) -> String {
        let mut out = Vec::new();
        event(head.as_bytes(), tail.as_bytes(), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn an_event_has_the_message_s_number() {
        let head = r#"{"messageType":"coreEvent","seq":417"#;
        let want = format!("id: 417\ndata: {head},\"event\":{{}}}}\n\n");
        assert_eq!(written(head, ",\"event\":{}}"), want);
        // With secrets in it, a message comes in one piece.
        let whole = r#"{"messageType":"serviceResponse","seq":5,"requestId":"p"}"#;
        assert_eq!(written(whole, ""), format!("id: 5\ndata: {whole}\n\n"));
    }

    #[test]
    fn what_has_no_number_has_no_id() {
        for whole in [r#"{"messageType":"coreEvent","event":{"name":"linkMoved","seq":3}}"#, "", "{"] {
            assert_eq!(written(whole, ""), format!("data: {whole}\n\n"));
        }
    }

    #[test]
    fn the_last_event_says_why() {
        let mut out = Vec::new();
        close(4001, "link moved", &mut out);
        assert_eq!(out, b"event: close\ndata: {\"code\":4001,\"reason\":\"link moved\"}\n\n");
    }
}

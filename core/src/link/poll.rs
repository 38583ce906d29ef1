//! A long poll takes the first messages, up to a bound, and then no more: what it does not take is kept for the next one.

use serde::{Deserialize, Serialize};

use super::keep::{Head, HeadText};
use crate::limits::POLL_BYTES_MAX;

/// `{"messages":[]}`, and a comma before each message but the first.
const AROUND_BYTES: u64 = 15;

/// What one poll was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Poll {
    /// For how much more there is room, in bytes.
    room: u64,
    told: bool,
}

impl Poll {
    /// One that was told nothing.
    pub(crate) const fn new() -> Self {
        Self { room: POLL_BYTES_MAX - AROUND_BYTES, told: false }
    }

    /// Whether it was told something.
    pub(crate) const fn was_told(self) -> bool {
        self.told
    }

    /// Whether a message goes with the answer. After one that does not, none does.
    pub(super) fn takes(&mut self, head: &Head, tail: &[u8], seq: u64, text: &HeadText) -> bool {
        let mut written = Vec::new();
        head.write(&mut written, seq, text);
        let bytes = (written.len() + tail.len()) as u64 + 1;
        let fits = bytes <= self.room;
        self.room = if fits { self.room - bytes } else { 0 };
        let is_first = !std::mem::replace(&mut self.told, true);
        fits || is_first
    }
}

#[cfg(test)]
mod tests {
    use super::Poll;
    use crate::limits::POLL_BYTES_MAX;
    use crate::link::{Head, HeadText};
    use crate::wire::write::Class;

    fn takes(poll: &mut Poll, bytes: usize) -> bool {
        let text = HeadText::new("processor", "reports");
        let head = Head::Plain(Class::CoreEvent);
        let mut written = Vec::new();
        head.write(&mut written, 7, &text);
        poll.takes(&head, &vec![b'x'; bytes - written.len()], 7, &text)
    }

    #[test]
    fn takes_as_many_as_fit_and_none_after_the_first_that_does_not() {
        let mut poll = Poll::new();
        let half = POLL_BYTES_MAX as usize / 2;
        assert!(takes(&mut poll, half) && poll.was_told());
        assert!(!takes(&mut poll, half));
        assert!(!takes(&mut poll, 100), "a hole");
    }

    #[test]
    fn fills_the_bound_exactly() {
        let mut poll = Poll::new();
        let rest = POLL_BYTES_MAX as usize - 15 - 501 - 1;
        assert!(takes(&mut poll, 500) && takes(&mut poll, rest));
        assert!(!takes(&mut poll, 100));
    }

    #[test]
    fn takes_one_message_however_long() {
        let mut poll = Poll::new();
        assert!(takes(&mut poll, 2 * POLL_BYTES_MAX as usize));
        assert!(!takes(&mut poll, 100));
    }
}

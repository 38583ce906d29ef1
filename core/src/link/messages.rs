//! What links keep: each message once, however many keep it.

use std::ops::Index;
use std::sync::Arc;

use super::keep::{Head, HeadText};

/// A message somebody keeps. Reused once nobody does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MessageNo(u32);

/// A kept message, but for its number, which each link has for itself.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) head: Head,
    pub(crate) tail: Arc<[u8]>,
}

/// What every acknowledgement of a message touches, packed close together: what all links keep is more than a cache holds.
#[derive(Clone, Copy, Debug)]
struct Held {
    /// How many links keep it.
    by: u32,
    /// What it counts for wherever it is kept: a shared tail in full.
    bytes: u32,
}

/// Room for so many is kept when nobody keeps anything.
const ROOM_AT_REST: usize = 1_024;

/// The table of kept messages.
#[derive(Debug, Default)]
pub(crate) struct Messages {
    held: Vec<Held>,
    slots: Vec<Option<Message>>,
    free: Vec<u32>,
}

impl Messages {
    /// A message that is kept once, by whoever asks for it.
    pub(crate) fn insert(&mut self, head: Head, tail: Arc<[u8]>, text: &HeadText) -> MessageNo {
        let bytes = u32::try_from(head.bytes(text) + tail.len()).unwrap_or(u32::MAX);
        let (held, message) = (Held { by: 1, bytes }, Some(Message { head, tail }));
        match self.free.pop() {
            Some(index) => {
                self.held[index as usize] = held;
                self.slots[index as usize] = message;
                MessageNo(index)
            }
            None => {
                self.held.push(held);
                self.slots.push(message);
                // INVARIANT: what all links keep together stays below 2^32 messages.
                MessageNo(u32::try_from(self.slots.len() - 1).expect("kept messages are bounded"))
            }
        }
    }

    /// What it counts for wherever it is kept, in bytes.
    pub(crate) fn bytes(&self, no: MessageNo) -> u64 {
        self.held[no.0 as usize].bytes.into()
    }

    /// It is kept so many times more.
    pub(crate) fn hold(&mut self, no: MessageNo, times: u32) {
        self.held[no.0 as usize].by += times;
    }

    /// It is kept once less; nothing is left of it when nobody keeps it.
    pub(crate) fn release(&mut self, no: MessageNo) {
        let held = &mut self.held[no.0 as usize];
        held.by -= 1;
        if held.by > 0 {
            return;
        }
        self.slots[no.0 as usize] = None;
        self.free.push(no.0);
        if self.free.len() == self.slots.len() && self.slots.capacity() > ROOM_AT_REST {
            *self = Self::default();
        }
    }
}

impl Index<MessageNo> for Messages {
    type Output = Message;

    fn index(&self, no: MessageNo) -> &Message {
        // INVARIANT: whoever has a number keeps the message.
        self.slots[no.0 as usize].as_ref().expect("a kept message is there")
    }
}

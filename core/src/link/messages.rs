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
    bytes: u64,
    /// How many links keep it.
    holders: u32,
}

/// Room for so many is kept when nobody keeps anything.
const ROOM_AT_REST: usize = 1_024;

/// The table of kept messages.
#[derive(Debug, Default)]
pub(crate) struct Messages {
    slots: Vec<Option<Message>>,
    free: Vec<u32>,
}

impl Message {
    /// What it counts for wherever it is kept: a shared tail in full.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }
}

impl Messages {
    /// A message that is kept once, by whoever asks for it.
    pub(crate) fn insert(&mut self, head: Head, tail: Arc<[u8]>, text: &HeadText) -> MessageNo {
        let bytes = (head.bytes(text) + tail.len()) as u64;
        let message = Some(Message { head, tail, bytes, holders: 1 });
        match self.free.pop() {
            Some(index) => {
                self.slots[index as usize] = message;
                MessageNo(index)
            }
            None => {
                self.slots.push(message);
                // INVARIANT: what all links keep together stays below 2^32 messages.
                MessageNo(u32::try_from(self.slots.len() - 1).expect("kept messages are bounded"))
            }
        }
    }

    /// It is kept so many times more.
    pub(crate) fn hold(&mut self, no: MessageNo, times: u32) {
        if let Some(message) = &mut self.slots[no.0 as usize] {
            message.holders += times;
        }
    }

    /// It is kept once less; nothing is left of it when nobody keeps it.
    pub(crate) fn release(&mut self, no: MessageNo) {
        let Some(message) = &mut self.slots[no.0 as usize] else { return };
        message.holders -= 1;
        if message.holders > 0 {
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

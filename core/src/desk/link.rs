//! The link's numbers, and its key.

use super::limits;
use crate::secret::Secret;
use crate::time::Time;

/// What a client knows of its link.
#[derive(Debug, Default)]
pub(super) struct Link {
    /// None where there is none, or none that may be resumed.
    pub(super) key: Option<Secret>,
    /// The number of the last message that came.
    pub(super) seq: u64,
    acknowledged: u64,
    /// Bytes that came since.
    unacknowledged: usize,
    ack_at: Option<Time>,
}

/// What a message's number says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numbered {
    /// It is the next one.
    Next,
    /// It was there before.
    Again,
    /// One before it is missing.
    Hole,
}

impl Link {
    /// A fresh link of that key.
    pub(super) fn fresh(key: &str) -> Self {
        Self { key: Some(Secret::new(key.to_owned())), ..Self::default() }
    }

    /// Counts a message of so many bytes.
    pub(super) fn count(&mut self, now: Time, seq: u64, bytes: usize) -> Numbered {
        if seq <= self.seq {
            return Numbered::Again;
        }
        if seq != self.seq + 1 {
            return Numbered::Hole;
        }
        self.seq = seq;
        self.unacknowledged += bytes;
        let by_bytes = self.unacknowledged >= limits::ACK_BYTES;
        let at = if by_bytes { now } else { now + limits::ACK_EVERY };
        self.ack_at = Some(self.ack_at.map_or(at, |before| before.min(at)));
        Numbered::Next
    }

    /// When to acknowledge.
    pub(super) const fn ack_at(&self) -> Option<Time> {
        self.ack_at
    }

    /// The number to acknowledge, where it is time.
    pub(super) fn acknowledge(&mut self, now: Time) -> Option<u64> {
        self.ack_at.take_if(|at| *at <= now)?;
        self.mark()
    }

    /// Resuming acknowledges: the number to name.
    pub(super) fn resume(&mut self) -> u64 {
        self.mark();
        self.seq
    }

    /// No acknowledgement can be sent now.
    pub(super) const fn pause(&mut self) {
        self.ack_at = None;
    }

    fn mark(&mut self) -> Option<u64> {
        self.ack_at = None;
        self.unacknowledged = 0;
        let news = self.seq > self.acknowledged;
        self.acknowledged = self.seq;
        news.then_some(self.seq)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_counted_and_acknowledged_once_a_second() {
        let mut link = Link::fresh("k");
        let at = Time::from_millis;
        assert_eq!(link.count(at(0), 1, 100), Numbered::Next);
        assert_eq!(link.count(at(500), 2, 100), Numbered::Next);
        assert_eq!(link.count(at(600), 2, 100), Numbered::Again);
        assert_eq!(link.count(at(600), 4, 100), Numbered::Hole);
        assert_eq!(link.ack_at(), Some(at(1_000)));
        assert_eq!(link.acknowledge(at(999)), None);
        assert_eq!(link.acknowledge(at(1_000)), Some(2));
        assert_eq!(link.ack_at(), None);
        assert_eq!(link.count(at(1_001), 3, limits::ACK_BYTES), Numbered::Next);
        assert_eq!(link.acknowledge(at(1_001)), Some(3));
        assert_eq!(link.resume(), 3);
    }
}

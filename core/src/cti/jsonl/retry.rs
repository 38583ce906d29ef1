//! Which address is tried next, and when.

use std::time::Duration;

use super::Config;

/// Addresses in order; after all of them failed a wait, twice as long each time, within a bound.
#[derive(Clone, Debug)]
pub(super) struct Retry {
    addresses: usize,
    next: usize,
    wait: Duration,
    first: Duration,
    longest: Duration,
}

impl Retry {
    pub(super) fn new(config: &Config) -> Self {
        let first = Duration::from_millis(config.retry_first_ms.max(1).into());
        let longest = Duration::from_millis(config.retry_longest_ms.into()).max(first);
        Self { addresses: config.addresses, next: 0, wait: first, first, longest }
    }

    /// The address to try.
    pub(super) const fn address(&self) -> usize {
        self.next
    }

    /// An attempt failed, or a connection was lost. Returns how long to wait before the next.
    pub(super) fn failed(&mut self, was_steady: bool) -> Duration {
        if was_steady {
            self.next = 0;
            self.wait = self.first;
            return Duration::ZERO;
        }
        self.next += 1;
        if self.next < self.addresses {
            return Duration::ZERO;
        }
        self.next = 0;
        let wait = self.wait;
        self.wait = (wait * 2).min(self.longest);
        wait
    }
}

//! How long to wait before the next attempt, and how often before nothing more is tried.

use std::time::Duration;

use super::limits;
use crate::rng::Rng;

/// Counts failures in a row.
#[derive(Debug)]
pub(super) struct Backoff {
    rng: Rng,
    /// Attempts that failed since a link stood for a while.
    pub(super) failed: u32,
    /// Times in a row the server broke the protocol.
    pub(super) nonsense: u32,
    /// Times in a row a socket was sent elsewhere.
    pub(super) elsewhere: u32,
}

impl Backoff {
    pub(super) fn new(seed: u64) -> Self {
        Self { rng: Rng::new(seed), failed: 0, nonsense: 0, elsewhere: 0 }
    }

    /// Draws a wait from zero to a range that doubles with each failure, above what the server asked for: so ten thousand clients
    /// of a server that was restarted do not come at once.
    pub(super) fn draw(&mut self, at_least: Duration) -> Duration {
        let range = limits::BACKOFF_FIRST.saturating_mul(1 << self.failed.min(16)).min(limits::BACKOFF_LONGEST);
        let micros = u64::try_from(range.as_micros()).unwrap_or(u64::MAX);
        at_least.min(limits::RETRY_AFTER_MAX) + Duration::from_micros(self.rng.below(micros.saturating_add(1)))
    }

    /// A link stood for a while, or the user wants a new beginning.
    pub(super) const fn reset(&mut self) {
        self.failed = 0;
        self.nonsense = 0;
        self.elsewhere = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_drawn_from_ranges_that_double_up_to_half_a_minute() {
        for (failed, range_ms) in [(0, 800), (1, 1_600), (5, 25_600), (6, 30_000), (60, 30_000)] {
            let mut backoff = Backoff::new(7);
            backoff.failed = failed;
            let drawn: Vec<_> = (0..1_000).map(|_| backoff.draw(Duration::ZERO)).collect();
            let longest = drawn.iter().max().expect("some");
            assert!(*longest <= Duration::from_millis(range_ms), "{failed}: {longest:?}");
            assert!(*longest > Duration::from_millis(range_ms * 9 / 10), "{failed}: {longest:?}");
            assert!(drawn.iter().min().expect("some") < &Duration::from_millis(range_ms / 10));
        }
    }

    #[test]
    fn a_server_is_given_the_time_it_asks_for_within_reason() {
        let mut backoff = Backoff::new(7);
        assert!(backoff.draw(Duration::from_secs(5)) >= Duration::from_secs(5));
        assert!(backoff.draw(Duration::from_secs(86_400)) <= limits::RETRY_AFTER_MAX + limits::BACKOFF_FIRST);
    }
}

//! How many requests may be sent now: what a server drops beyond its rate is never answered.

use std::time::Duration;

use crate::time::Time;

const WINDOW: Duration = Duration::from_secs(1);
/// Requests in flight at a time, below what a server lets be in progress.
const IN_FLIGHT_MAX: usize = 128;

/// Requests counted in windows of one second.
#[derive(Debug, Default)]
pub(super) struct Pace {
    window: Time,
    count: u32,
}

impl Pace {
    /// Takes the right to send one more; else when to ask again, `None` for when an answer came.
    pub(super) fn take(&mut self, now: Time, per_second: u32, in_flight: usize) -> Result<(), Option<Time>> {
        if in_flight >= IN_FLIGHT_MAX {
            return Err(None);
        }
        if now.since(self.window) >= WINDOW {
            self.window = now;
            self.count = 0;
        }
        // A server's own window may hold parts of two of these.
        if self.count >= (per_second / 2).max(1) {
            return Err(Some(self.window + WINDOW));
        }
        self.count += 1;
        Ok(())
    }
}

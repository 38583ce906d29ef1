//! How often a client may ask.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::limits::FLOOD_FACTOR;
use crate::time::Time;

const WINDOW: Duration = Duration::from_secs(1);

/// Requests counted in windows of one second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Rate {
    window: Time,
    count: u32,
}

/// What becomes of one more request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is served.
    Serve,
    /// It is the first beyond the rate in this second: the client is told.
    Tell {
        /// When the next second begins.
        retry_after_ms: u64,
    },
    /// It is dropped; the client was told already.
    Drop,
    /// Ten times the rate: the socket is closed.
    Flood,
}

impl Rate {
    /// Counts what is served even beyond the rate, as long as it is no flood.
    pub(crate) fn count_served(&mut self, now: Time, per_second: u32) -> Verdict {
        match self.count(now, per_second) {
            Verdict::Serve | Verdict::Tell { .. } | Verdict::Drop => Verdict::Serve,
            Verdict::Flood => Verdict::Flood,
        }
    }

    /// Counts one request.
    pub(crate) fn count(&mut self, now: Time, per_second: u32) -> Verdict {
        if now.since(self.window) >= WINDOW {
            self.window = now;
            self.count = 0;
        }
        self.count = self.count.saturating_add(1);
        if self.count <= per_second {
            Verdict::Serve
        } else if self.count == per_second + 1 {
            let left = WINDOW.saturating_sub(now.since(self.window));
            Verdict::Tell { retry_after_ms: u64::try_from(left.as_millis()).unwrap_or(0).max(1) }
        } else if self.count > per_second.saturating_mul(FLOOD_FACTOR) {
            Verdict::Flood
        } else {
            Verdict::Drop
        }
    }
}

//! How the store does: told to the log once for each change, and to the metrics.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use tracing::{error, info, warn};

/// What state a database is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Condition {
    /// It has not been reached yet.
    Opening,
    /// It takes what it is given.
    Working,
    /// It has no room; what comes waits, and questions are answered.
    Full,
    /// It cannot be reached, or does not answer; what comes waits.
    Away,
    /// A newer version of the server has changed it: this one leaves it alone.
    Refused,
}

impl Condition {
    /// Every state, in declaration order.
    pub(crate) const ALL: [Self; 5] = [Self::Opening, Self::Working, Self::Full, Self::Away, Self::Refused];

    /// The word an operator reads.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Opening => "opening",
            Self::Working => "working",
            Self::Full => "full",
            Self::Away => "away",
            Self::Refused => "refused",
        }
    }
}

/// Shared by the loop, which shows it, and the tasks that change it.
#[derive(Debug)]
pub(super) struct Status {
    condition: AtomicU8,
    /// Journeys the database holds, when they were last counted.
    pub(super) journeys: AtomicU64,
    /// Records of the audit trail it holds, when they were last counted.
    pub(super) audits: AtomicU64,
    /// Records written.
    pub(super) written: AtomicU64,
    /// Transactions that failed and were tried again.
    pub(super) retries: AtomicU64,
    /// Records that were dropped: a bound was reached, or the database will not have them.
    pub(super) lost: AtomicU64,
    /// Records that wait to be written.
    pub(super) waiting: AtomicU64,
    /// Questions that could not be answered.
    pub(super) unanswered: AtomicU64,
}

impl Status {
    pub(super) fn new() -> Self {
        let zero = || AtomicU64::new(0);
        Self {
            condition: AtomicU8::new(Condition::Opening as u8),
            journeys: zero(),
            audits: zero(),
            written: zero(),
            retries: zero(),
            lost: zero(),
            waiting: zero(),
            unanswered: zero(),
        }
    }

    pub(super) fn condition(&self) -> Condition {
        let now = self.condition.load(Ordering::Relaxed);
        Condition::ALL.into_iter().find(|condition| *condition as u8 == now).unwrap_or(Condition::Opening)
    }

    /// The state is this from now on. A change is logged, with the reason; staying is not.
    pub(super) fn turn(&self, condition: Condition, why: &str) {
        let before = self.condition();
        if before == condition {
            return;
        }
        self.condition.store(condition as u8, Ordering::Relaxed);
        match condition {
            Condition::Opening => {}
            Condition::Working if before == Condition::Opening => info!("the store works"),
            Condition::Working => info!("the store works again; {} records were lost so far", self.lost()),
            Condition::Full => warn!("the store has no room, what comes waits in memory: {why}. Make room for it"),
            Condition::Away => warn!("the store cannot be used, what comes waits in memory: {why}"),
            Condition::Refused => error!("the store is left alone: {why}"),
        }
    }

    /// So many records are lost. The first is logged, and then each time ten times as many are.
    pub(super) fn lose(&self, records: usize, why: &str) {
        let records = records as u64;
        let before = self.lost.fetch_add(records, Ordering::Relaxed);
        let digits = |count: u64| count.checked_ilog10().map_or(0, |digits| digits + 1);
        if digits(before) != digits(before + records) {
            warn!("{} records for the store are lost so far: {why}", before + records);
        }
    }

    pub(super) fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_read_as_it_was_set() {
        let status = Status::new();
        for condition in Condition::ALL {
            status.turn(condition, "a test");
            assert_eq!(status.condition(), condition);
        }
        status.lose(3, "a test");
        status.lose(9, "a test");
        assert_eq!(status.lost(), 12);
    }
}

//! The only file that reads a clock.

use std::time::Duration;

use interaction_core::time::Time;
use rustix::time::{ClockId, clock_gettime};
use tracing::warn;

/// The wall clock as it stood at the start, carried on by a clock that never goes backwards and counts sleep. A wall
/// clock that is set meanwhile moves nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    started_wall: Duration,
    started: Duration,
}

impl Clock {
    /// Reads the wall clock, once.
    pub(crate) fn start() -> Self {
        let wall = read(ClockId::Realtime);
        if wall.is_zero() {
            warn!("the machine's clock stands before 1970: times in messages will be wrong");
        }
        Self { started_wall: wall, started: read(STEADY) }
    }

    /// Now. Never earlier than what an earlier call on any thread said.
    pub(crate) fn now(&self) -> Time {
        Time::ZERO + self.started_wall + read(STEADY).saturating_sub(self.started)
    }

    /// When this process started.
    pub(crate) fn started(&self) -> Time {
        Time::ZERO + self.started_wall
    }

    /// How long from now to `at`; zero when it is past.
    pub(crate) fn until(&self, at: Time) -> Duration {
        at.since(self.now())
    }
}

/// Counts the time the machine sleeps, which `std::time::Instant` does not on Linux.
#[cfg(any(target_os = "linux", target_os = "android"))]
const STEADY: ClockId = ClockId::Boottime;
/// Elsewhere the monotonic clock counts sleep, or there is none that does.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const STEADY: ClockId = ClockId::Monotonic;

fn read(clock: ClockId) -> Duration {
    let at = clock_gettime(clock);
    let seconds = u64::try_from(at.tv_sec).unwrap_or(0);
    Duration::new(seconds, u32::try_from(at.tv_nsec).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    use super::Clock;

    #[test]
    fn it_starts_at_the_wall_clock_and_never_goes_backwards() {
        let clock = Clock::start();
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        assert!(clock.now().as_millis().abs_diff(u64::try_from(wall.as_millis()).unwrap()) < 1_000);
        let mut last = clock.now();
        for _ in 0..10_000 {
            let now = clock.now();
            assert!(now >= last);
            last = now;
        }
        assert!(last > clock.started());
    }

    #[test]
    fn a_moment_that_is_past_is_due_at_once() {
        let clock = Clock::start();
        assert_eq!(clock.until(clock.started()), Duration::ZERO);
        let ahead = clock.until(clock.now() + Duration::from_secs(5));
        assert!(ahead > Duration::from_secs(4) && ahead <= Duration::from_secs(5));
    }
}

//! When a day begins.

use std::time::Duration;

use crate::time::Time;

/// A day, by the clock of UTC: where clocks are changed in summer, the local time at which it begins is another then.
pub(super) const DAY: Duration = Duration::from_secs(86_400);

/// When the day that `now` falls into began, where days begin `day_starts_min` minutes after midnight, UTC. The first day of
/// the epoch begins with it.
pub fn day_begin(now: Time, day_starts_min: u32) -> Time {
    let offset = Duration::from_secs(u64::from(day_starts_min) * 60);
    let into = (now - offset).as_micros() % u64::try_from(DAY.as_micros()).unwrap_or(u64::MAX);
    let begun = (now - offset) - Duration::from_micros(into) + offset;
    if begun > now { Time::ZERO } else { begun }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_its_minute_and_not_before() {
        let midnight = 1_790_035_200_000; // 2026-09-22 00:00 UTC
        let at = |ms| Time::from_millis(ms);
        assert_eq!(day_begin(at(midnight), 0), at(midnight));
        assert_eq!(day_begin(at(midnight - 1), 0), at(midnight - 86_400_000));
        assert_eq!(day_begin(at(midnight + 5), 0), at(midnight));
        let four = 4 * 60;
        assert_eq!(day_begin(at(midnight), four), at(midnight - 20 * 3_600_000));
        assert_eq!(day_begin(at(midnight + 4 * 3_600_000), four), at(midnight + 4 * 3_600_000));
        assert_eq!(day_begin(at(midnight + 4 * 3_600_000 - 1), four), at(midnight - 20 * 3_600_000));
        assert_eq!(day_begin(at(1_000), four), Time::ZERO, "before the first whole day");
    }
}

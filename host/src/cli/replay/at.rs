//! A place in a recording, as people name it.

use std::time::Duration;

use interaction_core::time::Time;

use super::super::people::span;
use crate::config::epoch_us;

/// A place in a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// An input, by its number.
    Input(u64),
    /// A moment.
    Moment(Time),
    /// A moment, counted from where the recording begins.
    After(Duration),
}

impl At {
    /// Reads a number, `+90s`, or `2026-03-31T08:00:00Z`.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let said = match text.strip_prefix('+') {
            Some(after) => span(after).map(Self::After),
            None if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok().map(Self::Input),
            None => epoch_us(text).map(|at| Self::Moment(Time::from_micros(at))),
        };
        said.ok_or(
            "write an input's number, a time such as 2026-03-31T08:00:00Z, or one from the beginning such as +90s",
        )
    }

    /// Whether an input is at this place or after it.
    pub(super) fn is_reached(self, begin: Time, number: u64, now: Time) -> bool {
        match self {
            Self::Input(at) => number >= at,
            Self::Moment(at) => now >= at,
            Self::After(after) => now >= begin + after,
        }
    }

    /// Whether an input is after this place.
    pub(super) fn is_passed(self, begin: Time, number: u64, now: Time) -> bool {
        match self {
            Self::Input(at) => number > at,
            Self::Moment(at) => now > at,
            Self::After(after) => now > begin + after,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use interaction_core::time::Time;

    use super::At;

    #[test]
    fn places_are_numbers_moments_and_times_from_the_beginning() {
        assert_eq!(At::parse("17"), Ok(At::Input(17)));
        assert_eq!(At::parse("+90s"), Ok(At::After(Duration::from_secs(90))));
        assert_eq!(At::parse("1970-01-01T00:00:01.000250Z"), Ok(At::Moment(Time::from_micros(1_000_250))));
        for text in ["", "+", "+90", "soon", "-1", "2026-03-31", "99999999999999999999"] {
            assert!(At::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_input_at_a_place_is_reached_and_not_passed() {
        let begin = Time::from_millis(1_000);
        let now = Time::from_millis(3_000);
        for at in [At::Input(5), At::Moment(now), At::After(Duration::from_secs(2))] {
            assert!(at.is_reached(begin, 5, now) && !at.is_passed(begin, 5, now), "{at:?}");
            assert!(!at.is_reached(begin, 4, Time::from_millis(2_999)), "{at:?}");
            assert!(at.is_passed(begin, 6, Time::from_millis(3_001)), "{at:?}");
        }
    }
}

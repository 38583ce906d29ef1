//! The time of day at which reports begin to count anew.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

const MINUTES_A_DAY: i32 = 24 * 60;
/// Offsets from UTC that there are reach to 14 hours.
const OFFSET_MAX: i32 = 14 * 60;

/// A local time of day and its offset from UTC, in minutes. The offset is fixed: where clocks are changed in summer, the day
/// begins an hour later then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct DayStarts {
    local: i32,
    offset: i32,
}

impl DayStarts {
    /// Minutes after midnight, UTC: 0 to 1439.
    pub(crate) fn utc_minutes(self) -> u32 {
        (self.local - self.offset).rem_euclid(MINUTES_A_DAY).unsigned_abs()
    }
}

impl FromStr for DayStarts {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("`{text}` is no time of day: write `06:00` for UTC, or `06:00+02:00`");
        let (local, offset) = match text.find(['+', '-']) {
            Some(at) => text.split_at(at),
            None => (text.strip_suffix('Z').unwrap_or(text), "+00:00"),
        };
        let local = minutes(local).filter(|local| *local < MINUTES_A_DAY).ok_or_else(wrong)?;
        let size = minutes(&offset[1..]).filter(|size| *size <= OFFSET_MAX).ok_or_else(wrong)?;
        Ok(Self { local, offset: if offset.starts_with('-') { -size } else { size } })
    }
}

/// `HH:MM`.
fn minutes(text: &str) -> Option<i32> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |digits: &str| {
        let two = digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_digit());
        if two { digits.parse::<i32>().ok() } else { None }
    };
    Some(number(hours)? * 60 + number(minutes).filter(|minutes| *minutes < 60)?)
}

impl fmt::Display for DayStarts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clock = |minutes: i32| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        let sign = if self.offset < 0 { '-' } else { '+' };
        write!(f, "{}{sign}{}", clock(self.local), clock(self.offset.abs()))
    }
}

impl TryFrom<String> for DayStarts {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<DayStarts> for String {
    fn from(starts: DayStarts) -> Self {
        starts.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_time_becomes_minutes_of_utc() {
        let read = |text: &str| text.parse::<DayStarts>().map(DayStarts::utc_minutes);
        assert_eq!(read("00:00"), Ok(0));
        assert_eq!(read("06:00+02:00"), Ok(240));
        assert_eq!(read("06:00Z"), Ok(360));
        assert_eq!(read("00:30+05:30"), Ok(1_140), "the day before, in UTC");
        assert_eq!(read("23:00-03:00"), Ok(120), "the day after");
        for wrong in
            ["", "6:00", "24:00", "06:60", "06:00+15:00", "06:00+2", "06.00", "+02:00", "06:00+02:00+01:00", "é1:00"]
        {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        let written = DayStarts::from_str("06:00-03:30").expect("a time").to_string();
        assert_eq!(written, "06:00-03:30");
    }
}

//! One value of a row as the database writes it in text.

use std::fmt;

use crate::time::Time;

/// The longest text taken over from a cell, in bytes: the widest column of the schema holds 128 characters.
const TEXT_MAX: usize = 512;

/// A cell that is not what its column holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellError {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// What it should have been.
    pub expected: &'static str,
}

impl fmt::Display for CellError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, column, expected } = self;
        write!(f, "{table}.{column} holds no {expected}: the database is not of the schema this server reads")
    }
}

impl std::error::Error for CellError {}

/// What a column's text is read as.
pub(super) trait Cell: Sized {
    /// For people, where it is not.
    const EXPECTED: &'static str;

    /// Reads it; `None` is the database's null.
    fn read(text: Option<&str>) -> Option<Self>;
}

/// A number. UCCX writes a missing one as -1, which stays readable as such; a null is the same.
impl Cell for i64 {
    const EXPECTED: &'static str = "whole number";

    fn read(text: Option<&str>) -> Option<Self> {
        let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Some(-1) };
        // Decimal columns come as `17.` or `17.0` from some drivers.
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        if fraction.bytes().any(|digit| digit != b'0') {
            return None;
        }
        whole.parse().ok()
    }
}

/// A flag: `t`, `1` and their like, as drivers spell them.
impl Cell for bool {
    const EXPECTED: &'static str = "boolean";

    fn read(text: Option<&str>) -> Option<Self> {
        match text.map(str::trim) {
            None | Some("" | "0" | "f" | "F" | "false" | "FALSE" | "n" | "N") => Some(false),
            Some("1" | "t" | "T" | "true" | "TRUE" | "y" | "Y") => Some(true),
            Some(_) => None,
        }
    }
}

/// A text; a null is empty, as UCCX writes it itself.
impl Cell for Box<str> {
    const EXPECTED: &'static str = "text";

    fn read(text: Option<&str>) -> Option<Self> {
        let text = text.unwrap_or_default().trim_end();
        let mut end = text.len().min(TEXT_MAX);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        Some(text[..end].chars().filter(|character| !character.is_control()).collect())
    }
}

/// A moment in UTC, `2026-11-22 21:47:47[.123]`; a null is none.
impl Cell for Option<Time> {
    const EXPECTED: &'static str = "date and time";

    fn read(text: Option<&str>) -> Option<Self> {
        match text.map(str::trim).filter(|text| !text.is_empty()) {
            None => Some(None),
            Some(text) => moment(text).map(Some),
        }
    }
}

fn moment(text: &str) -> Option<Time> {
    let (date, clock) = text.split_once([' ', 'T'])?;
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let mut parts = date.splitn(3, '-').chain(clock.splitn(3, ':')).map(number);
    let mut next = || parts.next().flatten();
    let (year, month, day, hour, minute, second) = (next()?, next()?, next()?, next()?, next()?, next()?);
    let within = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    if !within || fraction.len() > 9 {
        return None;
    }
    let micros = if fraction.is_empty() { 0 } else { number(&format!("{fraction:0<6}")[..6])? };
    let seconds = ((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
    Some(Time::from_micros(seconds * 1_000_000 + micros))
}

/// Digits only: no sign, no blank.
fn number(text: &str) -> Option<u64> {
    let is_plain = !text.is_empty() && text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit());
    is_plain.then(|| text.parse().ok()).flatten()
}

/// Days from 1970-01-01 to a date of the Gregorian calendar: years begin in March here, so that leap days end them.
const fn days(year: u64, month: u64, day: u64) -> u64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let to_month = (153 * month + 2) / 5;
    year * 365 + year / 4 - year / 100 + year / 400 + to_month + day - 1 - 719_468
}

/// A moment as databases read it: `2026-11-22 21:47:47.123`.
pub(super) fn written(at: Time) -> String {
    let millis = at.as_millis();
    let (days, rest) = (millis / 86_400_000, millis % 86_400_000);
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (hour, minute) = (rest / 3_600_000, rest / 60_000 % 60);
    let (second, milli) = (rest / 1_000 % 60, rest % 1_000);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{milli:03}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn moments_are_read_as_drivers_write_them() {
        let at = |text: &str| <Option<Time>>::read(Some(text));
        assert_eq!(at("1970-01-01 00:00:00"), Some(Some(Time::ZERO)));
        assert_eq!(at("2024-02-29 12:30:15.5"), Some(Some(Time::from_millis(1_709_209_815_500))));
        assert_eq!(at("2026-11-22T21:47:47.123456"), Some(Some(Time::from_micros(1_795_384_067_123_456))));
        assert_eq!(<Option<Time>>::read(None), Some(None));
        for wrong in ["yesterday", "2026-11-22", "2026-13-01 00:00:00", "2026-11-22 24:00:00", "2026-11-22 1:2:x", "-1"]
        {
            assert_eq!(at(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn numbers_flags_and_texts_are_read_as_drivers_write_them() {
        assert_eq!(i64::read(Some("17.0")), Some(17));
        assert_eq!(i64::read(Some(" -1 ")), Some(-1));
        assert_eq!(i64::read(None), Some(-1));
        assert_eq!(i64::read(Some("1.5")), None);
        assert_eq!(bool::read(Some("t")), Some(true));
        assert_eq!(bool::read(Some("0")), Some(false));
        assert_eq!(bool::read(Some("perhaps")), None);
        assert_eq!(<Box<str>>::read(Some("Ulrike\n Haddad  ")).as_deref(), Some("Ulrike Haddad"));
        assert_eq!(<Box<str>>::read(Some(&"ü".repeat(400))).map(|text| text.len()), Some(TEXT_MAX));
    }

    proptest! {
        #[test]
        fn a_written_moment_reads_back(millis in 0_u64..253_402_300_800_000) {
            let at = Time::from_millis(millis);
            prop_assert_eq!(<Option<Time>>::read(Some(&written(at))), Some(Some(at)));
        }
    }
}

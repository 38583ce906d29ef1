//! Text for people: durations, times of day, columns, and names that may hold anything.

use std::time::Duration;

use interaction_core::time::Time;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// `m:ss`, `h:mm:ss` from an hour on.
pub(super) fn duration(duration: Duration) -> String {
    let (hours, minutes, seconds) = (duration.as_secs() / 3_600, duration.as_secs() / 60 % 60, duration.as_secs() % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// `hh:mm:ss` UTC of a moment in milliseconds since the epoch.
pub(super) fn time_of_day(at_ms: u64) -> String {
    let seconds = at_ms / 1_000 % 86_400;
    format!("{:02}:{:02}:{:02}Z", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

/// The text without what would act on a terminal.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || is_invisible(c) { '\u{FFFD}' } else { c }).collect()
}

/// Changes the direction of what follows it on the line.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// The text in so many columns: cut with `…` or filled up with blanks.
pub(super) fn column(text: &str, columns: usize) -> String {
    let text = plain(text);
    let width = text.width();
    if width <= columns {
        return text + &" ".repeat(columns - width);
    }
    let mut cut = String::new();
    let mut used = 0;
    for c in text.chars() {
        let width = c.width().unwrap_or(0);
        if used + width + 1 > columns {
            break;
        }
        used += width;
        cut.push(c);
    }
    cut.push('…');
    cut + &" ".repeat(columns.saturating_sub(used + 1))
}

/// `2026-03-31 08:00:00Z`
pub(super) fn date_and_time(at_ms: u64) -> String {
    let (year, month, day) = date_of(at_ms / 86_400_000);
    format!("{year:04}-{month:02}-{day:02} {}", time_of_day(at_ms))
}

/// Reads `30s`, `5m`, `12h` or `7d`.
pub(super) fn span(text: &str) -> Option<Duration> {
    let (number, seconds) = [("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)]
        .into_iter()
        .find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, seconds)))?;
    number.parse::<u64>().ok()?.checked_mul(seconds).map(Duration::from_secs)
}

/// `2026-03-31T08:00:00.000250Z`
pub(super) fn timestamp(at: Time) -> String {
    let (micros, second) = (at.as_micros() % 1_000_000, at.as_micros() / 1_000_000);
    let (year, month, day) = date_of(second / 86_400);
    let second = second % 86_400;
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z")
}

/// Reads `2026-03-31` or `2026-03-31T08:00:00Z`.
pub(super) fn moment(text: &str) -> Option<Time> {
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time.strip_suffix('Z')?)),
        None => (text, None),
    };
    let number = |text: &str, digits: usize| {
        let plain = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
        if plain { text.parse::<u64>().ok() } else { None }
    };
    let mut parts = date.split('-');
    let (year, month, day) = (number(parts.next()?, 4)?, number(parts.next()?, 2)?, number(parts.next()?, 2)?);
    let mut seconds = 0;
    if let Some(time) = time {
        let mut parts = time.split(':');
        for most in [24, 60, 60] {
            seconds = seconds * 60 + number(parts.next()?, 2).filter(|part| *part < most)?;
        }
        parts.next().is_none().then_some(())?;
    }
    // The date is one of those that there are: no 30th of February comes out of a count of days.
    let first = year.checked_sub(1970)? * 365;
    let days = (first..first + 1_000).find(|days| date_of(*days) == (year, month, day))?;
    parts.next().is_none().then(|| Time::from_millis((days * 86_400 + seconds) * 1_000))
}

/// Year, month and day so many days after 1970-01-01: by the calendar that begins its years in March, so that a leap day is a
/// year's last.
const fn date_of(days: u64) -> (u64, u64, u64) {
    const DAYS_OF_400_YEARS: u64 = 146_097;
    const FROM_MARCH_OF_YEAR_0: u64 = 719_468;
    let days = days + FROM_MARCH_OF_YEAR_0;
    let (era, day) = (days / DAYS_OF_400_YEARS, days % DAYS_OF_400_YEARS);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year + next, month, day)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use unicode_width::UnicodeWidthStr;

    use super::{column, date_of, duration, plain, time_of_day};

    #[test]
    fn durations_and_times() {
        assert_eq!(duration(Duration::from_secs(42)), "0:42");
        assert_eq!(duration(Duration::from_secs(3_600 + 61)), "1:01:01");
        assert_eq!(duration(Duration::from_secs(100 * 3_600)), "100:00:00");
        assert_eq!(time_of_day(1_790_000_000_000), "14:13:20Z");
    }

    #[test]
    fn columns_are_as_wide_as_they_say() {
        for text in ["", "Ada", "Ágnes Ősz-Kovács", "山田 太郎", "عبد الرحمن", "a name that is too long for it"]
        {
            assert_eq!(column(text, 12).width(), 12, "{text}");
        }
        assert_eq!(column("Adalbert", 5), "Adal…");
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (days, date) in [(0, (1970, 1, 1)), (59, (1970, 3, 1)), (11_016, (2000, 2, 29)), (20_717, (2026, 9, 21))] {
            assert_eq!(date_of(days), date);
        }
        let (mut last, mut count) = ((1969, 12, 31), 0);
        for days in 0..60_000 {
            let date = date_of(days);
            assert!(date > last && (1..=12).contains(&date.1) && (1..=31).contains(&date.2), "{date:?}");
            count += u32::from(date.1 == 2 && date.2 == 29);
            last = date;
        }
        assert_eq!((last, count), ((2134, 4, 10), 40), "a leap day every four years, 2100 left out");
    }

    #[test]
    fn nothing_acts_on_the_terminal() {
        assert_eq!(plain("a\u{1b}[2Jb\u{202E}c\n"), "a\u{FFFD}[2Jb\u{FFFD}c\u{FFFD}");
    }
}

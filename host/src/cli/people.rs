//! Text for people: durations, times of day, columns, and names that may hold anything.

use std::time::Duration;

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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use unicode_width::UnicodeWidthStr;

    use super::{column, duration, plain, time_of_day};

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
    fn nothing_acts_on_the_terminal() {
        assert_eq!(plain("a\u{1b}[2Jb\u{202E}c\n"), "a\u{FFFD}[2Jb\u{FFFD}c\u{FFFD}");
    }
}

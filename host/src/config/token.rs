//! `[[tokens]]`: who may connect where tokens are asked for.

use serde::{Deserialize, Serialize};
use toml::value::{Datetime, Offset};

/// One token, by its hash. `interaction-processor token new` draws a token and prints its entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct TokenSettings {
    /// `sha256:` and the SHA-256 of the token in hexadecimal digits.
    pub(crate) hash: String,
    /// Whose it is: a link is resumed by a token of the same subject only.
    pub(crate) subject: String,
    /// What it permits.
    pub(crate) scopes: Vec<Scope>,
    /// Until when, such as `"2027-01-01T00:00:00Z"`; without it for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires: Option<String>,
}

/// What a token permits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Scope {
    /// Prepare agent sessions
    Agent,
    /// See what a supervisor sees of any team
    Supervisor,
    /// Read any report
    Reports,
    /// Administer the server: its metrics
    Admin,
}

/// Milliseconds since the epoch of a moment that says its date, time and zone, and is not before the epoch.
pub(crate) fn epoch_ms(moment: &str) -> Option<u64> {
    epoch_us(moment).map(|micros| micros / 1_000)
}

/// The same in microseconds.
pub(crate) fn epoch_us(moment: &str) -> Option<u64> {
    let moment: Datetime = moment.parse().ok()?;
    let (date, time, offset) = (moment.date?, moment.time?, moment.offset?);
    let minutes_east = match offset {
        Offset::Z => 0,
        Offset::Custom { minutes } => i64::from(minutes),
    };
    // Days since 0000-03-01 of the proleptic Gregorian calendar, in which leap days end a year.
    let (month, year) = (i64::from(date.month), i64::from(date.year));
    let (month, year) = if month > 2 { (month - 3, year) } else { (month + 9, year - 1) };
    let days = 365 * year + year.div_euclid(4) - year.div_euclid(100)
        + year.div_euclid(400)
        + (153 * month + 2) / 5
        + i64::from(date.day)
        - 1;
    /// Of 1970-01-01.
    const EPOCH_DAYS: i64 = 719_468;
    let minutes = ((days - EPOCH_DAYS) * 24 + i64::from(time.hour)) * 60 + i64::from(time.minute) - minutes_east;
    let micros = (minutes * 60 + i64::from(time.second)) * 1_000_000 + i64::from(time.nanosecond / 1_000);
    u64::try_from(micros).ok()
}

#[cfg(test)]
mod tests {
    use super::epoch_ms;

    #[test]
    fn moments_are_counted_from_the_epoch() {
        for (moment, want) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2000-02-29T23:59:59.25Z", Some(951_868_799_250)),
            ("2026-11-22T23:30:46+01:00", Some(1_795_386_646_000)),
            ("2100-03-01T00:00:00Z", Some(4_107_542_400_000)),
            ("1969-12-31T23:59:59Z", None),
            ("2026-11-22T23:30:46", None),
            ("2026-11-22", None),
            ("tomorrow", None),
        ] {
            assert_eq!(epoch_ms(moment), want, "{moment}");
        }
    }
}

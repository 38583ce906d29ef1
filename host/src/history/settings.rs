//! `[history]`

use serde::{Deserialize, Serialize};

/// Where journeys of calls are looked up that the server did not see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct HistorySettings {
    /// The ODBC connection string of UCCX's database, without the password, such as
    /// `DSN=uccx;UID=uccxhruser`; empty for none.
    pub(crate) connection: String,
    /// The file the password stands in, readable by nobody else.
    pub(crate) password_file: String,
    /// How long the database may take to answer one statement, or to log in, in milliseconds.
    pub(crate) timeout_ms: u32,
    /// How many days back lists of calls reach.
    pub(crate) recent_days: u32,
}

impl Default for HistorySettings {
    fn default() -> Self {
        Self { connection: String::new(), password_file: String::new(), timeout_ms: 5_000, recent_days: 7 }
    }
}

impl HistorySettings {
    /// What is wrong with them: the key, and what to write instead.
    pub(crate) fn check(&self) -> Result<(), (&'static str, String)> {
        let names = self.connection.split(';').filter_map(|pair| pair.split_once('=')).map(|(name, _)| name.trim());
        if names.into_iter().any(|name| name.eq_ignore_ascii_case("pwd") || name.eq_ignore_ascii_case("password")) {
            let what = "holds a password: write it into a file of its own and name that in `history.password-file`";
            return Err(("history.connection", what.into()));
        }
        if !(100..=60_000).contains(&self.timeout_ms) {
            return Err(("history.timeout-ms", format!("is {}: 100 to 60000 are possible", self.timeout_ms)));
        }
        if !(1..=366).contains(&self.recent_days) {
            return Err(("history.recent-days", format!("is {}: 1 to 366 are possible", self.recent_days)));
        }
        Ok(())
    }

    /// The connection string, and the password where there is one.
    #[cfg(feature = "odbc")]
    pub(crate) fn login(&self) -> Result<Login, String> {
        let password = match &*self.password_file {
            "" => None,
            path => {
                let text = std::fs::read_to_string(path)
                    .map_err(|error| format!("`history.password-file`: cannot read {path}: {error}"))?;
                let mut text = text;
                text.truncate(text.trim_end_matches(['\r', '\n']).len());
                Some(interaction_core::secret::Secret::new(text))
            }
        };
        Ok(Login { connection: self.connection.clone(), password })
    }
}

/// What a connection is opened with.
#[cfg(feature = "odbc")]
#[derive(Debug)]
pub(crate) struct Login {
    /// Everything but the password.
    pub(crate) connection: String,
    /// The password.
    pub(crate) password: Option<interaction_core::secret::Secret>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_named_with_its_key() {
        let of = |connection: &str| HistorySettings { connection: connection.into(), ..HistorySettings::default() };
        assert_eq!(HistorySettings::default().check(), Ok(()));
        assert_eq!(of("DSN=uccx;UID=uccxhruser").check(), Ok(()));
        for connection in ["DSN=uccx;PWD=x", "dsn=uccx; pwd = {x}", "Password=x"] {
            assert_eq!(of(connection).check().map_err(|(key, _)| key), Err("history.connection"), "{connection}");
        }
        let wrong = HistorySettings { timeout_ms: 0, ..HistorySettings::default() };
        assert_eq!(wrong.check().map_err(|(key, _)| key), Err("history.timeout-ms"));
        let wrong = HistorySettings { recent_days: 0, ..HistorySettings::default() };
        assert_eq!(wrong.check().map_err(|(key, _)| key), Err("history.recent-days"));
    }
}

//! UCCX's historical database through ODBC: IBM's Informix driver at a site, any other with the same tables in tests.

use std::time::Duration;

use interaction_core::cti::uccx::history::{self, Database, Filter, HistoryError, Row, Table};
use interaction_core::ids::CallId;
use interaction_core::input::RecentCall;
use interaction_core::report::journey::JourneyRecord;
use interaction_core::time::Time;
use odbc_api::buffers::TextRowSet;
use odbc_api::{Connection, ConnectionOptions, Cursor, IntoParameter, environment};

use super::Source;
use super::settings::Login;

/// Rows fetched at a time: a contact rarely has more of one table.
const BATCH: usize = 64;
/// The longest cell, in bytes: the widest column read holds 128 characters.
const CELL_MAX: usize = 512;

/// A connection, opened when it is needed and again after a failure.
pub(super) struct Odbc {
    login: Login,
    timeout: Duration,
    connection: Option<Connection<'static>>,
}

impl Odbc {
    pub(super) const fn new(login: Login, timeout: Duration) -> Self {
        Self { login, timeout, connection: None }
    }

    /// Asks, on a connection that is dropped when it fails.
    fn with<T>(
        &mut self,
        ask: impl FnOnce(&mut Connected<'_>) -> Result<T, HistoryError<odbc_api::Error>>,
    ) -> Result<T, String> {
        if self.connection.is_none() {
            let opened = self.open();
            self.connection = Some(opened.map_err(|error| self.without_password(error.to_string()))?);
        }
        let Some(connection) = &self.connection else { return Err("no connection".into()) };
        let answer = ask(&mut Connected { connection, seconds: self.seconds() });
        answer.map_err(|error| {
            self.connection = None;
            self.without_password(error.to_string())
        })
    }

    fn open(&self) -> Result<Connection<'static>, odbc_api::Error> {
        let options =
            ConnectionOptions { login_timeout_sec: u32::try_from(self.seconds()).ok(), ..ConnectionOptions::default() };
        let mut text = self.login.connection.clone();
        if let Some(password) = &self.login.password {
            // Braces keep what would end the value; a closing one within is doubled.
            text.push_str(&format!(";PWD={{{}}}", password.expose().replace('}', "}}")));
        }
        let opened = environment()?.connect_with_connection_string(&text, options);
        let mut bytes = text.into_bytes();
        bytes.fill(0);
        std::hint::black_box(&mut bytes);
        opened
    }

    /// ODBC counts whole seconds; 0 would be for ever.
    fn seconds(&self) -> usize {
        usize::try_from(self.timeout.as_millis().div_ceil(1_000)).unwrap_or(1).max(1)
    }

    /// Drivers may repeat what they were given.
    fn without_password(&self, text: String) -> String {
        match &self.login.password {
            Some(password) if !password.expose().is_empty() => text.replace(password.expose(), "…"),
            _ => text,
        }
    }
}

impl Source for Odbc {
    fn journey(&mut self, call: &CallId) -> Result<Option<JourneyRecord>, String> {
        self.with(|connection| history::read(connection, call))
    }

    fn recent(&mut self, since: Time, limit: usize, number: Option<&str>) -> Result<Vec<RecentCall>, String> {
        self.with(|connection| history::recent(connection, since, limit, number))
    }
}

struct Connected<'a> {
    connection: &'a Connection<'static>,
    seconds: usize,
}

impl Database for Connected<'_> {
    type Error = odbc_api::Error;

    fn select(&mut self, table: &'static Table, filter: Filter<'_>) -> Result<Vec<Row>, odbc_api::Error> {
        let texts: Vec<_> = filter.texts().map(IntoParameter::into_parameter).collect();
        let answer = self.connection.execute(&filter.statement(table), &texts[..], Some(self.seconds))?;
        let Some(mut cursor) = answer else { return Ok(Vec::new()) };
        let buffer = TextRowSet::for_cursor(BATCH.min(filter.limit.max(1)), &mut cursor, Some(CELL_MAX))?;
        let mut rows = Vec::new();
        let mut cursor = cursor.bind_buffer(buffer)?;
        while rows.len() < filter.limit
            && let Some(batch) = cursor.fetch()?
        {
            for row in 0..batch.num_rows().min(filter.limit - rows.len()) {
                let cell = |column| batch.at(column, row).map(|bytes| String::from_utf8_lossy(bytes).into_owned());
                rows.push((0..batch.num_cols()).map(cell).collect());
            }
        }
        Ok(rows)
    }
}

//! One session with the database: opening it, its deadlines, and what its failures mean.

use std::future::Future;
use std::time::Duration;

use sqlx::any::AnyArguments;
use sqlx::any::AnyRow;
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, Connection, Row};
use tokio::time::timeout;

use super::place::{Kind, Place};
use super::schema;

/// How long opening may take, the way to another machine and a TLS handshake included.
const OPEN_WITHIN: Duration = Duration::from_secs(5);
/// How long one statement may take. They touch some hundred rows by their keys.
const STATEMENT_WITHIN: Duration = Duration::from_secs(10);

/// Why the database did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It cannot be reached, does not answer, or cannot take anything now.
    Away(String),
    /// It has no room.
    Full(String),
    /// A newer server has changed it.
    Newer {
        /// Its version.
        found: i64,
    },
    /// It will not have this very record, whenever it is asked.
    Record(String),
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Away(why) | Self::Full(why) | Self::Record(why) => f.write_str(why),
            Self::Newer { found } => write!(
                f,
                "the database is of version {found}, and this server knows versions up to {}: run a newer server on it, or \
                 give this one a database of its own",
                schema::VERSION
            ),
        }
    }
}

/// A session.
#[derive(Debug)]
pub(super) struct Database {
    connection: AnyConnection,
    kind: Kind,
}

impl Database {
    /// Opens a session for writing, and brings the database up to this version.
    pub(super) async fn open(place: &Place) -> Result<Self, Trouble> {
        let mut database = Self::connect(place).await?;
        schema::migrate(&mut database).await?;
        Ok(database)
    }

    /// Opens a session for reading a database that is of this version.
    pub(super) async fn open_to_read(place: &Place) -> Result<Self, Trouble> {
        let mut database = Self::connect(place).await?;
        schema::check(&mut database).await?;
        Ok(database)
    }

    pub(super) async fn connect(place: &Place) -> Result<Self, Trouble> {
        sqlx::any::install_default_drivers();
        let kind = place.kind;
        let connection = within(OPEN_WITHIN, kind, AnyConnection::connect_with(place.options())).await?;
        let mut database = Self { connection, kind };
        let preamble = place.preamble();
        within(OPEN_WITHIN, kind, sqlx::raw_sql(preamble).execute(&mut database.connection)).await?;
        Ok(database)
    }

    /// Begins a transaction that writes. One server writes at a time: transactions are short, and none has to be repeated
    /// because of another.
    pub(super) async fn begin(&mut self) -> Result<(), Trouble> {
        let begin = match self.kind {
            Kind::Sqlite => "BEGIN IMMEDIATE",
            Kind::Postgresql => "BEGIN; DO $$ BEGIN PERFORM pg_advisory_xact_lock(7596569170893369957); END $$",
        };
        self.script(begin).await
    }

    pub(super) async fn commit(&mut self) -> Result<(), Trouble> {
        self.script("COMMIT").await
    }

    pub(super) async fn roll_back(&mut self) -> Result<(), Trouble> {
        self.script("ROLLBACK").await
    }

    /// Runs statements that are given nothing and give nothing.
    pub(super) async fn script(&mut self, script: &'static str) -> Result<(), Trouble> {
        within(STATEMENT_WITHIN, self.kind, sqlx::raw_sql(script).execute(&mut self.connection)).await.map(drop)
    }

    /// Runs a statement; says how many rows it concerned.
    pub(super) async fn execute(&mut self, query: Query<'_, Any, AnyArguments>) -> Result<u64, Trouble> {
        let done = within(STATEMENT_WITHIN, self.kind, query.execute(&mut self.connection)).await?;
        Ok(done.rows_affected())
    }

    /// Asks for rows.
    pub(super) async fn rows(&mut self, query: Query<'_, Any, AnyArguments>) -> Result<Vec<AnyRow>, Trouble> {
        within(STATEMENT_WITHIN, self.kind, query.fetch_all(&mut self.connection)).await
    }

    /// Asks for a row there may be.
    pub(super) async fn row(&mut self, query: Query<'_, Any, AnyArguments>) -> Result<Option<AnyRow>, Trouble> {
        within(STATEMENT_WITHIN, self.kind, query.fetch_optional(&mut self.connection)).await
    }

    /// Asks for one number.
    pub(super) async fn number(&mut self, query: Query<'_, Any, AnyArguments>) -> Result<i64, Trouble> {
        match self.row(query).await? {
            Some(row) => number(&row, 0),
            None => Ok(0),
        }
    }

    /// Ends the session in an orderly way, as far as that is possible at once.
    pub(super) async fn close(self) {
        // It is given up either way.
        let _ = timeout(OPEN_WITHIN, self.connection.close()).await;
    }
}

/// A column of text.
pub(super) fn text(row: &AnyRow, column: usize) -> Result<String, Trouble> {
    row.try_get(column).map_err(|error| Trouble::Record(error.to_string()))
}

/// A column of a number.
pub(super) fn number(row: &AnyRow, column: usize) -> Result<i64, Trouble> {
    row.try_get(column).map_err(|error| Trouble::Record(error.to_string()))
}

async fn within<T>(
    most: Duration,
    kind: Kind,
    asked: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, Trouble> {
    match timeout(most, asked).await {
        Ok(answer) => answer.map_err(|error| judge(kind, &error)),
        Err(_) => Err(Trouble::Away(format!("it did not answer within {} s", most.as_secs()))),
    }
}

/// What a failure means.
fn judge(kind: Kind, error: &sqlx::Error) -> Trouble {
    let why = error.to_string();
    let sqlx::Error::Database(told) = error else {
        return match error {
            sqlx::Error::Encode(_) | sqlx::Error::Decode(_) | sqlx::Error::ColumnDecode { .. } => Trouble::Record(why),
            _ => Trouble::Away(why),
        };
    };
    let code = told.code().unwrap_or_default();
    match kind {
        // https://www.sqlite.org/rescode.html: the low byte is the primary code.
        Kind::Sqlite => match code.parse::<u32>().map(|code| code & 0xff) {
            Ok(13) => Trouble::Full(why),
            Ok(18..=20) => Trouble::Record(why),
            _ => Trouble::Away(why),
        },
        // https://www.postgresql.org/docs/current/errcodes-appendix.html: data exceptions, constraints, limits of a row.
        Kind::Postgresql => match (code.get(..2), &*code) {
            (_, "53100") => Trouble::Full(why),
            (Some("22" | "23" | "54"), _) => Trouble::Record(why),
            _ => Trouble::Away(why),
        },
    }
}

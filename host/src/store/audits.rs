//! The audit trail as rows: written once each, listed by time, dropped when they are old.

use interaction_core::audit::{AuditActor, AuditRecord};
use interaction_core::time::Time;
use sqlx::AssertSqlSafe;

use super::database::{Database, Trouble, text};
use super::journeys::{PRUNE_MAX, key, micros, tuples};

/// Records written by one statement.
const ROWS_MAX: usize = 256;

/// Which records to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AuditFilter {
    /// Those that concern this agent, or that it did as a supervisor.
    pub(crate) agent: Option<String>,
    /// Those from then on.
    pub(crate) since: Option<Time>,
    /// At most so many.
    pub(crate) limit: u32,
}

/// Writes numbered records within a transaction; one that was written already stays as it is.
pub(super) async fn put(database: &mut Database, run: &str, records: &[(u64, AuditRecord)]) -> Result<(), Trouble> {
    for some in records.chunks(ROWS_MAX) {
        let sql = format!(
            "INSERT INTO interaction_audits (run, number, at, agent, actor, record) VALUES {} ON CONFLICT DO NOTHING",
            tuples(some.len(), 6)
        );
        let mut query = sqlx::query(AssertSqlSafe(sql)).persistent(false);
        for (number, record) in some {
            let json = serde_json::to_string(record).map_err(|error| Trouble::Record(error.to_string()))?;
            let actor = match &record.actor {
                AuditActor::Supervisor(id) => key(id.as_str()).into_owned(),
                AuditActor::Agent | AuditActor::Platform | AuditActor::Server => String::new(),
            };
            query = query
                .bind(run.to_owned())
                .bind(i64::try_from(*number).unwrap_or(i64::MAX))
                .bind(micros(record.at))
                .bind(key(record.agent.as_str()).into_owned())
                .bind(actor)
                .bind(json);
        }
        database.execute(query).await?;
    }
    Ok(())
}

/// Lists records, newest first.
pub(super) async fn list(database: &mut Database, filter: &AuditFilter) -> Result<Vec<AuditRecord>, Trouble> {
    let since = filter.since.map_or(0, micros);
    let limit = i64::from(filter.limit);
    let query = match &filter.agent {
        None => sqlx::query(
            "SELECT record FROM interaction_audits WHERE at >= $1 ORDER BY at DESC, run DESC, number DESC LIMIT $2",
        )
        .bind(since)
        .bind(limit),
        Some(agent) => sqlx::query(
            "SELECT record FROM interaction_audits WHERE at >= $1 AND (agent = $3 OR actor = $3) \
             ORDER BY at DESC, run DESC, number DESC LIMIT $2",
        )
        .bind(since)
        .bind(limit)
        .bind(key(agent).into_owned()),
    };
    let rows = database.rows(query).await?;
    rows.iter()
        .map(|row| {
            serde_json::from_str(&text(row, 0)?)
                .map_err(|error| Trouble::Record(format!("a stored record cannot be read: {error}")))
        })
        .collect()
}

/// How many there are.
pub(super) async fn count(database: &mut Database) -> Result<u64, Trouble> {
    let count = database.number(sqlx::query("SELECT COUNT(*) FROM interaction_audits")).await?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// Drops those from before `before`, and the oldest of `too_many` more, a few at a time, within a transaction. Says how many
/// went.
pub(super) async fn prune(database: &mut Database, before: Time, too_many: u64) -> Result<usize, Trouble> {
    let most = i64::try_from(PRUNE_MAX).unwrap_or(i64::MAX);
    let old = sqlx::query(
        "DELETE FROM interaction_audits WHERE (run, number) IN \
         (SELECT run, number FROM interaction_audits WHERE at < $1 ORDER BY at LIMIT $2)",
    );
    let mut gone = database.execute(old.bind(micros(before)).bind(most)).await?;
    if gone == 0 && too_many > 0 {
        let most = most.min(i64::try_from(too_many).unwrap_or(i64::MAX));
        let oldest = sqlx::query(
            "DELETE FROM interaction_audits WHERE (run, number) IN \
             (SELECT run, number FROM interaction_audits ORDER BY at, run, number LIMIT $1)",
        );
        gone = database.execute(oldest.bind(most)).await?;
    }
    Ok(usize::try_from(gone).unwrap_or(usize::MAX))
}

//! The database's tables, and how those of an older server become today's.

use super::database::{Database, Trouble, number};

/// What makes each version of the one before. A released one is never changed.
const MIGRATIONS: [&str; 1] = [include_str!("migrations/0001.sql")];

/// The version this server writes.
pub(super) const VERSION: i64 = MIGRATIONS.len() as i64;

/// Brings the database up to [`VERSION`]. Servers that start at once on one database take turns, as for every transaction.
pub(super) async fn migrate(database: &mut Database) -> Result<(), Trouble> {
    database.begin().await?;
    database.script("CREATE TABLE IF NOT EXISTS interaction_schema (version BIGINT NOT NULL)").await?;
    let found = version(database).await?;
    let done = usize::try_from(found).ok().filter(|done| *done <= MIGRATIONS.len());
    let Some(done) = done else {
        database.roll_back().await?;
        return Err(Trouble::Newer { found });
    };
    for migration in &MIGRATIONS[done..] {
        database.script(migration).await?;
    }
    if done < MIGRATIONS.len() {
        database.execute(sqlx::query("DELETE FROM interaction_schema")).await?;
        database.execute(sqlx::query("INSERT INTO interaction_schema (version) VALUES ($1)").bind(VERSION)).await?;
    }
    database.commit().await
}

/// Whether the database is of this version.
pub(super) async fn check(database: &mut Database) -> Result<(), Trouble> {
    let found = version(database).await?;
    match found {
        VERSION => Ok(()),
        _ if found > VERSION => Err(Trouble::Newer { found }),
        _ => Err(Trouble::Away(format!(
            "the database is of version {found} until a server has brought it up to {VERSION}"
        ))),
    }
}

/// The version found; 0 for a database without tables.
async fn version(database: &mut Database) -> Result<i64, Trouble> {
    match database.row(sqlx::query("SELECT version FROM interaction_schema")).await? {
        Some(row) => number(&row, 0),
        None => Ok(0),
    }
}

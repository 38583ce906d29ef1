use std::sync::Arc;

use interaction_core::report::journey::JourneyRecord;

use super::{Bench, audit, journey};
use crate::store::audits::{self, AuditFilter};
use crate::store::database::{Database, Trouble};
use crate::store::journeys;
use crate::store::schema::VERSION;

/// What a server of version 1 left behind, tables and rows. It never changes.
const VERSION_1: &str = include_str!("../../../tests/fixtures/store-v1.sql");

#[tokio::test]
async fn what_version_1_kept_is_read_and_carried_on() {
    let bench = Bench::new();
    let mut old = Database::connect(&bench.place).await.unwrap();
    old.script(VERSION_1).await.unwrap();
    old.close().await;
    let mut database = bench.open().await;
    let version = database.number(sqlx::query("SELECT version FROM interaction_schema")).await.unwrap();
    assert_eq!(version, VERSION);
    let running = JourneyRecord { running: true, ..journey(&["a", "a2"], "+431", 1_000) };
    assert_eq!(journeys::find(&mut database, &"a2".into()).await.unwrap(), Some(running));
    let listed = journeys::recent(&mut database, 10, Some("+432")).await.unwrap();
    assert_eq!(listed.iter().map(|call| call.call.as_str()).collect::<Vec<_>>(), ["b"]);
    let filter = AuditFilter { limit: 10, ..AuditFilter::default() };
    assert_eq!(audits::list(&mut database, &filter).await.unwrap(), [audit("1001", 7)]);
    database.begin().await.unwrap();
    journeys::put(&mut database, "now", &[journey(&["a"], "+431", 1_000)]).await.unwrap();
    database.commit().await.unwrap();
    assert!(!journeys::find(&mut database, &"a2".into()).await.unwrap().unwrap().running);
}

#[tokio::test]
async fn a_newer_database_is_left_alone() {
    let bench = Bench::new();
    let mut database = bench.open().await;
    database.script("UPDATE interaction_schema SET version = 99").await.unwrap();
    for refused in [Database::open(&bench.place).await, Database::open_to_read(&bench.place).await] {
        let trouble = refused.unwrap_err();
        assert_eq!(trouble, Trouble::Newer { found: 99 });
        assert!(trouble.to_string().contains("version 99") && trouble.to_string().contains("newer server"));
    }
}

#[tokio::test]
async fn one_who_reads_waits_for_a_server_to_make_the_tables() {
    let bench = Bench::new();
    assert!(matches!(Database::open_to_read(&bench.place).await, Err(Trouble::Away(_))));
    bench.open().await.close().await;
    assert!(Database::open_to_read(&bench.place).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn servers_that_start_at_once_make_the_tables_once() {
    let bench = Arc::new(Bench::new());
    // The first to open a file changes how it is written, which SQLite lets nobody wait for: a server tries again.
    bench.open().await.close().await;
    std::fs::remove_file(bench.file()).unwrap();
    let mut empty = Database::connect(&bench.place).await.unwrap();
    empty.script("CREATE TABLE somebody_elses (x BIGINT)").await.unwrap();
    let opening: Vec<_> = (0..8)
        .map(|_| {
            let bench = Arc::clone(&bench);
            tokio::spawn(async move { Database::open(&bench.place).await.map(drop) })
        })
        .collect();
    for opened in opening {
        assert_eq!(opened.await.unwrap(), Ok(()));
    }
    let rows = empty.number(sqlx::query("SELECT COUNT(*) FROM interaction_schema")).await.unwrap();
    assert_eq!(rows, 1);
}

//! The store on SQLite: what is kept, replaced, joined, listed, dropped, lost and told.

mod backlog;
mod places;
mod rows;
mod schema;
mod tasks;

use std::path::PathBuf;

use interaction_core::audit::{AuditAction, AuditActor, AuditRecord};
use interaction_core::cti::{Cause, DeviceKind};
use interaction_core::ids::CallId;
use interaction_core::report::journey::{JourneyRecord, Step};
use interaction_core::time::Time;
use tempfile::TempDir;

use super::database::Database;
use super::place::Place;

/// A database in a directory of its own.
struct Bench {
    directory: TempDir,
    place: Place,
}

impl Bench {
    fn new() -> Self {
        Self::bounded(0)
    }

    fn bounded(bytes_max: u64) -> Self {
        let directory = TempDir::new().unwrap();
        let place = Place::sqlite(&directory.path().join("a %41 b?#.db"), bytes_max).unwrap();
        Self { directory, place }
    }

    fn file(&self) -> PathBuf {
        self.directory.path().join("a %41 b?#.db")
    }

    async fn open(&self) -> Database {
        Database::open(&self.place).await.unwrap()
    }
}

fn ids(legs: &[&str]) -> Vec<CallId> {
    legs.iter().map(|leg| CallId::from(*leg)).collect()
}

fn step(leg: &str, description: &str, from_ms: u64, to_ms: Option<u64>) -> Step {
    Step {
        call: leg.into(),
        device: "5001".into(),
        kind: DeviceKind::Agent,
        description: description.into(),
        started: Time::from_millis(from_ms),
        ended: to_ms.map(Time::from_millis),
        partial: false,
    }
}

/// A call of 10 ms with a step on its first leg.
fn journey(legs: &[&str], from: &str, started_ms: u64) -> JourneyRecord {
    JourneyRecord {
        legs: ids(legs),
        from: from.into(),
        to: "8000".into(),
        numbers: vec![from.into(), "8000".into()],
        started: Time::from_millis(started_ms),
        ended: Time::from_millis(started_ms + 10),
        cause: Cause::Normal,
        agents: vec!["1001".into()],
        steps: vec![step(legs[0], "talking", started_ms, Some(started_ms + 10))],
        truncated: 0,
        running: false,
    }
}

fn audit(agent: &str, at_ms: u64) -> AuditRecord {
    AuditRecord::new(Time::from_millis(at_ms), AuditAction::SignIn, agent.into(), AuditActor::Agent)
}

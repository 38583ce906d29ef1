use interaction_core::audit::AuditActor;
use interaction_core::limits::StoreLimits;
use interaction_core::report::journey::JourneyRecord;
use interaction_core::store::MemoryStore;
use interaction_core::time::Time;

use super::{Bench, audit, ids, journey, step};
use crate::store::audits::{self, AuditFilter};
use crate::store::database::Database;
use crate::store::journeys;

async fn put(database: &mut Database, run: &str, records: &[JourneyRecord]) {
    database.begin().await.unwrap();
    journeys::put(database, run, records).await.unwrap();
    database.commit().await.unwrap();
}

async fn recent(database: &mut Database, limit: u32, number: Option<&str>) -> Vec<String> {
    let calls = journeys::recent(database, limit, number).await.unwrap();
    calls.into_iter().map(|call| call.call.as_str().to_owned()).collect()
}

#[tokio::test]
async fn a_journey_is_found_by_any_leg_and_listed_newest_first() {
    let bench = Bench::new();
    let mut database = bench.open().await;
    let first = journey(&["a", "b"], "1", 30);
    put(&mut database, "run", &[first.clone(), journey(&["c"], "2", 10), journey(&["d"], "1", 20)]).await;
    assert_eq!(journeys::find(&mut database, &"b".into()).await.unwrap(), Some(first));
    assert_eq!(journeys::find(&mut database, &"x".into()).await.unwrap(), None);
    assert_eq!(recent(&mut database, 10, None).await, ["a", "d", "c"]);
    assert_eq!(recent(&mut database, 1, None).await, ["a"]);
    assert_eq!(recent(&mut database, 10, Some("1")).await, ["a", "d"]);
    assert_eq!(recent(&mut database, 1, Some("8000")).await, ["a"]);
    let line = journeys::recent(&mut database, 1, None).await.unwrap().remove(0);
    assert_eq!((line.started, line.ended, &*line.from), (Time::from_millis(30), Time::from_millis(40), "1"));
}

#[tokio::test]
async fn it_keeps_what_the_store_in_memory_keeps() {
    let bench = Bench::new();
    let mut database = bench.open().await;
    let mut model = MemoryStore::new(StoreLimits::default());
    let names: Vec<String> = (0..24).map(|name| format!("leg{name}")).collect();
    let mut seed = 7_u64;
    let mut draw = move |below: u64| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed % below
    };
    for turn in 0..300_u64 {
        let legs: Vec<&str> = (0..=draw(3)).map(|_| names[draw(24) as usize].as_str()).collect();
        let mut legs: Vec<&str> = legs;
        legs.sort_unstable();
        legs.dedup();
        let record = JourneyRecord { running: draw(2) == 0, ..journey(&legs, &draw(5).to_string(), turn * 1_000) };
        let _ = model.put(record.clone());
        put(&mut database, "run", &[record]).await;
        let name = &names[draw(24) as usize];
        assert_eq!(
            journeys::find(&mut database, &name.as_str().into()).await.unwrap().as_ref(),
            model.find(&name.as_str().into())
        );
    }
    for number in [None, Some("1"), Some("8000"), Some("nobody")] {
        assert_eq!(journeys::recent(&mut database, 1_000, number).await.unwrap(), model.recent(1_000, number, None));
    }
    assert_eq!(journeys::count(&mut database).await.unwrap(), model.len() as u64);
}

#[tokio::test]
async fn what_leads_to_a_journey_changes_with_it() {
    let bench = Bench::new();
    let mut database = bench.open().await;
    let first = journey(&["a"], "1", 1_000);
    let longer = JourneyRecord { ended: Time::from_millis(9_000), running: true, ..first.clone() };
    put(&mut database, "run", std::slice::from_ref(&first)).await;
    // In one transaction with one that is new.
    put(&mut database, "run", &[longer.clone(), journey(&["z"], "9", 5)]).await;
    assert_eq!(journeys::find(&mut database, &"a".into()).await.unwrap(), Some(longer.clone()));
    let line = journeys::recent(&mut database, 5, Some("1")).await.unwrap();
    assert_eq!((line.len(), line[0].ended, line[0].partial), (1, longer.ended, true));
    assert_eq!(recent(&mut database, 5, Some("9")).await, ["z"]);

    let renumbered = JourneyRecord { from: "2".into(), numbers: vec!["2".into()], ..longer.clone() };
    put(&mut database, "run", &[renumbered]).await;
    assert_eq!(recent(&mut database, 5, Some("2")).await, ["a"]);
    assert!(recent(&mut database, 5, Some("1")).await.is_empty(), "it is not found by what it has no more");

    let later = JourneyRecord { started: Time::from_millis(2_000), ..longer.clone() };
    put(&mut database, "run", &[later]).await;
    let line = journeys::recent(&mut database, 5, Some("1")).await.unwrap();
    assert_eq!((line.len(), line[0].started), (1, Time::from_millis(2_000)));

    let grown = JourneyRecord { legs: ids(&["a", "b"]), ..longer };
    put(&mut database, "run", std::slice::from_ref(&grown)).await;
    assert_eq!(journeys::find(&mut database, &"b".into()).await.unwrap(), Some(grown));
    assert_eq!(recent(&mut database, 5, None).await, ["a", "z"]);
}

#[tokio::test]
async fn more_than_one_statement_holds_is_written_and_replaced() {
    let bench = Bench::new();
    let mut database = bench.open().await;
    let many: Vec<JourneyRecord> = (0..300)
        .map(|call| {
            let legs: Vec<String> = (0..40).map(|leg| format!("{call}.{leg}")).collect();
            let legs: Vec<&str> = legs.iter().map(String::as_str).collect();
            journey(&legs, &call.to_string(), call)
        })
        .collect();
    put(&mut database, "run", &many).await;
    put(&mut database, "run", &many).await;
    assert_eq!(journeys::count(&mut database).await.unwrap(), 300);
    assert_eq!(journeys::find(&mut database, &"299.39".into()).await.unwrap().as_ref(), many.last());
}

#[tokio::test]
async fn what_a_killed_run_knew_stays_while_the_next_goes_on() {
    let bench = Bench::new();
    let mut database = bench.open().await;
    let earlier = JourneyRecord {
        running: true,
        ended: Time::from_millis(9_000),
        steps: vec![step("a", "ringing", 1_000, Some(4_000)), step("a", "talking", 4_000, None)],
        ..journey(&["a"], "4711", 1_000)
    };
    put(&mut database, "one", std::slice::from_ref(&earlier)).await;
    assert_eq!(journeys::find(&mut database, &"a".into()).await.unwrap(), Some(earlier.clone()));
    assert!(journeys::recent(&mut database, 1, None).await.unwrap()[0].partial);
    for (ended, running) in [(30_000, true), (40_000, true), (50_000, false)] {
        let own = JourneyRecord {
            running,
            ended: Time::from_millis(ended),
            steps: vec![step("a2", "hold", 20_000, (!running).then_some(ended))],
            ..journey(&["a2", "a"], "", 20_000)
        };
        put(&mut database, "two", &[own]).await;
        let found = journeys::find(&mut database, &"a".into()).await.unwrap().unwrap();
        let steps: Vec<_> = found.steps.iter().map(|step| (&*step.description, step.partial)).collect();
        assert_eq!(steps, [("ringing", false), ("talking", true), ("hold", false)]);
        assert_eq!((found.running, found.started), (running, Time::from_millis(1_000)));
        let line = journeys::recent(&mut database, 5, Some("4711")).await.unwrap();
        assert_eq!((line.len(), line[0].started, line[0].partial), (1, Time::from_millis(1_000), running));
    }
}

#[tokio::test]
async fn two_servers_that_see_one_call_keep_it_once() {
    let bench = Bench::new();
    let mut database = bench.open().await;
    let own = |skew: u64, ended: Option<u64>| JourneyRecord {
        running: ended.is_none(),
        ended: Time::from_millis(ended.unwrap_or(9_000) + skew),
        steps: vec![step("a", "ringing", 1_000 + skew, Some(4_000 + skew)), step("a", "talking", 4_000 + skew, ended)],
        ..journey(&["a"], "4711", 1_000 + skew)
    };
    for turn in 0..4 {
        let ended = (turn > 1).then_some(12_000);
        put(&mut database, "one", &[own(0, ended)]).await;
        put(&mut database, "two", &[own(300, ended)]).await;
    }
    let found = journeys::find(&mut database, &"a".into()).await.unwrap().unwrap();
    assert_eq!(found, own(300, Some(12_000)));
    assert_eq!(journeys::count(&mut database).await.unwrap(), 1);
}

#[tokio::test]
async fn a_leg_heard_of_much_later_is_another_call() {
    let bench = Bench::new();
    let mut database = bench.open().await;
    let day_ms = 86_400_000;
    put(&mut database, "one", &[JourneyRecord { running: true, ..journey(&["a"], "1", 1_000) }]).await;
    put(&mut database, "two", &[journey(&["a"], "2", 3 * day_ms)]).await;
    assert_eq!(journeys::find(&mut database, &"a".into()).await.unwrap().unwrap().steps.len(), 1);
    assert_eq!(recent(&mut database, 5, Some("1")).await, Vec::<String>::new());
}

#[tokio::test]
async fn any_text_is_kept() {
    let bench = Bench::new();
    let mut database = bench.open().await;
    let long = "9".repeat(70_000);
    for (turn, text) in
        ["a\0b", "'; DROP TABLE interaction_journeys; --", "$1", "\u{202e}é💥", &long].iter().enumerate()
    {
        let record = JourneyRecord { legs: ids(&[text]), ..journey(&["x"], text, turn as u64) };
        put(&mut database, "run", std::slice::from_ref(&record)).await;
        assert_eq!(journeys::find(&mut database, &(*text).into()).await.unwrap(), Some(record));
        assert_eq!(recent(&mut database, 5, Some(text)).await.len(), 1, "{text:?}");
    }
}

#[tokio::test]
async fn what_is_old_or_too_many_goes_with_all_that_leads_to_it() {
    let bench = Bench::new();
    let mut database = bench.open().await;
    let many: Vec<JourneyRecord> = (0..600).map(|call| journey(&[&format!("c{call}")], "1", call * 1_000)).collect();
    put(&mut database, "run", &many).await;
    database.begin().await.unwrap();
    let mut gone = Vec::new();
    loop {
        match journeys::prune(&mut database, Time::from_millis(299_500), 0).await.unwrap() {
            0 => break,
            some => gone.push(some),
        }
    }
    assert_eq!(gone, [256, 44], "a few at a time");
    assert_eq!(journeys::prune(&mut database, Time::ZERO, 100).await.unwrap(), 100);
    database.commit().await.unwrap();
    assert_eq!(journeys::count(&mut database).await.unwrap(), 200);
    assert_eq!(journeys::find(&mut database, &"c399".into()).await.unwrap(), None);
    assert!(journeys::find(&mut database, &"c400".into()).await.unwrap().is_some());
    for table in ["interaction_journey_legs", "interaction_journey_numbers"] {
        let left =
            database.number(sqlx::query(sqlx::AssertSqlSafe(format!("SELECT COUNT(DISTINCT call) FROM {table}"))));
        assert_eq!(left.await.unwrap(), 200, "{table}");
    }
}

#[tokio::test]
async fn the_audit_trail_is_listed_by_agent_and_time_and_written_once() {
    let bench = Bench::new();
    let mut database = bench.open().await;
    let by = |agent: &str, at| interaction_core::audit::AuditRecord {
        actor: AuditActor::Supervisor("2001".into()),
        ..audit(agent, at)
    };
    let records = [(1, audit("1001", 10)), (2, audit("1002", 20)), (3, by("1003", 30)), (4, audit("1001", 30))];
    for _ in 0..2 {
        database.begin().await.unwrap();
        audits::put(&mut database, "run", &records).await.unwrap();
        database.commit().await.unwrap();
    }
    let mut list = async |agent: Option<&str>, since: u64, limit: u32| {
        let since = Some(Time::from_millis(since));
        let filter = AuditFilter { agent: agent.map(str::to_owned), since, limit };
        audits::list(&mut database, &filter).await.unwrap()
    };
    let all: Vec<_> = records.iter().rev().map(|(_, record)| record.clone()).collect();
    assert_eq!(list(None, 0, 10).await, all);
    assert_eq!(list(None, 20, 10).await, all[..3]);
    assert_eq!(list(None, 0, 1).await, all[..1]);
    assert_eq!(list(Some("1001"), 0, 10).await, [all[0].clone(), all[3].clone()]);
    assert_eq!(list(Some("2001"), 0, 10).await, [all[1].clone()], "what a supervisor did is its own, too");
    database.begin().await.unwrap();
    assert_eq!(audits::prune(&mut database, Time::from_millis(15), 0).await.unwrap(), 1);
    assert_eq!(audits::prune(&mut database, Time::from_millis(15), 1).await.unwrap(), 1);
    database.commit().await.unwrap();
    assert_eq!(audits::count(&mut database).await.unwrap(), 2);
}

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use interaction_core::ids::QueryNo;
use interaction_core::input::StoreAnswer;
use interaction_core::limits::StoreLimits;
use interaction_core::report::journey::JourneyRecord;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::{Bench, audit, journey};
use crate::clock::Clock;
use crate::config::{Settings, StoreKind, StoreSettings};
use crate::happening::Happening;
use crate::store::backlog::{Backlog, Entry};
use crate::store::status::{Condition, Status};
use crate::store::writer::{BATCH_MAX, Keep, Writer};
use crate::store::{Question, Store, journeys};

const PATIENCE: Duration = Duration::from_secs(60);

fn settings(bench: &Bench) -> Settings {
    let mut settings = Settings::default();
    settings.server.data_dir = bench.directory.path().to_str().unwrap().into();
    settings.store = for_ever();
    settings
}

/// What happens in these tests happened in 1970.
fn for_ever() -> StoreSettings {
    StoreSettings { journey_days: 0, audit_days: 0, ..StoreSettings::default() }
}

/// A writer's task on the bench's database.
fn writing(
    bench: &Bench,
    limits: StoreLimits,
    keep: &StoreSettings,
) -> (mpsc::Sender<Entry>, Arc<Status>, JoinHandle<()>) {
    let (entries, to_write) = mpsc::channel(100_000);
    let status = Arc::new(Status::new());
    let writer = Writer {
        place: bench.place.clone(),
        run: "run".into(),
        clock: Clock::start(),
        keep: Keep::of(keep),
        entries: to_write,
        backlog: Backlog::new(limits),
        status: Arc::clone(&status),
        database: None,
        most: BATCH_MAX,
    };
    (entries, status, tokio::spawn(writer.run()))
}

fn told(record: JourneyRecord) -> Entry {
    Entry::Journey(Box::new(record))
}

async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let waiting = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(timeout(PATIENCE, waiting).await.is_ok(), "never: {what}");
}

async fn answer(happened: &mut mpsc::Receiver<Happening>) -> (QueryNo, StoreAnswer) {
    match timeout(PATIENCE, happened.recv()).await {
        Ok(Some(Happening::Loaded { query, answer })) => (query, answer),
        other => panic!("no answer: {other:?}"),
    }
}

#[tokio::test]
async fn what_is_kept_is_there_after_the_server_has_gone() {
    let bench = Bench::new();
    let settings = settings(&bench);
    let (happenings, mut happened) = mpsc::channel(10);
    let record = journey(&["a", "b"], "1", 5);
    let (mut store, writing) = Store::start(&settings, Clock::start(), happenings.clone()).await.unwrap();
    store.keep(&record);
    store.audit(&audit("1001", 1));
    drop(store);
    super::super::ended(writing).await;

    let (store, _writing) = Store::start(&settings, Clock::start(), happenings).await.unwrap();
    assert_eq!(store.ask(QueryNo(7), Question::Journey(&"b".into())), None, "the answer comes later");
    assert_eq!(answer(&mut happened).await, (QueryNo(7), StoreAnswer::Journey(Some(record))));
    assert_eq!(store.ask(QueryNo(8), Question::Recent { limit: 5, number: Some("2") }), None);
    assert_eq!(answer(&mut happened).await, (QueryNo(8), StoreAnswer::Recent(Vec::new())));
    until("the rows are counted", || store.seen().journeys == 1 && store.seen().audits == 1).await;
    assert_eq!(store.seen().condition, Condition::Working);
}

#[tokio::test]
async fn a_file_that_is_no_database_stops_the_server_with_the_reason() {
    let bench = Bench::new();
    std::fs::write(bench.directory.path().join("interaction-processor.db"), vec![7; 10_000]).unwrap();
    let (happenings, _happened) = mpsc::channel(10);
    let error = Store::start(&settings(&bench), Clock::start(), happenings).await.unwrap_err();
    assert!(error.contains("interaction-processor.db") && error.contains("not a database"), "{error}");
}

#[tokio::test]
async fn a_database_that_is_away_stops_nothing() {
    let bench = Bench::new();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut settings = settings(&bench);
    settings.store.kind = StoreKind::Postgresql;
    settings.store.url = format!("postgres://me@{nobody}/x");
    let (happenings, mut happened) = mpsc::channel(10);
    let (mut store, writing) = Store::start(&settings, Clock::start(), happenings).await.unwrap();
    assert_eq!(store.seen().condition, Condition::Away);
    for call in 0..10 {
        store.keep(&journey(&[&call.to_string()], "1", call));
    }
    for query in 0..3 {
        assert_eq!(store.ask(QueryNo(query), Question::Journey(&"a".into())), None);
        assert_eq!(answer(&mut happened).await, (QueryNo(query), StoreAnswer::Unavailable));
    }
    until("they wait", || store.seen().waiting == 10 && store.seen().retries > 1).await;
    let Store::Database(tasks) = &store else { panic!("a database") };
    let status = Arc::clone(&tasks.status);
    drop(store);
    super::super::ended(writing).await;
    assert_eq!(status.lost(), 10, "what could not be written is counted");
}

#[tokio::test]
async fn no_room_is_told_and_ends_when_there_is_some() {
    let bench = Bench::bounded(1 << 20);
    let keep = StoreSettings { journeys_max: 100, ..for_ever() };
    let limits = StoreLimits { journeys_max: 2_000, bytes_max: 1 << 30, audits_max: 10 };
    let (entries, status, writing) = writing(&bench, limits, &keep);
    let big = |call: u64| {
        let mut record = journey(&[&call.to_string()], "1", call);
        record.steps = (0..20).map(|_| record.steps[0].clone()).collect();
        record
    };
    for call in 0..1_500 {
        entries.send(told(big(call))).await.unwrap();
    }
    until("it is full", || status.condition() == Condition::Full).await;
    // More than a hundred journeys are too many: dropping the oldest of them makes room, and all is written in the end.
    until("it goes on", || status.waiting.load(Ordering::Relaxed) == 0).await;
    until("it works again", || status.condition() == Condition::Working).await;
    assert_eq!((status.lost(), status.written.load(Ordering::Relaxed)), (0, 1_500));
    drop(entries);
    writing.await.unwrap();
}

#[tokio::test]
async fn a_bound_on_what_waits_costs_the_oldest_and_is_counted() {
    let bench = Bench::new();
    // A file in place of the directory: the database cannot be opened.
    std::fs::create_dir(bench.file()).unwrap();
    let limits = StoreLimits { journeys_max: 10, bytes_max: 1 << 20, audits_max: 5 };
    let (entries, status, writing) = writing(&bench, limits, &for_ever());
    for call in 0..25 {
        entries.send(told(journey(&[&call.to_string()], "1", call))).await.unwrap();
        entries.send(Entry::Audit(Box::new(audit("1", call)))).await.unwrap();
    }
    until("35 are lost", || status.lost() == 35).await;
    until("it is told", || status.condition() == Condition::Away).await;
    std::fs::remove_dir(bench.file()).unwrap();
    until("the others are written", || status.written.load(Ordering::Relaxed) == 15).await;
    until("it works", || status.condition() == Condition::Working).await;
    drop(entries);
    writing.await.unwrap();
    let mut database = bench.open().await;
    assert!(journeys::find(&mut database, &"24".into()).await.unwrap().is_some());
    assert!(journeys::find(&mut database, &"14".into()).await.unwrap().is_none());
}

#[tokio::test]
async fn a_record_the_database_will_not_have_costs_itself_alone() {
    let bench = Bench::new();
    let mut database = bench.open().await;
    database
        .script(
            "CREATE TRIGGER never BEFORE INSERT ON interaction_journeys WHEN NEW.call = 'bad' \
             BEGIN SELECT RAISE(ABORT, 'never this one'); END",
        )
        .await
        .unwrap();
    let (entries, status, writing) = writing(&bench, StoreLimits::default(), &for_ever());
    for call in ["a", "bad", "c"] {
        entries.send(told(journey(&[call], "1", 1))).await.unwrap();
    }
    until("one is lost", || status.lost() == 1).await;
    drop(entries);
    writing.await.unwrap();
    assert_eq!(status.written.load(Ordering::Relaxed), 2);
    assert_eq!(journeys::count(&mut database).await.unwrap(), 2);
}

#[tokio::test]
async fn the_oldest_go_in_the_background() {
    let bench = Bench::new();
    let mut database = bench.open().await;
    let many: Vec<JourneyRecord> = (0..700).map(|call| journey(&[&call.to_string()], "1", call)).collect();
    database.begin().await.unwrap();
    journeys::put(&mut database, "before", &many).await.unwrap();
    database.commit().await.unwrap();
    let keep = StoreSettings { journeys_max: 50, ..for_ever() };
    let (entries, status, writing) = writing(&bench, StoreLimits::default(), &keep);
    until("50 are left", || status.journeys.load(Ordering::Relaxed) == 50).await;
    drop(entries);
    writing.await.unwrap();
    assert!(journeys::find(&mut database, &"649".into()).await.unwrap().is_none());
    assert!(journeys::find(&mut database, &"650".into()).await.unwrap().is_some());
}

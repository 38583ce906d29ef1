//! Journeys as rows: written many at a time, found by any leg, listed by their beginning, dropped when they are old.

mod stored;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::time::Duration;

use interaction_core::ids::CallId;
use interaction_core::input::RecentCall;
use interaction_core::limits::JourneyLimits;
use interaction_core::report::journey::JourneyRecord;
use interaction_core::time::Time;
use sqlx::any::AnyArguments;
use sqlx::query::Query;
use sqlx::{Any, AssertSqlSafe};
use tracing::warn;

use super::database::{Database, Trouble, number, text};

/// Journeys written by one statement.
const ROWS_MAX: usize = 64;
/// Ids and numbers of the journeys written by one statement: databases permit some ten thousand parameters.
const KEYS_MAX: usize = 4_000;
/// Parameters of a statement that is kept prepared: what is written in a quiet moment.
const PREPARED_MAX: usize = 64;
/// Journeys dropped at a time: few enough that what is to be written hardly waits.
pub(super) const PRUNE_MAX: usize = 256;

type Asked<'q> = Query<'q, Any, AnyArguments>;

/// Writes journeys within a transaction. Each replaces what shares a leg with it; no two of `records` share one. What a run
/// before this one knew and did not see to its end is kept beside.
pub(super) async fn put(database: &mut Database, run: &str, records: &[JourneyRecord]) -> Result<(), Trouble> {
    let mut rest = records;
    while !rest.is_empty() {
        let mut keys = 0;
        let fits = rest.iter().take(ROWS_MAX).take_while(|record| {
            keys += record.legs.len() + record.numbers.len();
            keys <= KEYS_MAX
        });
        let (now, later) = rest.split_at(fits.count().max(1));
        put_some(database, run, now).await?;
        rest = later;
    }
    Ok(())
}

async fn put_some(database: &mut Database, run: &str, records: &[JourneyRecord]) -> Result<(), Trouble> {
    let owners: HashMap<String, usize> = records
        .iter()
        .enumerate()
        .flat_map(|(index, record)| record.legs.iter().map(move |leg| (key(leg.as_str()).into_owned(), index)))
        .collect();
    let mut replaced: Vec<String> = Vec::new();
    let mut earlier: HashMap<usize, JourneyRecord> = HashMap::new();
    let mut alike: HashSet<usize> = HashSet::new();
    let legs: Vec<&str> = owners.keys().map(String::as_str).collect();
    for stored in stored::found(database, run, &legs).await? {
        let Some(owner) = owners.get(&stored.leg).copied() else { continue };
        if stored.is_found_as(&records[owner]) {
            alike.insert(owner);
            continue;
        }
        replaced.push(stored.call);
        let others = stored.record.filter(|_| !stored.is_own);
        for old in others.into_iter().chain(stored.earlier) {
            match earlier.get_mut(&owner) {
                Some(known) => known.join_earlier(old, steps_max()),
                None => drop(earlier.insert(owner, old)),
            }
        }
    }
    remove(database, &replaced.iter().map(String::as_str).collect::<Vec<_>>()).await?;
    let rows: Vec<Journey<'_>> = records
        .iter()
        .enumerate()
        .filter_map(|(index, record)| Journey::new(record, earlier.remove(&index), alike.contains(&index)))
        .collect();
    insert(database, run, &rows).await
}

/// One journey to write.
struct Journey<'a> {
    call: Cow<'a, str>,
    own: &'a JourneyRecord,
    /// With what earlier runs knew.
    whole: Cow<'a, JourneyRecord>,
    record: String,
    earlier: String,
    /// It replaces one that is found as it is.
    is_found: bool,
}

impl<'a> Journey<'a> {
    fn new(own: &'a JourneyRecord, earlier: Option<JourneyRecord>, is_found: bool) -> Option<Self> {
        let call = key(own.legs.first()?.as_str());
        let record = serde_json::to_string(own).ok()?;
        let near = |old: &JourneyRecord| own.started.since(old.ended) <= join_within();
        let Some(old) = earlier.filter(near) else {
            let whole = Cow::Borrowed(own);
            return Some(Self { call, own, whole, record, earlier: String::new(), is_found });
        };
        let mut whole = own.clone();
        let old_text = serde_json::to_string(&old).ok()?;
        whole.join_earlier(old, steps_max());
        // Another server that watches the same platform knows nothing besides.
        let same = whole.steps.len() == own.steps.len() && whole.legs.len() == own.legs.len();
        let earlier = if same { String::new() } else { old_text };
        Some(Self { call, own, whole: Cow::Owned(whole), record, earlier, is_found })
    }
}

async fn insert(database: &mut Database, run: &str, rows: &[Journey<'_>]) -> Result<(), Trouble> {
    if rows.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "INSERT INTO interaction_journeys (call, run, running, started, ended, caller, called, record, earlier) VALUES {} \
         ON CONFLICT (call) DO UPDATE SET run = excluded.run, running = excluded.running, started = excluded.started, \
         ended = excluded.ended, caller = excluded.caller, called = excluded.called, record = excluded.record, \
         earlier = excluded.earlier",
        tuples(rows.len(), 9)
    );
    let mut query = sized(sql, rows.len() * 9);
    for row in rows {
        query = query
            .bind(row.call.to_string())
            .bind(run.to_owned())
            .bind(i64::from(row.own.running))
            .bind(micros(row.whole.started))
            .bind(micros(row.own.ended))
            .bind(key(&row.whole.from).into_owned())
            .bind(key(&row.whole.to).into_owned())
            .bind(row.record.clone())
            .bind(row.earlier.clone());
    }
    database.execute(query).await?;

    let new = || rows.iter().filter(|row| !row.is_found);
    let legs: Vec<(String, &str)> =
        new().flat_map(|row| row.whole.legs.iter().map(|leg| (key(leg.as_str()).into_owned(), &*row.call))).collect();
    if legs.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "INSERT INTO interaction_journey_legs (leg, call) VALUES {} ON CONFLICT DO NOTHING",
        tuples(legs.len(), 2)
    );
    let query = legs
        .iter()
        .fold(sized(sql, legs.len() * 2), |query, (leg, call)| query.bind(leg.clone()).bind((*call).to_owned()));
    database.execute(query).await?;

    let numbers: Vec<(String, i64, &str)> = new()
        .flat_map(|row| {
            let started = micros(row.whole.started);
            row.whole.numbers.iter().map(move |number| (key(number).into_owned(), started, &*row.call))
        })
        .collect();
    if numbers.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "INSERT INTO interaction_journey_numbers (number, started, call) VALUES {} ON CONFLICT DO NOTHING",
        tuples(numbers.len(), 3)
    );
    let query = numbers.iter().fold(sized(sql, numbers.len() * 3), |query, (number, started, call)| {
        query.bind(number.clone()).bind(*started).bind((*call).to_owned())
    });
    database.execute(query).await.map(drop)
}

async fn remove(database: &mut Database, calls: &[&str]) -> Result<(), Trouble> {
    if calls.is_empty() {
        return Ok(());
    }
    for table in ["interaction_journey_legs", "interaction_journey_numbers", "interaction_journeys"] {
        let sql = format!("DELETE FROM {table} WHERE call IN ({})", places(calls.len(), 1));
        database.execute(bind_all(sized(sql, calls.len()), calls.iter().copied())).await?;
    }
    Ok(())
}

/// The journey a leg belongs to.
pub(super) async fn find(database: &mut Database, call: &CallId) -> Result<Option<JourneyRecord>, Trouble> {
    let query = sqlx::query(
        "SELECT j.record, j.earlier FROM interaction_journey_legs l JOIN interaction_journeys j ON j.call = l.call \
         WHERE l.leg = $1",
    );
    let Some(row) = database.row(query.bind(key(call.as_str()).into_owned())).await? else { return Ok(None) };
    let (record, earlier) = (text(&row, 0)?, text(&row, 1)?);
    let mut record: JourneyRecord = serde_json::from_str(&record)
        .map_err(|error| Trouble::Record(format!("a stored journey cannot be read: {error}")))?;
    if let Some(earlier) = read(&earlier) {
        record.join_earlier(earlier, steps_max());
    }
    Ok(Some(record))
}

/// At most `limit` calls, newest first; `number` keeps those it called or was called on.
pub(super) async fn recent(
    database: &mut Database,
    limit: u32,
    number_of: Option<&str>,
) -> Result<Vec<RecentCall>, Trouble> {
    let limit = i64::from(limit);
    let query = match number_of {
        None => sqlx::query(
            "SELECT call, started, ended, caller, called, running FROM interaction_journeys \
             ORDER BY started DESC, call DESC LIMIT $1",
        )
        .bind(limit),
        Some(number) => sqlx::query(
            "SELECT j.call, j.started, j.ended, j.caller, j.called, j.running FROM interaction_journey_numbers n \
             JOIN interaction_journeys j ON j.call = n.call WHERE n.number = $2 \
             ORDER BY n.started DESC, n.call DESC LIMIT $1",
        )
        .bind(limit)
        .bind(key(number).into_owned()),
    };
    let rows = database.rows(query).await?;
    rows.iter()
        .map(|row| {
            Ok(RecentCall {
                call: CallId::from(text(row, 0)?),
                started: moment(number(row, 1)?),
                ended: moment(number(row, 2)?),
                from: text(row, 3)?.into(),
                to: text(row, 4)?.into(),
                partial: number(row, 5)? != 0,
            })
        })
        .collect()
}

/// How many there are.
pub(super) async fn count(database: &mut Database) -> Result<u64, Trouble> {
    let count = database.number(sqlx::query("SELECT COUNT(*) FROM interaction_journeys")).await?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// Drops those that ended before `before`, and the oldest of `too_many` more, a few at a time, within a transaction. Says how
/// many went.
pub(super) async fn prune(database: &mut Database, before: Time, too_many: u64) -> Result<usize, Trouble> {
    let most = i64::try_from(PRUNE_MAX).unwrap_or(i64::MAX);
    let old = sqlx::query("SELECT call FROM interaction_journeys WHERE ended < $1 ORDER BY ended LIMIT $2");
    let mut rows = database.rows(old.bind(micros(before)).bind(most)).await?;
    if rows.is_empty() && too_many > 0 {
        let most = most.min(i64::try_from(too_many).unwrap_or(i64::MAX));
        let oldest = sqlx::query("SELECT call FROM interaction_journeys ORDER BY started, call LIMIT $1");
        rows = database.rows(oldest.bind(most)).await?;
    }
    let calls: Vec<String> = rows.iter().map(|row| text(row, 0)).collect::<Result<_, _>>()?;
    remove(database, &calls.iter().map(String::as_str).collect::<Vec<_>>()).await?;
    Ok(calls.len())
}

/// A record of an earlier run; one that cannot be read is told and left out.
fn read(json: &str) -> Option<JourneyRecord> {
    if json.is_empty() {
        return None;
    }
    serde_json::from_str(json).inspect_err(|error| warn!("a stored journey cannot be read: {error}")).ok()
}

/// Text as a key. No database takes a zero byte in one.
pub(super) fn key(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{fffd}")) } else { Cow::Borrowed(text) }
}

pub(super) fn micros(at: Time) -> i64 {
    i64::try_from(at.as_micros()).unwrap_or(i64::MAX)
}

pub(super) fn moment(micros: i64) -> Time {
    Time::from_micros(u64::try_from(micros).unwrap_or(0))
}

fn steps_max() -> usize {
    JourneyLimits::default().steps_max as usize
}

/// A leg heard of again so long after an earlier run lost sight of it is another call: no call is silent for longer.
fn join_within() -> Duration {
    Duration::from_millis(JourneyLimits::default().silence_ms.into())
}

/// A statement that differs with how much it is given. Of little it is soon the same again, and kept prepared.
fn sized(sql: String, parameters: usize) -> Asked<'static> {
    sqlx::query(AssertSqlSafe(sql)).persistent(parameters <= PREPARED_MAX)
}

fn bind_all<'q, 't>(query: Asked<'q>, texts: impl Iterator<Item = &'t str>) -> Asked<'q> {
    texts.fold(query, |query, text| query.bind(text.to_owned()))
}

/// `$1,$2,$3`
fn places(count: usize, from: usize) -> String {
    let places: Vec<String> = (from..from + count).map(|place| format!("${place}")).collect();
    places.join(",")
}

/// `($1,$2),($3,$4)`
pub(super) fn tuples(rows: usize, columns: usize) -> String {
    let rows: Vec<String> = (0..rows).map(|row| format!("({})", places(columns, row * columns + 1))).collect();
    rows.join(",")
}

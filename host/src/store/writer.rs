//! The task that writes: takes what the engine's loop tells, and gives it to the database many records at a time.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use interaction_core::time::Time;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use super::backlog::{Backlog, Batch, Entry};
use super::database::{Database, Trouble};
use super::place::Place;
use super::status::{Condition, Status};
use super::{audits, journeys};
use crate::clock::Clock;
use crate::config::StoreSettings;

/// Records written by one transaction: some milliseconds of a database's work.
pub(super) const BATCH_MAX: usize = 256;
/// How long the first record waits for others: a transaction costs far more than a record of it. It is less than the half second
/// that is left of the promise that a step survives a kill a second after it ended, by what the loop's ticks are apart and by what a
/// transaction takes on a slow disk.
const GATHER: Duration = Duration::from_millis(250);
/// The first wait after a failure; each further one is twice as long.
const RETRY_FIRST: Duration = Duration::from_millis(250);
/// The longest such wait: a database that is back is used soon.
const RETRY_LONGEST: Duration = Duration::from_secs(15);
/// How often what is old is looked for.
const PRUNE_EVERY: Duration = Duration::from_secs(60);
/// How long after a few old records the next few are dropped: others' transactions come between.
const PRUNE_AGAIN: Duration = Duration::from_millis(20);
/// How long what waits may take to be written when the server ends.
const END_WITHIN: Duration = Duration::from_secs(5);

/// What is kept for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Keep {
    journeys_max: u64,
    audits_max: u64,
    /// None: for as long as there is room.
    journeys: Option<Duration>,
    audits: Option<Duration>,
}

impl Keep {
    pub(super) fn of(settings: &StoreSettings) -> Self {
        let days = |days: u32| (days > 0).then(|| Duration::from_secs(u64::from(days) * 86_400));
        Self {
            journeys_max: settings.journeys_max.into(),
            audits_max: settings.audits_max.into(),
            journeys: days(settings.journey_days),
            audits: days(settings.audit_days),
        }
    }
}

/// The task.
pub(super) struct Writer {
    pub(super) place: Place,
    /// Tells this server's records from those of other runs and other servers.
    pub(super) run: String,
    pub(super) clock: Clock,
    pub(super) keep: Keep,
    pub(super) entries: mpsc::Receiver<Entry>,
    pub(super) backlog: Backlog,
    pub(super) status: Arc<Status>,
    pub(super) database: Option<Database>,
    /// Records of the next transaction: fewer where there was no room for as many.
    pub(super) most: usize,
}

impl Writer {
    /// Runs until the engine's loop is gone, and what waits is written or given up.
    pub(super) async fn run(mut self) {
        let mut retry = RETRY_FIRST;
        let mut retry_at = None;
        let mut prune_at = Instant::now();
        loop {
            // What came while others were written waits for more as any first record does.
            let next = if self.backlog.len() > 0 { Instant::now() } else { prune_at };
            tokio::select! {
                entry = self.entries.recv() => match entry {
                    Some(entry) => self.take(entry),
                    None => break,
                },
                () = sleep_until(retry_at.unwrap_or(next)) => {}
            }
            if retry_at.is_some_and(|at| Instant::now() < at) {
                continue;
            }
            if self.backlog.len() > 0 && retry_at.is_none() {
                self.gather().await;
            }
            let mut done = self.write_some().await;
            // Where there is no room, dropping what is old makes some.
            let is_full = matches!(done, Err(Trouble::Full(_)));
            if is_full || done.is_ok() && Instant::now() >= prune_at {
                let pruned = self.prune().await;
                prune_at = Instant::now() + if matches!(pruned, Ok(true)) { PRUNE_AGAIN } else { PRUNE_EVERY };
                done = done.and(pruned.map(drop));
            }
            retry_at = match done {
                Ok(()) => {
                    self.status.turn(Condition::Working, "");
                    retry = RETRY_FIRST;
                    // A whole transaction's worth waits: at once.
                    (self.backlog.len() >= self.most).then(Instant::now)
                }
                Err(trouble) => {
                    self.failed(&trouble);
                    let at = Instant::now() + retry;
                    retry = (retry * 2).min(RETRY_LONGEST);
                    Some(at)
                }
            };
        }
        self.end().await;
    }

    fn take(&mut self, entry: Entry) {
        let lost = self.backlog.push(entry);
        if lost > 0 {
            self.status.lose(lost, "too many waited for the database");
        }
        self.show_waiting();
    }

    /// Takes what comes within a moment; it waits in the channel, so that not every record wakes this task. Where a whole
    /// transaction waits already there is nothing to wait for.
    async fn gather(&mut self) {
        if self.entries.len() < BATCH_MAX {
            sleep(GATHER).await;
        }
        while self.backlog.len() < BATCH_MAX
            && let Ok(entry) = self.entries.try_recv()
        {
            self.take(entry);
        }
    }

    /// Writes one transaction's worth, taking what comes meanwhile.
    async fn write_some(&mut self) -> Result<(), Trouble> {
        let batch = self.backlog.pop(self.most);
        let Self { database, entries, backlog, status, place, run, .. } = self;
        let mut is_open = true;
        let done = {
            let mut writing = std::pin::pin!(write(database, place, run, &batch));
            loop {
                tokio::select! {
                    biased;
                    done = &mut writing => break done,
                    entry = entries.recv(), if is_open => match entry {
                        Some(entry) => {
                            let lost = backlog.push(entry);
                            if lost > 0 {
                                status.lose(lost, "too many waited for the database");
                            }
                        }
                        None => is_open = false,
                    }
                }
            }
        };
        let done = match done {
            Err(Trouble::Record(_)) if batch.len() > 1 => self.write_singly(batch).await,
            Err(Trouble::Record(why)) => {
                self.status.lose(batch.len(), &why);
                Ok(())
            }
            Err(trouble) => {
                if matches!(trouble, Trouble::Full(_)) {
                    self.most = (batch.len() / 2).max(1);
                }
                let lost = self.backlog.put_back(batch);
                self.status.lose(lost, "too many waited for the database");
                Err(trouble)
            }
            Ok(()) => {
                self.written(batch.len());
                self.most = (self.most * 2).min(BATCH_MAX);
                Ok(())
            }
        };
        self.show_waiting();
        done
    }

    /// One of them is what the database will not have: it is found and left out.
    async fn write_singly(&mut self, batch: Batch) -> Result<(), Trouble> {
        let mut singles = batch.singly();
        while let Some(one) = singles.next() {
            match write(&mut self.database, &self.place, &self.run, &one).await {
                Ok(()) => self.written(1),
                Err(Trouble::Record(why)) => self.status.lose(1, &why),
                Err(trouble) => {
                    for one in std::iter::once(one).chain(singles) {
                        let lost = self.backlog.put_back(one);
                        self.status.lose(lost, "too many waited for the database");
                    }
                    return Err(trouble);
                }
            }
        }
        Ok(())
    }

    /// Drops a few old records; says whether there may be more.
    async fn prune(&mut self) -> Result<bool, Trouble> {
        let now = self.clock.now();
        let Some(database) = &mut self.database else { return Ok(false) };
        let (counts, more) = match prune(database, self.keep, now).await {
            Ok(done) => done,
            Err(trouble) => {
                self.database = None;
                return Err(trouble);
            }
        };
        self.status.journeys.store(counts.0, Ordering::Relaxed);
        self.status.audits.store(counts.1, Ordering::Relaxed);
        Ok(more)
    }

    fn written(&self, records: usize) {
        self.status.written.fetch_add(records as u64, Ordering::Relaxed);
    }

    fn failed(&self, trouble: &Trouble) {
        self.status.retries.fetch_add(1, Ordering::Relaxed);
        let condition = match trouble {
            Trouble::Away(_) | Trouble::Record(_) => Condition::Away,
            Trouble::Full(_) => Condition::Full,
            Trouble::Newer { .. } => Condition::Refused,
        };
        self.status.turn(condition, &trouble.to_string());
    }

    fn show_waiting(&self) {
        self.status.waiting.store(self.backlog.len() as u64, Ordering::Relaxed);
    }

    /// The server ends: what waits is written, as far as that is possible in time.
    async fn end(mut self) {
        let until = Instant::now() + END_WITHIN;
        let mut retry = RETRY_FIRST;
        while self.backlog.len() > 0 && Instant::now() < until {
            match timeout_at(until, self.write_some()).await {
                Ok(Ok(())) => {}
                Ok(Err(trouble)) => {
                    self.failed(&trouble);
                    sleep(retry).await;
                    retry *= 2;
                }
                Err(_) => break,
            }
        }
        if self.backlog.len() > 0 {
            self.status.lose(self.backlog.len(), "the server ended before the database took them");
        }
        if let Some(database) = self.database {
            database.close().await;
        }
    }
}

/// Writes a batch in one transaction, opening the database where it is not. With no batch it only makes sure that the database
/// is open.
async fn write(database: &mut Option<Database>, place: &Place, run: &str, batch: &Batch) -> Result<(), Trouble> {
    let mut open = match database.take() {
        Some(open) => open,
        None => Database::open(place).await?,
    };
    let done = transact(&mut open, run, batch).await;
    // A session that failed in another way than over one record is not trusted with the next.
    match &done {
        Ok(()) | Err(Trouble::Record(_)) => *database = Some(open),
        Err(Trouble::Full(_)) => {
            // Its questions and its retention go on, once the transaction is given up.
            if open.roll_back().await.is_ok() {
                *database = Some(open);
            }
        }
        Err(Trouble::Away(_) | Trouble::Newer { .. }) => {}
    }
    done
}

async fn transact(open: &mut Database, run: &str, batch: &Batch) -> Result<(), Trouble> {
    if batch.len() == 0 {
        return Ok(());
    }
    open.begin().await?;
    let mut done = audits::put(open, run, &batch.audits).await;
    if done.is_ok() {
        done = journeys::put(open, run, &batch.journeys).await;
    }
    match done {
        Ok(()) => open.commit().await,
        Err(Trouble::Record(why)) => {
            open.roll_back().await?;
            Err(Trouble::Record(why))
        }
        Err(trouble) => Err(trouble),
    }
}

/// Drops a few of each kind; says how many there were of each before, and whether there may be more to drop.
pub(super) async fn prune(database: &mut Database, keep: Keep, now: Time) -> Result<((u64, u64), bool), Trouble> {
    let counts = (journeys::count(database).await?, audits::count(database).await?);
    let before = |age: Option<Duration>| age.map_or(Time::ZERO, |age| now - age);
    database.begin().await?;
    let over = counts.0.saturating_sub(keep.journeys_max);
    let journeys = journeys::prune(database, before(keep.journeys), over).await?;
    let over = counts.1.saturating_sub(keep.audits_max);
    let audits = audits::prune(database, before(keep.audits), over).await?;
    database.commit().await?;
    Ok((counts, journeys > 0 || audits > 0))
}

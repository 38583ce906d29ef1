//! Where journeys and the audit trail are kept: in memory, or in a database behind two tasks, so that no turn waits for it.

mod audits;
mod backlog;
mod database;
mod journeys;
mod place;
mod reader;
mod schema;
mod status;
#[cfg(test)]
mod tests;
mod writer;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use interaction_core::audit::AuditRecord;
use interaction_core::ids::{CallId, QueryNo};
use interaction_core::input::StoreAnswer;
use interaction_core::limits::StoreLimits;
use interaction_core::report::journey::JourneyRecord;
use interaction_core::store::MemoryStore;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tracing::{info, warn};

pub(crate) use self::audits::AuditFilter;
pub(crate) use self::place::{PASSWORD_VARIABLE, Place, check_url, password};
pub(crate) use self::status::Condition;

use self::backlog::{Backlog, Entry};
use self::database::{Database, Trouble};
use self::place::Kind;
use self::reader::{ANSWER_WITHIN, Asked, Reader, What};
use self::status::Status;
use self::writer::{BATCH_MAX, Keep, Writer};
use crate::clock::Clock;
use crate::config::Settings;
use crate::happening::Happening;
use crate::history::{History, Past};

/// What one turn of the engine may hand over before the writer takes it: some turns' worth of a large centre's.
const ENTRIES_MAX: usize = 16_384;
/// Questions that wait for an answer: beyond it whoever asks is told to ask again.
const QUESTIONS_MAX: usize = 256;
/// What waits in memory while the database is away: some hours of a mid-sized centre's calls.
const BACKLOG: StoreLimits = StoreLimits { journeys_max: 50_000, bytes_max: 128 << 20, audits_max: 50_000 };

/// A store. No call of it waits for a disk or a peer: it is made within the loop's turn.
#[derive(Debug)]
pub(crate) enum Store {
    /// In memory, gone with the process.
    Memory(Memory),
    /// In a database.
    Database(Tasks),
}

/// The store in memory, and where else to look.
#[derive(Debug)]
pub(crate) struct Memory {
    kept: Box<MemoryStore>,
    past: Past,
    happenings: mpsc::Sender<Happening>,
}

/// The ways to the database's tasks.
#[derive(Debug)]
pub(crate) struct Tasks {
    entries: mpsc::Sender<Entry>,
    questions: mpsc::Sender<Asked>,
    status: Arc<Status>,
}

/// What the engine asks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Question<'a> {
    /// The journey a leg belongs to.
    Journey(&'a CallId),
    /// Calls, newest first.
    Recent {
        /// At most so many.
        limit: u32,
        /// Only those from or to this number.
        number: Option<&'a str>,
    },
}

/// How the store does, for the metrics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoreSeen {
    /// Its state.
    pub(crate) condition: Condition,
    /// Journeys it holds, when they were last counted.
    pub(crate) journeys: u64,
    /// Records of the audit trail it holds, when they were last counted.
    pub(crate) audits: u64,
    /// Records that wait to be written.
    pub(crate) waiting: u64,
    /// Records written.
    pub(crate) written: u64,
    /// Transactions that failed and were tried again.
    pub(crate) retries: u64,
    /// Records lost.
    pub(crate) lost: u64,
    /// Questions that could not be answered.
    pub(crate) unanswered: u64,
}

impl Default for StoreSeen {
    fn default() -> Self {
        let condition = Condition::Working;
        Self { condition, journeys: 0, audits: 0, waiting: 0, written: 0, retries: 0, lost: 0, unanswered: 0 }
    }
}

impl Store {
    /// The store of the settings, open where it can be opened: a file must be, a database of its own may be away. Answers go to
    /// `happenings`; the task ends when the store is dropped and what waited is written.
    pub(crate) async fn start(
        settings: &Settings,
        clock: Clock,
        happenings: mpsc::Sender<Happening>,
    ) -> Result<(Self, Option<JoinHandle<()>>), String> {
        let past = Past { history: History::start(&settings.history)?, clock };
        let Some(place) = Place::of(settings)? else {
            let (journeys_max, audits_max) = (settings.store.journeys_max, settings.store.audits_max);
            let limits = StoreLimits { journeys_max, bytes_max: settings.store.bytes_max, audits_max };
            let kept = Box::new(MemoryStore::new(limits));
            return Ok((Self::Memory(Memory { kept, past, happenings }), None));
        };
        let mut salt = [0; 4];
        getrandom::fill(&mut salt).map_err(|error| format!("the system gives no random bytes: {error}"))?;
        let run =
            format!("{}-{:x}-{:08x}", settings.server.instance, clock.now().as_micros(), u32::from_ne_bytes(salt));
        let status = Arc::new(Status::new());
        let database = match Database::open(&place).await {
            Ok(database) => Some(database),
            Err(trouble @ Trouble::Newer { .. }) => return Err(format!("the store at {place}: {trouble}")),
            Err(trouble) if place.kind == Kind::Sqlite => {
                return Err(format!("the store at {place} cannot be opened: {trouble}; see `server.data-dir`"));
            }
            Err(trouble) => {
                status.turn(Condition::Away, &trouble.to_string());
                None
            }
        };
        info!("journeys and the audit trail are kept at {place}");
        let (entries, to_write) = mpsc::channel(ENTRIES_MAX);
        let (questions, asked) = mpsc::channel(QUESTIONS_MAX);
        let writer = Writer {
            place: place.clone(),
            run,
            clock,
            keep: Keep::of(&settings.store),
            entries: to_write,
            backlog: Backlog::new(BACKLOG),
            status: Arc::clone(&status),
            database,
            most: BATCH_MAX,
        };
        let reader = Reader { place, asked, happenings, status: Arc::clone(&status), database: None, past };
        tokio::spawn(reader.run());
        let writing = tokio::spawn(writer.run());
        Ok((Self::Database(Tasks { entries, questions, status }), Some(writing)))
    }

    /// Keeps a journey.
    pub(crate) fn keep(&mut self, journey: &JourneyRecord) {
        match self {
            // What the bounds cost is what they are for.
            Self::Memory(memory) => drop_count(memory.kept.put(journey.clone())),
            Self::Database(tasks) => tasks.tell(Entry::Journey(Box::new(journey.clone()))),
        }
    }

    /// Keeps a record of the audit trail.
    pub(crate) fn audit(&mut self, record: &AuditRecord) {
        match self {
            Self::Memory(memory) => drop_count(memory.kept.put_audit(record.clone())),
            Self::Database(tasks) => tasks.tell(Entry::Audit(Box::new(record.clone()))),
        }
    }

    /// Asks. Returns the answer where it is there at once; else it comes as a happening.
    pub(crate) fn ask(&self, query: QueryNo, question: Question<'_>) -> Option<StoreAnswer> {
        match self {
            Self::Memory(memory) => memory.ask(query, question),
            Self::Database(tasks) => tasks.ask(query, question),
        }
    }

    /// How it does.
    pub(crate) fn seen(&self) -> StoreSeen {
        match self {
            Self::Memory(memory) => StoreSeen {
                journeys: memory.kept.len() as u64,
                audits: memory.kept.audits().count() as u64,
                ..StoreSeen::default()
            },
            Self::Database(tasks) => {
                let status = &tasks.status;
                StoreSeen {
                    condition: status.condition(),
                    journeys: status.journeys.load(Ordering::Relaxed),
                    audits: status.audits.load(Ordering::Relaxed),
                    waiting: status.waiting.load(Ordering::Relaxed),
                    written: status.written.load(Ordering::Relaxed),
                    retries: status.retries.load(Ordering::Relaxed),
                    lost: status.lost(),
                    unanswered: status.unanswered.load(Ordering::Relaxed),
                }
            }
        }
    }
}

const fn drop_count(_over_the_bound: usize) {}

impl Memory {
    fn ask(&self, query: QueryNo, question: Question<'_>) -> Option<StoreAnswer> {
        let what = What::of(question);
        let answer = match &what {
            What::Journey(call) => StoreAnswer::Journey(self.kept.find(call).cloned()),
            What::Recent { limit, number } => {
                StoreAnswer::Recent(self.kept.recent(*limit as usize, number.as_deref(), None))
            }
        };
        if self.past.history.is_none() {
            return Some(if answer == StoreAnswer::Journey(None) { StoreAnswer::NoHistory } else { answer });
        }
        let (past, happenings) = (self.past.clone(), self.happenings.clone());
        tokio::spawn(async move {
            let answer = past.complete(&what, answer, Instant::now() + ANSWER_WITHIN).await;
            // The loop may have ended meanwhile.
            let _ = happenings.send(Happening::Loaded { query, answer }).await;
        });
        None
    }
}

impl Tasks {
    fn tell(&self, entry: Entry) {
        if self.entries.try_send(entry).is_err() {
            self.status.lose(1, "too many came at once");
        }
    }

    fn ask(&self, query: QueryNo, question: Question<'_>) -> Option<StoreAnswer> {
        let what = What::of(question);
        let asked = Asked { query, what, until: Instant::now() + ANSWER_WITHIN };
        if self.questions.try_send(asked).is_ok() {
            return None;
        }
        self.status.unanswered.fetch_add(1, Ordering::Relaxed);
        Some(StoreAnswer::Unavailable)
    }
}

/// Waits until what the loop handed over is written, or given up.
pub(crate) async fn ended(writing: Option<JoinHandle<()>>) {
    if let Some(writing) = writing
        && writing.await.is_err()
    {
        warn!("the store's task failed before it had written everything");
    }
}

/// Reads the audit trail, newest first, without a server.
pub(crate) async fn read_audits(place: &Place, filter: &AuditFilter) -> Result<Vec<AuditRecord>, String> {
    let failed = |trouble: Trouble| format!("the store at {place} cannot be read: {trouble}");
    let mut database = Database::open_to_read(place).await.map_err(failed)?;
    let records = audits::list(&mut database, filter).await.map_err(failed);
    database.close().await;
    records
}

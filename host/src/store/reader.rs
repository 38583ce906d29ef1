//! The task that answers questions from the database.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use interaction_core::ids::{CallId, QueryNo};
use interaction_core::input::StoreAnswer;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};
use tracing::{debug, warn};

use super::Question;
use super::database::{Database, Trouble};
use super::journeys;
use super::place::Place;
use super::status::Status;
use crate::happening::Happening;
use crate::history::Past;

/// How long a question may take, its wait for others included: a person waits for it.
pub(super) const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// How long after a failure the database is not tried: whoever asks is told at once instead.
const TRY_AGAIN: Duration = Duration::from_secs(1);

/// A question on its way.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) query: QueryNo,
    pub(super) what: What,
    /// Whoever asked is told something by then.
    pub(super) until: Instant,
}

/// What is asked.
#[derive(Debug)]
pub(super) enum What {
    Journey(CallId),
    Recent { limit: u32, number: Option<Box<str>> },
}

impl What {
    /// A question, to be taken along.
    pub(super) fn of(question: Question<'_>) -> Self {
        match question {
            Question::Journey(call) => Self::Journey(call.clone()),
            Question::Recent { limit, number } => Self::Recent { limit, number: number.map(Into::into) },
        }
    }
}

impl Past {
    /// The store's answer, with what the history adds to it.
    pub(super) async fn complete(&self, what: &What, answer: StoreAnswer, until: Instant) -> StoreAnswer {
        match what {
            What::Journey(call) => self.journey(call, answer, until).await,
            What::Recent { limit, number } => self.recent(*limit, number.as_deref(), answer, until).await,
        }
    }
}

/// The task.
pub(super) struct Reader {
    pub(super) place: Place,
    pub(super) asked: mpsc::Receiver<Asked>,
    pub(super) happenings: mpsc::Sender<Happening>,
    pub(super) status: Arc<Status>,
    pub(super) database: Option<Database>,
    /// What calls are known from that this store does not have.
    pub(super) past: Past,
}

impl Reader {
    /// Runs until the engine's loop is gone.
    pub(super) async fn run(mut self) {
        let mut not_before = Instant::now();
        while let Some(Asked { query, what, until }) = self.asked.recv().await {
            let is_away = Instant::now() < not_before;
            let answer = if is_away { None } else { self.answer(&what, until).await };
            if answer.is_none() {
                self.status.unanswered.fetch_add(1, Ordering::Relaxed);
                if !is_away && self.database.is_none() {
                    not_before = Instant::now() + TRY_AGAIN;
                }
            }
            let answer = self.past.complete(&what, answer.unwrap_or(StoreAnswer::Unavailable), until).await;
            if self.happenings.send(Happening::Loaded { query, answer }).await.is_err() {
                break;
            }
        }
        if let Some(database) = self.database {
            database.close().await;
        }
    }

    async fn answer(&mut self, what: &What, until: Instant) -> Option<StoreAnswer> {
        let session = self.database.take();
        let asked = async {
            let mut open = match session {
                Some(open) => open,
                None => Database::open_to_read(&self.place).await?,
            };
            let answer = match what {
                What::Journey(call) => journeys::find(&mut open, call).await.map(StoreAnswer::Journey),
                What::Recent { limit, number } => {
                    journeys::recent(&mut open, *limit, number.as_deref()).await.map(StoreAnswer::Recent)
                }
            };
            // A session that failed in another way than over one record is not trusted with the next question.
            match answer {
                Ok(answer) => Ok((Some(answer), Some(open))),
                Err(Trouble::Record(why)) => {
                    warn!("a question to the store is not answered: {why}");
                    Ok((None, Some(open)))
                }
                Err(trouble) => Err(trouble),
            }
        };
        let (answer, session) = match timeout_at(until, asked).await {
            Ok(Ok(done)) => done,
            Ok(Err(trouble)) => {
                debug!("a question to the store is not answered: {trouble}");
                (None, None)
            }
            Err(_) => (None, None),
        };
        self.database = session;
        answer
    }
}

//! Where journeys of calls come from that ended before the server knew of them: the telephony platform's own database.
//!
//! It is asked on a thread of its own, since its driver waits; what asks never does. Questions wait in a short queue, past
//! which they are answered "unavailable" at once.

#[cfg(feature = "odbc")]
mod odbc;
mod settings;

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use interaction_core::ids::CallId;
use interaction_core::input::{RecentCall, StoreAnswer};
use interaction_core::report::journey::JourneyRecord;
use interaction_core::time::Time;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};
use tracing::{info, warn};

pub(crate) use self::settings::HistorySettings;

use crate::clock::Clock;

/// Questions that wait at most. Each may take as long as the database's deadline: more would be answered too late.
const QUEUE_MAX: usize = 32;
/// After a failure the database is left alone for so long: a database that is away costs every question its deadline.
const REST: Duration = Duration::from_secs(2);

/// A place that journeys of the past are read from.
pub(crate) trait Source {
    /// The journey a call belongs to.
    fn journey(&mut self, call: &CallId) -> Result<Option<JourneyRecord>, String>;

    /// Calls that began at or after `since`, newest first.
    fn recent(&mut self, since: Time, limit: usize, number: Option<&str>) -> Result<Vec<RecentCall>, String>;
}

/// What is asked.
#[derive(Debug)]
pub(crate) enum Question {
    /// For one journey.
    Journey(CallId, oneshot::Sender<Answer<Option<JourneyRecord>>>),
    /// For a list.
    Recent {
        /// Calls that began since.
        since: Time,
        /// At most so many.
        limit: usize,
        /// Only from or to this number.
        number: Option<Box<str>>,
        /// Where the answer goes.
        answer: oneshot::Sender<Answer<Vec<RecentCall>>>,
    },
}

/// An answer, or that there is none now; why stands in the log.
pub(crate) type Answer<T> = Result<T, Unavailable>;

/// The database cannot be asked now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unavailable;

/// The way to a source.
#[derive(Clone, Debug)]
pub(crate) struct History {
    questions: SyncSender<Question>,
    /// How far back lists reach.
    recent: Duration,
}

impl History {
    /// The source of the configuration; none where none is configured.
    ///
    /// # Errors
    /// Says what is wrong with the configuration, and what to do.
    pub(crate) fn start(settings: &HistorySettings) -> Result<Option<Self>, String> {
        if settings.connection.is_empty() {
            return Ok(None);
        }
        let recent = Duration::from_secs(u64::from(settings.recent_days) * 86_400);
        Self::connect(settings).map(|questions| Some(Self { questions, recent }))
    }

    #[cfg(feature = "odbc")]
    fn connect(settings: &HistorySettings) -> Result<SyncSender<Question>, String> {
        let login = settings.login()?;
        let timeout = Duration::from_millis(u64::from(settings.timeout_ms));
        begin(move || odbc::Odbc::new(login, timeout))
    }

    #[cfg(not(feature = "odbc"))]
    fn connect(_: &HistorySettings) -> Result<SyncSender<Question>, String> {
        Err("`history.connection` is set, and this program was built without the feature `odbc`: build it with \
             `--features odbc`, which needs unixODBC, or remove the key"
            .into())
    }

    /// Asks; what cannot be asked now is answered so.
    pub(crate) fn ask(&self, question: Question) {
        if let Err(error) = self.questions.try_send(question) {
            let (std::sync::mpsc::TrySendError::Full(question) | std::sync::mpsc::TrySendError::Disconnected(question)) =
                error;
            question.refuse();
        }
    }
}

impl Question {
    /// Whoever asked may have given up: then nobody hears.
    fn refuse(self) {
        match self {
            Self::Journey(_, answer) => drop(answer.send(Err(Unavailable))),
            Self::Recent { answer, .. } => drop(answer.send(Err(Unavailable))),
        }
    }

    fn is_wanted(&self) -> bool {
        match self {
            Self::Journey(_, answer) => !answer.is_closed(),
            Self::Recent { answer, .. } => !answer.is_closed(),
        }
    }
}

/// What the store does not know, from where it may be known.
#[derive(Clone, Debug)]
pub(crate) struct Past {
    /// Where to look; nowhere where none is configured.
    pub(crate) history: Option<History>,
    /// Lists reach back from now.
    pub(crate) clock: Clock,
}

impl Past {
    /// The store's answer to a question for a journey, and where it knows none that of the history.
    pub(crate) async fn journey(&self, call: &CallId, answer: StoreAnswer, until: Instant) -> StoreAnswer {
        if answer != StoreAnswer::Journey(None) {
            return answer;
        }
        let Some(history) = &self.history else { return StoreAnswer::NoHistory };
        let (tell, told) = oneshot::channel();
        history.ask(Question::Journey(call.clone(), tell));
        match timeout_at(until, told).await {
            Ok(Ok(Ok(found))) => StoreAnswer::Journey(found),
            _ => StoreAnswer::Unavailable,
        }
    }

    /// The store's list of calls, made longer by those of the history that began before all it knows. What both know has no
    /// common id, and the store's is the better one.
    pub(crate) async fn recent(
        &self,
        limit: u32,
        number: Option<&str>,
        answer: StoreAnswer,
        until: Instant,
    ) -> StoreAnswer {
        let StoreAnswer::Recent(mut calls) = answer else { return answer };
        let limit = limit as usize;
        if let Some(history) = self.history.as_ref().filter(|_| calls.len() < limit) {
            let (tell, told) = oneshot::channel();
            let since = self.clock.now() - history.recent;
            history.ask(Question::Recent { since, limit, number: number.map(Into::into), answer: tell });
            // A history that is away costs a list nothing but its older part.
            if let Ok(Ok(Ok(older))) = timeout_at(until, told).await {
                let oldest = calls.iter().map(|call| call.started).min().unwrap_or(Time::MAX);
                calls.extend(older.into_iter().filter(|call| call.started < oldest));
                calls.truncate(limit);
            }
        }
        StoreAnswer::Recent(calls)
    }
}

/// Starts the thread of a source that is made there.
#[cfg_attr(not(any(feature = "odbc", test)), expect(dead_code, reason = "only a built-in source needs a thread"))]
fn begin<S: Source>(make: impl FnOnce() -> S + Send + 'static) -> Result<SyncSender<Question>, String> {
    let (questions, asked) = sync_channel(QUEUE_MAX);
    thread::Builder::new()
        .name("history".into())
        .spawn(move || Desk { source: make(), failed: None, is_away: false }.run(&asked))
        .map_err(|error| format!("cannot start the thread of the history database: {error}"))?;
    Ok(questions)
}

/// Answers questions, one after the other.
struct Desk<S> {
    source: S,
    failed: Option<std::time::Instant>,
    is_away: bool,
}

impl<S: Source> Desk<S> {
    fn run(&mut self, asked: &Receiver<Question>) {
        while let Ok(question) = asked.recv() {
            if !question.is_wanted() {
                continue;
            }
            match question {
                Question::Journey(call, answer) => {
                    let found = self.ask(|source| source.journey(&call));
                    drop(answer.send(found));
                }
                Question::Recent { since, limit, number, answer } => {
                    let found = self.ask(|source| source.recent(since, limit, number.as_deref()));
                    drop(answer.send(found));
                }
            }
        }
    }

    fn ask<T>(&mut self, question: impl FnOnce(&mut S) -> Result<T, String>) -> Answer<T> {
        if self.failed.is_some_and(|at| at.elapsed() < REST) {
            return Err(Unavailable);
        }
        match question(&mut self.source) {
            Ok(answer) => {
                self.failed = None;
                if std::mem::take(&mut self.is_away) {
                    info!("the history database answers again");
                }
                Ok(answer)
            }
            Err(why) => {
                self.failed = Some(std::time::Instant::now());
                if !std::mem::replace(&mut self.is_away, true) {
                    warn!("the history database does not answer: {why}");
                }
                Err(Unavailable)
            }
        }
    }
}

#[cfg(test)]
mod tests;

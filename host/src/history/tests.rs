//! The desk between those who ask and a source that may be slow, away or gone.

use std::sync::mpsc::{Receiver, Sender, channel};

use super::*;

/// A source that answers what it is told, when it is told.
struct Told(Receiver<Result<Vec<RecentCall>, String>>);

impl Source for Told {
    fn journey(&mut self, _: &CallId) -> Result<Option<JourneyRecord>, String> {
        self.0.recv().expect("the test tells").map(|_| None)
    }

    fn recent(&mut self, _: Time, _: usize, _: Option<&str>) -> Result<Vec<RecentCall>, String> {
        self.0.recv().expect("the test tells")
    }
}

fn desk() -> (History, Sender<Result<Vec<RecentCall>, String>>) {
    let (tell, told) = channel();
    let questions = begin(move || Told(told)).expect("a thread starts");
    (History { questions, recent: Duration::from_secs(1) }, tell)
}

fn ask(history: &History) -> oneshot::Receiver<Answer<Option<JourneyRecord>>> {
    let (answer, answered) = oneshot::channel();
    history.ask(Question::Journey("C-1".into(), answer));
    answered
}

#[test]
fn questions_are_answered_in_their_order() {
    let (history, tell) = desk();
    let first = ask(&history);
    let (answer, second) = oneshot::channel();
    history.ask(Question::Recent { since: Time::ZERO, limit: 1, number: None, answer });
    tell.send(Ok(Vec::new())).expect("it listens");
    tell.send(Ok(Vec::new())).expect("it listens");
    assert_eq!(first.blocking_recv(), Ok(Ok(None)));
    assert_eq!(second.blocking_recv(), Ok(Ok(Vec::new())));
}

#[test]
fn a_source_that_fails_is_left_alone_for_a_while() {
    let (history, tell) = desk();
    let first = ask(&history);
    tell.send(Err("away".into())).expect("it listens");
    assert_eq!(first.blocking_recv(), Ok(Err(Unavailable)));
    // Nothing is told for this one: it is refused without asking.
    assert_eq!(ask(&history).blocking_recv(), Ok(Err(Unavailable)));
}

#[test]
fn more_questions_than_may_wait_are_refused_at_once() {
    let (history, tell) = desk();
    // One is being answered, and so many wait; one may be taken by the thread at any moment.
    let mut waiting: Vec<_> = (0..QUEUE_MAX + 2).map(|_| ask(&history)).collect();
    let mut last = ask(&history);
    assert_eq!(last.try_recv(), Ok(Err(Unavailable)));
    drop(last);
    for _ in 0..waiting.len() {
        tell.send(Ok(Vec::new())).expect("it listens");
    }
    assert_eq!(waiting.remove(0).blocking_recv(), Ok(Ok(None)));
}

#[test]
fn without_a_connection_there_is_no_source() {
    assert!(History::start(&HistorySettings::default()).expect("nothing is wrong").is_none());
}

#[cfg(not(feature = "odbc"))]
#[test]
fn a_program_without_odbc_says_so() {
    let settings = HistorySettings { connection: "DSN=uccx".into(), ..HistorySettings::default() };
    let refused = History::start(&settings).expect_err("there is no driver");
    assert!(refused.contains("`history.connection`") && refused.contains("--features odbc"), "{refused}");
}

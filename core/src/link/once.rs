//! Requests are done once, however often they are sent.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::map::Map;
use crate::wire::write::Class;

/// What is known of the requests of a link.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Once {
    requests: Map<Arc<str>, State>,
    pub(crate) in_progress: u32,
    /// Answers that are kept, oldest first, by the number of the message.
    answered: VecDeque<(u64, Arc<str>)>,
    /// Acknowledged ones that are remembered yet, oldest first.
    remembered: VecDeque<Arc<str>>,
    pub(crate) remembered_bytes: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum State {
    InProgress,
    Answered,
    Remembered { class: Class, tail: Arc<[u8]> },
}

/// Whether a request is to be done.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Admission {
    /// It is new.
    New,
    /// Its answer is on its way.
    OnItsWay,
    /// It was answered and acknowledged: the answer is sent again.
    Again { class: Class, tail: Arc<[u8]> },
    /// Too many are in progress.
    TooMany,
}

impl Once {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            requests: Map::new(seed),
            in_progress: 0,
            answered: VecDeque::new(),
            remembered: VecDeque::new(),
            remembered_bytes: 0,
        }
    }

    /// Begins a request, unless it is known.
    pub(crate) fn begin(&mut self, request: &Arc<str>, in_progress_max: u32) -> Admission {
        match self.requests.get(&**request) {
            Some(State::InProgress | State::Answered) => Admission::OnItsWay,
            Some(State::Remembered { class, tail }) => Admission::Again { class: *class, tail: Arc::clone(tail) },
            None if self.in_progress >= in_progress_max => Admission::TooMany,
            None => {
                self.requests.insert(Arc::clone(request), State::InProgress);
                self.in_progress += 1;
                Admission::New
            }
        }
    }

    /// Whether the request was begun, and is in progress, answered or remembered.
    pub(crate) fn knows(&self, request: &str) -> bool {
        self.requests.contains_key(request)
    }

    /// Whether an answer of the request is still wanted: the first is the only one.
    pub(crate) fn wants_answer(&self, request: &str) -> bool {
        matches!(self.requests.get(request), Some(State::InProgress))
    }

    /// The request's answer was sent as message `seq`.
    pub(crate) fn answered(&mut self, request: &Arc<str>, seq: u64) {
        if let Some(state) = self.requests.get_mut(&**request) {
            match std::mem::replace(state, State::Answered) {
                State::InProgress => self.in_progress -= 1,
                State::Remembered { tail, .. } => {
                    self.remembered_bytes -= tail.len() as u64;
                    self.remembered.retain(|remembered| remembered != request);
                }
                State::Answered => {}
            }
            self.answered.push_back((seq, Arc::clone(request)));
        }
    }

    /// Whether message `seq`, the oldest that is kept, is an answer.
    pub(crate) fn is_answer(&self, seq: u64) -> bool {
        self.answered.front().is_some_and(|(answered, _)| *answered == seq)
    }

    /// Message `seq` was acknowledged: if it was an answer, it is remembered for clients that ask again.
    pub(crate) fn acknowledged(&mut self, seq: u64, class: Class, tail: &Arc<[u8]>, remembered_max: u32) {
        let Some(request) = self.take_answered(seq) else { return };
        self.remembered_bytes += tail.len() as u64;
        if let Some(state) = self.requests.get_mut(&request) {
            *state = State::Remembered { class, tail: Arc::clone(tail) };
        }
        self.remembered.push_back(request);
        while self.remembered.len() > remembered_max as usize {
            self.forget_oldest();
        }
    }

    /// Message `seq` was dropped for the bound on what is kept: if it was an answer, it is forgotten.
    pub(crate) fn dropped(&mut self, seq: u64) {
        if let Some(request) = self.take_answered(seq) {
            self.requests.swap_remove(&request);
        }
    }

    /// Forgets the oldest acknowledged answer. Whether there was one.
    pub(crate) fn forget_oldest(&mut self) -> bool {
        let Some(request) = self.remembered.pop_front() else { return false };
        if let Some(State::Remembered { tail, .. }) = self.requests.swap_remove(&request) {
            self.remembered_bytes -= tail.len() as u64;
        }
        true
    }

    fn take_answered(&mut self, seq: u64) -> Option<Arc<str>> {
        if !self.is_answer(seq) {
            return None;
        }
        self.answered.pop_front().map(|(_, request)| request)
    }
}

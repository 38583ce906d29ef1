//! Where journeys of ended calls and the audit trail are kept.

use interaction_core::audit::AuditRecord;
use interaction_core::ids::CallId;
use interaction_core::input::StoreAnswer;
use interaction_core::report::journey::JourneyRecord;
use interaction_core::store::MemoryStore;

/// A store. No call may wait for a disk or a peer: it is called within the loop's turn.
pub(crate) trait Store: Send {
    /// Keeps a journey.
    fn keep(&mut self, journey: &JourneyRecord);

    /// Keeps a record of the audit trail.
    fn audit(&mut self, record: &AuditRecord);

    /// Answers a question.
    fn ask(&self, question: Question<'_>) -> StoreAnswer;

    /// How many journeys are kept.
    fn len(&self) -> usize;
}

/// What the engine asks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Question<'a> {
    /// The journey a leg belongs to.
    Journey(&'a CallId),
    /// Ended calls, newest first.
    Recent {
        /// At most so many.
        limit: u32,
        /// Only those from or to this number.
        number: Option<&'a str>,
    },
}

impl Store for MemoryStore {
    fn keep(&mut self, journey: &JourneyRecord) {
        let _ = self.put(journey.clone());
    }

    fn audit(&mut self, record: &AuditRecord) {
        let _ = self.put_audit(record.clone());
    }

    fn ask(&self, question: Question<'_>) -> StoreAnswer {
        match question {
            Question::Journey(call) => StoreAnswer::Journey(self.find(call).cloned()),
            Question::Recent { limit, number } => StoreAnswer::Recent(self.recent(limit as usize, number, None)),
        }
    }

    fn len(&self) -> usize {
        Self::len(self)
    }
}

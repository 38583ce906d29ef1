//! What waits to be written, within bounds: of a journey the latest record only.

use std::collections::VecDeque;

use interaction_core::audit::AuditRecord;
use interaction_core::limits::StoreLimits;
use interaction_core::report::journey::JourneyRecord;
use interaction_core::store::MemoryStore;

/// What the engine wants kept.
#[derive(Debug)]
pub(super) enum Entry {
    /// A journey.
    Journey(Box<JourneyRecord>),
    /// A record of the audit trail.
    Audit(Box<AuditRecord>),
}

/// What is written by one transaction.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) journeys: Vec<JourneyRecord>,
    /// With the numbers that tell them apart.
    pub(super) audits: Vec<(u64, AuditRecord)>,
}

impl Batch {
    pub(super) fn len(&self) -> usize {
        self.journeys.len() + self.audits.len()
    }

    /// Each of its records alone.
    pub(super) fn singly(self) -> impl Iterator<Item = Self> {
        let journeys = self.journeys.into_iter().map(|one| Self { journeys: vec![one], ..Self::default() });
        let audits = self.audits.into_iter().map(|one| Self { audits: vec![one], ..Self::default() });
        journeys.chain(audits)
    }
}

/// What waits.
#[derive(Debug)]
pub(super) struct Backlog {
    journeys: MemoryStore,
    audits: VecDeque<(u64, AuditRecord)>,
    audits_max: usize,
    next: u64,
}

impl Backlog {
    pub(super) fn new(limits: StoreLimits) -> Self {
        let audits_max = limits.audits_max as usize;
        Self { journeys: MemoryStore::new(limits), audits: VecDeque::new(), audits_max, next: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.journeys.len() + self.audits.len()
    }

    /// Takes one more. Says how many a bound cost.
    pub(super) fn push(&mut self, entry: Entry) -> usize {
        match entry {
            Entry::Journey(journey) => self.journeys.put(*journey),
            Entry::Audit(record) => {
                self.next += 1;
                self.audits.push_back((self.next, *record));
                self.trim()
            }
        }
    }

    /// Takes out what one transaction writes: at most so many records.
    pub(super) fn pop(&mut self, most: usize) -> Batch {
        let mut batch = Batch::default();
        while batch.len() < most
            && let Some(audit) = self.audits.pop_front()
        {
            batch.audits.push(audit);
        }
        while batch.len() < most
            && let Some(journey) = self.journeys.pop()
        {
            batch.journeys.push(journey);
        }
        batch
    }

    /// Takes back what could not be written. A journey of which a later record waits by now is not needed. Says how many a
    /// bound cost.
    pub(super) fn put_back(&mut self, batch: Batch) -> usize {
        for audit in batch.audits.into_iter().rev() {
            self.audits.push_front(audit);
        }
        let mut lost = self.trim();
        for journey in batch.journeys {
            if journey.legs.iter().all(|leg| self.journeys.find(leg).is_none()) {
                lost += self.journeys.put(journey);
            }
        }
        lost
    }

    fn trim(&mut self) -> usize {
        let over = self.audits.len().saturating_sub(self.audits_max);
        self.audits.drain(..over).count()
    }
}

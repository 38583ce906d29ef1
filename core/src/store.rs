//! The store in memory: ended journeys and the audit trail, the newest within a bound. What a driver without a database answers
//! [`Output::Store`](crate::output::Output::Store) and the `Load…` outputs with, and the model of those that have one.

use std::collections::{BTreeMap, VecDeque};

use crate::audit::AuditRecord;
use crate::ids::CallId;
use crate::input::RecentCall;
use crate::limits::StoreLimits;
use crate::report::journey::JourneyRecord;
use crate::time::Time;

/// Ended journeys by the time they began. Past a bound the oldest go.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct MemoryStore {
    limits: StoreLimits,
    records: BTreeMap<(Time, u64), JourneyRecord>,
    by_leg: BTreeMap<CallId, (Time, u64)>,
    bytes: u64,
    next: u64,
    audits: VecDeque<AuditRecord>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new(limits: StoreLimits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Keeps a journey. It replaces every kept one that shares a leg with it: the same journey stored again, or one that
    /// turned out to be a part of it. A record without legs, or larger than the whole store, is not kept.
    ///
    /// Says how many journeys a bound cost, this one among them.
    pub fn put(&mut self, record: JourneyRecord) -> usize {
        let size = record.size() as u64;
        for leg in &record.legs {
            if let Some(key) = self.by_leg.get(leg).copied() {
                self.remove(key);
            }
        }
        if record.legs.is_empty() || size > self.limits.bytes_max || self.limits.journeys_max == 0 {
            return 1;
        }
        self.next += 1;
        let key = (record.started, self.next);
        for leg in &record.legs {
            self.by_leg.insert(leg.clone(), key);
        }
        self.bytes += size;
        self.records.insert(key, record);
        let mut dropped = 0;
        while self.records.len() > self.limits.journeys_max as usize || self.bytes > self.limits.bytes_max {
            if self.pop().is_none() {
                break;
            }
            dropped += 1;
        }
        dropped
    }

    /// Takes the journey out that began first.
    pub fn pop(&mut self) -> Option<JourneyRecord> {
        let oldest = *self.records.first_key_value()?.0;
        self.remove(oldest)
    }

    /// Keeps a record of the audit trail. Says how many a bound cost.
    pub fn put_audit(&mut self, record: AuditRecord) -> usize {
        self.audits.push_back(record);
        let mut dropped = 0;
        while self.audits.len() > self.limits.audits_max as usize {
            self.audits.pop_front();
            dropped += 1;
        }
        dropped
    }

    /// Takes the oldest record of the audit trail out.
    pub fn pop_audit(&mut self) -> Option<AuditRecord> {
        self.audits.pop_front()
    }

    /// The audit trail as far as it is kept, newest first.
    pub fn audits(&self) -> impl Iterator<Item = &AuditRecord> {
        self.audits.iter().rev()
    }

    /// The journey any of whose legs has that id.
    pub fn find(&self, call: &CallId) -> Option<&JourneyRecord> {
        self.records.get(self.by_leg.get(call)?)
    }

    /// At most `limit` journeys, newest first; `number` keeps those it called or was called on, `before` those that began
    /// earlier.
    pub fn recent(&self, limit: usize, number: Option<&str>, before: Option<Time>) -> Vec<RecentCall> {
        let earlier = match before {
            Some(before) => self.records.range(..(before, 0)),
            None => self.records.range(..),
        };
        let matching = earlier.rev().filter(|(_, record)| number.is_none_or(|number| record.has_number(number)));
        matching.filter_map(|(_, record)| record.summary()).take(limit).collect()
    }

    /// How many journeys are kept.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether none is kept.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// How many bytes they count for.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    fn remove(&mut self, key: (Time, u64)) -> Option<JourneyRecord> {
        let record = self.records.remove(&key)?;
        self.bytes -= record.size() as u64;
        for leg in &record.legs {
            if self.by_leg.get(leg) == Some(&key) {
                self.by_leg.remove(leg);
            }
        }
        Some(record)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cti::Cause;

    fn record(legs: &[&str], from: &str, started_ms: u64) -> JourneyRecord {
        JourneyRecord {
            legs: legs.iter().map(|leg| CallId::from(*leg)).collect(),
            from: from.into(),
            to: "8000".into(),
            numbers: vec![from.into(), "8000".into()],
            started: Time::from_millis(started_ms),
            ended: Time::from_millis(started_ms + 10),
            cause: Cause::Normal,
            agents: Vec::new(),
            steps: Vec::new(),
            truncated: 0,
            running: false,
        }
    }

    fn ids(calls: &[RecentCall]) -> Vec<&str> {
        calls.iter().map(|call| call.call.as_str()).collect()
    }

    #[test]
    fn finds_by_any_leg_and_lists_newest_first() {
        let mut store = MemoryStore::default();
        store.put(record(&["a", "b"], "1", 30));
        store.put(record(&["c"], "2", 10));
        store.put(record(&["d"], "1", 20));
        assert_eq!(store.find(&CallId::from("b")).unwrap().legs[0].as_str(), "a");
        assert_eq!(store.find(&CallId::from("x")), None);
        assert_eq!(ids(&store.recent(10, None, None)), ["a", "d", "c"]);
        assert_eq!(ids(&store.recent(1, None, None)), ["a"]);
        assert_eq!(ids(&store.recent(10, Some("1"), None)), ["a", "d"]);
        assert_eq!(ids(&store.recent(10, None, Some(Time::from_millis(20)))), ["c"]);
    }

    #[test]
    fn a_record_replaces_what_shares_a_leg() {
        let mut store = MemoryStore::default();
        store.put(record(&["a"], "1", 10));
        store.put(record(&["b"], "1", 20));
        store.put(record(&["a", "b"], "1", 10));
        assert_eq!(store.len(), 1);
        assert_eq!(store.bytes(), record(&["a", "b"], "1", 10).size() as u64);
    }

    #[test]
    fn the_oldest_go_at_either_bound() {
        let mut store = MemoryStore::new(StoreLimits { journeys_max: 2, bytes_max: 1 << 20, audits_max: 2 });
        for (at, leg) in ["a", "b", "c"].into_iter().enumerate() {
            store.put(record(&[leg], "1", at as u64));
        }
        assert_eq!(ids(&store.recent(10, None, None)), ["c", "b"]);
        assert_eq!(store.find(&CallId::from("a")), None);

        let one = record(&["a"], "1", 0).size() as u64;
        let mut store = MemoryStore::new(StoreLimits { journeys_max: 10, bytes_max: 2 * one, audits_max: 2 });
        for (at, leg) in ["a", "b", "c"].into_iter().enumerate() {
            store.put(record(&[leg], "1", at as u64));
        }
        assert_eq!(ids(&store.recent(10, None, None)), ["c", "b"]);
        store.put(record(&["x"; 1], &"9".repeat(10_000), 9));
        assert_eq!(store.find(&CallId::from("x")), None, "larger than the store");
    }

    #[test]
    fn the_newest_audits_are_kept() {
        let mut store = MemoryStore::new(StoreLimits { audits_max: 2, ..StoreLimits::default() });
        for at in 1..=3 {
            store.put_audit(AuditRecord {
                at: Time::from_millis(at),
                action: crate::audit::AuditAction::SignIn,
                agent: "1001".into(),
                actor: crate::audit::AuditActor::Agent,
                cause: None,
                client: "desk".into(),
                peer: "10.0.0.1".into(),
                note: "".into(),
            });
        }
        let kept: Vec<u64> = store.audits().map(|record| record.at.as_millis()).collect();
        assert_eq!(kept, [3, 2]);
    }
}

use interaction_core::limits::StoreLimits;

use super::{audit, journey};
use crate::store::backlog::{Backlog, Entry};

fn backlog() -> Backlog {
    Backlog::new(StoreLimits { journeys_max: 3, bytes_max: 1 << 20, audits_max: 2 })
}

fn told(legs: &[&str], started_ms: u64) -> Entry {
    Entry::Journey(Box::new(journey(legs, "1", started_ms)))
}

#[test]
fn of_a_journey_the_latest_record_waits_and_bounds_cost_the_oldest() {
    let mut backlog = backlog();
    assert_eq!(backlog.push(told(&["a"], 1)), 0);
    assert_eq!(backlog.push(told(&["a", "b"], 1)), 0);
    assert_eq!(backlog.len(), 1);
    assert_eq!(backlog.push(told(&["c"], 2)) + backlog.push(told(&["d"], 3)), 0);
    assert_eq!(backlog.push(told(&["e"], 4)), 1, "one too many");
    for (agent, lost) in [("1", 0), ("2", 0), ("3", 1)] {
        assert_eq!(backlog.push(Entry::Audit(Box::new(audit(agent, 1)))), lost);
    }
    let batch = backlog.pop(100);
    assert_eq!(batch.journeys.iter().map(|one| one.legs[0].as_str()).collect::<Vec<_>>(), ["c", "d", "e"]);
    assert_eq!(
        batch.audits.iter().map(|(number, one)| (*number, one.agent.as_str())).collect::<Vec<_>>(),
        [(2, "2"), (3, "3")]
    );
    assert_eq!(backlog.len(), 0);
}

#[test]
fn what_could_not_be_written_waits_again_unless_there_is_later_word() {
    let mut backlog = backlog();
    for entry in [told(&["a"], 1), told(&["b"], 2), Entry::Audit(Box::new(audit("1", 1)))] {
        assert_eq!(backlog.push(entry), 0);
    }
    let batch = backlog.pop(2);
    assert_eq!((batch.journeys.len(), batch.audits.len()), (1, 1), "no more than asked for");
    assert_eq!(backlog.push(told(&["x", "a"], 5)), 0);
    assert_eq!(backlog.push(Entry::Audit(Box::new(audit("2", 1)))), 0);
    assert_eq!(backlog.put_back(batch), 0);
    let batch = backlog.pop(100);
    assert_eq!(batch.journeys.iter().map(|one| one.legs[0].as_str()).collect::<Vec<_>>(), ["b", "x"]);
    assert_eq!(
        batch.audits.iter().map(|(number, _)| *number).collect::<Vec<_>>(),
        [1, 2],
        "in their order, numbers kept"
    );
}

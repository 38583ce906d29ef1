//! What is known of the queues: who waits, who is there, how the day went.

use std::collections::BTreeMap;
use std::time::Duration;

use interaction_core::protocol::{At, Queue, ReportEvent};
use serde_json::Value;

use crate::cli::people::{column, duration, plain, time_of_day};

/// Every queue by its id.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Queues(BTreeMap<String, Queue>);

impl Queues {
    /// Applies an event; returns it as lines for people. Events of anything else say nothing.
    pub(super) fn apply(&mut self, event: &Value) -> Vec<String> {
        let Ok(event) = serde_json::from_value::<ReportEvent>(event.clone()) else { return Vec::new() };
        match event {
            ReportEvent::QueueAdded(At { data, at }) | ReportEvent::QueueChanged(At { data, at }) => {
                let line = format!("{}  {}  {}", time_of_day(at), plain(&data.queue.queue_name), said(&data.queue));
                self.0.insert(data.queue.queue_id.clone(), data.queue);
                vec![line]
            }
            ReportEvent::QueueRemoved(At { data, at }) => {
                self.0.remove(&data.queue.queue_id);
                vec![format!("{}  {}  the queue is gone", time_of_day(at), plain(&data.queue.queue_name))]
            }
            _ => Vec::new(),
        }
    }

    /// The queues as lines of a view, by name, as wide as that.
    pub(super) fn lines(&self, now_ms: u64, columns: usize) -> Vec<String> {
        let mut queues: Vec<&Queue> = self.0.values().collect();
        queues.sort_by(|a, b| (&a.queue_name, &a.queue_id).cmp(&(&b.queue_name, &b.queue_id)));
        let room = columns.saturating_sub(62).clamp(8, 30);
        let line = |queue: &&Queue| {
            let waits = queue.longest_wait_since.map(|since| Duration::from_millis(now_ms.saturating_sub(since)));
            let longest = waits.map(duration).unwrap_or_default();
            format!("  {}  {:>3} waiting {longest:>9}  {}", column(&queue.queue_name, room), queue.waiting, rest(queue))
        };
        queues.iter().map(line).collect()
    }
}

fn said(queue: &Queue) -> String {
    format!("{} waiting  {}", queue.waiting, rest(queue))
}

fn rest(queue: &Queue) -> String {
    let agents = queue.agents.map(|agents| {
        let busy = agents.reserved + agents.talking + agents.hold + agents.work;
        format!("{} ready {busy} busy  ", agents.ready)
    });
    let partial = if queue.today.partial { " (not all of the day)" } else { "" };
    let today = queue.today;
    format!("{}{} answered {} abandoned{partial}", agents.unwrap_or_default(), today.answered, today.abandoned)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Queues;

    fn event(kind: &str, waiting: u32) -> Value {
        let agents =
            json!({"loggedout": 1, "notready": 0, "ready": 2, "reserved": 0, "talking": 1, "hold": 0, "work": 1});
        let mut queue = json!({"queueId": "31", "queueName": "Orders", "waiting": waiting, "agents": agents,
            "today": {"since": 0, "answered": 5, "abandoned": 1, "partial": true}});
        if waiting > 0 {
            queue["longestWaitSince"] = json!(10_000);
        }
        json!({"name": format!("report.queuestatus.{kind}"), "at": 72_000, "data": {"agentId": "1001", "queue": queue}})
    }

    #[test]
    fn the_last_word_on_each_queue_is_shown() {
        let mut queues = Queues::default();
        assert_eq!(
            queues.apply(&event("queueadded", 0)),
            ["00:01:12Z  Orders  0 waiting  2 ready 2 busy  5 answered 1 abandoned (not all of the day)"]
        );
        queues.apply(&event("queuechanged", 3));
        let lines = queues.lines(72_000, 100);
        assert!(lines.len() == 1 && lines[0].contains("Orders") && lines[0].contains("3 waiting"), "{lines:?}");
        assert!(lines[0].contains("1:02"), "{lines:?}");
        assert_eq!(queues.apply(&event("queueremoved", 0)), ["00:01:12Z  Orders  the queue is gone"]);
        assert!(queues.lines(0, 80).is_empty());
        assert!(queues.apply(&json!({"name": "report.queuestatus.dancing"})).is_empty());
    }
}

//! Journeys and lists of calls as JSON.

use std::fmt::Write as _;

use serde::Serialize;

use super::record::{CallLine, JourneyRecord, Step};
use crate::time::Time;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Entry<'a> {
    call_id: &'a str,
    device: &'a str,
    device_type: &'static str,
    description: &'a str,
    duration: &'a str,
    started_at: u64,
    #[serde(skip_serializing_if = "is_false")]
    partial: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Line<'a> {
    call_id: &'a str,
    started_at: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<u64>,
    from: &'a str,
    to: &'a str,
    #[serde(skip_serializing_if = "is_false")]
    partial: bool,
}

/// Writes steps as the array of `CallJourney`; the duration of a running step is that up to `now`.
pub(super) fn write_steps(out: &mut Vec<u8>, steps: impl Iterator<Item = Step>, now: Time) {
    let mut duration = String::new();
    out.push(b'[');
    for (index, step) in steps.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write_duration(&mut duration, step.ended.unwrap_or(now).since(step.started).as_secs());
        let entry = Entry {
            call_id: step.call.as_str(),
            device: &step.device,
            device_type: step.kind.as_str(),
            description: &step.description,
            duration: &duration,
            started_at: step.started.as_millis(),
            partial: step.partial,
        };
        write(out, &entry);
    }
    out.push(b']');
}

impl JourneyRecord {
    /// The journey as the array that stands as `CallJourney`; the duration of a step that still runs is that up to `now`.
    pub fn write_json(&self, out: &mut Vec<u8>, now: Time) {
        write_steps(out, self.steps.iter().cloned(), now);
    }
}

/// Writes calls as `{"Calls":[…]}`, the data of `report.calljourney.recent`.
pub fn write_recent(out: &mut Vec<u8>, calls: &[CallLine]) {
    out.extend_from_slice(b"{\"Calls\":[");
    for (index, call) in calls.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        let line = Line {
            call_id: call.call.as_str(),
            started_at: call.started.as_millis(),
            ended_at: call.ended.map(Time::as_millis),
            from: &call.from,
            to: &call.to,
            partial: call.partial,
        };
        write(out, &line);
    }
    out.extend_from_slice(b"]}");
}

pub(super) fn write<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    // INVARIANT: strings and numbers into memory serialise.
    serde_json::to_writer(out, value).expect("plain values serialise");
}

/// `HH:MM:SS`; hours may pass 99.
fn write_duration(text: &mut String, seconds: u64) {
    text.clear();
    // INVARIANT: writing to a string does not fail.
    write!(text, "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60).expect("strings take text");
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_pass_99() {
        let mut text = String::new();
        for (seconds, expected) in [(0, "00:00:00"), (59, "00:00:59"), (3_661, "01:01:01"), (360_000, "100:00:00")] {
            write_duration(&mut text, seconds);
            assert_eq!(text, expected);
        }
    }
}

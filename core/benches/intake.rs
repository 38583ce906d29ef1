//! Nanoseconds a frame through the intake, beside serde_json merely skipping over the same frame.
//!
//! `cargo bench -p interaction-core --bench intake`
#![allow(
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a benchmark reads the clock and prints; the engine does neither"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use interaction_core::wire::intake::intake;
use serde::de::IgnoredAny;

const ROUND: Duration = Duration::from_millis(60);
const ROUNDS: usize = 7;

fn main() {
    let request = r#"{"messageType":"serviceRequest","requestId":"4f2c9b1e-77","serviceId":"processor-uccx-1","request":{"command":"report.teamstatus.begin","data":{"agentId":"agent.0042","filter":["ready","not_ready","ACW"]}}}"#;
    let prepare = r#"{"messageType":"serviceRequest","requestId":"7","serviceId":"processor-uccx-1","request":{"command":"prepareSession","data":{"model":"default","override":false,"agent":{"id":"agent.0042","password":"correct horse"}}}}"#;
    let connect = r#"{"messageType":"connect","requestId":"1","protocol":1,"client":{"name":"agent-desktop"},"resume":{"key":"i1.3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","seq":41}}"#;
    let value: serde_json::Value = serde_json::from_str(request).expect("the request is JSON");
    let pretty = serde_json::to_string_pretty(&value).expect("a value is written");
    let escaped = format!("{{\"messageType\":\"x\",\"a\":\"{}\"}}", "\\u00e4\\n\\\"b".repeat(15));
    let unicode = format!("{{\"messageType\":\"x\",\"a\":\"{}\"}}", "Grüße aus Köln 😀 ".repeat(8));
    let items = vec![request; 320].join(",");
    let large = format!("{{\"items\":[{items}]}}");
    let mut keys = Vec::new();
    for index in 0..10_000 {
        keys.push(format!("\"k{}\":0", index * 7919 % 10_000));
    }
    let keys = format!("{{{}}}", keys.join(","));

    println!("{:<28}{:>8}  {:>9} {:>7}  {:>9} {:>7}", "frame", "bytes", "intake ns", "MB/s", "serde ns", "MB/s");
    for (name, frame) in [
        ("request, compact", request),
        ("prepareSession, a password", prepare),
        ("connect, a resume key", connect),
        ("request, pretty", &pretty),
        ("escapes", &escaped),
        ("unicode", &unicode),
        ("320 requests in one", &large),
        ("10,000 keys in one object", &keys),
    ] {
        compare(name, frame.as_bytes());
    }
}

/// Rounds of both in turn, so that both see the same machine; the best of each counts.
fn compare(name: &str, frame: &[u8]) {
    let (mut ours, mut theirs) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..ROUNDS {
        ours = ours.min(nanoseconds(|| intake(black_box(frame)).is_ok()));
        theirs = theirs.min(nanoseconds(|| serde_json::from_slice::<IgnoredAny>(black_box(frame)).is_ok()));
    }
    let rate = |nanoseconds: f64| frame.len() as f64 * 1e3 / nanoseconds;
    println!("{name:<28}{:>8}  {ours:>9.0} {:>7.0}  {theirs:>9.0} {:>7.0}", frame.len(), rate(ours), rate(theirs));
}

/// Mean time of a call over one round.
fn nanoseconds(mut call: impl FnMut() -> bool) -> f64 {
    let mut calls = 0_u64;
    let started = Instant::now();
    loop {
        for _ in 0..16 {
            assert!(black_box(call()), "the frame is well-formed");
        }
        calls += 16;
        let elapsed = started.elapsed();
        if elapsed >= ROUND {
            return elapsed.as_nanos() as f64 / calls as f64;
        }
    }
}

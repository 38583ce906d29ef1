//! What clients send, and what a damaged disk gives back.

use std::time::Duration;

use interaction_core::config::Seed;
use interaction_core::engine::Engine;
use interaction_core::input::{Access, Closed, Input, Scopes};
use interaction_core::wire::intake::intake as take_in;
use interaction_trace::{Driver, base_config, small_centre};
use serde::de::IgnoredAny;

use crate::adapters::START;

/// What ends one thing and begins the next in a conversation: a byte no UTF-8 text holds.
pub(super) const NEXT: u8 = 0xFF;
/// A conversation's socket breaks and comes back.
pub(super) const BREAK: &[u8] = b"break";

/// One frame: refused, or compact JSON without a secret in it that reads the same when taken in again.
pub(super) fn intake(frame: &[u8]) -> bool {
    let Ok(taken) = take_in(frame) else { return false };
    let again = take_in(taken.text.as_bytes()).expect("what was taken in is well-formed");
    assert_eq!(again.text, taken.text, "it is compact already");
    // Its numbers may be larger than any type: that is for whoever reads them.
    serde_json::from_str::<IgnoredAny>(&taken.text).expect("it is JSON");
    true
}

/// Frames on one socket, with every check the readable traces run with.
pub(super) fn engine(conversation: &[u8]) -> bool {
    if gives_itself_away(conversation) {
        return false;
    }
    let mut driver = Driver::new(base_config(), Seed(1), START, 16);
    for event in small_centre() {
        driver.rightly(Input::Cti(event)).expect("no promise breaks");
    }
    let mut socket = 1;
    let open = |driver: &mut Driver, socket| {
        driver
            .open(socket, "10.0.0.1", Access::Open(Scopes::LOOPBACK))
            .expect("no promise breaks")
            .expect("it may open");
    };
    open(&mut driver, socket);
    let mut answered = false;
    for frame in conversation.split(|byte| *byte == NEXT).take(64) {
        if frame == BREAK {
            driver.close(socket, Closed::Gone).expect("no promise breaks");
        } else if let Ok(seen) = driver.send(socket, frame).expect("no promise breaks") {
            answered |= seen.len() > 1;
        }
        let until = driver.now() + Duration::from_millis(20);
        while driver.tick(until).expect("no promise breaks").is_some() {}
        if !driver.open_sockets().any(|open| open == socket) {
            socket += 1;
            open(&mut driver, socket);
        }
    }
    answered
}

/// A snapshot: refused, or an engine that writes the same down again.
pub(super) fn snapshot(bytes: &[u8]) -> bool {
    let Ok(engine) = Engine::restore(base_config(), bytes) else { return false };
    let written = engine.snapshot();
    let again = Engine::restore(base_config(), &written).expect("its own snapshot can be read");
    assert_eq!(again.snapshot(), written);
    true
}

/// Whether a client writes one of its secrets where none belongs: that one is not looked for.
fn gives_itself_away(conversation: &[u8]) -> bool {
    let taken: Vec<_> = conversation.split(|byte| *byte == NEXT).filter_map(|frame| take_in(frame).ok()).collect();
    let secrets = taken.iter().flat_map(|taken| &taken.secrets).flat_map(|secret| {
        let raw = secret.value.expose().trim_matches('"').to_owned();
        let decoded = secret.value.decoded().map(|decoded| decoded.expose().to_owned());
        [Some(raw), decoded].into_iter().flatten()
    });
    secrets.into_iter().any(|secret| taken.iter().any(|taken| taken.text.contains(&secret)))
}

//! One corpus, four targets, equal bytes. `cargo xtask test --only targets` builds what this plays and runs it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use interaction_conformance::script::{self, Counts, Play};
use interaction_conformance::{compare, component, history, outside};
use interaction_core::codec::{self, Decoded};
use interaction_core::step;

/// Words that must stand somewhere in what the corpus sends: the turns it has to take to be worth playing.
const TURNS: &[&str] = &[
    "\"resumed\":true",
    "\"reason\":\"gap\"",
    "\"reason\":\"unknown\"",
    "\"reason\":\"expired\"",
    "linkMoved",
    "\"repeated\":true",
    "\"result\":\"confirm\"",
    "superseded",
    "credentials.invalid",
    "session.notstarted",
    "report.teamstatus.teamadded",
    "report.teamstatus.memberstatuschanged",
    "report.calljourney.updated",
    "\"CallJourney\":[{",
    "\"Calls\":[{",
    "request.malformed",
    "request.toolarge",
    "rate.limited",
    "serviceStatus",
    "cti.unavailable",
    "shutdown",
];

#[test]
fn the_corpus_takes_every_turn() {
    let plays = plays();
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    let mut unseen: Vec<&str> = TURNS.to_vec();
    for record in plays.iter().flat_map(|play| &play.answers).flat_map(|answer| step::records(&answer.bytes)) {
        // A snapshot is no sequence of records, and is passed over.
        let Some(Ok(output)) = record.map(codec::decode_output) else { continue };
        *kinds.entry(kind(&output)).or_default() += 1;
        let text = match output {
            Decoded::Send { head, tail, .. } => [head, tail].concat(),
            Decoded::Fan { suffix, tail, .. } => [suffix, tail].concat(),
            _ => continue,
        };
        let text = String::from_utf8(text).expect("messages are UTF-8");
        unseen.retain(|turn| !text.contains(turn));
    }
    assert!(unseen.is_empty(), "never sent: {unseen:?}");
    assert_eq!(kinds.len(), 13, "some outputs never come: {kinds:?}");
    let simulated = plays.iter().filter(|play| play.name.starts_with("simulated") && !play.name.ends_with("continued"));
    assert!(simulated.count() >= 40);
    let counts = script::counts(&plays);
    assert!(counts.snapshots > 500 && counts.refusals > 100, "{counts:?}");
    row("native", counts, 0.0);
}

#[test]
fn a_component_in_wasmtime_gives_the_same_bytes() {
    target("wasmtime", |plays| component::play(&built("INTERACTION_COMPONENT"), plays));
}

#[test]
fn node_gives_the_same_bytes() {
    target("node", |plays| outside::node(&built("INTERACTION_WASM"), &script::written(plays), &work("node")));
}

#[test]
fn chromium_gives_the_same_bytes() {
    target("chromium", |plays| {
        outside::chromium(&built("INTERACTION_WASM"), &script::written(plays), &work("chromium"))
    });
}

fn target(name: &str, play: impl FnOnce(&[Play]) -> Result<Vec<u8>, String>) {
    let plays = plays();
    let begun = Instant::now();
    let answers = play(&plays).unwrap_or_else(|error| panic!("{name}: {error}"));
    let seconds = begun.elapsed().as_secs_f64();
    if let Err(difference) = compare::compare(&plays, &answers) {
        panic!("{name} differs from native\n{difference}");
    }
    row(name, script::counts(&plays), seconds);
}

fn plays() -> Vec<Play> {
    let histories = history::all().unwrap_or_else(|error| panic!("{error}"));
    script::plays(&histories).unwrap_or_else(|error| panic!("{error}"))
}

/// Leaves a line of the table that `cargo xtask test` prints.
fn row(target: &str, counts: Counts, seconds: f64) {
    let Counts { plays, inputs, outputs, output_bytes, snapshots, refusals } = counts;
    let mut row = String::new();
    let _ =
        write!(row, "{target:<9} {plays:>6} {inputs:>8} {outputs:>8} {output_bytes:>10} {snapshots:>10} {refusals:>9}");
    let _ = write!(row, " {seconds:>8.1}");
    println!("{row}");
    let folder = work("rows");
    let written = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(folder.join(target), row));
    written.unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
}

fn work(name: &str) -> PathBuf {
    built("INTERACTION_CONFORMANCE").join(name)
}

fn built(variable: &str) -> PathBuf {
    let value = std::env::var_os(variable);
    value.unwrap_or_else(|| panic!("{variable} is not set: run `cargo xtask test --only targets`")).into()
}

fn kind(output: &Decoded<'_>) -> &'static str {
    match output {
        Decoded::Send { .. } => "send",
        Decoded::Ping { .. } => "ping",
        Decoded::Close { .. } => "close",
        Decoded::Cti { .. } => "cti",
        Decoded::Forget { .. } => "forget",
        Decoded::Claim { .. } => "claim",
        Decoded::Release { .. } => "release",
        Decoded::Store { .. } => "store",
        Decoded::LoadJourney { .. } => "load journey",
        Decoded::LoadRecent { .. } => "load recent",
        Decoded::Audit { .. } => "audit",
        Decoded::Answer { .. } => "answer",
        Decoded::Fan { .. } => "fan",
    }
}

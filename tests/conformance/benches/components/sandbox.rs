//! A plugin misbehaves, and others are served: how long clients wait for answers meanwhile, beside how long they wait where the
//! plugin behaves. Each round has a server for each, one after the other; the median of the rounds counts.

use std::path::Path;
use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

use interaction_bench::asking::Asking;
use interaction_bench::measure::median;
use interaction_bench::server::{Server, metric};

use super::{Bench, Outcome};

const CLIENTS: usize = 200;
/// Questions of all of them together, a second.
const QUESTIONS: f64 = 2_000.0;
/// How long they ask.
const ASKS: Duration = Duration::from_secs(3);
/// How long the plugin is good after it was made: clients have connected by then.
const GOOD_MS: u64 = 300;
/// What began with the clients is over; the plugin misbehaves by now.
const SETTLE: Duration = Duration::from_millis(300);
const READY_WITHIN: Duration = Duration::from_secs(60);
/// By how much the time in which 99 of 100 are answered may move, in percent.
const MOVES_WANTED: f64 = 20.0;

/// What a plugin does, what bounds it, and what the server then counts.
struct Misdeed {
    name: &'static str,
    about: &'static str,
    bounds: &'static str,
    counts: Option<&'static str>,
}

const fn misdeed(
    name: &'static str,
    about: &'static str,
    bounds: &'static str,
    counts: Option<&'static str>,
) -> Misdeed {
    Misdeed { name, about, bounds, counts }
}

/// The first is none.
const MISDEEDS: [Misdeed; 9] = [
    misdeed("none", "behaves", "", None),
    // It is never ended while clients ask.
    misdeed("loop", "never returns", "call-ms = 60000", None),
    misdeed("memory", "takes all memory", "", Some("cti_plugin_traps_total")),
    misdeed("recursion", "calls itself", "", Some("cti_plugin_traps_total")),
    misdeed("many", "a million events", "memory-bytes = 1073741824", Some("cti_plugin_traps_total")),
    misdeed("crowd", "100,000 events", "", Some("cti_plugin_invalid_total")),
    misdeed("huge", "80 MiB in one event", "memory-bytes = 1073741824", Some("cti_plugin_invalid_total")),
    misdeed("trap", "gives up", "", Some("cti_plugin_traps_total")),
    misdeed("ghosts", "agents there are not", "", None),
];

pub(crate) fn run(bench: &Bench) -> Outcome {
    // What is compiled once is found by the servers that follow.
    let data = tempfile::tempdir()?;
    let mut figures = vec![Vec::new(); MISDEEDS.len()];
    for _ in 0..bench.rounds {
        for (misdeed, figures) in MISDEEDS.iter().zip(&mut figures) {
            figures.push(answers(bench, data.path(), misdeed)?);
        }
    }
    println!(
        "a plugin beside {CLIENTS} clients who ask {QUESTIONS} times a second in all; microseconds until they are answered, median of {} rounds",
        bench.rounds
    );
    println!("{:<22} {:>8} {:>8} {:>12}", "the plugin", "p50", "p99", "p99 moves by");
    let mut moves = Vec::new();
    for (misdeed, own) in MISDEEDS.iter().zip(&figures) {
        let moved = |((_, p99), (_, quiet)): (&(f64, f64), &(f64, f64))| 100.0 * (p99 / quiet - 1.0);
        let moved = median(own.iter().zip(&figures[0]).map(moved));
        let (p50, p99) = (median(own.iter().map(|(p50, _)| *p50)), median(own.iter().map(|(_, p99)| *p99)));
        println!("{:<22} {p50:>8.0} {p99:>8.0} {moved:>+10.1} %", misdeed.about);
        moves.push((moved, misdeed.about));
    }
    let (moved, about) = moves.into_iter().skip(1).max_by(|one, other| one.0.total_cmp(&other.0)).unwrap_or_default();
    let verdict = if moved < MOVES_WANTED { "reached" } else { "MISSED" };
    println!("{verdict}: p99 moves most by {moved:.1} %, where the plugin {about}; wanted below {MOVES_WANTED}");
    Ok(())
}

/// Within which time half of the answers came, and 99 of 100, in microseconds.
fn answers(
    bench: &Bench,
    data: &Path,
    misdeed: &Misdeed,
) -> Result<(f64, f64), Box<dyn std::error::Error + Send + Sync>> {
    let Misdeed { name, bounds, counts, .. } = misdeed;
    let sections = format!(
        "[server]\ndata-dir = {data:?}\n\n[store]\nkind = \"memory\"\n\n[cti]\nkind = \"plugin\"\n\n\
         [cti.plugin]\nfile = {file:?}\n{bounds}\n\n[cti.plugin.config]\nmisdeed = \"{name}\"\nafterMs = {GOOD_MS}",
        file = bench.components.join("hostile.wasm"),
    );
    let mut server = Server::start_logging(&bench.server, None, &sections, "error", Stdio::null())?;
    server.wait(READY_WITHIN)?;
    let mut asking = Asking::new()?;
    for _ in 0..CLIENTS {
        asking.enter(server.join(None)?)?;
    }
    sleep(SETTLE);
    let us = asking.ask(QUESTIONS, ASKS)?;
    if let Some(counts) = counts
        && metric(server.address, counts)? == 0.0
    {
        return Err(format!("the plugin did not misbehave: {counts} is 0").into());
    }
    let at = |share: f64| us.get((us.len() as f64 * share) as usize).map_or(0.0, |us| f64::from(*us));
    Ok((at(0.5), at(0.99)))
}

//! One corpus, four targets, equal bytes. `cargo xtask test --only targets` builds what this plays and runs it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use interaction_conformance::component;
use interaction_conformance::outside::Outside;
use interaction_conformance::portion::{Portion, portions};
use interaction_conformance::script::Counts;
use interaction_core::codec::{self, Decoded};

/// How many histories are generated where nobody says another number.
const GENERATED: u64 = 200;
/// Portions that wait for a target: the next one is made while the present one is played.
const WAITING_MAX: usize = 1;
/// Portions after which every turn was taken: the traces, and the long histories.
const TELLING: usize = 2;

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
fn every_target_gives_the_same_bytes() {
    let targets: [(&str, Play); 3] = [
        ("wasmtime", || {
            let loaded = component::Loaded::new(&built("INTERACTION_COMPONENT"))?;
            Ok(Box::new(move |portion| portion.in_component(&loaded)))
        }),
        ("node", || {
            let mut node = Outside::node(&built("INTERACTION_WASM"), &work())?;
            Ok(Box::new(move |portion| portion.in_process(&mut node)))
        }),
        ("chromium", || {
            let mut chromium = Outside::chromium(&built("INTERACTION_WASM"), &work())?;
            Ok(Box::new(move |portion| portion.in_process(&mut chromium)))
        }),
    ];
    let histories = std::env::var("INTERACTION_HISTORIES").ok().map(|text| text.parse().expect("a number"));
    let (native, played) = thread::scope(|scope| {
        let (mut doors, mut playing) = (Vec::new(), Vec::new());
        for (name, start) in targets {
            let (door, waiting) = sync_channel(WAITING_MAX);
            doors.push(door);
            playing.push((name, scope.spawn(move || play(start, &waiting))));
        }
        let native = make(histories.unwrap_or(GENERATED), doors);
        let played = playing.into_iter().map(|(name, thread)| (name, thread.join().expect("no panic")));
        (native, played.collect::<Vec<_>>())
    });
    let mut rows = vec![native.row("native")];
    let mut faults = Vec::new();
    for (name, tally) in played {
        rows.push(tally.row(name));
        faults.extend(tally.fault.as_ref().map(|fault| format!("{name} differs from native\n{fault}")));
        if tally.fault.is_none() && tally.counts != native.counts {
            faults.push(format!("{name} did not play everything"));
        }
    }
    println!("{}", rows.join("\n"));
    faults.extend(native.fault);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    std::fs::write(work().join("rows"), rows.join("\n")).expect("a writable folder");
}

/// Starts a target; what it gives plays one portion.
type Play = fn() -> Result<Box<dyn FnMut(&Portion) -> Result<(), String>>, String>;

/// What a target came to.
#[derive(Default)]
struct Tally {
    counts: Counts,
    histories: usize,
    took: Duration,
    fault: Option<String>,
}

impl Tally {
    fn add(&mut self, portion: &Portion) {
        self.counts.add(&portion.counts);
        self.histories += portion.generated.map_or(0, |(histories, _)| histories);
    }

    /// A line of the table that `cargo xtask test` prints.
    fn row(&self, target: &str) -> String {
        let Counts { plays, inputs, outputs, output_bytes, snapshots, refusals } = self.counts;
        let (histories, seconds) = (self.histories, self.took.as_secs_f64());
        format!(
            "{target:<9} {histories:>9} {plays:>6} {inputs:>8} {outputs:>8} {output_bytes:>11} {snapshots:>9} \
             {refusals:>8} {seconds:>8.1}"
        )
    }
}

/// Makes the corpus and hands it to every target that still plays.
fn make(histories: u64, doors: Vec<SyncSender<Arc<Portion>>>) -> Tally {
    let mut tally = Tally::default();
    let mut turns = Turns::default();
    let mut made = portions(histories).enumerate();
    loop {
        let begun = Instant::now();
        let Some((at, portion)) = made.next() else { break };
        tally.took += begun.elapsed();
        let portion = match portion {
            Ok(portion) => Arc::new(portion),
            Err(fault) => {
                tally.fault = Some(fault);
                return tally;
            }
        };
        tally.add(&portion);
        if at < TELLING {
            turns.see(&portion);
        }
        let shortest = portion.generated.map_or(usize::MAX, |(_, inputs)| inputs);
        assert!(shortest >= 200, "a history of {shortest} inputs");
        for door in &doors {
            // One that failed has hung up and says why.
            let _ = door.send(Arc::clone(&portion));
        }
    }
    tally.fault = turns.missing();
    let counts = tally.counts;
    assert!(counts.snapshots > 500 && counts.refusals > 100, "{counts:?}");
    tally
}

fn play(start: Play, portions: &Receiver<Arc<Portion>>) -> Tally {
    let mut tally = Tally::default();
    let mut play = match start() {
        Ok(play) => play,
        Err(fault) => return Tally { fault: Some(fault), ..tally },
    };
    for portion in portions {
        let begun = Instant::now();
        let played = play(&portion);
        tally.took += begun.elapsed();
        if let Err(fault) = played {
            return Tally { fault: Some(fault), ..tally };
        }
        tally.add(&portion);
    }
    tally
}

/// The turns the corpus has to take to be worth playing.
#[derive(Default)]
struct Turns {
    kinds: BTreeMap<&'static str, usize>,
    text: BTreeMap<&'static str, usize>,
}

impl Turns {
    fn see(&mut self, portion: &Portion) {
        for record in portion.outputs() {
            let output = codec::decode_output(record).expect("the native engine writes outputs");
            *self.kinds.entry(kind(&output)).or_default() += 1;
            let text = match output {
                Decoded::Send { head, tail, .. } => [head, tail].concat(),
                Decoded::Fan { suffix, tail, .. } => [suffix, tail].concat(),
                _ => continue,
            };
            let text = String::from_utf8(text).expect("messages are UTF-8");
            for turn in TURNS.iter().filter(|turn| text.contains(**turn)) {
                *self.text.entry(turn).or_default() += 1;
            }
        }
    }

    fn missing(&self) -> Option<String> {
        let unseen: Vec<&&str> = TURNS.iter().filter(|turn| !self.text.contains_key(**turn)).collect();
        let all = unseen.is_empty() && self.kinds.len() == KINDS;
        (!all).then(|| format!("never sent: {unseen:?}; outputs that come: {:?}", self.kinds))
    }
}

fn work() -> PathBuf {
    built("INTERACTION_CONFORMANCE")
}

fn built(variable: &str) -> PathBuf {
    let value = std::env::var_os(variable);
    value.unwrap_or_else(|| panic!("{variable} is not set: run `cargo xtask test --only targets`")).into()
}

/// How many kinds of outputs there are.
const KINDS: usize = 13;

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

//! What the engine costs in Node beside the same code natively, a message at a time and in batches: the last part of
//! `cargo xtask bench npm`. Both play the same recorded inputs, in turns, and must give the same bytes.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use interaction_conformance::history::{self, History, repository};
use interaction_core::engine::Engine;
use interaction_core::step;

/// Histories that are played, of 800 inputs and more.
const HISTORIES: u64 = 24;
/// Rounds of which the middle one counts, and one before them: by then both are as fast as they become.
const ROUNDS: usize = 9;
/// Inputs in a batch.
const SIZES: [(&str, usize); 2] = [("one by one", 1), ("batches of 64", 64)];
/// Times the native engine.
const WANTED: f64 = 2.0;

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> Outcome<()> {
    let quick = std::env::args().any(|word| word == "--quick");
    let module = std::env::var_os("INTERACTION_WASM").map(PathBuf::from);
    let module = module.ok_or("INTERACTION_WASM is not set: run `cargo xtask bench npm`")?;
    let histories = (1..=HISTORIES).map(history::simulated).collect::<Result<Vec<History>, String>>()?;
    let inputs: usize = histories.iter().map(|history| history.steps.len()).sum();
    let rounds = if quick { 1 } else { ROUNDS };
    println!("the engine: {inputs} inputs of {HISTORIES} histories, µs an input, median of {rounds} rounds");
    println!("{:<13} {:>8} {:>8} {:>6}", "", "native", "Node", "ratio");
    let mut missed = false;
    for (name, size) in SIZES {
        let batched: Vec<Vec<Vec<u8>>> = histories.iter().map(|history| batches(history, size)).collect();
        let mut node = Node::start(&module, &histories, &batched)?;
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for round in 0..=rounds {
            let (took, bytes) = natively(&histories, &batched)?;
            let (node_took, node_bytes) = node.play()?;
            if bytes != node_bytes {
                return Err(format!("{bytes} bytes natively, {node_bytes} in Node").into());
            }
            if round > 0 {
                ours.push(took);
                theirs.push(node_took);
            }
        }
        let each = |took: Duration| took.as_secs_f64() * 1e6 / inputs as f64;
        let (ours, theirs) = (each(median(ours)), each(median(theirs)));
        let ratio = theirs / ours;
        let verdict = if ratio > WANTED { "  MISSED" } else { "" };
        println!("{name:<13} {ours:>8.2} {theirs:>8.2} {ratio:>6.2}  at most {WANTED}{verdict}");
        missed |= ratio > WANTED;
    }
    if missed { Err("Node is slower than it is to be".into()) } else { Ok(()) }
}

fn batches(history: &History, size: usize) -> Vec<Vec<u8>> {
    let good: Vec<&[u8]> =
        history.steps.iter().filter(|step| step.misuse.is_none()).map(|step| step.input.as_slice()).collect();
    let framed = good.chunks(size).map(|inputs| {
        let mut batch = Vec::new();
        inputs.iter().for_each(|input| step::frame(&mut batch, |out| out.extend_from_slice(input)));
        batch
    });
    framed.collect()
}

fn natively(histories: &[History], batched: &[Vec<Vec<u8>>]) -> Outcome<(Duration, usize)> {
    let (mut took, mut bytes) = (Duration::ZERO, 0);
    for (history, batches) in histories.iter().zip(batched) {
        let mut engine = Engine::new(history.config.clone(), history.seed, history.start);
        let begun = Instant::now();
        for batch in batches {
            bytes += step::step(&mut engine, batch).map_err(|error| error.to_string())?.len();
        }
        took += begun.elapsed();
    }
    Ok((took, bytes))
}

/// A Node that holds the same inputs, and plays them when it is told to.
struct Node {
    child: Child,
    asks: ChildStdin,
    says: BufReader<ChildStdout>,
}

impl Node {
    fn start(module: &std::path::Path, histories: &[History], batched: &[Vec<Vec<u8>>]) -> Outcome<Self> {
        let mut file = tempfile::NamedTempFile::new()?;
        let put = |out: &mut Vec<u8>, bytes: &[u8]| -> Outcome<()> {
            out.extend_from_slice(&u32::try_from(bytes.len())?.to_le_bytes());
            out.extend_from_slice(bytes);
            Ok(())
        };
        let mut plays = Vec::new();
        for (history, batches) in histories.iter().zip(batched) {
            put(&mut plays, serde_json::to_string(&history.config)?.as_bytes())?;
            plays.extend_from_slice(&history.seed.0.to_le_bytes());
            plays.extend_from_slice(&history.start.as_micros().to_le_bytes());
            plays.extend_from_slice(&u32::try_from(batches.len())?.to_le_bytes());
            batches.iter().try_for_each(|batch| put(&mut plays, batch))?;
        }
        file.write_all(&plays)?;
        let mut node = Command::new("node");
        node.arg(repository().join("tests/conformance/js/measure.mjs")).arg(module.join("nodejs")).arg(file.path());
        let mut child = node.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let asks = child.stdin.take().ok_or("no pipe")?;
        let says = BufReader::new(child.stdout.take().ok_or("no pipe")?);
        let mut node = Self { child, asks, says };
        // It has read the file by then.
        node.line()?;
        Ok(node)
    }

    fn play(&mut self) -> Outcome<(Duration, usize)> {
        self.asks.write_all(b"\n")?;
        let line = self.line()?;
        let mut words = line.split_whitespace();
        let mut next = || words.next().ok_or_else(|| format!("Node says `{line}`"));
        Ok((Duration::from_nanos(next()?.parse()?), next()?.parse()?))
    }

    fn line(&mut self) -> Outcome<String> {
        let mut line = String::new();
        if self.says.read_line(&mut line)? == 0 {
            return Err("Node ended".into());
        }
        Ok(line)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // It is over either way.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

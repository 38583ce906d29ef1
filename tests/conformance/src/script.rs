//! What a target is told to do, and what it must answer.

use interaction_core::codec;
use interaction_core::config::Config;
use interaction_core::engine::Engine;
use interaction_core::step::{self, Fault, StepError};

use crate::history::History;
use crate::random::Random;
use crate::wire::{Reader, put_bytes, put_u32, put_u64};

/// The life of one engine, or of one that continues another's.
#[derive(Clone, Debug)]
pub struct Play {
    /// How reports name it.
    pub name: String,
    /// What is done, in order.
    pub acts: Vec<Act>,
    /// What the native engine answers to each.
    pub answers: Vec<Answer>,
}

/// One call.
#[derive(Clone, Debug)]
pub enum Act {
    /// A new engine.
    New {
        /// JSON.
        config: String,
        /// See `Engine::new`.
        seed: u64,
        /// Microseconds since the epoch.
        now: u64,
    },
    /// An engine from a snapshot.
    Restore {
        /// JSON.
        config: String,
        /// What `snapshot` gave, natively.
        snapshot: Vec<u8>,
    },
    /// A batch of inputs.
    Step(Vec<u8>),
    /// Write the engine down.
    Snapshot,
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Outputs, or a snapshot.
    pub bytes: Vec<u8>,
    /// Why it was refused.
    pub refusal: Option<Refusal>,
    /// The engine's next deadline after it, in microseconds since the epoch.
    pub timeout: Option<u64>,
}

/// Why a call was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// For programs.
    pub code: String,
    /// For people.
    pub message: String,
    /// How many inputs were applied.
    pub applied: u32,
}

/// How much there is to play.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Engines made or restored; one history or more.
    pub plays: usize,
    /// Inputs fed to them.
    pub inputs: usize,
    /// Outputs they had.
    pub outputs: usize,
    /// Bytes of those.
    pub output_bytes: usize,
    /// Snapshots taken.
    pub snapshots: usize,
    /// Calls refused.
    pub refusals: usize,
}

/// The engine is written down after so many batches, on average.
const SNAPSHOT_EVERY: u64 = 40;
/// Inputs in one batch, at most.
const BATCH_MAX: u64 = 8;

/// What becomes of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is played from its beginning.
    Once,
    /// And once more from a snapshot in its middle.
    Continued,
}

/// The plays of a history. `at` is its number, which decides where its batches end.
///
/// # Errors
/// The engine does not repeat itself natively.
pub fn plays(history: &History, at: u64, fate: Fate) -> Result<Vec<Play>, String> {
    let play = play(history, &mut Random::new(at))?;
    let snapshots = play.acts.iter().enumerate().filter(|(_, act)| matches!(act, Act::Snapshot)).map(|(at, _)| at);
    let snapshots: Vec<usize> = snapshots.collect();
    let middle = snapshots.get(snapshots.len() / 2).filter(|_| fate == Fate::Continued);
    let continued = middle.map(|at| continuation(history, &play, *at));
    Ok(std::iter::once(play).chain(continued).collect())
}

/// Calls that every target refuses in the same words, and that change nothing: between those of a history.
///
/// # Errors
/// The engine does not repeat itself natively.
pub fn refusals(history: &History) -> Result<Play, String> {
    Ok(refused(history, &play(history, &mut Random::new(0))?))
}

/// How much these plays are.
pub fn counts(plays: &[Play]) -> Counts {
    let mut counts = Counts { plays: plays.len(), ..Counts::default() };
    for (act, answer) in plays.iter().flat_map(|play| play.acts.iter().zip(&play.answers)) {
        counts.refusals += usize::from(answer.refusal.is_some());
        match act {
            Act::New { .. } | Act::Restore { .. } => {}
            Act::Snapshot => counts.snapshots += 1,
            Act::Step(batch) => {
                counts.inputs += step::records(batch).count();
                counts.outputs += step::records(&answer.bytes).count();
                counts.output_bytes += answer.bytes.len();
            }
        }
    }
    counts
}

/// The acts as a file, without the answers: no target is told what it should say.
pub fn written(plays: &[Play]) -> Vec<u8> {
    let mut out = Vec::new();
    for play in plays {
        put_u32(&mut out, u32::try_from(play.acts.len()).expect("a bounded script"));
        for act in &play.acts {
            match act {
                Act::New { config, seed, now } => {
                    out.push(0);
                    put_bytes(&mut out, config.as_bytes());
                    put_u64(&mut out, *seed);
                    put_u64(&mut out, *now);
                }
                Act::Restore { config, snapshot } => {
                    out.push(1);
                    put_bytes(&mut out, config.as_bytes());
                    put_bytes(&mut out, snapshot);
                }
                Act::Step(batch) => {
                    out.push(2);
                    put_bytes(&mut out, batch);
                }
                Act::Snapshot => out.push(3),
            }
        }
    }
    out
}

/// The answers as each target writes them.
pub fn expected(plays: &[Play]) -> Vec<u8> {
    let mut out = Vec::new();
    for answer in plays.iter().flat_map(|play| &play.answers) {
        answer.write(&mut out);
    }
    out
}

impl Counts {
    /// Adds those of other plays.
    pub const fn add(&mut self, other: &Self) {
        let Self { plays, inputs, outputs, output_bytes, snapshots, refusals } = other;
        self.plays += *plays;
        self.inputs += *inputs;
        self.outputs += *outputs;
        self.output_bytes += *output_bytes;
        self.snapshots += *snapshots;
        self.refusals += *refusals;
    }
}

impl Answer {
    /// Appends the answer as it stands in a target's file.
    pub fn write(&self, out: &mut Vec<u8>) {
        match &self.refusal {
            None => out.push(0),
            Some(refusal) => {
                out.push(1);
                put_bytes(out, refusal.code.as_bytes());
                put_bytes(out, refusal.message.as_bytes());
                put_u32(out, refusal.applied);
            }
        }
        put_bytes(out, &self.bytes);
        out.push(u8::from(self.timeout.is_some()));
        if let Some(timeout) = self.timeout {
            put_u64(out, timeout);
        }
    }

    /// Reads one answer from a target's file.
    pub fn read(file: &mut Reader<'_>) -> Option<Self> {
        let refusal = match file.u8()? {
            0 => None,
            _ => {
                Some(Refusal { code: file.text()?.to_owned(), message: file.text()?.to_owned(), applied: file.u32()? })
            }
        };
        let bytes = file.bytes()?.to_vec();
        let timeout = match file.u8()? {
            0 => None,
            _ => Some(file.u64()?),
        };
        Some(Self { bytes, refusal, timeout })
    }
}

/// Plays a history natively, input by input and without the code that reads batches, and notes what every target must do.
fn play(history: &History, random: &mut Random) -> Result<Play, String> {
    let config = json(&history.config);
    let mut engine = Engine::new(history.config.clone(), history.seed, history.start);
    let mut play = Play { name: history.name.clone(), acts: Vec::new(), answers: Vec::new() };
    let new = Act::New { config, seed: history.seed.0, now: history.start.as_micros() };
    play.note(new, &engine, Vec::new(), None);
    let mut rest = history.steps.as_slice();
    while !rest.is_empty() {
        let most = usize::try_from(1 + random.below(BATCH_MAX)).unwrap_or(1).min(rest.len());
        // A refused input ends its batch.
        let size = rest[..most].iter().position(|step| step.misuse.is_some()).map_or(most, |at| at + 1);
        let (batch, after) = rest.split_at(size);
        let (mut inputs, mut outputs, mut refusal) = (Vec::new(), Vec::new(), None);
        for (at, recorded) in (0..).zip(batch) {
            put_bytes(&mut inputs, &recorded.input);
            let said = native(&mut engine, &recorded.input, &mut refusal, at)?;
            if said != recorded.outputs {
                let number = history.steps.len() - rest.len() + at as usize;
                return Err(format!("{}: input {number}: the native engine does not repeat itself", history.name));
            }
            said.iter().for_each(|output| put_bytes(&mut outputs, output));
        }
        play.note(Act::Step(inputs), &engine, outputs, refusal);
        rest = after;
        if random.happens(1000 / SNAPSHOT_EVERY) || rest.is_empty() {
            let snapshot = engine.snapshot();
            play.note(Act::Snapshot, &engine, snapshot, None);
        }
    }
    Ok(play)
}

fn native(engine: &mut Engine, input: &[u8], refusal: &mut Option<Refusal>, at: u32) -> Result<Vec<Vec<u8>>, String> {
    let (now, input) = codec::decode_input(input).map_err(|error| error.to_string())?;
    if let Err(misuse) = engine.handle_input(now, input) {
        let error = StepError { applied: at, outputs: Vec::new(), fault: Fault::Misuse(misuse) };
        *refusal = Some(Refusal::of(&error));
    }
    let mut outputs = Vec::new();
    while let Some(output) = engine.poll_output() {
        let mut bytes = Vec::new();
        codec::encode_output(&output, &mut bytes);
        outputs.push(bytes);
    }
    Ok(outputs)
}

/// A play that begins with the snapshot another took at `at` and must go on as that one did. What each target is given
/// here is the native engine's snapshot; that its own is of equal bytes is compared where it takes one, so whichever
/// target wrote a snapshot, every other continues it.
fn continuation(history: &History, play: &Play, at: usize) -> Play {
    let restore = Act::Restore { config: json(&history.config), snapshot: play.answers[at].bytes.clone() };
    let restored = Answer { bytes: Vec::new(), refusal: None, timeout: play.answers[at].timeout };
    Play {
        name: format!("{}, continued", play.name),
        acts: std::iter::once(restore).chain(play.acts[at..].iter().cloned()).collect(),
        answers: std::iter::once(restored).chain(play.answers[at..].iter().cloned()).collect(),
    }
}

/// Calls that every target refuses in the same words, and that change nothing.
fn refused(history: &History, play: &Play) -> Play {
    let mut refused = Play { name: "refused calls".to_owned(), acts: Vec::new(), answers: Vec::new() };
    let snapshot = Engine::new(history.config.clone(), history.seed, history.start).snapshot();
    let config = json(&history.config);
    let mut other = snapshot.clone();
    other[4] = 99;
    for snapshot in [Vec::new(), b"nonsense".to_vec(), snapshot[..snapshot.len() - 1].to_vec(), other] {
        let error = Engine::restore(history.config.clone(), &snapshot).expect_err("a damaged snapshot");
        let refusal = Refusal { code: "snapshot.invalid".to_owned(), message: error.to_string(), applied: 0 };
        refused.refuse(Act::Restore { config: config.clone(), snapshot }, refusal);
    }
    for config in
        ["", "[]", "{\"limits\":{\"grace_ms\":-1}}", "{\"colour\":\"red\"}", "{\"limits\":{\"heartbeat_ms\":0}}"]
    {
        let error = Config::from_json(config).expect_err("a faulty configuration");
        let refusal = Refusal { code: "config.invalid".to_owned(), message: error.to_string(), applied: 0 };
        refused.refuse(Act::New { config: config.to_owned(), seed: 1, now: 1 }, refusal);
    }
    let mut engine = Engine::new(history.config.clone(), history.seed, history.start);
    let new = Act::New { config, seed: history.seed.0, now: history.start.as_micros() };
    refused.note(new, &engine, Vec::new(), None);
    let batches = play.acts.iter().filter_map(|act| match act {
        Act::Step(batch) => Some(batch),
        Act::New { .. } | Act::Restore { .. } | Act::Snapshot => None,
    });
    for batch in batches {
        let mut version = batch.clone();
        version[4] = 99;
        let mut longer = batch.clone();
        put_bytes(&mut longer, &[codec::VERSION]);
        for damaged in [batch[..batch.len() - 1].to_vec(), batch[..3].to_vec(), version, longer] {
            let error = step::step(&mut engine, &damaged).expect_err("a damaged batch");
            refused.note(Act::Step(damaged), &engine, error.outputs.clone(), Some(Refusal::of(&error)));
        }
        let outputs = step::step(&mut engine, batch);
        let (outputs, refusal) = match outputs {
            Ok(outputs) => (outputs, None),
            Err(error) => (error.outputs.clone(), Some(Refusal::of(&error))),
        };
        refused.note(Act::Step(batch.clone()), &engine, outputs, refusal);
    }
    let snapshot = engine.snapshot();
    refused.note(Act::Snapshot, &engine, snapshot, None);
    refused
}

impl Play {
    fn note(&mut self, act: Act, engine: &Engine, bytes: Vec<u8>, refusal: Option<Refusal>) {
        let timeout = engine.poll_timeout().map(|(at, _)| at.as_micros());
        self.acts.push(act);
        self.answers.push(Answer { bytes, refusal, timeout });
    }

    fn refuse(&mut self, act: Act, refusal: Refusal) {
        self.acts.push(act);
        self.answers.push(Answer { bytes: Vec::new(), refusal: Some(refusal), timeout: None });
    }
}

impl Refusal {
    fn of(error: &StepError) -> Self {
        Self { code: error.fault.code().to_owned(), message: error.to_string(), applied: error.applied }
    }
}

fn json(config: &Config) -> String {
    serde_json::to_string(config).expect("a configuration is JSON")
}

//! The corpus, made natively once and handed to every target in portions.

use interaction_core::step;
use sha2::{Digest, Sha256};

use crate::compare::compare;
use crate::history::{self, History, LONG};
use crate::outside::{Outside, Wanted};
use crate::script::{self, Counts, Fate, Play};
use crate::{component, script::Act};

/// Histories in one portion: some 10 MB of script, so that what waits for the slowest target fits in memory.
const HISTORIES: u64 = 100;
/// Of the short histories one in so many is continued from a snapshot, too.
const CONTINUED: u64 = 8;

/// Some plays, and what the answers to them must be.
#[derive(Debug)]
pub struct Portion {
    /// The plays.
    pub plays: Vec<Play>,
    /// How much they are.
    pub counts: Counts,
    /// How many generated histories are in it, of how many inputs the shortest is: none where traces are played.
    pub generated: Option<(usize, usize)>,
    script: Vec<u8>,
    digest: Vec<u8>,
}

/// Every trace, and as many generated histories, in portions.
///
/// # Errors
/// An item is the history that breaks a promise of the engine, or the trace that cannot be read.
pub fn portions(generated: u64) -> impl Iterator<Item = Result<Portion, String>> {
    let first = std::iter::once_with(traces);
    let firsts = (1..=generated).step_by(usize::try_from(HISTORIES).unwrap_or(1));
    first.chain(firsts.map(move |first| simulated(first, generated.min(first + HISTORIES - 1))))
}

fn traces() -> Result<Portion, String> {
    let histories = history::traces()?;
    let mut plays = Vec::new();
    for (at, history) in (0..).zip(&histories) {
        plays.extend(script::plays(history, at, Fate::Continued)?);
    }
    plays.push(script::refusals(&history::simulated(1)?)?);
    Ok(Portion::new(plays, None))
}

fn simulated(first: u64, last: u64) -> Result<Portion, String> {
    let mut plays = Vec::new();
    let mut shortest = usize::MAX;
    for seed in first..=last {
        let history: History = history::simulated(seed)?;
        shortest = shortest.min(history.steps.len());
        let fate = if seed <= LONG || seed % CONTINUED == 0 { Fate::Continued } else { Fate::Once };
        plays.extend(script::plays(&history, seed, fate)?);
    }
    let many = usize::try_from(last - first + 1).unwrap_or(usize::MAX);
    Ok(Portion::new(plays, Some((many, shortest))))
}

impl Portion {
    fn new(plays: Vec<Play>, generated: Option<(usize, usize)>) -> Self {
        let (counts, script) = (script::counts(&plays), script::written(&plays));
        let digest = digest(&script::expected(&plays));
        Self { plays, counts, generated, script, digest }
    }

    /// Every record of outputs that these plays must give.
    pub fn outputs(&self) -> impl Iterator<Item = &[u8]> {
        let steps = self.plays.iter().flat_map(|play| play.acts.iter().zip(&play.answers));
        let steps = steps.filter(|(act, _)| matches!(act, Act::Step(_)));
        steps.flat_map(|(_, answer)| step::records(&answer.bytes).flatten())
    }

    /// Plays it in a component.
    ///
    /// # Errors
    /// The first difference, or why it cannot be played.
    pub fn in_component(&self, component: &component::Loaded) -> Result<(), String> {
        let answers = component.play(&self.plays)?;
        if digest(&answers) == self.digest { Ok(()) } else { self.difference(&answers) }
    }

    /// Plays it in another process.
    ///
    /// # Errors
    /// The first difference, or why it cannot be played.
    pub fn in_process(&self, process: &mut Outside) -> Result<(), String> {
        if process.play(&self.script, Wanted::Digest)? == self.digest {
            return Ok(());
        }
        self.difference(&process.play(&self.script, Wanted::Whole)?)
    }

    fn difference(&self, answers: &[u8]) -> Result<(), String> {
        compare(&self.plays, answers)?;
        Err("another digest than native, yet the same answers when asked for all of them".to_owned())
    }
}

fn digest(answers: &[u8]) -> Vec<u8> {
    Sha256::digest(answers).to_vec()
}

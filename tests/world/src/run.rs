//! Running histories: one, many at once, or one with a fault in it.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::counts::Counts;
use crate::history::draw;
use crate::sabotage::{Fault, Sabotage};
use crate::shrink::{Numbered, ranges, read_ranges, shrink};
use crate::story::Story;
use crate::world::World;

/// A history in which engine and model differ.
#[derive(Clone, Debug)]
pub struct Failed {
    seed: u64,
    steps: usize,
    /// The steps that matter.
    only: Vec<usize>,
    why: String,
    story: String,
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\nseed {}: {}\n", self.story, self.seed, self.why)?;
        write!(
            f,
            "repeat it: cargo run -p interaction-world -- --seed {} --steps {} --only {} --story",
            self.seed,
            self.steps,
            ranges(&self.only)
        )
    }
}

/// What happened in many histories.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    histories: u64,
    counts: Counts,
}

impl Summary {
    /// What never occurred and should have.
    pub fn missing(&self) -> Vec<String> {
        self.counts.missing()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{} histories, {} inputs", self.counts, self.histories, self.counts.input_count())
    }
}

fn numbered(seed: u64, steps: usize) -> Vec<Numbered> {
    draw(seed, steps).into_iter().enumerate().collect()
}

/// Runs some steps of a seed. A panic is a difference too.
fn run(world: &mut World, steps: &[Numbered]) -> Result<(), String> {
    let ran = catch_unwind(AssertUnwindSafe(|| world.run(steps.iter().copied())));
    ran.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Err(format!("a panic: {}", text.unwrap_or_default()))
    })
}

fn failed(seed: u64, steps: usize, only: &[Numbered]) -> Option<Failed> {
    let mut world = World::new(seed, Story::told(), None);
    let why = run(&mut world, only).err()?;
    let only = only.iter().map(|(number, _)| *number).collect();
    Some(Failed { seed, steps, only, why, story: world.story.text() })
}

/// Runs one history; `only` these steps of it. With a story, whatever comes of it is told.
///
/// # Errors
/// Engine and model differ.
///
/// # Panics
/// When `only` is not of the form `3,7-9`.
pub fn one(seed: u64, steps: usize, only: Option<&str>) -> Result<String, Failed> {
    let mut chosen = numbered(seed, steps);
    if let Some(only) = only {
        let only = read_ranges(only).unwrap_or_else(|error| panic!("{error}"));
        chosen.retain(|(number, _)| only.contains(number));
    }
    match failed(seed, steps, &chosen) {
        Some(failed) => Err(failed),
        None => {
            let mut world = World::new(seed, Story::told(), None);
            let _ = run(&mut world, &chosen);
            Ok(world.story.text())
        }
    }
}

/// Runs the histories of the seeds from `first`, on as many threads; the first that fails is shrunk.
///
/// # Errors
/// Engine and model differ.
pub fn histories(first: u64, count: u64, steps: usize, threads: usize) -> Result<Summary, Box<Failed>> {
    let next = AtomicU64::new(first);
    let outcome: Mutex<(Summary, Option<u64>)> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                let mut counts = Counts::default();
                let mut done = 0;
                let mut bad = None;
                while bad.is_none() {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + count {
                        break;
                    }
                    let mut world = World::new(seed, Story::default(), None);
                    if run(&mut world, &numbered(seed, steps)).is_err() {
                        next.store(u64::MAX / 2, Ordering::Relaxed);
                        bad = Some(seed);
                    }
                    counts.add(&world.counts);
                    done += 1;
                }
                let mut outcome = outcome.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                outcome.0.histories += done;
                outcome.0.counts.add(&counts);
                outcome.1 = outcome.1.into_iter().chain(bad).min();
            });
        }
    });
    let (summary, bad) = outcome.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(seed) = bad {
        eprintln!("seed {seed} fails, and is made shorter");
    }
    match bad.and_then(|seed| shrunk(seed, steps)) {
        Some(failed) => Err(Box::new(failed)),
        None => Ok(summary),
    }
}

fn shrunk(seed: u64, steps: usize) -> Option<Failed> {
    // A panic is told once, by the story.
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let fails = |steps: &[Numbered]| run(&mut World::new(seed, Story::default(), None), steps).is_err();
    let left = shrink(numbered(seed, steps), fails);
    let failed = failed(seed, steps, &left);
    std::panic::set_hook(hook);
    failed
}

/// Puts a fault between engine and comparison, in one history after the other, until it can strike; whether it is noticed.
pub fn notices(fault: Fault, seeds: std::ops::Range<u64>, steps: usize) -> Option<bool> {
    for seed in seeds {
        let sabotage = Sabotage::new(fault, u32::try_from(seed % 5).unwrap_or(0));
        let mut world = World::new(seed, Story::default(), Some(sabotage));
        let ran = run(&mut world, &numbered(seed, steps));
        if world.was_sabotaged() {
            return Some(ran.is_err());
        }
    }
    None
}

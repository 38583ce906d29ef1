//! Histories: inputs in their encoded form with the outputs the native engine had for each.

use std::path::{Path, PathBuf};

use interaction_core::config::{Config, Seed};
use interaction_core::time::Time;
use interaction_trace::{Recorded, Trace};

use crate::simulated;

/// What one engine was told, and what it said.
#[derive(Clone, Debug)]
pub struct History {
    /// How reports name it.
    pub name: String,
    /// The engine's configuration.
    pub config: Config,
    /// The engine's seed.
    pub seed: Seed,
    /// The engine's first moment.
    pub start: Time,
    /// Each input and its outputs.
    pub steps: Vec<Recorded>,
}

/// The first simulated histories are long, so that what takes its time happens in some.
pub const LONG: u64 = 48;
/// Inputs of a long history, at least.
const LONG_INPUTS_MIN: usize = 800;
/// Inputs of any other, at least.
const INPUTS_MIN: usize = 200;

/// A simulated history: the same on every call.
///
/// # Errors
/// A promise of the engine that does not hold.
pub fn simulated(seed: u64) -> Result<History, String> {
    simulated::history(seed, if seed <= LONG { LONG_INPUTS_MIN } else { INPUTS_MIN })
}

/// The repository's folder.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every readable trace, in the order of their names.
///
/// # Errors
/// The trace that cannot be read, or is not what it says.
pub fn traces() -> Result<Vec<History>, String> {
    let folder = repository().join("tests/traces");
    let entries = std::fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "trace"));
    files.sort();
    if files.is_empty() {
        return Err(format!("{}: no trace", folder.display()));
    }
    files.iter().map(|file| trace(file)).collect()
}

fn trace(file: &Path) -> Result<History, String> {
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let text = std::fs::read_to_string(file).map_err(|error| format!("{name}: {error}"))?;
    let trace = Trace::parse(&text).map_err(|error| format!("{name}: {error}"))?;
    let run = trace.run().map_err(|error| format!("{name}: {error}"))?;
    Ok(History { name, config: trace.config, seed: trace.seed, start: trace.start, steps: run.steps })
}

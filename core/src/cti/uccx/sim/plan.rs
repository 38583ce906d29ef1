//! Scenario files with failures in them.

use serde::Deserialize;

use super::config::Planned;
use super::faults::Fault;
use crate::cti::simulator::{Scenario, ScenarioError};

/// Failures of one scenario.
const FAULTS_MAX: usize = 10_000;

/// `[uccx]` of a scenario file.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Section {
    failures: Vec<Entry>,
}

/// `[[uccx.failures]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    at_ms: u64,
    what: String,
}

/// Reads a scenario file: a [`Scenario`], and beside it `[[uccx.failures]]` with `at_ms` and `what`, the text of a [`Fault`].
///
/// # Errors
/// The first key that is wrong.
pub fn read_scenario(text: &str) -> Result<(Scenario, Vec<Planned>), ScenarioError> {
    let wrong = |key: &str, problem: String| ScenarioError { key: key.to_owned(), problem };
    let mut table: toml::Table = toml::from_str(text).map_err(|error| wrong("(file)", error.message().to_owned()))?;
    let Some(section) = table.remove("uccx") else { return Ok((Scenario::from_toml(text)?, Vec::new())) };
    let section: Section =
        section.try_into().map_err(|error: toml::de::Error| wrong("uccx", error.message().to_owned()))?;
    if section.failures.len() > FAULTS_MAX {
        return Err(wrong("uccx.failures", format!("must be at most {FAULTS_MAX} entries")));
    }
    let mut faults = Vec::new();
    for (index, entry) in section.failures.into_iter().enumerate() {
        let fault: Fault =
            entry.what.parse().map_err(|error| wrong(&format!("uccx.failures[{index}].what"), format!("{error}")))?;
        faults.push(Planned { at_ms: entry.at_ms, fault });
    }
    Ok((Scenario::from_toml(&table.to_string())?, faults))
}

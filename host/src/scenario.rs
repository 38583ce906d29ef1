//! The simulated worlds that come with the server, and those of files.

use std::borrow::Cow;
use std::fs;

use interaction_core::cti::simulator::Scenario;
use interaction_core::cti::uccx::sim::{Planned, read_scenario};

const BUILT_IN: [(&str, &str); 2] =
    [("small", include_str!("../scenarios/small.toml")), ("large", include_str!("../scenarios/large.toml"))];

/// A scenario by its name or its file; what is wrong with it otherwise.
pub(crate) fn load(name: &str) -> Result<Scenario, String> {
    Scenario::from_toml(&text(name)?).map_err(|error| format!("the scenario {name}: {error}"))
}

/// The same with the failures a simulated CTI server is to bring about.
pub(crate) fn load_with_failures(name: &str) -> Result<(Scenario, Vec<Planned>), String> {
    read_scenario(&text(name)?).map_err(|error| format!("the scenario {name}: {error}"))
}

fn text(name: &str) -> Result<Cow<'static, str>, String> {
    if let Some((_, text)) = BUILT_IN.iter().find(|(built_in, _)| *built_in == name) {
        return Ok(Cow::Borrowed(text));
    }
    fs::read_to_string(name).map(Cow::Owned).map_err(|error| {
        format!(
            "cannot read the scenario {name}: {error}. Give `small`, `large` or a file (--scenario, or `cti.scenario`)"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::load;

    #[test]
    fn those_that_come_along_are_valid() {
        assert!(load("small").is_ok());
        assert!(load("large").is_ok());
    }

    #[test]
    fn what_is_no_scenario_is_said() {
        let error = load("nowhere/at/all.toml").unwrap_err();
        assert!(error.contains("nowhere/at/all.toml") && error.contains("--scenario"), "{error}");
    }
}

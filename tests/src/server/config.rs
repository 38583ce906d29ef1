//! The configuration file of a server under test: the defaults, save for what a test is about.

use std::path::{Path, PathBuf};

use crate::fault::Fault;
use crate::world;

/// What a test wants otherwise than the defaults.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The simulated world, as the text of a scenario file.
    pub scenario: Scenario,
    /// Bounds by name, as in the configuration's `[limits]`.
    pub limits: Vec<(&'static str, u64)>,
    /// More text of its `[listen]`.
    pub listen: String,
    /// More text of the configuration file.
    pub more: String,
}

/// A simulated world.
#[derive(Clone, Debug)]
pub enum Scenario {
    /// The text of a scenario file.
    Text(String),
    /// One the server brings with it, so many times as fast.
    Named(&'static str, u32),
}

impl Default for Settings {
    fn default() -> Self {
        Self::world(world::scripted(&[]))
    }
}

impl Settings {
    /// The defaults with this world.
    pub fn world(scenario: impl Into<String>) -> Self {
        Self {
            scenario: Scenario::Text(scenario.into()),
            limits: Vec::new(),
            listen: String::new(),
            more: String::new(),
        }
    }

    /// The defaults with a world the server brings with it, so many times as fast.
    pub fn named(name: &'static str, speed: u32) -> Self {
        Self { scenario: Scenario::Named(name, speed), limits: Vec::new(), listen: String::new(), more: String::new() }
    }

    /// The same with another bound.
    #[must_use]
    pub fn limit(mut self, name: &'static str, value: u64) -> Self {
        self.limits.push((name, value));
        self
    }

    /// The same with more text in the section `[listen]`.
    #[must_use]
    pub fn listen(mut self, text: &str) -> Self {
        self.listen.push_str(text);
        self
    }

    /// The same with more text in the configuration file.
    #[must_use]
    pub fn more(mut self, text: &str) -> Self {
        self.more.push_str(text);
        self
    }

    /// Writes the files into a directory; returns the configuration file.
    pub fn write(&self, directory: &Path, port: u16) -> Result<PathBuf, Fault> {
        let (scenario, speed) = match &self.scenario {
            Scenario::Text(text) => {
                let file = directory.join("scenario.toml");
                std::fs::write(&file, text)?;
                (file, 1)
            }
            Scenario::Named(name, speed) => (PathBuf::from(name), *speed),
        };
        let listen = &self.listen;
        let mut text = format!(
            "[listen]\nport = {port}\n{listen}\n\n[cti]\nscenario = {scenario:?}\nspeed = {speed}\nseed = 7\n\n[limits]\n"
        );
        for (name, value) in &self.limits {
            text.push_str(&format!("{name} = {value}\n"));
        }
        text.push_str(&self.more);
        let path = directory.join("config.toml");
        std::fs::write(&path, text)?;
        Ok(path)
    }
}

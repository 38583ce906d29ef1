//! What the engine is told once, at its start.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::limits::Limits;

/// The engine's configuration. Written as JSON, each property may be left out and has its default then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// This server process among those of its domain.
    pub instance: Box<str>,
    /// The domain: the service's `instance-domain`.
    pub domain: Box<str>,
    /// Who makes the processor: the service's `vendor`.
    pub vendor: Box<str>,
    /// The processor's version.
    pub version: Box<str>,
    /// The id of the processor service.
    pub service_id: Box<str>,
    /// The name of the processor service.
    pub service_name: Box<str>,
    /// The type of the processor service.
    pub service_type: Box<str>,
    /// The id of the report resource.
    pub reports_id: Box<str>,
    /// The call models a session may be prepared with; the first is the default.
    pub models: Vec<Box<str>>,
    /// What a link survives.
    pub guarantee: Guarantee,
    /// Where clients can go when this instance is away.
    pub instances: Vec<Box<str>>,
    /// Whether prepareSession echoes the password, as the original specification does.
    pub echo_password: bool,
    /// Whether failures carry detail in `context`.
    pub debug: bool,
    /// What becomes of a session whose client is away for longer than the grace time.
    pub disconnect: DisconnectPolicy,
    /// Who answers claims on agents' sessions.
    pub directory: DirectoryKind,
    /// How many minutes after midnight, UTC, the day begins that reports count by: 0 to 1439.
    pub day_starts_min: u32,
    /// The bounds.
    pub limits: Limits,
}

const MINUTES_A_DAY: u32 = 1_440;

/// What is wrong with a configuration: the property, and what it may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError(String);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Reads a configuration from a JSON object; `{}` is the default one.
    ///
    /// # Errors
    /// It is not JSON, a property is unknown or of the wrong type, or a bound is out of its range; the property is named.
    pub fn from_json(text: &str) -> Result<Self, ConfigError> {
        // An array would be read as the properties in their order.
        if !text.trim_start().starts_with('{') {
            return Err(ConfigError("configuration: not a JSON object".to_owned()));
        }
        let mut json = serde_json::Deserializer::from_str(text);
        let config: Self = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let place = error.path().to_string();
            // Where the text ends before a property's name does, there is no place to name.
            let at = if place == "." || place == "?" { String::new() } else { format!("{place}: ") };
            ConfigError(format!("configuration: {at}{}", error.inner()))
        })?;
        json.end().map_err(|error| ConfigError(format!("configuration: {error}")))?;
        if config.day_starts_min >= MINUTES_A_DAY {
            let found = config.day_starts_min;
            return Err(ConfigError(format!(
                "configuration: day_starts_min: {found}, but a day has 1440 minutes: 0 to 1439"
            )));
        }
        match config.limits.zero() {
            Some(name) => Err(ConfigError(format!("configuration: limits.{name}: 0, but it must be at least 1"))),
            None => Ok(config),
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            instance: "local".into(),
            domain: "default".into(),
            vendor: "interaction-processor".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            service_id: "processor".into(),
            service_name: "Interaction processor".into(),
            service_type: "com.openmethods.iserver.processor".into(),
            reports_id: "reports".into(),
            models: vec!["default".into()],
            guarantee: Guarantee::Process,
            instances: Vec::new(),
            echo_password: true,
            debug: false,
            disconnect: DisconnectPolicy::NotReady,
            directory: DirectoryKind::Local,
            day_starts_min: 0,
            limits: Limits::default(),
        }
    }
}

/// What a link survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Guarantee {
    /// Socket losses.
    Process,
    /// Also a kill and restart of the process.
    Machine,
    /// Also the loss of the machine.
    Domain,
}

impl Guarantee {
    /// The word clients read.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Process => "process",
            Self::Machine => "machine",
            Self::Domain => "domain",
        }
    }
}

/// What becomes of a session whose client stays away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DisconnectPolicy {
    /// Leave the agent as it is.
    Keep,
    /// Make the agent not ready once its interactions are over.
    NotReady,
    /// Log the agent out once its interactions are over.
    Logout,
}

/// Who answers claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DirectoryKind {
    /// The engine itself: it is alone in its domain.
    Local,
    /// The driver, through `Output::Claim` and `Input::Claimed`.
    Domain,
}

/// What the engine draws on instead of entropy: keys its hashes and makes its ids differ from those of an earlier run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seed(pub u64);

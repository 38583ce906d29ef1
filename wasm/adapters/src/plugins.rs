//! The adapters of the core, made from what an operator grants to a component.

use interaction_core::cti::jsonl::{self, JsonLines};
use interaction_core::cti::simulator::{Scenario, Simulator};
use interaction_core::cti::uccx::{UccxAdapter, UccxConfig};
use interaction_core::secret::Secret;
use interaction_core::time::Time;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::Plugin;
use crate::bindings::exports::interaction::processor::adapter::{Refusal, Settings};

/// UCCX's ClientPassword, where one is set.
const CLIENT_PASSWORD: &str = "client-password";

impl Plugin for Simulator {
    const NAME: &'static str = "simulator";
    const SECRETS: &'static [&'static str] = &[];

    /// `config` is a scenario.
    fn create(settings: Settings) -> Result<Self, Refusal> {
        known_secrets::<Self>(&settings)?;
        let scenario: Scenario = read(&settings.config)?;
        let made = Self::new(scenario, settings.seed, Time::from_micros(settings.now));
        made.map_err(|error| Refusal { key: error.key, message: error.problem })
    }
}

impl Plugin for UccxAdapter {
    const NAME: &'static str = "uccx";
    const SECRETS: &'static [&'static str] = &[CLIENT_PASSWORD];

    /// `config` is a [`UccxConfig`]; its nodes are the addresses granted.
    fn create(settings: Settings) -> Result<Self, Refusal> {
        known_secrets::<Self>(&settings)?;
        let mut config: UccxConfig = read(&settings.config)?;
        if !config.nodes.is_empty() {
            return Err(refused(
                "nodes",
                "leave it out: the nodes are the addresses granted to the plugin, in their order",
            ));
        }
        config.nodes = settings.addresses.into_iter().map(Into::into).collect();
        let password = settings.secrets.into_iter().find(|secret| secret.name == CLIENT_PASSWORD);
        let password = password.map(|secret| Secret::new(secret.value));
        Self::new(config, password, settings.seed, Time::from_micros(settings.now)).map_err(|error| match error.key {
            "nodes" => refused("addresses", error.remedy),
            "client_password" => refused(CLIENT_PASSWORD, error.remedy),
            key => refused(key, error.remedy),
        })
    }
}

impl Plugin for JsonLines {
    const NAME: &'static str = "jsonl";
    const SECRETS: &'static [&'static str] = &[];

    /// `config` holds [`JsonlSettings`].
    fn create(settings: Settings) -> Result<Self, Refusal> {
        known_secrets::<Self>(&settings)?;
        let JsonlSettings { idle_ms } = read(&settings.config)?;
        Ok(Self::new(jsonl::Config { addresses: settings.addresses.len(), idle_ms, ..jsonl::Config::default() }))
    }
}

/// What an operator can set of the adapter of JSON lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct JsonlSettings {
    /// How long a platform may be silent, in milliseconds; 0 for as long as it likes.
    pub idle_ms: u32,
}

impl Default for JsonlSettings {
    fn default() -> Self {
        Self { idle_ms: jsonl::Config::default().idle_ms }
    }
}

fn known_secrets<P: Plugin>(settings: &Settings) -> Result<(), Refusal> {
    match settings.secrets.iter().find(|secret| !P::SECRETS.contains(&secret.name.as_str())) {
        Some(secret) => Err(refused(&secret.name, "is no secret that this adapter wants: do not grant it")),
        None => Ok(()),
    }
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, Refusal> {
    // An array would be read as the properties in their order.
    if !text.trim_start().starts_with('{') {
        return Err(refused("", "the configuration is not a JSON object: give one, `{}` for the defaults"));
    }
    let mut json = serde_json::Deserializer::from_str(text);
    let read: T = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let place = error.path().to_string();
        // Where the text ends before a property's name does, there is no place to name.
        let key = if place == "." || place == "?" { "" } else { &place };
        refused(key, &error.inner().to_string())
    })?;
    json.end().map_err(|error| refused("", &error.to_string()))?;
    Ok(read)
}

fn refused(key: &str, message: &str) -> Refusal {
    Refusal { key: key.to_owned(), message: message.to_owned() }
}

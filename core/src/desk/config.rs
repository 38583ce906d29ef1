//! What the desk engine is told once, at its start.

use std::fmt;

use serde::Deserialize;

use super::limits;
use crate::protocol::ClientName;

/// The desk engine's configuration.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Config {
    /// Addresses of the servers, `ws:` or `wss:`, at least one. They are tried in turn; those the server names come after them.
    pub urls: Vec<Box<str>>,
    /// Who connects, for people.
    #[serde(default)]
    pub client: ClientName,
    /// Whether a token is asked of the driver before every `connect`.
    #[serde(default)]
    pub token: bool,
    /// The type of the service.
    #[serde(default = "service_type")]
    pub service_type: Box<str>,
}

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
    /// A configuration with everything but the addresses left out.
    pub fn new(urls: &[&str]) -> Self {
        Self {
            urls: urls.iter().map(|url| (*url).into()).collect(),
            client: ClientName::default(),
            token: false,
            service_type: service_type(),
        }
    }

    /// Reads a configuration from a JSON object.
    ///
    /// # Errors
    /// It is not JSON, a property is unknown, missing or wrong; the property is named.
    pub fn from_json(text: &str) -> Result<Self, ConfigError> {
        // An array would be read as the properties in their order.
        if !text.trim_start().starts_with('{') {
            return Err(ConfigError("configuration: not a JSON object".to_owned()));
        }
        let config: Self =
            serde_json::from_str(text).map_err(|error| ConfigError(format!("configuration: {error}")))?;
        if config.urls.is_empty() || config.urls.len() > limits::URLS_MAX {
            let (found, most) = (config.urls.len(), limits::URLS_MAX);
            return Err(ConfigError(format!("configuration: urls: {found} of them, but 1 to {most} are needed")));
        }
        if let Some(url) = config.urls.iter().find(|url| !is_address(url)) {
            return Err(ConfigError(format!("configuration: urls: `{url}` does not begin with ws:// or wss://")));
        }
        Ok(config)
    }
}

/// Whether a WebSocket can be opened there.
pub(super) fn is_address(url: &str) -> bool {
    url.len() <= limits::URL_BYTES_MAX && (url.starts_with("wss://") || url.starts_with("ws://"))
}

fn service_type() -> Box<str> {
    "com.openmethods.iserver.processor".into()
}

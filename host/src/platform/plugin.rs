//! An adapter that is a WebAssembly component: loaded, held against its hash, and given what the operator grants it.

use std::env;
use std::fmt;
use std::path::Path;
use std::time::Duration;

use interaction_core::secret::Secret;
use interaction_core::time::Time;
use tracing::info;

use super::uccx::{secret_of, seed};
use super::{Chosen, bind};
use crate::config::{Grant, Place, PluginSettings};
use crate::plugins::{self, Bounds, Given, Plugin, Runtime, World};
use crate::switches::Way;

/// The adapter of the configuration.
pub(crate) fn choose(settings: &PluginSettings, kept: Option<&Path>) -> Result<Chosen, String> {
    let plugin = prepare(&Runtime::of_server()?, settings, kept)?;
    let way = if settings.listen.is_empty() {
        Way::Connect(settings.connect.clone())
    } else {
        let address = settings.listens().map_err(|what| format!("cti.plugin.listen: {what}"))?;
        Way::Listen(bind("cti.plugin.listen", address)?)
    };
    let counts = plugin.counts();
    let make = Box::new(move |now| {
        plugin.make(seed(), now).map(|adapter| Box::new(adapter) as _).map_err(|failure| failure.to_string())
    });
    Ok(Chosen { plugin: Some(counts), is_apart: true, ..Chosen::native(make, way) })
}

/// Loads the component and gives it what it is granted. An adapter is made of it once, so that what it says of its
/// configuration is said now. What is compiled is kept in the directory `kept`, where one is given.
pub(crate) fn prepare(runtime: &Runtime, settings: &PluginSettings, kept: Option<&Path>) -> Result<Plugin, String> {
    let file = Path::new(&settings.file);
    let fail = |what: &dyn fmt::Display| format!("cti.plugin.file: {}: {what}", file.display());
    let wrong = |key: &str, what: String| format!("cti.plugin.{key}: {what}");
    let loaded = plugins::load(runtime, file, &settings.sha256, World::CtiAdapter, kept);
    let loaded = loaded.map_err(|error| fail(&error))?;
    let bounds = Bounds {
        memory_bytes: settings.memory_bytes as usize,
        call_within: Duration::from_millis(settings.call_ms.into()),
    };
    let given = Given {
        config: settings.json().map_err(|what| wrong("config", what))?,
        addresses: settings.connect.clone(),
        secrets: secrets(settings).map_err(|what| wrong("secrets", what))?,
    };
    let names: Vec<String> = given.secrets.iter().map(|(name, _)| name.clone()).collect();
    let plugin = Plugin::new(runtime, &loaded, bounds, given).map_err(|error| fail(&error))?;
    let about = plugin.about().map_err(|failure| fail(&failure))?;
    if let Some(name) = names.iter().find(|name| !about.secrets.contains(name)) {
        let wanted = if about.secrets.is_empty() { "none".to_owned() } else { about.secrets.join(", ") };
        return Err(wrong("secrets", format!("the plugin wants no secret `{name}`; it may want {wanted}")));
    }
    for name in about.secrets.iter().filter(|name| !names.contains(name)) {
        plugin.missing_secret(name);
    }
    plugin.make(0, Time::ZERO).map(drop).map_err(|failure| fail(&failure))?;
    info!(sha256 = %loaded.digest, "the telephony adapter is the plugin {} {}", about.name, about.version);
    Ok(plugin)
}

fn secrets(settings: &PluginSettings) -> Result<Vec<(String, Secret)>, String> {
    let secret = |Grant { name, from }| {
        let secret = match from {
            Place::File(file) => secret_of(&file),
            Place::Variable(variable) => env::var(&variable)
                .map(Secret::new)
                .map_err(|_| format!("the environment variable {variable} is not set, or not UTF-8")),
        };
        secret.map(|secret| (name, secret))
    };
    settings.grants()?.into_iter().map(secret).collect()
}

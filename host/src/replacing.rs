//! Putting a newer build of the engine's component in the place of the one that runs, while clients stay connected.

use std::path::{Path, PathBuf};

use interaction_core::config::Config;
use serde::Serialize;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::spawn_blocking;

use crate::config::EngineSettings;
use crate::happening::Happening;
use crate::plugins::{self, Build, Digest, Runtime, World};

/// Requests by HTTP that wait for their turn: one is enough.
pub(crate) const ASKED_MAX: usize = 1;

/// Who asks for it, and where the answer goes.
pub(crate) type Asked = oneshot::Sender<Result<Replaced, String>>;

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Replaced {
    /// The SHA-256 of the build that runs now.
    pub(crate) sha256: String,
    /// Whether it is another one than before.
    pub(crate) is_new: bool,
    /// How long nothing was delivered meanwhile, in microseconds.
    pub(crate) paused_us: u64,
}

/// Replaces the engine, once at a time.
#[derive(Debug)]
pub(crate) struct Replacer {
    happenings: mpsc::Sender<Happening>,
    kept: PathBuf,
    config: Config,
    /// The build that runs.
    running: Mutex<Digest>,
}

impl Replacer {
    /// Beside an engine of this build.
    pub(crate) fn new(happenings: mpsc::Sender<Happening>, data_dir: &Path, config: Config, build: &Build) -> Self {
        let kept = data_dir.join(plugins::DIRECTORY);
        Self { happenings, kept, config, running: Mutex::new(build.digest()) }
    }

    /// Loads what the settings name, and hands the engine's state to it. While that is being prepared the present engine goes on,
    /// and it goes on for good where anything is wrong.
    pub(crate) async fn replace(&self, settings: EngineSettings) -> Result<Replaced, String> {
        let mut running = self.running.lock().await;
        let (kept, config) = (self.kept.clone(), self.config.clone());
        let build = spawn_blocking(move || build(&settings, &config, &kept)).await;
        let build = build.map_err(|_| "the component made its compiler panic".to_owned()).and_then(|build| build);
        if let Ok(build) = &build
            && build.digest() == *running
        {
            return Ok(Replaced { sha256: running.to_string(), is_new: false, paused_us: 0 });
        }
        let digest = build.as_ref().ok().map(Build::digest);
        let (answer, answered) = oneshot::channel();
        let gone = || "the engine's loop has ended".to_owned();
        let build = build.map(Box::new);
        self.happenings.send(Happening::Replace { build, answer }).await.map_err(|_| gone())?;
        let paused = answered.await.map_err(|_| gone())??;
        if let Some(digest) = digest {
            *running = digest;
        }
        let paused_us = u64::try_from(paused.as_micros()).unwrap_or(u64::MAX);
        Ok(Replaced { sha256: running.to_string(), is_new: true, paused_us })
    }
}

/// The build that the settings name, ready to make engines of.
pub(crate) fn build(settings: &EngineSettings, config: &Config, kept: &Path) -> Result<Build, String> {
    let file = Path::new(&settings.file);
    let fail = |what: &dyn std::fmt::Display| format!("engine.file: {}: {what}", file.display());
    let runtime = Runtime::of_server()?;
    let loaded = plugins::load(&runtime, file, &settings.sha256, World::Engine, Some(kept));
    let loaded = loaded.map_err(|error| fail(&error))?;
    let config = serde_json::to_string(config).map_err(|error| error.to_string())?;
    Build::new(&runtime, loaded, config).map_err(|error| fail(&error))
}

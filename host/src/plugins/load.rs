//! From a file to what can be run: read, held against its hash, looked into, compiled.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};
use tracing::{info, warn};
use wasmtime::component::Component;

use super::Runtime;
use super::cache::Cache;
use super::inspect::{World, inspect};
use super::limits::FILE_BYTES_MAX;

/// The SHA-256 of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Digest([u8; 32]);

impl Digest {
    /// Of some bytes.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Why a component is not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LoadError {
    /// The file cannot be read.
    Unreadable(String),
    /// It is larger than any component.
    TooLarge,
    /// It is not the file the operator meant.
    Pinned {
        /// The hash in the configuration.
        wanted: String,
        /// The hash of the file.
        found: Digest,
    },
    /// It is no component.
    NoComponent(String),
    /// It wants something of its host.
    Imports(Vec<String>),
    /// It is nothing this server knows, or not what is wanted here.
    World(String),
    /// It cannot be compiled.
    Compile(String),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(why) => write!(f, "it cannot be read: {why}"),
            Self::TooLarge => write!(f, "it is larger than {FILE_BYTES_MAX} bytes, which no component is"),
            Self::Pinned { wanted, found } => {
                write!(
                    f,
                    "its SHA-256 is {found}, and `sha256` says {wanted}: give the file that is meant, or its hash"
                )
            }
            Self::NoComponent(why) | Self::World(why) => f.write_str(why),
            Self::Imports(names) => {
                write!(f, "it imports {}: plugins may import nothing", names.join(", "))
            }
            Self::Compile(why) => write!(f, "it cannot be compiled: {why}"),
        }
    }
}

impl std::error::Error for LoadError {}

/// A component that can be run.
#[derive(Clone)]
pub(crate) struct Loaded {
    /// Compiled.
    pub(super) component: Component,
    /// The hash of the file.
    pub(crate) digest: Digest,
}

/// Reads a file.
pub(crate) fn read(file: &Path) -> Result<Vec<u8>, LoadError> {
    let unreadable = |error: std::io::Error| LoadError::Unreadable(error.to_string());
    let mut bytes = Vec::new();
    File::open(file).map_err(unreadable)?.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > FILE_BYTES_MAX { Err(LoadError::TooLarge) } else { Ok(bytes) }
}

/// Makes of a file what can be run as `world`. `pinned` is the hash it must have, empty for whatever it has. What is compiled is
/// kept in the directory `kept`, where one is given.
pub(crate) fn load(
    runtime: &Runtime,
    file: &Path,
    pinned: &str,
    world: World,
    kept: Option<&Path>,
) -> Result<Loaded, LoadError> {
    let begun = Instant::now();
    let bytes = read(file)?;
    let digest = Digest::of(&bytes);
    if !pinned.is_empty() && !pinned.eq_ignore_ascii_case(&digest.to_string()) {
        return Err(LoadError::Pinned { wanted: pinned.to_owned(), found: digest });
    }
    let inspected = inspect(&bytes).map_err(LoadError::NoComponent)?;
    let wants = inspected.wants();
    if !wants.is_empty() {
        return Err(LoadError::Imports(wants.into_iter().map(str::to_owned).collect()));
    }
    let (found, _) = inspected.world().map_err(LoadError::World)?;
    if found != world {
        return Err(LoadError::World(format!("it is of the world `{found}`, and `{world}` is wanted here")));
    }
    let cache = kept.map(Cache::new);
    let cached = cache.as_ref().and_then(|cache| cache.find(runtime.engine(), &digest));
    let is_cached = cached.is_some();
    let component = match cached {
        Some(component) => component,
        None => {
            let component = Component::from_binary(runtime.engine(), &bytes)
                .map_err(|error| LoadError::Compile(format!("{error:#}")))?;
            if let Some(cache) = &cache {
                cache.keep(runtime.engine(), &digest, &component);
            }
            component
        }
    };
    tell(file, &digest, is_cached, begun.elapsed());
    if pinned.is_empty() {
        warn!(
            "{} is run whatever it is: set `sha256 = \"{digest}\"` beside `file`, and nobody can put another in its place",
            file.display()
        );
    }
    Ok(Loaded { component, digest })
}

fn tell(file: &Path, digest: &Digest, is_cached: bool, took: Duration) {
    let how = if is_cached { "read from the cache" } else { "compiled" };
    info!(sha256 = %digest, took_us = took.as_micros(), "{} is loaded, {how}", file.display());
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Digest, LoadError, World, load};
    use crate::plugins::{Metering, Runtime};

    #[test]
    fn what_may_not_run_is_refused_and_says_why() {
        let runtime = Runtime::new(Metering::Fuel).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("plugin.wasm");
        let refused = |text: &str, pinned: &str| {
            let bytes = wat::parse_str(text).unwrap();
            fs::write(&file, &bytes).unwrap();
            let error = load(&runtime, &file, pinned, World::CtiAdapter, None).map(drop).unwrap_err();
            (error, Digest::of(&bytes))
        };
        for import in [
            "wasi:clocks/wall-clock@0.2.0",
            "wasi:clocks/monotonic-clock@0.2.0",
            "wasi:random/random@0.2.0",
            "interaction:processor/clock@0.1.0",
        ] {
            let text = format!("(component (import \"{import}\" (instance (export \"now\" (func (result u64))))))");
            let (error, _) = refused(&text, "");
            assert_eq!(error, LoadError::Imports(vec![import.to_owned()]));
            let words = error.to_string();
            assert_eq!(words, format!("it imports {import}: plugins may import nothing"));
        }
        let (error, digest) = refused("(component)", &"0".repeat(64));
        let words = error.to_string();
        assert!(words.contains(&"0".repeat(64)) && words.contains(&digest.to_string()), "{words}");
        let (error, digest) = refused("(component)", "");
        assert!(matches!(error, LoadError::World(_)), "{error}");
        let (error, _) = refused("(component)", &digest.to_string().to_uppercase());
        assert!(matches!(error, LoadError::World(_)), "the hash is right in capitals: {error}");
        let engine = "(component (instance $i) (export \"interaction:processor/processor@0.1.0\" (instance $i)))";
        assert!(refused(engine, "").0.to_string().contains("`cti-adapter` is wanted"));
        assert!(matches!(refused("(module)", "").0, LoadError::NoComponent(_)));
        fs::remove_file(&file).unwrap();
        let error = load(&runtime, &file, "", World::CtiAdapter, None).map(drop).unwrap_err();
        assert!(matches!(error, LoadError::Unreadable(_)), "{error}");
    }
}

//! Compiled components, kept in the data directory: compiling takes seconds, reading what was compiled a millisecond.
//!
//! What is kept is machine code, and running it is trusting whoever can write the directory, as with the server's own program.
//! Only the server's account may enter it.

use std::fs::{self, DirBuilder};
use std::hash::{BuildHasher, Hasher};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use foldhash::quality::FixedState;
use tracing::warn;
use wasmtime::Engine;
use wasmtime::component::Component;

use super::limits::CACHED_MAX;
use super::load::Digest;

/// What every entry begins with; a checksum follows, and what was compiled.
const MAGIC: &[u8; 8] = b"IPcomp1\n";
const SUFFIX: &str = "compiled";

/// A directory of compiled components.
#[derive(Clone, Debug)]
pub(super) struct Cache {
    directory: PathBuf,
}

impl Cache {
    pub(super) fn new(directory: &Path) -> Self {
        Self { directory: directory.to_owned() }
    }

    /// What was compiled of a component by this compiler with these settings, if it is kept and whole.
    pub(super) fn find(&self, engine: &Engine, digest: &Digest) -> Option<Component> {
        let path = self.path(engine, digest);
        let kept = fs::read(&path).ok()?;
        let found = whole(&kept).map(|compiled| thaw(engine, compiled));
        match found {
            Some(Ok(component)) => return Some(component),
            Some(Err(error)) => warn!("{} is compiled again: {error:#}", path.display()),
            None => warn!("{} is damaged, and is compiled again", path.display()),
        }
        None
    }

    /// Keeps what was compiled. Without it the next start takes longer, no more.
    pub(super) fn keep(&self, engine: &Engine, digest: &Digest, component: &Component) {
        let kept = component.serialize().map_err(|error| format!("{error:#}"));
        let kept = kept.and_then(|compiled| self.write(engine, digest, &compiled).map_err(|error| error.to_string()));
        if let Err(why) = kept {
            warn!("what was compiled cannot be kept in {}: {why}", self.directory.display());
        }
    }

    fn write(&self, engine: &Engine, digest: &Digest, compiled: &[u8]) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.directory)?;
        let path = self.path(engine, digest);
        // Whole or not at all: another server may read at the same time.
        let part = path.with_extension(format!("{}.part", std::process::id()));
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&checksum(compiled).to_le_bytes());
        bytes.extend_from_slice(compiled);
        fs::write(&part, bytes).and_then(|()| fs::rename(&part, &path)).inspect_err(|_| {
            let _ = fs::remove_file(&part);
        })?;
        self.tidy()
    }

    /// The oldest entries go.
    fn tidy(&self) -> io::Result<()> {
        let mut entries: Vec<(SystemTime, PathBuf)> = fs::read_dir(&self.directory)?
            .flatten()
            .filter(|entry| entry.path().extension().is_some_and(|suffix| suffix == SUFFIX))
            .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
            .collect();
        entries.sort_unstable();
        let many = entries.len().saturating_sub(CACHED_MAX);
        entries.iter().take(many).try_for_each(|(_, path)| fs::remove_file(path))
    }

    fn path(&self, engine: &Engine, digest: &Digest) -> PathBuf {
        // The version of the compiler, its settings, and what this processor can do.
        let compatible = FixedState::default().hash_one(engine.precompile_compatibility_hash());
        self.directory.join(format!("{digest}-{compatible:016x}.{SUFFIX}"))
    }
}

/// What was compiled, if the entry is as it was written.
fn whole(kept: &[u8]) -> Option<&[u8]> {
    let (sum, compiled) = kept.strip_prefix(MAGIC)?.split_first_chunk::<8>()?;
    (u64::from_le_bytes(*sum) == checksum(compiled)).then_some(compiled)
}

fn checksum(bytes: &[u8]) -> u64 {
    let mut hasher = FixedState::default().build_hasher();
    hasher.write(bytes);
    hasher.finish()
}

#[allow(unsafe_code, reason = "what is compiled is machine code, which no check can judge")]
fn thaw(engine: &Engine, compiled: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: only `keep` writes such entries, the checksum says that this one is as it was written, and only the server's
    // account may write there. wasmtime itself refuses what another version of it compiled, or with other settings.
    unsafe { Component::deserialize(engine, compiled) }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::{Cache, SUFFIX};
    use crate::plugins::load::Digest;
    use crate::plugins::{Metering, Runtime};
    use wasmtime::component::Component;

    fn entries(cache: &Cache) -> Vec<PathBuf> {
        let entries = fs::read_dir(&cache.directory).unwrap().flatten().map(|entry| entry.path());
        entries.filter(|path| path.extension().is_some_and(|suffix| suffix == SUFFIX)).collect()
    }

    #[test]
    fn what_is_damaged_is_not_found_and_what_is_whole_is() {
        let runtime = Runtime::new(Metering::Fuel).unwrap();
        let engine = runtime.engine();
        let directory = tempfile::tempdir().unwrap();
        let cache = Cache::new(&directory.path().join("plugins"));
        let (digest, other) = (Digest::of(b"one"), Digest::of(b"other"));
        assert!(cache.find(engine, &digest).is_none());
        let component = Component::new(engine, wat::parse_str("(component)").unwrap()).unwrap();
        cache.keep(engine, &digest, &component);
        assert!(cache.find(engine, &digest).is_some());
        assert!(cache.find(engine, &other).is_none());
        // Other settings, another entry.
        let deadline = Runtime::new(Metering::Deadline).unwrap();
        assert!(cache.find(deadline.engine(), &digest).is_none());
        let [entry] = &entries(&cache)[..] else { panic!("one entry") };
        let whole = fs::read(entry).unwrap();
        for damage in [0, 8, 16, whole.len() / 2, whole.len() - 1] {
            let mut damaged = whole.clone();
            damaged[damage] ^= 1;
            fs::write(entry, damaged).unwrap();
            assert!(cache.find(engine, &digest).is_none(), "byte {damage}");
        }
        for length in [0, 7, 15, whole.len() - 1] {
            fs::write(entry, &whole[..length]).unwrap();
            assert!(cache.find(engine, &digest).is_none(), "{length} bytes");
        }
        cache.keep(engine, &digest, &component);
        assert!(cache.find(engine, &digest).is_some());
    }

    #[test]
    fn the_oldest_entries_go() {
        let runtime = Runtime::new(Metering::Fuel).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let cache = Cache::new(directory.path());
        let component = Component::new(runtime.engine(), wat::parse_str("(component)").unwrap()).unwrap();
        for number in 0..2 * super::CACHED_MAX {
            cache.keep(runtime.engine(), &Digest::of(&[u8::try_from(number).unwrap()]), &component);
        }
        assert_eq!(entries(&cache).len(), super::CACHED_MAX);
    }
}

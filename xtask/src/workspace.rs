//! What cargo says of this workspace: where it is, what it builds, what it depends on.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::command;

/// The workspace this program belongs to.
#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    /// Absolute, whatever `CARGO_TARGET_DIR` or the configuration says.
    pub(crate) target_dir: PathBuf,
    pub(crate) members: Vec<Package>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    /// `None` for a package of this repository.
    pub(crate) source: Option<String>,
    pub(crate) license: Option<String>,
    pub(crate) license_file: Option<String>,
    pub(crate) manifest_path: PathBuf,
    pub(crate) targets: Vec<Target>,
    pub(crate) dependencies: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) kind: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// `None` for the ordinary registry.
    pub(crate) registry: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    target_directory: PathBuf,
}

impl Workspace {
    pub(crate) fn load() -> Result<Self> {
        // `cargo run` tells the present place; the compiled-in one may have moved since.
        let manifest_dir = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest_dir.parent().context("xtask has no parent folder")?.to_owned();
        let metadata = metadata(&root, &["--no-deps"])?;
        Ok(Self { root, target_dir: metadata.target_directory, members: metadata.packages })
    }

    /// Every package of the lock file that any target or feature could build.
    pub(crate) fn all_packages(&self) -> Result<Vec<Package>> {
        Ok(metadata(&self.root, &["--all-features"])?.packages)
    }

    /// The targets of one kind (`test`, `bench`, `bin`, `lib`, …) with the package they belong to.
    pub(crate) fn targets<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a Package, &'a Target)> {
        self.members.iter().flat_map(move |package| {
            let of_kind = move |target: &&Target| target.kind.iter().any(|k| k == kind);
            package.targets.iter().filter(of_kind).map(move |t| (package, t))
        })
    }

    /// Where cargo puts a binary of a profile.
    pub(crate) fn binary(&self, profile: &str, name: &str) -> PathBuf {
        let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        self.target_dir.join(profile).join(file)
    }

    /// A path as a reader of the repository knows it.
    pub(crate) fn relative<'a>(&self, path: &'a Path) -> std::path::Display<'a> {
        path.strip_prefix(&self.root).unwrap_or(path).display()
    }
}

fn metadata(root: &Path, args: &[&str]) -> Result<Metadata> {
    // In the caller's directory: a relative CARGO_TARGET_DIR counts from there.
    let mut cargo = command::bare_cargo();
    cargo.args(["metadata", "--format-version", "1", "--manifest-path"]);
    cargo.arg(root.join("Cargo.toml")).args(args);
    let text = command::output(&mut cargo)?;
    serde_json::from_str(&text).context("cargo metadata answered in an unknown shape")
}

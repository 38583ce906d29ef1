//! Getting what a stage needs where we may, and saying what to install where we may not.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::{command, workspace::Workspace};

pub(crate) const WASM: &str = "wasm32-unknown-unknown";
const DENY_VERSION: &str = "0.20.2";

/// Makes the pinned toolchain able to build for WebAssembly.
pub(crate) fn wasm_target(workspace: &Workspace) -> Result<()> {
    let mut rustc = std::process::Command::new("rustc");
    rustc.current_dir(&workspace.root);
    rustc.args(["--print", "target-libdir", "--target", WASM]);
    let libraries = PathBuf::from(command::output(&mut rustc)?.trim());
    if libraries.is_dir() {
        return Ok(());
    }
    if !command::is_installed("rustup") {
        bail!("rustc has no standard library for {WASM}: install that target with your toolchain");
    }
    let mut rustup = std::process::Command::new("rustup");
    rustup.current_dir(&workspace.root);
    command::run(rustup.args(["target", "add", WASM]))
        .with_context(|| format!("run `rustup target add {WASM}` where the network is reachable"))
}

/// cargo-deny, from `PATH`, from an earlier run, or built into the target directory if `may_build`.
pub(crate) fn cargo_deny(workspace: &Workspace, may_build: bool) -> Result<Option<PathBuf>> {
    if command::is_installed("cargo-deny") {
        return Ok(Some(PathBuf::from("cargo-deny")));
    }
    let tools = workspace.target_dir.join("tools");
    let built = tools.join("bin/cargo-deny");
    if !built.is_file() {
        if !may_build {
            return Ok(None);
        }
        let mut cargo = command::cargo(workspace);
        cargo.args(["install", "cargo-deny", "--version", DENY_VERSION, "--locked", "--root"]);
        // Run often enough to be worth neither optimising nor stripping.
        command::run(cargo.arg(&tools).args(["--profile", "dev", "--no-default-features"]))?;
    }
    Ok(Some(built))
}

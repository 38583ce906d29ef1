//! The engine for WebAssembly: one release build of `wasm/`, without WASI.

use anyhow::Result;

use crate::{command, install, workspace::Workspace};

pub(crate) const PACKAGE: &str = "interaction-wasm";

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    if !is_buildable(workspace) {
        anyhow::bail!("{PACKAGE} declares no `cdylib` yet, so there is nothing to build");
    }
    install::wasm_target(workspace)?;
    let mut cargo = command::cargo(workspace);
    cargo.args(["build", "--package", PACKAGE, "--profile", "wasm", "--target", install::WASM]);
    command::run(&mut cargo)
}

/// Whether `wasm/` makes a module, and not only a library.
pub(crate) fn is_buildable(workspace: &Workspace) -> bool {
    workspace.targets("cdylib").any(|(package, _)| package.name == PACKAGE)
}

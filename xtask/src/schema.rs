//! JSON Schema of the protocol's messages: written into `docs/schema`, and checked to be what the types say.

use anyhow::Result;

use crate::{
    command,
    stages::{Context, Outcome},
    workspace::Workspace,
};

const PACKAGE: &str = "interaction-schema";
const FOLDER: &str = "docs/schema";

/// Writes the schemas anew.
pub(crate) fn write(workspace: &Workspace) -> Result<()> {
    let mut cargo = command::cargo(workspace);
    cargo.args(["run", "--quiet", "--profile", "ci", "--package", PACKAGE, "--", "write"]);
    command::run(cargo.arg(workspace.root.join(FOLDER)))
}

/// Fails where a file is not what the types say.
pub(crate) fn check(context: &Context<'_>) -> Result<Outcome> {
    let mut program = std::process::Command::new(context.workspace.binary("ci", PACKAGE));
    command::run(program.arg("check").arg(context.workspace.root.join(FOLDER)))?;
    Ok(Outcome::Passed(FOLDER.to_owned()))
}

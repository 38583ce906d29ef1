//! `cargo xtask demo`: the server in release with its pages, run in place of this program, so signals and input reach it directly.

use std::process::Command;

use anyhow::{Context, Result};

use crate::{command, pages, workspace::Workspace};

pub(crate) const SERVER: &str = "interaction-processor";

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Arguments of the demonstration; `demo --help` lists them
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGS")]
    args: Vec<String>,
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    // Before the server, which holds them.
    pages::build_if_possible(workspace);
    let mut build = command::cargo(workspace);
    build.args(["build", "--release", "--bin", SERVER]);
    command::run(&mut build)?;

    let mut server = Command::new(workspace.binary("release", SERVER));
    server.arg("demo").args(&args.args);
    become_program(server)
}

#[cfg(unix)]
fn become_program(mut server: Command) -> Result<()> {
    use std::os::unix::process::CommandExt;

    let name = command::shown(&server);
    Err(server.exec()).with_context(|| format!("cannot run `{name}`"))
}

#[cfg(not(unix))]
fn become_program(mut server: Command) -> Result<()> {
    let name = command::shown(&server);
    let status = server.status().with_context(|| format!("cannot run `{name}`"))?;
    std::process::exit(status.code().unwrap_or(1));
}

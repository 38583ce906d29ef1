//! `cargo xtask bench`: benchmarks by name, in the `bench` profile; what loads the server gets it built in release.

use anyhow::{Result, bail};

use crate::{command, demo::SERVER, stages::SERVER_VARIABLE, workspace::Workspace};

/// Its benchmarks run the built server.
const LOAD: &str = "interaction-bench";

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which benchmark; without it they are listed
    name: Option<String>,
    /// Passed on to the benchmark
    #[arg(last = true)]
    args: Vec<String>,
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let benches: Vec<(&str, &str)> =
        workspace.targets("bench").map(|(package, target)| (target.name.as_str(), package.name.as_str())).collect();
    let Some(name) = &args.name else {
        if benches.is_empty() {
            println!("There are no benchmarks yet.");
        }
        for (bench, package) in benches {
            println!("cargo xtask bench {bench:<20} of {package}");
        }
        return Ok(());
    };
    let Some((bench, package)) = benches.iter().find(|(bench, _)| bench == name) else {
        let known: Vec<&str> = benches.iter().map(|(bench, _)| *bench).collect();
        bail!("no benchmark is called `{name}`; there are: {}", known.join(", "));
    };
    let mut cargo = command::cargo(workspace);
    cargo.arg("bench");
    if *package == LOAD {
        let mut build = command::cargo(workspace);
        command::run(build.args(["build", "--release", "--bin", SERVER]))?;
        // Its dependencies are the server's, and built by now.
        cargo.env(SERVER_VARIABLE, workspace.binary("release", SERVER)).args(["--profile", "release"]);
    }
    cargo.args(["--package", package, "--bench", bench, "--"]);
    command::run(cargo.args(&args.args))
}

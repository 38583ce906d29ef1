//! `cargo xtask bench`: benchmarks by name, in the `bench` profile; what loads the server gets it built in release, and the
//! fan-out the servers beside which it is measured.

use anyhow::{Result, bail};

use crate::{command, demo::SERVER, install, npm, stages::SERVER_VARIABLE, targets, wasm, workspace::Workspace};

/// Its benchmarks run the built server, as that of components does.
const LOAD: &str = "interaction-bench";
/// The npm package is measured by its own script.
const PACKAGE: &str = "npm";
/// What is run when no benchmark is named, and where its results go.
const EVERYTHING: (&str, &str) = ("fanout", "bench");

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which benchmark; without it the fan-out with all that belongs to it, whose results are written to `bench`
    name: Option<String>,
    /// Lists the benchmarks
    #[arg(long, conflicts_with_all = ["name", "quick"])]
    list: bool,
    /// One short round
    #[arg(long)]
    quick: bool,
    /// Passed on to the benchmark
    #[arg(last = true)]
    args: Vec<String>,
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let benches: Vec<(&str, &str)> =
        workspace.targets("bench").map(|(package, target)| (target.name.as_str(), package.name.as_str())).collect();
    if args.list {
        for (bench, package) in benches {
            println!("cargo xtask bench {bench:<20} of {package}");
        }
        println!("cargo xtask bench {PACKAGE:<20} of the npm package");
        return Ok(());
    }
    let name = args.name.as_deref().unwrap_or(EVERYTHING.0);
    if name == PACKAGE {
        return npm::bench(workspace, &args.args);
    }
    if name == npm::ENGINE_BENCH {
        return npm::bench_engine(workspace, args.quick);
    }
    let Some((bench, package)) = benches.iter().find(|(bench, _)| *bench == name) else {
        let known: Vec<&str> = benches.iter().map(|(bench, _)| *bench).collect();
        bail!("no benchmark is called `{name}`; there are: {}", known.join(", "));
    };
    let mut cargo = command::cargo(workspace);
    cargo.arg("bench");
    if *package == targets::PACKAGE {
        wasm::build_components(workspace)?;
        wasm::build_hostile(workspace)?;
        cargo.env("INTERACTION_COMPONENTS", wasm::components(workspace));
    }
    if [LOAD, targets::PACKAGE].contains(package) {
        let mut build = command::cargo(workspace);
        command::run(build.args(["build", "--release", "--bin", SERVER]))?;
        if *bench == EVERYTHING.0 {
            install::bench_peers(&workspace.root.join("tests/bench"));
        }
        // Its dependencies are the server's, and built by now.
        cargo.env(SERVER_VARIABLE, workspace.binary("release", SERVER)).args(["--profile", "release"]);
    }
    cargo.args(["--package", package, "--bench", bench, "--"]);
    if args.name.is_none() {
        cargo.arg("--everything").arg("--results").arg(workspace.root.join(EVERYTHING.1));
    }
    if args.quick {
        cargo.arg("--quick");
    }
    command::run(cargo.args(&args.args))
}

//! The npm package: packed, installed into a clean project, and tried there in Node, in bundlers and in Chromium.

use std::process::Command;

use anyhow::{Result, bail};

use crate::{
    command,
    demo::SERVER,
    install,
    stages::{Context, Outcome, SERVER_VARIABLE},
    targets, wasm,
    workspace::Workspace,
};

pub(crate) const FOLDER: &str = "pkg";
/// The engine in Node beside the native one: a benchmark of its own, and the last part of the package's.
pub(crate) const ENGINE_BENCH: &str = "node";

/// Runs the package's tests; bundlers beyond Vite, and other runtimes, with `--long`.
pub(crate) fn check(context: &Context<'_>) -> Result<Outcome> {
    let mut tests = script(context.workspace, FOLDER, "tests/run.mjs")?;
    tests.env(SERVER_VARIABLE, context.workspace.binary("ci", SERVER));
    if context.is_long {
        tests.arg("--long");
    }
    count_tests(&mut tests)
}

/// Runs tests by Node's test runner, and says how many passed.
pub(crate) fn count_tests(tests: &mut Command) -> Result<Outcome> {
    let mut passed = 0;
    command::run_seeing(tests, |line| passed += passed_tests(line).unwrap_or(0))?;
    if passed == 0 {
        bail!("no test ran");
    }
    Ok(Outcome::Passed(format!("{passed} tests passed")))
}

/// Measures what the package promises of its size and speed.
pub(crate) fn bench(workspace: &Workspace, args: &[String]) -> Result<()> {
    wasm::build_wasm(workspace)?;
    let mut bench = script(workspace, FOLDER, "bench/run.mjs")?;
    let package = command::run(bench.args(args));
    // What was missed there keeps nothing from being measured here.
    measure_engine(workspace, false).and(package)
}

/// Measures the engine in Node beside the native one.
pub(crate) fn bench_engine(workspace: &Workspace, is_quick: bool) -> Result<()> {
    wasm::build_wasm(workspace)?;
    install::node()?;
    measure_engine(workspace, is_quick)
}

fn measure_engine(workspace: &Workspace, is_quick: bool) -> Result<()> {
    let mut bench = command::cargo(workspace);
    bench.env("INTERACTION_WASM", wasm::binding(workspace));
    // As the server is built.
    bench.args(["bench", "--profile", "release", "--package", targets::PACKAGE, "--bench", ENGINE_BENCH, "--"]);
    command::run(bench.args(is_quick.then_some("--quick")))
}

/// A script of a package, with what it needs: its tools, a browser, the engine's modules, and a folder to work in.
pub(crate) fn script(workspace: &Workspace, folder: &str, file: &str) -> Result<Command> {
    let work = if folder == FOLDER { "npm" } else { "web" };
    let folder = workspace.root.join(folder);
    install::node_modules(&folder)?;
    let mut node = Command::new("node");
    node.current_dir(&folder).arg(file);
    node.env("CHROMIUM", install::chromium()?);
    node.env("INTERACTION_WASM", wasm::binding(workspace)).env("WORK", workspace.target_dir.join(work));
    Ok(node)
}

/// The count in the closing lines of Node's test runner.
fn passed_tests(line: &str) -> Option<u64> {
    line.trim_start_matches(['#', 'ℹ', ' ']).strip_prefix("pass ")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::passed_tests;

    #[test]
    fn tests_are_counted() {
        assert_eq!(passed_tests("ℹ pass 12"), Some(12));
        assert_eq!(passed_tests("# pass 3"), Some(3));
        assert_eq!(passed_tests("ℹ fail 1"), None);
        assert_eq!(passed_tests("✔ a pass 3 of many (4 ms)"), None);
    }
}

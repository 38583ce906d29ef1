//! The stages of `cargo xtask test`, in the order they run. A new one is a line in [`STAGES`] and a function.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::{
    command, demo::SERVER, deny, embedding, install, npm, pages, plugin_kit, purity, readme, reproducible, schema,
    targets, wasm, workspace::Workspace,
};

/// One step of the test, told by name.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    /// Stages whose failure makes this one pointless; they stand before it.
    pub(crate) needs: &'static [&'static str],
    /// Only with `--long`, or when asked for by name.
    pub(crate) is_long: bool,
    pub(crate) run: fn(&Context<'_>) -> Result<Outcome>,
}

#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub(crate) workspace: &'a Workspace,
    pub(crate) is_long: bool,
}

/// How a stage that did not fail ended, with a few words for the table.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed(String),
    NothingToDo(String),
}

pub(crate) const STAGES: &[Stage] = &[
    short("fmt", "sources are formatted", &[], fmt),
    short("purity", "the engine's sources and dependencies hold nothing impure", &[], purity::check),
    short("deny", "licences, bans and sources of all dependencies", &[], deny::check),
    short("clippy", "no lint speaks, in any target", &[], clippy),
    short("build", "everything the tests run, in profile ci", &[], build),
    short("schema", "docs/schema is what the protocol's types say", &["build"], schema::check),
    short("units", "tests of the crates, and their documentation's examples", &["build"], units),
    short("blackbox", "the built server and engine, from outside", &["build"], blackbox),
    short("world", "engine and model of the protocol agree in random histories", &["build"], world),
    short("wasm", "the engine builds for WebAssembly and asks its host for nothing", &["build"], wasm_modules),
    short("plugins", "adapters and the engine as components in the server", &["wasm"], plugins),
    short("targets", "the same bytes natively, in a component, in Node and in Chromium", &["wasm"], targets::check),
    short("embedding", "the engine's component in Rust, Python and Node", &["wasm"], embedding::check),
    short("npm", "the npm package, packed and installed, in Node, bundlers and Chromium", &["wasm"], npm::check),
    short("pages", "the server's own pages, in Chromium", &["wasm"], pages::check),
    short("readme", "what the documents tell one to type and open exists", &["build"], readme::check),
    Stage {
        is_long: true,
        ..short(
            "reproducible",
            "components are of the same bytes wherever they are built",
            &["wasm"],
            reproducible::check,
        )
    },
    Stage { is_long: true, ..short("pluginkit", "each step of the plugin guide", &["build"], plugin_kit::check) },
    Stage { is_long: true, ..short("odbc", "journeys of past calls, from a database by ODBC", &["build"], odbc) },
];

/// Tests are built once for all: the same packages are selected each time, or cargo would unify other features and
/// build half the tree again. Those of `wasm` are left out, as they build for another target.
#[rustfmt::skip]
const SELECTION: &[&str] = &[
    "--workspace", "--exclude", wasm::PACKAGES[0], "--exclude", wasm::PACKAGES[1], "--exclude", wasm::PACKAGES[2],
    "--exclude", wasm::PACKAGES[3], "--exclude", wasm::PACKAGES[4], "--exclude", wasm::PACKAGES[5],
];
const BLACKBOX: &str = "interaction-tests";
/// How many of its tests run at a time: what they mostly do is wait.
const BLACKBOX_AT_A_TIME: usize = 4;
/// Those of its tests that need components, and how many run at a time: these wait for an adapter to come back.
const WITH_COMPONENTS: &str = "components";
const WITH_COMPONENTS_AT_A_TIME: usize = 6;
const DENY_WARNINGS: [&str; 3] = ["--", "-D", "warnings"];
/// Tells black-box tests and load benchmarks where the server is.
pub(crate) const SERVER_VARIABLE: &str = "SERVER_UNDER_TEST";

const fn short(
    name: &'static str,
    about: &'static str,
    needs: &'static [&'static str],
    run: fn(&Context<'_>) -> Result<Outcome>,
) -> Stage {
    Stage { name, about, needs, is_long: false, run }
}

fn fmt(context: &Context<'_>) -> Result<Outcome> {
    let mut cargo = command::cargo(context.workspace);
    command::run(cargo.args(["fmt", "--all", "--check"]))?;
    passed("")
}

/// Each half as it is built later, so that macros and what they are made of are compiled once for both.
fn clippy(context: &Context<'_>) -> Result<Outcome> {
    let mut cargo = command::cargo(context.workspace);
    cargo.args(["clippy", "--quiet", "--profile", "ci"]).args(SELECTION).arg("--all-targets");
    command::run(cargo.args(DENY_WARNINGS))?;
    command::run(wasm::clippy(context.workspace)?.args(DENY_WARNINGS))?;
    passed("")
}

fn build(context: &Context<'_>) -> Result<Outcome> {
    let mut cargo = command::cargo(context.workspace);
    cargo.args(["build", "--quiet", "--profile", "ci"]).args(SELECTION);
    command::run(cargo.args(["--lib", "--bins", "--tests"]))?;
    let server = context.workspace.binary("ci", SERVER);
    if !server.is_file() {
        bail!("the build made no {}", server.display());
    }
    passed("")
}

/// The server alone, as the tests run it.
pub(crate) fn build_server(workspace: &Workspace) -> Result<()> {
    let mut cargo = command::cargo(workspace);
    cargo.args(["build", "--quiet", "--profile", "ci"]).args(SELECTION);
    command::run(cargo.args(["--bin", SERVER]))
}

fn units(context: &Context<'_>) -> Result<Outcome> {
    let mut targets = vec!["--lib", "--bins"];
    for (package, target) in context.workspace.targets("test") {
        if package.name != BLACKBOX && package.name != targets::PACKAGE {
            targets.extend(["--test", &target.name]);
        }
    }
    let counted = run_tests(context, &targets)?;

    let mut cargo = command::cargo(context.workspace);
    cargo.args(["test", "--quiet", "--profile", "ci"]).args(SELECTION);
    command::run(cargo.arg("--doc"))?;
    passed(&counted)
}

fn blackbox(context: &Context<'_>) -> Result<Outcome> {
    let mut targets = Vec::new();
    for (package, target) in context.workspace.targets("test") {
        if package.name == BLACKBOX && target.name != WITH_COMPONENTS {
            targets.extend(["--test", &target.name]);
        }
    }
    if targets.is_empty() {
        let what = format!("{BLACKBOX} has no test files yet");
        return Ok(Outcome::NothingToDo(what));
    }
    install::postgresql()?;
    passed(&run_tests_with(context, &targets, &at_a_time(BLACKBOX_AT_A_TIME))?)
}

/// Histories of so many steps, twenty times as many of them with `--long`; what can occur must occur in them.
fn world(context: &Context<'_>) -> Result<Outcome> {
    let histories = if context.is_long { 20_000 } else { 1_000 };
    let mut world = std::process::Command::new(context.workspace.binary("ci", "interaction-world"));
    world.args(["--histories", &histories.to_string(), "--steps", "500", "--complete"]);
    command::run(world.current_dir(&context.workspace.root))?;
    passed(&format!("{histories} histories"))
}

/// The server is built anew with its feature, so that this stage is the last one.
fn odbc(context: &Context<'_>) -> Result<Outcome> {
    install::odbc()?;
    install::postgresql()?;
    let mut cargo = command::cargo(context.workspace);
    cargo.args(["build", "--quiet", "--profile", "ci", "--package", "interaction-host", "--features", "odbc"]);
    command::run(&mut cargo)?;
    let server = context.workspace.binary("ci", SERVER);
    let mut tests = command::cargo(context.workspace);
    tests.env(SERVER_VARIABLE, server).args(["test", "--profile", "ci"]).args(SELECTION);
    command::run(tests.args(["--test", "blackbox", "history::", "--", "--include-ignored"]))?;
    passed("")
}

fn wasm_modules(context: &Context<'_>) -> Result<Outcome> {
    wasm::build_all(context.workspace)?;
    passed("")
}

fn plugins(context: &Context<'_>) -> Result<Outcome> {
    let components = [("INTERACTION_COMPONENTS", wasm::components(context.workspace))];
    let variables = [&components[..], &at_a_time(WITH_COMPONENTS_AT_A_TIME)].concat();
    passed(&run_tests_with(context, &["--test", WITH_COMPONENTS], &variables)?)
}

/// Tells either test runner how many tests run at a time.
fn at_a_time(tests: usize) -> [(&'static str, PathBuf); 2] {
    ["NEXTEST_TEST_THREADS", "RUST_TEST_THREADS"].map(|variable| (variable, tests.to_string().into()))
}

/// Runs the tests of some targets and says how many there were.
fn run_tests(context: &Context<'_>, targets: &[&str]) -> Result<String> {
    run_tests_with(context, targets, &[])
}

/// The same, telling the tests more by their environment.
pub(crate) fn run_tests_with(context: &Context<'_>, targets: &[&str], variables: &[(&str, PathBuf)]) -> Result<String> {
    let server = context.workspace.binary("ci", SERVER);
    let mut tally = Tally::default();
    let mut cargo = test_command(context.workspace, &server);
    cargo.envs(variables.iter().map(|(name, value)| (name, value)));
    cargo.args(SELECTION).args(targets).arg("--no-fail-fast");
    command::run_seeing(&mut cargo, |line| tally.see(line))?;
    if tally.passed == 0 {
        bail!("no test ran");
    }
    Ok(tally.to_string())
}

fn test_command(workspace: &Workspace, server: &Path) -> std::process::Command {
    let mut cargo = command::cargo(workspace);
    cargo.env(SERVER_VARIABLE, server);
    if command::is_installed("cargo-nextest") {
        cargo.args(["nextest", "run", "--cargo-quiet", "--cargo-profile", "ci"]);
        cargo.args(["--status-level", "slow"]);
    } else {
        cargo.args(["test", "--profile", "ci"]);
    }
    cargo
}

fn passed(what: &str) -> Result<Outcome> {
    Ok(Outcome::Passed(what.to_owned()))
}

/// Counts the tests from the closing lines of either test runner.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    passed: u64,
    failed: u64,
    skipped: u64,
}

impl Tally {
    fn see(&mut self, line: &str) {
        let line = line.trim_start();
        let counts = if line.starts_with("test result: ") {
            line
        } else if line.starts_with("Summary [") && line.contains("run: ") {
            line.split("run: ").nth(1).unwrap_or_default()
        } else {
            return;
        };
        let words: Vec<&str> = counts.split([' ', ';', ',', '.']).filter(|w| !w.is_empty()).collect();
        for pair in words.windows(2) {
            let [number, what] = pair else { continue };
            let Ok(number) = number.parse::<u64>() else { continue };
            match *what {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" | "skipped" => self.skipped += number,
                _ => {}
            }
        }
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} tests passed", self.passed)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_need_is_a_stage_that_stands_before() {
        for (at, stage) in STAGES.iter().enumerate() {
            for need in stage.needs {
                let found = STAGES[..at].iter().any(|earlier| earlier.name == *need);
                assert!(found, "{} needs {need}, which does not stand before it", stage.name);
            }
        }
    }

    #[test]
    fn tests_are_counted_from_either_runner() {
        let mut tally = Tally::default();
        tally.see("test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.02s");
        tally.see("test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out");
        assert_eq!(tally, Tally { passed: 15, failed: 2, skipped: 1 });

        let mut tally = Tally::default();
        tally.see("     Summary [   0.023s] 7 tests run: 6 passed (1 slow), 1 failed, 4 skipped");
        tally.see("test engine::tests::result: 9 passed ... ok");
        assert_eq!(tally, Tally { passed: 6, failed: 1, skipped: 4 });
    }
}

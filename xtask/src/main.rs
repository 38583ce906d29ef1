//! The project's own tasks, run as `cargo xtask COMMAND` from anywhere inside the repository.
//! This file routes; each command lives in a file of its own.

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

mod bench;
mod command;
mod demo;
mod deny;
mod embedding;
mod fuzz;
mod install;
mod npm;
mod pages;
mod plugin_kit;
mod purity;
mod readme;
mod reproducible;
mod schema;
mod stages;
mod targets;
mod test;
mod wasm;
mod workspace;

use workspace::Workspace;

/// Tasks of the interaction processor.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Build the server in release and run its demonstration
    Demo(demo::Args),
    /// Run every check and test, stage by stage, and say how long each took
    Test(test::Args),
    /// Run a benchmark by name, or list them
    Bench(bench::Args),
    /// Run one target of tests/fuzz under libFuzzer
    Fuzz(fuzz::Args),
    /// Run what CI runs: `cargo xtask test`, nothing else
    Ci,
    /// Write the JSON Schema of the protocol's messages into docs/schema
    Schema,
    /// Build the engine for Node and browsers, into target/wasm
    BuildWasm,
    /// Build the server's pages, into host/web/dist, with all they are made of
    BuildPages,
    /// Take the pictures of the server's pages, from a server that runs them
    Screenshots,
    /// Build the engine and the adapters as WebAssembly components, into target/components
    BuildComponents,
    /// Build a CTI adapter of your own as a plugin: see wasm/plugin-guide.md
    BuildPlugin {
        /// The folder of its package
        folder: std::path::PathBuf,
        /// The component to write
        out: std::path::PathBuf,
    },
}

fn main() -> ExitCode {
    match run(Cli::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> anyhow::Result<()> {
    let workspace = Workspace::load()?;
    match task {
        Task::Demo(args) => demo::run(&workspace, &args),
        Task::Test(args) => test::run(&workspace, &args),
        Task::Bench(args) => bench::run(&workspace, &args),
        Task::Fuzz(args) => fuzz::run(&workspace, &args),
        Task::Ci => test::run(&workspace, &test::Args::default()),
        Task::Schema => schema::write(&workspace),
        Task::BuildWasm => wasm::build_wasm(&workspace),
        Task::BuildPages => pages::build(&workspace),
        Task::Screenshots => pages::screenshots(&workspace),
        Task::BuildComponents => wasm::build_components(&workspace),
        Task::BuildPlugin { folder, out } => wasm::build_plugin(&workspace, &folder, &out),
    }
}

/// The first two lines of the failure, where `words` are not a command this program would accept.
fn refusal(words: &[String]) -> Option<String> {
    use clap::error::ErrorKind::{DisplayHelp, DisplayVersion};
    let named = std::iter::once("cargo xtask".to_owned()).chain(words.iter().cloned());
    match Cli::command().try_get_matches_from(named) {
        Ok(_) => None,
        Err(shown) if matches!(shown.kind(), DisplayHelp | DisplayVersion) => None,
        Err(error) => {
            let text = error.to_string();
            Some(text.lines().next().unwrap_or_default().to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::{Cli, refusal};

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn documented_commands_are_told_from_invented_ones() {
        assert_eq!(refusal(&words("test --long --only fmt")), None);
        assert_eq!(refusal(&words("demo --agents 3")), None);
        assert!(refusal(&words("test --only nonsense")).is_some());
        assert!(refusal(&words("deploy")).is_some());
    }
}

//! The command line.

mod audit;
mod client;
mod cti;
mod desk;
mod journey;
mod people;
mod plugin;
mod replay;
mod serve;
mod token;
mod uccx_sim;
mod watch;

use std::fmt;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Where `demo` listens, and where the other commands look for a server.
const URL: &str = "ws://127.0.0.1:8430/v1/ws";

/// The interaction processor: the server side of an agent desktop.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, after_help = AFTER_HELP)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "Exit codes: 0 done, 1 it failed, 2 the command line or the configuration is wrong, 3 no server \
                          answers, 4 the server refused, 5 a replay differs, 6 a recording is damaged, 70 a fault of this \
                          program.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a server on a simulated contact centre, on this machine alone
    Demo(serve::DemoArgs),
    /// Run the server
    Serve(serve::ServeArgs),
    /// Show the teams of an agent or a supervisor, live
    Watch(watch::Args),
    /// Sign an agent in and take calls, on a terminal or by a script
    Desk(desk::Args),
    /// Show the way a call took, or the calls there were
    Journey(journey::Args),
    /// Show who signed in, was refused, took over and left
    Audit(audit::Args),
    /// Repeat what `--record` recorded, and say whether the same comes out; print, cut or redact it
    Replay(replay::Args),
    /// Read, write, record and check the CTI protocol of UCCX
    Cti(cti::Args),
    /// Draw a bearer token for a server that asks for tokens
    #[command(subcommand)]
    Token(token::Command),
    /// Run a simulated UCCX, a CTI server of one or two nodes, to try clients against
    UccxSim(uccx_sim::Args),
    /// Look into a plugin, and try it without a server
    #[command(subcommand)]
    Plugin(plugin::Command),
    /// Check a configuration, and show what it comes to
    CheckConfig(serve::CheckArgs),
}

/// Why a command failed, with what to do about it.
#[derive(Debug)]
pub(crate) struct Failed {
    code: u8,
    message: String,
}

impl Failed {
    /// It failed.
    fn new(message: impl fmt::Display) -> Self {
        Self { code: 1, message: message.to_string() }
    }

    /// The command line or the configuration is wrong.
    fn usage(message: impl fmt::Display) -> Self {
        Self { code: 2, message: message.to_string() }
    }

    /// No server answers.
    fn no_server(url: &str, why: impl fmt::Display) -> Self {
        let message =
            format!("no server at {url} ({why}). Start one with `interaction-processor demo`, or name one with --url");
        Self { code: 3, message }
    }

    /// Nothing answers where a platform should.
    fn unreachable(message: impl fmt::Display) -> Self {
        Self { code: 3, message: message.to_string() }
    }

    /// The server refused.
    fn refused(message: impl fmt::Display) -> Self {
        Self { code: 4, message: message.to_string() }
    }

    /// A replay does not come to what was recorded.
    fn differs(message: impl fmt::Display) -> Self {
        Self { code: 5, message: message.to_string() }
    }

    /// A recording cannot be read to its end.
    fn damaged(message: impl fmt::Display) -> Self {
        Self { code: 6, message: message.to_string() }
    }

    /// A fault of this program.
    fn fault(message: impl fmt::Display) -> Self {
        Self { code: 70, message: message.to_string() }
    }
}

/// Reads the command line and does what it says.
pub(crate) fn run() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Demo(args) => serve::demo(&args),
        Command::Serve(args) => serve::serve(&args),
        Command::Watch(args) => client::block_on(watch::run(args)),
        Command::Desk(args) => client::block_on(desk::run(args)),
        Command::Journey(args) => client::block_on(journey::run(args)),
        Command::Audit(args) => client::block_on(audit::run(args)),
        Command::Replay(args) => replay::run(&args),
        Command::Cti(args) => cti::run(args),
        Command::Token(command) => token::run(command),
        Command::UccxSim(args) => client::block_on(uccx_sim::run(args)),
        Command::Plugin(command) => plugin::run(command),
        Command::CheckConfig(args) => serve::check(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            eprintln!("interaction-processor: {}", failed.message);
            ExitCode::from(failed.code)
        }
    }
}

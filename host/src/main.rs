//! The interaction processor's server: sockets, store and telephony around the engine of `interaction-core`, which does no
//! I/O itself. One task owns the engine ([`engine_loop`]); everything else reaches it as a [`happening`].

mod cli;
mod clock;
mod config;
mod effects;
mod engine_loop;
mod exchange;
mod finesse;
mod happening;
mod history;
mod http;
mod logging;
mod machine;
mod metrics;
mod platform;
mod plugins;
mod recording;
mod replacing;
mod scenario;
mod server;
mod socket;
mod store;
mod switches;
mod tokens;
mod uccx_sim;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}

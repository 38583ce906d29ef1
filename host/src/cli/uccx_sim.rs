//! `uccx-sim`: a CTI server of UCCX to try clients against.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args as ClapArgs;
use interaction_core::cti::uccx::codec::{Width, Widths};
use interaction_core::cti::uccx::sim::{SimConfig, UccxSim};
use interaction_core::secret::Secret;
use serde_json::json;
use tokio::net::TcpListener;

use super::{Failed, people};
use crate::clock::Clock;
use crate::scenario;
use crate::uccx_sim::{Listeners, Stop, serve};

/// `interaction-processor uccx-sim`
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// The simulated contact centre: `small`, `large` or a scenario file, which may hold failures at set times
    #[arg(long, default_value = "small")]
    scenario: String,
    /// Where the first node listens, which is the master (port 0 takes a free one)
    #[arg(long, default_value = "127.0.0.1:12028", value_name = "ADDRESS")]
    listen: String,
    /// Where the second node listens, which stands by; without it there is one node
    #[arg(long, value_name = "ADDRESS")]
    standby: Option<String>,
    /// Where commands are taken, a line each, as from standard input
    #[arg(long, value_name = "ADDRESS")]
    admin: Option<String>,
    /// What the simulated world's chances are drawn from: the same seed, the same day
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many times faster than life the simulated world runs
    #[arg(long, default_value_t = 1, value_name = "N")]
    speed: u32,
    /// A file with the ClientPassword every client must give; without it any is taken
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Bytes of a field's tag, 1 or 2, instead of those of the client's version
    #[arg(long, value_name = "BYTES", requires = "length_width", value_parser = clap::value_parser!(u8).range(1..=2))]
    tag_width: Option<u8>,
    /// Bytes of a field's length, 1 or 2, instead of those of the client's version
    #[arg(long, value_name = "BYTES", requires = "tag_width", value_parser = clap::value_parser!(u8).range(1..=2))]
    length_width: Option<u8>,
    /// The highest protocol version that is spoken, 10 to 18
    #[arg(long, default_value_t = 18, value_name = "VERSION")]
    max_version: u32,
    /// Grant no control of agents and calls in bridge mode, so that it takes a session for each agent
    #[arg(long)]
    no_bridge_control: bool,
    /// Tell every agent's state with its reason when a client in bridge mode reads the teams, as no public page says of UCCX
    #[arg(long)]
    tell_states: bool,
}

/// Runs it until a signal to stop.
pub(super) async fn run(args: Args) -> Result<(), Failed> {
    let (mut scenario, faults) = scenario::load_with_failures(&args.scenario).map_err(Failed::usage)?;
    scenario.speed = scenario.speed.saturating_mul(args.speed);
    let width = |bytes| if bytes == 1 { Width::One } else { Width::Two };
    let widths = args.tag_width.zip(args.length_width);
    let config = SimConfig {
        nodes: if args.standby.is_some() { 2 } else { 1 },
        version_max: args.max_version,
        widths: widths.map(|(tag, length)| Widths { tag: width(tag), length: width(length) }),
        bridge_control: !args.no_bridge_control,
        states_told: args.tell_states,
        client_password: args.password_file.map(password).transpose()?,
        faults,
        ..SimConfig::default()
    };
    let mut nodes = vec![bind("--listen", &args.listen).await?];
    if let Some(address) = &args.standby {
        nodes.push(bind("--standby", address).await?);
    }
    let admin = match &args.admin {
        Some(address) => Some(bind("--admin", address).await?),
        None => None,
    };
    let stop = Stop::listen().map_err(|error| Failed::new(format!("signals cannot be received: {error}")))?;
    let clock = Clock::start();
    let sim = UccxSim::new(scenario, args.seed, config, clock.now()).map_err(Failed::usage)?;
    let places: Vec<String> = nodes.iter().filter_map(place).collect();
    let applications: serde_json::Map<_, _> =
        sim.applications().map(|(id, name)| (id.to_string(), name.into())).collect();
    let first = json!({
        "nodes": places,
        "admin": admin.as_ref().and_then(place),
        "scenario": args.scenario,
        "seed": args.seed,
        "applications": applications,
    });
    print(&first.to_string());
    let listeners = Listeners { nodes, admin };
    serve(sim, clock, listeners, stop, |now, text| {
        print(&format!("{} {}", people::time_of_day(now.as_millis()), people::plain(text)));
    })
    .await;
    Ok(())
}

fn place(listener: &TcpListener) -> Option<String> {
    listener.local_addr().ok().map(|address| address.to_string())
}

/// Whoever reads this may have gone.
fn print(line: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

async fn bind(flag: &str, address: &str) -> Result<TcpListener, Failed> {
    TcpListener::bind(address).await.map_err(|error| {
        Failed::new(format!("cannot listen on {address} ({flag}): {error}; give another address, such as 127.0.0.1:0"))
    })
}

/// The first line of a file is the password.
fn password(file: PathBuf) -> Result<Secret, Failed> {
    let text = std::fs::read_to_string(&file)
        .map_err(|error| Failed::usage(format!("cannot read --password-file {}: {error}", file.display())))?;
    let text = Secret::new(text);
    let line = text.expose().lines().next().unwrap_or_default();
    Ok(Secret::new(line.to_owned()))
}

//! `demo`, `serve` and `check-config`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use interaction_core::cti::simulator::People;
use interaction_core::journal::Keeps;
use toml::Value;

use super::Failed;
use crate::config::{self, CtiKind, EngineKind, Settings};
use crate::recording::RecordTo;
use crate::server::{Listening, Server, ServerError};
use crate::{logging, platform, plugins, replacing, scenario};

/// `interaction-processor demo`
#[derive(Debug, Args)]
pub(super) struct DemoArgs {
    /// Port on 127.0.0.1 (0 takes a free one)
    #[arg(long, default_value_t = 8430)]
    port: u16,
    /// Keep calls and the audit trail in this directory, made if missing, instead of in memory
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// The simulated contact centre: `small`, `large` or a scenario file
    #[arg(long, default_value = "small")]
    scenario: String,
    /// How many times faster than life the simulated world runs
    #[arg(long, default_value_t = 1, value_name = "N")]
    speed: u32,
    /// What the simulated world's chances are drawn from: the same seed, the same day
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    record: RecordArgs,
}

/// `interaction-processor serve`
#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    /// The configuration file; without one the defaults and the environment count
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Port, instead of `listen.port`
    #[arg(long)]
    port: Option<u16>,
    #[command(flatten)]
    record: RecordArgs,
}

/// What is recorded.
#[derive(Debug, Args)]
struct RecordArgs {
    /// Record everything that happens to a new file, for `replay`: names, numbers and call data, but no passwords, tokens and keys
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Record in full what comes out, not only what it takes to see that it differs
    #[arg(long, requires = "record")]
    record_outputs: bool,
    /// End the recording when the file has so many bytes; without it the disk is the bound
    #[arg(long, requires = "record", value_name = "BYTES", value_parser = clap::value_parser!(u64).range(65_536..))]
    record_bytes_max: Option<u64>,
}

impl RecordArgs {
    fn to(&self) -> Option<RecordTo> {
        let keeps = if self.record_outputs { Keeps::Outputs } else { Keeps::Digests };
        let bytes_max = self.record_bytes_max.unwrap_or(0);
        self.record.as_ref().map(|file| RecordTo { file: file.clone(), keeps, bytes_max })
    }
}

/// `interaction-processor check-config`
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// The configuration file; without one the defaults and the environment count
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Runs the demonstration. It reads no configuration but its flags, so that it is the same everywhere.
pub(super) fn demo(args: &DemoArgs) -> Result<(), Failed> {
    let mut flags = vec![
        ("listen.port", "--port", Value::Integer(args.port.into())),
        ("cti.scenario", "--scenario", Value::String(args.scenario.clone())),
        ("cti.speed", "--speed", Value::Integer(args.speed.into())),
        ("cti.seed", "--seed", seed(args.seed)?),
        ("server.instance", "demo", Value::String("demo".into())),
        ("server.domain", "demo", Value::String("demo".into())),
        ("server.shutdown-grace-ms", "demo", Value::Integer(300)),
        ("log.level", "demo", Value::String("warn".into())),
    ];
    match &args.data_dir {
        Some(directory) => {
            let path = directory.to_str().ok_or_else(|| Failed::usage("--data-dir must be UTF-8"))?;
            flags.push(("server.data-dir", "--data-dir", Value::String(path.to_owned())));
        }
        None => flags.push(("store.kind", "demo", Value::String("memory".into()))),
    }
    let settings = config::load(None, [], flags).map_err(Failed::usage)?;
    logging::start(&settings.log);
    runtime()?.block_on(async {
        let server = Server::start(&settings, Listening::WhenReady, args.record.to().as_ref()).await.map_err(failed)?;
        // Whoever reads this may have gone.
        let _ = greet(&mut io::stdout().lock(), &server, &settings);
        // Its flags cannot change.
        server.run(|| Ok(settings.clone())).await.map_err(failed)
    })
}

/// TOML's whole numbers end at 2^63.
fn seed(seed: u64) -> Result<Value, Failed> {
    let seed = i64::try_from(seed).map_err(|_| Failed::usage("--seed must be below 2^63"))?;
    Ok(Value::Integer(seed))
}

fn greet(out: &mut impl Write, server: &Server, settings: &Settings) -> io::Result<()> {
    let address = server.address();
    let url = format!("ws://{address}/v1/ws");
    let program = program();
    let world = scenario::load(&settings.cti.scenario).ok();
    let agent = world.as_ref().map_or(String::new(), |world| overseer(&world.people).to_string());
    let url_flag = if url == super::URL { String::new() } else { format!(" --url {url}") };
    writeln!(out, "The interaction processor runs on a simulated contact centre.")?;
    writeln!(out)?;
    if let Some(world) = &world {
        writeln!(
            out,
            "  world      {}: {} agents in {} teams",
            if world.name.is_empty() { &settings.cti.scenario } else { &world.name },
            world.people.agents,
            world.teams.count
        )?;
    }
    writeln!(out, "  wallboard  http://{address}/wallboard?agent={agent}")?;
    writeln!(out, "  journeys   http://{address}/journey")?;
    writeln!(out, "  desktop    http://{address}/desktop")?;
    if let Some(world) = &world {
        writeln!(out, "             {}; everybody's password is the id", who_signs_in(&world.people))?;
    }
    writeln!(out, "  clients    {url}")?;
    if !crate::http::has_pages() {
        writeln!(out)?;
        writeln!(
            out,
            "The pages are not part of this build: `cargo xtask build-pages` builds them, then build the server again."
        )?;
    }
    writeln!(out)?;
    writeln!(out, "In another terminal:")?;
    writeln!(out, "  {program} watch --agent {agent}{url_flag}")?;
    writeln!(out, "  {program} journey --recent 10{url_flag}")?;
    writeln!(out)?;
    writeln!(out, "Ctrl-C stops it.")?;
    out.flush()
}

/// Who sees most: the first manager, else the first supervisor.
fn overseer(people: &People) -> u32 {
    people.first_supervisor - u32::from(people.managers > 0)
}

/// Which ids there are to sign in with.
fn who_signs_in(people: &People) -> String {
    let all = |first: u32, count: u32| match count {
        1 => first.to_string(),
        _ => format!("{first} to {}", first + count - 1),
    };
    let agents = all(people.first_agent, people.agents);
    let supervisors = all(people.first_supervisor, people.supervisors);
    match (people.supervisors, people.managers) {
        (0, 0) => format!("sign in as an agent, {agents}"),
        (_, 0) => format!("sign in as an agent, {agents}, or a supervisor, {supervisors}"),
        (0, _) => format!("sign in as an agent, {agents}, or the manager, {}", overseer(people)),
        (_, _) => {
            format!("sign in as an agent, {agents}, a supervisor, {supervisors}, or the manager, {}", overseer(people))
        }
    }
}

/// How this program was called, so that what is shown can be copied.
fn program() -> String {
    std::env::args().next().filter(|name| !name.is_empty()).unwrap_or_else(|| "interaction-processor".into())
}

/// Runs the server of a configuration.
pub(super) fn serve(args: &ServeArgs) -> Result<(), Failed> {
    let settings = self::settings(args.config.as_deref(), args.port)?;
    logging::start(&settings.log);
    runtime()?.block_on(async {
        let server = Server::start(&settings, Listening::Soon, args.record.to().as_ref()).await.map_err(failed)?;
        let reload = || self::settings(args.config.as_deref(), args.port).map_err(|failed| failed.message);
        server.run(reload).await.map_err(failed)
    })
}

/// Checks a configuration and prints it in full, defaults included.
pub(super) fn check(args: &CheckArgs) -> Result<(), Failed> {
    let settings = settings(args.config.as_deref(), None)?;
    if settings.cti.kind == CtiKind::Simulator {
        let world = scenario::load(&settings.cti.scenario).map_err(Failed::usage)?;
        world.validate().map_err(Failed::usage)?;
    }
    if matches!(settings.cti.kind, CtiKind::Uccx | CtiKind::Plugin) {
        // Files it names are read too: the component, the password, the certificates.
        platform::choose(&settings.cti, Path::new(&settings.server.data_dir)).map_err(Failed::usage)?;
    }
    if settings.engine.kind == EngineKind::Component {
        let kept = Path::new(&settings.server.data_dir).join(plugins::DIRECTORY);
        replacing::build(&settings.engine, &settings.engine_config(), &kept).map_err(Failed::usage)?;
    }
    let text = toml::to_string_pretty(&settings).map_err(Failed::new)?;
    let _ = io::stdout().write_all(text.as_bytes());
    eprintln!("The configuration is good.");
    Ok(())
}

/// The settings of a file, the environment and a flag.
pub(super) fn settings(file: Option<&Path>, port: Option<u16>) -> Result<Settings, Failed> {
    let flags = port.map(|port| ("listen.port", "--port", Value::Integer(port.into()))).into_iter().collect();
    config::load(file, std::env::vars(), flags).map_err(Failed::usage)
}

fn runtime() -> Result<tokio::runtime::Runtime, Failed> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failed::new(format!("cannot start threads: {error}")))
}

fn failed(error: ServerError) -> Failed {
    match error {
        ServerError::Start(_) => Failed::new(error),
        ServerError::Fault => Failed::fault(error),
    }
}

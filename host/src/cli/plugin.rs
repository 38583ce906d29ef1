//! `plugin`: tools for whoever writes or runs a CTI adapter that is a WebAssembly component.

mod live;
mod script;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Subcommand};
use toml::Table;

use super::Failed;
use super::client::block_on;
use crate::config::PluginSettings;
use crate::plugins::{self, Bounds, CALL_MS, Digest, Given, MEMORY_BYTES, Metering, Plugin, Runtime, World};

/// `interaction-processor plugin`
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Show what a component is, what it asks for, and what to write into the configuration for it
    ///
    /// Exit codes: 0 this server runs it; 1 it cannot be read, or this server does not run it; why is said; 2 the command line is
    /// wrong.
    #[command(verbatim_doc_comment)]
    Inspect(InspectArgs),
    /// Run a CTI adapter without a server, and print what it tells
    ///
    /// It is run as a server runs it, under the same bounds and grants. Each event is a line of JSON as `docs/cti-jsonl.md` lists
    /// them. Commands are read from standard input, a line each, as that page lists them. With --script everything that happens to it is read
    /// from a file instead, at the times that stand there: the same lines give the same answers, on every machine. `docs/plugins.md`
    /// says what stands in a script.
    ///
    /// Exit codes: 0 it ran until the script or the time was over; 1 it failed; how is said; 2 the command line is wrong.
    #[command(verbatim_doc_comment)]
    Run(RunArgs),
}

/// `interaction-processor plugin inspect`
#[derive(Debug, Args)]
pub(super) struct InspectArgs {
    /// The component
    file: PathBuf,
}

/// `interaction-processor plugin run`
#[derive(Debug, Args)]
pub(super) struct RunArgs {
    /// The component
    file: String,
    /// Its configuration, a JSON object
    #[arg(long, default_value = "{}", value_name = "JSON")]
    config: String,
    /// Where it may connect to, `host:port`; may be repeated
    #[arg(long, value_name = "ADDRESS")]
    connect: Vec<String>,
    /// Where its platform connects to, instead
    #[arg(long, default_value = "", value_name = "ADDRESS", hide_default_value = true)]
    listen: String,
    /// A secret it is told, `name=file:PATH` or `name=env:VARIABLE`; may be repeated
    #[arg(long, value_name = "SECRET")]
    secret: Vec<String>,
    /// What it may hold in its memory
    #[arg(long, default_value_t = MEMORY_BYTES, value_name = "BYTES")]
    memory_bytes: u32,
    /// How long one call of it may take
    #[arg(long, default_value_t = CALL_MS, value_name = "MS")]
    call_ms: u32,
    /// Read what happens to it from this file, `-` for standard input
    #[arg(long, value_name = "FILE")]
    script: Option<PathBuf>,
    /// What it draws on instead of entropy, with --script
    #[arg(long, default_value_t = 1, requires = "script")]
    seed: u64,
    /// End after so long; without it when standard input ends, or by Ctrl-C
    #[arg(long, value_name = "S", conflicts_with = "script")]
    seconds: Option<u64>,
}

/// Runs the command.
pub(super) fn run(command: Command) -> Result<(), Failed> {
    match command {
        Command::Inspect(args) => inspect(&args.file),
        Command::Run(args) => {
            let settings = settings(&args)?;
            match args.script {
                Some(script) => script::run(&settings, &script, args.seed),
                None => block_on(live::run(settings, args.seconds)),
            }
        }
    }
}

fn settings(args: &RunArgs) -> Result<PluginSettings, Failed> {
    let config: Table =
        serde_json::from_str(&args.config).map_err(|error| Failed::usage(format!("--config: {error}")))?;
    let settings = PluginSettings {
        file: args.file.clone(),
        sha256: String::new(),
        connect: args.connect.clone(),
        listen: args.listen.clone(),
        secrets: args.secret.clone(),
        memory_bytes: args.memory_bytes,
        call_ms: args.call_ms,
        config,
    };
    settings.check().map_err(|(key, what)| Failed::usage(format!("{}: {what}", flag(&key))))?;
    Ok(settings)
}

/// The flag that stands for a key of the configuration.
fn flag(key: &str) -> String {
    match key.trim_start_matches("cti.plugin.") {
        "secrets" => "--secret".to_owned(),
        "file" => "FILE".to_owned(),
        key => format!("--{key}"),
    }
}

fn inspect(file: &Path) -> Result<(), Failed> {
    let fail = |what: &dyn std::fmt::Display| Failed::new(format!("{}: {what}", file.display()));
    let bytes = plugins::read(file).map_err(|error| fail(&error))?;
    let digest = Digest::of(&bytes);
    println!("file      {}", file.display());
    println!("size      {} bytes", bytes.len());
    println!("sha256    {digest}");
    let found = plugins::inspect(&bytes).map_err(|what| fail(&what))?;
    let world = found.world();
    if let Ok((world, version)) = &world {
        println!("world     {world}, version {version} of the interface");
    }
    let or_nothing = |names: Vec<&str>| if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
    println!("imports   {}", or_nothing(found.wants()));
    println!("exports   {}", or_nothing(found.exports.iter().map(String::as_str).collect()));
    println!("memory    {} bytes at the start, in {} modules", found.memory_bytes, found.modules);
    let (world, _) = world.map_err(|what| fail(&what))?;
    let runtime = Runtime::new(Metering::Fuel).map_err(Failed::new)?;
    let loaded = plugins::load(&runtime, file, &digest.to_string(), world, None).map_err(|error| fail(&error))?;
    match world {
        World::CtiAdapter => {
            let bounds =
                Bounds { memory_bytes: MEMORY_BYTES as usize, call_within: Duration::from_millis(CALL_MS.into()) };
            let plugin = Plugin::new(&runtime, &loaded, bounds, Given::default()).map_err(|error| fail(&error))?;
            let about = plugin.about().map_err(|failure| fail(&failure))?;
            println!("adapter   {} {}", about.name, about.version);
            println!("secrets   {}", or_nothing(about.secrets.iter().map(String::as_str).collect()));
            println!("\nFor the configuration:\n\n{}", section(file, &digest, &about.secrets));
        }
        World::Engine => {}
    }
    Ok(())
}

/// What to write into the configuration for it.
fn section(file: &Path, digest: &Digest, secrets: &[String]) -> String {
    let mut text = format!("[cti]\nkind = \"plugin\"\n\n[cti.plugin]\nfile = {file:?}\nsha256 = \"{digest}\"\n");
    text.push_str("connect = []  # where it may connect to, such as \"cti.example.com:12028\"\n");
    let grants: Vec<String> = secrets.iter().map(|name| format!("\"{name}=file:{name}\"")).collect();
    // Writing to a text does not fail.
    let _ = write!(text, "secrets = [{}]\n\n[cti.plugin.config]\n", grants.join(", "));
    text
}

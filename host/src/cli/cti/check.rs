//! `cti check`: what a UCCX says of itself, and what will not work with it.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args as ClapArgs;
use interaction_core::cti::Event;
use interaction_core::cti::uccx::codec::messages::LAYOUTS;
use interaction_core::cti::uccx::codec::names::{services, tags};
use interaction_core::cti::uccx::{Diagnostics, NodeRole, Phase, UccxAdapter, UccxConfig};
use interaction_core::secret::Secret;
use serde_json::{Value, json};

use super::live::{Live, Seen};
use super::{Failed, unless_nobody_reads};
use crate::cli::people::plain;
use crate::cli::serve::settings;
use crate::clock::Clock;
use crate::config::Credentials;
use crate::finesse::Finesse;
use crate::platform::uccx;

/// Teams named; more are counted.
const TEAMS_SHOWN: usize = 20;

/// `interaction-processor cti check`
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// The configuration file of the server
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// How long each node may take to open a session and to tell everything, in seconds
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=600))]
    timeout: u32,
    /// How long to listen then, for messages and fields that are not known, in seconds
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(0..=86_400))]
    listen: u32,
    /// One JSON object, and nothing else
    #[arg(long)]
    json: bool,
}

/// What was found at one node.
struct Found {
    diagnostics: Diagnostics,
    address: String,
    served: bool,
    /// The teams it told, with how many members each has.
    teams: BTreeMap<String, usize>,
}

/// Asks each node, and Finesse, and prints what they say.
pub(super) async fn run(args: Args) -> Result<(), Failed> {
    let settings = settings(args.config.as_deref(), None)?.cti.uccx;
    let (config, password) = uccx::read(&settings).map_err(Failed::usage)?;
    let finesse = match settings.credentials {
        Credentials::Finesse => Some(Finesse::new(&settings).map_err(Failed::usage)?),
        Credentials::Cti => None,
    };
    let mut found = Vec::new();
    for node in &config.nodes {
        let config = UccxConfig { nodes: vec![node.clone()], ..config.clone() };
        found.push(ask(&config, password.as_ref(), &args).await);
    }
    let finesse = match &finesse {
        Some(finesse) => finesse.states().await,
        None => Vec::new(),
    };
    let wrong = will_not_work(&found, &finesse, &config, settings.credentials);
    let mut out = io::stdout().lock();
    let printed = if args.json {
        let nodes: Vec<Value> = found.iter().map(as_json).collect();
        let finesse: Vec<Value> = finesse
            .iter()
            .map(|(address, state)| match state {
                Ok(state) => json!({"address": address, "state": state}),
                Err(why) => json!({"address": address, "error": why}),
            })
            .collect();
        writeln!(out, "{}", json!({"nodes": nodes, "finesse": finesse, "willNotWork": wrong}))
    } else {
        print(&mut out, &found, &finesse, &wrong)
    };
    unless_nobody_reads(printed.and_then(|()| out.flush()))?;
    if found.iter().any(|found| found.served) {
        return Ok(());
    }
    let answered = found.iter().any(|found| role(found) != NodeRole::Unreachable);
    let why = "no node serves: see above what each says";
    Err(if answered { Failed::refused(why) } else { Failed::unreachable(why) })
}

/// Runs the adapter on one node until that serves and was listened to, says no, or takes too long.
async fn ask(config: &UccxConfig, password: Option<&Secret>, args: &Args) -> Found {
    let clock = Clock::start();
    let mut live = Live::new(config, password, uccx::seed(), clock, clock.now());
    let mut end = clock.now() + Duration::from_secs(args.timeout.into());
    let (mut teams, mut served) = (BTreeMap::new(), false);
    while clock.now() < end {
        let mut see = |_, _: &UccxAdapter, seen: Seen<'_>| {
            if let Seen::Told(Event::Team(team)) = seen {
                teams.insert(team.name.to_string(), team.members.len());
            }
        };
        live.step(end, &mut see).await;
        let diagnostics = live.adapter.diagnostics();
        if diagnostics.phase == Phase::InService && !served {
            served = true;
            end = clock.now() + Duration::from_secs(args.listen.into());
        }
        let role = diagnostics.nodes.first().map(|node| node.role);
        if !served && matches!(role, Some(NodeRole::Standby | NodeRole::Unreachable)) {
            break;
        }
    }
    let address = config.nodes.first().map(ToString::to_string).unwrap_or_default();
    Found { diagnostics: live.adapter.diagnostics(), address, served, teams }
}

fn role(found: &Found) -> NodeRole {
    found.diagnostics.nodes.first().map_or(NodeRole::Unknown, |node| node.role)
}

const fn role_name(role: NodeRole) -> &'static str {
    match role {
        NodeRole::Unknown => "unknown",
        NodeRole::Master => "master",
        NodeRole::Standby => "standby",
        NodeRole::Unreachable => "unreachable",
    }
}

fn widths(diagnostics: &Diagnostics) -> Option<String> {
    diagnostics.widths.map(|widths| format!("{}+{}", widths.tag.bytes(), widths.length.bytes()))
}

/// Unknown messages and fields, for people.
fn unknown(diagnostics: &Diagnostics) -> Vec<String> {
    let name = |id: u32| LAYOUTS.iter().find(|layout| layout.id == Some(id)).map_or("UNKNOWN", |layout| layout.name);
    let messages = diagnostics.unknown_messages.iter().map(|(id, count)| format!("message {id}, {count} times"));
    let tag = |((id, tag), count): (&(u32, u16), &u64)| {
        format!("tag {tag} ({}) in {} {id}, {count} times", tags::name(*tag).unwrap_or("UNKNOWN"), name(*id))
    };
    messages.chain(diagnostics.unknown_tags.iter().map(tag)).collect()
}

fn as_json(found: &Found) -> Value {
    let Found { diagnostics, address, served, teams } = found;
    json!({
        "address": address,
        "role": role_name(role(found)),
        "serves": served,
        "online": diagnostics.phase != Phase::Offline,
        "version": diagnostics.version,
        "fieldHeaders": widths(diagnostics),
        "servicesGranted": diagnostics.granted().collect::<Vec<_>>(),
        "servicesMissing": services::names(diagnostics.services_missing).collect::<Vec<_>>(),
        "agents": diagnostics.agents,
        "queues": diagnostics.queues,
        "calls": diagnostics.calls,
        "teams": teams,
        "frames": diagnostics.frames,
        "framesRefused": diagnostics.refused_frames,
        "unknown": unknown(diagnostics),
        "lastError": diagnostics.last_error.as_ref().map(|error| &*error.text),
    })
}

/// What follows from what was found.
fn will_not_work(
    found: &[Found],
    finesse: &[(String, Result<String, String>)],
    config: &UccxConfig,
    credentials: Credentials,
) -> Vec<String> {
    let mut wrong = Vec::new();
    let Some(master) = found.iter().find(|found| found.served) else {
        return vec!["everything: no node serves".to_owned()];
    };
    let missing = master.diagnostics.services_missing;
    let mut lacks = |service: u32, what: &str| {
        if missing & service != 0 {
            wrong.push(what.to_owned());
        }
    };
    if config.agent_sessions_max == 0 {
        lacks(
            services::CLIENT_CONTROL,
            "control of agents and calls: CLIENT_CONTROL is not granted, agents' sessions are off",
        );
        lacks(
            services::CALL_DATA_UPDATE,
            "changing call data: CALL_DATA_UPDATE is not granted, agents' sessions are off",
        );
    }
    lacks(services::SUPERVISOR, "teams and their status: SUPERVISOR is not granted");
    lacks(services::CONFIG_EVENTS, "names of agents and queues: CONFIG_EVENTS is not granted");
    if found.len() < 2 || found.iter().any(|found| !found.served && role(found) != NodeRole::Standby) {
        wrong.push("fail-over: there is no second node that stands by".to_owned());
    }
    if credentials == Credentials::Finesse && finesse.iter().all(|(_, state)| state.is_err()) {
        wrong.push("signing in: no Finesse node answers to check passwords".to_owned());
    }
    if master.diagnostics.refused_frames > 0 {
        wrong.push("what stands in frames that cannot be read: record them with `cti trace`".to_owned());
    }
    wrong.push(
        "recording, refusing an offered call, listening, coaching, barging in: no message is published".to_owned(),
    );
    wrong
}

fn print(
    out: &mut impl Write,
    found: &[Found],
    finesse: &[(String, Result<String, String>)],
    wrong: &[String],
) -> io::Result<()> {
    for found in found {
        print_node(out, found)?;
    }
    for (address, state) in finesse {
        let (Ok(said) | Err(said)) = state;
        writeln!(out, "finesse {address}\n  says        {}", plain(said))?;
    }
    writeln!(out, "Will not work:")?;
    wrong.iter().try_for_each(|line| writeln!(out, "  {line}"))
}

fn print_node(out: &mut impl Write, found: &Found) -> io::Result<()> {
    let Found { diagnostics, address, served, teams } = found;
    writeln!(out, "node {address}")?;
    let mut line = |name: &str, value: &str| writeln!(out, "  {name:<11} {}", plain(value));
    line("role", role_name(role(found)))?;
    if let Some(error) = diagnostics.last_error.as_ref().filter(|_| !served) {
        line("error", &error.text)?;
    }
    if !served {
        return Ok(());
    }
    let version = diagnostics.version.map_or_else(String::new, |version| version.to_string());
    line("version", &format!("{version}, field headers {}", widths(diagnostics).unwrap_or_default()))?;
    line("granted", &diagnostics.granted().collect::<Vec<_>>().join(", "))?;
    if diagnostics.services_missing != 0 {
        line("missing", &services::names(diagnostics.services_missing).collect::<Vec<_>>().join(", "))?;
    }
    let Diagnostics { agents, queues, calls, frames, refused_frames, .. } = diagnostics;
    line("people", &format!("{agents} agents, {queues} queues, {calls} calls"))?;
    let mut named: Vec<String> =
        teams.iter().take(TEAMS_SHOWN).map(|(name, members)| format!("{name} ({members})")).collect();
    if teams.len() > TEAMS_SHOWN {
        named.push(format!("and {} more", teams.len() - TEAMS_SHOWN));
    }
    line("teams", &format!("{}: {}", teams.len(), named.join(", ")))?;
    line("frames", &format!("{frames} read, {refused_frames} not readable"))?;
    for unknown in unknown(diagnostics) {
        line("unknown", &unknown)?;
    }
    Ok(())
}

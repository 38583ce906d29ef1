//! One publisher, many clients: deliveries a second, processor time, lateness and memory of the built server beside those of
//! a bare loop and of other servers, all in one run and read by one client.
//!
//! `cargo xtask bench` does everything and writes `bench/results.md`; `cargo xtask bench fanout` the table alone, with
//! `--quick` within a minute; options follow `--`, such as `cargo xtask bench fanout -- --only processor`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Parser;
use interaction_bench::catalogue::Kind;
use interaction_bench::crowd::Crowd;
use interaction_bench::machine::Machine;
use interaction_bench::measure::{Figure, closed, offered};
use interaction_bench::peers::processor::{GREETING, NUMBERED_FROM, Processor};
use interaction_bench::peers::{Peer, bare};
use interaction_bench::report::{Grown, Idle, Results, Round, Row};
use interaction_bench::storm::storm;
use interaction_bench::{plot, process};

const IN_FLIGHT: usize = 16;
const OFFERED_PER_SECOND: f64 = 100_000.0;
/// A server that does not deliver this many a second with 16 in flight is not offered that rate.
const OFFERED_FROM: f64 = 1.2 * OFFERED_PER_SECOND;
/// Long enough that everybody acknowledged once.
const SETTLE: Duration = Duration::from_millis(1_100);
const WARM_UP: Duration = Duration::from_millis(400);
/// The header of a WebSocket frame of such a message, in bytes.
const FRAME_HEADER_BYTES: usize = 4;

/// Deliveries of the server beside those of others.
#[derive(Debug, Parser)]
struct Args {
    /// Clients of each server
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u16).range(1..=2_000))]
    clients: u16,
    /// Length of one measurement, in seconds
    #[arg(long, default_value_t = 1.5)]
    seconds: f64,
    /// How often each measurement is repeated, one server after the other; the median counts
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=20))]
    rounds: u32,
    /// One short round
    #[arg(long)]
    quick: bool,
    /// Measures servers with this in their name, beside the first, which is ours
    #[arg(long)]
    only: Vec<String>,
    /// Also measures growth, links at rest and a storm of clients
    #[arg(long)]
    everything: bool,
    /// Measures growth, links at rest and a storm of clients, and no servers side by side
    #[arg(long)]
    beyond: bool,
    /// Writes `results.md` and its pictures into this folder
    #[arg(long, value_name = "FOLDER")]
    results: Option<PathBuf>,
    /// Lets servers use every core. Otherwise they have one and the clients another
    #[arg(long)]
    all_cores: bool,
    /// The server's program
    #[arg(long, env = "SERVER_UNDER_TEST", value_name = "FILE")]
    program: Option<PathBuf>,
    /// Is the bare loop for so many clients and messages of so many bytes
    #[arg(long, hide = true, value_name = "CLIENTS,BYTES")]
    be_bare: Option<String>,
    /// What cargo tells every benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

/// A server with its clients.
struct Stand {
    kind: Kind,
    peer: Box<dyn Peer>,
    crowd: Crowd,
    idle_bytes: u64,
    connected_bytes: u64,
    rounds: Vec<Round>,
    published: u64,
}

impl Stand {
    /// Starts a server and joins its clients.
    fn start(kind: Kind, peer: Box<dyn Peer>, clients: usize) -> Result<Self> {
        let idle_bytes = peer.process().resident_bytes()?;
        let crowd = Crowd::new(peer.dialect())?;
        let mut stand = Self { kind, peer, crowd, idle_bytes, connected_bytes: 0, rounds: Vec::new(), published: 0 };
        for _ in 0..clients {
            stand.crowd.enter(stand.peer.join()?)?;
        }
        stand.crowd.wait(stand.peer.greeting() * clients as u64)?;
        stand.crowd.linger(SETTLE)?;
        stand.connected_bytes = stand.peer.process().resident_bytes()?;
        Ok(stand)
    }

    fn closed(&mut self, in_flight: usize, time: Duration) -> Result<Figure> {
        let share = self.crowd.len();
        let figure = closed(self.peer.as_mut(), &mut self.crowd, share, in_flight, time)?;
        self.published += figure.published;
        Ok(figure)
    }

    /// One round, after which everybody must have everything.
    fn round(&mut self, time: Duration) -> Result<()> {
        let many = self.closed(IN_FLIGHT, time)?;
        let one = self.closed(1, time)?;
        let offered = if many.deliveries_per_second < OFFERED_FROM {
            None
        } else {
            let figure = offered(self.peer.as_mut(), &mut self.crowd, OFFERED_PER_SECOND, time)?;
            self.published += figure.published;
            Some(figure)
        };
        self.rounds.push(Round { many, one, offered });
        self.check()
    }

    fn check(&mut self) -> Result<()> {
        self.peer.check()?;
        self.crowd.check(self.published, self.peer.greeting(), NUMBERED_FROM)
    }

    /// What it all came to. `delivery_bytes` was measured in the warm-up.
    fn row(&self, delivery_bytes: f64) -> Result<Row> {
        let row = Row::of(self.kind.name(), self.kind.version().unwrap_or_default(), &self.rounds);
        let kib = |bytes: u64| bytes.saturating_sub(self.idle_bytes) as f64 / 1_024.0 / self.crowd.len() as f64;
        let loaded = self.peer.process().resident_bytes()?;
        Ok(Row { connected_kib: kib(self.connected_bytes), loaded_kib: kib(loaded), delivery_bytes, ..row })
    }

    /// Publishes a little and gives the bytes of one delivery.
    fn warm_up(&mut self) -> Result<f64> {
        let before = self.crowd.total();
        self.closed(IN_FLIGHT, WARM_UP)?;
        let after = self.crowd.total();
        Ok((after.bytes - before.bytes) as f64 / (after.messages - before.messages) as f64)
    }
}

fn main() -> Result<()> {
    let mut args = Args::parse();
    if let Some(figures) = &args.be_bare {
        return bare::run(figures);
    }
    if args.quick {
        (args.rounds, args.seconds) = (1, 0.7);
    }
    let program = args.program.clone().context("say where the server is: --program FILE; `cargo xtask bench` does")?;
    let cores = if args.all_cores { None } else { process::two_cores()? };
    let (server_core, crowd_core) = cores.unzip();
    if let Some(core) = crowd_core {
        process::stay_on(core)?;
    }
    let where_ = match server_core {
        Some(core) => format!("Servers on core {core}, clients on another"),
        None => "Servers and clients on all cores".to_owned(),
    };
    let mut results = Results {
        clients: usize::from(args.clients),
        conditions: vec![where_, format!("load average {} at the start", process::load_average())],
        ..Results::default()
    };
    if !args.beyond {
        side_by_side(&args, &program, server_core, &mut results)?;
    }
    if args.everything || args.beyond {
        beyond(&args, &program, server_core, &mut results)?;
    }
    results.conditions.push(format!("{} at the end", process::load_average()));
    println!("\n{}", results.terminal());
    if let Some(folder) = &args.results {
        std::fs::create_dir_all(folder)?;
        let plots = plot::draw(&results, folder)?;
        let file = folder.join("results.md");
        std::fs::write(&file, results.markdown(&Machine::here(), &plots))?;
        println!("written: {} and {} pictures", file.display(), plots.len());
    }
    Ok(())
}

/// Ours beside the others, round by round.
fn side_by_side(args: &Args, program: &Path, core: Option<usize>, results: &mut Results) -> Result<()> {
    let clients = usize::from(args.clients);
    let time = Duration::from_secs_f64(args.seconds.clamp(0.1, 10.0));
    results.rounds = format!("the median of {} round(s) of {:.1} s a figure", args.rounds, time.as_secs_f64());
    results.message_bytes = message_bytes(program, core)?;
    let mut stands = Vec::new();
    // Ours last: it asks its clients for signs of life, and others take long to begin.
    for kind in Kind::ALL.into_iter().rev().filter(|kind| *kind != Kind::Processor).chain([Kind::Processor]) {
        let wanted = args.only.is_empty() || args.only.iter().any(|only| kind.name().contains(only.as_str()));
        if kind != Kind::Processor && !wanted {
            continue;
        }
        if kind.version().is_none() {
            results.skipped.push((kind.name().to_owned(), "it is not installed".to_owned()));
            continue;
        }
        eprintln!("starting {}", kind.name());
        match begin(kind, program, clients, results.message_bytes, core) {
            Ok(stand) => stands.push(stand),
            Err(error) if kind == Kind::Processor => return Err(error),
            Err(error) => results.skipped.push((kind.name().to_owned(), format!("{error:#}"))),
        }
    }
    for round in 1..=args.rounds {
        let mut next = 0;
        while next < stands.len() {
            let (stand, _) = &mut stands[next];
            eprintln!("round {round} of {}: {}", args.rounds, stand.kind.name());
            match stand.round(time) {
                Ok(()) => next += 1,
                // Ours must do it; another that cannot is named.
                Err(error) if stand.kind == Kind::Processor => return Err(error),
                Err(error) => {
                    results.skipped.push((stand.kind.name().to_owned(), format!("{error:#}")));
                    stands.remove(next);
                }
            }
            rest(&mut stands)?;
        }
    }
    for kind in Kind::ALL {
        for (stand, bytes) in stands.iter().filter(|(stand, _)| stand.kind == kind) {
            results.rows.push(stand.row(*bytes)?);
        }
    }
    Ok(())
}

/// Bytes of one of our messages: the others send as many.
fn message_bytes(program: &Path, core: Option<usize>) -> Result<usize> {
    let (mut stand, bytes) = begin(Kind::Processor, program, 4, 0, core)?;
    stand.check()?;
    Ok(bytes.round() as usize - FRAME_HEADER_BYTES)
}

fn begin(
    kind: Kind,
    program: &Path,
    clients: usize,
    message_bytes: usize,
    core: Option<usize>,
) -> Result<(Stand, f64)> {
    let peer = kind.start(program, clients, message_bytes, core)?;
    let mut stand = Stand::start(kind, peer, clients)?;
    let bytes = stand.warm_up()?;
    Ok((stand, bytes))
}

/// Everybody reads what came meanwhile and answers pings.
fn rest(stands: &mut [(Stand, f64)]) -> Result<()> {
    for (stand, _) in stands {
        stand.crowd.linger(Duration::from_millis(10))?;
    }
    Ok(())
}

/// Growth, rest and storm.
fn beyond(args: &Args, program: &Path, core: Option<usize>, results: &mut Results) -> Result<()> {
    let time = Duration::from_secs_f64(if args.quick { 0.7 } else { 2.0 });
    for (clients, teams) in [(10, 1), (100, 1), (1_000, 1), (5_000, 1), (1_000, 10), (1_000, 100)] {
        eprintln!("{clients} clients of {teams} team(s)");
        let mut peer = Processor::start(program, core, teams)?;
        let mut crowd = Crowd::new(peer.dialect())?;
        for _ in 0..clients {
            crowd.enter(peer.join()?)?;
        }
        crowd.wait(GREETING * clients as u64)?;
        // As many of each team: a client has the same in flight, however many teams there are.
        let in_flight = IN_FLIGHT * teams;
        closed(&mut peer, &mut crowd, clients / teams, in_flight, WARM_UP)?;
        let many = closed(&mut peer, &mut crowd, clients / teams, in_flight, time)?;
        peer.check()?;
        results.grown.push(Grown { clients, teams, many });
    }
    let links = 10_000;
    eprintln!("{links} links at rest");
    let mut peer = Processor::start(program, core, 1)?;
    let mut crowd = Crowd::new(peer.dialect())?;
    let before = peer.process().resident_bytes()?;
    for _ in 0..links {
        crowd.enter(peer.join_unwatching()?)?;
    }
    crowd.wait((GREETING - 2) * links as u64)?;
    crowd.linger(SETTLE)?;
    let bytes = peer.process().resident_bytes()?.saturating_sub(before);
    results.idle = Some(Idle { links, kib: bytes as f64 / 1_024.0 / links as f64 });
    drop((crowd, peer));

    let peer = Processor::start(program, core, 1)?;
    let count = if args.quick { 5_000 } else { 20_000 };
    eprintln!("a storm of {count} links");
    storm(peer.process(), peer.address(), 500)?;
    let mut storms = Vec::new();
    for _ in 0..if args.quick { 1 } else { 3 } {
        storms.push(storm(peer.process(), peer.address(), count)?);
    }
    storms.sort_by(|a, b| a.links_per_second.total_cmp(&b.links_per_second));
    results.storm = storms.get(storms.len() / 2).copied();
    Ok(())
}

//! One publisher, many WebSocket clients: deliveries a second of the built server beside those of a bare loop, in one run.
//!
//! `cargo xtask bench fanout`, or with options `cargo xtask bench fanout -- --clients 200 --seconds 1 --rounds 2`

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Parser;
use interaction_bench::bare::{self, Bare, Writes};
use interaction_bench::crowd::{Crowd, JOINED, NUMBERED_AT_FIRST, Server};
use interaction_bench::measure::{Figure, Subject, measure};
use interaction_bench::platform;
use interaction_bench::process::{self, Process};
use interaction_bench::processor::Processor;

const IN_FLIGHT: usize = 16;
const SETTLE: Duration = Duration::from_millis(1_100);
const WARM_UP: Duration = Duration::from_millis(500);

/// Deliveries of the server beside those of a bare loop.
#[derive(Debug, Parser)]
struct Args {
    /// WebSocket clients of each server
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u16).range(1..=8_000))]
    clients: u16,
    /// Length of one measurement, in seconds
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// How often each measurement is repeated; the best counts
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=20))]
    rounds: u32,
    /// Lets the server use every core. Otherwise it has one and the clients another
    #[arg(long)]
    all_cores: bool,
    /// Measures the server alone
    #[arg(long)]
    alone: bool,
    /// The server's program
    #[arg(long, env = "SERVER_UNDER_TEST", value_name = "FILE")]
    program: Option<PathBuf>,
    /// Is the bare loop, with messages of so many bytes
    #[arg(long, hide = true)]
    be_bare: Option<usize>,
    /// What cargo tells every benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

struct Joined(Bare);
struct Single<'a>(&'a mut Bare);
struct Real(Processor);

impl Subject for Joined {
    const SERVER: Server = Server::Bare;
    fn process(&self) -> &Process {
        &self.0.process
    }
    fn publish(&mut self, messages: usize) -> Result<()> {
        self.0.publish(messages, Writes::Joined)
    }
}

impl Subject for Single<'_> {
    const SERVER: Server = Server::Bare;
    fn process(&self) -> &Process {
        &self.0.process
    }
    fn publish(&mut self, messages: usize) -> Result<()> {
        self.0.publish(messages, Writes::Single)
    }
}

impl Subject for Real {
    const SERVER: Server = Server::Processor;
    fn process(&self) -> &Process {
        &self.0.process
    }
    fn publish(&mut self, messages: usize) -> Result<()> {
        self.0.platform.publish(messages)
    }
}

/// With 16 in flight, and with one.
#[derive(Clone, Copy)]
struct Row {
    many: Figure,
    one: Figure,
}

impl Row {
    fn best(best: Option<Self>, row: Self) -> Self {
        best.map_or(row, |best| Self { many: best.many.best(row.many), one: best.one.best(row.one) })
    }

    fn print(&self, name: &str) {
        println!(
            "{name:<30} {:>12.0} {:>10.3} {:>14.0} {:>10.3}",
            self.many.deliveries_per_second,
            self.many.cpu_per_million,
            self.one.deliveries_per_second,
            self.one.cpu_per_million
        );
    }

    fn print_ratio(&self, name: &str, to: &Self) {
        println!(
            "{name:<30} {:>12.2} {:>10.2} {:>14.2} {:>10.2}",
            self.many.deliveries_per_second / to.many.deliveries_per_second,
            self.many.cpu_per_million / to.many.cpu_per_million,
            self.one.deliveries_per_second / to.one.deliveries_per_second,
            self.one.cpu_per_million / to.one.cpu_per_million
        );
    }
}

fn main() -> Result<()> {
    let args = Args::parse();
    let clients = usize::from(args.clients);
    if let Some(bytes) = args.be_bare {
        return bare::run(clients, bytes);
    }
    let program = args.program.as_ref().context("say where the server is: --program FILE; `cargo xtask bench` does")?;
    let cores = if args.all_cores { None } else { process::two_cores()? };
    let (server_core, crowd_core) = cores.unzip();
    if let Some(core) = crowd_core {
        process::stay_on(core)?;
    }

    let mut crowd = Crowd::new()?;
    let mut real = Real(Processor::start(program, server_core, clients)?);
    let idle = real.0.process.resident_bytes()?;
    for _ in 0..clients {
        crowd.join_processor(real.0.address)?;
    }
    crowd.wait(Server::Processor, JOINED * clients as u64)?;
    let connected = real.0.process.resident_bytes()?;
    crowd.watch(platform::supervisor)?;
    crowd.wait(Server::Processor, (NUMBERED_AT_FIRST + 1) * clients as u64)?;
    // Long enough that everybody acknowledged once.
    let quiet = measure(&mut real, &mut crowd, clients, 1, SETTLE)?;
    crowd.check(quiet.published)?;
    let before = crowd.total(Server::Processor);
    let warm = measure(&mut real, &mut crowd, clients, IN_FLIGHT, WARM_UP)?;
    let total = crowd.total(Server::Processor);
    let message_bytes = usize::try_from((total.bytes - before.bytes) / (total.messages - before.messages))?;
    let published = quiet.published + warm.published;
    compare(&args, crowd, real, server_core, &Begun { published, message_bytes, idle, connected })
}

/// What was learned before the measurements.
struct Begun {
    published: u64,
    message_bytes: usize,
    idle: u64,
    connected: u64,
}

fn compare(args: &Args, mut crowd: Crowd, mut real: Real, core: Option<usize>, begun: &Begun) -> Result<()> {
    let clients = usize::from(args.clients);
    let time = Duration::from_secs_f64(args.seconds.clamp(0.1, 10.0));
    let bytes = begun.message_bytes;
    let mut joined = Joined(start_bare(clients, bytes, core)?);
    for _ in 0..clients {
        crowd.join_bare(joined.0.address)?;
    }
    println!(
        "1 publisher, {clients} WebSocket clients, messages of {bytes} bytes, {} round(s) of {:.1} s, best of each",
        args.rounds,
        time.as_secs_f64()
    );
    match core {
        Some(core) => println!("the server on core {core}, the clients on another"),
        None => println!("server and clients on all cores"),
    }
    println!("load average {} at the start", process::load_average());

    let (mut best_real, mut best_joined, mut best_single): (Option<Row>, Option<Row>, Option<Row>) = (None, None, None);
    let mut published = begun.published;
    for _ in 0..args.rounds {
        let row = rows(&mut real, &mut crowd, clients, time)?;
        published += row.many.published + row.one.published;
        real.0.platform.check()?;
        crowd.check(published)?;
        best_real = Some(Row::best(best_real, row));
        if !args.alone {
            best_joined = Some(Row::best(best_joined, rows(&mut joined, &mut crowd, clients, time)?));
            best_single = Some(Row::best(best_single, rows(&mut Single(&mut joined.0), &mut crowd, clients, time)?));
        }
    }
    let after = real.0.process.resident_bytes()?;

    println!("load average {} at the end", process::load_average());
    println!();
    println!("{:<30} {:>23} {:>25}", "", format!("{IN_FLIGHT} in flight"), "1 in flight");
    println!("{:<30} {:>12} {:>10} {:>14} {:>10}", "", "deliveries/s", "CPU s/M", "deliveries/s", "CPU s/M");
    let real = best_real.context("no round")?;
    if let (Some(joined), Some(single)) = (best_joined, best_single) {
        joined.print("bare loop, joined writes");
        single.print("bare loop, a write a message");
        real.print("interaction processor");
        real.print_ratio("  to joined writes", &joined);
        real.print_ratio("  to a write a message", &single);
    } else {
        real.print("interaction processor");
    }
    println!();
    let kib = |bytes: u64| bytes.saturating_sub(begun.idle) as f64 / 1_024.0 / clients as f64;
    println!(
        "memory of a connection: {:.1} KiB connected and bound, {:.1} KiB after the load",
        kib(begun.connected),
        kib(after)
    );
    println!("{published} changes, all of them delivered to every client, in order and once");
    Ok(())
}

fn rows<S: Subject>(subject: &mut S, crowd: &mut Crowd, clients: usize, time: Duration) -> Result<Row> {
    Ok(Row {
        many: measure(subject, crowd, clients, IN_FLIGHT, time)?,
        one: measure(subject, crowd, clients, 1, time)?,
    })
}

fn start_bare(clients: usize, bytes: usize, core: Option<usize>) -> Result<Bare> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--clients", &clients.to_string(), "--be-bare", &bytes.to_string()]);
    Bare::start(&mut command, core)
}

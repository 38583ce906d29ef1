//! The built server on a UCCX: what it costs at the largest that UCCX allows, and how late supervisors are told at the largest that
//! its bigger sister allows. The UCCX is the simulated one, over TCP.
//!
//! `cargo xtask bench uccx`; `--quick` takes half a minute. What was wanted stands beside what came of it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use interaction_bench::crowd::Crowd;
use interaction_bench::dialect::Dialect;
use interaction_bench::process;
use interaction_bench::uccx::{Centre, Lateness, Stand, Told};

/// Of one core, at the largest that UCCX allows.
const CPU_PERCENT_WANTED: f64 = 1.0;
/// From a frame to the client that reads what follows, at the largest that its sister allows.
const P99_MS_WANTED: f64 = 20.0;
/// At least that much is told then, in events a second.
const EVENTS_PER_SECOND_WANTED: f64 = 2_000.0;
/// Everybody has acknowledged once, and what began with the clients is over.
const SETTLE: Duration = Duration::from_millis(2_500);
/// How much faster than life the second figure of the small one is taken.
const SPEED: u32 = 10;

/// The server on a UCCX.
#[derive(Debug, Parser)]
struct Args {
    /// Length of one measurement, in seconds
    #[arg(long, default_value_t = 60.0)]
    seconds: f64,
    /// Ten seconds a measurement
    #[arg(long)]
    quick: bool,
    /// Lets the server use every core. Otherwise it has one, and the platform and its clients another
    #[arg(long)]
    all_cores: bool,
    /// Only the first measurement, at the speed of life
    #[arg(long)]
    life: bool,
    /// The server's program
    #[arg(long, env = "SERVER_UNDER_TEST", value_name = "FILE")]
    program: Option<PathBuf>,
    /// What cargo tells every benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

/// What came of one measurement.
struct Figure {
    seconds: f64,
    cpu_percent: f64,
    told: Told,
    us: Vec<u32>,
    resident_mib: f64,
    clients: usize,
    /// Of the server's threads, by their names.
    wakeups: BTreeMap<String, u64>,
}

impl Figure {
    fn events_per_second(&self) -> f64 {
        self.told.frames as f64 / self.seconds
    }

    fn ms(&self, share: f64) -> f64 {
        let at = (self.us.len() as f64 * share) as usize;
        self.us.get(at).or(self.us.last()).map_or(0.0, |us| f64::from(*us) / 1e3)
    }

    fn print(&self, centre: Centre, what: &str) {
        let Centre { agents, teams, speed, .. } = centre;
        let per_second = |count: u64| count as f64 / self.seconds;
        println!(
            "{what}: {agents} agents in {teams} teams, {} supervisors watching, {:.0} s",
            self.clients, self.seconds
        );
        println!(
            "  told: {:.0} frames a second ({:.0} states of agents, {:.1} calls begin)",
            per_second(self.told.frames),
            per_second(self.told.states),
            per_second(self.told.calls)
        );
        println!(
            "  from frame to client: p50 {:.2} ms, p99 {:.2} ms, the worst {:.2} ms of {}",
            self.ms(0.5),
            self.ms(0.99),
            self.ms(1.0),
            self.us.len()
        );
        println!(
            "  server: {:.2} % of a core ({:.2} % at the speed of life), {:.0} MiB",
            self.cpu_percent,
            self.cpu_percent / f64::from(speed),
            self.resident_mib
        );
        let wakeups = self.wakeups.iter().filter(|(_, count)| **count > 0);
        let wakeups: Vec<String> = wakeups.map(|(name, count)| format!("{name} {:.0}", per_second(*count))).collect();
        println!("  its threads are woken so often a second: {}", wakeups.join(", "));
    }
}

fn main() -> Result<()> {
    let mut args = Args::parse();
    if args.quick {
        args.seconds = 10.0;
    }
    let time = Duration::from_secs_f64(args.seconds.clamp(1.0, 600.0));
    let program = args.program.clone().context("say where the server is: --program FILE; `cargo xtask bench` does")?;
    let cores = if args.all_cores { None } else { process::two_cores()? };
    let (server_core, own_core) = cores.unzip();
    if let Some(core) = own_core {
        process::stay_on(core)?;
    }
    println!("load average {} at the start", process::load_average());

    let life = Centre::of_uccx(1);
    let at_life = measure(&program, server_core, life, time)?;
    at_life.print(life, "UCCX");
    if args.life {
        println!("load average {} at the end", process::load_average());
        verdict("percent of a core for UCCX", at_life.cpu_percent, CPU_PERCENT_WANTED);
        return Ok(());
    }
    let fast = Centre::of_uccx(SPEED);
    let at_speed = measure(&program, server_core, fast, time)?;
    at_speed.print(fast, &format!("UCCX, {SPEED} times faster than life"));
    let large = Centre::of_its_sister();
    let sister = measure(&program, server_core, large, time)?;
    sister.print(large, "its sister");

    println!("load average {} at the end", process::load_average());
    verdict("percent of a core for UCCX", at_life.cpu_percent, CPU_PERCENT_WANTED);
    verdict("the same of the faster one", at_speed.cpu_percent / f64::from(SPEED), CPU_PERCENT_WANTED);
    verdict("milliseconds from frame to client, p99, for its sister", sister.ms(0.99), P99_MS_WANTED);
    let told = sister.events_per_second();
    ensure!(
        told >= EVENTS_PER_SECOND_WANTED,
        "the simulated UCCX told only {told:.0} events a second: this machine is too busy"
    );
    Ok(())
}

fn verdict(what: &str, is: f64, wanted: f64) {
    println!("{}: {what} {is:.2}, wanted below {wanted}", if is < wanted { "reached" } else { "MISSED" });
}

fn measure(program: &Path, core: Option<usize>, centre: Centre, time: Duration) -> Result<Figure> {
    let Stand { mut source, server } = Stand::start(program, core, centre)?;
    let lateness = Rc::new(RefCell::new(Lateness::new(source.stamps()?)));
    let mut crowd = Crowd::new(Dialect::Numbered)?;
    let ear = lateness.clone();
    crowd.hear(move |text| ear.borrow_mut().heard(text));
    for supervisor in centre.supervisors() {
        crowd.enter(server.join(Some(&supervisor))?)?;
    }
    crowd.linger(SETTLE)?;
    let teams = lateness.borrow().teams();
    ensure!(teams == centre.teams as usize, "supervisors were given {teams} of {} teams", centre.teams);
    lateness.borrow_mut().take();

    let (woken, told, cpu, begun) = (server.process.wakeups()?, source.told(), server.process.cpu()?, Instant::now());
    crowd.linger(time)?;
    let (told, cpu, seconds) =
        (source.told().since(told), server.process.cpu()?.saturating_sub(cpu), begun.elapsed().as_secs_f64());
    let mut wakeups = server.process.wakeups()?;
    for (name, count) in &mut wakeups {
        *count -= woken.get(name).copied().unwrap_or(0).min(*count);
    }
    source.check()?;
    let (us, unstamped) = lateness.borrow_mut().take();
    ensure!(unstamped == 0, "{unstamped} changes came that no frame told");
    ensure!(!us.is_empty(), "no change came");
    let resident_mib = server.process.resident_bytes()? as f64 / f64::from(1 << 20);
    Ok(Figure {
        seconds,
        cpu_percent: 100.0 * cpu.as_secs_f64() / seconds,
        told,
        us,
        resident_mib,
        clients: crowd.len(),
        wakeups,
    })
}

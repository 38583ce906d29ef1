//! A newer build of the engine takes over beneath a thousand clients, who are told something all the time: how late that comes
//! while the build is compiled and takes over, beside how late it comes otherwise; and that every client is told everything.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use interaction_bench::crowd::Crowd;
use interaction_bench::dialect::Dialect;
use interaction_bench::peers::processor::{GREETING, NUMBERED_FROM};
use interaction_bench::platform::{self, Platform, Waiting};
use interaction_bench::process;
use interaction_bench::server::{Server, metric};

use super::{Bench, Outcome, below};

const CLIENTS: usize = 1_000;
/// How often all of them are told something: fifty thousand deliveries a second.
const EVERY: Duration = Duration::from_millis(20);
/// How long they are told without anything else going on.
const STEADY: Duration = Duration::from_secs(3);
/// What began with the clients is over, and everybody has acknowledged once.
const SETTLE: Duration = Duration::from_millis(2_500);
/// Compiling is part of it, and this machine may be slow.
const READY_WITHIN: Duration = Duration::from_secs(60);
const PAUSE_MS_WANTED: f64 = 200.0;

pub(crate) fn run(bench: &Bench) -> Outcome {
    let (server_core, own_core) = process::two_cores()?.unzip();
    if let Some(core) = own_core {
        process::stay_on(core)?;
    }
    let directory = tempfile::tempdir()?;
    let build = Builds { original: bench.components.join("engine.wasm"), file: directory.path().join("engine.wasm") };
    build.put(0)?;
    let log = directory.path().join("log");
    let waiting = Waiting::listen()?;
    let sections = format!(
        "[server]\ndata-dir = {data:?}\n\n[store]\nkind = \"memory\"\n\n[engine]\nkind = \"component\"\nfile = {file:?}\n\n\
         [cti]\nkind = \"jsonl\"\nconnect = [\"{platform}\"]\nidle-ms = 600000",
        data = directory.path().join("data"),
        file = build.file,
        platform = waiting.address()?,
    );
    let mut server = Server::start_logging(&bench.server, server_core, &sections, "info", File::create(&log)?)?;
    let mut stand = Stand { crowd: Crowd::new(Dialect::Numbered)?, platform: waiting.serve(1)?, published: 0 };
    server.wait(READY_WITHIN)?;
    for client in 0..CLIENTS {
        stand.crowd.enter(server.join(Some(&platform::watched(client, 1)))?)?;
    }
    stand.crowd.wait(GREETING * CLIENTS as u64)?;
    stand.crowd.linger(SETTLE)?;

    println!(
        "replacing the engine beneath {CLIENTS} clients who are told something every {EVERY:?}; milliseconds late"
    );
    println!("{:<24} {:>7} {:>7} {:>7} {:>22}", "", "p50", "p99", "worst", "the server says: pause");
    let begun = Instant::now();
    row("nothing else goes on", &stand.tell(|| begun.elapsed() < STEADY)?, None);
    let mut worst = Vec::new();
    for number in 1..=u8::try_from(bench.rounds)? {
        build.put(number)?;
        let address = server.address;
        server.process.hang_up()?;
        let replaced = thread::spawn(move || replaced(address, number));
        let late = stand.tell(|| !replaced.is_finished())?;
        replaced.join().map_err(|_| "the thread that asks for metrics panicked")??;
        row(&format!("build {number} takes over"), &late, pauses(&log)?.last().copied());
        worst.push(ms(&late, 1.0));
    }
    stand.crowd.linger(SETTLE)?;
    stand.platform.check()?;
    stand.crowd.check(stand.published, GREETING, NUMBERED_FROM)?;
    println!("every client was told all {} messages, in order and once", stand.published);
    worst.sort_by(f64::total_cmp);
    below("milliseconds that deliveries pause, the median of the worst", worst[worst.len() / 2], PAUSE_MS_WANTED);
    below("the worst of all", worst[worst.len() - 1], PAUSE_MS_WANTED);
    Ok(())
}

/// Builds of the engine that differ in nothing but their hash.
struct Builds {
    original: PathBuf,
    file: PathBuf,
}

impl Builds {
    fn put(&self, number: u8) -> std::io::Result<()> {
        let mut bytes = fs::read(&self.original)?;
        // A custom section of four bytes: a name of two, and one byte of data.
        bytes.extend_from_slice(&[0, 4, 2, b'n', b'o', number]);
        let part = self.file.with_extension("part");
        fs::write(&part, bytes)?;
        fs::rename(part, &self.file)
    }
}

struct Stand {
    crowd: Crowd,
    platform: Platform,
    published: u64,
}

impl Stand {
    /// Tells everybody something again and again, until everybody has it. Returns how late each delivery was, in microseconds, in
    /// ascending order.
    fn tell(
        &mut self,
        mut goes_on: impl FnMut() -> bool,
    ) -> Result<Vec<u32>, Box<dyn std::error::Error + Send + Sync>> {
        let first = self.crowd.total().messages;
        self.crowd.time()?;
        let begun = Instant::now();
        let mut told = 0_u32;
        while goes_on() {
            let (due, now) = (begun + EVERY * told, Instant::now());
            if now >= due {
                self.crowd.due(due);
                self.platform.publish(1)?;
                told += 1;
            } else {
                self.crowd.pump(due - now)?;
            }
        }
        self.published += u64::from(told);
        self.crowd.wait(first + u64::from(told) * CLIENTS as u64)?;
        Ok(self.crowd.timed())
    }
}

/// Waits until so many builds took over.
fn replaced(address: SocketAddr, number: u8) -> Outcome {
    let until = Instant::now() + READY_WITHIN;
    while metric(address, "engine_replacements_total")? < f64::from(number) {
        if metric(address, "engine_replacements_refused_total")? > 0.0 || Instant::now() > until {
            return Err("the engine was not replaced".into());
        }
        thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

/// How long each engine needed to take over, in milliseconds, as the server's log says.
fn pauses(log: &Path) -> std::io::Result<Vec<f64>> {
    let text = fs::read_to_string(log)?;
    let paused = |line: &str| line.split("paused_us=").nth(1)?.split_whitespace().next()?.parse::<f64>().ok();
    Ok(text.lines().filter_map(paused).map(|us| us / 1e3).collect())
}

fn row(what: &str, late: &[u32], pause: Option<f64>) {
    let pause = pause.map_or_else(String::new, |pause| format!("{pause:.2}"));
    println!("{what:<24} {:>7.2} {:>7.2} {:>7.2} {pause:>22}", ms(late, 0.5), ms(late, 0.99), ms(late, 1.0));
}

/// So many of them are below that.
fn ms(us: &[u32], share: f64) -> f64 {
    let at = (us.len() as f64 * share) as usize;
    us.get(at).or(us.last()).map_or(0.0, |us| f64::from(*us) / 1e3)
}

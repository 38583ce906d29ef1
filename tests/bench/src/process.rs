//! Child processes: on which core they run, what they cost, and that they end.

use std::collections::BTreeMap;
use std::process::{Child, Command};
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// A child process that ends with its owner.
#[derive(Debug)]
pub struct Process(Child);

impl Process {
    /// Starts it, on that core alone where one is given.
    pub fn start(command: &mut Command, core: Option<usize>) -> Result<Self> {
        let started = on_core(core, || command.spawn())?;
        Ok(Self(started.with_context(|| format!("cannot start {}", command.get_program().display()))?))
    }

    /// The child.
    pub fn child(&mut self) -> &mut Child {
        &mut self.0
    }

    /// Tells it to read its configuration again.
    pub fn hang_up(&self) -> Result<()> {
        Ok(kill_process(Pid::from_child(&self.0), Signal::HUP)?)
    }

    /// What it has used of all cores till now, to 10 ms.
    pub fn cpu(&self) -> Result<Duration> {
        let stat = self.proc("stat")?;
        // The name before the last parenthesis may hold anything; user and system time are the 12th and 13th after it.
        let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
        let mut ticks = fields.split_whitespace().skip(11).map(|field| field.parse::<u64>().unwrap_or(0));
        let ticks = ticks.next().unwrap_or(0) + ticks.next().unwrap_or(0);
        Ok(Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second() as f64))
    }

    /// How often its threads waited for something and were woken till now, by their names.
    pub fn wakeups(&self) -> Result<BTreeMap<String, u64>> {
        const FIELD: &str = "voluntary_ctxt_switches:";
        let mut all = BTreeMap::new();
        let tasks = format!("/proc/{}/task", self.0.id());
        for task in std::fs::read_dir(&tasks).with_context(|| format!("cannot read {tasks}"))? {
            let folder = task?.path();
            // A thread may end while the others are read.
            let read = |file: &str| std::fs::read_to_string(folder.join(file));
            let (Ok(name), Ok(status)) = (read("comm"), read("status")) else { continue };
            let waits = status.lines().find_map(|line| line.strip_prefix(FIELD)?.trim().parse::<u64>().ok());
            *all.entry(name.trim().to_owned()).or_default() += waits.unwrap_or(0);
        }
        Ok(all)
    }

    /// The memory it holds, in bytes.
    pub fn resident_bytes(&self) -> Result<u64> {
        let statm = self.proc("statm")?;
        let pages: u64 = statm.split_whitespace().nth(1).unwrap_or("0").parse()?;
        Ok(pages * rustix::param::page_size() as u64)
    }

    fn proc(&self, file: &str) -> Result<String> {
        let path = format!("/proc/{}/{file}", self.0.id());
        std::fs::read_to_string(&path).with_context(|| format!("cannot read {path}: did the process end?"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Two cores this process may use: one for the server, one for the clients. Nothing where there is only one.
pub fn two_cores() -> Result<Option<(usize, usize)>> {
    let allowed = sched_getaffinity(None)?;
    let mut cores = (0..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core));
    Ok(cores.next().zip(cores.next()))
}

/// Keeps this thread on one core.
pub fn stay_on(core: usize) -> Result<()> {
    let mut set = CpuSet::new();
    set.set(core);
    Ok(sched_setaffinity(None, &set)?)
}

/// Does something on that core: a process that is started there stays there.
fn on_core<T>(core: Option<usize>, act: impl FnOnce() -> T) -> Result<T> {
    let Some(core) = core else { return Ok(act()) };
    let before = sched_getaffinity(None)?;
    stay_on(core)?;
    let done = act();
    sched_setaffinity(None, &before)?;
    Ok(done)
}

/// How busy the machine was in the last minute, as the system says it.
pub fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().next().unwrap_or("unknown").to_owned()
}

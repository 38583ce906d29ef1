//! `plugin run` against a platform: the thread, the connections and the restarts of a server, and nobody behind it.

use std::io::{self, BufRead, Write};
use std::thread;
use std::time::Duration;

use interaction_core::cti::jsonl::{CommandLine, PlatformLine};
use interaction_core::cti::{Command, Event, RequestNo};
use interaction_core::secret::Secret;
use tokio::signal::ctrl_c;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::Failed;
use crate::clock::Clock;
use crate::config::{Log, LogLevel, PluginSettings};
use crate::happening::Happening;
use crate::logging;
use crate::platform::plugin;
use crate::switches::Switch;

/// Events told and not yet printed; then the adapter waits.
const EVENTS_MAX: usize = 64;
/// Lines read and not yet asked.
const LINES_MAX: usize = 64;
/// How long it may be silent once standard input has ended.
const QUIET: Duration = Duration::from_secs(2);
/// For ever.
const LONG: Duration = Duration::from_secs(86_400);

/// A command as it was typed.
struct Typed {
    request: RequestNo,
    command: Command,
    secret: Option<Secret>,
}

/// Runs until the time is over, standard input ends, or Ctrl-C.
pub(super) async fn run(settings: PluginSettings, seconds: Option<u64>) -> Result<(), Failed> {
    logging::start(&Log { level: LogLevel::Warn, ..Log::default() });
    let chosen = plugin::choose(&settings, None).map_err(Failed::new)?;
    let (happenings, mut happened) = mpsc::channel(EVENTS_MAX);
    let switch = Switch::start(chosen, Clock::start(), happenings).map_err(Failed::new)?;
    let mut typed = typed().map_err(Failed::new)?;
    let (mut is_typed, end) = (true, seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds)));
    loop {
        // Without an end of its own it ends when nothing more is asked and nothing more is told.
        let until = end.unwrap_or_else(|| Instant::now() + if is_typed { LONG } else { QUIET });
        tokio::select! {
            told = happened.recv() => match told {
                Some(told) => print(told)?,
                None => return Err(Failed::new("the adapter's thread ended")),
            },
            line = typed.recv(), if is_typed => match line {
                Some(Ok(Typed { request, command, secret })) => {
                    if let Some(refused) = switch.ask(request, command, secret) {
                        print(Happening::Cti(vec![Event::Answer(refused)]))?;
                    }
                }
                Some(Err(what)) => eprintln!("{what}"),
                None => is_typed = false,
            },
            () = sleep_until(until) => return Ok(()),
            _ = ctrl_c() => return Ok(()),
        }
    }
}

/// Commands as they are typed, read on a thread of their own: nothing else can wait for standard input.
fn typed() -> io::Result<mpsc::Receiver<Result<Typed, String>>> {
    let (lines, typed) = mpsc::channel(LINES_MAX);
    thread::Builder::new().name("commands".into()).spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            if !line.trim().is_empty() && lines.blocking_send(read(&line)).is_err() {
                return;
            }
        }
    })?;
    Ok(typed)
}

fn read(line: &str) -> Result<Typed, String> {
    let line: CommandLine<'_> = serde_json::from_str(line).map_err(|error| format!("this is no command: {error}"))?;
    let (request, command, password) = line.into_command();
    Ok(Typed { request, command, secret: password.map(|password| Secret::new(password.expose().to_owned())) })
}

fn print(told: Happening) -> Result<(), Failed> {
    let Happening::Cti(events) = told else { return Ok(()) };
    let mut out = io::stdout().lock();
    let written = events.iter().try_for_each(|event| out.write_all(&PlatformLine::from(event).to_bytes()));
    written.and_then(|()| out.flush()).map_err(|error| Failed::new(format!("cannot print: {error}")))
}

//! `cti replay`: a recorded connection, into the adapter again.

use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::path::PathBuf;

use clap::Args as ClapArgs;
use interaction_core::cti::uccx::codec::{Widths, blank_passwords, hex};
use interaction_core::cti::uccx::{UccxAdapter, UccxConfig};
use interaction_core::cti::{Adapter, AdapterInput, AdapterOutput, ConnectionId, Event};
use interaction_core::secret::Secret;
use interaction_core::time::Time;
use serde_json::json;

use super::Failed;
use super::trace::Head;
use super::{open, unless_nobody_reads};

/// The longest line of a trace: a frame of the greatest length, and what stands before it.
const LINE_BYTES_MAX: usize = 256 << 10;

/// `interaction-processor cti replay`
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// What `cti trace` recorded
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Feeds a trace to an adapter, and prints the events it tells, one JSON object a line.
pub(super) fn run(args: &Args) -> Result<(), Failed> {
    fs::metadata(&args.file).map_err(|error| Failed::new(format!("cannot read {}: {error}", args.file.display())))?;
    let mut out = io::stdout().lock();
    let replayed = replay(BufReader::new(open(&args.file)?), &mut |at, event| {
        writeln!(out, "{}", json!({"at": at.as_micros(), "event": event}))
    });
    match replayed {
        Ok(replayed) => {
            unless_nobody_reads(out.flush())?;
            eprintln!(
                "{} frames went in and {} came out, of which {} are as recorded.",
                replayed.received, replayed.sent, replayed.same
            );
            if replayed.same == replayed.recorded && replayed.sent == replayed.recorded {
                return Ok(());
            }
            Err(Failed::new("the adapter does not send what it sent when this was recorded"))
        }
        Err(Stop::Io(error)) => unless_nobody_reads(Err(error)),
        Err(Stop::Line(number, why)) => Err(Failed::new(format!("line {number} is no line of a trace: {why}"))),
    }
}

/// What came of a replay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Replayed {
    /// Frames fed.
    pub(super) received: u64,
    /// Frames the adapter sent.
    pub(super) sent: u64,
    /// Frames the trace says it sent.
    pub(super) recorded: u64,
    /// Frames that are the same in both.
    pub(super) same: u64,
}

/// Why a replay stopped.
#[derive(Debug)]
pub(super) enum Stop {
    /// Input or output failed.
    Io(io::Error),
    /// The line of this number cannot be, and why.
    Line(usize, String),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// One line of a trace.
enum Line {
    Head(u64, u64, usize),
    Config(Box<UccxConfig>),
    Ticked(Time),
    Stood(Time, ConnectionId),
    Ended(Time, ConnectionId, String),
    Received(Time, ConnectionId, Vec<u8>),
    Sent(Vec<u8>),
    Nothing,
}

/// Feeds a trace; `tell` gets every event of the adapter.
pub(super) fn replay(
    input: impl BufRead,
    tell: &mut impl FnMut(Time, &Event) -> io::Result<()>,
) -> Result<Replayed, Stop> {
    let mut head = None;
    let mut replay: Option<Replay> = None;
    let mut recorded = Vec::new();
    let mut replayed = Replayed::default();
    for (index, line) in input.lines().enumerate() {
        let line = line?;
        let stop = |why: String| Stop::Line(index + 1, why);
        match read(&line).map_err(stop)? {
            Line::Head(start, seed, password_bytes) => {
                let config = String::new();
                head = Some(Head { start: Time::from_micros(start), seed, password_bytes, config });
            }
            Line::Config(config) => {
                let Some(head) = &head else { return Err(stop("`#trace` must stand before it".to_owned())) };
                replay = Some(Replay::new(head, *config).map_err(stop)?);
            }
            Line::Nothing => {}
            other => {
                let Some(replay) = &mut replay else { return Err(stop("`#config` must stand before it".to_owned())) };
                match other {
                    Line::Sent(bytes) => recorded.push(bytes),
                    Line::Stood(at, connection) => replay.feed(at, AdapterInput::Connected { connection }, tell)?,
                    Line::Ended(at, connection, why) => {
                        replay.feed(at, AdapterInput::Disconnected { connection, why: &why }, tell)?;
                    }
                    Line::Received(at, connection, bytes) => {
                        replayed.received += 1;
                        replay.feed(at, AdapterInput::Received { connection, bytes: &bytes }, tell)?;
                    }
                    Line::Ticked(at) => replay.feed(at, AdapterInput::Tick, tell)?,
                    Line::Head(..) | Line::Config(_) | Line::Nothing => {}
                }
            }
        }
    }
    let sent = replay.map(|replay| replay.sent).unwrap_or_default();
    replayed.sent = sent.len() as u64;
    replayed.recorded = recorded.len() as u64;
    replayed.same = sent.iter().zip(&recorded).filter(|(sent, recorded)| sent == recorded).count() as u64;
    Ok(replayed)
}

struct Replay {
    adapter: UccxAdapter,
    sent: Vec<Vec<u8>>,
}

impl Replay {
    fn new(head: &Head, config: UccxConfig) -> Result<Self, String> {
        // As the trace has it: blanks of the password's length.
        let password = (head.password_bytes > 0).then(|| Secret::new("*".repeat(head.password_bytes)));
        let adapter = UccxAdapter::new(config, password, head.seed, head.start).map_err(|error| error.to_string())?;
        Ok(Self { adapter, sent: Vec::new() })
    }

    fn feed(
        &mut self,
        at: Time,
        input: AdapterInput<'_>,
        tell: &mut impl FnMut(Time, &Event) -> io::Result<()>,
    ) -> io::Result<()> {
        self.adapter.handle_input(at, input);
        self.drain(at, tell)
    }

    fn drain(&mut self, at: Time, tell: &mut impl FnMut(Time, &Event) -> io::Result<()>) -> io::Result<()> {
        while let Some(output) = self.adapter.poll_output() {
            match output {
                AdapterOutput::Event(event) => tell(at, &event)?,
                AdapterOutput::Send { mut bytes, .. } => {
                    blank_passwords(&mut bytes, self.adapter.diagnostics().widths.unwrap_or(Widths::V10));
                    self.sent.push(bytes);
                }
                AdapterOutput::Connect { .. } | AdapterOutput::Disconnect { .. } => {}
            }
        }
        Ok(())
    }
}

fn read(line: &str) -> Result<Line, String> {
    if line.len() > LINE_BYTES_MAX {
        return Err(format!("it is longer than {LINE_BYTES_MAX} bytes"));
    }
    let number = |word: Option<&str>, what: &str| -> Result<u64, String> {
        word.and_then(|word| word.parse().ok()).ok_or_else(|| format!("{what} must be a number"))
    };
    let connection = |word| {
        let number = number(word, "the connection")?;
        u32::try_from(number).map(ConnectionId).map_err(|_| "the connection is too great a number".to_owned())
    };
    if let Some(config) = line.strip_prefix("#config ") {
        return serde_json::from_str(config).map(Box::new).map(Line::Config).map_err(|error| error.to_string());
    }
    let mut words = line.splitn(4, ' ');
    let (first, second, third) = (words.next().unwrap_or_default(), words.next(), words.next());
    let rest = words.next().unwrap_or_default();
    match first {
        "#trace" => {
            let words: Vec<&str> = line.split(' ').collect();
            let ["#trace", "1", "start", start, "seed", seed, "password-bytes", bytes] = words[..] else {
                return Err("it must be `#trace 1 start … seed … password-bytes …`".to_owned());
            };
            let bytes = number(Some(bytes), "the password's length")?.min(64);
            Ok(Line::Head(number(Some(start), "the start")?, number(Some(seed), "the seed")?, bytes as usize))
        }
        "#." => Ok(Line::Ticked(Time::from_micros(number(second, "the time")?))),
        "#=" => Ok(Line::Stood(Time::from_micros(number(second, "the time")?), connection(third)?)),
        "#-" => Ok(Line::Ended(Time::from_micros(number(second, "the time")?), connection(third)?, rest.to_owned())),
        _ if first.is_empty() || first.starts_with('#') => Ok(Line::Nothing),
        _ => {
            let at = Time::from_micros(number(Some(first), "the time")?);
            let connection = connection(second)?;
            let bytes = hex::decode(rest).ok_or("a frame must be an even number of hexadecimal digits")?;
            match third {
                Some("<") => Ok(Line::Received(at, connection, bytes)),
                Some(">") => Ok(Line::Sent(bytes)),
                _ => Err("it must say `<` or `>`".to_owned()),
            }
        }
    }
}

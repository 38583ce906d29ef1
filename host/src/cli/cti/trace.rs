//! `cti trace`: a live connection, recorded.
//!
//! A trace is text. Lines with a frame are `<microseconds> <connection> <` (received) or `>` (sent) and its hexadecimal digits, so that
//! `cti decode` reads them. Everything else is a comment to it: `#trace` with the adapter's start, seed and the length of its password,
//! `#config` with its configuration, `#.` for time that passed, and `#+`, `#=`, `#-`, `#!` for a connection that was asked for, stood,
//! ended, was closed. What an adapter is fed stands there with its time, so that a replay is the same.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args as ClapArgs;
use interaction_core::cti::uccx::UccxAdapter;
use interaction_core::cti::uccx::codec::{DECODED_BODY_BYTES_MAX, HEADER_BYTES, Widths, blank_passwords, hex};
use interaction_core::cti::{ConnectionId, Event};
use interaction_core::time::Time;

use super::Failed;
use super::live::{Live, Seen};
use crate::cli::serve::settings;
use crate::clock::Clock;
use crate::platform::uccx;

/// `interaction-processor cti trace`
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// The configuration file of the server
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where to write; the file must not exist
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Seconds until it ends; until it is interrupted without
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    seconds: Option<u32>,
    /// The ClientID, where the platform takes one session for each and the server has its own
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
}

/// Records until the time is over, or a signal to stop.
pub(super) async fn run(args: Args) -> Result<(), Failed> {
    let mut settings = settings(args.config.as_deref(), None)?.cti.uccx;
    if let Some(client_id) = args.client_id {
        settings.client_id = client_id;
    }
    let (config, password) = uccx::read(&settings).map_err(Failed::usage)?;
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&args.file);
    let file = file.map_err(|error| Failed::new(format!("cannot write {}: {error}", args.file.display())))?;
    let (clock, seed) = (Clock::start(), uccx::seed());
    let start = clock.now();
    let head = Head {
        start,
        seed,
        password_bytes: password.as_ref().map_or(0, |password| password.expose().len()),
        config: serde_json::to_string(&config).map_err(Failed::fault)?,
    };
    let mut recorder = Recorder::new(BufWriter::new(file), &head).map_err(Failed::new)?;
    let mut live = Live::new(&config, password.as_ref(), seed, clock, start);
    let end = args.seconds.map_or(Time::MAX, |seconds| start + Duration::from_secs(seconds.into()));
    let interrupted = tokio::signal::ctrl_c();
    tokio::pin!(interrupted);
    while clock.now() < end && recorder.failed.is_none() {
        let mut see = |now, adapter: &UccxAdapter, seen: Seen<'_>| recorder.see(now, adapter, seen);
        tokio::select! {
            _ = &mut interrupted => break,
            () = live.step(end, &mut see) => {}
        }
    }
    let frames = recorder
        .finish(clock.now())
        .map_err(|error| Failed::new(format!("cannot write {}: {error}", args.file.display())))?;
    let diagnostics = live.adapter.diagnostics();
    eprintln!("{frames} frames are in {}; passwords are blanked, numbers and names are not.", args.file.display());
    match diagnostics.last_error {
        Some(error) if frames == 0 => Err(Failed::unreachable(format!("nothing answered: {}", error.text))),
        _ => Ok(()),
    }
}

/// What a trace begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) start: Time,
    pub(super) seed: u64,
    pub(super) password_bytes: usize,
    pub(super) config: String,
}

/// Writes a trace.
struct Recorder<W> {
    out: W,
    received: BTreeMap<ConnectionId, Cutter>,
    frames: u64,
    failed: Option<io::Error>,
}

impl<W: Write> Recorder<W> {
    fn new(mut out: W, head: &Head) -> io::Result<Self> {
        let Head { start, seed, password_bytes, config } = head;
        writeln!(out, "#trace 1 start {} seed {seed} password-bytes {password_bytes}", start.as_micros())?;
        writeln!(out, "#config {config}")?;
        Ok(Self { out, received: BTreeMap::new(), frames: 0, failed: None })
    }

    fn see(&mut self, now: Time, adapter: &UccxAdapter, seen: Seen<'_>) {
        let widths = adapter.diagnostics().widths.unwrap_or(Widths::V10);
        if let Err(error) = self.write(now, widths, seen) {
            self.failed.get_or_insert(error);
        }
    }

    fn write(&mut self, now: Time, widths: Widths, seen: Seen<'_>) -> io::Result<()> {
        let at = now.as_micros();
        match seen {
            Seen::Ticked => writeln!(self.out, "#. {at}")?,
            Seen::Asked(connection, node) => writeln!(self.out, "#+ {at} {} {node}", connection.0)?,
            Seen::Stood(connection) => writeln!(self.out, "#= {at} {}", connection.0)?,
            Seen::Closed(connection) => {
                self.rest(at, connection)?;
                writeln!(self.out, "#! {at} {}", connection.0)?;
            }
            Seen::Ended(connection, why) => {
                self.rest(at, connection)?;
                let why: String = why.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
                writeln!(self.out, "#- {at} {} {why}", connection.0)?;
            }
            Seen::Received(connection, bytes) => {
                let frames = self.received.entry(connection).or_default().cut(bytes);
                if frames.is_empty() {
                    writeln!(self.out, "#. {at}")?;
                }
                for frame in frames {
                    self.frame(at, connection, '<', &frame)?;
                }
            }
            Seen::Sent(connection, bytes) => {
                let mut blanked = bytes.to_vec();
                blank_passwords(&mut blanked, widths);
                self.frame(at, connection, '>', &blanked)?;
            }
            Seen::Told(Event::Up(_) | Event::Down { .. }) => {}
            Seen::Told(_) => return Ok(()),
        }
        self.out.flush()
    }

    fn frame(&mut self, at: u64, connection: ConnectionId, way: char, bytes: &[u8]) -> io::Result<()> {
        self.frames += 1;
        writeln!(self.out, "{at} {} {way} {}", connection.0, hex::encode(bytes))
    }

    /// A connection is over: what came of its last frame.
    fn rest(&mut self, at: u64, connection: ConnectionId) -> io::Result<()> {
        match self.received.remove(&connection) {
            Some(cutter) if !cutter.held.is_empty() => self.frame(at, connection, '<', &cutter.held),
            _ => Ok(()),
        }
    }

    fn finish(mut self, now: Time) -> io::Result<u64> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let open: Vec<ConnectionId> = self.received.keys().copied().collect();
        for connection in open {
            self.rest(now.as_micros(), connection)?;
        }
        self.out.flush()?;
        Ok(self.frames)
    }
}

/// Cuts what is received into frames; what has no frame boundary any more is told as it comes.
#[derive(Debug, Default)]
struct Cutter {
    held: Vec<u8>,
    lost: bool,
}

impl Cutter {
    fn cut(&mut self, bytes: &[u8]) -> Vec<Vec<u8>> {
        if self.lost {
            return vec![bytes.to_vec()];
        }
        self.held.extend_from_slice(bytes);
        let mut frames = Vec::new();
        while let Some((length, _)) = self.held.split_first_chunk::<4>() {
            let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
            if length > DECODED_BODY_BYTES_MAX {
                self.lost = true;
                frames.push(std::mem::take(&mut self.held));
                break;
            }
            let Some((frame, rest)) = self.held.split_at_checked(HEADER_BYTES + length) else { break };
            let rest = rest.to_vec();
            frames.push(frame.to_vec());
            self.held = rest;
        }
        frames
    }
}

#[cfg(test)]
pub(super) mod tests;

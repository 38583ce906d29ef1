//! `plugin run --script`: everything that happens to an adapter stands in a file, its times among it.
//!
//! Nothing here reads a clock, and work is bounded by counting it: the same lines give the same answers on every machine.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;

use interaction_core::cti::jsonl::{CommandLine, Password, PlatformLine};
use interaction_core::cti::{Adapter, AdapterInput, AdapterOutput, ConnectionId};
use interaction_core::time::Time;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Failed;
use crate::config::PluginSettings;
use crate::platform::plugin;
use crate::plugins::{Metering, PluginAdapter, Runtime};

/// Ticks between two lines: an adapter that wants more asks to be called at once, for ever.
const TICKS_MAX: usize = 100_000;

/// One line, a command aside: what happens, and when.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    /// Milliseconds since the start; when the line before happened, where it is left out.
    at: Option<u64>,
    /// A connection stands.
    connected: Option<u32>,
    /// Bytes came on a connection: `text` or `hex`.
    received: Option<u32>,
    text: Option<String>,
    hex: Option<String>,
    /// A connection ended.
    disconnected: Option<u32>,
    why: Option<String>,
}

/// Runs a script.
pub(super) fn run(settings: &PluginSettings, script: &Path, seed: u64) -> Result<(), Failed> {
    let runtime = Runtime::new(Metering::Fuel).map_err(Failed::new)?;
    let plugin = plugin::prepare(&runtime, settings, None).map_err(Failed::new)?;
    let adapter = plugin.make(seed, Time::ZERO).map_err(Failed::new)?;
    let mut run = Run { adapter, now: Time::ZERO };
    run.input(AdapterInput::Tick)?;
    for (number, line) in lines(script)?.lines().enumerate() {
        let at = |what: String| Failed::new(format!("line {}: {what}", number + 1));
        let line = line.map_err(|error| at(error.to_string()))?;
        if !line.trim().is_empty() {
            run.line(&line).map_err(|failed| at(failed.message))?;
        }
    }
    Ok(())
}

fn lines(script: &Path) -> Result<Box<dyn BufRead>, Failed> {
    if script == Path::new("-") {
        return Ok(Box::new(io::stdin().lock()));
    }
    let file = File::open(script).map_err(|error| Failed::usage(format!("{}: {error}", script.display())))?;
    Ok(Box::new(BufReader::new(file)))
}

struct Run {
    adapter: PluginAdapter,
    now: Time,
}

impl Run {
    fn line(&mut self, text: &str) -> Result<(), Failed> {
        if text.contains("\"command\"") {
            let command: CommandLine<'_> = serde_json::from_str(text).map_err(Failed::new)?;
            let (request, command, password) = command.into_command();
            let secret = password.as_ref().map(Password::expose);
            return self.input(AdapterInput::Command { request, command, secret });
        }
        let line: Line = serde_json::from_str(text).map_err(Failed::new)?;
        if let Some(at) = line.at {
            self.wait(Time::from_millis(at))?;
        }
        match line {
            Line { connected: Some(connection), received: None, disconnected: None, .. } => {
                self.input(AdapterInput::Connected { connection: ConnectionId(connection) })
            }
            Line { received: Some(connection), connected: None, disconnected: None, text, hex, .. } => {
                let bytes = match (text, hex) {
                    (Some(text), None) => text.into_bytes(),
                    (None, Some(hex)) => bytes(&hex).ok_or_else(|| Failed::new("`hex` must be pairs of digits"))?,
                    _ => return Err(Failed::new("`received` goes with `text` or `hex`")),
                };
                self.input(AdapterInput::Received { connection: ConnectionId(connection), bytes: &bytes })
            }
            Line { disconnected: Some(connection), connected: None, received: None, why, .. } => {
                let why = why.as_deref().unwrap_or("the script ended it");
                self.input(AdapterInput::Disconnected { connection: ConnectionId(connection), why })
            }
            Line { connected: None, received: None, disconnected: None, .. } => Ok(()),
            Line { .. } => Err(Failed::new("one of `connected`, `received` and `disconnected` happens at a time")),
        }
    }

    /// Lets time pass.
    fn wait(&mut self, until: Time) -> Result<(), Failed> {
        for _ in 0..TICKS_MAX {
            match self.adapter.poll_timeout() {
                Some(due) if due <= until => {
                    self.now = self.now.max(due);
                    self.input(AdapterInput::Tick)?;
                }
                _ => {
                    self.now = self.now.max(until);
                    return Ok(());
                }
            }
        }
        Err(Failed::new(format!("it was called {TICKS_MAX} times, and wants to be called again at once")))
    }

    fn input(&mut self, input: AdapterInput<'_>) -> Result<(), Failed> {
        self.adapter.handle_input(self.now, input);
        let mut out = io::stdout().lock();
        while let Some(output) = self.adapter.poll_output() {
            let line = match output {
                AdapterOutput::Event(event) => PlatformLine::from(&event).to_bytes(),
                output => format!("{}\n", shown(&output)).into_bytes(),
            };
            out.write_all(&line).map_err(|error| Failed::new(format!("cannot print: {error}")))?;
        }
        match self.adapter.failure() {
            Some(why) => Err(Failed::new(why)),
            None => Ok(()),
        }
    }
}

/// What it wants done, as a line. Passwords are among the bytes it sends: a script has none that matter.
fn shown(output: &AdapterOutput) -> Value {
    match output {
        AdapterOutput::Connect { connection, address } => json!({"connect": connection.0, "address": address}),
        AdapterOutput::Disconnect { connection } => json!({"disconnect": connection.0}),
        AdapterOutput::Send { connection, bytes } => match std::str::from_utf8(bytes) {
            Ok(text) => json!({"send": connection.0, "text": text}),
            Err(_) => json!({"send": connection.0, "hex": hex(bytes)}),
        },
        // INVARIANT: events are printed as the lines of their own.
        AdapterOutput::Event(_) => Value::Null,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = hex.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let digit = |byte: u8| (byte as char).to_digit(16);
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    digits.chunks_exact(2).map(|pair| u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::{bytes, hex};

    #[test]
    fn bytes_are_pairs_of_digits() {
        assert_eq!(bytes("00 ffA0"), Some(vec![0, 255, 160]));
        assert_eq!(bytes("0"), None);
        assert_eq!(bytes("zz"), None);
        assert_eq!(hex(&[0, 255]), "00ff");
    }
}

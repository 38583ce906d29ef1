//! Running a trace.

use std::time::Duration;

use interaction_core::ids::SocketId;
use interaction_core::input::Input;
use interaction_core::time::Time;
use serde_json::Value;

use crate::driver::{Broken, Driver, Recorded, Seen};
use crate::syntax::{Act, Kind, Line, Names, Trace, act};
use crate::view;

/// So many ticks in one `advance` are more than any trace has deadlines.
const TICKS_MAX: u32 = 10_000;

/// One input of a run, as another target is fed it, and the outputs it must have.
pub type Step = Recorded;

/// A trace that was run.
#[derive(Debug)]
pub struct Run {
    /// Every input in its encoded form, with its time, and its outputs in theirs.
    pub steps: Vec<Step>,
    /// The trace's text with the outputs it really has.
    pub text: String,
}

impl Trace {
    /// Runs the trace with every check there is.
    ///
    /// # Errors
    /// The line that breaks a promise of the engine, and which.
    pub fn run(&self) -> Result<Run, String> {
        let driver = Driver::new(self.config.clone(), self.seed, self.start, 1);
        let mut running =
            Running { driver, start: self.start, names: Names::default(), steps: Vec::new(), text: String::new() };
        for line in &self.lines {
            match &line.kind {
                Kind::Words => running.say(&line.text),
                Kind::Expected => {}
                Kind::Act => {
                    running.say(&line.text);
                    let act = act(&running.names.fill(&line.text));
                    let done = act.map_err(Broken).and_then(|act| running.act(&act));
                    done.map_err(|broken| wrong(line, &broken))?;
                }
            }
        }
        let held: Vec<_> = running.driver.held().collect();
        for (secret, kind) in held {
            running.say(&format!("held< {} {}", secret.0, view::kind(kind)));
        }
        Ok(Run { steps: running.steps, text: running.text })
    }
}

fn wrong(line: &Line, broken: &Broken) -> String {
    format!("line {}: {broken}\n  {}", line.number, line.text)
}

struct Running {
    driver: Driver,
    start: Time,
    names: Names,
    steps: Vec<Step>,
    text: String,
}

impl Running {
    fn act(&mut self, act: &Act) -> Result<(), Broken> {
        let done = match act {
            Act::Open { socket, peer, access } => self.driver.open(*socket, peer, *access)?,
            Act::Send { socket, frame } => self.driver.send(*socket, frame)?,
            Act::SendBinary { socket } => self.driver.send_binary(*socket)?,
            Act::SendLarge { socket, bytes } => self.driver.send_large(*socket, *bytes)?,
            Act::Alive { socket } => self.driver.feed(Input::Alive { socket: SocketId(*socket) })?,
            Act::Backlog { socket, bytes } => {
                self.driver.feed(Input::Backlog { socket: SocketId(*socket), bytes: *bytes })?
            }
            Act::Close { socket, why } => Ok(self.driver.close(*socket, *why)?),
            Act::Advance(by) => return self.advance(*by),
            Act::Stall(by) => {
                self.driver.sleep(*by);
                let for_us = u64::try_from(by.as_micros()).unwrap_or(u64::MAX);
                self.driver.feed(Input::Stalled { for_us })?
            }
            Act::Cti(events) => {
                for event in events {
                    let seen = self.driver.rightly(Input::Cti(event.clone()))?;
                    self.note();
                    self.show(&seen);
                }
                return Ok(());
            }
            Act::Claimed(claim, answer) => {
                self.driver.feed(Input::Claimed { claim: *claim, answer: answer.clone() })?
            }
            Act::Loaded(query, answer) => self.driver.feed(Input::Loaded { query: *query, answer: answer.clone() })?,
            Act::Post { socket, access, key, body } => {
                self.driver.post(*socket, ("127.0.0.1", *access), key.as_deref(), body.as_bytes())?
            }
            Act::Attach { socket, key, after, carrier } => self.driver.attach(*socket, key, *after, *carrier)?,
            Act::Token { name, how } => self.driver.change_token(name, how)?,
            Act::ShutDown(grace_ms) => self.driver.feed(Input::ShutDown { grace_ms: *grace_ms })?,
        };
        self.note();
        match done {
            Ok(seen) => self.show(&seen),
            Err(misuse) => self.say(&format!("! {misuse}")),
        }
        Ok(())
    }

    fn advance(&mut self, by: Duration) -> Result<(), Broken> {
        let until = self.driver.now() + by;
        for _ in 0..TICKS_MAX {
            let Some(seen) = self.driver.tick(until)? else {
                let left = until.since(self.driver.now());
                self.driver.sleep(left);
                return Ok(());
            };
            self.note();
            if !seen.is_empty() {
                self.say(&format!("= {}", elapsed(self.driver.now().since(self.start))));
                self.show(&seen);
            }
        }
        Err(Broken(format!("{TICKS_MAX} deadlines fell into {by:?}")))
    }

    fn note(&mut self) {
        self.steps.extend(self.driver.recorded.take());
    }

    fn show(&mut self, seen: &[Seen]) {
        for one in seen {
            self.name(one);
            self.say(&view::line(one));
        }
    }

    /// What later lines may speak of.
    fn name(&mut self, seen: &Seen) {
        match seen {
            Seen::Cti { request, .. } => self.names.cti = request.0,
            Seen::Claim { claim, .. } => self.names.claim = claim.0,
            Seen::LoadJourney { query, .. } | Seen::LoadRecent { query, .. } => self.names.query = query.0,
            Seen::Message { text, .. } => {
                let message: Value = serde_json::from_str(text).unwrap_or_default();
                let event = &message["event"];
                let name = event["name"].as_str().unwrap_or_default();
                if let Some(kind) = name.strip_suffix(".created")
                    && let (Some(parent), Some(id)) = (event["target"].as_str(), event["data"][kind]["id"].as_str())
                {
                    self.names.created(kind, parent, id);
                }
                let response = &message["response"];
                if let (Some("prepareSession"), Some(id)) =
                    (response["command"].as_str(), response["resource"]["id"].as_str())
                    && !self.names.sessions.iter().any(|known| known == id)
                {
                    self.names.sessions.push(id.to_owned());
                }
            }
            Seen::Ping { .. }
            | Seen::Closed { .. }
            | Seen::Answered { .. }
            | Seen::Release { .. }
            | Seen::Store { .. }
            | Seen::Audit { .. } => {}
        }
    }

    fn say(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }
}

fn elapsed(time: Duration) -> String {
    match (time.as_secs(), time.subsec_millis()) {
        (seconds, 0) => format!("{seconds}s"),
        (_, _) => format!("{}ms", time.as_millis()),
    }
}

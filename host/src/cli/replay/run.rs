//! One replay: record by record, compared with what was recorded.

use std::io::{self, Write};
use std::ops::{ControlFlow, Range};
use std::panic::{self, AssertUnwindSafe};

use interaction_core::codec;
use interaction_core::journal::{Begins, Header, Item, Outcome, Replay};
use interaction_core::time::Time;
use serde_json::{Value, json};

use super::cut::Cutter;
use super::source::Ending;
use super::{Args, Failed, show};
use crate::cli::people::timestamp;

/// Differences told in full; the rest is counted.
const TOLD_MAX: u64 = 10;

/// What a replay came to.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// What the recording says of itself.
    pub(super) header: Option<Header>,
    /// Inputs that were fed.
    pub(super) inputs: u64,
    /// Inputs whose outcome was recorded.
    pub(super) compared: u64,
    /// Inputs of which something else came.
    pub(super) differences: u64,
    /// When the last one happened.
    pub(super) last: Option<Time>,
    /// The input at which the engine broke an invariant.
    pub(super) broken: Option<u64>,
    /// What was cut.
    pub(super) cut: Option<String>,
}

/// A replay under way.
pub(super) struct Run<'a, W> {
    args: &'a Args,
    out: W,
    cutter: Option<Cutter>,
    replay: Option<Replay>,
    fed: Fed,
    tally: Tally,
    /// Nobody reads what is printed.
    is_alone: bool,
}

/// The last input, and what came of it.
#[derive(Debug, Default)]
struct Fed {
    number: u64,
    now: Time,
    encoded: Vec<u8>,
    outputs: Vec<u8>,
    /// Where each output is in `outputs`.
    places: Vec<Range<usize>>,
    outcome: Option<Outcome>,
    /// How many outputs were recorded so far.
    recorded: usize,
    /// The first that differs from the recorded one: its place, and what was recorded.
    differs: Option<(usize, Vec<u8>)>,
}

impl<'a, W: Write> Run<'a, W> {
    /// A replay that has not begun.
    pub(super) fn new(args: &'a Args, cutter: Option<Cutter>, out: W) -> Self {
        let (fed, tally) = (Fed::default(), Tally::default());
        Self { args, out, cutter, replay: None, fed, tally, is_alone: false }
    }

    /// Takes the next record.
    pub(super) fn take(&mut self, item: Item<'_>) -> Result<ControlFlow<()>, Failed> {
        match item {
            Item::Header(header) => {
                if header.begins == Begins::New {
                    self.begin(&header, None)?;
                }
                self.tally.header = Some(*header);
            }
            Item::Snapshot(snapshot) => {
                let header = self.tally.header.clone().ok_or_else(|| Failed::new("the recording has no header"))?;
                self.begin(&header, Some(snapshot))?;
            }
            Item::Input { now, encoded, .. } => return self.input(now, encoded),
            Item::Output(encoded) => {
                self.fed.record(encoded);
                if let Some(cutter) = &mut self.cutter {
                    cutter.output(encoded)?;
                }
            }
            Item::Outcome(recorded) => {
                self.compare(recorded)?;
                if let Some(cutter) = &mut self.cutter {
                    cutter.outcome(recorded)?;
                }
            }
            Item::End(_) => {}
        }
        Ok(if self.is_alone && self.cutter.is_none() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }

    /// There are no more records.
    pub(super) fn finish(mut self, ending: &Ending) -> Result<Tally, Failed> {
        if let Some(cutter) = self.cutter.take() {
            self.tally.cut = Some(cutter.finish(ending, self.tally.broken.is_some())?);
        }
        let flushed = self.out.flush();
        self.printed(flushed)?;
        Ok(self.tally)
    }

    fn begin(&mut self, header: &Header, snapshot: Option<&[u8]>) -> Result<(), Failed> {
        let replay = Replay::begin(header, snapshot).map_err(|error| {
            Failed::new(format!("the recording, of version {}, cannot be replayed: {error}", header.product))
        })?;
        self.replay = Some(replay);
        if let Some(cutter) = &mut self.cutter {
            cutter.begin(header, snapshot)?;
        }
        Ok(())
    }

    fn input(&mut self, now: Time, encoded: &[u8]) -> Result<ControlFlow<()>, Failed> {
        let (Some(replay), Some(header)) = (&mut self.replay, &self.tally.header) else {
            return Err(Failed::new("the recording does not begin"));
        };
        let number = replay.inputs() + 1;
        if self.args.until.is_some_and(|until| until.is_passed(header.from, number, now)) {
            return Ok(ControlFlow::Break(()));
        }
        let is_shown = self.args.from.is_none_or(|from| from.is_reached(header.from, number, now));
        if let Some(cutter) = &mut self.cutter {
            if is_shown {
                cutter.reach(replay, self.tally.differences, self.tally.last.unwrap_or(header.from))?;
            }
            cutter.input(now, encoded)?;
        }
        self.tally.inputs += 1;
        self.tally.last = Some(now);
        let fed = &mut self.fed;
        fed.renew(number, now, encoded);
        // It was read a moment ago by whoever handed it over.
        let (_, input) = codec::decode_input(encoded).map_err(Failed::damaged)?;
        let lines = self.args.print && is_shown;
        if lines {
            let line = show::input(number, now, &input);
            self.line(&line)?;
        }
        let (Some(replay), fed) = (&mut self.replay, &mut self.fed) else { return Ok(ControlFlow::Break(())) };
        let came = panic::catch_unwind(AssertUnwindSafe(|| replay.feed(now, input, |_, output| fed.came(output))));
        let Ok(outcome) = came else {
            self.tally.broken = Some(number);
            return Ok(ControlFlow::Break(()));
        };
        fed.outcome = Some(outcome);
        if lines {
            for place in 0..self.fed.places.len() {
                let line = show::output(number, place + 1, self.fed.output(place));
                self.line(&line)?;
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn compare(&mut self, recorded: Outcome) -> Result<(), Failed> {
        self.tally.compared += 1;
        let Some(came) = self.fed.outcome.take() else { return Ok(()) };
        if came == recorded {
            return Ok(());
        }
        self.tally.differences += 1;
        if self.tally.differences > TOLD_MAX {
            return Ok(());
        }
        let difference = self.difference(&recorded, &came);
        if self.args.print {
            return self.line(&difference);
        }
        let written = self.tell(&difference);
        self.printed(written)
    }

    fn difference(&self, recorded: &Outcome, came: &Outcome) -> Value {
        let fed = &self.fed;
        let mut told = json!({
            "input": fed.number,
            "at": timestamp(fed.now),
            "differs": {"recorded": show::outcome(recorded), "came": show::outcome(came)},
        });
        if let Some((place, then)) = &fed.differs {
            told["differs"]["output"] = json!(place + 1);
            told["differs"]["recordedOutput"] = show::decoded(then);
            told["differs"]["cameOutput"] = fed.place(*place).map_or(Value::Null, show::decoded);
        }
        told
    }

    /// A difference for people.
    fn tell(&mut self, difference: &Value) -> io::Result<()> {
        let Self { out, fed, .. } = self;
        writeln!(out, "Input {} at {} differs.", fed.number, timestamp(fed.now))?;
        if let Ok((now, input)) = codec::decode_input(&fed.encoded) {
            writeln!(out, "  fed       {}", show::input(fed.number, now, &input)["fed"])?;
        }
        let differs = &difference["differs"];
        writeln!(out, "  recorded  {}", differs["recorded"])?;
        writeln!(out, "  came      {}", differs["came"])?;
        if differs["output"].is_u64() {
            writeln!(out, "  output {}, recorded  {}", differs["output"], differs["recordedOutput"])?;
            writeln!(out, "  output {}, came      {}", differs["output"], differs["cameOutput"])?;
        } else {
            for place in 0..fed.places.len() {
                writeln!(out, "  output {}, came  {}", place + 1, show::decoded(fed.output(place)))?;
            }
        }
        Ok(())
    }

    fn line(&mut self, line: &Value) -> Result<(), Failed> {
        let written = writeln!(self.out, "{line}");
        self.printed(written)
    }

    /// A reader who has seen enough is no failure.
    fn printed(&mut self, written: io::Result<()>) -> Result<(), Failed> {
        match written {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.is_alone = true;
                Ok(())
            }
            Err(error) => Err(Failed::new(format!("cannot print: {error}"))),
        }
    }
}

impl Fed {
    fn renew(&mut self, number: u64, now: Time, encoded: &[u8]) {
        (self.number, self.now, self.outcome, self.recorded, self.differs) = (number, now, None, 0, None);
        self.encoded.clear();
        self.encoded.extend_from_slice(encoded);
        self.outputs.clear();
        self.places.clear();
    }

    fn came(&mut self, output: &[u8]) {
        let from = self.outputs.len();
        self.outputs.extend_from_slice(output);
        self.places.push(from..self.outputs.len());
    }

    /// This output was recorded.
    fn record(&mut self, encoded: &[u8]) {
        let place = self.recorded;
        self.recorded += 1;
        if self.differs.is_none() && self.place(place) != Some(encoded) {
            self.differs = Some((place, encoded.to_vec()));
        }
    }

    fn place(&self, place: usize) -> Option<&[u8]> {
        self.places.get(place).map(|range| &self.outputs[range.clone()])
    }

    fn output(&self, place: usize) -> &[u8] {
        self.place(place).unwrap_or_default()
    }
}

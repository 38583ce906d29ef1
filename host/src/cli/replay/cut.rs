//! Writing a part of a recording to another one, redacted if wanted.

use std::fs::File;
use std::io::Write;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};

use interaction_core::codec;
use interaction_core::journal::redact::Redactor;
use interaction_core::journal::{Begins, Encoder, Ended, Header, Keeps, Outcome, Replay};
use interaction_core::time::Time;

use super::Failed;
use super::at::At;
use super::source::Ending;
use crate::recording;

/// What is written at once.
const WRITE_BYTES: usize = 1 << 20;

/// The part, in the making.
pub(super) struct Cutter {
    file: File,
    path: PathBuf,
    from: Option<At>,
    /// What the recording says of itself, until the part begins.
    header: Option<Header>,
    /// The part, once it begins.
    encoder: Option<Encoder>,
    out: Vec<u8>,
    redaction: Option<Redaction>,
    is_done: bool,
}

/// What is redacted, fed to an engine of its own.
struct Redaction {
    redactor: Redactor,
    replay: Option<Replay>,
    keeps: Keeps,
    encoded: Vec<u8>,
    /// Outputs of the last input as they are without redaction: how many.
    came: u32,
    /// Inputs so far, and the first of which as many outputs came as without redaction no more.
    inputs: u64,
    strays: Option<u64>,
    is_broken: bool,
}

impl Cutter {
    /// A part that begins at `from`, in a file that is not there yet.
    pub(super) fn create(path: &Path, from: Option<At>, redactor: Option<Redactor>) -> Result<Self, Failed> {
        let file = recording::create(path)
            .map_err(|error| Failed::new(format!("cannot write to {}: {error}", path.display())))?;
        let redaction = redactor.map(|redactor| Redaction {
            redactor,
            replay: None,
            keeps: Keeps::Digests,
            encoded: Vec::new(),
            came: 0,
            inputs: 0,
            strays: None,
            is_broken: false,
        });
        Ok(Self {
            file,
            path: path.into(),
            from,
            header: None,
            encoder: None,
            out: Vec::new(),
            redaction,
            is_done: false,
        })
    }

    /// The recording begins.
    pub(super) fn begin(&mut self, header: &Header, snapshot: Option<&[u8]>) -> Result<(), Failed> {
        let header = match &mut self.redaction {
            Some(redaction) => redaction.begin(header)?,
            None => header.clone(),
        };
        if self.from.is_none() {
            let mut encoder = Encoder::begin(&header, &mut self.out);
            if let Some(snapshot) = snapshot {
                encoder.snapshot(snapshot, &mut self.out);
            }
            self.encoder = Some(encoder);
        }
        self.header = Some(header);
        self.write_much()
    }

    /// The next input is in the part. `replay` has not got it yet; of so many inputs before it something else came than was
    /// recorded, and the last one happened at `last`.
    pub(super) fn reach(&mut self, replay: &Replay, differences: u64, last: Time) -> Result<(), Failed> {
        let (None, Some(header)) = (&self.encoder, &self.header) else { return Ok(()) };
        let redacted = self.redaction.as_ref().map(|redaction| redaction.replay.as_ref().unwrap_or(replay));
        if redacted.is_none() && differences > 0 {
            return Err(Failed::differs(
                "what came out before the cut is not what was recorded, so a cut cannot begin there with what the engine was. \
                 Cut with the version that recorded it, or from the beginning",
            ));
        }
        let replay = redacted.unwrap_or(replay);
        let header = Header { begins: Begins::Snapshot, from: last, inputs_before: replay.inputs(), ..header.clone() };
        let mut encoder = Encoder::begin(&header, &mut self.out);
        encoder.snapshot(&replay.engine().snapshot(), &mut self.out);
        self.encoder = Some(encoder);
        Ok(())
    }

    /// An input, before it is fed.
    pub(super) fn input(&mut self, now: Time, encoded: &[u8]) -> Result<(), Failed> {
        match (&mut self.redaction, &mut self.encoder) {
            (Some(redaction), encoder) => redaction.input(now, encoded, encoder.as_mut(), &mut self.out)?,
            (None, Some(encoder)) => encoder.input(encoded, &mut self.out),
            (None, None) => {}
        }
        self.write_much()
    }

    /// An output as it was recorded.
    pub(super) fn output(&mut self, encoded: &[u8]) -> Result<(), Failed> {
        if let (None, Some(encoder)) = (&self.redaction, &mut self.encoder) {
            encoder.output(encoded, &mut self.out);
        }
        self.write_much()
    }

    /// What came of the last input, as it was recorded.
    pub(super) fn outcome(&mut self, outcome: Outcome) -> Result<(), Failed> {
        match (&mut self.redaction, &mut self.encoder) {
            (Some(redaction), _) => redaction.compare(outcome),
            (None, Some(encoder)) => encoder.outcome(outcome, &mut self.out),
            (None, None) => {}
        }
        self.write_much()
    }

    /// The part ends: what was written.
    pub(super) fn finish(mut self, ending: &Ending, is_broken: bool) -> Result<String, Failed> {
        let is_broken = is_broken || self.redaction.as_ref().is_some_and(|redaction| redaction.is_broken);
        let why = match ending {
            Ending::Left if is_broken => Ended::Fault,
            Ending::Ended(end) => end.why,
            Ending::Open | Ending::Damaged(_) | Ending::Left => Ended::Cut,
        };
        let Some(mut encoder) = self.encoder.take() else {
            let path = self.path.display();
            return Err(Failed::new(format!("nothing was written to {path}: the recording ends before --from")));
        };
        encoder.end(why, &mut self.out);
        self.write()?;
        self.file.sync_all().map_err(|error| self.failed(&error))?;
        self.is_done = true;
        let mut told = format!("{} inputs were written to {}", encoder.inputs(), self.path.display());
        if let Some(redaction) = &self.redaction {
            told += &format!(", {} texts, addresses and hashes replaced.", redaction.redactor.len());
            match redaction.strays {
                Some(input) => {
                    told += &format!(
                        " From input {input} on the engine goes another way than it did: what went wrong may not be in it."
                    );
                }
                None => told += " The engine goes the same way as before.",
            }
        } else {
            told.push('.');
        }
        Ok(told)
    }

    fn write_much(&mut self) -> Result<(), Failed> {
        if self.out.len() < WRITE_BYTES { Ok(()) } else { self.write() }
    }

    fn write(&mut self) -> Result<(), Failed> {
        self.file.write_all(&self.out).map_err(|error| self.failed(&error))?;
        self.out.clear();
        Ok(())
    }

    fn failed(&self, error: &std::io::Error) -> Failed {
        Failed::new(format!("cannot write to {}: {error}", self.path.display()))
    }
}

impl Drop for Cutter {
    /// What is not whole is not left.
    fn drop(&mut self) {
        if !self.is_done {
            // It may be gone, or its directory; nobody waits for it.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

impl Redaction {
    fn begin(&mut self, header: &Header) -> Result<Header, Failed> {
        let header = self.redactor.header(header);
        self.replay = Some(Replay::begin(&header, None).map_err(Failed::new)?);
        self.keeps = header.keeps;
        Ok(header)
    }

    fn input(
        &mut self,
        now: Time,
        encoded: &[u8],
        mut encoder: Option<&mut Encoder>,
        out: &mut Vec<u8>,
    ) -> Result<(), Failed> {
        let (_, input) = codec::decode_input(encoded).map_err(Failed::damaged)?;
        let input = self.redactor.input(&input);
        self.inputs += 1;
        self.encoded.clear();
        codec::encode_input(now, &input, &mut self.encoded);
        if let Some(encoder) = &mut encoder {
            encoder.input(&self.encoded, out);
        }
        let Some(replay) = self.replay.as_mut().filter(|_| !self.is_broken) else { return Ok(()) };
        let keeps = self.keeps;
        let fed = panic::catch_unwind(AssertUnwindSafe(|| {
            replay.feed(now, input, |_, output| {
                if let (Keeps::Outputs, Some(encoder)) = (keeps, &mut encoder) {
                    encoder.output(output, out);
                }
            })
        }));
        match fed {
            Ok(outcome) => {
                self.came = outcome.outputs;
                if let Some(encoder) = encoder {
                    encoder.outcome(outcome, out);
                }
            }
            Err(_) => self.is_broken = true,
        }
        Ok(())
    }

    /// What came of the last input without redaction.
    fn compare(&mut self, outcome: Outcome) {
        if outcome.outputs != self.came && self.strays.is_none() {
            self.strays = Some(self.inputs);
        }
    }
}

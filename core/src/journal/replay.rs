//! Feeding an engine what a journal holds.

use super::{Begins, Digest, Header, Outcome, Verdict};
use crate::codec;
use crate::config::Seed;
use crate::engine::{Engine, RestoreError};
use crate::input::Input;
use crate::output::Output;
use crate::time::Time;

/// An engine that is fed a journal's inputs.
#[derive(Debug)]
pub struct Replay {
    engine: Engine,
    inputs: u64,
    encoded: Vec<u8>,
}

impl Replay {
    /// The engine before a journal's first input. `snapshot` is the one the journal begins with, if it does.
    ///
    /// # Errors
    /// There is no snapshot where the header says so, or it cannot be read.
    pub fn begin(header: &Header, snapshot: Option<&[u8]>) -> Result<Self, RestoreError> {
        let config = header.config.clone();
        let engine = match (header.begins, snapshot) {
            (Begins::New, _) => Engine::new(config, Seed(header.seed), header.from),
            (Begins::Snapshot, Some(snapshot)) => Engine::restore(config, snapshot)?,
            (Begins::Snapshot, None) => return Err(RestoreError::Unreadable),
        };
        Ok(Self { engine, inputs: header.inputs_before, encoded: Vec::new() })
    }

    /// Feeds the next input; `see` gets each output, and its encoded form.
    pub fn feed(&mut self, now: Time, input: Input<'_>, mut see: impl FnMut(&Output<'_>, &[u8])) -> Outcome {
        self.inputs += 1;
        let said = self.engine.handle_input(now, input);
        let mut digest = Digest::default();
        while let Some(output) = self.engine.poll_output() {
            self.encoded.clear();
            codec::encode_output(&output, &mut self.encoded);
            digest.add(&self.encoded);
            see(&output, &self.encoded);
        }
        digest.outcome(Verdict::from(said))
    }

    /// The number of the last input that was fed: 1 for the first one a new engine got.
    pub fn inputs(&self) -> u64 {
        self.inputs
    }

    /// The engine as it is now.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }
}

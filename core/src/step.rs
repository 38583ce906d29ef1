//! Many inputs in one call, as bytes: how a host drives an engine that lives in another module.
//!
//! A batch is records of [`crate::codec::encode_input`], each after its length as four bytes, little-endian; the answer is
//! records of [`crate::codec::encode_output`] framed alike, in the order in which they are to be performed.

use std::fmt;

use crate::codec::{self, CodecError};
use crate::engine::{Engine, Misuse};
use crate::input::Input;
use crate::time::Time;

/// What went wrong with a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepError {
    /// How many inputs were applied; the one after them is at fault and changed nothing, nor did those behind it.
    pub applied: u32,
    /// The outputs of those that were applied, framed: perform them all the same.
    pub outputs: Vec<u8>,
    /// What is wrong.
    pub fault: Fault,
}

/// Why an input was not applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The batch ends within a length or a record; none of it was applied.
    Framing,
    /// A record is no input; none of the batch was applied.
    Record(CodecError),
    /// An input that may not come now; those before it were applied.
    Misuse(Misuse),
}

impl Fault {
    /// A word for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Framing => "batch.framing",
            Self::Record(CodecError::Unreadable) => "record.unreadable",
            Self::Record(CodecError::Version(_)) => "record.version",
            Self::Misuse(Misuse::NotDrained) => "misuse.notdrained",
            Self::Misuse(Misuse::TimeWentBack) => "misuse.timewentback",
            Self::Misuse(Misuse::UnknownSocket(_)) => "misuse.unknownsocket",
            Self::Misuse(Misuse::SocketExists(_)) => "misuse.socketexists",
            Self::Misuse(Misuse::TooManySockets) => "misuse.toomanysockets",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Framing => f.write_str(
                "the batch ends within a record: put the length of each record before it, four bytes, little-endian",
            ),
            Self::Record(error) => error.fmt(f),
            Self::Misuse(misuse) => misuse.fmt(f),
        }
    }
}

impl fmt::Display for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "input {} of the batch: {}", self.applied, self.fault)
    }
}

impl std::error::Error for StepError {}

/// Applies a batch and returns all it caused.
///
/// # Errors
/// The whole batch is read before its first input is applied, so a damaged one changes nothing.
pub fn step(engine: &mut Engine, batch: &[u8]) -> Result<Vec<u8>, StepError> {
    let inputs = read(batch).map_err(|fault| StepError { applied: 0, outputs: Vec::new(), fault })?;
    let mut outputs = Vec::new();
    drain(engine, &mut outputs);
    for (applied, (now, input)) in (0..).zip(inputs) {
        if let Err(misuse) = engine.handle_input(now, input) {
            return Err(StepError { applied, outputs, fault: Fault::Misuse(misuse) });
        }
        drain(engine, &mut outputs);
    }
    Ok(outputs)
}

/// The records of a batch or of its answer, without their lengths; `None` where one is cut short.
pub fn records(framed: &[u8]) -> impl Iterator<Item = Option<&[u8]>> {
    let mut rest = framed;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let cut = cut(rest);
        rest = cut.map_or(&[], |(_, after)| after);
        Some(cut.map(|(record, _)| record))
    })
}

/// Appends what `write` appends, with its length before it.
///
/// # Panics
/// When that is 4 GiB or more; no record comes near.
pub fn frame(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let at = out.len();
    out.extend_from_slice(&[0; 4]);
    write(out);
    // INVARIANT: the bounds of messages and journeys keep every record below 4 GiB.
    let len = u32::try_from(out.len() - at - 4).expect("a record is shorter than 4 GiB");
    out[at..at + 4].copy_from_slice(&len.to_le_bytes());
}

fn read(batch: &[u8]) -> Result<Vec<(Time, Input<'_>)>, Fault> {
    records(batch).map(|record| codec::decode_input(record.ok_or(Fault::Framing)?).map_err(Fault::Record)).collect()
}

fn drain(engine: &mut Engine, outputs: &mut Vec<u8>) {
    while let Some(output) = engine.poll_output() {
        frame(outputs, |out| codec::encode_output(&output, out));
    }
}

fn cut(framed: &[u8]) -> Option<(&[u8], &[u8])> {
    let (len, rest) = framed.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_le_bytes(*len)).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Seed};
    use crate::ids::SocketId;

    const NOW: Time = Time::from_millis(1_790_000_000_000);

    fn engine() -> Engine {
        Engine::new(Config::default(), Seed(1), NOW)
    }

    fn batch(inputs: &[Input<'_>]) -> Vec<u8> {
        let mut batch = Vec::new();
        for input in inputs {
            frame(&mut batch, |out| codec::encode_input(NOW, input, out));
        }
        batch
    }

    #[test]
    fn outputs_come_framed_and_in_order() {
        let mut engine = engine();
        let later = Time::from_millis(NOW.as_millis() + 60_000);
        let opened = crate::input::Input::SocketOpened {
            socket: SocketId(7),
            peer: "127.0.0.1".into(),
            access: crate::input::Access::Token,
            key: crate::input::FreshKey { secret: crate::ids::SecretRef(1), hash: crate::input::KeyHash([0; 32]) },
        };
        let mut bytes = batch(&[opened]);
        frame(&mut bytes, |out| codec::encode_input(later, &Input::Tick, out));
        let answer = step(&mut engine, &bytes).expect("a good batch");
        let outputs: Vec<String> = records(&answer)
            .map(|record| format!("{:?}", codec::decode_output(record.expect("whole")).expect("an output")))
            .collect();
        assert!(outputs.iter().any(|output| output.starts_with("Close")), "{outputs:?}");
        assert!(outputs.iter().any(|output| output.starts_with("Forget")), "{outputs:?}");
    }

    #[test]
    fn a_damaged_batch_changes_nothing() {
        let whole = batch(&[Input::Tick, Input::ShutDown { grace_ms: 5 }]);
        for cut in 1..whole.len() {
            let mut engine = engine();
            let before = format!("{engine:?}");
            match step(&mut engine, &whole[..cut]) {
                // The first record is whole and the second is not there at all.
                Ok(_) => assert_eq!(cut, batch(&[Input::Tick]).len()),
                Err(error) => {
                    assert_eq!((error.applied, error.fault), (0, Fault::Framing));
                    assert_eq!(format!("{engine:?}"), before);
                }
            }
        }
        let mut other = batch(&[Input::Tick]);
        other[4] = 99;
        let error = step(&mut engine(), &other).expect_err("another version");
        assert_eq!(error.fault.code(), "record.version");
        assert!(error.to_string().contains("99"), "{error}");
    }

    #[test]
    fn a_misuse_tells_what_was_applied_before_it() {
        let bytes = batch(&[Input::Tick, Input::Alive { socket: SocketId(3) }, Input::Tick]);
        let error = step(&mut engine(), &bytes).expect_err("no such socket");
        assert_eq!((error.applied, error.fault.code()), (1, "misuse.unknownsocket"));
        assert_eq!(error.to_string(), "input 1 of the batch: socket 3 is not open");
    }

    #[test]
    fn configurations_are_read_and_their_faults_named() {
        assert_eq!(Config::from_json("{}"), Ok(Config::default()));
        let config = Config::from_json(r#"{"instance":"a","limits":{"grace_ms":5000}}"#).expect("valid");
        assert_eq!((&*config.instance, config.limits.grace_ms), ("a", 5000));
        for (text, words) in [
            ("", "configuration: not a JSON object"),
            ("[]", "configuration: not a JSON object"),
            ("{", "configuration: EOF"),
            ("{} {}", "trailing"),
            (r#"{"limits":{"grace_ms":"x"}}"#, "limits.grace_ms: invalid type"),
            (r#"{"limits":{"grace":5}}"#, "limits.grace: unknown field"),
            (r#"{"limits":{"heartbeat_ms":0}}"#, "limits.heartbeat_ms: 0, but it must be at least 1"),
        ] {
            let error = Config::from_json(text).expect_err(text).to_string();
            assert!(error.contains(words), "{text}: {error}");
        }
    }
}

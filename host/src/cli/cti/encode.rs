//! `cti encode`: frames of JSON.

use std::io::{self, BufRead, BufWriter, Read, Write};

use interaction_core::cti::uccx::codec::{Widths, hex};

use super::lines::{Said, said};
use super::{Failed, FramesArgs, unless_nobody_reads};

/// The longest line that is read: the longest frame, of nothing but empty floating fields, takes a fifth of it.
const LINE_BYTES_MAX: u64 = 16 << 20;

/// Prints the frames that the input says.
pub(super) fn run(args: &FramesArgs) -> Result<(), Failed> {
    let mut out = BufWriter::new(io::stdout().lock());
    match encode(&mut args.input()?, args.widths(), args.binary, &mut out) {
        Ok(()) => unless_nobody_reads(out.flush()),
        Err(Stop::Io(error)) => unless_nobody_reads(Err(error)),
        Err(Stop::Line(number, why)) => {
            unless_nobody_reads(out.flush())?;
            Err(Failed::new(format!("line {number} is no frame: {why}")))
        }
    }
}

/// Why not all was made.
#[derive(Debug)]
pub(super) enum Stop {
    /// Input or output failed.
    Io(io::Error),
    /// The line of this number says no frame, and why.
    Line(usize, String),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Makes a frame of each line.
pub(super) fn encode(input: &mut impl BufRead, widths: Widths, binary: bool, out: &mut impl Write) -> Result<(), Stop> {
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        if input.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        if line.len() as u64 == LINE_BYTES_MAX {
            return Err(Stop::Line(number, format!("it is longer than {LINE_BYTES_MAX} bytes")));
        }
        let text = std::str::from_utf8(&line).map_err(|error| Stop::Line(number, error.to_string()))?.trim();
        if text.is_empty() {
            continue;
        }
        match said(text, widths).map_err(|why| Stop::Line(number, why))? {
            Said::Frame(bytes, _) if binary => out.write_all(&bytes)?,
            Said::Frame(bytes, Some(trace)) => writeln!(out, "{trace} {}", hex::encode(&bytes))?,
            Said::Frame(bytes, None) => writeln!(out, "{}", hex::encode(&bytes))?,
            Said::Line(..) if binary => return Err(Stop::Line(number, "it stands for a line of text".to_owned())),
            Said::Line(bytes, goes_on) => {
                out.write_all(&bytes)?;
                if !goes_on {
                    out.write_all(b"\n")?;
                }
            }
        }
        out.flush()?;
    }
    Ok(())
}

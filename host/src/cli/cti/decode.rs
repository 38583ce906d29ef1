//! `cti decode`: frames as JSON.

use std::io::{self, BufRead, BufWriter, Read, Write};

use interaction_core::cti::uccx::codec::inspect::inspect;
use interaction_core::cti::uccx::codec::{DECODED_BODY_BYTES_MAX, HEADER_BYTES, Widths};

use super::lines::{Extent, LINE_BYTES_MAX, object, objects};
use super::{Failed, FramesArgs, unless_nobody_reads};

/// How much of a capture that cannot be cut into frames any more is told in one object.
const PIECE_BYTES: u64 = 32 << 10;

/// Prints the frames of the input.
pub(super) fn run(args: &FramesArgs) -> Result<(), Failed> {
    let mut input = args.input()?;
    // A line is told as soon as it is known: the input may be a live one.
    let mut out = BufWriter::new(io::stdout().lock());
    let result = if args.binary {
        binary(&mut input, args.widths(), &mut out)
    } else {
        text(&mut input, args.widths(), &mut out)
    };
    unless_nobody_reads(result.and_then(|()| out.flush()))
}

/// Lines of hexadecimal digits.
pub(super) fn text(input: &mut impl BufRead, widths: Widths, out: &mut impl Write) -> io::Result<()> {
    let (mut line, mut before) = (Vec::new(), Extent::Whole);
    loop {
        line.clear();
        if input.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        let ended = line.pop_if(|last| *last == b'\n').is_some();
        let goes_on = !ended && line.len() as u64 == LINE_BYTES_MAX;
        let extent = match before {
            _ if goes_on => Extent::Piece,
            Extent::Piece => Extent::Last,
            Extent::Whole | Extent::Last => Extent::Whole,
        };
        for object in objects(&line, extent, widths) {
            writeln!(out, "{object}")?;
        }
        before = extent;
        out.flush()?;
    }
}

/// Bytes as they crossed the network.
pub(super) fn binary(input: &mut impl Read, widths: Widths, out: &mut impl Write) -> io::Result<()> {
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        input.by_ref().take(HEADER_BYTES as u64).read_to_end(&mut bytes)?;
        let Some((length, _)) = bytes.split_first_chunk::<4>() else { break };
        let length = u64::from(u32::from_be_bytes(*length));
        if length > DECODED_BODY_BYTES_MAX as u64 {
            break;
        }
        input.by_ref().take(length).read_to_end(&mut bytes)?;
        writeln!(out, "{}", object(&inspect(&bytes, widths), None))?;
        out.flush()?;
    }
    // No frame begins where one should: what follows is told as it is.
    while !bytes.is_empty() {
        input.by_ref().take(PIECE_BYTES - bytes.len() as u64).read_to_end(&mut bytes)?;
        writeln!(out, "{}", object(&inspect(&bytes, widths), None))?;
        bytes.clear();
        input.by_ref().take(PIECE_BYTES).read_to_end(&mut bytes)?;
    }
    Ok(())
}

//! `cti`: tools for the CTI protocol of UCCX.

mod check;
mod decode;
mod encode;
mod lines;
mod live;
mod replay;
mod trace;

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use clap::{Args as ClapArgs, Subcommand};
use interaction_core::cti::uccx::codec::{Width, Widths};

use super::Failed;
use super::client::block_on;

/// `interaction-processor cti`
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Tool,
}

#[derive(Debug, Subcommand)]
enum Tool {
    /// Print frames as JSON, one object a line
    ///
    /// Every frame gives one object, always: a broken one has `error`, one of an unknown type its `body` in hexadecimal digits.
    /// Nothing is lost: `cti encode` makes the same bytes of it. So passwords are printed too: what is decoded is yours to keep
    /// (`cti trace` records none). Input is a frame a line in hexadecimal digits, blanks between them allowed; `#` begins a
    /// comment; what `cti trace` recorded is read as it is. A line that holds several whole frames gives an object for each.
    ///
    /// Exit codes: 0 all was printed, whatever it was; 1 the input cannot be read; 2 the command line is wrong.
    #[command(verbatim_doc_comment)]
    Decode(FramesArgs),
    /// Make frames of the JSON that `cti decode` prints
    ///
    /// Prints a frame a line in hexadecimal digits, or their bytes with --binary. `decode | encode` is the identity. What is
    /// written by hand may leave out reserved words and names of floating fields.
    ///
    /// Exit codes: 0 all was made; 1 the input cannot be read, or a line is no frame, named with its property; 2 the command
    /// line is wrong.
    #[command(verbatim_doc_comment)]
    Encode(FramesArgs),
    /// Record a live connection to the UCCX of a configuration
    ///
    /// What is sent and received is written as it is, passwords blanked; names and numbers of people stay. `cti decode` reads the
    /// file, `cti replay` feeds it to the adapter again. It opens a session of its own, and controls nothing.
    ///
    /// Exit codes: 0 something was recorded; 1 the file cannot be written; 2 the command line or the configuration is wrong; 3 no
    /// node answers.
    #[command(verbatim_doc_comment)]
    Trace(trace::Args),
    /// Feed a recorded connection to the adapter again
    ///
    /// Prints the events the adapter tells, one JSON object a line, and says whether it sends what it sent then.
    ///
    /// Exit codes: 0 it does; 1 it does not, or the file is no trace; 2 the command line is wrong.
    #[command(verbatim_doc_comment)]
    Replay(replay::Args),
    /// Connect to the UCCX of a configuration, and say what works with it
    ///
    /// Asks each node alone, opens a session where there is a master, reads everything, and listens for a moment. Prints role,
    /// protocol version, services granted, teams, messages and fields that are not known, the state of Finesse, and what will not work.
    ///
    /// Exit codes: 0 a node serves; 2 the command line or the configuration is wrong; 3 no node can be reached; 4 nodes answer, but
    /// none serves.
    #[command(verbatim_doc_comment)]
    Check(check::Args),
}

/// Which frames, and how their floating fields begin.
#[derive(Debug, ClapArgs)]
struct FramesArgs {
    /// The input; standard input without one
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// Frames are bytes one after the other, as they cross the network, not hexadecimal digits
    #[arg(long)]
    binary: bool,
    /// Bytes of a floating field's tag: 1 up to protocol version 17, then 2
    #[arg(long, value_name = "BYTES", default_value = "1", value_parser = width)]
    tag_width: Width,
    /// Bytes of a floating field's length
    #[arg(long, value_name = "BYTES", default_value = "1", value_parser = width)]
    length_width: Width,
}

impl FramesArgs {
    const fn widths(&self) -> Widths {
        Widths { tag: self.tag_width, length: self.length_width }
    }

    fn input(&self) -> Result<Box<dyn BufRead>, Failed> {
        Ok(match &self.file {
            Some(path) => Box::new(BufReader::new(open(path)?)),
            None => Box::new(io::stdin().lock()),
        })
    }
}

fn open(path: &Path) -> Result<File, Failed> {
    File::open(path)
        .map_err(|error| Failed::new(format!("cannot read {}: {error}; give a file that exists", path.display())))
}

fn width(text: &str) -> Result<Width, &'static str> {
    match text {
        "1" => Ok(Width::One),
        "2" => Ok(Width::Two),
        _ => Err("give 1 or 2"),
    }
}

/// Does what the command line says.
pub(super) fn run(args: Args) -> Result<(), Failed> {
    match args.command {
        Tool::Decode(args) => decode::run(&args),
        Tool::Encode(args) => encode::run(&args),
        Tool::Trace(args) => block_on(trace::run(args)),
        Tool::Replay(args) => replay::run(&args),
        Tool::Check(args) => block_on(check::run(args)),
    }
}

/// A pipe whose reader has seen enough is no failure.
fn unless_nobody_reads(result: io::Result<()>) -> Result<(), Failed> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failed::new(error)),
        _ => Ok(()),
    }
}

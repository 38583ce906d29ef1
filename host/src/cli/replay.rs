//! `replay`: a recording, into an engine again.

mod at;
mod cut;
mod run;
mod show;
mod source;

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;

use clap::Args as ClapArgs;
use interaction_core::journal::redact::{Ids, Redactor};
use interaction_core::journal::{Damage, DamageKind, Header, Item};

use super::Failed;
use super::people::timestamp;
use at::At;
use cut::Cutter;
use run::{Run, Tally};
use source::Ending;

/// `interaction-processor replay`
///
/// Feeds the engine what a recording holds, and compares what comes out with what came out then.
///
/// AT is the number of an input (the first is 1), a time such as 2026-03-31T08:00:00Z, or one from the beginning such as +90s.
///
/// Exit codes: 0 what came out is as recorded; 1 a file cannot be read or written; 2 the command line is wrong; 5 something else
/// came out; 6 the recording is damaged, and what is before the damage came out as recorded; 70 the engine broke an invariant.
#[derive(Debug, ClapArgs)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// What `serve --record` or `demo --record` recorded
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Print and cut from here on; what is before is replayed all the same
    #[arg(long, value_name = "AT", value_parser = At::parse)]
    from: Option<At>,
    /// Stop after this
    #[arg(long, value_name = "AT", value_parser = At::parse)]
    until: Option<At>,
    /// Print what went in and what came out, one JSON object a line
    #[arg(long)]
    print: bool,
    /// Write what is between --from and --until to a new recording
    #[arg(long, value_name = "OUT")]
    cut: Option<PathBuf>,
    /// Replace in it names, numbers, ids, addresses, call data and whatever else people chose by texts of the same form
    #[arg(long, requires = "cut")]
    redact: bool,
    /// Leave the ids of agents, teams, queues and calls as they are
    #[arg(long, requires = "redact")]
    keep_ids: bool,
}

/// Replays.
pub(super) fn run(args: &Args) -> Result<(), Failed> {
    let cutter = match &args.cut {
        Some(out) => {
            let redactor = if args.redact { Some(learn(args)?) } else { None };
            Some(Cutter::create(out, args.from, redactor)?)
        }
        None => None,
    };
    let mut run = Run::new(args, cutter, io::stdout().lock());
    let ending = source::each(&args.file, |item| run.take(item))?;
    let tally = run.finish(&ending)?;
    // With --print, standard output is for what was printed.
    let mut told: Box<dyn Write> = if args.print { Box::new(io::stderr()) } else { Box::new(io::stdout()) };
    // Whoever reads may have seen enough.
    let _ = tell(&mut told, &tally, &ending);
    verdict(&tally, &ending)
}

/// The first pass of a redaction.
fn learn(args: &Args) -> Result<Redactor, Failed> {
    let ids = if args.keep_ids { Ids::Kept } else { Ids::Replaced };
    let mut learning: Option<(Redactor, Header)> = None;
    let mut number = 0;
    let cannot =
        |why: &dyn std::fmt::Display| Failed::new(format!("{} cannot be redacted: {why}", args.file.display()));
    let ending = source::each(&args.file, |item| {
        match item {
            Item::Header(header) => {
                let redactor = Redactor::new(&header, ids).map_err(|why| cannot(&why))?;
                learning = Some((redactor, *header));
            }
            Item::Input { now, input, .. } => {
                number += 1;
                let Some((redactor, header)) = &mut learning else { return Ok(ControlFlow::Break(())) };
                if args.until.is_some_and(|until| until.is_passed(header.from, number, now)) {
                    return Ok(ControlFlow::Break(()));
                }
                redactor.learn(&input);
            }
            Item::Snapshot(_) | Item::Output(_) | Item::Outcome(_) | Item::End(_) => {}
        }
        Ok(ControlFlow::Continue(()))
    })?;
    match (learning, ending) {
        (Some((mut redactor, _)), _) => {
            redactor.settle();
            Ok(redactor)
        }
        (None, Ending::Damaged(damage)) => Err(Failed::damaged(damage)),
        (None, Ending::Ended(_) | Ending::Open | Ending::Left) => Err(Failed::new("the recording has no header")),
    }
}

fn tell(out: &mut dyn Write, tally: &Tally, ending: &Ending) -> io::Result<()> {
    let Some(header) = &tally.header else { return Ok(()) };
    write!(out, "Recorded by version {}", header.product)?;
    match tally.last {
        Some(last) => writeln!(
            out,
            ", {} to {}: {} inputs{}.",
            timestamp(header.from),
            timestamp(last),
            tally.inputs,
            if header.redacted { ", redacted" } else { "" }
        )?,
        None => writeln!(out, ": no inputs.")?,
    }
    match tally.differences {
        0 if tally.compared == tally.inputs => writeln!(out, "What came out is as recorded.")?,
        0 => writeln!(out, "What came out of {} of them was recorded, and is the same.", tally.compared)?,
        1 => writeln!(out, "What came out of one input differs.")?,
        many => writeln!(out, "What came out of {many} inputs differs.")?,
    }
    if header.is_of_another_version() {
        writeln!(out, "This is version {}: outputs may differ on purpose.", env!("CARGO_PKG_VERSION"))?;
    }
    match ending {
        Ending::Ended(end) => writeln!(out, "The recording was ended: {}.", end.why)?,
        Ending::Open => writeln!(
            out,
            "The recording has no end: whoever wrote it was stopped, or writes yet. All that is in it counts."
        )?,
        Ending::Damaged(damage @ Damage { kind: DamageKind::Torn, .. }) => {
            writeln!(out, "{}, as it is when a server is stopped within a write. All before counts.", capital(damage))?;
        }
        Ending::Damaged(_) | Ending::Left => {}
    }
    if let Some(cut) = &tally.cut {
        writeln!(out, "{cut}")?;
    }
    out.flush()
}

fn capital(what: impl std::fmt::Display) -> String {
    let text = what.to_string();
    let mut signs = text.chars();
    signs.next().map_or_else(String::new, |first| first.to_uppercase().chain(signs).collect())
}

fn verdict(tally: &Tally, ending: &Ending) -> Result<(), Failed> {
    if let Some(number) = tally.broken {
        return Err(Failed::fault(format!(
            "the engine breaks an invariant at input {number}: the panic above names it. Report it with this recording, \
             redacted if need be"
        )));
    }
    if tally.differences > 0 {
        return Err(Failed::differs("what came out is not what was recorded"));
    }
    match ending {
        Ending::Damaged(damage) if ending.is_damage() => {
            Err(Failed::damaged(format!("{damage}. {} inputs before it were replayed", tally.inputs)))
        }
        Ending::Ended(_) | Ending::Open | Ending::Damaged(_) | Ending::Left => Ok(()),
    }
}

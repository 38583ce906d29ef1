//! Runs histories by hand: one seed, told as a story, or many.

use std::process::ExitCode;

use clap::Parser;
use interaction_world::{histories, one};

/// Random histories of the whole protocol, engine and model compared step by step.
#[derive(Debug, Parser)]
struct Arguments {
    /// The seed; with --histories the first of them.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many steps a history has.
    #[arg(long, default_value_t = 500)]
    steps: usize,
    /// Only these steps of it: 3,7-9.
    #[arg(long)]
    only: Option<String>,
    /// Tell what happened, even where nothing is wrong.
    #[arg(long)]
    story: bool,
    /// Run so many histories, on so many threads as there are processors.
    #[arg(long)]
    histories: Option<u64>,
    /// Fail where something that can occur never did.
    #[arg(long, requires = "histories")]
    complete: bool,
}

fn main() -> ExitCode {
    let Arguments { seed, steps, only, story, histories: many, complete } = Arguments::parse();
    let failed = match many {
        Some(count) => {
            let threads = std::thread::available_parallelism().map_or(1, usize::from);
            match histories(seed, count, steps, threads) {
                Ok(summary) => {
                    println!("{summary}");
                    let missing = summary.missing();
                    if !missing.is_empty() {
                        println!("never: {}", missing.join(", "));
                    }
                    return if complete && !missing.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS };
                }
                Err(failed) => *failed,
            }
        }
        None => match one(seed, steps, only.as_deref()) {
            Ok(told) => {
                if story {
                    print!("{told}");
                }
                println!("seed {seed}: engine and model agree");
                return ExitCode::SUCCESS;
            }
            Err(failed) => failed,
        },
    };
    eprintln!("{failed}");
    ExitCode::FAILURE
}

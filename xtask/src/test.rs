//! `cargo xtask test`: runs the stages, all of them even after a failure, and ends with one table and one verdict.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use clap::builder::PossibleValuesParser;

use crate::{
    stages::{Context, Outcome, STAGES, Stage},
    workspace::Workspace,
};

#[derive(Debug, Default, clap::Args)]
pub(crate) struct Args {
    /// Also run what is long, and use the full tools where the short run makes do
    #[arg(long)]
    long: bool,
    /// Run this stage and what it needs, nothing else (may be repeated)
    #[arg(long, value_name = "STAGE", value_parser = stage_names())]
    only: Vec<String>,
    /// List the stages
    #[arg(long)]
    list: bool,
}

/// How one stage ended.
#[derive(Debug)]
enum Verdict {
    Ended(Outcome),
    Failed(String),
    Skipped(&'static str),
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    if args.list {
        list();
        return Ok(());
    }
    let context = Context { workspace, is_long: args.long };
    let begun = Instant::now();
    let mut rows = Vec::new();
    let mut fallen = BTreeSet::new();
    for stage in selected(args) {
        let begun = Instant::now();
        let verdict = judge(stage, &context, &fallen);
        if matches!(verdict, Verdict::Failed(_) | Verdict::Skipped(_)) {
            fallen.insert(stage.name);
        }
        rows.push((stage, verdict, begun.elapsed()));
    }
    print_table(&rows, begun.elapsed());
    if fallen.is_empty() {
        println!("\nAll is well.");
        return Ok(());
    }
    let names: Vec<&str> = fallen.into_iter().collect();
    bail!("not passed: {}; repeat with `cargo xtask test --only {}`", names.join(", "), names.join(" --only "))
}

fn judge(stage: &Stage, context: &Context<'_>, fallen: &BTreeSet<&'static str>) -> Verdict {
    if let Some(need) = stage.needs.iter().find(|need| fallen.contains(**need)) {
        println!("\n== {}: skipped, {need} has not passed", stage.name);
        return Verdict::Skipped(need);
    }
    println!("\n== {}: {}", stage.name, stage.about);
    match (stage.run)(context) {
        Ok(outcome) => Verdict::Ended(outcome),
        Err(error) => {
            let text = format!("{error:#}");
            eprintln!("{}: {text}", stage.name);
            Verdict::Failed(text.lines().next().unwrap_or_default().to_owned())
        }
    }
}

/// The stages to run, in their order: those asked for with all they need, or all.
fn selected(args: &Args) -> Vec<&'static Stage> {
    let mut wanted: BTreeSet<&str> = args.only.iter().map(String::as_str).collect();
    if wanted.is_empty() {
        return STAGES.iter().filter(|stage| args.long || !stage.is_long).collect();
    }
    // Needs stand before what needs them, so one walk from the end finds all.
    for stage in STAGES.iter().rev() {
        if wanted.contains(stage.name) {
            wanted.extend(stage.needs);
        }
    }
    STAGES.iter().filter(|stage| wanted.contains(stage.name)).collect()
}

fn list() {
    for stage in STAGES {
        let long = if stage.is_long { " (--long)" } else { "" };
        println!("{:<10} {}{long}", stage.name, stage.about);
    }
}

fn print_table(rows: &[(&Stage, Verdict, Duration)], total: Duration) {
    println!("\n{:<10} {:>7}  verdict", "stage", "seconds");
    for (stage, verdict, took) in rows {
        let text = match verdict {
            Verdict::Ended(Outcome::Passed(what)) if what.is_empty() => "passed".to_owned(),
            Verdict::Ended(Outcome::Passed(what)) => format!("passed: {what}"),
            Verdict::Ended(Outcome::NothingToDo(why)) => format!("nothing to do: {why}"),
            Verdict::Failed(why) => format!("FAILED: {why}"),
            Verdict::Skipped(need) => format!("SKIPPED: {need} has not passed"),
        };
        println!("{:<10} {:>7.1}  {text}", stage.name, took.as_secs_f64());
    }
    println!("{:<10} {:>7.1}", "total", total.as_secs_f64());
}

fn stage_names() -> PossibleValuesParser {
    PossibleValuesParser::new(STAGES.iter().map(|stage| stage.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(only: &[&str], long: bool) -> Vec<&'static str> {
        let only = only.iter().map(|&name| name.to_owned()).collect();
        let args = Args { long, only, list: false };
        selected(&args).iter().map(|stage| stage.name).collect()
    }

    #[test]
    fn one_stage_brings_what_it_needs_in_order() {
        assert_eq!(names(&["fmt"], false), ["fmt"]);
        assert_eq!(names(&["blackbox", "fmt"], false), ["fmt", "build", "blackbox"]);
    }

    #[test]
    fn long_stages_run_only_when_asked_for() {
        assert!(names(&[], true).len() >= names(&[], false).len());
        assert!(STAGES.iter().filter(|s| s.is_long).all(|s| !names(&[], false).contains(&s.name)));
    }

    #[test]
    fn a_stage_whose_need_fell_is_skipped_and_not_run() {
        let stage = Stage {
            name: "later",
            about: "runs never",
            needs: &["earlier"],
            is_long: false,
            run: |_| unreachable!("its need fell"),
        };
        let workspace = Workspace { root: "/".into(), target_dir: "/".into(), members: Vec::new() };
        let context = Context { workspace: &workspace, is_long: false };
        let verdict = judge(&stage, &context, &BTreeSet::from(["earlier"]));
        assert!(matches!(verdict, Verdict::Skipped("earlier")));
    }
}

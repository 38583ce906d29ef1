//! Conformance: one corpus through every target, whose bytes must be equal. This file gets what that needs and shows the
//! counts; the comparing is a test.

use std::fs;

use anyhow::{Context as _, Result, bail};

use crate::{
    install,
    stages::{Context, Outcome, run_tests_with},
    wasm,
};

pub(crate) const PACKAGE: &str = "interaction-conformance";
const TEST: &str = "targets";
const TARGETS: [&str; 4] = ["native", "wasmtime", "node", "chromium"];

pub(crate) fn check(context: &Context<'_>) -> Result<Outcome> {
    let workspace = context.workspace;
    install::node_modules(&workspace.root.join("tests/conformance/js"))?;
    let chromium = install::chromium()?;
    let work = workspace.target_dir.join("conformance");
    let rows = work.join("rows");
    if rows.is_dir() {
        fs::remove_dir_all(&rows).with_context(|| format!("cannot remove {}", rows.display()))?;
    }
    let variables = [
        ("INTERACTION_COMPONENT", wasm::component(workspace)),
        ("INTERACTION_WASM", wasm::binding(workspace)),
        ("INTERACTION_CONFORMANCE", work),
        ("CHROMIUM", chromium),
    ];
    let counted = run_tests_with(context, &["--test", TEST], &variables)?;

    let head = ["plays", "inputs", "outputs", "bytes", "snapshots", "refusals", "seconds"];
    let [plays, inputs, outputs, bytes, snapshots, refusals, seconds] = head;
    println!(
        "\n{:<9} {plays:>6} {inputs:>8} {outputs:>8} {bytes:>10} {snapshots:>10} {refusals:>9} {seconds:>8}",
        "target"
    );
    for target in TARGETS {
        let row = fs::read_to_string(rows.join(target));
        println!("{}", row.with_context(|| format!("{target} was not compared"))?);
    }
    if fs::read_dir(&rows)?.count() != TARGETS.len() {
        bail!("{} holds rows of targets nobody knows", rows.display());
    }
    Ok(Outcome::Passed(format!("{counted}, equal bytes on {} targets", TARGETS.len())))
}

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
/// How many histories are generated, beside the traces.
const HISTORIES: u32 = 1_000;
const HISTORIES_LONG: u32 = 10_000;
const TARGETS: [&str; 4] = ["native", "wasmtime", "node", "chromium"];

pub(crate) fn check(context: &Context<'_>) -> Result<Outcome> {
    let workspace = context.workspace;
    install::node_modules(&workspace.root.join("tests/conformance/js"))?;
    let chromium = install::chromium()?;
    let work = workspace.target_dir.join("conformance");
    let rows = work.join("rows");
    if rows.exists() {
        fs::remove_file(&rows).with_context(|| format!("cannot remove {}", rows.display()))?;
    }
    let histories = if context.is_long { HISTORIES_LONG } else { HISTORIES };
    let variables = [
        ("INTERACTION_COMPONENT", wasm::component(workspace)),
        ("INTERACTION_WASM", wasm::binding(workspace)),
        ("INTERACTION_CONFORMANCE", work),
        ("INTERACTION_HISTORIES", histories.to_string().into()),
        ("CHROMIUM", chromium),
    ];
    let counted = run_tests_with(context, &["--test", TEST], &variables)?;

    let head = ["histories", "plays", "inputs", "outputs", "bytes", "snapshots", "refusals", "seconds"];
    let [generated, plays, inputs, outputs, bytes, snapshots, refusals, seconds] = head;
    let told = fs::read_to_string(&rows).context("nothing was compared")?;
    println!(
        "\n{:<9} {generated:>9} {plays:>6} {inputs:>8} {outputs:>8} {bytes:>11} {snapshots:>9} {refusals:>8} \
         {seconds:>8}\n{told}",
        "target"
    );
    if let Some(missing) = TARGETS.iter().find(|target| !told.lines().any(|row| row.starts_with(**target))) {
        bail!("{missing} was not compared");
    }
    Ok(Outcome::Passed(format!("{counted}, equal bytes on {} targets", TARGETS.len())))
}

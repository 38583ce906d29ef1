//! The examples of `docs/examples/embedding`: the engine's component in Rust, Python and Node, each of which prepares a session
//! and hears of a team.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::{
    command, install,
    stages::{Context, Outcome},
    wasm,
    workspace::Workspace,
};

const FOLDER: &str = "docs/examples/embedding";
/// Built with everything else; its source is the example.
const RUST: &str = "interaction-embed";
/// What each of them is to be told, in this order.
const TOLD: [&str; 7] = [
    "connected",
    "coreResponse",
    "coreResponse",
    "resourceResponse",
    "resourceEvent",
    "serviceResponse",
    "resourceEvent",
];

pub(crate) fn check(context: &Context<'_>) -> Result<Outcome> {
    let workspace = context.workspace;
    let component = wasm::component(workspace);
    let mut rust = Command::new(workspace.binary("ci", RUST));
    rust.arg(&component);
    for (language, mut example) in
        [("Rust", rust), ("Python", python(workspace, &component)?), ("Node", node(workspace, &component)?)]
    {
        let told = command::output(&mut example)?;
        judge(&told).with_context(|| format!("the example in {language} was told\n{told}"))?;
    }
    Ok(Outcome::Passed("a session and a team in Rust, Python and Node".to_owned()))
}

fn python(workspace: &Workspace, component: &Path) -> Result<Command> {
    let mut python = Command::new(install::python_with_wasmtime(workspace)?);
    python.arg(workspace.root.join(FOLDER).join("embed.py")).arg(component);
    Ok(python)
}

/// What Node runs is made beside a copy of the example, as nothing is written into the sources.
fn node(workspace: &Workspace, component: &Path) -> Result<Command> {
    let sources = workspace.root.join(FOLDER);
    install::node_modules(&sources)?;
    let copy: PathBuf = workspace.target_dir.join("embedding/node");
    fs::create_dir_all(&copy)?;
    for file in ["embed.mjs", "conversation.json"] {
        fs::copy(sources.join(file), copy.join(file)).with_context(|| format!("cannot copy {file}"))?;
    }
    let mut transpile = Command::new("node");
    transpile.arg(sources.join("transpile.mjs")).args([component, &copy.join("engine")]);
    command::run(&mut transpile)?;
    let mut node = Command::new("node");
    node.arg(copy.join("embed.mjs"));
    Ok(node)
}

fn judge(told: &str) -> Result<()> {
    let messages: Vec<Value> = told.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let kinds: Vec<&str> = messages.iter().filter_map(|message| message["messageType"].as_str()).collect();
    if kinds != TOLD {
        bail!("not in this order: {TOLD:?}");
    }
    let find = |kind: &str| messages.iter().rfind(|message| message["messageType"] == kind);
    let prepared = find("serviceResponse").map(|message| &message["response"]["result"]);
    if prepared.is_none_or(|result| result != "success") {
        bail!("no session was prepared");
    }
    let news = find("resourceEvent").map(|message| &message["event"]);
    let member = |event: &Value| event["data"]["team"]["members"][0]["state"] == "ready";
    if news.is_none_or(|event| event["name"] != "report.teamstatus.memberstatuschanged" || !member(event)) {
        bail!("nobody told that the agent is ready");
    }
    Ok(())
}

//! The steps of `wasm/plugin-guide.md`, done as a reader does them: the template copied out, built, looked at and run.

use std::{fs, path::Path, process::Command};

use anyhow::{Context as _, Result, bail};

use crate::{
    command,
    demo::SERVER,
    stages::{Context, Outcome},
    wasm,
};

const TEMPLATE: &str = "wasm/plugin-template";
const GUIDE: &str = "wasm/plugin-guide.md";
/// What the guide runs it with, and some of what it must tell.
const CONFIG: &str = r#"{"agents":[{"id":"1001","name":"Sam Super"},{"id":"2001","name":"Ann Agent"}]}"#;

pub(crate) fn check(context: &Context<'_>) -> Result<Outcome> {
    let workspace = context.workspace;
    let folder = workspace.target_dir.join("plugin-kit");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    let (adapter, plugin) = (folder.join("my-adapter"), folder.join("my-adapter.wasm"));
    copy(&workspace.root.join(TEMPLATE), &adapter)?;
    wasm::build_plugin(workspace, &adapter, &plugin)?;
    let server = workspace.binary("ci", SERVER);
    let inspected = command::output(Command::new(&server).args(["plugin", "inspect"]).arg(&plugin))?;
    expect(&inspected, &["my-adapter 0.1.0"])?;
    let mut run = Command::new(&server);
    run.args(["plugin", "run"]).arg(&plugin).args(["--config", CONFIG, "--seconds", "1"]);
    expect(&command::output(&mut run)?, &[r#""event":"hello""#, r#""id":"2001""#, r#""event":"resyncEnd""#])?;
    // Files are seen from where the server is started.
    let guide = workspace.root.join(GUIDE);
    let guide = fs::read_to_string(&guide).with_context(|| format!("cannot read {}", guide.display()))?;
    fs::write(folder.join("config.toml"), configuration(&guide)?)?;
    let mut check = Command::new(&server);
    check.current_dir(&folder).args(["check-config", "--config", "config.toml"]);
    expect(&command::output(&mut check)?, &["my-adapter.wasm", "Sam Super"])?;
    Ok(Outcome::Passed("the template was built, inspected, run and given to a server".to_owned()))
}

/// The configuration in the guide.
fn configuration(guide: &str) -> Result<&str> {
    let block = guide.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
    block.with_context(|| format!("{GUIDE} shows no configuration"))
}

fn expect(told: &str, words: &[&str]) -> Result<()> {
    match words.iter().find(|word| !told.contains(**word)) {
        Some(word) => bail!("`{word}` is not told in\n{told}"),
        None => Ok(()),
    }
}

/// As `cp -rL` does: the interface's folder is a link in the repository, and a folder of its own in a copy.
fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let copy = to.join(path.file_name().context("an entry has a name")?);
        match path.is_dir() {
            true if path.ends_with("target") => {}
            true => self::copy(&path, &copy)?,
            false => drop(fs::copy(&path, &copy).with_context(|| format!("cannot copy {}", path.display()))?),
        }
    }
    Ok(())
}

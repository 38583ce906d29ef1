//! The server's pages in `host/web`, made with the npm package, made with the engine's modules: each is built anew only where
//! what it is made of is newer.

use std::{
    fs::{self, File, FileTimes},
    path::{Path, PathBuf},
    process::Command,
    time::SystemTime,
};

use anyhow::{Context as _, Result};

use crate::{
    command,
    demo::SERVER,
    install, npm,
    stages::{self, Context, Outcome, SERVER_VARIABLE},
    wasm,
    workspace::Workspace,
};

const FOLDER: &str = "host/web";

/// Builds all three, into `host/web/dist`.
pub(crate) fn build(workspace: &Workspace) -> Result<()> {
    install::node()?;
    let sources =
        ["core", "wasm", "xtask/wasm-tools", "Cargo.toml", "Cargo.lock"].map(|path| workspace.root.join(path));
    let modules = Step { name: "wasm", made: wasm::binding(workspace).join("desk"), of: sources.to_vec() };
    modules.unless_done(workspace, || wasm::build_wasm(workspace))?;
    build_on_modules(workspace)
}

/// Builds the package and the pages; the engine's modules are there.
fn build_on_modules(workspace: &Workspace) -> Result<()> {
    let (pkg, web) = (workspace.root.join(npm::FOLDER), workspace.root.join(FOLDER));
    let modules = wasm::binding(workspace);
    let sources = ["src", "scripts", "package.json", "package-lock.json", "tsconfig.json"].map(|path| pkg.join(path));
    let of = [&sources[..], &["desk", "simulator"].map(|name| modules.join(name))].concat();
    install::node_modules(&pkg)?;
    Step { name: "package", made: pkg.join("dist/esm"), of: of.clone() }.unless_done(workspace, || {
        let mut node = Command::new("node");
        command::run(node.current_dir(&pkg).arg("scripts/build.mjs").env("INTERACTION_WASM", &modules))
    })?;

    install::node_modules(&web)?;
    // The package by what it is made of: its own folder is written by its tests as well.
    let of = [of, vec![web.clone()]].concat();
    Step { name: "pages", made: web.join("dist/index.html"), of }.unless_done(workspace, || {
        let mut npm = Command::new("npm");
        command::run(npm.current_dir(&web).args(["run", "build", "--silent"]))
    })
}

/// Builds the pages for whoever wants to see the server, which is complete without them.
pub(crate) fn build_if_possible(workspace: &Workspace) {
    if let Err(error) = build(workspace) {
        println!("The server's pages are left out, or as they were: {error:#}");
    }
}

/// Runs the pages' tests in Chromium.
pub(crate) fn check(context: &Context<'_>) -> Result<Outcome> {
    build_on_modules(context.workspace)?;
    npm::count_tests(&mut tests(context.workspace)?)
}

/// Takes the pictures of the pages.
pub(crate) fn screenshots(workspace: &Workspace) -> Result<()> {
    build(workspace)?;
    stages::build_server(workspace)?;
    command::run(tests(workspace)?.arg("--screenshots"))
}

fn tests(workspace: &Workspace) -> Result<Command> {
    let mut tests = npm::script(workspace, FOLDER, "tests/run.mjs")?;
    tests.env(SERVER_VARIABLE, workspace.binary("ci", SERVER));
    Ok(tests)
}

/// Something that is built, and what it is made of.
struct Step {
    name: &'static str,
    made: PathBuf,
    of: Vec<PathBuf>,
}

impl Step {
    /// Builds it, unless that was done after the last change of what it is made of.
    fn unless_done(&self, workspace: &Workspace, build: impl FnOnce() -> Result<()>) -> Result<()> {
        let stamp = workspace.target_dir.join("pages").join(self.name);
        let begun = SystemTime::now();
        if self.made.exists() && is_newer(&stamp, &self.of)? {
            return Ok(());
        }
        build()?;
        let cannot = || format!("cannot write {}", stamp.display());
        fs::create_dir_all(workspace.target_dir.join("pages")).with_context(cannot)?;
        // What changes while it is built is built the next time.
        let file = File::create(&stamp).with_context(cannot)?;
        file.set_times(FileTimes::new().set_modified(begun)).with_context(cannot)
    }
}

/// Whether a file is newer than all that lies in some folders.
fn is_newer(stamp: &Path, sources: &[PathBuf]) -> Result<bool> {
    let Ok(built) = stamp.metadata().and_then(|data| data.modified()) else { return Ok(false) };
    for source in sources {
        if newest(source)?.is_some_and(|changed| changed >= built) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// When the last of a folder's sources was changed; what is built, installed or copied into it is none.
fn newest(path: &Path) -> Result<Option<SystemTime>> {
    let data = match path.metadata() {
        Ok(data) => data,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    if data.is_file() {
        return Ok(Some(data.modified()?));
    }
    let mut last = None;
    for entry in fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))? {
        let path = entry?.path();
        if !is_made(&path) {
            last = last.max(newest(&path)?);
        }
    }
    Ok(last)
}

fn is_made(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    name == "node_modules" || name == "dist" || name == "target" || path.ends_with("src/wasm")
}

#[cfg(test)]
mod tests {
    use std::{fs, time::Duration};

    use super::*;

    #[test]
    fn a_step_is_done_until_a_source_is_newer() {
        let root = std::env::temp_dir().join(format!("xtask-pages-{}", std::process::id()));
        let (src, stamp) = (root.join("web/src"), root.join("stamp"));
        for folder in [&src, &root.join("web/node_modules"), &root.join("web/dist")] {
            fs::create_dir_all(folder).unwrap();
        }
        let now = SystemTime::now();
        let write = |path: &Path, seconds: u64| {
            let file = File::create(path).unwrap();
            file.set_times(FileTimes::new().set_modified(now + Duration::from_secs(seconds))).unwrap();
        };
        let sources = [root.join("web"), root.join("missing")];

        write(&src.join("a.ts"), 1);
        assert!(!is_newer(&stamp, &sources).unwrap(), "it was never built");
        write(&stamp, 2);
        assert!(is_newer(&stamp, &sources).unwrap());
        write(&root.join("web/dist/index.html"), 3);
        write(&root.join("web/node_modules/tool.js"), 3);
        assert!(is_newer(&stamp, &sources).unwrap(), "what is made is no source");
        write(&src.join("b.ts"), 3);
        assert!(!is_newer(&stamp, &sources).unwrap());
        fs::remove_dir_all(root).unwrap();
    }
}

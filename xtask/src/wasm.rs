//! The engine for WebAssembly: one release build of the modules, and what hosts load, made of them.

use std::{
    path::{Path, PathBuf},
    process::Command,
    thread,
};

use anyhow::{Context, Result, bail};

use crate::{command, install, workspace::Workspace};

/// For Node and browsers: `target/wasm/nodejs` and `target/wasm/web`.
const BINDING: Module = Module { package: "interaction-wasm", file: "interaction_wasm.wasm" };
/// For the npm package: `target/wasm/desk` and `target/wasm/simulator`.
const DESK: Module = Module { package: "interaction-desk-wasm", file: "interaction_desk_wasm.wasm" };
const SIMULATOR: Module = Module { package: "interaction-simulator-wasm", file: "interaction_simulator_wasm.wasm" };
/// For hosts of components: `target/components/engine.wasm`.
const COMPONENT: Module = Module { package: "interaction-component", file: "interaction_component.wasm" };
/// For servers that run adapters as plugins: a package of several modules, and what becomes of each in `target/components`.
const ADAPTERS: &str = "interaction-adapters";
const PLUGINS: [(&str, &str); 3] = [
    ("simulator_adapter.wasm", "simulator.wasm"),
    ("uccx_adapter.wasm", "uccx.wasm"),
    ("jsonl_adapter.wasm", "jsonl.wasm"),
];
/// An adapter that does what none may, for the server's tests.
const HOSTILE: Module = Module { package: "interaction-hostile", file: "interaction_hostile.wasm" };
/// Packages that are built for WebAssembly alone.
pub(crate) const PACKAGES: [&str; 6] =
    [BINDING.package, COMPONENT.package, ADAPTERS, DESK.package, SIMULATOR.package, HOSTILE.package];
const PROFILE: &str = "wasm";
/// What every page downloads is rather small than fast.
const SMALL_PROFILE: &str = "wasm-small";
const TOOLS: &str = "interaction-wasm-tools";

struct Module {
    package: &'static str,
    file: &'static str,
}

/// Builds what Node and browsers load.
pub(crate) fn build_wasm(workspace: &Workspace) -> Result<()> {
    build_with_desk(workspace, &[BINDING.package, SIMULATOR.package])?;
    bind(workspace, &tools(workspace)?)
}

/// Builds the components.
pub(crate) fn build_components(workspace: &Workspace) -> Result<()> {
    build_components_by_tools_of(workspace, workspace)
}

/// Builds the components of the sources `there`; the tools are built here.
pub(crate) fn build_components_by_tools_of(here: &Workspace, there: &Workspace) -> Result<()> {
    build(there, PROFILE, &[COMPONENT.package, ADAPTERS])?;
    encode(there, &tools(here)?)
}

/// Builds all for the tests, compiling once. Its tool was built with them: to select less now would give what it is made of other
/// features, and build it again.
pub(crate) fn build_all(workspace: &Workspace) -> Result<()> {
    build_with_desk(workspace, &[BINDING.package, SIMULATOR.package, COMPONENT.package, ADAPTERS, HOSTILE.package])?;
    let tools = workspace.binary("ci", TOOLS);
    bind(workspace, &tools)?;
    encode(workspace, &tools)?;
    encode_hostile(workspace, &tools)
}

/// What looks for lints in all that is built for WebAssembly.
pub(crate) fn clippy(workspace: &Workspace) -> Result<Command> {
    install::wasm_target(workspace)?;
    cargo(workspace, "clippy", PROFILE, &PACKAGES)
}

/// Builds a plugin whose package lies in `folder`, a workspace of its own, into the file `out`.
pub(crate) fn build_plugin(workspace: &Workspace, folder: &Path, out: &Path) -> Result<()> {
    install::wasm_target(workspace)?;
    let folder = folder.canonicalize().with_context(|| format!("there is no folder {}", folder.display()))?;
    let built = folder.join("target");
    let mut cargo = command::bare_cargo();
    cargo.current_dir(&folder).env("CARGO_TARGET_DIR", &built).stdin(std::process::Stdio::null());
    command::run(cargo.args(["build", "--quiet", "--release", "--lib", "--target", install::WASM]))?;
    let modules = built.join(install::WASM).join("release");
    let found: Vec<PathBuf> = std::fs::read_dir(&modules)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "wasm"))
        .collect();
    let [module] = &found[..] else {
        bail!(
            "{} must hold one module: its package is a `cdylib`, and the only one of its workspace",
            modules.display()
        );
    };
    component_of(&tools(workspace)?, module, out)
}

/// Builds the adapter that tries the server's sandbox, beside the components.
pub(crate) fn build_hostile(workspace: &Workspace) -> Result<()> {
    build(workspace, PROFILE, &[HOSTILE.package])?;
    encode_hostile(workspace, &tools(workspace)?)
}

/// The folder of what Node and browsers load: `nodejs` and `web` hold the engine, `desk` and `simulator` the npm package's modules.
pub(crate) fn binding(workspace: &Workspace) -> PathBuf {
    workspace.target_dir.join("wasm")
}

/// The engine's component.
pub(crate) fn component(workspace: &Workspace) -> PathBuf {
    components(workspace).join("engine.wasm")
}

/// The folder of components.
pub(crate) fn components(workspace: &Workspace) -> PathBuf {
    workspace.target_dir.join("components")
}

fn bind(workspace: &Workspace, tools: &Path) -> Result<()> {
    let mut bind = Command::new(tools);
    command::run(bind.arg("bindgen").args([compiled(workspace, PROFILE, &BINDING), binding(workspace)]))?;
    for (name, profile, module) in [("desk", SMALL_PROFILE, DESK), ("simulator", PROFILE, SIMULATOR)] {
        let mut package = Command::new(tools);
        package.arg("package").args([compiled(workspace, profile, &module), binding(workspace).join(name)]).arg(name);
        command::run(&mut package)?;
    }
    Ok(())
}

fn encode(workspace: &Workspace, tools: &Path) -> Result<()> {
    component_of(tools, &compiled(workspace, PROFILE, &COMPONENT), &component(workspace))?;
    let adapters = workspace.target_dir.join(install::WASM).join(PROFILE).join("examples");
    PLUGINS.iter().try_for_each(|(module, plugin)| {
        component_of(tools, &adapters.join(module), &components(workspace).join(plugin))
    })
}

fn encode_hostile(workspace: &Workspace, tools: &Path) -> Result<()> {
    component_of(tools, &compiled(workspace, PROFILE, &HOSTILE), &components(workspace).join("hostile.wasm"))
}

fn component_of(tools: &Path, module: &Path, out: &Path) -> Result<()> {
    let mut encode = Command::new(tools);
    command::run(encode.arg("component").args([module, out]))
}

/// Compiles these packages and what pages download, whose profile is another: each begins with the engine, which keeps one
/// core alone busy, and so they run beside each other.
fn build_with_desk(workspace: &Workspace, packages: &[&str]) -> Result<()> {
    thread::scope(|scope| {
        let desk = scope.spawn(|| build(workspace, SMALL_PROFILE, &[DESK.package]));
        let others = build(workspace, PROFILE, packages);
        // INVARIANT: building returns its errors.
        desk.join().expect("no panic").and(others)
    })
}

/// Compiles the libraries of these packages, and the examples of those that have any.
fn build(workspace: &Workspace, profile: &str, packages: &[&str]) -> Result<()> {
    install::wasm_target(workspace)?;
    command::run(&mut cargo(workspace, "build", profile, packages)?)
}

/// A command of cargo on them.
fn cargo(workspace: &Workspace, task: &str, profile: &str, packages: &[&str]) -> Result<Command> {
    let mut cargo = command::cargo(workspace);
    cargo.args([task, "--quiet", "--profile", profile, "--target", install::WASM, "--lib", "--examples"]);
    cargo.args(packages.iter().flat_map(|package| ["--package", package]));
    // The words of a panic name source files: as they are named here, not as they lie on this machine.
    let homes = [
        (cargo_home()?, "/cargo"),
        (workspace.root.clone(), "/interaction-processor"),
        (workspace.target_dir.clone(), "/interaction-processor/target"),
    ];
    let flags = homes.map(|(home, name)| format!("--remap-path-prefix={}={name}", home.display()));
    cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
    Ok(cargo)
}

/// The program that reads compiled modules; built as the tests are, so that it is built once.
fn tools(workspace: &Workspace) -> Result<PathBuf> {
    let mut cargo = command::cargo(workspace);
    cargo.args(["build", "--quiet", "--profile", "ci", "--workspace"]);
    cargo.args(PACKAGES.iter().flat_map(|package| ["--exclude", package]));
    command::run(cargo.args(["--bin", TOOLS]))?;
    Ok(workspace.binary("ci", TOOLS))
}

fn compiled(workspace: &Workspace, profile: &str, module: &Module) -> PathBuf {
    workspace.target_dir.join(install::WASM).join(profile).join(module.file)
}

fn cargo_home() -> Result<PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    home.context("neither CARGO_HOME nor a home directory is known")
}

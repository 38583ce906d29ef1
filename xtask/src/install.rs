//! Getting what a stage needs where we may, and saying what to install where we may not.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{command, workspace::Workspace};

pub(crate) const WASM: &str = "wasm32-unknown-unknown";
const DENY_VERSION: &str = "0.20.2";
/// The wasmtime of Python's package index.
const PYTHON_WASMTIME: &str = "50.0.1";

/// Makes the pinned toolchain able to build for WebAssembly.
pub(crate) fn wasm_target(workspace: &Workspace) -> Result<()> {
    let mut rustc = Command::new("rustc");
    rustc.current_dir(&workspace.root);
    rustc.args(["--print", "target-libdir", "--target", WASM]);
    let libraries = PathBuf::from(command::output(&mut rustc)?.trim());
    if libraries.is_dir() {
        return Ok(());
    }
    if !command::is_installed("rustup") {
        bail!("rustc has no standard library for {WASM}: install that target with your toolchain");
    }
    let mut rustup = Command::new("rustup");
    rustup.current_dir(&workspace.root);
    command::run(rustup.args(["target", "add", WASM]))
        .with_context(|| format!("run `rustup target add {WASM}` where the network is reachable"))
}

/// cargo-deny, from `PATH`, from an earlier run, or built into the target directory if `may_build`.
pub(crate) fn cargo_deny(workspace: &Workspace, may_build: bool) -> Result<Option<PathBuf>> {
    if command::is_installed("cargo-deny") {
        return Ok(Some(PathBuf::from("cargo-deny")));
    }
    let tools = workspace.target_dir.join("tools");
    let built = tools.join("bin/cargo-deny");
    if !built.is_file() {
        if !may_build {
            return Ok(None);
        }
        let mut cargo = command::cargo(workspace);
        cargo.args(["install", "cargo-deny", "--version", DENY_VERSION, "--locked", "--root"]);
        // Run often enough to be worth neither optimising nor stripping.
        command::run(cargo.arg(&tools).args(["--profile", "dev", "--no-default-features"]))?;
    }
    Ok(Some(built))
}

/// A browser: the one `CHROMIUM` names, or the system's own, with fonts for all that pages show: names from right to left,
/// and emoji.
pub(crate) fn chromium() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM") {
        return Ok(PathBuf::from(named));
    }
    let browser = PathBuf::from("/usr/bin/chromium");
    let fonts = ["NotoSansHebrew-Regular.ttf", "NotoColorEmoji.ttf"];
    let has_fonts = fonts.iter().all(|font| Path::new("/usr/share/fonts/truetype/noto").join(font).is_file());
    if browser.is_file() && has_fonts {
        return Ok(browser);
    }
    let packages = ["chromium", "fonts-dejavu-core", "fonts-noto-core", "fonts-noto-color-emoji"];
    let installed = debian(&packages, "a Chromium with fonts, and name it by the variable CHROMIUM");
    match installed {
        // It shows what it has no letters for as boxes, and all else as it should.
        Err(error) if browser.is_file() => println!("some text may be shown as boxes: {error:#}"),
        installed => installed?,
    }
    Ok(browser)
}

/// PostgreSQL, which tests start on their own.
pub(crate) fn postgresql() -> Result<()> {
    let debian_has = Path::new("/usr/lib/postgresql").read_dir().is_ok_and(|mut versions| {
        versions.any(|version| version.is_ok_and(|one| one.path().join("bin/initdb").is_file()))
    });
    if debian_has || command::is_installed("initdb") {
        return Ok(());
    }
    debian(&["postgresql"], "PostgreSQL")
}

/// unixODBC to build with, and PostgreSQL's driver for it.
pub(crate) fn odbc() -> Result<()> {
    let has = |name: &str| {
        ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib", "/usr/lib64"]
            .iter()
            .any(|folder| Path::new(folder).join(name).exists())
    };
    if has("libodbc.so") && has("odbc/psqlodbcw.so") {
        return Ok(());
    }
    debian(&["unixodbc-dev", "odbc-postgresql"], "unixODBC with its headers, and its driver for PostgreSQL")
}

/// A Python that can run components, in a folder of its own.
pub(crate) fn python_with_wasmtime(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target_dir.join("embedding/python");
    let python = folder.join("bin/python");
    let has_it = || {
        let asks = format!("import importlib.metadata as m; assert m.version('wasmtime') == '{PYTHON_WASMTIME}'");
        python.is_file() && command::output(Command::new(&python).args(["-c", &asks])).is_ok()
    };
    if has_it() {
        return Ok(python);
    }
    if command::output(Command::new("python3").args(["-c", "import ensurepip, venv"])).is_err() {
        debian(&["python3-venv"], "Python 3.10 or later with venv")?;
    }
    command::run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    command::run(pip.arg(format!("wasmtime=={PYTHON_WASMTIME}")))?;
    Ok(python)
}

/// Node and npm.
pub(crate) fn node() -> Result<()> {
    if command::is_installed("node") && command::is_installed("npm") {
        return Ok(());
    }
    debian(&["nodejs", "npm"], "Node 20 or later with npm")
}

/// What a folder's lock file names, from the package registry alone and running nothing of it.
pub(crate) fn node_modules(folder: &Path) -> Result<()> {
    node()?;
    let modified = |file: &str| folder.join(file).metadata().and_then(|data| data.modified());
    let wanted = modified("package-lock.json").with_context(|| format!("{} has no lock file", folder.display()))?;
    if modified("node_modules/.package-lock.json").is_ok_and(|installed| installed >= wanted) {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    npm.current_dir(folder).args(["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]);
    command::run(&mut npm)
}

/// The servers that benchmarks measure beside ours. One that is missing is left out there: that it cannot be installed here
/// is told and no failure.
pub(crate) fn bench_peers(bench: &Path) {
    let wanted = [
        ("redis-server", "redis-server"),
        ("nats-server", "nats-server"),
        ("mosquitto", "mosquitto"),
        ("erl", "ejabberd"),
    ];
    let is_there = |program: &str| command::is_installed(program) || Path::new("/usr/sbin").join(program).is_file();
    let missing: Vec<&str> =
        wanted.iter().filter(|(program, _)| !is_there(program)).map(|(_, package)| *package).collect();
    let installed = if missing.is_empty() { Ok(()) } else { debian(&missing, &missing.join(", ")) };
    for result in [installed, node_modules(&bench.join("ws"))] {
        if let Err(error) = result {
            println!("not everything is measured: {error:#}");
        }
    }
}

/// Installs packages of Debian's where we may, and else says what is missing.
fn debian(packages: &[&str], otherwise: &str) -> Result<()> {
    let is_root = command::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if !is_root || !command::is_installed("apt-get") {
        bail!("install {otherwise} (on Debian: `apt-get install {}`)", packages.join(" "));
    }
    command::run(Command::new("apt-get").args(["update", "-q"]))?;
    let mut apt = Command::new("apt-get");
    apt.env("DEBIAN_FRONTEND", "noninteractive").args(["install", "-qy", "--no-install-recommends"]);
    command::run(apt.args(packages))
}

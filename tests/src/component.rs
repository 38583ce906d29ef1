//! WebAssembly components for the server under test: where they are, and servers that run them.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use tempfile::TempDir;

use crate::fault::{Fault, Kind};
use crate::server::{Server, command, free_port};

/// Says where components are; `cargo xtask test --only plugins` builds them and sets it.
const FOLDER: &str = "INTERACTION_COMPONENTS";

/// The file of a component.
pub fn component(name: &str) -> PathBuf {
    let folder = std::env::var_os(FOLDER).map(PathBuf::from);
    folder.unwrap_or_else(|| panic!("{FOLDER} names no folder: run `cargo xtask test --only plugins`")).join(name)
}

/// What stands before a configuration: a free port, nothing kept but what was compiled, and that together with other tests.
pub fn beginning(port: u16) -> String {
    let kept = component("kept");
    format!("[listen]\nport = {port}\n\n[server]\ndata-dir = {kept:?}\n\n[store]\nkind = \"memory\"\n\n")
}

/// Where the configuration of such a server lies in its directory.
pub const CONFIGURATION: &str = "config.toml";

/// Starts a server with this configuration behind its beginning.
pub async fn server(configuration: &str) -> Result<Server, Fault> {
    let directory = TempDir::new()?;
    let port = free_port()?;
    let file = directory.path().join(CONFIGURATION);
    std::fs::write(&file, format!("{}{configuration}", beginning(port)))?;
    serving(&file, directory, port).await
}

/// Starts a server with a configuration that begins so, once what it names is compiled.
pub async fn serving(file: &Path, directory: TempDir, port: u16) -> Result<Server, Fault> {
    compile(file)?;
    let mut serve = command();
    serve.arg("serve").arg("--config").arg(file);
    Server::run(serve, directory, port).await
}

/// Compiles what a configuration names, if that was not done before: one test does it and the others find it, and none waits
/// for it within a deadline that is meant for something else.
pub fn compile(configuration: &Path) -> Result<(), Fault> {
    let output = checked(configuration)?;
    if !output.status.success() {
        return Err(Fault::new(Kind::Unexpected, format!("refused: {output:?}")));
    }
    Ok(())
}

/// What the program says of a configuration that it does not take.
pub fn refused(configuration: &str) -> Result<String, Fault> {
    let directory = TempDir::new()?;
    let file = directory.path().join(CONFIGURATION);
    std::fs::write(&file, format!("{}{configuration}", beginning(0)))?;
    let output = checked(&file)?;
    if output.status.code() != Some(2) {
        return Err(Fault::new(Kind::Unexpected, format!("not refused: {output:?}")));
    }
    Ok(String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Checks a configuration, while no other test does.
fn checked(configuration: &Path) -> Result<Output, Fault> {
    let kept = component("kept");
    std::fs::create_dir_all(&kept)?;
    let alone = File::create(kept.join("lock"))?;
    alone.lock()?;
    Ok(command().arg("check-config").arg("--config").arg(configuration).stdin(Stdio::null()).output()?)
}

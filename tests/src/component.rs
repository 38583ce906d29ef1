//! WebAssembly components for the server under test: where they are, and servers that run them.

use std::path::PathBuf;

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

/// Starts a server with this configuration behind its beginning.
pub async fn server(configuration: &str) -> Result<Server, Fault> {
    let directory = TempDir::new()?;
    let port = free_port()?;
    let file = directory.path().join("config.toml");
    std::fs::write(&file, format!("{}{configuration}", beginning(port)))?;
    let mut serve = command();
    serve.arg("serve").arg("--config").arg(file);
    Server::run(serve, directory, port).await
}

/// What the program says of a configuration that it does not take.
pub fn refused(configuration: &str) -> Result<String, Fault> {
    let directory = TempDir::new()?;
    let file = directory.path().join("config.toml");
    std::fs::write(&file, format!("{}{configuration}", beginning(0)))?;
    let output = command().arg("check-config").arg("--config").arg(file).output()?;
    if output.status.code() != Some(2) {
        return Err(Fault::new(Kind::Unexpected, format!("not refused: {output:?}")));
    }
    Ok(String::from_utf8_lossy(&output.stderr).into_owned())
}

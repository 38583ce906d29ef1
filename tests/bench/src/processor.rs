//! The real server as a child process.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::platform::{Platform, Waiting};
use crate::process::Process;

const READY_WITHIN: Duration = Duration::from_secs(20);

/// A server in service, with its platform.
#[derive(Debug)]
pub struct Processor {
    /// Where clients reach it.
    pub address: SocketAddr,
    /// The process.
    pub process: Process,
    /// What feeds it.
    pub platform: Platform,
    _directory: TempDir,
}

impl Processor {
    /// Starts the program with a platform of so many supervisors and waits until it is ready.
    pub fn start(program: &Path, core: Option<usize>, supervisors: usize) -> Result<Self> {
        let waiting = Waiting::listen()?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let directory = tempfile::tempdir()?;
        let file = directory.path().join("bench.toml");
        let platform = waiting.address()?;
        std::fs::write(
            &file,
            format!(
                "[listen]\nport = {port}\n\n[cti]\nkind = \"jsonl\"\nconnect = [\"{platform}\"]\n\n[log]\nlevel = \"warn\"\n"
            ),
        )?;
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("INTERACTION_PROCESSOR_") {
                command.env_remove(name);
            }
        }
        command.arg("serve").arg("--config").arg(&file).stdin(Stdio::null()).stdout(Stdio::null());
        let mut process = Process::start(&mut command, core)?;
        let platform = waiting.serve(supervisors)?;
        let until = Instant::now() + READY_WITHIN;
        while !is_ready(address) {
            if let Some(status) = process.child().try_wait()? {
                bail!("the server ended: {status}");
            }
            if Instant::now() > until {
                bail!("the server was not ready within {} s", READY_WITHIN.as_secs());
            }
            sleep(Duration::from_millis(10));
        }
        Ok(Self { address, process, platform, _directory: directory })
    }
}

fn is_ready(address: SocketAddr) -> bool {
    ask(address).is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}

fn ask(address: SocketAddr) -> Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1)).context("not listening yet")?;
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    stream.write_all(format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

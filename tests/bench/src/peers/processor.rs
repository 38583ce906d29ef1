//! The real server as a child process.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use super::{Peer, connect, free_port, local, upgrade, write};
use crate::dialect::Dialect;
use crate::frames::{self, TEXT};
use crate::platform::{self, Platform, Waiting};
use crate::process::Process;

const READY_WITHIN: Duration = Duration::from_secs(20);

/// A server in service, with its platform.
#[derive(Debug)]
pub struct Processor {
    /// Where clients reach it.
    pub address: SocketAddr,
    process: Process,
    platform: Platform,
    joined: usize,
    _directory: TempDir,
}

/// What a client is sent when it connects, binds and begins to watch: `connected`, which has no number, three answers and
/// its team.
pub const GREETING: u64 = 5;
/// The number of the last of these.
pub const NUMBERED_FROM: u64 = 4;

/// The frames of a client that connects, binds and, if it is to, begins to watch the teams of an agent.
pub(crate) fn requests(watch: Option<&str>) -> Vec<u8> {
    let mut texts = vec![
        r#"{"messageType":"connect","requestId":"1","client":{"name":"bench"}}"#.to_owned(),
        r#"{"messageType":"coreRequest","requestId":"2","command":"bindService","serviceId":"p"}"#.to_owned(),
        r#"{"messageType":"coreRequest","requestId":"3","command":"bindResource","serviceId":"p","resourceId":"r"}"#
            .to_owned(),
    ];
    texts.extend(watch.map(|agent| {
        format!(
            r#"{{"messageType":"resourceRequest","requestId":"4","serviceId":"p","resourceId":"r","request":{{"command":"report.teamstatus.begin","data":{{"agentId":"{agent}"}}}}}}"#
        )
    }));
    texts.iter().flat_map(|text| frames::of_client(TEXT, text.as_bytes())).collect()
}

/// Where clients open their WebSocket.
pub(crate) const PATH: &str = "/v1/ws";

impl Processor {
    /// Starts the program with a platform of so many teams and waits until it is ready.
    pub fn start(program: &Path, core: Option<usize>, teams: usize) -> Result<Self> {
        let waiting = Waiting::listen()?;
        let port = free_port()?;
        let address = local(port);
        let directory = tempfile::tempdir()?;
        let file = directory.path().join("bench.toml");
        let platform = waiting.address()?;
        let text = format!(
            "[listen]\nport = {port}\n\n[processor]\nservice-id = \"p\"\nreports-id = \"r\"\n\n[cti]\nkind = \"jsonl\"\nconnect = [\"{platform}\"]\nidle-ms = 600000\n\n[log]\nlevel = \"warn\"\n"
        );
        write(&file, &text)?;
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("INTERACTION_PROCESSOR_") {
                command.env_remove(name);
            }
        }
        command.arg("serve").arg("--config").arg(&file).stdin(Stdio::null()).stdout(Stdio::null());
        let mut process = Process::start(&mut command, core)?;
        let platform = waiting.serve(teams)?;
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
        Ok(Self { address, process, platform, joined: 0, _directory: directory })
    }
}

impl Processor {
    /// Connects a client that binds what there is and watches nobody.
    pub fn join_unwatching(&mut self) -> Result<TcpStream> {
        self.join_with(&requests(None))
    }

    fn join_with(&mut self, requests: &[u8]) -> Result<TcpStream> {
        let mut stream = connect(self.address)?;
        upgrade(&mut stream, PATH, "")?;
        stream.write_all(requests)?;
        Ok(stream)
    }
}

impl Peer for Processor {
    fn dialect(&self) -> Dialect {
        Dialect::Numbered
    }

    fn process(&self) -> &Process {
        &self.process
    }

    fn join(&mut self) -> Result<TcpStream> {
        let watched = platform::watched(self.joined, self.platform.teams());
        self.joined += 1;
        self.join_with(&requests(Some(&watched)))
    }

    fn greeting(&self) -> u64 {
        GREETING
    }

    fn publish(&mut self, messages: usize) -> Result<()> {
        self.platform.publish(messages)
    }

    fn check(&mut self) -> Result<()> {
        self.platform.check()
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

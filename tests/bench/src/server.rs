//! The real server as a child process.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::frames::{self, TEXT};
use crate::peers::{connect, free_port, local, upgrade, write};
use crate::process::Process;

/// Where clients open their WebSocket.
pub(crate) const PATH: &str = "/v1/ws";

/// A server, and where clients reach it.
#[derive(Debug)]
pub struct Server {
    /// Where.
    pub address: SocketAddr,
    /// What it runs in.
    pub process: Process,
    _directory: TempDir,
}

impl Server {
    /// Starts the program with this platform, which is the `[cti]` part of its configuration.
    pub fn start(program: &Path, core: Option<usize>, cti: &str) -> Result<Self> {
        Self::start_logging(program, core, cti, "warn", Stdio::inherit())
    }

    /// Starts the program with these parts of its configuration, and its log of that level goes where it is wanted.
    pub fn start_logging(
        program: &Path,
        core: Option<usize>,
        sections: &str,
        level: &str,
        log: impl Into<Stdio>,
    ) -> Result<Self> {
        let port = free_port()?;
        let directory = tempfile::tempdir()?;
        let file = directory.path().join("bench.toml");
        let text = format!(
            "[listen]\nport = {port}\n\n[processor]\nservice-id = \"p\"\nreports-id = \"r\"\n\n{sections}\n\n[log]\nlevel = \"{level}\"\n"
        );
        write(&file, &text)?;
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("INTERACTION_PROCESSOR_") {
                command.env_remove(name);
            }
        }
        command.arg("serve").arg("--config").arg(&file);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let process = Process::start(&mut command, core)?;
        Ok(Self { address: local(port), process, _directory: directory })
    }

    /// Waits until its platform is in service.
    pub fn wait(&mut self, within: Duration) -> Result<()> {
        let until = Instant::now() + within;
        while !is_ready(self.address) {
            if let Some(status) = self.process.child().try_wait()? {
                bail!("the server ended: {status}");
            }
            if Instant::now() > until {
                bail!("the server was not ready within {} s", within.as_secs());
            }
            sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    /// Connects a client that binds what there is and, where it is to, watches the teams of an agent.
    pub fn join(&self, watch: Option<&str>) -> Result<TcpStream> {
        let mut stream = connect(self.address)?;
        upgrade(&mut stream, PATH, "")?;
        stream.write_all(&requests(watch))?;
        Ok(stream)
    }
}

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

/// A line of a server's metrics by its name, the prefix left out and labels included.
pub fn metric(address: SocketAddr, name: &str) -> Result<f64> {
    let page = ask(address, "/metrics")?;
    let of = |line: &str| {
        line.strip_prefix("interaction_processor_")?.strip_prefix(name)?.strip_prefix(' ')?.trim().parse().ok()
    };
    page.lines().find_map(of).with_context(|| format!("the server counts no `{name}`"))
}

fn is_ready(address: SocketAddr) -> bool {
    ask(address, "/readyz").is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}

fn ask(address: SocketAddr, path: &str) -> Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1)).context("not listening yet")?;
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

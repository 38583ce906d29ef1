//! The real server, as a process of its own on loopback, with a data directory of its own.

mod binary;
mod config;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::fault::{Fault, Kind};
use crate::world::WRONG;

pub use binary::program;
pub use config::Settings;

const READY: Duration = Duration::from_secs(30);

/// A running server. It is killed when dropped, and then its log and its data are searched for what may not be there.
pub struct Server {
    /// Where it listens.
    pub address: String,
    /// Its process.
    pub child: Child,
    /// Its configuration, data and log.
    pub directory: TempDir,
    secrets: Vec<String>,
    errors_expected: bool,
}

impl Server {
    /// Starts a server with a world of its own, and waits until it takes clients.
    pub async fn start(settings: Settings) -> Result<Self, Fault> {
        let directory = TempDir::new()?;
        let port = free_port()?;
        let config = settings.write(directory.path(), port)?;
        let mut command = command();
        command.arg("serve").arg("--config").arg(config);
        Self::run(command, directory, port).await
    }

    /// Kills it as a power cut would, and starts another in its directory, with what it left there.
    pub async fn killed_and_started(mut self, settings: Settings) -> Result<Self, Fault> {
        self.child.kill()?;
        self.child.wait()?;
        self.started_again(settings).await
    }

    /// Kills it, and starts another at the same address, where its clients look for it.
    pub async fn killed_and_started_there(mut self, settings: Settings) -> Result<Self, Fault> {
        self.child.kill()?;
        self.child.wait()?;
        let port = self.address.rsplit(':').next().and_then(|port| port.parse().ok());
        self.started_at(port.expect("its address has a port"), settings).await
    }

    /// Starts another in the directory of one that has ended, with what it left there.
    pub async fn started_again(self, settings: Settings) -> Result<Self, Fault> {
        self.started_at(free_port()?, settings).await
    }

    async fn started_at(mut self, port: u16, settings: Settings) -> Result<Self, Fault> {
        let directory = std::mem::replace(&mut self.directory, TempDir::new()?);
        drop(self);
        let config = settings.write(directory.path(), port)?;
        let mut command = command();
        command.arg("serve").arg("--config").arg(config);
        Self::run(command, directory, port).await
    }

    /// Starts a silent world with the defaults of everything.
    pub async fn silent() -> Result<Self, Fault> {
        Self::start(Settings::default()).await
    }

    /// Runs a command that serves on `port`, in its directory, with its output in the log.
    pub async fn run(mut command: Command, directory: TempDir, port: u16) -> Result<Self, Fault> {
        let log = File::create(directory.path().join("log"))?;
        command.current_dir(directory.path()).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let child = command.spawn()?;
        let address = format!("127.0.0.1:{port}");
        let mut server = Self {
            address,
            child,
            directory,
            secrets: vec![WRONG.into(), "\"password\":\"".into()],
            errors_expected: false,
        };
        server.ready().await?;
        Ok(server)
    }

    /// What must be found in neither log nor data when the server is gone.
    pub fn never_keeps(&mut self, secret: impl Into<String>) {
        self.secrets.push(secret.into());
    }

    /// This test makes the server log errors.
    pub fn expect_errors(&mut self) {
        self.errors_expected = true;
    }

    /// What it logged so far.
    pub fn log(&self) -> String {
        std::fs::read(self.directory.path().join("log"))
            .map_or_else(|_| String::new(), |log| String::from_utf8_lossy(&log).into_owned())
    }

    /// A line of its metrics by its name, the prefix left out and labels included.
    pub async fn metric(&self, name: &str) -> Result<f64, Fault> {
        let request = format!("GET /metrics HTTP/1.1\r\nHost: {}\r\n\r\n", self.address);
        let (_, page) = crate::raw::http(&self.address, &request).await?;
        let of = |line: &str| {
            let value = line.strip_prefix("interaction_processor_")?.strip_prefix(name)?.strip_prefix(' ')?;
            value.trim().parse().ok()
        };
        page.lines().find_map(of).ok_or_else(|| Fault::new(Kind::Unexpected, format!("no `{name}` in\n{page}")))
    }

    /// Waits until a line of its metrics has this value.
    pub async fn metric_is(&self, name: &str, value: f64) -> Result<(), Fault> {
        let until = Instant::now() + READY;
        loop {
            let found = self.metric(name).await?;
            if found == value {
                return Ok(());
            }
            if Instant::now() > until {
                return Err(Fault::new(Kind::Unanswered, format!("{name} is {found} and never {value}")));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Resident memory, in bytes.
    pub fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) * 1024
    }

    /// Asks it to go down, as an operating system does.
    pub fn terminate(&self) -> Result<(), Fault> {
        self.signal("-TERM")
    }

    /// Asks it to read its configuration again.
    pub fn hang_up(&self) -> Result<(), Fault> {
        self.signal("-HUP")
    }

    fn signal(&self, signal: &str) -> Result<(), Fault> {
        let sent = Command::new("kill").arg(signal).arg(self.child.id().to_string()).status()?;
        if sent.success() { Ok(()) } else { Err(Fault::new(Kind::Unexpected, format!("kill {signal} failed"))) }
    }

    /// Waits for its end.
    pub async fn ended(&mut self, patience: Duration) -> Result<ExitStatus, Fault> {
        ended(&mut self.child, patience).await
    }

    async fn ready(&mut self) -> Result<(), Fault> {
        let until = Instant::now() + READY;
        while tokio::net::TcpStream::connect(&self.address).await.is_err() {
            if let Some(status) = self.child.try_wait()? {
                return Err(Fault::new(
                    Kind::Unexpected,
                    format!("the server ended at once: {status}\n{}", self.log()),
                ));
            }
            if Instant::now() > until {
                return Err(Fault::new(Kind::Unanswered, format!("the server is not ready\n{}", self.log())));
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }

    fn examine(&self) {
        let log = self.log();
        if !self.errors_expected {
            let bad = log.lines().find(|line| line.contains("ERROR") || line.contains("panicked at"));
            assert!(bad.is_none(), "the server logged {bad:?}; the whole log:\n{log}");
        }
        for file in files(self.directory.path()) {
            let bytes = std::fs::read(&file).unwrap_or_default();
            for secret in &self.secrets {
                let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
                assert!(!found, "{} keeps {secret}", file.display());
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _already_gone = self.child.kill();
        let _status = self.child.wait();
        if std::thread::panicking() {
            let log = self.log();
            let skip = log.lines().count().saturating_sub(60);
            eprintln!("the end of the server's log:\n{}", log.lines().skip(skip).collect::<Vec<_>>().join("\n"));
        } else {
            self.examine();
        }
    }
}

/// The program, without what this environment would configure it with.
pub fn command() -> Command {
    let mut command = Command::new(program());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("INTERACTION_PROCESSOR_") {
            command.env_remove(name);
        }
    }
    command
}

/// Waits for the end of a process.
pub async fn ended(child: &mut Child, patience: Duration) -> Result<ExitStatus, Fault> {
    let until = Instant::now() + patience;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if Instant::now() > until {
            return Err(Fault::new(Kind::Unanswered, format!("the process is still there after {patience:?}")));
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A port of loopback that nobody listens on.
pub fn free_port() -> std::io::Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries
        .flat_map(|entry| {
            let path = entry.path();
            if path.is_dir() { files(&path) } else { vec![path] }
        })
        .collect()
}

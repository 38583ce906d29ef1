//! The simulated UCCX as a process.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::fault::{Fault, Kind};
use crate::server::command;

const PATIENCE: Duration = Duration::from_secs(20);

/// A running `uccx-sim`, killed when dropped.
pub struct UccxSim {
    /// Its process.
    pub child: Child,
    /// Its standard input, until it is taken.
    pub stdin: Option<ChildStdin>,
    /// Its first line.
    pub first: Value,
    lines: mpsc::Receiver<String>,
}

impl UccxSim {
    /// Starts a pair of nodes on free ports, with more arguments.
    pub fn start(more: &[&str]) -> Result<Self, Fault> {
        let mut running = command();
        running.args(["uccx-sim", "--listen", "127.0.0.1:0", "--standby", "127.0.0.1:0", "--admin", "127.0.0.1:0"]);
        running.args(more).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut child = running.spawn()?;
        let stdin = child.stdin.take();
        let out = child.stdout.take().ok_or_else(|| Fault::new(Kind::Unexpected, "no standard output"))?;
        let (tell, lines) = mpsc::channel();
        std::thread::spawn(move || {
            BufReader::new(out).lines().map_while(Result::ok).try_for_each(|line| tell.send(line))
        });
        let first = lines.recv_timeout(PATIENCE).map_err(|_| Fault::new(Kind::Unanswered, "no first line"))?;
        let first =
            serde_json::from_str(&first).map_err(|error| Fault::new(Kind::Unexpected, format!("{first}: {error}")))?;
        Ok(Self { child, stdin, first, lines })
    }

    /// Where a node listens.
    pub fn node(&self, node: usize) -> &str {
        self.first["nodes"][node].as_str().unwrap_or_default()
    }

    /// Gives an order by the admin port; its answer.
    pub async fn order(&self, text: &str) -> Result<String, Fault> {
        let mut stream = TcpStream::connect(self.first["admin"].as_str().unwrap_or_default()).await?;
        stream.write_all(format!("{text}\n").as_bytes()).await?;
        let mut line = String::new();
        timeout(PATIENCE, tokio::io::BufReader::new(stream).read_line(&mut line))
            .await
            .map_err(|_| Fault::new(Kind::Unanswered, format!("{text:?} was not answered")))??;
        Ok(line.trim().to_owned())
    }

    /// Waits for a line with these words.
    pub fn prints(&self, words: &str) -> Result<Vec<String>, Fault> {
        let mut seen = Vec::new();
        while let Ok(line) = self.lines.recv_timeout(PATIENCE) {
            seen.push(line);
            if seen.last().is_some_and(|line| line.contains(words)) {
                return Ok(seen);
            }
        }
        Err(Fault::new(Kind::Unanswered, format!("{words:?} was never printed: {seen:#?}")))
    }
}

impl Drop for UccxSim {
    fn drop(&mut self) {
        let _already_gone = self.child.kill();
        let _status = self.child.wait();
    }
}

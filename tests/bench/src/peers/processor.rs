//! The real server, fed by the bench as its platform.

use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use super::Peer;
use crate::dialect::Dialect;
use crate::platform::{self, Platform, Waiting};
use crate::process::Process;
use crate::server::Server;

const READY_WITHIN: Duration = Duration::from_secs(20);

/// A server in service, with its platform.
#[derive(Debug)]
pub struct Processor {
    server: Server,
    platform: Platform,
    joined: usize,
}

/// What a client is sent when it connects, binds and begins to watch: `connected`, which has no number, three answers and
/// its team.
pub const GREETING: u64 = 5;
/// The number of the last of these.
pub const NUMBERED_FROM: u64 = 4;

impl Processor {
    /// Starts the program with a platform of so many teams and waits until it is ready.
    pub fn start(program: &Path, core: Option<usize>, teams: usize) -> Result<Self> {
        let waiting = Waiting::listen()?;
        let platform = waiting.address()?;
        let cti = format!("[cti]\nkind = \"jsonl\"\nconnect = [\"{platform}\"]\nidle-ms = 600000");
        let mut server = Server::start(program, core, &cti)?;
        let platform = waiting.serve(teams)?;
        server.wait(READY_WITHIN)?;
        Ok(Self { server, platform, joined: 0 })
    }

    /// Where clients reach it.
    pub fn address(&self) -> SocketAddr {
        self.server.address
    }

    /// Connects a client that binds what there is and watches nobody.
    pub fn join_unwatching(&mut self) -> Result<TcpStream> {
        self.server.join(None)
    }
}

impl Peer for Processor {
    fn dialect(&self) -> Dialect {
        Dialect::Numbered
    }

    fn process(&self) -> &Process {
        &self.server.process
    }

    fn join(&mut self) -> Result<TcpStream> {
        let watched = platform::watched(self.joined, self.platform.teams());
        self.joined += 1;
        self.server.join(Some(&watched))
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

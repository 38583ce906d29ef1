//! The bench as a contact-centre platform: it feeds the processor JSON lines.

use std::fmt::Write as _;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// Agents whose status changes, one after the other.
const AGENTS: usize = 16;
/// Members told in one line: a line stays below its bound.
const MEMBERS_IN_A_LINE: usize = 500;
const PATIENCE: Duration = Duration::from_secs(10);

/// A platform before the processor connected.
#[derive(Debug)]
pub struct Waiting(TcpListener);

/// A platform in service: one team of agents with as many supervisors as there are clients.
#[derive(Debug)]
pub struct Platform {
    stream: TcpStream,
    published: usize,
    lines: String,
}

/// The supervisor of a client.
pub fn supervisor(client: usize) -> String {
    format!("s{client:05}")
}

fn agent(number: usize) -> String {
    format!("a{number:02}")
}

impl Waiting {
    /// Listens on a free port of loopback.
    pub fn listen() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        Ok(Self(listener))
    }

    /// Where.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }

    /// Waits for the processor and tells it everything.
    pub fn serve(self, supervisors: usize) -> Result<Platform> {
        let until = Instant::now() + PATIENCE;
        let mut stream = loop {
            match self.0.accept() {
                Ok((stream, _)) => break stream,
                Err(error) if error.kind() == ErrorKind::WouldBlock && Instant::now() < until => {
                    sleep(Duration::from_millis(5));
                }
                Err(error) => bail!("the processor did not connect to its platform: {error}"),
            }
        };
        stream.set_nonblocking(false)?;
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.write_all(everything(supervisors).as_bytes())?;
        stream.set_read_timeout(Some(Duration::from_millis(1)))?;
        Ok(Platform { stream, published: 0, lines: String::new() })
    }
}

impl Platform {
    /// Changes the status of so many agents, one line each, in one write.
    pub fn publish(&mut self, changes: usize) -> Result<()> {
        self.lines.clear();
        for _ in 0..changes {
            // Each time round an agent gets the other state, so that every line is a change.
            let state = if (self.published / AGENTS).is_multiple_of(2) { "ready" } else { "notready" };
            let agent = agent(self.published % AGENTS);
            writeln!(self.lines, r#"{{"event":"agentStatus","agent":"{agent}","state":"{state}"}}"#)?;
            self.published += 1;
        }
        self.stream.write_all(self.lines.as_bytes())?;
        Ok(())
    }

    /// Fails if the processor found fault with a line.
    pub fn check(&mut self) -> Result<()> {
        let mut text = [0; 4_096];
        match self.stream.read(&mut text) {
            Ok(0) => bail!("the processor closed the platform's connection"),
            Ok(read) => bail!("the processor told its platform: {}", String::from_utf8_lossy(&text[..read])),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

fn everything(supervisors: usize) -> String {
    let mut lines = vec![
        r#"{"event":"hello","protocol":1,"vendor":"Bench","version":"1","offers":["telephony","reports"],"reports":"uccx"}"#
            .to_owned(),
        r#"{"event":"resyncBegin"}"#.to_owned(),
    ];
    let people = (0..AGENTS).map(agent).chain((0..supervisors).map(supervisor));
    lines.extend(people.map(|id| format!(r#"{{"event":"agent","id":"{id}","name":"Person {id}"}}"#)));
    let agents: Vec<String> = (0..AGENTS).map(|number| format!(r#"{{"agent":"{}"}}"#, agent(number))).collect();
    lines.push(format!(r#"{{"event":"team","id":"t1","name":"Sales","members":[{}]}}"#, agents.join(",")));
    let supervisors: Vec<String> =
        (0..supervisors).map(|number| format!(r#"{{"agent":"{}","role":"supervisor"}}"#, supervisor(number))).collect();
    for members in supervisors.chunks(MEMBERS_IN_A_LINE) {
        lines.push(format!(r#"{{"event":"teamChanged","id":"t1","added":[{}]}}"#, members.join(",")));
    }
    lines.extend((0..AGENTS).map(|number| {
        format!(r#"{{"event":"agentStatus","agent":"{}","state":"notready","reason":"1"}}"#, agent(number))
    }));
    lines.push(r#"{"event":"resyncEnd"}"#.to_owned());
    lines.join("\n") + "\n"
}

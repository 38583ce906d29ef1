//! All clients on one thread: raw sockets under one epoll, so that counting deliveries costs less than making them.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rustix::event::{Timespec, epoll};

use crate::frames::{self, CLOSE, PING, PONG, TEXT};

/// More than the largest message, a snapshot of the team, and more than a socket's buffer holds at once.
const BUFFER_BYTES: usize = 2 << 20;
const PATIENCE: Duration = Duration::from_secs(10);
const ACKNOWLEDGE_EVERY: Duration = Duration::from_secs(1);
/// What a client is sent when it joins: `connected`, which has no number, and two answers.
pub const JOINED: u64 = 3;
/// The number of the last message before the first change: two answers, one more and the team.
pub const NUMBERED_AT_FIRST: u64 = 4;

/// Whom clients belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Server {
    /// The processor.
    Processor,
    /// The bare loop.
    Bare,
}

/// Every client of both servers.
pub struct Crowd {
    epoll: OwnedFd,
    events: Vec<epoll::Event>,
    buffer: Vec<u8>,
    clients: Vec<Client>,
    totals: [Total; 2],
    /// The client that acknowledges next, and when.
    next: usize,
    next_at: Instant,
}

#[derive(Debug)]
struct Client {
    server: Server,
    stream: TcpStream,
    /// The beginning of a frame whose end has not come.
    partial: Vec<u8>,
    messages: u64,
    seq: u64,
    acknowledged: u64,
}

/// What all clients of a server got.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Total {
    /// Messages.
    pub messages: u64,
    /// Bytes of all frames.
    pub bytes: u64,
}

impl Crowd {
    /// Nobody yet.
    pub fn new() -> Result<Self> {
        Ok(Self {
            epoll: epoll::create(epoll::CreateFlags::CLOEXEC)?,
            events: Vec::with_capacity(1_024),
            buffer: vec![0; BUFFER_BYTES],
            clients: Vec::new(),
            totals: [Total::default(); 2],
            next: 0,
            next_at: Instant::now(),
        })
    }

    /// Connects a client of the bare loop.
    pub fn join_bare(&mut self, address: SocketAddr) -> Result<()> {
        self.enter(Server::Bare, TcpStream::connect(address)?)
    }

    /// Connects a client of the processor and binds what it needs.
    pub fn join_processor(&mut self, address: SocketAddr) -> Result<()> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let upgrade = format!(
            "GET /v1/ws HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(upgrade.as_bytes())?;
        upgraded(&mut stream)?;
        let requests = [
            r#"{"messageType":"connect","requestId":"1","client":{"name":"bench"}}"#,
            r#"{"messageType":"coreRequest","requestId":"2","command":"bindService","serviceId":"processor"}"#,
            r#"{"messageType":"coreRequest","requestId":"3","command":"bindResource","serviceId":"processor","resourceId":"reports"}"#,
        ];
        let frames: Vec<u8> = requests.iter().flat_map(|text| frames::of_client(TEXT, text.as_bytes())).collect();
        stream.write_all(&frames)?;
        self.enter(Server::Processor, stream)?;
        self.pump(Duration::ZERO)
    }

    /// Every client of the processor begins to watch the teams of its agent.
    pub fn watch(&mut self, agent: impl Fn(usize) -> String) -> Result<()> {
        for index in 0..self.clients.len() {
            let begin = format!(
                r#"{{"messageType":"resourceRequest","requestId":"4","serviceId":"processor","resourceId":"reports","request":{{"command":"report.teamstatus.begin","data":{{"agentId":"{}"}}}}}}"#,
                agent(index)
            );
            self.clients[index].write(&frames::of_client(TEXT, begin.as_bytes()))?;
            self.pump(Duration::ZERO)?;
        }
        Ok(())
    }

    fn enter(&mut self, server: Server, stream: TcpStream) -> Result<()> {
        stream.set_nonblocking(true)?;
        let data = epoll::EventData::new_u64(self.clients.len() as u64);
        epoll::add(&self.epoll, &stream, data, epoll::EventFlags::IN)?;
        self.clients.push(Client { server, stream, partial: Vec::new(), messages: 0, seq: 0, acknowledged: 0 });
        Ok(())
    }

    /// What the clients of a server got till now.
    pub fn total(&self, server: Server) -> Total {
        self.totals[server as usize]
    }

    /// Reads until the clients of a server got so many messages in all.
    pub fn wait(&mut self, server: Server, messages: u64) -> Result<()> {
        let until = Instant::now() + PATIENCE;
        while self.total(server).messages < messages {
            self.pump(Duration::from_millis(100))?;
            let got = self.total(server).messages;
            ensure!(Instant::now() < until || got >= messages, "{got} of {messages} messages came in time");
        }
        Ok(())
    }

    /// Reads what is there, or what comes within that time, and acknowledges what is due.
    pub fn pump(&mut self, within: Duration) -> Result<()> {
        let mut events = std::mem::take(&mut self.events);
        events.clear();
        let within = Timespec::try_from(within)?;
        match epoll::wait(&self.epoll, rustix::buffer::spare_capacity(&mut events), Some(&within)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        for event in &events {
            let index = usize::try_from(event.data.u64())?;
            self.clients[index].read(&mut self.buffer, &mut self.totals)?;
        }
        self.events = events;
        self.acknowledge()
    }

    /// Every client acknowledges once a second; not all at the same time.
    fn acknowledge(&mut self) -> Result<()> {
        let now = Instant::now();
        while self.next_at <= now && !self.clients.is_empty() {
            let count = self.clients.len();
            let client = &mut self.clients[self.next % count];
            if client.server == Server::Processor && client.seq > client.acknowledged {
                client.acknowledged = client.seq;
                let ack = format!(r#"{{"messageType":"ack","seq":{}}}"#, client.seq);
                client.write(&frames::of_client(TEXT, ack.as_bytes()))?;
            }
            self.next = (self.next + 1) % count;
            self.next_at += ACKNOWLEDGE_EVERY / u32::try_from(count)?;
        }
        Ok(())
    }

    /// Fails unless every client of the processor got every message: the numbers are without a hole, so the last one and how
    /// many came say it all.
    pub fn check(&self, published: u64) -> Result<()> {
        for (number, client) in self.clients.iter().enumerate() {
            if client.server != Server::Processor {
                continue;
            }
            let seq = NUMBERED_AT_FIRST + published;
            let Client { seq: last, messages, .. } = client;
            ensure!(*last == seq, "the last message of client {number} is {last}, not {seq}");
            ensure!(*messages == seq + 1, "client {number} got {messages} messages, not {}", seq + 1);
        }
        Ok(())
    }
}

impl Client {
    /// Reads once.
    fn read(&mut self, buffer: &mut [u8], totals: &mut [Total; 2]) -> Result<()> {
        let kept = self.partial.len();
        buffer[..kept].copy_from_slice(&self.partial);
        self.partial.clear();
        ensure!(kept < buffer.len(), "a message is larger than {} bytes", buffer.len());
        let end = match self.stream.read(&mut buffer[kept..]) {
            Ok(0) => bail!("{:?} closed a client's socket", self.server),
            Ok(read) => kept + read,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => kept,
            Err(error) => return Err(error).context("a client's socket broke"),
        };
        let total = &mut totals[self.server as usize];
        let mut at = 0;
        let mut last: Option<&[u8]> = None;
        while let Some(frame) = frames::first(&buffer[at..end]) {
            at += frame.bytes;
            match frame.opcode {
                TEXT => {
                    self.messages += 1;
                    total.messages += 1;
                    total.bytes += frame.bytes as u64;
                    last = Some(frame.payload);
                }
                PING => self.write(&frames::of_client(PONG, frame.payload))?,
                CLOSE => bail!("{:?} closes a client: {}", self.server, String::from_utf8_lossy(frame.payload)),
                _ => {}
            }
        }
        if let (Some(last), Server::Processor) = (last, self.server) {
            // `connected` has none.
            self.seq = seq(last).unwrap_or(self.seq);
        }
        self.partial.extend_from_slice(&buffer[at..end]);
        Ok(())
    }

    fn write(&mut self, frame: &[u8]) -> Result<()> {
        let written = self.stream.write(frame).context("a client's socket does not take an acknowledgement")?;
        ensure!(written == frame.len(), "a client's socket took half an acknowledgement");
        Ok(())
    }
}

/// The number of a message: it stands near its beginning.
fn seq(message: &[u8]) -> Option<u64> {
    const NAME: &[u8] = b"\"seq\":";
    let begin = message[..message.len().min(128)].windows(NAME.len()).position(|window| window == NAME)? + NAME.len();
    let digits = message[begin..].iter().take_while(|byte| byte.is_ascii_digit());
    Some(digits.fold(0, |number, digit| number * 10 + u64::from(digit - b'0')))
}

/// Reads the answer to a handshake, byte by byte: what follows belongs to the crowd.
fn upgraded(stream: &mut TcpStream) -> Result<()> {
    let mut answer = Vec::new();
    let mut byte = [0];
    while !answer.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).context("the server did not answer a handshake")?;
        answer.extend_from_slice(&byte);
        ensure!(answer.len() < 4_096, "the answer to a handshake does not end");
    }
    ensure!(answer.starts_with(b"HTTP/1.1 101"), "refused: {}", String::from_utf8_lossy(&answer));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::seq;

    #[test]
    fn numbers_are_read_where_they_stand() {
        assert_eq!(seq(br#"{"messageType":"resourceEvent","seq":1204,"serviceId":"processor"}"#), Some(1_204));
        assert_eq!(seq(br#"{"messageType":"connected"}"#), None);
    }
}

//! All clients of a server on one thread: raw sockets under one epoll, so that counting deliveries costs less than making
//! them. Every server is read by this same code.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rustix::event::{Timespec, epoll};

use crate::dialect::{Dialect, Found};
use crate::frames::{self, TEXT};

/// More than the largest message, a snapshot of the team, and more than a socket's buffer holds at once.
const BUFFER_BYTES: usize = 2 << 20;
const PATIENCE: Duration = Duration::from_secs(10);
const ACKNOWLEDGE_EVERY: Duration = Duration::from_secs(1);
/// Sockets read in one round: few enough that what is due in between is not late.
const EVENTS_MAX: usize = 64;

/// Every client of one server.
pub struct Crowd {
    dialect: Dialect,
    epoll: OwnedFd,
    events: Vec<epoll::Event>,
    buffer: Vec<u8>,
    clients: Vec<Client>,
    total: Total,
    late: Option<Late>,
    ear: Option<Ear>,
    /// The client that acknowledges next, and when.
    next: usize,
    next_at: Instant,
}

/// What hears the texts of messages.
type Ear = Box<dyn FnMut(&[u8]) -> Result<()>>;

#[derive(Debug)]
struct Client {
    stream: TcpStream,
    /// The beginning of a frame whose end has not come.
    partial: Vec<u8>,
    /// The beginning of a message whose frame was whole.
    inner: Vec<u8>,
    messages: u64,
    seq: u64,
    acknowledged: u64,
}

/// What all clients got.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Total {
    /// Messages.
    pub messages: u64,
    /// Bytes, with all that frames them.
    pub bytes: u64,
}

/// How late messages are: every client gets every message, so its next one is the one after its last.
#[derive(Debug)]
struct Late {
    /// How many messages each client had before the first that is timed.
    before: u64,
    /// When each was due.
    due: Vec<Instant>,
    /// Of each delivery, in microseconds.
    us: Vec<u32>,
}

impl Crowd {
    /// Nobody yet.
    pub fn new(dialect: Dialect) -> Result<Self> {
        Ok(Self {
            dialect,
            epoll: epoll::create(epoll::CreateFlags::CLOEXEC)?,
            events: Vec::with_capacity(EVENTS_MAX),
            buffer: vec![0; BUFFER_BYTES],
            clients: Vec::new(),
            total: Total::default(),
            late: None,
            ear: None,
            next: 0,
            next_at: Instant::now(),
        })
    }

    /// Adds a client that has asked for what it is to get.
    pub fn enter(&mut self, stream: TcpStream) -> Result<()> {
        stream.set_nonblocking(true)?;
        let data = epoll::EventData::new_u64(self.clients.len() as u64);
        epoll::add(&self.epoll, &stream, data, epoll::EventFlags::IN)?;
        let (partial, inner) = (Vec::new(), Vec::new());
        self.clients.push(Client { stream, partial, inner, messages: 0, seq: 0, acknowledged: 0 });
        self.pump(Duration::ZERO)
    }

    /// Lets something hear the text of every message from now on, for servers whose messages are WebSocket texts.
    pub fn hear(&mut self, ear: impl FnMut(&[u8]) -> Result<()> + 'static) {
        self.ear = Some(Box::new(ear));
    }

    /// What all clients got till now.
    pub fn total(&self) -> Total {
        self.total
    }

    /// How many clients there are.
    pub fn len(&self) -> usize {
        self.clients.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.clients.is_empty()
    }

    /// Reads until the clients got so many messages in all.
    pub fn wait(&mut self, messages: u64) -> Result<()> {
        self.wait_nudging(messages, || Ok(()))
    }

    /// The same, doing something in between, each time nothing came for a moment.
    pub fn wait_nudging(&mut self, messages: u64, mut nudge: impl FnMut() -> Result<()>) -> Result<()> {
        let mut until = Instant::now() + PATIENCE;
        let mut before = self.total.messages;
        while self.total.messages < messages {
            let seen = self.total.messages;
            self.pump(Duration::from_millis(1))?;
            if self.total.messages == seen {
                nudge()?;
            }
            let got = self.total.messages;
            if got > before {
                (before, until) = (got, Instant::now() + PATIENCE);
            }
            ensure!(Instant::now() < until || got >= messages, "{got} of {messages} messages came, and no more");
        }
        Ok(())
    }

    /// Reads for that time.
    pub fn linger(&mut self, time: Duration) -> Result<()> {
        let until = Instant::now() + time;
        while let Some(left) = until.checked_duration_since(Instant::now()) {
            self.pump(left)?;
        }
        Ok(())
    }

    /// Begins to time messages: none that is not announced by [`Crowd::due`] may come meanwhile.
    pub fn time(&mut self) -> Result<()> {
        let before = self.clients.first().map_or(0, |client| client.messages);
        ensure!(self.clients.iter().all(|client| client.messages == before), "some clients got more than others");
        self.late = Some(Late { before, due: Vec::new(), us: Vec::new() });
        Ok(())
    }

    /// A message is due: it is published now, or should have been then.
    pub fn due(&mut self, at: Instant) {
        if let Some(late) = &mut self.late {
            late.due.push(at);
        }
    }

    /// Ends timing: how late each delivery was, in microseconds, in ascending order.
    pub fn timed(&mut self) -> Vec<u32> {
        let mut us = self.late.take().map_or_else(Vec::new, |late| late.us);
        us.sort_unstable();
        us
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
            let Self { dialect, clients, buffer, total, late, ear, .. } = self;
            let whole = clients[index].read(*dialect, buffer, total, late.as_mut())?;
            if let Some(ear) = ear {
                frames::all(&buffer[..whole])
                    .filter(|frame| frame.opcode == TEXT)
                    .try_for_each(|frame| ear(frame.payload))?;
            }
        }
        self.events = events;
        if self.dialect == Dialect::Numbered { self.acknowledge() } else { Ok(()) }
    }

    /// Every client acknowledges once a second; not all at the same time.
    fn acknowledge(&mut self) -> Result<()> {
        let now = Instant::now();
        let count = self.clients.len();
        let Some(every) = u32::try_from(count)?.checked_sub(1).map(|others| ACKNOWLEDGE_EVERY / (others + 1)) else {
            return Ok(());
        };
        // After a pause each acknowledges once, not once for every second missed.
        self.next_at = self.next_at.max(now.checked_sub(ACKNOWLEDGE_EVERY).unwrap_or(now));
        while self.next_at <= now {
            let client = &mut self.clients[self.next % count];
            if client.seq > client.acknowledged {
                client.acknowledged = client.seq;
                let ack = format!(r#"{{"messageType":"ack","seq":{}}}"#, client.seq);
                client.write(&frames::of_client(TEXT, ack.as_bytes()))?;
            }
            self.next = (self.next + 1) % count;
            self.next_at += every;
        }
        Ok(())
    }

    /// Fails unless every client got every message. The numbers of numbered ones are without a hole, so the last one and how
    /// many came say it all; `numbered_from` is the number before the first.
    pub fn check(&self, published: u64, greeting: u64, numbered_from: u64) -> Result<()> {
        for (number, client) in self.clients.iter().enumerate() {
            let Client { seq, messages, .. } = client;
            ensure!(*messages == greeting + published, "client {number} got {messages} messages of {published}");
            if self.dialect == Dialect::Numbered {
                let last = numbered_from + published;
                ensure!(*seq == last, "the last message of client {number} is {seq}, not {last}");
            }
        }
        Ok(())
    }
}

impl Client {
    /// Reads once. Returns how much of the buffer whole frames take.
    fn read(
        &mut self,
        dialect: Dialect,
        buffer: &mut [u8],
        total: &mut Total,
        late: Option<&mut Late>,
    ) -> Result<usize> {
        let kept = self.partial.len();
        buffer[..kept].copy_from_slice(&self.partial);
        self.partial.clear();
        ensure!(kept < buffer.len(), "a message is larger than {} bytes", buffer.len());
        let end = match self.stream.read(&mut buffer[kept..]) {
            Ok(0) => bail!("the server closed a client's socket"),
            Ok(read) => {
                total.bytes += read as u64;
                kept + read
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => kept,
            Err(error) => return Err(error).context("a client's socket broke"),
        };
        let mut found = Found::default();
        let at = dialect.scan(&buffer[..end], &mut self.inner, &mut found)?;
        if let Some(late) = late {
            late.note(self.messages, found.messages);
        }
        self.messages += found.messages;
        total.messages += found.messages;
        self.seq = found.seq.unwrap_or(self.seq);
        self.partial.extend_from_slice(&buffer[at..end]);
        if !found.answers.is_empty() {
            self.write(&found.answers)?;
        }
        Ok(at)
    }

    fn write(&mut self, frame: &[u8]) -> Result<()> {
        let written = self.stream.write(frame).context("a client's socket does not take an answer")?;
        ensure!(written == frame.len(), "a client's socket took half an answer");
        Ok(())
    }
}

impl Late {
    /// A client that had so many messages got some more, just now.
    fn note(&mut self, had: u64, more: u64) {
        let now = Instant::now();
        let first = usize::try_from(had - self.before).unwrap_or(usize::MAX);
        let due = self.due.iter().skip(first).take(usize::try_from(more).unwrap_or(usize::MAX));
        self.us.extend(due.map(|due| u32::try_from(now.duration_since(*due).as_micros()).unwrap_or(u32::MAX)));
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::time::{Duration, Instant};

    use super::Crowd;
    use crate::dialect::Dialect;

    fn pair(listener: &TcpListener) -> (TcpStream, TcpStream) {
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        (client, listener.accept().unwrap().0)
    }

    fn message(seq: u64) -> Vec<u8> {
        let text = format!(r#"{{"messageType":"resourceEvent","seq":{seq}}}"#);
        [&[0x81, text.len() as u8][..], text.as_bytes()].concat()
    }

    #[test]
    fn every_delivery_is_counted_timed_and_acknowledged() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut crowd = Crowd::new(Dialect::Numbered).unwrap();
        let mut servers = Vec::new();
        for _ in 0..3 {
            let (client, server) = pair(&listener);
            crowd.enter(client).unwrap();
            servers.push(server);
        }
        crowd.time().unwrap();
        crowd.due(Instant::now());
        crowd.due(Instant::now());
        for server in &mut servers {
            server.write_all(&[message(1), message(2)].concat()).unwrap();
        }
        crowd.wait(6).unwrap();
        assert_eq!(crowd.timed().len(), 6);
        crowd.check(2, 0, 0).unwrap();
        assert!(crowd.check(3, 0, 0).is_err(), "one message is missing");
        // Within a second each acknowledges what it has.
        let mut first = [0; 36];
        servers[0].set_nonblocking(true).unwrap();
        while servers[0].read(&mut first).is_err() {
            crowd.pump(Duration::from_millis(10)).unwrap();
        }
        assert!(String::from_utf8_lossy(&first).contains(r#""ack","seq":2"#));
    }

    #[test]
    fn messages_that_do_not_come_are_missed() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut crowd = Crowd::new(Dialect::Frames).unwrap();
        let (client, server) = pair(&listener);
        crowd.enter(client).unwrap();
        drop(server);
        assert!(crowd.wait(1).is_err());
    }
}

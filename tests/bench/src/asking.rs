//! Clients that ask one after the other, each when it is its turn, whether or not those before were answered; and how long until
//! each was.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rustix::event::{Timespec, epoll};

use crate::frames::{self, CLOSE, PING, PONG, TEXT};

const BUFFER_BYTES: usize = 64 << 10;
const EVENTS_MAX: usize = 64;
/// The longest that an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The simplest there is to ask: it goes the way of every message, and its answer has no number to be acknowledged.
const QUESTION: &[u8] = br#"{"messageType":"ping","requestId":"q"}"#;
const ANSWER: &[u8] = br#"{"messageType":"pong""#;

/// All of them, on one thread.
pub struct Asking {
    epoll: OwnedFd,
    events: Vec<epoll::Event>,
    buffer: Vec<u8>,
    clients: Vec<Client>,
    question: Vec<u8>,
    /// The client that asks next.
    next: usize,
    open: usize,
    us: Vec<u32>,
}

struct Client {
    stream: TcpStream,
    unread: Vec<u8>,
    /// When each of its questions was written that is not answered.
    waiting: VecDeque<Instant>,
}

impl Asking {
    /// Nobody yet.
    pub fn new() -> Result<Self> {
        Ok(Self {
            epoll: epoll::create(epoll::CreateFlags::CLOEXEC)?,
            events: Vec::with_capacity(EVENTS_MAX),
            buffer: vec![0; BUFFER_BYTES],
            clients: Vec::new(),
            question: frames::of_client(TEXT, QUESTION),
            next: 0,
            open: 0,
            us: Vec::new(),
        })
    }

    /// Adds a client that has connected its link.
    pub fn enter(&mut self, stream: TcpStream) -> Result<()> {
        stream.set_nonblocking(true)?;
        let data = epoll::EventData::new_u64(self.clients.len() as u64);
        epoll::add(&self.epoll, &stream, data, epoll::EventFlags::IN)?;
        self.clients.push(Client { stream, unread: Vec::new(), waiting: VecDeque::new() });
        Ok(())
    }

    /// Asks so many times a second, client by client, and says how long each answer took since its question was written: in
    /// microseconds, in ascending order. What is due within the millisecond that a wait takes at least is asked together.
    pub fn ask(&mut self, per_second: f64, time: Duration) -> Result<Vec<u32>> {
        ensure!(!self.clients.is_empty(), "there is nobody who asks");
        let every = Duration::from_secs_f64(1.0 / per_second);
        let begun = Instant::now();
        let mut asked = 0_u32;
        loop {
            let due = begun + every * asked;
            let now = Instant::now();
            if now.duration_since(begun) >= time {
                break;
            }
            if now >= due {
                self.question()?;
                asked += 1;
            } else {
                self.pump(due - now)?;
            }
        }
        let until = Instant::now() + PATIENCE;
        while self.open > 0 {
            ensure!(Instant::now() < until, "{} questions are not answered", self.open);
            self.pump(Duration::from_millis(10))?;
        }
        let mut us = std::mem::take(&mut self.us);
        us.sort_unstable();
        Ok(us)
    }

    fn question(&mut self) -> Result<()> {
        let place = self.next % self.clients.len();
        let client = &mut self.clients[place];
        let asked = Instant::now();
        let written = client.stream.write(&self.question).context("a client's socket does not take a question")?;
        ensure!(written == self.question.len(), "a client's socket took half a question");
        client.waiting.push_back(asked);
        self.open += 1;
        self.next += 1;
        Ok(())
    }

    /// Reads what is there, or what comes within that time.
    fn pump(&mut self, within: Duration) -> Result<()> {
        self.events.clear();
        let within = Timespec::try_from(within)?;
        match epoll::wait(&self.epoll, rustix::buffer::spare_capacity(&mut self.events), Some(&within)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        for event in &self.events {
            let client = &mut self.clients[usize::try_from(event.data.u64())?];
            let answered = client.read(&mut self.buffer)?;
            let now = Instant::now();
            for _ in 0..answered {
                let asked = client.waiting.pop_front().context("an answer that nobody asked for")?;
                self.open -= 1;
                self.us.push(u32::try_from(now.duration_since(asked).as_micros()).unwrap_or(u32::MAX));
            }
        }
        Ok(())
    }
}

impl Client {
    /// Reads once. Returns how many answers came.
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        match self.stream.read(buffer) {
            Ok(0) => bail!("the server closed a client's socket"),
            Ok(read) => self.unread.extend_from_slice(&buffer[..read]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => return Ok(0),
            Err(error) => return Err(error).context("a client's socket broke"),
        }
        let (mut at, mut answered) = (0, 0);
        let mut pongs = Vec::new();
        for frame in frames::all(&self.unread) {
            at += frame.bytes;
            match frame.opcode {
                TEXT => answered += usize::from(frame.payload.starts_with(ANSWER)),
                PING => pongs.extend(frames::of_client(PONG, frame.payload)),
                CLOSE => bail!("the server closes a client: {}", String::from_utf8_lossy(frame.payload)),
                _ => {}
            }
        }
        self.unread.drain(..at);
        self.stream.write_all(&pongs)?;
        Ok(answered)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::time::Duration;

    use super::{ANSWER, Asking, QUESTION};
    use crate::frames::{TEXT, of_client, of_server};

    #[test]
    fn every_question_is_answered_and_timed() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut asking = Asking::new().unwrap();
        asking.enter(TcpStream::connect(listener.local_addr().unwrap()).unwrap()).unwrap();
        let (mut server, _) = listener.accept().unwrap();
        let answers = std::thread::spawn(move || {
            let mut buffer = [0; 4_096];
            let mut asked = 0;
            let one = of_client(TEXT, QUESTION).len();
            // Questions are written whole, each by one call.
            while let Ok(read @ 1..) = server.read(&mut buffer) {
                let questions = read / one;
                asked += questions;
                // Something else comes first, which is no answer.
                server.write_all(&of_server(TEXT, b"{}")).unwrap();
                (0..questions).for_each(|_| server.write_all(&of_server(TEXT, ANSWER)).unwrap());
            }
            asked
        });
        let us = asking.ask(1_000.0, Duration::from_millis(50)).unwrap();
        drop(asking);
        assert_eq!(us.len(), answers.join().unwrap());
        assert!(!us.is_empty() && us.is_sorted());
    }
}

//! The simulated UCCX with a socket, on a thread.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, anyhow, bail};
use interaction_core::cti::simulator::Scenario;
use interaction_core::cti::uccx::codec::{Framer, Message, Text, Widths};
use interaction_core::cti::uccx::sim::{ClientId, SimConfig, SimInput, SimOutput, UccxSim};
use interaction_core::time::Time;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// The longest sleep, after which it looks whether it is to end.
const SLEEP: Duration = Duration::from_millis(100);
const WRITE_WITHIN: Duration = Duration::from_secs(10);
const SEED: u64 = 1;

/// A change of an agent's state was written then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The agent's id.
    pub agent: String,
    /// The number of the state on the wire.
    pub state: u16,
    /// When, just before.
    pub at: Instant,
}

/// How much was told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Frames of every kind.
    pub frames: u64,
    /// Those that tell an agent's state.
    pub states: u64,
    /// Those that begin a call.
    pub calls: u64,
}

impl Told {
    /// What was told since an earlier moment.
    pub fn since(self, earlier: Self) -> Self {
        Self {
            frames: self.frames - earlier.frames,
            states: self.states - earlier.states,
            calls: self.calls - earlier.calls,
        }
    }
}

#[derive(Debug, Default)]
struct Counts {
    frames: AtomicU64,
    states: AtomicU64,
    calls: AtomicU64,
    stop: AtomicBool,
}

/// A UCCX of one node. Dropped, it ends.
#[derive(Debug)]
pub struct Source {
    address: SocketAddr,
    counts: Arc<Counts>,
    stamps: Option<Receiver<Stamp>>,
    thread: Option<JoinHandle<Result<()>>>,
}

impl Source {
    /// Listens on a free port of loopback.
    pub fn start(scenario: Scenario) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let (stamp, stamps) = mpsc::channel();
        let counts = Arc::new(Counts::default());
        let clock = Clock::start()?;
        let config = SimConfig { nodes: 1, ..SimConfig::default() };
        let sim = UccxSim::new(scenario, SEED, config, clock.now()).map_err(|error| anyhow!("{error}"))?;
        let mut node = Node {
            sim,
            clock,
            listener,
            client: None,
            clients: 0,
            framer: Framer::default(),
            stamp,
            counts: counts.clone(),
        };
        let thread = std::thread::spawn(move || node.run());
        Ok(Self { address, counts, stamps: Some(stamps), thread: Some(thread) })
    }

    /// Where.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What is stamped; once.
    pub fn stamps(&mut self) -> Result<Receiver<Stamp>> {
        self.stamps.take().context("somebody has the stamps already")
    }

    /// How much was told till now.
    pub fn told(&self) -> Told {
        let Counts { frames, states, calls, .. } = &*self.counts;
        let count = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Told { frames: count(frames), states: count(states), calls: count(calls) }
    }

    /// Fails if it ended by itself.
    pub fn check(&mut self) -> Result<()> {
        match self.thread.take() {
            Some(thread) if thread.is_finished() => {
                thread.join().map_err(|_| anyhow!("the simulated UCCX panicked"))??;
                bail!("the simulated UCCX ended")
            }
            thread => self.thread = thread,
        }
        Ok(())
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        self.counts.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // Why it failed was to be asked before.
            let _ = thread.join();
        }
    }
}

#[derive(Debug)]
struct Clock {
    start: Instant,
    wall: Time,
}

impl Clock {
    fn start() -> Result<Self> {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH)?;
        Ok(Self { start: Instant::now(), wall: Time::from_micros(u64::try_from(wall.as_micros())?) })
    }

    fn now(&self) -> Time {
        self.wall + self.start.elapsed()
    }
}

struct Node {
    sim: UccxSim,
    clock: Clock,
    listener: TcpListener,
    client: Option<(ClientId, TcpStream)>,
    clients: u32,
    framer: Framer,
    stamp: Sender<Stamp>,
    counts: Arc<Counts>,
}

impl Node {
    fn run(&mut self) -> Result<()> {
        let mut buffer = vec![0; 64 << 10];
        while !self.counts.stop.load(Ordering::Relaxed) {
            self.drain()?;
            self.sleep()?;
            self.accept()?;
            match self.read(&mut buffer) {
                Ok(Some(0)) => self.gone("it closed the connection"),
                Ok(Some(len)) => {
                    let Some((client, _)) = self.client else { continue };
                    let bytes = &buffer[..len];
                    self.sim.handle_input(self.clock.now(), SimInput::Received { client, bytes });
                }
                Ok(None) => {}
                Err(error) => self.gone(&error.to_string()),
            }
            self.sim.handle_input(self.clock.now(), SimInput::Tick);
        }
        Ok(())
    }

    fn drain(&mut self) -> Result<()> {
        while let Some(output) = self.sim.poll_output() {
            match output {
                SimOutput::Send { client, bytes } => {
                    if self.client.as_ref().is_some_and(|(own, _)| *own == client) {
                        self.note(&bytes)?;
                        if let Some((_, stream)) = &mut self.client {
                            stream.write_all(&bytes).context("the server does not read what its platform says")?;
                        }
                    }
                }
                SimOutput::Close { client } | SimOutput::Reset { client } => {
                    self.client.take_if(|(own, _)| *own == client);
                }
                SimOutput::Note(_) => {}
            }
        }
        Ok(())
    }

    /// Stamps what will be written.
    fn note(&mut self, bytes: &[u8]) -> Result<()> {
        let at = Instant::now();
        let mut rest = bytes;
        while let Some(frame) = self.framer.next_frame(&mut rest)? {
            self.counts.frames.fetch_add(1, Ordering::Relaxed);
            match Message::decode(frame, Widths::V10)? {
                Message::AgentStateEvent(event) => {
                    self.counts.states.fetch_add(1, Ordering::Relaxed);
                    let agent = event.agent_id.and_then(Text::as_str).context("a state of nobody")?.to_owned();
                    // Whoever has the stamps may have seen enough.
                    let _ = self.stamp.send(Stamp { agent, state: event.agent_state, at });
                }
                Message::BeginCallEvent(_) => {
                    self.counts.calls.fetch_add(1, Ordering::Relaxed);
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Until something comes or is to be done.
    fn sleep(&mut self) -> Result<()> {
        let due = self.sim.poll_timeout().map_or(SLEEP, |at| at.since(self.clock.now()));
        let within = Timespec::try_from(due.min(SLEEP))?;
        let mut sources = vec![PollFd::new(&self.listener, PollFlags::IN)];
        sources.extend(self.client.iter().map(|(_, stream)| PollFd::new(stream, PollFlags::IN)));
        match poll(&mut sources, Some(&within)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn accept(&mut self) -> Result<()> {
        match self.listener.accept() {
            Ok((stream, _)) => {
                stream.set_nodelay(true)?;
                stream.set_write_timeout(Some(WRITE_WITHIN))?;
                self.gone("another came");
                self.clients += 1;
                let client = ClientId(self.clients);
                self.client = Some((client, stream));
                self.framer = Framer::default();
                self.sim.handle_input(self.clock.now(), SimInput::Accepted { client, node: 0 });
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// What there is to read, without waiting for it: the sleep did.
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<Option<usize>> {
        let Some((_, stream)) = &mut self.client else { return Ok(None) };
        let ready = poll(&mut [PollFd::new(&*stream, PollFlags::IN)], Some(&Timespec { tv_sec: 0, tv_nsec: 0 }))?;
        if ready == 0 { Ok(None) } else { stream.read(buffer).map(Some) }
    }

    fn gone(&mut self, why: &str) {
        if let Some((client, _)) = self.client.take() {
            self.sim.handle_input(self.clock.now(), SimInput::Gone { client, why });
        }
    }
}

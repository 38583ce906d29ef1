//! A storm of clients: each connects, opens a WebSocket, connects its link, binds, begins to watch a team, has its snapshot,
//! and goes again; so many at a time.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rustix::event::{Timespec, epoll};

use crate::frames::{self, CLOSE, TEXT};
use crate::peers::processor::GREETING;
use crate::peers::{connect, upgrade_request};
use crate::platform;
use crate::process::Process;
use crate::server::{PATH, requests};

/// Clients on their way at a time.
pub const AT_A_TIME: usize = 64;
const BUFFER_BYTES: usize = 256 << 10;
const PATIENCE: Duration = Duration::from_secs(10);

/// What came of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Storm {
    /// Links that went all the way, a second.
    pub links_per_second: f64,
    /// Processor time of the server for one of them, in microseconds.
    pub cpu_us_per_link: f64,
}

/// Where a client is on its way.
#[derive(Debug)]
struct Walker {
    stream: TcpStream,
    unread: Vec<u8>,
    upgraded: bool,
    messages: u64,
    said_goodbye: bool,
}

/// Sends `links` clients through the server.
pub fn storm(process: &Process, address: SocketAddr, links: usize) -> Result<Storm> {
    let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    let mut walkers: Vec<Option<Walker>> = Vec::new();
    let mut events = Vec::with_capacity(AT_A_TIME);
    let mut buffer = vec![0; BUFFER_BYTES];
    let (mut begun, mut done) = (0, 0);
    let cpu = process.cpu()?;
    let start = Instant::now();
    while walkers.len() < AT_A_TIME.min(links) {
        walkers.push(Some(set_out(&epoll, address, walkers.len())?));
        begun += 1;
    }
    let wait = Timespec::try_from(PATIENCE)?;
    while done < links {
        events.clear();
        epoll::wait(&epoll, rustix::buffer::spare_capacity(&mut events), Some(&wait))?;
        ensure!(!events.is_empty(), "{done} of {links} links came through, and no more");
        for event in &events {
            let slot = usize::try_from(event.data.u64())?;
            let Some(walker) = &mut walkers[slot] else { continue };
            if walker.step(&mut buffer, done)? {
                done += 1;
                walkers[slot] = None;
                if begun < links {
                    begun += 1;
                    walkers[slot] = Some(set_out(&epoll, address, slot)?);
                }
            }
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    let cpu = process.cpu()?.saturating_sub(cpu);
    Ok(Storm { links_per_second: links as f64 / seconds, cpu_us_per_link: cpu.as_secs_f64() * 1e6 / links as f64 })
}

fn set_out(epoll: &OwnedFd, address: SocketAddr, slot: usize) -> Result<Walker> {
    let mut stream = connect(address)?;
    stream.write_all(upgrade_request(address, PATH, "").as_bytes())?;
    stream.set_nonblocking(true)?;
    epoll::add(epoll, &stream, epoll::EventData::new_u64(slot as u64), epoll::EventFlags::IN)?;
    Ok(Walker { stream, unread: Vec::new(), upgraded: false, messages: 0, said_goodbye: false })
}

impl Walker {
    /// Reads once and goes on. True when it is through.
    fn step(&mut self, buffer: &mut [u8], client: usize) -> Result<bool> {
        match self.stream.read(buffer) {
            Ok(0) if self.said_goodbye => return Ok(true),
            Ok(0) => bail!("the server closed a client's socket after {} messages", self.messages),
            Ok(read) => self.unread.extend_from_slice(&buffer[..read]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => return Ok(false),
            Err(error) => return Err(error).context("a client's socket broke"),
        }
        if !self.upgraded {
            let Some(end) = self.unread.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(false) };
            ensure!(self.unread.starts_with(b"HTTP/1.1 101"), "refused: {}", String::from_utf8_lossy(&self.unread));
            self.unread.drain(..end + 4);
            self.upgraded = true;
            self.stream.write_all(&requests(Some(&platform::watched(client, 1))))?;
        }
        let mut at = 0;
        while let Some(frame) = frames::first(&self.unread[at..]) {
            at += frame.bytes;
            self.messages += u64::from(frame.opcode == TEXT);
            if frame.opcode == CLOSE && !self.said_goodbye {
                bail!("the server closes a client: {}", String::from_utf8_lossy(frame.payload));
            }
        }
        self.unread.drain(..at);
        if self.messages == GREETING && !self.said_goodbye {
            self.said_goodbye = true;
            let mut goodbye = frames::of_client(TEXT, br#"{"messageType":"disconnect"}"#);
            goodbye.extend(frames::of_client(CLOSE, &1_000_u16.to_be_bytes()));
            self.stream.write_all(&goodbye)?;
        }
        Ok(false)
    }
}

//! The servers that are measured, each started, joined and fed in its own way.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::dialect::Dialect;
use crate::process::Process;

pub mod bare;
pub mod ejabberd;
pub mod mosquitto;
pub mod nats;
pub mod processor;
pub mod redis;
pub mod ws;

/// How long one step of a conversation may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
/// How long a server may take to begin.
const BEGINS_WITHIN: Duration = Duration::from_secs(30);

/// A server under measurement.
pub trait Peer {
    /// What its clients are sent.
    fn dialect(&self) -> Dialect;
    /// Its process.
    fn process(&self) -> &Process;
    /// Connects the next client, which has asked for all messages when this returns; what it is sent is read by others.
    fn join(&mut self) -> Result<TcpStream>;
    /// How many messages a client is sent before the first that is published.
    fn greeting(&self) -> u64 {
        0
    }
    /// Publishes so many messages at once.
    fn publish(&mut self, messages: usize) -> Result<()>;
    /// Keeps a server awake that would sleep over what it has to write.
    fn nudge(&mut self) -> Result<()> {
        Ok(())
    }
    /// Fails if the server found fault with what was published.
    fn check(&mut self) -> Result<()> {
        Ok(())
    }
}

/// A port nobody uses.
pub(crate) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

pub(crate) fn local(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

/// Connects at once.
pub(crate) fn connect(address: SocketAddr) -> Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// Connects as soon as the server listens.
pub(crate) fn connect_when_up(process: &mut Process, address: SocketAddr) -> Result<TcpStream> {
    let until = Instant::now() + BEGINS_WITHIN;
    loop {
        if let Ok(stream) = connect(address) {
            return Ok(stream);
        }
        if let Some(status) = process.child().try_wait()? {
            bail!("the server ended: {status}");
        }
        ensure!(Instant::now() < until, "the server did not listen within {} s", BEGINS_WITHIN.as_secs());
        sleep(Duration::from_millis(20));
    }
}

/// What asks for a WebSocket; `more` are further header lines.
pub(crate) fn upgrade_request(host: SocketAddr, path: &str, more: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{more}\r\n"
    )
}

/// Opens a WebSocket.
pub(crate) fn upgrade(stream: &mut TcpStream, path: &str, more: &str) -> Result<()> {
    let request = upgrade_request(stream.peer_addr()?, path, more);
    stream.write_all(request.as_bytes())?;
    upgraded(stream)
}

/// Reads the answer to a handshake.
pub(crate) fn upgraded(stream: &mut TcpStream) -> Result<()> {
    // Byte by byte: what follows belongs to whoever reads next.
    let answer = read_until(stream, b"\r\n\r\n").context("the server did not answer a handshake")?;
    ensure!(answer.starts_with(b"HTTP/1.1 101"), "refused: {}", String::from_utf8_lossy(&answer));
    Ok(())
}

/// Reads up to and with `end`, and not a byte more.
pub(crate) fn read_until(stream: &mut TcpStream, end: &[u8]) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(end) {
        stream.read_exact(&mut byte)?;
        bytes.push(byte[0]);
        ensure!(bytes.len() < 65_536, "an answer does not end");
    }
    Ok(bytes)
}

/// Reads the payload of one WebSocket frame.
pub(crate) fn read_frame(stream: &mut TcpStream) -> Result<Vec<u8>> {
    let mut header = [0; 2];
    stream.read_exact(&mut header)?;
    let len = match header[1] & 0x7f {
        126 => {
            let mut len = [0; 2];
            stream.read_exact(&mut len)?;
            usize::from(u16::from_be_bytes(len))
        }
        127 => bail!("a frame that is larger than any answer"),
        len => usize::from(len),
    };
    let mut payload = vec![0; len];
    stream.read_exact(&mut payload)?;
    Ok(payload)
}

/// The first line a process writes.
pub(crate) fn first_line(child: &mut Child) -> Result<String> {
    let out = child.stdout.take().context("no pipe")?;
    let mut line = String::new();
    BufReader::new(out).read_line(&mut line)?;
    ensure!(!line.is_empty(), "the server ended before it listened");
    Ok(line.trim().to_owned())
}

/// What a program says to `arguments`; nothing when it is not installed.
pub(crate) fn says(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = if output.stdout.is_empty() { output.stderr } else { output.stdout };
    Some(String::from_utf8_lossy(&text).trim().to_owned())
}

/// The word of a version in what a program says.
pub(crate) fn version_in(text: &str) -> Option<String> {
    let words = text.split(|c: char| c.is_whitespace() || c == '=' || c == '"' || c == ',');
    let mut words = words.map(|word| word.trim_start_matches('v'));
    words.find(|word| word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('.')).map(str::to_owned)
}

/// Empties what a publisher is answered, so that it never fills up.
pub(crate) fn drain(stream: &mut TcpStream) -> Result<()> {
    let mut answers = [0; 16_384];
    stream.set_nonblocking(true)?;
    while stream.read(&mut answers).is_ok_and(|read| read != 0) {}
    stream.set_nonblocking(false)?;
    Ok(())
}

/// A payload of so many bytes.
pub(crate) fn payload(bytes: usize) -> String {
    "x".repeat(bytes)
}

/// Writes a file of a server's configuration.
pub(crate) fn write(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::version_in;

    #[test]
    fn versions_are_found_in_what_programs_say() {
        let said = "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64";
        assert_eq!(version_in(said).as_deref(), Some("7.0.15"));
        assert_eq!(version_in("nats-server: v2.9.10").as_deref(), Some("2.9.10"));
        assert_eq!(version_in("mosquitto version 2.0.11").as_deref(), Some("2.0.11"));
        assert_eq!(version_in("no version here"), None);
    }
}

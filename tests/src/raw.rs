//! A client that writes its own bytes: handshakes and frames of any form.

use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::fault::{Fault, Kind};
use crate::strict;

const PATIENCE: Duration = Duration::from_secs(10);
const MASK: [u8; 4] = [0x5a, 0x17, 0xc3, 0x88];

/// A connection after its handshake.
#[derive(Debug)]
pub struct Raw {
    stream: TcpStream,
    unread: Vec<u8>,
}

/// A frame from the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// A whole text frame.
    Text(String),
    /// A ping.
    Ping(Vec<u8>),
    /// A pong.
    Pong(Vec<u8>),
    /// A close frame with its code.
    Close(Option<u16>),
    /// The connection ended without a close frame.
    End,
}

/// A frame to the server, of any form.
#[derive(Clone, Debug)]
pub struct Out {
    /// The opcode: 0 continuation, 1 text, 2 binary, 8 close, 9 ping, 10 pong.
    pub opcode: u8,
    /// Whether it is the last of its message.
    pub fin: bool,
    /// Whether it is masked, as the standard wants.
    pub masked: bool,
    /// What it carries.
    pub payload: Vec<u8>,
}

impl Out {
    /// An ordinary text frame.
    pub fn text(text: impl Into<Vec<u8>>) -> Self {
        Self { opcode: 1, fin: true, masked: true, payload: text.into() }
    }

    /// The bytes of it.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = vec![(u8::from(self.fin) << 7) | self.opcode];
        let mask_bit = u8::from(self.masked) << 7;
        match self.payload.len() {
            len @ 0..126 => bytes.push(mask_bit | u8::try_from(len).unwrap_or(0)),
            len @ 126..65_536 => {
                bytes.push(mask_bit | 126);
                bytes.extend(u16::try_from(len).unwrap_or(0).to_be_bytes());
            }
            len => {
                bytes.push(mask_bit | 127);
                bytes.extend((len as u64).to_be_bytes());
            }
        }
        if self.masked {
            bytes.extend(MASK);
            bytes.extend(self.payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        } else {
            bytes.extend(&self.payload);
        }
        bytes
    }
}

/// What a server answers to a request, as far as its head tells: the status, and the whole text.
pub async fn http(address: &str, request: &str) -> Result<(u16, String), Fault> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut text = Vec::new();
    let read = async {
        let mut some = [0; 4096];
        while !complete(&text) {
            match stream.read(&mut some).await? {
                0 => break,
                len => text.extend(&some[..len]),
            }
        }
        Ok::<_, std::io::Error>(())
    };
    match timeout(PATIENCE, read).await {
        Ok(read) => read?,
        Err(_) => return Err(Fault::new(Kind::Unanswered, format!("no answer to {request}"))),
    }
    let text = String::from_utf8_lossy(&text).into_owned();
    let status = text.split(' ').nth(1).and_then(|status| status.parse().ok());
    status
        .map(|status| (status, text.clone()))
        .ok_or_else(|| Fault::new(Kind::Grammar, format!("no HTTP: {text:.200}")))
}

/// Whether a head and as much body as it announces is there.
fn complete(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    length.is_none_or(|length| body.len() >= length) || head.starts_with("HTTP/1.1 101")
}

/// The text of a WebSocket handshake with these headers beside the usual ones.
pub fn handshake(host: &str, headers: &str) -> String {
    format!(
        "GET /v1/ws HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n"
    )
}

impl Raw {
    /// Connects and shakes hands.
    pub async fn open(address: &str) -> Result<Self, Fault> {
        let mut stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        stream.write_all(handshake(address, "").as_bytes()).await?;
        let mut unread = Vec::new();
        let head = async {
            let mut some = [0; 4096];
            loop {
                if let Some(end) = unread.windows(4).position(|four| four == b"\r\n\r\n") {
                    return Ok(end + 4);
                }
                match stream.read(&mut some).await? {
                    0 => return Err(Fault::closed(None, "closed during the handshake")),
                    len => unread.extend(&some[..len]),
                }
            }
        };
        let end = timeout(PATIENCE, head).await.map_err(|_| Fault::new(Kind::Unanswered, "no handshake"))??;
        let head: Vec<u8> = unread.drain(..end).collect();
        if head.starts_with(b"HTTP/1.1 101") {
            Ok(Self { stream, unread })
        } else {
            Err(Fault::new(Kind::Unexpected, format!("no upgrade: {}", String::from_utf8_lossy(&head))))
        }
    }

    /// Connects, shakes hands, and sends an ordinary `connect`; returns the `connected` too.
    pub async fn connected(address: &str) -> Result<(Self, Value), Fault> {
        let mut raw = Self::open(address).await?;
        raw.text(r#"{"messageType":"connect","requestId":"c","protocol":1}"#).await?;
        let connected = raw.message().await?;
        if connected["messageType"] != "connected" {
            return Err(Fault::new(Kind::Unexpected, format!("not connected: {connected}")));
        }
        Ok((raw, connected))
    }

    /// Writes bytes as they are.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        match timeout(PATIENCE, self.stream.write_all(bytes)).await {
            Ok(written) => Ok(written?),
            Err(_) => Err(Fault::new(Kind::Unanswered, "the server does not read")),
        }
    }

    /// Writes a frame.
    pub async fn frame(&mut self, frame: &Out) -> Result<(), Fault> {
        self.write(&frame.bytes()).await
    }

    /// Writes an ordinary text frame.
    pub async fn text(&mut self, text: &str) -> Result<(), Fault> {
        self.frame(&Out::text(text)).await
    }

    /// The next message; pings before it are left unanswered.
    pub async fn message(&mut self) -> Result<Value, Fault> {
        loop {
            match self.next(PATIENCE).await? {
                Frame::Text(text) => return strict::object(&text),
                Frame::Ping(_) | Frame::Pong(_) => {}
                Frame::Close(code) => return Err(Fault::closed(code, "closed instead of a message")),
                Frame::End => return Err(Fault::closed(None, "ended instead of a message")),
            }
        }
    }

    /// The close code, after whatever else comes; `None` without a close frame or with an empty one.
    pub async fn closed(&mut self, patience: Duration) -> Result<Option<u16>, Fault> {
        let until = tokio::time::Instant::now() + patience;
        loop {
            match self.next(until.saturating_duration_since(tokio::time::Instant::now())).await? {
                Frame::Close(code) => return Ok(code),
                Frame::End => return Ok(None),
                _ => {}
            }
        }
    }

    /// The next frame.
    pub async fn next(&mut self, patience: Duration) -> Result<Frame, Fault> {
        let read = async {
            let mut some = vec![0; 64 << 10];
            loop {
                if let Some(frame) = self.take()? {
                    return Ok(frame);
                }
                match self.stream.read(&mut some).await {
                    Ok(0) | Err(_) => return Ok(Frame::End),
                    Ok(len) => self.unread.extend(&some[..len]),
                }
            }
        };
        timeout(patience, read)
            .await
            .unwrap_or_else(|_| Err(Fault::new(Kind::Unanswered, format!("no frame in {patience:?}"))))
    }

    fn take(&mut self) -> Result<Option<Frame>, Fault> {
        let bytes = &self.unread;
        let &[first, second, ..] = bytes.as_slice() else { return Ok(None) };
        if second & 0x80 != 0 || first & 0x70 != 0 {
            return Err(Fault::new(Kind::Grammar, "a server's frames are unmasked and without extensions"));
        }
        let (head, len): (usize, usize) = match second {
            126 if bytes.len() >= 4 => (4, usize::from(u16::from_be_bytes([bytes[2], bytes[3]]))),
            127 if bytes.len() >= 10 => {
                let len = bytes[2..10].iter().fold(0_u64, |len, byte| (len << 8) | u64::from(*byte));
                (10, usize::try_from(len).unwrap_or(usize::MAX))
            }
            126 | 127 => return Ok(None),
            len => (2, usize::from(len)),
        };
        if bytes.len() < head.saturating_add(len) {
            return Ok(None);
        }
        let payload = bytes[head..head + len].to_vec();
        self.unread.drain(..head + len);
        let grammar = |what: &str| Err(Fault::new(Kind::Grammar, what));
        if first & 0x80 == 0 {
            return grammar("a message in fragments");
        }
        match first & 0x0f {
            1 => String::from_utf8(payload).map(|text| Some(Frame::Text(text))).or_else(|_| grammar("not UTF-8")),
            8 => Ok(Some(Frame::Close(payload.first_chunk().map(|code| u16::from_be_bytes(*code))))),
            9 => Ok(Some(Frame::Ping(payload))),
            10 => Ok(Some(Frame::Pong(payload))),
            _ => grammar("an opcode that servers do not send"),
        }
    }
}

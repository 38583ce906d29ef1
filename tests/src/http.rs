//! A client of HTTP/1.1 that writes its own requests and reads answers whole or in pieces; a read that is given up goes on later.

use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::fault::{Fault, Kind};
use crate::strict;

/// How long whatever is asked may take, unless it is a poll or a stream.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// One connection.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    address: String,
    unread: Vec<u8>,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The header, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, where it came whole.
    pub body: String,
}

impl Answer {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body as one JSON object.
    pub fn json(&self) -> Result<Value, Fault> {
        strict::object(&self.body)
    }
}

/// The text of a request for `address`, with these header lines beside `Host`.
pub fn request(method: &str, path: &str, address: &str, headers: &[(&str, &str)], body: &str) -> String {
    let mut text = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if method != "GET" {
        text.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    text.push_str("\r\n");
    text.push_str(body);
    text
}

impl Connection {
    /// Connects.
    pub async fn open(address: &str) -> Result<Self, Fault> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, address: address.into(), unread: Vec::new() })
    }

    /// Writes bytes as they are.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        match timeout(PATIENCE, self.stream.write_all(bytes)).await {
            Ok(written) => Ok(written?),
            Err(_) => Err(Fault::new(Kind::Unanswered, "the server does not read")),
        }
    }

    /// Sends a `GET` with these headers.
    pub async fn get(&mut self, path: &str, headers: &[(&str, &str)]) -> Result<(), Fault> {
        let text = request("GET", path, &self.address, headers, "");
        self.write(text.as_bytes()).await
    }

    /// Sends a `POST` of JSON for the link of `key`, if one is named.
    pub async fn post(&mut self, path: &str, key: Option<&str>, body: &str) -> Result<(), Fault> {
        let bearer = key.map(|key| format!("Bearer {key}"));
        let mut headers = vec![("Content-Type", "application/json")];
        headers.extend(bearer.as_deref().map(|bearer| ("Authorization", bearer)));
        let text = request("POST", path, &self.address, &headers, body);
        self.write(text.as_bytes()).await
    }

    /// The next answer, whole.
    pub async fn answer(&mut self) -> Result<Answer, Fault> {
        match timeout(PATIENCE, self.wait()).await {
            Ok(answer) => answer,
            Err(_) => Err(Fault::new(Kind::Unanswered, "no answer over HTTP")),
        }
    }

    /// The same, however long it takes. Given up, it goes on where it was.
    pub async fn wait(&mut self) -> Result<Answer, Fault> {
        loop {
            if let Some((mut answer, end)) = head(&self.unread)? {
                let length = answer.header("content-length").map(str::parse::<usize>);
                let length = match (answer.status, length) {
                    (100..=199 | 204, _) => 0,
                    (_, Some(Ok(length))) => length,
                    _ => return Err(Fault::new(Kind::Grammar, format!("an answer without a length: {answer:?}"))),
                };
                if self.unread.len() >= end + length {
                    let body = self.unread[end..end + length].to_vec();
                    answer.body =
                        String::from_utf8(body).map_err(|_| Fault::new(Kind::Grammar, "a body that is not UTF-8"))?;
                    self.unread.drain(..end + length);
                    return Ok(answer);
                }
            }
            self.read().await?;
        }
    }

    /// The head of the next answer, whose body comes in chunks; an answer with a length comes whole.
    pub async fn begin(&mut self) -> Result<Answer, Fault> {
        loop {
            if let Some((answer, end)) = head(&self.unread)? {
                if answer.header("transfer-encoding") != Some("chunked") {
                    return self.wait().await;
                }
                self.unread.drain(..end);
                return Ok(answer);
            }
            self.read().await?;
        }
    }

    /// The next chunk of a body; `None` after the last. Given up, it goes on where it was.
    pub async fn chunk(&mut self) -> Result<Option<Vec<u8>>, Fault> {
        loop {
            if let Some(line) = self.unread.windows(2).position(|two| two == b"\r\n") {
                let text = String::from_utf8_lossy(&self.unread[..line]).into_owned();
                let length = usize::from_str_radix(&text, 16)
                    .map_err(|_| Fault::new(Kind::Grammar, format!("no length of a chunk: {text}")))?;
                let begin = line + 2;
                if self.unread.len() >= begin + length + 2 {
                    let chunk = self.unread[begin..begin + length].to_vec();
                    self.unread.drain(..begin + length + 2);
                    return Ok((length > 0).then_some(chunk));
                }
            }
            self.read().await?;
        }
    }

    /// Reads to the end, and says how long that took.
    pub async fn ended(&mut self) -> Result<(String, Duration), Fault> {
        let began = std::time::Instant::now();
        let all = async { while self.read().await.is_ok() {} };
        if timeout(PATIENCE, all).await.is_err() {
            return Err(Fault::new(Kind::Unanswered, "the connection was not closed"));
        }
        Ok((String::from_utf8_lossy(&self.unread).into_owned(), began.elapsed()))
    }

    /// Ends it with a reset.
    pub fn reset(self) {
        let _best_effort = self.stream.set_zero_linger();
    }

    async fn read(&mut self) -> Result<(), Fault> {
        let mut some = [0; 16 << 10];
        match self.stream.read(&mut some).await {
            Ok(0) => Err(Fault::closed(None, "the connection ended")),
            Ok(len) => {
                self.unread.extend(&some[..len]);
                Ok(())
            }
            Err(error) => Err(Fault::closed(None, format!("the connection broke: {error}"))),
        }
    }
}

/// One request on a connection of its own.
pub async fn once(address: &str, request: &str) -> Result<Answer, Fault> {
    let mut connection = Connection::open(address).await?;
    connection.write(request.as_bytes()).await?;
    connection.answer().await
}

/// The head of an answer, and where it ends; `None` while it is not whole.
fn head(bytes: &[u8]) -> Result<Option<(Answer, usize)>, Fault> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let text = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = text.split("\r\n");
    let status = lines.next().and_then(|line| line.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok());
    let status = status.ok_or_else(|| Fault::new(Kind::Grammar, format!("no HTTP: {text:.200}")))?;
    let headers = lines.filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect();
    Ok(Some((Answer { status, headers, body: String::new() }, end + 4)))
}

//! A WebSocket of a client: text frames only, everything with a deadline.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::Arrived;
use crate::fault::{Fault, Kind};

/// A WebSocket.
pub struct Web(WebSocketStream<TcpStream>);

impl Web {
    /// Opens `ws://address/v1/ws`.
    pub(super) async fn open(address: &str, patience: Duration) -> Result<Self, Fault> {
        let open = async {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            let config = WebSocketConfig::default().read_buffer_size(16 << 10);
            tokio_tungstenite::client_async_with_config(format!("ws://{address}/v1/ws"), stream, Some(config))
                .await
                .map_err(|error| Fault::closed(None, format!("no WebSocket at {address}: {error}")))
        };
        match timeout(patience, open).await {
            Ok(opened) => opened.map(|(socket, _)| Self(socket)),
            Err(_) => Err(Fault::new(Kind::Unanswered, format!("no handshake at {address}"))),
        }
    }

    /// Sends one text message.
    pub async fn send(&mut self, text: String) -> Result<(), Fault> {
        match timeout(Duration::from_secs(10), self.0.send(Message::text(text))).await {
            Ok(sent) => sent.map_err(|error| Fault::closed(None, format!("cannot send: {error}"))),
            Err(_) => Err(Fault::new(Kind::Unanswered, "the server does not read")),
        }
    }

    /// The next text message.
    pub async fn next(&mut self, until: Instant) -> Result<Arrived, Fault> {
        loop {
            match timeout_at(until, self.0.next()).await {
                Err(_) => return Ok(Arrived::Nothing),
                Ok(None) => return Err(Fault::closed(None, "the connection ended")),
                Ok(Some(Ok(Message::Text(text)))) => return Ok(Arrived::Text(text.as_str().into())),
                Ok(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => {}
                Ok(Some(Ok(Message::Close(frame)))) => {
                    let code = frame.as_ref().map(|frame| u16::from(frame.code));
                    let _flushed = timeout(Duration::from_millis(200), self.0.flush()).await;
                    return Err(Fault::closed(code, "the server closed the socket"));
                }
                Ok(Some(Ok(other))) => return Err(Fault::new(Kind::Grammar, format!("not a text frame: {other:?}"))),
                Ok(Some(Err(error @ (Error::Utf8(_) | Error::Capacity(_) | Error::Protocol(_))))) => {
                    return match error {
                        Error::Protocol(
                            tokio_tungstenite::tungstenite::error::ProtocolError::ResetWithoutClosingHandshake,
                        ) => Err(Fault::closed(None, "the connection broke")),
                        error => Err(Fault::new(Kind::Grammar, format!("broken framing: {error}"))),
                    };
                }
                Ok(Some(Err(error))) => return Err(Fault::closed(None, format!("the connection broke: {error}"))),
            }
        }
    }

    /// Ends the connection with a reset.
    pub fn reset(self) {
        let _best_effort = self.0.get_ref().set_zero_linger();
    }

    /// Ends the connection with a close frame, and waits for the server's.
    pub async fn close(mut self, patience: Duration) -> Result<(), Fault> {
        let closing = async {
            self.0.close(None).await.map_err(|error| Fault::closed(None, error.to_string()))?;
            while let Some(Ok(_)) = self.0.next().await {}
            Ok(())
        };
        timeout(patience, closing).await.unwrap_or_else(|_| Err(Fault::new(Kind::Unanswered, "no closing handshake")))
    }
}

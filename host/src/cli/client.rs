//! A client of the protocol for the command line: one link, resumed over as many sockets as it takes.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use futures_util::{SinkExt, StreamExt};
use interaction_core::secret::Secret;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use super::Failed;
use crate::clock::Clock;

/// How long a server may take to accept a connection and to answer `connect`.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);
/// How long an answer may take: a little more than the server's own deadline.
const ANSWER_WITHIN: Duration = Duration::from_secs(35);
/// How long nothing may come: the server pings every 15 s unless it was told otherwise.
const SILENT_AFTER: Duration = Duration::from_secs(60);
/// The largest message taken, in bytes: a supervisor's whole snapshot.
const MESSAGE_BYTES_MAX: usize = 64 << 20;

/// Runs a command that talks to a server.
pub(super) fn block_on(command: impl Future<Output = Result<(), Failed>>) -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failed::new(format!("cannot start: {error}")))?;
    runtime.block_on(command)
}

/// Which server, and by whose right.
#[derive(Debug, Args)]
pub(super) struct At {
    /// The server
    #[arg(long, default_value = super::URL)]
    pub(super) url: String,
    /// A file with the token for a server that asks for one; only its owner may be able to read it
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

/// A link that stands.
pub(super) struct Client {
    url: String,
    token: Option<Secret>,
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    key: String,
    seq: u64,
    requests: u64,
    clock: Clock,
    /// The server's clock and this one's, in milliseconds, at one moment.
    clocks_ms: (u64, u64),
    /// What came while an answer was waited for.
    waiting: VecDeque<Value>,
}

/// What became of a link on a new socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Resumed {
    /// It goes on: nothing was lost.
    Same,
    /// It begins anew, for this reason: what it subscribed to is to be asked for again.
    Fresh(String),
}

/// Why nothing came.
#[derive(Debug)]
pub(super) enum Lost {
    /// The socket is gone; the link can be resumed.
    Socket(String),
    /// The server ended the link, or will not have it back.
    Ended(String),
}

impl Client {
    /// Connects a fresh link.
    pub(super) async fn connect(at: &At) -> Result<Self, Failed> {
        let url = at.url.as_str();
        let token = at.token_file.as_deref().map(super::token::read).transpose()?;
        let mut socket = open(url).await.map_err(|why| Failed::no_server(url, why))?;
        let connected = hello(&mut socket, token.as_ref(), None).await.map_err(|lost| match lost {
            Lost::Socket(why) => Failed::no_server(url, why),
            Lost::Ended(why) => Failed::refused(why),
        })?;
        let key = connected["resumeKey"].as_str().unwrap_or_default().to_owned();
        let clock = Clock::start();
        let clocks_ms = (connected["time"].as_u64().unwrap_or(0), clock.now().as_millis());
        let url = url.to_owned();
        Ok(Self { url, token, socket, key, seq: 0, requests: 1, clock, clocks_ms, waiting: VecDeque::new() })
    }

    /// Connects the link again on a new socket, once.
    pub(super) async fn resume(&mut self) -> Result<Resumed, Lost> {
        let mut socket = open(&self.url).await.map_err(Lost::Socket)?;
        let connected = hello(&mut socket, self.token.as_ref(), Some((&self.key, self.seq))).await?;
        self.socket = socket;
        if let Some(key) = connected["resumeKey"].as_str() {
            key.clone_into(&mut self.key);
        }
        if connected["resumed"] == true {
            return Ok(Resumed::Same);
        }
        (self.seq, self.requests) = (0, 1);
        self.waiting.clear();
        Ok(Resumed::Fresh(connected["reason"].as_str().unwrap_or("unknown").to_owned()))
    }

    /// Sends a request and waits for its answer; events that come meanwhile are kept. `Ok(Err)` is the failure it tells.
    pub(super) async fn request(&mut self, request: Value) -> Result<Result<Value, Value>, Lost> {
        self.requests += 1;
        let id = self.requests.to_string();
        let mut message = request;
        message["requestId"] = json!(id);
        self.send(&message).await?;
        let answer = async {
            loop {
                let message = self.read().await?;
                if message["requestId"] == id.as_str() {
                    return Ok(message);
                }
                self.waiting.push_back(message);
            }
        };
        let answer = timeout(ANSWER_WITHIN, answer)
            .await
            .map_err(|_| Lost::Socket(format!("no answer within {} s", ANSWER_WITHIN.as_secs())))??;
        if let Some(failure) = answer.get("failure") {
            return Ok(Err(failure.clone()));
        }
        let response = answer.get("response").cloned().unwrap_or(answer);
        match response.get("failure") {
            Some(failure) => Ok(Err(failure.clone())),
            None => Ok(Ok(response)),
        }
    }

    /// A request to a resource.
    pub(super) async fn ask(&mut self, at: &Place, command: &str, data: Value) -> Result<Result<Value, Value>, Lost> {
        self.request(json!({
            "messageType": "resourceRequest", "serviceId": at.service, "resourceId": at.resource,
            "request": {"command": command, "data": data}
        }))
        .await
    }

    /// A command to an object of a session.
    pub(super) async fn ask_object(
        &mut self,
        at: &Place,
        command: &str,
        target: &str,
        data: Value,
    ) -> Result<Result<Value, Value>, Lost> {
        self.request(json!({
            "messageType": "resourceRequest", "serviceId": at.service, "resourceId": at.resource,
            "request": {"command": command, "target": target, "data": data}
        }))
        .await
    }

    /// A request to a service.
    pub(super) async fn ask_service(
        &mut self,
        service: &str,
        command: &str,
        data: Value,
    ) -> Result<Result<Value, Value>, Lost> {
        self.request(json!({
            "messageType": "serviceRequest", "serviceId": service, "request": {"command": command, "data": data}
        }))
        .await
    }

    /// Finds the service that prepares sessions and binds it.
    pub(super) async fn service(&mut self) -> Result<Result<String, Value>, Lost> {
        let found = self.services().await?.map(|services| {
            let ids = services.iter().filter_map(|service| service["id"].as_str());
            ids.into_iter().next().map(str::to_owned)
        });
        match found {
            Err(failure) => Ok(Err(failure)),
            Ok(None) => Ok(Err(json!({"code": "service.unknown", "message": "This server offers no service."}))),
            Ok(Some(service)) => Ok(self.bind_service(&service).await?.map(|_| service)),
        }
    }

    /// Finds the reports and binds them.
    pub(super) async fn reports(&mut self) -> Result<Result<Place, Value>, Lost> {
        let services = match self.services().await? {
            Ok(services) => services,
            Err(failure) => return Ok(Err(failure)),
        };
        let place = services.iter().find_map(|service| {
            let resources = service["resources"].as_array()?;
            let reports = resources.iter().find(|resource| {
                resource["type"].as_str().is_some_and(|kind| kind.contains(".processor.reporting."))
            })?;
            Some(Place { service: service["id"].as_str()?.to_owned(), resource: reports["id"].as_str()?.to_owned() })
        });
        let Some(place) = place else {
            return Ok(Err(json!({"code": "resource.unknown", "message": "This server offers no reports."})));
        };
        if let Err(failure) = self.bind_service(&place.service).await? {
            return Ok(Err(failure));
        }
        Ok(self.bind(&place).await?.map(|_| place))
    }

    async fn services(&mut self) -> Result<Result<Vec<Value>, Value>, Lost> {
        let answer = self.request(json!({"messageType": "coreRequest", "command": "getServices"})).await?;
        Ok(answer.map(|response| response["data"]["services"].as_array().cloned().unwrap_or_default()))
    }

    async fn bind_service(&mut self, service: &str) -> Result<Result<Value, Value>, Lost> {
        self.request(json!({"messageType": "coreRequest", "command": "bindService", "serviceId": service})).await
    }

    /// Binds a resource of a service that is bound.
    pub(super) async fn bind(&mut self, place: &Place) -> Result<Result<Value, Value>, Lost> {
        self.request(json!({
            "messageType": "coreRequest", "command": "bindResource", "serviceId": place.service,
            "resourceId": place.resource
        }))
        .await
    }

    /// The next message.
    pub(super) async fn next(&mut self) -> Result<Value, Lost> {
        match self.waiting.pop_front() {
            Some(message) => Ok(message),
            None => self.read().await,
        }
    }

    /// The time on the server's clock, in milliseconds since the epoch.
    pub(super) fn server_now_ms(&self) -> u64 {
        let (server, own) = self.clocks_ms;
        server + self.clock.now().as_millis().saturating_sub(own)
    }

    /// Ends the link.
    pub(super) async fn disconnect(mut self) {
        // A server that is gone has ended it already.
        let _ = self.send(&json!({"messageType": "disconnect"})).await;
        let _ = timeout(Duration::from_millis(500), self.socket.close(None)).await;
    }

    async fn read(&mut self) -> Result<Value, Lost> {
        let message = receive(&mut self.socket).await?;
        if let Some(seq) = message["seq"].as_u64() {
            self.seq = seq;
            // Often enough that the server keeps little, seldom enough that it costs nothing.
            if seq.is_multiple_of(16) {
                self.send(&json!({"messageType": "ack", "seq": seq})).await?;
            }
        }
        if message["event"]["name"] == "linkMoved" {
            return Err(Lost::Ended("another client took this link over".to_owned()));
        }
        Ok(message)
    }

    async fn send(&mut self, message: &Value) -> Result<(), Lost> {
        send(&mut self.socket, message).await
    }
}

/// A resource of a service.
#[derive(Clone, Debug)]
pub(super) struct Place {
    service: String,
    resource: String,
}

impl Place {
    /// A resource known by its ids.
    pub(super) const fn new(service: String, resource: String) -> Self {
        Self { service, resource }
    }

    /// The id of the resource.
    pub(super) fn resource(&self) -> &str {
        &self.resource
    }
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn open(url: &str) -> Result<Socket, String> {
    let mut config = WebSocketConfig::default();
    config.max_message_size = Some(MESSAGE_BYTES_MAX);
    config.max_frame_size = Some(MESSAGE_BYTES_MAX);
    match timeout(CONNECT_WITHIN, connect_async_with_config(url, Some(config), true)).await {
        Ok(Ok((socket, _))) => Ok(socket),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("it did not answer within {} s", CONNECT_WITHIN.as_secs())),
    }
}

/// Says `connect` and waits for `connected`.
async fn hello(socket: &mut Socket, token: Option<&Secret>, resume: Option<(&str, u64)>) -> Result<Value, Lost> {
    let mut connect = json!({"messageType": "connect", "requestId": "1", "protocol": 1,
                             "client": {"name": "interaction-processor command line"}});
    if let Some(token) = token {
        connect["token"] = json!(token.expose());
    }
    if let Some((key, seq)) = resume {
        connect["resume"] = json!({"key": key, "seq": seq});
    }
    send(socket, &connect).await?;
    let answer = timeout(CONNECT_WITHIN, receive(socket))
        .await
        .map_err(|_| Lost::Socket(format!("no answer to `connect` within {} s", CONNECT_WITHIN.as_secs())))??;
    if answer["messageType"] == "connected" {
        return Ok(answer);
    }
    Err(Lost::Ended(said(&answer["failure"])))
}

async fn send(socket: &mut Socket, message: &Value) -> Result<(), Lost> {
    match timeout(CONNECT_WITHIN, socket.send(Message::text(message.to_string()))).await {
        Ok(sent) => sent.map_err(|error| Lost::Socket(error.to_string())),
        Err(_) => Err(Lost::Socket("the server does not read".to_owned())),
    }
}

/// The next message on a socket. Pings are answered beneath.
async fn receive(socket: &mut Socket) -> Result<Value, Lost> {
    loop {
        let message = timeout(SILENT_AFTER, socket.next())
            .await
            .map_err(|_| Lost::Socket(format!("nothing came for {} s", SILENT_AFTER.as_secs())))?;
        match message {
            Some(Ok(Message::Text(text))) => {
                return serde_json::from_str(text.as_str())
                    .map_err(|error| Lost::Ended(format!("the server sent what is not JSON: {error}")));
            }
            Some(Ok(Message::Close(frame))) => {
                let (code, reason) = frame
                    .map_or((1005, String::new()), |frame| (u16::from(frame.code), frame.reason.as_str().to_owned()));
                let why = format!("the server closed the socket: {code} {reason}");
                return Err(if matches!(code, 4000 | 4001) { Lost::Ended(why) } else { Lost::Socket(why) });
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(Lost::Socket(error.to_string())),
            None => return Err(Lost::Socket("the server closed the socket".to_owned())),
        }
    }
}

/// A failure in words.
pub(super) fn said(failure: &Value) -> String {
    let code = failure["code"].as_str().unwrap_or("internal.error");
    let message = failure["message"].as_str().unwrap_or("the server said no more");
    format!("{message} ({code})")
}

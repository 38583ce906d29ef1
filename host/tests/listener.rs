//! The listener of the real server, as its process: deadlines, bounds, framing, and its end.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::frame::{Frame, FrameHeader};
use tokio_tungstenite::tungstenite::{Message, WebSocket, client};

const PATIENCE: Duration = Duration::from_secs(10);

struct Server {
    child: Child,
    address: String,
}

impl Server {
    /// Starts one on a free port with these variables.
    fn start(variables: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_interaction-processor"))
            .args(["serve", "--port", "0"])
            .env("INTERACTION_PROCESSOR_LOG_FORMAT", "json")
            .envs(variables.iter().map(|(key, value)| (format!("INTERACTION_PROCESSOR_{key}"), value)))
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = log
            .find_map(|line| {
                let line: Value = serde_json::from_str(&line.unwrap()).expect("a log line is one JSON object");
                (line["message"] == "listening").then(|| line["address"].as_str().unwrap().to_owned())
            })
            .expect("it says where it listens");
        // Nobody may block it by not reading its log.
        std::thread::spawn(move || log.for_each(drop));
        Self { child, address }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    fn socket(&self) -> WebSocket<TcpStream> {
        client(format!("ws://{}/v1/ws", self.address), self.connect()).unwrap().0
    }

    /// A socket whose link stands.
    fn linked(&self) -> WebSocket<TcpStream> {
        let mut socket = self.socket();
        socket.send(text(&json!({"messageType": "connect", "requestId": "1"}))).unwrap();
        assert_eq!(object(&mut socket)["messageType"], "connected");
        socket
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn text(object: &Value) -> Message {
    Message::text(object.to_string())
}

fn object(socket: &mut WebSocket<TcpStream>) -> Value {
    loop {
        match socket.read().unwrap() {
            Message::Text(text) => return serde_json::from_str(text.as_str()).unwrap(),
            Message::Ping(_) => {}
            other => panic!("{other:?} is no text message"),
        }
    }
}

/// The code the server closes with, whatever it says before.
fn close_code(socket: &mut WebSocket<TcpStream>) -> u16 {
    loop {
        if let Message::Close(frame) = socket.read().unwrap() {
            return frame.expect("a close code").code.into();
        }
    }
}

/// Reads to the end, and says how long that took.
fn until_closed(mut stream: TcpStream) -> (Vec<u8>, Duration) {
    let began = Instant::now();
    let mut read = Vec::new();
    match stream.read_to_end(&mut read) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{error}"),
    }
    (read, began.elapsed())
}

#[test]
fn a_connection_that_sends_no_whole_header_is_closed_in_time() {
    let server = Server::start(&[("LISTEN_HEADER_MS", "400")]);
    let request = "GET /healthz HTTP/1.1\r\nHost: localhost:1\r\n";
    for sent in ["", "GET /healthz HT", request] {
        let mut stream = server.connect();
        stream.write_all(sent.as_bytes()).unwrap();
        let (_, took) = until_closed(stream);
        assert!(took > Duration::from_millis(300) && took < Duration::from_secs(5), "{sent:?} took {took:?}");
    }
    // So is one that said something once and nothing after.
    let mut stream = server.connect();
    write!(stream, "GET /healthz HTTP/1.1\r\nHost: {}\r\n\r\n", server.address).unwrap();
    let (answer, took) = until_closed(stream);
    assert!(answer.starts_with(b"HTTP/1.1 200 OK") && took < Duration::from_secs(5), "{took:?}");
}

#[test]
fn connections_are_bounded_and_given_back() {
    let server = Server::start(&[("LISTEN_CONNECTIONS_MAX", "2")]);
    let (first, _second) = (server.linked(), server.linked());
    let (answer, _) = until_closed(server.connect());
    assert!(answer.is_empty());
    drop(first);
    let until = Instant::now() + PATIENCE;
    loop {
        let url = format!("ws://{}/v1/ws", server.address);
        if client(url, server.connect()).is_ok() {
            break;
        }
        assert!(Instant::now() < until, "the place of a connection that ended is not given back");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn fragments_and_pings_between_them_are_one_message() {
    let server = Server::start(&[]);
    let mut socket = server.linked();
    let parts = ["{\"messageType\":\"pi", "ng\",\"reque", "stId\":\"7\"}"];
    for (place, part) in parts.iter().enumerate() {
        let opcode = OpCode::Data(if place == 0 { Data::Text } else { Data::Continue });
        let header = FrameHeader { is_final: place == 2, opcode, mask: Some([1, 2, 3, 4]), ..FrameHeader::default() };
        socket.send(Message::Frame(Frame::from_payload(header, part.as_bytes().to_vec().into()))).unwrap();
        socket.send(Message::Ping(vec![place as u8; 125].into())).unwrap();
    }
    let mut pongs = 0;
    let pong = loop {
        match socket.read().unwrap() {
            Message::Pong(payload) => {
                assert_eq!(&payload[..], [pongs; 125]);
                pongs += 1;
            }
            Message::Text(text) => break serde_json::from_str::<Value>(text.as_str()).unwrap(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!((pong["messageType"].as_str(), pong["requestId"].as_str()), (Some("pong"), Some("7")));
    while pongs < 3 {
        assert!(matches!(socket.read().unwrap(), Message::Pong(payload) if payload[..] == [pongs; 125]));
        pongs += 1;
    }
}

#[test]
fn a_message_too_large_is_refused_by_its_header_alone() {
    let server = Server::start(&[]);
    let mut socket = server.linked();
    let mut header = vec![0x81, 0x80 | 127];
    header.extend_from_slice(&(1_u64 << 30).to_be_bytes());
    header.extend_from_slice(&[0; 4]);
    socket.get_mut().write_all(&header).unwrap();
    let error = object(&mut socket);
    assert_eq!(error["failure"]["code"], "request.toolarge", "{error}");
    assert_eq!(close_code(&mut socket), 1009);
}

#[test]
fn broken_framing_closes_with_1002() {
    let server = Server::start(&[]);
    let mut socket = server.linked();
    // A frame without a mask.
    socket.get_mut().write_all(&[0x81, 2, b'{', b'}']).unwrap();
    assert_eq!(close_code(&mut socket), 1002);
}

#[test]
fn a_signal_tells_clients_and_closes_with_1012() {
    let mut server = Server::start(&[("SERVER_SHUTDOWN_GRACE_MS", "300")]);
    let mut socket = server.linked();
    server.signal(Signal::TERM);
    let event = object(&mut socket);
    assert_eq!(event["event"]["name"], "shutdown", "{event}");
    assert_eq!(close_code(&mut socket), 1012);
    drop(socket);
    assert!(server.child.wait().unwrap().success());
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let mut server = Server::start(&[("SERVER_SHUTDOWN_GRACE_MS", "600000")]);
    let mut socket = server.linked();
    server.signal(Signal::INT);
    assert_eq!(object(&mut socket)["event"]["name"], "shutdown");
    server.signal(Signal::INT);
    let began = Instant::now();
    assert!(server.child.wait().unwrap().success());
    assert!(began.elapsed() < PATIENCE);
}

#[test]
fn the_command_line_says_what_is_wrong() {
    let program = env!("CARGO_BIN_EXE_interaction-processor");
    for (arguments, code, words) in [
        (&["journey", "1", "--url", "ws://127.0.0.1:9/v1/ws"][..], 3, "Start one with"),
        (&["demo", "--scenario", "nowhere.toml"], 1, "nowhere.toml"),
        (&["check-config", "--config", "nowhere.toml"], 2, "nowhere.toml"),
        (&["journey"], 2, "--recent"),
    ] {
        let output = Command::new(program).args(arguments).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {error}");
        assert!(error.contains(words), "{arguments:?}: {error}");
        assert!(output.stdout.is_empty());
    }
}

//! The documentation's example platform, run for real over loopback against the adapter.
#![allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "this driver does the I/O")]

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command as Process, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use interaction_core::cti::jsonl::{Config, JsonLines};
use interaction_core::cti::{
    Adapter, AdapterInput, AdapterOutput, AgentState, Answer, CallEvent, Command, ConnectionId, Event, Outcome,
    RefusalKind, RequestNo,
};
use interaction_core::ids::AgentId;
use interaction_core::time::Time;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/examples/platform.py");
const WITHIN: Duration = Duration::from_secs(20);

/// The script, stopped when the test is over.
struct Script {
    process: Child,
    output: BufReader<ChildStdout>,
}

impl Script {
    fn start(arguments: &[&str]) -> Self {
        let mut script = Process::new("python3");
        script.arg(SCRIPT).args(["--pace", "0.05"]).args(arguments).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut process = script.spawn().expect("python3 runs: it is needed for this test");
        let output = BufReader::new(process.stdout.take().expect("its output"));
        Self { process, output }
    }

    /// The port it says that it listens on.
    fn port(&mut self) -> u16 {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("a line");
        let port = line.trim().rsplit(' ').next().and_then(|port| port.parse().ok());
        port.unwrap_or_else(|| panic!("`{line}` names no port"))
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The adapter with one socket.
struct Driver {
    adapter: JsonLines,
    ports: Vec<u16>,
    listener: Option<TcpListener>,
    socket: Option<(ConnectionId, TcpStream)>,
    accepted: u32,
    events: Vec<Event>,
    errors: Vec<String>,
    end: Instant,
}

impl Driver {
    fn new(ports: Vec<u16>, listener: Option<TcpListener>) -> Self {
        let adapter = JsonLines::new(Config { addresses: ports.len(), ..Config::default() });
        let (events, errors) = (vec![], vec![]);
        Self { adapter, ports, listener, socket: None, accepted: 0, events, errors, end: Instant::now() + WITHIN }
    }

    fn feed(&mut self, input: AdapterInput<'_>) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
        self.adapter.handle_input(Time::ZERO + now, input);
        while let Some(output) = self.adapter.poll_output() {
            match output {
                AdapterOutput::Event(event) => self.events.push(event),
                AdapterOutput::Disconnect { .. } => self.socket = None,
                AdapterOutput::Connect { connection, address } => {
                    let connected = TcpStream::connect(("127.0.0.1", self.ports[address]));
                    match connected {
                        Ok(socket) => self.attach(connection, socket),
                        Err(error) => self.feed(AdapterInput::Disconnected { connection, why: &error.to_string() }),
                    }
                }
                AdapterOutput::Send { bytes, .. } => {
                    let text = String::from_utf8_lossy(&bytes).into_owned();
                    if text.starts_with("{\"error\"") {
                        self.errors.push(text);
                    }
                    if let Some((_, socket)) = &mut self.socket {
                        socket.write_all(&bytes).expect("the script reads");
                    }
                }
            }
        }
    }

    fn attach(&mut self, connection: ConnectionId, socket: TcpStream) {
        socket.set_read_timeout(Some(Duration::from_millis(20))).expect("a timeout");
        self.socket = Some((connection, socket));
        self.feed(AdapterInput::Connected { connection });
    }

    fn turn(&mut self) {
        assert!(Instant::now() < self.end, "not in time; told so far: {:#?} {:?}", self.events, self.errors);
        self.feed(AdapterInput::Tick);
        if self.socket.is_none()
            && let Some((socket, _)) = self.listener.as_ref().and_then(|listener| listener.accept().ok())
        {
            self.accepted += 1;
            self.attach(ConnectionId(self.accepted), socket);
        }
        let Some((connection, socket)) = &mut self.socket else {
            std::thread::sleep(Duration::from_millis(20));
            return;
        };
        let connection = *connection;
        let mut bytes = [0; 512];
        match socket.read(&mut bytes) {
            Ok(0) => {
                self.socket = None;
                self.feed(AdapterInput::Disconnected { connection, why: "closed" });
            }
            Ok(len) => self.feed(AdapterInput::Received { connection, bytes: &bytes[..len] }),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(error) => panic!("{error}"),
        }
    }

    /// Turns until something that is asked for was told.
    fn until<T>(&mut self, mut find: impl FnMut(&Event) -> Option<T>) -> T {
        let mut seen = 0;
        loop {
            while seen < self.events.len() {
                if let Some(found) = find(&self.events[seen]) {
                    return found;
                }
                seen += 1;
            }
            self.turn();
        }
    }

    fn until_live(&mut self) {
        self.until(|event| (*event == Event::ResyncEnd).then_some(()));
    }

    fn ask(&mut self, request: u64, command: Command, secret: Option<&str>) -> Outcome {
        self.feed(AdapterInput::Command { request: RequestNo(request), command, secret });
        self.until(|event| match event {
            Event::Answer(Answer { request: answered, outcome }) if answered.0 == request => Some(outcome.clone()),
            _ => None,
        })
    }

    fn until_state(&mut self, agent: &str, state: AgentState) {
        self.until(|event| match event {
            Event::AgentStatus(status) if status.agent.as_str() == agent && status.state == state => Some(()),
            _ => None,
        });
    }
}

/// What a platform tells of a call, in a word and a device.
fn step(event: &CallEvent) -> String {
    match event {
        CallEvent::Began { .. } => "began".to_owned(),
        CallEvent::Ringing { device, .. } => format!("ringing {:?}", device.kind),
        CallEvent::Connected { device, .. } => format!("connected {:?}", device.kind),
        CallEvent::Diverted { device, .. } => format!("diverted {:?}", device.kind),
        CallEvent::Queued { .. } => "queued".to_owned(),
        CallEvent::Dequeued { .. } => "dequeued".to_owned(),
        CallEvent::Left { device, .. } => format!("left {:?}", device.kind),
        CallEvent::Ended { .. } => "ended".to_owned(),
        other => format!("{other:?}"),
    }
}

#[test]
fn the_example_platform_is_connected_to_and_answers() {
    let mut script = Script::start(&["--listen", "0"]);
    let mut driver = Driver::new(vec![script.port()], None);
    driver.until_live();
    assert!(matches!(&driver.events[..2], [Event::Up(_), Event::ResyncBegin]), "{:?}", driver.events);
    assert_eq!(driver.events.iter().filter(|event| matches!(event, Event::Agent(_))).count(), 4);
    assert_eq!(driver.events.iter().filter(|event| matches!(event, Event::Team(_))).count(), 2);

    let agent = AgentId::from("1001");
    let verify = Command::Verify { agent: agent.clone() };
    assert_eq!(driver.ask(1, verify.clone(), Some("1001")), Outcome::Verified { agent: agent.clone() });
    assert!(
        matches!(driver.ask(2, verify, Some("wrong")), Outcome::Refused(no) if no.kind == RefusalKind::Credentials)
    );
    let login = Command::Login { agent: agent.clone(), extension: None };
    assert_eq!(driver.ask(3, login, Some("1001")), Outcome::Done);
    driver.until_state("1001", AgentState::NotReady);
    let ready = Command::SetState { agent: agent.clone(), state: AgentState::Ready, reason: None, by: None };
    assert_eq!(driver.ask(4, ready, None), Outcome::Done);
    driver.until_state("1001", AgentState::Ready);
    driver.events.clear();
    let logout = Command::Logout { agent: agent.clone(), reason: Some("2".into()), by: None };
    assert_eq!(driver.ask(5, logout, None), Outcome::Done);
    driver.until_state("1001", AgentState::LoggedOut);
    let dial = Command::Dial { agent, destination: "5550000".into(), data: Vec::new() };
    assert!(matches!(driver.ask(6, dial, None), Outcome::Refused(no) if no.kind == RefusalKind::Unsupported));
    assert_eq!(driver.errors, [] as [String; 0]);
}

#[test]
fn a_call_of_the_example_platform_goes_all_the_way_and_it_comes_back() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("an accept that does not wait");
    let address = listener.local_addr().expect("an address").to_string();
    let _script = Script::start(&["--connect", &address]);
    let mut driver = Driver::new(vec![], Some(listener));
    driver.until_live();
    let first = driver.until(|event| match event {
        Event::Call(CallEvent::Ended { call, .. }) => Some(call.clone()),
        _ => None,
    });
    let steps = driver.events.iter().filter_map(|event| match event {
        Event::Call(call) => Some(step(call)),
        _ => None,
    });
    let steps: Vec<String> = steps.collect();
    let want = [
        "began",
        "ringing Trigger",
        "diverted Trigger",
        "connected Ivr",
        "queued",
        "dequeued",
        "diverted Ivr",
        "ringing Agent",
        "connected Agent",
        "left Agent",
        "ended",
    ];
    assert_eq!(steps, want, "{first}");
    // The connection breaks: the script connects again, and tells everything again.
    let (connection, socket) = driver.socket.take().expect("it is connected");
    drop(socket);
    driver.events.clear();
    driver.feed(AdapterInput::Disconnected { connection, why: "cut" });
    driver.until_live();
    assert!(matches!(&driver.events[..3], [Event::Down { .. }, Event::Up(_), Event::ResyncBegin]));
    assert_eq!(driver.accepted, 2);
    assert_eq!(driver.errors, [] as [String; 0]);
}

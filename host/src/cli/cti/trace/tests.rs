use std::io::BufReader;
use std::time::Duration;

use interaction_core::cti::uccx::codec::messages::{BeginCallEvent, FailureEvent, HeartbeatConf, OpenConf};
use interaction_core::cti::uccx::codec::names::services;
use interaction_core::cti::uccx::codec::{Message, Text, Widths};
use interaction_core::cti::uccx::{UccxAdapter, UccxConfig};
use interaction_core::cti::{Adapter, AdapterInput, AdapterOutput, ConnectionId, Event};
use interaction_core::secret::Secret;
use interaction_core::time::Time;

use super::super::lines::{Extent, objects};
use super::super::replay::{Stop, replay};
use super::{Cutter, Head, Recorder, Seen};

const START: Time = Time::from_millis(1_790_000_000_000);
const PASSWORD: &str = "bridge-secret";

/// An adapter whose crossings are recorded, on virtual time.
struct Bench {
    adapter: UccxAdapter,
    recorder: Recorder<Vec<u8>>,
    now: Time,
    events: Vec<Event>,
    connection: ConnectionId,
}

impl Bench {
    fn new() -> Self {
        let config = UccxConfig { nodes: vec!["uccx1:12028".into()], ..UccxConfig::default() };
        let text = serde_json::to_string(&config).unwrap();
        let head = Head { start: START, seed: 42, password_bytes: PASSWORD.len(), config: text };
        let adapter = UccxAdapter::new(config, Some(Secret::new(PASSWORD.to_owned())), 42, START).unwrap();
        let recorder = Recorder::new(Vec::new(), &head).unwrap();
        Self { adapter, recorder, now: START, events: Vec::new(), connection: ConnectionId(0) }
    }

    fn feed(&mut self, input: AdapterInput<'_>) {
        self.adapter.handle_input(self.now, input);
        while let Some(output) = self.adapter.poll_output() {
            let seen = match &output {
                AdapterOutput::Event(event) => Seen::Told(event),
                AdapterOutput::Connect { connection, address } => {
                    self.connection = *connection;
                    Seen::Asked(*connection, *address)
                }
                AdapterOutput::Send { connection, bytes } => Seen::Sent(*connection, bytes),
                AdapterOutput::Disconnect { connection } => Seen::Closed(*connection),
            };
            self.recorder.see(self.now, &self.adapter, seen);
            if let AdapterOutput::Event(event) = output {
                self.events.push(event);
            }
        }
    }

    fn tick(&mut self) {
        self.recorder.see(self.now, &self.adapter, Seen::Ticked);
        self.feed(AdapterInput::Tick);
    }

    fn stand(&mut self) {
        let connection = self.connection;
        self.recorder.see(self.now, &self.adapter, Seen::Stood(connection));
        self.feed(AdapterInput::Connected { connection });
    }

    fn say(&mut self, bytes: &[u8]) {
        let connection = self.connection;
        self.recorder.see(self.now, &self.adapter, Seen::Received(connection, bytes));
        self.feed(AdapterInput::Received { connection, bytes });
    }

    fn end(&mut self, why: &str) {
        let connection = self.connection;
        self.recorder.see(self.now, &self.adapter, Seen::Ended(connection, why));
        self.feed(AdapterInput::Disconnected { connection, why });
    }
}

fn bytes<'m>(message: impl Into<Message<'m>>) -> Vec<u8> {
    let mut bytes = Vec::new();
    message.into().encode(Widths::V10, &mut bytes).unwrap();
    bytes
}

/// A session that opens, a call, a heartbeat, half a frame, and the end; then another connection.
fn recorded() -> (String, Vec<Event>) {
    let mut bench = Bench::new();
    bench.tick();
    bench.now = START + Duration::from_millis(3);
    bench.stand();
    let granted = services::ALL_EVENTS;
    let open =
        bytes(OpenConf { invoke_id: 1, services_granted: granted, ccx_online: true.into(), ..OpenConf::default() });
    for piece in open.chunks(7) {
        bench.now = bench.now + Duration::from_millis(1);
        bench.say(piece);
    }
    let call =
        BeginCallEvent { connection_call_id: 16_777_507, ani: Some(Text::from("+15550100")), ..Default::default() };
    bench.say(&[bytes(call), bytes(FailureEvent { status: 17, ..FailureEvent::default() })].concat());
    bench.now = START + Duration::from_secs(20);
    bench.tick();
    bench.say(&bytes(HeartbeatConf { invoke_id: 2, ..HeartbeatConf::default() }));
    bench.say(&[0, 0, 0, 9, 0]);
    bench.end("reset by peer");
    bench.now = START + Duration::from_secs(40);
    bench.tick();
    bench.stand();
    bench.say(&[0xFF; 12]);
    let events = std::mem::take(&mut bench.events);
    let mut recorder = bench.recorder;
    assert!(recorder.failed.is_none());
    let text = String::from_utf8(std::mem::take(&mut recorder.out)).unwrap();
    (text, events)
}

#[test]
fn a_trace_is_read_by_decode_and_holds_no_password() {
    let (text, _) = recorded();
    assert!(
        !text.contains("secret")
            && !text.contains(&interaction_core::cti::uccx::codec::hex::encode(PASSWORD.as_bytes()))
    );
    let told: Vec<serde_json::Value> = text
        .lines()
        .flat_map(|line| objects(line.as_bytes(), Extent::Whole, Widths::V10))
        .map(|object| serde_json::from_str(&object).unwrap())
        .collect();
    let names: Vec<&str> = told.iter().filter_map(|object| object["name"].as_str()).collect();
    let sent = ["OPEN_REQ", "OPEN_CONF", "BEGIN_CALL_EVENT", "FAILURE_EVENT", "HEARTBEAT_REQ", "HEARTBEAT_CONF"];
    assert_eq!(names, [&sent[..], &["UNKNOWN", "OPEN_REQ", "UNKNOWN"]].concat(), "{text}");
    let password = told[0]["floating"].as_array().unwrap().iter().find(|field| field["name"] == "ClientPassword");
    assert_eq!(password.unwrap()["value"], "2a".repeat(PASSWORD.len()));
    assert!(told[0]["trace"].as_str().unwrap().ends_with(" 1 >"), "{}", told[0]);
}

#[test]
fn a_trace_makes_the_adapter_do_the_same_again() {
    let (text, events) = recorded();
    let mut again = Vec::new();
    let replayed = replay(BufReader::new(text.as_bytes()), &mut |_, event| {
        again.push(event.clone());
        Ok(())
    })
    .unwrap();
    assert_eq!((replayed.received, replayed.recorded, replayed.sent, replayed.same), (6, 3, 3, 3));
    assert_eq!(again, events);
    assert!(matches!(events.first(), Some(Event::Up(_))) && events.len() > 4);
    let other = text.replace("0000000600000002", "0000000600000003");
    assert_ne!(other, text);
    assert!(replay(BufReader::new(other.as_bytes()), &mut |_, _| Ok(())).is_ok());
}

#[test]
fn what_is_no_trace_is_named_by_its_line() {
    let (text, _) = recorded();
    let good = text.lines().take(2).collect::<Vec<_>>().join("\n");
    for (line, part) in [
        ("1 2 ? 00", "`<` or `>`"),
        ("1 2 < 0", "hexadecimal"),
        ("x 2 < 00", "the time"),
        ("1 99999999999 < 00", "too great"),
        ("#= 1 x", "the connection"),
        ("#trace 2", "#trace 1"),
        ("#config {}", "nodes"),
    ] {
        let input = format!("{good}\n{line}\n");
        let Err(Stop::Line(number, why)) = replay(BufReader::new(input.as_bytes()), &mut |_, _| Ok(())) else {
            panic!("{line} is taken")
        };
        assert!(number == 3 && why.contains(part), "{line}: {number} {why}");
    }
    let Err(Stop::Line(1, why)) = replay(BufReader::new(&b"1 2 < 00\n"[..]), &mut |_, _| Ok(())) else { panic!() };
    assert!(why.contains("#config"), "{why}");
}

#[test]
fn a_stream_without_frames_is_told_as_it_comes() {
    let mut cutter = Cutter::default();
    assert!(cutter.cut(&[0, 0, 0]).is_empty());
    assert_eq!(cutter.cut(&[0, 0, 0, 0, 5, 1]), [vec![0, 0, 0, 0, 0, 0, 0, 5]]);
    assert_eq!(cutter.held, [1]);
    assert_eq!(cutter.cut(&[2, 3, 4]), [vec![1, 2, 3, 4]]);
    assert_eq!(cutter.cut(&[5]), [vec![5]]);
}

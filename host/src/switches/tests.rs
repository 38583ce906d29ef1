use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use interaction_core::cti::{
    Adapter, AdapterInput, AdapterOutput, Answer, Command, ConnectionId, Event, Outcome, RefusalKind, RequestNo,
};
use interaction_core::ids::AgentId;
use interaction_core::secret::Secret;
use interaction_core::time::Time;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::{COMMANDS_MAX, Make, Switch, Way};
use crate::clock::Clock;
use crate::happening::Happening;
use crate::platform::Chosen;

/// Answers every command, connects once, and panics when told to verify `boom`.
#[derive(Default)]
struct Scripted {
    outputs: Vec<AdapterOutput>,
    connects: bool,
    begun: bool,
}

impl Adapter for Scripted {
    fn handle_input(&mut self, _: Time, input: AdapterInput<'_>) {
        match input {
            AdapterInput::Command { request, command: Command::Verify { agent }, secret } => {
                assert!(agent.as_str() != "boom", "boom was asked for");
                let outcome = Outcome::Verified { agent: secret.unwrap_or("none").into() };
                self.outputs.push(AdapterOutput::Event(Event::Answer(Answer { request, outcome })));
            }
            AdapterInput::Tick if self.connects && !self.begun => {
                self.begun = true;
                self.outputs.push(AdapterOutput::Connect { connection: ConnectionId(7), address: 0 });
            }
            AdapterInput::Connected { connection } => {
                self.outputs.push(AdapterOutput::Send { connection, bytes: b"hello".to_vec() });
            }
            AdapterInput::Received { bytes, .. } => {
                let why = format!("heard {}", String::from_utf8_lossy(bytes)).into();
                self.outputs.push(AdapterOutput::Event(Event::Down { why }));
            }
            AdapterInput::Disconnected { why, .. } => {
                self.outputs.push(AdapterOutput::Event(Event::Down { why: why.into() }));
            }
            AdapterInput::Command { .. } | AdapterInput::Tick => {}
        }
    }

    fn poll_output(&mut self) -> Option<AdapterOutput> {
        if self.outputs.is_empty() { None } else { Some(self.outputs.remove(0)) }
    }

    fn poll_timeout(&self) -> Option<Time> {
        None
    }
}

fn scripted(make: Make, addresses: Vec<String>) -> Chosen {
    Chosen::native(make, Way::Connect(addresses))
}

fn verify(agent: &str) -> Command {
    Command::Verify { agent: AgentId::from(agent) }
}

/// What the adapter told, one event after the other, however many came at once.
pub(crate) struct Events {
    happened: mpsc::Receiver<Happening>,
    told: VecDeque<Event>,
}

pub(crate) fn events() -> (mpsc::Sender<Happening>, Events) {
    let (happenings, happened) = mpsc::channel(8);
    (happenings, Events { happened, told: VecDeque::new() })
}

pub(crate) async fn event(events: &mut Events) -> Event {
    while events.told.is_empty() {
        match timeout(Duration::from_secs(5), events.happened.recv()).await.expect("an event in time") {
            Some(Happening::Cti(told)) => events.told.extend(told),
            other => panic!("{other:?} is no event"),
        }
    }
    events.told.pop_front().expect("some were told")
}

#[tokio::test]
async fn a_command_is_answered_and_its_password_goes_with_it() {
    let (happenings, mut happened) = events();
    let make: Make = Box::new(|_| Ok(Box::new(Scripted::default())));
    let switch = Switch::start(scripted(make, vec![]), Clock::start(), happenings).unwrap();
    assert_eq!(switch.ask(RequestNo(3), verify("1001"), Some(Secret::new("pw".into()))), None);
    let want = Answer { request: RequestNo(3), outcome: Outcome::Verified { agent: "pw".into() } };
    assert_eq!(event(&mut happened).await, Event::Answer(want));
}

#[tokio::test]
async fn an_adapter_that_panics_is_down_and_started_again() {
    let (happenings, mut happened) = events();
    let made = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&made);
    let make: Make = Box::new(move |_| {
        count.fetch_add(1, Ordering::Relaxed);
        Ok(Box::new(Scripted::default()))
    });
    let switch = Switch::start(scripted(make, vec![]), Clock::start(), happenings).unwrap();
    assert_eq!(switch.ask(RequestNo(1), verify("boom"), None), None);
    let Event::Answer(Answer { request: RequestNo(1), outcome: Outcome::Refused(refusal) }) =
        event(&mut happened).await
    else {
        panic!("no refusal");
    };
    assert_eq!(refusal.kind, RefusalKind::Unavailable);
    let Event::Down { why } = event(&mut happened).await else { panic!("not down") };
    assert!(why.contains("boom was asked for"), "{why}");
    // Refused while it waits, answered by the next one.
    assert_eq!(switch.ask(RequestNo(2), verify("1001"), None), None);
    assert!(matches!(
        event(&mut happened).await,
        Event::Answer(Answer { request: RequestNo(2), outcome: Outcome::Refused(_) })
    ));
    tokio::time::sleep(Duration::from_millis(1_300)).await;
    assert_eq!(made.load(Ordering::Relaxed), 2);
    assert_eq!(switch.ask(RequestNo(4), verify("1001"), None), None);
    assert!(matches!(
        event(&mut happened).await,
        Event::Answer(Answer { request: RequestNo(4), outcome: Outcome::Verified { .. } })
    ));
}

#[tokio::test]
async fn commands_beyond_the_bound_are_refused_at_once() {
    // Nobody takes what is told, so the adapter stands still.
    let (happenings, _happened) = mpsc::channel(1);
    let make: Make = Box::new(|_| Ok(Box::new(Scripted::default())));
    let switch = Switch::start(scripted(make, vec![]), Clock::start(), happenings).unwrap();
    let mut refused = 0;
    for number in 0..2 * COMMANDS_MAX as u64 {
        refused += u64::from(switch.ask(RequestNo(number), verify("1001"), None).is_some());
    }
    assert!(refused >= COMMANDS_MAX as u64 - 8, "{refused}");
}

#[tokio::test]
async fn connections_are_made_and_their_end_is_told() {
    let platform = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = platform.local_addr().unwrap();
    let (happenings, mut happened) = events();
    let make: Make = Box::new(|_| Ok(Box::new(Scripted { connects: true, ..Scripted::default() })));
    let _switch = Switch::start(scripted(make, vec![address.to_string()]), Clock::start(), happenings).unwrap();
    let (mut stream, _) = platform.accept().await.unwrap();
    let mut hello = [0; 5];
    stream.read_exact(&mut hello).await.unwrap();
    assert_eq!(&hello, b"hello");
    stream.write_all(b"there").await.unwrap();
    assert_eq!(event(&mut happened).await, Event::Down { why: "heard there".into() });
    drop(stream);
    let Event::Down { why } = event(&mut happened).await else { panic!("not down") };
    assert!(why.contains(&address.to_string()) && why.contains("closed"), "{why}");
}

#[tokio::test]
async fn an_address_that_refuses_is_told() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (happenings, mut happened) = events();
    let make: Make = Box::new(|_| Ok(Box::new(Scripted { connects: true, ..Scripted::default() })));
    let _switch = Switch::start(scripted(make, vec![free.to_string()]), Clock::start(), happenings).unwrap();
    let Event::Down { why } = event(&mut happened).await else { panic!("not down") };
    assert!(why.contains("cannot connect"), "{why}");
}

//! What ends a session, and what comes after.

use std::time::Duration;

use interaction_core::cti::uccx::codec::messages as m;
use interaction_core::cti::uccx::codec::names::{agent_state, status};
use interaction_core::cti::uccx::{NodeRole, Phase, UccxConfig};
use interaction_core::cti::{Adapter, AdapterInput, CallEvent, Command, ConnectionId, Event, Outcome, RefusalKind};

use crate::bench::{Bench, config};
use crate::frames::{AGENT, OUTSIDE, PORT, Scribe, begin, delivered, end, established, held};
use crate::server::{Reply, Server, state};

#[test]
fn the_standby_is_left_for_the_master() {
    let mut bench = Bench::new(Server { standby: [true, false], ..Server::default() });
    bench.tick();
    assert_eq!(bench.adapter.diagnostics().phase, Phase::InService, "{:?}", bench.adapter);
    assert_eq!(bench.connects.iter().map(|(_, node)| *node).collect::<Vec<_>>(), [0, 1]);
    let nodes = bench.adapter.diagnostics().nodes;
    assert_eq!((nodes[0].role, nodes[1].role), (NodeRole::Standby, NodeRole::Master));
    // Nothing flaps: the master is kept whatever becomes of the other.
    bench.server.standby = [false, false];
    bench.seconds(3_600);
    assert_eq!(bench.connects.len(), 2);
}

#[test]
fn two_standbys_are_asked_every_ten_seconds_each() {
    let mut bench = Bench::new(Server { standby: [true, true], ..Server::default() });
    bench.seconds(60);
    for node in [0, 1] {
        let at: Vec<Duration> = bench.connects.iter().filter(|(_, one)| *one == node).map(|(at, _)| *at).collect();
        assert!((6..=7).contains(&at.len()), "{at:?}");
        assert!(at.windows(2).all(|pair| pair[1] - pair[0] >= Duration::from_secs(10)), "{at:?}");
    }
    assert_eq!(bench.events, []);
}

#[test]
fn unreachable_nodes_are_asked_less_and_less_often_up_to_a_bound() {
    let mut bench = Bench::new(Server { reachable: [false, false], ..Server::default() });
    bench.seconds(600);
    let first: Vec<Duration> = bench.connects.iter().filter(|(_, node)| *node == 0).map(|(at, _)| *at).collect();
    let pauses: Vec<Duration> = first.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(pauses[0] <= Duration::from_millis(1_250) && pauses[0] >= Duration::from_millis(750), "{pauses:?}");
    assert!(pauses.iter().all(|pause| *pause <= Duration::from_millis(37_500)), "{pauses:?}");
    assert!(pauses.iter().skip(6).all(|pause| *pause >= Duration::from_secs(20)), "{pauses:?}");
    assert!(bench.connects.len() < 80, "{}", bench.connects.len());
    let trouble = bench.adapter.trouble().expect("trouble");
    assert!(trouble.starts_with("node-") && trouble.contains("connection refused"), "{trouble}");
    assert!(trouble.contains("RmCm TCP Port"), "{trouble}");
    assert_eq!(bench.adapter.trouble(), None, "once");
    bench.server.reachable = [false, true];
    bench.seconds(40);
    assert_eq!(bench.adapter.diagnostics().phase, Phase::InService);
}

#[test]
fn three_unconfirmed_heartbeats_end_the_connection_in_a_minute() {
    let mut bench = Bench::up(Server::default());
    bench.seconds(300);
    assert_eq!(bench.take(), [], "confirmed ones keep it");
    assert_eq!(bench.adapter.diagnostics().heartbeats, 20);
    bench.server.confirms_heartbeats = false;
    bench.seconds(59);
    assert_eq!(bench.take(), []);
    bench.seconds(1);
    let events = bench.take();
    assert!(matches!(&events[..], [Event::Down { why }, Event::Up(_), ..] if why.contains("heartbeats")), "{events:?}");
    assert_eq!(bench.connection.map(|(_, node)| node), Some(1), "the other node");
}

#[test]
fn failures_to_heartbeats_and_closing_end_the_session() {
    for number in [status::SERVER_OFFLINE, status::SERVER_NOT_MASTER] {
        let mut bench = Bench::up(Server::default());
        bench.server.heartbeat_status = Some(number);
        bench.server.reachable = [true, false];
        bench.seconds(15);
        assert!(matches!(bench.take().as_slice(), [Event::Down { .. }]));
        bench.server.heartbeat_status = None;
        bench.seconds(9);
        assert_eq!(bench.take(), [], "ten seconds at least");
        bench.seconds(10);
        assert!(matches!(bench.take().first(), Some(Event::Up(_))));
    }
    let mut bench = Bench::up(Server::default());
    bench.say(m::CloseReq::default());
    assert!(matches!(&bench.take()[..], [Event::Down { .. }, Event::Up(_), ..]));
    let mut bench = Bench::up(Server::default());
    bench.say(m::FailureEvent { status: status::SERVER_NOT_MASTER, ..Default::default() });
    assert!(matches!(&bench.take()[..], [Event::Down { .. }, Event::Up(_), ..]));
    let nonsense = [0xFF; 8];
    bench.say_bytes(&nonsense);
    assert!(matches!(&bench.take()[..], [Event::Down { .. }, ..]), "a stream without boundaries is of no use");
}

#[test]
fn a_connection_that_never_stands_is_given_up() {
    let mut bench = Bench::new(Server::default());
    // The driver never says what came of it.
    bench.adapter.handle_input(bench.now, AdapterInput::Tick);
    while bench.adapter.poll_output().is_some() {}
    bench.seconds(16);
    assert_eq!(bench.adapter.diagnostics().phase, Phase::InService);
    assert_eq!(bench.connects.len(), 1);
    assert_eq!(bench.connects[0].1, 1);
    let nobody = ConnectionId(999);
    bench.take();
    bench.adapter.handle_input(bench.now, AdapterInput::Received { connection: nobody, bytes: &[1, 2, 3] });
    bench.adapter.handle_input(bench.now, AdapterInput::Disconnected { connection: nobody, why: "late" });
    bench.drain();
    assert_eq!(bench.events, []);
}

/// Ann talks to a caller, Bob is idle, and one waits at a port.
fn busy() -> (Bench, Scribe) {
    let mut bench = Bench::up(Server::default());
    bench.say(begin(100, 1, "+15550100", "6000"));
    bench.say(delivered(100, AGENT, "2001", (OUTSIDE, "+15550100")));
    bench.say(established(100, AGENT, "2001"));
    bench.say(state("ann", "2001", agent_state::TALKING, 0));
    bench.say(begin(101, 1, "+15550101", "6000"));
    bench.say(established(101, PORT, "7001"));
    bench.say(begin(102, 1, "+15550102", "6000"));
    bench.say(delivered(102, AGENT, "2002", (OUTSIDE, "+15550102")));
    bench.say(established(102, AGENT, "2002"));
    bench.say(state("bob", "2002", agent_state::TALKING, 0));
    let mut scribe = Scribe::default();
    scribe.lines(&bench.calls());
    bench.take();
    bench.server.agents[0].state = agent_state::TALKING;
    (bench, scribe)
}

#[test]
fn a_failover_in_the_middle_of_calls_keeps_what_is_still_there() {
    let (mut bench, mut scribe) = busy();
    // Bob's caller hangs up while nobody looks.
    bench.server.agents[1].state = agent_state::READY;
    bench.cut_off();
    let events = bench.take();
    assert!(matches!(&events[0], Event::Down { .. }));
    assert!(matches!(&events[1], Event::Up(_)));
    assert_eq!(events[2], Event::ResyncBegin);
    assert_eq!(events.last(), Some(&Event::ResyncEnd));
    let seen: Vec<CallEvent> = events
        .iter()
        .filter_map(|event| match event {
            Event::Call(call) => Some(call.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(
        scribe.lines(&seen),
        [
            "a Seen Inbound +15550100>6000 [] [External:+15550100 Connected, Agent:2001(ann) Connected]",
            "b Seen Inbound +15550101>6000 [] [Ivr:7001 Connected]",
        ],
        "the same ids as before, without the call its agent is ready in spite of"
    );
    let states: Vec<String> = events
        .iter()
        .filter_map(|event| match event {
            Event::AgentStatus(status) => Some(format!("{} {:?}", status.agent, status.state)),
            _ => None,
        })
        .collect();
    assert_eq!(states, ["ann Talking", "bob Ready", "cat LoggedOut", "sue LoggedOut"]);

    bench.say(held(100, "2001"));
    bench.say(end(100));
    assert_eq!(scribe.lines(&bench.calls()), ["a Held Agent:2001(ann)", "a Ended Normal"]);
    bench.take();
    // Of the call at the port nothing is heard again.
    bench.seconds(599);
    assert_eq!(bench.calls(), []);
    bench.seconds(1);
    assert_eq!(scribe.lines(&bench.calls()), ["b Ended Other"]);
    assert_eq!(bench.adapter.diagnostics().calls, 0);
}

#[test]
fn an_id_that_means_another_call_after_a_failover_is_another_call() {
    let (mut bench, mut scribe) = busy();
    bench.cut_off();
    bench.take();
    bench.say(begin(101, 1, "+15550999", "6000"));
    bench.say(begin(100, 1, "+15550100", "6000"));
    let lines = scribe.lines(&bench.calls());
    assert_eq!(
        lines,
        ["b Ended Other", "d Began Inbound +15550999>6000 ani=+15550999"],
        "and a call told again is none"
    );
}

#[test]
fn commands_that_wait_when_the_session_ends_are_answered_before_it_is_told() {
    let (mut bench, _) = busy();
    bench.server.reply = Reply::Silence;
    let request = bench.command(Command::Logout { agent: "ann".into(), reason: None, by: None }, None);
    assert_eq!(bench.answer(request), None);
    bench.cut_off();
    assert!(matches!(&bench.events[..2], [Event::Answer(_), Event::Down { .. }]));
    let Some(Outcome::Refused(refusal)) = bench.answer(request) else { panic!() };
    assert_eq!(refusal.kind, RefusalKind::Unavailable);
}

#[test]
fn a_node_that_serves_and_fails_again_and_again_is_left_alone_longer() {
    let mut bench = Bench::with(Server::default(), UccxConfig { nodes: vec!["only".into()], ..config() });
    bench.tick();
    let mut pauses = Vec::new();
    for _ in 0..6 {
        let before = bench.now;
        bench.cut_off();
        while bench.connection.is_none() {
            bench.advance(Duration::from_millis(250));
        }
        pauses.push(bench.now.since(before));
    }
    assert!(pauses[0] <= Duration::from_millis(1_500) && pauses[5] >= Duration::from_secs(15), "{pauses:?}");
    bench.seconds(120);
    let before = bench.now;
    bench.cut_off();
    while bench.connection.is_none() {
        bench.advance(Duration::from_millis(250));
    }
    assert!(bench.now.since(before) <= Duration::from_millis(1_500), "a minute of service forgives");
}

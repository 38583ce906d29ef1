//! Documented flows of calls: messages in, events out.

use interaction_core::cti::uccx::codec::messages as m;
use interaction_core::cti::uccx::codec::names::agent_state;
use interaction_core::cti::{CallEvent, Event};

use crate::bench::Bench;
use crate::frames::*;
use crate::server::{Server, state};

const CCX_IN: u16 = 1;
const OUT: u16 = 9;
const INSIDE: u16 = 10;
const CONSULT: u16 = 12;
const CALLER: &str = "+15550100";

/// A platform whose agents 2001 to 2003 are logged in.
fn ready() -> Bench {
    let mut bench = Bench::up(Server::default());
    bench.say(state("cat", "2003", agent_state::READY, 0));
    bench.take();
    bench
}

/// Says the messages, and compares everything told of calls since.
fn check(bench: &mut Bench, scribe: &mut Scribe, messages: &Stream, expected: &[&str]) {
    bench.say_bytes(&messages.0);
    let told = bench.calls();
    bench.take();
    assert_eq!(scribe.lines(&told), expected);
    assert_eq!(bench.adapter.diagnostics().unexpected, 0);
}

fn stream(build: impl FnOnce(&mut Stream)) -> Stream {
    let mut stream = Stream::default();
    build(&mut stream);
    stream
}

/// From the caller to an agent, by trigger, script and queue.
fn to_agent(stream: &mut Stream, wire: u32) {
    let offered = m::CallDeliveredEvent {
        secondary_connection_call_id: Some(wire + 500),
        csq_id: 31,
        ..delivered(wire, AGENT, "2001", (OUTSIDE, CALLER))
    };
    stream
        .put(begin(wire, CCX_IN, CALLER, "6000"))
        .put(delivered(wire, TRIGGER, "6000", (OUTSIDE, CALLER)))
        .put(delivered(wire, PORT, "7001", (OUTSIDE, CALLER)))
        .put(established(wire, PORT, "7001"))
        .put(queued(wire, &[csq(31), csq(32)]))
        .put(diverted(wire, QUEUE, "7001", NO_TYPE))
        .put(offered)
        .put(established(wire, AGENT, "2001"));
}

const TO_AGENT: [&str; 12] = [
    "a Began Inbound +15550100>6000 ani=+15550100",
    "a Dialing External:+15550100",
    "a Ringing Trigger:6000",
    "a Diverted Trigger:6000 Redirected",
    "a Ringing Ivr:7001",
    "a Connected Ivr:7001",
    r#"a Queued ["31", "32"]"#,
    "a Dequeued []",
    "a Ringing Agent:2001(ann) from queue 31",
    "a Data queue=Gold",
    "a Connected Agent:2001(ann)",
    "a Left Ivr:7001 Redirected",
];

#[test]
fn a_call_is_queued_and_answered() {
    let (mut bench, mut scribe) = (ready(), Scribe::default());
    check(&mut bench, &mut scribe, &stream(|s| to_agent(s, 100)), &TO_AGENT);
    let rest = stream(|s| {
        s.put(left(100, PORT, "7001"))
            .put(left(100, AGENT, "2001"))
            .put(left(100, OUTSIDE, CALLER))
            .put(cleared(100))
            .put(end(100));
    });
    let expected = ["a Left Agent:2001(ann) Normal", "a Left External:+15550100 Normal", "a Ended Normal"];
    check(&mut bench, &mut scribe, &rest, &expected);
    assert_eq!(bench.adapter.diagnostics().calls, 0);
}

#[test]
fn names_of_triggers_ports_and_agents_go_with_their_devices() {
    let mut bench = ready();
    bench.say_bytes(&stream(|s| to_agent(s, 100)).0);
    let mut labels = Vec::new();
    for call in bench.calls() {
        if let CallEvent::Ringing { device, .. } = call {
            labels.push(device.label);
        }
    }
    assert_eq!(labels.iter().map(|label| &**label).collect::<Vec<_>>(), ["Sales line", "Port 1", "Ann Archer"]);
}

#[test]
fn an_id_that_comes_again_is_another_call() {
    let (mut bench, mut scribe) = (ready(), Scribe::default());
    let one = stream(|s| {
        s.put(begin(100, CCX_IN, CALLER, "6000")).put(delivered(100, TRIGGER, "6000", (OUTSIDE, CALLER))).put(end(100));
    });
    let first = [
        "a Began Inbound +15550100>6000 ani=+15550100",
        "a Dialing External:+15550100",
        "a Ringing Trigger:6000",
        "a Ended Abandoned",
    ];
    check(&mut bench, &mut scribe, &one, &first);
    let second = first.map(|line| line.replacen('a', "b", 1));
    check(&mut bench, &mut scribe, &one, &second.each_ref().map(String::as_str));
}

#[test]
fn a_caller_gives_up_in_the_queue() {
    let (mut bench, mut scribe) = (ready(), Scribe::default());
    let messages = stream(|s| {
        s.put(begin(100, CCX_IN, CALLER, "6000"))
            .put(delivered(100, PORT, "7001", (OUTSIDE, CALLER)))
            .put(established(100, PORT, "7001"))
            .put(queued(100, &[csq(31)]))
            .put(left(100, OUTSIDE, CALLER))
            .put(left(100, PORT, "7001"))
            .put(cleared(100))
            .put(end(100));
    });
    let expected = [
        "a Began Inbound +15550100>6000 ani=+15550100",
        "a Dialing External:+15550100",
        "a Ringing Ivr:7001",
        "a Connected Ivr:7001",
        r#"a Queued ["31"]"#,
        "a Left External:+15550100 Abandoned",
        "a Left Ivr:7001 Normal",
        "a Ended Abandoned",
    ];
    check(&mut bench, &mut scribe, &messages, &expected);
}

#[test]
fn an_agent_does_not_answer_and_the_next_one_does() {
    for cleared_by_port in [false, true] {
        let (mut bench, mut scribe) = (ready(), Scribe::default());
        let messages = stream(|s| {
            let offer = |agent: &'static str, second| m::CallDeliveredEvent {
                secondary_connection_call_id: Some(second),
                csq_id: 31,
                ..delivered(100, AGENT, agent, (OUTSIDE, CALLER))
            };
            s.put(begin(100, CCX_IN, CALLER, "6000"))
                .put(delivered(100, PORT, "7001", (OUTSIDE, CALLER)))
                .put(established(100, PORT, "7001"))
                .put(queued(100, &[csq(31)]))
                .put(offer("2001", 600));
            if cleared_by_port {
                // The internal call to the agent has a life of its own on the wire, and none in what is told.
                s.put(begin(600, CONSULT, "7001", "2001"))
                    .put(originated(600, PORT, "7001", "2001"))
                    .put(left(600, AGENT, "2001"))
                    .put(left(600, PORT, "7001"))
                    .put(cleared(600))
                    .put(end(600));
            } else {
                s.put(diverted(100, AGENT, "2001", 10));
            }
            s.put(offer("2003", 601)).put(established(100, AGENT, "2003"));
        });
        let expected = [
            "a Began Inbound +15550100>6000 ani=+15550100",
            "a Dialing External:+15550100",
            "a Ringing Ivr:7001",
            "a Connected Ivr:7001",
            r#"a Queued ["31"]"#,
            "a Ringing Agent:2001(ann) from queue 31",
            "a Data queue=Gold",
            "a Diverted Agent:2001(ann) NoAnswer",
            "a Ringing Agent:2003(cat) from queue 31",
            "a Connected Agent:2003(cat)",
            "a Left Ivr:7001 Redirected",
        ];
        check(&mut bench, &mut scribe, &messages, &expected);
    }
}

#[test]
fn the_internal_call_to_the_agent_is_part_of_the_real_one_even_where_it_came_first() {
    let (mut bench, mut scribe) = (ready(), Scribe::default());
    let messages = stream(|s| {
        let offer = m::CallDeliveredEvent {
            secondary_connection_call_id: Some(600),
            ..delivered(100, AGENT, "2001", (OUTSIDE, CALLER))
        };
        s.put(begin(100, CCX_IN, CALLER, "6000"))
            .put(begin(600, INSIDE, "7001", "2001"))
            .put(delivered(600, AGENT, "2001", (PORT, "7001")))
            .put(offer)
            .put(established(600, AGENT, "2001"))
            .put(left(600, AGENT, "2001"))
            .put(end(600))
            .put(established(100, AGENT, "2001"));
    });
    let expected = [
        "a Began Inbound +15550100>6000 ani=+15550100",
        "b Began Internal 7001>2001 ani=7001",
        "b Ringing Agent:2001(ann)",
        "b Renamed a",
        "a Dialing External:+15550100",
        "a Connected Agent:2001(ann)",
    ];
    check(&mut bench, &mut scribe, &messages, &expected);
}

/// Ann talks to the caller, holds, and talks to Cat.
fn consulting(stream: &mut Stream) {
    to_agent(stream, 100);
    stream
        .put(held(100, "2001"))
        .put(begin(200, CONSULT, "2001", "2003"))
        .put(initiated(200, AGENT, "2001"))
        .put(originated(200, AGENT, "2001", "2003"))
        .put(delivered(200, AGENT, "2003", (AGENT, "2001")))
        .put(established(200, AGENT, "2003"));
}

const CONSULTING: [&str; 6] = [
    "a Held Agent:2001(ann)",
    "b Began Consult 2001>2003 for a ani=2001",
    "b Dialing Agent:2001(ann)",
    "b Ringing Agent:2003(cat)",
    "b Connected Agent:2003(cat)",
    "",
];

fn consulted(bench: &mut Bench, scribe: &mut Scribe) {
    let expected: Vec<&str> = TO_AGENT.into_iter().chain(CONSULTING).filter(|line| !line.is_empty()).collect();
    check(bench, scribe, &stream(consulting), &expected);
}

#[test]
fn a_consultation_ends_in_a_transfer() {
    // The id that goes on is the first one, or the second, as the parties say.
    for (wire, main, other) in [(100, "a", "b"), (200, "b", "a")] {
        let (mut bench, mut scribe) = (ready(), Scribe::default());
        consulted(&mut bench, &mut scribe);
        let absorbed = if wire == 100 { 200 } else { 100 };
        let parties = [party(wire, OUTSIDE, CALLER), party(wire, AGENT, "2003")];
        let messages = stream(|s| {
            s.put(transferred(100, 200, "2001", &parties))
                .put(left(absorbed, AGENT, "2001"))
                .put(left(absorbed, AGENT, "2003"))
                .put(cleared(absorbed))
                .put(end(absorbed))
                .put(left(wire, AGENT, "2001"))
                .put(left(wire, OUTSIDE, CALLER))
                .put(left(wire, AGENT, "2003"))
                .put(cleared(wire))
                .put(end(wire));
        });
        let expected = [
            format!(
                "{main} Transferred {other} by Agent:2001(ann) [External:+15550100 Connected, Agent:2003(cat) Connected]"
            ),
            format!("{other} Ended Transferred"),
            format!("{main} Left External:+15550100 Normal"),
            format!("{main} Left Agent:2003(cat) Normal"),
            format!("{main} Ended Normal"),
        ];
        check(&mut bench, &mut scribe, &messages, &expected.each_ref().map(String::as_str));
        assert_eq!(bench.adapter.diagnostics().calls, 0);
    }
}

#[test]
fn a_transfer_may_be_to_an_id_nobody_knew_and_to_a_phone_that_rings() {
    let (mut bench, mut scribe) = (ready(), Scribe::default());
    let parties = [party(300, OUTSIDE, CALLER), party(300, AGENT, "2003")];
    let messages = stream(|s| {
        to_agent(s, 100);
        s.put(held(100, "2001"))
            .put(begin(200, CONSULT, "2001", "2003"))
            .put(delivered(200, AGENT, "2003", (AGENT, "2001")))
            .put(transferred(100, 200, "2001", &parties))
            .put(end(200))
            .put(end(100))
            .put(established(300, AGENT, "2003"))
            .put(end(300));
    });
    let mut expected = TO_AGENT.to_vec();
    expected.extend([
        "a Held Agent:2001(ann)",
        "b Began Consult 2001>2003 for a ani=2001",
        "b Dialing Agent:2001(ann)",
        "b Ringing Agent:2003(cat)",
        "a Transferred b by Agent:2001(ann) [External:+15550100 Connected, Agent:2003(cat) Ringing]",
        "b Ended Transferred",
        "a Connected Agent:2003(cat)",
        "a Ended Normal",
    ]);
    check(&mut bench, &mut scribe, &messages, &expected);
}

#[test]
fn a_consultation_ends_in_a_conference() {
    let (mut bench, mut scribe) = (ready(), Scribe::default());
    consulted(&mut bench, &mut scribe);
    let parties = [party(100, OUTSIDE, CALLER), party(100, AGENT, "2003"), party(100, AGENT, "2001")];
    let messages = stream(|s| {
        s.put(conferenced(100, 200, "2001", &parties))
            .put(end(200))
            .put(conferenced(100, 200, "2001", &parties))
            .put(left(100, AGENT, "2001"))
            .put(left(100, AGENT, "2003"))
            .put(cleared(100));
    });
    let all = "[External:+15550100 Connected, Agent:2003(cat) Connected, Agent:2001(ann) Connected]";
    let conferenced = format!("a Conferenced b by Agent:2001(ann) {all}");
    bench.say_bytes(&messages.0);
    let told = scribe.lines(&bench.calls());
    assert_eq!(told[..2], [conferenced.as_str(), "b Ended Other"]);
    assert_eq!(
        told[told.len() - 3..],
        ["a Left Agent:2001(ann) Normal", "a Left Agent:2003(cat) Normal", "a Ended Normal"]
    );
}

#[test]
fn a_consultation_is_given_up_and_the_call_goes_on() {
    let (mut bench, mut scribe) = (ready(), Scribe::default());
    consulted(&mut bench, &mut scribe);
    let messages = stream(|s| {
        s.put(left(200, AGENT, "2003"))
            .put(left(200, AGENT, "2001"))
            .put(cleared(200))
            .put(end(200))
            .put(retrieved(100, "2001"))
            .put(retrieved(100, "2001"));
    });
    let expected = [
        "b Left Agent:2003(cat) Normal",
        "b Left Agent:2001(ann) Normal",
        "b Ended Normal",
        "a Retrieved Agent:2001(ann)",
    ];
    check(&mut bench, &mut scribe, &messages, &expected);
}

#[test]
fn a_transfer_in_a_single_step() {
    let (mut bench, mut scribe) = (ready(), Scribe::default());
    check(&mut bench, &mut scribe, &stream(|s| to_agent(s, 100)), &TO_AGENT);
    let parties = [party(100, OUTSIDE, CALLER), party(100, OUTSIDE, "+15550199")];
    let messages = stream(|s| {
        s.put(transferred(100, u32::MAX, "2001", &parties)).put(left(100, AGENT, "2001"));
    });
    let expected = ["a Connected External:+15550199", "a Left Agent:2001(ann) Transferred"];
    check(&mut bench, &mut scribe, &messages, &expected);
}

#[test]
fn an_agent_calls_outside_and_it_is_busy() {
    let (mut bench, mut scribe) = (ready(), Scribe::default());
    let messages = stream(|s| {
        s.put(begin(100, OUT, "2001", "+15550177"))
            .put(initiated(100, AGENT, "2001"))
            .put(originated(100, AGENT, "2001", "+15550177"))
            .put(failed(100, "+15550177", 3))
            .put(left(100, AGENT, "2001"))
            .put(cleared(100))
            .put(end(100));
    });
    let expected = [
        "a Began Outbound 2001>+15550177 ani=2001",
        "a Dialing Agent:2001(ann)",
        "a Failed External:+15550177 Busy",
        "a Left Agent:2001(ann) Normal",
        "a Ended Normal",
    ];
    check(&mut bench, &mut scribe, &messages, &expected);
}

#[test]
fn agents_on_either_line_are_agents_and_all_others_outside() {
    let (mut bench, mut scribe) = (ready(), Scribe::default());
    let messages = stream(|s| {
        s.put(begin(100, INSIDE, "2001", "2099"))
            .put(originated(100, OTHER_LINE, "2001.4711", "2099"))
            .put(delivered(100, NO_TYPE, "2003", (NO_TYPE, "4711")))
            .put(established(100, 0, "2003"))
            .put(established(100, 79, "2098"))
            .put(established(100, NO_TYPE, "2097"));
    });
    let expected = [
        "a Began Internal 2001>2099 ani=2001",
        "a Dialing Agent:4711(ann)",
        "a Ringing Agent:2003(cat)",
        "a Connected Agent:2003(cat)",
        "a Connected External:2098",
        "a Connected External:2097",
    ];
    check(&mut bench, &mut scribe, &messages, &expected);
}

#[test]
fn a_call_that_gets_another_id_stays_the_same_call() {
    let (mut bench, mut scribe) = (ready(), Scribe::default());
    check(&mut bench, &mut scribe, &stream(|s| to_agent(s, 100)), &TO_AGENT);
    let messages = stream(|s| {
        s.put(renumbered(100, 101)).put(end(100)).put(held(101, "2001")).put(renumbered(101, 101)).put(end(101));
    });
    check(&mut bench, &mut scribe, &messages, &["a Held Agent:2001(ann)", "a Ended Normal"]);
    assert_eq!(bench.adapter.diagnostics().calls, 0);
    // Where the new id is a call already, both are one.
    let messages = stream(|s| {
        s.put(begin(110, CCX_IN, CALLER, "6000"))
            .put(begin(111, CCX_IN, CALLER, "6000"))
            .put(renumbered(110, 111))
            .put(held(110, "2001"))
            .put(end(110))
            .put(end(111));
    });
    let expected = [
        "b Began Inbound +15550100>6000 ani=+15550100",
        "c Began Inbound +15550100>6000 ani=+15550100",
        "b Renamed c",
        "c Held Agent:2001(ann)",
        "c Ended Abandoned",
    ];
    check(&mut bench, &mut scribe, &messages, &expected);
}

#[test]
fn calls_we_join_in_the_middle_are_told_from_their_first_event() {
    let (mut bench, mut scribe) = (ready(), Scribe::default());
    let messages = stream(|s| {
        s.put(left(100, AGENT, "2002"))
            .put(cleared(100))
            .put(end(100))
            .put(held(101, "2002"))
            .put(retrieved(101, "2002"))
            .put(end(101))
            .put(delivered(102, AGENT, "2003", (OUTSIDE, CALLER)))
            .put(begin(102, CCX_IN, CALLER, "6000"))
            .put(established(102, AGENT, "2003"));
    });
    let expected = [
        "a Held Agent:2002(bob)",
        "a Retrieved Agent:2002(bob)",
        "a Ended Abandoned",
        "b Dialing External:+15550100",
        "b Ringing Agent:2003(cat)",
        "b Began Inbound +15550100>6000 ani=+15550100",
        "b Connected Agent:2003(cat)",
    ];
    check(&mut bench, &mut scribe, &messages, &expected);
}

#[test]
fn events_in_another_order_end_the_same() {
    let (mut bench, mut scribe) = (ready(), Scribe::default());
    let messages = stream(|s| {
        s.put(begin(100, CCX_IN, CALLER, "6000"))
            .put(established(100, PORT, "7001"))
            .put(delivered(100, PORT, "7001", (OUTSIDE, CALLER)))
            .put(delivered(100, TRIGGER, "6000", (OUTSIDE, CALLER)))
            .put(queued(100, &[csq(31)]))
            .put(queued(100, &[csq(31), csq(32)]))
            .put(established(100, AGENT, "2001"))
            .put(delivered(100, AGENT, "2001", (OUTSIDE, CALLER)))
            .put(cleared(100))
            .put(left(100, AGENT, "2001"))
            .put(established(100, AGENT, "2001"))
            .put(end(100));
    });
    let expected = [
        "a Began Inbound +15550100>6000 ani=+15550100",
        "a Connected Ivr:7001",
        "a Dialing External:+15550100",
        r#"a Queued ["31"]"#,
        r#"a Queued ["32"]"#,
        "a Connected Agent:2001(ann)",
        "a Left Ivr:7001 Redirected",
        "a Ended Normal",
    ];
    check(&mut bench, &mut scribe, &messages, &expected);
}

#[test]
fn call_data_is_told_where_it_changes() {
    let (mut bench, mut scribe) = (ready(), Scribe::default());
    let variable = m::CallNamedVariable {
        named_variable: Some(interaction_core::cti::uccx::codec::NamedVariable {
            name: "user.vip".into(),
            value: "yes".into(),
        }),
        ..Default::default()
    };
    let variables = [variable];
    let messages = stream(|s| {
        s.put(m::BeginCallEvent {
            call_variable1: text("one"),
            caller_entered_digits: text("4"),
            ..begin(100, CCX_IN, CALLER, "6000")
        });
        let update = || m::CallDataUpdateEvent { connection_call_id: 100, ..Default::default() };
        s.put(m::CallDataUpdateEvent { call_variable1: text("one"), call_variable2: text("two"), ..update() });
        s.put(m::CallDataUpdateEvent { call_variable2: text("two"), ..update() });
        s.put(m::CallDataUpdateEvent {
            call_variable2: Some("".into()),
            named_variables: (&variables).into(),
            ..update()
        });
        s.put(m::CallDataUpdateEvent { call_wrapup_data: text("sold"), ..update() });
    });
    let expected = [
        "a Began Inbound +15550100>6000 ani=+15550100 enteredDigits=4 callVariable1=one",
        "a Data callVariable2=two",
        "a Data callVariable2= user.vip=yes",
        "a Data wrapup=sold",
    ];
    check(&mut bench, &mut scribe, &messages, &expected);
}

#[test]
fn a_supervisor_who_listens_is_a_listener() {
    let (mut bench, mut scribe) = (ready(), Scribe::default());
    check(&mut bench, &mut scribe, &stream(|s| to_agent(s, 100)), &TO_AGENT);
    let messages = stream(|s| {
        s.put(m::CallEstablishedEvent { event_cause: 46, ..established(100, AGENT, "2003") });
    });
    check(&mut bench, &mut scribe, &messages, &["a Connected Agent:2003(cat) as Listener"]);
}

#[test]
fn cutting_the_stream_differently_changes_nothing() {
    let whole = {
        let mut bench = ready();
        bench.say_bytes(&stream(consulting).0);
        bench.take()
    };
    assert!(whole.iter().any(|event| matches!(event, Event::Call(_))));
    for cut in [1, 2, 3, 7, 8, 9, 64, 333] {
        let mut bench = Bench::new(Server::default());
        bench.cut = cut;
        bench.tick();
        bench.say(state("cat", "2003", agent_state::READY, 0));
        bench.take();
        bench.say_bytes(&stream(consulting).0);
        assert_eq!(bench.take(), whole, "pieces of {cut}");
    }
}

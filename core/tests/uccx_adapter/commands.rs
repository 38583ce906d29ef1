//! Commands: requests out, exactly one answer back.

use interaction_core::cti::uccx::codec::messages as m;
use interaction_core::cti::uccx::codec::names::agent_state;
use interaction_core::cti::uccx::{PasswordCheck, UccxConfig};
use interaction_core::cti::{AgentState, CallEvent, Command, Event, Outcome, RefusalKind, SuperviseAction};
use interaction_core::ids::CallId;

use crate::bench::{Bench, config};
use crate::frames::{AGENT, OUTSIDE, begin, delivered, end, established, held};
use crate::server::{Reply, Server, state};

/// Ann holds one call and talks on another.
fn on_two_calls() -> (Bench, CallId, CallId) {
    let mut bench = Bench::up(Server::default());
    for (wire, from) in [(100, "+15550100"), (101, "+15550101")] {
        bench.say(begin(wire, 1, from, "6000"));
        bench.say(delivered(wire, AGENT, "2001", (OUTSIDE, from)));
        bench.say(established(wire, AGENT, "2001"));
    }
    bench.say(held(100, "2001"));
    let began: Vec<CallId> = bench
        .calls()
        .into_iter()
        .filter_map(|event| match event {
            CallEvent::Began { call, .. } => Some(call),
            _ => None,
        })
        .collect();
    bench.take();
    bench.server.received.clear();
    (bench, began[0].clone(), began[1].clone())
}

/// Every command the platform is asked, the message it becomes and what stands in that.
fn asked(one: &CallId, two: &CallId) -> Vec<(Command, &'static str, Vec<&'static str>)> {
    let agent = || "ann".into();
    let (held, active) = (one.clone(), two.clone());
    let destination = || "2003".into();
    vec![
        (
            Command::Logout { agent: agent(), reason: Some("7".into()), by: None },
            "SET_AGENT_STATE_REQ",
            vec!["agent_state: 1,", "event_reason_code: 7,", r#"agent_instrument: Some("2001")"#],
        ),
        (
            Command::SetState { agent: agent(), state: AgentState::NotReady, reason: Some("5".into()), by: None },
            "SET_AGENT_STATE_REQ",
            vec!["agent_state: 2,", "event_reason_code: 5,"],
        ),
        (
            Command::SetState { agent: agent(), state: AgentState::Ready, reason: None, by: None },
            "SET_AGENT_STATE_REQ",
            vec!["agent_state: 3,", "event_reason_code: 0,", "agent_password: None"],
        ),
        (
            Command::SetState { agent: agent(), state: AgentState::Work, reason: None, by: None },
            "SET_AGENT_STATE_REQ",
            vec!["agent_state: 5,"],
        ),
        (
            Command::Answer { agent: agent(), call: active.clone() },
            "ANSWER_CALL_REQ",
            vec!["connection_call_id: 101,", r#"agent_instrument: Some("2001")"#],
        ),
        (
            Command::Drop { agent: agent(), call: active.clone() },
            "CLEAR_CONNECTION_REQ",
            vec!["connection_call_id: 101,"],
        ),
        (Command::Hold { agent: agent(), call: active.clone() }, "HOLD_CALL_REQ", vec!["connection_call_id: 101,"]),
        (
            Command::Retrieve { agent: agent(), call: held.clone() },
            "RETRIEVE_CALL_REQ",
            vec!["held_connection_call_id: 100,"],
        ),
        (
            Command::Alternate { agent: agent(), active: active.clone(), held: held.clone() },
            "ALTERNATE_CALL_REQ",
            vec!["active_connection_call_id: 101,", "other_connection_call_id: 100,"],
        ),
        (
            Command::CompleteTransfer { agent: agent(), held: held.clone(), active: active.clone() },
            "TRANSFER_CALL_REQ",
            vec!["active_connection_call_id: 101,", "held_connection_call_id: 100,", "dialed_number: None"],
        ),
        (
            Command::CompleteConference { agent: agent(), held: held.clone(), active: active.clone() },
            "CONFERENCE_CALL_REQ",
            vec!["active_connection_call_id: 101,", "held_connection_call_id: 100,"],
        ),
        (
            Command::BlindTransfer { agent: agent(), call: active.clone(), destination: destination() },
            "TRANSFER_CALL_REQ",
            vec![
                "active_connection_call_id: 101,",
                "held_connection_call_id: 4294967295,",
                r#"dialed_number: Some("2003")"#,
            ],
        ),
        (
            Command::BlindConference { agent: agent(), call: active.clone(), destination: destination() },
            "CONFERENCE_CALL_REQ",
            vec![r#"dialed_number: Some("2003")"#],
        ),
        (
            Command::SetData {
                agent: agent(),
                call: active.clone(),
                data: vec![("callVariable3".into(), "x".into()), ("wrapup".into(), "".into())],
            },
            "SET_CALL_DATA_REQ",
            vec![
                "connection_call_id: 101,",
                "call_type: 1,",
                r#"call_variable3: Some("x")"#,
                r#"call_wrapup_data: Some("")"#,
            ],
        ),
        (
            Command::Dtmf { agent: agent(), call: active.clone(), digits: "12*#".into() },
            "SEND_DTMF_SIGNAL_REQ",
            vec!["connection_call_id: 101,", "tone_duration: 0,", r#"dtmf_string: Some("12*#")"#],
        ),
        (
            Command::Complete { agent: agent(), call: active, disposition: Some("sold".into()) },
            "SET_CALL_DATA_REQ",
            vec![r#"call_wrapup_data: Some("sold")"#],
        ),
    ]
}

#[test]
fn each_command_is_one_request_and_one_answer() {
    let (mut bench, one, two) = on_two_calls();
    for (command, message, parts) in asked(&one, &two) {
        let what = format!("{command:?}");
        assert_eq!(bench.ask(command, None), Outcome::Done, "{what}");
        let received = std::mem::take(&mut bench.server.received);
        let [(name, text)] = &received[..] else { panic!("{what}: {received:?}") };
        assert_eq!(*name, message, "{what}");
        for part in parts {
            assert!(text.contains(part), "{what}: {text}");
        }
    }
    assert_eq!(bench.adapter.diagnostics().unexpected, 0);
}

#[test]
fn a_command_that_is_not_answered_is_refused_at_its_deadline_and_only_then() {
    let (mut bench, one, two) = on_two_calls();
    bench.server.reply = Reply::Silence;
    let requests: Vec<_> = asked(&one, &two).into_iter().map(|(command, ..)| bench.command(command, None)).collect();
    bench.seconds(9);
    assert!(requests.iter().all(|request| bench.answer(*request).is_none()));
    bench.seconds(1);
    for request in &requests {
        let Some(Outcome::Refused(refusal)) = bench.answer(*request) else { panic!() };
        assert_eq!(refusal.kind, RefusalKind::Unavailable);
    }
    assert_eq!(bench.adapter.diagnostics().commands_late, requests.len() as u64);
    // What comes later answers nothing.
    for invoke_id in 1..60 {
        bench.say(m::HoldCallConf { invoke_id, ..Default::default() });
        bench.say(m::FailureConf { invoke_id, status: 17, ..Default::default() });
    }
    assert!(requests.iter().all(|request| bench.answer(*request).is_some()));
}

#[test]
fn the_platforms_no_has_a_kind_and_both_numbers() {
    let (mut bench, _, two) = on_two_calls();
    let kinds = [
        (Reply::Control(24, 0), RefusalKind::Other),
        (Reply::Control(11, 0), RefusalKind::Other),
        (Reply::Control(1009, 88015), RefusalKind::Other),
        (Reply::Control(33, 88005), RefusalKind::Other),
        (Reply::Control(40_000, 123), RefusalKind::Other),
        (Reply::Control(256, 0), RefusalKind::Credentials),
        (Reply::Control(257, 0), RefusalKind::Credentials),
        (Reply::Control(258, 0), RefusalKind::Credentials),
        (Reply::Control(289, 0), RefusalKind::Credentials),
        (Reply::Status(36), RefusalKind::Credentials),
        (Reply::Status(9), RefusalKind::State),
        (Reply::Status(10), RefusalKind::Busy),
        (Reply::Status(13), RefusalKind::UnknownCall),
        (Reply::Status(92), RefusalKind::Unavailable),
        (Reply::Status(4_711), RefusalKind::Other),
    ];
    for (reply, kind) in kinds {
        bench.server.reply = reply;
        let outcome = bench.ask(Command::Hold { agent: "ann".into(), call: two.clone() }, None);
        let Outcome::Refused(refusal) = outcome else { panic!("{outcome:?}") };
        assert_eq!(refusal.kind, kind, "{reply:?}");
        let numbers: Vec<u32> = match reply {
            Reply::Control(failure, ccx) => vec![failure.into(), ccx],
            Reply::Status(number) => vec![number],
            Reply::Confirm | Reply::Silence => vec![],
        };
        assert!(numbers.iter().all(|number| refusal.text.contains(&number.to_string())), "{}", refusal.text);
        assert!(!matches!(reply, Reply::Control(..)) || refusal.text.contains("no way"), "{}", refusal.text);
    }
}

#[test]
fn what_the_protocol_has_no_message_for_is_unsupported() {
    let (mut bench, one, _) = on_two_calls();
    let commands = [
        Command::Reject { agent: "ann".into(), call: one.clone() },
        Command::SetData { agent: "ann".into(), call: one.clone(), data: vec![("color".into(), "red".into())] },
        Command::Supervise {
            supervisor: "sue".into(),
            agent: "ann".into(),
            call: one,
            action: SuperviseAction::Listen,
        },
    ];
    for command in commands {
        let outcome = bench.ask(command, None);
        assert!(
            matches!(&outcome, Outcome::Refused(refusal) if refusal.kind == RefusalKind::Unsupported),
            "{outcome:?}"
        );
    }
    assert_eq!(bench.server.received, []);
}

#[test]
fn what_cannot_be_asked_is_refused_with_its_reason() {
    let (mut bench, one, _) = on_two_calls();
    let nobody = CallId::from("u0-99");
    let dial =
        |destination: &str| Command::Dial { agent: "ann".into(), destination: destination.into(), data: Vec::new() };
    let digits = |digits: &str| Command::Dtmf { agent: "ann".into(), call: one.clone(), digits: digits.into() };
    let lines = [
        (Command::Hold { agent: "ann".into(), call: nobody }, RefusalKind::UnknownCall),
        (Command::Hold { agent: "zoe".into(), call: one.clone() }, RefusalKind::UnknownAgent),
        (Command::Dial { agent: "zoe".into(), destination: "1".into(), data: Vec::new() }, RefusalKind::UnknownAgent),
        (
            Command::Dial { agent: "ann".into(), destination: "1".into(), data: vec![("color".into(), "red".into())] },
            RefusalKind::Unsupported,
        ),
        (dial(""), RefusalKind::Destination),
        (dial(&"1".repeat(40)), RefusalKind::Destination),
        (dial("12\n3"), RefusalKind::Destination),
        (digits(""), RefusalKind::Other),
        (digits("1x"), RefusalKind::Other),
        (digits(&"1".repeat(32)), RefusalKind::Other),
        (
            Command::SetState { agent: "ann".into(), state: AgentState::Talking, reason: None, by: None },
            RefusalKind::State,
        ),
        (
            Command::SetState {
                agent: "ann".into(),
                state: AgentState::NotReady,
                reason: Some("lunch".into()),
                by: None,
            },
            RefusalKind::Other,
        ),
    ];
    for (command, kind) in lines {
        let outcome = bench.ask(command, None);
        assert!(matches!(&outcome, Outcome::Refused(refusal) if refusal.kind == kind), "{kind:?}: {outcome:?}");
    }
    bench.server.reachable = [false, false];
    bench.cut_off();
    let outcome = bench.ask(dial("2003"), None);
    assert!(matches!(&outcome, Outcome::Refused(refusal) if refusal.kind == RefusalKind::Unavailable), "{outcome:?}");
}

#[test]
fn a_dialled_call_has_its_id_before_its_first_event() {
    let (mut bench, ..) = on_two_calls();
    let Outcome::Call { call } =
        bench.ask(Command::Dial { agent: "ann".into(), destination: "+15550177".into(), data: Vec::new() }, None)
    else {
        panic!()
    };
    bench.take();
    bench.say(begin(bench.server.next_call, 9, "2001", "+15550177"));
    assert!(matches!(&bench.calls()[..], [CallEvent::Began { call: own, .. }] if *own == call));
    bench.take();
    bench.say(end(bench.server.next_call));
    assert!(matches!(&bench.calls()[..], [CallEvent::Ended { call: own, .. }] if *own == call));

    // One that is announced and never begins is forgotten, and nothing is told of it.
    bench.ask(Command::Dial { agent: "ann".into(), destination: "+15550178".into(), data: Vec::new() }, None);
    bench.take();
    assert_eq!(bench.adapter.diagnostics().calls, 3);
    bench.seconds(61);
    assert_eq!(bench.take(), []);
    assert_eq!(bench.adapter.diagnostics().calls, 2);
}

#[test]
fn a_consultation_knows_what_it_is_for_before_it_is_confirmed() {
    let (mut bench, one, two) = on_two_calls();
    bench.server.reply = Reply::Silence;
    // Ann holds the first call; the consultation asked for is for the second.
    bench.command(Command::Consult { agent: "ann".into(), call: two.clone(), destination: "2003".into() }, None);
    assert!(bench.server.received[0].1.contains("consult_type: 1,"));
    bench.say(begin(300, 12, "2001", "2003"));
    assert!(matches!(&bench.calls()[..], [CallEvent::Began { consults: Some(call), .. }] if *call == two), "not {one}");
}

#[test]
fn passwords_are_checked_where_the_protocol_can() {
    let verify = |agent: &str| Command::Verify { agent: agent.into() };
    let refused = |outcome: &Outcome| match outcome {
        Outcome::Refused(refusal) => Some(refusal.kind),
        _ => None,
    };
    let is = |outcome: Outcome, id: &str| matches!(outcome, Outcome::Verified { agent } if agent.as_str() == id);

    let mut bench = Bench::up(Server::default());
    bench.server.received.clear();
    // Logged out: whoever is configured passes, the login checks.
    assert!(is(bench.ask(verify("CAT"), Some("pw")), "cat"), "as the platform spells it");
    assert_eq!(refused(&bench.ask(verify("cat"), Some(""))), Some(RefusalKind::Credentials));
    assert_eq!(refused(&bench.ask(verify("cat"), None)), Some(RefusalKind::Credentials));
    assert_eq!(refused(&bench.ask(verify("zoe"), Some("pw"))), Some(RefusalKind::Credentials));
    assert_eq!(bench.server.received, []);
    let login = Command::Login { agent: "cat".into(), extension: None };
    assert_eq!(bench.ask(login.clone(), Some("pw")), Outcome::Done);
    let (name, text) = bench.server.received.remove(0);
    assert_eq!(name, "SET_AGENT_STATE_REQ");
    for part in ["agent_state: 0,", r#"agent_extension: Some("2003")"#, "agent_password: Some(Secret(..))"] {
        assert!(text.contains(part), "{text}");
    }
    bench.server.reply = Reply::Control(257, 0);
    assert_eq!(refused(&bench.ask(login, Some("wrong"))), Some(RefusalKind::Credentials));
    // Logged in: by logging in again.
    assert_eq!(refused(&bench.ask(verify("ann"), Some("wrong"))), Some(RefusalKind::Credentials));
    bench.server.reply = Reply::Confirm;
    assert!(is(bench.ask(verify("ann"), Some("right")), "ann"));

    let with = |password_check| {
        let mut bench = Bench::with(Server::default(), UccxConfig { password_check, ..config() });
        bench.tick();
        bench
    };
    assert!(is(with(PasswordCheck::Trust).ask(verify("ann"), Some("whatever")), "ann"));
    assert_eq!(refused(&with(PasswordCheck::Refuse).ask(verify("cat"), Some("pw"))), Some(RefusalKind::Unsupported));
}

#[test]
fn work_is_finished_by_becoming_ready() {
    let mut bench = Bench::up(Server::default());
    bench.say(state("ann", "2001", agent_state::WORK, 0));
    bench.server.received.clear();
    let complete = || Command::Complete { agent: "ann".into(), call: "gone".into(), disposition: None };
    assert_eq!(bench.ask(complete(), None), Outcome::Done);
    assert!(bench.server.received[0].1.contains("agent_state: 3,"));
    bench.say(state("ann", "2001", agent_state::READY, 0));
    bench.server.received.clear();
    assert_eq!(bench.ask(complete(), None), Outcome::Done);
    assert_eq!(bench.server.received, [], "there is nothing to finish");
}

#[test]
fn too_many_commands_are_refused_at_once() {
    let mut bench = Bench::with(Server::default(), UccxConfig { commands_max: 3, ..config() });
    bench.tick();
    bench.server.reply = Reply::Silence;
    let ready = || Command::SetState { agent: "ann".into(), state: AgentState::Ready, reason: None, by: None };
    for number in 1..=5 {
        let request = bench.command(ready(), None);
        assert_eq!(bench.answer(request).is_some(), number > 3);
    }
    bench.seconds(11);
    let answers = bench.events.iter().filter(|event| matches!(event, Event::Answer(_))).count();
    assert_eq!(answers, 5);
}

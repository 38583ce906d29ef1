//! Control by a session of the agent's own, where the bridge session is not granted it.

use interaction_core::cti::uccx::UccxConfig;
use interaction_core::cti::uccx::codec::messages as m;
use interaction_core::cti::uccx::codec::names::{agent_state, services, status};
use interaction_core::cti::{AgentState, Command, Event, Outcome, RefusalKind};

use crate::bench::{Bench, config};
use crate::frames::{AGENT, OUTSIDE, begin, delivered};
use crate::server::{GRANTED, Reply, Server, counts, state};

/// What a bridge session gets that may only watch.
const WATCHING: u32 = GRANTED & !(services::CLIENT_CONTROL | services::CALL_DATA_UPDATE);

fn watching() -> Bench {
    Bench::up(Server { services: WATCHING, ..Server::default() })
}

fn ready(agent: &str) -> Command {
    Command::SetState { agent: agent.into(), state: AgentState::Ready, reason: None, by: None }
}

fn dial(agent: &str) -> Command {
    Command::Dial { agent: agent.into(), destination: "2003".into(), data: Vec::new() }
}

fn refused(outcome: Outcome) -> (RefusalKind, String) {
    match outcome {
        Outcome::Refused(refused) => (refused.kind, refused.text.to_string()),
        other => panic!("{other:?} is no refusal"),
    }
}

#[test]
fn one_session_for_each_agent_carries_what_is_asked() {
    let mut bench = watching();
    bench.server.received.clear();
    assert_eq!(bench.ask(ready("ann"), None), Outcome::Done);
    assert_eq!(bench.beside.len(), 1);
    let (name, open) = &bench.server.received[0];
    assert_eq!(*name, "OPEN_REQ");
    for part in [r#"agent_id: Some("ann")"#, r#"agent_instrument: Some("2001")"#, r#"agent_extension: Some("2001")"#] {
        assert!(open.contains(part), "{open}");
    }
    let wanted = services::CLIENT_EVENTS | services::CLIENT_CONTROL | services::CALL_DATA_UPDATE;
    assert!(open.contains(&format!("services_requested: {wanted},")), "{open}");
    assert!(open.contains("call_msg_mask: 0, agent_state_mask: 0,"), "what happens is told by the bridge: {open}");

    assert!(matches!(bench.ask(dial("ann"), None), Outcome::Call { .. }));
    assert_eq!(bench.beside.len(), 1, "the session is used again");
    assert_eq!(bench.ask(ready("bob"), None), Outcome::Done);
    assert_eq!(bench.beside.len(), 2);
    assert_eq!(bench.adapter.diagnostics().agent_sessions, 2);
    assert_eq!(counts(&bench.server)["OPEN_REQ"], 2);
    assert_eq!(bench.events.iter().filter(|event| !matches!(event, Event::Answer(_))).count(), 0);
}

#[test]
fn control_is_offered_by_sessions_of_agents_unless_those_are_off() {
    let platform = |agent_sessions_max| {
        let server = Server { services: WATCHING, ..Server::default() };
        let mut bench = Bench::with(server, UccxConfig { agent_sessions_max, ..config() });
        bench.tick();
        let Some(Event::Up(platform)) = bench.events.first().cloned() else { panic!("not up") };
        (bench, platform.offers.telephony)
    };
    assert!(platform(1).1);
    let (mut bench, offered) = platform(0);
    assert!(!offered);
    assert_eq!(refused(bench.ask(dial("ann"), None)).0, RefusalKind::Unsupported);
    assert!(bench.beside.is_empty());
    let (mut bench, _) = platform(1);
    assert_eq!(bench.ask(ready("ann"), None), Outcome::Done);
    assert_eq!(refused(bench.ask(ready("bob"), None)).0, RefusalKind::Unavailable);
}

#[test]
fn a_bridge_session_that_may_control_does_so_itself() {
    let mut bench = Bench::up(Server::default());
    assert_eq!(bench.ask(ready("ann"), None), Outcome::Done);
    assert!(bench.beside.is_empty());
    let state_only = services::AGENT_STATE_CONTROL_ONLY | services::ALL_EVENTS | services::CONFIG_EVENTS;
    let refuses_services = services::CLIENT_CONTROL;
    let server = Server { services: state_only, refuses_services, ..Server::default() };
    let mut bench = Bench::new(server);
    bench.tick();
    bench.seconds(30);
    assert_eq!(bench.ask(ready("ann"), None), Outcome::Done);
    assert!(bench.beside.is_empty(), "states are the bridge session's");
}

#[test]
fn a_login_goes_over_the_session_of_who_logs_in_and_its_end_closes_that() {
    let mut bench = watching();
    bench.server.received.clear();
    let login = Command::Login { agent: "cat".into(), extension: Some("2077".into()) };
    assert_eq!(bench.ask(login, Some("hunter2")), Outcome::Done);
    let [(_, open), (name, login)] = &bench.server.received[..] else { panic!("{:?}", bench.server.received) };
    assert!(open.contains(r#"agent_instrument: Some("2077")"#), "{open}");
    assert!(*name == "SET_AGENT_STATE_REQ" && login.contains("agent_state: 0,"), "{login}");
    assert!(!format!("{:?}", bench.adapter).contains("hunter2"));
    bench.say(state("cat", "2077", agent_state::NOT_READY, 0));
    bench.server.received.clear();
    bench.say(state("cat", "2077", agent_state::LOGOUT, 0));
    assert!(bench.beside.is_empty());
    assert_eq!(counts(&bench.server)["CLOSE_REQ"], 1);
}

#[test]
fn a_session_that_is_refused_refuses_what_was_asked_and_is_left_alone_for_a_while() {
    let mut bench = watching();
    bench.server.agent_refusal = Some(status::AGENT_NOT_LOGGED_ON);
    let (kind, text) = refused(bench.ask(ready("ann"), None));
    assert!(kind == RefusalKind::State && text.contains("status 9 AGENT_NOT_LOGGED_ON"), "{text}");
    assert!(bench.beside.is_empty());
    bench.server.agent_refusal = None;
    bench.server.received.clear();
    assert_eq!(refused(bench.ask(ready("ann"), None)).0, RefusalKind::State);
    assert!(bench.server.received.is_empty());
    bench.seconds(11);
    assert_eq!(bench.ask(ready("ann"), None), Outcome::Done);
}

#[test]
fn a_session_without_control_says_so() {
    let mut bench = Bench::up(Server { services: WATCHING, agent_services: 1, ..Server::default() });
    assert_eq!(refused(bench.ask(ready("ann"), None)).0, RefusalKind::Unsupported);
    let server = Server { services: WATCHING, agent_services: 1 | services::CLIENT_CONTROL, ..Server::default() };
    let mut bench = Bench::up(server);
    bench.say(begin(100, 1, "+15550100", "6000"));
    bench.say(delivered(100, AGENT, "2001", (OUTSIDE, "+15550100")));
    let call = bench.calls().iter().find_map(|event| match event {
        interaction_core::cti::CallEvent::Began { call, .. } => Some(call.clone()),
        _ => None,
    });
    let data = vec![("callVariable1".into(), "x".into())];
    let set = Command::SetData { agent: "ann".into(), call: call.expect("a call"), data };
    assert_eq!(refused(bench.ask(set, None)).0, RefusalKind::Unsupported);
    assert_eq!(bench.ask(ready("ann"), None), Outcome::Done);
}

#[test]
fn what_is_open_is_refused_once_where_a_session_or_the_bridge_ends() {
    let mut bench = watching();
    bench.server.reply = Reply::Silence;
    let request = bench.command(ready("ann"), None);
    let connection = *bench.beside.keys().next().expect("a session");
    let why = "reset by peer";
    let gone = interaction_core::cti::AdapterInput::Disconnected { connection, why };
    interaction_core::cti::Adapter::handle_input(&mut bench.adapter, bench.now, gone);
    bench.drain();
    assert_eq!(refused(bench.answer(request).expect("an answer")).0, RefusalKind::Unavailable);
    assert!(!bench.events.iter().any(|event| matches!(event, Event::Down { .. })), "the bridge session stays");

    bench.beside.clear();
    let request = bench.command(ready("ann"), None);
    assert_eq!(bench.beside.len(), 1);
    bench.cut_off();
    assert_eq!(refused(bench.answer(request).expect("an answer")).0, RefusalKind::Unavailable);
    assert!(bench.beside.is_empty());
    bench.seconds(60);
    bench.server.reply = Reply::Control(22, 88005);
    let (kind, text) = refused(bench.ask(ready("ann"), None));
    assert!(kind == RefusalKind::Other && text.contains("22") && text.contains("88005") && text.contains("no way"));
}

#[test]
fn a_session_is_kept_alive_and_given_up_when_it_is_not() {
    let mut bench = watching();
    assert_eq!(bench.ask(ready("ann"), None), Outcome::Done);
    bench.seconds(300);
    assert_eq!(bench.beside.len(), 1);
    let connection = *bench.beside.keys().next().expect("a session");
    let mut bytes = Vec::new();
    let closed = m::FailureEvent { status: status::CLIENT_DISCONNECTED, ..m::FailureEvent::default() };
    closed.encode(bench.server.widths, &mut bytes).expect("encodes");
    for piece in bytes.chunks(3) {
        let input = interaction_core::cti::AdapterInput::Received { connection, bytes: piece };
        interaction_core::cti::Adapter::handle_input(&mut bench.adapter, bench.now, input);
        bench.drain();
    }
    assert!(bench.beside.is_empty());
    assert_eq!(bench.ask(ready("ann"), None), Outcome::Done, "the next command opens another one");
}

#[test]
fn a_server_that_never_opens_the_session_is_not_waited_for() {
    let mut bench = watching();
    bench.server.agent_refusal = Some(u32::MAX);
    bench.server.reachable = [false; 2];
    let request = bench.command(ready("ann"), None);
    assert_eq!(refused(bench.answer(request).expect("an answer")).0, RefusalKind::Unavailable);
    bench.server.reachable = [true; 2];
    bench.server.reply = Reply::Silence;
    bench.server.agent_refusal = None;
    let late = bench.command(ready("bob"), None);
    bench.seconds(20);
    assert_eq!(refused(bench.answer(late).expect("an answer")).0, RefusalKind::Unavailable);
    assert_eq!(bench.adapter.diagnostics().commands_late, 1);
}

#[test]
fn a_supervisor_acts_by_a_session_of_the_supervisors_own() {
    let mut bench = watching();
    bench.server.received.clear();
    let by = Some("sue".into());
    let force = Command::SetState { agent: "ann".into(), state: AgentState::NotReady, reason: None, by };
    assert_eq!(bench.ask(force, None), Outcome::Done);
    let [(_, open), (_, set)] = &bench.server.received[..] else { panic!("{:?}", bench.server.received) };
    assert!(open.contains(r#"agent_id: Some("sue")"#), "{open}");
    assert!(set.contains(r#"agent_id: Some("ann")"#) && set.contains(r#"agent_instrument: Some("2001")"#), "{set}");
}

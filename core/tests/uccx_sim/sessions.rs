//! Sessions: what opens one, what refuses it, who hears what, and what ends it.

use std::time::Duration;

use interaction_core::cti::simulator::Scenario;
use interaction_core::cti::uccx::codec::messages as m;
use interaction_core::cti::uccx::codec::names::{agent_state, services};
use interaction_core::cti::uccx::codec::{Secret, Widths};
use interaction_core::cti::uccx::sim::{ClientId, SimConfig};

use crate::raw::{Raw, bridge, of_agent};
use crate::same::small;

fn silent() -> Raw {
    Raw::new(&Scenario::default(), SimConfig::default())
}

fn log_in<'a>(agent: &'a str, password: &'a str, line: &'a str) -> m::SetAgentStateReq<'a> {
    m::SetAgentStateReq {
        invoke_id: 7,
        agent_state: agent_state::LOGIN,
        agent_instrument: Some(line.into()),
        agent_password: Some(Secret::new(password.as_bytes())),
        agent_id: Some(agent.into()),
        ..Default::default()
    }
}

fn state(line: &str, state: u16) -> m::SetAgentStateReq<'_> {
    m::SetAgentStateReq { invoke_id: 8, agent_state: state, agent_instrument: Some(line.into()), ..Default::default() }
}

fn answered(raw: &mut Raw, client: ClientId) -> Vec<String> {
    raw.pass(Duration::from_millis(10));
    raw.heard(client)
}

#[test]
fn an_open_request_is_refused_for_what_is_wrong_with_it() {
    let agent_in_bridge = m::OpenReq { agent_id: Some("2001".into()), ..bridge() };
    let both_modes = m::OpenReq { services_requested: services::ALL_EVENTS | services::CLIENT_EVENTS, ..bridge() };
    for (request, node, status) in [
        (bridge(), 1, 92),
        (m::OpenReq { version_number: 9, ..bridge() }, 0, 1),
        (m::OpenReq { version_number: 19, ..bridge() }, 0, 1),
        (m::OpenReq { resv_12: 1, ..bridge() }, 0, 7),
        (m::OpenReq { idle_timeout: 19, ..bridge() }, 0, 18),
        (m::OpenReq { idle_timeout: 120, ..bridge() }, 0, 18),
        (both_modes, 0, 3),
        (agent_in_bridge, 0, 8),
        (of_agent("nobody"), 0, 8),
        (m::OpenReq { agent_id: None, ..of_agent("2001") }, 0, 6),
    ] {
        let mut raw = silent();
        let client = raw.connect(node);
        raw.say(client, request);
        let heard = raw.heard(client);
        let refused = format!("status: {status},");
        assert!(heard.len() == 1 && heard[0].starts_with("FailureConf") && heard[0].contains(&refused), "{heard:?}");
        // It may ask again on the same connection.
        raw.say(client, bridge());
        let opened = raw.heard(client)[0].starts_with("OpenConf");
        assert_eq!(opened, node == 0);
    }
}

#[test]
fn a_password_is_asked_for_where_there_is_one() {
    let password = interaction_core::secret::Secret::new("letmein".into());
    let config = SimConfig { client_password: Some(password), ..SimConfig::default() };
    let mut raw = Raw::new(&Scenario::default(), config);
    let client = raw.connect(0);
    for wrong in [None, Some(Secret::new(b"letmeout"))] {
        raw.say(client, m::OpenReq { client_password: wrong, ..bridge() });
        assert!(raw.heard(client)[0].contains("status: 36,"));
    }
    raw.say(client, m::OpenReq { client_password: Some(Secret::new(b"letmein")), ..bridge() });
    assert!(raw.heard(client)[0].starts_with("OpenConf"));
    assert!(raw.notes.iter().all(|note| !note.contains("letme")), "{:?}", raw.notes);
}

#[test]
fn nothing_but_open_request_is_answered_before_it_and_nothing_unknown_after() {
    let mut raw = silent();
    let client = raw.connect(0);
    raw.say(client, m::HeartbeatReq { invoke_id: 5, ..Default::default() });
    let heard = raw.heard(client);
    assert!(heard[0].contains("invoke_id: 5") && heard[0].contains("status: 4,"), "{heard:?}");
    raw.say(client, bridge());
    raw.say(client, bridge());
    assert!(raw.heard(client)[1].contains("status: 5,"));
    raw.bytes(client, &[0, 0, 0, 4, 0, 0, 3, 0, 0, 0, 0, 9]);
    let heard = raw.heard(client);
    assert!(heard[0].contains("invoke_id: 9") && heard[0].contains("status: 2,"), "{heard:?}");
    raw.bytes(client, &[0, 0, 0, 4, 0, 0, 0, 56, 0, 0, 0, 10]);
    assert!(raw.heard(client)[0].contains("status: 23,"), "a body too short");
    raw.say(client, m::HoldCallReq { invoke_id: 11, resv_4: 2, ..Default::default() });
    assert!(raw.heard(client)[0].contains("status: 7,"));
    raw.say(client, m::OpenConf::default());
    assert!(raw.heard(client)[0].contains("status: 2,"), "a message of the server's");
    raw.bytes(client, &[0xFF; 8]);
    assert_eq!(raw.closed, [client], "a stream without boundaries");
}

#[test]
fn who_is_silent_or_says_goodbye_is_closed() {
    let mut raw = silent();
    let (idle, alive) = (raw.open(m::OpenReq { idle_timeout: 20, ..bridge() }), raw.open(bridge()));
    let never = raw.connect(0);
    raw.pass(Duration::from_secs(19));
    raw.say(alive, m::HeartbeatReq::default());
    raw.pass(Duration::from_secs(1));
    assert_eq!(raw.closed, [idle]);
    raw.pass(Duration::from_secs(40));
    assert_eq!(raw.closed, [idle, never]);
    raw.say(alive, m::CloseReq { invoke_id: 3, ..Default::default() });
    assert_eq!(raw.heard(alive).last().map(|last| last.starts_with("CloseConf")), Some(true));
    assert_eq!(raw.closed, [idle, never, alive]);
    assert_eq!(raw.sim.clients(), 0);
}

#[test]
fn services_are_granted_as_configured() {
    for (config, control) in
        [(SimConfig::default(), true), (SimConfig { bridge_control: false, ..SimConfig::default() }, false)]
    {
        let mut raw = Raw::new(&Scenario::default(), config);
        let (bridge, agent) = (raw.open(bridge()), raw.open(of_agent("2001")));
        for (client, granted) in [(bridge, control), (agent, true)] {
            raw.say(client, log_in("2001", "2001", "42001"));
            let heard = answered(&mut raw, client);
            let failed = heard.iter().any(|message| message.contains("ccx_error_code: 88018"));
            assert_eq!(failed, !granted, "{heard:?}");
        }
    }
    let mut raw = silent();
    let client = raw.open(m::OpenReq { services_requested: services::ALL_EVENTS, ..bridge() });
    raw.say(client, m::ConfigRequestEvent { configuration_mask: 0x0F, ..Default::default() });
    assert!(raw.heard(client)[0].contains("ConfigEndEvent { status: 1,"));
    raw.say(client, m::TeamConfigReq { config_param: 1, ..Default::default() });
    assert_eq!(raw.heard(client).len(), 1, "no team without SUPERVISOR");
}

#[test]
fn several_clients_hear_the_same_and_an_agent_only_of_itself() {
    let mut raw = silent();
    let (one, two) = (raw.open(bridge()), raw.open(bridge()));
    let (own, other) = (raw.open(of_agent("2001")), raw.open(of_agent("2002")));
    for (agent, line) in [("2001", "42001"), ("2002", "42002"), ("2003", "42003")] {
        raw.say(one, log_in(agent, agent, line));
    }
    raw.say(
        one,
        m::MakeCallReq {
            invoke_id: 9,
            agent_instrument: Some("42001".into()),
            dialed_number: Some("42003".into()),
            call_variable2: Some("blue".into()),
            ..Default::default()
        },
    );
    raw.pass(Duration::from_secs(1));
    let (first, second) = (raw.heard(one), raw.heard(two));
    let events: Vec<&String> = first.iter().filter(|message| message.contains("Event {")).collect();
    assert_eq!(events, second.iter().collect::<Vec<_>>());
    let place =
        |name: &str| first.iter().position(|message| message.starts_with(name)).unwrap_or_else(|| panic!("{name}"));
    let order =
        ["MakeCallConf", "BeginCallEvent", "CallServiceInitiatedEvent", "CallOriginatedEvent", "CallDeliveredEvent"];
    assert!(order.windows(2).all(|two| place(two[0]) < place(two[1])), "{first:#?}");
    assert!(first.iter().any(|message| message.starts_with("BeginCallEvent") && message.contains("blue")));

    let heard = raw.heard(own);
    assert!(heard.iter().any(|message| message.starts_with("CallDeliveredEvent")), "{heard:#?}");
    assert!(
        heard
            .iter()
            .filter(|message| message.starts_with("AgentStateEvent"))
            .all(|message| message.contains("\"2001\""))
    );
    let heard = raw.heard(other);
    assert!(heard.iter().all(|message| !message.contains("Call")), "{heard:#?}");

    raw.say(other, m::SetAgentStateReq { agent_id: Some("2001".into()), ..state("42001", agent_state::READY) });
    assert!(raw.heard(other)[0].contains("failure_code: 8,"), "another agent's state");
    raw.say(
        own,
        m::MakeCallReq {
            agent_instrument: Some("42002".into()),
            dialed_number: Some("42001".into()),
            ..Default::default()
        },
    );
    assert!(raw.heard(own)[0].contains("failure_code: 8,"), "another agent's line");
    let again = raw.open(of_agent("2001"));
    assert!(raw.heard(own)[0].contains("FailureEvent { status: 11,"));
    assert_eq!(raw.closed, [own]);
    // 1001 supervises the team of 2002, and 2001 leads it.
    let supervisor = raw.open(of_agent("1001"));
    raw.say(supervisor, state("42002", agent_state::READY));
    let heard = answered(&mut raw, supervisor);
    assert!(heard.iter().any(|message| message.starts_with("SetAgentStateConf")), "{heard:?}");
    raw.say(again, state("42002", agent_state::NOT_READY));
    let heard = answered(&mut raw, again);
    assert!(heard.iter().any(|message| message.starts_with("SetAgentStateConf")), "a team lead: {heard:?}");
}

#[test]
fn requests_that_lack_something_fail_with_what_they_lack() {
    let mut raw = silent();
    let client = raw.open(bridge());
    raw.say(client, log_in("2001", "wrong", "42001"));
    assert!(answered(&mut raw, client)[0].contains("failure_code: 258,"));
    raw.say(client, log_in("nobody", "nobody", "1"));
    assert!(answered(&mut raw, client)[0].contains("failure_code: 258,"));
    raw.say(client, log_in("2001", "2001", "42001"));
    answered(&mut raw, client);
    raw.say(client, m::MakeCallReq { agent_instrument: Some("42001".into()), ..Default::default() });
    assert!(raw.heard(client)[0].contains("status: 6,"));
    raw.say(client, m::MakeCallReq { dialed_number: Some("42002".into()), ..Default::default() });
    assert!(raw.heard(client)[0].contains("status: 6,"));
    raw.say(
        client,
        m::HoldCallReq { connection_call_id: 77, agent_instrument: Some("42001".into()), ..Default::default() },
    );
    assert!(raw.heard(client)[0].contains("failure_code: 11,"));
    raw.say(
        client,
        m::AnswerCallReq { connection_call_id: u32::MAX, agent_instrument: Some("42001".into()), ..Default::default() },
    );
    assert!(raw.heard(client)[0].contains("failure_code: 28,"));
    raw.say(client, state("42001", agent_state::TALKING));
    assert!(raw.heard(client)[0].contains("failure_code: 3,"));
    raw.say(client, m::SetCallDataReq { connection_call_id: 77, ..Default::default() });
    assert!(raw.heard(client)[0].contains("failure_code: 11,"));
    assert!(raw.notes.iter().all(|note| !note.contains("wrong")), "no password in {:?}", raw.notes);
}

#[test]
fn a_consultation_is_given_up_in_one_request() {
    let mut raw = silent();
    let client = raw.open(bridge());
    for (agent, line) in [("2001", "42001"), ("2002", "42002"), ("2003", "42003")] {
        raw.say(client, log_in(agent, agent, line));
    }
    answered(&mut raw, client);
    let line = Some("42001".into());
    raw.say(
        client,
        m::MakeCallReq { agent_instrument: line, dialed_number: Some("42002".into()), ..Default::default() },
    );
    let number = |heard: &[String], key: &str| -> u32 {
        let conf = heard.iter().find_map(|message| message.split(key).nth(1)).expect("a number");
        conf.split(',').next().and_then(|number| number.parse().ok()).expect("a number")
    };
    let first = number(&answered(&mut raw, client), "new_connection_call_id: ");
    raw.say(
        client,
        m::AnswerCallReq { connection_call_id: u32::MAX, agent_instrument: Some("42002".into()), ..Default::default() },
    );
    assert!(answered(&mut raw, client)[0].starts_with("AnswerCallConf"), "the call that rings");
    raw.say(
        client,
        m::ConsultCallReq {
            active_connection_call_id: first,
            agent_instrument: line,
            dialed_number: Some("42003".into()),
            ..Default::default()
        },
    );
    let second = number(&answered(&mut raw, client), "new_connection_call_id: ");
    assert_ne!(first, second);
    raw.say(
        client,
        m::ReconnectCallReq {
            active_connection_call_id: second,
            held_connection_call_id: first,
            agent_instrument: line,
            ..Default::default()
        },
    );
    raw.pass(Duration::from_secs(1));
    let heard = raw.heard(client);
    let place = |name: &str| {
        heard.iter().position(|message| message.starts_with(name)).unwrap_or_else(|| panic!("{name}: {heard:#?}"))
    };
    assert!(
        place("EndCallEvent") < place("ReconnectCallConf") && place("ReconnectCallConf") < place("CallRetrievedEvent")
    );
    raw.say(client, m::ClearCallReq { connection_call_id: first, agent_instrument: line, ..Default::default() });
    let heard = answered(&mut raw, client);
    assert!(heard[0].starts_with("ClearCallConf") && heard.iter().any(|message| message.starts_with("EndCallEvent")));
}

#[test]
fn everything_can_be_said_in_every_width_and_with_large_teams() {
    let mut scenario = small();
    (scenario.teams.count, scenario.people.agents) = (1, 200);
    for (version, widths) in [(17, Widths::V10), (18, Widths::V18)] {
        let mut raw = Raw::new(&scenario, SimConfig::default());
        raw.widths = widths;
        let client = raw.open(m::OpenReq { version_number: version, ..bridge() });
        raw.say(client, m::ConfigRequestKeyEvent::default());
        raw.say(client, m::ConfigRequestEvent { configuration_mask: 0x0F, ..Default::default() });
        raw.say(client, m::TeamConfigReq { invoke_id: 2, config_param: 1, ..Default::default() });
        let heard = raw.heard(client);
        let agents: usize = heard.iter().map(|message| message.matches("AgentRecord {").count()).sum();
        let people = &scenario.people;
        assert_eq!(agents, (people.agents + people.supervisors + people.managers) as usize);
        let teams: Vec<&String> = heard.iter().filter(|message| message.starts_with("TeamConfigEvent")).collect();
        assert!(teams.len() >= 4 && teams[0].contains("operation: 1,") && teams[1].contains("operation: 3,"));
        assert!(teams.iter().all(|team| team.matches("TeamMember {").count() <= 64));
        raw.pass(Duration::from_secs(20));
        assert!(raw.heard(client).len() > 50);
        assert!(raw.notes.iter().all(|note| !note.contains("cannot be said")), "{:?}", raw.notes);
    }
}

#[test]
fn what_is_held_back_is_bounded() {
    let mut scenario = small();
    scenario.speed = 50;
    let mut raw = Raw::new(&scenario, SimConfig::default());
    let client = raw.open(m::OpenReq { idle_timeout: 119, ..bridge() });
    raw.bring("silence");
    raw.pass(Duration::from_secs(100));
    assert_eq!(raw.closed, [client], "more than a megabyte waits for it");
    assert!(raw.heard_bytes(client).is_empty());
}

#[test]
fn clients_and_their_requests_are_bounded() {
    let mut raw = silent();
    let clients: Vec<ClientId> = (0..1_001).map(|_| raw.connect(0)).collect();
    assert_eq!(raw.closed, [clients[1_000]]);
    raw.say(clients[0], bridge());
    raw.heard(clients[0]);
    for _ in 0..257 {
        raw.say(clients[0], log_in("2001", "2001", "42001"));
    }
    let heard = raw.heard(clients[0]);
    assert!(heard.len() == 1 && heard[0].contains("failure_code: 32,"), "{heard:?}");
    assert_eq!(answered(&mut raw, clients[0]).iter().filter(|one| one.starts_with("SetAgentStateConf")).count(), 256);
}

//! Opening a session and reading everything.

use std::time::Duration;

use interaction_core::cti::uccx::codec::names::{agent_state, services, status};
use interaction_core::cti::uccx::codec::{Widths, messages as m};
use interaction_core::cti::uccx::{NodeRole, Phase, UccxAdapter, UccxConfig};
use interaction_core::cti::{Adapter, AgentState, Event, Role};
use interaction_core::secret::Secret;

use crate::bench::{Bench, START, config};
use crate::server::{Reply, Server, counts, state};

#[test]
fn everything_is_read_and_told_as_one_resynchronisation() {
    let mut bench = Bench::new(Server::default());
    assert_eq!(bench.adapter.poll_timeout(), Some(START));
    bench.tick();
    let Some(Event::Up(platform)) = bench.events.first() else { panic!("{:?}", bench.events) };
    assert_eq!(&*platform.vendor, "Cisco UCCX");
    assert!(platform.offers.telephony && platform.offers.reports && platform.offers.dtmf && !platform.offers.recording);
    assert_eq!(bench.events[1], Event::ResyncBegin);
    assert_eq!(bench.events.last(), Some(&Event::ResyncEnd));
    let names: Vec<(&str, &str)> = bench.server.received.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let order: Vec<&str> = names.iter().map(|(name, _)| *name).take(4).collect();
    assert_eq!(order, ["OPEN_REQ", "CONFIG_REQUEST_KEY_EVENT", "CONFIG_REQUEST_EVENT", "TEAM_CONFIG_REQ"]);
    assert!(names[0].1.contains("services_requested: 262294"), "{}", names[0].1);
    assert!(names[0].1.contains("Secret(..)"), "the password is sent, and not shown");
    let told: Vec<String> = bench.events.iter().map(|event| format!("{event:?}")).collect();
    let told = told.join("\n");
    assert!(told.contains(r#"QueueRecord { id: "31", name: "Gold" }"#), "{told}");
    assert!(told.contains(r#"AgentRecord { id: "ann", name: "Ann Archer", extension: Some("2001") }"#), "{told}");
    assert!(told.contains(r#"TeamRecord { id: "7", name: "Sales""#), "{told}");
    assert!(told.contains(r#"agent: "ann", state: Ready, reason: """#), "{told}");
    assert!(told.contains(r#"agent: "cat", state: LoggedOut"#), "{told}");
    assert_eq!(counts(&bench.server)["QUERY_AGENT_STATE_REQ"], 4);
    let diagnostics = bench.adapter.diagnostics();
    assert_eq!((diagnostics.phase, diagnostics.version, diagnostics.node), (Phase::InService, Some(17), Some(0)));
    assert_eq!(diagnostics.services_granted, 0x0004_0096);
    assert_eq!((diagnostics.agents, diagnostics.teams, diagnostics.queues), (4, 1, 2));
    assert_eq!(diagnostics.nodes[0].role, NodeRole::Master);
}

#[test]
fn what_happens_while_reading_is_neither_lost_nor_doubled() {
    let mut server = Server::default();
    let frame = |message: interaction_core::cti::uccx::codec::Message<'_>| {
        let mut bytes = Vec::new();
        message.encode(Widths::V10, &mut bytes).expect("encodes");
        bytes
    };
    // Bob talks by now; the question for his state is answered from before.
    server.while_reading = vec![
        frame(state("bob", "2002", agent_state::TALKING, 0).into()),
        frame(m::BeginCallEvent { connection_call_id: 9, call_type: 1, ..Default::default() }.into()),
        frame(crate::frames::established(9, 76, "2002").into()),
    ];
    server.agents[1].state = agent_state::TALKING;
    let mut bench = Bench::new(server);
    bench.tick();
    let end = bench.events.iter().position(|event| *event == Event::ResyncEnd).expect("an end");
    let states: Vec<_> = bench.events[..end]
        .iter()
        .filter_map(|event| match event {
            Event::AgentStatus(status) if status.agent.as_str() == "bob" => Some(status.state),
            _ => None,
        })
        .collect();
    assert_eq!(states, [AgentState::Talking], "once, and as it is now");
    let after: Vec<&str> = bench.events[end + 1..].iter().map(kind).collect();
    assert_eq!(after, ["Began", "Connected"]);
    assert_eq!(bench.adapter.diagnostics().unexpected, 0);
}

#[test]
fn versions_fall_back_one_by_one() {
    let mut bench = Bench::new(Server { version_max: 13, ..Server::default() });
    bench.seconds(120);
    assert_eq!(bench.server.versions_asked, [17, 14, 13]);
    assert_eq!(bench.adapter.diagnostics().phase, Phase::InService);
    for (pair, node) in bench.connects.windows(2).zip([1, 0]) {
        assert_eq!(pair[1].1, node, "the other node");
    }
    let same: Vec<Duration> = bench.connects.iter().filter(|(_, node)| *node == 0).map(|(at, _)| *at).collect();
    assert!(same[1] - same[0] >= Duration::from_secs(10), "a node that refused is left alone: {same:?}");
}

#[test]
fn version_18_shows_its_widths_in_the_first_answer() {
    for widths in [Widths::V18, Widths::WIDE] {
        let config = UccxConfig { versions: vec![18], ..config() };
        let server = Server { version_max: 18, widths, opening: Widths::V18, ..Server::default() };
        let mut bench = Bench::with(server, config);
        bench.tick();
        assert_eq!(bench.adapter.diagnostics().phase, Phase::InService, "{widths:?}: {:?}", bench.adapter);
    }
}

#[test]
fn what_is_not_granted_is_not_offered() {
    let config = UccxConfig { agent_sessions_max: 0, ..config() };
    let mut bench = Bench::with(Server { services: 0x0004_0090, ..Server::default() }, config);
    bench.tick();
    let Some(Event::Up(platform)) = bench.events.first() else { panic!("{:?}", bench.events) };
    assert!(!platform.offers.telephony && !platform.offers.consult && platform.offers.reports);
    assert_eq!(bench.adapter.diagnostics().services_missing, services::CLIENT_CONTROL | services::CALL_DATA_UPDATE);

    let mut bench = Bench::new(Server { services: services::ALL_EVENTS, ..Server::default() });
    bench.tick();
    assert_eq!(bench.events.len(), 3, "up, and an empty truth: {:?}", bench.events);

    let mut bench = Bench::new(Server { services: services::CONFIG_EVENTS, ..Server::default() });
    bench.seconds(5);
    assert_eq!(bench.events, []);
    assert_eq!(bench.adapter.diagnostics().phase, Phase::Waiting);
}

#[test]
fn a_refused_mask_is_asked_smaller() {
    let mut bench = Bench::new(Server { refuses_services: services::CLIENT_CONTROL, ..Server::default() });
    bench.seconds(60);
    assert_eq!(bench.adapter.diagnostics().phase, Phase::InService, "{:?}", bench.adapter);
    assert_eq!(bench.adapter.diagnostics().services_granted & services::CLIENT_CONTROL, 0);
}

#[test]
fn configuration_comes_in_one_part_or_in_several_or_without_keys() {
    for (parts, keys) in [(false, true), (true, true), (false, false)] {
        let server = Server { configuration_in_parts: parts, answers_keys: keys, ..Server::default() };
        let mut bench = Bench::new(server);
        bench.seconds(20);
        assert_eq!(bench.adapter.diagnostics().queues, 2, "parts {parts}, keys {keys}");
        assert_eq!(bench.adapter.diagnostics().agents, 4);
    }
}

#[test]
fn a_step_that_never_ends_ends_the_connection() {
    let mut bench = Bench::new(Server { tells_configuration: false, ..Server::default() });
    bench.seconds(40);
    assert_eq!(bench.events, [], "nothing half read is told");
    assert!(bench.connects.len() >= 2, "{:?}", bench.connects);
    let error = bench.adapter.diagnostics().last_error.expect("an error");
    assert!(error.text.contains("configuration"), "{error:?}");
}

#[test]
fn an_offline_system_is_waited_for_and_its_configuration_not_asked_for() {
    let mut bench = Bench::new(Server { online: false, ..Server::default() });
    bench.tick();
    assert_eq!(bench.adapter.diagnostics().phase, Phase::Offline);
    assert_eq!(counts(&bench.server).len(), 1, "only OPEN_REQ");
    bench.seconds(20);
    bench.say(m::SystemEvent { system_event_id: 3, ..Default::default() });
    assert_eq!(bench.adapter.diagnostics().phase, Phase::InService);
    bench.take();

    bench.say(m::SystemEvent { system_event_id: 4, ..Default::default() });
    assert!(matches!(bench.take().as_slice(), [Event::Down { .. }]));
    bench.say(state("ann", "2001", agent_state::TALKING, 0));
    assert_eq!(bench.take(), [], "nothing is told while the platform is away");
    bench.say(m::SystemEvent { system_event_id: 3, ..Default::default() });
    let events = bench.take();
    assert!(matches!(events.first(), Some(Event::Up(_))));
    assert_eq!(events.last(), Some(&Event::ResyncEnd));

    bench.say(m::SystemEvent { system_event_id: 4, ..Default::default() });
    bench.server.online = false;
    let connects = bench.connects.len();
    bench.seconds(70);
    assert!(bench.connects.len() > connects, "whoever stays offline is left for the other node");
}

#[test]
fn a_reset_of_the_configuration_is_read_and_told_without_going_down() {
    let mut bench = Bench::up(Server::default());
    bench.server.agents.remove(2);
    bench.server.teams[0].name = "Sales and more";
    bench.say(m::FailureEvent { status: status::AUTO_CONFIG_RESET, ..Default::default() });
    let events = bench.take();
    assert_eq!(events.first(), Some(&Event::ResyncBegin));
    assert_eq!(events.last(), Some(&Event::ResyncEnd));
    assert!(!events.iter().any(|event| matches!(event, Event::Up(_) | Event::Down { .. })));
    let teams: Vec<_> =
        events.iter().filter(|event| matches!(event, Event::Team(team) if &*team.name == "Sales and more")).collect();
    assert_eq!(teams.len(), 1);
    assert!(!events.iter().any(|event| matches!(event, Event::Agent(agent) if agent.id.as_str() == "cat")));
}

#[test]
fn secrets_are_sent_and_shown_nowhere() {
    let mut bench = Bench::new(Server::default());
    bench.adapter.handle_input(START, interaction_core::cti::AdapterInput::Tick);
    let shown = format!("{:?}", bench.adapter);
    assert!(!shown.contains("client-secret"));
    bench.drain();
    assert!(bench.server.raw.windows(13).any(|window| window == b"client-secret"));
    bench.server.reply = Reply::Silence;
    let login = interaction_core::cti::Command::Login { agent: "cat".into(), extension: None };
    let request = interaction_core::cti::RequestNo(1);
    let input = interaction_core::cti::AdapterInput::Command { request, command: login, secret: Some("hunter2") };
    bench.adapter.handle_input(bench.now, input);
    assert!(!format!("{:?}", bench.adapter).contains("hunter2"));
    bench.drain();
    assert!(bench.server.raw.windows(7).any(|window| window == b"hunter2"));
    bench.seconds(30);
    assert!(!format!("{:?} {:?}", bench.events, bench.adapter.diagnostics()).contains("hunter2"));
}

#[test]
fn a_configuration_that_cannot_be_names_its_key() {
    let wrong = |change: fn(&mut UccxConfig)| {
        let mut config = config();
        change(&mut config);
        UccxAdapter::new(config, None, 0, START).err().map(|error| error.key)
    };
    assert_eq!(wrong(|config| config.nodes.clear()), Some("nodes"));
    assert_eq!(wrong(|config| config.versions = vec![9]), Some("versions"));
    assert_eq!(wrong(|config| config.idle_timeout_s = 25), Some("idle_timeout_s"));
    assert_eq!(wrong(|config| config.client_id = "".into()), Some("client_id"));
    assert_eq!(wrong(|_| {}), None);
    let long = Some(Secret::new("x".repeat(65)));
    assert_eq!(UccxAdapter::new(config(), long, 0, START).err().map(|error| error.key), Some("client_password"));
}

#[test]
fn team_leads_are_a_matter_of_configuration() {
    let mut server = Server::default();
    server.teams[0].members.push(("cat".into(), 4));
    let roles = |config: UccxConfig, server: Server| {
        let mut bench = Bench::with(server, config);
        bench.tick();
        let team = bench.events.iter().find_map(|event| match event {
            Event::Team(team) => Some(team.clone()),
            _ => None,
        });
        team.expect("a team")
            .members
            .into_iter()
            .map(|member| (member.agent.to_string(), member.role))
            .collect::<Vec<_>>()
    };
    let again = |members: &Server| Server {
        teams: vec![crate::server::Team { id: 7, name: "Sales", members: members.teams[0].members.clone() }],
        ..Server::default()
    };
    let is = |id: &str, role| (id.to_owned(), role);
    let plain = roles(config(), again(&server));
    assert_eq!(
        plain,
        [is("ann", Role::Agent), is("bob", Role::Agent), is("cat", Role::Supervisor), is("sue", Role::Supervisor)]
    );
    let secondary = UccxConfig { secondary_supervisors_are_team_leads: true, ..config() };
    assert_eq!(roles(secondary, again(&server))[2], is("cat", Role::TeamLead));
    let listed = UccxConfig { team_leads: vec!["bob".into(), "sue".into()], ..config() };
    let roles = roles(listed, server);
    assert_eq!((&roles[1], &roles[3]), (&is("bob", Role::TeamLead), &is("sue", Role::Supervisor)));
}

pub(crate) fn kind(event: &Event) -> &'static str {
    match event {
        Event::Up(_) => "Up",
        Event::Down { .. } => "Down",
        Event::ResyncBegin => "ResyncBegin",
        Event::ResyncEnd => "ResyncEnd",
        Event::Call(call) => crate::frames::call_kind(call),
        _ => "other",
    }
}

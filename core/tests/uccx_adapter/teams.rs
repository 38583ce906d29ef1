//! Teams, agents and queues that change while in service.

use std::time::Duration;

use interaction_core::cti::uccx::codec::messages as m;
use interaction_core::cti::uccx::codec::names::agent_state as wire;
use interaction_core::cti::{AgentState, AgentStatus, Event, Member, Role, Server as Serving, Serves, TeamRecord};

use crate::bench::Bench;
use crate::frames::text;
use crate::server::{Agent, Server, Team, member, record, state};

fn event<'a>(operation: u16, team: u32, name: &'a str, members: &'a [m::TeamMember<'a>]) -> m::TeamConfigEvent<'a> {
    m::TeamConfigEvent {
        team_id: team,
        operation,
        team_name: text(name),
        members: members.into(),
        ..Default::default()
    }
}

fn as_(agent: &str, role: Role) -> Member {
    Member { agent: agent.into(), role }
}

fn changed(name: Option<&str>, added: Vec<Member>, removed: Vec<Member>) -> Vec<Event> {
    vec![Event::TeamChanged { team: "7".into(), name: name.map(Into::into), added, removed }]
}

#[test]
fn one_message_about_a_team_is_one_event() {
    let queue = m::TeamMember { member_type: Some(2), ..member("31", 0, 0) };
    let nothing: &[m::TeamMember<'_>] = &[];
    let (add, remove, change) = (1, 2, 3);
    // Each line begins from team 7 "Sales": Sue its primary supervisor, Ann and Bob.
    let lines: Vec<(&str, m::TeamConfigEvent<'_>, Vec<Event>)> = vec![
        ("nothing new", event(change, 7, "Sales", nothing), vec![]),
        ("renamed", event(change, 7, "Support", nothing), changed(Some("Support"), vec![], vec![])),
        ("removed", event(remove, 7, "", nothing), vec![Event::TeamRemoved { team: "7".into() }]),
        ("an unknown one removed", event(remove, 8, "", nothing), vec![]),
        (
            "added",
            event(add, 8, "New", nothing),
            vec![Event::Team(TeamRecord { id: "8".into(), name: "New".into(), members: vec![] })],
        ),
    ];
    for (what, event, expected) in lines {
        let mut bench = Bench::up(Server::default());
        bench.say(event);
        assert_eq!(bench.take(), expected, "{what}");
    }
    let records: Vec<(&str, Vec<m::TeamMember<'_>>, Vec<Event>)> = vec![
        ("a member comes", vec![member("cat", 0, 0)], changed(None, vec![as_("cat", Role::Agent)], vec![])),
        ("a member goes", vec![member("ann", 0, 2)], changed(None, vec![], vec![as_("ann", Role::Agent)])),
        ("a member again", vec![member("ann", 0, 0)], vec![]),
        ("a stranger goes", vec![member("cat", 0, 2)], vec![]),
        ("a temporary agent", vec![member("cat", 2, 0)], changed(None, vec![as_("cat", Role::Agent)], vec![])),
        (
            "a secondary supervisor",
            vec![member("cat", 4, 0)],
            changed(None, vec![as_("cat", Role::Supervisor)], vec![]),
        ),
        ("also a supervisor", vec![member("ann", 4, 0)], changed(None, vec![as_("ann", Role::Supervisor)], vec![])),
        (
            "another role, by leaving and coming",
            vec![member("ann", 0, 2), member("ann", 1, 0)],
            changed(None, vec![as_("ann", Role::Supervisor)], vec![as_("ann", Role::Agent)]),
        ),
        (
            "another role, by a change",
            vec![member("ann", 1, 1)],
            changed(None, vec![as_("ann", Role::Supervisor)], vec![as_("ann", Role::Agent)]),
        ),
        (
            "leaving under other flags",
            vec![member("sue", 0, 2)],
            changed(None, vec![], vec![as_("sue", Role::Supervisor)]),
        ),
        (
            "a queue is nobody",
            vec![queue],
            vec![Event::Serves(Serves { who: Serving::Team("7".into()), queues: vec!["31".into()] })],
        ),
        (
            "several at once",
            vec![member("cat", 0, 0), member("bob", 0, 2)],
            changed(None, vec![as_("cat", Role::Agent)], vec![as_("bob", Role::Agent)]),
        ),
    ];
    for (what, members, expected) in records {
        let mut bench = Bench::up(Server::default());
        bench.say(event(change, 7, "Sales", &members));
        assert_eq!(bench.take(), expected, "{what}");
    }
}

#[test]
fn a_team_told_in_full_again_is_compared() {
    let mut bench = Bench::up(Server::default());
    let members = [member("sue", 1, 0), member("ann", 0, 0), member("cat", 0, 0)];
    bench.say(event(1, 7, "Sales", &members));
    assert_eq!(bench.take(), changed(None, vec![as_("cat", Role::Agent)], vec![as_("bob", Role::Agent)]));
}

#[test]
fn a_team_of_more_members_than_a_message_holds_is_one_team() {
    let mut server = Server::default();
    let members = (0..150).map(|number| (format!("agent{number:03}"), 0)).collect();
    server.teams = vec![Team { id: 9, name: "Large", members }];
    let mut bench = Bench::new(server);
    bench.tick();
    let teams: Vec<_> = bench
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Team(team) => Some((team.id.to_string(), team.members.len())),
            _ => None,
        })
        .collect();
    assert_eq!(teams, [("9".to_owned(), 150)]);
    bench.take();
    // In service: an addition in two messages of which the first is full.
    let ids: Vec<String> = (0..70).map(|number| format!("more{number}")).collect();
    let first: Vec<_> = ids[..64].iter().map(|id| member(id, 0, 0)).collect();
    let second: Vec<_> = ids[64..].iter().map(|id| member(id, 0, 0)).collect();
    bench.say(event(1, 10, "Big", &first));
    bench.say(event(1, 10, "Big", &second));
    let [Event::Team(team), Event::TeamChanged { added, removed, .. }] = &bench.take()[..] else { panic!() };
    assert_eq!((team.members.len(), added.len(), removed.len()), (64, 6, 0));
}

fn status(agent: &str, state: AgentState, reason: &str) -> AgentStatus {
    AgentStatus {
        agent: agent.into(),
        state,
        reason: reason.into(),
        since: None,
        pending: None,
        extension: Some("2001".into()),
    }
}

#[test]
fn every_state_of_the_platform_has_its_word() {
    let lines = [
        (wire::NOT_READY, AgentState::NotReady),
        (wire::READY, AgentState::Ready),
        (wire::TALKING, AgentState::Talking),
        (wire::WORK, AgentState::Work),
        (wire::READY, AgentState::Ready),
        (wire::WORK_READY, AgentState::Work),
        (wire::RESERVED, AgentState::Reserved),
        (wire::HOLD, AgentState::Hold),
        (wire::ACTIVE, AgentState::Talking),
        (wire::PAUSED, AgentState::NotReady),
        (wire::BUSY_OTHER, AgentState::Talking),
    ];
    let mut bench = Bench::up(Server::default());
    for (number, expected) in lines {
        bench.say(state("ann", "2001", number, 0));
        assert_eq!(bench.take(), [Event::AgentStatus(status("ann", expected, ""))], "{number}");
    }
    bench.say(state("ann", "2001", wire::UNKNOWN, 0));
    let gone = AgentStatus { extension: None, ..status("ann", AgentState::LoggedOut, "") };
    assert_eq!(bench.take(), [Event::AgentStatus(gone)]);
    bench.say(state("ann", "2001", 99, 0));
    assert_eq!(bench.take(), []);
    assert_eq!(bench.adapter.diagnostics().unexpected, 1);
}

#[test]
fn a_state_is_told_once_with_its_reason_and_since_when() {
    let mut bench = Bench::up(Server::default());
    let event = |queue| m::AgentStateEvent { csq_id: queue, ..state("ann", "2001", wire::NOT_READY, 32760) };
    bench.say(event(31));
    bench.say(event(32));
    assert_eq!(bench.take(), [Event::AgentStatus(status("ann", AgentState::NotReady, "32760"))], "one for all queues");
    bench.say(m::AgentStateEvent { state_duration: 30, ..state("ann", "2001", wire::NOT_READY, 12) });
    let since = Some(bench.now - Duration::from_secs(30));
    assert_eq!(bench.take(), [Event::AgentStatus(AgentStatus { since, ..status("ann", AgentState::NotReady, "12") })]);
    let next = m::AgentStateEvent { next_agent_state: Some(wire::WORK), ..state("ann", "2001", wire::TALKING, 0) };
    bench.say(next);
    let pending = Some(AgentState::Work);
    assert_eq!(bench.take(), [Event::AgentStatus(AgentStatus { pending, ..status("ann", AgentState::Talking, "") })]);
    bench.say(state("ann", "2044", wire::TALKING, 0));
    let moved = AgentStatus {
        since: Some(bench.now),
        extension: Some("2044".into()),
        ..status("ann", AgentState::Talking, "")
    };
    assert_eq!(bench.take(), [Event::AgentStatus(moved)], "the extension, and no new beginning");
}

#[test]
fn the_configuration_changes_in_service() {
    let mut bench = Bench::up(Server::default());
    let new = Agent { id: "dan", first: "Dan", last: "", extension: "2004", state: 1 };
    let delete = m::AgentRecord { record_type: Some(2), login_id: text("bob"), ..Default::default() };
    let rename =
        m::AgentRecord { record_type: Some(1), login_id: text("ann"), last_name: text("Ames"), ..Default::default() };
    let same = m::AgentRecord { record_type: Some(1), login_id: text("cat"), ..Default::default() };
    let records = [record(&new), delete, rename, same];
    bench.say(m::ConfigAgentEvent { records: (&records).into(), ..Default::default() });
    let told: Vec<String> = bench.take().iter().map(|event| format!("{event:?}")).collect();
    assert_eq!(
        told,
        [
            r#"Agent(AgentRecord { id: "dan", name: "Dan", extension: Some("2004") })"#,
            r#"AgentRemoved { agent: "bob" }"#,
            r#"Agent(AgentRecord { id: "ann", name: "Ann Ames", extension: Some("2001") })"#,
        ]
    );
    // Who is gone from the platform is gone from the team too, and nobody is told twice.
    bench.say(event(3, 7, "Sales", &[member("bob", 0, 2)]));
    assert_eq!(bench.take(), []);
    let csq = |kind, id, name| m::CsqRecord {
        record_type: Some(kind),
        csq_id: Some(id),
        csq_name: text(name),
        ..Default::default()
    };
    let records = [csq(0, 33, "Bronze"), csq(1, 31, "Gold"), csq(1, 31, "Platinum"), csq(2, 32, "")];
    bench.say(m::ConfigCsqEvent { records: (&records).into(), ..Default::default() });
    let told: Vec<String> = bench.take().iter().map(|event| format!("{event:?}")).collect();
    assert_eq!(
        told,
        [
            r#"Queue(QueueRecord { id: "33", name: "Bronze" })"#,
            r#"Queue(QueueRecord { id: "31", name: "Platinum" })"#,
            r#"QueueRemoved { queue: "32" }"#,
        ]
    );
}

#[test]
fn who_serves_which_queue_is_told_where_it_changes() {
    let mut bench = Bench::up(Server::default());
    let serves = |who: Serving, queues: &[&str]| {
        Event::Serves(Serves { who, queues: queues.iter().map(|queue| (*queue).into()).collect() })
    };
    let ann = |csqs: &[u32]| -> Vec<m::AgentSkill<'static>> {
        csqs.iter().map(|csq| m::AgentSkill { csq_id: Some(*csq), ..Default::default() }).collect()
    };
    let say = |bench: &mut Bench, csqs: Option<&[u32]>| {
        let skills = ann(csqs.unwrap_or_default());
        let record = m::AgentRecord {
            record_type: Some(1),
            login_id: text("ann"),
            num_csq: csqs.map(|csqs| csqs.len() as u16),
            csqs: skills.as_slice().into(),
            ..Default::default()
        };
        bench.say(m::ConfigAgentEvent { records: (&[record]).into(), ..Default::default() });
        bench.take()
    };
    let agent = || Serving::Agent("ann".into());
    assert_eq!(say(&mut bench, Some(&[32, 31, 31])), [serves(agent(), &["31", "32"])]);
    assert_eq!(say(&mut bench, Some(&[31, 32])), [], "the same again");
    assert_eq!(say(&mut bench, None), [], "nothing is said of queues");
    assert_eq!(say(&mut bench, Some(&[])), [serves(agent(), &[])]);

    let queue = |id, kind| m::TeamMember { member_type: Some(2), ..member(id, 0, kind) };
    let team = || Serving::Team("7".into());
    let mut of_team = |records: Vec<m::TeamMember<'_>>| {
        bench.say(event(3, 7, "Sales", &records));
        bench.take()
    };
    assert_eq!(of_team(vec![queue("31", 0), queue("32", 0)]), [serves(team(), &["31", "32"])]);
    assert_eq!(of_team(vec![queue("31", 2), queue("no number", 0)]), [serves(team(), &["32"])]);
    assert_eq!(of_team(vec![queue("32", 0)]), []);
}

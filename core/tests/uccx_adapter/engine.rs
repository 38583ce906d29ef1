//! The adapter behind a real engine: what clients see of it is what they see of the same facts told plainly.

use interaction_core::cti::uccx::codec::names::agent_state;
use interaction_core::cti::{
    AgentRecord, AgentState, AgentStatus, Event, Member, Offers, Platform, QueueRecord, ReportKind, Role, TeamRecord,
};
use interaction_core::time::Time;

use crate::bench::{Bench, START};
use crate::frames::text;
use crate::server::{Server, member, state};
use crate::watched::Watched;

fn platform() -> Event {
    Event::Up(Platform {
        vendor: "plain".into(),
        version: "1".into(),
        offers: Offers { reports: true, ..Offers::default() },
        reports: Some(ReportKind::Uccx),
        not_ready_reasons: Vec::new(),
        logout_reasons: Vec::new(),
        wrap_up_codes: Vec::new(),
    })
}

fn status(agent: &str, state: AgentState, reason: &str, since: Option<Time>) -> Event {
    let (agent, reason) = (agent.into(), reason.into());
    Event::AgentStatus(AgentStatus { agent, state, reason, since, pending: None, extension: None })
}

fn truth(team: &str, members: &[(&str, Role)], statuses: Vec<Event>) -> Vec<Event> {
    let agent = |id: &str, name: &str| Event::Agent(AgentRecord { id: id.into(), name: name.into(), extension: None });
    let members = members.iter().map(|(agent, role)| Member { agent: (*agent).into(), role: *role }).collect();
    let mut events = vec![
        platform(),
        Event::ResyncBegin,
        Event::Queue(QueueRecord { id: "31".into(), name: "Gold".into() }),
        agent("ann", "Ann Archer"),
        agent("bob", "Bob Baker"),
        agent("cat", "Cat Cole"),
        agent("sue", "Sue Summer"),
        Event::Team(TeamRecord { id: "7".into(), name: team.into(), members }),
    ];
    events.extend(statuses);
    events.push(Event::ResyncEnd);
    events
}

#[test]
fn clients_see_of_the_adapter_what_they_see_of_plain_events() {
    let (sue, ann) = (("sue", Role::Supervisor), ("ann", Role::Agent));
    let (bob, cat) = (("bob", Role::Agent), ("cat", Role::Agent));
    let mut bench = Bench::new(Server::default());
    bench.tick();
    let mut adapted = Watched::new(START, bench.take(), &["sue"]);
    let begun =
        vec![status("ann", AgentState::Ready, "", Some(START)), status("bob", AgentState::NotReady, "", Some(START))];
    let mut plain = Watched::new(START, truth("Sales", &[sue, ann, bob], begun), &["sue"]);
    assert_eq!(adapted.seen.len(), 1, "the snapshot");

    let mut step = |bench: &mut Bench, expected: Vec<Event>| {
        adapted.tell(bench.now, bench.take());
        plain.tell(bench.now, expected);
        assert_eq!(adapted.seen, plain.seen);
        adapted.seen.len()
    };
    bench.seconds(5);
    bench.say(state("ann", "2001", agent_state::TALKING, 0));
    bench.say(state("ann", "2001", agent_state::TALKING, 0));
    assert_eq!(step(&mut bench, vec![status("ann", AgentState::Talking, "", None)]), 2);
    let talking_since = bench.now;

    bench.seconds(5);
    bench.say(state("bob", "2002", agent_state::NOT_READY, 32763));
    assert_eq!(step(&mut bench, vec![status("bob", AgentState::NotReady, "32763", None)]), 3);

    let members = [member("cat", 0, 0), member("bob", 0, 2)];
    bench.say(interaction_core::cti::uccx::codec::messages::TeamConfigEvent {
        team_id: 7,
        operation: 3,
        team_name: text("Support"),
        members: (&members).into(),
        ..Default::default()
    });
    let changed = Event::TeamChanged {
        team: "7".into(),
        name: Some("Support".into()),
        added: vec![Member { agent: "cat".into(), role: Role::Agent }],
        removed: vec![Member { agent: "bob".into(), role: Role::Agent }],
    };
    assert_eq!(step(&mut bench, vec![changed]), 6, "renamed, one left, one came");

    // The node fails; while nobody listened the team and Cat changed.
    bench.server.teams[0].name = "Support";
    bench.server.teams[0].members = vec![("sue".into(), 1), ("ann".into(), 0), ("cat".into(), 0), ("bob".into(), 4)];
    bench.server.agents[0].state = agent_state::TALKING;
    bench.server.agents[2].state = agent_state::WORK;
    bench.seconds(5);
    bench.cut_off();
    let found = vec![
        status("ann", AgentState::Talking, "", Some(talking_since)),
        status("bob", AgentState::NotReady, "32763", Some(talking_since + std::time::Duration::from_secs(5))),
        status("cat", AgentState::Work, "", Some(bench.now)),
    ];
    let mut expected = vec![Event::Down { why: "away".into() }];
    expected.extend(truth("Support", &[sue, ann, cat, ("bob", Role::Supervisor)], found));
    assert_eq!(step(&mut bench, expected), 8, "one came, one changed");
}

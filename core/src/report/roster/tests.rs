use super::{Refusal, RelationChange, Roster, TeamView};
use crate::cti::{AgentRecord, AgentState, AgentStatus, Event, Member, QueueRecord, Role, TeamRecord};
use crate::limits::{RosterLimits, TEXT_BYTES_MAX};
use crate::time::Time;

const NOW: Time = Time::from_millis(5);

fn agent(id: &str) -> Event {
    Event::Agent(AgentRecord { id: id.into(), name: "N".into(), extension: Some("100".into()) })
}

fn members(ids: &[&str]) -> Vec<Member> {
    ids.iter().map(|id| Member { agent: (*id).into(), role: Role::Agent }).collect()
}

fn team(id: &str, ids: &[&str]) -> Event {
    Event::Team(TeamRecord { id: id.into(), name: "T".into(), members: members(ids) })
}

fn joins(id: &str, removed: &[&str], added: &[&str]) -> Event {
    Event::TeamChanged { team: id.into(), name: None, added: members(added), removed: members(removed) }
}

fn queue(id: &str) -> Event {
    Event::Queue(QueueRecord { id: id.into(), name: "Q".into() })
}

fn status(id: &str, reason: &str) -> Event {
    Event::AgentStatus(AgentStatus {
        agent: id.into(),
        state: AgentState::NotReady,
        reason: reason.into(),
        since: None,
        pending: Some(AgentState::Ready),
        extension: Some("200".into()),
    })
}

fn small() -> Roster {
    let limits =
        RosterLimits { agents: 5, teams: 3, members_per_team: 3, teams_per_agent: 2, memberships: 5, queues: 1 };
    let mut roster = Roster::with_limits(3, limits);
    for event in [team("1", &["a", "b", "c"]), team("2", &["a"]), queue("q")] {
        let _ = roster.apply(NOW, &event).expect("within the limits");
    }
    roster
}

#[test]
fn beyond_a_bound_a_record_is_refused_and_counted_and_nothing_else() {
    let long = "x".repeat(TEXT_BYTES_MAX + 1);
    let cases = [
        (team("1", &["a", "b", "c", "d"]), Refusal::MembersFull),
        (joins("1", &[], &["d"]), Refusal::MembersFull),
        (team("3", &["a"]), Refusal::TeamsPerAgentFull),
        (team("2", &["a", "d", "e"]), Refusal::MembershipsFull),
        (joins("2", &["a"], &["b", "d", "e"]), Refusal::MembershipsFull),
        (team("4", &["d", "e", "f"]), Refusal::MembershipsFull),
        (queue("r"), Refusal::QueuesFull),
        (agent(""), Refusal::IdInvalid),
        (agent(&"i".repeat(129)), Refusal::IdInvalid),
        (team("2", &["a\n"]), Refusal::IdInvalid),
        (joins("2", &[], &["\u{85}"]), Refusal::IdInvalid),
        (status("a", &long), Refusal::TextTooLong),
        (joins("9", &[], &["a"]), Refusal::TeamUnknown),
        (Event::ResyncEnd, Refusal::NotResyncing),
    ];
    let mut roster = small();
    let before = postcard::to_allocvec(&small()).expect("saved");
    for (n, (event, expected)) in cases.iter().enumerate() {
        assert_eq!(roster.apply(NOW, event).err(), Some(*expected), "{event:?}");
        assert_eq!(roster.refused().total(), n as u64 + 1);
    }
    assert_eq!(roster.refused().count(Refusal::MembershipsFull), 3);
    roster.body.refused = Default::default();
    assert_eq!(postcard::to_allocvec(&roster).expect("saved"), before, "nothing else changed");
}

#[test]
fn agents_and_teams_are_bounded_however_they_come() {
    let mut roster = small();
    for event in [agent("d"), status("e", "")] {
        let _ = roster.apply(NOW, &event).expect("within the limits");
    }
    for event in [agent("f"), status("f", ""), team("2", &["f"]), joins("2", &["a"], &["f"])] {
        assert_eq!(roster.apply(NOW, &event).err(), Some(Refusal::AgentsFull), "{event:?}");
    }
    let _ = roster.apply(NOW, &team("3", &[])).expect("within the limits");
    assert_eq!(roster.apply(NOW, &team("4", &[])).err(), Some(Refusal::TeamsFull));
    let _ = roster.apply(NOW, &Event::AgentRemoved { agent: "d".into() }).expect("taken");
    let _ = roster.apply(NOW, &agent("f")).expect("room again");
    let _ = roster.apply(NOW, &team("1", &["a", "b", "f"])).expect("the same number");
    assert_eq!(roster.agent_count(), 4, "c is named by nothing any more");
}

#[test]
fn bounds_hold_while_staged_too() {
    let mut roster = small();
    let _ = roster.apply(NOW, &Event::ResyncBegin).expect("taken");
    for id in ["1", "2", "3", "4", "5"] {
        let _ = roster.apply(NOW, &agent(id)).expect("staged");
    }
    assert_eq!(roster.apply(NOW, &agent("6")).err(), Some(Refusal::AgentsFull));
    assert!(roster.agent("1").is_none() && roster.agent("a").is_some() && roster.is_resyncing());
    let delta = roster.apply(NOW, &Event::ResyncEnd).expect("applied");
    let lost: Vec<_> = delta.relations().map(|(agent, team, change)| (agent.as_str(), team.as_str(), change)).collect();
    let expected = [("a", "1"), ("b", "1"), ("c", "1"), ("a", "2")].map(|(a, t)| (a, t, RelationChange::Lost));
    assert_eq!(lost, expected);
    assert_eq!((roster.agent_count(), roster.team_count(), roster.queue_name("q")), (5, 0, None));
}

#[test]
fn a_roster_reads_as_it_was_told() {
    let mut roster = small();
    let lead = Event::TeamChanged {
        team: "2".into(),
        name: Some("Two".into()),
        added: vec![
            Member { agent: "a".into(), role: Role::Supervisor },
            Member { agent: "b".into(), role: Role::Agent },
        ],
        removed: Vec::new(),
    };
    let delta = roster.apply(NOW, &lead).expect("taken");
    let relations: Vec<_> = delta.relations().map(|(agent, _, change)| (agent.as_str(), change)).collect();
    assert_eq!(relations, [("a", RelationChange::RoleChanged), ("b", RelationChange::Gained)]);
    assert!(roster.supervises("a", "b") && roster.supervises("a", "a"));
    assert!(!roster.supervises("b", "a") && !roster.supervises("a", "c") && !roster.supervises("x", "b"));
    let a = roster.agent("a").expect("known");
    assert_eq!((a.name(), a.is_recorded(), a.state(), a.extension()), ("a", false, AgentState::LoggedOut, None));
    assert!(roster.apply(NOW, &agent("a")).is_ok() && roster.apply(NOW, &agent("a")).expect("taken").is_empty());
    assert_eq!(roster.agent("a").expect("known").extension(), Some("100"));
    assert!(!roster.apply(NOW, &status("a", "")).expect("taken").is_empty());
    let a = roster.agent("a").expect("known");
    assert_eq!((a.extension(), a.pending(), a.since()), (Some("200"), Some(AgentState::Ready), NOW));
    assert_eq!(roster.team("2").map(TeamView::name), Some("Two"));
    assert_eq!(roster.queue_name("q"), Some("Q"));
}

#[test]
fn a_resync_keeps_what_is_as_it_was_and_takes_a_told_since_with_a_change() {
    let mut roster = small();
    let later = Time::from_millis(90);
    let told = |state, since: u64| {
        Event::AgentStatus(AgentStatus {
            agent: "a".into(),
            state,
            reason: "".into(),
            since: Some(Time::from_millis(since)),
            pending: None,
            extension: None,
        })
    };
    let resync = |state, since| {
        [Event::ResyncBegin, team("1", &["a", "b", "c"]), team("2", &["a"]), told(state, since), Event::ResyncEnd]
    };
    let cases = [(AgentState::LoggedOut, 50, 5), (AgentState::Talking, 60, 60), (AgentState::Talking, 70, 60)];
    for (state, since, expected) in cases {
        let deltas: Vec<_> =
            resync(state, since).iter().map(|event| roster.apply(later, event).expect("taken")).collect();
        assert_eq!(deltas.iter().filter(|delta| !delta.is_empty()).count(), usize::from(expected == since));
        assert_eq!(roster.agent("a").expect("known").since(), Time::from_millis(expected));
    }
}

#[test]
fn a_snapshot_that_contradicts_itself_is_refused() {
    let mut roster = small();
    roster.body.memberships += 1;
    let saved = postcard::to_allocvec(&roster).expect("saved");
    assert!(postcard::from_bytes::<Roster>(&saved).is_err());
    let saved = postcard::to_allocvec(&small()).expect("saved");
    for n in 0..saved.len() {
        let mut bent = saved.clone();
        bent[n] ^= 1;
        if let Ok(mut restored) = postcard::from_bytes::<Roster>(&bent) {
            for event in [team("1", &["b"]), joins("2", &["a"], &["c"]), Event::AgentRemoved { agent: "a".into() }] {
                let _ = restored.apply(NOW, &event); // whatever it says, it does not panic
            }
        }
    }
}

//! Whole worlds: determinism, promises, coverage, conservation, cost.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{Scenario, Simulator};
use super::{Driver, LARGE, START, small};
use crate::cti::{Adapter, AdapterInput, AdapterOutput, AgentState, CallEvent, Event, Role};
use crate::ids::{AgentId, CallId, TeamId};
use crate::time::Time;

fn stream(seed: u64, ms: u64) -> Vec<(Time, Event)> {
    let mut driver = Driver::new(small(), seed);
    driver.run(ms);
    driver.told
}

#[test]
fn one_seed_is_one_stream_of_events() {
    let first = stream(11, 300_000);
    assert_eq!(first, stream(11, 300_000));
    assert_ne!(first, stream(12, 300_000));
    assert!(first.len() > 2_000, "{}", first.len());
}

/// Each team's members at the beginning, in their order.
fn founded(managers: u32) -> BTreeMap<TeamId, Vec<(AgentId, Role)>> {
    let mut scenario = small();
    scenario.people.managers = managers;
    let mut driver = Driver::new(scenario, 3);
    driver.run(1);
    let teams = driver.told.into_iter().filter_map(|(_, event)| match event {
        Event::Team(team) => Some((team.id, team.members.into_iter().map(|one| (one.agent, one.role)).collect())),
        _ => None,
    });
    teams.collect()
}

#[test]
fn managers_supervise_every_team_after_whoever_is_in_it_without_them() {
    let mut without = founded(0);
    assert_eq!(without.len(), 6);
    for members in without.values_mut() {
        assert_eq!(members.iter().filter(|(_, role)| *role == Role::Supervisor).count(), 1);
        members.extend(["1000", "999"].map(|id| (AgentId::from(id), Role::Supervisor)));
    }
    assert_eq!(founded(2), without);
}

#[test]
fn a_driver_that_slept_gets_the_same_events_later() {
    let mut slept = Driver::new(small(), 5);
    slept.now = START + std::time::Duration::from_millis(120_000);
    slept.tick();
    let events: Vec<_> = slept.told.into_iter().map(|(_, event)| event).collect();
    let awake: Vec<_> = stream(5, 120_000).into_iter().map(|(_, event)| event).collect();
    assert_eq!(events, awake);
}

#[test]
fn small_keeps_its_promises_for_ten_minutes() {
    for seed in 1..=5 {
        let mut driver = Driver::new(small(), seed);
        driver.run(600_000);
        let first_call = driver.told.iter().find(|(_, event)| matches!(event, Event::Call(CallEvent::Began { .. })));
        let first_call = first_call.expect("a call").0.since(START);
        assert!(first_call.as_millis() <= 2_000, "seed {seed}: first call after {first_call:?}");

        let base: BTreeSet<TeamId> = (1..=6).map(|n: u32| TeamId::from(n.to_string())).collect();
        let mut members: BTreeMap<TeamId, BTreeSet<(AgentId, Role)>> = BTreeMap::new();
        let mut changed: BTreeMap<TeamId, Time> = base.iter().map(|team| (team.clone(), START)).collect();
        for (at, event) in &driver.told {
            match event {
                Event::Team(team) => {
                    let all = team.members.iter().map(|member| (member.agent.clone(), member.role));
                    members.insert(team.id.clone(), all.collect());
                }
                Event::TeamChanged { team, added, removed, .. } => {
                    let members = members.entry(team.clone()).or_default();
                    for member in removed {
                        members.remove(&(member.agent.clone(), member.role));
                    }
                    members.extend(added.iter().map(|member| (member.agent.clone(), member.role)));
                }
                Event::AgentStatus(status) => {
                    let theirs = |team: &&TeamId| members[*team].iter().any(|(agent, _)| *agent == status.agent);
                    for team in base.iter().filter(theirs) {
                        let quiet = at.since(changed[team]);
                        assert!(
                            quiet.as_millis() <= 5_000,
                            "seed {seed}: team {team} quiet for {quiet:?} until {at:?}"
                        );
                        changed.insert(team.clone(), *at);
                    }
                }
                _ => {}
            }
        }
        for (team, at) in changed {
            assert!(driver.now.since(at).as_millis() <= 5_000, "seed {seed}: team {team} quiet at the end");
        }
    }
}

#[test]
fn half_an_hour_of_small_shows_everything_and_ends_every_call() {
    let mut scenario = small();
    // Nothing new comes after half an hour; what is in progress then has the time it needs.
    let mut driver = Driver::new(scenario.clone(), 1);
    driver.run(1_800_000);
    let mut states: BTreeMap<AgentState, u64> = AgentState::ALL.map(|state| (state, 0)).into();
    let mut kinds: BTreeMap<&'static str, u64> = CALL_EVENTS.map(|kind| (kind, 0)).into();
    let mut others: BTreeMap<&'static str, u64> = OTHER_EVENTS.map(|kind| (kind, 0)).into();
    let mut reasons: BTreeSet<&str> = BTreeSet::new();
    for (_, event) in &driver.told {
        match event {
            Event::AgentStatus(status) => {
                *states.entry(status.state).or_default() += 1;
                reasons.insert(&status.reason);
            }
            Event::Call(event) => *kinds.entry(call_kind(event)).or_default() += 1,
            event => *others.entry(other_kind(event)).or_default() += 1,
        }
    }
    let counts = format!("{states:?}\n{kinds:?}\n{others:?}\nreasons {reasons:?}");
    assert!(states.values().all(|count| *count > 0), "{counts}");
    assert!(kinds.values().all(|count| *count > 0), "{counts}");
    assert!(others.values().all(|count| *count > 0), "{counts}");
    for reason in ["32760", "32761", "32762", "32763", "1", "2", "3"] {
        assert!(reasons.contains(reason), "reason {reason}\n{counts}");
    }
    assert!(driver.simulator.truth().timers() < 3_000, "timers {}", driver.simulator.truth().timers());

    // The same world with legs that last at most a minute: within that minute every one of them has ended.
    scenario.calls.duration_max_ms = 60_000;
    let mut driver = Driver::new(scenario, 1);
    driver.run(600_000);
    let open: Vec<CallId> = driver.simulator.truth().calls().map(|call| call.call).collect();
    assert!(!open.is_empty());
    driver.run(60_001);
    let still: Vec<CallId> = driver.simulator.truth().calls().map(|call| call.call).collect();
    assert!(open.iter().all(|call| !still.contains(call)));
}

#[test]
fn what_is_told_is_what_is_true_at_every_moment() {
    for seed in 20..24 {
        let mut scenario = small();
        scenario.speed = 3;
        scenario.operations.outage_every_ms = 200_000;
        scenario.operations.change_every_ms = 3_000;
        let mut driver = Driver::new(scenario, seed);
        let mut replica = driver.replica();
        let mut turns = 0_u64;
        let mut resyncs = 0;
        driver.run_watched(400_000, |simulator, told| {
            for (_, event) in told {
                replica.apply(event);
                resyncs += u32::from(*event == Event::ResyncEnd);
            }
            turns += 1;
            let told_resync = told.iter().any(|(_, event)| *event == Event::ResyncEnd);
            if replica.up && (turns.is_multiple_of(37) || told_resync) {
                replica.assert_equals(simulator.truth());
            }
        });
        assert!(resyncs >= 4 && turns > 5_000, "{resyncs} {turns}");
        assert!(replica.calls_in_progress() < 200);
    }
}

#[test]
fn a_minute_of_large_is_quick_and_busy() {
    let scenario = Scenario::from_toml(LARGE).expect("large is valid");
    let mut simulator = Simulator::new(scenario, 3, START).expect("valid");
    simulator.handle_input(START, AdapterInput::Tick);
    let mut seen = 0;
    while simulator.poll_output().is_some() {
        seen += 1;
    }
    assert!(seen > 10_000, "records of everybody and the calls of the warm-up: {seen}");
    let (mut events, mut changes, mut waiting_max) = (0_u64, 0_u64, 0);
    for second in 1..=60 {
        simulator.handle_input(START + std::time::Duration::from_secs(second), AdapterInput::Tick);
        while let Some(output) = simulator.poll_output() {
            events += 1;
            changes += u64::from(matches!(output, AdapterOutput::Event(Event::AgentStatus(_))));
        }
        waiting_max = waiting_max.max(simulator.truth().timers());
    }
    assert!((200 * 60..2_000 * 60).contains(&changes), "{} changes, {} events a second", changes / 60, events / 60);
    assert!(waiting_max < 500_000, "{waiting_max}");
}

const CALL_EVENTS: [&str; 18] = [
    "began",
    "seen",
    "dialing",
    "ringing",
    "connected",
    "queued",
    "dequeued",
    "diverted",
    "held",
    "retrieved",
    "left",
    "failed",
    "transferred",
    "conferenced",
    "renamed",
    "data",
    "recording",
    "ended",
];

const OTHER_EVENTS: [&str; 11] = [
    "up",
    "down",
    "resync begin",
    "resync end",
    "agent",
    "agent removed",
    "team",
    "team removed",
    "team changed",
    "queue",
    "queue removed",
];

fn call_kind(event: &CallEvent) -> &'static str {
    match event {
        CallEvent::Began { .. } => "began",
        CallEvent::Seen(_) => "seen",
        CallEvent::Dialing { .. } => "dialing",
        CallEvent::Ringing { .. } => "ringing",
        CallEvent::Connected { .. } => "connected",
        CallEvent::Queued { .. } => "queued",
        CallEvent::Dequeued { .. } => "dequeued",
        CallEvent::Diverted { .. } => "diverted",
        CallEvent::Held { .. } => "held",
        CallEvent::Retrieved { .. } => "retrieved",
        CallEvent::Left { .. } => "left",
        CallEvent::Failed { .. } => "failed",
        CallEvent::Transferred { .. } => "transferred",
        CallEvent::Conferenced { .. } => "conferenced",
        CallEvent::Renamed { .. } => "renamed",
        CallEvent::Data { .. } => "data",
        CallEvent::Recording { .. } => "recording",
        CallEvent::Ended { .. } => "ended",
    }
}

fn other_kind(event: &Event) -> &'static str {
    match event {
        Event::Up(_) => "up",
        Event::Down { .. } => "down",
        Event::ResyncBegin => "resync begin",
        Event::ResyncEnd => "resync end",
        Event::Agent(_) => "agent",
        Event::AgentRemoved { .. } => "agent removed",
        Event::Team(_) => "team",
        Event::TeamRemoved { .. } => "team removed",
        Event::TeamChanged { .. } => "team changed",
        Event::Queue(_) => "queue",
        Event::QueueRemoved { .. } => "queue removed",
        Event::AgentStatus(_) => "status",
        Event::Call(_) => "call",
        Event::Answer(_) => "answer",
        Event::Serves(_) => "serves",
    }
}

//! Failures on demand: our own adapter survives each, and its clients see differences only.

use std::collections::BTreeMap;

use interaction_core::cti::uccx::sim::{Planned, SimConfig};
use serde_json::Value;

use crate::pair::Pair;
use crate::same::{follow, small};
use crate::watched::Watched;

/// Teams as a client knows them: name and members, each as it was told, without the moments.
type View = BTreeMap<String, (String, BTreeMap<String, Value>)>;

/// What a client of the first supervisor knows after all it was told.
fn view(watched: &Watched) -> View {
    let mut view = View::new();
    for message in &watched.seen {
        let event = &serde_json::from_str::<Value>(message).expect("JSON")["event"];
        let (name, data) = (event["name"].as_str().expect("a name"), &event["data"]);
        if data["agentId"] != "1001" {
            continue;
        }
        let team = &data["team"];
        let id = team["teamId"].as_str().expect("an id").to_owned();
        let known = view.entry(id.clone()).or_default();
        if let Some(name) = team["teamName"].as_str() {
            known.0 = name.to_owned();
        }
        for member in team["members"].as_array().into_iter().flatten() {
            let mut member = member.clone();
            let key = member["memberId"].as_str().expect("an id").to_owned();
            member.as_object_mut().expect("an object").remove("since");
            match name {
                "report.teamstatus.memberremoved" => {
                    known.1.remove(&key);
                }
                _ => {
                    known.1.insert(key, member);
                }
            }
        }
        if name == "report.teamstatus.teamremoved" {
            view.remove(&id);
        }
    }
    view
}

fn added(watched: &Watched) -> usize {
    watched.seen.iter().filter(|message| message.contains("report.teamstatus.teamadded")).count()
}

/// Runs a busy world with these failures at these seconds.
fn survive(faults: &[(u64, &str)]) -> Pair {
    let mut scenario = small();
    scenario.operations.outage_every_ms = 0;
    let planned = |(at, fault): &(u64, &str)| Planned { at_ms: at * 1_000, fault: fault.parse().expect("a fault") };
    let faults: Vec<Planned> = faults.iter().map(planned).collect();
    let config = SimConfig { states_told: true, faults, ..SimConfig::default() };
    let (plain, by_wire, pair) = follow(&scenario, 150, config);
    assert_eq!(view(&plain), view(&by_wire), "{:#?}", pair.notes.iter().rev().take(20).collect::<Vec<_>>());
    assert!(view(&plain).values().any(|(_, members)| members.len() > 5));
    // Fewer where a team came and went while nobody looked.
    assert!(added(&by_wire) <= added(&plain), "no team is told in full again");
    pair
}

#[test]
fn a_closed_connection_is_made_again() {
    let pair = survive(&[(30, "drop"), (60, "drop")]);
    assert_eq!(pair.adapter.diagnostics().reconnects, 2);
}

#[test]
fn a_failover_is_followed_and_the_way_back_too() {
    let pair = survive(&[(30, "failover"), (70, "failback")]);
    assert_eq!(pair.adapter.diagnostics().reconnects, 2);
    assert_eq!(pair.connects.first(), Some(&0));
    assert!(pair.connects.contains(&1) && pair.connects.last() == Some(&0), "{:?}", pair.connects);
}

#[test]
fn a_master_that_stands_by_is_left_for_the_other() {
    let pair = survive(&[(30, "standby 1"), (32, "active 2")]);
    assert_eq!(pair.connects.last(), Some(&1));
    assert!(pair.adapter.diagnostics().standby >= 1);
}

#[test]
fn a_node_that_is_killed_is_left_and_revived() {
    let pair = survive(&[(30, "kill"), (60, "revive"), (70, "kill 2")]);
    assert_eq!(pair.connects.last(), Some(&0));
}

#[test]
fn silence_is_noticed_by_heartbeats() {
    let pair = survive(&[(20, "silence")]);
    assert_eq!(pair.connects[..2], [0, 1], "the other node is asked");
    assert_eq!(pair.adapter.diagnostics().reconnects, 1);
    let pair = survive(&[(20, "silence"), (40, "resume")]);
    assert_eq!(pair.adapter.diagnostics().reconnects, 0, "what was held back came in time");
}

#[test]
fn garbage_and_half_frames_end_the_connection_and_nothing_else() {
    for fault in ["garbage", "reset"] {
        let pair = survive(&[(30, fault)]);
        assert_eq!(pair.adapter.diagnostics().reconnects, 1, "{fault}");
    }
    let pair = survive(&[(20, "half")]);
    assert_eq!(pair.adapter.diagnostics().reconnects, 1);
    let pair = survive(&[(30, "half"), (40, "resume")]);
    assert_eq!(pair.adapter.diagnostics().reconnects, 0, "the other half came in time");
}

#[test]
fn a_slow_server_is_only_late() {
    let pair = survive(&[(30, "slow 5000"), (90, "resume")]);
    assert_eq!(pair.adapter.diagnostics().reconnects, 0);
}

#[test]
fn a_reset_configuration_is_read_again() {
    let pair = survive(&[(30, "config-reset")]);
    assert_eq!(pair.connects, [0]);
    assert_eq!(pair.adapter.diagnostics().resyncs, 2);
}

#[test]
fn a_system_that_goes_offline_is_waited_for() {
    let pair = survive(&[(30, "offline"), (50, "online")]);
    assert_eq!(pair.connects, [0]);
    assert_eq!(pair.adapter.diagnostics().reconnects, 1);
}

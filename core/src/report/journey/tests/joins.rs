use super::world::*;
use crate::cti::{CallEvent, CallKind, Cause, Device, LegState, Party};

fn transferred(by: Device, parties: Vec<Party>) -> CallEvent {
    CallEvent::Transferred { call: id("A"), absorbed: id("B"), by, parties }
}

/// Ann holds the caller and consults Bob on `B`, who answers at 50.
fn consulting() -> World {
    let mut world = answered();
    world.at(40).call(held("A", ann()));
    world.call(began("B", CallKind::Consult, "1001", "1002", Some("A"))).call(dialing("B", ann()));
    world.at(42).call(ringing("B", bob()));
    world.at(50).call(connected("B", bob()));
    world
}

const CONSULTING: [&str; 4] = [
    "A Agent 1001 | talking Ann | 30-40",
    "B Agent 1001 | dialling 1002 | 40-50",
    "B Agent 1002 | ringing Bob | 42-50",
    "A Agent 1001 | hold Ann",
];

#[test]
fn a_consult_transfer() {
    let mut world = consulting();
    world.at(60).call(transferred(ann(), vec![party("A", bob(), LegState::Connected)]));
    world.call(ended("B", Cause::Transferred));
    let expected = and(&[
        CONSULTING[0],
        "A Agent 1001 | hold Ann: transferred to Bob | 40-60",
        CONSULTING[1],
        CONSULTING[2],
        "B Agent 1002 | consult with Ann | 50-60",
        "B Agent 1001 | consult with Bob | 50-60",
        "A Agent 1002 | talking Bob | 60-…",
    ]);
    assert_eq!(world.table("A"), expected);
    assert_eq!(world.table("B"), expected, "the consultation's id finds the whole journey");
    assert!(world.told.records.is_empty());
    world.at(80).call(ended("A", Cause::Normal));
    assert_eq!(world.told.records[0].legs, [id("A"), id("A2"), id("B")]);
}

#[test]
fn a_transfer_whose_end_is_told_first() {
    let mut world = consulting();
    world.at(60).call(ended("B", Cause::Transferred));
    world.call(transferred(ann(), vec![party("A", bob(), LegState::Connected)]));
    let table = world.table("B");
    assert_eq!(table.last().unwrap(), "A Agent 1002 | talking Bob | 60-…");
    assert!(table.contains(&"A Agent 1001 | hold Ann: transferred to Bob | 40-60".to_owned()), "{table:#?}");
}

#[test]
fn a_transfer_while_it_rings() {
    let mut world = answered();
    world.at(40).call(held("A", ann()));
    world.call(began("B", CallKind::Consult, "1001", "1002", Some("A"))).call(dialing("B", ann()));
    world.at(42).call(ringing("B", bob()));
    world.at(45).call(transferred(ann(), vec![party("A", bob(), LegState::Ringing)]));
    world.at(48).call(connected("A", bob()));
    assert_eq!(
        world.table("A"),
        and(&[
            "A Agent 1001 | talking Ann | 30-40",
            "A Agent 1001 | hold Ann: transferred to Bob | 40-45",
            "B Agent 1001 | dialling 1002 | 40-45",
            "A Agent 1002 | ringing Bob | 42-48",
            "A Agent 1002 | talking Bob | 48-…",
        ])
    );
}

#[test]
fn a_transfer_to_a_trigger_queues_again() {
    let mut world = answered();
    world.at(40).call(held("A", ann()));
    world.call(began("B", CallKind::Consult, "1001", "8000", Some("A"))).call(dialing("B", ann()));
    world.at(41).call(ringing("B", trigger())).call(connected("B", port()));
    world.at(43).call(queued("B", &["q2"]));
    world.at(45).call(transferred(ann(), Vec::new()));
    world.at(50).call(ringing_from("A", bob(), "q2", None));
    world.at(52).call(connected("A", bob()));
    assert_eq!(
        world.table("A"),
        and(&[
            "A Agent 1001 | talking Ann | 30-40",
            "A Agent 1001 | hold Ann: transferred to Support | 40-45",
            "B Agent 1001 | dialling 8000 | 40-45",
            "B Trigger 8000 | Main line | 41-41",
            "B IVR 6001 | Welcome | 41-43",
            "A CSQ Support | Support: answered | 43-52",
            "A Agent 1002 | ringing Bob | 50-52",
            "A Agent 1002 | talking Bob | 52-…",
        ])
    );
}

#[test]
fn the_consult_leg_survives() {
    let mut world = consulting();
    world.at(60).call(CallEvent::Transferred {
        call: id("B"),
        absorbed: id("A"),
        by: ann(),
        parties: vec![party("B", outside("+431"), LegState::Connected), party("B", bob(), LegState::Connected)],
    });
    world.call(ended("A", Cause::Transferred));
    let table = world.table("A");
    assert_eq!(table[7], "A Agent 1001 | hold Ann: transferred to Bob | 40-60");
    assert_eq!(table.last().unwrap(), "B Agent 1002 | talking Bob | 60-…");
    assert_eq!(table.len(), 13, "the caller is no step of its own: {table:#?}");
}

#[test]
fn a_consultation_taken_back() {
    let mut world = consulting();
    world.at(60).call(left("B", bob(), Cause::Normal)).call(ended("B", Cause::Normal)).call(retrieved("A", ann()));
    let table = world.table("B");
    assert_eq!(table.last().unwrap(), "A Agent 1001 | talking Ann | 60-…");
    assert!(table.contains(&"A Agent 1001 | hold Ann | 40-60".to_owned()));
}

#[test]
fn a_conference() {
    let mut world = consulting();
    world.at(60).call(CallEvent::Conferenced {
        call: id("A"),
        absorbed: id("B"),
        by: ann(),
        parties: vec![
            party("A", outside("+431"), LegState::Connected),
            party("A", ann(), LegState::Connected),
            party("A", bob(), LegState::Connected),
        ],
    });
    world.call(ended("B", Cause::Other));
    world.at(70).call(left("A", ann(), Cause::Normal));
    assert_eq!(
        world.table("B"),
        and(&[
            CONSULTING[0],
            "A Agent 1001 | hold Ann | 40-60",
            CONSULTING[1],
            CONSULTING[2],
            "B Agent 1002 | consult with Ann | 50-60",
            "B Agent 1001 | consult with Bob | 50-60",
            "A Agent 1001 | conference Ann | 60-70",
            "A Agent 1002 | conference Bob | 60-…",
        ])
    );
}

#[test]
fn a_consultation_heard_of_before_its_call() {
    let mut world = World::new();
    world.at(0).call(began("B", CallKind::Consult, "1001", "1002", Some("A")));
    world.at(1).call(held("A", ann()));
    assert_eq!(world.journeys.len(), 1);
    assert_eq!(world.table("B"), ["A Agent 1001 | hold Ann | 1-… ~"]);
    world.at(3).call(ended("A", Cause::Normal)).call(ended("B", Cause::Normal));
    assert_eq!(world.told.records[0].legs, [id("A"), id("B")]);
}

#[test]
fn a_transfer_of_two_calls_nobody_related() {
    let mut world = World::new();
    world.at(0).call(inbound("A")).call(connected("A", ann()));
    world.at(1).call(began("B", CallKind::Internal, "1001", "1002", None)).call(connected("B", bob()));
    world.call(dialing("B", ann()));
    assert_eq!(world.journeys.len(), 2);
    world.at(5).call(transferred(ann(), Vec::new()));
    assert_eq!(world.journeys.len(), 1);
    assert_eq!(
        world.table("B")[1..],
        [
            "A Agent 1001 | talking Ann: transferred to Bob | 0-5",
            "B Agent 1002 | talking Bob | 1-5",
            "B Agent 1001 | talking Ann: transferred to Bob | 1-5",
            "A Agent 1002 | talking Bob | 5-…",
        ]
    );
}

#[test]
fn renamed_legs() {
    let mut world = answered();
    world.at(40).call(CallEvent::Renamed { call: id("A"), new: id("N") });
    world.at(41).call(held("N", ann()));
    assert_eq!(world.table("N"), and(&["A Agent 1001 | talking Ann | 30-41", "A Agent 1001 | hold Ann | 41-…"]));
    world.at(50).call(ended("N", Cause::Normal));
    assert_eq!(world.told.records[0].legs, [id("A"), id("A2"), id("N")]);

    // The new id was heard of first: both are one journey, and what was open goes on there.
    let mut world = World::new();
    world.at(0).call(inbound("A")).call(connected("A", ann()));
    world.at(1).call(held("N", bob()));
    world.at(2).call(CallEvent::Renamed { call: id("A"), new: id("N") });
    assert_eq!(world.journeys.len(), 1);
    assert_eq!(world.table("A")[1..], ["N Agent 1001 | talking Ann | 0-…", "N Agent 1002 | hold Bob | 1-… ~"]);
    world.at(5).call(ended("N", Cause::Normal));
    assert_eq!(world.told.records.len(), 1, "no leg is left running");
}

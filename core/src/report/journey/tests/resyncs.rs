use super::world::*;
use crate::cti::{Cause, LegState, QueueRecord};

fn resync(world: &mut World, told: Vec<crate::cti::CallEvent>) {
    world.journeys.resync_begin();
    for event in told {
        world.call(event);
    }
    world.journeys.resync_end(world.now);
    world.flush();
}

#[test]
fn lost_calls_end_partial_and_kept_ones_go_on() {
    let mut world = answered();
    world.at(35).call(began("L", crate::cti::CallKind::Internal, "1002", "1003", None)).call(dialing("L", bob()));
    world.journeys.down();
    world.at(100);
    resync(&mut world, vec![seen("A", Some(0), vec![party("A", ann(), LegState::Connected)], &[])]);
    assert_eq!(world.table("A"), and(&["A Agent 1001 | talking Ann | 30-…"]));
    assert_eq!(world.table("L"), ["L Agent 1002 | dialling 1003 | 35-100 ~"]);
    let record = &world.told.records[0];
    assert_eq!((&record.legs[..], record.cause), (&[id("L")][..], Cause::Other));
}

#[test]
fn what_changed_meanwhile_is_partial() {
    let mut world = answered();
    world.at(100);
    let held = vec![party("A", outside("+431"), LegState::Connected), party("A", ann(), LegState::Held)];
    resync(&mut world, vec![seen("A", Some(0), held, &[])]);
    assert_eq!(world.table("A"), and(&["A Agent 1001 | talking Ann | 30-100 ~", "A Agent 1001 | hold Ann | 100-… ~"]));
}

#[test]
fn a_call_first_seen_in_progress() {
    let mut world = World::new();
    world.at(100);
    resync(&mut world, vec![seen("A", Some(40), vec![party("A", port(), LegState::Connected)], &["q1"])]);
    assert_eq!(
        world.table("A"),
        ["A External +431 | Incoming call from +431 | 40-40 ~", "A CSQ Sales | Sales | 100-… ~"],
        "the port only plays music"
    );
    world.at(110).call(connected("A", ann()));
    assert_eq!(world.table("A")[1], "A CSQ Sales | Sales: answered | 100-110 ~");
    assert_eq!(world.journeys.recent(1, None)[0].started.as_millis(), 40_000);
}

#[test]
fn a_leg_thought_over_is_in_progress_after_all() {
    let mut world = answered();
    world.at(60).call(ended("A", Cause::Normal));
    world.at(62);
    resync(&mut world, vec![seen("A", None, vec![party("A", ann(), LegState::Connected)], &[])]);
    assert_eq!(world.table("A"), and(&["A Agent 1001 | talking Ann | 30-60", "A Agent 1001 | talking Ann | 62-… ~"]));
    world.at(70).call(ended("A", Cause::Normal));
    assert_eq!(world.told.records.len(), 2, "the second replaces the first");
}

#[test]
fn a_resynchronisation_cut_short_ends_nothing() {
    let mut world = answered();
    world.journeys.resync_begin();
    world.journeys.down();
    world.journeys.resync_end(world.now);
    assert_eq!(world.table("A"), and(&["A Agent 1001 | talking Ann | 30-…"]));
}

#[test]
fn queues_not_told_again_lose_their_names() {
    let mut world = World::new();
    world.journeys.resync_begin();
    world.journeys.queue(&QueueRecord { id: "q1".into(), name: "Sales".into() });
    world.journeys.resync_end(world.now);
    world.call(queued("A", &["q1", "q2"]));
    assert_eq!(world.table("A"), ["A CSQ Sales | Sales | 0-… ~", "A CSQ q2 | q2 | 0-… ~"]);
}

use super::world::*;
use crate::cti::{CallKind, Cause};
use crate::ids::LinkId;
use crate::limits::JourneyLimits;

#[test]
fn a_silent_journey_is_closed_as_partial() {
    let mut world = answered();
    let day = 24 * 60 * 60;
    world.at(day + 29);
    assert!(world.told.records.is_empty());
    world.at(day + 31);
    assert_eq!(world.table("A")[6], format!("A Agent 1001 | talking Ann | 30-{} ~", day + 30));
    assert_eq!(world.told.records[0].cause, Cause::Other);
    world.at(day + 100);
    assert!(world.journeys.is_empty());
}

#[test]
fn after_call_work_that_never_ends_is_closed_too() {
    let mut world = answered();
    world.at(60).call(ended("A", Cause::Normal)).agent("ann", crate::cti::AgentState::Work);
    let day = 24 * 60 * 60;
    world.at(day + 61);
    assert_eq!(world.table("A")[7], format!("A Agent 1001 | after-call work Ann | 60-{} ~", day + 60));
    assert_eq!(world.told.records.len(), 2);
}

#[test]
fn too_many_steps_drop_the_oldest_but_the_first() {
    let mut world = World::with(JourneyLimits { steps_max: 4, ..JourneyLimits::default() });
    world.call(inbound("A")).call(connected("A", ann()));
    for second in 1..5 {
        world.at(2 * second).call(held("A", ann()));
        world.at(2 * second + 1).call(retrieved("A", ann()));
    }
    assert_eq!(
        world.table("A"),
        [
            "A External +431 | Incoming call from +431 | 0-0",
            "A Agent 1001 | talking Ann | 7-8 ~",
            "A Agent 1001 | hold Ann | 8-9",
            "A Agent 1001 | talking Ann | 9-…",
        ]
    );
    world.call(ended("A", Cause::Normal));
    assert_eq!(world.told.records[0].truncated, 6);
}

#[test]
fn too_many_journeys_close_the_one_longest_silent() {
    let mut world = World::with(JourneyLimits { journeys_max: 2, ..JourneyLimits::default() });
    world.at(0).call(inbound("A"));
    world.at(1).call(inbound("B"));
    world.at(2).call(connected("A", ann()));
    world.journeys.begin(LinkId { index: 1, generation: 0 }, &id("B")).unwrap();
    world.at(3).call(inbound("C"));
    assert_eq!(world.journeys.len(), 2);
    assert!(world.journeys.find(&id("B")).is_none());
    assert_eq!(world.told.records[0].legs, [id("B")]);
    assert_eq!(world.told.events.len(), 1);
    assert_eq!(world.told.events[0].1, "report.calljourney.ended");
}

#[test]
fn too_many_legs_are_journeys_of_their_own() {
    let mut world = World::with(JourneyLimits { legs_max: 2, ..JourneyLimits::default() });
    world.call(inbound("A"));
    for leg in ["B", "C", "D"] {
        world.call(began(leg, CallKind::Consult, "1001", "1002", Some("A")));
    }
    assert_eq!(world.journeys.len(), 3);
    world.call(ringing_from("A", ann(), "q1", Some("A9")));
    assert!(world.journeys.find(&id("A9")).is_none());
}

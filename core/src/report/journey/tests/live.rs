use std::sync::Arc;

use super::world::*;
use crate::cti::{AgentState, CallEvent, CallKind, Cause};
use crate::ids::LinkId;
use crate::limits::JourneyLimits;
use crate::report::journey::BeginError;

const ONE: LinkId = LinkId { index: 1, generation: 0 };
const TWO: LinkId = LinkId { index: 2, generation: 0 };

impl World {
    /// What was told since: link, event, the id asked for, number of steps.
    fn heard(&mut self) -> Vec<(u32, &'static str, String, usize)> {
        let heard = self.told.events.drain(..).map(|(link, name, data)| {
            let steps = data["CallJourney"].as_array().map_or(0, Vec::len);
            (link, name, data["CallId"].as_str().unwrap().to_owned(), steps)
        });
        heard.collect()
    }
}

fn updated(link: u32, asked: &str, steps: usize) -> (u32, &'static str, String, usize) {
    (link, "report.calljourney.updated", asked.to_owned(), steps)
}

fn over(link: u32, asked: &str) -> (u32, &'static str, String, usize) {
    (link, "report.calljourney.ended", asked.to_owned(), 0)
}

#[test]
fn every_change_is_told_once_and_echoes_the_id_asked_for() {
    let mut world = answered();
    world.journeys.begin(ONE, &id("A")).unwrap();
    world.journeys.begin(TWO, &id("A2")).unwrap();
    world.flush();
    assert_eq!(world.heard(), [updated(1, "A", 7), updated(2, "A2", 7)], "at once");
    assert!(Arc::ptr_eq(&world.told.tails[0], &world.told.tails[1]), "one encoding for all");
    world.at(35).call(CallEvent::Data { call: id("A"), data: Vec::new() }).flush();
    assert_eq!(world.heard(), [], "neither data nor time");
    world.at(40).call(held("A", ann()));
    assert_eq!(world.heard(), [updated(1, "A", 8), updated(2, "A2", 8)], "a swap of steps is one change");
    world.journeys.begin(ONE, &id("A")).unwrap();
    world.flush();
    assert_eq!(world.heard(), [updated(1, "A", 8)], "asked again: told again, without doubling");
    world.journeys.end(TWO, &id("A2"));
    world.journeys.end(TWO, &id("never begun"));
    world.at(60).call(ended("A", Cause::Normal));
    assert_eq!(world.heard(), [updated(1, "A", 8)]);
    world.agent("ann", AgentState::Work);
    assert_eq!(world.heard(), [updated(1, "A", 9)]);
    world.at(70).agent("ann", AgentState::Ready);
    assert_eq!(world.heard(), [updated(1, "A", 9), over(1, "A")]);
    assert!(world.journeys.followed(ONE).is_empty());
}

#[test]
fn the_end_comes_when_no_agent_says_more() {
    let mut world = answered();
    world.journeys.begin(ONE, &id("A")).unwrap();
    world.flush().heard();
    world.at(60).call(ended("A", Cause::Normal));
    assert_eq!(world.heard(), [updated(1, "A", 7)]);
    world.at(66);
    assert_eq!(world.heard(), [over(1, "A")]);
    world.journeys.begin(TWO, &id("A")).unwrap();
    world.flush();
    assert_eq!(world.heard(), [updated(2, "A", 7), over(2, "A")], "final already, still known");
    world.at(100);
    assert_eq!(world.journeys.begin(TWO, &id("A")), Err(BeginError::Unknown));
}

#[test]
fn watchers_of_united_journeys_see_both() {
    let mut world = World::new();
    world.call(inbound("A")).call(connected("A", ann())).call(connected("B", bob()));
    world.journeys.begin(ONE, &id("B")).unwrap();
    world.flush();
    assert_eq!(world.heard(), [updated(1, "B", 1)]);
    world.call(CallEvent::Renamed { call: id("B"), new: id("A") });
    assert_eq!(world.heard(), [updated(1, "B", 3)]);
    world.call(held("A", ann()));
    assert_eq!(world.heard(), [updated(1, "B", 4)]);
}

#[test]
fn a_link_follows_so_many_and_no_more() {
    let mut world = World::with(JourneyLimits { live_per_link_max: 1, ..JourneyLimits::default() });
    world.call(inbound("A")).call(inbound("B"));
    assert_eq!(world.journeys.begin(ONE, &id("X")), Err(BeginError::Unknown));
    assert_eq!(world.journeys.begin(ONE, &id("A")), Ok(()));
    assert_eq!(world.journeys.begin(ONE, &id("B")), Err(BeginError::TooMany));
    assert_eq!(world.journeys.begin(TWO, &id("B")), Ok(()));
    world.journeys.drop_link(ONE);
    world.flush();
    assert_eq!(world.heard(), [updated(2, "B", 1)]);
    assert_eq!(world.journeys.begin(ONE, &id("B")), Ok(()));
}

#[test]
fn a_resynchronisation_is_one_change() {
    let mut world = answered();
    world.journeys.begin(ONE, &id("A")).unwrap();
    world.flush().heard();
    world.at(50).journeys.resync_begin();
    world.call(held("A", ann())).call(retrieved("A", ann())).call(held("A", ann()));
    assert_eq!(world.heard(), []);
    world.journeys.resync_end(world.now);
    world.flush();
    assert_eq!(world.heard(), [updated(1, "A", 10)]);
    world.call(began("Z", CallKind::Internal, "", "", None));
    assert_eq!(world.heard(), []);
}

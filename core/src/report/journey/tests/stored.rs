use super::world::*;
use crate::cti::{AgentState, CallEvent, Cause, DeviceKind};
use crate::limits::JourneyLimits;
use crate::report::journey::{JourneyRecord, Step};
use crate::time::Time;

impl World {
    /// The moment in milliseconds; what is due until then is done at its time.
    fn at_ms(&mut self, ms: u64) -> &mut Self {
        let until = Time::from_millis(ms);
        while let Some(due) = self.journeys.poll_timeout().filter(|due| *due <= until) {
            self.journeys.tick(due);
            self.now = due;
            self.flush();
        }
        self.now = until;
        self
    }

    /// What was handed out since: running or not, up to when, number of steps, number of those that had not ended.
    fn handed(&mut self) -> Vec<(bool, u64, usize, usize)> {
        let records = self.told.handed.drain(..).map(|record| {
            let open = record.steps.iter().filter(|step| step.ended.is_none()).count();
            (record.running, record.ended.as_millis(), record.steps.len(), open)
        });
        records.collect()
    }
}

#[test]
fn a_step_that_ended_is_handed_out_half_a_second_later_with_all_that_came_meanwhile() {
    let mut world = World::new();
    world.at_ms(10_000).call(inbound("A"));
    assert_eq!(world.handed(), [], "not at once");
    world.at_ms(10_200).call(ringing("A", trigger()));
    world.at_ms(10_400).call(left("A", trigger(), Cause::Normal));
    world.at_ms(10_499);
    assert_eq!(world.handed(), []);
    world.at_ms(10_500);
    assert_eq!(world.handed(), [(true, 10_500, 2, 0)], "once for all");
    world.at_ms(60_000);
    assert_eq!(world.handed(), [], "nothing more for time passing");
    world.call(ringing("A", ann()));
    world.at_ms(70_000);
    assert_eq!(world.handed(), [], "a step that begins is told with the next that ends");
    world.call(connected("A", ann()));
    world.at_ms(80_000);
    assert_eq!(world.handed(), [(true, 70_500, 4, 1)]);
}

#[test]
fn a_call_that_ends_is_handed_out_at_once_and_not_again_as_running() {
    let mut world = World::new();
    world.at_ms(1_000).call(inbound("A"));
    world.at_ms(1_300).call(ended("A", Cause::Abandoned));
    assert_eq!(world.handed(), [(false, 1_300, 1, 0)]);
    world.at_ms(5_000);
    assert_eq!(world.handed(), []);
}

#[test]
fn each_call_costs_at_most_two_records_a_second() {
    let mut world = World::new();
    world.at_ms(0).call(inbound("A"));
    for turn in 0..100_u64 {
        world.at_ms(turn * 100).call(ringing("A", ann()));
        world.call(left("A", ann(), Cause::NoAnswer));
    }
    world.at_ms(20_000);
    let handed = world.handed();
    assert!((18..=20).contains(&handed.len()), "{handed:?}");
    assert_eq!(handed.last().map(|last| last.3), Some(0), "the last has all");
}

#[test]
fn journeys_that_become_one_are_handed_out_as_one() {
    let mut world = World::new();
    world.at_ms(0).call(inbound("A"));
    world.call(inbound("B"));
    world.at_ms(600);
    assert_eq!(world.handed().len(), 2);
    world.call(CallEvent::Renamed { call: id("A"), new: id("B") });
    world.at_ms(1_200);
    let records = std::mem::take(&mut world.told.handed);
    let [record] = &records[..] else { panic!("{records:?}") };
    assert_eq!(record.legs, [id("A"), id("B")]);
    assert_eq!(record.steps.len(), 2);
}

#[test]
fn what_runs_is_handed_out_when_the_server_goes_down() {
    let mut world = World::new();
    world.at_ms(0).call(inbound("A"));
    world.call(ringing("A", ann()));
    world.at_ms(100);
    world.journeys.store_all(world.now);
    world.flush();
    assert_eq!(world.handed(), [(true, 100, 2, 1)]);
    world.journeys.store_all(world.now);
    world.flush();
    assert_eq!(world.handed(), [], "nothing that is stored already");
}

#[test]
fn many_running_calls_wait_in_order() {
    let mut world = World::with(JourneyLimits { store_after_ms: 1_000, ..JourneyLimits::default() });
    for call in 0..50_u64 {
        world.at_ms(call * 10).call(inbound(&format!("c{call}")));
    }
    assert_eq!(world.journeys.poll_timeout(), Some(Time::from_millis(1_000)));
    world.at_ms(1_245);
    assert_eq!(world.handed().len(), 25);
    world.at_ms(1_490).agent("ann", AgentState::Ready);
    assert_eq!(world.handed().len(), 25);
}

fn step(device: &str, description: &str, from: u64, to: Option<u64>, partial: bool) -> Step {
    Step {
        call: id("A"),
        device: device.into(),
        kind: DeviceKind::Agent,
        description: description.into(),
        started: Time::from_millis(from),
        ended: to.map(Time::from_millis),
        partial,
    }
}

fn record(running: bool, ended: u64, steps: Vec<Step>) -> JourneyRecord {
    JourneyRecord {
        legs: vec![id("A")],
        from: "".into(),
        to: "".into(),
        numbers: Vec::new(),
        started: steps[0].started,
        ended: Time::from_millis(ended),
        cause: Cause::Other,
        agents: Vec::new(),
        steps,
        truncated: 0,
        running,
    }
}

#[test]
fn what_broke_off_is_partial_from_where_it_was_known() {
    let open = record(
        true,
        9_000,
        vec![step("1", "ringing", 1_000, Some(4_000), false), step("1", "talking", 4_000, None, false)],
    );
    let told = open.clone().broken_off();
    assert_eq!(told.steps[0], open.steps[0], "what ended stands");
    assert_eq!(told.steps[1], step("1", "talking", 4_000, Some(9_000), true));
    let over = record(false, 9_000, vec![step("1", "after-call work", 4_000, None, false)]);
    assert_eq!(over.clone().broken_off(), over, "work after a call that ended goes on");
}

#[test]
fn a_later_run_keeps_what_an_earlier_one_saw() {
    let earlier = record(
        true,
        9_000,
        vec![step("1", "ringing", 1_000, Some(8_500), false), step("1", "talking", 8_500, None, false)],
    );
    let mut later = record(
        true,
        20_000,
        vec![step("1", "talking", 9_600, Some(15_000), true), step("2", "ringing", 15_000, None, false)],
    );
    later.join_earlier(JourneyRecord { from: "4711".into(), legs: vec![id("B"), id("A")], ..earlier }, 500);
    let steps: Vec<_> =
        later.steps.iter().map(|step| (&*step.description, step.started.as_millis(), step.partial)).collect();
    assert_eq!(
        steps,
        [("ringing", 1_000, false), ("talking", 8_500, true), ("talking", 9_600, true), ("ringing", 15_000, false)]
    );
    assert_eq!(
        (&*later.from, later.started, &later.legs[..]),
        ("4711", Time::from_millis(1_000), &[id("A"), id("B")][..])
    );
}

#[test]
fn two_servers_that_see_one_call_tell_it_once() {
    let steps = |skew: u64| {
        vec![
            step("1", "Incoming", 1_000 + skew, Some(1_000 + skew), false),
            step("1", "Orders", 2_000 + skew, Some(8_000 + skew), false),
            step("1", "Orders: answered", 8_000 + skew, None, false),
        ]
    };
    let mut own = record(true, 9_000, steps(0));
    let other = own.clone();
    own.join_earlier(record(true, 9_500, steps(700)), 500);
    assert_eq!(own, other);
}

#[test]
fn a_joined_record_stays_within_its_steps() {
    let many = |from: u64| {
        (0..10).map(|n| step("1", "talking", from + n * 10_000, Some(from + n * 10_000 + 1), false)).collect()
    };
    let mut later = record(true, 900_000, many(500_000));
    later.join_earlier(record(true, 100_000, many(0)), 12);
    assert_eq!((later.steps.len(), later.truncated), (12, 8));
    assert!(later.steps.is_sorted_by_key(|step| step.started));
}

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::world::*;
use crate::cti::{AgentState, CallEvent, CallKind, Cause, Device, LegState, PartyRole};
use crate::ids::LinkId;
use crate::limits::JourneyLimits;
use crate::report::journey::stay::Activity;
use crate::report::journey::{JourneyRecord, Journeys};
use crate::store::MemoryStore;

const LEGS: [&str; 6] = ["A", "B", "C", "D", "E", "F"];
const CAUSES: [Cause; 5] = [Cause::Normal, Cause::NoAnswer, Cause::Abandoned, Cause::Redirected, Cause::Transferred];

/// One thing that happens, as numbers: what, which legs, which device, which variant.
type Move = (u8, usize, usize, usize, usize);

fn device(index: usize) -> Device {
    [ann(), bob(), cid(), outside("+431"), outside("+49"), port(), trigger(), queue_device()][index % 8].clone()
}

fn apply(world: &mut World, (what, leg, other, dev, variant): Move) {
    let (call, second, device, cause) = (LEGS[leg], LEGS[other], device(dev), CAUSES[variant % 5]);
    let kind = [CallKind::Inbound, CallKind::Outbound, CallKind::Internal, CallKind::Consult][variant % 4];
    let state =
        [LegState::Connected, LegState::Held, LegState::Ringing, LegState::Dialing, LegState::Queued][variant % 5];
    let parties = vec![party(call, device.clone(), state), party(call, self::device(dev + 1), LegState::Connected)];
    let role = [PartyRole::Party, PartyRole::Party, PartyRole::Listener, PartyRole::Barged][variant % 4];
    let event = match what {
        0 => began(call, kind, "+431", "8000", (variant > 1).then_some(second)),
        1 => dialing(call, device),
        2 => ringing_from(call, device, "q1", (variant == 0).then_some(second)),
        3 => CallEvent::Connected { call: id(call), device, role },
        4 => queued(call, &["q1", "q2"][..1 + variant % 2]),
        5 => dequeued(call),
        6 => diverted(call, device, cause),
        7 => held(call, device),
        8 => retrieved(call, device),
        9 => left(call, device, cause),
        10 => CallEvent::Failed { call: id(call), device, cause },
        11 => CallEvent::Transferred { call: id(call), absorbed: id(second), by: device, parties },
        12 => CallEvent::Conferenced { call: id(call), absorbed: id(second), by: device, parties },
        13 => CallEvent::Renamed { call: id(call), new: id(second) },
        14 => ended(call, cause),
        15 => seen(call, Some(variant as u64), parties, &["q1"][..variant % 2]),
        16 => return world.journeys.resync_begin(),
        17 => return world.journeys.resync_end(world.now),
        18 => return world.journeys.down(),
        19 => return world.journeys.drop_link(LinkId { index: variant as u32, generation: 0 }),
        20 => {
            // An unknown leg and a full link are answers here.
            let _ = world.journeys.begin(LinkId { index: variant as u32, generation: 0 }, &id(call));
            return;
        }
        21 => {
            let second = world.now.as_millis() / 1000 + [1, 3, 10, 100_000][variant % 4];
            world.at(second);
            return;
        }
        _ => {
            let state = [AgentState::Work, AgentState::Ready, AgentState::Talking][variant % 3];
            world.agent(["ann", "bob", "cid"][dev % 3], state);
            return;
        }
    };
    world.journeys.apply(world.now, &event, &Book);
}

fn check(journeys: &Journeys, limits: &JourneyLimits) {
    assert!(journeys.len() <= limits.journeys_max as usize);
    assert!(journeys.deadlines.len() == journeys.len(), "each journey has one deadline");
    let mut ids = BTreeSet::new();
    for (no, journey) in &journeys.journeys {
        assert!(!journey.legs.is_empty() && journey.ids.len() <= limits.legs_max as usize);
        assert!(journeys.deadlines.contains(&(journey.armed, *no)) && journey.armed <= journey.due);
        assert!(journey.stays.len() <= limits.steps_max as usize);
        for id in &journey.ids {
            assert!(ids.insert(id.clone()), "an id leads to one journey");
            let place = journeys.ids[id];
            assert!(place.journey == *no && (place.leg as usize) < journey.legs.len());
        }
        let order: Vec<_> = journey.stays.iter().map(|stay| (stay.started, stay.seq)).collect();
        assert!(order.is_sorted(), "oldest first: {order:?}");
        let mut open = BTreeSet::new();
        for stay in journey.stays.iter() {
            assert!((stay.leg as usize) < journey.legs.len());
            match stay.ended {
                Some(ended) => assert!(ended >= stay.started),
                None => {
                    let key = (stay.leg, stay.kind, stay.device.clone(), stay.activity == Activity::Work);
                    assert!(open.insert(key), "one open step for a device on a leg: {stay:?}");
                    assert!(
                        stay.activity == Activity::Work || journey.legs[stay.leg as usize].is_running(),
                        "nothing stays open on a leg that is over: {stay:?}"
                    );
                }
            }
        }
        for watcher in &journey.watchers {
            assert!(journeys.followed(watcher.link).contains(&watcher.asked));
            assert!(journey.ids.contains(&watcher.asked));
        }
    }
    assert_eq!(ids.len(), journeys.ids.len(), "no id leads nowhere");
    let followed: usize = journeys.links.values().map(Vec::len).sum();
    assert_eq!(followed, journeys.journeys.values().map(|journey| journey.watchers.len()).sum::<usize>());
    assert!(journeys.last.values().all(|no| journeys.journeys.contains_key(no)));
}

fn check_record(record: &JourneyRecord) {
    assert!(!record.legs.is_empty() && record.started <= record.ended);
    assert!(record.steps.iter().all(|step| step.ended.is_none_or(|ended| ended >= step.started)));
    assert!(record.steps.is_sorted_by_key(|step| step.started));
    assert!(record.steps.iter().all(|step| record.legs.contains(&step.call)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_journeys_stay_whole(
        moves in prop::collection::vec((0u8..24, 0usize..6, 0usize..6, 0usize..8, 0usize..6), 1..80),
        small in any::<bool>(),
    ) {
        let limits = if small {
            JourneyLimits { journeys_max: 2, steps_max: 5, legs_max: 3, live_per_link_max: 2, ..JourneyLimits::default() }
        } else {
            JourneyLimits::default()
        };
        let mut world = World::with(limits.clone());
        let mut store = MemoryStore::default();
        for one in moves {
            apply(&mut world, one);
            check(&world.journeys, &limits);
            let bytes = postcard::to_allocvec(&world.journeys).unwrap();
            let copy: Journeys = postcard::from_bytes(&bytes).unwrap();
            prop_assert_eq!(&copy, &world.journeys);
            world.flush();
            check(&world.journeys, &limits);
            for record in world.told.records.drain(..) {
                check_record(&record);
                let any = record.legs[record.legs.len() - 1].clone();
                store.put(record.clone());
                prop_assert_eq!(store.find(&any), Some(&record));
            }
            let calls = LEGS.iter().filter(|leg| world.journeys.ids.contains_key(&id(leg))).count();
            prop_assert!(world.journeys.recent(1000, None).len() <= calls);
        }
        // Everything ends some time, and then nothing is left of it.
        world.journeys.down();
        world.flush();
        for day in 1..=4 {
            let second = world.now.as_millis() / 1000 + day * 100_000;
            world.at(second);
        }
        prop_assert!(world.journeys.is_empty());
        prop_assert!(world.journeys.ids.is_empty() && world.journeys.last.is_empty() && world.journeys.links.is_empty());
        prop_assert_eq!(world.journeys.poll_timeout(), None);
    }
}

//! Whatever a server says: no panic, no growth, and what is told holds together.

use std::collections::{BTreeMap, BTreeSet};

use interaction_core::cti::uccx::UccxConfig;
use interaction_core::cti::uccx::codec::messages::LAYOUTS;
use interaction_core::cti::uccx::codec::{Direction, Widths};
use interaction_core::cti::{CallEvent, Event};
use interaction_core::ids::CallId;
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, any, prop_assert, proptest};

use crate::bench::{Bench, config};
use crate::frames::*;
use crate::generate::{Tape, body};
use crate::server::{Server, member, state};

const AGENTS: [&str; 3] = ["2001", "2002", "2003"];
const IDS: [&str; 3] = ["ann", "bob", "cat"];
const NUMBERS: [&str; 5] = ["2001", "2002", "2003", "7001", "+15550100"];
const TYPES: [u16; 6] = [AGENT, PORT, TRIGGER, OUTSIDE, OTHER_LINE, NO_TYPE];

fn small() -> UccxConfig {
    UccxConfig { calls_max: 8, records_max: 8, commands_max: 4, ..config() }
}

/// What somebody knows who follows the events: ids live once, and nothing is told of what is over.
#[derive(Default)]
struct Follower {
    alive: BTreeMap<CallId, bool>,
    over: BTreeSet<CallId>,
    up: bool,
    resyncing: bool,
}

impl Follower {
    fn follow(&mut self, events: &[Event]) {
        for event in events {
            match event {
                Event::Up(_) => assert!(!std::mem::replace(&mut self.up, true), "up twice"),
                Event::Down { .. } => {
                    assert!(std::mem::take(&mut self.up), "down twice");
                    assert!(!self.resyncing);
                }
                Event::ResyncBegin => {
                    assert!(self.up && !std::mem::replace(&mut self.resyncing, true));
                    let gone = std::mem::take(&mut self.alive);
                    self.over.extend(gone.into_keys());
                }
                Event::ResyncEnd => assert!(std::mem::take(&mut self.resyncing)),
                Event::Answer(_) => {}
                Event::Call(call) => self.call(call),
                _ => assert!(self.up, "told while the platform is away: {event:?}"),
            }
        }
    }

    fn lives(&mut self, call: &CallId) -> &mut bool {
        assert!(self.up, "told while the platform is away");
        assert!(!self.over.contains(call), "{call} is over");
        self.alive.entry(call.clone()).or_default()
    }

    fn ends(&mut self, call: &CallId) {
        self.lives(call);
        self.alive.remove(call);
        self.over.insert(call.clone());
    }

    fn call(&mut self, event: &CallEvent) {
        match event {
            CallEvent::Began { call, .. } => {
                assert!(!std::mem::replace(self.lives(call), true), "{call} began twice");
            }
            CallEvent::Seen(record) => {
                assert!(self.resyncing);
                self.over.remove(&record.call);
                *self.lives(&record.call) = false;
            }
            CallEvent::Transferred { call, absorbed, parties, .. }
            | CallEvent::Conferenced { call, absorbed, parties, .. } => {
                assert_ne!(call, absorbed);
                assert!(parties.iter().all(|party| party.call == *call));
                self.lives(call);
                self.lives(absorbed);
            }
            CallEvent::Renamed { call, new } => {
                self.lives(new);
                self.ends(call);
            }
            CallEvent::Ended { call, .. } => self.ends(call),
            CallEvent::Dialing { call, .. }
            | CallEvent::Ringing { call, .. }
            | CallEvent::Connected { call, .. }
            | CallEvent::Queued { call, .. }
            | CallEvent::Dequeued { call, .. }
            | CallEvent::Diverted { call, .. }
            | CallEvent::Held { call, .. }
            | CallEvent::Retrieved { call, .. }
            | CallEvent::Left { call, .. }
            | CallEvent::Failed { call, .. }
            | CallEvent::Data { call, .. }
            | CallEvent::Recording { call, .. } => {
                self.lives(call);
            }
        }
    }
}

/// One thing that happens, of four numbers.
fn happens(bench: &mut Bench, what: (u8, u8, u8, u8)) {
    let pick = |from: &[&'static str], number: u8| from[usize::from(number) % from.len()];
    let wire = u32::from(what.1 % 6) + 1;
    let other = u32::from(what.2 % 6) + 1;
    let (kind, number) = (TYPES[usize::from(what.2) % 6], pick(&NUMBERS, what.3));
    if bench.connection.is_none() {
        return bench.seconds(u64::from(what.1));
    }
    match what.0 % 24 {
        0 | 1 => bench.say(begin(wire, u16::from(what.2 % 14), number, "6000")),
        2 => bench.say(end(wire)),
        3 => bench.say(originated(wire, kind, number, "6000")),
        4 | 5 => bench.say(interaction_core::cti::uccx::codec::messages::CallDeliveredEvent {
            secondary_connection_call_id: what.3.is_multiple_of(2).then_some(other),
            ..delivered(wire, kind, number, (OUTSIDE, "+15550100"))
        }),
        6 | 7 => bench.say(established(wire, kind, number)),
        8 => bench.say(held(wire, pick(&AGENTS, what.2))),
        9 => bench.say(retrieved(wire, pick(&AGENTS, what.2))),
        10 => bench.say(queued(wire, &[csq(other)])),
        11 => bench.say(diverted(wire, kind, number, u16::from(what.3))),
        12 | 13 => bench.say(left(wire, kind, number)),
        14 => bench.say(cleared(wire)),
        15 => bench.say(failed(wire, number, 3)),
        16 => {
            let parties = [party(u32::from(what.3 % 7), kind, number), party(wire, AGENT, "2002")];
            bench.say(transferred(wire, other, "2001", &parties));
        }
        17 => {
            let parties = [party(u32::from(what.3 % 7), kind, number), party(wire, AGENT, "2002")];
            bench.say(conferenced(wire, other, "2001", &parties));
        }
        18 => bench.say(renumbered(wire, other)),
        19 => bench.say(state(pick(&IDS, what.1), pick(&AGENTS, what.2), u16::from(what.3 % 14), 0)),
        20 => bench.say(interaction_core::cti::uccx::codec::messages::TeamConfigEvent {
            team_id: wire,
            operation: u16::from(what.3 % 4),
            members: (&[member(pick(&IDS, what.2), u16::from(what.3 % 5), u16::from(what.0 % 3))]).into(),
            ..Default::default()
        }),
        21 => bench.seconds(u64::from(what.1)),
        22 if what.1 < 40 => bench.cut_off(),
        _ if what.1 < 20 => bench.say(interaction_core::cti::uccx::codec::messages::SystemEvent {
            system_event_id: u32::from(3 + what.2 % 2),
            ..Default::default()
        }),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_what_is_told_holds_together(script in vec(any::<(u8, u8, u8, u8)>(), 0..220)) {
        let mut bench = Bench::with(Server::default(), small());
        bench.tick();
        let mut follower = Follower::default();
        for what in script {
            happens(&mut bench, what);
            follower.follow(&bench.take());
            let diagnostics = bench.adapter.diagnostics();
            prop_assert!(diagnostics.calls <= 8, "{diagnostics:?}");
            prop_assert!(diagnostics.agents <= 8 && diagnostics.teams <= 8);
        }
    }

    #[test]
    fn any_valid_frames_in_any_order_do_no_harm(
        frames in vec((any::<u8>(), vec(any::<u8>(), 0..120)), 0..60),
        cut in 1_usize..200,
    ) {
        let mut stream = Vec::new();
        for (number, tape) in &frames {
            let layout = &LAYOUTS[usize::from(*number) % LAYOUTS.len()];
            let Some(id) = layout.id.filter(|_| layout.direction == Direction::ToClient || *number > 200) else { continue };
            let body = body(layout, Widths::V10, &mut Tape(tape));
            stream.extend_from_slice(&(body.len() as u32).to_be_bytes());
            stream.extend_from_slice(&id.to_be_bytes());
            stream.extend_from_slice(&body);
        }
        let mut told = Vec::new();
        for cut in [cut, usize::MAX] {
            let mut bench = Bench::with(Server::default(), small());
            bench.tick();
            for piece in stream.chunks(cut.min(stream.len().max(1))) {
                if bench.connection.is_some() {
                    bench.say_bytes(piece);
                }
            }
            let mut follower = Follower::default();
            let events = bench.take();
            follower.follow(&events);
            let diagnostics = bench.adapter.diagnostics();
            prop_assert!(diagnostics.calls <= 8 && diagnostics.agents <= 8 && diagnostics.teams <= 8);
            prop_assert!(diagnostics.unknown_messages.len() <= 32);
            told.push((events, bench.connects.len()));
        }
        // Bytes behind a frame that ends the connection are lost with it, in whatever pieces they come.
        if told[0].1 == 1 && told[1].1 == 1 {
            prop_assert!(told[0].0 == told[1].0, "another cut, other events");
        }
    }

    #[test]
    fn any_bytes_do_no_harm(pieces in vec(vec(any::<u8>(), 0..300), 0..30)) {
        let mut bench = Bench::new(Server::default());
        bench.tick();
        for piece in &pieces {
            match bench.connection {
                Some(_) => bench.say_bytes(piece),
                None => bench.seconds(3),
            }
        }
        let mut follower = Follower::default();
        follower.follow(&bench.take());
        bench.seconds(120);
        follower.follow(&bench.take());
        prop_assert!(follower.up, "it comes back: {:?}", bench.adapter);
    }
}

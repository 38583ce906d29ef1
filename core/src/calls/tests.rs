//! Legs follow what platforms tell, in whatever order they tell it.

use super::{Calls, Touched};
use crate::cti::{CallEvent, CallKind, Cause, Device, DeviceKind, LegState, Media, Party, PartyRole};
use crate::ids::CallId;
use crate::limits::PARTIES_MAX;
use crate::time::Time;

const NOW: Time = Time::from_millis(1_790_000_000_000);

fn apply(calls: &mut Calls, event: CallEvent) -> Touched {
    calls.apply(NOW, &event, |_| true, |queue| Some(queue.as_str().into()))
}

fn began(call: &str) -> CallEvent {
    CallEvent::Began {
        call: call.into(),
        media: Media::Voice,
        kind: CallKind::Inbound,
        from: "+4930".into(),
        to: "8000".into(),
        consults: None,
        data: vec![("callVariable1".into(), "gold".into())],
    }
}

fn line(agent: &str) -> Device {
    Device { kind: DeviceKind::Agent, id: format!("4{agent}").into(), agent: Some(agent.into()), label: "".into() }
}

fn caller() -> Device {
    Device { kind: DeviceKind::External, id: "+4930".into(), agent: None, label: "".into() }
}

fn connected(call: &str, device: Device) -> CallEvent {
    CallEvent::Connected { call: call.into(), device, role: PartyRole::Party }
}

fn state(calls: &Calls, call: &str, agent: &str) -> Option<LegState> {
    calls.leg(&call.into()).and_then(|leg| leg.own(agent)).map(|own| own.state)
}

#[test]
fn a_late_ringing_does_not_undo_an_answer_and_whoever_dialled_is_connected() {
    let mut calls = Calls::new(1);
    apply(&mut calls, CallEvent::Dialing { call: "c1".into(), device: line("1001") });
    apply(&mut calls, connected("c1", line("1002")));
    assert_eq!(state(&calls, "c1", "1001"), Some(LegState::Connected));
    apply(&mut calls, CallEvent::Ringing { call: "c1".into(), device: line("1002"), queue: None, alias: None });
    assert_eq!(state(&calls, "c1", "1002"), Some(LegState::Connected));
    // Who joins to listen connects nobody.
    apply(&mut calls, CallEvent::Dialing { call: "c2".into(), device: line("1001") });
    let device = line("2001");
    apply(&mut calls, CallEvent::Connected { call: "c2".into(), device, role: PartyRole::Listener });
    assert_eq!(state(&calls, "c2", "1001"), Some(LegState::Dialing));
    assert_eq!(calls.leg(&"c2".into()).unwrap().others("1001").count(), 0, "who listens is not shown");
}

#[test]
fn every_id_of_a_leg_finds_it_until_it_ends() {
    let mut calls = Calls::new(1);
    apply(&mut calls, began("c1"));
    let alias = Some(CallId::from("c1b"));
    let queue = Some("Sales".into());
    apply(&mut calls, CallEvent::Ringing { call: "c1".into(), device: line("1001"), queue, alias });
    apply(&mut calls, connected("c1b", line("1001")));
    let touched = apply(&mut calls, CallEvent::Renamed { call: "c1b".into(), new: "c2".into() });
    assert_eq!(touched.moved, Some(("c1".into(), "c2".into())));
    assert_eq!(touched.agents, ["1001".into()]);
    for id in ["c1", "c1b", "c2"] {
        assert_eq!(state(&calls, id, "1001"), Some(LegState::Connected), "{id}");
    }
    let data = &calls.leg(&"c2".into()).unwrap().data;
    assert_eq!(data.get("queue").map(AsRef::as_ref), Some("Sales"));
    apply(&mut calls, CallEvent::Ended { call: "c1".into(), cause: Cause::Normal });
    assert!(calls.is_empty() && calls.aliases.is_empty(), "{calls:?}");
}

#[test]
fn joined_legs_are_one_and_tell_everybody_on_either() {
    let mut calls = Calls::new(1);
    apply(&mut calls, began("c1"));
    for (call, device) in [("c1", caller()), ("c1", line("1001")), ("c2", line("1001")), ("c2", line("1002"))] {
        apply(&mut calls, connected(call, device));
    }
    let on = |device| Party { call: "c1".into(), device, role: PartyRole::Party, state: LegState::Connected };
    let parties = vec![on(caller()), on(line("1002"))];
    let event = CallEvent::Transferred { call: "c1".into(), absorbed: "c2".into(), by: line("1001"), parties };
    let touched = apply(&mut calls, event);
    assert_eq!(touched.moved, Some(("c2".into(), "c1".into())));
    assert_eq!(touched.agents, ["1001".into(), "1002".into()]);
    assert_eq!((state(&calls, "c1", "1001"), state(&calls, "c1", "1002")), (None, Some(LegState::Connected)));
    assert!(calls.leg(&"c2".into()).is_none());
    assert_eq!(calls.of_agent("1002"), ["c1".into()]);
}

#[test]
fn what_a_resynchronisation_does_not_show_is_over() {
    let mut calls = Calls::new(1);
    for call in ["c1", "c2"] {
        apply(&mut calls, began(call));
        apply(&mut calls, connected(call, line("1001")));
    }
    calls.resync_begin();
    apply(&mut calls, connected("c2", line("1001")));
    calls.resync_end();
    assert_eq!(calls.of_agent("1001"), ["c2".into()]);
    // An end without a beginning tells nothing.
    calls.resync_end();
    assert_eq!(calls.of_agent("1001"), ["c2".into()]);
}

#[test]
fn silent_legs_go_and_parties_are_bounded() {
    let mut calls = Calls::new(1);
    apply(&mut calls, connected("c1", line("1001")));
    for number in 0..2 * PARTIES_MAX {
        let device = Device { id: format!("+{number}").into(), ..caller() };
        apply(&mut calls, connected("c1", device));
    }
    assert_eq!(calls.leg(&"c1".into()).unwrap().parties.len(), PARTIES_MAX);
    let silence = std::time::Duration::from_secs(60);
    assert!(calls.sweep(NOW + silence / 2, silence).is_empty());
    assert_eq!(calls.sweep(NOW + silence, silence), ["1001".into()]);
    assert!(calls.is_empty());
    // Only what is asked for is told.
    let touched = calls.apply(NOW, &connected("c1", line("1001")), |_| false, |_| None);
    assert!(touched.agents.is_empty());
}

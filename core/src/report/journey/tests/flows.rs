use super::world::*;
use crate::cti::{AgentState, CallEvent, CallKind, Cause, DeviceKind, PartyRole};
use crate::ids::AgentId;
use crate::report::journey::merge_recent;
use crate::time::Time;

#[test]
fn queued_and_answered_with_after_call_work() {
    let mut world = answered();
    world.at(40).call(held("A", ann()));
    world.at(45).call(retrieved("A", ann()));
    world.at(60).call(left("A", ann(), Cause::Normal)).call(ended("A", Cause::Normal));
    world.agent("ann", AgentState::Work);
    let talk =
        ["A Agent 1001 | talking Ann | 30-40", "A Agent 1001 | hold Ann | 40-45", "A Agent 1001 | talking Ann | 45-60"];
    let mut open = talk.to_vec();
    open.push("A Agent 1001 | after-call work Ann | 60-…");
    assert_eq!(world.table("A"), and(&open));
    assert_eq!(world.table("A2"), and(&open), "the further id finds the journey");
    world.at(75).agent("ann", AgentState::Ready);
    let mut closed = talk.to_vec();
    closed.push("A Agent 1001 | after-call work Ann | 60-75");
    assert_eq!(world.table("A"), and(&closed));

    let [first, last] = &world.told.records[..] else { panic!("two records: {:?}", world.told.records) };
    assert_eq!(first.steps.len(), 9);
    assert_eq!(last.steps.len(), 10);
    assert_eq!(last.legs, [id("A"), id("A2")]);
    assert_eq!((&*last.from, &*last.to), ("+431", "8000"));
    assert_eq!((last.started, last.ended), (Time::ZERO, Time::from_millis(60_000)));
    assert_eq!((last.cause, last.truncated), (Cause::Normal, 0));
    assert_eq!(last.agents, [AgentId::from("ann")]);
    assert!(last.has_number("+431") && last.has_number("8000") && !last.has_number("1001"));

    world.at(600);
    assert!(world.journeys.is_empty(), "forgotten once a store surely has it");
    assert_eq!(world.journeys.poll_timeout(), None);
}

#[test]
fn the_json_is_the_contract() {
    let mut world = World::new();
    world.at(1_790_000_000).call(connected("A\"1", ann()));
    world.now = world.now + std::time::Duration::from_secs(360_061);
    assert_eq!(
        world.json("A\"1"),
        concat!(
            r#"[{"CallId":"A\"1","Device":"1001","DeviceType":"Agent","Description":"talking Ann","#,
            r#""Duration":"100:01:01","StartedAt":1790000000000,"Partial":true}]"#
        )
    );
    let mut world = World::new();
    world.call(inbound("B"));
    assert_eq!(
        world.json("B"),
        concat!(
            r#"[{"CallId":"B","Device":"+431","DeviceType":"External","Description":"Incoming call from +431","#,
            r#""Duration":"00:00:00","StartedAt":0}]"#
        )
    );
    let mut world = World::new();
    world.call(began("C", CallKind::Internal, "1001", "1002", None));
    assert_eq!(world.json("C"), "[]");
    assert!(!world.journeys.write_json(&mut Vec::new(), &id("unknown"), Time::ZERO));
}

#[test]
fn no_answer_goes_back_to_the_queue() {
    let mut world = World::new();
    world.at(0).call(inbound("A")).call(queued("A", &["q1"]));
    world.at(5).call(ringing_from("A", ann(), "q1", None));
    world.at(15).call(diverted("A", ann(), Cause::Redirected)).agent("ann", AgentState::NotReady);
    world.at(20).call(dequeued("A")).call(ringing_from("A", bob(), "q1", None));
    world.at(22).call(connected("A", bob()));
    world.at(50).call(ended("A", Cause::Normal));
    assert_eq!(
        world.table("A"),
        [
            "A External +431 | Incoming call from +431 | 0-0",
            "A CSQ Sales | Sales: answered | 0-20",
            "A Agent 1001 | ringing Ann: no answer | 5-15",
            "A Agent 1002 | ringing Bob | 20-22",
            "A Agent 1002 | talking Bob | 22-50",
        ]
    );
    let took_part: Vec<_> = world.journeys.took_part(&id("A")).unwrap().map(AgentId::as_str).collect();
    assert_eq!(took_part, ["ann", "bob"]);
}

#[test]
fn the_caller_gives_up() {
    for (dequeues, rings, cause, expected) in [
        (false, false, Cause::Normal, vec!["A CSQ Sales | Sales: abandoned | 2-9"]),
        (true, false, Cause::Abandoned, vec!["A CSQ Sales | Sales: abandoned | 2-9"]),
        (true, false, Cause::Normal, vec!["A CSQ Sales | Sales: left | 2-9"]),
        (
            false,
            true,
            Cause::Abandoned,
            vec!["A CSQ Sales | Sales: abandoned | 2-9", "A Agent 1001 | ringing Ann: abandoned | 5-9"],
        ),
    ] {
        let mut world = World::new();
        world.at(0).call(inbound("A")).call(ringing("A", port()));
        world.at(2).call(queued("A", &["q1"]));
        world.at(5);
        if rings {
            world.call(ringing_from("A", ann(), "q1", None));
        }
        world.at(9);
        if dequeues {
            world.call(dequeued("A"));
        }
        world.call(ended("A", cause));
        let mut table = vec!["A External +431 | Incoming call from +431 | 0-0", "A IVR 6001 | Welcome | 0-2"];
        table.extend(expected);
        assert_eq!(world.table("A"), table, "{dequeues} {rings} {cause:?}");
        let abandoned = if dequeues { cause } else { Cause::Abandoned };
        assert_eq!(world.told.records[0].cause, abandoned);
    }
    let mut world = World::new();
    world.at(0).call(inbound("A")).call(connected("A", port()));
    world.at(4).call(ended("A", Cause::Abandoned));
    assert_eq!(world.table("A")[1], "A IVR 6001 | Welcome: abandoned | 0-4");
}

#[test]
fn an_agent_dials_out() {
    let mut world = World::new();
    world.at(0).call(began("A", CallKind::Outbound, "1001", "+49", None)).call(dialing("A", ann()));
    world.at(3).call(ringing("A", outside("+49")));
    world.at(8).call(connected("A", outside("+49")));
    world.at(20).call(left("A", outside("+49"), Cause::Normal)).call(ended("A", Cause::Normal));
    assert_eq!(
        world.table("A"),
        [
            "A External +49 | Outgoing call to +49 | 0-0",
            "A Agent 1001 | dialling +49 | 0-8",
            "A External +49 | ringing +49 | 3-8",
            "A External +49 | talking +49 | 8-20",
            "A Agent 1001 | talking Ann | 8-20",
        ]
    );
    let mut world = World::new();
    world.at(0).call(began("A", CallKind::Outbound, "1001", "+49", None)).call(dialing("A", ann()));
    world.at(2).call(CallEvent::Failed { call: id("A"), device: outside("+49"), cause: Cause::Busy });
    world.at(6).call(ended("A", Cause::Busy));
    assert_eq!(
        world.table("A")[1..],
        ["A Agent 1001 | dialling +49: busy | 0-6", "A External +49 | ringing +49: busy | 2-2"]
    );
}

#[test]
fn an_agent_calls_another() {
    let mut world = World::new();
    world.at(0).call(began("A", CallKind::Internal, "1001", "1002", None)).call(dialing("A", ann()));
    world.at(1).call(ringing("A", bob()));
    world.at(4).call(connected("A", bob()));
    world.at(9).call(ended("A", Cause::Normal));
    assert_eq!(
        world.table("A"),
        [
            "A Agent 1001 | dialling 1002 | 0-4",
            "A Agent 1002 | ringing Bob | 1-4",
            "A Agent 1002 | talking Bob | 4-9",
            "A Agent 1001 | talking Ann | 4-9",
        ]
    );
}

#[test]
fn a_redirect_while_ringing() {
    let mut world = World::new();
    world.at(0).call(inbound("A")).call(ringing("A", ann()));
    world.at(3).call(left("A", ann(), Cause::Rejected)).call(ringing("A", bob()));
    world.at(5).call(connected("A", bob()));
    assert_eq!(
        world.table("A")[1..],
        [
            "A Agent 1001 | ringing Ann: rejected | 0-3",
            "A Agent 1002 | ringing Bob | 3-5",
            "A Agent 1002 | talking Bob | 5-…",
        ]
    );
}

#[test]
fn supervisors_show_as_what_they_do() {
    let mut world = answered();
    for (second, role) in [(31, PartyRole::Listener), (35, PartyRole::Coach), (40, PartyRole::Barged)] {
        world.at(second).call(CallEvent::Connected { call: id("A"), device: cid(), role });
    }
    world.at(50).call(left("A", cid(), Cause::Normal));
    assert_eq!(
        world.table("A"),
        and(&[
            "A Agent 1001 | talking Ann | 30-…",
            "A Agent 1003 | listening Cid | 31-35",
            "A Agent 1003 | coaching Cid | 35-40",
            "A Agent 1003 | barged in Cid | 40-50",
        ])
    );
}

#[test]
fn order_across_devices_does_not_matter() {
    let mut world = World::new();
    world.at(0).call(connected("A", ann()));
    world.call(ringing_from("A", ann(), "q1", None)).call(inbound("A"));
    world.at(5).call(ended("A", Cause::Normal));
    world.call(left("A", ann(), Cause::Normal)).call(connected("A", bob())).call(queued("A", &["q1"]));
    assert_eq!(
        world.table("A"),
        ["A Agent 1001 | talking Ann | 0-5", "A External +431 | Incoming call from +431 | 0-0"]
    );
    assert_eq!(world.told.records.len(), 1);

    let mut world = World::new();
    world.at(0).call(began("B", CallKind::Internal, "1001", "1002", None)).call(connected("B", bob()));
    world.call(dialing("B", ann()));
    assert_eq!(world.table("B"), ["B Agent 1002 | talking Bob | 0-…", "B Agent 1001 | talking Ann | 0-…"]);
}

#[test]
fn joined_mid_call() {
    let mut world = World::new();
    world.at(7).call(held("A", ann()));
    world.at(9).call(retrieved("A", ann()));
    assert_eq!(world.table("A"), ["A Agent 1001 | hold Ann | 7-9 ~", "A Agent 1001 | talking Ann | 9-…"]);
    for late in [ended("X", Cause::Normal), left("X", ann(), Cause::Normal), dequeued("X")] {
        world.call(late);
    }
    assert_eq!(world.journeys.len(), 1, "what only ends opens nothing");
}

#[test]
fn after_call_work_is_awaited_no_longer_than_needed() {
    let mut world = answered();
    world.at(60).call(ended("A", Cause::Normal));
    assert_eq!(world.told.records.len(), 1);
    world.agent("ann", AgentState::Ready).agent("ann", AgentState::Work);
    assert_eq!(world.table("A").len(), 7, "work without a talk before it is no step");

    let mut world = answered();
    world.at(60).call(ended("A", Cause::Normal));
    world.at(66).agent("ann", AgentState::Work);
    assert_eq!(world.table("A").len(), 7, "too late");

    // Not ready is told while the agent talks, as for calls that came to the extension directly.
    let mut world = answered();
    world.at(31).agent("ann", AgentState::NotReady);
    world.at(60).call(ended("A", Cause::Normal)).agent("ann", AgentState::Work);
    assert_eq!(world.table("A")[7], "A Agent 1001 | after-call work Ann | 60-…");

    let mut world = answered();
    world.at(59).agent("ann", AgentState::Work);
    world.at(60).call(ended("A", Cause::Normal));
    assert_eq!(
        world.table("A")[6..],
        ["A Agent 1001 | talking Ann | 30-60", "A Agent 1001 | after-call work Ann | 59-…",]
    );
}

#[test]
fn recent_calls_newest_first() {
    let mut world = answered();
    world.at(40).call(began("B", CallKind::Outbound, "1002", "+49", None));
    world.at(50).call(ended("A", Cause::Normal));
    let lines = world.journeys.recent(10, None);
    let short: Vec<_> = lines.iter().map(|line| (line.call.as_str(), line.ended.is_some(), &*line.from)).collect();
    assert_eq!(short, [("B", false, "1002"), ("A", true, "+431")]);
    assert_eq!(world.journeys.recent(1, None).len(), 1);
    assert_eq!(world.journeys.recent(10, Some("+49"))[0].call, id("B"));
    assert_eq!(world.journeys.recent(10, Some("nobody")), []);

    let stored: Vec<_> = world.told.records.iter().filter_map(crate::report::journey::JourneyRecord::summary).collect();
    let merged = merge_recent(lines.clone(), stored, 10);
    assert_eq!(merged, lines, "known here and stored: once");
    let mut json = Vec::new();
    crate::report::journey::write_recent(&mut json, &merged);
    assert_eq!(
        String::from_utf8(json).unwrap(),
        concat!(
            r#"{"Calls":[{"CallId":"B","StartedAt":40000,"From":"1002","To":"+49"},"#,
            r#"{"CallId":"A","StartedAt":0,"EndedAt":50000,"From":"+431","To":"8000"}]}"#
        )
    );
}

#[test]
fn every_device_kind_is_named_as_the_contract_says() {
    let kinds = [DeviceKind::Trigger, DeviceKind::Ivr, DeviceKind::Queue, DeviceKind::Agent, DeviceKind::External];
    assert_eq!(kinds.map(DeviceKind::as_str), ["Trigger", "IVR", "CSQ", "Agent", "External"]);
}

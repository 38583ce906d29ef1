//! Worlds where only the script acts, to the millisecond.

use super::super::{Act, Entry, TeamMember};
use super::{Driver, START, agent, silent};
use crate::cti::{
    Adapter, AgentState, CallEvent, Cause, Command, DeviceKind, Event, Media, Outcome, RefusalKind, Role,
};
use crate::ids::TeamId;

fn entry(at_ms: u64, act: Act) -> Entry {
    Entry { at_ms, act }
}

fn call(talk_ms: Option<u64>, abandon_ms: Option<u64>) -> Act {
    Act::Call {
        queue: "General".to_owned(),
        from: "+15550001".to_owned(),
        media: Media::Voice,
        prompts_ms: Some(1_000),
        ring_ms: Some(2_000),
        talk_ms,
        abandon_ms,
    }
}

#[test]
fn a_silent_world_is_silent() {
    let mut driver = Driver::new(silent(1000), 1);
    let before = driver.told.len();
    driver.run(24 * 3_600_000);
    assert_eq!(driver.told.len(), before);
    assert_eq!(Adapter::poll_timeout(&driver.simulator), None);
}

#[test]
fn a_call_goes_the_documented_way() {
    let mut scenario = silent(1000);
    scenario.calls.patience_ms = 10_000_000;
    scenario.script = vec![entry(1_000, call(Some(5_000), Some(600_000)))];
    let mut driver = Driver::new(scenario, 1);
    let before = driver.told.len();
    driver.run(60_000);
    let steps: Vec<String> = driver.told[before..]
        .iter()
        .map(|(_, event)| match event {
            Event::Call(CallEvent::Began { .. }) => "began".to_owned(),
            Event::Call(CallEvent::Dialing { device, .. }) => format!("dialing {}", device.kind.as_str()),
            Event::Call(CallEvent::Ringing { device, queue, alias, .. }) => {
                assert_eq!(
                    (queue.is_some(), alias.is_some()),
                    [(false, false), (true, true)][usize::from(device.kind == DeviceKind::Agent)]
                );
                assert!(!device.label.is_empty());
                format!("ringing {}", device.kind.as_str())
            }
            Event::Call(CallEvent::Connected { device, .. }) => format!("connected {}", device.kind.as_str()),
            Event::Call(CallEvent::Queued { .. }) => "queued".to_owned(),
            Event::Call(CallEvent::Diverted { device, .. }) => format!("diverted {}", device.kind.as_str()),
            Event::Call(CallEvent::Left { device, .. }) => format!("left {}", device.kind.as_str()),
            Event::Call(CallEvent::Ended { cause: Cause::Normal, .. }) => "ended".to_owned(),
            Event::Call(CallEvent::Data { .. }) => "data".to_owned(),
            Event::AgentStatus(status) => status.state.as_str().to_owned(),
            other => panic!("{other:?}"),
        })
        .collect();
    let (leaves, rest) = steps.split_at(16);
    assert_eq!(
        leaves[..14],
        [
            "began",
            "dialing External",
            "ringing Trigger",
            "diverted Trigger",
            "ringing IVR",
            "connected IVR",
            "queued",
            "data",
            "diverted CSQ",
            "ringing Agent",
            "reserved",
            "connected Agent",
            "left IVR",
            "talking",
        ]
    );
    let mut parties = leaves[14..].to_vec();
    parties.sort();
    assert_eq!(parties, ["left Agent", "left External"]);
    assert_eq!(rest, ["ended", "work", "ready"]);
}

#[test]
fn a_caller_gives_up_at_the_moment_the_script_says() {
    let mut scenario = silent(0);
    scenario.script = vec![entry(1_000, call(None, Some(500))), entry(10_000, call(None, Some(5_000)))];
    let mut driver = Driver::new(scenario, 1);
    driver.run(60_000);
    let ends: Vec<_> = driver
        .told
        .iter()
        .filter(|(_, event)| matches!(event, Event::Call(CallEvent::Ended { cause: Cause::Abandoned, .. })))
        .map(|(at, _)| at.since(START).as_millis())
        .collect();
    assert_eq!(ends, [1_500, 15_000], "in the script, and in the queue");
}

#[test]
fn nobody_answers_and_the_call_goes_back() {
    let mut scenario = silent(1000);
    scenario.calls.no_answer_permille = 1000;
    scenario.script = vec![entry(1_000, call(None, Some(30_000)))];
    let mut driver = Driver::new(scenario, 1);
    driver.run(60_000);
    let missed = |event: &&CallEvent| matches!(event, CallEvent::Diverted { cause: Cause::NoAnswer, .. });
    assert_eq!(driver.call_events().filter(missed).count(), 2);
    let queued = |event: &&CallEvent| matches!(event, CallEvent::Queued { .. });
    assert_eq!(driver.call_events().filter(queued).count(), 3);
    let not_answered = driver.simulator.truth().statuses().filter(|status| &*status.reason == "32763").count();
    assert_eq!(not_answered, 2);
}

#[test]
fn administrators_act_at_the_moment_the_script_says() {
    let member = |id: &str, role| TeamMember { agent: id.to_owned(), role };
    let mut scenario = silent(0);
    scenario.script = vec![
        entry(1_000, Act::TeamRenamed { team: 1, name: "Sales EMEA".to_owned() }),
        entry(
            2_000,
            Act::TeamAdded {
                team: 77,
                name: "Pilot".to_owned(),
                members: vec![
                    member("1001", Role::Supervisor),
                    member("2001", Role::Agent),
                    member("nobody", Role::Agent),
                ],
            },
        ),
        entry(
            3_000,
            Act::TeamChanged {
                team: 77,
                added: vec![member("2001", Role::TeamLead), member("2030", Role::Agent)],
                removed: vec![member("2001", Role::Agent)],
            },
        ),
        entry(4_000, Act::AgentAdded { agent: "3001".to_owned(), name: "Ada Adams".to_owned() }),
        entry(5_000, Act::AgentRenamed { agent: "3001".to_owned(), name: "Ada Brown".to_owned() }),
        entry(6_000, Act::AgentState { agent: "2002".to_owned(), state: AgentState::Ready, reason: String::new() }),
        entry(7_000, Act::AgentRemoved { agent: "2030".to_owned() }),
        entry(8_000, Act::TeamRemoved { team: 77 }),
        entry(9_000, Act::TeamRemoved { team: 77 }),
    ];
    let mut driver = Driver::new(scenario, 1);
    let before = driver.told.len();
    driver.run(7_500);
    let team = driver.simulator.truth().team(&TeamId::from("77")).expect("a team");
    let members: Vec<_> = team.members.iter().map(|m| (m.agent.as_str(), m.role)).collect();
    assert_eq!(members, [("1001", Role::Supervisor), ("2001", Role::TeamLead)]);
    driver.replica().assert_equals(driver.simulator.truth());
    driver.run(10_000);
    let moments: Vec<_> = driver.told[before..].iter().map(|(at, _)| at.since(START).as_millis()).collect();
    assert_eq!(moments, [1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 7_000, 7_000, 8_000], "the leaver logs out first");
    driver.replica().assert_equals(driver.simulator.truth());
    let verified = driver.command(Command::Verify { agent: agent("3001") });
    assert_eq!(verified, Outcome::Verified { agent: agent("3001") });
}

#[test]
fn what_changed_while_the_platform_was_away_is_told_when_it_is_back() {
    let mut scenario = silent(1000);
    scenario.script = vec![
        entry(1_000, call(Some(60_000), Some(600_000))),
        entry(10_000, Act::Outage { for_ms: 10_000 }),
        entry(12_000, Act::TeamRenamed { team: 2, name: "Service 2".to_owned() }),
        entry(13_000, Act::AgentRemoved { agent: "2060".to_owned() }),
        entry(15_000, Act::Outage { for_ms: 2_000 }),
        entry(16_000, Act::Dial { agent: "2050".to_owned(), to: "42051".to_owned() }),
    ];
    let mut driver = Driver::new(scenario, 1);
    driver.run(10_000);
    let before = driver.told.len();
    assert!(matches!(driver.told[before - 1].1, Event::Down { .. }));
    driver.run(1_000);
    assert_eq!(driver.refused(Command::Verify { agent: agent("1001") }), RefusalKind::Unavailable);
    assert_eq!(driver.told.len(), before + 1, "silence but for the answer");
    assert!(!driver.simulator.truth().is_up());
    driver.run(20_000);
    assert!(matches!(driver.told[before + 1].1, Event::Up(_)));
    assert_eq!(driver.told[before + 1].0.since(START).as_millis(), 17_000, "the later outage decides");
    assert!(matches!(driver.told[before + 2].1, Event::ResyncBegin));
    assert!(driver.call_events().filter(|event| matches!(event, CallEvent::Seen(_))).count() == 2);
    driver.replica().assert_equals(driver.simulator.truth());
}

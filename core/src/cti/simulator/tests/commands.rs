//! Every command, obeyed and refused.

use super::super::{Act, Entry};
use super::{Driver, agent, silent};
use crate::cti::{
    AgentState, CallEvent, CallRecord, Command, DeviceKind, Event, LegState, Media, Outcome, PartyRole,
    RecordingAction, RecordingState, RefusalKind, SuperviseAction,
};
use crate::ids::CallId;

/// 2001 acts; 2002 and 2003 are colleagues in the team of supervisor 1001; 2060 is in another.
const ME: &str = "2001";
const COLLEAGUE: &str = "42002";
const OUTSIDE: &str = "+442071234567";

/// Contacts that arrive at these seconds for a queue that only a person will be ready in.
fn contacts(at_s: &[u64], media: Media) -> Driver {
    let mut scenario = silent(0);
    let contact = |at_s: &u64| Entry {
        at_ms: at_s * 1000,
        act: Act::Call {
            queue: "General".to_owned(),
            from: format!("+1555000{at_s:04}"),
            media,
            prompts_ms: Some(100),
            ring_ms: Some(1_000),
            talk_ms: Some(20_000),
            abandon_ms: Some(60_000),
        },
    };
    scenario.script = at_s.iter().map(contact).collect();
    Driver::new(scenario, 1)
}

fn ready(driver: &mut Driver) {
    driver.done(Command::SetState { agent: agent(ME), state: AgentState::Ready, reason: None, by: None });
}

/// The call on which the agent's line is in that state.
fn on(driver: &Driver, who: &str, state: LegState) -> CallId {
    let is_it = |call: &CallRecord| {
        call.parties.iter().any(|party| party.device.agent == Some(agent(who)) && party.state == state)
    };
    driver.simulator.truth().calls().find(is_it).unwrap_or_else(|| panic!("{who} has no call {state:?}")).call
}

fn parties(driver: &Driver, call: &CallId) -> Vec<(DeviceKind, String, PartyRole, LegState)> {
    let record = driver.simulator.truth().call(call).expect("in progress");
    record.parties.into_iter().map(|p| (p.device.kind, p.device.id.to_string(), p.role, p.state)).collect()
}

fn state(driver: &Driver, who: &str) -> (AgentState, String) {
    let status = driver.simulator.truth().status(&agent(who)).expect("known");
    (status.state, status.reason.to_string())
}

/// A contact the person has answered.
fn talking() -> (Driver, CallId) {
    let mut driver = contacts(&[1, 200], Media::Voice);
    ready(&mut driver);
    driver.run(3_000);
    let call = on(&driver, ME, LegState::Ringing);
    driver.done(Command::Answer { agent: agent(ME), call: call.clone() });
    (driver, call)
}

/// A consultation a colleague has answered.
fn consulting() -> (Driver, CallId, CallId) {
    let (mut driver, held) = talking();
    let destination = COLLEAGUE.into();
    let active = driver.calls(Command::Consult { agent: agent(ME), call: held.clone(), destination });
    driver.run(6_000);
    assert!(parties(&driver, &active).iter().all(|party| party.3 == LegState::Connected));
    (driver, held, active)
}

fn stranger(driver: &Driver) -> CallId {
    let known = driver.simulator.boot.clone();
    CallId::from(format!("{known}-1"))
}

#[test]
fn verify() {
    let mut driver = Driver::new(silent(0), 1);
    let verify = |id: &str| Command::Verify { agent: agent(id) };
    assert_eq!(driver.command(verify("1001")), Outcome::Verified { agent: agent("1001") });
    assert!(!driver.simulator.is_held(&agent("1001")), "verifying alone takes nobody over");
    assert_eq!(driver.refused(verify("9999")), RefusalKind::Credentials);
    for secret in [Some("1002"), Some(""), None] {
        let outcome = driver.command_with(verify("1001"), secret);
        assert!(matches!(&outcome, Outcome::Refused(r) if r.kind == RefusalKind::Credentials), "{secret:?}");
    }
}

#[test]
fn login_and_logout() {
    let mut driver = Driver::new(super::Scenario::default(), 1);
    let login = |extension: Option<&str>| Command::Login { agent: agent(ME), extension: extension.map(Into::into) };
    let out = |reason: Option<&str>| Command::Logout { agent: agent(ME), reason: reason.map(Into::into), by: None };
    let wrong = driver.command_with(login(None), Some("no"));
    assert!(matches!(wrong, Outcome::Refused(refusal) if refusal.kind == RefusalKind::Credentials));
    assert_eq!(driver.refused(login(Some("42002"))), RefusalKind::Busy);
    assert_eq!(driver.refused(login(Some("6001"))), RefusalKind::Busy);
    assert_eq!(driver.refused(login(Some("desk"))), RefusalKind::Other);
    assert_eq!(state(&driver, ME).0, AgentState::LoggedOut);

    driver.done(login(Some("5555")));
    assert_eq!(state(&driver, ME), (AgentState::NotReady, "32760".to_owned()));
    assert_eq!(driver.simulator.truth().status(&agent(ME)).and_then(|s| s.extension).as_deref(), Some("5555"));
    assert!(driver.simulator.is_held(&agent(ME)));
    driver.done(login(None));

    assert_eq!(driver.refused(out(Some("lunch"))), RefusalKind::Other);
    driver.done(out(Some("11")));
    assert_eq!(state(&driver, ME), (AgentState::LoggedOut, "11".to_owned()));
    assert!(!driver.simulator.is_held(&agent(ME)));
    driver.done(out(None));
    assert_eq!(
        driver.refused(Command::Logout { agent: agent("9"), reason: None, by: None }),
        RefusalKind::UnknownAgent
    );
    driver.done(login(Some("5555")));

    let (mut driver, _) = talking();
    assert_eq!(driver.refused(out(None)), RefusalKind::State);
}

#[test]
fn a_logout_reason_can_be_required() {
    let mut scenario = silent(0);
    scenario.logout_reason_required = true;
    let mut driver = Driver::new(scenario, 1);
    assert_eq!(driver.refused(Command::Logout { agent: agent(ME), reason: None, by: None }), RefusalKind::Other);
    driver.done(Command::Logout { agent: agent(ME), reason: Some("11".into()), by: None });
}

#[test]
fn set_state() {
    let mut driver = Driver::new(silent(0), 1);
    let set = |state, reason: &str| Command::SetState {
        agent: agent(ME),
        state,
        reason: (!reason.is_empty()).then(|| reason.into()),
        by: None,
    };
    driver.done(set(AgentState::Ready, ""));
    assert_eq!(state(&driver, ME).0, AgentState::Ready);
    let before = driver.told.len();
    driver.done(set(AgentState::Ready, ""));
    assert_eq!(driver.told.len(), before + 1, "what holds already is answered and nothing else");
    driver.done(set(AgentState::NotReady, "1"));
    assert_eq!(state(&driver, ME), (AgentState::NotReady, "1".to_owned()));
    for not_to_be_chosen in [AgentState::Reserved, AgentState::Talking, AgentState::Hold, AgentState::Work] {
        assert_eq!(driver.refused(set(not_to_be_chosen, "")), RefusalKind::State);
    }
    assert_eq!(driver.refused(set(AgentState::NotReady, "70000")), RefusalKind::Other);
    driver.done(set(AgentState::LoggedOut, ""));
    assert_eq!(driver.refused(set(AgentState::Ready, "")), RefusalKind::State);
}

#[test]
fn a_state_asked_for_on_a_call_follows_it() {
    let (mut driver, call) = talking();
    driver.done(Command::SetState {
        agent: agent(ME),
        state: AgentState::NotReady,
        reason: Some("2".into()),
        by: None,
    });
    let status = driver.simulator.truth().status(&agent(ME)).expect("known");
    assert_eq!((status.state, status.pending), (AgentState::Talking, Some(AgentState::NotReady)));
    driver.done(Command::Drop { agent: agent(ME), call });
    assert_eq!(state(&driver, ME), (AgentState::NotReady, "2".to_owned()));
    assert_eq!(driver.simulator.truth().status(&agent(ME)).and_then(|s| s.pending), None);
}

#[test]
fn dial() {
    let mut driver = Driver::new(silent(0), 1);
    let dial = |to: &str| Command::Dial { agent: agent(ME), destination: to.into(), data: Vec::new() };
    for nowhere in ["", "12", "abc", "+", "42001", "2001"] {
        assert_eq!(driver.refused(dial(nowhere)), RefusalKind::Destination, "{nowhere}");
    }
    let before = state(&driver, ME);
    let call = driver.calls(dial(OUTSIDE));
    assert_eq!(state(&driver, ME), (AgentState::NotReady, "32762".to_owned()));
    assert_eq!(driver.refused(dial(OUTSIDE)), RefusalKind::Busy);
    driver.run(6_000);
    assert!(parties(&driver, &call).iter().all(|party| party.3 == LegState::Connected));
    driver.done(Command::Drop { agent: agent(ME), call: call.clone() });
    assert!(driver.simulator.truth().call(&call).is_none());
    assert_eq!(state(&driver, ME), before, "back to what it was");

    for (number, fails) in [("+442071230000", true), ("+442071239999", true), ("+442071238888", false)] {
        let call = driver.calls(dial(number));
        assert_eq!(driver.simulator.truth().call(&call).is_none(), fails, "{number}");
        driver.run(13_000);
        assert!(driver.simulator.truth().call(&call).is_none(), "{number}: not answered");
    }
    driver.done(Command::SetState { agent: agent(ME), state: AgentState::LoggedOut, reason: None, by: None });
    assert_eq!(driver.refused(dial(OUTSIDE)), RefusalKind::State);
}

#[test]
fn answer_and_reject() {
    let mut driver = contacts(&[1, 20], Media::Voice);
    ready(&mut driver);
    driver.run(3_000);
    let call = on(&driver, ME, LegState::Ringing);
    assert_eq!(state(&driver, ME).0, AgentState::Reserved);
    let nobody = stranger(&driver);
    assert_eq!(driver.refused(Command::Answer { agent: agent(ME), call: nobody.clone() }), RefusalKind::UnknownCall);
    assert_eq!(driver.refused(Command::Answer { agent: agent("2002"), call: call.clone() }), RefusalKind::UnknownCall);
    assert_eq!(driver.refused(Command::Drop { agent: agent(ME), call: call.clone() }), RefusalKind::State);

    driver.done(Command::Reject { agent: agent(ME), call: call.clone() });
    assert_eq!(state(&driver, ME), (AgentState::NotReady, "32763".to_owned()));
    assert_eq!(driver.simulator.truth().call(&call).map(|call| call.queues.len()), Some(1), "back in its queue");

    ready(&mut driver);
    assert_eq!(state(&driver, ME).0, AgentState::Reserved, "and offered again");
    driver.done(Command::Answer { agent: agent(ME), call: call.clone() });
    assert_eq!(state(&driver, ME).0, AgentState::Talking);
    driver.done(Command::Answer { agent: agent(ME), call: call.clone() });
    assert_eq!(driver.refused(Command::Reject { agent: agent(ME), call }), RefusalKind::State);
}

#[test]
fn hold_retrieve_and_drop() {
    let (mut driver, call) = talking();
    let me = || agent(ME);
    driver.done(Command::Retrieve { agent: me(), call: call.clone() });
    driver.done(Command::Hold { agent: me(), call: call.clone() });
    assert_eq!(state(&driver, ME).0, AgentState::Hold);
    driver.done(Command::Hold { agent: me(), call: call.clone() });
    driver.done(Command::Retrieve { agent: me(), call: call.clone() });
    assert_eq!(state(&driver, ME).0, AgentState::Talking);
    for refused in [
        Command::Hold { agent: agent("2002"), call: call.clone() },
        Command::Retrieve { agent: agent("2002"), call: call.clone() },
        Command::Drop { agent: agent("2002"), call: call.clone() },
        Command::Hold { agent: me(), call: CallId::from("nonsense") },
    ] {
        assert_eq!(driver.refused(refused), RefusalKind::UnknownCall);
    }
    driver.done(Command::Drop { agent: me(), call: call.clone() });
    assert_eq!(state(&driver, ME).0, AgentState::Work);
    assert_eq!(driver.refused(Command::Drop { agent: me(), call }), RefusalKind::UnknownCall);
    driver.run(15_000);
    let dialled = driver.calls(Command::Dial {
        agent: me(),
        destination: OUTSIDE.into(),
        data: vec![("callVariable1".into(), "gold".into())],
    });
    assert_eq!(driver.refused(Command::Hold { agent: me(), call: dialled }), RefusalKind::State);
}

#[test]
fn consult_and_alternate() {
    let (mut driver, call) = talking();
    let consult =
        |call: &CallId, to: &str| Command::Consult { agent: agent(ME), call: call.clone(), destination: to.into() };
    assert_eq!(driver.refused(consult(&call, "x")), RefusalKind::Destination);
    let nobody = stranger(&driver);
    assert_eq!(driver.refused(consult(&nobody, COLLEAGUE)), RefusalKind::UnknownCall);
    let (mut driver, held, active) = consulting();
    assert_eq!(driver.refused(consult(&active, "42003")), RefusalKind::Busy);
    assert_eq!(state(&driver, "2002"), (AgentState::NotReady, "32761".to_owned()));
    let record = driver.simulator.truth().call(&active).expect("in progress");
    assert_eq!(record.consults, Some(held.clone()));

    let alternate =
        |a: &CallId, b: &CallId| Command::Alternate { agent: agent(ME), active: a.clone(), held: b.clone() };
    driver.done(alternate(&active, &held));
    assert_eq!(on(&driver, ME, LegState::Held), active);
    assert_eq!(on(&driver, ME, LegState::Connected), held);
    assert_eq!(driver.refused(Command::Retrieve { agent: agent(ME), call: active.clone() }), RefusalKind::State);
    driver.done(alternate(&held, &active));
    let nobody = stranger(&driver);
    assert_eq!(driver.refused(alternate(&active, &nobody)), RefusalKind::UnknownCall);
    driver.done(Command::Drop { agent: agent(ME), call: active.clone() });
    assert_eq!(driver.refused(alternate(&active, &held)), RefusalKind::UnknownCall);
    driver.done(Command::Retrieve { agent: agent(ME), call: held });
}

#[test]
fn complete_transfer() {
    let (mut driver, held, active) = consulting();
    let transfer = |held: &CallId, active: &CallId| Command::CompleteTransfer {
        agent: agent(ME),
        held: held.clone(),
        active: active.clone(),
    };
    assert_eq!(driver.refused(transfer(&held, &held)), RefusalKind::State);
    driver.done(transfer(&held, &active));
    let kinds: Vec<_> = parties(&driver, &held).into_iter().map(|party| party.0).collect();
    assert_eq!(kinds, [DeviceKind::External, DeviceKind::Agent]);
    assert_eq!(state(&driver, ME).0, AgentState::Work);
    assert_eq!(state(&driver, "2002").0, AgentState::Talking);
    assert!(driver.simulator.truth().call(&active).is_none());
    assert_eq!(driver.refused(transfer(&held, &active)), RefusalKind::UnknownCall);
    driver.run(60_000);
    assert!(driver.simulator.truth().call(&held).is_none(), "the colleague comes to an end");
}

#[test]
fn complete_transfer_while_it_rings_and_waits() {
    for destination in [COLLEAGUE, "6001"] {
        let (mut driver, held) = talking();
        let me = agent(ME);
        let active =
            driver.calls(Command::Consult { agent: me.clone(), call: held.clone(), destination: destination.into() });
        driver.run(if destination == COLLEAGUE { 100 } else { 8_000 });
        driver.done(Command::CompleteTransfer { agent: me, held: held.clone(), active });
        let record = driver.simulator.truth().call(&held).expect("goes on");
        assert_eq!(record.queues.len(), usize::from(destination == "6001"));
        driver.replica().assert_equals(driver.simulator.truth());
        if destination == "6001" {
            driver.done(Command::SetState { agent: agent("2003"), state: AgentState::Ready, reason: None, by: None });
            assert_eq!(on(&driver, "2003", LegState::Ringing), held);
        } else {
            driver.run(6_000);
            assert_eq!(on(&driver, "2002", LegState::Connected), held);
        }
        driver.replica().assert_equals(driver.simulator.truth());
    }
}

#[test]
fn complete_conference() {
    let (mut driver, held) = talking();
    let conference = |held: &CallId, active: &CallId| Command::CompleteConference {
        agent: agent(ME),
        held: held.clone(),
        active: active.clone(),
    };
    let destination = COLLEAGUE.into();
    let active = driver.calls(Command::Consult { agent: agent(ME), call: held.clone(), destination });
    assert_eq!(driver.refused(conference(&held, &active)), RefusalKind::State, "nobody has answered");
    driver.run(6_000);
    driver.done(conference(&held, &active));
    assert_eq!(parties(&driver, &held).len(), 3);
    assert_eq!((state(&driver, ME).0, state(&driver, "2002").0), (AgentState::Talking, AgentState::Talking));
    driver.done(Command::Drop { agent: agent(ME), call: held.clone() });
    assert_eq!(parties(&driver, &held).len(), 2, "the others go on");
    driver.run(60_000);
    assert!(driver.simulator.truth().call(&held).is_none());
}

#[test]
fn blind_transfer() {
    let transfer = |call: &CallId, to: &str| Command::BlindTransfer {
        agent: agent(ME),
        call: call.clone(),
        destination: to.into(),
    };
    for to in [COLLEAGUE, "6001", OUTSIDE] {
        let (mut driver, call) = talking();
        driver.done(transfer(&call, to));
        assert_eq!(state(&driver, ME).0, AgentState::Work, "{to}");
        driver.run(6_000);
        let there = parties(&driver, &call);
        let kind = match to {
            COLLEAGUE => DeviceKind::Agent,
            "6001" => DeviceKind::Ivr,
            _ => DeviceKind::External,
        };
        assert!(there.iter().skip(1).any(|party| party.0 == kind), "{to}: {there:?}");
        driver.replica().assert_equals(driver.simulator.truth());
        driver.run(3_600_000);
        assert!(driver.simulator.truth().call(&call).is_none(), "{to}: comes to an end");
    }
    let (mut driver, call) = talking();
    assert_eq!(driver.refused(transfer(&call, "42001")), RefusalKind::Destination);
    driver.done(Command::SetState { agent: agent("2002"), state: AgentState::LoggedOut, reason: None, by: None });
    assert_eq!(driver.refused(transfer(&call, COLLEAGUE)), RefusalKind::Busy);
    let nobody = stranger(&driver);
    assert_eq!(driver.refused(transfer(&nobody, OUTSIDE)), RefusalKind::UnknownCall);
}

#[test]
fn blind_conference() {
    let (mut driver, call) = talking();
    let conference =
        |to: &str| Command::BlindConference { agent: agent(ME), call: call.clone(), destination: to.into() };
    assert_eq!(driver.refused(conference("6001")), RefusalKind::Unsupported);
    assert_eq!(driver.refused(conference("?")), RefusalKind::Destination);
    driver.done(conference(COLLEAGUE));
    driver.run(6_000);
    assert_eq!(parties(&driver, &call).len(), 3);
    driver.done(Command::Hold { agent: agent(ME), call: call.clone() });
    assert_eq!(driver.refused(conference("42003")), RefusalKind::State);
}

#[test]
fn dtmf_recording_and_data() {
    let (mut driver, call) = talking();
    let me = || agent(ME);
    let dtmf = |digits: &str| Command::Dtmf { agent: me(), call: call.clone(), digits: digits.into() };
    driver.done(dtmf("12*#A"));
    assert_eq!(driver.refused(dtmf("")), RefusalKind::Other);
    assert_eq!(driver.refused(dtmf("12x")), RefusalKind::Other);

    let record = |action| Command::Recording { agent: me(), call: call.clone(), action };
    assert_eq!(driver.refused(record(RecordingAction::Pause)), RefusalKind::State);
    for action in [RecordingAction::Start, RecordingAction::Pause, RecordingAction::Resume, RecordingAction::Stop] {
        driver.done(record(action));
    }
    let states: Vec<_> = driver
        .call_events()
        .filter_map(|event| if let CallEvent::Recording { state, .. } = event { Some(*state) } else { None })
        .collect();
    let expected =
        [RecordingState::Recording, RecordingState::Paused, RecordingState::Recording, RecordingState::Stopped];
    assert_eq!(states, expected);

    let set = |key: &str, value: &str| Command::SetData {
        agent: me(),
        call: call.clone(),
        data: vec![(key.into(), value.into())],
    };
    driver.done(set("callVariable10", "ticket 7"));
    driver.done(set("callVariable10", ""));
    driver.done(set("wrapup", "1"));
    for key in ["callVariable0", "callVariable11", "callVariable01", "ani", ""] {
        assert_eq!(driver.refused(set(key, "x")), RefusalKind::Other, "{key}");
    }
    assert_eq!(driver.refused(set("wrapup", &"x".repeat(211))), RefusalKind::Other);
    let data = driver.simulator.truth().call(&call).expect("in progress").data;
    assert!(data.iter().any(|(key, value)| (&**key, &**value) == ("wrapup", "1")), "{data:?}");
    driver.replica().assert_equals(driver.simulator.truth());
}

#[test]
fn complete() {
    let (mut driver, call) = talking();
    let complete =
        |call: &CallId| Command::Complete { agent: agent(ME), call: call.clone(), disposition: Some("1".into()) };
    assert_eq!(driver.refused(complete(&call)), RefusalKind::State);
    driver.done(Command::Drop { agent: agent(ME), call: call.clone() });
    driver.run(60_000);
    assert_eq!(state(&driver, ME).0, AgentState::Work, "nobody ends a person's work but the person");
    driver.done(complete(&call));
    assert_eq!(state(&driver, ME).0, AgentState::Ready);
    assert_eq!(driver.refused(complete(&call)), RefusalKind::UnknownCall);

    for media in [Media::Chat, Media::Email] {
        let mut driver = contacts(&[1], media);
        ready(&mut driver);
        driver.run(3_000);
        let contact = on(&driver, ME, LegState::Ringing);
        driver.done(Command::Answer { agent: agent(ME), call: contact.clone() });
        assert_eq!(driver.refused(Command::Hold { agent: agent(ME), call: contact.clone() }), RefusalKind::Unsupported);
        driver.done(complete(&contact));
        assert_eq!(state(&driver, ME).0, AgentState::Work);
        driver.replica().assert_equals(driver.simulator.truth());
    }
}

#[test]
fn supervise() {
    let (mut driver, call) = talking();
    let act = |supervisor: &str, action| Command::Supervise {
        supervisor: agent(supervisor),
        agent: agent(ME),
        call: call.clone(),
        action,
    };
    assert_eq!(driver.refused(act("1006", SuperviseAction::Listen)), RefusalKind::Other);
    assert_eq!(driver.refused(act("2002", SuperviseAction::Listen)), RefusalKind::Other);
    let role =
        |driver: &Driver| parties(driver, &call).into_iter().find(|party| party.1 == "41001").map(|party| party.2);
    for (action, then) in [
        (SuperviseAction::Listen, PartyRole::Listener),
        (SuperviseAction::Coach, PartyRole::Coach),
        (SuperviseAction::Barge, PartyRole::Barged),
        (SuperviseAction::TakeOver, PartyRole::Party),
    ] {
        driver.done(act("1001", action));
        assert_eq!(role(&driver), Some(then));
        driver.replica().assert_equals(driver.simulator.truth());
    }
    assert_eq!((state(&driver, ME).0, state(&driver, "1001").0), (AgentState::Work, AgentState::Talking));
    assert_eq!(driver.refused(act("1001", SuperviseAction::Listen)), RefusalKind::UnknownCall);
    driver.done(Command::Drop { agent: agent("1001"), call: call.clone() });
    assert!(driver.simulator.truth().call(&call).is_none());
}

#[test]
fn commands_are_answered_in_their_order_after_the_latency_whatever_the_speed() {
    let mut scenario = silent(0);
    scenario.speed = 100;
    scenario.command_latency_ms = 7;
    let mut driver = Driver::new(scenario, 1);
    let before = driver.told.len();
    for n in 0..50 {
        let (state, reason) = if n % 2 == 0 { (AgentState::Ready, "") } else { (AgentState::NotReady, "1") };
        let command = Command::SetState { agent: agent(ME), state, reason: Some(reason.into()), by: None };
        let request = crate::cti::RequestNo(n);
        use crate::cti::{Adapter, AdapterInput};
        driver.simulator.handle_input(driver.now, AdapterInput::Command { request, command, secret: None });
        driver.drain();
    }
    driver.run(6);
    assert_eq!(driver.told.len(), before);
    driver.run(1);
    let told = &driver.told[before..];
    assert_eq!(told.len(), 100, "an answer, then what it caused, fifty times");
    for (n, pair) in told.chunks(2).enumerate() {
        assert!(matches!(&pair[0].1, Event::Answer(answer) if answer.request.0 == n as u64), "{pair:?}");
        assert!(matches!(&pair[1].1, Event::AgentStatus(_)), "{pair:?}");
    }
}

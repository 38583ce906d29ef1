//! Agents held by people, among simulated ones.

use super::super::{Act, Entry};
use super::{Driver, agent, silent, small};
use crate::cti::{AgentState, CallEvent, Command, Event, LegState, Media};

/// Events that tell of something this agent did or was made to do.
fn about(driver: &Driver, from: usize, id: &str) -> Vec<String> {
    let is_about = |event: &Event| match event {
        Event::AgentStatus(status) => status.agent == agent(id),
        Event::Call(
            CallEvent::Connected { device, .. }
            | CallEvent::Held { device, .. }
            | CallEvent::Retrieved { device, .. }
            | CallEvent::Dialing { device, .. }
            | CallEvent::Recording { device, .. }
            | CallEvent::Ringing { device, .. },
        ) => device.agent == Some(agent(id)),
        _ => false,
    };
    driver.told[from..].iter().filter(|(_, event)| is_about(event)).map(|(_, event)| format!("{event:?}")).collect()
}

#[test]
fn nothing_is_decided_for_agents_a_person_holds() {
    let mut scenario = small();
    // Colleagues may call, and supervisors may act: that is done to the person, not decided for the person.
    scenario.calls.internal_per_hour = 0;
    scenario.calls.supervised_per_hour = 0;
    scenario.calls.consult_permille = 0;
    scenario.calls.blind_transfer_permille = 0;
    scenario.calls.blind_conference_permille = 0;
    scenario.operations.outage_every_ms = 0;
    let mut driver = Driver::new(scenario, 4);
    let idle: Vec<String> = (2001..=2060).map(|id: u32| id.to_string()).collect();
    for id in &idle {
        let status = driver.simulator.truth().status(&agent(id)).expect("known");
        if status.state == AgentState::LoggedOut {
            driver.done(Command::Login { agent: agent(id), extension: None });
        }
        driver.command(Command::SetState {
            agent: agent(id),
            state: AgentState::NotReady,
            reason: Some("1".into()),
            by: None,
        });
    }
    driver.run(600_000);
    let from = driver.told.len();
    driver.run(600_000);
    for id in &idle {
        assert!(driver.simulator.is_held(&agent(id)));
        let done = about(&driver, from, id);
        assert!(done.is_empty(), "{id}: {done:?}");
    }
}

#[test]
fn a_call_rings_at_a_person_until_the_platform_takes_it_back() {
    let mut scenario = silent(0);
    let act = Act::Call {
        queue: "General".to_owned(),
        from: "+15550001".to_owned(),
        media: Media::Voice,
        prompts_ms: Some(100),
        ring_ms: Some(1_000),
        talk_ms: None,
        abandon_ms: Some(600_000),
    };
    scenario.script = vec![Entry { at_ms: 1_000, act }];
    let mut driver = Driver::new(scenario, 1);
    driver.done(Command::SetState { agent: agent("2001"), state: AgentState::Ready, reason: None, by: None });
    driver.run(12_000);
    let status = |driver: &Driver| driver.simulator.truth().status(&agent("2001")).expect("known");
    assert_eq!(status(&driver).state, AgentState::Reserved);
    driver.run(2_500);
    assert_eq!((status(&driver).state, &*status(&driver).reason), (AgentState::NotReady, "32763"));
    driver.run(60_000);
    assert_eq!(status(&driver).state, AgentState::NotReady, "and stays what the platform made it");
    let call = driver.simulator.truth().calls().next().expect("the caller waits");
    assert_eq!(call.queues.len(), 1);

    // A simulated colleague takes it.
    driver.done(Command::SetState { agent: agent("2001"), state: AgentState::LoggedOut, reason: None, by: None });
    assert!(!driver.simulator.is_held(&agent("2001")));
}

#[test]
fn a_person_takes_over_in_the_middle_of_a_call() {
    let mut scenario = silent(1000);
    let act = Act::Call {
        queue: "General".to_owned(),
        from: "+15550001".to_owned(),
        media: Media::Voice,
        prompts_ms: Some(100),
        ring_ms: Some(1_000),
        talk_ms: Some(10_000),
        abandon_ms: None,
    };
    scenario.calls.patience_ms = 600_000;
    scenario.script = vec![Entry { at_ms: 1_000, act }];
    let mut driver = Driver::new(scenario, 1);
    driver.run(5_000);
    let call = driver.simulator.truth().calls().next().expect("a call");
    let who = call.parties.iter().find_map(|party| party.device.agent.clone()).expect("an agent");
    driver.done(Command::Hold { agent: who.clone(), call: call.call.clone() });
    driver.run(1_000_000);
    let still = driver.simulator.truth().call(&call.call).expect("the person decides when it ends");
    assert!(still.parties.iter().any(|party| party.state == LegState::Held));
    driver.run(3_600_000);
    assert!(driver.simulator.truth().call(&call.call).is_none(), "but no leg lasts for ever");
    assert_eq!(driver.simulator.truth().status(&who).map(|status| status.state), Some(AgentState::Work));
}

#[test]
fn an_agent_is_simulated_again_after_a_logout() {
    let mut scenario = small();
    scenario.teams.quiet_max_ms = 0;
    let mut driver = Driver::new(scenario, 2);
    driver.done(Command::SetState {
        agent: agent("2010"),
        state: AgentState::NotReady,
        reason: Some("3".into()),
        by: None,
    });
    driver.run(120_000);
    driver.command(Command::Logout { agent: agent("2010"), reason: None, by: None });
    assert_eq!(driver.simulator.truth().status(&agent("2010")).map(|s| s.state), Some(AgentState::LoggedOut));
    let from = driver.told.len();
    driver.run(600_000);
    assert!(about(&driver, from, "2010").len() > 2, "back at work after a while");
}

#[test]
fn a_supervisors_reason_code_takes_nobody_over() {
    let mut driver = Driver::new(silent(0), 1);
    driver.done(Command::SetState {
        agent: agent("2001"),
        state: AgentState::Ready,
        reason: Some("33".into()),
        by: None,
    });
    assert!(!driver.simulator.is_held(&agent("2001")));
}

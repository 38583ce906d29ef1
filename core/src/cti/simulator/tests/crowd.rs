//! Many people commanding at random in a busy world: whatever they do, what is told stays grammatical and true.

use super::{Driver, agent, small};
use crate::cti::{
    Adapter, AdapterInput, AgentState, Command, Event, Outcome, RecordingAction, RequestNo, SuperviseAction,
};
use crate::ids::{AgentId, CallId};
use crate::rng::Rng;

/// A command that makes sense more often than not.
fn draw(rng: &mut Rng, driver: &Driver) -> Command {
    let truth = driver.simulator.truth();
    let crowd: Vec<AgentId> = (2001..=2012).map(|id: u32| agent(&id.to_string())).collect();
    let agent = crowd[rng.index(crowd.len())].clone();
    let mine: Vec<CallId> = truth
        .calls()
        .filter(|call| call.parties.iter().any(|party| party.device.agent.as_ref() == Some(&agent)))
        .map(|call| call.call)
        .collect();
    let any = truth.calls().nth(rng.index(8)).map_or_else(|| CallId::from("none"), |call| call.call);
    let mut pick = || {
        if mine.is_empty() || rng.permille(30) { any.clone() } else { mine[rng.index(mine.len())].clone() }
    };
    let (call, other) = (pick(), pick());
    let places = ["42001", "42005", "42010", "41001", "6001", "6002", "+442071234567", "+442071230000", "oops"];
    let destination: Box<str> = places[rng.index(places.len())].into();
    let states = AgentState::ALL;
    match rng.below(24) {
        0..=1 => Command::Login { agent, extension: None },
        2 => Command::Logout { agent, reason: None, by: None },
        3..=5 => Command::SetState { agent, state: AgentState::Ready, reason: None, by: None },
        6 => Command::SetState { agent, state: states[rng.index(states.len())], reason: Some("1".into()), by: None },
        7 => Command::Dial { agent, destination, data: Vec::new() },
        8..=10 => Command::Answer { agent, call },
        11 => Command::Reject { agent, call },
        12 => Command::Drop { agent, call },
        13 => Command::Hold { agent, call },
        14 => Command::Retrieve { agent, call },
        15 => Command::Consult { agent, call, destination },
        16 => Command::Alternate { agent, active: call, held: other },
        17 => Command::CompleteTransfer { agent, held: call, active: other },
        18 => Command::CompleteConference { agent, held: call, active: other },
        19 => Command::BlindTransfer { agent, call, destination },
        20 => Command::BlindConference { agent, call, destination },
        21 => Command::Recording { agent, call, action: RecordingAction::Start },
        22 => Command::Complete { agent, call, disposition: None },
        _ => {
            let actions =
                [SuperviseAction::Listen, SuperviseAction::Coach, SuperviseAction::Barge, SuperviseAction::TakeOver];
            let action = actions[rng.index(4)];
            Command::Supervise { supervisor: AgentId::from("1001"), agent, call, action }
        }
    }
}

#[test]
fn whatever_people_command_the_world_stays_consistent() {
    for seed in 0..6 {
        let mut scenario = small();
        scenario.operations.outage_every_ms = 90_000;
        scenario.operations.change_every_ms = 5_000;
        scenario.calls.duration_max_ms = 120_000;
        let mut driver = Driver::new(scenario, seed);
        let mut rng = Rng::new(seed + 100);
        let mut replica = driver.replica();
        let mut seen = driver.told.len();
        let (mut asked, mut answered, mut obeyed) = (0, 0, 0);
        for turn in 0..6_000 {
            let command = draw(&mut rng, &driver);
            let secret = match &command {
                Command::Login { agent, .. } => Some(agent.as_str().to_owned()),
                _ => None,
            };
            asked += 1;
            let request = RequestNo(asked);
            let input = AdapterInput::Command { request, command, secret: secret.as_deref() };
            driver.simulator.handle_input(driver.now, input);
            driver.drain();
            let pause = rng.below(200);
            driver.run(pause);
            for (_, event) in &driver.told[seen..] {
                replica.apply(event);
                if let Event::Answer(answer) = event {
                    answered += 1;
                    assert_eq!(answer.request.0, answered, "in order");
                    obeyed += u64::from(!matches!(answer.outcome, Outcome::Refused(_)));
                }
            }
            seen = driver.told.len();
            if replica.up && turn % 11 == 0 {
                replica.assert_equals(driver.simulator.truth());
            }
        }
        driver.run(1_000);
        let last = driver.told[seen..].iter().filter(|(_, event)| matches!(event, Event::Answer(_))).count() as u64;
        assert_eq!(answered + last, asked, "every command is answered");
        assert!(obeyed > asked / 4, "seed {seed}: {obeyed} of {asked} obeyed");
        driver.run(200_000);
        let overdue = driver.simulator.truth().calls().filter(|call| {
            let lasted = driver.now.since(call.since.expect("known"));
            lasted.as_millis() > 120_001
        });
        assert_eq!(overdue.count(), 0, "no leg outlives the limit");
    }
}

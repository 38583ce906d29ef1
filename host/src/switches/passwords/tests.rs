use std::sync::Arc;
use std::time::Duration;

use interaction_core::cti::{
    Adapter, AdapterInput, AdapterOutput, Answer, Command, Event, Offers, Outcome, Platform, RefusalKind, RequestNo,
};
use interaction_core::ids::AgentId;
use interaction_core::secret::Secret;
use interaction_core::time::Time;

use crate::clock::Clock;
use crate::finesse::Finesse;
use crate::finesse::tests::{Authority, Node, ordinary, settings};
use crate::platform::Chosen;
use crate::switches::tests::{event, events};
use crate::switches::{Switch, Way};

/// Is reached at once, and refuses every command it sees.
#[derive(Default)]
struct Reached {
    begun: bool,
    outputs: Vec<Event>,
}

impl Adapter for Reached {
    fn handle_input(&mut self, _: Time, input: AdapterInput<'_>) {
        if !std::mem::replace(&mut self.begun, true) {
            self.outputs.push(Event::Up(platform(vec![])));
        }
        if let AdapterInput::Command { request, .. } = input {
            self.outputs.push(Event::Answer(Answer { request, outcome: Outcome::Done }));
        }
    }

    fn poll_output(&mut self) -> Option<AdapterOutput> {
        if self.outputs.is_empty() { None } else { Some(AdapterOutput::Event(self.outputs.remove(0))) }
    }

    fn poll_timeout(&self) -> Option<Time> {
        None
    }
}

fn platform(not_ready: Vec<(&str, &str)>) -> Platform {
    let reason =
        |(code, name): (&str, &str)| interaction_core::cti::ReasonCode { code: code.into(), name: name.into() };
    Platform {
        vendor: "Acme".into(),
        version: "1".into(),
        offers: Offers::default(),
        reports: None,
        not_ready_reasons: not_ready.into_iter().map(reason).collect(),
        logout_reasons: Vec::new(),
        wrap_up_codes: Vec::new(),
    }
}

fn verify(switch: &Switch, request: u64, password: &str) {
    let command = Command::Verify { agent: AgentId::from("agt2005") };
    assert_eq!(switch.ask(RequestNo(request), command, Some(Secret::new(password.to_owned()))), None);
}

#[tokio::test]
async fn finesse_checks_passwords_and_tells_labels_before_it_answers() {
    let authority = Authority::new("switch");
    let node = Node::start(&authority, "127.0.0.1", ordinary).await;
    let finesse = Arc::new(Finesse::new(&settings(&authority, &[node.address])).unwrap());
    let (happenings, mut happened) = events();
    let make = Box::new(|_| Ok(Box::new(Reached::default()) as _));
    let chosen = Chosen { finesse: Some(finesse), ..Chosen::native(make, Way::Connect(vec![])) };
    let switch = Switch::start(chosen, Clock::start(), happenings).unwrap();
    assert_eq!(event(&mut happened).await, Event::Up(platform(vec![])));

    verify(&switch, 1, "wrong");
    let Event::Answer(Answer { request: RequestNo(1), outcome: Outcome::Refused(refused) }) =
        event(&mut happened).await
    else {
        panic!("a wrong password is refused")
    };
    assert_eq!(refused.kind, RefusalKind::Credentials);

    verify(&switch, 2, "right");
    assert_eq!(event(&mut happened).await, Event::Up(platform(vec![("12", "Lunch")])));
    let right = Outcome::Verified { agent: AgentId::from("agt2005") };
    assert_eq!(event(&mut happened).await, Event::Answer(Answer { request: RequestNo(2), outcome: right.clone() }));

    // What is known of labels is good for a while.
    verify(&switch, 3, "right");
    assert_eq!(event(&mut happened).await, Event::Answer(Answer { request: RequestNo(3), outcome: right }));
    // Everything else is the adapter's.
    let logout = Command::Logout { agent: AgentId::from("agt2005"), reason: None, by: None };
    assert_eq!(switch.ask(RequestNo(4), logout, None), None);
    let done = Answer { request: RequestNo(4), outcome: Outcome::Done };
    assert_eq!(event(&mut happened).await, Event::Answer(done));

    let counts = tokio::time::timeout(Duration::from_secs(5), switch.counting().counts()).await.unwrap();
    let right = counts.iter().find(|count| count.name == "finesse_right").unwrap();
    assert_eq!(right.value, 2);
}

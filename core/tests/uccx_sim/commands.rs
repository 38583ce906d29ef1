//! Commands through the wire do in the world what they do natively.

use std::time::Duration;

use interaction_core::cti::simulator::{Act, Entry, Scenario, Simulator};
use interaction_core::cti::uccx::sim::SimConfig;
use interaction_core::cti::{
    Adapter, AdapterInput, AdapterOutput, AgentState, Answer, CallData, CallEvent, Command, Event, Outcome,
    RefusalKind, RequestNo,
};
use interaction_core::ids::{AgentId, CallId};

use crate::pair::{Pair, SEED, START};

/// A silent world twice: commanded natively, and through the adapter and the wire.
struct Both {
    native: Simulator,
    native_events: Vec<Event>,
    pair: Pair,
    last_request: u64,
}

/// The failure code a kind of refusal has on the wire.
fn control_failure(kind: RefusalKind) -> u16 {
    match kind {
        RefusalKind::Credentials => 258,
        RefusalKind::State => 22,
        RefusalKind::UnknownCall => 11,
        RefusalKind::UnknownAgent => 256,
        RefusalKind::Destination => 14,
        RefusalKind::Busy => 33,
        RefusalKind::Other => 1010,
        RefusalKind::Unavailable | RefusalKind::Unsupported => panic!("{kind:?} is a status, no control failure"),
    }
}

fn began(events: &[Event]) -> Vec<CallId> {
    let began = |event: &Event| match event {
        Event::Call(CallEvent::Began { call, .. }) => Some(call.clone()),
        _ => None,
    };
    events.iter().filter_map(began).collect()
}

impl Both {
    fn new(scenario: &Scenario) -> Self {
        let native = Simulator::new(scenario.clone(), SEED, START).expect("valid");
        let pair = Pair::new(scenario, SimConfig::default());
        let mut both = Self { native, native_events: Vec::new(), pair, last_request: 0 };
        both.tick();
        both
    }

    fn tick(&mut self) {
        self.native.handle_input(self.pair.now, AdapterInput::Tick);
        self.drain_native();
        self.pair.tick();
    }

    fn drain_native(&mut self) {
        while let Some(output) = self.native.poll_output() {
            if let AdapterOutput::Event(event) = output {
                self.native_events.push(event);
            }
        }
    }

    fn pass(&mut self, time: Duration) {
        let end = self.pair.now + time;
        loop {
            let next = [self.native.poll_timeout(), self.pair.poll_timeout()].into_iter().flatten().min();
            let Some(at) = next.filter(|at| *at <= end) else { break };
            self.pair.now = self.pair.now.max(at);
            self.tick();
        }
        self.pair.now = end;
        self.tick();
    }

    /// Commands both, with the calls there were so far in the order they began; both outcomes are one.
    fn ask(&mut self, command: impl Fn(&[CallId]) -> Command, secret: Option<&str>) -> Result<(), RefusalKind> {
        self.last_request += 1;
        let request = RequestNo(self.last_request);
        let native = command(&began(&self.native_events));
        let shown = format!("{native:?}");
        self.native.handle_input(self.pair.now, AdapterInput::Command { request, command: native, secret });
        self.drain_native();
        let by_wire = self.pair.command(command(&began(&self.pair.events)), secret);
        self.pass(Duration::from_millis(500));
        let native = self.native_events.iter().find_map(|event| match event {
            Event::Answer(Answer { request: own, outcome }) if *own == request => Some(outcome.clone()),
            _ => None,
        });
        let (native, by_wire) = (native.expect("an answer"), self.pair.answer(by_wire).expect("an answer"));
        let outcome = match (native, by_wire) {
            (Outcome::Done, Outcome::Done) => Ok(()),
            (Outcome::Call { call: a }, Outcome::Call { call: b }) => {
                let place = |calls: Vec<CallId>, call| calls.iter().position(|one| *one == call);
                let (a, b) = (place(began(&self.native_events), a), place(began(&self.pair.events), b));
                assert!(a.is_some() && a == b, "{shown}: {a:?} {b:?}");
                Ok(())
            }
            (Outcome::Refused(a), Outcome::Refused(b)) => {
                let code = format!("control failure {} ", control_failure(a.kind));
                assert!(b.text.starts_with(&code) && b.text.ends_with(&*a.text), "{shown}: {a:?} {b:?}");
                Err(a.kind)
            }
            (native, by_wire) => panic!("{shown}: natively {native:?}, by the wire {by_wire:?}"),
        };
        self.same(&shown);
        outcome
    }

    fn done(&mut self, command: impl Fn(&[CallId]) -> Command) {
        assert_eq!(self.ask(command, None), Ok(()));
    }

    fn log_in(&mut self, agent: &str) {
        let login = |_: &[CallId]| Command::Login { agent: agent.into(), extension: None };
        assert_eq!(self.ask(login, Some(agent)), Ok(()));
    }

    /// Both worlds are one.
    fn same(&self, after: &str) {
        let (native, by_wire) = (self.native.truth(), self.pair.sim.world().truth());
        let statuses: Vec<_> = by_wire.statuses().collect();
        assert_eq!(native.statuses().collect::<Vec<_>>(), statuses, "after {after}");
        assert_eq!(native.calls().collect::<Vec<_>>(), by_wire.calls().collect::<Vec<_>>(), "after {after}");
        for status in statuses {
            let agent = &status.agent;
            assert_eq!(self.native.is_held(agent), self.pair.sim.world().is_held(agent), "{agent} after {after}");
        }
        assert_eq!(self.pair.adapter.diagnostics().unexpected, 0, "after {after}");
    }
}

fn agent(id: &str) -> AgentId {
    id.into()
}

fn logged_in() -> Both {
    let mut both = Both::new(&Scenario::default());
    for id in ["2001", "2002", "2003"] {
        both.log_in(id);
    }
    both
}

#[test]
fn logging_in_states_and_logging_out() {
    let mut both = Both::new(&Scenario::default());
    let login = |agent: &'static str, extension: Option<&'static str>| {
        move |_: &[CallId]| Command::Login { agent: agent.into(), extension: extension.map(Into::into) }
    };
    assert_eq!(both.ask(login("2001", None), Some("wrong")), Err(RefusalKind::Credentials));
    assert_eq!(both.ask(login("2001", None), Some("2001")), Ok(()));
    assert_eq!(both.ask(login("2002", Some("42001")), Some("2002")), Err(RefusalKind::Busy));
    assert_eq!(both.ask(login("2002", Some("999")), Some("2002")), Ok(()));
    for (state, reason, expected) in [
        (AgentState::Ready, None, Ok(())),
        (AgentState::NotReady, Some("5"), Ok(())),
        (AgentState::NotReady, Some("6"), Ok(())),
        (AgentState::Work, None, Err(RefusalKind::State)),
    ] {
        let set =
            |_: &[CallId]| Command::SetState { agent: agent("2001"), state, reason: reason.map(Into::into), by: None };
        assert_eq!(both.ask(set, None), expected, "{state:?}");
    }
    both.done(|_| Command::Logout { agent: agent("2001"), reason: Some("12".into()), by: None });
    both.done(|_| Command::Logout { agent: agent("2002"), reason: None, by: None });
    let set =
        |_: &[CallId]| Command::SetState { agent: agent("2001"), state: AgentState::Ready, reason: None, by: None };
    assert_eq!(both.ask(set, None), Err(RefusalKind::State), "nobody is logged in");
}

#[test]
fn a_call_with_a_consultation_that_becomes_a_transfer() {
    let mut both = logged_in();
    both.done(|_| Command::Dial { agent: agent("2001"), destination: "42002".into(), data: Vec::new() });
    both.done(|calls| Command::Answer { agent: agent("2002"), call: calls[0].clone() });
    both.done(|calls| Command::Dtmf { agent: agent("2001"), call: calls[0].clone(), digits: "12#".into() });
    both.done(|calls| Command::Hold { agent: agent("2001"), call: calls[0].clone() });
    both.done(|calls| Command::Retrieve { agent: agent("2001"), call: calls[0].clone() });
    let data = vec![("callVariable3".into(), "gold".into()), ("wrapup".into(), "Order".into())];
    both.done(|calls| Command::SetData { agent: agent("2001"), call: calls[0].clone(), data: data.clone() });
    both.done(|calls| Command::Consult { agent: agent("2001"), call: calls[0].clone(), destination: "42003".into() });
    both.done(|calls| Command::Answer { agent: agent("2003"), call: calls[1].clone() });
    let swap = |active: usize, held: usize| {
        move |calls: &[CallId]| Command::Alternate {
            agent: agent("2001"),
            active: calls[active].clone(),
            held: calls[held].clone(),
        }
    };
    both.done(swap(1, 0));
    both.done(swap(0, 1));
    both.done(|calls| Command::CompleteTransfer {
        agent: agent("2001"),
        held: calls[0].clone(),
        active: calls[1].clone(),
    });
    assert_eq!(both.native.truth().calls().count(), 1);
    both.done(|calls| Command::Drop { agent: agent("2003"), call: calls[0].clone() });
    assert_eq!(both.native.truth().calls().count(), 0);
}

fn gold() -> CallData {
    vec![("callVariable3".into(), "gold".into()), ("wrapup".into(), "sale".into())]
}

#[test]
fn a_conference_and_leaving_it() {
    let mut both = logged_in();
    both.done(|_| Command::Dial { agent: agent("2001"), destination: "+15550177".into(), data: gold() });
    both.pass(Duration::from_secs(10));
    both.done(|calls| Command::Consult { agent: agent("2001"), call: calls[0].clone(), destination: "2002".into() });
    both.done(|calls| Command::Answer { agent: agent("2002"), call: calls[1].clone() });
    both.done(|calls| Command::CompleteConference {
        agent: agent("2001"),
        held: calls[0].clone(),
        active: calls[1].clone(),
    });
    let to = |destination: &'static str| {
        move |calls: &[CallId]| Command::BlindConference {
            agent: agent("2001"),
            call: calls[0].clone(),
            destination: destination.into(),
        }
    };
    both.done(to("42003"));
    both.done(|calls| Command::Answer { agent: agent("2003"), call: calls[0].clone() });
    assert_eq!(both.native.truth().calls().next().expect("a call").parties.len(), 4);
    both.done(|calls| Command::Drop { agent: agent("2001"), call: calls[0].clone() });
    both.done(|calls| Command::BlindTransfer {
        agent: agent("2002"),
        call: calls[0].clone(),
        destination: "42001".into(),
    });
    both.done(|calls| Command::Answer { agent: agent("2001"), call: calls[0].clone() });
}

#[test]
fn what_the_platform_refuses_natively_it_refuses_by_the_wire() {
    let mut both = logged_in();
    let dial = |number: &'static str| {
        move |_: &[CallId]| Command::Dial { agent: agent("2001"), destination: number.into(), data: Vec::new() }
    };
    assert_eq!(both.ask(dial("abc"), None), Err(RefusalKind::Destination));
    assert_eq!(both.ask(dial("+15550177"), None), Ok(()));
    assert_eq!(both.ask(dial("+15550178"), None), Err(RefusalKind::Busy));
    let answer = |calls: &[CallId]| Command::Answer { agent: agent("2002"), call: calls[0].clone() };
    assert_eq!(both.ask(answer, None), Err(RefusalKind::UnknownCall), "another agent's call");
    let retrieve = |calls: &[CallId]| Command::Retrieve { agent: agent("2001"), call: calls[0].clone() };
    assert_eq!(both.ask(retrieve, None), Err(RefusalKind::State));
    let data = |calls: &[CallId]| Command::SetData {
        agent: agent("2001"),
        call: calls[0].clone(),
        data: vec![("ani".into(), "1".into())],
    };
    assert_eq!(both.ask(data, None), Err(RefusalKind::Other));
}

#[test]
fn contacts_of_a_queue_are_answered_and_completed() {
    let call = Act::Call {
        queue: "General".into(),
        from: "+15550100".into(),
        media: interaction_core::cti::Media::Voice,
        prompts_ms: Some(100),
        ring_ms: None,
        talk_ms: None,
        abandon_ms: Some(600_000),
    };
    let scenario = Scenario { script: vec![Entry { at_ms: 5_000, act: call }], ..Scenario::default() };
    let mut both = Both::new(&scenario);
    both.log_in("2001");
    both.done(|_| Command::SetState { agent: agent("2001"), state: AgentState::Ready, reason: None, by: None });
    both.pass(Duration::from_secs(6));
    both.done(|calls| Command::Answer { agent: agent("2001"), call: calls[0].clone() });
    both.done(|_| Command::SetState {
        agent: agent("2001"),
        state: AgentState::NotReady,
        reason: Some("2".into()),
        by: None,
    });
    both.done(|calls| Command::Drop { agent: agent("2001"), call: calls[0].clone() });
    let status = both.pair.sim.world().truth().status(&agent("2001")).expect("an agent");
    assert_eq!((status.state, &*status.reason), (AgentState::NotReady, "2"));
}

#[test]
fn while_the_platform_is_away_commands_are_refused() {
    let mut both = logged_in();
    both.pair.bring("offline");
    let request = both.pair.command(Command::Logout { agent: agent("2001"), reason: None, by: None }, None);
    let Some(Outcome::Refused(refusal)) = both.pair.answer(request) else { panic!("no refusal") };
    assert_eq!(refusal.kind, RefusalKind::Unavailable);
}

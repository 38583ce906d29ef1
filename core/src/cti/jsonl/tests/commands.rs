//! Every command exactly one answer.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;

use super::driver::Driver;
use super::values;
use crate::cti::{AdapterInput, Command, ConnectionId, Event, Outcome, Refusal, RefusalKind};
use crate::ids::{AgentId, CallId};

fn verify() -> Command {
    Command::Verify { agent: AgentId::from("2001") }
}

fn hold() -> Command {
    Command::Hold { agent: AgentId::from("2001"), call: CallId::from("c1") }
}

#[test]
fn a_login_goes_out_and_comes_back() {
    let mut driver = Driver::live();
    let login = Command::Login { agent: AgentId::from("2001"), extension: Some("3001".into()) };
    driver.ask(7, login, Some("hunter2"));
    let want = json!({"command":"login","request":7,"agent":"2001","extension":"3001","password":"hunter2"});
    assert_eq!(driver.sent, [(ConnectionId(1), want)]);
    driver.say(r#"{"event":"answer","request":7,"result":"done"}"#);
    driver.say(r#"{"event":"answer","request":7,"result":"done"}"#);
    assert_eq!(driver.answers(), [(7, Outcome::Done)]);
    assert_eq!(driver.adapter.counters().stray_answers, 1);
    driver.pass(300_000);
    assert_eq!(driver.answers(), []);
}

#[test]
fn a_password_is_in_the_line_and_nowhere_else() {
    let mut driver = Driver::live();
    driver.ask(7, verify(), Some("hunter2"));
    assert!(!format!("{:?}", driver.adapter).contains("hunter2"));
    driver.say(r#"{"event":"answer","request":7,"result":"done"}"#);
    let (_, _, message) = driver.error();
    assert!(!message.contains("hunter2"));
    driver.pass(20_000);
    assert!(!format!("{:?}", driver.events).contains("hunter2"));
    let line = crate::cti::jsonl::CommandLine::new(crate::cti::RequestNo(1), &verify(), Some("hunter2"));
    assert!(!format!("{line:?}").contains("hunter2"));
}

#[test]
fn an_answer_that_does_not_fit_is_refused_and_may_be_put_right() {
    let mut driver = Driver::live();
    driver.ask(7, verify(), None);
    driver.say(r#"{"event":"answer","request":7,"result":"done"}"#);
    let (_, property, message) = driver.error();
    assert_eq!(property, "result");
    assert!(message.contains("answer it with `verified`"), "{message}");
    assert_eq!(driver.answers(), []);
    driver.say(r#"{"event":"answer","request":7,"result":"verified","agent":"2001"}"#);
    assert_eq!(driver.answers(), [(7, Outcome::Verified { agent: AgentId::from("2001") })]);
}

#[test]
fn what_is_not_answered_in_time_is_refused_and_a_late_answer_ignored() {
    let mut driver = Driver::live();
    driver.ask(7, hold(), None);
    driver.ask(8, Command::Logout { agent: AgentId::from("2001"), reason: None, by: None }, None);
    for _ in 0..4 {
        driver.pass(4_999);
        driver.say(r#"{"event":"ping"}"#);
    }
    assert_eq!(driver.answers(), []);
    driver.pass(4);
    let [(7, Outcome::Refused(Refusal { kind: RefusalKind::Unavailable, text }))] = &driver.answers()[..] else {
        panic!("not refused");
    };
    assert!(text.contains("in time"), "{text}");
    driver.say(r#"{"event":"answer","request":7,"result":"done"}"#);
    assert_eq!(driver.answers(), []);
    let counters = driver.adapter.counters();
    assert_eq!((counters.stray_answers, counters.commands_overdue), (1, 1));
    // A logout may take longer.
    driver.say(r#"{"event":"answer","request":8,"result":"done"}"#);
    assert_eq!(driver.answers(), [(8, Outcome::Done)]);
}

#[test]
fn commands_beyond_the_bound_are_refused() {
    let mut driver = Driver::live();
    for request in 0..600 {
        driver.ask(request, hold(), None);
    }
    assert_eq!((driver.sent.len(), driver.answers().len()), (512, 88));
}

#[test]
fn nobody_connected_is_nobody_asked() {
    let mut driver = Driver::accepted();
    driver.ask(1, hold(), None);
    driver.lose(1, "gone");
    driver.ask(2, hold(), None);
    let answers = driver.answers();
    assert_eq!(answers.len(), 2);
    assert!(answers.iter().all(|(_, outcome)| matches!(outcome, Outcome::Refused(_))));
    assert_eq!(driver.sent, []);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Whatever the platform answers, or does not, and whenever the connection is lost.
    #[test]
    fn every_command_gets_one_answer(
        commands in vec((values::command(), 0..6_u8, 0..9_000_u64), 1..40),
        lost_at in option_index(),
    ) {
        let mut driver = Driver::live();
        let total = commands.len() as u64;
        for (number, (command, reply, ms)) in commands.into_iter().enumerate() {
            let request = number as u64;
            if lost_at == Some(number) {
                driver.lose(1, "gone");
            }
            driver.ask(request, command, Some("secret"));
            match reply {
                0 => driver.say(&format!(r#"{{"event":"answer","request":{request},"result":"done"}}"#)),
                1 => driver.say(&format!(r#"{{"event":"answer","request":{request},"result":"verified","agent":"1"}}"#)),
                2 => driver.say(&format!(r#"{{"event":"answer","request":{request},"result":"call","call":"c"}}"#)),
                3 => driver.say(&format!(r#"{{"event":"answer","request":{request},"result":"refused","text":"no"}}"#)),
                4 => driver.say(&format!(r#"{{"event":"answer","request":{},"result":"refused"}}"#, request / 2)),
                _ => {}
            }
            driver.pass(ms);
        }
        driver.feed(AdapterInput::Tick);
        driver.pass(300_000);
        let mut answered: Vec<u64> = driver.answers().into_iter().map(|(request, _)| request).collect();
        answered.sort_unstable();
        prop_assert_eq!(answered, (0..total).collect::<Vec<_>>());
        let downs = driver.events.iter().filter(|event| matches!(event, Event::Down { .. })).count();
        prop_assert!(downs <= 1);
    }
}

fn option_index() -> impl Strategy<Value = Option<usize>> {
    prop::option::of(0..40_usize)
}

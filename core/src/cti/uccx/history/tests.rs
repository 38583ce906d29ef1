//! Contacts as the database keeps them, and the journeys they make.

mod memory;

use self::memory::Memory;
use super::{Filter, HistoryError, ROWS_MAX, Table, Value, read, recent};
use crate::cti::Cause;
use crate::report::journey::JourneyRecord;
use crate::time::Time;

const CONTACTS: &str = include_str!("tests/contacts.txt");

fn journey(call: &str) -> Option<JourneyRecord> {
    read(&mut Memory::of(CONTACTS), &call.into()).expect("the rows are well-formed")
}

/// A journey as lines: seconds since its start, how long, kind, device, description.
fn told(journey: &JourneyRecord) -> Vec<String> {
    let line = |step: &crate::report::journey::Step| {
        format!(
            "{} +{} {} {} | {}",
            step.started.since(journey.started).as_secs(),
            step.ended.expect("steps of the past are over").since(step.started).as_secs(),
            step.kind.as_str(),
            step.device,
            step.description
        )
    };
    journey.steps.iter().map(line).collect()
}

#[test]
fn a_call_through_queues_holds_and_a_transfer() {
    let journey = journey("C-1001").expect("it is there");
    assert_eq!(
        told(&journey),
        [
            "0 +0 External +15552459212 | Incoming call from +15552459212",
            "0 +0 Trigger 6001 | Main Number",
            "0 +5 IVR 7004 | welcome.aef",
            "5 +25 CSQ Orders | Orders: answered",
            "10 +20 CSQ Orders overflow | Orders overflow: left, answered by another queue",
            "12 +8 Agent 42011 | ringing Jane Doe: no answer",
            "26 +4 Agent 42012 | ringing Ulrike Haddad",
            "30 +30 Agent 42012 | talking Ulrike Haddad",
            "60 +20 Agent 42012 | hold Ulrike Haddad",
            "65 +13 Agent 42012 | consult with Jane Doe",
            "65 +13 Agent 42011 | consult with Ulrike Haddad",
            "80 +20 Agent 42012 | talking Ulrike Haddad: transferred to Jane Doe",
            "100 +10 Agent 42012 | after-call work Ulrike Haddad: Order",
            "100 +30 Agent 42011 | talking Jane Doe",
        ]
    );
    assert_eq!(journey.cause, Cause::Normal);
    let legs: Vec<&str> = journey.legs.iter().map(crate::ids::CallId::as_str).collect();
    assert_eq!(legs, ["C-1001", "1-1001", "1-2001"], "any of its ids finds it");
    let agents: Vec<&str> = journey.agents.iter().map(crate::ids::AgentId::as_str).collect();
    assert_eq!(agents, ["jdoe", "uhaddad"], "by login id, which sessions know");
    assert!(journey.has_number("+15552459212") && journey.has_number("6001"));
    assert_eq!(journey.truncated, 0);
}

#[test]
fn a_contact_without_an_id_is_found_by_node_and_session() {
    let journey = journey("1-1002").expect("it is there");
    assert_eq!(
        told(&journey),
        [
            "0 +0 External +15550001111 | Incoming call from +15550001111",
            "0 +0 Trigger 6001 | Main Number",
            "0 +9 IVR 7005 | welcome.aef: abandoned",
        ]
    );
    assert_eq!(journey.cause, Cause::Abandoned);
}

#[test]
fn a_rejected_call_says_why() {
    let journey = journey("C-1003").expect("it is there");
    assert_eq!(told(&journey)[1], "0 +0 Trigger 6001 | Main Number: rejected, channels busy");
    assert_eq!(journey.cause, Cause::Rejected);
}

#[test]
fn an_agent_dials_out() {
    let journey = journey("C-1004").expect("it is there");
    assert_eq!(
        told(&journey),
        [
            "0 +0 Agent 42011 | dialling +15553334444",
            "0 +0 External +15553334444 | Outgoing call to +15553334444",
            "5 +40 Agent 42011 | talking Jane Doe",
            "45 +15 Agent 42011 | hold Jane Doe",
        ]
    );
}

#[test]
fn what_is_not_there_is_no_journey() {
    for call in ["C-9999", "1-9999", "", "1-", "-1002", "+1-1002", "1-1002-0", "99999999999999999999-1"] {
        assert_eq!(journey(call), None, "{call}");
    }
}

#[test]
fn names_are_those_of_the_time_of_the_call() {
    let mut database = Memory::of(CONTACTS);
    for column in ["startDateTime", "endDateTime"] {
        database.set("AgentConnectionDetail", column, "2025-11-02 09:00:12.000");
    }
    let journey = read(&mut database, &"C-1001".into()).expect("well-formed").expect("it is there");
    let names = journey.steps.iter().filter(|step| step.description.contains("Ulrike Haddad (old)"));
    assert!(names.count() > 0);
}

#[test]
fn a_cell_of_another_schema_is_named() {
    let mut database = Memory::of(CONTACTS);
    database.set("AgentConnectionDetail", "talkTime", "long");
    match read(&mut database, &"C-1001".into()) {
        Err(HistoryError::Cell(error)) => {
            assert_eq!((error.table, error.column), ("AgentConnectionDetail", "talkTime"));
            assert!(error.to_string().contains("whole number"), "{error}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_contact_with_endless_rows_is_cut_and_says_so() {
    let mut text = CONTACTS.to_owned();
    let hold = "ContactHoldDetail | sessionID=1001 | sessionSeqNum=0 | type=1 | resourceid=12 \
                | startDateTime=2026-11-02 09:01:00.000 | endDateTime=2026-11-02 09:01:01.000\n";
    for _ in 0..2 * ROWS_MAX {
        text.push_str(hold);
    }
    let mut database = Memory::of(&text);
    let journey = read(&mut database, &"C-1001".into()).expect("well-formed").expect("it is there");
    assert_eq!(journey.truncated, 1);
    assert!(journey.steps.len() < 100, "holds that overlap count once: {}", journey.steps.len());
    assert!(database.asked < 40, "{} questions", database.asked);
}

#[test]
fn recent_calls_come_newest_first_and_by_number() {
    let since = Time::from_millis(1_761_950_000_000);
    let calls = |limit, number| -> Vec<String> {
        let found = recent(&mut Memory::of(CONTACTS), since, limit, number).expect("well-formed");
        found.iter().map(|call| format!("{} {} {}", call.call, call.from, call.to)).collect()
    };
    assert_eq!(
        calls(10, None),
        [
            "C-1004 42011 +15553334444",
            "C-1003 +15550002222 6001",
            "1-1002 +15550001111 6001",
            "C-1001 +15552459212 6001",
        ]
    );
    assert_eq!(calls(2, None).len(), 2);
    assert_eq!(calls(10, Some("6001")).len(), 3);
    assert_eq!(calls(10, Some("+15553334444")), ["C-1004 42011 +15553334444"]);
    let none = recent(&mut Memory::of(CONTACTS), Time::from_millis(1_900_000_000_000), 10, None).expect("well-formed");
    assert!(none.is_empty(), "all began before");
}

#[test]
fn statements_hold_no_text_of_a_client() {
    const TABLE: Table = Table { name: "ContactCallDetail", columns: &["sessionID", "contactid"] };
    let hostile = "'; DROP TABLE Resource; --";
    let equal = [("contactid", Value::Text(hostile)), ("nodeID", Value::Number(1))];
    let filter = Filter {
        not_before: Some(("startDateTime", Time::from_millis(1_709_209_815_500))),
        newest_by: Some("startDateTime"),
        ..Filter::equal(&equal)
    };
    assert_eq!(
        filter.statement(&TABLE),
        "SELECT sessionID, contactid FROM ContactCallDetail WHERE contactid = ? AND nodeID = 1 \
         AND startDateTime >= '2024-02-29 12:30:15.500' ORDER BY startDateTime DESC"
    );
    assert_eq!(filter.texts().collect::<Vec<_>>(), [hostile]);
}

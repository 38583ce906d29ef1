//! `docs/protocol.md`: every example in it is what is really spoken, and every kind of message has one.

mod sources;

use std::collections::BTreeSet;
use std::fs;

use interaction_core::failure::Code;
use interaction_schema::{Direction, kinds};
use sources::{Line, root, traces};

fn reference() -> String {
    fs::read_to_string(root().join("docs/protocol.md")).expect("the reference can be read")
}

/// The lines of its examples: `-> {…}` from a client, `<- {…}` from the server.
fn examples() -> Vec<Line> {
    let text = reference();
    let lines = text.lines().enumerate().filter_map(|(index, line)| {
        let (direction, text) = match line.split_once(' ') {
            Some(("->", text)) => (Direction::Client, text),
            Some(("<-", text)) => (Direction::Server, text),
            _ => return None,
        };
        let message = serde_json::from_str(text).unwrap_or_else(|error| panic!("line {}: {error}: {text}", index + 1));
        Some(Line { number: index + 1, direction, socket: 0, message, text: text.to_owned() })
    });
    lines.collect()
}

#[test]
fn every_example_is_valid() {
    let validators = Direction::ALL.map(|direction| {
        let validator = jsonschema::draft202012::new(&direction.schema()).expect("the schema is one");
        (direction, validator)
    });
    for line in examples() {
        let (_, validator) = &validators[line.direction as usize];
        if let Some(error) = validator.iter_errors(&line.message).next() {
            panic!("line {}: {error} at {}\n  {}", line.number, error.instance_path(), line.text);
        }
        if let Err(error) = line.direction.round_trip(&line.message) {
            panic!("line {}: {error}\n  {}", line.number, line.text);
        }
    }
}

#[test]
fn every_kind_of_message_has_an_example() {
    for direction in Direction::ALL {
        let all = kinds::of_schema(&direction.schema());
        assert!(all.len() > 20, "{direction:?} has more kinds than {all:?}");
        let lines = examples();
        let shown: BTreeSet<String> = lines
            .iter()
            .filter(|line| line.direction == direction)
            .map(|line| kinds::of_message(&line.message))
            .collect();
        let missing: Vec<&String> = all.difference(&shown).collect();
        assert!(missing.is_empty(), "no example of {missing:#?}");
        let unknown: Vec<&String> = shown.difference(&all).collect();
        assert!(unknown.is_empty(), "examples of no kind: {unknown:#?}");
    }
}

/// What the server says of everything but a session's objects stands in a trace, letter by letter: the engine said it.
#[test]
fn what_the_server_says_in_examples_the_engine_said_in_a_trace() {
    let said: BTreeSet<String> = traces().into_iter().flat_map(|(_, lines)| lines).map(|line| line.text).collect();
    let mut checked = 0;
    for line in examples().iter().filter(|line| line.direction == Direction::Server) {
        let of_objects = line.message["event"]["messageType"].is_string()
            || line.message["response"]["command"].as_str().is_some_and(kinds::is_of_session);
        if of_objects {
            continue;
        }
        checked += 1;
        assert!(said.contains(&line.text), "line {}: no trace says {}", line.number, line.text);
    }
    assert!(checked > 30, "{checked} examples are not all there are");
}

#[test]
fn the_table_of_failures_is_the_engines() {
    let text = reference();
    for code in Code::ALL {
        let row = format!("| `{}` | {} |", code.as_str(), code.remedy());
        assert!(text.contains(&row), "the reference has no row\n{row}");
    }
}

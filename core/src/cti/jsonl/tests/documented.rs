//! The reference for integration engineers: each example in it is one that works.

use serde_json::Value;

use crate::cti::jsonl::{CallLine, CommandLine, PlatformLine, ReplyLine};

const REFERENCE: &str = include_str!("../../../../../docs/cti-jsonl.md");

/// Every line that stands in a block of lines or in a table.
fn examples() -> impl Iterator<Item = &'static str> {
    let blocks = REFERENCE.split("```jsonl\n").skip(1).flat_map(|block| {
        let (block, _) = block.split_once("```").expect("a block ends");
        block.lines()
    });
    let spans =
        REFERENCE.split('`').filter(|span| span.starts_with("{\"") && span.ends_with('}') && !span.contains('…'));
    blocks.chain(spans)
}

#[test]
fn every_example_is_a_line() {
    let (mut events, mut calls, mut commands, mut results) = (vec![], vec![], vec![], vec![]);
    for example in examples() {
        let value: Value = serde_json::from_str(example).unwrap_or_else(|error| panic!("{example}: {error}"));
        if value.get("event").is_some() {
            match PlatformLine::read(example) {
                Ok(line) => {
                    line.clone().into_event().unwrap_or_else(|error| panic!("{example}: {error:?}"));
                    if let PlatformLine::Call(call) = &line {
                        calls.push(call.word());
                    }
                    if let PlatformLine::Answer(_) = &line {
                        results.push(value["result"].as_str().unwrap_or_default().to_owned());
                    }
                    // Nothing in it is misspelt, and so ignored. A null removes, as an empty text does.
                    let written: Value = serde_json::from_slice(&line.to_bytes()).unwrap();
                    let example = example.replace("null", "\"\"");
                    assert_eq!(written, serde_json::from_str::<Value>(&example).unwrap(), "{example}");
                    events.push(line.word());
                }
                Err(error) => assert_eq!(example, r#"{"event":"agentStatus","agent":"2001"}"#, "{error:?}"),
            }
        } else if let Some(command) = value["command"].as_str() {
            let line: CommandLine<'_> =
                serde_json::from_str(example).unwrap_or_else(|error| panic!("{example}: {error}"));
            let written: Value = serde_json::from_slice(&line.to_bytes()).unwrap();
            assert_eq!(written, value);
            commands.push(command.to_owned());
        } else {
            let line: ReplyLine = serde_json::from_str(example).unwrap_or_else(|error| panic!("{example}: {error}"));
            assert_eq!(serde_json::from_slice::<Value>(&line.to_bytes()).unwrap(), value);
        }
    }
    for word in PlatformLine::WORDS {
        assert!(events.contains(word), "`{word}` has no example");
    }
    for word in CallLine::WORDS {
        assert!(calls.contains(word), "call `{word}` has no example");
    }
    for word in ["done", "verified", "call", "refused"] {
        assert!(results.iter().any(|result| result == word), "result `{word}` has no example");
    }
    commands.sort_unstable();
    commands.dedup();
    assert_eq!(commands.len(), 21, "{commands:?}");
}

#[test]
fn the_errors_it_shows_are_those_that_are_told() {
    let mut driver = super::driver::Driver::live();
    driver.say(r#"{"event":"agentStatus","agent":"2001"}"#);
    let (_, property, message) = driver.error();
    assert!(REFERENCE.contains(&format!(r#""property":"{property}","message":"{message}""#)), "{property}: {message}");
    driver.say(r#"{"event":"team","id":"t","name":"x","members":[{"agent":"1","role":"boss"}]}"#);
    let (_, property, message) = driver.error();
    assert!(REFERENCE.contains(&format!(r#""property":"{property}","message":"{message}""#)), "{property}: {message}");
}

#[test]
fn every_word_is_named() {
    use crate::cti::jsonl::{CauseWord, OfferWord, RefusalWord};
    // serde names the words of an enum when it is given a wrong one.
    fn words<T: serde::de::DeserializeOwned>() -> Vec<String> {
        let Err(error) = serde_json::from_str::<T>("\"?\"") else { panic!("? is no word") };
        let all = error.to_string();
        let (_, all) = all.split_once("one of ").expect("the words");
        all.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    }
    let words = [words::<CauseWord>(), words::<OfferWord>(), words::<RefusalWord>()].concat();
    assert_eq!(words.len(), 35);
    for word in words {
        assert!(REFERENCE.contains(&format!("`{word}`")), "`{word}` is not in the reference");
    }
}

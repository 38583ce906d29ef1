//! The README's protocol in ten lines, spoken to the server as it stands there.

use std::time::Duration;

use interaction_tests::raw::{Frame, Raw};
use interaction_tests::world::SUPERVISOR;
use interaction_tests::{Fault, Server};

const README: &str = include_str!("../../../README.md");

/// The next message, as text.
async fn next_text(raw: &mut Raw) -> Result<String, Fault> {
    loop {
        match raw.next(Duration::from_secs(10)).await? {
            Frame::Text(text) => return Ok(text),
            Frame::Ping(_) | Frame::Pong(_) => {}
            other => panic!("a text frame is wanted, not {other:?}"),
        }
    }
}

/// Whether `text` is what `shown` says, where `…` stands for anything.
fn is_as_shown(text: &str, shown: &str) -> bool {
    let Some((first, others)) = shown.split_once('…') else { return text == shown };
    let (between, last) = others.rsplit_once('…').unwrap_or(("", others));
    let Some(mut rest) = text.strip_prefix(first).and_then(|rest| rest.strip_suffix(last)) else { return false };
    for piece in between.split('…') {
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    true
}

#[tokio::test]
async fn the_ten_lines_are_spoken_as_they_stand() -> Result<(), Fault> {
    let block = README.split("## The protocol in ten lines").nth(1).expect("the README has that chapter");
    let block = block.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).expect("with a block");
    assert_eq!(block.lines().count(), 10, "ten lines");
    assert!(block.contains(SUPERVISOR), "the README's supervisor is the one of the tests' world");

    let server = Server::silent().await?;
    let mut raw = Raw::open(&server.address).await?;
    for line in block.lines() {
        match line.split_at(3) {
            ("-> ", sent) => raw.text(sent).await?,
            ("<- ", shown) => {
                let text = next_text(&mut raw).await?;
                assert!(is_as_shown(&text, shown), "the README shows\n{shown}\nand the server says\n{text}");
            }
            _ => panic!("neither sent nor received: {line}"),
        }
    }
    Ok(())
}

#[test]
fn what_is_shown_is_compared() {
    assert!(is_as_shown(r#"{"a":1,"b":2}"#, r#"{"a":…,"b":2}"#));
    assert!(is_as_shown(r#"{"a":1,"b":{"c":2}}"#, r#"{"a":1,…}"#));
    assert!(!is_as_shown(r#"{"a":1,"b":3}"#, r#"{"a":…,"b":2}"#));
    assert!(!is_as_shown(r#"{"a":1,"b":2,"c":3}"#, r#"{"a":…,"b":2}"#));
}

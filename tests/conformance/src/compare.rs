//! What a target answered, held against the native engine: the first difference, so that a person can read it.

use std::fmt::Write as _;

use interaction_core::codec;
use interaction_core::step;

use crate::script::{Act, Answer, Play};
use crate::wire::Reader;

/// How much of a long text a report shows on either side of the difference.
const SHOWN: usize = 120;

/// Compares a target's file of answers with what it should be.
///
/// # Errors
/// The first difference: in which play, at which input, and what either engine said there.
pub fn compare(plays: &[Play], file: &[u8]) -> Result<(), String> {
    let mut file = Reader::new(file);
    for play in plays {
        let mut inputs = 0;
        for (act, expected) in play.acts.iter().zip(&play.answers) {
            let Some(answer) = Answer::read(&mut file) else {
                return Err(format!("{}: after {inputs} inputs the answers end", play.name));
            };
            if answer != *expected {
                return Err(format!("{}: {}", play.name, difference(act, inputs, expected, &answer)));
            }
            if let Act::Step(batch) = act {
                inputs += step::records(batch).count();
            }
        }
    }
    if file.is_done() { Ok(()) } else { Err("there are more answers than calls".to_owned()) }
}

fn difference(act: &Act, inputs: usize, expected: &Answer, answer: &Answer) -> String {
    let mut report = match act {
        Act::New { .. } => "a new engine".to_owned(),
        Act::Restore { .. } => "an engine restored from the native snapshot".to_owned(),
        Act::Snapshot => format!("the snapshot after {inputs} inputs"),
        Act::Step(batch) => format!("inputs {inputs} to {}", inputs + step::records(batch).count() - 1),
    };
    if expected.refusal != answer.refusal {
        tell(&mut report, "refused", &format!("{:?}", expected.refusal), &format!("{:?}", answer.refusal));
    }
    if expected.bytes != answer.bytes {
        match act {
            Act::Step(batch) => outputs(&mut report, batch, &expected.bytes, &answer.bytes),
            Act::New { .. } | Act::Restore { .. } | Act::Snapshot => {
                bytes(&mut report, &expected.bytes, &answer.bytes);
            }
        }
    }
    if expected.timeout != answer.timeout {
        tell(&mut report, "next deadline", &format!("{:?}", expected.timeout), &format!("{:?}", answer.timeout));
    }
    report
}

fn outputs(report: &mut String, batch: &[u8], expected: &[u8], answer: &[u8]) {
    let (mut left, mut right) = (step::records(expected), step::records(answer));
    for number in 0.. {
        let (left, right) = (left.next(), right.next());
        if left == right && left.is_some() {
            continue;
        }
        tell(report, &format!("output {number} of the batch"), &output(left), &output(right));
        break;
    }
    for record in step::records(batch) {
        let input = record.map(codec::decode_input);
        let _ = write!(report, "\n  of the batch: {}", clipped(&format!("{input:?}"), 0));
    }
}

fn output(record: Option<Option<&[u8]>>) -> String {
    match record {
        None => "nothing more".to_owned(),
        Some(None) => "a record that is cut short".to_owned(),
        Some(Some(record)) => match codec::decode_output(record) {
            Ok(codec::Decoded::Send { socket, head, tail, splices, sending }) => {
                let text = String::from_utf8_lossy(&[head, tail].concat()).into_owned();
                format!("Send to {}, {sending:?}, {splices:?}: {text}", socket.0)
            }
            Ok(codec::Decoded::Fan { to, prefix, suffix, tail }) => {
                let text = String::from_utf8_lossy(&[prefix, b"#", suffix, tail].concat()).into_owned();
                format!("Fan to {to:?}: {text}")
            }
            Ok(other) => format!("{other:?}"),
            Err(error) => format!("{error}: {record:02x?}"),
        },
    }
}

fn bytes(report: &mut String, expected: &[u8], answer: &[u8]) {
    let at = expected.iter().zip(answer).take_while(|(left, right)| left == right).count();
    let shown = |bytes: &[u8]| {
        let near = &bytes[at.saturating_sub(16).min(bytes.len())..(at + 16).min(bytes.len())];
        format!("{} bytes, near byte {at}: {} {near:02x?}", bytes.len(), near.escape_ascii())
    };
    tell(report, "bytes", &shown(expected), &shown(answer));
}

fn tell(report: &mut String, what: &str, expected: &str, answer: &str) {
    let at = expected.chars().zip(answer.chars()).take_while(|(left, right)| left == right).count();
    let _ = write!(report, "\n  {what}\n    native: {}\n    here:   {}", clipped(expected, at), clipped(answer, at));
}

fn clipped(text: &str, at: usize) -> String {
    let from = at.saturating_sub(SHOWN);
    let shown: String = text.chars().skip(from).take(3 * SHOWN).collect();
    let before = if from > 0 { "…" } else { "" };
    let after = if text.chars().count() > from + 3 * SHOWN { "…" } else { "" };
    format!("{before}{shown}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn play(bytes: &[u8]) -> Play {
        let answer = Answer { bytes: bytes.to_vec(), refusal: None, timeout: Some(7) };
        Play { name: "one".to_owned(), acts: vec![Act::Snapshot], answers: vec![answer] }
    }

    fn file(bytes: &[u8], timeout: u64) -> Vec<u8> {
        let mut file = vec![0];
        crate::wire::put_bytes(&mut file, bytes);
        file.push(1);
        crate::wire::put_u64(&mut file, timeout);
        file
    }

    #[test]
    fn what_differs_is_told() {
        let plays = [play(b"abc")];
        assert_eq!(compare(&plays, &file(b"abc", 7)), Ok(()));
        let told = compare(&plays, &file(b"abd", 7)).expect_err("another snapshot");
        assert!(told.contains("one: the snapshot after 0 inputs") && told.contains("near byte 2"), "{told}");
        let told = compare(&plays, &file(b"abc", 8)).expect_err("another deadline");
        assert!(told.contains("native: Some(7)") && told.contains("here:   Some(8)"), "{told}");
        assert!(compare(&plays, b"").expect_err("nothing").contains("the answers end"));
        let twice = [file(b"abc", 7), file(b"abc", 7)].concat();
        assert!(compare(&plays, &twice).expect_err("too much").contains("more answers"));
    }
}

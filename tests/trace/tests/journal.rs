//! Journals of every trace: they replay to the same bytes, can be redacted, and hold nothing of anybody then.

use std::collections::BTreeSet;
use std::path::Path;

use interaction_core::codec;
use interaction_core::engine::Misuse;
use interaction_core::input::{Frame, Input};
use interaction_core::journal::redact::{Ids, Redactor};
use interaction_core::journal::{
    Begins, Decoder, Digest, Encoder, Ended, Header, Item, Keeps, Outcome, Replay, Verdict,
};
use interaction_trace::{Recorded, Trace};
use serde_json::Value;

/// Words of the protocol and of the vocabulary: what is in a message or an event because the program says so.
const WORDS: &[&str] = &[
    "Agent",
    "CallId",
    "Chat",
    "Cisco UCCX",
    "Consult",
    "Interaction processor",
    "Simulated UCCX",
    "Supervisor",
    "TeamLead",
    "Trigger",
    "again",
    "agent",
    "agentId",
    "authenticate",
    "bindResource",
    "bindService",
    "callId",
    "channel",
    "channelgroup",
    "channels",
    "chat",
    "client",
    "code",
    "com.openmethods.iserver.processor",
    "command",
    "connect",
    "connected",
    "coreRequest",
    "data",
    "default",
    "destination",
    "digits",
    "disconnect",
    "disposition",
    "dnis",
    "email",
    "endpoint",
    "enteredDigits",
    "extension",
    "extensions",
    "getCapabilities",
    "getServices",
    "interaction-processor",
    "limit",
    "local",
    "messageType",
    "model",
    "modeltype",
    "name",
    "number",
    "options",
    "override",
    "password",
    "ping",
    "prepareSession",
    "processor",
    "protocol",
    "queue",
    "reason",
    "report.calljourney",
    "report.calljourney.begin",
    "report.calljourney.end",
    "report.calljourney.recent",
    "report.queuestatus.begin",
    "report.queuestatus.end",
    "report.reasoncodes",
    "report.teamstatus.begin",
    "report.teamstatus.end",
    "reports",
    "request",
    "requestId",
    "resourceId",
    "resourceRequest",
    "resume",
    "serviceId",
    "serviceRequest",
    "serviceType",
    "target",
    "telephony",
    "token",
    "type",
    "unbindResource",
    "unbindService",
    "wrapup",
];
/// Ids that are in a trace for another reason, too: as a limit that is too high, and as the beginning of every address that
/// stands for another.
const BY_CHANCE: [(&str, &str); 2] = [("input-reports.trace", "1001"), ("prepare-locked-parallel.trace", "2001")];
/// What commands to sessions begin with.
const OBJECTS: [&str; 5] = ["session.", "channelgroup.", "channel.", "interaction.", "conversation."];

/// A trace as it ran.
struct Ran {
    name: String,
    header: Header,
    steps: Vec<Recorded>,
}

fn all() -> Vec<Ran> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../traces");
    let mut files: Vec<_> = std::fs::read_dir(folder).expect("traces").flatten().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "trace"));
    files.sort();
    assert!(files.len() > 50, "{} traces", files.len());
    let run = |file: &std::path::PathBuf| {
        let trace = Trace::parse(&std::fs::read_to_string(file).expect("a file")).expect("a trace");
        let run = trace.run().expect("a trace that holds");
        let header = Header::of_new(trace.config, trace.seed, trace.start, Keeps::Outputs);
        Ran { name: file.file_name().unwrap().to_string_lossy().into_owned(), header, steps: run.steps }
    };
    files.iter().map(run).collect()
}

fn outcome(step: &Recorded) -> Outcome {
    let mut digest = Digest::default();
    step.outputs.iter().for_each(|output| digest.add(output));
    digest.outcome(Verdict::from(step.misuse.map_or(Ok(()), Err::<(), Misuse>)))
}

fn journal(ran: &Ran) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = Encoder::begin(&ran.header, &mut out);
    for step in &ran.steps {
        encoder.input(&step.input, &mut out);
        step.outputs.iter().for_each(|output| encoder.output(output, &mut out));
        encoder.outcome(outcome(step), &mut out);
    }
    encoder.end(Ended::ShutDown, &mut out);
    out
}

#[test]
fn every_trace_replays_from_its_journal_to_the_same_bytes_also_from_the_middle() {
    for ran in all() {
        let journal = journal(&ran);
        let mut decoder = Decoder::new();
        let mut replay: Option<Replay> = None;
        let mut came: Vec<Vec<u8>> = Vec::new();
        let (mut step, mut outputs, mut outcome) = (0, 0, None);
        let middle = ran.steps.len() / 2;
        for piece in journal.chunks(1_000) {
            decoder.push(piece);
            while let Some(item) = decoder.next_item().expect("a whole journal") {
                match item {
                    Item::Header(header) => replay = Some(Replay::begin(&header, None).expect("a new engine")),
                    Item::Snapshot(_) => panic!("{}: a snapshot", ran.name),
                    Item::Input { now, input, .. } => {
                        came.clear();
                        (outputs, step) = (0, step + 1);
                        let mut engine = replay.take().expect("an engine");
                        if step == middle {
                            // As a journal that was cut here begins.
                            let snapshot = engine.engine().snapshot();
                            let inputs_before = engine.inputs();
                            let header = Header { begins: Begins::Snapshot, inputs_before, ..ran.header.clone() };
                            engine = Replay::begin(&header, Some(&snapshot)).expect("a snapshot");
                        }
                        outcome = Some(engine.feed(now, input, |_, output| came.push(output.to_vec())));
                        assert_eq!(engine.inputs(), step as u64);
                        replay = Some(engine);
                    }
                    Item::Output(output) => {
                        assert_eq!(came[outputs], output, "{}: input {step}, output {}", ran.name, outputs + 1);
                        outputs += 1;
                    }
                    Item::Outcome(recorded) => assert_eq!(outcome, Some(recorded), "{}: input {step}", ran.name),
                    Item::End(end) => assert_eq!(end.inputs, step as u64),
                }
            }
        }
        assert_eq!(decoder.finish().expect("an end").map(|end| end.why), Some(Ended::ShutDown));
        assert_eq!(step, ran.steps.len());
    }
}

/// Every text in an input, in messages too: values and names of properties.
fn texts(input: &Input<'_>, texts: &mut BTreeSet<String>) {
    fn of(value: &Value, texts: &mut BTreeSet<String>) {
        match value {
            Value::String(text) => match serde_json::from_str::<Value>(text) {
                Ok(inner @ Value::Object(_)) => of_message(&inner, texts),
                _ => {
                    texts.insert(text.clone());
                }
            },
            Value::Array(items) => items.iter().for_each(|item| of(item, texts)),
            Value::Object(properties) => properties.values().for_each(|value| of(value, texts)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    fn of_message(value: &Value, texts: &mut BTreeSet<String>) {
        match value {
            Value::String(text) => {
                texts.insert(text.clone());
            }
            Value::Number(number) => {
                texts.insert(number.to_string());
            }
            Value::Array(items) => items.iter().for_each(|item| of_message(item, texts)),
            Value::Object(properties) => {
                for (name, value) in properties {
                    texts.insert(name.clone());
                    of_message(value, texts);
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }
    of(&serde_json::to_value(input).expect("an input has a JSON form"), texts);
}

fn redacted(ran: &Ran, ids: Ids) -> (Redactor, Header, Vec<(interaction_core::time::Time, Input<'static>)>) {
    let mut redactor = Redactor::new(&ran.header, ids).expect("a journal from the beginning");
    for step in &ran.steps {
        redactor.learn(&codec::decode_input(&step.input).expect("an input").1);
    }
    redactor.settle();
    let header = redactor.header(&ran.header);
    let inputs = ran
        .steps
        .iter()
        .map(|step| {
            let (now, input) = codec::decode_input(&step.input).expect("an input");
            (now, redactor.input(&input))
        })
        .collect();
    (redactor, header, inputs)
}

/// The variant of an encoded output.
fn kind(output: &[u8]) -> u8 {
    output[1]
}

#[test]
fn a_redacted_trace_goes_the_same_way_and_holds_nothing_of_anybody() {
    let mut leaks = BTreeSet::new();
    let mut searched = 0;
    for ran in all() {
        let (_, header, inputs) = redacted(&ran, Ids::Replaced);
        assert!(header.redacted);
        let mut originals = BTreeSet::new();
        for step in &ran.steps {
            texts(&codec::decode_input(&step.input).expect("an input").1, &mut originals);
        }
        let mut replay = Replay::begin(&header, None).expect("a new engine");
        let mut everything = Vec::new();
        for (number, ((now, input), step)) in inputs.into_iter().zip(&ran.steps).enumerate() {
            codec::encode_input(now, &input, &mut everything);
            if let Input::Frame { frame: Frame::Text { text, secrets, .. }, .. } = &input {
                for secret in secrets.iter() {
                    let (from, to) = (secret.offset as usize, (secret.offset + secret.len) as usize);
                    let stands = &text[from..to];
                    assert!(stands == "null" || stands.len() == 66, "{}: {stands} for a secret", ran.name);
                }
            }
            let mut kinds = Vec::new();
            let outcome = replay.feed(now, input, |_, output| {
                kinds.push(kind(output));
                everything.extend_from_slice(output);
            });
            let before: Vec<u8> = step.outputs.iter().map(|output| kind(output)).collect();
            assert_eq!(kinds, before, "{}: input {} goes another way", ran.name, number + 1);
            assert_eq!(outcome.verdict, self::outcome(step).verdict);
        }
        for original in originals.iter().filter(|it| it.len() > 3 && !is_word(it.trim())) {
            // The engine's own ids stay.
            if is_engines(original) || BY_CHANCE.contains(&(&*ran.name, &**original)) {
                continue;
            }
            searched += 1;
            if tells(&everything, original) {
                leaks.insert(format!("{}: {original}", ran.name));
            }
        }
    }
    assert_eq!(leaks, BTreeSet::new(), "in what was redacted");
    assert!(searched > 2_000, "{searched} texts were searched for");
}

/// Whether a text is there: a number or a short one by itself only, as it may be part of another one by chance.
fn tells(bytes: &[u8], what: &str) -> bool {
    let is_common = what.len() < 8 || what.bytes().all(|byte| byte.is_ascii_digit());
    let beside = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphanumeric);
    let mut found = bytes.windows(what.len()).enumerate().filter(|(_, window)| *window == what.as_bytes());
    found.any(|(at, _)| !is_common || !(beside(at.checked_sub(1)) || beside(Some(at + what.len()))))
}

fn is_word(text: &str) -> bool {
    let is_command = OBJECTS.iter().any(|object| text.starts_with(object));
    let is_plain = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'.');
    let is_variable = text.strip_prefix("callVariable").is_some_and(|number| number.len() < 3);
    WORDS.contains(&text) || (is_command && is_plain) || is_variable
}

/// `s-3x0kd1m5-7`
fn is_engines(text: &str) -> bool {
    text.split('.').all(|part| {
        let mut parts = part.split('-');
        let (kind, run, number) = (parts.next(), parts.next(), parts.next());
        kind.is_some_and(|kind| kind.len() == 1) && run.is_some_and(|run| run.len() == 8) && number.is_some()
    })
}

#[test]
fn ids_stay_where_they_are_to() {
    let mut kept = 0;
    for ran in all() {
        let (_, _, inputs) = redacted(&ran, Ids::Kept);
        for ((_, input), step) in inputs.into_iter().zip(&ran.steps) {
            let (_, before) = codec::decode_input(&step.input).expect("an input");
            if let (Input::Cti(after), Input::Cti(before)) = (&input, &before) {
                use interaction_core::cti::Event;
                match (after, before) {
                    (Event::Agent(after), Event::Agent(before)) => {
                        assert_eq!(after.id, before.id);
                        assert_ne!((&after.name, before.name.is_empty()), (&before.name, false), "{}", ran.name);
                        kept += 1;
                    }
                    (Event::Call(after), Event::Call(before)) => assert_eq!(after.call(), before.call()),
                    _ => {}
                }
            }
        }
    }
    assert!(kept > 50, "{kept}");
}

#[test]
fn what_begins_with_a_snapshot_is_not_redacted() {
    let ran = &all()[0];
    let header = Header { begins: Begins::Snapshot, ..ran.header.clone() };
    let why = Redactor::new(&header, Ids::Replaced).expect_err("a snapshot").to_string();
    assert!(why.contains("snapshot"), "{why}");
}

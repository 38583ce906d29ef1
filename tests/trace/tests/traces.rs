//! Every trace in `tests/traces` through the native engine, with every check there is.
//!
//! `UPDATE_TRACES=1 cargo test -p interaction-trace --test traces` writes the outputs the engine really has into the
//! traces: read the difference before keeping it, an expectation is a promise.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use interaction_trace::Trace;

#[test]
fn every_trace_says_what_the_engine_does() {
    let update = std::env::var_os("UPDATE_TRACES").is_some();
    let mut wrong = String::new();
    for path in traces() {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let expected = fs::read_to_string(&path).expect("a trace can be read");
        match Trace::parse(&expected).and_then(|trace| trace.run()) {
            Err(error) => writeln!(wrong, "{name}: {error}").expect("text grows"),
            Ok(run) if run.text == expected => {}
            Ok(run) if update => fs::write(&path, run.text).expect("a trace can be written"),
            Ok(run) => {
                let (number, expected, found) = first_difference(&expected, &run.text);
                writeln!(wrong, "{name}:{number}\n  expected: {expected}\n  found:    {found}").expect("text grows");
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}\nrun again with UPDATE_TRACES=1 to rewrite, and read what changed");
}

fn traces() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../traces");
    let entries = fs::read_dir(&folder).expect("the traces are there");
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("the folder can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "trace"))
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "no trace in {}", folder.display());
    paths
}

fn first_difference<'a>(expected: &'a str, found: &'a str) -> (usize, &'a str, &'a str) {
    let (mut expected, mut found) = (expected.lines(), found.lines());
    for number in 1.. {
        match (expected.next(), found.next()) {
            (None, None) => break,
            (one, other) if one == other => {}
            (one, other) => return (number, one.unwrap_or("(the end)"), other.unwrap_or("(the end)")),
        }
    }
    (0, "(the same lines)", "(other line ends)")
}

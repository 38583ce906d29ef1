//! Where messages are taken from: the traces, and the reference.

use std::fs;
use std::path::{Path, PathBuf};

use interaction_schema::Direction;
use serde_json::Value;

/// One message.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// Of its file.
    pub(crate) number: usize,
    /// Who sent it.
    pub(crate) direction: Direction,
    /// On which socket; 0 where there is none.
    #[allow(dead_code, reason = "of traces only")]
    pub(crate) socket: u64,
    /// What was sent.
    pub(crate) message: Value,
    /// The same as it stands there.
    #[allow(dead_code, reason = "of the reference only")]
    pub(crate) text: String,
}

/// Every message of every trace, by the trace's name. What a client sends that is no JSON object is left out.
pub(crate) fn traces() -> Vec<(String, Vec<Line>)> {
    let folder = root().join("tests/traces");
    let mut paths: Vec<PathBuf> = fs::read_dir(&folder)
        .expect("the traces are there")
        .map(|entry| entry.expect("the folder can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "trace"))
        .collect();
    paths.sort();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("a trace can be read");
        let lines = text.lines().enumerate().filter_map(|(index, line)| of_trace(index + 1, line)).collect();
        (path.file_name().unwrap_or_default().to_string_lossy().into_owned(), lines)
    };
    paths.into_iter().map(read).collect()
}

fn of_trace(number: usize, line: &str) -> Option<Line> {
    let (word, text) = line.split_once(' ')?;
    let digits = word.trim_end_matches(['<', '>', '~']);
    let direction = match &word[digits.len()..] {
        ">" => Direction::Client,
        "<" | "~" => Direction::Server,
        _ => return None,
    };
    let message: Value = serde_json::from_str(text).ok().filter(Value::is_object)?;
    Some(Line { number, direction, socket: digits.parse().ok()?, message, text: text.to_owned() })
}

/// The workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

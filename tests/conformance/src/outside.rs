//! Playing in Node and in a browser: both run the same few lines of JavaScript, in a process of their own that is handed one
//! portion after another.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use crate::history::repository;

/// Longer than a browser takes to start and to play a portion on a slow machine.
const DEADLINE: Duration = Duration::from_secs(180);

/// What of the answers is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Their SHA-256.
    Digest,
    /// All of them.
    Whole,
}

/// A process that plays.
#[derive(Debug)]
pub struct Outside {
    program: &'static str,
    child: Child,
    portions: Option<ChildStdin>,
    answers: Receiver<Vec<u8>>,
    log: PathBuf,
}

impl Outside {
    /// Node.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn node(wasm: &Path, work: &Path) -> Result<Self, String> {
        Self::start("node.mjs", &wasm.join("nodejs"), work)
    }

    /// Headless Chromium.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn chromium(wasm: &Path, work: &Path) -> Result<Self, String> {
        Self::start("browser.mjs", &wasm.join("web"), work)
    }

    fn start(program: &'static str, wasm: &Path, work: &Path) -> Result<Self, String> {
        let log = work.join(format!("{program}.log"));
        let file = std::fs::create_dir_all(work).and_then(|()| File::create(&log));
        let file = file.map_err(|error| format!("{}: {error}", log.display()))?;
        let mut node = Command::new("node");
        node.arg(repository().join("tests/conformance/js").join(program)).arg(wasm);
        node.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(file);
        let mut child = node.spawn().map_err(|error| format!("cannot start node: {error}"))?;
        let portions = child.stdin.take();
        let mut stdout = child.stdout.take().ok_or("node has no output")?;
        let (told, answers) = channel();
        // It ends with the process, or with whoever listens.
        thread::spawn(move || {
            while let Ok(answer) = read(&mut stdout) {
                if told.send(answer).is_err() {
                    return;
                }
            }
        });
        Ok(Self { program, child, portions, answers, log })
    }

    /// Plays a portion.
    ///
    /// # Errors
    /// It failed, or did not end in time.
    pub fn play(&mut self, script: &[u8], wanted: Wanted) -> Result<Vec<u8>, String> {
        let handed = self.hand_over(script, wanted);
        let answer = handed.and_then(|()| self.answers.recv_timeout(DEADLINE).map_err(|error| error.to_string()));
        answer.map_err(|error| {
            let told = std::fs::read_to_string(&self.log).unwrap_or_default();
            format!("{}: {error}\n{told}", self.program)
        })
    }

    fn hand_over(&mut self, script: &[u8], wanted: Wanted) -> Result<(), String> {
        let portions = self.portions.as_mut().ok_or("it was ended")?;
        let len = u32::try_from(script.len()).map_err(|_| "a portion has 4 GiB or more")?;
        let head = [&[u8::from(wanted == Wanted::Whole)][..], &len.to_le_bytes()].concat();
        let written =
            portions.write_all(&head).and_then(|()| portions.write_all(script)).and_then(|()| portions.flush());
        written.map_err(|error| error.to_string())
    }
}

impl Drop for Outside {
    /// Without more portions it ends by itself, and takes its browser with it.
    fn drop(&mut self) {
        self.portions = None;
        for _ in 0..200 {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
        let _ = self.child.kill().and_then(|()| self.child.wait());
    }
}

fn read(from: &mut impl Read) -> std::io::Result<Vec<u8>> {
    let mut len = [0; 4];
    from.read_exact(&mut len)?;
    let mut answer = Vec::new();
    from.take(u32::from_le_bytes(len).into()).read_to_end(&mut answer)?;
    Ok(answer)
}

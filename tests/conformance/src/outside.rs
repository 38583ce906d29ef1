//! Playing in Node and in a browser: both run the same few lines of JavaScript, in a process of their own.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::history::repository;

/// Longer than a browser takes to start and play everything on a slow machine.
const DEADLINE: Duration = Duration::from_secs(180);

/// Plays a script in Node.
///
/// # Errors
/// Node cannot be started, fails or does not end.
pub fn node(wasm: &Path, script: &[u8], work: &Path) -> Result<Vec<u8>, String> {
    run("node.mjs", &wasm.join("nodejs"), script, work)
}

/// Plays a script in headless Chromium.
///
/// # Errors
/// The browser cannot be started, fails or does not end.
pub fn chromium(wasm: &Path, script: &[u8], work: &Path) -> Result<Vec<u8>, String> {
    run("browser.mjs", &wasm.join("web"), script, work)
}

fn run(program: &str, wasm: &Path, script: &[u8], work: &Path) -> Result<Vec<u8>, String> {
    let at = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    std::fs::create_dir_all(work).map_err(|error| at(work, error))?;
    let [script_file, answers_file, log_file] = ["script.bin", "answers.bin", "log.txt"].map(|name| work.join(name));
    std::fs::write(&script_file, script).map_err(|error| at(&script_file, error))?;
    // What an earlier run left must not pass for an answer.
    if answers_file.exists() {
        std::fs::remove_file(&answers_file).map_err(|error| at(&answers_file, error))?;
    }
    let log = File::create(&log_file).map_err(|error| at(&log_file, error))?;
    let mut node = Command::new("node");
    node.arg(program_folder().join(program)).args([wasm, &script_file, &answers_file]);
    node.stdin(Stdio::null()).stdout(log.try_clone().map_err(|error| at(&log_file, error))?).stderr(log);
    let ended = wait(&mut node);
    let told = std::fs::read_to_string(&log_file).unwrap_or_default();
    ended.map_err(|error| format!("{program}: {error}\n{told}"))?;
    std::fs::read(&answers_file).map_err(|error| format!("{}\n{told}", at(&answers_file, error)))
}

fn wait(command: &mut Command) -> Result<(), String> {
    let mut child = command.spawn().map_err(|error| format!("cannot start node: {error}"))?;
    let deadline = Instant::now() + DEADLINE;
    loop {
        match child.try_wait().map_err(|error| error.to_string())? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => return Err(status.to_string()),
            None if Instant::now() > deadline => {
                // The program gives itself less time than this and takes its browser with it; this is for when it hangs.
                let killed = child.kill().and_then(|()| child.wait());
                return Err(format!("not done after {} s ({killed:?})", DEADLINE.as_secs()));
            }
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}

fn program_folder() -> PathBuf {
    repository().join("tests/conformance/js")
}

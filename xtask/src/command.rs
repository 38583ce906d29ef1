//! Running other programs: shown before they run, bounded in time, read where their words are needed.

use std::{
    ffi::OsStr,
    io::{BufRead, BufReader, Read, Write},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;

/// Longer than any stage takes cold on two cores; what is still running then hangs.
const DEADLINE: Duration = Duration::from_secs(20 * 60);
const POLL: Duration = Duration::from_millis(20);
/// What a reader may still find in a pipe after the program ended.
const DRAIN: Duration = Duration::from_secs(5);

/// Cargo at the workspace's root, building into the workspace's target directory, without input.
pub(crate) fn cargo(workspace: &Workspace) -> Command {
    let mut cargo = bare_cargo();
    cargo.current_dir(&workspace.root).env("CARGO_TARGET_DIR", &workspace.target_dir).stdin(Stdio::null());
    cargo
}

/// Cargo without the variables that `cargo run` set for this program: build scripts that watch them would run again.
pub(crate) fn bare_cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let is_ours = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"].iter().any(|prefix| text.starts_with(prefix));
        if is_ours || text == "CARGO_CRATE_NAME" || text == "CARGO_PRIMARY_PACKAGE" {
            cargo.env_remove(&name);
        }
    }
    cargo
}

/// Whether a program of that name is found on `PATH`.
pub(crate) fn is_installed(program: &str) -> bool {
    let file = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(&file).is_file()))
}

/// Runs a program with our output as its own.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    announce(command);
    let mut child = start(command)?;
    let status = wait(&mut child, command)?;
    expect_success(status, command)
}

/// Runs a program and returns what it wrote to its standard output; its errors stay visible.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    command.stdout(Stdio::piped());
    let mut child = start(command)?;
    let pipe = child.stdout.take().context("no pipe")?;
    let reader = read_all(pipe);
    let status = wait(&mut child, command)?;
    expect_success(status, command)?;
    let bytes = reader.recv_timeout(DRAIN).context("its output did not end")?;
    String::from_utf8(bytes).context("its output is not UTF-8")
}

/// Whether a program succeeds, with all it wrote; for questions whose answer may be no.
pub(crate) fn answer(command: &mut Command) -> Result<(bool, String)> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = start(command)?;
    let out = read_all(child.stdout.take().context("no pipe")?);
    let err = read_all(child.stderr.take().context("no pipe")?);
    let status = wait(&mut child, command)?;
    let mut bytes = out.recv_timeout(DRAIN).unwrap_or_default();
    bytes.extend(err.recv_timeout(DRAIN).unwrap_or_default());
    Ok((status.success(), String::from_utf8_lossy(&bytes).into_owned()))
}

/// Runs a program, passing its lines on as they come and handing each to `see` as well.
pub(crate) fn run_seeing(command: &mut Command, mut see: impl FnMut(&str)) -> Result<()> {
    announce(command);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = start(command)?;
    let (lines, seen) = mpsc::sync_channel::<Vec<u8>>(1024);
    let out = child.stdout.take().context("no pipe")?;
    let err = child.stderr.take().context("no pipe")?;
    let to_out = lines.clone();
    thread::spawn(move || pass_on(out, &mut std::io::stdout(), &to_out));
    thread::spawn(move || pass_on(err, &mut std::io::stderr(), &lines));

    let deadline = Instant::now() + DEADLINE;
    let mut show = |line: Vec<u8>| see(String::from_utf8_lossy(&line).trim_end());
    let status = loop {
        match seen.recv_timeout(POLL) {
            Ok(line) => show(line),
            Err(mpsc::RecvTimeoutError::Timeout | mpsc::RecvTimeoutError::Disconnected) => {
                if let Some(status) = child.try_wait()? {
                    break status;
                }
                thread::sleep(POLL);
            }
        }
        if Instant::now() > deadline {
            stop(&mut child);
            bail!("{}: not done after {} s", shown(command), DEADLINE.as_secs());
        }
    };
    while let Ok(line) = seen.recv_timeout(POLL) {
        show(line);
    }
    expect_success(status, command)
}

/// The command as one would type it.
pub(crate) fn shown(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let name = program.file_stem().unwrap_or(program.as_os_str());
    let words = std::iter::once(name).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

fn announce(command: &Command) {
    println!("$ {}", shown(command));
}

fn start(command: &mut Command) -> Result<Child> {
    command.spawn().with_context(|| format!("cannot start `{}`", shown(command)))
}

fn wait(child: &mut Child, command: &Command) -> Result<ExitStatus> {
    let deadline = Instant::now() + DEADLINE;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if Instant::now() > deadline {
            stop(child);
            bail!("{}: not done after {} s", shown(command), DEADLINE.as_secs());
        }
        thread::sleep(POLL);
    }
}

/// Ends a program and what it started, as far as the system tells.
fn stop(child: &mut Child) {
    let mut ids = vec![child.id()];
    let mut next = 0;
    while let Some(&id) = ids.get(next) {
        next += 1;
        let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children"));
        ids.extend(children.unwrap_or_default().split_whitespace().filter_map(|id| id.parse::<u32>().ok()));
    }
    for id in ids.iter().skip(1) {
        // A process that ended meanwhile is what we want.
        let _ = Command::new("kill").args(["-KILL", &id.to_string()]).stderr(Stdio::null()).status();
    }
    let _ = child.kill();
    let _ = child.wait();
}

fn expect_success(status: ExitStatus, command: &Command) -> Result<()> {
    if !status.success() {
        bail!("`{}` failed ({status})", shown(command));
    }
    Ok(())
}

fn read_all(mut pipe: impl Read + Send + 'static) -> mpsc::Receiver<Vec<u8>> {
    let (done, read) = mpsc::sync_channel(1);
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if pipe.read_to_end(&mut bytes).is_ok() {
            // The receiver is gone only when nobody wants the answer any more.
            let _ = done.send(bytes);
        }
    });
    read
}

fn pass_on(pipe: impl Read, to: &mut impl Write, lines: &mpsc::SyncSender<Vec<u8>>) {
    let mut pipe = BufReader::new(pipe);
    let mut line = Vec::new();
    while matches!(pipe.read_until(b'\n', &mut line), Ok(read) if read > 0) {
        // A closed terminal is no reason to stop counting.
        let _ = to.write_all(&line).and_then(|()| to.flush());
        if lines.send(std::mem::take(&mut line)).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_both_streams_are_seen_and_a_failure_is_told() {
        let mut seen = Vec::new();
        let mut sh = Command::new("sh");
        sh.args(["-c", "echo out; echo err >&2; exit 3"]);
        let failure = run_seeing(&mut sh, |line| seen.push(line.to_owned())).unwrap_err();
        seen.sort();
        assert_eq!(seen, ["err", "out"]);
        assert!(failure.to_string().contains("exit status: 3"), "{failure}");
    }

    #[test]
    fn a_missing_program_is_named() {
        let failure = run(&mut Command::new("no-such-program-here")).unwrap_err();
        assert!(failure.to_string().contains("no-such-program-here"), "{failure}");
        assert!(!is_installed("no-such-program-here"));
    }
}

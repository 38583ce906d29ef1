//! The desk on the command line: an agent's day by a script.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Output, Stdio};
use std::time::Duration;

use interaction_tests::server::{command, ended};
use interaction_tests::world::{self, AGENT, WRONG};
use interaction_tests::{Fault, Server, Settings};
use serde_json::Value;

/// Starts a desk that reads this script.
fn desk(server: &Server, password: &str, more: &[&str], script: &str) -> Result<Child, Fault> {
    let file: PathBuf = server.directory.path().parent().unwrap_or(server.directory.path()).join(format!(
        "desk-{}-{}",
        std::process::id(),
        server.address.replace(':', "-")
    ));
    std::fs::write(&file, format!("{password}\n"))?;
    let url = format!("ws://{}/v1/ws", server.address);
    let mut desk = command();
    desk.args(["desk", "--agent", AGENT, "--url", &url, "--password-file"]).arg(&file).args(more);
    let mut child = desk.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    // The end of the input would end the desk: scripts that go on keep it open by waiting.
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(script.as_bytes())?;
    }
    Ok(child)
}

async fn finish(mut child: Child) -> Result<(Output, String, String), Fault> {
    if let Err(fault) = ended(&mut child, Duration::from_secs(60)).await {
        child.kill()?;
        let output = child.wait_with_output()?;
        eprintln!("{}", String::from_utf8_lossy(&output.stdout));
        return Err(fault);
    }
    let output = child.wait_with_output()?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    Ok((output, out, err))
}

/// A call that waits for whoever becomes ready.
fn calling() -> Settings {
    let call = "act = \"call\"\nqueue = \"General\"\nfrom = \"+15550100\"\nprompts_ms = 100";
    Settings::world(world::scripted(&[(300, call)]))
}

fn assert_in_order(text: &str, wanted: &[&str]) {
    let mut rest = text;
    for words in wanted {
        let at = rest.find(words).unwrap_or_else(|| panic!("`{words}` is missing in the rest of:\n{text}"));
        rest = &rest[at + words.len()..];
    }
}

#[tokio::test]
async fn a_call_from_sign_in_to_logout_by_what_is_offered() -> Result<(), Fault> {
    let server = Server::start(calling()).await?;
    let script = "wait ready 20\nready\nwait answer 30\nanswer\nwait hold 20\nhold\nwait retrieve 20\nshow\nretrieve\n\
                  wait hold 20\nupdatedata callVariable1=hello\ndrop\nwait logout 30\nlogout\n";
    let (output, out, err) = finish(desk(&server, AGENT, &[], script)?).await?;
    assert_eq!(output.status.code(), Some(0), "{out}\n{err}");
    assert_in_order(
        &out,
        &[
            "signed in",
            "Telephony READY",
            "#1 inbound telephony primary ALERTING",
            "with +15550100",
            "#1 inbound telephony primary CONNECTED",
            "#1 inbound telephony primary HELD",
            "conversation primary HELD",
            "#1 inbound telephony primary CONNECTED",
            "\"callVariable1\":\"hello\"",
            "#1 inbound telephony ended",
            "logged out",
        ],
    );
    Ok(())
}

#[tokio::test]
async fn what_is_not_possible_ends_a_script_and_says_what_is() -> Result<(), Fault> {
    let server = Server::silent().await?;
    let (output, _, err) = finish(desk(&server, AGENT, &[], "wait ready 20\nhold\n")?).await?;
    assert_eq!(output.status.code(), Some(4));
    assert!(err.contains("`hold` is not possible now") && err.contains("ready"), "{err}");
    let (output, _, err) = finish(desk(&server, AGENT, &["--override"], "wait answer 1\n")?).await?;
    assert_eq!(output.status.code(), Some(4));
    assert!(err.contains("`answer` did not become possible"), "{err}");
    Ok(())
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_shown_nowhere() -> Result<(), Fault> {
    let server = Server::silent().await?;
    let (output, out, err) = finish(desk(&server, WRONG, &[], "")?).await?;
    assert_eq!(output.status.code(), Some(4));
    assert!(err.contains("credentials.invalid"), "{err}");
    assert!(!out.contains(WRONG) && !err.contains(WRONG));
    Ok(())
}

#[tokio::test]
async fn a_session_is_taken_over_only_when_asked_to() -> Result<(), Fault> {
    let server = Server::silent().await?;
    let mut first = desk(&server, AGENT, &[], "wait ready 20\nwait answer 50\n")?;
    let mut told = BufReader::new(first.stdout.take().expect("it is a pipe")).lines();
    assert!(told.any(|line| line.is_ok_and(|line| line == "signed in")));
    let (output, _, err) = finish(desk(&server, AGENT, &[], "")?).await?;
    assert_eq!(output.status.code(), Some(4));
    assert!(err.contains("--override"), "{err}");
    let (output, out, err) = finish(desk(&server, AGENT, &["--override"], "wait ready 20\nquit\n")?).await?;
    assert_eq!(output.status.code(), Some(0), "{out}\n{err}");
    let (output, _, err) = finish(first).await?;
    drop(told);
    assert_eq!(output.status.code(), Some(4));
    assert!(err.contains("superseded"), "{err}");
    Ok(())
}

#[tokio::test]
async fn programs_read_one_object_a_line() -> Result<(), Fault> {
    let server = Server::silent().await?;
    let script = "wait ready 20\nready\nwait notready 20\nnotready 1\nwait ready 20\nquit\n";
    let (output, out, err) = finish(desk(&server, AGENT, &["--json"], script)?).await?;
    assert_eq!(output.status.code(), Some(0), "{out}\n{err}");
    let read = |line: &str| serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    let objects: Vec<Value> = out.lines().map(read).collect();
    for (property, word) in
        [("name", "session.initialized"), ("command", "channel.request.ready"), ("name", "state.updated")]
    {
        assert!(objects.iter().any(|object| object[property] == word), "{word}\n{out}");
    }
    Ok(())
}

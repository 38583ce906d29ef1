//! What is recorded can be repeated, looked into, cut and redacted; and recording stops nobody.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use interaction_tests::client::Transport;
use interaction_tests::expect::{code, succeeded};
use interaction_tests::recording::{Record, recording, records};
use interaction_tests::server::{command, ended, free_port};
use interaction_tests::world::{self, AGENT, COLLEAGUE, SUPERVISOR, WRONG};
use interaction_tests::{Client, Fault, Server, Settings, strict};
use serde_json::{Value, json};
use tempfile::TempDir;

const FILE: &str = "run.rec";
const HEADER: u8 = 1;
const SNAPSHOT: u8 = 2;
const INPUT: u8 = 3;
const OUTPUT: u8 = 4;
const OUTCOME: u8 = 5;
const END: u8 = 6;

/// A server that records.
async fn recording_server(settings: Settings, more: &[&str]) -> Result<Server, Fault> {
    let directory = TempDir::new()?;
    let port = free_port()?;
    let config = settings.write(directory.path(), port)?;
    let mut serve = command();
    serve.arg("serve").arg("--config").arg(config).args(["--record", FILE]).args(more);
    Server::run(serve, directory, port).await
}

async fn finished(mut command: Command) -> Result<Output, Fault> {
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let reading = std::thread::spawn(move || child.wait_with_output());
    for _ in 0..6_000 {
        if reading.is_finished() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(reading.is_finished(), "the command is still there");
    Ok(reading.join().expect("the output is read")?)
}

async fn replay(file: &Path, arguments: &[&str]) -> Result<Output, Fault> {
    let mut replay = command();
    replay.current_dir(file.parent().expect("a directory")).arg("replay").arg(file).args(arguments);
    finished(replay).await
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[track_caller]
fn replayed(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

fn holds(bytes: &[u8], what: &str) -> bool {
    bytes.windows(what.len()).any(|window| window == what.as_bytes())
}

/// Whether a text is there: a number or a short one by itself only, as it may be part of another one by chance.
fn tells(bytes: &[u8], what: &str) -> bool {
    let is_common = what.len() < 8 || what.bytes().all(|byte| byte.is_ascii_digit());
    let beside = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphanumeric);
    let mut found = bytes.windows(what.len()).enumerate().filter(|(_, window)| *window == what.as_bytes());
    found.any(|(at, _)| !is_common || !(beside(at.checked_sub(1)) || beside(Some(at + what.len()))))
}

fn count(records: &[Record], kind: u8) -> usize {
    records.iter().filter(|record| record.kind == kind).count()
}

/// Agents, a supervisor, right and wrong passwords, WebSocket and HTTP, sockets that are lost. Returns what may not be kept.
async fn live(server: &mut Server) -> Result<(), Fault> {
    let mut supervisor = Client::bound(&server.address).await?;
    server.never_keeps(supervisor.resume_key());
    supervisor.watch(SUPERVISOR, 1).await?;
    let mut desk = Client::bound(&server.address).await?;
    server.never_keeps(desk.resume_key());
    let refused = desk.prepare(AGENT, WRONG, false).await?;
    assert_eq!(code(&refused), "credentials.invalid");
    let session = desk.prepared(AGENT, AGENT, false).await?;
    desk.bind_resource(&session).await?;
    succeeded(&desk.object(&session, &session, "session.start", json!({})).await?);
    desk.event_named("session.initialized").await?;
    supervisor.event_named("report.teamstatus.memberstatuschanged").await?;
    // The link goes on by HTTP, and back.
    desk.change_to(Transport::Polls);
    desk.resume().await?;
    succeeded(&desk.service("getCapabilities", json!({})).await?);
    desk.change_to(Transport::WebSocket);
    desk.resume().await?;
    let mut poor = Client::connect_with(&server.address, json!({"client": {"name": "poor Grüße"}})).await?;
    poor.send(&json!({"messageType": "coreRequest", "requestId": "17", "command": "no such"})).await?;
    poor.answer("17").await?;
    poor.lose_abruptly();
    desk.settle().await?;
    supervisor.settle().await
}

/// Waits until so many inputs are on the disk.
async fn recorded(server: &Server, inputs: f64) -> Result<f64, Fault> {
    for _ in 0..3_000 {
        let found = server.metric("recording_inputs_total").await?;
        if found >= inputs {
            return Ok(found);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{inputs} inputs were not recorded");
}

/// The recording of a server that lived and was killed, with its outputs if wanted; the server is gone.
async fn killed(directory: &Path, more: &[&str]) -> Result<PathBuf, Fault> {
    let mut server = recording_server(Settings::world(world::busy(20)), more).await?;
    live(&mut server).await?;
    recorded(&server, 300.0).await?;
    server.child.kill()?;
    server.child.wait()?;
    let to = directory.join(FILE);
    std::fs::copy(server.directory.path().join(FILE), &to)?;
    let mode = std::fs::metadata(server.directory.path().join(FILE))?.permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "for its owner alone");
    // Its files are searched for secrets as it is dropped, the recording among them.
    Ok(to)
}

#[tokio::test]
async fn a_killed_server_leaves_a_recording_that_replays_to_the_same_bytes() -> Result<(), Fault> {
    let directory = TempDir::new()?;
    let file = killed(directory.path(), &["--record-outputs"]).await?;
    let bytes = std::fs::read(&file)?;
    let all = records(&bytes).expect("whole records");
    assert_eq!((all[0].kind, all[0].at), (HEADER, 10));
    assert!(count(&all, OUTPUT) > 30 && count(&all, END) == 0);
    assert_eq!(count(&all, INPUT), count(&all, OUTCOME));
    let header: Value = strict::object(&text(&all[0].body))?;
    assert_eq!(
        (&header["begins"], &header["keeps"], &header["redacted"]),
        (&json!("new"), &json!("outputs"), &json!(false))
    );

    let told = replayed(&replay(&file, &[]).await?);
    assert!(told.contains("What came out is as recorded.") && told.contains("has no end"), "{told}");
    assert!(told.contains(&format!("{} inputs", count(&all, INPUT))), "{told}");
    // Outputs in full are what was sent: a message to a client is in it as the client got it.
    assert!(holds(&bytes, "\"report.teamstatus.memberstatuschanged\""));

    // What is printed.
    let printed = replay(&file, &["--print", "--until", "40"]).await?;
    let lines: Vec<Value> = replayed(&printed).lines().map(strict::object).collect::<Result<_, _>>()?;
    let inputs: Vec<u64> =
        lines.iter().filter(|line| line.get("fed").is_some()).map(|line| line["input"].as_u64().unwrap()).collect();
    assert_eq!(inputs, (1..=40).collect::<Vec<_>>());
    assert!(text(&printed.stderr).contains("40 inputs"), "{}", text(&printed.stderr));
    let printed = replayed(&replay(&file, &["--print", "--from", "200", "--until", "210"]).await?);
    assert!(
        printed.lines().all(|line| (200..=210).contains(&strict::object(line).unwrap()["input"].as_u64().unwrap()))
    );
    let all_printed = replayed(&replay(&file, &["--print"]).await?);
    assert!(all_printed.contains("\"messageType\":\"connect\"") && all_printed.contains("poor Grüße"));
    let prepare =
        all_printed.lines().find(|line| line.contains("fed") && line.contains("prepareSession")).expect("a prepare");
    assert!(prepare.contains("\"password\":null"), "{prepare}");
    let none = replayed(&replay(&file, &["--until", "2026-01-01T00:00:00Z"]).await?);
    assert!(none.contains("no inputs"), "{none}");
    Ok(())
}

#[tokio::test]
async fn what_was_altered_is_told_and_where() -> Result<(), Fault> {
    let directory = TempDir::new()?;
    for more in [&["--record-outputs"][..], &[]] {
        let file = killed(directory.path(), more).await?;
        let bytes = std::fs::read(&file)?;
        let all = records(&bytes).expect("whole records");
        assert_eq!(recording(&all), bytes, "the second reading writes the same");
        // A name is another: whatever hears of the agent differs, and nothing before.
        let name = all.iter().position(|record| holds(&record.body, "poor Gr")).expect("the client's name");
        let number = count(&all[..=name], INPUT);
        let mut altered = all.clone();
        let at = altered[name].body.windows(4).position(|bytes| bytes == b"poor").unwrap();
        altered[name].body[at] = b'P';
        std::fs::write(&file, recording(&altered))?;
        let output = replay(&file, &[]).await?;
        let told = text(&output.stdout);
        assert_eq!(output.status.code(), Some(5), "{told}{}", text(&output.stderr));
        assert!(
            told.starts_with(&format!("Input {number} at 2")) && told.contains("fed ") && told.contains("Poor"),
            "{told}"
        );
        assert!(told.contains("What came out of one input differs."), "{told}");
        if !more.is_empty() {
            assert!(told.contains("recorded  {") && told.contains("\"name\":\"poor Grüße\""), "{told}");
        }
        let output = replay(&file, &["--print", "--from", &number.to_string()]).await?;
        assert_eq!(output.status.code(), Some(5));
        let differs = text(&output.stdout)
            .lines()
            .map(|line| strict::object(line).unwrap())
            .find(|line| line["differs"].is_object());
        assert_eq!(differs.expect("the difference")["input"], json!(number));

        // Damage is no difference: it is told by its place, and what is before it was good.
        let mut damaged = bytes.clone();
        damaged[all[name].at + 20] ^= 4;
        std::fs::write(&file, &damaged)?;
        let output = replay(&file, &[]).await?;
        assert_eq!(output.status.code(), Some(6), "{}", text(&output.stdout));
        let why = text(&output.stderr);
        assert!(
            why.contains(&format!("byte {}", all[name].at))
                && why.contains(&format!("{} inputs before it", number - 1)),
            "{why}"
        );
        assert!(text(&output.stdout).contains("is as recorded"));

        // Torn within a record, as by a kill: all before counts, and it is no failure.
        std::fs::write(&file, &bytes[..all[name].at + 20])?;
        let told = replayed(&replay(&file, &[]).await?);
        assert!(told.contains("torn off") && told.contains(&format!("byte {}", all[name].at)), "{told}");

        // Another version is named, and what is no recording.
        let mut header: Value = serde_json::from_slice(&all[0].body).unwrap();
        header["codec"] = json!(9);
        header["product"] = json!("9.1.0");
        let mut other = all.clone();
        other[0].body = header.to_string().into_bytes();
        std::fs::write(&file, recording(&other))?;
        let output = replay(&file, &[]).await?;
        assert_eq!(output.status.code(), Some(6));
        assert!(text(&output.stderr).contains("Use version 9.1.0"), "{}", text(&output.stderr));
        for rubbish in [&b""[..], b"rubbish", b"IPjrnl\r\n\x07\x00rest"] {
            std::fs::write(&file, rubbish)?;
            let output = replay(&file, &[]).await?;
            assert_eq!(output.status.code(), Some(6), "{}", text(&output.stderr));
        }
        std::fs::remove_file(&file)?;
    }
    Ok(())
}

#[tokio::test]
async fn a_part_of_a_recording_is_a_recording() -> Result<(), Fault> {
    let directory = TempDir::new()?;
    let file = killed(directory.path(), &[]).await?;
    let inputs = count(&records(&std::fs::read(&file)?).expect("whole records"), INPUT);
    let part = directory.path().join("part.rec");
    let middle = (inputs / 2).to_string();
    let told = replayed(&replay(&file, &["--cut", "part.rec", "--from", &middle, "--until", "+1d"]).await?);
    assert!(told.contains("inputs were written to part.rec"), "{told}");
    let all = records(&std::fs::read(&part)?).expect("whole records");
    assert_eq!((all[1].kind, count(&all, END)), (SNAPSHOT, 1));
    assert_eq!(count(&all, INPUT), inputs - inputs / 2 + 1);
    let header: Value = strict::object(&text(&all[0].body))?;
    assert_eq!(header["inputsBefore"], json!(inputs / 2 - 1));
    let told = replayed(&replay(&part, &["--print"]).await?);
    let first = strict::object(told.lines().next().expect("a line"))?;
    assert_eq!(first["input"], json!(inputs / 2), "inputs keep their numbers");
    // A part of the part, from its beginning.
    let end = (inputs / 2 + 10).to_string();
    replayed(&replay(&part, &["--cut", "first.rec", "--until", &end]).await?);
    let first = directory.path().join("first.rec");
    let told = replayed(&replay(&first, &[]).await?);
    assert!(told.contains("11 inputs") && told.contains("it was cut here"), "{told}");
    // Nothing is overwritten, nothing is written where there is nothing, and what holds the past is not redacted.
    let again = replay(&file, &["--cut", "part.rec"]).await?;
    assert_eq!(again.status.code(), Some(1));
    assert!(text(&again.stderr).contains("not overwritten"), "{}", text(&again.stderr));
    let late = replay(&file, &["--cut", "late.rec", "--from", "99999999"]).await?;
    assert_eq!(late.status.code(), Some(1));
    assert!(!directory.path().join("late.rec").exists());
    let redacted = replay(&part, &["--cut", "no.rec", "--redact"]).await?;
    assert_eq!(redacted.status.code(), Some(1));
    assert!(text(&redacted.stderr).contains("Redact the recording it was cut from"), "{}", text(&redacted.stderr));
    assert!(!directory.path().join("no.rec").exists());
    Ok(())
}

/// Every text of what was fed: values, and names in messages.
fn texts(value: &Value, found: &mut std::collections::BTreeSet<String>) {
    match value {
        Value::String(text) => {
            found.insert(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(properties) => properties.values().for_each(|value| texts(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[tokio::test]
async fn a_redacted_recording_holds_nobody_and_replays_like_the_whole() -> Result<(), Fault> {
    let directory = TempDir::new()?;
    let file = killed(directory.path(), &["--record-outputs"]).await?;
    let printed = replayed(&replay(&file, &["--print"]).await?);
    let mut people = std::collections::BTreeSet::new();
    for line in printed.lines() {
        let line = strict::object(line)?;
        let fed = &line["fed"]["Cti"];
        for (event, properties) in [("Agent", &["name", "extension"][..]), ("Team", &["name"]), ("Queue", &["name"])] {
            properties.iter().for_each(|property| texts(&fed[event][*property], &mut people));
        }
        for event in ["Began", "Seen", "Ringing", "Connected", "Data", "Dialing"] {
            let call = &fed["Call"][event];
            for part in [&call["from"], &call["to"], &call["call"], &call["device"]["label"], &call["device"]["id"]] {
                texts(part, &mut people);
            }
        }
        texts(&line["fed"]["SocketOpened"]["peer"], &mut people);
    }
    people.insert("poor Grüße".into());
    people.retain(|text| text.len() > 3);
    assert!(people.len() > 100, "{people:?}");

    for (out, more) in [("all.rec", &["--redact"][..]), ("late.rec", &["--redact", "--from", "150"])] {
        let arguments = [&["--cut", out][..], more].concat();
        let told = replayed(&replay(&file, &arguments).await?);
        assert!(told.contains("The engine goes the same way as before."), "{told}");
        let redacted = directory.path().join(out);
        let bytes = std::fs::read(&redacted)?;
        let told = replayed(&replay(&redacted, &[]).await?);
        assert!(told.contains("redacted") && told.contains("is as recorded"), "{told}");
        for text in &people {
            assert!(!tells(&bytes, text), "{out} holds `{text}`");
        }
        let mode = std::fs::metadata(&redacted)?.permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    // Ids stay where they are to.
    replayed(&replay(&file, &["--cut", "ids.rec", "--redact", "--keep-ids"]).await?);
    let printed = replayed(&replay(&directory.path().join("ids.rec"), &["--print"]).await?);
    assert!(printed.contains(&format!("\"agentId\":\"{SUPERVISOR}\"")), "the id of the supervisor");
    assert!(!printed.contains("poor Gr"));
    Ok(())
}

#[tokio::test]
async fn a_server_that_goes_down_ends_its_recording_and_none_is_overwritten() -> Result<(), Fault> {
    let settings = Settings::default().more("[server]\nshutdown-grace-ms = 50\n");
    let mut server = recording_server(settings, &[]).await?;
    live(&mut server).await?;
    assert_eq!(server.metric("recording_state{state=\"recording\"}").await?, 1.0);
    server.terminate()?;
    assert_eq!(server.ended(Duration::from_secs(20)).await?.code(), Some(0), "{}", server.log());
    let file = server.directory.path().join(FILE);
    let before = std::fs::read(&file)?;
    let told = replayed(&replay(&file, &[]).await?);
    assert!(told.contains("The recording was ended: the server went down."), "{told}");

    let mut again = command();
    again.current_dir(server.directory.path()).args(["serve", "--config", "config.toml", "--record", FILE]);
    let output = finished(again).await?;
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("recordings are not overwritten"), "{}", text(&output.stderr));
    assert_eq!(std::fs::read(&file)?, before);
    let mut nowhere = command();
    nowhere.current_dir(server.directory.path()).args(["serve", "--config", "config.toml", "--record", "no/such/dir"]);
    let output = finished(nowhere).await?;
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("directory is not there"), "{}", text(&output.stderr));
    Ok(())
}

#[tokio::test]
async fn a_full_disk_ends_the_recording_and_not_the_server() -> Result<(), Fault> {
    let directory = TempDir::new()?;
    let port = free_port()?;
    let settings = Settings::world(world::busy(20)).more("\n[store]\nkind = \"memory\"\n");
    let config = settings.write(directory.path(), port)?;
    // Files may not grow beyond 64 KiB: what a full disk does to whoever writes.
    let mut serve = Command::new("sh");
    serve.arg("-c").arg("trap '' XFSZ; ulimit -f 128; exec \"$0\" \"$@\"");
    serve.arg(command().get_program()).arg("serve").arg("--config").arg(config).args(["--record", FILE]);
    let mut server = Server::run(serve, directory, port).await?;
    server.expect_errors();
    server.metric_is("recording_state{state=\"failed\"}", 1.0).await?;
    let told = server.log().lines().filter(|line| line.contains("the recording ends here")).count();
    assert_eq!(told, 1, "once: {}", server.log());
    // Everybody is served as before.
    live(&mut server).await?;
    let file = server.directory.path().join(FILE);
    let bytes = std::fs::read(&file)?;
    let all = records(&bytes).expect("whole records");
    assert!(bytes.len() <= 65_536 && count(&all, INPUT) > 10, "{} bytes", bytes.len());
    replayed(&replay(&file, &[]).await?);
    Ok(())
}

#[tokio::test]
async fn a_bound_ends_the_recording() -> Result<(), Fault> {
    let mut server = recording_server(Settings::world(world::busy(20)), &["--record-bytes-max", "65536"]).await?;
    server.expect_errors();
    server.metric_is("recording_state{state=\"failed\"}", 1.0).await?;
    let file = server.directory.path().join(FILE);
    assert!(std::fs::metadata(&file)?.len() < 80_000);
    let told = replayed(&replay(&file, &[]).await?);
    assert!(told.contains("it was as long as it may become"), "{told}");
    Ok(())
}

#[tokio::test]
async fn a_demonstration_is_recorded_too() -> Result<(), Fault> {
    let directory = TempDir::new()?;
    let port = free_port()?;
    let mut demo = command();
    demo.args(["demo", "--port", &port.to_string(), "--speed", "10", "--record", FILE]);
    let mut server = Server::run(demo, directory, port).await?;
    let mut client = Client::bound(&server.address).await?;
    client.watch(SUPERVISOR, 1).await?;
    client.prepared(COLLEAGUE, COLLEAGUE, false).await?;
    server.terminate()?;
    ended(&mut server.child, Duration::from_secs(20)).await?;
    replayed(&replay(&server.directory.path().join(FILE), &[]).await?);
    Ok(())
}

#[tokio::test]
async fn the_documented_commands_do_what_is_written() -> Result<(), Fault> {
    const DOCUMENT: &str = include_str!("../../../docs/recording.md");
    let blocks = |language: &str| -> Vec<String> {
        let fence = format!("```{language}\n");
        DOCUMENT.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap_or("").to_owned()).collect()
    };
    let directory = TempDir::new()?;
    let port = free_port()?;
    let mut demo = command();
    demo.args(["demo", "--port", &port.to_string(), "--record", FILE]);
    let server = Server::run(demo, directory, port).await?;
    tokio::time::sleep(Duration::from_secs(6)).await;
    let mut ran = 0;
    for line in blocks("sh").iter().flat_map(|block| block.lines()) {
        let arguments = line.strip_prefix("interaction-processor ").expect("a command of ours");
        if arguments.starts_with("demo") {
            assert_eq!(arguments, format!("demo --record {FILE}"), "what runs here");
            continue;
        }
        let mut ours = command();
        ours.current_dir(server.directory.path()).args(arguments.split(' '));
        let output = finished(ours).await?;
        assert_eq!(output.status.code(), Some(0), "{line}: {}{}", text(&output.stdout), text(&output.stderr));
        assert!(!output.stdout.is_empty(), "{line}");
        ran += 1;
    }
    assert!(ran >= 6, "{ran} commands");
    let python = &blocks("python")[0];
    let mut reads = Command::new("python3");
    reads.current_dir(server.directory.path()).args(["-c", python, "short.rec"]);
    let output = finished(reads).await?;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let short = std::fs::read(server.directory.path().join("short.rec"))?;
    let all = records(&short).expect("whole records");
    assert_eq!(text(&output.stdout).lines().count(), all.len(), "the script finds what we find");
    Ok(())
}

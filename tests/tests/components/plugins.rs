//! CTI adapters as WebAssembly components: good ones serve, and what bad ones do ends with them.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use interaction_tests::component::{component, refused, server};
use interaction_tests::server::command;
use interaction_tests::world::SUPERVISOR;
use interaction_tests::{Client, Fault, Kind, Server};
use serde_json::{Value, json};

/// How often something is looked for, fifty milliseconds apart.
const LOOKS: u32 = 1_200;

/// A server whose adapter misbehaves after a while.
async fn hostile(misdeed: &str, after_ms: u32, more: &str) -> Result<Server, Fault> {
    let file = component("hostile.wasm");
    let mut server = server(&format!(
        "[cti]\nkind = \"plugin\"\n\n[cti.plugin]\nfile = {file:?}\n{more}\n\n\
         [cti.plugin.config]\nmisdeed = \"{misdeed}\"\nafterMs = {after_ms}\n"
    ))
    .await?;
    server.expect_errors();
    Ok(server)
}

/// A client who watches the hostile adapter's team.
async fn watching(server: &Server) -> Result<Client, Fault> {
    let mut client = bound(server).await?;
    client.patience = Duration::from_secs(60);
    client.watch(SUPERVISOR, 1).await?;
    Ok(client)
}

/// A client, once the platform is there.
async fn bound(server: &Server) -> Result<Client, Fault> {
    server.metric_is("cti_in_service", 1.0).await?;
    Client::bound(&server.address).await
}

/// Waits until something was counted.
async fn counted(server: &Server, name: &str, least: f64) -> Result<f64, Fault> {
    for _ in 0..LOOKS {
        let found = server.metric(name).await?;
        if found >= least {
            return Ok(found);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err(Fault::new(Kind::Unanswered, format!("{name} never was {least}\n{}", server.log())))
}

async fn told(client: &mut Client, status: &str) -> Result<Value, Fault> {
    let is_it = |event: &Value| event["event"]["data"]["serviceStatus"]["status"] == status;
    client.event(status, is_it).await
}

/// The adapter ends, clients are told, everything else goes on, and the adapter comes back.
async fn ends_alone(misdeed: &str, counter: &str, words: &str) -> Result<(), Fault> {
    let server = hostile(misdeed, 1_500, "memory-bytes = 33554432").await?;
    let mut client = watching(&server).await?;
    client.event_named("report.teamstatus.memberstatuschanged").await?;
    told(&mut client, "OutOfService").await?;
    counted(&server, &format!("cti_{counter}_total"), 1.0).await?;
    // Whoever comes now is served, and whoever was there still is.
    Client::connect(&server.address).await?;
    client.core_success("getServices", json!({})).await?;
    told(&mut client, "InService").await?;
    client.event_named("report.teamstatus.memberstatuschanged").await?;
    client.all_answered()?;
    let log = server.log();
    assert!(log.contains(words), "the log says nothing of `{words}`:\n{log}");
    assert!(!log.lines().any(|line| line.starts_with("ERROR forged")), "a line of the log is forged:\n{log}");
    assert!(counted(&server, "cti_plugin_starts_total", 2.0).await? >= 2.0);
    Ok(())
}

macro_rules! ends_alone {
    ($($name:ident: $misdeed:literal, $counter:literal, $words:literal;)*) => {$(
        #[tokio::test]
        async fn $name() -> Result<(), Fault> {
            ends_alone($misdeed, $counter, $words).await
        }
    )*};
}

ends_alone! {
    a_call_that_never_returns: "loop", "plugin_timeouts", "did not end within 1000 ms";
    memory_without_end: "memory", "plugin_traps", "more than 33554432 bytes of memory";
    recursion_without_end: "recursion", "plugin_traps", "call stack exhausted";
    an_adapter_that_gives_up: "trap", "plugin_traps", "the plugin trapped";
    a_million_events_at_once: "many", "plugin_traps", "bytes of memory";
    a_text_that_is_none: "text", "plugin_invalid", "cannot be read";
    bytes_where_there_is_no_memory: "pointer", "plugin_invalid", "cannot be read";
    an_empty_id: "emptyId", "plugin_invalid", "an agent's id is empty";
    an_id_that_would_forge_the_log: "controlId", "plugin_invalid", "control characters";
    an_answer_nobody_asked_for: "answer", "plugin_invalid", "request 4711, which is not open";
    a_connection_of_somebody_else: "foreign", "plugin_invalid", "connection 9 is not its own";
    a_name_that_would_forge_metrics: "countName", "plugin_invalid", "the name of what it counts";
}

#[tokio::test]
async fn too_much_at_once_is_not_taken() -> Result<(), Fault> {
    for (misdeed, counter, words) in [
        ("many", "traps", "a call of the plugin wanted more than 100663296 bytes of memory in addition"),
        ("crowd", "invalid", "65536 are the most"),
        ("huge", "invalid", "cannot be read"),
    ] {
        let server = hostile(misdeed, 1_000, "memory-bytes = 1073741824\ncall-ms = 30000").await?;
        let mut client = watching(&server).await?;
        told(&mut client, "OutOfService").await?;
        counted(&server, &format!("cti_plugin_{counter}_total"), 1.0).await?;
        let log = server.log();
        assert!(log.contains(words), "{misdeed}:\n{log}");
    }
    Ok(())
}

#[tokio::test]
async fn nobody_waits_for_an_adapter_that_does_not_return() -> Result<(), Fault> {
    let call_ms = 60_000;
    let server = hostile("loop", 1_500, &format!("call-ms = {call_ms}")).await?;
    let mut client = watching(&server).await?;
    // The adapter changes a state five times a second; when nothing comes it is within the call.
    let mut other = Client::bound(&server.address).await?;
    while client.event("a change", |event| event["event"]["name"] != Value::Null).await.is_ok() {
        client.take_events();
        client.patience = Duration::from_secs(3);
    }
    // Fewer than a client may ask in a second.
    for _ in 0..40 {
        other.core_success("getServices", json!({})).await?;
        other.settle().await?;
    }
    assert_eq!(server.metric("cti_plugin_timeouts_total").await?, 0.0, "the call goes on");
    assert_eq!(server.metric("cti_in_service").await?, 1.0);
    let turns_s = server.metric("turn_seconds_sum").await?;
    assert!(turns_s < f64::from(call_ms) / 1_000.0, "a turn waited for the adapter: {turns_s} s of turns");
    Ok(())
}

#[tokio::test]
async fn an_adapter_that_fails_again_and_again_waits_longer_each_time() -> Result<(), Fault> {
    let server = hostile("trap", 0, "").await?;
    let mut client = Client::connect(&server.address).await?;
    counted(&server, "cti_plugin_traps_total", 3.0).await?;
    for _ in 0..50 {
        client.core_success("getServices", json!({})).await?;
    }
    let log = server.log();
    assert_eq!(server.metric("misuses_total").await?, 0.0, "{log}");
    client.all_answered()
}

#[tokio::test]
async fn what_is_not_granted_is_not_reached() -> Result<(), Fault> {
    let server = hostile("dial", 500, "").await?;
    let mut client = watching(&server).await?;
    counted(&server, "cti_plugin_refused_total", 2.0).await?;
    client.event_named("report.teamstatus.memberstatuschanged").await?;
    assert_eq!(server.metric("cti_plugin_starts_total").await?, 2.0, "one to try it, one that runs");
    let log = server.log();
    assert!(log.contains("address 0 is not granted") && log.contains("the secret `key`"), "{log}");
    Ok(())
}

#[tokio::test]
async fn agents_that_there_are_not_come_to_nothing() -> Result<(), Fault> {
    let server = hostile("ghosts", 500, "").await?;
    let mut client = watching(&server).await?;
    client.event_named("report.teamstatus.memberstatuschanged").await?;
    client.event_named("report.teamstatus.memberstatuschanged").await?;
    client.settle().await?;
    let team = &client.roster(SUPERVISOR).expect("a roster").teams["t1"];
    assert_eq!(team.members.len(), 5, "{team:?}");
    assert_eq!(server.metric("cti_plugin_invalid_total").await?, 0.0);
    Ok(())
}

#[test]
fn what_is_wrong_with_a_plugin_is_said_at_the_start() -> Result<(), Fault> {
    let file = component("hostile.wasm");
    let plugin = |more: &str| refused(&format!("[cti]\nkind = \"plugin\"\n\n[cti.plugin]\nfile = {file:?}\n{more}\n"));
    let pinned = "0".repeat(64);
    let words = plugin(&format!("sha256 = \"{pinned}\""))?;
    let hash = Inspected::new(&file)?;
    assert!(words.contains(&pinned) && words.contains(hash.says("sha256")?), "both hashes are told: {words}");
    let words = plugin("secrets = [\"other=env:HOME\"]")?;
    assert!(words.contains("wants no secret `other`") && words.contains("key"), "{words}");
    let words = plugin("[cti.plugin.config]\nmisdeeds = 1")?;
    assert!(words.contains("refuses its configuration") && words.contains("misdeeds"), "{words}");
    let engine = component("engine.wasm");
    let words = refused(&format!("[cti]\nkind = \"plugin\"\n\n[cti.plugin]\nfile = {engine:?}\n"))?;
    assert!(words.contains("`cti-adapter` is wanted"), "{words}");
    Ok(())
}

#[test]
fn a_plugin_is_inspected() -> Result<(), Fault> {
    let adapter = Inspected::new(&component("jsonl.wasm"))?;
    assert!(adapter.says("world")?.starts_with("cti-adapter, version 0.1"));
    assert_eq!(adapter.says("imports")?, "nothing");
    assert!(adapter.says("adapter")?.starts_with("jsonl "));
    assert!(Inspected::new(&component("engine.wasm"))?.says("world")?.starts_with("engine, version 0.1"));
    Ok(())
}

/// What `plugin inspect` says.
struct Inspected(String);

impl Inspected {
    fn new(file: &Path) -> Result<Self, Fault> {
        let output = command().args(["plugin", "inspect"]).arg(file).output()?;
        assert!(output.status.success(), "{output:?}");
        Ok(Self(String::from_utf8_lossy(&output.stdout).into_owned()))
    }

    /// Of one thing.
    fn says(&self, what: &str) -> Result<&str, Fault> {
        let line = self.0.lines().find_map(|line| line.strip_prefix(what));
        let missing = || Fault::new(Kind::Unexpected, format!("no `{what}` in {}", self.0));
        Ok(line.ok_or_else(missing)?.trim())
    }
}

#[test]
fn a_script_gives_the_same_answers_each_time() -> Result<(), Fault> {
    let script = [
        r#"{"at": 10, "connected": 1}"#,
        r#"{"received": 1, "text": "{\"event\":\"hello\",\"protocol\":1,\"vendor\":\"Acme\",\"version\":\"7\"}\n"}"#,
        r#"{"received": 1, "text": "{\"event\":\"resyncBegin\"}\n{\"event\":\"agent\",\"id\":\"2001\",\"name\":\"Ann\"}\n"}"#,
        r#"{"at": 20, "received": 1, "text": "{\"event\":\"resyncEnd\"}\n"}"#,
        r#"{"command": "verify", "request": 7, "agent": "2001", "password": "x"}"#,
        r#"{"at": 60000}"#,
    ];
    let run = || -> Result<String, Fault> {
        let directory = tempfile::TempDir::new()?;
        let file = directory.path().join("script");
        std::fs::write(&file, script.join("\n"))?;
        let mut program = command();
        program.args(["plugin", "run"]).arg(component("jsonl.wasm")).args(["--connect", "127.0.0.1:9", "--script"]);
        let output = program.arg(file).stderr(Stdio::inherit()).output()?;
        assert!(output.status.success(), "{output:?}");
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let first = run()?;
    let lines: Vec<Value> = first.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect();
    assert_eq!((&lines[0]["connect"], &lines[0]["address"]), (&json!(1), &json!(0)), "{first}");
    assert!(lines.iter().any(|line| line["event"] == "agent" && line["id"] == "2001"), "{first}");
    assert!(lines.iter().any(|line| line["event"] == "answer" && line["request"] == 7), "{first}");
    assert_eq!(first, run()?);
    Ok(())
}

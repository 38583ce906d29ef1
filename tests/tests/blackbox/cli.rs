//! The command line: what it prints, for people and for programs, and how it ends.

use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use interaction_tests::server::{command, ended, free_port};
use interaction_tests::world::{self, AGENT, SUPERVISOR};
use interaction_tests::{Client, Fault, Kind, Server, Settings, strict};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Runs a command to its end, with a deadline.
async fn run(arguments: &[&str]) -> Result<Output, Fault> {
    let mut running = command();
    running.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    finish(running.spawn()?, Duration::from_secs(15)).await
}

/// Waits for a command's end; one that does not end is killed.
async fn finish(mut child: Child, patience: Duration) -> Result<Output, Fault> {
    if let Err(fault) = ended(&mut child, patience).await {
        child.kill()?;
        child.wait()?;
        return Err(fault);
    }
    Ok(child.wait_with_output()?)
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn url(server: &Server) -> String {
    format!("ws://{}/v1/ws", server.address)
}

/// A world with a call to see, and people who come and go.
fn lively() -> Settings {
    let ready = world::state(AGENT, "Ready", "");
    let call =
        "act = \"call\"\nqueue = \"General\"\nfrom = \"+15550100\"\nprompts_ms = 100\nring_ms = 100\ntalk_ms = 300";
    let change = world::state("2003", "NotReady", "1");
    Settings::world(world::scripted(&[(100, &ready), (200, call), (1500, &change)]))
}

#[tokio::test]
async fn help_names_the_commands_and_the_exit_codes() -> Result<(), Fault> {
    let help = run(&["--help"]).await?;
    assert_eq!(help.status.code(), Some(0));
    for word in ["demo", "serve", "watch", "journey", "desk", "cti", "check-config", "Exit codes"] {
        assert!(out(&help).contains(word), "{word} in {}", out(&help));
    }
    for command in ["demo", "serve", "watch", "journey", "desk", "cti", "check-config"] {
        let help = run(&[command, "--help"]).await?;
        assert_eq!(help.status.code(), Some(0), "{command}");
    }
    let version = run(&["--version"]).await?;
    assert!(out(&version).trim().split(' ').count() == 2, "{}", out(&version));
    Ok(())
}

#[tokio::test]
async fn wrong_arguments_end_with_two() -> Result<(), Fault> {
    for arguments in
        [&["brew"][..], &[], &["watch"], &["journey"], &["journey", "--recent", "0"], &["serve", "--port", "x"]]
    {
        let output = run(arguments).await?;
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", err(&output));
        assert_eq!(out(&output), "", "{arguments:?}: the complaint belongs on standard error");
    }
    Ok(())
}

#[tokio::test]
async fn without_a_server_clients_end_with_three_and_say_what_to_do() -> Result<(), Fault> {
    let nowhere = format!("ws://127.0.0.1:{}/v1/ws", free_port()?);
    for arguments in
        [&["watch", "--agent", "1001", "--url", &nowhere][..], &["journey", "--recent", "3", "--url", &nowhere]]
    {
        let output = run(arguments).await?;
        assert_eq!(output.status.code(), Some(3), "{arguments:?}: {}", err(&output));
        assert!(err(&output).contains(&nowhere) && err(&output).contains("demo"), "{}", err(&output));
        assert_eq!(out(&output), "");
    }
    Ok(())
}

#[tokio::test]
async fn what_the_server_refuses_ends_with_four() -> Result<(), Fault> {
    let server = Server::silent().await?;
    let url = url(&server);
    let output = run(&["journey", "no-such-call", "--url", &url]).await?;
    assert_eq!(output.status.code(), Some(4), "{}", err(&output));
    assert!(err(&output).contains("call.unknown"), "{}", err(&output));
    let output = run(&["watch", "--agent", "nobody", "--url", &url]).await?;
    assert_eq!(output.status.code(), Some(4), "{}", err(&output));
    assert!(err(&output).contains("agent.unknown"), "{}", err(&output));
    Ok(())
}

#[tokio::test]
async fn journey_prints_json_lines_and_nothing_else() -> Result<(), Fault> {
    let server = Server::start(lively()).await?;
    let url = url(&server);
    tokio::time::sleep(Duration::from_millis(1300)).await;
    let recent = run(&["journey", "--recent", "5", "--json", "--url", &url]).await?;
    assert_eq!(recent.status.code(), Some(0), "{}", err(&recent));
    assert_eq!(err(&recent), "");
    let text = out(&recent);
    let calls: Vec<Value> = text.lines().map(strict::object).collect::<Result<_, _>>()?;
    assert_eq!(calls.len(), 1, "{text}");
    let id = calls[0]["CallId"].as_str().expect("an id");

    let steps = run(&["journey", id, "--json", "--url", &url]).await?;
    assert_eq!(steps.status.code(), Some(0), "{}", err(&steps));
    for line in out(&steps).lines() {
        interaction_tests::grammar::step(&strict::object(line)?)?;
    }
    let for_people = run(&["journey", id, "--url", &url]).await?;
    assert!(out(&for_people).contains("General"), "{}", out(&for_people));
    Ok(())
}

#[tokio::test]
async fn journey_of_no_calls_prints_no_json() -> Result<(), Fault> {
    let server = Server::silent().await?;
    let recent = run(&["journey", "--recent", "5", "--json", "--url", &url(&server)]).await?;
    assert_eq!((recent.status.code(), out(&recent)), (Some(0), String::new()));
    Ok(())
}

#[tokio::test]
async fn watch_prints_the_snapshot_and_what_changes() -> Result<(), Fault> {
    let server = Server::start(lively()).await?;
    let url = url(&server);
    for json in [true, false] {
        let mut watching = command();
        watching.args(["watch", "--agent", SUPERVISOR, "--url", &url]);
        if json {
            watching.arg("--json");
        }
        let child = watching.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        tokio::time::sleep(Duration::from_millis(if json { 2000 } else { 400 })).await;
        interrupt(&child)?;
        let output = finish(child, Duration::from_secs(5)).await?;
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        let text = out(&output);
        if json {
            let events: Vec<Value> = text.lines().map(strict::object).collect::<Result<_, _>>()?;
            assert_eq!(events[0]["name"], "report.teamstatus.teamadded", "{text}");
            assert!(events.iter().any(|event| event["name"] == "report.teamstatus.memberstatuschanged"), "{text}");
        } else {
            assert!(text.contains("Sales"), "{text}");
            assert!(!text.contains('\u{1b}'), "no terminal, no escapes: {text:?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn check_config_prints_all_of_a_good_one() -> Result<(), Fault> {
    let directory = TempDir::new()?;
    let good = Settings::default().limit("grace-ms", 12_345).write(directory.path(), 8431)?;
    let output = run(&["check-config", "--config", &good.to_string_lossy()]).await?;
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    for line in ["grace-ms = 12345", "heartbeat-ms = 15000", "port = 8431"] {
        assert!(out(&output).contains(line), "{line} in {}", out(&output));
    }
    Ok(())
}

#[tokio::test]
async fn check_config_names_the_key_that_is_wrong() -> Result<(), Fault> {
    let cases = [
        ("[limits]\ngrace-ms = -1\n", "limits.grace-ms"),
        ("[limits]\ngrace-ms = \"long\"\n", "limits.grace-ms"),
        ("[limits]\ngrce-ms = 1\n", "limits.grace-ms"),
        ("[listen]\nport = 70000\n", "listen.port"),
        ("[listen]\naddress = \"0.0.0.0\"\n", "listen.address"),
        ("[server]\ninstance = \"a b\"\n", "server.instance"),
        ("[processor]\nmodels = []\n", "processor.models"),
        ("[cti]\nkind = \"carrier-pigeon\"\n", "cti.kind"),
        ("[cti]\nscenario = \"/no/such/file.toml\"\n", "/no/such/file.toml"),
        ("[nonsense]\nx = 1\n", "nonsense"),
        ("limits = 5\n", "limits"),
        ("= broken", "TOML"),
    ];
    let directory = TempDir::new()?;
    for (text, key) in cases {
        let file = directory.path().join("config.toml");
        std::fs::write(&file, text)?;
        let output = run(&["check-config", "--config", &file.to_string_lossy()]).await?;
        assert_eq!(output.status.code(), Some(2), "{text}: {}{}", out(&output), err(&output));
        assert!(err(&output).contains(key), "{text}: {key} is not named: {}", err(&output));
        assert!(!err(&output).contains("panicked"), "{text}: {}", err(&output));
        let served = run(&["serve", "--config", &file.to_string_lossy()]).await?;
        assert!(served.status.code().is_some_and(|code| code != 0), "serve takes what check-config refuses: {text}");
    }
    let output = run(&["check-config", "--config", "/no/such/config.toml"]).await?;
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("/no/such/config.toml"), "{}", err(&output));
    Ok(())
}

#[tokio::test]
async fn check_config_names_what_is_wrong_in_a_scenario() -> Result<(), Fault> {
    let directory = TempDir::new()?;
    let nobody = world::scripted_with("speed = 0", &[]);
    let config = Settings::world(nobody).write(directory.path(), 8431)?;
    let output = run(&["check-config", "--config", &config.to_string_lossy()]).await?;
    assert_eq!(output.status.code(), Some(2), "{}", err(&output));
    assert!(err(&output).contains("speed"), "{}", err(&output));
    Ok(())
}

#[tokio::test]
async fn a_variable_sets_a_key_and_an_unknown_one_is_refused() -> Result<(), Fault> {
    let with = |name: &str, value: &str| {
        let mut checking = command();
        checking
            .arg("check-config")
            .env(name, value)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        checking
    };
    let good = finish(with("INTERACTION_PROCESSOR_LIMITS_GRACE_MS", "777").spawn()?, Duration::from_secs(10)).await?;
    assert!(out(&good).contains("grace-ms = 777"), "{}{}", out(&good), err(&good));
    let bad = finish(with("INTERACTION_PROCESSOR_LIMITS_GRACE", "777").spawn()?, Duration::from_secs(10)).await?;
    assert_eq!(bad.status.code(), Some(2));
    assert!(err(&bad).contains("INTERACTION_PROCESSOR_LIMITS_GRACE_MS"), "the nearest is named: {}", err(&bad));
    Ok(())
}

#[tokio::test]
async fn demo_says_where_it_is_and_what_to_type() -> Result<(), Fault> {
    let port = free_port()?;
    let mut demo = command();
    demo.args(["demo", "--port", &port.to_string(), "--speed", "20"]);
    let mut server = Server::run(demo, TempDir::new()?, port).await?;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let greeting = server.log();
    let address = &server.address;
    for words in [
        &format!("http://{address}/wallboard?agent=1000\n"),
        &format!("http://{address}/journey\n"),
        &format!("http://{address}/desktop\n"),
        "an agent, 2001 to 2060, a supervisor, 1001 to 1006, or the manager, 1000",
        &format!("ws://{address}/v1/ws"),
        "watch --agent 1000",
        "journey --recent",
        "Ctrl-C",
    ] {
        assert!(greeting.contains(words), "{words} in {greeting}");
    }
    // What it says to type works as it stands.
    let line = greeting.lines().find(|line| line.contains("journey --recent")).expect("a line");
    let words: Vec<&str> = line.split_whitespace().collect();
    let typed = Command::new(words[0])
        .args(&words[1..])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let output = finish(typed, Duration::from_secs(10)).await?;
    assert_eq!(output.status.code(), Some(0), "{line}: {}", err(&output));
    let mut client = Client::bound(address).await?;
    client.watch(SUPERVISOR, 1).await?;
    interrupt(&server.child)?;
    assert_eq!(server.ended(Duration::from_secs(10)).await?.code(), Some(0), "{}", server.log());
    Ok(())
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() -> Result<(), Fault> {
    let server = Server::silent().await?;
    let port = server.address.rsplit(':').next().expect("a port").to_owned();
    for command in ["demo", "serve"] {
        let output = run(&[command, "--port", &port]).await?;
        assert_eq!(output.status.code(), Some(1), "{command}: {}", err(&output));
        assert!(err(&output).contains(&port), "{command}: {}", err(&output));
    }
    Ok(())
}

#[tokio::test]
async fn a_signal_to_stop_tells_clients_and_ends_well() -> Result<(), Fault> {
    let mut server = Server::start(Settings::default().more("[server]\nshutdown-grace-ms = 500\n")).await?;
    let mut bound = Client::bound(&server.address).await?;
    let mut unbound = Client::connect(&server.address).await?;
    let mut other = Client::bound(&server.address).await?;
    server.terminate()?;
    for client in [&mut bound, &mut unbound] {
        let told = client.event_named("shutdown").await?;
        assert_eq!(told["event"]["data"]["graceMs"], 500, "{told}");
        assert_eq!(client.closed().await?, Some(1012));
    }
    assert_eq!(other.closed().await?, Some(1012));
    assert_eq!(server.ended(Duration::from_secs(5)).await?.code(), Some(0), "{}", server.log());
    match Client::connect(&server.address).await {
        Err(fault) => assert_eq!(fault.kind, Kind::Closed, "{fault}"),
        Ok(_) => panic!("somebody still listens"),
    }
    Ok(())
}

#[tokio::test]
async fn health_and_readiness_are_told_over_http() -> Result<(), Fault> {
    let server = Server::silent().await?;
    for path in ["/healthz", "/readyz", "/metrics"] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", server.address);
        let (status, text) = interaction_tests::raw::http(&server.address, &request).await?;
        assert_eq!(status, 200, "{path}: {text}");
    }
    Ok(())
}

#[tokio::test]
async fn metrics_tell_what_an_operator_watches() -> Result<(), Fault> {
    let server = Server::silent().await?;
    let mut client = Client::bound(&server.address).await?;
    client.lose_abruptly();
    client.resume().await?;
    client.core("makeCoffee", json!({})).await?;
    let request = format!("GET /metrics HTTP/1.1\r\nHost: {}\r\n\r\n", server.address);
    let (_, page) = interaction_tests::raw::http(&server.address, &request).await?;
    let value = |name: &str| {
        let found = page.lines().find_map(|line| line.strip_prefix("interaction_processor_")?.strip_prefix(name));
        found.unwrap_or_else(|| panic!("no `{name}` in\n{page}")).trim().parse::<f64>().expect("a number")
    };
    assert_eq!(value("links "), 1.0);
    assert_eq!(value("resumes_total "), 1.0);
    assert_eq!(value("gaps_total "), 0.0);
    assert_eq!(value("pending_bytes "), 0.0);
    assert_eq!(value("cti_up "), 1.0);
    assert_eq!(value("cti_in_service "), 1.0);
    assert_eq!(value("failures_total{code=\"command.unsupported\"} "), 1.0);
    assert!(value("deliveries_total ") >= 3.0, "{page}");
    assert!(value("turn_seconds_bucket{le=\"+Inf\"} ") >= 3.0, "{page}");
    Ok(())
}

fn interrupt(child: &Child) -> Result<(), Fault> {
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status()?;
    if sent.success() { Ok(()) } else { Err(Fault::new(Kind::Unexpected, "kill -INT failed")) }
}

//! The engine as a WebAssembly component, and another build of it that takes over while clients stay connected.

use std::path::{Path, PathBuf};
use std::time::Duration;

use interaction_tests::component::{CONFIGURATION, beginning, compile, component, server, serving};
use interaction_tests::http::{once, request};
use interaction_tests::server::command;
use interaction_tests::world::{self, SUPERVISOR};
use interaction_tests::{Client, Fault, Server};
use serde_json::json;

/// A server whose engine is a copy of the component, which a test may change.
async fn component_server(more: &str) -> Result<(Server, PathBuf), Fault> {
    let directory = tempfile::TempDir::new()?.keep();
    let file = directory.join("engine.wasm");
    std::fs::copy(component("engine.wasm"), &file)?;
    let scenario = directory.join("scenario.toml");
    std::fs::write(&scenario, world::busy(20))?;
    let text = format!(
        "[engine]\nkind = \"component\"\nfile = {file:?}\n\n[cti]\nscenario = {scenario:?}\nseed = 7\n\n{more}"
    );
    Ok((server(&text).await?, file))
}

/// Makes another build of a component: the same, with a section that says nothing. Those with the same number are the same, so
/// that each is compiled once for all tests.
fn rebuild(file: &Path, number: u8) -> Result<(), Fault> {
    let mut bytes = std::fs::read(component("engine.wasm"))?;
    // A custom section of four bytes: a name of two, and one byte of data.
    bytes.extend_from_slice(&[0, 4, 2, b'n', b'o', number]);
    let part = file.with_extension("part");
    std::fs::write(&part, bytes)?;
    Ok(std::fs::rename(part, file)?)
}

/// Lets newer builds take over beneath so many clients, none of whom may miss anything; how long each took, in microseconds.
async fn taken_over(clients: usize, times: u8) -> Result<Vec<u64>, Fault> {
    let (server, file) = component_server("").await?;
    server.metric_is("cti_in_service", 1.0).await?;
    // Before there are clients: while this waits for a compiler they would be silent, and be given up.
    for time in 1..=times {
        rebuild(&file, time)?;
        compile(&server.directory.path().join(CONFIGURATION))?;
    }
    let mut watching = Vec::new();
    for _ in 0..clients {
        let mut client = Client::bound(&server.address).await?;
        client.patience = Duration::from_secs(60);
        client.watch(SUPERVISOR, 1).await?;
        watching.push(client);
    }
    for time in 1..=times {
        rebuild(&file, time)?;
        server.hang_up()?;
        while server.metric("engine_replacements_total").await? < f64::from(time) {
            for client in &mut watching {
                client.read_for(Duration::from_micros(100)).await?;
            }
            assert_eq!(server.metric("engine_replacements_refused_total").await?, 0.0, "{}", server.log());
        }
        for client in &mut watching {
            client.event_named("report.teamstatus.memberstatuschanged").await?;
        }
    }
    // The client's ledger finds any number that is missing or comes twice; a fresh snapshot must be what events told.
    for client in &mut watching {
        client.settle().await?;
        client.watch(SUPERVISOR, 1).await?;
        client.settle().await?;
        client.all_answered()?;
    }
    assert_eq!(server.metric("links").await?, clients as f64);
    // The same file again is nothing new.
    server.hang_up()?;
    watching[0].settle().await?;
    assert_eq!(server.metric("engine_replacements_total").await?, f64::from(times));
    let log = server.log();
    let paused = |line: &str| line.split("paused_us=").nth(1)?.split_whitespace().next()?.parse().ok();
    Ok(log.lines().filter(|line| line.contains("goes on in its place")).filter_map(paused).collect())
}

#[tokio::test]
async fn a_newer_build_takes_over_and_no_client_notices() -> Result<(), Fault> {
    assert_eq!(taken_over(20, 2).await?.len(), 2);
    Ok(())
}

/// Prints how long nothing was delivered.
#[tokio::test]
#[ignore = "a measurement: a thousand clients take a while"]
async fn a_newer_build_takes_over_beneath_a_thousand_clients() -> Result<(), Fault> {
    println!("paused for {:?} us", taken_over(1_000, 5).await?);
    Ok(())
}

#[tokio::test]
async fn what_cannot_take_over_is_refused_and_the_engine_goes_on() -> Result<(), Fault> {
    let (server, file) = component_server("").await?;
    let mut client = Client::bound(&server.address).await?;
    client.watch(SUPERVISOR, 1).await?;
    let adapter = std::fs::read(component("jsonl.wasm"))?;
    for (number, bytes) in [&b"no component"[..], &adapter[..]].into_iter().enumerate() {
        std::fs::write(&file, bytes)?;
        server.hang_up()?;
        server.metric_is("engine_replacements_refused_total", (number + 1) as f64).await?;
        client.settle().await?;
        client.core_success("getServices", json!({})).await?;
    }
    assert_eq!(server.metric("engine_replacements_total").await?, 0.0);
    let log = server.log();
    assert_eq!(log.matches("the engine goes on as it was").count(), 2, "{log}");
    client.all_answered()
}

#[tokio::test]
async fn an_operator_replaces_it_by_http() -> Result<(), Fault> {
    let directory = tempfile::TempDir::new()?;
    let mut texts = Vec::new();
    let mut entries = String::new();
    for (subject, scopes) in [("operator", "admin"), ("desktop", "agent")] {
        let out = directory.path().join(subject);
        let new = ["token", "new", "--subject", subject, "--scopes", scopes, "--out"];
        let output = command().args(new).arg(&out).output()?;
        assert!(output.status.success(), "{output:?}");
        entries.push_str(&format!("\n{}", String::from_utf8_lossy(&output.stdout)));
        texts.push(std::fs::read_to_string(out)?.trim().to_owned());
    }
    let file = directory.path().join("engine.wasm");
    rebuild(&file, 1)?;
    let port = interaction_tests::server::free_port()?;
    let config = directory.path().join(CONFIGURATION);
    let text = beginning(port).replacen("[listen]", "[listen]\nrequire-tokens = true", 1);
    std::fs::write(&config, format!("{text}[engine]\nkind = \"component\"\nfile = {file:?}\n{entries}"))?;
    let server = serving(&config, tempfile::TempDir::new()?, port).await?;
    let ask = async |token: Option<&str>| {
        let bearer = token.map(|token| format!("Bearer {token}"));
        let headers: Vec<(&str, &str)> = bearer.iter().map(|value| ("Authorization", value.as_str())).collect();
        once(&server.address, &request("POST", "/v1/admin/engine", &server.address, &headers, "")).await
    };
    assert_eq!(ask(None).await?.status, 401);
    assert_eq!(ask(Some(&texts[1])).await?.status, 403);
    let same = ask(Some(&texts[0])).await?;
    assert_eq!((same.status, &same.json()?["isNew"]), (200, &json!(false)));
    rebuild(&file, 2)?;
    compile(&config)?;
    let newer = ask(Some(&texts[0])).await?;
    let body = newer.json()?;
    assert_eq!((newer.status, &body["isNew"]), (200, &json!(true)), "{body}");
    assert_ne!(body["sha256"], same.json()?["sha256"]);
    std::fs::remove_file(&file)?;
    let gone = ask(Some(&texts[0])).await?;
    assert!(gone.status == 409 && gone.json()?["error"].as_str().is_some_and(|what| what.contains("cannot be read")));
    Ok(())
}

#[tokio::test]
async fn a_native_engine_stays() -> Result<(), Fault> {
    let server = server("").await?;
    let answer = once(&server.address, &request("POST", "/v1/admin/engine", &server.address, &[], "")).await?;
    assert_eq!(answer.status, 403, "nobody is an operator where no tokens are asked for");
    Ok(())
}

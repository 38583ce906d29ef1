//! `cti check`, `cti trace` and `cti replay` on a simulated UCCX.

use std::process::{Output, Stdio};

use interaction_tests::server::{command, free_port};
use interaction_tests::{Fault, UccxSim, strict};
use serde_json::Value;
use tempfile::TempDir;

/// What `cti trace` recorded of every flow, and beside each what `cti replay` told of it.
const FLOWS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/uccx");
const PASSWORD: &str = "bridge-secret-7";

/// A directory with a configuration for these nodes, and a password that no file of it may hold but its own.
fn configured(nodes: [&str; 2]) -> Result<(TempDir, String), Fault> {
    let directory = TempDir::new()?;
    let [config, password] = ["config.toml", "password"].map(|name| directory.path().join(name));
    std::fs::write(&password, format!("{PASSWORD}\n"))?;
    let text = format!(
        "[cti]\nkind = \"uccx\"\n[cti.uccx]\nnodes = {nodes:?}\npassword-file = {:?}\ncredentials = \"cti\"\n",
        password.to_string_lossy()
    );
    std::fs::write(&config, text)?;
    let config = config.to_string_lossy().into_owned();
    Ok((directory, config))
}

fn run(arguments: &[&str]) -> Result<Output, Fault> {
    let mut running = command();
    Ok(running.arg("cti").args(arguments).stdin(Stdio::null()).output()?)
}

fn lines(output: &Output) -> Result<Vec<Value>, Fault> {
    String::from_utf8_lossy(&output.stdout).lines().map(strict::object).collect()
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn check_says_what_each_node_is_and_what_will_not_work() -> Result<(), Fault> {
    let sim = UccxSim::start(&["--no-bridge-control"])?;
    let (_directory, config) = configured([sim.node(0), sim.node(1)])?;
    let checked = run(&["check", "--config", &config, "--listen", "1", "--json"])?;
    assert_eq!(checked.status.code(), Some(0), "{}", errors(&checked));
    let report = lines(&checked)?.remove(0);
    let [master, standby] = [&report["nodes"][0], &report["nodes"][1]];
    assert_eq!((master["role"].as_str(), standby["role"].as_str()), (Some("master"), Some("standby")));
    assert_eq!((&master["version"], &master["fieldHeaders"]), (&17.into(), &"1+1".into()));
    let granted = master["servicesGranted"].to_string();
    assert!(granted.contains("ALL_EVENTS") && !granted.contains("CLIENT_CONTROL"), "{granted}");
    assert!(master["servicesMissing"].to_string().contains("CLIENT_CONTROL"), "{master}");
    assert!(master["teams"]["Sales"].as_u64().is_some_and(|members| members > 1), "{master}");
    let wrong = report["willNotWork"].to_string();
    assert!(wrong.contains("recording") && !wrong.contains("fail-over"), "{wrong}");
    assert!(!report.to_string().contains(PASSWORD));

    let plain = run(&["check", "--config", &config, "--listen", "0"])?;
    let text = String::from_utf8_lossy(&plain.stdout).into_owned();
    assert!(text.contains("role        master") && text.contains("Will not work:"), "{text}");
    Ok(())
}

#[test]
fn check_ends_differently_where_nobody_answers_and_where_nobody_serves() -> Result<(), Fault> {
    let nowhere = format!("127.0.0.1:{}", free_port()?);
    let (_directory, config) = configured([&nowhere, &nowhere])?;
    let checked = run(&["check", "--config", &config, "--timeout", "5"])?;
    assert_eq!(checked.status.code(), Some(3), "{}", errors(&checked));
    let sim = UccxSim::start(&[])?;
    let (_directory, config) = configured([sim.node(1), &nowhere])?;
    let checked = run(&["check", "--config", &config, "--timeout", "5"])?;
    assert_eq!(checked.status.code(), Some(4), "{}", errors(&checked));
    let mut wrong = command();
    wrong.args(["cti", "check", "--config", &config]).env("INTERACTION_PROCESSOR_CTI_UCCX_HEARTBEAT_S", "99");
    let wrong = wrong.stdin(Stdio::null()).output()?;
    assert_eq!(wrong.status.code(), Some(2));
    assert!(errors(&wrong).contains("cti.uccx.heartbeat-s"), "{}", errors(&wrong));
    Ok(())
}

#[test]
fn a_recorded_connection_is_decoded_and_replayed() -> Result<(), Fault> {
    let sim = UccxSim::start(&["--speed", "20"])?;
    let (directory, config) = configured([sim.node(0), sim.node(1)])?;
    let file = directory.path().join("live.trace").to_string_lossy().into_owned();
    let traced = run(&["trace", "--config", &config, "--seconds", "3", &file])?;
    assert_eq!(traced.status.code(), Some(0), "{}", errors(&traced));
    let text = std::fs::read_to_string(&file)?;
    let hex: String = PASSWORD.bytes().map(|byte| format!("{byte:02x}")).collect();
    assert!(!text.contains(PASSWORD) && !text.contains(&hex));
    let again = run(&["trace", "--config", &config, "--seconds", "1", &file])?;
    assert_eq!(again.status.code(), Some(1), "a trace is not overwritten");

    let told = lines(&run(&["decode", &file])?)?;
    let names: Vec<&str> = told.iter().filter_map(|object| object["name"].as_str()).collect();
    for name in ["OPEN_REQ", "OPEN_CONF", "CONFIG_AGENT_EVENT", "TEAM_CONFIG_EVENT", "AGENT_STATE_EVENT"] {
        assert!(names.contains(&name), "{names:?}");
    }
    assert!(told.iter().all(|object| object.get("error").is_none()));

    let replayed = run(&["replay", &file])?;
    assert_eq!(replayed.status.code(), Some(0), "{}", errors(&replayed));
    let events = lines(&replayed)?;
    assert!(events[0]["event"]["Up"].is_object(), "{}", events[0]);
    assert!(events.iter().any(|event| event["event"] == "ResyncEnd"));
    assert!(events.iter().any(|event| event["event"]["Call"].is_object()));
    Ok(())
}

#[test]
fn recorded_flows_are_told_as_ever() -> Result<(), Fault> {
    let mut flows = 0;
    for entry in std::fs::read_dir(FLOWS)? {
        let trace = entry?.path();
        if trace.extension().is_none_or(|extension| extension != "trace") {
            continue;
        }
        flows += 1;
        let events = trace.with_extension("events");
        let wanted = std::fs::read_to_string(&events)?;
        let replayed = run(&["replay", &trace.to_string_lossy()])?;
        let remedy = format!(
            "where the change is meant: interaction-processor cti replay {} > {}",
            trace.display(),
            events.display()
        );
        assert_eq!(String::from_utf8_lossy(&replayed.stdout), wanted, "{remedy}");
        assert_eq!(replayed.status.code(), Some(0), "{}: {}", trace.display(), errors(&replayed));
        let text = std::fs::read(&trace)?;
        let decoded = run(&["decode", &trace.to_string_lossy()])?;
        let told = lines(&decoded)?;
        assert!(!told.is_empty() && told.iter().all(|object| object.get("error").is_none()), "{}", trace.display());
        let frames = String::from_utf8_lossy(&text).lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(told.len(), frames, "{}", trace.display());
    }
    assert!(flows >= 7, "{flows} recorded flows");
    Ok(())
}

//! The simulated UCCX from outside: a client that speaks the protocol by hand, and somebody who wants failures.

use std::io::Write;
use std::process::Stdio;
use std::time::Duration;

use interaction_tests::server::{command, ended};
use interaction_tests::{Fault, Kind, UccxSim};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(20);

/// Types of messages.
const FAILURE_CONF: u32 = 1;
const FAILURE_EVENT: u32 = 2;
const OPEN_REQ: u32 = 3;
const OPEN_CONF: u32 = 4;
const HEARTBEAT_REQ: u32 = 5;
const HEARTBEAT_CONF: u32 = 6;
const TEAM_CONFIG_REQ: u32 = 242;
const TEAM_CONFIG_EVENT: u32 = 243;
const TEAM_CONFIG_CONF: u32 = 244;

struct Client {
    stream: TcpStream,
}

fn late(what: &str) -> Fault {
    Fault::new(Kind::Unanswered, format!("{what} did not come in time"))
}

fn words(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_be_bytes()).collect()
}

impl Client {
    async fn connect(sim: &UccxSim, node: usize) -> Result<Self, Fault> {
        Ok(Self { stream: TcpStream::connect(sim.node(node)).await? })
    }

    async fn say(&mut self, kind: u32, body: &[u8]) -> Result<(), Fault> {
        let mut frame = words(&[u32::try_from(body.len()).unwrap_or(0), kind]);
        frame.extend_from_slice(body);
        Ok(self.stream.write_all(&frame).await?)
    }

    /// OPEN_REQ in bridge mode with a password.
    async fn open(&mut self, password: &str) -> Result<(u32, Vec<u8>), Fault> {
        let mut body = words(&[1, 17, 60, 0, 0x0004_0096, 0x0007_EFFF, 0x1FF, 0x0F, 0, 0, 0]);
        body.extend_from_slice(b"\x01\x05test\x00");
        body.extend([2, u8::try_from(password.len()).unwrap_or(0)]);
        body.extend_from_slice(password.as_bytes());
        self.say(OPEN_REQ, &body).await?;
        self.hear().await
    }

    /// The next frame: its type and body.
    async fn hear(&mut self) -> Result<(u32, Vec<u8>), Fault> {
        let read = async {
            let mut head = [0; 8];
            self.stream.read_exact(&mut head).await?;
            let (length, kind) = head.split_at(4);
            let number = |bytes: &[u8]| bytes.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
            let mut body = vec![0; usize::try_from(number(length)).unwrap_or(0)];
            self.stream.read_exact(&mut body).await?;
            std::io::Result::Ok((number(kind), body))
        };
        Ok(timeout(PATIENCE, read).await.map_err(|_| late("a frame"))??)
    }

    /// Reads to the end; what came, and whether the end was a reset.
    async fn end(&mut self) -> Result<(Vec<u8>, bool), Fault> {
        let mut rest = Vec::new();
        let mut piece = [0; 4_096];
        loop {
            match timeout(PATIENCE, self.stream.read(&mut piece)).await.map_err(|_| late("the end"))? {
                Ok(0) => return Ok((rest, false)),
                Ok(len) => rest.extend_from_slice(&piece[..len]),
                Err(_) => return Ok((rest, true)),
            }
        }
    }
}

#[tokio::test]
async fn a_client_opens_reads_teams_and_is_refused_by_the_standby() -> Result<(), Fault> {
    let sim = UccxSim::start(&[])?;
    let mut standby = Client::connect(&sim, 1).await?;
    let (kind, body) = standby.open("hush-hush").await?;
    assert_eq!((kind, &body[..8]), (FAILURE_CONF, &words(&[1, 92])[..]));
    let mut client = Client::connect(&sim, 0).await?;
    let (kind, body) = client.open("hush-hush").await?;
    assert_eq!((kind, &body[..8]), (OPEN_CONF, &words(&[1, 0x0004_0096])[..]));
    client.say(HEARTBEAT_REQ, &words(&[2])).await?;
    client.say(TEAM_CONFIG_REQ, &[0, 0, 0, 3, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]).await?;
    let (mut teams, mut alive) = (0, false);
    loop {
        let (kind, body) = client.hear().await?;
        alive |= (kind, &body[..]) == (HEARTBEAT_CONF, &words(&[2])[..]);
        teams += usize::from(kind == TEAM_CONFIG_EVENT && body[6..8] == [0, 1]);
        if kind == TEAM_CONFIG_CONF {
            break;
        }
    }
    assert!(alive && teams == 6, "{teams} teams");
    let printed = sim.prints("reads 6 teams")?;
    assert!(printed.iter().any(|line| line.contains("OPEN_REQ version 17, client \"test\"")), "{printed:#?}");
    assert!(printed.iter().all(|line| !line.contains("hush-hush")), "{printed:#?}");
    Ok(())
}

#[tokio::test]
async fn failures_come_on_demand() -> Result<(), Fault> {
    let mut sim = UccxSim::start(&[])?;
    let mut client = Client::connect(&sim, 0).await?;
    client.open("x").await?;
    assert_eq!(sim.order("failover").await?, "ok");
    assert!(client.end().await?.1, "a reset");
    let mut second = Client::connect(&sim, 1).await?;
    assert_eq!(second.open("x").await?.0, OPEN_CONF, "the other node is the master");
    assert_eq!(sim.order("config-reset").await?, "ok");
    loop {
        let (kind, body) = second.hear().await?;
        if kind == FAILURE_EVENT {
            assert_eq!(body[..4], words(&[96]));
            break;
        }
    }
    let answer = sim.order("sulk").await?;
    assert!(answer.contains("\"sulk\"") && answer.contains("config-reset"), "{answer}");
    assert_eq!(sim.order("reset").await?, "ok");
    let (rest, reset) = second.end().await?;
    assert!(reset, "a reset after {} bytes", rest.len());

    // Standard input is heard too.
    let mut third = Client::connect(&sim, 1).await?;
    third.open("x").await?;
    let Some(stdin) = sim.stdin.as_mut() else { return Err(Fault::new(Kind::Unexpected, "no standard input")) };
    stdin.write_all(b"drop\n")?;
    assert!(!third.end().await?.1, "closed in order");
    sim.prints("drop: done; node 2 is the master")?;
    Ok(())
}

#[tokio::test]
async fn failures_come_when_the_scenario_says() -> Result<(), Fault> {
    let directory = TempDir::new()?;
    let file = directory.path().join("failing.toml");
    std::fs::write(&file, "name = \"failing\"\n[[uccx.failures]]\nat_ms = 1\nwhat = \"standby 1\"\n")?;
    let password = directory.path().join("password");
    std::fs::write(&password, "open-sesame\n")?;
    let path = |path: &std::path::Path| path.display().to_string();
    let sim = UccxSim::start(&["--scenario", &path(&file), "--password-file", &path(&password), "--seed", "7"])?;
    assert_eq!(sim.first["seed"], 7);
    sim.prints("standby 1: done; no node is the master")?;
    let mut client = Client::connect(&sim, 0).await?;
    let (kind, body) = client.open("open-sesame").await?;
    assert_eq!((kind, &body[4..8]), (FAILURE_CONF, &words(&[92])[..]));
    assert_eq!(sim.order("active 2").await?, "ok");
    let mut client = Client::connect(&sim, 1).await?;
    let (kind, body) = client.open("wrong").await?;
    assert_eq!((kind, &body[4..8]), (FAILURE_CONF, &words(&[36])[..]));
    assert_eq!(client.open("open-sesame").await?.0, OPEN_CONF);
    Ok(())
}

#[tokio::test]
async fn a_signal_stops_it_and_what_is_wrong_is_named() -> Result<(), Fault> {
    let mut sim = UccxSim::start(&["--speed", "10"])?;
    let kill = std::process::Command::new("kill").arg("-TERM").arg(sim.child.id().to_string()).status()?;
    assert!(kill.success());
    assert_eq!(ended(&mut sim.child, PATIENCE).await?.code(), Some(0));
    for (arguments, code, named) in [
        (&["--scenario", "nowhere.toml"][..], 2, "nowhere.toml"),
        (&["--listen", "256.0.0.1:1"], 1, "--listen"),
        (&["--tag-width", "2"], 2, "--length-width"),
        (&["--max-version", "30"], 2, "version"),
        (&["--password-file", "/nowhere"], 2, "--password-file"),
    ] {
        let mut wrong = command();
        wrong.arg("uccx-sim").args(arguments);
        if !arguments.contains(&"--listen") {
            wrong.args(["--listen", "127.0.0.1:0"]);
        }
        let output = wrong.stdin(Stdio::null()).output()?;
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {error}");
        assert!(error.contains(named), "{arguments:?}: {error}");
    }
    Ok(())
}

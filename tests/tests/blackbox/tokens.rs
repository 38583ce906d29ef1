//! Where tokens are asked for: who comes in, what each may do, and what ends with a token.

use std::path::{Path, PathBuf};
use std::time::Duration;

use interaction_tests::expect::refused;
use interaction_tests::http::{once, request};
use interaction_tests::server::command;
use interaction_tests::world::{AGENT, SUPERVISOR};
use interaction_tests::{Client, Fault, Kind, Resumed, Server, Settings};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A token as the program draws it, and its entry in the configuration.
struct Token {
    text: String,
    entry: String,
    file: PathBuf,
}

fn draw(directory: &Path, name: &str, subject: &str, scopes: &str, more: &[&str]) -> Result<Token, Fault> {
    let file = directory.join(name);
    let new = ["token", "new", "--subject", subject, "--scopes", scopes, "--out"];
    let output = command().args(new).arg(&file).args(more).output()?;
    assert!(output.status.success(), "{output:?}");
    let entry = String::from_utf8_lossy(&output.stdout).into_owned();
    let text = std::fs::read_to_string(&file)?.trim().to_owned();
    assert!(!entry.contains(&text) && text.len() > 40, "the entry does not show the token: {entry}");
    Ok(Token { text, entry, file })
}

fn settings(tokens: &[&Token]) -> Settings {
    let entries: String = tokens.iter().map(|token| format!("\n{}", token.entry)).collect();
    Settings::default().listen("require-tokens = true").more(&entries)
}

/// A server that asks for these tokens, and keeps none of them.
async fn server(tokens: &[&Token]) -> Result<Server, Fault> {
    let mut server = Server::start(settings(tokens)).await?;
    tokens.iter().for_each(|token| server.never_keeps(token.text.clone()));
    Ok(server)
}

/// Connects, and says why not.
async fn enter(server: &Server, properties: Value) -> Result<Client, Fault> {
    Client::connect_with(&server.address, properties).await
}

async fn denied(server: &Server, properties: Value) {
    let fault = enter(server, properties.clone()).await.map(drop).expect_err("it is let in");
    assert!(fault.kind == Kind::Unexpected && fault.what.contains("access.denied"), "{properties}: {fault:?}");
}

/// Lets a server read its configuration again with other tokens.
fn exchange(server: &Server, tokens: &[&Token]) -> Result<(), Fault> {
    let port = server.address.rsplit(':').next().and_then(|port| port.parse().ok()).unwrap_or(0);
    settings(tokens).write(server.directory.path(), port)?;
    server.hang_up()
}

mod entering {
    use super::*;

    #[tokio::test]
    async fn needs_a_token_that_is_known_and_has_not_expired() -> Result<(), Fault> {
        let keys = TempDir::new()?;
        let good = draw(keys.path(), "good", "anna", "agent,reports", &[])?;
        let old = draw(keys.path(), "old", "ben", "agent", &["--expires", "2020-01-01T00:00:00Z"])?;
        let server = server(&[&good, &old]).await?;
        denied(&server, json!({})).await;
        for token in [json!("ipt_nonsense"), json!(""), json!(17), json!([good.text]), json!(old.text)] {
            denied(&server, json!({"token": token})).await;
        }
        // A token elsewhere in the message is not the message's.
        denied(&server, json!({"client": {"name": "x", "token": good.text}})).await;
        let mut client = enter(&server, json!({"token": good.text})).await?;
        client.bind_all().await?;
        client.watch(SUPERVISOR, 1).await
    }

    #[tokio::test]
    async fn by_http_is_the_same() -> Result<(), Fault> {
        let keys = TempDir::new()?;
        let good = draw(keys.path(), "good", "anna", "agent", &[])?;
        let server = server(&[&good]).await?;
        let connect = |token: &str| {
            let body = json!({"messageType": "connect", "requestId": "c", "token": token}).to_string();
            request("POST", "/v1/connect", &server.address, &[("Content-Type", "application/json")], &body)
        };
        let wrong = once(&server.address, &connect("ipt_nonsense")).await?;
        assert_eq!((wrong.status, wrong.header("www-authenticate")), (401, Some("Bearer")), "{wrong:?}");
        let right = once(&server.address, &connect(&good.text)).await?;
        assert_eq!((right.status, &right.json()?["messageType"]), (200, &json!("connected")), "{right:?}");
        Ok(())
    }

    #[tokio::test]
    async fn again_needs_a_token_of_the_same_subject() -> Result<(), Fault> {
        let keys = TempDir::new()?;
        let first = draw(keys.path(), "first", "anna", "agent", &[])?;
        let second = draw(keys.path(), "second", "anna", "agent", &[])?;
        let other = draw(keys.path(), "other", "ben", "agent", &[])?;
        let server = server(&[&first, &second, &other]).await?;
        let client = enter(&server, json!({"token": first.text})).await?;
        let resume = |token: Value| {
            let mut properties = json!({"resume": {"key": client.resume_key(), "seq": 0}});
            properties["token"] = token;
            properties
        };
        denied(&server, resume(json!(null))).await;
        denied(&server, resume(json!(other.text))).await;
        let mut again = client.twin();
        assert_eq!(again.resume_with(json!({"token": second.text})).await?, Resumed::Same);
        Ok(())
    }
}

mod scopes {
    use super::*;

    #[tokio::test]
    async fn permit_what_they_name_and_nothing_else() -> Result<(), Fault> {
        let keys = TempDir::new()?;
        let agent = draw(keys.path(), "agent", "anna", "agent", &[])?;
        let reports = draw(keys.path(), "reports", "board", "reports", &[])?;
        let server = server(&[&agent, &reports]).await?;
        let mut client = enter(&server, json!({"token": reports.text})).await?;
        client.bind_all().await?;
        client.watch(SUPERVISOR, 1).await?;
        refused(&client.prepare(AGENT, AGENT, false).await?, "access.denied");
        let mut client = enter(&server, json!({"token": agent.text})).await?;
        client.bind_all().await?;
        refused(&client.report("report.teamstatus.begin", json!({"agentId": SUPERVISOR})).await?, "access.denied");
        refused(&client.report("report.calljourney.recent", json!({})).await?, "access.denied");
        client.prepared(AGENT, AGENT, false).await.map(drop)
    }

    #[tokio::test]
    async fn of_an_administrator_open_the_metrics() -> Result<(), Fault> {
        let keys = TempDir::new()?;
        let admin = draw(keys.path(), "admin", "ops", "admin", &[])?;
        let agent = draw(keys.path(), "agent", "anna", "agent", &[])?;
        let server = server(&[&admin, &agent]).await?;
        let get = |path: &str, token: Option<&str>| {
            let bearer = token.map(|token| format!("Bearer {token}"));
            let headers: Vec<_> = bearer.iter().map(|bearer| ("Authorization", bearer.as_str())).collect();
            request("GET", path, &server.address, &headers, "")
        };
        for (path, token, status) in [
            ("/metrics", None, 401),
            ("/metrics", Some("ipt_nonsense"), 401),
            ("/metrics", Some(agent.text.as_str()), 403),
            ("/metrics", Some(admin.text.as_str()), 200),
            ("/healthz", None, 200),
            ("/readyz", None, 200),
        ] {
            let answer = once(&server.address, &get(path, token)).await?;
            assert_eq!(answer.status, status, "{path}: {answer:?}");
        }
        Ok(())
    }
}

mod ends {
    use super::*;

    #[tokio::test]
    async fn of_a_token_close_what_lives_by_it() -> Result<(), Fault> {
        let keys = TempDir::new()?;
        let lost = draw(keys.path(), "lost", "anna", "reports", &[])?;
        let kept = draw(keys.path(), "kept", "anna", "reports", &[])?;
        let server = server(&[&lost, &kept]).await?;
        let mut client = enter(&server, json!({"token": lost.text})).await?;
        client.bind_all().await?;
        client.watch(SUPERVISOR, 1).await?;
        let mut other = enter(&server, json!({"token": kept.text})).await?;
        other.bind_all().await?;
        exchange(&server, &[&kept])?;
        let ended = client.event_named("subscriptionEnded").await?;
        assert_eq!(ended["event"]["data"]["data"]["agentId"], SUPERVISOR, "{ended}");
        assert_eq!(client.closed().await?, Some(4003));
        denied(&server, json!({"token": lost.text})).await;
        other.watch(SUPERVISOR, 1).await?;
        assert_eq!(client.resume_with(json!({"token": kept.text})).await?, Resumed::Same);
        client.watch(SUPERVISOR, 1).await
    }

    #[tokio::test]
    async fn of_a_right_leave_the_link() -> Result<(), Fault> {
        let keys = TempDir::new()?;
        let mut token = draw(keys.path(), "token", "anna", "agent,reports", &[])?;
        let server = server(&[&token]).await?;
        let mut client = enter(&server, json!({"token": token.text})).await?;
        client.bind_all().await?;
        client.watch(SUPERVISOR, 1).await?;
        token.entry = token.entry.replace(", \"reports\"", "");
        exchange(&server, &[&token])?;
        client.event_named("subscriptionEnded").await?;
        refused(&client.report("report.teamstatus.begin", json!({"agentId": SUPERVISOR})).await?, "access.denied");
        client.prepared(AGENT, AGENT, false).await.map(drop)
    }

    #[tokio::test]
    async fn of_a_configuration_that_is_wrong_change_nothing() -> Result<(), Fault> {
        let keys = TempDir::new()?;
        let token = draw(keys.path(), "token", "anna", "agent", &[])?;
        let server = server(&[&token]).await?;
        std::fs::write(server.directory.path().join("config.toml"), "[listen]\nrequire-tokens = true\n")?;
        server.hang_up()?;
        let until = std::time::Instant::now() + Duration::from_secs(10);
        while !server.log().contains("the tokens stay as they are") {
            assert!(std::time::Instant::now() < until, "{}", server.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        enter(&server, json!({"token": token.text})).await.map(drop)
    }

    #[tokio::test]
    async fn are_put_off_by_authenticate() -> Result<(), Fault> {
        let keys = TempDir::new()?;
        let seconds =
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_secs() + 3;
        let soon = std::process::Command::new("date").args(["-u", "-d", &format!("@{seconds}"), "+%FT%TZ"]).output()?;
        let soon = String::from_utf8_lossy(&soon.stdout).trim().to_owned();
        let short = draw(keys.path(), "short", "anna", "agent", &["--expires", &soon])?;
        let long = draw(keys.path(), "long", "anna", "agent", &[])?;
        let other = draw(keys.path(), "other", "ben", "agent", &[])?;
        let server = server(&[&short, &long, &other]).await?;
        let (mut renewed, mut left) =
            (enter(&server, json!({"token": short.text})).await?, enter(&server, json!({"token": short.text})).await?);
        renewed.event_named("tokenExpiring").await?;
        let authenticate =
            |token: &str| json!({"messageType": "authenticate", "command": "authenticate", "token": token});
        for token in [other.text.as_str(), "ipt_nonsense"] {
            refused(&renewed.ask(authenticate(token)).await?, "access.denied");
        }
        let answer = renewed.ask(authenticate(&long.text)).await?;
        assert_eq!(answer["result"], "success", "{answer}");
        assert_eq!(left.closed().await?, Some(4003), "its time is over");
        renewed.settle().await
    }
}

mod refusals {
    use super::*;

    /// An address that is no machine's: a server says what it thinks of it, and cannot listen there.
    const ELSEWHERE: &str = "192.0.2.1";

    fn serve(directory: &Path, listen: &str) -> Result<(Option<i32>, String), Fault> {
        let config = directory.join("config.toml");
        std::fs::write(&config, format!("[listen]\nport = 0\naddress = \"{ELSEWHERE}\"\n{listen}"))?;
        let output = command().arg("serve").arg("--config").arg(config).output()?;
        let said = [output.stdout, output.stderr].concat();
        Ok((output.status.code(), String::from_utf8_lossy(&said).into_owned()))
    }

    #[test]
    fn of_an_address_that_is_no_loopback_one_name_the_ways_out() -> Result<(), Fault> {
        let directory = TempDir::new()?;
        let (code, said) = serve(directory.path(), "")?;
        assert_eq!(code, Some(2), "{said}");
        for words in ["listen.address", "token new", "allow-everybody-without-token"] {
            assert!(said.contains(words), "no `{words}` in: {said}");
        }
        Ok(())
    }

    #[test]
    fn are_taken_back_loudly() -> Result<(), Fault> {
        let directory = TempDir::new()?;
        let (code, said) = serve(directory.path(), "allow-everybody-without-token = true\n")?;
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("WARN") && said.contains("everybody who reaches this address"), "{said}");
        assert!(said.contains("cannot listen on"), "{said}");
        Ok(())
    }

    #[test]
    fn of_tokens_in_the_clear_are_warnings() -> Result<(), Fault> {
        let directory = TempDir::new()?;
        let token = draw(directory.path(), "token", "anna", "agent", &[])?;
        let (code, said) = serve(directory.path(), &format!("\n{}", token.entry))?;
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("WARN") && said.contains("in the clear"), "{said}");
        Ok(())
    }
}

mod commands {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[tokio::test]
    async fn take_a_token_from_a_file_that_is_their_user_s_alone() -> Result<(), Fault> {
        let keys = TempDir::new()?;
        let token = draw(keys.path(), "token", "anna", "reports", &[])?;
        let server = server(&[&token]).await?;
        let url = format!("ws://{}/v1/ws", server.address);
        let run = |file: Option<&Path>| {
            let mut journey = command();
            journey.args(["journey", "--recent", "5", "--json", "--url", &url]);
            if let Some(file) = file {
                journey.arg("--token-file").arg(file);
            }
            journey.output().map(|output| (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned()))
        };
        let (code, said) = run(None)?;
        assert!(code == Some(4) && said.contains("token"), "{code:?} {said}");
        let (code, said) = run(Some(&token.file))?;
        assert_eq!(code, Some(0), "{said}");
        std::fs::set_permissions(&token.file, PermissionsExt::from_mode(0o640))?;
        let (code, said) = run(Some(&token.file))?;
        assert!(code == Some(2) && said.contains("chmod 600") && said.contains("640"), "{code:?} {said}");
        let (code, said) = run(Some(&keys.path().join("nowhere")))?;
        assert!(code == Some(2) && said.contains("nowhere"), "{code:?} {said}");
        Ok(())
    }

    #[test]
    fn draw_tokens_that_are_never_the_same_and_show_them_once() -> Result<(), Fault> {
        let new = |arguments: &[&str]| command().args(["token", "new"]).args(arguments).output();
        let (one, other) =
            (new(&["--subject", "a", "--scopes", "agent"])?, new(&["--subject", "a", "--scopes", "agent"])?);
        assert!(one.status.success() && one.stdout != other.stdout);
        let shown = String::from_utf8_lossy(&one.stdout).into_owned();
        assert!(shown.contains("ipt_") && shown.contains("hash = \"sha256:"), "{shown}");
        for wrong in [
            &["--subject", "a", "--scopes", "root"][..],
            &["--subject", "a"],
            &["--scopes", "agent"],
            &["--subject", "a", "--scopes", "agent", "--expires", "soon"],
            &["--subject", "a", "--scopes", "agent", "--expires", "2027-01-01"],
        ] {
            assert_eq!(new(wrong)?.status.code(), Some(2), "{wrong:?}");
        }
        Ok(())
    }
}

//! A link outlives its sockets: what was missed comes once, in order; what cannot come is told.

use std::time::Duration;

use interaction_tests::client::Resumed;
use interaction_tests::random::Random;
use interaction_tests::raw::Raw;
use interaction_tests::world::{self, AGENT, SUPERVISOR};
use interaction_tests::{Client, Fault, Server, Settings};
use serde_json::json;

mod links {
    use super::*;

    #[tokio::test]
    async fn after_a_graceful_loss_brings_what_was_missed_once() -> Result<(), Fault> {
        resumes(true).await
    }

    #[tokio::test]
    async fn after_an_abrupt_loss_brings_what_was_missed_once() -> Result<(), Fault> {
        resumes(false).await
    }

    async fn resumes(graceful: bool) -> Result<(), Fault> {
        let script: Vec<(u64, String)> = (0..40)
            .map(|n| (500 + 100 * n, world::state(AGENT, if n % 2 == 0 { "NotReady" } else { "LoggedOut" }, "")))
            .collect();
        let acts: Vec<(u64, &str)> = script.iter().map(|(at, act)| (*at, act.as_str())).collect();
        let server = Server::start(Settings::world(world::scripted(&acts))).await?;
        let mut client = Client::bound(&server.address).await?;
        client.watch(SUPERVISOR, 1).await?;
        for _ in 0..4 {
            client.event_named("report.teamstatus.memberstatuschanged").await?;
            let before = client.ledger.last();
            if graceful {
                client.lose_gracefully().await?;
            } else {
                client.lose_abruptly();
            }
            tokio::time::sleep(Duration::from_millis(350)).await;
            assert_eq!(client.resume().await?, Resumed::Same);
            client.settle().await?;
            assert!(client.ledger.last() > before, "nothing happened meanwhile");
        }
        client.watch(SUPERVISOR, 1).await
    }

    #[tokio::test]
    async fn keeps_bindings_and_the_key() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut client = Client::bound(&server.address).await?;
        let key = client.resume_key().to_owned();
        client.lose_abruptly();
        assert_eq!(client.resume().await?, Resumed::Same);
        assert_eq!(client.resume_key(), key);
        client.watch(SUPERVISOR, 1).await
    }

    #[tokio::test]
    async fn a_request_whose_answer_was_lost_is_answered_once() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut client = Client::bound(&server.address).await?;
        let mut random = Random(11);
        for n in 0..30 {
            let request = client.report_request("report.teamstatus.begin", json!({"agentId": SUPERVISOR}));
            let id = client.request(request).await?;
            tokio::time::sleep(Duration::from_millis(random.below(8))).await;
            if n % 2 == 0 {
                client.lose_abruptly();
            } else {
                client.lose_gracefully().await?;
            }
            assert_eq!(client.resume().await?, Resumed::Same);
            let answer = client.answer(&id).await?;
            assert_eq!(answer["response"]["result"], "success", "{answer}");
        }
        client.settle().await?;
        client.all_answered()
    }

    #[tokio::test]
    async fn again_and_again_without_a_message_between() -> Result<(), Fault> {
        let server = Server::start(Settings::world(world::busy(20))).await?;
        let mut client = Client::bound(&server.address).await?;
        client.watch(SUPERVISOR, 1).await?;
        for _ in 0..60 {
            client.lose_abruptly();
            assert_eq!(client.resume().await?, Resumed::Same);
        }
        client.settle().await?;
        client.watch(SUPERVISOR, 1).await
    }

    #[tokio::test]
    async fn too_late_is_expired() -> Result<(), Fault> {
        let server = Server::start(Settings::default().limit("grace-ms", 300)).await?;
        let mut client = Client::bound(&server.address).await?;
        client.lose_gracefully().await?;
        tokio::time::sleep(Duration::from_millis(900)).await;
        assert_eq!(client.resume().await?, Resumed::Fresh("expired".into()));
        client.bind_all().await?;
        assert_eq!(client.ledger.last(), 3, "a fresh link begins at 1");
        Ok(())
    }

    #[tokio::test]
    async fn within_the_grace_time_again_and_again_never_expires() -> Result<(), Fault> {
        let server = Server::start(Settings::default().limit("grace-ms", 600)).await?;
        let mut client = Client::bound(&server.address).await?;
        for _ in 0..4 {
            client.lose_abruptly();
            tokio::time::sleep(Duration::from_millis(300)).await;
            assert_eq!(client.resume().await?, Resumed::Same);
        }
        Ok(())
    }

    #[tokio::test]
    async fn with_an_unknown_key_is_unknown() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let client = Client::bound(&server.address).await?;
        let swapped: String = client.resume_key().chars().map(|c| if c == 'a' { 'b' } else { 'a' }).collect();
        let long = "x".repeat(10_000);
        let keys = [
            json!(swapped),
            json!(""),
            json!("nonsense"),
            json!("käse"),
            json!(long),
            json!(5),
            json!({}),
            json!(null),
        ];
        for (at, key) in keys.iter().enumerate() {
            let mut raw = Raw::open(&server.address).await?;
            raw.text(
                &json!({"messageType": "connect", "requestId": "c", "resume": {"key": key, "seq": 3}}).to_string(),
            )
            .await?;
            let connected = raw.message().await?;
            assert_eq!(
                (&connected["resumed"], &connected["reason"]),
                (&json!(false), &json!("unknown")),
                "key {at}: {connected}"
            );
            assert_ne!(connected["resumeKey"].as_str(), Some(client.resume_key()));
        }
        Ok(())
    }

    #[tokio::test]
    async fn past_what_is_kept_is_a_gap_and_ends_the_link() -> Result<(), Fault> {
        let server = Server::start(Settings::default().limit("replay-bytes", 8_192)).await?;
        let mut client = Client::bound(&server.address).await?;
        client.acknowledge_every = 0;
        client.settle().await?;
        let seq = client.ledger.last();
        let old = client.twin();
        for _ in 0..40 {
            client.core_success("getServices", json!({})).await?;
        }
        client.lose_gracefully().await?;
        assert_eq!(client.resume_from(seq).await?, Resumed::Fresh("gap".into()));
        let mut late = old;
        assert_eq!(late.resume().await?, Resumed::Fresh("expired".into()), "a gap ends the old link at once");
        Ok(())
    }

    #[tokio::test]
    async fn from_the_future_is_a_gap() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut client = Client::bound(&server.address).await?;
        client.lose_gracefully().await?;
        assert_eq!(client.resume_from(client.ledger.last() + 1).await?, Resumed::Fresh("gap".into()));
        Ok(())
    }

    #[tokio::test]
    async fn after_disconnect_is_expired() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut client = Client::bound(&server.address).await?;
        client.send(&json!({"messageType": "disconnect"})).await?;
        assert_eq!(client.closed().await?, Some(1000));
        assert_eq!(client.resume().await?, Resumed::Fresh("expired".into()));
        Ok(())
    }
}

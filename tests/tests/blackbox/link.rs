//! The link: how it begins, its numbers and acknowledgements, its rate, its life and its end.

use std::time::Duration;

use interaction_tests::expect::{invalid, refused};
use interaction_tests::raw::{Frame, Raw};
use interaction_tests::world::AGENT;
use interaction_tests::{Client, Fault, Server, Settings};
use serde_json::{Value, json};

mod numbering {
    use super::*;

    #[tokio::test]
    async fn begins_at_one_and_leaves_out_connected_and_pong() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let (mut raw, connected) = Raw::connected(&server.address).await?;
        assert!(connected.get("seq").is_none(), "{connected}");
        raw.text(r#"{"messageType":"ping","requestId":"p"}"#).await?;
        let pong = raw.message().await?;
        assert_eq!((&pong["messageType"], &pong["requestId"]), (&json!("pong"), &json!("p")));
        assert!(pong.get("seq").is_none() && pong["time"].is_u64(), "{pong}");
        for seq in 1..=3 {
            raw.text(&format!(r#"{{"messageType":"coreRequest","requestId":"r{seq}","command":"getServices"}}"#))
                .await?;
            assert_eq!(raw.message().await?["seq"], seq);
        }
        Ok(())
    }

    #[tokio::test]
    async fn is_each_link_s_own() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut first = Client::bound(&server.address).await?;
        let mut second = Client::bound(&server.address).await?;
        first.settle().await?;
        second.settle().await?;
        assert_eq!((first.ledger.last(), second.ledger.last()), (3, 3));
        Ok(())
    }

    #[tokio::test]
    async fn acknowledging_the_future_is_refused_and_the_past_ignored() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut client = Client::bound(&server.address).await?;
        client.acknowledge().await?;
        client.send(&json!({"messageType": "ack", "seq": 1})).await?;
        client.send(&json!({"messageType": "ack", "seq": 0})).await?;
        client.settle().await?;
        assert_eq!(client.take_events(), Vec::<Value>::new());
        client.send(&json!({"messageType": "ack", "seq": client.ledger.last() + 1})).await?;
        let error = client.event("refusal", |event| event["messageType"] == "coreError").await?;
        invalid(&error, "seq");
        client.settle().await
    }
}

mod connecting {
    use super::*;

    #[tokio::test]
    async fn tells_who_where_and_how_much() -> Result<(), Fault> {
        let server = Server::start(Settings::default().limit("grace-ms", 12_345).limit("heartbeat-ms", 6_789)).await?;
        let properties = json!({"client": {"id": "desk-7", "name": "agent-desktop"}});
        let client = Client::connect_with(&server.address, properties).await?;
        let connected = &client.connected;
        assert_eq!(connected["server"]["name"], "interaction-processor", "{connected}");
        assert_eq!(connected["client"], json!({"id": "desk-7", "name": "agent-desktop"}), "{connected}");
        assert_eq!((&connected["graceMs"], &connected["heartbeatMs"]), (&json!(12_345), &json!(6_789)), "{connected}");
        assert!(connected.get("resumed").is_none(), "{connected}");
        assert_eq!(connected["guarantee"], "process", "{connected}");
        Ok(())
    }

    #[tokio::test]
    async fn needs_neither_protocol_nor_client() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut raw = Raw::open(&server.address).await?;
        raw.text(r#"{"messageType":"connect","requestId":"c"}"#).await?;
        let connected = raw.message().await?;
        assert_eq!(connected["messageType"], "connected", "{connected}");
        assert!(connected["client"]["id"].as_str().is_some_and(|id| !id.is_empty()), "{connected}");
        Ok(())
    }

    #[tokio::test]
    async fn keys_are_long_and_never_the_same() -> Result<(), Fault> {
        let mut server = Server::silent().await?;
        let first = Client::connect(&server.address).await?;
        let second = Client::connect(&server.address).await?;
        assert_ne!(first.resume_key(), second.resume_key());
        assert!(first.resume_key().len() >= 43, "32 random bytes and the instance: {}", first.resume_key());
        server.never_keeps(first.resume_key());
        Ok(())
    }

    #[tokio::test]
    async fn another_protocol_is_refused() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut raw = Raw::open(&server.address).await?;
        raw.text(r#"{"messageType":"connect","requestId":"c","protocol":2}"#).await?;
        let error = raw.message().await?;
        assert_eq!((&error["messageType"], &error["requestId"]), (&json!("coreError"), &json!("c")), "{error}");
        refused(&error, "protocol.unsupported");
        assert!(error.get("seq").is_none(), "{error}");
        assert_eq!(raw.closed(Duration::from_secs(5)).await?, Some(4000));
        Ok(())
    }

    #[tokio::test]
    async fn twice_on_one_socket_is_refused() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut client = Client::bound(&server.address).await?;
        client.send(&json!({"messageType": "connect", "requestId": "again", "protocol": 1})).await?;
        let error = client.event("refusal", |event| event["messageType"] == "coreError").await?;
        refused(&error, "request.invalid");
        assert_eq!(error["requestId"], "again", "{error}");
        client.core_success("getServices", json!({})).await.map(drop)
    }

    #[tokio::test]
    async fn must_come_in_time() -> Result<(), Fault> {
        let server = Server::start(Settings::default().limit("connect-ms", 500)).await?;
        let mut raw = Raw::open(&server.address).await?;
        assert_eq!(raw.closed(Duration::from_secs(5)).await?, Some(4002));
        Ok(())
    }
}

mod life {
    use super::*;

    #[tokio::test]
    async fn ping_gets_pong() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut client = Client::connect(&server.address).await?;
        let before = client.connected["time"].as_u64().expect("a time");
        client.send(&json!({"messageType": "ping"})).await?;
        let pong = client.event("pong", |event| event["messageType"] == "pong").await?;
        assert!(pong.get("requestId").is_none(), "{pong}");
        assert!(pong["time"].as_u64().is_some_and(|time| time >= before), "{pong}");
        client.settle().await
    }

    #[tokio::test]
    async fn a_socket_that_answers_no_ping_is_closed_and_can_be_resumed() -> Result<(), Fault> {
        let server = Server::start(Settings::default().limit("heartbeat-ms", 200)).await?;
        let (mut raw, connected) = Raw::connected(&server.address).await?;
        let began = std::time::Instant::now();
        let mut pings = 0;
        let code = loop {
            match raw.next(Duration::from_secs(5)).await? {
                Frame::Ping(_) => pings += 1,
                Frame::Close(code) => break code,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(code, Some(4002));
        assert!(pings >= 2, "{pings} pings");
        let waited = began.elapsed();
        assert!((Duration::from_millis(550)..Duration::from_secs(2)).contains(&waited), "closed after {waited:?}");
        let mut again = Raw::open(&server.address).await?;
        again
            .text(&json!({"messageType": "connect", "requestId": "c", "resume": {"key": connected["resumeKey"], "seq": 0}}).to_string())
            .await?;
        assert_eq!(again.message().await?["resumed"], true);
        Ok(())
    }

    #[tokio::test]
    async fn pongs_alone_keep_a_socket() -> Result<(), Fault> {
        let server = Server::start(Settings::default().limit("heartbeat-ms", 200)).await?;
        let mut client = Client::connect(&server.address).await?;
        client.read_for(Duration::from_millis(1500)).await?;
        client.settle().await
    }

    #[tokio::test]
    async fn disconnect_ends_the_link_at_once() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut client = Client::bound(&server.address).await?;
        client.prepared(AGENT, AGENT, false).await?;
        client.send(&json!({"messageType": "disconnect"})).await?;
        assert_eq!(client.closed().await?, Some(1000));
        Ok(())
    }
}

mod rate {
    use super::*;

    #[tokio::test]
    async fn requests_beyond_it_get_one_refusal_a_second() -> Result<(), Fault> {
        let server = Server::start(Settings::default().limit("requests-per-second", 20)).await?;
        let mut client = Client::connect(&server.address).await?;
        for _ in 0..100 {
            client
                .request(json!({"messageType": "coreRequest", "command": "bindService", "serviceId": "nowhere"}))
                .await?;
        }
        client.settle().await?;
        let unanswered = client.ledger.unanswered().len();
        assert!((60..=80).contains(&unanswered), "{unanswered} of 100 without an answer");
        tokio::time::sleep(Duration::from_millis(1500)).await;
        client.core_success("getServices", json!({})).await.map(drop)
    }

    #[tokio::test]
    async fn the_refusal_says_when_to_try_again() -> Result<(), Fault> {
        let server = Server::start(Settings::default().limit("requests-per-second", 5)).await?;
        let (mut raw, _) = Raw::connected(&server.address).await?;
        for n in 0..40 {
            raw.text(&format!(r#"{{"messageType":"coreRequest","requestId":"r{n}","command":"getServices"}}"#)).await?;
        }
        raw.text(r#"{"messageType":"ping"}"#).await?;
        let mut limited = Vec::new();
        loop {
            let message = raw.message().await?;
            match message["messageType"].as_str() {
                Some("pong") => break,
                Some("coreError") => limited.push(message),
                _ => {}
            }
        }
        assert!((1..=2).contains(&limited.len()), "one a second: {limited:?}");
        refused(&limited[0], "rate.limited");
        interaction_tests::expect::retries(&limited[0]);
        Ok(())
    }

    #[tokio::test]
    async fn ten_times_as_many_close_the_socket() -> Result<(), Fault> {
        let server = Server::start(Settings::default().limit("requests-per-second", 10)).await?;
        let (mut raw, _) = Raw::connected(&server.address).await?;
        for n in 0..400 {
            let request = format!(r#"{{"messageType":"coreRequest","requestId":"r{n}","command":"getServices"}}"#);
            if raw.text(&request).await.is_err() {
                break;
            }
        }
        assert_eq!(raw.closed(Duration::from_secs(5)).await?, Some(4029));
        Ok(())
    }
}

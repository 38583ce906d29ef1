//! Links by HTTP: what each request is answered with, whatever a client sends.

use std::time::Duration;

use interaction_tests::client::Transport;
use interaction_tests::expect::refused;
use interaction_tests::http::{Answer, Connection, once, request};
use interaction_tests::world::{self, AGENT, SUPERVISOR};
use interaction_tests::{Client, Fault, Resumed, Server, Settings};
use serde_json::{Value, json};

/// A link connected by HTTP: its key, and a connection to post on.
async fn connected(server: &Server) -> Result<(Connection, String), Fault> {
    let mut connection = Connection::open(&server.address).await?;
    connection.post("/v1/connect", None, r#"{"messageType":"connect","requestId":"c"}"#).await?;
    let answer = connection.answer().await?;
    assert_eq!(answer.status, 200, "{answer:?}");
    let key = answer.json()?["resumeKey"].as_str().unwrap_or_default().to_owned();
    Ok((connection, key))
}

async fn posted(connection: &mut Connection, key: &str, message: &Value) -> Result<Answer, Fault> {
    connection.post("/v1/messages", Some(key), &message.to_string()).await?;
    connection.answer().await
}

async fn polled(connection: &mut Connection, key: &str, query: &str) -> Result<Answer, Fault> {
    connection.get(&format!("/v1/messages?{query}"), &[("Authorization", &format!("Bearer {key}"))]).await?;
    connection.answer().await
}

fn services(id: &str) -> Value {
    json!({"messageType": "coreRequest", "requestId": id, "command": "getServices"})
}

/// Checks a refusal's status and code; returns the reason it names.
fn refusal(answer: &Answer, status: u16, code: &str) -> Result<String, Fault> {
    assert_eq!(answer.status, status, "{answer:?}");
    let error = answer.json()?;
    assert_eq!(error["messageType"], "coreError", "{answer:?}");
    assert!(error.get("seq").is_none(), "{answer:?}");
    refused(&error, code);
    Ok(error["failure"]["params"]["reason"].as_str().unwrap_or_default().to_owned())
}

mod answers {
    use super::*;

    #[tokio::test]
    async fn of_the_right_form_have_their_statuses() -> Result<(), Fault> {
        let mut server = Server::silent().await?;
        let (mut posts, key) = connected(&server).await?;
        server.never_keeps(key.clone());
        let taken = posted(&mut posts, &key, &services("1")).await?;
        assert_eq!((taken.status, taken.body.as_str()), (202, ""));
        let pong = posted(&mut posts, &key, &json!({"messageType": "ping", "requestId": "p"})).await?;
        assert_eq!((pong.status, &pong.json()?["requestId"]), (200, &json!("p")));
        assert_eq!(pong.header("cache-control"), Some("no-store"));
        let poll = polled(&mut posts, &key, "after=0&wait=25").await?;
        assert_eq!((poll.status, poll.header("content-type")), (200, Some("application/json")), "{poll:?}");
        let messages = poll.json()?["messages"].as_array().cloned().unwrap_or_default();
        assert_eq!((messages.len(), &messages[0]["requestId"]), (1, &json!("1")), "{poll:?}");
        let empty = polled(&mut posts, &key, "after=1&wait=0").await?;
        assert_eq!((empty.status, empty.body.as_str()), (200, r#"{"messages":[]}"#));
        let ended = posted(&mut posts, &key, &json!({"messageType": "disconnect"})).await?;
        assert_eq!(ended.status, 202);
        assert_eq!(refusal(&polled(&mut posts, &key, "after=1").await?, 410, "link.required")?, "expired");
        Ok(())
    }

    #[tokio::test]
    async fn to_what_is_not_kept_or_not_known_say_so() -> Result<(), Fault> {
        let server = Server::start(Settings::default().limit("replay-bytes", 4_096)).await?;
        let (mut posts, key) = connected(&server).await?;
        assert_eq!(refusal(&polled(&mut posts, &key, "after=7").await?, 409, "link.required")?, "gap");
        for n in 0..20 {
            assert_eq!(posted(&mut posts, &key, &services(&n.to_string())).await?.status, 202);
        }
        assert_eq!(refusal(&polled(&mut posts, &key, "after=0").await?, 409, "link.required")?, "gap");
        let bearer = format!("Bearer {key}");
        posts.get("/v1/events", &[("Authorization", &bearer), ("Last-Event-ID", "0")]).await?;
        assert_eq!(refusal(&posts.answer().await?, 409, "link.required")?, "gap");
        let unknown = format!("{}x", &key[..key.len() - 1]);
        for other in [unknown.as_str(), "nonsense", "a.b"] {
            assert_eq!(refusal(&polled(&mut posts, other, "after=0").await?, 401, "link.required")?, "unknown");
            let answer = posted(&mut posts, other, &services("1")).await?;
            assert_eq!(refusal(&answer, 401, "link.required")?, "unknown");
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        }
        // The way on is a `connect` that resumes: it begins anew, and says why.
        let resume = json!({"messageType": "connect", "requestId": "c", "resume": {"key": key, "seq": 0}});
        posts.post("/v1/connect", None, &resume.to_string()).await?;
        let fresh = posts.answer().await?;
        assert_eq!((fresh.status, &fresh.json()?["reason"]), (200, &json!("gap")), "{fresh:?}");
        Ok(())
    }

    #[tokio::test]
    async fn to_too_much_are_413_and_429() -> Result<(), Fault> {
        let settings = Settings::default().limit("message-bytes", 2_048).limit("requests-per-second", 3);
        let server = Server::start(settings).await?;
        let (mut posts, key) = connected(&server).await?;
        let long = json!({"messageType": "coreRequest", "requestId": "1", "command": "x".repeat(4_000)});
        refusal(&posted(&mut posts, &key, &long).await?, 413, "request.toolarge")?;
        let mut limited = 0;
        for n in 0..12 {
            let answer = posted(&mut Connection::open(&server.address).await?, &key, &services(&n.to_string())).await?;
            if answer.status == 429 {
                refusal(&answer, 429, "rate.limited")?;
                assert_eq!(
                    (answer.header("retry-after"), &answer.json()?["requestId"]),
                    (Some("1"), &json!(n.to_string()))
                );
                limited += 1;
            } else {
                assert_eq!(answer.status, 202, "{answer:?}");
            }
        }
        assert!(limited >= 1, "12 requests are above three a second");
        Ok(())
    }

    #[tokio::test]
    async fn to_a_poll_hold_at_most_a_mebibyte() -> Result<(), Fault> {
        let settings = Settings::default().limit("requests-per-second", 10_000);
        let server = Server::start(settings).await?;
        let mut client = Client::connect(&server.address).await?;
        client.bind_all().await?;
        client.settle().await?;
        client.acknowledge_every = 0;
        // Each answer echoes its request: 50 of 50 kB.
        let filler = "x".repeat(50_000);
        for _ in 0..50 {
            let request = client.service_request("no.such", json!(filler));
            client.request(request).await?;
        }
        client.settle().await?;
        let (key, last) = (client.resume_key().to_owned(), client.ledger.last());
        let mut after = client.ledger.acknowledged();
        let mut connection = Connection::open(&server.address).await?;
        let mut polls = 0;
        while after < last {
            let poll = polled(&mut connection, &key, &format!("after={after}&wait=0")).await?;
            assert!(poll.status == 200 && poll.body.len() <= 1 << 20, "{} {}", poll.status, poll.body.len());
            for message in poll.json()?["messages"].as_array().cloned().unwrap_or_default() {
                after += 1;
                assert_eq!(message["seq"], after);
            }
            polls += 1;
        }
        assert!((3..=5).contains(&polls), "{polls} polls");
        Ok(())
    }
}

mod moves {
    use super::*;

    #[tokio::test]
    async fn between_transports_lose_nothing() -> Result<(), Fault> {
        let server = Server::start(Settings::world(world::busy(60))).await?;
        let mut client = Client::bound(&server.address).await?;
        client.watch(SUPERVISOR, 1).await?;
        let ways = [Transport::Polls, Transport::Events, Transport::WebSocket, Transport::Events, Transport::Polls];
        for (turn, transport) in ways.into_iter().cycle().take(15).enumerate() {
            client.change_to(transport);
            if turn % 3 == 0 {
                client.lose_abruptly();
            }
            assert_eq!(client.resume().await?, Resumed::Same, "to {transport:?}");
            client.read_for(Duration::from_millis(150)).await?;
            client.core_success("getServices", json!({})).await?;
        }
        client.settle().await?;
        client.all_answered()?;
        client.watch(SUPERVISOR, 1).await
    }

    #[tokio::test]
    async fn of_a_poll_end_the_older_with_409() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let (mut older, key) = connected(&server).await?;
        let bearer = format!("Bearer {key}");
        older.get("/v1/messages?after=0&wait=25", &[("Authorization", &bearer)]).await?;
        let mut newer = Connection::open(&server.address).await?;
        // Which of both comes first at the server is not said: the one that is taken over is told.
        newer.get("/v1/messages?after=0&wait=25", &[("Authorization", &bearer)]).await?;
        let moved = tokio::select! { moved = older.wait() => moved?, moved = newer.wait() => moved? };
        assert_eq!(refusal(&moved, 409, "link.required")?, "moved");
        Ok(())
    }

    #[tokio::test]
    async fn of_a_stream_tell_it_and_end_it() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut first = Client::new(&server.address);
        first.change_to(Transport::Events);
        first.open(json!({})).await?;
        first.bind_all().await?;
        first.settle().await?;
        let mut second = first.twin();
        second.change_to(Transport::WebSocket);
        assert_eq!(second.resume().await?, Resumed::Same);
        first.event_named("linkMoved").await?;
        assert_eq!(first.closed().await?, Some(4001));
        second.watch(SUPERVISOR, 1).await
    }
}

mod life {
    use super::*;

    #[tokio::test]
    async fn of_a_link_outlasts_polls_that_come_and_go() -> Result<(), Fault> {
        let settings = Settings::default().limit("heartbeat-ms", 100).limit("grace-ms", 1_000);
        let server = Server::start(settings).await?;
        let (mut connection, key) = connected(&server).await?;
        for _ in 0..3 {
            let poll = polled(&mut connection, &key, "after=0&wait=1").await?;
            assert_eq!((poll.status, poll.body.as_str()), (200, r#"{"messages":[]}"#));
        }
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        assert_eq!(polled(&mut connection, &key, "after=0").await?.status, 410, "nothing polled for the grace time");
        Ok(())
    }

    #[tokio::test]
    async fn of_a_stream_is_shown_by_comments_and_needs_no_word_of_the_client() -> Result<(), Fault> {
        let server = Server::start(Settings::default().limit("heartbeat-ms", 100)).await?;
        let (_, key) = connected(&server).await?;
        let mut stream = Connection::open(&server.address).await?;
        stream.get("/v1/events", &[("Authorization", &format!("Bearer {key}"))]).await?;
        let begun = stream.begin().await?;
        assert_eq!((begun.status, begun.header("x-accel-buffering")), (200, Some("no")), "{begun:?}");
        // Four silent intervals are more than a WebSocket would get.
        for _ in 0..5 {
            assert_eq!(stream.chunk().await?.as_deref(), Some(&b":\n\n"[..]));
        }
        Ok(())
    }

    #[tokio::test]
    async fn of_a_prepared_session_goes_on_between_polls() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut client = Client::new(&server.address);
        client.change_to(Transport::Polls);
        client.open(json!({})).await?;
        client.bind_all().await?;
        let session = client.prepared(AGENT, AGENT, false).await?;
        client.bind_resource(&session).await?;
        let body = client.object(&session, &session, "session.start", json!({})).await?;
        assert_eq!(body["result"], "success", "{body}");
        client.event_named("session.initialized").await.map(drop)
    }

    #[tokio::test]
    async fn of_polls_and_streams_ends_with_the_server_s() -> Result<(), Fault> {
        let mut server = Server::start(Settings::default().more("[server]\nshutdown-grace-ms = 300\n")).await?;
        let mut client = Client::new(&server.address);
        client.change_to(Transport::Events);
        client.open(json!({})).await?;
        client.settle().await?;
        let (mut poll, key) = connected(&server).await?;
        let bearer = format!("Bearer {key}");
        poll.get("/v1/messages?after=0&wait=25", &[("Authorization", &bearer)]).await?;
        server.terminate()?;
        client.event_named("shutdown").await?;
        assert_eq!(client.closed().await?, Some(1012));
        let told = poll.answer().await?;
        assert!(told.status == 200 && told.body.contains("shutdown"), "{told:?}");
        assert!(server.ended(Duration::from_secs(5)).await?.success());
        Ok(())
    }
}

mod hostile {
    use super::*;

    #[tokio::test]
    async fn messages_are_told_what_is_wrong_at_once() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let (mut posts, key) = connected(&server).await?;
        let cases: [(&[u8], &str); 6] = [
            (b"{", "request.malformed"),
            (b"", "request.malformed"),
            (b"[]", "request.malformed"),
            (b"{\"a\":1,\"a\":2}", "request.malformed"),
            (b"\"\\ud800\"", "request.malformed"),
            (b"{\"a\":\"\xff\"}", "request.malformed"),
        ];
        for (body, code) in cases {
            let mut bytes = format!(
                "POST /v1/messages HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n\
                 Content-Length: {}\r\n\r\n",
                server.address,
                body.len()
            )
            .into_bytes();
            bytes.extend_from_slice(body);
            posts.write(&bytes).await?;
            refusal(&posts.answer().await?, 400, code)?;
        }
        // What is no `connect` does not connect.
        for body in ["{}", r#"{"messageType":"ping"}"#, r#"{"messageType":"connect"}"#] {
            posts.post("/v1/connect", None, body).await?;
            assert_eq!(posts.answer().await?.status, 400, "{body}");
        }
        assert_eq!(posted(&mut posts, &key, &services("1")).await?.status, 202, "the link goes on");
        Ok(())
    }

    #[tokio::test]
    async fn headers_and_queries_are_refused() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let address = &server.address;
        let (_, key) = connected(&server).await?;
        let bearer = format!("Bearer {key}");
        let auth = ("Authorization", bearer.as_str());
        let poll = |query: &str, headers: &[(&str, &str)]| {
            request("GET", &format!("/v1/messages{query}"), address, headers, "")
        };
        for (text, status) in [
            (poll("?after=0", &[]), 401),
            (poll("?after=0", &[("Authorization", "Basic eA==")]), 401),
            (poll("?after=0", &[auth, auth]), 401),
            (poll(&format!("?after=0&key={key}"), &[]), 401),
            (poll("?after=-1", &[auth]), 400),
            (poll("?after=1&after=1", &[auth]), 400),
            (poll("?after=0&wait=soon", &[auth]), 400),
            (request("GET", "/v1/events", address, &[auth, ("Last-Event-ID", "x")], ""), 400),
            (request("GET", "/v1/events", address, &[auth, ("Last-Event-ID", "0"), ("Last-Event-ID", "0")], ""), 400),
            (request("POST", "/v1/messages", address, &[auth], "{}"), 415),
            (request("POST", "/v1/messages", address, &[auth, ("Content-Type", "text/plain")], "{}"), 415),
            (request("DELETE", "/v1/messages", address, &[auth], ""), 405),
            (request("GET", "/v1/connect", address, &[], ""), 405),
            (poll("?after=0", &[auth, ("Origin", "http://evil.example")]), 403),
            (poll("?after=0", &[auth, ("Host", "evil.example")]), 403),
        ] {
            let answer = once(address, &text).await?;
            assert_eq!(answer.status, status, "{text}\n{answer:?}");
        }
        let huge = "x".repeat(70_000);
        let answer = once(address, &poll("?after=0&wait=0", &[auth, ("X-Filler", &huge)])).await?;
        assert_eq!(answer.status, 431, "{answer:?}");
        Ok(())
    }

    #[tokio::test]
    async fn requests_one_after_the_other_unasked_are_answered_in_order() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let (mut posts, key) = connected(&server).await?;
        let headers = [("Authorization", &*format!("Bearer {key}")), ("Content-Type", "application/json")];
        let ping = |id: usize| {
            let body = json!({"messageType": "ping", "requestId": id.to_string()}).to_string();
            request("POST", "/v1/messages", &server.address, &headers, &body)
        };
        let pipeline: String = (0..20).map(ping).collect();
        posts.write(pipeline.as_bytes()).await?;
        for id in 0..20 {
            assert_eq!(posts.answer().await?.json()?["requestId"], id.to_string());
        }
        Ok(())
    }

    #[tokio::test]
    async fn bodies_that_announce_too_much_or_break_off_cost_nothing() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let (_, key) = connected(&server).await?;
        let head = format!(
            "POST /v1/messages HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n",
            server.address
        );
        // In chunks without an end: cut off at the limit.
        let mut endless = Connection::open(&server.address).await?;
        endless.write(format!("{head}Transfer-Encoding: chunked\r\n\r\n").as_bytes()).await?;
        let chunk = format!("4000\r\n{}\r\n", "x".repeat(0x4000));
        for _ in 0..5 {
            endless.write(chunk.as_bytes()).await?;
        }
        refusal(&endless.answer().await?, 413, "request.toolarge")?;
        // Half a body, and then nothing.
        let mut half = Connection::open(&server.address).await?;
        half.write(format!("{head}Content-Length: 50\r\n\r\n{{\"messageType\"").as_bytes()).await?;
        half.reset();
        // A key in the address is none.
        let (mut posts, key) = connected(&server).await?;
        assert_eq!(posted(&mut posts, &key, &services("1")).await?.status, 202);
        Ok(())
    }
}

mod pages {
    use super::*;

    #[tokio::test]
    async fn of_listed_origins_may_read_and_of_others_not() -> Result<(), Fault> {
        let server = Server::start(Settings::default().listen("origins = [\"https://desk.example\"]")).await?;
        let address = &server.address;
        let ask = |origin: &str| {
            let asked = ("Access-Control-Request-Method", "GET");
            request("OPTIONS", "/v1/events", address, &[("Origin", origin), asked], "")
        };
        let allowed = once(address, &ask("https://desk.example")).await?;
        assert_eq!(allowed.status, 204, "{allowed:?}");
        assert_eq!(allowed.header("access-control-allow-origin"), Some("https://desk.example"));
        let headers = allowed.header("access-control-allow-headers").unwrap_or_default();
        assert!(headers.contains("authorization") && headers.contains("last-event-id"), "{allowed:?}");
        assert_eq!(once(address, &ask("https://other.example")).await?.status, 403);
        let connect = r#"{"messageType":"connect","requestId":"c"}"#;
        let from = [("Origin", "https://desk.example"), ("Content-Type", "application/json")];
        let connected = once(address, &request("POST", "/v1/connect", address, &from, connect)).await?;
        assert_eq!(connected.header("access-control-allow-origin"), Some("https://desk.example"), "{connected:?}");
        assert_eq!(connected.header("vary"), Some("origin"));
        Ok(())
    }
}

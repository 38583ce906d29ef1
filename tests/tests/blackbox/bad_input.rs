//! Input that no client should send: each gets its failure, which names what is wrong, and harms nobody.

use std::time::Duration;

use interaction_tests::client::merge;
use interaction_tests::expect::{code, invalid, refused};
use interaction_tests::raw::{self, Frame, Out, Raw};
use interaction_tests::world::{AGENT, WRONG};
use interaction_tests::{Client, Fault, Resumed, Server, Settings, strict};
use serde_json::{Value, json};

/// A connected raw client proves that its socket still works.
async fn works(raw: &mut Raw) -> Result<(), Fault> {
    raw.text(r#"{"messageType":"ping","requestId":"still"}"#).await?;
    let pong = raw.message().await?;
    assert_eq!((&pong["messageType"], &pong["requestId"]), (&json!("pong"), &json!("still")), "{pong}");
    Ok(())
}

mod malformed {
    use super::*;

    #[tokio::test]
    async fn text_gets_a_failure_and_the_socket_stays() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let (mut raw, _) = Raw::connected(&server.address).await?;
        let deep =
            |depth: usize| format!("{{\"messageType\":\"ping\",\"x\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
        let texts = [
            "",
            " ",
            "hello",
            "{",
            "{\"messageType\":\"ping\"",
            "{\"messageType\":\"ping\"}}",
            "{\"messageType\":\"ping\",}",
            "[]",
            "[{\"messageType\":\"ping\"}]",
            "\"ping\"",
            "42",
            "null",
            "{'messageType':'ping'}",
            "{\"messageType\":ping}",
            "{\"messageType\":\"ping\",\"messageType\":\"ping\"}",
            "{\"messageType\":\"ping\",\"x\":{\"a\":1,\"a\":2}}",
            "{\"messageType\":\"ping\",\"x\":{\"a\":1,\"\\u0061\":2}}",
            "{\"messageType\":\"ping\",\"x\":\"\\ud800\"}",
            "{\"messageType\":\"ping\",\"x\":\"\\udc00\\ud800\"}",
            "{\"messageType\":\"ping\",\"\\ud800\":1}",
            "{\"messageType\":\"ping\",\"x\":01}",
            "{\"messageType\":\"ping\",\"x\":NaN}",
            "{\"messageType\":\"ping\",\"x\":\"\n\"}",
            &deep(33),
            &deep(200),
            &deep(30_000),
            "\u{feff}{\"messageType\":\"ping\"}",
        ];
        for (n, text) in texts.into_iter().enumerate() {
            raw.text(text).await?;
            let error = raw.message().await?;
            assert_eq!(error["messageType"], "coreError", "{text:.60}: {error}");
            refused(&error, "request.malformed");
            assert_eq!(error["seq"], n + 1, "an error on a link is numbered: {error}");
            works(&mut raw).await?;
        }
        raw.text(&deep(30)).await?;
        assert_eq!(raw.message().await?["messageType"], "pong", "depth 32 is fine");
        Ok(())
    }

    #[tokio::test]
    async fn text_before_connect_gets_a_failure_without_a_number() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut raw = Raw::open(&server.address).await?;
        raw.text("hello").await?;
        let error = raw.message().await?;
        refused(&error, "request.malformed");
        assert!(error.get("seq").is_none(), "{error}");
        raw.text(r#"{"messageType":"connect","requestId":"c"}"#).await?;
        assert_eq!(raw.message().await?["messageType"], "connected");
        Ok(())
    }

    #[tokio::test]
    async fn binary_frames_get_a_failure_and_the_socket_stays() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let (mut raw, _) = Raw::connected(&server.address).await?;
        raw.frame(&Out { opcode: 2, ..Out::text(r#"{"messageType":"ping"}"#) }).await?;
        refused(&raw.message().await?, "request.malformed");
        works(&mut raw).await
    }

    #[tokio::test]
    async fn text_that_is_not_utf_8_harms_nobody() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut witness = Client::bound(&server.address).await?;
        let (mut raw, _) = Raw::connected(&server.address).await?;
        raw.frame(&Out::text(b"{\"messageType\":\"ping\",\"x\":\"\xff\xfe\"}".to_vec())).await?;
        match raw.next(Duration::from_secs(5)).await? {
            Frame::Text(text) => refused(&strict::object(&text)?, "request.malformed"),
            Frame::Close(code) => assert_eq!(code, Some(1007)),
            other => panic!("{other:?}"),
        }
        witness.settle().await
    }

    #[tokio::test]
    async fn numbers_beyond_all_bounds_are_only_text() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let (mut raw, _) = Raw::connected(&server.address).await?;
        raw.text(
            r#"{"messageType":"ping","requestId":"still","x":[1e999,-1e-999,123456789012345678901234567890,0.1e1]}"#,
        )
        .await?;
        assert_eq!(raw.message().await?["messageType"], "pong");
        raw.text(r#"{"messageType":"ack","seq":123456789012345678901234567890}"#).await?;
        invalid(&raw.message().await?, "seq");
        works(&mut raw).await
    }
}

mod framing {
    use super::*;

    #[tokio::test]
    async fn fragments_are_put_together_with_pings_between() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let (mut raw, _) = Raw::connected(&server.address).await?;
        let text = r#"{"messageType":"ping","requestId":"in parts é"}"#.as_bytes();
        for (n, piece) in text.chunks(5).enumerate() {
            let opcode = u8::from(n == 0);
            raw.frame(&Out { opcode, fin: (n + 1) * 5 >= text.len(), masked: true, payload: piece.to_vec() }).await?;
            raw.frame(&Out { opcode: 9, fin: true, masked: true, payload: b"hi".to_vec() }).await?;
        }
        let mut pongs = 0;
        loop {
            match raw.next(Duration::from_secs(5)).await? {
                Frame::Pong(payload) => pongs += u32::from(payload == b"hi"),
                Frame::Text(text) => {
                    assert_eq!(strict::object(&text)?["requestId"], "in parts é");
                    break;
                }
                other => panic!("{other:?}"),
            }
        }
        assert!(pongs > 0);
        works(&mut raw).await
    }

    #[tokio::test]
    async fn a_frame_byte_by_byte_is_a_frame() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let (mut raw, _) = Raw::connected(&server.address).await?;
        for byte in Out::text(r#"{"messageType":"ping","requestId":"slowly"}"#).bytes() {
            raw.write(&[byte]).await?;
        }
        assert_eq!(raw.message().await?["requestId"], "slowly");
        Ok(())
    }

    #[tokio::test]
    async fn broken_rules_close_that_socket_and_the_link_can_be_resumed() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut witness = Client::bound(&server.address).await?;
        let unmasked = Out { masked: false, ..Out::text(r#"{"messageType":"ping"}"#) }.bytes();
        let stray = Out { opcode: 0, ..Out::text("x") }.bytes();
        let long_ping = Out { opcode: 9, ..Out::text("x".repeat(126)) }.bytes();
        let reserved = Out { opcode: 3, ..Out::text("x") }.bytes();
        let compressed = {
            let mut bytes = Out::text("x").bytes();
            bytes[0] |= 0x40;
            bytes
        };
        for broken in [unmasked, stray, long_ping, reserved, compressed] {
            let (mut raw, connected) = Raw::connected(&server.address).await?;
            raw.write(&broken).await?;
            let code = raw.closed(Duration::from_secs(5)).await?;
            assert_eq!(code, Some(1002), "after {:02x?}", &broken[..2]);
            let mut again = Raw::open(&server.address).await?;
            let resume = json!({"messageType": "connect", "requestId": "c", "resume": {"key": connected["resumeKey"], "seq": 0}});
            again.text(&resume.to_string()).await?;
            assert_eq!(again.message().await?["resumed"], true);
        }
        witness.settle().await
    }

    #[tokio::test]
    async fn a_message_of_ten_megabytes_is_refused_and_the_socket_closed() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut witness = Client::bound(&server.address).await?;
        let before = server.memory();
        let (mut raw, connected) = Raw::connected(&server.address).await?;
        let huge = Out::text(format!("{{\"messageType\":\"ping\",\"x\":\"{}\"}}", "x".repeat(10 << 20))).bytes();
        // The server may close before all of it is written.
        let _written = raw.write(&huge).await;
        let error = raw.message().await?;
        refused(&error, "request.toolarge");
        assert_eq!(raw.closed(Duration::from_secs(5)).await?, Some(1009));
        witness.settle().await?;
        assert!(server.memory() < before + (8 << 20), "{} then {}", before, server.memory());
        let mut again = Raw::open(&server.address).await?;
        again
            .text(&json!({"messageType": "connect", "requestId": "c", "resume": {"key": connected["resumeKey"], "seq": 0}}).to_string())
            .await?;
        assert_eq!(again.message().await?["resumed"], true);
        Ok(())
    }

    #[tokio::test]
    async fn a_message_too_large_in_fragments_is_refused_too() -> Result<(), Fault> {
        let server = Server::start(Settings::default().limit("message-bytes", 2_048)).await?;
        let (mut raw, _) = Raw::connected(&server.address).await?;
        for n in 0..4 {
            let piece = Out { opcode: u8::from(n == 0), fin: false, masked: true, payload: vec![b'x'; 1_000] };
            if raw.frame(&piece).await.is_err() {
                break;
            }
        }
        refused(&raw.message().await?, "request.toolarge");
        assert_eq!(raw.closed(Duration::from_secs(5)).await?, Some(1009));
        Ok(())
    }

    #[tokio::test]
    async fn a_message_of_exactly_the_limit_is_read() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let (mut raw, connected) = Raw::connected(&server.address).await?;
        let limit = usize::try_from(connected["limits"]["messageBytes"].as_u64().expect("a limit")).expect("small");
        let frame = r#"{"messageType":"ping","x":""}"#;
        raw.text(&frame.replace("\"\"", &format!("\"{}\"", "x".repeat(limit - frame.len())))).await?;
        assert_eq!(raw.message().await?["messageType"], "pong");
        Ok(())
    }

    #[tokio::test]
    async fn garbage_instead_of_a_handshake_is_answered_or_closed() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let (status, _) = raw::http(&server.address, "BREW /coffee HTCPCP/1.0\r\n\r\n").await?;
        assert!((400..500).contains(&status), "{status}");
        let (status, _) =
            raw::http(&server.address, &format!("GET /v1/ws HTTP/1.1\r\nHost: {}\r\n\r\n", server.address)).await?;
        assert!((400..500).contains(&status), "a request without an upgrade: {status}");
        Client::bound(&server.address).await?.settle().await
    }
}

mod requests {
    use super::*;

    #[tokio::test]
    async fn before_connect_need_a_link() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut raw = Raw::open(&server.address).await?;
        for class in ["coreRequest", "serviceRequest", "resourceRequest"] {
            raw.text(&json!({"messageType": class, "requestId": "early", "command": "getServices"}).to_string())
                .await?;
            let error = raw.message().await?;
            refused(&error, "link.required");
            assert_eq!((&error["requestId"], error.get("seq")), (&json!("early"), None), "{error}");
        }
        raw.text(r#"{"messageType":"connect","requestId":"c"}"#).await?;
        assert_eq!(raw.message().await?["messageType"], "connected");
        Ok(())
    }

    #[tokio::test]
    async fn without_a_class_or_of_an_unknown_one_are_refused() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut client = Client::bound(&server.address).await?;
        for (n, class) in
            ["coffeeRequest", "CoreRequest", "coreResponse", "connected", " ping", ""].into_iter().enumerate()
        {
            let id = format!("odd{n}");
            client.send(&json!({"messageType": class, "requestId": id})).await?;
            let error = client.event("refusal", |event| event["messageType"] == "coreError").await?;
            if class.is_empty() {
                assert!(["messagetype.unknown", "request.invalid"].contains(&code(&error)), "{error}");
            } else {
                refused(&error, "messagetype.unknown");
            }
            assert_eq!(error["requestId"], *id, "{error}");
        }
        for class in [json!(null), json!(7), json!(["ping"])] {
            client.send(&json!({"messageType": class})).await?;
            let error = client.event("refusal", |event| event["messageType"] == "coreError").await?;
            invalid(&error, "messageType");
        }
        client.send(&json!({"requestId": "none"})).await?;
        invalid(&client.event("refusal", |event| event["messageType"] == "coreError").await?, "messageType");
        client.settle().await
    }

    #[tokio::test]
    async fn need_a_request_id_of_one_to_sixty_four_bytes() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let (mut raw, _) = Raw::connected(&server.address).await?;
        for id in [json!(null), json!(5), json!(""), json!("x".repeat(65)), json!("é".repeat(33)), json!({"a": 1})] {
            raw.text(&json!({"messageType": "coreRequest", "requestId": id, "command": "getServices"}).to_string())
                .await?;
            let error = raw.message().await?;
            assert_eq!(error["messageType"], "coreError", "{error}");
            invalid(&error, "requestId");
        }
        raw.text(r#"{"messageType":"coreRequest","command":"getServices"}"#).await?;
        invalid(&raw.message().await?, "requestId");
        let longest = "é".repeat(32);
        raw.text(&json!({"messageType": "coreRequest", "requestId": longest, "command": "getServices"}).to_string())
            .await?;
        assert_eq!(raw.message().await?["requestId"], *longest);
        Ok(())
    }

    #[tokio::test]
    async fn with_a_property_of_the_wrong_type_name_it() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut client = Client::bound(&server.address).await?;
        let service = client.service_id().to_owned();
        let reports = client.reports_id().to_owned();
        let core = |properties: Value| with(json!({"messageType": "coreRequest"}), properties);
        let to_service =
            |properties: Value| with(json!({"messageType": "serviceRequest", "serviceId": service}), properties);
        let to_reports = |properties: Value| {
            with(json!({"messageType": "resourceRequest", "serviceId": service, "resourceId": reports}), properties)
        };
        let prepare = |data: Value| to_service(json!({"request": {"command": "prepareSession", "data": data}}));
        let agent = |agent: Value| prepare(json!({"agent": agent}));
        let cases = [
            (core(json!({})), "command"),
            (core(json!({"command": 5})), "command"),
            (core(json!({"command": null})), "command"),
            (core(json!({"command": "getServices", "serviceType": 5})), "serviceType"),
            (core(json!({"command": "getServices", "serviceType": {}})), "serviceType"),
            (core(json!({"command": "bindService", "serviceId": 5})), "serviceId"),
            (core(json!({"command": "bindResource", "serviceId": service, "resourceId": false})), "resourceId"),
            (to_service(json!({"serviceId": 5, "request": {"command": "getCapabilities"}})), "serviceId"),
            (to_service(json!({"serviceId": null, "request": {"command": "getCapabilities"}})), "serviceId"),
            (to_service(json!({})), "request"),
            (to_service(json!({"request": "getCapabilities"})), "request"),
            (to_service(json!({"request": [1]})), "request"),
            (to_service(json!({"request": {}})), "command"),
            (to_service(json!({"request": {"command": true}})), "command"),
            (to_reports(json!({"resourceId": 1.5, "request": {"command": "x"}})), "resourceId"),
            (to_reports(json!({"request": {"data": {}}})), "command"),
            (to_reports(json!({"request": {"command": "report.teamstatus.begin", "data": "1001"}})), "data"),
            (to_reports(json!({"request": {"command": "report.teamstatus.begin"}})), "data"),
            (to_reports(json!({"request": {"command": "report.calljourney", "data": 7}})), "data"),
            (to_service(json!({"request": {"command": "prepareSession"}})), "data"),
            (prepare(json!("x")), "data"),
            (prepare(json!([])), "data"),
            (prepare(json!({})), "agent"),
            (agent(json!("2002")), "agent"),
            (agent(json!(null)), "agent"),
            (agent(json!({"password": WRONG})), "id"),
            (agent(json!({"id": 2002, "password": WRONG})), "id"),
            (agent(json!({"id": "", "password": WRONG})), "id"),
            (agent(json!({"id": "x".repeat(129), "password": WRONG})), "id"),
            (agent(json!({"id": "a\u{7}b", "password": WRONG})), "id"),
            (agent(json!({"id": "a\u{0}", "password": WRONG})), "id"),
            (agent(json!({"id": AGENT})), "password"),
            (agent(json!({"id": AGENT, "password": null})), "password"),
            (agent(json!({"id": AGENT, "password": 2002})), "password"),
            (agent(json!({"id": AGENT, "password": {"plain": WRONG}})), "password"),
            (prepare(json!({"override": "yes", "agent": {"id": AGENT, "password": AGENT}})), "override"),
            (prepare(json!({"override": 1, "agent": {"id": AGENT, "password": AGENT}})), "override"),
            (prepare(json!({"model": 7, "agent": {"id": AGENT, "password": AGENT}})), "model"),
        ];
        for (request, property) in cases {
            let answer = client.ask(request.clone()).await?;
            let body = if answer["response"].is_object() { &answer["response"] } else { &answer };
            assert_eq!(code(body), "request.invalid", "{request} got {answer}");
            invalid(body, property);
        }
        client.settle().await
    }

    #[tokio::test]
    async fn with_an_agent_s_id_of_a_megabyte_are_too_large() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut client = Client::bound(&server.address).await?;
        client.send(&client.report_request("report.teamstatus.begin", json!({"agentId": "x".repeat(1 << 20)}))).await?;
        refused(&client.event("refusal", |event| event["messageType"] == "coreError").await?, "request.toolarge");
        assert_eq!(client.closed().await?, Some(1009));
        assert_eq!(client.resume().await?, Resumed::Same);
        Ok(())
    }

    #[tokio::test]
    async fn to_connect_with_wrong_properties_are_refused_and_closed() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let cases = [
            (json!({"protocol": "1"}), "protocol"),
            (json!({"client": 5}), "client"),
            (json!({"client": {"id": 5}}), "id"),
            (json!({"client": {"id": "a\u{1}"}}), "id"),
            (json!({"client": {"id": "x".repeat(129)}}), "id"),
            (json!({"client": {"name": []}}), "name"),
            (json!({"resume": true}), "resume"),
            (json!({"resume": {"seq": 1}}), "key"),
            (json!({"resume": {"key": "x"}}), "seq"),
            (json!({"resume": {"key": "x", "seq": "1"}}), "seq"),
            (json!({"resume": {"key": "x", "seq": -1}}), "seq"),
            (json!({"resume": {"key": "x", "seq": 1.5}}), "seq"),
            (json!({"requestId": 5}), "requestId"),
            (json!({"requestId": null}), "requestId"),
            (json!({"requestId": ""}), "requestId"),
        ];
        for (properties, property) in cases {
            let mut raw = Raw::open(&server.address).await?;
            raw.text(&with(json!({"messageType": "connect", "requestId": "c"}), properties.clone()).to_string())
                .await?;
            let error = raw.message().await?;
            assert_eq!(code(&error), "request.invalid", "{properties} got {error}");
            invalid(&error, property);
            assert_eq!(raw.closed(Duration::from_secs(5)).await?, Some(4000), "{properties}");
        }
        Ok(())
    }

    #[tokio::test]
    async fn to_acknowledge_what_is_no_number_are_refused() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut client = Client::bound(&server.address).await?;
        for seq in [json!(null), json!("1"), json!(-1), json!(1.5), json!([1]), json!(u64::MAX)] {
            client.send(&json!({"messageType": "ack", "seq": seq})).await?;
            invalid(&client.event("refusal", |event| event["messageType"] == "coreError").await?, "seq");
        }
        client.send(&json!({"messageType": "ack"})).await?;
        invalid(&client.event("refusal", |event| event["messageType"] == "coreError").await?, "seq");
        client.settle().await
    }

    #[tokio::test]
    async fn that_carry_a_password_where_none_belongs_leave_no_trace_of_it() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut client = Client::bound(&server.address).await?;
        let stray = json!({"password": WRONG, "x": [{"password": WRONG}], "token": WRONG});
        client.core("getServices", stray.clone()).await?;
        client.core("bindService", stray.clone()).await?;
        client.service("getCapabilities", stray.clone()).await?;
        client.service("no.such", stray.clone()).await?;
        client.report("report.teamstatus.begin", stray.clone()).await?;
        client.send(&with(json!({"messageType": "gossip"}), stray)).await?;
        client.settle().await
    }

    fn with(mut message: Value, properties: Value) -> Value {
        merge(&mut message, properties);
        message
    }
}

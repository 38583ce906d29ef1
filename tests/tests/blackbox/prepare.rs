//! prepareSession: who holds an agent's session, who may take it over, and what becomes of it.

use std::time::Duration;

use interaction_tests::client::{Resumed, merge};
use interaction_tests::expect::{invalid, refused, retries, succeeded};
use interaction_tests::world::{self, AGENT, COLLEAGUE, LEAD, STRANGER, WRONG};
use interaction_tests::{Client, Fault, Server, Settings};
use serde_json::{Value, json};

/// Waits for the news that a session is gone, and returns why.
async fn unbound(client: &mut Client, resource: &str) -> Result<Value, Fault> {
    let event = client.event_named("resourceUnbound").await?;
    let data = event["event"]["data"].clone();
    assert_eq!(data["resourceId"], resource, "{event}");
    assert_eq!(data["serviceId"], client.service_id(), "{event}");
    Ok(data)
}

/// Prepares, binds and starts a session; returns its resource.
async fn started(client: &mut Client, agent: &str) -> Result<String, Fault> {
    let session = client.prepared(agent, agent, false).await?;
    client.bind_resource(&session).await?;
    succeeded(&client.object(&session, &session, "session.start", json!({})).await?);
    client.event_named("session.initialized").await?;
    Ok(session)
}

mod confirm {
    use super::*;

    #[tokio::test]
    async fn tells_who_since_when_and_from_where() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut holder = Client::connect_with(&server.address, json!({"client": {"id": "desk-9"}})).await?;
        holder.bind_all().await?;
        holder.prepared(AGENT, AGENT, false).await?;
        let mut other = Client::bound(&server.address).await?;
        let body = other.prepare(AGENT, AGENT, false).await?;
        assert_eq!(body["result"], "confirm", "{body}");
        let details = &body["details"];
        assert_eq!(details["agentId"], AGENT, "{body}");
        assert!(details["client"].to_string().contains("desk-9"), "{body}");
        assert_eq!(details["calls"], 0, "{body}");
        let held_since = details["since"].as_u64().expect("a time");
        assert!(held_since >= holder.connected["time"].as_u64().expect("a time"), "{body}");
        Ok(())
    }

    #[tokio::test]
    async fn changes_nothing() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut holder = Client::bound(&server.address).await?;
        let session = holder.prepared(AGENT, AGENT, false).await?;
        let mut other = Client::bound(&server.address).await?;
        for _ in 0..3 {
            assert_eq!(other.prepare(AGENT, AGENT, false).await?["result"], "confirm");
        }
        holder.bind_resource(&session).await?;
        holder.settle().await?;
        assert_eq!(holder.take_events(), Vec::<Value>::new());
        Ok(())
    }

    #[tokio::test]
    async fn is_asked_on_the_same_link_too() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut client = Client::bound(&server.address).await?;
        client.prepared(AGENT, AGENT, false).await?;
        assert_eq!(client.prepare(AGENT, AGENT, false).await?["result"], "confirm");
        Ok(())
    }

    #[tokio::test]
    async fn is_asked_only_of_who_knows_the_password() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut client = Client::bound(&server.address).await?;
        client.prepared(AGENT, AGENT, false).await?;
        refused(&client.prepare(AGENT, WRONG, false).await?, "credentials.invalid");
        refused(&client.prepare(AGENT, WRONG, true).await?, "credentials.invalid");
        Ok(())
    }
}

mod override_ {
    use super::*;

    #[tokio::test]
    async fn tells_the_old_client_that_it_is_superseded() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut old = Client::bound(&server.address).await?;
        let session = started(&mut old, AGENT).await?;
        let mut new = Client::connect_with(&server.address, json!({"client": {"id": "desk-new"}})).await?;
        new.bind_all().await?;
        let fresh = new.prepared(AGENT, AGENT, true).await?;
        assert_ne!(fresh, session);
        let data = unbound(&mut old, &session).await?;
        assert_eq!(data["reason"], "superseded", "{data}");
        assert!(data["client"].to_string().contains("desk-new") && data["at"].is_u64(), "{data}");
        let refusal = old.object(&session, &session, "session.request.logout", json!({})).await?;
        refused(&refusal, "resource.unknown");
        new.bind_resource(&fresh).await
    }

    #[tokio::test]
    async fn tells_a_client_that_never_bound() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut old = Client::bound(&server.address).await?;
        let session = old.prepared(AGENT, AGENT, false).await?;
        let mut new = Client::bound(&server.address).await?;
        new.prepared(AGENT, AGENT, true).await?;
        assert_eq!(unbound(&mut old, &session).await?["reason"], "superseded");
        Ok(())
    }

    #[tokio::test]
    async fn without_a_session_is_an_ordinary_prepare() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut client = Client::bound(&server.address).await?;
        client.prepared(AGENT, AGENT, true).await?;
        client.settle().await?;
        assert_eq!(client.take_events(), Vec::<Value>::new());
        Ok(())
    }

    #[tokio::test]
    async fn takes_the_state_over() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut old = Client::bound(&server.address).await?;
        started(&mut old, AGENT).await?;
        let mut new = Client::bound(&server.address).await?;
        new.watch(AGENT, 1).await?;
        new.settle().await?;
        new.take_events();
        let session = new.prepared(AGENT, AGENT, true).await?;
        new.bind_resource(&session).await?;
        succeeded(&new.object(&session, &session, "session.start", json!({})).await?);
        new.event("initialized or a change", |event| event["event"]["name"] == "session.initialized").await?;
        new.settle().await?;
        let told = new.take_events();
        assert!(
            told.iter().all(|event| event["event"]["data"].get("team").is_none()),
            "nobody was logged out: {told:?}"
        );
        Ok(())
    }
}

mod races {
    use super::*;

    /// As many passwords of one agent from one address are checked at a time as may be wrong before it is locked out.
    const AT_ONCE: usize = 5;

    #[tokio::test]
    async fn have_one_winner() -> Result<(), Fault> {
        let slow = world::scripted_with("command_latency_ms = 20", &[]);
        let server = Server::start(Settings::world(slow)).await?;
        let mut clients = Vec::new();
        for _ in 0..AT_ONCE {
            clients.push(Client::bound(&server.address).await?);
        }
        for agent in [AGENT, COLLEAGUE, LEAD, STRANGER] {
            let mut ids = Vec::new();
            for client in &mut clients {
                let data = json!({"agent": {"id": agent, "password": agent}});
                ids.push(client.request(client.service_request("prepareSession", data)).await?);
            }
            let mut results = Vec::new();
            for (client, id) in clients.iter_mut().zip(ids) {
                results.push(client.answer(&id).await?["response"]["result"].as_str().unwrap_or_default().to_owned());
            }
            results.sort();
            let expected: Vec<&str> = std::iter::repeat_n("confirm", AT_ONCE - 1).chain(["success"]).collect();
            assert_eq!(results, expected, "{agent}");
        }
        Ok(())
    }

    #[tokio::test]
    async fn on_one_link_have_one_winner() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut client = Client::bound(&server.address).await?;
        let mut ids = Vec::new();
        for _ in 0..5 {
            let data = json!({"agent": {"id": AGENT, "password": AGENT}});
            ids.push(client.request(client.service_request("prepareSession", data)).await?);
        }
        let mut won = 0;
        for id in ids {
            won += u32::from(client.answer(&id).await?["response"]["result"] == "success");
        }
        assert_eq!(won, 1);
        Ok(())
    }

    #[tokio::test]
    async fn of_overrides_all_succeed_and_all_but_the_last_are_superseded() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut clients = Vec::new();
        let mut ids = Vec::new();
        for _ in 0..AT_ONCE {
            clients.push(Client::bound(&server.address).await?);
        }
        for client in &mut clients {
            let data = json!({"override": true, "agent": {"id": AGENT, "password": AGENT}});
            ids.push(client.request(client.service_request("prepareSession", data)).await?);
        }
        let mut superseded = 0;
        for (client, id) in clients.iter_mut().zip(ids) {
            succeeded(&client.answer(&id).await?["response"]);
        }
        for client in &mut clients {
            client.settle().await?;
            let events = client.take_events();
            superseded += events.iter().filter(|event| event["event"]["data"]["reason"] == "superseded").count();
        }
        assert_eq!(superseded, AT_ONCE - 1);
        Ok(())
    }
}

mod refusals {
    use super::*;

    #[tokio::test]
    async fn of_a_wrong_password_and_of_nobody_are_alike() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut client = Client::bound(&server.address).await?;
        let wrong = client.prepare(AGENT, WRONG, false).await?;
        let nobody = client.prepare("nobody", WRONG, false).await?;
        refused(&wrong, "credentials.invalid");
        assert_eq!(wrong["failure"], nobody["failure"], "who exists is not told");
        Ok(())
    }

    #[tokio::test]
    async fn of_an_unknown_model_come_before_the_password_is_looked_at() -> Result<(), Fault> {
        let server =
            Server::start(Settings::default().more("[processor]\nmodels = [\"voice\", \"blended\"]\n")).await?;
        let mut client = Client::bound(&server.address).await?;
        let data = |model: Value| json!({"model": model, "override": true, "agent": {"id": AGENT, "password": AGENT}});
        for model in [json!("voice"), json!("blended"), json!(""), json!("   ")] {
            succeeded(&client.service("prepareSession", data(model)).await?);
        }
        refused(&client.service("prepareSession", data(json!("telepathy"))).await?, "model.unknown");
        let both = json!({"model": "telepathy", "agent": {"id": AGENT, "password": WRONG}});
        refused(&client.service("prepareSession", both).await?, "model.unknown");
        Ok(())
    }

    #[tokio::test]
    async fn lock_after_five_wrong_passwords_that_agent_from_that_address() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut client = Client::bound(&server.address).await?;
        for _ in 0..5 {
            refused(&client.prepare(AGENT, WRONG, false).await?, "credentials.invalid");
        }
        for password in [WRONG, AGENT] {
            let locked = client.prepare(AGENT, password, false).await?;
            refused(&locked, "credentials.locked");
            let wait = locked["failure"]["retryAfterMs"].as_u64().unwrap_or(0);
            assert!((50_000..=60_000).contains(&wait), "{locked}");
        }
        let mut elsewhere = Client::bound(&server.address).await?;
        refused(&elsewhere.prepare(AGENT, AGENT, false).await?, "credentials.locked");
        elsewhere.prepared(COLLEAGUE, COLLEAGUE, false).await.map(drop)
    }

    #[tokio::test]
    async fn of_many_guesses_at_once_are_no_way_around_the_lock_out() -> Result<(), Fault> {
        let slow = world::scripted_with("command_latency_ms = 100", &[]);
        let server = Server::start(Settings::world(slow)).await?;
        let mut client = Client::bound(&server.address).await?;
        let mut ids = Vec::new();
        for _ in 0..40 {
            let data = json!({"agent": {"id": AGENT, "password": WRONG}});
            ids.push(client.request(client.service_request("prepareSession", data)).await?);
        }
        let mut looked_at = 0;
        for id in ids {
            let answer = client.answer(&id).await?;
            looked_at += u32::from(interaction_tests::expect::code(&answer["response"]) == "credentials.invalid");
        }
        assert_eq!(looked_at, 5);
        refused(&client.prepare(AGENT, AGENT, false).await?, "credentials.locked");
        Ok(())
    }

    #[tokio::test]
    async fn of_fifty_wrong_passwords_from_one_address_hold_for_all_agents() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut client = Client::bound(&server.address).await?;
        for n in 0..50 {
            refused(&client.prepare(&format!("guess-{n}"), WRONG, false).await?, "credentials.invalid");
        }
        let limited = client.prepare(AGENT, AGENT, false).await?;
        refused(&limited, "rate.limited");
        retries(&limited);
        Ok(())
    }
}

mod life {
    use super::*;

    #[tokio::test]
    async fn of_a_session_nobody_starts_ends_released() -> Result<(), Fault> {
        let server = Server::start(Settings::default().limit("prepared-ms", 500)).await?;
        let mut client = Client::bound(&server.address).await?;
        let session = client.prepared(AGENT, AGENT, false).await?;
        assert_eq!(unbound(&mut client, &session).await?["reason"], "released");
        let ids = json!({"serviceId": client.service_id(), "resourceId": session});
        refused(&client.core("bindResource", ids).await?, "resource.unknown");
        client.prepared(AGENT, AGENT, false).await.map(drop)
    }

    #[tokio::test]
    async fn starts_with_the_answer_and_is_initialized_last() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut client = Client::bound(&server.address).await?;
        let session = client.prepared(AGENT, AGENT, false).await?;
        client.bind_resource(&session).await?;
        let request = json!({"messageType": "resourceRequest", "serviceId": client.service_id(), "resourceId": session,
            "request": {"command": "session.start", "target": session, "data": {}}});
        let answer = client.ask(request).await?;
        let body = &answer["response"];
        succeeded(body);
        assert_eq!(body["target"], *session, "{body}");
        assert!(body.get("data").is_none(), "{body}");
        client.event_named("session.initialized").await?;
        client.settle().await?;
        // The platform may tell the agent's state a moment after the login: that is a change, and no part of the beginning.
        let begins = |event: &Value| {
            let name = event["event"]["name"].as_str().unwrap_or_default();
            name.ends_with(".created") || name.ends_with(".initialized")
        };
        let after: Vec<Value> =
            client.take_events().into_iter().filter(|event| event["resourceId"] == *session && begins(event)).collect();
        assert_eq!(after, Vec::<Value>::new(), "session.initialized is last");
        let objects = client.mirror.session(&session).expect("objects");
        let told = objects.object(&session).expect("the session");
        assert_eq!((told.state.as_deref(), told.initialized), (Some("INITIALIZED"), true));
        assert_eq!(told.actions.get("session.logout"), Some(&true), "{told:?}");
        Ok(())
    }

    #[tokio::test]
    async fn does_not_start_twice_in_a_binding_and_starts_again_in_the_next() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut client = Client::bound(&server.address).await?;
        let session = started(&mut client, AGENT).await?;
        refused(&client.object(&session, &session, "session.start", json!({})).await?, "session.alreadystarted");
        let ids = json!({"serviceId": client.service_id(), "resourceId": session});
        client.core_success("unbindResource", ids).await?;
        client.bind_resource(&session).await?;
        refused(&client.object(&session, &session, "session.request.logout", json!({})).await?, "session.notstarted");
        succeeded(&client.object(&session, &session, "session.start", json!({})).await?);
        client.event_named("session.initialized").await.map(drop)
    }

    #[tokio::test]
    async fn logs_the_agent_in_and_out() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut client = Client::bound(&server.address).await?;
        client.watch(AGENT, 1).await?;
        let state =
            |client: &Client| client.roster(AGENT).expect("a roster").teams["1"].members[AGENT]["state"].clone();
        let session = started(&mut client, AGENT).await?;
        client.settle().await?;
        assert_eq!(state(&client), "notready");
        let out =
            client.object(&session, &session, "session.request.logout", json!({"reason": {"code": "11"}})).await?;
        succeeded(&out);
        assert_eq!(out["command"], "session.request.logout", "the spelling sent is echoed: {out}");
        assert!(out.get("data").is_none(), "{out}");
        client.read_for(Duration::from_millis(300)).await?;
        assert_eq!(state(&client), "loggedout");
        let events = client.take_events();
        assert!(
            events.iter().all(|event| event["event"]["name"] != "resourceUnbound"),
            "told by the answer: {events:?}"
        );
        let gone = client.object(&session, &session, "session.start", json!({})).await?;
        refused(&gone, "resource.unknown");
        started(&mut client, AGENT).await.map(drop)
    }

    #[tokio::test]
    async fn is_adopted_where_the_agent_is_logged_in_already() -> Result<(), Fault> {
        let ready = world::state(AGENT, "Ready", "");
        let server = Server::start(Settings::world(world::scripted(&[(50, &ready)]))).await?;
        let mut client = Client::bound(&server.address).await?;
        tokio::time::sleep(Duration::from_millis(300)).await;
        client.watch(AGENT, 1).await?;
        started(&mut client, AGENT).await?;
        client.settle().await?;
        assert_eq!(client.roster(AGENT).expect("a roster").teams["1"].members[AGENT]["state"], "ready");
        Ok(())
    }

    #[tokio::test]
    async fn needs_a_reason_to_log_out_where_the_platform_wants_one() -> Result<(), Fault> {
        let server = Server::start(Settings::world(world::scripted_with("logout_reason_required = true", &[]))).await?;
        let mut client = Client::bound(&server.address).await?;
        assert_eq!(client.service("getCapabilities", json!({})).await?["data"]["logout-reason-required"], true);
        let session = started(&mut client, AGENT).await?;
        let out = client.object(&session, &session, "session.request.logout", json!({})).await?;
        refused(&out, "logout.reason.required");
        let reason = json!({"reason": {"code": "11", "name": "End of Shift"}});
        succeeded(&client.object(&session, &session, "session.request.logout", reason).await?);
        Ok(())
    }

    #[tokio::test]
    async fn goes_on_across_a_lost_socket() -> Result<(), Fault> {
        let server = Server::start(Settings::default().limit("grace-ms", 5_000)).await?;
        let mut client = Client::bound(&server.address).await?;
        let session = started(&mut client, AGENT).await?;
        for _ in 0..3 {
            client.lose_abruptly();
            tokio::time::sleep(Duration::from_millis(200)).await;
            assert_eq!(client.resume().await?, Resumed::Same);
        }
        let mut other = Client::bound(&server.address).await?;
        assert_eq!(other.prepare(AGENT, AGENT, false).await?["result"], "confirm");
        succeeded(&client.object(&session, &session, "session.request.logout", json!({})).await?);
        Ok(())
    }

    #[tokio::test]
    async fn waits_the_grace_time_for_a_lost_client_and_no_longer() -> Result<(), Fault> {
        let server = Server::start(Settings::default().limit("grace-ms", 700)).await?;
        let mut client = Client::bound(&server.address).await?;
        started(&mut client, AGENT).await?;
        client.send(&json!({"messageType": "disconnect"})).await?;
        client.closed().await?;
        let mut other = Client::bound(&server.address).await?;
        assert_eq!(other.prepare(AGENT, AGENT, false).await?["result"], "confirm", "within the grace time");
        other.read_for(Duration::from_millis(1500)).await?;
        other.prepared(AGENT, AGENT, false).await.map(drop)
    }

    #[tokio::test]
    async fn passes_to_the_fresh_link_after_a_gap() -> Result<(), Fault> {
        let server = Server::start(Settings::default().limit("replay-bytes", 8_192)).await?;
        let mut client = Client::bound(&server.address).await?;
        client.acknowledge_every = 0;
        let session = started(&mut client, AGENT).await?;
        let seq = client.ledger.last();
        for _ in 0..40 {
            client.core_success("getServices", json!({})).await?;
        }
        client.lose_gracefully().await?;
        assert_eq!(client.resume_from(seq).await?, Resumed::Fresh("gap".into()));
        client.bind_all().await?;
        client.bind_resource(&session).await?;
        succeeded(&client.object(&session, &session, "session.start", json!({})).await?);
        client.event_named("session.initialized").await.map(drop)
    }

    #[tokio::test]
    async fn a_late_answer_of_the_platform_creates_nothing() -> Result<(), Fault> {
        let slow = world::scripted_with("command_latency_ms = 900", &[]);
        let server = Server::start(Settings::world(slow).limit("request-ms", 300)).await?;
        let mut client = Client::bound(&server.address).await?;
        refused(&client.prepare(AGENT, AGENT, false).await?, "request.deadline");
        client.read_for(Duration::from_millis(1200)).await?;
        assert_eq!(client.take_events(), Vec::<Value>::new());
        Ok(())
    }
}

mod access {
    use super::*;

    #[tokio::test]
    async fn to_a_session_is_its_link_s_alone() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut holder = Client::bound(&server.address).await?;
        let session = holder.prepared(AGENT, AGENT, false).await?;
        let mut other = Client::bound(&server.address).await?;
        let ids = json!({"serviceId": other.service_id(), "resourceId": session});
        refused(&other.core("bindResource", ids.clone()).await?, "access.denied");
        let answer = other.object(&session, &session, "session.start", json!({})).await?;
        assert!(["binding.required", "access.denied"].contains(&interaction_tests::expect::code(&answer)), "{answer}");
        holder.core_success("bindResource", ids).await.map(drop)
    }

    #[tokio::test]
    async fn to_a_session_s_objects_needs_the_start() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut client = Client::bound(&server.address).await?;
        let session = client.prepared(AGENT, AGENT, false).await?;
        client.bind_resource(&session).await?;
        refused(&client.object(&session, &session, "session.request.logout", json!({})).await?, "session.notstarted");
        Ok(())
    }

    #[tokio::test]
    async fn names_the_property_that_is_wrong() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut client = Client::bound(&server.address).await?;
        let session = client.prepared(AGENT, AGENT, false).await?;
        client.bind_resource(&session).await?;
        for (data, property) in [
            (json!("x"), "data"),
            (json!({"extension": 42_002}), "extension"),
            (json!({"extension": ""}), "extension"),
            (json!({"extension": "4\u{0}"}), "extension"),
        ] {
            invalid(&client.object(&session, &session, "session.start", data).await?, property);
        }
        succeeded(&client.object(&session, &session, "session.start", json!({})).await?);
        client.event_named("session.initialized").await?;
        for (data, property) in [
            (json!([]), "data"),
            (json!({"reason": "11"}), "reason"),
            (json!({"reason": {"code": 11}}), "code"),
            (json!({"reason": {"code": ""}}), "code"),
        ] {
            invalid(&client.object(&session, &session, "session.request.logout", data).await?, property);
        }
        refused(&client.object(&session, &session, "session.request.sing", json!({})).await?, "command.unsupported");
        succeeded(&client.object(&session, &session, "session.request.logout", json!({})).await?);
        Ok(())
    }

    #[tokio::test]
    async fn names_the_target_that_is_wrong() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut client = Client::bound(&server.address).await?;
        let session = client.prepared(AGENT, AGENT, false).await?;
        client.bind_resource(&session).await?;
        refused(&client.object(&session, "another", "session.start", json!({})).await?, "target.unknown");
        refused(&client.object(&session, "a b..c", "session.start", json!({})).await?, "target.invalid");
        let mut without =
            json!({"messageType": "resourceRequest", "serviceId": client.service_id(), "resourceId": session});
        merge(&mut without, json!({"request": {"command": "session.start", "data": {}}}));
        let answer = client.ask(without).await?;
        invalid(&answer["response"], "target");
        Ok(())
    }
}

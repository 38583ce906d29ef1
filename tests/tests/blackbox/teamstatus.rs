//! Team status: snapshot and events together are the roster, at every moment and across every loss. The mirror of the test
//! client notices by itself what cannot happen, and whether a second snapshot differs from the first and its events.

use std::time::Duration;

use interaction_tests::client::Resumed;
use interaction_tests::expect::{invalid, refused, succeeded};
use interaction_tests::random::Random;
use interaction_tests::world::{self, AGENT, COLLEAGUE, LEAD, STRANGER, SUPERVISOR};
use interaction_tests::{Client, Fault, Server, Settings};
use serde_json::{Value, json};

/// Sent and received in a busy world until the mirror was compared with so many fresh snapshots.
async fn compare_with_snapshots(client: &mut Client, agent: &str, times: u32, pause: Duration) -> Result<(), Fault> {
    for _ in 0..times {
        client.read_for(pause).await?;
        let teams = client.roster(agent).map_or(0, |roster| roster.teams.len());
        client.watch(agent, teams.min(1)).await?;
    }
    client.settle().await
}

fn status_changes(events: &[Value]) -> Vec<&Value> {
    events.iter().filter(|event| event["event"]["name"] == "report.teamstatus.memberstatuschanged").collect()
}

mod snapshot {
    use super::*;

    #[tokio::test]
    async fn tells_each_team_of_a_supervisor_with_every_member() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut client = Client::bound(&server.address).await?;
        client.watch(SUPERVISOR, 1).await?;
        client.settle().await?;
        let roster = client.roster(SUPERVISOR).expect("a roster");
        let team = &roster.teams["1"];
        assert_eq!((roster.teams.len(), team.name.as_str(), team.members.len()), (1, "Sales", 11));
        assert_eq!(team.members[SUPERVISOR]["memberType"], "Supervisor");
        assert_eq!(team.members[LEAD]["memberType"], "TeamLead");
        assert_eq!(team.members[AGENT]["memberType"], "Agent");
        assert!(team.members.values().all(|member| member["state"] == "loggedout" && member["status"] == "not_ready"));
        Ok(())
    }

    #[tokio::test]
    async fn is_the_same_for_an_agent_and_holds_the_agent_itself() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut client = Client::bound(&server.address).await?;
        client.watch(AGENT, 1).await?;
        client.watch(SUPERVISOR, 1).await?;
        client.settle().await?;
        assert!(client.roster(AGENT).expect("a roster").teams["1"].members.contains_key(AGENT));
        assert_eq!(client.roster(AGENT), client.roster(SUPERVISOR));
        Ok(())
    }

    #[tokio::test]
    async fn comes_after_the_answer() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut client = Client::bound(&server.address).await?;
        let answer =
            client.ask(client.report_request("report.teamstatus.begin", json!({"agentId": SUPERVISOR}))).await?;
        let added = client.event_named("report.teamstatus.teamadded").await?;
        assert_eq!(added["seq"].as_u64(), answer["seq"].as_u64().map(|seq| seq + 1), "{added}");
        Ok(())
    }

    #[tokio::test]
    async fn of_an_agent_without_teams_is_empty() -> Result<(), Fault> {
        let hire = "act = \"agent_added\"\nagent = \"9001\"\nname = \"New Hire\"";
        let server = Server::start(Settings::world(world::scripted(&[(50, hire)]))).await?;
        let mut client = Client::bound(&server.address).await?;
        tokio::time::sleep(Duration::from_millis(300)).await;
        succeeded(&client.report("report.teamstatus.begin", json!({"agentId": "9001"})).await?);
        client.settle().await?;
        assert_eq!(client.take_events(), Vec::<Value>::new());
        succeeded(&client.report("report.teamstatus.end", json!({"agentId": "9001"})).await?);
        Ok(())
    }

    #[tokio::test]
    async fn again_doubles_nothing() -> Result<(), Fault> {
        let change = world::state(AGENT, "NotReady", "1");
        let server = Server::start(Settings::world(world::scripted(&[(1500, &change)]))).await?;
        let mut client = Client::bound(&server.address).await?;
        for _ in 0..3 {
            client.watch(SUPERVISOR, 1).await?;
        }
        client.read_for(Duration::from_millis(2500)).await?;
        let events = client.take_events();
        assert_eq!(status_changes(&events).len(), 1, "{events:?}");
        Ok(())
    }
}

mod differences {
    use super::*;

    #[tokio::test]
    async fn reach_two_subscriptions_of_one_link_in_order_of_the_agents() -> Result<(), Fault> {
        let change = world::state(COLLEAGUE, "NotReady", "1");
        let server = Server::start(Settings::world(world::scripted(&[(1500, &change)]))).await?;
        let mut client = Client::bound(&server.address).await?;
        for agent in [AGENT, SUPERVISOR, LEAD] {
            client.watch(agent, 1).await?;
        }
        client.take_events();
        client.read_for(Duration::from_millis(2500)).await?;
        let events = client.take_events();
        let told: Vec<_> =
            status_changes(&events).iter().filter_map(|event| event["event"]["data"]["agentId"].as_str()).collect();
        assert_eq!(told, [SUPERVISOR, LEAD, AGENT], "{events:?}");
        let teams: Vec<&Value> = status_changes(&events).iter().map(|event| &event["event"]["data"]["team"]).collect();
        assert!(teams.iter().all(|team| *team == teams[0]), "{events:?}");
        Ok(())
    }

    #[tokio::test]
    async fn reach_only_who_watches_that_team() -> Result<(), Fault> {
        let change = world::state(STRANGER, "NotReady", "1");
        let server = Server::start(Settings::world(world::scripted(&[(1200, &change)]))).await?;
        let mut of_team_one = Client::bound(&server.address).await?;
        let mut of_team_two = Client::bound(&server.address).await?;
        of_team_one.watch(SUPERVISOR, 1).await?;
        of_team_two.watch(STRANGER, 1).await?;
        of_team_two.event_named("report.teamstatus.memberstatuschanged").await?;
        of_team_one.settle().await?;
        assert_eq!(status_changes(&of_team_one.take_events()).len(), 0);
        Ok(())
    }

    #[tokio::test]
    async fn of_members_who_join_a_watched_team_reach_them_as_a_whole_team() -> Result<(), Fault> {
        let join = format!("act = \"team_changed\"\nteam = 1\nadded = [{{ agent = \"{STRANGER}\" }}]");
        let leave = format!("act = \"team_changed\"\nteam = 2\nremoved = [{{ agent = \"{STRANGER}\" }}]");
        let server = Server::start(Settings::world(world::scripted(&[(1500, &join), (1700, &leave)]))).await?;
        let mut client = Client::bound(&server.address).await?;
        client.watch(SUPERVISOR, 1).await?;
        client.watch(STRANGER, 1).await?;
        client.settle().await?;
        client.take_events();
        client.read_for(Duration::from_millis(2500)).await?;
        let events = client.take_events();
        let told: Vec<(&str, &str)> = events
            .iter()
            .map(|event| {
                (
                    event["event"]["name"].as_str().unwrap_or(""),
                    event["event"]["data"]["agentId"].as_str().unwrap_or(""),
                )
            })
            .collect();
        let expected = [
            ("report.teamstatus.teamadded", STRANGER),
            ("report.teamstatus.memberadded", SUPERVISOR),
            ("report.teamstatus.teamremoved", STRANGER),
        ];
        assert_eq!(told, expected, "{events:?}");
        assert_eq!(client.roster(STRANGER), client.roster(SUPERVISOR));
        Ok(())
    }

    #[tokio::test]
    async fn of_a_changed_name_are_a_removal_and_an_addition() -> Result<(), Fault> {
        let rename = format!("act = \"agent_renamed\"\nagent = \"{AGENT}\"\nname = \"Ada Newname\"");
        let server = Server::start(Settings::world(world::scripted(&[(1200, &rename)]))).await?;
        let mut client = Client::bound(&server.address).await?;
        client.watch(SUPERVISOR, 1).await?;
        client.take_events();
        client.event_named("report.teamstatus.memberremoved").await?;
        client.event_named("report.teamstatus.memberadded").await?;
        let roster = client.roster(SUPERVISOR).expect("a roster");
        assert_eq!(roster.teams["1"].members[AGENT]["memberName"], "Ada Newname");
        Ok(())
    }

    #[tokio::test]
    async fn of_an_agent_who_vanishes_take_the_teams_and_leave_the_subscription() -> Result<(), Fault> {
        let gone = format!("act = \"agent_removed\"\nagent = \"{AGENT}\"");
        let server = Server::start(Settings::world(world::scripted(&[(1200, &gone)]))).await?;
        let mut client = Client::bound(&server.address).await?;
        client.watch(AGENT, 1).await?;
        client.event_named("report.teamstatus.teamremoved").await?;
        client.settle().await?;
        assert_eq!(client.roster(AGENT).map(|roster| roster.teams.len()), Some(0));
        assert!(client.take_events().iter().all(|event| event["event"]["name"] != "subscriptionEnded"));
        succeeded(&client.report("report.teamstatus.end", json!({"agentId": AGENT})).await?);
        Ok(())
    }
}

mod end {
    use super::*;

    #[tokio::test]
    async fn is_followed_by_nothing() -> Result<(), Fault> {
        let server = Server::start(Settings::world(world::busy(40))).await?;
        let mut client = Client::bound(&server.address).await?;
        for agent in [SUPERVISOR, AGENT] {
            client.watch(agent, 1).await?;
        }
        client.read_for(Duration::from_millis(500)).await?;
        for agent in [SUPERVISOR, AGENT] {
            succeeded(&client.report("report.teamstatus.end", json!({"agentId": agent})).await?);
        }
        client.take_events();
        client.read_for(Duration::from_millis(1500)).await?;
        assert_eq!(client.take_events(), Vec::<Value>::new());
        Ok(())
    }

    #[tokio::test]
    async fn without_a_begin_succeeds() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut client = Client::bound(&server.address).await?;
        for agent in [SUPERVISOR, "nobody-at-all"] {
            succeeded(&client.report("report.teamstatus.end", json!({"agentId": agent})).await?);
        }
        Ok(())
    }

    #[tokio::test]
    async fn of_one_of_two_leaves_the_other() -> Result<(), Fault> {
        let change = world::state(COLLEAGUE, "NotReady", "1");
        let server = Server::start(Settings::world(world::scripted(&[(1200, &change)]))).await?;
        let mut client = Client::bound(&server.address).await?;
        client.watch(SUPERVISOR, 1).await?;
        client.watch(AGENT, 1).await?;
        succeeded(&client.report("report.teamstatus.end", json!({"agentId": AGENT})).await?);
        let event = client.event_named("report.teamstatus.memberstatuschanged").await?;
        assert_eq!(event["event"]["data"]["agentId"], SUPERVISOR, "{event}");
        client.read_for(Duration::from_millis(200)).await
    }

    #[tokio::test]
    async fn comes_with_the_binding_s_end() -> Result<(), Fault> {
        let server = Server::start(Settings::world(world::busy(40))).await?;
        let mut client = Client::bound(&server.address).await?;
        client.watch(SUPERVISOR, 1).await?;
        let ids = json!({"serviceId": client.service_id(), "resourceId": client.reports_id()});
        client.core_success("unbindResource", ids.clone()).await?;
        client.core_success("bindResource", ids).await?;
        client.take_events();
        client.read_for(Duration::from_secs(1)).await?;
        assert_eq!(client.take_events(), Vec::<Value>::new(), "a subscription does not survive its binding");
        Ok(())
    }
}

mod refusals {
    use super::*;

    #[tokio::test]
    async fn name_what_is_wrong() -> Result<(), Fault> {
        let server = Server::silent().await?;
        let mut client = Client::bound(&server.address).await?;
        refused(&client.report("report.teamstatus.begin", json!({"agentId": "nobody"})).await?, "agent.unknown");
        for command in ["report.teamstatus.begin", "report.teamstatus.end"] {
            for wrong in
                [json!(null), json!(1001), json!(""), json!(["1001"]), json!("a\u{0}b"), json!("x".repeat(129))]
            {
                invalid(&client.report(command, json!({"agentId": wrong})).await?, "agentId");
            }
            invalid(&client.report(command, json!({})).await?, "agentId");
            invalid(&client.report(command, json!([])).await?, "data");
        }
        Ok(())
    }

    #[tokio::test]
    async fn of_too_many_subscriptions_leave_those_there_are() -> Result<(), Fault> {
        let server = Server::start(Settings::default().limit("subscriptions-max", 3)).await?;
        let mut client = Client::bound(&server.address).await?;
        for agent in ["2001", "2002", "2003"] {
            client.watch(agent, 1).await?;
        }
        refused(&client.report("report.teamstatus.begin", json!({"agentId": "2004"})).await?, "rate.limited");
        client.watch("2003", 1).await?;
        succeeded(&client.report("report.teamstatus.end", json!({"agentId": "2001"})).await?);
        client.watch("2004", 1).await
    }

    #[tokio::test]
    async fn of_a_snapshot_above_the_bounds_is_too_large() -> Result<(), Fault> {
        let one_team = world::scripted_with("[people]\nagents = 200\n[teams]\ncount = 1", &[]);
        let server = Server::start(Settings::world(one_team).limit("pending-bytes", 16_384)).await?;
        let mut client = Client::bound(&server.address).await?;
        refused(&client.report("report.teamstatus.begin", json!({"agentId": SUPERVISOR})).await?, "request.toolarge");
        client.settle().await?;
        assert_eq!(client.take_events(), Vec::<Value>::new());
        Ok(())
    }
}

mod at_work {
    use super::*;

    #[tokio::test]
    async fn the_small_world_stays_right() -> Result<(), Fault> {
        let server = Server::start(Settings::named("small", 20)).await?;
        let mut client = Client::bound(&server.address).await?;
        client.watch(SUPERVISOR, 1).await?;
        compare_with_snapshots(&mut client, SUPERVISOR, 8, Duration::from_millis(500)).await?;
        assert!(client.ledger.last() > 30, "next to nothing happened: {}", client.ledger.last());
        Ok(())
    }

    #[tokio::test]
    async fn a_hurried_world_stays_right() -> Result<(), Fault> {
        let server = Server::start(Settings::world(world::busy(200))).await?;
        let mut client = Client::bound(&server.address).await?;
        let agents = [SUPERVISOR, "1002", AGENT, STRANGER];
        for agent in agents {
            client.watch(agent, 1).await?;
        }
        for agent in agents {
            compare_with_snapshots(&mut client, agent, 3, Duration::from_millis(250)).await?;
        }
        assert!(client.ledger.last() > 300, "next to nothing happened: {}", client.ledger.last());
        Ok(())
    }

    #[tokio::test]
    async fn a_minute_of_traffic_across_lost_sockets_stays_right() -> Result<(), Fault> {
        let server = Server::start(Settings::world(world::busy(60))).await?;
        for seed in [1, 2, 3] {
            lose_sockets(&server, seed, 25).await.map_err(|mut fault| {
                fault.what = format!("seed {seed}: {}", fault.what);
                fault
            })?;
        }
        Ok(())
    }

    async fn lose_sockets(server: &Server, seed: u64, losses: u32) -> Result<(), Fault> {
        let mut random = Random(seed);
        let mut client = Client::bound(&server.address).await?;
        client.acknowledge_every = 1 + random.below(40);
        for agent in [SUPERVISOR, AGENT] {
            client.watch(agent, 1).await?;
        }
        for _ in 0..losses {
            client.read_for(Duration::from_millis(random.below(60))).await?;
            if random.below(4) == 0 {
                client.request(client.report_request("report.teamstatus.begin", json!({"agentId": AGENT}))).await?;
            }
            if random.below(2) == 0 {
                client.lose_abruptly();
            } else {
                client.lose_gracefully().await?;
            }
            tokio::time::sleep(Duration::from_millis(random.below(50))).await;
            assert_eq!(client.resume().await?, Resumed::Same, "seed {seed}");
        }
        client.watch(SUPERVISOR, 1).await?;
        client.watch(AGENT, 1).await?;
        client.settle().await?;
        client.all_answered()
    }

    #[tokio::test]
    async fn many_watchers_see_the_same() -> Result<(), Fault> {
        let server = Server::start(Settings::world(world::busy(60))).await?;
        let mut watchers = Vec::new();
        for n in 0..20_u64 {
            let address = server.address.clone();
            watchers.push(tokio::spawn(async move {
                let mut client = Client::bound(&address).await?;
                client.watch(SUPERVISOR, 1).await?;
                compare_with_snapshots(&mut client, SUPERVISOR, 4, Duration::from_millis(200 + 13 * n)).await
            }));
        }
        for watcher in watchers {
            watcher.await.expect("no panic")?;
        }
        Ok(())
    }
}

mod outage {
    use super::*;

    #[tokio::test]
    async fn keeps_the_subscription_and_tells_the_status() -> Result<(), Fault> {
        let before = world::state(AGENT, "NotReady", "1");
        let during = world::state(COLLEAGUE, "NotReady", "2");
        let outage = "act = \"outage\"\nfor_ms = 1000";
        let script = world::scripted(&[(800, &before), (1500, outage), (1900, &during)]);
        let server = Server::start(Settings::world(script)).await?;
        let mut client = Client::bound(&server.address).await?;
        client.watch(SUPERVISOR, 1).await?;
        let lost = client.event_named("serviceStatus").await?;
        assert_eq!(lost["event"]["data"]["serviceStatus"]["status"], "OutOfService", "{lost}");
        assert_eq!(lost["event"]["data"]["serviceStatus"]["acceptingClients"], true, "{lost}");
        let roster = client.roster(SUPERVISOR).expect("a roster").clone();
        assert_eq!(roster.teams["1"].members[AGENT]["state"], "notready", "an outage logs nobody out");
        let refusal = client.prepare(AGENT, AGENT, false).await?;
        refused(&refusal, "cti.unavailable");
        interaction_tests::expect::retries(&refusal);

        let back = client.event_named("serviceStatus").await?;
        assert_eq!(back["event"]["data"]["serviceStatus"]["status"], "InService", "{back}");
        client.settle().await?;
        let after = client.roster(SUPERVISOR).expect("a roster");
        assert_eq!(
            after.teams["1"].members[COLLEAGUE]["state"], "notready",
            "what happened meanwhile comes as differences"
        );
        assert_eq!(after.teams["1"].members[AGENT], roster.teams["1"].members[AGENT], "and what did not, does not");
        client.watch(SUPERVISOR, 1).await
    }
}

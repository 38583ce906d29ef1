//! Every message of the specification the project began with, in the form it gives.

use interaction_tests::expect::{refused, succeeded};
use interaction_tests::raw::{Frame, Raw};
use interaction_tests::world::{self, AGENT, LEAD, SUPERVISOR, WRONG};
use interaction_tests::{Client, Fault, Server, Settings};
use serde_json::{Value, json};

/// The property names of an object, in order of name.
fn names(object: &Value) -> Vec<&str> {
    object.as_object().map(|object| object.keys().map(String::as_str).collect()).unwrap_or_default()
}

#[tokio::test]
async fn service_info_has_its_five_properties() -> Result<(), Fault> {
    let server = Server::silent().await?;
    let mut client = Client::connect(&server.address).await?;
    let services =
        client.core_success("getServices", json!({"serviceType": "com.openmethods.iserver.processor"})).await?;
    let info = &services["data"]["services"][0]["info"];
    for name in ["vendor", "version", "cti-vendor", "cti-version", "instance-domain"] {
        assert!(info[name].as_str().is_some_and(|text| !text.is_empty()), "`{name}` in {services}");
    }
    Ok(())
}

#[tokio::test]
async fn prepare_session_succeeds_with_the_data_of_the_request() -> Result<(), Fault> {
    let server = Server::silent().await?;
    let client = Client::bound(&server.address).await?;
    let service = client.service_id();
    let (mut raw, _) = Raw::connected(&server.address).await?;
    raw.text(
        &json!({"messageType": "coreRequest", "requestId": "b", "command": "bindService", "serviceId": service})
            .to_string(),
    )
    .await?;
    raw.message().await?;

    // As text: order, numbers and escapes come back as they were, only blanks go.
    let data = format!(
        r#"{{"override" : false, "z":1.50,"y" :[1E2, "\u00e9\/" ], "agent":{{"password" : "{AGENT}", "id":"{AGENT}"}}, "model":""}}"#
    );
    let compact = format!(
        r#"{{"override":false,"z":1.50,"y":[1E2,"\u00e9\/"],"agent":{{"password":"{AGENT}","id":"{AGENT}"}},"model":""}}"#
    );
    raw.text(&format!(
        r#"{{"messageType":"serviceRequest","requestId":"p","serviceId":"{service}","request":{{"command":"prepareSession","data":{data}}}}}"#
    ))
    .await?;
    let text = loop {
        match raw.next(std::time::Duration::from_secs(10)).await? {
            Frame::Text(text) => break text,
            Frame::Ping(_) | Frame::Pong(_) => {}
            other => panic!("{other:?}"),
        }
    };
    let message: Value = serde_json::from_str(&text).expect("JSON");
    let body = &message["response"];
    succeeded(body);
    assert_eq!(names(body), ["command", "resource", "result"], "{text}");
    assert_eq!(names(&body["resource"]), ["data", "id"], "{text}");
    assert!(text.contains(&format!("\"data\":{compact}")), "not the text that was sent: {text}\n{compact}");
    Ok(())
}

#[tokio::test]
async fn prepare_session_asks_before_it_takes_a_session_over() -> Result<(), Fault> {
    let server = Server::silent().await?;
    let mut first = Client::bound(&server.address).await?;
    first.prepared(AGENT, AGENT, false).await?;
    let mut second = Client::bound(&server.address).await?;
    let body = second.prepare(AGENT, AGENT, false).await?;
    assert_eq!(body["command"], "prepareSession", "{body}");
    assert_eq!(body["result"], "confirm", "{body}");
    assert!(body["message"].as_str().is_some_and(|text| text.len() > 20), "{body}");
    let original = json!({"command": "prepareSession",
        "data": {"model": "", "override": false, "agent": {"id": AGENT, "password": AGENT}}});
    assert_eq!(body["original"], original, "{body}");
    Ok(())
}

#[tokio::test]
async fn prepare_session_fails_with_the_original() -> Result<(), Fault> {
    let server = Server::silent().await?;
    let mut client = Client::bound(&server.address).await?;
    let body = client.prepare(AGENT, WRONG, false).await?;
    refused(&body, "credentials.invalid");
    assert_eq!(names(&body), ["command", "failure", "original", "result"], "{body}");
    assert_eq!(body["command"], "prepareSession", "{body}");
    let original = json!({"command": "prepareSession",
        "data": {"model": "", "override": false, "agent": {"id": AGENT, "password": WRONG}}});
    assert_eq!(body["original"], original, "{body}");
    Ok(())
}

#[tokio::test]
async fn get_capabilities_tells_key_value_pairs() -> Result<(), Fault> {
    let server = Server::silent().await?;
    let mut client = Client::bound(&server.address).await?;
    let body = client.service("getCapabilities", json!({})).await?;
    succeeded(&body);
    assert_eq!(names(&body), ["command", "data", "result"], "{body}");
    assert_eq!(body["command"].as_str().map(str::trim), Some("getCapabilities"));
    assert_eq!(body["data"]["telephony-supported"], true, "{body}");
    assert_eq!(body["data"]["reports-supported"], true, "{body}");
    Ok(())
}

#[tokio::test]
async fn get_capabilities_fails_with_the_original() -> Result<(), Fault> {
    let server = Server::silent().await?;
    let mut client = Client::bound(&server.address).await?;
    let body = client.service("getCapabilities", json!("all of them")).await?;
    refused(&body, "request.invalid");
    assert_eq!(body["original"], json!({"command": "getCapabilities", "data": "all of them"}), "{body}");
    Ok(())
}

#[tokio::test]
async fn call_journey_tells_the_steps_of_a_call() -> Result<(), Fault> {
    let ready = world::state(AGENT, "Ready", "");
    let call =
        "act = \"call\"\nqueue = \"General\"\nfrom = \"+15550100\"\nprompts_ms = 100\nring_ms = 100\ntalk_ms = 200";
    let server = Server::start(Settings::world(world::scripted(&[(100, &ready), (300, call)]))).await?;
    let mut client = Client::bound(&server.address).await?;
    tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
    let recent = client.report("report.calljourney.recent", json!({"limit": 5})).await?;
    let id = recent["data"]["Calls"][0]["CallId"].as_str().unwrap_or_else(|| panic!("no call: {recent}")).to_owned();
    let body = client.report("report.calljourney", json!({"CallId": id})).await?;
    succeeded(&body);
    assert_eq!(names(&body), ["command", "data", "result"], "{body}");
    assert_eq!(names(&body["data"]), ["CallJourney"], "{body}");
    let steps = body["data"]["CallJourney"].as_array().expect("steps");
    let kinds: Vec<&str> = steps.iter().filter_map(|step| step["DeviceType"].as_str()).collect();
    for kind in ["Trigger", "CSQ", "Agent"] {
        assert!(kinds.contains(&kind), "no {kind} in {body}");
    }
    Ok(())
}

#[tokio::test]
async fn call_journey_fails_with_the_original() -> Result<(), Fault> {
    let server = Server::silent().await?;
    let mut client = Client::bound(&server.address).await?;
    let body = client.report("report.calljourney", json!({"CallId": "no-such-call"})).await?;
    refused(&body, "call.unknown");
    assert_eq!(names(&body), ["command", "failure", "original", "result"], "{body}");
    assert_eq!(
        body["original"],
        json!({"command": "report.calljourney", "data": {"CallId": "no-such-call"}}),
        "{body}"
    );
    Ok(())
}

#[tokio::test]
async fn team_status_begins_and_ends() -> Result<(), Fault> {
    let server = Server::silent().await?;
    let mut client = Client::bound(&server.address).await?;
    for command in ["report.teamstatus.begin", "report.teamstatus.end"] {
        let body = client.report(command, json!({"agentId": SUPERVISOR})).await?;
        assert_eq!(body, json!({"command": command, "result": "success", "data": {}}));
    }
    Ok(())
}

#[tokio::test]
async fn team_status_fails_with_the_original() -> Result<(), Fault> {
    let server = Server::silent().await?;
    let mut client = Client::bound(&server.address).await?;
    let body = client.report("report.teamstatus.begin", json!({"agentId": "nobody"})).await?;
    refused(&body, "agent.unknown");
    assert_eq!(names(&body), ["command", "failure", "original", "result"], "{body}");
    assert_eq!(
        body["original"],
        json!({"command": "report.teamstatus.begin", "data": {"agentId": "nobody"}}),
        "{body}"
    );
    let body = client.report("report.teamstatus.end", json!({"agentid": "nobody"})).await?;
    refused(&body, "request.invalid");
    assert_eq!(body["original"], json!({"command": "report.teamstatus.end", "data": {"agentid": "nobody"}}), "{body}");
    Ok(())
}

/// Starts a world with one act, and returns the event it raises for the supervisor of team 1.
async fn event_of(act: &str, name: &str) -> Result<Value, Fault> {
    let server = Server::start(Settings::world(world::scripted(&[(2000, act)]))).await?;
    let mut client = Client::bound(&server.address).await?;
    client.watch(SUPERVISOR, 1).await?;
    client.settle().await?;
    client.take_events();
    let message = client.event(name, |event| event["messageType"] == "resourceEvent").await?;
    assert_eq!(message["resourceId"], client.reports_id(), "{message}");
    let event = message["event"].clone();
    assert_eq!(event["name"], name, "{message}");
    assert_eq!(names(&event), ["at", "data", "name"], "{message}");
    assert_eq!(names(&event["data"]), ["agentId", "team"], "{message}");
    assert_eq!(event["data"]["agentId"], SUPERVISOR, "{message}");
    Ok(event["data"]["team"].clone())
}

const IN_FULL: [&str; 7] = ["memberId", "memberName", "memberType", "reason", "since", "state", "status"];

#[tokio::test]
async fn team_added() -> Result<(), Fault> {
    let act = format!(
        "act = \"team_added\"\nteam = 50\nname = \"Task Force\"\n\
         members = [{{ agent = \"{SUPERVISOR}\", role = \"Supervisor\" }}, {{ agent = \"{AGENT}\" }}]"
    );
    let team = event_of(&act, "report.teamstatus.teamadded").await?;
    assert_eq!(names(&team), ["members", "teamId", "teamName"], "{team}");
    assert_eq!((team["teamId"].as_str(), team["teamName"].as_str()), (Some("50"), Some("Task Force")));
    let members = team["members"].as_array().expect("members");
    let who: Vec<_> = members.iter().map(|one| (one["memberId"].as_str(), one["memberType"].as_str())).collect();
    assert_eq!(who, [(Some(SUPERVISOR), Some("Supervisor")), (Some(AGENT), Some("Agent"))], "{team}");
    assert_eq!(names(&members[1]), IN_FULL, "{team}");
    Ok(())
}

#[tokio::test]
async fn team_removed() -> Result<(), Fault> {
    let team = event_of("act = \"team_removed\"\nteam = 1", "report.teamstatus.teamremoved").await?;
    assert_eq!(team, json!({"teamId": "1", "teamName": "Sales"}));
    Ok(())
}

#[tokio::test]
async fn team_changed() -> Result<(), Fault> {
    let act = "act = \"team_renamed\"\nteam = 1\nname = \"Sales North\"";
    let team = event_of(act, "report.teamstatus.teamchanged").await?;
    assert_eq!(team, json!({"teamId": "1", "teamName": "Sales North"}));
    Ok(())
}

#[tokio::test]
async fn member_added() -> Result<(), Fault> {
    let act =
        "act = \"team_changed\"\nteam = 1\nadded = [{ agent = \"2011\" }, { agent = \"2012\", role = \"TeamLead\" }]";
    let team = event_of(act, "report.teamstatus.memberadded").await?;
    assert_eq!(names(&team), ["members", "teamId", "teamName"], "{team}");
    let members = team["members"].as_array().expect("members");
    let who: Vec<_> = members.iter().map(|one| (one["memberId"].as_str(), one["memberType"].as_str())).collect();
    assert_eq!(who, [(Some("2011"), Some("Agent")), (Some("2012"), Some("TeamLead"))], "{team}");
    assert!(members.iter().all(|one| names(one) == IN_FULL), "{team}");
    Ok(())
}

#[tokio::test]
async fn member_removed() -> Result<(), Fault> {
    let act = format!(
        "act = \"team_changed\"\nteam = 1\nremoved = [{{ agent = \"{AGENT}\" }}, {{ agent = \"{LEAD}\", role = \"TeamLead\" }}]"
    );
    let team = event_of(&act, "report.teamstatus.memberremoved").await?;
    let members = json!([{"memberId": LEAD}, {"memberId": AGENT}]);
    assert_eq!(team, json!({"teamId": "1", "teamName": "Sales", "members": members}));
    Ok(())
}

#[tokio::test]
async fn member_status_changed() -> Result<(), Fault> {
    let team = event_of(&world::state(AGENT, "NotReady", "2"), "report.teamstatus.memberstatuschanged").await?;
    assert_eq!(names(&team), ["members", "teamId", "teamName"], "{team}");
    let members = team["members"].as_array().expect("members");
    assert_eq!(members.len(), 1, "{team}");
    assert_eq!(names(&members[0]), IN_FULL, "{team}");
    assert_eq!(members[0]["memberId"], AGENT, "{team}");
    assert_eq!(
        (&members[0]["status"], &members[0]["reason"], &members[0]["state"]),
        (&json!("not_ready"), &json!("2"), &json!("notready"))
    );
    Ok(())
}

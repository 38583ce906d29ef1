//! Services, resources and bindings: what must be bound before it can be asked, and what an unknown target gets.

use interaction_tests::client::REPORTS;
use interaction_tests::expect::{invalid, refused, succeeded};
use interaction_tests::world::SUPERVISOR;
use interaction_tests::{Client, Fault, Server, grammar};
use serde_json::{Value, json};

#[tokio::test]
async fn services_are_listed_with_their_status_and_resources() -> Result<(), Fault> {
    let server = Server::silent().await?;
    let mut client = Client::connect(&server.address).await?;
    let answer = client.core_success("getServices", json!({})).await?;
    let services = answer["data"]["services"].as_array().expect("an array");
    assert!(!services.is_empty(), "{answer}");
    for service in services {
        for name in ["id", "name", "type"] {
            assert!(service[name].as_str().is_some_and(|text| !text.is_empty()), "`{name}` in {service}");
        }
        grammar::service_status(&service["serviceStatus"])?;
        assert!(service["serviceStatus"]["clientCount"].is_u64(), "{service}");
    }
    let processor = processor(&answer);
    assert_eq!(processor["serviceStatus"]["acceptingClients"], true, "{processor}");
    assert!(
        processor["resources"].as_array().is_some_and(|all| all.iter().any(|one| one["type"] == REPORTS)),
        "{processor}"
    );
    Ok(())
}

#[tokio::test]
async fn services_are_listed_by_type() -> Result<(), Fault> {
    let server = Server::silent().await?;
    let mut client = Client::connect(&server.address).await?;
    let all = client.core_success("getServices", json!({})).await?;
    let of_type = client.core_success("getServices", json!({"serviceType": processor(&all)["type"]})).await?;
    assert_eq!(of_type["data"]["services"].as_array().map(Vec::len), Some(1), "{of_type}");
    let none = client.core_success("getServices", json!({"serviceType": "no.such.type"})).await?;
    assert_eq!(none["data"]["services"], json!([]), "{none}");
    Ok(())
}

#[tokio::test]
async fn bound_clients_are_counted() -> Result<(), Fault> {
    let server = Server::silent().await?;
    let mut looker = Client::connect(&server.address).await?;
    let before = client_count(&mut looker).await?;
    let mut client = Client::bound(&server.address).await?;
    client.settle().await?;
    assert_eq!(client_count(&mut looker).await?, before + 1);
    client.core_success("unbindService", json!({"serviceId": client.service_id()})).await?;
    assert_eq!(client_count(&mut looker).await?, before);
    looker.settle().await?;
    assert_eq!(looker.take_events(), Vec::<Value>::new(), "serviceStatus is not told for the count");
    Ok(())
}

#[tokio::test]
async fn an_unbound_service_answers_binding_required() -> Result<(), Fault> {
    let server = Server::silent().await?;
    let known = Client::bound(&server.address).await?;
    let mut client = Client::connect(&server.address).await?;
    let answer = client
        .ask(json!({"messageType": "serviceRequest", "serviceId": known.service_id(),
            "request": {"command": "getCapabilities", "data": {}}}))
        .await?;
    refused(&answer, "binding.required");
    assert_eq!(answer["messageType"], "serviceError", "{answer}");
    assert_eq!(answer["serviceId"], known.service_id(), "{answer}");
    Ok(())
}

#[tokio::test]
async fn an_unbound_resource_answers_binding_required() -> Result<(), Fault> {
    let server = Server::silent().await?;
    let mut client = Client::bound(&server.address).await?;
    let ids = json!({"serviceId": client.service_id(), "resourceId": client.reports_id()});
    client.core_success("unbindResource", ids.clone()).await?;
    let answer = client.report("report.teamstatus.begin", json!({"agentId": SUPERVISOR})).await?;
    refused(&answer, "binding.required");
    assert_eq!(answer["messageType"], "resourceError", "{answer}");
    assert_eq!(answer["resourceId"], ids["resourceId"], "{answer}");
    Ok(())
}

#[tokio::test]
async fn a_resource_is_bound_after_its_service() -> Result<(), Fault> {
    let server = Server::silent().await?;
    let known = Client::bound(&server.address).await?;
    let mut client = Client::connect(&server.address).await?;
    let ids = json!({"serviceId": known.service_id(), "resourceId": known.reports_id()});
    refused(&client.core("bindResource", ids).await?, "binding.required");
    Ok(())
}

#[tokio::test]
async fn binding_twice_and_unbinding_what_is_not_bound_succeed() -> Result<(), Fault> {
    let server = Server::silent().await?;
    let mut client = Client::bound(&server.address).await?;
    let service = json!({"serviceId": client.service_id()});
    let resource = json!({"serviceId": client.service_id(), "resourceId": client.reports_id()});
    for command in ["bindService", "bindService"] {
        succeeded(&client.core(command, service.clone()).await?);
    }
    for command in ["bindResource", "bindResource", "unbindResource", "unbindResource"] {
        succeeded(&client.core(command, resource.clone()).await?);
    }
    for command in ["unbindService", "unbindService"] {
        succeeded(&client.core(command, service.clone()).await?);
    }
    Ok(())
}

#[tokio::test]
async fn binding_twice_keeps_the_subscriptions() -> Result<(), Fault> {
    let server = Server::silent().await?;
    let mut client = Client::bound(&server.address).await?;
    client.watch(SUPERVISOR, 1).await?;
    let resource = json!({"serviceId": client.service_id(), "resourceId": client.reports_id()});
    client.core_success("bindResource", resource).await?;
    client.settle().await?;
    assert_eq!(client.roster(SUPERVISOR).map(|roster| roster.teams.len()), Some(1));
    client.watch(SUPERVISOR, 1).await
}

#[tokio::test]
async fn unbinding_a_service_unbinds_its_resources() -> Result<(), Fault> {
    let server = Server::silent().await?;
    let mut client = Client::bound(&server.address).await?;
    client.watch(SUPERVISOR, 1).await?;
    let service = json!({"serviceId": client.service_id()});
    client.core_success("unbindService", service.clone()).await?;
    client.core_success("bindService", service).await?;
    refused(&client.report("report.teamstatus.begin", json!({"agentId": SUPERVISOR})).await?, "binding.required");
    Ok(())
}

#[tokio::test]
async fn unknown_services_and_resources_are_named() -> Result<(), Fault> {
    let server = Server::silent().await?;
    let mut client = Client::bound(&server.address).await?;
    let service = client.service_id().to_owned();
    refused(&client.core("bindService", json!({"serviceId": "nowhere"})).await?, "service.unknown");
    refused(&client.core("bindResource", json!({"serviceId": "nowhere", "resourceId": "x"})).await?, "service.unknown");
    refused(
        &client.core("bindResource", json!({"serviceId": service, "resourceId": "nowhere"})).await?,
        "resource.unknown",
    );
    let request = json!({"command": "getCapabilities", "data": {}});
    let answer =
        client.ask(json!({"messageType": "serviceRequest", "serviceId": "nowhere", "request": request})).await?;
    refused(&answer, "service.unknown");
    assert_eq!(answer["messageType"], "serviceError", "{answer}");
    let answer = client
        .ask(json!({"messageType": "resourceRequest", "serviceId": service, "resourceId": "nowhere", "request": request}))
        .await?;
    refused(&answer, "resource.unknown");
    assert_eq!(answer["messageType"], "resourceError", "{answer}");
    Ok(())
}

#[tokio::test]
async fn unknown_commands_are_refused_where_they_arrive() -> Result<(), Fault> {
    let server = Server::silent().await?;
    let mut client = Client::bound(&server.address).await?;
    let answer = client.core("makeCoffee", json!({})).await?;
    refused(&answer, "command.unsupported");
    assert_eq!(answer["messageType"], "coreError", "{answer}");
    let answer = client.service("makeCoffee", json!({"milk": true})).await?;
    refused(&answer, "command.unsupported");
    assert_eq!(answer["original"], json!({"command": "makeCoffee", "data": {"milk": true}}), "{answer}");
    let answer = client.report("report.weather", json!({})).await?;
    refused(&answer, "command.unsupported");
    assert_eq!(answer["original"]["command"], "report.weather", "{answer}");
    Ok(())
}

#[tokio::test]
async fn blanks_around_a_command_are_ignored() -> Result<(), Fault> {
    let server = Server::silent().await?;
    let mut client = Client::bound(&server.address).await?;
    succeeded(&client.service(" getCapabilities ", json!({})).await?);
    succeeded(&client.core(" getServices ", json!({})).await?);
    Ok(())
}

#[tokio::test]
async fn unknown_properties_are_ignored() -> Result<(), Fault> {
    let server = Server::silent().await?;
    let mut client = Client::connect_with(&server.address, json!({"hat": "green", "client": {"shoe": 43}})).await?;
    client.bind_all().await?;
    succeeded(&client.core("getServices", json!({"serviceColour": [1, {"x": null}]})).await?);
    succeeded(&client.report("report.teamstatus.begin", json!({"agentId": SUPERVISOR, "mood": 1.5e300})).await?);
    Ok(())
}

#[tokio::test]
async fn bindings_need_their_ids() -> Result<(), Fault> {
    let server = Server::silent().await?;
    let mut client = Client::bound(&server.address).await?;
    let service = client.service_id().to_owned();
    for command in ["bindService", "unbindService", "bindResource", "unbindResource"] {
        invalid(&client.core(command, json!({})).await?, "serviceId");
        invalid(&client.core(command, json!({"serviceId": ["x"]})).await?, "serviceId");
        invalid(&client.core(command, json!({"serviceId": ""})).await?, "serviceId");
    }
    for command in ["bindResource", "unbindResource"] {
        invalid(&client.core(command, json!({"serviceId": service})).await?, "resourceId");
        invalid(&client.core(command, json!({"serviceId": service, "resourceId": 7})).await?, "resourceId");
    }
    Ok(())
}

fn processor(services: &Value) -> &Value {
    let all = services["data"]["services"].as_array().expect("an array");
    all.iter().find(|service| service["info"]["cti-vendor"].is_string()).expect("a processor service")
}

async fn client_count(client: &mut Client) -> Result<u64, Fault> {
    let answer = client.core_success("getServices", json!({})).await?;
    Ok(processor(&answer)["serviceStatus"]["clientCount"].as_u64().expect("a count"))
}

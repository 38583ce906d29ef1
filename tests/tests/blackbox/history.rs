//! Journeys of calls from before the server knew of them, from UCCX's tables in a real database, through its ODBC driver.

use interaction_tests::expect::{code, succeeded};
use interaction_tests::postgres::{PASSWORD, Postgres};
use interaction_tests::{Client, Fault, Server, Settings};
use serde_json::{Value, json};

const CONTACTS: &str = include_str!("../../../core/src/cti/uccx/history/tests/contacts.txt");
const SCHEMA: &str = include_str!("history/schema.sql");

/// The file's rows, as statements.
fn rows() -> String {
    let lines = CONTACTS.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let statement = |line: &str| {
        let mut parts = line.split(" | ");
        let table = parts.next().expect("a table");
        let (columns, values): (Vec<&str>, Vec<&str>) =
            parts.map(|part| part.split_once('=').expect("column=value")).unzip();
        format!("INSERT INTO {table} ({}) VALUES ('{}');\n", columns.join(", "), values.join("', '"))
    };
    lines.map(statement).collect()
}

fn history(port: u16, password_file: &str) -> Settings {
    let driver = format!("Driver={{PostgreSQL Unicode}};Server=127.0.0.1;Port={port};Database=postgres;UID=processor");
    Settings::default().more(&format!(
        "\n[history]\nconnection = \"{driver}\"\npassword-file = {password_file:?}\nrecent-days = 366\ntimeout-ms = 2000\n"
    ))
}

async fn ask(client: &mut Client, call: &str) -> Result<Value, Fault> {
    client.report("report.calljourney", json!({"CallId": call})).await
}

#[tokio::test]
#[ignore = "needs a server built with ODBC: `cargo xtask test --only odbc`"]
async fn calls_of_the_past_are_found_by_their_ids_and_listed() -> Result<(), Fault> {
    let postgres = Postgres::start().await?;
    postgres.run(&format!("{SCHEMA};\n{}", rows()))?;
    let file = postgres.password_file();
    let mut server = Server::start(history(postgres.port(), file.to_str().expect("a path"))).await?;
    server.never_keeps(PASSWORD);
    let mut client = Client::bound(&server.address).await?;

    let found = ask(&mut client, "C-1001").await?;
    succeeded(&found);
    let steps = found["data"]["CallJourney"].as_array().cloned().unwrap_or_default();
    assert_eq!(steps.len(), 14, "{found}");
    let step = |description: &str| steps.iter().find(|step| step["Description"] == description).cloned();
    let queue = step("Orders: answered").expect("it was in the queue");
    assert_eq!(
        (&queue["DeviceType"], &queue["Duration"], &queue["CallId"]),
        (&json!("CSQ"), &json!("00:00:25"), &json!("C-1001"))
    );
    assert!(step("talking Ulrike Haddad: transferred to Jane Doe").is_some());

    succeeded(&ask(&mut client, "1-1002").await?);
    assert_eq!(code(&ask(&mut client, "C-9999").await?), "call.unknown");
    assert_eq!(code(&ask(&mut client, "'; DROP TABLE Resource; --").await?), "call.unknown");
    let recent = client.report("report.calljourney.recent", json!({"limit": 3})).await?;
    let ids: Vec<&str> =
        recent["data"]["Calls"].as_array().into_iter().flatten().filter_map(|call| call["CallId"].as_str()).collect();
    assert_eq!(ids, ["C-1004", "C-1003", "1-1002"], "newest first");
    let of_number = client.report("report.calljourney.recent", json!({"number": "6001"})).await?;
    assert_eq!(of_number["data"]["Calls"].as_array().map(Vec::len), Some(3));
    Ok(())
}

#[tokio::test]
#[ignore = "needs a server built with ODBC: `cargo xtask test --only odbc`"]
async fn a_database_that_is_away_is_told_once_and_costs_only_itself() -> Result<(), Fault> {
    let mut postgres = Postgres::start().await?;
    postgres.run(&format!("{SCHEMA};\n{}", rows()))?;
    let file = postgres.password_file();
    let mut server = Server::start(history(postgres.port(), file.to_str().expect("a path"))).await?;
    server.never_keeps(PASSWORD);
    let mut client = Client::bound(&server.address).await?;
    succeeded(&ask(&mut client, "C-1003").await?);
    postgres.stop()?;
    for _ in 0..3 {
        assert_eq!(code(&ask(&mut client, "C-1003").await?), "internal.error", "not unknown: nobody knows now");
    }
    succeeded(&client.report("report.calljourney.recent", json!({})).await?);
    let told = server.log().lines().filter(|line| line.contains("history database")).count();
    assert_eq!(told, 1, "{}", server.log());
    Ok(())
}

#[tokio::test]
async fn without_a_history_an_unknown_call_says_so() -> Result<(), Fault> {
    let server = Server::silent().await?;
    let mut client = Client::bound(&server.address).await?;
    let unknown = ask(&mut client, "C-1").await?;
    assert_eq!(code(&unknown), "call.unknown");
    let message = unknown["failure"]["message"].as_str().unwrap_or_default();
    assert!(message.contains("no history source is configured"), "{message}");
    Ok(())
}

//! The same rows as the engine's own tests, read from a real database through its ODBC driver.
//!
//! `HISTORY_DATABASE` is the connection string of an empty PostgreSQL database, with a password `HISTORY_PASSWORD`.

use interaction_core::secret::Secret;

use super::*;

const CONTACTS: &str = include_str!("../../../../core/src/cti/uccx/history/tests/contacts.txt");
const SCHEMA: &str = include_str!("tests/schema.sql");

fn login(password: &str) -> Login {
    let connection =
        std::env::var("HISTORY_DATABASE").expect("HISTORY_DATABASE: `cargo xtask test --only odbc` sets it");
    Login { connection, password: Some(Secret::new(password.to_owned())) }
}

fn password() -> String {
    std::env::var("HISTORY_PASSWORD").expect("HISTORY_PASSWORD: `cargo xtask test --only odbc` sets it")
}

/// Makes the tables anew and puts the file's rows into them.
fn fill(odbc: &Odbc) {
    let connection = odbc.open().expect("the database is there");
    for statement in SCHEMA.split(';').map(str::trim).filter(|statement| !statement.is_empty()) {
        connection.execute(statement, (), Some(10)).expect("the schema is good");
    }
    for line in CONTACTS.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let mut parts = line.split(" | ");
        let table = parts.next().expect("a table");
        let (columns, values): (Vec<&str>, Vec<&str>) =
            parts.map(|part| part.split_once('=').expect("column=value")).unzip();
        let values = values.join("', '");
        let statement = format!("INSERT INTO {table} ({}) VALUES ('{values}')", columns.join(", "));
        connection.execute(&statement, (), Some(10)).expect("the row fits its table");
    }
}

#[test]
#[ignore = "needs a database: `cargo xtask test --only odbc` starts one"]
fn the_database_gives_the_journeys_its_rows_say() {
    let mut odbc = Odbc::new(login(&password()), Duration::from_secs(5));
    fill(&odbc);
    let journey = odbc.journey(&"C-1001".into()).expect("it answers").expect("it is there");
    let mut json = Vec::new();
    journey.write_json(&mut json, Time::ZERO);
    let told = String::from_utf8(json).expect("JSON");
    for part in [
        r#""CallId":"C-1001","Device":"Orders","DeviceType":"CSQ","Description":"Orders: answered","Duration":"00:00:25""#,
        r#""Device":"42011","DeviceType":"Agent","Description":"ringing Jane Doe: no answer","Duration":"00:00:08""#,
        r#""CallId":"1-2001","Device":"42012","DeviceType":"Agent","Description":"consult with Jane Doe""#,
        r#""Description":"talking Ulrike Haddad: transferred to Jane Doe","Duration":"00:00:20""#,
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
    assert_eq!(journey.steps.len(), 14);
    assert_eq!(odbc.journey(&"1-1002".into()).expect("it answers").map(|journey| journey.steps.len()), Some(3));
    assert_eq!(odbc.journey(&"'; DROP TABLE Resource; --".into()), Ok(None));
    assert_eq!(odbc.journey(&"C-9999".into()), Ok(None));

    let since = Time::from_millis(1_761_950_000_000);
    let calls = odbc.recent(since, 3, None).expect("it answers");
    let ids: Vec<&str> = calls.iter().map(|call| call.call.as_str()).collect();
    assert_eq!(ids, ["C-1004", "C-1003", "1-1002"]);
    assert_eq!(odbc.recent(since, 10, Some("6001")).expect("it answers").len(), 3);
}

#[test]
#[ignore = "needs a database: `cargo xtask test --only odbc` starts one"]
fn a_wrong_password_is_said_without_it() {
    let mut odbc = Odbc::new(login("hunter2{};wrong"), Duration::from_secs(5));
    let refused = odbc.journey(&"C-1".into()).expect_err("nobody has this password");
    assert!(!refused.contains("hunter2"), "{refused}");
}

#[test]
#[ignore = "needs a driver: `cargo xtask test --only odbc` installs one"]
fn a_database_that_is_not_there_is_an_error() {
    let connection = "Driver={PostgreSQL Unicode};Server=127.0.0.1;Port=1;Database=none".to_owned();
    let mut odbc = Odbc::new(Login { connection, password: None }, Duration::from_secs(2));
    assert!(odbc.recent(Time::ZERO, 1, None).is_err());
}

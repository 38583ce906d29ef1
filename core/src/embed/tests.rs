use serde_json::{Value, json};

use super::{Embedded, StepError};
use crate::config::{Config, Seed};
use crate::time::Time;

const NOW: Time = Time::from_millis(1_790_000_000_000);
const KEY: &str = "a-key-of-twenty-two-bytes-or-more";
const PASSWORD: &str = "anna-secret";

fn embedded() -> Embedded {
    Embedded::new(Config::default(), Seed(1), NOW)
}

fn step(embedded: &mut Embedded, inputs: &Value) -> Vec<Value> {
    let outputs = embedded.step(NOW, &inputs.to_string()).unwrap_or_else(|error| panic!("{inputs}: {error}"));
    serde_json::from_str(&outputs).expect("an array of outputs")
}

fn refused(embedded: &mut Embedded, inputs: &str) -> StepError {
    embedded.step(NOW, inputs).expect_err(inputs)
}

fn opened(socket: u64) -> Value {
    json!({"opened": {"socket": socket, "peer": "10.0.0.1", "access": {"scopes": ["agent", "reports"]}, "key": KEY}})
}

fn received(socket: u64, message: &Value) -> Value {
    json!({"received": {"socket": socket, "text": message.to_string()}})
}

fn platform() -> Vec<Value> {
    let lines = [
        json!({"event": "hello", "protocol": 1, "vendor": "Acme", "version": "7", "offers": ["reports"], "reports": "uccx"}),
        json!({"event": "resyncBegin"}),
        json!({"event": "agent", "id": "1001", "name": "Anna Ash", "extension": "3001"}),
        json!({"event": "team", "id": "1", "name": "Sales", "members": [{"agent": "1001"}]}),
        json!({"event": "resyncEnd"}),
    ];
    lines.map(|line| json!({ "cti": line })).into()
}

fn prepare() -> Value {
    json!({"messageType": "serviceRequest", "requestId": "p", "serviceId": "processor", "request": {
        "command": "prepareSession", "data": {"agent": {"id": "1001", "password": PASSWORD}}}})
}

/// A platform that stands, and a client that is connected and bound.
fn connected() -> Embedded {
    let mut embedded = embedded();
    step(&mut embedded, &Value::Array(platform()));
    let hello = [
        opened(1),
        received(1, &json!({"messageType": "connect", "requestId": "c", "client": {"id": "desk-1"}})),
        received(
            1,
            &json!({"messageType": "coreRequest", "requestId": "b", "command": "bindService",
            "serviceId": "processor"}),
        ),
    ];
    let outputs = step(&mut embedded, &json!(hello));
    let connected: Value = serde_json::from_str(outputs[0]["send"]["text"].as_str().expect("a message")).unwrap();
    assert_eq!((&connected["messageType"], &connected["resumeKey"]), (&json!("connected"), &json!(KEY)));
    embedded
}

#[test]
fn a_password_reaches_the_platform_and_its_echo_the_client() {
    let mut embedded = connected();
    let asked = step(&mut embedded, &json!([received(1, &prepare())]));
    let verify = json!({"command": "verify", "request": 2, "agent": "1001", "password": PASSWORD});
    let request = &asked[0]["cti"]["request"];
    assert_eq!(asked[0]["cti"], {
        let mut verify = verify;
        verify["request"] = request.clone();
        verify
    });
    let answer = json!({"event": "answer", "request": request, "result": "verified", "agent": "1001"});
    let told = step(&mut embedded, &json!([{ "cti": answer }]));
    let texts: Vec<&str> = told.iter().filter_map(|output| output["send"]["text"].as_str()).collect();
    assert_eq!(texts.len(), 1, "{told:?}");
    assert!(texts[0].contains("\"result\":\"success\"") && texts[0].contains(PASSWORD), "{texts:?}");
    assert!(told.iter().any(|output| output["audit"]["record"]["action"] == "sign-in"), "{told:?}");
}

#[test]
fn a_snapshot_holds_no_secret_and_goes_on() {
    let mut embedded = connected();
    step(&mut embedded, &json!([received(1, &prepare())]));
    let snapshot = embedded.engine().snapshot();
    assert!(!snapshot.windows(PASSWORD.len()).any(|bytes| bytes == PASSWORD.as_bytes()));
    let mut restored = Embedded::restore(Config::default(), &snapshot).expect("its own snapshot");
    // Its secrets are gone, and new ones are not taken for them.
    let again = step(&mut restored, &json!([opened(2), {"closed": {"socket": 1}}]));
    assert!(again.iter().all(|output| output.get("ignored").is_none()), "{again:?}");
    let answer = json!({"event": "answer", "request": 2, "result": "verified", "agent": "1001"});
    let told = step(&mut restored, &json!([{ "cti": answer }]));
    assert!(!told.iter().any(|output| output.to_string().contains(PASSWORD)), "{told:?}");
    let connect = json!({"messageType": "connect", "requestId": "c", "client": {"id": "desk-2"}});
    let told = step(&mut restored, &json!([received(2, &connect)]));
    assert!(told[0]["send"]["text"].as_str().expect("a message").contains(KEY), "{told:?}");
}

#[test]
fn what_cannot_be_read_changes_nothing_and_is_named() {
    let long = "x".repeat(300);
    for (inputs, words) in [
        ("", "not JSON at line 1"),
        ("{}", "must be a sequence"),
        (r#"["tock"]"#, "[0]: must be one of `tick`, `stalled`"),
        (r#"["tick",{"alive":{}}]"#, "[1].alive: missing field `socket`"),
        (r#"[{"alive":{"socket":"1"}}]"#, "[0].alive.socket: must be u64"),
        (r#"[{"alive":{"socket":1,"sockets":2}}]"#, "unknown field `sockets`"),
        (r#"[{"cti":{"event":"agent","id":7,"name":"x"}}]"#, "[0].cti.id: "),
        (r#"[{"cti":{"event":"ping"}}]"#, "leave it out"),
        (r#"[{"opened":{"socket":1,"peer":"","access":"token","key":"short"}}]"#, "[0].opened.key: has 5 bytes"),
        (&format!(r#"[{{"opened":{{"socket":1,"peer":"","access":"token","key":"{long}"}}}}]"#), "has 300 bytes"),
        (r#"[{"tokenChanged":{"token":"12","claims":"bad"}}]"#, "[0].tokenChanged.token: must be the token's SHA-256"),
    ] {
        let mut embedded = connected();
        let before = embedded.engine().snapshot();
        let error = refused(&mut embedded, inputs);
        assert!(error.message.contains(words), "{inputs}: {error}");
        assert_eq!((error.code, error.applied, &*error.outputs), ("inputs.invalid", 0, "[]"));
        assert_eq!(embedded.engine().snapshot(), before, "{inputs}");
    }
}

#[test]
fn no_failure_repeats_a_password() {
    let mut embedded = connected();
    for wrong in [
        json!([{"received": {"socket": prepare().to_string(), "text": ""}}]),
        json!([{"received": {"socket": 1, "text": prepare()}}]),
        json!([{"opened": {"socket": 1, "peer": 1, "access": PASSWORD, "key": KEY}}]),
        json!([prepare().to_string()]),
        json!([{"cti": {"event": "answer", "request": PASSWORD, "result": "done"}}]),
    ] {
        let error = refused(&mut embedded, &wrong.to_string());
        assert!(!error.to_string().contains(PASSWORD), "{error}");
    }
}

#[test]
fn a_socket_that_is_gone_is_told_and_stops_nobody() {
    let mut embedded = connected();
    let outputs = step(&mut embedded, &json!([received(7, &prepare()), {"alive": {"socket": 7}}, "tick"]));
    assert_eq!(outputs, [json!({"ignored": {"input": 0, "socket": 7}}), json!({"ignored": {"input": 1, "socket": 7}})]);
    let error = refused(&mut embedded, &json!(["tick", opened(1)]).to_string());
    assert_eq!((error.code, error.applied), ("misuse.socketexists", 1));
    assert_eq!(step(&mut embedded, &json!([])), Vec::<Value>::new());
}

#[test]
fn a_token_nobody_vouches_for_opens_nothing() {
    let connect =
        json!({"messageType": "connect", "requestId": "c", "client": {"id": "d"}, "token": "t-1"}).to_string();
    let good = json!({"good": {"subject": "wallboard", "scopes": ["reports"], "token": "ab".repeat(32)}});
    for (claims, word) in [(Value::Null, "access.denied"), (json!("bad"), "access.denied"), (good, "connected")] {
        let mut embedded = embedded();
        let outputs = step(
            &mut embedded,
            &json!([
                {"opened": {"socket": 1, "peer": "10.0.0.1", "access": "token", "key": KEY}},
                {"received": {"socket": 1, "text": connect, "claims": claims}},
            ]),
        );
        let text = outputs[0]["send"]["text"].as_str().unwrap_or_default();
        assert!(text.contains(word) && !text.contains("t-1"), "{claims}: {outputs:?}");
    }
}

#[test]
fn a_message_beyond_the_bound_is_not_read() {
    let mut embedded = connected();
    let text = format!("{{\"a\":\"{}\"}}", "x".repeat(65_536));
    let outputs = step(&mut embedded, &json!([{"received": {"socket": 1, "text": text}}]));
    assert!(outputs.iter().any(|output| output["close"]["code"] == 1009), "{outputs:?}");
}

#[test]
fn posts_and_polls_are_answered() {
    let mut embedded = connected();
    let connect = json!({"messageType": "connect", "requestId": "c", "client": {"id": "web"}}).to_string();
    let access = json!({"scopes": ["reports"]});
    let key = "another-key-of-twenty-two-bytes";
    let post =
        json!({"posted": {"socket": 8, "peer": "10.0.0.2", "access": access, "to": {"fresh": key}, "text": connect}});
    let outputs = step(&mut embedded, &json!([post]));
    assert!(outputs[0]["send"]["text"].as_str().unwrap_or_default().contains("\"connected\""), "{outputs:?}");
    assert_eq!(outputs[1], json!({"answer": {"socket": 8, "status": 200}}));
    let poll = json!({"attached": {"socket": 9, "key": key, "after": 0, "carrier": {"poll": 0}}});
    let outputs =
        step(&mut embedded, &json!([poll, {"attached": {"socket": 10, "key": KEY, "after": 0, "carrier": "stream"}}]));
    assert!(outputs.contains(&json!({"answer": {"socket": 9, "status": 200}})), "{outputs:?}");
    assert!(
        outputs
            .iter()
            .any(|output| output["close"]
                == json!({"socket": 1, "code": 4001, "reason": "link moved to another socket"}))
    );
}

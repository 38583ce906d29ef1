//! `cti decode` and `cti encode`: frames of the CTI protocol of UCCX as JSON, and back.

use std::io::Write;
use std::process::{Output, Stdio};

use interaction_tests::server::command;
use interaction_tests::{Fault, strict};
use serde_json::{Value, json};

/// AGENT_STATE_EVENT: agt2005 at extension 2005 is not ready for reason 32760.
const NOT_READY: &str = "000000560000001e0000000000000001000000000015000000000000ffffffffffffffff000000027ff8000000010000000000000000000000000000000000010000c208616774323030350004053230303500060532303035007b02ffff";
/// HEARTBEAT_REQ.
const HEARTBEAT: &str = "000000040000000500000002";

fn run(arguments: &[&str], input: &[u8]) -> Result<Output, Fault> {
    let mut running = command();
    running.arg("cti").args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = running.spawn()?;
    // What is asked here fits the pipes.
    let written = child.stdin.take().map_or(Ok(()), |mut stdin| stdin.write_all(input));
    let output = child.wait_with_output()?;
    written?;
    Ok(output)
}

fn objects(output: &Output) -> Result<Vec<Value>, Fault> {
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(strict::object).collect()
}

fn digits(hex: &str) -> Vec<u8> {
    let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("two digits");
    (0..hex.len()).step_by(2).map(byte).collect()
}

#[test]
fn frames_are_told_field_by_field() -> Result<(), Fault> {
    let output = run(&["decode"], format!("{NOT_READY}\n{HEARTBEAT}\n").as_bytes())?;
    let told = objects(&output)?;
    assert_eq!(told.len(), 2);
    assert_eq!((&told[0]["type"], &told[0]["name"]), (&json!(30), &json!("AGENT_STATE_EVENT")));
    let fields = &told[0]["fields"];
    for (name, value) in [("AgentState", 2), ("EventReasonCode", 32760), ("resv_12", 21), ("resv_24", 0xFFFF_FFFF_i64)]
    {
        assert_eq!(fields[name], json!(value), "{name}");
    }
    let floating: Vec<(i64, &str, &Value)> = told[0]["floating"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|field| (field["tag"].as_i64().unwrap_or(0), field["name"].as_str().unwrap_or(""), &field["value"]))
        .collect();
    assert_eq!(
        floating,
        [
            (194, "AgentID", &json!("agt2005")),
            (4, "AgentExtension", &json!("2005")),
            (6, "AgentInstrument", &json!("2005")),
            (123, "NextAgentState", &json!(65535)),
        ]
    );
    assert_eq!(told[1], json!({"type": 5, "name": "HEARTBEAT_REQ", "fields": {"InvokeID": 2}, "floating": []}));
    Ok(())
}

#[test]
fn whatever_comes_gives_an_object_and_comes_back() -> Result<(), Fault> {
    let unknown = "0000000200001267ab01";
    let cut = &NOT_READY[..100];
    let unknown_tag = "0000000b0000000200000011fb02cafe0701".to_owned() + "00";
    let input = format!("{NOT_READY}\n{unknown}\n{cut}\nthis is no frame\n{unknown_tag}\n");
    let decoded = run(&["decode"], input.as_bytes())?;
    let told = objects(&decoded)?;
    assert_eq!(told.len(), 5);
    assert_eq!(told[1], json!({"type": 4711, "name": "UNKNOWN", "fields": {}, "floating": [], "body": "ab01"}));
    assert!(told[2]["error"].is_string() && told[3]["error"].is_string());
    assert_eq!(told[4]["floating"][0], json!({"tag": 251, "name": "UNKNOWN", "value": "cafe"}));
    let encoded = run(&["encode"], &decoded.stdout)?;
    assert_eq!(String::from_utf8_lossy(&encoded.stdout), input);

    let capture = [&digits(NOT_READY)[..], &digits(unknown), &digits(cut)].concat();
    let decoded = run(&["decode", "--binary"], &capture)?;
    assert_eq!(objects(&decoded)?.len(), 3);
    assert_eq!(run(&["encode", "--binary"], &decoded.stdout)?.stdout, capture);
    Ok(())
}

#[test]
fn widths_are_those_that_were_asked_for() -> Result<(), Fault> {
    // FAILURE_EVENT with a text, its tag of two bytes.
    let wide = "0000000a000000020000001100070361620a\n";
    let told = objects(&run(&["decode", "--tag-width", "2", "--length-width", "1"], wide.as_bytes())?)?;
    assert_eq!(told[0]["floating"], json!([{"tag": 7, "name": "Text", "value": "ab\n", "nul": false}]));
    let refused = run(&["decode", "--tag-width", "3"], b"")?;
    assert_eq!(refused.status.code(), Some(2));
    let missing = run(&["decode", "/nowhere/at/all"], b"")?;
    assert_eq!(missing.status.code(), Some(1));
    let wrong = run(&["encode"], b"{\"type\":5,\"fields\":{\"InvokeID\":-1}}\n")?;
    assert_eq!(wrong.status.code(), Some(1));
    let complaint = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert!(complaint.contains("line 1") && complaint.contains("fields.InvokeID"), "{complaint}");
    Ok(())
}

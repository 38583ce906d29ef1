//! The encoded form of inputs and outputs, held fast: one of each variant, with every kind of value in it.
//!
//! `golden/v1.txt` is what every build of format version 1 writes and reads. A journal of an older build must stay
//! readable: where this fails, append a variant instead of changing one, or begin version 2 with a file of its own.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::Arc;

use interaction_core::audit::{AuditAction, AuditActor, AuditCause, AuditRecord};
use interaction_core::codec::{self, Decoded};
use interaction_core::cti::{
    AgentState, AgentStatus, CallEvent, CallKind, Cause, Command, DeviceKind, Event, Media, RequestNo,
};
use interaction_core::ids::{AgentId, CallId, ClaimNo, QueryNo, SecretRef, SocketId};
use interaction_core::input::{
    Access, Carrier, ClaimAnswer, Claims, Closed, Frame, FreshKey, Input, KeyHash, MalformedKind, RecentCall,
    Recipient, Scopes, SecretKind, SecretSpan, StoreAnswer,
};
use interaction_core::output::{CloseCode, Delivery, Output, Sending, Splice, Status};
use interaction_core::report::journey::{JourneyRecord, Step};
use interaction_core::time::Time;

const GOLDEN: &str = include_str!("golden/v1.txt");

#[test]
fn inputs_and_outputs_have_the_form_of_version_1() {
    let mut written = String::new();
    let mut seen_inputs = [false; INPUTS];
    for (now, input) in inputs() {
        seen_inputs[place_of_input(&input)] = true;
        let mut bytes = Vec::new();
        codec::encode_input(now, &input, &mut bytes);
        assert_eq!(codec::decode_input(&bytes), Ok((now, input.clone())), "read back");
        line(&mut written, "input", &bytes);
    }
    assert_eq!(seen_inputs, [true; INPUTS], "one of each input");

    let (tail, journey): (Arc<[u8]>, _) = (Arc::from(&br#","requestId":"7"}"#[..]), journey());
    let names = Names { agent: "1001".into(), call: "c-1".into(), command: login(), audit: audit() };
    let splices = [Splice { at: 40, len: 4, secret: SecretRef(300) }];
    let mut seen_outputs = [false; OUTPUTS];
    for output in outputs(&names, &tail, &splices, &journey) {
        seen_outputs[place_of_output(&output)] = true;
        let mut bytes = Vec::new();
        codec::encode_output(&output, &mut bytes);
        let decoded = codec::decode_output(&bytes).expect("an output is read back");
        assert!(is_same(&output, &decoded), "{output:?} is read back as {decoded:?}");
        line(&mut written, "output", &bytes);
    }
    assert_eq!(seen_outputs, [true; OUTPUTS], "one of each output");
    assert!(written == GOLDEN, "the encoded form changed; golden/v1.txt would be:\n{written}");
}

#[test]
fn damaged_records_are_refused() {
    for line in GOLDEN.lines() {
        let (kind, hex) = line.split_once(' ').expect("a kind and a record");
        let bytes = bytes(hex);
        let reads = |bytes: &[u8]| match kind {
            "input" => codec::decode_input(bytes).is_ok(),
            _ => codec::decode_output(bytes).is_ok(),
        };
        assert!(reads(&bytes), "{line}");
        for len in 0..bytes.len() {
            assert!(!reads(&bytes[..len]), "cut to {len}: {line}");
        }
        assert!(!reads(&[&bytes[..], &[0]].concat()), "with more behind: {line}");
        assert!(!reads(&[&[2], &bytes[1..]].concat()), "of another version: {line}");
    }
}

const INPUTS: usize = 14;

/// Without a wildcard: a new input must be thought of here, too.
fn place_of_input(input: &Input<'_>) -> usize {
    match input {
        Input::Tick => 0,
        Input::Stalled { .. } => 1,
        Input::SocketOpened { .. } => 2,
        Input::Frame { .. } => 3,
        Input::Alive { .. } => 4,
        Input::Backlog { .. } => 5,
        Input::SocketClosed { .. } => 6,
        Input::Cti(_) => 7,
        Input::Claimed { .. } => 8,
        Input::Loaded { .. } => 9,
        Input::ShutDown { .. } => 10,
        Input::Posted { .. } => 11,
        Input::Attached { .. } => 12,
        Input::TokenChanged { .. } => 13,
    }
}

const OUTPUTS: usize = 13;

/// Without a wildcard: a new output must be thought of here, too.
fn place_of_output(output: &Output<'_>) -> usize {
    match output {
        Output::Send { .. } => 0,
        Output::Ping { .. } => 1,
        Output::Close { .. } => 2,
        Output::Cti { .. } => 3,
        Output::Forget { .. } => 4,
        Output::Claim { .. } => 5,
        Output::Release { .. } => 6,
        Output::Store { .. } => 7,
        Output::LoadJourney { .. } => 8,
        Output::LoadRecent { .. } => 9,
        Output::Audit { .. } => 10,
        Output::Answer { .. } => 11,
        Output::Fan { .. } => 12,
    }
}

fn inputs() -> Vec<(Time, Input<'static>)> {
    let socket = SocketId(300);
    let key = FreshKey { secret: SecretRef(9), hash: KeyHash([0xa5; 32]) };
    let scopes = Scopes { agent: true, supervisor: false, reports: true, admin: false };
    let text = |text: &'static str, secrets, claims| Input::Frame {
        socket,
        frame: Frame::Text { text: Cow::Borrowed(text), secrets: Cow::Owned(secrets), claims },
    };
    let span = SecretSpan { secret: SecretRef(10), kind: SecretKind::Password, offset: 11, len: 4, is_text: true };
    let good = Claims::Good { subject: "anna".into(), scopes, expires: Some(at(9)) };
    let known = Claims::Known { token: key.hash, subject: "anna".into(), scopes, expires: None };
    let claimed = |answer| Input::Claimed { claim: ClaimNo(5), answer };
    let loaded = |answer| Input::Loaded { query: QueryNo(6), answer };
    let held = ClaimAnswer::Held { instance: "node-b".into(), client: "desk-9".into(), since: at(1), calls: 2 };
    let recent = RecentCall {
        call: "c-1".into(),
        started: at(1),
        ended: at(2),
        from: "+4930".into(),
        to: "8000".into(),
        partial: true,
    };
    let inputs = vec![
        Input::Tick,
        Input::Stalled { for_us: 1_500_000 },
        Input::SocketOpened { socket, peer: "2001:db8::1".into(), access: Access::Open(scopes), key },
        Input::SocketOpened { socket, peer: "10.0.0.1".into(), access: Access::Token, key },
        text(r#"{"password":null}"#, vec![span], None),
        text(r#"{"messageType":"connect","token":null}"#, Vec::new(), Some(good)),
        text("{}", Vec::new(), Some(Claims::Bad)),
        Input::Frame { socket, frame: Frame::Malformed { kind: MalformedKind::TooDeep, bytes: 70 } },
        Input::Frame { socket, frame: Frame::TooLarge { bytes: 70_000 } },
        Input::Alive { socket },
        Input::Backlog { socket, bytes: 5_000 },
        Input::SocketClosed { socket, why: Closed::Slow },
        Input::Cti(status()),
        Input::Cti(began()),
        claimed(ClaimAnswer::Won),
        claimed(held),
        claimed(ClaimAnswer::Lost { agent: "1001".into(), client: "desk-9".into() }),
        claimed(ClaimAnswer::Unavailable),
        loaded(StoreAnswer::Journey(Some(journey()))),
        loaded(StoreAnswer::Journey(None)),
        loaded(StoreAnswer::Recent(vec![recent])),
        loaded(StoreAnswer::Unavailable),
        loaded(StoreAnswer::NoHistory),
        Input::ShutDown { grace_ms: 5_000 },
        Input::Posted {
            socket,
            peer: "10.0.0.1".into(),
            access: Access::Token,
            to: Recipient::Fresh(key),
            frame: Frame::Malformed { kind: MalformedKind::NotJson, bytes: 3 },
        },
        Input::Posted {
            socket,
            peer: "10.0.0.1".into(),
            access: Access::Open(scopes),
            to: Recipient::Link(key.hash),
            frame: Frame::TooLarge { bytes: 70_000 },
        },
        Input::Attached { socket, key: key.hash, after: 41, carrier: Carrier::Poll { wait_ms: 25_000 } },
        Input::Attached { socket, key: key.hash, after: 0, carrier: Carrier::Stream },
        text("{}", Vec::new(), Some(known.clone())),
        Input::TokenChanged { token: key.hash, claims: known },
        Input::TokenChanged { token: key.hash, claims: Claims::Bad },
    ];
    (0..).map(at).zip(inputs).collect()
}

struct Names {
    agent: AgentId,
    call: CallId,
    command: Command,
    audit: AuditRecord,
}

fn outputs<'a>(
    names: &'a Names,
    tail: &'a Arc<[u8]>,
    splices: &'a [Splice],
    journey: &'a JourneyRecord,
) -> Vec<Output<'a>> {
    let socket = SocketId(300);
    let send = |splices, sending| Output::Send { socket, head: br#"{"seq":7"#, tail, splices, sending };
    vec![
        send(splices, Sending::Live),
        send(&[], Sending::Replay),
        Output::Ping { socket },
        Output::Close { socket, code: CloseCode::Flood },
        Output::Cti { request: RequestNo(5), command: &names.command, secret: Some(SecretRef(9)) },
        Output::Forget { secret: SecretRef(9) },
        Output::Claim { claim: ClaimNo(5), agent: &names.agent, override_: true, client: "agent-desktop" },
        Output::Release { agent: &names.agent },
        Output::Store { journey },
        Output::LoadJourney { query: QueryNo(6), call: &names.call },
        Output::LoadRecent { query: QueryNo(6), limit: 50, number: Some("8000") },
        Output::Audit { record: &names.audit },
        Output::Answer { socket, status: Status::Conflict },
        Output::Fan { to: &TO, prefix: br#"{"seq":"#, suffix: br#","event":"#, tail },
    ]
}

const TO: [Delivery; 2] =
    [Delivery { socket: SocketId(1), seq: 7 }, Delivery { socket: SocketId(1 << 40), seq: u64::MAX }];

fn is_same(output: &Output<'_>, decoded: &Decoded<'_>) -> bool {
    *decoded
        == match *output {
            Output::Send { socket, head, tail, splices, sending } => {
                Decoded::Send { socket, head, tail, splices: splices.to_vec(), sending }
            }
            Output::Ping { socket } => Decoded::Ping { socket },
            Output::Close { socket, code } => Decoded::Close { socket, code },
            Output::Cti { request, command, secret } => Decoded::Cti { request, command: command.clone(), secret },
            Output::Forget { secret } => Decoded::Forget { secret },
            Output::Claim { claim, agent, override_, client } => {
                Decoded::Claim { claim, agent: agent.clone(), override_, client }
            }
            Output::Release { agent } => Decoded::Release { agent: agent.clone() },
            Output::Store { journey } => Decoded::Store { journey: journey.clone() },
            Output::LoadJourney { query, call } => Decoded::LoadJourney { query, call: call.clone() },
            Output::LoadRecent { query, limit, number } => Decoded::LoadRecent { query, limit, number },
            Output::Audit { record } => Decoded::Audit { record: record.clone() },
            Output::Answer { socket, status } => Decoded::Answer { socket, status },
            Output::Fan { to, prefix, suffix, tail } => Decoded::Fan { to: to.to_vec(), prefix, suffix, tail },
        }
}

fn login() -> Command {
    Command::Login { agent: "1001".into(), extension: Some("5001".into()) }
}

fn audit() -> AuditRecord {
    AuditRecord {
        at: at(4),
        action: AuditAction::Supervised,
        agent: "1001".into(),
        actor: AuditActor::Supervisor("2001".into()),
        cause: Some(AuditCause::Supervisor),
        client: "agent-desktop".into(),
        peer: "10.0.0.1".into(),
        note: "logout".into(),
    }
}

fn status() -> Event {
    Event::AgentStatus(AgentStatus {
        agent: "1001".into(),
        state: AgentState::Work,
        reason: "22".into(),
        since: Some(at(3)),
        pending: Some(AgentState::Ready),
        extension: Some("5001".into()),
    })
}

fn began() -> Event {
    Event::Call(CallEvent::Began {
        call: "c-1".into(),
        media: Media::Chat,
        kind: CallKind::Internal,
        from: "+4930".into(),
        to: "8000".into(),
        consults: Some("c-0".into()),
        data: vec![("queue".into(), "Sales".into())],
    })
}

fn journey() -> JourneyRecord {
    JourneyRecord {
        legs: vec!["c-1".into(), "c-2".into()],
        from: "+4930".into(),
        to: "8000".into(),
        numbers: vec!["+4930".into()],
        started: at(1),
        ended: at(2),
        cause: Cause::Transferred,
        agents: vec!["1001".into()],
        steps: vec![Step {
            call: "c-1".into(),
            device: "5001".into(),
            kind: DeviceKind::Agent,
            description: "talking".into(),
            started: at(1),
            ended: None,
            partial: true,
        }],
        truncated: 3,
        running: false,
    }
}

fn at(seconds: u64) -> Time {
    Time::from_millis(1_790_000_000_000 + seconds * 1000)
}

fn line(out: &mut String, kind: &str, bytes: &[u8]) {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    writeln!(out, "{kind} {hex}").expect("text grows");
}

fn bytes(hex: &str) -> Vec<u8> {
    hex.as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(str::from_utf8(pair).expect("ASCII"), 16).expect("hexadecimal digits"))
        .collect()
}

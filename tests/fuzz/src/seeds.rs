//! Valid inputs to begin from: messages of the readable traces, frames of every layout, a platform's ordinary morning.

use std::path::Path;

use interaction_core::codec;
use interaction_core::config::Seed;
use interaction_core::cti::uccx::codec::messages::{
    AgentRecord, AgentStateEvent, BeginCallEvent, ConfigAgentEvent, ConfigBeginEvent, ConfigEndEvent, ConfigKeyEvent,
    HeartbeatConf, LAYOUTS, OpenConf, QueryAgentStateConf, TeamConfigConf, TeamConfigEvent, TeamMember,
};
use interaction_core::cti::uccx::codec::{Message, Widths};
use interaction_core::engine::Engine;
use interaction_core::ids::SocketId;
use interaction_core::input::{Closed, Input};
use interaction_trace::{base_config, small_centre};

use crate::adapters::{START, op};
use crate::clients::{BREAK, NEXT};

/// A frame of every message, with its fixed part in zeros and no floating field, and some whole ones.
pub(super) fn frames() -> Vec<Vec<u8>> {
    let bare = LAYOUTS.iter().filter_map(|layout| {
        let fixed: usize = layout.fixed.iter().map(|field| field.kind.fixed_bytes()).sum();
        let mut frame = u32::try_from(fixed).ok()?.to_be_bytes().to_vec();
        frame.extend(layout.id?.to_be_bytes());
        frame.resize(frame.len() + fixed, 0);
        Some(frame)
    });
    bare.chain(morning()).collect()
}

/// What a server says while it is connected to: the invoke ids are those our client counts from 1.
fn morning() -> Vec<Vec<u8>> {
    let agents = [AgentRecord { record_type: Some(0), login_id: Some("2001".into()), ..AgentRecord::default() }];
    let members = [TeamMember {
        agent_id: Some("2001".into()),
        agent_flags: Some(0),
        record_type: Some(0),
        member_type: Some(1),
        ..TeamMember::default()
    }];
    let messages: Vec<Message<'_>> = vec![
        OpenConf {
            invoke_id: 1,
            services_granted: 0x0004_0096,
            ccx_online: true.into(),
            flt_peripheral_id: Some(1),
            ..OpenConf::default()
        }
        .into(),
        ConfigKeyEvent::default().into(),
        ConfigBeginEvent { config_type: 1, configuration_mask: 0x0F, ..ConfigBeginEvent::default() }.into(),
        ConfigAgentEvent { records: agents.as_slice().into(), ..ConfigAgentEvent::default() }.into(),
        ConfigEndEvent::default().into(),
        TeamConfigEvent {
            team_id: 7,
            operation: 1,
            team_name: Some("Sales".into()),
            members: members.as_slice().into(),
            ..TeamConfigEvent::default()
        }
        .into(),
        TeamConfigConf { invoke_id: 2, ..TeamConfigConf::default() }.into(),
        QueryAgentStateConf { invoke_id: 3, agent_state: 2, agent_id: Some("2001".into()), ..Default::default() }
            .into(),
        AgentStateEvent { agent_state: 3, agent_id: Some("2001".into()), ..AgentStateEvent::default() }.into(),
        BeginCallEvent { connection_call_id: 1, ani: Some("+15550100".into()), ..BeginCallEvent::default() }.into(),
        HeartbeatConf { invoke_id: 4, ..HeartbeatConf::default() }.into(),
    ];
    let encode = |message: Message<'_>| {
        let mut frame = Vec::new();
        message.encode(Widths::V10, &mut frame).expect("a valid message");
        frame
    };
    messages.into_iter().map(encode).collect()
}

/// Streams of such frames, each behind the eight bytes that say how it is cut.
pub(super) fn streams() -> Vec<Vec<u8>> {
    let mut stream = vec![0, 3, 7, 63, 1, 9, 30, 5];
    stream.extend(frames().concat());
    vec![stream, [&[60; 8][..], &morning().concat()].concat()]
}

/// Days of an adapter of UCCX.
pub(super) fn uccx_days() -> Vec<Vec<u8>> {
    let mut day = Vec::new();
    for frame in morning() {
        say(&mut day, &frame);
        day.extend([op::WAIT, 5]);
    }
    day.extend([op::ASK, 2, op::ASK, 4, op::WAIT, 250]);
    let mut other = Vec::new();
    say(&mut other, &morning().concat());
    other.extend([op::ASK, 1, op::BREAK, op::WAIT, 200, op::ASK, 5]);
    vec![day, other]
}

/// Days of an adapter of JSON lines.
pub(super) fn jsonl_days() -> Vec<Vec<u8>> {
    let lines: [&str; 8] = [
        r#"{"event":"hello","protocol":1,"vendor":"Acme","version":"7.1","offers":["telephony"]}"#,
        r#"{"event":"resyncBegin"}"#,
        r#"{"event":"agent","id":"2001","name":"Ann Archer"}"#,
        r#"{"event":"resyncEnd"}"#,
        r#"{"event":"status","agent":"2001","state":"ready"}"#,
        r#"{"event":"began","call":"1","from":"+1555","to":"6001"}"#,
        r#"{"answer":1,"result":"done"}"#,
        r#"{"event":"ended","call":"1"}"#,
    ];
    let mut day = Vec::new();
    for line in lines {
        say(&mut day, format!("{line}\n").as_bytes());
        day.extend([op::ASK, 2]);
    }
    let mut other = Vec::new();
    say(&mut other, (lines.join("\n") + "\n").as_bytes());
    other.extend([op::BREAK, op::WAIT, 255, op::ASK, 0]);
    vec![day, other]
}

fn say(day: &mut Vec<u8>, bytes: &[u8]) {
    day.push(op::SAY);
    day.extend(u16::try_from(bytes.len()).expect("a short morning").to_be_bytes());
    day.extend(bytes);
}

/// Every message a client sends in the traces.
pub(super) fn messages() -> Vec<Vec<u8>> {
    let mut messages: Vec<Vec<u8>> = traces().into_iter().flatten().collect();
    messages.sort_unstable();
    messages.dedup();
    messages
}

/// What one client says in each trace, in its order.
pub(super) fn conversations() -> Vec<Vec<u8>> {
    let join = |messages: Vec<Vec<u8>>| messages.join(&NEXT);
    let mut all: Vec<Vec<u8>> = traces().into_iter().map(join).collect();
    let broken = [messages()[0].as_slice(), BREAK].join(&NEXT);
    all.push(broken);
    all
}

fn traces() -> Vec<Vec<Vec<u8>>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../traces");
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).expect("the traces are there").filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    let sent = |text: String| -> Vec<Vec<u8>> {
        text.lines().filter_map(|line| line.strip_prefix("1> ")).map(|line| line.as_bytes().to_vec()).collect()
    };
    let read = |path: std::path::PathBuf| std::fs::read_to_string(path).expect("a trace is text");
    paths.into_iter().map(read).map(sent).filter(|messages| !messages.is_empty()).collect()
}

fn inputs() -> Vec<Input<'static>> {
    let mut inputs: Vec<Input<'static>> = small_centre().into_iter().map(Input::Cti).collect();
    inputs.extend([
        Input::Tick,
        Input::Stalled { for_us: 5_000_000 },
        Input::Alive { socket: SocketId(1) },
        Input::SocketClosed { socket: SocketId(1), why: Closed::Slow },
        Input::ShutDown { grace_ms: 100 },
    ]);
    inputs
}

/// Encoded inputs.
pub(super) fn records() -> Vec<Vec<u8>> {
    let encode = |input: &Input<'_>| {
        let mut record = Vec::new();
        codec::encode_input(START, input, &mut record);
        record
    };
    inputs().iter().map(encode).collect()
}

/// Snapshots of an engine that is fresh, and of one that knows a contact centre.
pub(super) fn snapshots() -> Vec<Vec<u8>> {
    let mut engine = Engine::new(base_config(), Seed(1), START);
    let fresh = engine.snapshot();
    for event in small_centre() {
        engine.handle_input(START, Input::Cti(event)).expect("the platform tells what it likes");
        while engine.poll_output().is_some() {}
    }
    vec![fresh, engine.snapshot()]
}

//! Frames worked out by hand from the published tables, byte for byte.

use interaction_core::cti::uccx::codec::messages::{
    AgentStateEvent, HeartbeatReq, OpenReq, TeamConfigConf, TeamConfigEvent, TeamConfigReq, TeamMember,
};
use interaction_core::cti::uccx::codec::names::{agent_flags, agent_state, record_type, services, team_operation};
use interaction_core::cti::uccx::codec::{Frame, Message, Secret, Widths};

use crate::bytes;

fn check(hex: &str, message: Message<'_>) {
    let wanted = bytes(hex);
    let mut written = Vec::new();
    message.encode(Widths::V10, &mut written).expect("the message can be written");
    assert_eq!(written, wanted, "{message:?}");
    let frame = Frame::from_bytes(&wanted).expect("one frame");
    assert_eq!(Message::decode(frame, Widths::V10), Ok(message));
}

#[test]
fn open_request_in_bridge_mode() {
    let services = services::CALL_DATA_UPDATE
        | services::CLIENT_CONTROL
        | services::ALL_EVENTS
        | services::SUPERVISOR
        | services::CONFIG_EVENTS;
    let message = OpenReq {
        invoke_id: 1,
        version_number: 14,
        idle_timeout: 60,
        services_requested: services,
        call_msg_mask: 0x0007_EFFF,
        agent_state_mask: 0x1FF,
        config_msg_mask: 0x0F,
        client_id: Some("his-cti".into()),
        ..OpenReq::default()
    };
    check(
        "0000003600000003000000010000000e0000003c00000000000400960007efff000001ff0000000f\
         00000000000000000000000001086869732d63746900",
        message.into(),
    );
}

#[test]
fn heartbeat_request() {
    let message = HeartbeatReq { invoke_id: 2, ..HeartbeatReq::default() };
    check("000000040000000500000002", message.into());
}

#[test]
fn team_request() {
    let message = TeamConfigReq { invoke_id: 3, config_param: 1, ..TeamConfigReq::default() };
    check("0000000e000000f20000000300010000000000000000", message.into());
}

#[test]
fn team_added_with_a_supervisor_and_an_agent() {
    let member = |agent_id: &'static str, flags: u16| TeamMember {
        agent_id: Some(agent_id.into()),
        agent_flags: Some(flags),
        record_type: Some(record_type::ADD),
        member_type: Some(1),
        ..TeamMember::default()
    };
    let members = [member("sup1", agent_flags::PRIMARY_SUPERVISOR), member("agt2005", 0)];
    let message = TeamConfigEvent {
        team_id: 7,
        num_records: 2,
        operation: team_operation::ADD,
        team_name: Some("Sales".into()),
        members: (&members).into(),
        ..TeamConfigEvent::default()
    };
    check(
        "00000041000000f300000007000200010000000000000000cc0653616c657300c205737570310057020001b7020000cd020001\
         c208616774323030350057020000b7020000cd020001",
        message.into(),
    );
}

#[test]
fn end_of_teams() {
    let message = TeamConfigConf { invoke_id: 3, ..TeamConfigConf::default() };
    check("00000008000000f40000000300000000", message.into());
}

#[test]
fn agent_not_ready_after_logging_on() {
    let message = AgentStateEvent {
        csq_id: 0xFFFF_FFFF,
        agent_state: agent_state::NOT_READY,
        event_reason_code: 32760,
        agent_id: Some("agt2005".into()),
        agent_extension: Some("2005".into()),
        agent_instrument: Some("2005".into()),
        next_agent_state: Some(agent_state::NONE),
        ..AgentStateEvent::default()
    };
    let hex = "000000560000001e0000000000000001000000000015000000000000ffffffffffffffff000000027ff8000000010000000000\
               000000000000000000000000010000c208616774323030350004053230303500060532303035007b02ffff";
    check(hex, message.into());
}

#[test]
fn a_password_has_no_nul_as_unspec_and_is_not_printed() {
    let message = OpenReq { client_password: Some(Secret::new(b"pw")), ..OpenReq::default() };
    let mut frame = Vec::new();
    message.encode(Widths::V10, &mut frame).expect("the message can be written");
    assert!(frame.ends_with(&[2, 2, b'p', b'w']));
    let decoded = Message::decode(Frame::from_bytes(&frame).expect("one frame"), Widths::V10);
    let shown = format!("{decoded:?}");
    assert!(shown.contains("client_password: Some(Secret(..))"), "{shown}");
    assert!(!shown.contains("pw") && !shown.contains("112, 119"), "{shown}");
}

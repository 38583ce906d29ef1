//! What the decoder puts up with, and what encoder and decoder refuse.

use interaction_core::cti::uccx::codec::messages::{
    AgentStateEvent, CallDequeuedEvent, CallDequeuedGedEvent, CallNamedVariable, CallServiceInitiatedEvent,
    ConfigAgentEvent, ConfigCsqEvent, ConfigTerminalEvent, FailureEvent, MakeCallReq, OpenConf, QueuedCsq,
    TeamConfigEvent, TeamMember, TerminalRecord,
};
use interaction_core::cti::uccx::codec::{
    Bool, DecodeError, ENCODED_FRAME_BYTES_MAX, EncodeError, Frame, Message, NamedVariable, Widths,
};

use crate::framed;
use crate::generate::put;

const NARROW: Widths = Widths::V10;

fn body(fixed_bytes: usize, fields: &[(u16, &[u8])]) -> Vec<u8> {
    let mut body = vec![0; fixed_bytes];
    for (tag, value) in fields {
        put(&mut body, NARROW, *tag, value);
    }
    body
}

#[test]
fn floating_fields_come_in_any_order_and_groups_among_them() {
    let fields: [(u16, &[u8]); 8] = [
        (123, &[0, 3]),
        (62, &[0, 0, 0, 5]),
        (65, &[0, 2]),
        (6, b"SEP1\0"),
        (62, &[0, 0, 0, 6]),
        (194, b"agt\0"),
        (65, &[0, 3]),
        (4, b"2005\0"),
    ];
    let body = body(AgentStateEvent::FIXED_BYTES, &fields);
    let event = AgentStateEvent::decode_body(&body, NARROW).expect("it can be read");
    assert_eq!(event.agent_id.expect("an agent"), "agt");
    assert_eq!(event.agent_extension.expect("an extension"), "2005");
    assert_eq!(event.next_agent_state, Some(3));
    let csqs: Vec<_> = event.csqs.iter().map(|csq| (csq.csq_id, csq.csq_state)).collect();
    assert_eq!(csqs, [(Some(5), Some(2)), (Some(6), Some(3))]);
    assert!(event.extra.is_empty());
}

#[test]
fn a_wrong_count_changes_nothing() {
    for count in [0, 1, 9, 0xFFFF_u16] {
        let mut body = body(TeamConfigEvent::FIXED_BYTES, &[(204, b"T\0"), (194, b"a\0"), (194, b"b\0")]);
        body[4..6].copy_from_slice(&count.to_be_bytes());
        let event = TeamConfigEvent::decode_body(&body, NARROW).expect("it can be read");
        assert_eq!((event.num_records, event.members.len()), (count, 2));
        let mut written = Vec::new();
        event.encode(NARROW, &mut written).expect("it can be written");
        assert_eq!(written[12..14], [0, 2], "the encoder counts");
    }
}

#[test]
fn a_missing_field_moves_no_other_record() {
    let fields: [(u16, &[u8]); 6] =
        [(194, b"a\0"), (183, &[0, 0]), (194, b"b\0"), (87, &[0, 1]), (183, &[0, 2]), (194, b"c\0")];
    let body = body(TeamConfigEvent::FIXED_BYTES, &fields);
    let event = TeamConfigEvent::decode_body(&body, NARROW).expect("it can be read");
    let member = |id: &'static str, flags: Option<u16>, record: Option<u16>| TeamMember {
        agent_id: Some(id.into()),
        agent_flags: flags,
        record_type: record,
        ..TeamMember::default()
    };
    let wanted = [member("a", None, Some(0)), member("b", Some(1), Some(2)), member("c", None, None)];
    assert_eq!(event.members, (&wanted).into());
}

#[test]
fn nested_groups_stay_with_their_record() {
    let fields: [(u16, &[u8]); 10] = [
        (183, &[0, 0]),
        (190, b"a\0"),
        (191, &[0, 2]),
        (62, &[0, 0, 0, 1]),
        (62, &[0, 0, 0, 2]),
        (247, &[0, 3]),
        (183, &[0, 1]),
        (190, b"b\0"),
        (62, &[0, 0, 0, 3]),
        (64, &[0, 9]),
    ];
    let body = body(ConfigAgentEvent::FIXED_BYTES, &fields);
    let event = ConfigAgentEvent::decode_body(&body, NARROW).expect("it can be read");
    let agents: Vec<_> = event.records.iter().collect();
    assert_eq!(agents.len(), 2);
    assert_eq!((agents[0].agent_state, agents[1].agent_state), (Some(3), None));
    let csqs = |index: usize| agents[index].csqs.iter().map(|csq| csq.csq_id).collect::<Vec<_>>();
    assert_eq!((csqs(0), csqs(1)), (vec![Some(1), Some(2)], vec![Some(3)]));
    assert_eq!(agents[1].csqs.iter().next().and_then(|csq| csq.resv_tag64), Some(9));
}

#[test]
fn what_has_no_place_is_kept_and_written_again() {
    // An unknown tag, a repeated single field, a length that does not fit, and one in a group that does not.
    let extra: [(u16, &[u8]); 4] = [(250, b"??"), (194, b"second\0"), (123, &[1]), (62, &[1, 2])];
    let mut fields: Vec<(u16, &[u8])> = vec![(194, b"first\0")];
    fields.extend(extra);
    let frame = framed(30, &body(AgentStateEvent::FIXED_BYTES, &fields));
    let message = Message::decode(Frame::from_bytes(&frame).expect("one frame"), NARROW).expect("it can be read");
    let Message::AgentStateEvent(event) = message else { panic!("{message:?}") };
    assert_eq!(event.agent_id.expect("an agent"), "first");
    assert_eq!((event.next_agent_state, event.csqs.len(), message.extra_fields()), (None, 0, 4));
    let kept: Vec<_> = event.extra.iter().map(|tlv| (tlv.tag, tlv.value)).collect();
    assert_eq!(kept, extra);
    let mut written = Vec::new();
    message.encode(NARROW, &mut written).expect("it can be written");
    assert_eq!(written, frame);
}

#[test]
fn unknown_messages_are_kept_whole() {
    let frame = framed(4711, b"whatever");
    let message = Message::decode(Frame::from_bytes(&frame).expect("one frame"), NARROW).expect("any body is fine");
    let Message::Unknown(unknown) = message else { panic!("{message:?}") };
    assert_eq!((unknown.message_id, unknown.body), (4711, &b"whatever"[..]));
    let mut written = Vec::new();
    message.encode(NARROW, &mut written).expect("it can be written");
    assert_eq!(written, frame);
}

#[test]
fn strings_need_neither_a_nul_nor_utf_8() {
    let read = |value: &[u8]| {
        let body = body(FailureEvent::FIXED_BYTES, &[(7, value)]);
        let event = FailureEvent::decode_body(&body, NARROW).expect("it can be read");
        let text = event.text.expect("a text");
        (text.as_bytes().to_vec(), text.to_string(), text.as_str().is_some())
    };
    assert_eq!(read(b"abc\0"), (b"abc".to_vec(), "abc".into(), true));
    assert_eq!(read(b"abc"), (b"abc".to_vec(), "abc".into(), true));
    assert_eq!(read(b"abc\0\0"), (b"abc\0".to_vec(), "abc\0".into(), true));
    assert_eq!(read(b""), (Vec::new(), String::new(), true));
    assert_eq!(read(b"M\xFCller\0"), (b"M\xFCller".to_vec(), "M\u{FFFD}ller".into(), false));
}

#[test]
fn bools_have_two_bytes_or_four() {
    let read = |value: &[u8]| {
        let body = body(ConfigCsqEvent::FIXED_BYTES, &[(183, &[0, 0]), (185, value)]);
        let event = ConfigCsqEvent::decode_body(&body, NARROW).expect("it can be read");
        (event.records.iter().next().and_then(|csq| csq.auto_work), event.extra.len())
    };
    assert_eq!(read(&[0, 1]), (Some(Bool::Two(1)), 0));
    assert_eq!(read(&[0, 0, 0, 1]), (Some(Bool::Four(1)), 0));
    assert_eq!(read(&[1]), (None, 1));
    assert!(Bool::Four(0x1_0000).is_true() && !Bool::Two(0).is_true());
}

#[test]
fn both_orders_of_a_dequeued_call_are_read() {
    let csqs = [QueuedCsq { csq_id: Some(4), ..QueuedCsq::default() }];
    let guide = CallDequeuedEvent {
        connection_call_id: 77,
        application_id: 5,
        queue_device_type: 77,
        num_csqs: 1,
        event_cause: 28,
        queue_device_id: Some("Q1".into()),
        csqs: (&csqs).into(),
        ..CallDequeuedEvent::default()
    };
    let ged = CallDequeuedGedEvent {
        connection_call_id: 77,
        application_id: 5,
        queue_device_type: 77,
        num_csqs: 1,
        event_cause: 28,
        queue_device_id: Some("Q1".into()),
        csqs: (&csqs).into(),
        ..CallDequeuedGedEvent::default()
    };
    let (mut in_guide_order, mut in_ged_order) = (Vec::new(), Vec::new());
    guide.encode(NARROW, &mut in_guide_order).expect("it can be written");
    ged.encode(NARROW, &mut in_ged_order).expect("it can be written");
    assert_ne!(in_guide_order, in_ged_order);
    for frame in [&in_guide_order, &in_ged_order] {
        let message = Message::decode(Frame::from_bytes(frame).expect("one frame"), NARROW);
        assert_eq!(message, Ok(guide.into()));
    }
}

#[test]
fn the_line_type_is_found_in_either_word() {
    let event = |first: u16, second: u16| CallServiceInitiatedEvent {
        resv_or_line_type: first,
        line_type_or_resv: second,
        ..CallServiceInitiatedEvent::default()
    };
    assert_eq!(event(10, 0).line_type(), Some(10));
    assert_eq!(event(0xFFFF, 3).line_type(), Some(3));
    assert_eq!(event(0, 0).line_type(), None);
}

#[test]
fn a_cut_body_is_refused_with_the_place() {
    let full = body(FailureEvent::FIXED_BYTES, &[(7, b"ab\0")]);
    let cut = FailureEvent::decode_body(&full[..3], NARROW);
    assert_eq!(cut, Err(DecodeError::FixedCut { message: "FAILURE_EVENT", needed: 4, found: 3 }));
    for end in 5..full.len() {
        let cut = FailureEvent::decode_body(&full[..end], NARROW);
        assert_eq!(cut, Err(DecodeError::FieldCut { message: "FAILURE_EVENT", offset: 4 }), "{end}");
    }
    assert!(FailureEvent::decode_body(&full[..4], NARROW).is_ok());
}

#[test]
fn the_encoder_refuses_and_leaves_the_buffer_alone() {
    let refused = |message: Message<'_>, widths: Widths, error: EncodeError| {
        let mut out = vec![9];
        assert_eq!(message.encode(widths, &mut out), Err(error));
        assert_eq!(out, [9]);
    };
    let long = "x".repeat(40);
    let call = MakeCallReq { dialed_number: Some(long.as_str().into()), ..MakeCallReq::default() };
    refused(call.into(), NARROW, EncodeError::FieldTooLong { tag: 11, length: 41, limit: 40 });

    let variable = NamedVariable { name: "a\0b".into(), value: "c".into() };
    let variables = [CallNamedVariable { named_variable: Some(variable), ..CallNamedVariable::default() }];
    let call = MakeCallReq { named_variables: (&variables).into(), ..MakeCallReq::default() };
    refused(call.into(), NARROW, EncodeError::NulInName { tag: 82 });

    let member = TeamMember { agent_id: Some("agent".into()), agent_flags: Some(0), ..TeamMember::default() };
    let members = vec![member; 400];
    let team = TeamConfigEvent { members: members.as_slice().into(), ..TeamConfigEvent::default() };
    let length = 8 + TeamConfigEvent::FIXED_BYTES + 400 * (2 + 6 + 2 + 2);
    assert!(length > ENCODED_FRAME_BYTES_MAX);
    refused(team.into(), NARROW, EncodeError::FrameTooLong { length });

    let terminals = [TerminalRecord { terminal_type: Some(1), ..TerminalRecord::default() }];
    let event = ConfigTerminalEvent { records: (&terminals).into(), ..ConfigTerminalEvent::default() };
    let mut out = Vec::new();
    assert_eq!(event.encode_as(245, NARROW, &mut out), Err(EncodeError::TagTooWide { tag: 302 }));
}

#[test]
fn version_18_widths_are_told_from_the_confirmation() {
    let conf = OpenConf {
        agent_extension: Some("2005".into()),
        num_peripherals: Some(1),
        config_msg_mask_granted: Some(15),
        ..OpenConf::default()
    };
    for widths in [Widths::V18, Widths::WIDE] {
        let mut frame = Vec::new();
        conf.encode(widths, &mut frame).expect("it can be written");
        assert_eq!(Widths::detect_v18(Frame::from_bytes(&frame).expect("one frame")), Some(widths));
    }
    let mut frame = Vec::new();
    conf.encode(NARROW, &mut frame).expect("it can be written");
    assert_eq!(Widths::detect_v18(Frame::from_bytes(&frame).expect("one frame")), None);
}

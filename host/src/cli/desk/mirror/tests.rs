//! A session as its events tell of it.

use serde_json::json;

use super::*;

/// A call that rings at an agent who was ready.
pub(in super::super) fn ringing() -> Mirror {
    let mut mirror = Mirror::of("s");
    for event in [
        json!({"messageType": "objectEvent", "target": "s", "name": "channel.created",
               "data": {"channel": {"id": "c", "name": "Telephony", "state": "INACTIVE"}}}),
        json!({"messageType": "objectEvent", "target": "s.c", "name": "channel.infochanged",
               "data": {"channel": {"id": "c", "availability": {"state": "BUSY", "pending": "NOT_READY"}}}}),
        json!({"messageType": "stateEvent", "target": "s.c", "name": "state.updated", "state": "ACTIVE", "data": [
            {"name": "channel.ready", "type": "enable"}, {"name": "channel.notready", "type": "enable"},
            {"name": "channel.dial", "type": "disable"}]}),
        json!({"messageType": "objectEvent", "target": "s.c", "name": "interaction.created",
               "data": {"interaction": {"id": "i", "type": "telephony", "direction": "inbound"}}}),
        json!({"messageType": "objectEvent", "target": "s.c.i", "name": "conversation.created",
               "data": {"conversation": {"id": "v", "role": "primary"}}}),
        json!({"messageType": "stateEvent", "target": "s.c.i.v", "name": "state.updated", "state": "ALERTING", "data": [
            {"name": "conversation.answer", "type": "enable"}]}),
        json!({"messageType": "objectEvent", "target": "s.c.i.v", "name": "conversation.member.added",
               "data": {"member": {"id": "m", "name": "", "address": "+4930"}}}),
        json!({"messageType": "objectEvent", "target": "s", "name": "session.initialized", "data": {
            "notReadyReasons": [{"code": "22", "name": "Lunch"}], "logoutReasons": [], "wrapUpCodes": []}}),
    ] {
        mirror.apply(&event);
    }
    mirror
}

#[test]
fn the_summary_and_the_verbs_are_what_the_events_say() {
    let mirror = ringing();
    assert_eq!(mirror.summary(), "Telephony BUSY (NOT_READY) · #1 inbound telephony  · primary ALERTING +4930");
    assert_eq!(mirror.verbs(), ["answer", "ready", "notready"], "those of a call first");
    assert!(mirror.offers("answer") && !mirror.offers("dial"));
    assert_eq!(mirror.not_ready[0], Reason { code: "22".into(), name: "Lunch".into() });
    assert_eq!(mirror.number_of("s.c.i.v"), Some(1));
}

#[test]
fn changes_are_told_once_and_what_is_disposed_is_gone_with_all_below() {
    let mut mirror = ringing();
    let connected = json!({"messageType": "stateEvent", "target": "s.c.i.v", "name": "state.updated",
        "state": "CONNECTED", "data": [{"name": "conversation.answer", "type": "disable"},
                                       {"name": "conversation.hold", "type": "enable"}]});
    assert_eq!(mirror.apply(&connected), ["#1 inbound telephony primary CONNECTED"]);
    assert_eq!(mirror.apply(&connected), Vec::<String>::new());
    assert_eq!(mirror.verbs(), ["hold", "ready", "notready"]);
    let ended = json!({"messageType": "objectEvent", "target": "s.c.i", "name": "interaction.ended",
                       "data": {"cause": "normal", "by": "far end"}});
    assert_eq!(mirror.apply(&ended), ["#1 inbound telephony ended: normal far end"]);
    mirror.apply(&json!({"messageType": "objectEvent", "target": "s.c.i", "name": "interaction.disposed", "data": {}}));
    assert_eq!(mirror.describe().len(), 2, "the session and its channel");
    assert_eq!(mirror.verbs(), ["ready", "notready"]);
}

#[test]
fn events_of_nobody_change_nothing() {
    let mut mirror = ringing();
    let before = mirror.describe();
    for event in
        [json!({}), json!({"messageType": "stateEvent", "target": "x", "state": "Y"}), json!({"name": "a.created"})]
    {
        assert_eq!(mirror.apply(&event), Vec::<String>::new());
    }
    assert_eq!(mirror.describe(), before);
}

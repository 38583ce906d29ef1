//! Names of numbers.

use interaction_core::cti::uccx::codec::messages::LAYOUTS;
use interaction_core::cti::uccx::codec::names;
use interaction_core::cti::uccx::codec::{Item, Layout};

#[test]
fn the_lists_are_in_ascending_order() {
    fn ascending<T: Copy + Ord>(all: &[(T, &str)]) -> bool {
        all.is_sorted_by(|(left, _), (right, _)| left < right)
    }
    assert!(ascending(names::tags::ALL));
    assert!(ascending(names::agent_state::ALL) && ascending(names::team_operation::ALL));
    assert!(ascending(names::record_type::ALL) && ascending(names::member_type::ALL));
    assert!(ascending(names::agent_flags::ALL) && ascending(names::connection_device_id_type::ALL));
    assert!(ascending(names::device_type::ALL) && ascending(names::connection_state::ALL));
    assert!(ascending(names::event_cause::ALL) && ascending(names::call_type::ALL));
    assert!(ascending(names::called_party_disposition::ALL) && ascending(names::line_type::ALL));
    assert!(ascending(names::status::ALL) && ascending(names::control_failure::ALL));
    assert!(ascending(names::ccx_error::ALL) && ascending(names::ccx_status::ALL));
    assert!(ascending(names::system_event::ALL) && ascending(names::services::ALL));
    assert!(ascending(names::call_message_mask::ALL) && ascending(names::agent_state_mask::ALL));
    assert!(ascending(names::config_message_mask::ALL) && ascending(names::configuration_mask::ALL));
    assert!(names::reason_code::ALL.is_sorted_by(|left, right| left.code < right.code));
}

#[test]
fn numbers_have_their_published_names() {
    assert_eq!(names::agent_state::name(3), Some("READY"));
    assert_eq!(names::agent_state::name(13), None);
    assert_eq!(names::status::name(92), Some("SERVER_NOT_MASTER"));
    assert_eq!(names::control_failure::name(257), Some("INVALID_PASSWORD"));
    assert_eq!(names::ccx_error::name(88005), Some("DEVICE_BUSY"));
    assert_eq!(names::event_cause::name(1014), Some("DROP_HANDLED_OTHER"));
    assert_eq!(names::call_type::name(12), Some("CONSULT"));
    assert_eq!(names::device_type::name(74), Some("ROUTE_POINT"));
    assert_eq!(names::system_event::name(4), Some("CCX_OFFLINE"));
    assert_eq!(names::tags::name(303), Some("TerminalDeviceName"));
    let logon = names::reason_code::find(32760).expect("a reason of the system");
    assert_eq!((logon.name, logon.states), ("LOGON", &[names::agent_state::NOT_READY][..]));
    assert_eq!(names::reason_code::name(7), None, "an administrator's");
}

#[test]
fn masks_are_told_by_their_bits() {
    let services: Vec<_> = names::services::names(0x0004_0096).collect();
    assert_eq!(services, ["CALL_DATA_UPDATE", "CLIENT_CONTROL", "ALL_EVENTS", "SUPERVISOR", "CONFIG_EVENTS"]);
    assert_eq!(names::services::unlisted(0x0004_0009), 0x8);
    let all: u32 = names::call_message_mask::ALL.iter().take(16).fold(0, |mask, (bit, _)| mask | bit);
    assert_eq!(all & 0x0007_EFFF, all & !names::call_message_mask::ALL[16].0);
}

#[test]
fn the_two_configuration_masks_differ() {
    let opened: Vec<_> = names::config_message_mask::names(0b101).collect();
    let requested: Vec<_> = names::configuration_mask::names(0b101).collect();
    assert_eq!((opened, requested), (vec!["AGENT", "APPLICATION"], vec!["APPLICATION", "AGENT"]));
    assert_ne!(names::config_message_mask::AGENT, names::configuration_mask::AGENT);
}

#[test]
fn every_tag_of_a_message_is_in_the_list() {
    fn check(layout: &Layout, items: &[Item]) {
        for item in items {
            match item {
                Item::Field(field) => assert!(names::tags::name(field.tag).is_some(), "{} {}", layout.name, field.tag),
                Item::Group(group) => check(layout, group.items),
            }
        }
    }
    for layout in LAYOUTS {
        check(layout, layout.floating);
    }
}

//! The message table against the published layouts, kept in machine-readable form beside the codec.

use std::collections::BTreeSet;

use interaction_core::cti::uccx::codec::messages::LAYOUTS;
use interaction_core::cti::uccx::codec::{Direction, Item, Kind, Layout};
use serde_json::Value;

const PUBLISHED: &str = include_str!("../../src/cti/uccx/codec/testdata/layouts.json");

/// Published fields that are not in the table: message, field, reason.
const LEFT_OUT: &[(&str, &str, &str)] = &[
    ("AGENT_STATE_EVENT", "ActiveTerminal", "version 18; its tag is not published"),
    ("SET_AGENT_STATE_REQ", "ActiveTerminal", "version 18; its tag is not published"),
    ("CONFIG_AGENT_EVENT", "ActiveTerminal", "version 18; its tag is not published"),
    ("CONFIG_APPLICATION_EVENT", "records", "the layout of a record is not published; all fields are kept as extra"),
];

/// Messages whose number is not published: message, reason.
const WITHOUT_ID: &[(&str, &str)] = &[("CONFIG_TERMINAL_EVENT", "version 18; no page prints its number")];

fn published() -> Vec<Value> {
    serde_json::from_str(PUBLISHED).expect("the layouts are a JSON array")
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_else(|| panic!("{key} is a string in {value}"))
}

fn table(name: &str) -> &'static Layout {
    LAYOUTS.iter().find(|layout| layout.name == name).unwrap_or_else(|| panic!("{name} is in the table"))
}

#[test]
fn every_published_message_is_in_the_table_and_no_other() {
    let published: BTreeSet<String> = published().iter().map(|message| text(message, "name").into()).collect();
    let table: BTreeSet<String> = LAYOUTS.iter().map(|layout| layout.name.into()).collect();
    assert_eq!(table, published);
    assert_eq!(LAYOUTS.len(), table.len());
    let numbers: BTreeSet<u32> = LAYOUTS.iter().filter_map(|layout| layout.id).collect();
    assert_eq!(numbers.len() + WITHOUT_ID.len(), LAYOUTS.len(), "no number stands twice");
}

#[test]
fn numbers_and_directions_are_the_published_ones() {
    for message in published() {
        let name = text(&message, "name");
        let layout = table(name);
        assert_eq!(layout.id.map(u64::from), message["id"].as_u64(), "{name}");
        assert_eq!(layout.id.is_none(), WITHOUT_ID.iter().any(|(without, _)| *without == name), "{name}");
        let to_client = layout.direction == Direction::ToClient;
        assert_eq!(text(&message, "dir"), if to_client { "S>C" } else { "C>S" }, "{name}");
    }
}

#[test]
fn fixed_parts_have_the_published_names_offsets_types_and_frozen_values() {
    for message in published() {
        let name = text(&message, "name");
        let layout = table(name);
        assert_eq!(Some(layout.fixed_bytes as u64), message["fixed_size"].as_u64(), "{name}");
        let fields = message["fixed"].as_array().expect("an array");
        assert_eq!(layout.fixed.len(), fields.len(), "{name}");
        for ((offset, field), published) in layout.fixed_at().zip(fields) {
            let printed = text(published, "field");
            let shown = printed.split([' ', '=', '[']).next().expect("a first part");
            let at = published["offset"].as_u64().expect("an offset");
            let wanted = if shown == "resv" { format!("resv_{at}") } else { shown.into() };
            assert_eq!((field.name, offset as u64), (wanted.as_str(), at), "{name}");
            assert_eq!(kind(field.kind).0, text(published, "type"), "{name}.{wanted}");
            assert_eq!(field.default, frozen(printed), "{name}.{wanted}");
        }
        let end: usize = layout.fixed.iter().map(|field| field.kind.fixed_bytes()).sum();
        assert_eq!(end, layout.fixed_bytes, "{name}");
    }
}

#[test]
fn floating_parts_have_the_published_tags_names_types_and_groups() {
    for message in published() {
        let name = text(&message, "name");
        let published = message["floating"].as_array().expect("an array");
        compare(name, table(name).floating, published);
    }
}

#[test]
fn no_tag_stands_twice_in_a_message() {
    fn tags(items: &[Item], out: &mut Vec<u16>) {
        for item in items {
            match item {
                Item::Field(field) => out.push(field.tag),
                Item::Group(group) => tags(group.items, out),
            }
        }
    }
    for layout in LAYOUTS {
        let mut all = Vec::new();
        tags(layout.floating, &mut all);
        let distinct: BTreeSet<u16> = all.iter().copied().collect();
        assert_eq!(distinct.len(), all.len(), "{}", layout.name);
        assert!(layout.floating.len() <= 64, "{}: the decoder remembers 64 single fields", layout.name);
    }
}

#[test]
fn passwords_are_marked_and_nothing_else() {
    for layout in LAYOUTS {
        for item in layout.floating {
            if let Item::Field(field) = item {
                assert_eq!(field.secret, field.name.contains("Password"), "{}.{}", layout.name, field.name);
            }
        }
    }
}

fn compare(message: &str, items: &[Item], published: &[Value]) {
    let left_out = |field: &Value| {
        let name = field["field"].as_str();
        LEFT_OUT.iter().any(|(of, left_out, _)| *of == message && Some(*left_out) == name)
    };
    let published: Vec<&Value> = published.iter().filter(|field| !left_out(field)).collect();
    assert_eq!(items.len(), published.len(), "{message}");
    for (item, published) in items.iter().zip(published) {
        match item {
            Item::Field(field) => {
                let (kind, max) = kind(field.kind);
                assert_eq!(Some(u64::from(field.tag)), published["tag"].as_u64(), "{message}.{}", field.name);
                assert_eq!(field.name, text(published, "field"), "{message}");
                assert_eq!(kind, text(published, "type"), "{message}.{}", field.name);
                assert_eq!(max.map(|max| max as u64), published["max"].as_u64(), "{message}.{}", field.name);
            }
            Item::Group(group) => {
                assert_eq!(
                    (group.name, group.count),
                    (text(published, "group"), text(published, "count")),
                    "{message}"
                );
                compare(message, group.items, published["items"].as_array().expect("an array"));
            }
        }
    }
}

/// The type as the layouts print it, and its greatest length.
fn kind(kind: Kind) -> (&'static str, Option<usize>) {
    match kind {
        Kind::U1 => ("U1", None),
        Kind::U2 => ("U2", None),
        Kind::U4 => ("U4", None),
        Kind::S4 => ("S4", None),
        Kind::Bool => ("B2", None),
        Kind::Time => ("T4", None),
        Kind::Text(max) => ("STR", Some(max)),
        Kind::Opaque(8) => ("UNSPEC8", Some(8)),
        Kind::Opaque(max) => ("UNSPEC", Some(max)),
        Kind::NamedVariable => ("NAMEDVAR", None),
        Kind::NamedArray => ("NAMEDARRAY", None),
    }
}

/// The number after the first `=` of a published name; zero if there is none. A `<=` tells a bound.
fn frozen(printed: &str) -> i64 {
    let printed = printed.replace("<=", "");
    let Some((_, number)) = printed.split_once('=') else {
        return 0;
    };
    let number: String = number.chars().take_while(char::is_ascii_alphanumeric).collect();
    if number.starts_with(|first: char| !first.is_ascii_digit()) {
        return 0; // An explanation such as `1=outbound`.
    }
    match number.strip_prefix("0x") {
        Some(digits) => i64::from_str_radix(digits, 16).expect("a hexadecimal number"),
        None => number.parse().expect("a number"),
    }
}

//! Bodies of every message, as the encoder would write them, made from the layouts and a tape of bytes.

use interaction_core::cti::uccx::codec::{GroupLayout, Item, Kind, Layout, Widths};

/// Draws numbers from bytes; zero once they are used up, so that a shorter tape makes a simpler body.
pub(crate) struct Tape<'t>(pub(crate) &'t [u8]);

impl Tape<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        *first
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::from(self.byte()) % bound
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.byte()).collect()
    }
}

/// A body in the order and form of the encoder.
pub(crate) fn body(layout: &Layout, widths: Widths, tape: &mut Tape<'_>) -> Vec<u8> {
    let mut floating = Vec::new();
    let counts = items(layout.floating, widths, tape, false, &mut floating);
    let mut body = Vec::new();
    for field in layout.fixed {
        let length = field.kind.fixed_bytes();
        match counts.iter().find(|(name, _)| *name == field.name) {
            Some((_, count)) => body.extend_from_slice(&count.to_be_bytes()[8 - length..]),
            None => body.extend(tape.bytes(length)),
        }
    }
    body.extend(floating);
    body
}

/// Appends the items, and tells the number of records of each group.
fn items(
    items: &[Item],
    widths: Widths,
    tape: &mut Tape<'_>,
    in_record: bool,
    out: &mut Vec<u8>,
) -> Vec<(&'static str, u64)> {
    let mut counts = Vec::new();
    let mut written = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let mut piece = Vec::new();
        match item {
            // A record is known by its first field, so that one is always there.
            Item::Field(field) => {
                if tape.below(3) > 0 || (in_record && index == 0) {
                    put(&mut piece, widths, field.tag, &value(field.kind, tape));
                }
                written.push((Some(field), piece));
            }
            Item::Group(group) => {
                counts.push((group.count, records(group, widths, tape, &mut piece)));
                written.push((None, piece));
            }
        }
    }
    for (field, piece) in written {
        match field.and_then(|field| Some((field, counts.iter().find(|(name, _)| *name == field.name)?))) {
            Some((field, (_, count))) if *count > 0 || !piece.is_empty() => {
                put(out, widths, field.tag, &count.to_be_bytes()[6..]);
            }
            Some(_) => {}
            None => out.extend(piece),
        }
    }
    counts
}

fn records(group: &GroupLayout, widths: Widths, tape: &mut Tape<'_>, out: &mut Vec<u8>) -> u64 {
    let count = tape.below(4);
    for _ in 0..count {
        items(group.items, widths, tape, true, out);
    }
    count as u64
}

fn value(kind: Kind, tape: &mut Tape<'_>) -> Vec<u8> {
    let string = |tape: &mut Tape<'_>, max: usize| {
        let count = tape.below(max.min(12));
        let mut bytes = tape.bytes(count);
        bytes.push(0);
        bytes
    };
    match kind {
        Kind::Text(max) => string(tape, max),
        Kind::Opaque(max) => {
            let count = tape.below(max.min(12) + 1);
            tape.bytes(count)
        }
        Kind::Bool => {
            let wide = tape.below(2) == 1;
            tape.bytes(if wide { 4 } else { 2 })
        }
        Kind::NamedVariable | Kind::NamedArray => {
            let mut bytes = if kind == Kind::NamedArray { tape.bytes(1) } else { Vec::new() };
            bytes.extend(string(tape, 12).into_iter().filter(|byte| *byte != 0));
            bytes.push(0);
            bytes.extend(string(tape, 12));
            bytes
        }
        _ => tape.bytes(kind.fixed_bytes()),
    }
}

/// Appends a floating field.
pub(crate) fn put(out: &mut Vec<u8>, widths: Widths, tag: u16, value: &[u8]) {
    let mut number = |value: u16, bytes: usize| out.extend_from_slice(&value.to_be_bytes()[2 - bytes..]);
    number(tag, widths.tag.bytes());
    number(value.len() as u16, widths.length.bytes());
    out.extend_from_slice(value);
}

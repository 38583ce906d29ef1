//! The platform's own tables of codes, as sessions and the reports tell them.

use super::write;
use crate::cti::{Platform, ReasonCode};

/// Writes the three tables as properties, without the braces around them.
pub(crate) fn write_codes(out: &mut Vec<u8>, platform: &Platform) {
    let tables = [
        ("notReadyReasons", &platform.not_ready_reasons),
        ("logoutReasons", &platform.logout_reasons),
        ("wrapUpCodes", &platform.wrap_up_codes),
    ];
    for (position, (name, codes)) in tables.into_iter().enumerate() {
        if position > 0 {
            out.push(b',');
        }
        write::string(out, name);
        out.push(b':');
        table(out, codes);
    }
}

fn table(out: &mut Vec<u8>, codes: &[ReasonCode]) {
    out.push(b'[');
    for (position, reason) in codes.iter().enumerate() {
        out.extend_from_slice(if position > 0 { b",{" } else { b"{" });
        write::text_property(out, "code", &reason.code);
        out.push(b',');
        write::text_property(out, "name", &reason.name);
        out.push(b'}');
    }
    out.push(b']');
}

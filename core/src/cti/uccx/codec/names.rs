//! The enumerations of the protocol as data: constants to compare with, and names to print.
//!
//! Each module holds one enumeration: a constant for each value, `ALL` in ascending order, and `name`. In a
//! module of bits there is `names` in place of `name`. A value that is not listed is legal on the wire; print
//! its number.

mod agent;
mod call;
mod failure;
mod masks;
mod system;
pub mod tags;

pub use agent::{agent_flags, agent_state, member_type, reason_code, record_type, team_operation};
pub use call::{
    call_type, called_party_disposition, connection_device_id_type, connection_state, device_type, event_cause,
    line_type,
};
pub use failure::{ccx_error, control_failure, status};
pub use masks::{agent_state_mask, call_message_mask, config_message_mask, configuration_mask, services};
pub use system::{ccx_status, system_event};

/// Finds the name of a value in a list in ascending order.
fn find<T: Ord + Copy>(all: &'static [(T, &'static str)], value: T) -> Option<&'static str> {
    let index = all.binary_search_by_key(&value, |(listed, _)| *listed).ok()?;
    all.get(index).map(|(_, name)| *name)
}

macro_rules! codes {
    ($($(#[$doc:meta])* $module:ident: $type:ty { $($name:ident = $value:literal,)* })*) => {$(
        $(#[$doc])*
        pub mod $module {
            $(
                #[doc = concat!("`", stringify!($name), "`.")]
                pub const $name: $type = $value;
            )*
            /// Every listed value with its name, in ascending order.
            pub const ALL: &[($type, &str)] = &[$(($name, stringify!($name)),)*];

            /// The name of a listed value.
            pub fn name(value: $type) -> Option<&'static str> {
                super::super::find(ALL, value)
            }
        }
    )*};
}

macro_rules! bits {
    ($($(#[$doc:meta])* $module:ident: $type:ty { $($name:ident = $value:literal,)* })*) => {$(
        $(#[$doc])*
        pub mod $module {
            $(
                #[doc = concat!("`", stringify!($name), "`.")]
                pub const $name: $type = $value;
            )*
            /// Every listed bit with its name, in ascending order.
            pub const ALL: &[($type, &str)] = &[$(($name, stringify!($name)),)*];

            /// The names of the listed bits that are set.
            pub fn names(mask: $type) -> impl Iterator<Item = &'static str> {
                ALL.iter().filter(move |(bit, _)| mask & bit != 0).map(|(_, name)| *name)
            }

            /// The bits that are set and not listed.
            pub fn unlisted(mask: $type) -> $type {
                ALL.iter().fold(mask, |left, (bit, _)| left & !bit)
            }
        }
    )*};
}

use {bits, codes};

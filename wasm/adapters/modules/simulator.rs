//! The component `simulator`.

use interaction_adapters::{Component, bindings};
use interaction_core::cti::simulator::Simulator;

type Plugin = Component<Simulator>;

#[allow(unsafe_code, unreachable_pub, reason = "written by wit-bindgen")]
mod export {
    use super::{Plugin, bindings};

    bindings::export!(Plugin with_types_in bindings);
}

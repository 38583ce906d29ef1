//! The component `uccx`.

use interaction_adapters::{Component, bindings};
use interaction_core::cti::uccx::UccxAdapter;

type Plugin = Component<UccxAdapter>;

#[allow(unsafe_code, unreachable_pub, reason = "written by wit-bindgen")]
mod export {
    use super::{Plugin, bindings};

    bindings::export!(Plugin with_types_in bindings);
}

//! One binary for every target: `FUZZ_TARGET` names it. Built and run by `cargo xtask fuzz`.
#![no_main]

use std::sync::LazyLock;

use interaction_fuzz::{TARGETS, Target};
use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<&Target> = LazyLock::new(|| {
    let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
    interaction_fuzz::target(&name).unwrap_or_else(|| {
        let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
        panic!("FUZZ_TARGET names no target; there are: {}", names.join(", "))
    })
});

fuzz_target!(|bytes: &[u8]| {
    (TARGET.run)(bytes);
});

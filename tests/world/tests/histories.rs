//! Random histories in which engine and model must agree at every step. The stage `world` of `cargo xtask test` runs many more,
//! and sees to it that everything occurs.

use interaction_world::histories;

#[test]
fn engine_and_model_agree() {
    if let Err(failed) = histories(1, 40, 300, 1) {
        panic!("{failed}");
    }
}

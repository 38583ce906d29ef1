//! A comparison that notices nothing proves nothing: every fault put between engine and comparison must be noticed.

use interaction_world::{Fault, notices};

#[test]
fn every_fault_is_noticed() {
    for fault in Fault::ALL {
        match notices(fault, 1..300, 300) {
            None => panic!("{fault:?} never had an occasion"),
            Some(false) => panic!("{fault:?} was not noticed"),
            Some(true) => {}
        }
    }
}

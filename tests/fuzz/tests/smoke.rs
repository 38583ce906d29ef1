//! Every target, with mutations of valid inputs. One that fails prints its input: keep it as a test of its own.

use std::panic::{AssertUnwindSafe, catch_unwind};

use interaction_fuzz::{Mutator, TARGETS, Target};

/// A valid input gets past the first check, or mutating it says nothing.
#[test]
fn seeds_are_more_than_noise() {
    for target in TARGETS {
        let seeds = (target.seeds)();
        assert!(
            seeds.iter().any(|seed| (target.run)(seed)),
            "{}: no seed of {} gets anywhere",
            target.name,
            seeds.len()
        );
        assert!(!(target.run)(&[]), "{}: nothing is something", target.name);
    }
}

fn smoke(name: &str) {
    let target = interaction_fuzz::target(name).expect("a target");
    let seeds = (target.seeds)();
    let mut mutator = Mutator::new(0x1517_AC70);
    let mut deep = 0;
    for round in 0..target.smoke {
        let bytes = mutator.draw(&seeds);
        match catch_unwind(AssertUnwindSafe(|| (target.run)(&bytes))) {
            Ok(got_somewhere) => deep += u32::from(got_somewhere),
            Err(_) => panic!("{name}, round {round}: {} bytes: {}", bytes.len(), hex(&bytes)),
        }
    }
    let Target { smoke, .. } = target;
    println!("{name}: {deep} of {smoke} mutations got past the first check");
    assert!(deep > smoke / 50, "{name}: only {deep} of {smoke} mutations got past the first check");
    assert!(deep < *smoke, "{name}: nothing was ever refused");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

macro_rules! smokes {
    ($($name:ident)*) => {
        $(#[test] fn $name() { smoke(stringify!($name)); })*

        #[test]
        fn every_target_has_a_smoke_test() {
            let named: Vec<&str> = vec![$(stringify!($name)),*];
            let targets: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
            assert_eq!(named, targets);
        }
    };
}

smokes! { uccx_decode uccx_stream uccx_adapter jsonl_adapter intake engine encoded snapshot }

//! Clients that mean harm, or know no better.

use std::time::Duration;

use interaction_core::cti::simulator::Scenario;
use interaction_core::cti::uccx::codec::messages::{self as m, LAYOUTS};
use interaction_core::cti::uccx::codec::{Direction, Widths};
use interaction_core::cti::uccx::sim::SimConfig;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::generate::{Tape, body};
use crate::raw::{Raw, bridge};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_requests_do_no_harm(requests in vec((any::<u8>(), any::<bool>(), vec(any::<u8>(), 0..160)), 0..40)) {
        let mut raw = Raw::new(&Scenario::default(), SimConfig::default());
        let (client, bystander) = (raw.open(bridge()), raw.open(bridge()));
        let layouts: Vec<_> = LAYOUTS.iter().filter(|layout| layout.direction == Direction::ToServer).collect();
        for (number, keeps_rules, tape) in requests {
            let layout = layouts[usize::from(number) % layouts.len()];
            let mut body = body(layout, Widths::V10, &mut Tape(&tape));
            if keeps_rules && body.len() >= 8 {
                body[4..8].copy_from_slice(&[0, 0, 0, 1]);
            }
            let mut frame = (body.len() as u32).to_be_bytes().to_vec();
            frame.extend_from_slice(&layout.id.unwrap_or(0).to_be_bytes());
            frame.extend_from_slice(&body);
            raw.bytes(client, &frame);
            raw.pass(Duration::from_millis(5));
        }
        // Whole frames of known messages, each with its answer, and nobody else is the worse for it.
        raw.heard(client);
        raw.heard(bystander);
        raw.say(bystander, m::HeartbeatReq { invoke_id: 77, ..Default::default() });
        let heard = raw.heard(bystander);
        prop_assert!(heard.iter().any(|message| message.contains("HeartbeatConf") && message.contains("77")), "{heard:?}");
    }

    #[test]
    fn any_bytes_do_no_harm(pieces in vec(vec(any::<u8>(), 0..200), 0..20), opened in any::<bool>()) {
        let mut raw = Raw::new(&Scenario::default(), SimConfig::default());
        let client = if opened { raw.open(bridge()) } else { raw.connect(0) };
        for piece in &pieces {
            raw.bytes(client, piece);
        }
        raw.heard(client);
        let bystander = raw.open(bridge());
        raw.say(bystander, m::HeartbeatReq::default());
        prop_assert_eq!(raw.heard(bystander).len(), 1);
    }
}

//! Which node to ask next, and when.

use std::time::Duration;

use super::opening::Asking;
use crate::cti::uccx::config::UccxConfig;
use crate::cti::uccx::diagnostics::{NodeReport, NodeRole};
use crate::time::Time;

/// The least pause before a node that refused a session is asked again, as the guide says.
const REFUSED: Duration = Duration::from_secs(10);

/// The nodes of the platform. The master is wherever a session can be opened: it is followed, and never left for a node that
/// is only preferred, so that nothing flaps.
#[derive(Debug)]
pub(in crate::cti::uccx) struct Nodes {
    nodes: Vec<Node>,
    last: Option<usize>,
    noise: u64,
    /// What is asked of whichever node is next.
    pub(super) asking: Asking,
}

#[derive(Debug)]
struct Node {
    not_before: Time,
    failures: u32,
    role: NodeRole,
}

impl Nodes {
    pub(in crate::cti::uccx) fn new(config: &UccxConfig, seed: u64) -> Self {
        let node = |_| Node { not_before: Time::ZERO, failures: 0, role: NodeRole::Unknown };
        Self { nodes: config.nodes.iter().map(node).collect(), last: None, noise: seed, asking: Asking::default() }
    }

    /// The node to ask next and when: whichever may be asked first, of several the next in turn.
    pub(in crate::cti::uccx) fn next(&self, now: Time) -> (usize, Time) {
        let count = self.nodes.len();
        let first = self.last.map_or(0, |last| last + 1);
        let turn = (0..count).map(|step| (first + step) % count.max(1));
        let soonest = turn.map(|index| (self.nodes[index].not_before.max(now), index));
        let best = soonest.reduce(|best, other| if other.0 < best.0 { other } else { best });
        best.map_or((0, now), |(at, index)| (index, at))
    }

    pub(in crate::cti::uccx) fn asked(&mut self, node: usize) {
        self.last = Some(node);
    }

    pub(in crate::cti::uccx) fn is(&mut self, node: usize, role: NodeRole) {
        if let Some(node) = self.nodes.get_mut(node) {
            node.role = role;
        }
    }

    /// The node served long enough for what was before to be forgiven.
    pub(in crate::cti::uccx) fn forgive(&mut self, node: usize) {
        if let Some(node) = self.nodes.get_mut(node) {
            node.failures = 0;
        }
    }

    /// The node failed: it is left alone for a while that doubles each time.
    pub(in crate::cti::uccx) fn failed(&mut self, now: Time, node: usize, config: &UccxConfig, refused: bool) {
        let noise = self.draw();
        let Some(node) = self.nodes.get_mut(node) else { return };
        let doubled = (u64::from(config.backoff_s) * 1_000) << node.failures.min(12);
        let pause_ms = doubled.min(u64::from(config.backoff_max_s) * 1_000);
        let pause = Duration::from_millis(pause_ms * 3 / 4 + noise % (pause_ms / 2 + 1));
        node.failures = node.failures.saturating_add(1);
        node.not_before = now + if refused { pause.max(REFUSED) } else { pause };
    }

    /// The node is the standby: it is asked again as soon as the guide allows.
    pub(in crate::cti::uccx) fn stands_by(&mut self, now: Time, node: usize) {
        if let Some(node) = self.nodes.get_mut(node) {
            node.role = NodeRole::Standby;
            node.not_before = now + REFUSED;
        }
    }

    pub(in crate::cti::uccx) fn report(&self, config: &UccxConfig) -> Vec<NodeReport> {
        let nodes = self.nodes.iter().zip(&config.nodes);
        let report = |node: &Node, address: &str| NodeReport {
            address: address.into(),
            role: node.role,
            failures: node.failures,
        };
        nodes.map(|(node, address)| report(node, address)).collect()
    }

    /// splitmix64.
    fn draw(&mut self) -> u64 {
        self.noise = self.noise.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.noise;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

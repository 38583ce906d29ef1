//! What is counted of a plugin, beyond its single instances.

use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use interaction_core::cti::AdapterCount;

use super::failure::{Failure, Kind};

/// One number, as metrics show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Count {
    /// Its name; the server puts a prefix before it.
    pub(crate) name: Cow<'static, str>,
    /// What it is.
    pub(crate) help: Cow<'static, str>,
    /// Whether it only grows.
    pub(crate) grows: bool,
    /// The number.
    pub(crate) value: u64,
}

impl From<AdapterCount> for Count {
    fn from(count: AdapterCount) -> Self {
        let AdapterCount { name, help, grows, value } = count;
        Self { name: name.into(), help: help.into(), grows, value }
    }
}

/// Counts that outlive the instances of a plugin.
#[derive(Debug, Default)]
pub(crate) struct PluginCounts {
    pub(super) made: AtomicU64,
    pub(super) calls: AtomicU64,
    pub(super) traps: AtomicU64,
    pub(super) timeouts: AtomicU64,
    pub(super) invalid: AtomicU64,
    pub(super) refused: AtomicU64,
    pub(super) memory_bytes: AtomicU64,
    /// What it counts of itself, as it was read last.
    pub(super) own: Mutex<Vec<Count>>,
}

impl PluginCounts {
    /// One more.
    pub(super) fn count(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// An instance that failed.
    pub(super) fn failed(&self, failure: &Failure) {
        Self::count(match failure.kind() {
            Kind::Trap => &self.traps,
            Kind::Timeout => &self.timeouts,
            Kind::Invalid => &self.invalid,
        });
        self.memory_bytes.store(0, Ordering::Relaxed);
    }

    /// All there are.
    pub(crate) fn all(&self) -> Vec<Count> {
        let of = |name: &'static str, help: &'static str, grows, counter: &AtomicU64| Count {
            name: name.into(),
            help: help.into(),
            grows,
            value: counter.load(Ordering::Relaxed),
        };
        let mut all = vec![
            of("plugin_starts", "Instances of the plugin that were made", true, &self.made),
            of("plugin_calls", "Calls of the plugin", true, &self.calls),
            of("plugin_traps", "Instances that trapped or wanted too much memory", true, &self.traps),
            of(
                "plugin_timeouts",
                "Instances that were ended for a call or answer that took too long",
                true,
                &self.timeouts,
            ),
            of("plugin_invalid", "Instances that were ended for what they returned", true, &self.invalid),
            of("plugin_refused", "Times the plugin wanted what it is not granted", true, &self.refused),
            of("plugin_memory_bytes", "Memory of the plugin", false, &self.memory_bytes),
        ];
        all.extend_from_slice(&self.own.lock().unwrap_or_else(PoisonError::into_inner));
        all
    }
}

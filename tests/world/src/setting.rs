//! What a world is made of, drawn from its seed.

use interaction_core::config::{Config, DirectoryKind, DisconnectPolicy};
use interaction_core::cti::{Offers, Platform, ReasonCode, ReportKind};
use interaction_core::input::{Access, Scopes};
use interaction_core::limits::Limits;
use interaction_core::time::Time;
use interaction_trace::base_config;

use crate::rng::Rng;

/// When every history begins.
pub(crate) const START: Time = Time::from_millis(1_790_000_000_000);

/// A world before anything has happened in it.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    pub(crate) seed: u64,
    pub(crate) config: Config,
    pub(crate) platform: Platform,
    /// The simulator plays the platform; else events are drawn.
    pub(crate) is_simulated: bool,
    /// The listener each client comes by.
    pub(crate) listeners: Vec<Access>,
}

impl Setting {
    pub(crate) fn draw(seed: u64) -> Self {
        let rng = &mut Rng::new(seed);
        let limits = Limits {
            replay_bytes: if rng.once_in(3) { 16_000 } else { 8 << 20 },
            requests_per_second: if rng.once_in(4) { 12 } else { 10_000 },
            grace_ms: rng.pick([5_000, 20_000, 60_000]),
            remembered_max: 4,
            in_progress_max: 5,
            bindings_max: 3,
            subscriptions_max: 3,
            // Which of two that ended in the same moment is forgotten first nobody says: no history has so many.
            ended_keys_max: 1_000,
            // Longer than any history: the model knows of no after-call work.
            wrap_up_ms: u32::MAX,
            links_max: if rng.once_in(6) { 3 } else { 50 },
            ..Limits::default()
        };
        let config = Config {
            directory: rng.pick([DirectoryKind::Local, DirectoryKind::Domain]),
            disconnect: rng.pick([DisconnectPolicy::Keep, DisconnectPolicy::NotReady, DisconnectPolicy::Logout]),
            echo_password: !rng.once_in(4),
            models: vec!["default".into(), "outbound".into()],
            limits,
            ..base_config()
        };
        let has_reports = !rng.once_in(12);
        let offers = Offers {
            telephony: true,
            consult: true,
            alternate: true,
            supervise: true,
            reports: has_reports,
            call_journey_live: has_reports,
            logout_reason_required: rng.once_in(4),
            ..Offers::default()
        };
        let codes = |code: &str, name: &str| vec![ReasonCode { code: code.into(), name: name.into() }];
        let platform = Platform {
            vendor: "Cisco".into(),
            version: "12.5".into(),
            offers,
            reports: has_reports.then_some(ReportKind::Uccx),
            not_ready_reasons: codes("22", "Lunch"),
            logout_reasons: codes("40", "End of shift"),
            wrap_up_codes: codes("7", "Sale"),
        };
        let agent_only = Access::Open(Scopes { agent: true, ..Scopes::default() });
        let nothing = Access::Open(Scopes::default());
        let mut listeners = vec![Access::Open(Scopes::LOOPBACK), agent_only, agent_only, Access::Token];
        listeners.push(rng.pick([Access::Open(Scopes::LOOPBACK), nothing, Access::Token]));
        Self { seed, config, platform, is_simulated: rng.once_in(5), listeners }
    }

    /// Whether anybody starts a session: not where the model does not know which calls an agent has (the simulator joins calls),
    /// nor where how bytes are counted decides what is still kept, for of a session's objects it does not tell.
    pub(crate) fn starts_sessions(&self) -> bool {
        !self.is_simulated && self.config.limits.replay_bytes > 1 << 20
    }
}

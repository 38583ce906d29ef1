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

/// Who plays the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plays {
    /// One that tells what it likes of telephone calls, those that are joined, renamed and consulted for among them: journeys
    /// are asked for, and how queues are.
    Calls,
    /// One that tells what it likes of all contacts, and shows them as they stand; of journeys that begin midway the model
    /// knows nothing, and nobody asks for them.
    Contacts,
    /// The simulator; of its journeys the model knows nothing either.
    Simulator,
}

/// A world before anything has happened in it.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    pub(crate) seed: u64,
    pub(crate) config: Config,
    pub(crate) platform: Platform,
    pub(crate) plays: Plays,
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
            wrap_up_ms: rng.pick([20_000, 60_000, 600_000]),
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
        let mostly = |rng: &mut Rng| !rng.once_in(8);
        let offers = Offers {
            channel_groups: mostly(rng),
            telephony: mostly(rng),
            chat: mostly(rng),
            email: mostly(rng),
            consult: mostly(rng),
            blind_transfer: mostly(rng),
            blind_conference: mostly(rng),
            alternate: mostly(rng),
            dtmf: mostly(rng),
            recording: mostly(rng),
            recording_pause: mostly(rng),
            channel_activation: mostly(rng),
            supervise: mostly(rng),
            logout_reason_required: rng.once_in(4),
            reports: has_reports,
            call_journey_live: has_reports,
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
        let plays = rng.pick([Plays::Calls, Plays::Calls, Plays::Contacts, Plays::Contacts, Plays::Simulator]);
        Self { seed, config, platform, plays, listeners }
    }
}

//! What the loop shows of itself and its engine.

use interaction_core::counters::Observed;
use interaction_core::failure::Code;

use super::EngineLoop;
use crate::metrics::{EngineValue, Observation, ValueKind};
use crate::recording::Recorder;

impl EngineLoop {
    /// The present state, for the metrics.
    pub(super) fn observe(&mut self) -> Observation {
        let engine = engine_values(&self.engine.observed());
        let (sockets, pending_bytes) = self.effects.peers.gauges();
        let (polls, streams) = self.effects.exchanges.gauges();
        let counts = &self.counts;
        Observation {
            at: self.clock.now(),
            sockets: sockets as u64,
            sockets_opened: counts.sockets_opened,
            polls: polls as u64,
            streams: streams as u64,
            pending_bytes: pending_bytes as u64,
            slow: counts.slow,
            secrets: self.effects.secrets.len() as u64,
            secrets_expired: counts.secrets_expired,
            cti_in_service: counts.cti_in_service,
            cti_up: counts.cti_up,
            cti_overflows: self.effects.cti_overflows,
            store: self.effects.store.seen(),
            recording: self.recorder.as_ref().map(Recorder::seen).unwrap_or_default(),
            misuses: counts.misuses,
            stalls: counts.stalls,
            turns: counts.turns.clone(),
            engines_replaced: counts.engines_replaced,
            engines_refused: counts.engines_refused,
            engine,
        }
    }
}

fn engine_values(seen: &Observed) -> Vec<EngineValue> {
    let Observed { gauges, counters } = seen;
    let single = |name, help, kind, value| EngineValue { name, help, kind, values: vec![(None, value)] };
    let mut values: Vec<_> = [
        ("links", "Links", gauges.links),
        ("sockets_attached", "Sockets of which the engine knows", gauges.sockets),
        ("sessions", "Agent sessions", gauges.sessions),
        ("subscriptions", "Team-status subscriptions", gauges.subscriptions),
        ("calls", "Calls in progress, and those that ended a moment ago", gauges.journeys),
    ]
    .map(|(name, help, value)| single(name, help, ValueKind::Gauge, value as u64))
    .into();
    values.extend(
        [
            ("deliveries", "Messages put to links", gauges.deliveries),
            ("links_opened", "Links made", counters.links_opened),
            ("resumes", "Links that resumed", counters.resumed),
            ("gaps", "Links that asked to resume what was no longer kept", counters.gaps),
            ("resumes_refused", "Resumes of links that were unknown or had expired", counters.not_resumed),
            ("links_moved", "Links that another socket took over", counters.moved),
            ("answers", "Requests answered with success", counters.answered),
            ("sockets_silent", "Sockets closed for silence", counters.silent),
            ("sessions_prepared", "Sessions prepared", counters.sessions_prepared),
            ("sessions_superseded", "Sessions taken over", counters.sessions_superseded),
            ("cti_records_refused", "Records of the platform refused for a bound", counters.records_refused),
        ]
        .map(|(name, help, value)| single(name, help, ValueKind::Counter, value)),
    );
    let by_code = counters.failures().map(|(code, count)| (Some(("code", Code::as_str(code))), count)).collect();
    values.push(EngineValue {
        name: "failures",
        help: "Failures told to clients, by code",
        kind: ValueKind::Counter,
        values: by_code,
    });
    values
}

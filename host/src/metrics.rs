//! What the server counts, in the text format of OpenMetrics.

use std::fmt;

use interaction_core::time::Time;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, text};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use crate::plugins::Count;
use crate::recording::{Progress, RecordingSeen};
use crate::store::{Condition, StoreSeen};

/// The bounds of the histogram of the loop's turns, in microseconds.
const TURN_BOUNDS_US: [u64; 14] =
    [10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 1_000_000];

/// How long the loop's turns took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Turns {
    counts: [u64; TURN_BOUNDS_US.len() + 1],
    sum_us: u64,
}

impl Turns {
    /// Counts one.
    pub(crate) fn count(&mut self, took_us: u64) {
        let bucket = TURN_BOUNDS_US.iter().position(|bound| took_us <= *bound).unwrap_or(TURN_BOUNDS_US.len());
        self.counts[bucket] += 1;
        self.sum_us += took_us;
    }

    /// How many were counted.
    pub(crate) fn total(&self) -> u64 {
        self.counts.iter().sum()
    }
}

/// The loop's state at one moment, as it answers [`crate::happening::Happening::Observe`].
#[derive(Clone, Debug, Default)]
pub(crate) struct Observation {
    /// When.
    pub(crate) at: Time,
    /// Sockets there are.
    pub(crate) sockets: u64,
    /// Sockets there have been.
    pub(crate) sockets_opened: u64,
    /// Long polls that wait.
    pub(crate) polls: u64,
    /// Event streams there are.
    pub(crate) streams: u64,
    /// Bytes that wait for sockets.
    pub(crate) pending_bytes: u64,
    /// Sockets closed since too much waited for them.
    pub(crate) slow: u64,
    /// Secrets held for the engine.
    pub(crate) secrets: u64,
    /// Secrets the engine did not let go in time.
    pub(crate) secrets_expired: u64,
    /// Whether the platform is reached and known in full.
    pub(crate) cti_in_service: bool,
    /// Whether the platform is reached.
    pub(crate) cti_up: bool,
    /// Commands refused since too many waited for the adapter.
    pub(crate) cti_overflows: u64,
    /// How the store does.
    pub(crate) store: StoreSeen,
    /// How a recording does.
    pub(crate) recording: RecordingSeen,
    /// Inputs the engine would not take: mistakes of this server.
    pub(crate) misuses: u64,
    /// Times nothing was read for over a second.
    pub(crate) stalls: u64,
    /// How long turns took.
    pub(crate) turns: Turns,
    /// Times another build of the engine took over.
    pub(crate) engines_replaced: u64,
    /// Times one was to, and did not.
    pub(crate) engines_refused: u64,
    /// What the engine counts: name, help, value.
    pub(crate) engine: Vec<EngineValue>,
}

/// One value the engine counts.
#[derive(Clone, Debug)]
pub(crate) struct EngineValue {
    /// Its name, without the prefix.
    pub(crate) name: &'static str,
    /// What it is.
    pub(crate) help: &'static str,
    /// Whether it only grows.
    pub(crate) kind: ValueKind,
    /// The value, by label where there is one.
    pub(crate) values: Vec<(Option<(&'static str, &'static str)>, u64)>,
}

/// The kinds of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ValueKind {
    /// It grows and shrinks.
    Gauge,
    /// It only grows.
    Counter,
}

/// Writes an observation, and what the listener counts, as text.
pub(crate) fn render(
    observation: Observation,
    adapter: Vec<Count>,
    http: HttpCounts,
    started: Time,
) -> Result<String, fmt::Error> {
    let mut registry = Registry::with_prefix("interaction_processor");
    registry.register(
        "build",
        "What runs",
        Info::new(vec![("version", env!("CARGO_PKG_VERSION")), ("os", std::env::consts::OS)]),
    );
    registry.register_collector(Box::new(Page { observation, adapter, http, started }));
    let mut page = String::new();
    text::encode(&mut page, &registry)?;
    Ok(page)
}

/// What the listener counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct HttpCounts {
    /// Connections there are, sockets among them.
    pub(crate) connections: u64,
    /// Connections refused since there were too many.
    pub(crate) connections_refused: u64,
    /// Requests refused for their `Origin` or `Host`.
    pub(crate) origins_refused: u64,
}

#[derive(Debug)]
struct Page {
    observation: Observation,
    adapter: Vec<Count>,
    http: HttpCounts,
    started: Time,
}

impl Collector for Page {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let seen = &self.observation;
        let up_s = seen.at.since(self.started).as_secs();
        let gauges = [
            ("uptime_seconds", "Seconds since the start", up_s),
            ("sockets", "Sockets there are", seen.sockets),
            ("polls", "Long polls that wait", seen.polls),
            ("streams", "Event streams there are", seen.streams),
            ("pending_bytes", "Bytes that wait for sockets", seen.pending_bytes),
            ("secrets_held", "Secrets held until they are needed no more", seen.secrets),
            ("cti_up", "1 while the telephony platform is reached", u64::from(seen.cti_up)),
            ("cti_in_service", "1 while the telephony platform is known in full", u64::from(seen.cti_in_service)),
            ("journeys_stored", "Call journeys in the store, when they were last counted", seen.store.journeys),
            (
                "audits_stored",
                "Records of the audit trail in the store, when they were last counted",
                seen.store.audits,
            ),
            ("store_waiting", "Records that wait to be written to the store", seen.store.waiting),
            ("recording_waiting_bytes", "Bytes of the recording that wait for the disk", seen.recording.waiting),
            ("connections", "TCP connections, sockets among them", self.http.connections),
        ];
        for (name, help, value) in gauges {
            gauge(&mut encoder, name, help, value)?;
        }
        let counters = [
            ("sockets_opened", "Sockets there have been", seen.sockets_opened),
            ("sockets_slow", "Sockets closed since too much waited for them", seen.slow),
            ("secrets_expired", "Secrets that were not let go in time", seen.secrets_expired),
            ("cti_overflows", "Commands refused since too many waited for the adapter", seen.cti_overflows),
            ("misuses", "Inputs the engine would not take: faults of this server", seen.misuses),
            ("engine_replacements", "Times another build of the engine took over", seen.engines_replaced),
            ("engine_replacements_refused", "Times another build could not take over", seen.engines_refused),
            ("stalls", "Times nothing was read for over a second", seen.stalls),
            ("store_written", "Records written to the store", seen.store.written),
            ("store_retries", "Times the store failed and was tried again", seen.store.retries),
            ("store_lost", "Records the store could not keep", seen.store.lost),
            ("store_unanswered", "Questions the store could not answer", seen.store.unanswered),
            ("recording_inputs", "Inputs in the recording", seen.recording.inputs),
            ("recording_bytes", "Bytes of the recording", seen.recording.bytes),
            ("connections_refused", "Connections refused since there were too many", self.http.connections_refused),
            ("origins_refused", "Requests refused for their Origin or Host", self.http.origins_refused),
        ];
        for (name, help, value) in counters {
            counter(&mut encoder, name, help, value)?;
        }
        for state in [state_of_store(&seen.store), state_of_recording(&seen.recording)] {
            labelled(&mut encoder, &state)?;
        }
        for metric in &seen.engine {
            for (label, value) in &metric.values {
                match (label, metric.kind) {
                    (None, ValueKind::Gauge) => gauge(&mut encoder, metric.name, metric.help, *value)?,
                    (None, ValueKind::Counter) => counter(&mut encoder, metric.name, metric.help, *value)?,
                    (Some(_), _) => {}
                }
            }
            if metric.values.iter().any(|(label, _)| label.is_some()) {
                labelled(&mut encoder, metric)?;
            }
        }
        for count in &self.adapter {
            let name = format!("cti_{}", count.name);
            let one = if count.grows { counter } else { gauge };
            one(&mut encoder, &name, &count.help, count.value)?;
        }
        turns(&mut encoder, &seen.turns)
    }
}

/// One line for each state the store may be in, 1 for the one it is in.
fn state_of_store(store: &StoreSeen) -> EngineValue {
    let line = |state: Condition| (Some(("state", state.as_str())), u64::from(state == store.condition));
    let values = Condition::ALL.map(line).into();
    EngineValue { name: "store_state", help: "1 for the state the store is in", kind: ValueKind::Gauge, values }
}

/// The same for the recording.
fn state_of_recording(recording: &RecordingSeen) -> EngineValue {
    let line = |state: Progress| (Some(("state", state.as_str())), u64::from(state == recording.progress));
    let values = Progress::ALL.map(line).into();
    EngineValue { name: "recording_state", help: "1 for the state the recording is in", kind: ValueKind::Gauge, values }
}

fn gauge(encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: u64) -> fmt::Result {
    let metric = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
    metric.encode(encoder.encode_descriptor(name, help, None, metric.metric_type())?)
}

fn counter(encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: u64) -> fmt::Result {
    let metric = ConstCounter::new(value);
    metric.encode(encoder.encode_descriptor(name, help, None, metric.metric_type())?)
}

fn labelled(encoder: &mut DescriptorEncoder<'_>, metric: &EngineValue) -> fmt::Result {
    let kind = match metric.kind {
        ValueKind::Gauge => ConstGauge::<i64>::new(0).metric_type(),
        ValueKind::Counter => ConstCounter::<u64>::new(0).metric_type(),
    };
    let mut family = encoder.encode_descriptor(metric.name, metric.help, None, kind)?;
    for (label, value) in &metric.values {
        let Some(label) = label else { continue };
        let labels = [*label];
        let member = family.encode_family(&labels)?;
        match metric.kind {
            ValueKind::Gauge => ConstGauge::new(i64::try_from(*value).unwrap_or(i64::MAX)).encode(member)?,
            ValueKind::Counter => ConstCounter::new(*value).encode(member)?,
        }
    }
    Ok(())
}

fn turns(encoder: &mut DescriptorEncoder<'_>, turns: &Turns) -> fmt::Result {
    let buckets: Vec<(f64, u64)> =
        TURN_BOUNDS_US.iter().map(|bound| *bound as f64 / 1e6).chain([f64::INFINITY]).zip(turns.counts).collect();
    let kind = prometheus_client::metrics::MetricType::Histogram;
    let mut metric =
        encoder.encode_descriptor("turn_seconds", "How long turns of the engine's loop took", None, kind)?;
    metric.encode_histogram::<[(&str, &str); 0]>(turns.sum_us as f64 / 1e6, turns.total(), &buckets, None)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use interaction_core::cti::AdapterCount;
    use interaction_core::time::Time;

    use super::{EngineValue, HttpCounts, Observation, Turns, ValueKind, render};

    #[test]
    fn the_page_says_what_was_counted() {
        let mut turns = Turns::default();
        for took_us in [5, 10, 11, 2_000_000] {
            turns.count(took_us);
        }
        let failures = vec![(Some(("code", "rate.limited")), 3), (Some(("code", "access.denied")), 1)];
        let observation = Observation {
            at: Time::from_millis(100_000),
            sockets: 7,
            turns,
            engine: vec![
                EngineValue { name: "links", help: "Links", kind: ValueKind::Gauge, values: vec![(None, 9)] },
                EngineValue { name: "failures", help: "Failures", kind: ValueKind::Counter, values: failures },
            ],
            ..Observation::default()
        };
        let adapter = vec![AdapterCount::counter("frames", "Frames", 12), AdapterCount::gauge("agents", "Agents", 5)];
        let adapter = adapter.into_iter().map(Into::into).collect();
        let http = HttpCounts { connections: 8, connections_refused: 1, origins_refused: 2 };
        let page = render(observation, adapter, http, Time::from_millis(100_000) - Duration::from_secs(60)).unwrap();
        for line in [
            "interaction_processor_uptime_seconds 60",
            "interaction_processor_sockets 7",
            "interaction_processor_links 9",
            "interaction_processor_store_state{state=\"working\"} 1",
            "interaction_processor_store_state{state=\"away\"} 0",
            "interaction_processor_recording_state{state=\"off\"} 1",
            "interaction_processor_failures_total{code=\"rate.limited\"} 3",
            "interaction_processor_connections_refused_total 1",
            "interaction_processor_cti_frames_total 12",
            "interaction_processor_cti_agents 5",
            "interaction_processor_turn_seconds_bucket{le=\"0.00001\"} 2",
            "interaction_processor_turn_seconds_bucket{le=\"+Inf\"} 4",
            "interaction_processor_turn_seconds_count 4",
        ] {
            assert!(page.lines().any(|have| have == line), "no line `{line}` in\n{page}");
        }
        assert_eq!(page.matches("# TYPE interaction_processor_failures ").count(), 1);
    }
}

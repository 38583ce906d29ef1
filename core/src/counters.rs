//! What happened so far and what is there now, for the driver's metrics. No decision depends on it, and it is not part of
//! a snapshot.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::failure::Code;

/// What an engine shows of itself. In JSON a number that is left out is 0, and one that is not known is passed over: an engine in
/// a module may be of another version than its driver.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Observed {
    /// What is there now.
    pub gauges: Gauges,
    /// What happened so far.
    pub counters: Counters,
}

/// What is there now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Gauges {
    /// Links.
    pub links: usize,
    /// Sockets, with a link or before one.
    pub sockets: usize,
    /// Agent sessions.
    pub sessions: usize,
    /// Subscriptions of team and queue status.
    pub subscriptions: usize,
    /// Calls in progress, and those that ended a moment ago.
    pub journeys: usize,
    /// Requests that wait for the platform, the directory or the store, and commands nobody waits for.
    pub waiting: usize,
    /// Deadlines.
    pub deadlines: usize,
    /// Bytes kept for replay, of all links together, shared ones counted for each.
    pub kept_bytes: u64,
    /// Messages put to links so far.
    pub deliveries: u64,
    /// Whether the first full roster was read.
    pub ready: bool,
    /// Whether the platform is in service.
    pub cti_in_service: bool,
}

/// Counts since the engine was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Counters {
    /// Links made.
    pub links_opened: u64,
    /// Links that resumed.
    pub resumed: u64,
    /// Links that asked to resume what was no longer kept.
    pub gaps: u64,
    /// Resumes of links that were unknown or had expired.
    pub not_resumed: u64,
    /// Links that another socket took over.
    pub moved: u64,
    /// Requests answered with success.
    pub answered: u64,
    /// Sockets closed because what waited for them passed the bound.
    pub slow: u64,
    /// Sockets closed for silence.
    pub silent: u64,
    /// Sessions prepared.
    pub sessions_prepared: u64,
    /// Sessions taken over.
    pub sessions_superseded: u64,
    /// Records of the platform refused for a bound.
    pub records_refused: u64,
    /// By the codes' words.
    #[serde(rename = "failures", serialize_with = "by_code", deserialize_with = "from_codes")]
    failed: [u64; Code::ALL.len()],
}

impl Default for Counters {
    fn default() -> Self {
        Self {
            links_opened: 0,
            resumed: 0,
            gaps: 0,
            not_resumed: 0,
            moved: 0,
            answered: 0,
            slow: 0,
            silent: 0,
            sessions_prepared: 0,
            sessions_superseded: 0,
            records_refused: 0,
            failed: [0; Code::ALL.len()],
        }
    }
}

impl Counters {
    pub(crate) fn failed(&mut self, code: Code) {
        self.failed[code as usize] += 1;
    }

    /// How often each failure code was sent.
    pub fn failures(&self) -> impl Iterator<Item = (Code, u64)> {
        Code::ALL.iter().map(|code| (*code, self.failed[*code as usize]))
    }
}

fn by_code<S: Serializer>(failed: &[u64; Code::ALL.len()], serializer: S) -> Result<S::Ok, S::Error> {
    let told = Code::ALL.iter().zip(failed).filter(|(_, count)| **count > 0);
    serializer.collect_map(told.map(|(code, count)| (code.as_str(), count)))
}

fn from_codes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u64; Code::ALL.len()], D::Error> {
    let told = BTreeMap::<String, u64>::deserialize(deserializer)?;
    let mut failed = [0; Code::ALL.len()];
    for (code, count) in Code::ALL.iter().zip(&mut failed) {
        *count = told.get(code.as_str()).copied().unwrap_or_default();
    }
    Ok(failed)
}

#[cfg(test)]
mod tests {
    use super::{Code, Counters, Gauges, Observed};

    #[test]
    fn what_is_shown_can_be_read_by_another_version() {
        let mut counters = Counters { links_opened: 3, ..Counters::default() };
        counters.failed(Code::RateLimited);
        let observed = Observed { gauges: Gauges { links: 2, ready: true, ..Gauges::default() }, counters };
        let text = serde_json::to_string(&observed).unwrap();
        assert!(text.contains(r#""linksOpened":3"#) && text.contains(r#""failures":{"rate.limited":1}"#), "{text}");
        assert_eq!(serde_json::from_str::<Observed>(&text).unwrap(), observed);
        let other =
            text.replace(r#""rate.limited":1"#, r#""rate.limited":1,"new.code":7"#).replace("{", r#"{"new":1,"#);
        let other = other.replace(r#""failures":{"new":1,"#, r#""failures":{"#);
        assert_eq!(serde_json::from_str::<Observed>(&other).unwrap(), observed);
        assert_eq!(serde_json::from_str::<Observed>("{}").unwrap(), Observed::default());
    }
}

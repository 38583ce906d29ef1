//! What happened so far, for the driver's metrics. No decision depends on it, and it is not part of a snapshot.

use crate::failure::Code;

/// Counts since the engine was made.
#[derive(Clone, Debug)]
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

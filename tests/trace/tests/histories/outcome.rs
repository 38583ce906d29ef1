//! What histories came to: a run in which nothing of it happened proves nothing.

/// What histories came to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) prepared: u64,
    pub(crate) confirmed: u64,
    pub(crate) superseded: u64,
    pub(crate) released: u64,
    pub(crate) ended: u64,
    pub(crate) logged_out: u64,
    pub(crate) resumed: u64,
    pub(crate) gaps: u64,
    pub(crate) repeated: u64,
    pub(crate) team_events: u64,
    pub(crate) queue_events: u64,
    pub(crate) given_back: u64,
}

impl Outcome {
    pub(crate) fn add(&mut self, other: &Self) {
        self.prepared += other.prepared;
        self.confirmed += other.confirmed;
        self.superseded += other.superseded;
        self.released += other.released;
        self.ended += other.ended;
        self.logged_out += other.logged_out;
        self.resumed += other.resumed;
        self.gaps += other.gaps;
        self.repeated += other.repeated;
        self.team_events += other.team_events;
        self.queue_events += other.queue_events;
        self.given_back += other.given_back;
    }
}

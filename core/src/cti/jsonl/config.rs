//! What the adapter is told at its start, and what it counts.

/// The bounds and deadlines of the adapter. `Config::default()` is what is documented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// How many addresses the driver can connect to, tried in order; 0 when the driver listens instead.
    pub addresses: usize,
    /// The longest line a platform may send, its line feed aside: a team of 3,000 members; lines are some hundred bytes.
    pub line_bytes_max: usize,
    /// How long a connection may take to be made: the driver's own deadline is shorter, this is the net beneath.
    pub connect_ms: u32,
    /// How long a platform may take to say who it is: it has nothing to look up.
    pub hello_ms: u32,
    /// How long it may take from there until it has told everything: 10,000 agents from a slow directory.
    pub resync_ms: u32,
    /// How long a platform may be silent; 0 for as long as it likes. Three pings of 20 s.
    pub idle_ms: u32,
    /// How long it may take to answer a command: below the 30 s after which the client is refused.
    pub command_ms: u32,
    /// How long it may take to answer `logout`, below the client's 120 s: platforms finish after-call work first.
    pub logout_ms: u32,
    /// Commands not yet answered; beyond them they are refused. A platform takes some hundred a second.
    pub commands_max: usize,
    /// The first wait after every address failed; each further one is twice as long.
    pub retry_first_ms: u32,
    /// The longest such wait: a platform that is back is found within it.
    pub retry_longest_ms: u32,
    /// A connection in service for so long was a good one: when it is lost the first address is tried at once.
    pub steady_ms: u32,
    /// Errors told in one second; more are counted, so that a platform that is wrong all the time is not drowned in it.
    pub errors_per_second: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            addresses: 0,
            line_bytes_max: 64 << 10,
            connect_ms: 10_000,
            hello_ms: 10_000,
            resync_ms: 60_000,
            idle_ms: 60_000,
            command_ms: 20_000,
            logout_ms: 110_000,
            commands_max: 512,
            retry_first_ms: 1_000,
            retry_longest_ms: 30_000,
            steady_ms: 10_000,
            errors_per_second: 20,
        }
    }
}

/// What the adapter counted since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Lines that came, empty ones aside.
    pub lines: u64,
    /// Lines that were wrong, refused ones and unknown events included.
    pub bad_lines: u64,
    /// Lines whose event is not known here.
    pub unknown_events: u64,
    /// Answers nobody waits for, or waits for any more.
    pub stray_answers: u64,
    /// Commands the platform did not answer in time.
    pub commands_overdue: u64,
}

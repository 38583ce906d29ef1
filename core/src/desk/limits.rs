//! Every bound and every wait of the desk engine, each with its reason.

use std::time::Duration;

/// Addresses of a configuration, and as many again that a server names: the instances of a large domain.
pub const URLS_MAX: usize = 32;
/// The longest address, in bytes: longer ones are no addresses of servers.
pub const URL_BYTES_MAX: usize = 2_048;
/// The longest token or data of a request, in bytes, before the server has told its own bound; above what any server takes.
pub const DATA_BYTES_MAX: usize = 1 << 20;
/// The longest message taken, in bytes: a supervisor's whole snapshot is one message a team, some MiB for the largest.
pub const MESSAGE_BYTES_MAX: usize = 64 << 20;
/// Calls that wait for their answers at a time: as many as a server lets be in progress.
pub const CALLS_MAX: usize = 256;
/// Mirrors at a time: sessions, rosters, queues and journeys of one application.
pub const MIRRORS_MAX: usize = 512;
/// Objects of one session at a time: sixty-four contacts with their conversations, and channels. A server that tells more is broken.
pub const OBJECTS_MAX: usize = 1_024;
/// Members of all teams of one roster: ten times the largest centre. A server that tells more is broken.
pub const MEMBERS_MAX: usize = 100_000;
/// The shortest range a wait before a reconnection is drawn from: a lost Wi-Fi is back in a second.
pub const BACKOFF_FIRST: Duration = Duration::from_millis(800);
/// The longest such range: nobody waits longer for a server that is back.
pub const BACKOFF_LONGEST: Duration = Duration::from_secs(30);
/// A link that stood for so long was no flicker: the next wait is drawn from the shortest range again.
pub const STABLE_AFTER: Duration = Duration::from_secs(10);
/// How long a socket may take to open and `connect` to be answered: the server gives a socket as long to say `connect`.
pub const CONNECT_WITHIN: Duration = Duration::from_secs(10);
/// How long a token may take: somebody may have to sign in again.
pub const TOKEN_WITHIN: Duration = Duration::from_secs(120);
/// How long an answer is waited for: the server's own deadline of 30 s, and a little for the way.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(35);
/// How long the answer to a logout is waited for: the server's own deadline of 120 s, and a little for the way.
pub const LOGOUT_WITHIN: Duration = Duration::from_secs(125);
/// The longest an application may have a call wait.
pub const WITHIN_MAX: Duration = Duration::from_secs(3_600);
/// How often it is acknowledged at most: once a second costs nothing.
pub const ACK_EVERY: Duration = Duration::from_secs(1);
/// … or after so many bytes, a small part of what a server keeps for replay.
pub const ACK_BYTES: usize = 256 << 10;
/// After how many silent heartbeats a socket is dead: as the server judges.
pub const SILENT_BEATS: u32 = 3;
/// The shortest and longest heartbeat believed: a server that says 0 or a year is not followed.
pub const HEARTBEAT: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(300));
/// A clock that jumped so far past a deadline shows that this machine slept: sockets are dead more often than not then.
pub const SLEPT_AFTER: Duration = Duration::from_secs(20);
/// How long a socket may take to prove that it lives when there is doubt: a round trip on the worst network.
pub const PROBE_WITHIN: Duration = Duration::from_secs(3);
/// How long after a token could not be had it is asked for again, while the old one still holds.
pub const TOKEN_AGAIN: Duration = Duration::from_secs(5);
/// How long is waited at least after the server closed the socket for too many requests.
pub const FLOOD_WAIT: Duration = Duration::from_secs(5);
/// Whoever is so much later than it was due was held up, and has not read yet what came meanwhile.
pub const HELD_UP_AFTER: Duration = Duration::from_secs(1);
/// How often it is looked whether there is a network, whatever the platform says: it may be wrong.
pub const OFFLINE_RECHECK: Duration = Duration::from_secs(30);
/// How long is waited before a report is begun again that the server cannot give yet and does not say when.
pub const BEGIN_AGAIN: Duration = Duration::from_secs(2);
/// The longest such wait a server may ask for.
pub const RETRY_AFTER_MAX: Duration = Duration::from_secs(300);
/// How many times in a row a server may break the protocol before nothing more is tried.
pub const NONSENSE_MAX: u32 = 5;
/// How many sockets in a row may be sent elsewhere by the instance they came to, before a wait is made.
pub const ELSEWHERE_MAX: u32 = 4;

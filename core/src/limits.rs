//! Every bound and every deadline of the engine, each with its reason. Units stand last in the names.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The bounds an operator may change. `Limits::default()` is what is documented.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// The longest message a client may send. A request is some hundred bytes; 64 KiB leaves room for call data.
    pub message_bytes: u32,
    /// What may wait for one socket since it attached: four seconds of a large supervisor's events on a bad network.
    pub pending_bytes: u32,
    /// What is kept of one link for replay: a grace time's worth of a large supervisor's events.
    pub replay_bytes: u32,
    /// Requests a second: a desktop sends a few, a script that sends more than a hundred is wrong.
    pub requests_per_second: u32,
    /// How long a link outlives its socket: a network change or a page reload takes seconds, a lift ride a minute.
    pub grace_ms: u32,
    /// How often the server asks for a sign of life: below the usual 30 s of proxies' idle time-outs.
    pub heartbeat_ms: u32,
    /// How long a socket may stay without `connect`: a TLS handshake and one round trip on the worst network.
    pub connect_ms: u32,
    /// How long a request may take: platforms answer within seconds or not at all.
    pub request_ms: u32,
    /// How long a logout may take: platforms finish after-call work first.
    pub logout_ms: u32,
    /// How long a prepared session waits to be bound and started, and with it the password for the login of its start.
    pub prepared_ms: u32,
    /// How long after-call work may last: nobody writes notes for longer, and an agent who went home is in nobody's way.
    pub wrap_up_ms: u32,
    /// Links at a time: 10,000 agents and their supervisors on one server, doubled.
    pub links_max: u32,
    /// Sockets without a link at a time: a reconnect storm of every client.
    pub sockets_max: u32,
    /// Bindings of one link: the service, the reports, and a few sessions.
    pub bindings_max: u32,
    /// Team-status subscriptions of one link: a wallboard shows some; each costs a snapshot.
    pub subscriptions_max: u32,
    /// Requests of one link in progress at a time.
    pub in_progress_max: u32,
    /// Answers remembered beyond their acknowledgement, for clients that ask again.
    pub remembered_max: u32,
    /// Hashes of ended links' keys, told `expired` instead of `unknown`.
    pub ended_keys_max: u32,
    /// Addresses and agents counted for wrong passwords at a time.
    pub lockouts_max: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message_bytes: 65_536,
            pending_bytes: 4 << 20,
            replay_bytes: 8 << 20,
            requests_per_second: 100,
            grace_ms: 60_000,
            heartbeat_ms: 15_000,
            connect_ms: 10_000,
            request_ms: 30_000,
            logout_ms: 120_000,
            prepared_ms: 60_000,
            wrap_up_ms: 900_000,
            links_max: 20_000,
            sockets_max: 20_000,
            bindings_max: 64,
            subscriptions_max: 256,
            in_progress_max: 256,
            remembered_max: 256,
            ended_keys_max: 65_536,
            lockouts_max: 65_536,
        }
    }
}

impl Limits {
    /// The first of the bounds that must not be zero and is: nothing would be admitted, or a deadline would never be past.
    pub(crate) fn zero(&self) -> Option<&'static str> {
        let bounds = [
            ("message_bytes", self.message_bytes),
            ("pending_bytes", self.pending_bytes),
            ("replay_bytes", self.replay_bytes),
            ("requests_per_second", self.requests_per_second),
            ("grace_ms", self.grace_ms),
            ("heartbeat_ms", self.heartbeat_ms),
            ("connect_ms", self.connect_ms),
            ("request_ms", self.request_ms),
            ("logout_ms", self.logout_ms),
            ("prepared_ms", self.prepared_ms),
            ("wrap_up_ms", self.wrap_up_ms),
        ];
        bounds.iter().find(|(_, value)| *value == 0).map(|(name, _)| *name)
    }

    /// `grace_ms` as a duration.
    pub const fn grace(&self) -> Duration {
        Duration::from_millis(self.grace_ms as u64)
    }

    /// `wrap_up_ms` as a duration.
    pub const fn wrap_up(&self) -> Duration {
        Duration::from_millis(self.wrap_up_ms as u64)
    }

    /// `heartbeat_ms` as a duration.
    pub const fn heartbeat(&self) -> Duration {
        Duration::from_millis(self.heartbeat_ms as u64)
    }
}

/// The bounds of call journeys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JourneyLimits {
    /// Journeys known at a time: every agent of a large centre on a call, and as many callers waiting. Past it the one whose
    /// deadline is nearest is closed as partial.
    pub journeys_max: u32,
    /// Steps of one journey: a call that goes through a hundred devices is a loop. Past it the oldest ended ones are
    /// dropped, save for the first, and counted.
    pub steps_max: u32,
    /// Ids of one journey: legs and their further ids. Past it legs are journeys of their own.
    pub legs_max: u32,
    /// Queues whose names are known.
    pub queues_max: u32,
    /// Journeys one link follows live at a time: a supervisor watches some, never a whole floor.
    pub live_per_link_max: u32,
    /// A running journey that hears nothing for so long is closed: platforms lose the end of a call now and then.
    pub silence_ms: u32,
    /// How long an ended call waits for its agents to say what they do next, so that after-call work joins it.
    pub linger_ms: u32,
    /// How long a final journey is kept: longer than a store takes to write, so that there is no gap between both.
    pub kept_ms: u32,
    /// A step of a running journey that ended is handed to the store within so long, with all that changed meanwhile. Half of
    /// the second after which it survives a kill of the process: the other half is for the store to write.
    pub store_after_ms: u32,
}

impl Default for JourneyLimits {
    fn default() -> Self {
        Self {
            journeys_max: 50_000,
            steps_max: 500,
            legs_max: 64,
            queues_max: 10_000,
            live_per_link_max: 64,
            silence_ms: 86_400_000,
            linger_ms: 5_000,
            kept_ms: 15_000,
            store_after_ms: 500,
        }
    }
}

/// The bounds of the store in memory: whichever is reached first drops the oldest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreLimits {
    /// Journeys kept: a busy day of a mid-sized centre.
    pub journeys_max: u32,
    /// Bytes kept, as [`JourneyRecord::size`](crate::report::journey::JourneyRecord::size) counts them.
    pub bytes_max: u64,
    /// Records of the audit trail kept: a month of a mid-sized centre's sign-ins and logouts, at most about 10 MiB.
    pub audits_max: u32,
}

impl Default for StoreLimits {
    fn default() -> Self {
        Self { journeys_max: 20_000, bytes_max: 64 << 20, audits_max: 20_000 }
    }
}

/// The longest id, in bytes: agents, resources, clients.
pub const ID_BYTES_MAX: usize = 128;
/// The longest `requestId`, in bytes.
pub const REQUEST_ID_BYTES_MAX: usize = 64;
/// The longest path to an object of a session: five ids of 64 bytes, from the session to a conversation in a group.
pub const PATH_BYTES_MAX: usize = 5 * 64 + 4;
/// The longest client name, in bytes.
pub const CLIENT_NAME_BYTES_MAX: usize = 128;
/// The longest answer of a long poll, in bytes, what secrets add not counted; a single longer message goes alone. What a proxy
/// buffers without a file.
pub const POLL_BYTES_MAX: u64 = 1 << 20;
/// How long a poll waits at most, in milliseconds: below the usual 60 s of proxies' time-outs, with room for a slow network.
pub const POLL_WAIT_MS_MAX: u32 = 30_000;
/// A socket is silent after so many heartbeats without anything received: one lost ping is no reason.
pub const SILENT_HEARTBEATS: u32 = 3;
/// The socket of a client that sends so many times the permitted rate is closed.
pub const FLOOD_FACTOR: u32 = 10;
/// Wrong passwords of one agent from one address that lock it out.
pub const LOCKOUT_WRONG: u32 = 5;
/// Wrong passwords from one address over all agents.
pub const LOCKOUT_WRONG_ADDRESS: u32 = 50;
/// The time within which wrong passwords are counted.
pub const LOCKOUT_WINDOW: Duration = Duration::from_secs(300);
/// The first lock-out; each further one is twice as long.
pub const LOCKOUT_FIRST: Duration = Duration::from_secs(60);
/// The longest lock-out: who guesses is held up, who forgot is not sent home.
pub const LOCKOUT_LONGEST: Duration = Duration::from_secs(900);

/// Agents, those that only a membership or a status names included: twice the largest platform this is built for.
pub const AGENTS_MAX: u32 = 200_000;
/// Teams: ten agents a team at [`AGENTS_MAX`].
pub const TEAMS_MAX: u32 = 20_000;
/// Members of one team: about 2 MiB as one event, which still fits what may wait for a socket.
pub const MEMBERS_PER_TEAM_MAX: u32 = 10_000;
/// Teams one person is related to: each costs every change of that person's status one encoding.
pub const TEAMS_PER_AGENT_MAX: u32 = 1_000;
/// Memberships in all: 16 bytes each.
pub const MEMBERSHIPS_MAX: u32 = 1_000_000;
/// Queues.
pub const QUEUES_MAX: u32 = 20_000;
/// Queues one agent or team serves: ten times what the widest platform assigns to an agent.
pub const QUEUES_PER_SERVER_MAX: u32 = 1_000;
/// Entries of all these lists together: every agent of the largest platform in five queues.
pub const SERVED_MAX: u32 = 1_000_000;
/// Contacts that wait in queues, or were in one and are not answered yet: as many as there are journeys. Past it further
/// ones are not counted, and their queues' counts are partial.
pub const WAITING_MAX: u32 = 50_000;
/// Queues one contact waits in, and ids it goes by.
pub const WAIT_PLACES_MAX: usize = 64;
/// A contact that waits for longer is taken for one whose end was lost, and forgotten when the next day begins.
pub const WAIT_LONGEST: Duration = Duration::from_secs(86_400);
/// Bytes of a name, a reason or an extension: longer than any platform's column for one.
pub const TEXT_BYTES_MAX: usize = 512;

/// How much a roster holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RosterLimits {
    /// See [`AGENTS_MAX`].
    pub agents: u32,
    /// See [`TEAMS_MAX`].
    pub teams: u32,
    /// See [`MEMBERS_PER_TEAM_MAX`].
    pub members_per_team: u32,
    /// See [`TEAMS_PER_AGENT_MAX`].
    pub teams_per_agent: u32,
    /// See [`MEMBERSHIPS_MAX`].
    pub memberships: u32,
    /// See [`QUEUES_MAX`].
    pub queues: u32,
}

impl Default for RosterLimits {
    fn default() -> Self {
        Self {
            agents: AGENTS_MAX,
            teams: TEAMS_MAX,
            members_per_team: MEMBERS_PER_TEAM_MAX,
            teams_per_agent: TEAMS_PER_AGENT_MAX,
            memberships: MEMBERSHIPS_MAX,
            queues: QUEUES_MAX,
        }
    }
}

/// Legs known at a time: every agent of a large centre on a call and consulting, and as many callers waiting. Past it new ones
/// are not shown to sessions; the next resynchronisation shows them.
pub const CALLS_MAX: u32 = 100_000;
/// Devices on one leg, and its further ids: four times the largest conference a platform makes.
pub const PARTIES_MAX: usize = 64;
/// Keys of one call's data: ten call variables, the named ones of a large script, and as many again.
pub const CALL_DATA_KEYS_MAX: usize = 128;
/// A leg nothing is heard of for so long is over: platforms lose the end of a call now and then.
pub const CALL_SILENCE: Duration = Duration::from_secs(86_400);
/// How often legs are looked through for silent ones.
pub const CALL_SWEEP: Duration = Duration::from_secs(3_600);

/// Interactions of one session at a time, those in after-call work included: nobody attends to more.
pub const INTERACTIONS_MAX: usize = 64;
/// Channels of one session: one a medium, and some groups of them.
pub const CHANNELS_MAX: usize = 16;
/// How long an ended contact waits for the platform to say whether there is after-call work for it.
pub const WRAP_UP_LINGER: Duration = Duration::from_secs(5);
/// The longest number or address that is dialled, in bytes.
pub const DESTINATION_BYTES_MAX: usize = 128;
/// Digits sent at a time: more than any menu asks for.
pub const DIGITS_MAX: usize = 32;
/// The longest key of interaction data, in bytes.
pub const CALL_DATA_KEY_BYTES_MAX: usize = 64;
/// The longest value of interaction data that a client sets, in bytes.
pub const CALL_DATA_VALUE_BYTES_MAX: usize = 4_096;

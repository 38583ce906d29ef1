//! What the adapter is told once, at its start.

use std::fmt::{self, Display, Formatter};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::codec::Widths;
use crate::cti::ReasonCode;

/// The port of the CTI server in the port guides of UCCX. One page of its CTI guide says 42027; the setting is "RmCm TCP
/// Port" in the system parameters.
pub const DEFAULT_PORT: u16 = 12028;

/// The adapter's configuration. Units stand last in the names: `_s` is seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UccxConfig {
    /// The nodes' addresses, `host` or `host:port` (see [`DEFAULT_PORT`]); the driver resolves them, the adapter names them by
    /// their place. One to eight; of a pair the first is tried first.
    pub nodes: Vec<Box<str>>,
    /// ClientID of OPEN_REQ, 1 to 63 bytes. No public page says that UCCX checks it.
    pub client_id: Box<str>,
    /// Protocol versions in the order they are tried, the next one after "invalid version". 17 and lower have one-byte field
    /// headers for certain; what 18 has is told from OPEN_CONF.
    pub versions: Vec<u32>,
    /// The widths of field headers, if they must not follow the version.
    pub widths: HeaderWidths,
    /// How often a heartbeat is sent, 1 to 30. Three unconfirmed end the connection when the fourth is due.
    pub heartbeat_s: u32,
    /// IdleTimeout of OPEN_REQ: at least twice the heartbeat, 20 to 119.
    pub idle_timeout_s: u32,
    /// How long a connection may take to stand, and each step of opening and reading to move on.
    pub step_timeout_s: u32,
    /// How long opening and reading everything may take together.
    pub sync_timeout_s: u32,
    /// How long a command may take.
    pub command_timeout_s: u32,
    /// How long an open session waits for a system that is offline to come online before the other node is asked.
    pub offline_wait_s: u32,
    /// The first pause before a node that failed is tried again; doubled with each failure, a quarter more or less by chance.
    pub backoff_s: u32,
    /// The longest such pause.
    pub backoff_max_s: u32,
    /// How long a session must have been in service for earlier failures of its node to be forgiven.
    pub stable_s: u32,
    /// How long a call that was known before the connection was lost, and of which nothing is heard since, is kept.
    pub unconfirmed_call_s: u32,
    /// Login ids of team leads. UCCX has no such role: a listed agent or secondary supervisor is a team lead, a listed
    /// primary supervisor stays a supervisor.
    pub team_leads: Vec<Box<str>>,
    /// Whether secondary supervisors are team leads; otherwise they are supervisors.
    pub secondary_supervisors_are_team_leads: bool,
    /// What [`Command::Verify`](crate::cti::Command::Verify) does.
    pub password_check: PasswordCheck,
    /// Whether a logout must give a reason, as the platform's administrator decided.
    pub logout_reason_required: bool,
    /// Reasons for going not ready: the protocol does not carry their labels.
    pub not_ready_reasons: Vec<ReasonCode>,
    /// Reasons for logging out.
    pub logout_reasons: Vec<ReasonCode>,
    /// Wrap-up codes.
    pub wrap_up_codes: Vec<ReasonCode>,
    /// Names of applications by their ApplicationID, for the steps of journeys: the layout in which the protocol carries
    /// them is not published.
    pub applications: Vec<(u32, Box<str>)>,
    /// The platform's version as `cti-version` shows it; where empty, the protocol's version.
    pub platform_version: Box<str>,
    /// Agents, and teams, and queues, and devices, kept at a time, each.
    pub records_max: u32,
    /// Calls kept at a time.
    pub calls_max: u32,
    /// Commands that may wait for their answer at a time.
    pub commands_max: u32,
    /// Sessions in agent mode at a time, one for each signed-in agent who is to be controlled where the bridge session is not
    /// granted control; 0 for none: then what is not granted is refused.
    pub agent_sessions_max: u32,
}

/// What is checked when a client prepares a session.
///
/// The protocol has one place for an agent's password: AgentPassword of the SET_AGENT_STATE_REQ that logs the agent in. There
/// is no way to check a password without logging in. So for an agent who is logged out, all but [`PasswordCheck::Refuse`] accept
/// who is configured, with a password that is not blank, and the platform checks it a moment later at
/// [`Command::Login`](crate::cti::Command::Login), where a wrong one is refused as credentials. They differ for an agent who is
/// logged in already, whom nobody logs in again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PasswordCheck {
    /// An agent logged in already is logged in again at the same instrument with the password given, so that the platform
    /// checks it. The platform may then make the agent not ready, and end the login of another desktop (reason 32767, RELOGON).
    #[default]
    Relogin,
    /// An agent logged in already is accepted with whatever password. Only where something else guards the processor.
    Trust,
    /// Everybody is refused: passwords are checked elsewhere.
    Refuse,
}

/// The widths of field headers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum HeaderWidths {
    /// As the version has them.
    #[default]
    #[serde(rename = "auto")]
    Auto,
    /// One byte of tag, one of length.
    #[serde(rename = "1+1")]
    OneOne,
    /// Two bytes of tag, one of length.
    #[serde(rename = "2+1")]
    TwoOne,
    /// Two bytes each.
    #[serde(rename = "2+2")]
    TwoTwo,
}

impl HeaderWidths {
    /// The widths a session of `version` begins with.
    pub(super) const fn at_version(self, version: u32) -> Widths {
        match self {
            Self::Auto if version >= 18 => Widths::V18,
            Self::Auto | Self::OneOne => Widths::V10,
            Self::TwoOne => Widths::V18,
            Self::TwoTwo => Widths::WIDE,
        }
    }
}

impl Default for UccxConfig {
    fn default() -> Self {
        Self {
            nodes: Vec::new(),
            client_id: "interaction-processor".into(),
            versions: vec![17, 14, 13, 12, 11, 10],
            widths: HeaderWidths::Auto,
            heartbeat_s: 15,
            idle_timeout_s: 60,
            step_timeout_s: 15,
            sync_timeout_s: 300,
            command_timeout_s: 10,
            offline_wait_s: 60,
            backoff_s: 1,
            backoff_max_s: 30,
            stable_s: 60,
            unconfirmed_call_s: 600,
            team_leads: Vec::new(),
            secondary_supervisors_are_team_leads: false,
            password_check: PasswordCheck::default(),
            logout_reason_required: false,
            not_ready_reasons: Vec::new(),
            logout_reasons: Vec::new(),
            wrap_up_codes: Vec::new(),
            applications: Vec::new(),
            platform_version: "".into(),
            records_max: 20_000,
            calls_max: 20_000,
            commands_max: 4_096,
            agent_sessions_max: 400,
        }
    }
}

impl UccxConfig {
    /// Names what is wrong, and what would be right.
    ///
    /// # Errors
    /// A key's value is out of range.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let check = |key, fine: bool, remedy| if fine { Ok(()) } else { Err(ConfigError { key, remedy }) };
        let seconds = |key, value: u32| check(key, (1..=3600).contains(&value), "give 1 to 3600 seconds");
        let bound = |key, value: u32| check(key, (1..=1_000_000).contains(&value), "give 1 to 1000000");
        check("nodes", (1..=8).contains(&self.nodes.len()), "give one to eight addresses")?;
        let client_id = self.client_id.as_bytes();
        let printable = !client_id.contains(&0);
        check("client_id", (1..=63).contains(&client_id.len()) && printable, "give 1 to 63 bytes without NUL")?;
        let known = self.versions.iter().all(|version| (10..=18).contains(version));
        check("versions", known && (1..=16).contains(&self.versions.len()), "give versions from 10 to 18")?;
        check("heartbeat_s", (1..=30).contains(&self.heartbeat_s), "give 1 to 30 seconds")?;
        let idle = (20..120).contains(&self.idle_timeout_s) && self.idle_timeout_s >= 2 * self.heartbeat_s;
        check("idle_timeout_s", idle, "give 20 to 119 seconds, at least twice heartbeat_s")?;
        seconds("step_timeout_s", self.step_timeout_s)?;
        seconds("sync_timeout_s", self.sync_timeout_s)?;
        seconds("command_timeout_s", self.command_timeout_s)?;
        seconds("offline_wait_s", self.offline_wait_s)?;
        seconds("backoff_s", self.backoff_s)?;
        seconds("backoff_max_s", self.backoff_max_s)?;
        check("backoff_max_s", self.backoff_max_s >= self.backoff_s, "give at least backoff_s")?;
        seconds("stable_s", self.stable_s)?;
        check("unconfirmed_call_s", (1..=86_400).contains(&self.unconfirmed_call_s), "give 1 to 86400 seconds")?;
        bound("records_max", self.records_max)?;
        bound("calls_max", self.calls_max)?;
        bound("commands_max", self.commands_max)?;
        check("agent_sessions_max", self.agent_sessions_max <= 100_000, "give 0 to 100000")
    }

    pub(super) const fn heartbeat(&self) -> Duration {
        Duration::from_secs(self.heartbeat_s as u64)
    }

    pub(super) const fn step_timeout(&self) -> Duration {
        Duration::from_secs(self.step_timeout_s as u64)
    }

    pub(super) const fn command_timeout(&self) -> Duration {
        Duration::from_secs(self.command_timeout_s as u64)
    }
}

/// A key of the configuration whose value cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The key.
    pub key: &'static str,
    /// What would be right.
    pub remedy: &'static str,
}

impl Display for ConfigError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.remedy)
    }
}

impl std::error::Error for ConfigError {}

//! The server's configuration: what can be set, with defaults that run.
//!
//! Sources, later ones win: defaults, the TOML file, environment variables, flags. A key `limits.message-bytes` is the
//! variable `INTERACTION_PROCESSOR_LIMITS_MESSAGE_BYTES`.

mod day;
mod load;
mod plugin;
mod token;
mod uccx;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use interaction_core::config::{Config as EngineConfig, DirectoryKind, DisconnectPolicy, Guarantee};
use interaction_core::limits::Limits;
use serde::{Deserialize, Serialize};

pub(crate) use day::DayStarts;
pub(crate) use load::{UCCX_PASSWORD, load};
pub(crate) use plugin::{EngineKind, EngineSettings, Grant, Place, PluginSettings};
pub(crate) use token::{Scope, TokenSettings, epoch_ms, epoch_us};
pub(crate) use uccx::{Credentials, UccxSettings};

use crate::history::HistorySettings;

/// Everything an operator may set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct Settings {
    /// Who this server is.
    pub(crate) server: Server,
    /// Where it listens.
    pub(crate) listen: Listen,
    /// What the processor says of itself and allows.
    pub(crate) processor: Processor,
    /// How the engine runs.
    pub(crate) engine: EngineSettings,
    /// Which telephony platform it works with.
    pub(crate) cti: Cti,
    /// How reports count.
    pub(crate) reports: Reports,
    /// What is kept.
    pub(crate) store: StoreSettings,
    /// Where journeys of calls are looked up that the server did not see.
    pub(crate) history: HistorySettings,
    /// The bounds of the engine.
    pub(crate) limits: LimitSettings,
    /// What is written to the log.
    pub(crate) log: Log,
    /// Who may connect where tokens are asked for.
    pub(crate) tokens: Vec<TokenSettings>,
}

/// `[server]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct Server {
    /// This process among those of its domain: letters, digits, `-` and `_`, at most 64. Part of every resume key.
    pub(crate) instance: String,
    /// The processors of one domain share its clients.
    pub(crate) domain: String,
    /// How long sockets stay open after a signal to stop, in milliseconds.
    pub(crate) shutdown_grace_ms: u32,
    /// The directory of what the server keeps, seen from where it was started; made where it is needed and missing.
    pub(crate) data_dir: String,
}

impl Default for Server {
    fn default() -> Self {
        Self { instance: "local".into(), domain: "default".into(), shutdown_grace_ms: 2_000, data_dir: "data".into() }
    }
}

/// `[listen]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct Listen {
    /// The address. On a loopback one clients are not asked for tokens unless `require-tokens` says so; on any other they are.
    pub(crate) address: IpAddr,
    /// The port; 0 takes a free one.
    pub(crate) port: u16,
    /// Further values of `Host` that are this server, with the port where it is not the scheme's own.
    pub(crate) hosts: Vec<String>,
    /// Further values of `Origin` whose pages may use this server, such as `https://desktop.example.com`.
    pub(crate) origins: Vec<String>,
    /// TCP connections at a time.
    pub(crate) connections_max: u32,
    /// How long a request's header may take to come, in milliseconds.
    pub(crate) header_ms: u32,
    /// Whether clients need a token on a loopback address, too.
    pub(crate) require_tokens: bool,
    /// Asks for tokens nowhere: whoever reaches the address, from any machine, prepares agent sessions and reads all reports.
    pub(crate) allow_everybody_without_token: bool,
}

impl Default for Listen {
    fn default() -> Self {
        Self {
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 8430,
            hosts: Vec::new(),
            origins: Vec::new(),
            connections_max: 40_000,
            header_ms: 10_000,
            require_tokens: false,
            allow_everybody_without_token: false,
        }
    }
}

impl Listen {
    /// Address and port.
    pub(crate) const fn socket_address(&self) -> SocketAddr {
        SocketAddr::new(self.address, self.port)
    }

    /// Whether clients need a token.
    pub(crate) const fn asks_for_tokens(&self) -> bool {
        self.require_tokens || !(self.address.is_loopback() || self.allow_everybody_without_token)
    }
}

/// `[processor]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct Processor {
    /// Who makes it: the service's `vendor`.
    pub(crate) vendor: String,
    /// The service's id.
    pub(crate) service_id: String,
    /// The service's name.
    pub(crate) service_name: String,
    /// The service's type.
    pub(crate) service_type: String,
    /// The report resource's id.
    pub(crate) reports_id: String,
    /// The call models a session may be prepared with; the first is the default.
    pub(crate) models: Vec<String>,
    /// Whether prepareSession echoes the password, as its original specification says.
    pub(crate) echo_password: bool,
    /// Whether failures carry detail for developers.
    pub(crate) debug: bool,
    /// What becomes of an agent whose client stays away: `keep`, `notready` or `logout`.
    pub(crate) disconnect: DisconnectPolicy,
}

impl Default for Processor {
    fn default() -> Self {
        let engine = EngineConfig::default();
        Self {
            vendor: engine.vendor.into(),
            service_id: engine.service_id.into(),
            service_name: engine.service_name.into(),
            service_type: engine.service_type.into(),
            reports_id: engine.reports_id.into(),
            models: engine.models.into_iter().map(String::from).collect(),
            echo_password: engine.echo_password,
            debug: engine.debug,
            disconnect: engine.disconnect,
        }
    }
}

/// `[reports]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct Reports {
    /// When the day begins that queue status counts by: a local time and its offset from UTC, such as `06:00+02:00`.
    pub(crate) day_starts: DayStarts,
}

/// `[cti]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct Cti {
    /// Which platform.
    pub(crate) kind: CtiKind,
    /// The simulated world: `small`, `large`, or a scenario file.
    pub(crate) scenario: String,
    /// What the simulated world's chances are drawn from: the same seed, the same day.
    pub(crate) seed: u64,
    /// How many times faster than its scenario says the simulated world runs. Nothing else does.
    pub(crate) speed: u32,
    /// Where a platform that speaks JSON lines listens, in the order to try, such as `192.168.10.5:9200`.
    pub(crate) connect: Vec<String>,
    /// Where a platform that speaks JSON lines connects to, instead; empty for nowhere.
    pub(crate) listen: String,
    /// How long a platform that speaks JSON lines may be silent, in milliseconds; 0 for as long as it likes.
    pub(crate) idle_ms: u32,
    /// Cisco Unified Contact Center Express.
    pub(crate) uccx: UccxSettings,
    /// An adapter that is a WebAssembly component.
    pub(crate) plugin: PluginSettings,
}

impl Default for Cti {
    fn default() -> Self {
        Self {
            kind: CtiKind::Simulator,
            scenario: "small".into(),
            seed: 1,
            speed: 1,
            connect: Vec::new(),
            listen: String::new(),
            idle_ms: 60_000,
            uccx: UccxSettings::default(),
            plugin: PluginSettings::default(),
        }
    }
}

/// The platforms there are adapters for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum CtiKind {
    /// A simulated contact centre.
    Simulator,
    /// Any platform that speaks JSON lines.
    Jsonl,
    /// Cisco Unified Contact Center Express.
    Uccx,
    /// Whatever a WebAssembly component is an adapter for.
    Plugin,
}

/// `[store]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct StoreSettings {
    /// Where journeys and the audit trail are kept.
    pub(crate) kind: StoreKind,
    /// The address of a PostgreSQL database, without a password.
    pub(crate) url: String,
    /// The file that holds the password for it, and nothing else; empty for the one in the environment.
    pub(crate) password_file: String,
    /// Journeys kept; past it the oldest go.
    pub(crate) journeys_max: u32,
    /// How long journeys are kept, in days; 0 for as long as there is room.
    pub(crate) journey_days: u32,
    /// Records of the audit trail kept; past it the oldest go.
    pub(crate) audits_max: u32,
    /// How long the audit trail is kept, in days; 0 for as long as there is room.
    pub(crate) audit_days: u32,
    /// What journeys may take in memory, in bytes; past it the oldest go.
    pub(crate) bytes_max: u64,
    /// What the file of SQLite may grow to, in bytes; 0 for as far as the disk goes. Past it nothing more is kept until
    /// there is room.
    pub(crate) file_bytes_max: u64,
}

/// Where journeys and the audit trail are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum StoreKind {
    /// In a file in the data directory.
    Sqlite,
    /// In a database of its own, which several servers may share.
    Postgresql,
    /// In memory, gone with the process.
    Memory,
}

impl Default for StoreSettings {
    fn default() -> Self {
        Self {
            kind: StoreKind::Sqlite,
            url: String::new(),
            password_file: String::new(),
            journeys_max: 1_000_000,
            journey_days: 90,
            audits_max: 1_000_000,
            audit_days: 365,
            bytes_max: 256 << 20,
            file_bytes_max: 0,
        }
    }
}

macro_rules! limit_settings {
    ($($name:ident,)*) => {
        /// `[limits]`: see the engine's own table for what each bounds, and why.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
        #[allow(missing_docs, reason = "documented where the engine names them")]
        pub(crate) struct LimitSettings { $(pub(crate) $name: u32,)* }

        impl Default for LimitSettings {
            fn default() -> Self {
                let Limits { $($name),* } = Limits::default();
                Self { $($name),* }
            }
        }

        impl From<LimitSettings> for Limits {
            fn from(settings: LimitSettings) -> Self {
                let LimitSettings { $($name),* } = settings;
                Self { $($name),* }
            }
        }
    };
}

limit_settings! {
    message_bytes, pending_bytes, replay_bytes, requests_per_second, grace_ms, heartbeat_ms, connect_ms, request_ms,
    logout_ms, prepared_ms, wrap_up_ms, links_max, sockets_max, bindings_max, subscriptions_max, in_progress_max, remembered_max,
    ended_keys_max, lockouts_max,
}

/// `[log]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct Log {
    /// `text` or `json` (one object a line).
    pub(crate) format: LogFormat,
    /// `error`, `warn`, `info`, `debug` or `trace`.
    pub(crate) level: LogLevel,
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Text, level: LogLevel::Info }
    }
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// How much is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the usual levels")]
pub(crate) enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

impl Settings {
    /// What the engine is told at its start.
    pub(crate) fn engine_config(&self) -> EngineConfig {
        let processor = &self.processor;
        EngineConfig {
            instance: self.server.instance.as_str().into(),
            domain: self.server.domain.as_str().into(),
            vendor: processor.vendor.as_str().into(),
            version: env!("CARGO_PKG_VERSION").into(),
            service_id: processor.service_id.as_str().into(),
            service_name: processor.service_name.as_str().into(),
            service_type: processor.service_type.as_str().into(),
            reports_id: processor.reports_id.as_str().into(),
            models: processor.models.iter().map(|model| model.as_str().into()).collect(),
            guarantee: Guarantee::Process,
            instances: Vec::new(),
            echo_password: processor.echo_password,
            debug: processor.debug,
            disconnect: processor.disconnect,
            directory: DirectoryKind::Local,
            day_starts_min: self.reports.day_starts.utc_minutes(),
            limits: self.limits.clone().into(),
        }
    }
}

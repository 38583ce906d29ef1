//! Cisco Unified Contact Center Express by its CTI protocol, versions 10 to 18.
//!
//! [`codec`] is the wire format, [`UccxAdapter`] the adapter that keeps a session with it and translates: sans-IO, like
//! everything in this crate.

pub mod codec;
pub mod history;

mod adapter;
mod commands;
mod config;
mod diagnostics;
mod mapping;
mod platform;
mod session;
pub mod sim;

pub use self::adapter::UccxAdapter;
pub use self::config::{ConfigError, DEFAULT_PORT, HeaderWidths, PasswordCheck, UccxConfig};
pub use self::diagnostics::{Diagnostics, LastError, NodeReport, NodeRole, Phase};

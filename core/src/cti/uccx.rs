//! Cisco Unified Contact Center Express by its CTI protocol, versions 10 to 18.

pub mod codec;

//! The same bytes on every target.
//!
//! [`history`] makes histories natively: a simulated contact centre with clients that come, go and misbehave, and every
//! readable trace. [`script`] makes of them what any target can be told to play, and what it must answer; [`portion`] hands them
//! out. [`component`] and [`outside`] play them in a component, in Node and in a browser; where a digest of the answers
//! differs, [`compare`] finds the first difference.

pub mod adapter;
pub mod client;
pub mod compare;
pub mod component;
pub mod history;
pub mod outside;
pub mod portion;
pub mod random;
pub mod script;
pub mod simulated;
pub mod wire;

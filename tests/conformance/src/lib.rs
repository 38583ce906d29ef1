//! The same bytes on every target.
//!
//! [`history`] makes histories natively: a simulated contact centre with clients that come, go and misbehave, and every
//! readable trace. [`script`] makes of them what any target can be told to play, and what it must answer.
//! [`component`] and [`outside`] play it in a component, in Node and in a browser; [`compare`] finds the first difference.

pub mod client;
pub mod compare;
pub mod component;
pub mod history;
pub mod outside;
pub mod random;
pub mod script;
pub mod simulated;
pub mod wire;

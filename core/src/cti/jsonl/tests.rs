//! The lines and the adapter, from outside.

mod bad_lines;
mod commands;
mod connecting;
mod documented;
mod driver;
mod resync;
mod round_trips;
mod streams;
mod values;

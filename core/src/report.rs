//! The UCCX report resource: team status and call journeys.

pub mod journey;
pub(crate) mod resource;
pub mod roster;
pub mod teamstatus;

//! The UCCX report resource: team status, queue status and call journeys.

pub mod journey;
pub mod queuestatus;
pub(crate) mod resource;
pub mod roster;
pub mod teamstatus;

//! The UCCX report resource: team status and call journeys.

pub mod journey;

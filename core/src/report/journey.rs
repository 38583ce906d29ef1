//! Where a call has been.

mod record;

pub use record::{JourneyRecord, Step};

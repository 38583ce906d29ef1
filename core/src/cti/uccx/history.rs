//! Journeys of calls that ended before the processor connected, from UCCX's historical database.
//!
//! [`read`] asks a [`Database`] for the rows of one contact and makes the journey of them; [`recent`] lists calls. How
//! rows are fetched is the driver's matter: through ODBC in the server, from memory in tests. Tables, columns and joins
//! are those of Cisco's database schema guide for UCCX 15.0; what Cisco does not say is marked where it is decided.
//!
//! No shared key between the ids of the CTI protocol and those of the database is documented. A contact is found by its
//! `contactid`, or by `<nodeID>-<sessionID>` as [`recent`] lists those without one.

mod cell;
mod read;
mod rows;
mod steps;
mod table;

pub use self::cell::CellError;
pub use self::read::{HistoryError, read, recent};
pub use self::table::{Database, Filter, Row, Table, Value};

/// The most rows of one table that are read for one contact. A contact has a handful of legs; this bounds a damaged database.
pub const ROWS_MAX: usize = 512;

#[cfg(test)]
mod tests;

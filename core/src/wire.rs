//! What passes between client and server: JSON text, checked and typed.

pub(crate) mod codes;
pub mod intake;
pub(crate) mod message;
pub(crate) mod write;

pub(crate) mod scan;

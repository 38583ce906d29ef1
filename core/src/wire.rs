//! What passes between client and server: JSON text, checked and typed.

pub mod intake;

pub(crate) mod scan;

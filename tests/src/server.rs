//! Starts the real server.
pub struct Server;
pub struct Settings;

//! The parts of load benchmarks: the server as a child process, a platform that feeds it, a crowd of clients on one
//! thread, the bare loop to compare with, and what a process costs. Loopback only.

pub mod bare;
pub mod crowd;
pub mod measure;
pub mod platform;
pub mod process;
pub mod processor;

mod frames;

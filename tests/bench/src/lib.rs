//! The parts of load benchmarks: servers as child processes, each fed and joined in its way, a crowd of clients on one
//! thread that reads them all, the bare loop to compare with, what a process costs, and the report. Loopback only.

pub mod asking;
pub mod catalogue;
pub mod crowd;
pub mod dialect;
pub mod machine;
pub mod measure;
pub mod peers;
pub mod platform;
pub mod plot;
pub mod process;
pub mod report;
pub mod server;
pub mod storm;
pub mod uccx;

mod frames;

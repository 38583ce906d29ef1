//! The UCCX adapter at its boundary: a scripted CTI server on one side, events and answers on the other.

mod bench;
mod failover;
mod flows;
mod frames;
mod server;
mod startup;
mod teams;

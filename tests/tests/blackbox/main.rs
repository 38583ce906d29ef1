//! The built server from outside, a file for each thing that is promised. One program: each further one is compiled and linked by
//! itself, and ends with a test that all others wait for.

mod bad_input;
mod bindings;
mod cli;
mod cti_codec;
mod cti_tools;
mod desk;
mod history;
mod http;
mod journeys;
mod link;
mod lying_server;
mod once_only;
mod once_rate;
mod origins;
mod pages;
mod postgresql;
mod prepare;
mod python_client;
mod queuestatus;
mod readme;
mod recording;
mod resuming;
mod seed;
mod sessions;
mod slow_clients;
mod store;
mod takeovers;
mod teamstatus;
mod tokens;
mod uccx;
mod uccx_sim;

//! Traces: readable scenarios for the engine, the same on every target.
//!
//! A trace is a text file of settings, inputs and expected outputs, one a line; `#` begins a comment. Expected outputs
//! stand below the input that causes them and are exact.
//!
//! | line | means |
//! | --- | --- |
//! | `config {"limits":{"grace_ms":5000}}` | setting: merged into [`base_config`] |
//! | `seed 7`, `start 1790000000000` | settings: the engine's seed, its first moment in ms since the epoch |
//! | `open 1 peer=10.0.0.1 access=token` | socket 1 stands; `access` is `loopback` (the default), `agent`, `none` or `token` |
//! | `1> {"messageType":…}` | socket 1's client sends this very text |
//! | `1>hex ff00`, `1>nest 200`, `1>large 70000`, `1>binary` | it sends these bytes, an object nested so deep, more than fits, a binary frame |
//! | `alive 1`, `backlog 1 5000`, `close 1`, `close 1 slow` | a pong came, so many bytes wait, the socket is gone |
//! | `post 2 connect {…}`, `post 2 connect access=token {…}`, `post 3 resume-key-2 {…}` | an HTTP request brings this text: a `connect`, or for the link of a key |
//! | `poll 4 resume-key-2 17 25s`, `stream 4 resume-key-2 17` | a long poll that waits so long, an event stream: what follows message 17 |
//! | `token laptop revoked`, `token laptop anna/agent/-` | the token `known/laptop/…` is revoked, or permits something else |
//! | `advance 60s`, `stall 60s` | time passes with a tick at each deadline, or with none until the driver wakes |
//! | `cti {…}` | the platform tells: the JSON form of `cti::Event` |
//! | `up`, `resync` | the platform and the small contact centre that most traces play in |
//! | `status 1001 Ready reason=22` | an agent does something else |
//! | `ask 1 q7 conversation.hold $conversation {}` | socket 1's client sends this request, `q7`, to the session its target begins with |
//! | `call c1 ringing 1001`, … | a leg does something: see `calls.rs` |
//! | `answer 5 done`, `answer 5 verified 1001`, `answer 5 refused Busy words` | a command is answered |
//! | `claimed 5 {…}`, `loaded 5 {…}`, `shutdown 5000` | the directory and the store answer; the server goes down |
//! | `= 15s` | expected: what follows happens so long after the start |
//! | `1< {…}`, `1~ {…}`, `1p`, `1x 4001 …` | expected: a message as the client sees it, a replayed one, a ping, a close |
//! | `2a 202 Accepted` | expected: an HTTP request is answered, with the messages before as its body |
//! | `cti< 5 {…}` | expected: a command, `+password` where one goes with it |
//! | `claim< 5 …`, `release< …`, `store< …`, `load< 5 …`, `audit< …` | expected: what the directory and the store are asked, and what the audit trail keeps |
//! | `! …` | expected: the engine refuses the input as the driver's mistake |
//! | `held< 3 password` | expected, at the end: a secret that is still needed |
//!
//! In inputs `$cti`, `$claim` and `$query` stand for the last number the engine gave to a command, a claim, a question to
//! the store; `$session1`, `$session2` … for the sessions prepared so far, `$session` for the last one; `$channel1`, `$interaction`, `$conversation2`, `$channelgroup` … for
//! the paths of their objects, `$channel.id1` for an id alone.
//!
//! Secrets are numbered from 1 in the order in which they come. The resume key drawn for socket *n* is `resume-key-n`. A
//! token is good when it reads `good/<subject>/<scopes, by commas>/<expires, seconds after the start, or ->`, or the same after
//! `known/<name>`, where the name stands for its hash.

mod calls;
mod centre;
mod driver;
mod grammar;
mod mirror;
mod run;
mod syntax;
mod view;

pub use centre::small_centre;
pub use driver::{Broken, Driver, Recorded, Seen};
pub use run::{Run, Step};
pub use syntax::{Trace, base_config};

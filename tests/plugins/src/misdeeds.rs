//! What an adapter may not do.

use std::hint::black_box;

use serde::Deserialize;

use crate::bindings::exports::interaction::processor::adapter::{Dial, Output, Piece};
use crate::bindings::exports::interaction::processor::cti::{AgentRecord, Answer, Event, Outcome};
use crate::status;

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Misdeed {
    /// Nothing: it goes on as it began.
    None,
    /// It never returns.
    Loop,
    /// It takes all memory there is.
    Memory,
    /// It calls itself for ever.
    Recursion,
    /// It gives up.
    Trap,
    /// It tells a million things at once.
    Many,
    /// It tells more at once than it may, and little enough to get the memory for it.
    Crowd,
    /// It tells one thing of many megabytes.
    Huge,
    /// It tells a text that is none.
    Text,
    /// It tells of a place where there is no memory.
    Pointer,
    /// It tells of an agent whose id is empty.
    EmptyId,
    /// It tells of an agent whose id would forge a line of the log.
    ControlId,
    /// It answers what nobody asked.
    Answer,
    /// It sends on a connection that is not its own.
    Foreign,
    /// It connects to where it may not.
    Dial,
    /// It counts under a name that would forge metrics.
    CountName,
    /// It leaves commands unanswered.
    Silence,
    /// It tells of agents that there are not.
    Ghosts,
}

impl Misdeed {
    /// Does it.
    pub(crate) fn commit(self, outputs: &mut Vec<Output>) {
        match self {
            Self::None | Self::CountName | Self::Silence => {}
            Self::Loop => loop {
                black_box(());
            },
            Self::Memory => {
                let mut all: Vec<Vec<u8>> = Vec::new();
                loop {
                    all.push(black_box(vec![1; 1 << 20]));
                }
            }
            Self::Recursion => {
                black_box(deeper(1));
            }
            Self::Trap => panic!("it gives up"),
            Self::Many => repeat(1_000_000, outputs),
            Self::Crowd => repeat(100_000, outputs),
            Self::Huge => outputs.push(Output::Event(Event::Down("x".repeat(80 << 20)))),
            Self::Text => outputs.push(Output::Event(Event::AgentRemoved(no_text()))),
            Self::Pointer => outputs.push(nowhere()),
            Self::EmptyId => outputs.push(agent("")),
            Self::ControlId => outputs.push(agent("2001\nERROR forged")),
            Self::Answer => {
                outputs.push(Output::Event(Event::Answer(Answer { request: 4_711, outcome: Outcome::Done })));
            }
            Self::Foreign => outputs.push(Output::Send(Piece { connection: 9, bytes: b"hello".to_vec() })),
            Self::Dial => outputs.push(Output::Connect(Dial { connection: 1, address: 0 })),
            Self::Ghosts => {
                let ghosts = (0..1_000).map(|number| format!("ghost-{number}"));
                outputs.extend(ghosts.map(|ghost| Output::Event(Event::AgentStatus(status(&ghost, true)))));
            }
        }
    }
}

fn repeat(times: u32, outputs: &mut Vec<Output>) {
    outputs.extend((0..times).map(|_| Output::Event(Event::AgentStatus(status("2001", true)))));
}

#[allow(unconditional_recursion, reason = "that is the misdeed")]
fn deeper(depth: u64) -> u64 {
    black_box(depth) + deeper(black_box(depth + 1))
}

fn agent(id: &str) -> Output {
    Output::Event(Event::Agent(AgentRecord { id: id.to_owned(), name: "Nobody".to_owned(), extension: None }))
}

#[allow(unsafe_code, reason = "a text that is none is what no safe code makes")]
fn no_text() -> String {
    // SAFETY: none: nothing here reads it, and the host has to find out.
    unsafe { String::from_utf8_unchecked(vec![0xff, 0xfe, 0x80]) }
}

#[allow(unsafe_code, reason = "bytes where there is no memory are what no safe code makes")]
fn nowhere() -> Output {
    // SAFETY: none: nothing here reads them, and the host has to find out.
    let bytes = unsafe { Vec::from_raw_parts(0xffff_0000_usize as *mut u8, 0xffff, 0xffff) };
    Output::Send(Piece { connection: 1, bytes })
}

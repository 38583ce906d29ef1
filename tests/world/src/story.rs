//! A history told: numbered lines of who did what, and what came of it.

use std::time::Duration;

use interaction_core::input::{Access, Input};
use interaction_trace::Seen;

use crate::compare::show_seen;
use crate::history::Kind;
use crate::model::Happening;

/// The lines of a history; empty where nobody listens.
#[derive(Clone, Debug, Default)]
pub(crate) struct Story {
    lines: Option<Vec<String>>,
}

impl Story {
    /// One that is told.
    pub(crate) fn told() -> Self {
        Self { lines: Some(Vec::new()) }
    }

    pub(crate) fn chapter(&mut self, step: usize, kind: Kind, since: Duration) {
        if let Some(lines) = &mut self.lines {
            let what = if step == usize::MAX { "the end".to_owned() } else { format!("step {step} {kind:?}") };
            lines.push(format!("-- {what}, {}.{:03} s after the start", since.as_secs(), since.subsec_millis()));
        }
    }

    pub(crate) fn happens(&mut self, happening: &Happening) {
        if let Some(lines) = &mut self.lines {
            lines.push(words(happening));
        }
    }

    pub(crate) fn comes_of_it(&mut self, seen: &[Seen]) {
        if let Some(lines) = &mut self.lines {
            lines.extend(seen.iter().map(|one| format!("    {}", show_seen(one))));
        }
    }

    /// The lines, numbered.
    pub(crate) fn text(&self) -> String {
        let lines = self.lines.iter().flatten().enumerate();
        lines.map(|(number, line)| format!("{:4} {line}\n", number + 1)).collect()
    }
}

fn words(happening: &Happening) -> String {
    match happening {
        Happening::Opened { socket, peer, access } => {
            let access = match access {
                Access::Open(scopes) => format!("agent={} reports={}", scopes.agent, scopes.reports),
                Access::Token => "by token".to_owned(),
            };
            format!("{socket} opens from {peer}, {access}")
        }
        Happening::Said { socket, text } => format!("{socket}> {text}"),
        Happening::Posted { socket, peer, to, text, .. } => format!("{socket} posts from {peer} to {to:?}: {text}"),
        Happening::Attached { socket, key, after, carrier } => {
            format!("{socket} attaches to {key} after {after}: {carrier:?}")
        }
        Happening::Input(Input::Cti(event)) => format!("the platform tells {event:?}"),
        Happening::Input(input) => format!("{input:?}"),
    }
}

//! What the loop drives: the engine, native or in a WebAssembly component. Both are called alike.

use interaction_core::counters::Observed;
use interaction_core::engine::{Engine, Misuse};
use interaction_core::input::Input;
use interaction_core::output::Output;
use interaction_core::time::Time;

/// An engine, wherever it runs.
pub(crate) trait Machine: Send {
    /// Applies one input.
    fn handle_input(&mut self, now: Time, input: Input<'_>) -> Result<(), Misuse>;

    /// Lends the next thing to do.
    fn poll_output(&mut self) -> Option<Output<'_>>;

    /// When to feed a tick at the latest.
    fn poll_timeout(&self) -> Option<Time>;

    /// What is there, and what happened since it was made.
    fn observed(&mut self) -> Observed;

    /// The whole state, with outputs drained.
    fn snapshot(&mut self) -> Vec<u8>;
}

impl Machine for Engine {
    fn handle_input(&mut self, now: Time, input: Input<'_>) -> Result<(), Misuse> {
        Engine::handle_input(self, now, input)
    }

    fn poll_output(&mut self) -> Option<Output<'_>> {
        Engine::poll_output(self)
    }

    fn poll_timeout(&self) -> Option<Time> {
        Engine::poll_timeout(self).map(|(at, _)| at)
    }

    fn observed(&mut self) -> Observed {
        Engine::observe(self)
    }

    fn snapshot(&mut self) -> Vec<u8> {
        Engine::snapshot(self)
    }
}

//! Histories: lists of steps, each with a draw of its own, so that a step that is taken out changes no other.

use crate::rng::Rng;

/// One step: somebody does something. What exactly follows from the draw and the state of the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) kind: Kind,
    pub(crate) draw: u64,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $weight:literal,)*) => {
        /// What somebody may do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Kind { $($(#[$doc])* $kind,)* }

        impl Kind {
            pub(crate) const ALL: &'static [(Self, u64)] = &[$((Self::$kind, $weight),)*];
        }
    };
}

kinds! {
    /// A client connects, resuming if it can.
    Connect 10,
    /// A client that reads by HTTP polls or opens a stream.
    Listen 20,
    /// A client does the next sensible thing on its way to a running session.
    Advance 30,
    /// A client does something with its session.
    Use 70,
    /// A client asks for anything.
    Ask 22,
    /// A client sends a request again.
    Repeat 3,
    /// A client acknowledges.
    Acknowledge 7,
    /// A client breaks a rule.
    BeRude 3,
    /// A client asks far too often.
    Flood 1,
    /// A socket is lost, and with it some of what was sent.
    Lose 5,
    /// A client leaves for good.
    Leave 1,
    /// A client answers pings no more, or does again.
    FallSilent 1,
    /// So many bytes wait for a socket, or none.
    Wait 1,
    /// The platform answers a command.
    Answer 30,
    /// The platform answers what nobody asked, or twice.
    AnswerOddly 1,
    /// The platform tells of people.
    TellPeople 8,
    /// The platform tells of a call.
    TellCall 30,
    /// The platform goes away, comes back, or tells everything again.
    TellAll 2,
    /// The directory answers.
    Claim 12,
    /// Another instance takes an agent, or leaves one.
    Elsewhere 1,
    /// The store answers.
    Load 6,
    /// Some time passes.
    Pass 10,
    /// The machine sleeps.
    Sleep 1,
    /// Time passes and nobody looks at the clock.
    Oversleep 1,
    /// The server is about to go down, or goes.
    ShutDown 1,
    /// The engine goes on from its own snapshot.
    Restart 2,
}

/// The steps of a seed.
pub(crate) fn draw(seed: u64, steps: usize) -> Vec<Step> {
    let mut rng = Rng::new(!seed);
    let sum: u64 = Kind::ALL.iter().map(|(_, weight)| weight).sum();
    let step = |_| {
        let mut left = rng.below(sum);
        let kind = Kind::ALL.iter().find(|(_, weight)| {
            let found = left < *weight;
            left = left.saturating_sub(*weight);
            found
        });
        Step { kind: kind.map_or(Kind::Pass, |(kind, _)| *kind), draw: rng.next() }
    };
    (0..steps).map(step).collect()
}

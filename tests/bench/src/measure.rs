//! One measurement: messages published, so many at a time, and waited for.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::crowd::{Crowd, Server};
use crate::process::Process;

/// What came of one measurement, or the best of several.
#[derive(Clone, Copy, Debug)]
pub struct Figure {
    /// Messages that reached clients, a second.
    pub deliveries_per_second: f64,
    /// Processor time of the server for a million of them, in seconds.
    pub cpu_per_million: f64,
    /// Messages published.
    pub published: u64,
}

impl Figure {
    /// The better of two, each figure for itself; all that was published.
    #[must_use]
    pub fn best(self, other: Self) -> Self {
        Self {
            deliveries_per_second: self.deliveries_per_second.max(other.deliveries_per_second),
            cpu_per_million: self.cpu_per_million.min(other.cpu_per_million),
            published: self.published + other.published,
        }
    }
}

/// A server under measurement.
pub trait Subject {
    /// Whose clients are counted.
    const SERVER: Server;
    /// Its process.
    fn process(&self) -> &Process;
    /// Publishes so many messages at once.
    fn publish(&mut self, messages: usize) -> Result<()>;
}

/// Publishes `in_flight` messages, waits until all of `clients` have them, and so on for that time.
pub fn measure<S: Subject>(
    subject: &mut S,
    crowd: &mut Crowd,
    clients: usize,
    in_flight: usize,
    time: Duration,
) -> Result<Figure> {
    let first = crowd.total(S::SERVER).messages;
    let cpu = subject.process().cpu()?;
    let begun = Instant::now();
    let mut published = 0;
    while begun.elapsed() < time {
        subject.publish(in_flight)?;
        published += in_flight as u64;
        crowd.wait(S::SERVER, first + published * clients as u64)?;
    }
    let seconds = begun.elapsed().as_secs_f64();
    let cpu = subject.process().cpu()?.saturating_sub(cpu);
    let deliveries = (published * clients as u64) as f64;
    Ok(Figure {
        deliveries_per_second: deliveries / seconds,
        cpu_per_million: cpu.as_secs_f64() * 1e6 / deliveries,
        published,
    })
}

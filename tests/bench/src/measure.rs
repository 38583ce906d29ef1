//! One measurement: messages published and waited for, or offered at a rate.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::crowd::Crowd;
use crate::peers::Peer;

/// A server slower than this share of what is offered does not keep up.
const KEEPS_UP: f64 = 0.9;

/// What came of publishing as fast as deliveries come.
#[derive(Clone, Copy, Debug, Default)]
pub struct Figure {
    /// Messages that reached clients, a second.
    pub deliveries_per_second: f64,
    /// Processor time of the server for a million of them, in seconds.
    pub cpu_per_million: f64,
    /// Messages published.
    pub published: u64,
}

/// What came of publishing at a rate.
#[derive(Clone, Copy, Debug, Default)]
pub struct Offered {
    /// Processor time of the server for a million deliveries, in seconds.
    pub cpu_per_million: f64,
    /// Half of the deliveries came within this time after they were due, in milliseconds.
    pub p50_ms: f64,
    /// 99 of 100 did.
    pub p99_ms: f64,
    /// Whether the server kept up.
    pub keeps_up: bool,
    /// Messages published.
    pub published: u64,
}

/// Publishes `in_flight` messages, waits until they are with everybody, and so on for that time. A message is delivered to
/// `share` clients.
pub fn closed(
    peer: &mut dyn Peer,
    crowd: &mut Crowd,
    share: usize,
    in_flight: usize,
    time: Duration,
) -> Result<Figure> {
    let first = crowd.total().messages;
    let cpu = peer.process().cpu()?;
    let begun = Instant::now();
    let mut published = 0;
    while begun.elapsed() < time {
        peer.publish(in_flight)?;
        published += in_flight as u64;
        crowd.wait_nudging(first + published * share as u64, || peer.nudge())?;
    }
    let seconds = begun.elapsed().as_secs_f64();
    let cpu = peer.process().cpu()?.saturating_sub(cpu);
    let deliveries = (published * share as u64) as f64;
    Ok(Figure {
        deliveries_per_second: deliveries / seconds,
        cpu_per_million: cpu.as_secs_f64() * 1e6 / deliveries,
        published,
    })
}

/// Publishes so that all clients together are to get `deliveries_per_second`, one message after the other, each when it is
/// due and whether or not those before have come.
pub fn offered(peer: &mut dyn Peer, crowd: &mut Crowd, deliveries_per_second: f64, time: Duration) -> Result<Offered> {
    let clients = crowd.len() as f64;
    let every = Duration::from_secs_f64(clients / deliveries_per_second);
    let first = crowd.total().messages;
    let cpu = peer.process().cpu()?;
    crowd.time()?;
    let begun = Instant::now();
    let mut published = 0_u32;
    loop {
        let due = begun + every * published;
        let now = Instant::now();
        if now.duration_since(begun) >= time {
            break;
        }
        if now >= due {
            crowd.due(due);
            peer.publish(1)?;
            published += 1;
        } else {
            crowd.pump(due - now)?;
        }
    }
    let in_time = (crowd.total().messages - first) as f64;
    let all = f64::from(published) * clients;
    crowd.wait_nudging(first + u64::from(published) * crowd.len() as u64, || peer.nudge())?;
    let cpu = peer.process().cpu()?.saturating_sub(cpu);
    let us = crowd.timed();
    let at = |share: f64| us.get((us.len() as f64 * share) as usize).map_or(0.0, |us| f64::from(*us) / 1e3);
    Ok(Offered {
        cpu_per_million: cpu.as_secs_f64() * 1e6 / all,
        p50_ms: at(0.5),
        p99_ms: at(0.99),
        // What is under way when the time is over is no backlog.
        keeps_up: in_time >= KEEPS_UP * (all - clients),
        published: u64::from(published),
    })
}

/// The middle one of some figures.
pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => 0.0,
        len if len % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()), 2.0);
        assert_eq!(median([4.0, 1.0].into_iter()), 2.5);
        assert_eq!(median(std::iter::empty()), 0.0);
    }
}

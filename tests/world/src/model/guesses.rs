//! Section 3's lock-out: who guessed wrong too often. Never by agent alone.

use std::collections::BTreeMap;
use std::time::Duration;

use interaction_core::time::Time;

use super::{Fault, Retry};

const WINDOW: Duration = Duration::from_secs(5 * 60);
const WRONG_OF_PAIR: usize = 5;
const WRONG_OF_ADDRESS: usize = 50;
const FIRST_LOCK: Duration = Duration::from_secs(60);
const LONGEST_LOCK: Duration = Duration::from_secs(15 * 60);

/// Wrong passwords, by who was guessed from where.
#[derive(Clone, Debug, Default)]
pub(super) struct Guesses {
    pairs: BTreeMap<(String, String), Pair>,
    addresses: BTreeMap<String, Vec<Time>>,
}

#[derive(Clone, Debug)]
struct Pair {
    wrong: Vec<Time>,
    locked_until: Time,
    locks: u32,
}

fn recent(wrong: &[Time], now: Time) -> usize {
    wrong.iter().filter(|at| now.since(**at) <= WINDOW).count()
}

impl Guesses {
    /// Whether a password may be tried now; `of_pair` and `of_address` are being checked already.
    ///
    /// CHOICE: guesses under way count as if they were wrong, but lock nobody out.
    pub(super) fn check(
        &self,
        now: Time,
        agent: &str,
        address: &str,
        of_pair: usize,
        of_address: usize,
    ) -> Result<(), Fault> {
        let from_here = self.addresses.get(address).map_or(0, |wrong| recent(wrong, now));
        if from_here + of_address >= WRONG_OF_ADDRESS {
            return Err(Fault::new("rate.limited").retry(Retry::Told));
        }
        let pair = self.pairs.get(&(agent.to_owned(), address.to_owned()));
        if let Some(pair) = pair.filter(|pair| pair.locked_until > now) {
            let left = pair.locked_until.since(now).as_millis();
            let left = u64::try_from(left).unwrap_or(u64::MAX).max(1);
            return Err(Fault::new("credentials.locked").retry(Retry::InMs(left)));
        }
        if pair.map_or(0, |pair| recent(&pair.wrong, now)) + of_pair >= WRONG_OF_PAIR {
            return Err(Fault::new("rate.limited").retry(Retry::Told));
        }
        Ok(())
    }

    pub(super) fn wrong(&mut self, now: Time, agent: &str, address: &str) {
        self.addresses.entry(address.to_owned()).or_default().push(now);
        let key = (agent.to_owned(), address.to_owned());
        let fresh = || Pair { wrong: Vec::new(), locked_until: Time::ZERO, locks: 0 };
        let pair = self.pairs.entry(key).or_insert_with(fresh);
        // CHOICE: a lock-out that has been over for the longest one, with no guess lately, is forgotten.
        if recent(&pair.wrong, now) == 0 && now.since(pair.locked_until) > LONGEST_LOCK {
            *pair = fresh();
        }
        pair.wrong.push(now);
        if recent(&pair.wrong, now) >= WRONG_OF_PAIR {
            pair.wrong.clear();
            let doubled = FIRST_LOCK * 2_u32.pow(pair.locks.min(8));
            pair.locked_until = now + doubled.min(LONGEST_LOCK);
            pair.locks += 1;
        }
    }

    /// CHOICE: a right password makes the wrong ones before it forgotten, for this agent from this address.
    pub(super) fn right(&mut self, agent: &str, address: &str) {
        self.pairs.remove(&(agent.to_owned(), address.to_owned()));
    }
}

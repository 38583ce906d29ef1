//! Who guessed too often. Never by agent alone: nobody can lock another one out from elsewhere.

use std::collections::VecDeque;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::failure::{Code, Failure};
use crate::limits::{LOCKOUT_FIRST, LOCKOUT_LONGEST, LOCKOUT_WINDOW, LOCKOUT_WRONG, LOCKOUT_WRONG_ADDRESS};
use crate::map::Map;
use crate::time::Time;

/// Wrong passwords, counted by (agent, address) and by address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Lockouts {
    by_pair: Map<(Box<str>, Box<str>), Wrong>,
    by_address: Map<Box<str>, Wrong>,
}

/// Tries of passwords from one address that are not answered yet: each may turn out wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Trying {
    /// For the one agent.
    pub(super) of_agent: usize,
    /// Over all agents.
    pub(super) of_address: usize,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Wrong {
    /// When, oldest first, within the window.
    at: VecDeque<Time>,
    locked_until: Time,
    /// How often it was locked; each lock-out is twice as long as the one before.
    locks: u32,
}

impl Wrong {
    fn expire(&mut self, now: Time) {
        while self.at.front().is_some_and(|at| now.since(*at) > LOCKOUT_WINDOW) {
            self.at.pop_front();
        }
    }

    /// Whether nothing of it matters any more: no recent guess, and the last lock-out long over.
    fn is_over(&self, now: Time) -> bool {
        self.at.back().is_none_or(|at| now.since(*at) > LOCKOUT_WINDOW)
            && now.since(self.locked_until) > LOCKOUT_LONGEST
    }
}

impl Lockouts {
    pub(crate) fn new(seed: u64) -> Self {
        Self { by_pair: Map::new(seed), by_address: Map::new(seed) }
    }

    /// Whether this address may try a password for this agent now. Many guesses at once are no way around the counts.
    pub(super) fn check(&mut self, now: Time, agent: &str, address: &str, trying: Trying) -> Result<(), Failure> {
        let mut recent = 0;
        if let Some(wrong) = self.by_address.get_mut(address) {
            wrong.expire(now);
            recent = wrong.at.len();
            if recent >= LOCKOUT_WRONG_ADDRESS as usize {
                let left = wrong.at.front().map_or(Duration::ZERO, |at| LOCKOUT_WINDOW.saturating_sub(now.since(*at)));
                let failure = Failure::new(Code::RateLimited)
                    .say("Too many wrong passwords from this address. Wait for `retryAfterMs`.");
                return Err(failure.retry_after_ms(millis(left)));
            }
        }
        if recent + trying.of_address >= LOCKOUT_WRONG_ADDRESS as usize {
            let failure = Failure::new(Code::RateLimited)
                .say("As many passwords from this address as may be are being checked. Wait for `retryAfterMs`.");
            return Err(failure.retry_after_ms(1_000));
        }
        let wrong = self.by_pair.get_mut(&(agent.into(), address.into()));
        let recent = match wrong {
            Some(wrong) if wrong.locked_until > now => {
                let left = millis(wrong.locked_until.since(now));
                return Err(Failure::new(Code::CredentialsLocked).retry_after_ms(left));
            }
            Some(wrong) => {
                wrong.expire(now);
                wrong.at.len()
            }
            None => 0,
        };
        if recent + trying.of_agent >= LOCKOUT_WRONG as usize {
            let failure = Failure::new(Code::RateLimited)
                .say("As many passwords of this agent as may be are being checked. Wait for the answers.");
            return Err(failure.retry_after_ms(1_000));
        }
        Ok(())
    }

    /// A password was wrong. Whether the address is locked out for the agent by it.
    pub(crate) fn wrong(&mut self, now: Time, agent: &str, address: &str, max: u32) -> bool {
        let by_address = entry(&mut self.by_address, address.into(), now, max);
        by_address.expire(now);
        by_address.at.push_back(now);
        if by_address.at.len() > LOCKOUT_WRONG_ADDRESS as usize {
            by_address.at.pop_front();
        }
        let by_pair = entry(&mut self.by_pair, (agent.into(), address.into()), now, max);
        if by_pair.is_over(now) {
            *by_pair = Wrong::default();
        }
        by_pair.expire(now);
        by_pair.at.push_back(now);
        let locks = by_pair.at.len() >= LOCKOUT_WRONG as usize;
        if locks {
            by_pair.at.clear();
            let length = LOCKOUT_FIRST.saturating_mul(1 << by_pair.locks.min(8)).min(LOCKOUT_LONGEST);
            by_pair.locks += 1;
            by_pair.locked_until = now + length;
        }
        locks
    }

    /// A password was right: this address is no guesser of this agent's.
    pub(crate) fn right(&mut self, agent: &str, address: &str) {
        self.by_pair.swap_remove(&(agent.into(), address.into()));
    }
}

/// The entry of a key, with the table kept within its bound: what is over goes first, then the oldest.
fn entry<K: Eq + std::hash::Hash>(map: &mut Map<K, Wrong>, key: K, now: Time, max: u32) -> &mut Wrong {
    if map.len() >= max as usize && !map.contains_key(&key) {
        map.retain(|_, wrong| !wrong.is_over(now));
        if map.len() >= max as usize {
            map.shift_remove_index(0);
        }
    }
    map.entry(key).or_default()
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX).max(1)
}

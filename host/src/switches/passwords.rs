//! Passwords that Finesse checks in the adapter's place, beside the adapter's own work; and the labels of reasons it tells.

use std::time::Duration;

use interaction_core::cti::{AdapterCount, Answer, Command, Event, Platform, RequestNo};
use interaction_core::time::Time;
use tokio::task::JoinSet;

use super::{Asked, unavailable};
use crate::finesse::{Reasons, SharedFinesse};

/// Checks that run or wait for their turn; beyond them they are refused at once.
const CHECKS_MAX: usize = 1_024;
/// How long labels that were read are good for: an administrator changes them now and then.
const LABELS_GOOD: Duration = Duration::from_secs(900);

/// What a check tells.
enum Told {
    Answer(Answer),
    Reasons(Option<Reasons>),
}

/// The checks in progress.
#[derive(Default)]
pub(super) struct Passwords {
    finesse: Option<SharedFinesse>,
    running: JoinSet<Vec<Told>>,
    /// The password of whoever signed in last asks for labels too, when they are due.
    labels_due: Option<Time>,
    reasons: Reasons,
    /// What the adapter said of the platform, while it is reached.
    platform: Option<Platform>,
}

impl Passwords {
    pub(super) fn new(finesse: Option<SharedFinesse>) -> Self {
        Self { finesse, ..Self::default() }
    }

    /// Takes a command that checks a password; gives any other back.
    pub(super) fn take(&mut self, now: Time, asked: Asked) -> Result<Option<Event>, Asked> {
        let Some(finesse) = &self.finesse else { return Err(asked) };
        let Command::Verify { agent } = &asked.command else { return Err(asked) };
        if self.running.len() >= CHECKS_MAX {
            let refused = unavailable(asked.request, "too many passwords wait to be checked");
            return Ok(Some(Event::Answer(refused)));
        }
        let labels = self.labels_due.is_none_or(|due| due <= now);
        if labels {
            self.labels_due = Some(now + LABELS_GOOD);
        }
        let (finesse, agent) = (SharedFinesse::clone(finesse), agent.clone());
        let (request, password): (RequestNo, _) = (asked.request, asked.secret);
        self.running.spawn(async move {
            let outcome = finesse.check(&agent, password.as_ref()).await;
            let right = matches!(outcome, interaction_core::cti::Outcome::Verified { .. });
            let mut told = vec![Told::Answer(Answer { request, outcome })];
            if labels {
                // Before the answer: the first thing a client asks for after it are the capabilities, which have the labels.
                let reasons = match password {
                    Some(password) if right => finesse.reasons(&agent, &password).await,
                    _ => None,
                };
                told.insert(0, Told::Reasons(reasons));
            }
            told
        });
        Ok(None)
    }

    /// What the next check that ends tells; pending while none runs.
    pub(super) async fn next(&mut self) -> Vec<Event> {
        match self.running.join_next().await {
            Some(Ok(told)) => told.into_iter().filter_map(|told| self.event(told)).collect(),
            // A check that panicked is refused by the engine's own deadline; the panic is in the log.
            Some(Err(_)) => Vec::new(),
            None => std::future::pending().await,
        }
    }

    fn event(&mut self, told: Told) -> Option<Event> {
        match told {
            Told::Answer(answer) => Some(Event::Answer(answer)),
            Told::Reasons(None) => {
                // The next one who signs in asks again.
                self.labels_due = None;
                None
            }
            Told::Reasons(Some(reasons)) if reasons == self.reasons => None,
            Told::Reasons(Some(reasons)) => {
                self.reasons = reasons;
                self.platform.clone().map(|platform| Event::Up(self.labelled(platform)))
            }
        }
    }

    /// An event as it is told: what the platform says of itself has the labels.
    pub(super) fn see(&mut self, event: Event) -> Event {
        match event {
            Event::Up(platform) => {
                self.platform = Some(platform.clone());
                Event::Up(self.labelled(platform))
            }
            Event::Down { why } => {
                self.platform = None;
                Event::Down { why }
            }
            event => event,
        }
    }

    /// Lists the configuration gives count; Finesse fills the others.
    fn labelled(&self, mut platform: Platform) -> Platform {
        if platform.not_ready_reasons.is_empty() {
            platform.not_ready_reasons.clone_from(&self.reasons.not_ready);
        }
        if platform.logout_reasons.is_empty() {
            platform.logout_reasons.clone_from(&self.reasons.logout);
        }
        platform
    }

    pub(super) fn counts(&self) -> Vec<AdapterCount> {
        self.finesse.as_ref().map(|finesse| finesse.counts()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;

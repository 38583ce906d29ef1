//! What became of the link, for the application to be told: nothing is lost silently.

use super::connection::FreshReason;
use super::output::DeskOutput;
use crate::time::Time;

/// What is to be told, and the marks by which it is known when.
#[derive(Debug, Default)]
pub(super) struct Reports {
    /// Whether there was a link before.
    had_link: bool,
    lost_at: Option<Time>,
    resumed: Option<Resumed>,
    fresh: Option<Fresh>,
    /// The link was given up here.
    given_up: bool,
    mark_wanted: Option<u64>,
    /// The last mark that was answered on this socket.
    mark_seen: Option<u64>,
}

#[derive(Debug)]
struct Resumed {
    lost_at: Time,
    messages: u64,
    resent: u32,
    mark: u64,
    is_marked: bool,
}

#[derive(Debug)]
struct Fresh {
    lost_at: Time,
    why: FreshReason,
    outcomes_unknown: u32,
    sessions_lost: u32,
    /// Whether the services are to be told first.
    is_listed: bool,
}

impl Reports {
    /// It begins.
    pub(super) const fn begin(&mut self, now: Time) {
        self.lost_at = Some(now);
    }

    /// Since when there is no link.
    pub(super) const fn lost_at(&self) -> Option<Time> {
        self.lost_at
    }

    /// There is no link any more.
    pub(super) fn lost(&mut self, now: Time) {
        self.lost_at.get_or_insert(now);
        self.mark_wanted = None;
        self.mark_seen = None;
    }

    /// The link is not to be resumed: the server broke the protocol.
    pub(super) const fn give_up(&mut self) {
        self.given_up = true;
    }

    /// The link goes on. Where it was lost before everything missed had come, both times count as one.
    pub(super) fn resuming(&mut self, now: Time, resent: u32, mark: u64) {
        let lost_at = self.lost_at.take().unwrap_or(now);
        let before = self.resumed.take();
        self.resumed = Some(match before {
            Some(before) => Resumed { resent: before.resent.saturating_add(resent), mark, is_marked: false, ..before },
            None => Resumed { lost_at, messages: 0, resent, mark, is_marked: false },
        });
    }

    /// The link is a fresh one.
    pub(super) fn fresh(&mut self, reason: FreshReason, outcomes_unknown: u32, sessions_lost: u32) {
        let lost_at = self.lost_at.take().unwrap_or_default();
        let why = if std::mem::take(&mut self.given_up) { FreshReason::Nonsense } else { reason };
        self.resumed = None;
        if !std::mem::replace(&mut self.had_link, true) {
            return;
        }
        let before = self.fresh.take();
        self.fresh = Some(Fresh {
            lost_at: before.as_ref().map_or(lost_at, |before| before.lost_at),
            why,
            outcomes_unknown: outcomes_unknown + before.as_ref().map_or(0, |before| before.outcomes_unknown),
            sessions_lost: sessions_lost + before.as_ref().map_or(0, |before| before.sessions_lost),
            is_listed: false,
        });
    }

    /// A numbered message came.
    pub(super) const fn message(&mut self) {
        if let Some(resumed) = &mut self.resumed {
            resumed.messages += 1;
        }
    }

    /// The services were told.
    pub(super) const fn listed(&mut self) {
        if let Some(fresh) = &mut self.fresh {
            fresh.is_listed = true;
        }
    }

    pub(super) fn want_mark(&mut self, mark: u64) {
        self.mark_wanted = self.mark_wanted.max(Some(mark));
    }

    pub(super) const fn take_mark(&mut self) -> Option<u64> {
        self.mark_wanted.take()
    }

    /// A mark was answered.
    pub(super) fn marked(&mut self, mark: u64) {
        self.mark_seen = self.mark_seen.max(Some(mark));
        if let Some(resumed) = &mut self.resumed {
            resumed.is_marked |= mark >= resumed.mark;
        }
    }

    /// Whether a mark of at least that number was answered.
    pub(super) fn has_seen(&self, mark: u64) -> bool {
        self.mark_seen.is_some_and(|seen| seen >= mark)
    }

    /// What is to be told now.
    pub(super) fn take(&mut self, now: Time, is_settled: bool) -> Option<DeskOutput> {
        if let Some(resumed) = self.resumed.take_if(|resumed| resumed.is_marked) {
            let away_ms = now.as_millis().saturating_sub(resumed.lost_at.as_millis());
            return Some(DeskOutput::Resumed { messages: resumed.messages, resent: resumed.resent, away_ms });
        }
        let fresh = self.fresh.take_if(|fresh| fresh.is_listed && is_settled)?;
        Some(DeskOutput::Resnapshotted {
            why: fresh.why,
            outcomes_unknown: fresh.outcomes_unknown,
            sessions_lost: fresh.sessions_lost,
            away_ms: now.as_millis().saturating_sub(fresh.lost_at.as_millis()),
        })
    }
}

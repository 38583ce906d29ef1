//! Journeys followed live.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::one::Phase;
use super::{JourneyRecord, Journeys, json};
use crate::ids::{CallId, LinkId};
use crate::time::Time;

/// The events of journeys followed live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum JourneyEvent {
    /// The whole journey, as it is now.
    Updated,
    /// The journey is final, and followed no more.
    Ended,
}

impl JourneyEvent {
    /// The event's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Updated => "report.calljourney.updated",
            Self::Ended => "report.calljourney.ended",
        }
    }
}

/// Where what journeys say goes.
pub trait JourneySink {
    /// One event for one follower, whose data begins with `{"CallId":` and the id it `asked` for. `tail` is everything
    /// that follows this id in the message, to the last brace (`,"CallJourney":[…]},"at":…}}`, or `},"at":…}}`), and is
    /// shared by all followers of the journey.
    fn event(&mut self, link: LinkId, event: JourneyEvent, asked: &CallId, tail: &Arc<[u8]>);

    /// A journey to be stored: it ended, after-call work changed one that was handed out before, or a step of a running one
    /// ended.
    fn store(&mut self, record: JourneyRecord);
}

/// Why a journey cannot be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BeginError {
    /// No leg of that id is known here; the store may know it, and then it has ended.
    Unknown,
    /// The link follows as many as it may.
    TooMany,
}

/// One who follows a journey.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Watcher {
    pub(super) link: LinkId,
    /// The id it asked for, which its events echo.
    pub(super) asked: CallId,
    /// It has not been told the journey yet, or asked again.
    pub(super) fresh: bool,
}

impl Journeys {
    /// The link follows the journey of a leg from now on; asked again, it gets the whole journey again. The next
    /// [`Journeys::flush`] tells it where the call has been so far, so the response goes out before.
    pub fn begin(&mut self, link: LinkId, call: &CallId) -> Result<(), BeginError> {
        let no = self.ids.get(call).ok_or(BeginError::Unknown)?.journey;
        let journey = self.journeys.get_mut(&no).ok_or(BeginError::Unknown)?;
        if let Some(own) = journey.watchers.iter_mut().find(|own| own.link == link && own.asked == *call) {
            own.fresh = true;
        } else {
            let followed = self.links.get(&link).map_or(0, Vec::len);
            if followed >= self.limits.live_per_link_max as usize {
                return Err(BeginError::TooMany);
            }
            self.links.entry(link).or_default().push(call.clone());
            journey.watchers.push(Watcher { link, asked: call.clone(), fresh: true });
        }
        if !journey.listed {
            journey.listed = true;
            self.listed.push(no);
        }
        Ok(())
    }

    /// The link follows that leg no more. Nothing where it did not.
    pub fn end(&mut self, link: LinkId, call: &CallId) {
        self.unlink(link, call);
        let Some(place) = self.ids.get(call) else { return };
        if let Some(journey) = self.journeys.get_mut(&place.journey) {
            journey.watchers.retain(|own| own.link != link || own.asked != *call);
        }
    }

    /// The link is gone, or lost the right to reports.
    pub fn drop_link(&mut self, link: LinkId) {
        let Some(followed) = self.links.swap_remove(&link) else { return };
        for call in followed {
            self.end(link, &call);
        }
        self.farewells.retain(|(gone, _)| *gone != link);
    }

    /// The ids a link follows.
    pub fn followed(&self, link: LinkId) -> &[CallId] {
        self.links.get(&link).map_or(&[], Vec::as_slice)
    }

    /// Tells the watchers of every journey that changed, each once whatever happened, and hands out the records. While a
    /// resynchronisation is under way only those who just began are told.
    pub fn flush(&mut self, now: Time, sink: &mut dyn JourneySink) {
        // Nearly always: this is asked after every input.
        if self.farewells.is_empty() && self.listed.is_empty() && self.records.is_empty() {
            return;
        }
        let closing: Arc<[u8]> = tail(now, |_| {});
        for (link, asked) in std::mem::take(&mut self.farewells) {
            sink.event(link, JourneyEvent::Ended, &asked, &closing);
        }
        let mut listed = std::mem::take(&mut self.listed);
        listed.sort_unstable();
        for no in listed {
            self.tell(now, no, &closing, sink);
        }
        for record in std::mem::take(&mut self.records) {
            sink.store(record);
        }
    }

    fn tell(&mut self, now: Time, no: u64, closing: &Arc<[u8]>, sink: &mut dyn JourneySink) {
        let Some(journey) = self.journeys.get_mut(&no) else { return };
        let changed = journey.changed && !self.resyncing;
        if journey.watchers.iter().any(|own| changed || own.fresh) {
            let tail = tail(now, |out| {
                out.extend_from_slice(b",\"CallJourney\":");
                json::write_steps(out, journey.steps(), now);
            });
            for own in journey.watchers.iter_mut().filter(|own| changed || own.fresh) {
                own.fresh = false;
                sink.event(own.link, JourneyEvent::Updated, &own.asked, &tail);
            }
        }
        if self.resyncing {
            self.listed.push(no);
            return;
        }
        journey.listed = false;
        journey.changed = false;
        if matches!(journey.phase, Phase::Final { .. }) {
            for own in std::mem::take(&mut journey.watchers) {
                sink.event(own.link, JourneyEvent::Ended, &own.asked, closing);
                self.unlink(own.link, &own.asked);
            }
        }
    }

    pub(super) fn unlink(&mut self, link: LinkId, call: &CallId) {
        let Some(followed) = self.links.get_mut(&link) else { return };
        followed.retain(|own| own != call);
        if followed.is_empty() {
            self.links.swap_remove(&link);
        }
    }
}

/// What follows the id asked for, to the end of the message.
fn tail(now: Time, data: impl FnOnce(&mut Vec<u8>)) -> Arc<[u8]> {
    let mut tail = Vec::new();
    data(&mut tail);
    tail.extend_from_slice(b"},\"at\":");
    json::write(&mut tail, &now.as_millis());
    tail.extend_from_slice(b"}}");
    tail.into()
}

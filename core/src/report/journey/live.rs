//! Journeys followed live.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::one::Phase;
use super::{JourneyRecord, Journeys, json};
use crate::ids::{CallId, LinkId};
use crate::time::Time;

const UPDATED: &str = "report.calljourney.updated";
const ENDED: &str = "report.calljourney.ended";

/// Where what journeys say goes.
pub trait JourneySink {
    /// An event of the report resource for one link: its data is `head` and `tail` taken together. The tail holds the
    /// journey and is shared by all who follow it, the head the id that link asked for.
    fn event(&mut self, link: LinkId, name: &'static str, head: &[u8], tail: &Arc<[u8]>);

    /// A journey to be stored: it ended, or after-call work changed one that was handed out before.
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
        let closing: Arc<[u8]> = Arc::from(&b"}"[..]);
        for (link, asked) in std::mem::take(&mut self.farewells) {
            sink.event(link, ENDED, &head(&asked), &closing);
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
            let mut tail = b",\"CallJourney\":".to_vec();
            json::write_steps(&mut tail, journey.steps(), now);
            tail.push(b'}');
            let tail: Arc<[u8]> = tail.into();
            for own in journey.watchers.iter_mut().filter(|own| changed || own.fresh) {
                own.fresh = false;
                sink.event(own.link, UPDATED, &head(&own.asked), &tail);
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
                sink.event(own.link, ENDED, &head(&own.asked), closing);
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

fn head(asked: &CallId) -> Vec<u8> {
    let mut head = b"{\"CallId\":".to_vec();
    json::write(&mut head, asked.as_str());
    head
}

//! All links as a snapshot holds them: each shared tail once.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::keep::{Head, HeadText};
use super::messages::MessageNo;
use super::table::{Ended, Links, Slot};
use crate::limits::Limits;
use crate::map::Map;

/// The written form. What a link keeps stands beside it, with tails by their place in `tails`.
#[derive(Serialize, Deserialize)]
pub(crate) struct LinksForm<'a> {
    seed: u64,
    /// Slots without what their links keep.
    slots: Cow<'a, [Slot]>,
    /// Of each slot, in order: what its link keeps.
    kept: Vec<Vec<(Head, u32)>>,
    #[serde(borrow)]
    tails: Vec<Tail<'a>>,
    free: Cow<'a, [u32]>,
    ended: Cow<'a, Ended>,
    deliveries: u64,
}

#[derive(Serialize, Deserialize)]
struct Tail<'a>(#[serde(with = "raw")] &'a [u8]);

mod raw {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(bytes)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<&'de [u8], D::Error> {
        Deserialize::deserialize(deserializer)
    }
}

impl Links {
    /// Writes down everything but the configuration.
    pub(crate) fn form(&self) -> LinksForm<'_> {
        let mut places: Map<usize, u32> = Map::new(self.seed);
        let mut tails = Vec::new();
        let mut kept = Vec::with_capacity(self.slots.len());
        for slot in &self.slots {
            let messages = slot.link.iter().flat_map(|link| &link.keep.messages);
            let messages = messages.map(|message| {
                let message = &self.messages[*message];
                let place = *places.entry(Arc::as_ptr(&message.tail).addr()).or_insert_with(|| {
                    tails.push(Tail(&message.tail));
                    // INVARIANT: what all links keep together stays below 2^32 messages.
                    u32::try_from(tails.len() - 1).expect("kept messages are bounded")
                });
                (message.head.clone(), place)
            });
            kept.push(messages.collect());
        }
        LinksForm {
            seed: self.seed,
            slots: Cow::Borrowed(&self.slots),
            kept,
            tails,
            free: Cow::Borrowed(&self.free),
            ended: Cow::Borrowed(&self.ended),
            deliveries: self.deliveries,
        }
    }

    /// Reads it back; `None` when it contradicts itself.
    pub(crate) fn from_form(form: LinksForm<'_>, text: HeadText, limits: Limits) -> Option<Self> {
        let tails: Vec<Arc<[u8]>> = form.tails.iter().map(|tail| Arc::from(tail.0)).collect();
        let mut links = Self::new(form.seed, text, limits);
        links.free = form.free.into_owned();
        links.ended = form.ended.into_owned();
        links.deliveries = form.deliveries;
        links.slots = form.slots.into_owned();
        if links.slots.len() != form.kept.len() {
            return None;
        }
        let mut known: Map<(Head, u32), MessageNo> = Map::new(form.seed);
        for (slot, kept) in links.slots.iter_mut().zip(form.kept) {
            let Some(link) = &mut slot.link else { continue };
            let mut messages = VecDeque::with_capacity(kept.len());
            // Counted again: the texts of heads may have changed since it was written down.
            link.keep.bytes = 0;
            for (head, place) in kept {
                let tail = tails.get(place as usize)?;
                let message = match known.get(&(head.clone(), place)) {
                    Some(&message) => {
                        links.messages.hold(message, 1);
                        message
                    }
                    None => {
                        let message = links.messages.insert(head.clone(), Arc::clone(tail), &links.text);
                        known.insert((head, place), message);
                        message
                    }
                };
                link.keep.bytes += links.messages.bytes(message);
                messages.push_back(message);
            }
            if link.keep.first_seq + messages.len() as u64 != link.keep.next_seq {
                return None;
            }
            link.keep.messages = messages;
            links.by_key.insert(link.key, link.id);
            links.bound += usize::from(link.service_bound);
        }
        Some(links)
    }
}

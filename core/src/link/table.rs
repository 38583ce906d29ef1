//! All links, and the hashes of those that ended.

use std::collections::VecDeque;
use std::sync::Arc;

use super::keep::{Head, HeadText, Keep};
use super::messages::{Message, Messages};
use super::once::{Admission, Once};
use super::{Link, Poll, Rate};
use crate::failure::Failure;
use crate::ids::{LinkId, SocketId};
use crate::input::{KeyHash, Scopes};
use crate::limits::Limits;
use crate::map::Map;
use crate::outbox::Outbox;
use crate::output::{Sending, Splice};
use crate::time::Time;
use crate::wire::write::Class;

/// The table of links. Slots are reused, ids are not.
#[derive(Debug)]
pub(crate) struct Links {
    pub(super) slots: Vec<Slot>,
    pub(super) free: Vec<u32>,
    pub(super) by_key: Map<KeyHash, LinkId>,
    pub(super) ended: Ended,
    pub(super) messages: Messages,
    pub(super) seed: u64,
    pub(super) text: HeadText,
    pub(super) limits: Limits,
    /// How many links have bound the service: it is told with every list of services, which a storm of clients asks for.
    pub(super) bound: usize,
    /// Links whose polls were told something in this turn: they are answered at its end.
    pub(crate) polled: Vec<LinkId>,
    /// Messages put to sockets so far, and messages kept without one.
    pub(crate) deliveries: u64,
}

#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Slot {
    pub(super) generation: u32,
    pub(super) link: Option<Link>,
}

/// The hashes of ended links' keys, oldest first, within a bound.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Ended {
    known: Map<KeyHash, ()>,
    order: VecDeque<KeyHash>,
}

impl Ended {
    fn insert(&mut self, key: KeyHash, max: u32) {
        if self.known.insert(key, ()).is_none() {
            self.order.push_back(key);
        }
        while self.order.len() > max as usize {
            if let Some(oldest) = self.order.pop_front() {
                self.known.swap_remove(&oldest);
            }
        }
    }
}

/// What a fresh link is made of.
#[derive(Debug)]
pub(crate) struct NewLink {
    pub(crate) client_id: Box<str>,
    pub(crate) client_name: Box<str>,
    pub(crate) key: KeyHash,
    pub(crate) token: Option<KeyHash>,
    pub(crate) subject: Option<Box<str>>,
    pub(crate) scopes: Scopes,
    pub(crate) token_expires: Option<Time>,
}

impl Links {
    pub(crate) fn new(seed: u64, text: HeadText, limits: Limits) -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            by_key: Map::new(seed),
            ended: Ended { known: Map::new(seed), order: VecDeque::new() },
            messages: Messages::default(),
            seed,
            text,
            limits,
            bound: 0,
            polled: Vec::new(),
            deliveries: 0,
        }
    }

    /// How many links there are.
    pub(crate) fn len(&self) -> usize {
        self.by_key.len()
    }

    /// A fresh link, with no socket yet.
    pub(crate) fn open(&mut self, new: NewLink) -> LinkId {
        let index = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot { generation: 0, link: None });
            // INVARIANT: there are never more slots than `links_max`.
            u32::try_from(self.slots.len() - 1).expect("links are bounded")
        });
        let slot = &mut self.slots[index as usize];
        slot.generation += 1;
        let id = LinkId { index, generation: slot.generation };
        self.by_key.insert(new.key, id);
        slot.link = Some(Link {
            id,
            client_id: new.client_id,
            client_name: new.client_name,
            key: new.key,
            token: new.token,
            subject: new.subject,
            scopes: new.scopes,
            token_expires: new.token_expires,
            socket: None,
            poll: None,
            backlog_bytes: 0,
            rate: Rate::default(),
            service_bound: false,
            resources: std::collections::BTreeSet::new(),
            keep: Keep::new(),
            once: Once::new(self.seed),
        });
        id
    }

    /// Ends a link; its key is remembered as expired.
    pub(crate) fn close(&mut self, id: LinkId) -> Option<Link> {
        self.get(id)?;
        let slot = &mut self.slots[id.index as usize];
        let link = slot.link.take()?;
        for message in &link.keep.messages {
            self.messages.release(*message);
        }
        self.by_key.swap_remove(&link.key);
        self.bound -= usize::from(link.service_bound);
        self.ended.insert(link.key, self.limits.ended_keys_max);
        self.free.push(id.index);
        Some(link)
    }

    pub(crate) fn get(&self, id: LinkId) -> Option<&Link> {
        self.slots.get(id.index as usize)?.link.as_ref().filter(|link| link.id == id)
    }

    pub(crate) fn get_mut(&mut self, id: LinkId) -> Option<&mut Link> {
        link_mut(&mut self.slots, id)
    }

    pub(crate) fn by_key(&self, key: &KeyHash) -> Option<LinkId> {
        self.by_key.get(key).copied()
    }

    pub(crate) fn has_ended(&self, key: &KeyHash) -> bool {
        self.ended.known.contains_key(key)
    }

    /// Notes that a link has bound the service, or has not any more.
    pub(crate) fn bind_service(&mut self, id: LinkId, bound: bool) {
        let Some(link) = self.get_mut(id) else { return };
        let before = std::mem::replace(&mut link.service_bound, bound);
        self.bound = self.bound + usize::from(bound) - usize::from(before);
    }

    /// How many links have bound the service.
    pub(crate) fn bound(&self) -> usize {
        self.bound
    }

    /// Every link, in the order of slots.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Link> {
        self.slots.iter().filter_map(|slot| slot.link.as_ref())
    }

    /// Begins a request, unless it is known.
    pub(crate) fn begin_request(&mut self, id: LinkId, request: &Arc<str>) -> Admission {
        let max = self.limits.in_progress_max;
        self.get_mut(id).map_or(Admission::OnItsWay, |link| link.once.begin(request, max))
    }

    /// Whether a request was begun before.
    pub(crate) fn knows_request(&self, id: LinkId, request: &str) -> bool {
        self.get(id).is_some_and(|link| link.once.knows(request))
    }

    /// Sends the answer of a request. Whether anybody still waited for it.
    pub(crate) fn answer(
        &mut self,
        outbox: &mut Outbox,
        id: LinkId,
        request: &Arc<str>,
        class: Class,
        tail: Arc<[u8]>,
        splices: &[Splice],
    ) -> bool {
        let wanted = self.get(id).is_some_and(|link| link.once.wants_answer(request));
        if wanted {
            self.push(outbox, id, Head::Plain(class), tail, splices, |once, seq| once.answered(request, seq));
        }
        wanted
    }

    /// Sends an acknowledged answer again.
    pub(crate) fn answer_again(
        &mut self,
        outbox: &mut Outbox,
        id: LinkId,
        request: &Arc<str>,
        class: Class,
        tail: Arc<[u8]>,
    ) {
        self.push(outbox, id, Head::Repeated(class), tail, &[], |once, seq| once.answered(request, seq));
    }

    /// Sends a message that answers nothing.
    pub(crate) fn tell(&mut self, outbox: &mut Outbox, id: LinkId, class: Class, tail: Arc<[u8]>) {
        self.push(outbox, id, Head::Plain(class), tail, &[], |_, _| {});
    }

    /// Sends one event to many links. It is written and kept once: a link costs its number, its share of the bounds, and a
    /// place in one output.
    pub(crate) fn tell_many(&mut self, outbox: &mut Outbox, to: &[LinkId], head: Head, tail: &Arc<[u8]>) {
        let Self { slots, messages, text, limits, deliveries, polled, .. } = self;
        let message = messages.insert(head, Arc::clone(tail), text);
        let bytes = messages.bytes(message);
        let mut fan = None;
        let mut holders = 0;
        for &id in to {
            let Some(link) = link_mut(slots, id) else { continue };
            let seq = link.keep.next_seq;
            let goes = link.poll.as_mut().is_none_or(|poll| {
                polled.push(id);
                poll.takes(&messages[message].head, tail, seq, text)
            });
            if let Some(socket) = link.socket.filter(|_| goes) {
                let head = &messages[message].head;
                let fan = *fan.get_or_insert_with(|| {
                    outbox.fan(|out| head.write_before(out), |out| head.write_after(out, text), tail)
                });
                outbox.deliver(fan, socket, seq);
                if link.backlog_bytes > 0 {
                    link.backlog_bytes += bytes;
                }
                *deliveries += 1;
            }
            link.keep.push(message, bytes);
            holders += 1;
            if link.kept_bytes() > u64::from(limits.replay_bytes) {
                messages.hold(message, std::mem::take(&mut holders));
                link.drop_oldest(messages, limits.replay_bytes);
            }
        }
        // Kept here until all links have it, as it may be the very message that one of them drops.
        messages.hold(message, holders);
        messages.release(message);
    }

    /// Acknowledges everything up to `seq`.
    pub(crate) fn acknowledge(&mut self, id: LinkId, seq: u64) -> Result<(), Failure> {
        let Self { slots, messages, limits, .. } = self;
        let Some(link) = link_mut(slots, id) else { return Ok(()) };
        if seq > link.last_seq() {
            return Err(Failure::invalid(
                "seq",
                &format!("acknowledges {seq}, but the last message sent is {}", link.last_seq()),
            ));
        }
        while link.keep.first_seq <= seq {
            let Some((seq, kept)) = link.keep.pop(messages) else { break };
            // Asked first: most messages are events, which nobody has to look at again.
            if link.once.is_answer(seq)
                && let Message { head: Head::Plain(class) | Head::Repeated(class), tail } = &messages[kept]
            {
                link.once.acknowledged(seq, *class, tail, limits.remembered_max);
            }
            messages.release(kept);
        }
        link.keep.shrink();
        Ok(())
    }

    /// Sends everything that is kept, to a socket that was just attached; to a poll, as much as it takes.
    pub(crate) fn replay(&mut self, outbox: &mut Outbox, id: LinkId, socket: SocketId) {
        let Self { slots, messages, text, polled, deliveries, .. } = self;
        let Some(link) = link_mut(slots, id) else { return };
        for (seq, kept) in (link.keep.first_seq..).zip(&link.keep.messages) {
            let kept = &messages[*kept];
            if let Some(poll) = &mut link.poll
                && !poll.takes(&kept.head, &kept.tail, seq, text)
            {
                break;
            }
            outbox.send(socket, Sending::Replay, &kept.tail, &[], |out| kept.head.write(out, seq, text));
            *deliveries += 1;
        }
        if link.poll.is_some_and(Poll::was_told) {
            polled.push(id);
        }
    }

    /// Numbers a message, keeps it, sends it if a socket is attached, and drops the oldest of what is kept beyond
    /// `replay_bytes`: remembered answers first, then messages. `note` hears the number before anything is dropped.
    fn push(
        &mut self,
        outbox: &mut Outbox,
        id: LinkId,
        head: Head,
        tail: Arc<[u8]>,
        splices: &[Splice],
        note: impl FnOnce(&mut Once, u64),
    ) {
        let Self { slots, messages, text, limits, deliveries, polled, .. } = self;
        let Some(link) = link_mut(slots, id) else { return };
        let seq = link.keep.next_seq;
        let goes = match &mut link.poll {
            None => true,
            Some(poll) => {
                polled.push(id);
                poll.takes(&head, &tail, seq, text)
            }
        };
        if let Some(socket) = link.socket.filter(|_| goes) {
            outbox.send(socket, Sending::Live, &tail, splices, |out| head.write(out, seq, text));
            if link.backlog_bytes > 0 {
                link.backlog_bytes += (head.bytes(text) + tail.len()) as u64;
            }
            *deliveries += 1;
        }
        let message = messages.insert(head, tail, text);
        link.keep.push(message, messages.bytes(message));
        note(&mut link.once, seq);
        link.drop_oldest(messages, limits.replay_bytes);
    }
}

fn link_mut(slots: &mut [Slot], id: LinkId) -> Option<&mut Link> {
    slots.get_mut(id.index as usize)?.link.as_mut().filter(|link| link.id == id)
}

impl Link {
    /// Drops the oldest of what is kept beyond so many bytes: remembered answers first, then messages.
    fn drop_oldest(&mut self, messages: &mut Messages, replay_bytes: u32) {
        while self.kept_bytes() > u64::from(replay_bytes) {
            if self.once.forget_oldest() {
                continue;
            }
            let Some((seq, message)) = self.keep.pop(messages) else { break };
            messages.release(message);
            self.once.dropped(seq);
        }
    }
}

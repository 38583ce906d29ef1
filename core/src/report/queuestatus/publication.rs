//! From what one input changed to what each subscriber is sent.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::view::View;
use super::{QueueEvent, QueueSink, QueueStatus, Review, tail};
use crate::ids::{AgentId, QueueId};
use crate::report::roster::Roster;
use crate::time::Time;

/// Whom a queue's event goes to.
type Audience = BTreeMap<QueueId, Vec<AgentId>>;

impl QueueStatus {
    /// Sends every subscriber what one input changed for it: by kind of event, then queue id, agent id, link. `roster` is
    /// the roster just after the input, `at` the input's time. Costs one encoding for each queue that looks different and is
    /// seen by anybody watched.
    pub fn publish(&mut self, roster: &Roster, at: Time, sink: &mut impl QueueSink) {
        if !self.in_service || self.touched.is_empty() && self.review.is_none() {
            return;
        }
        let (lost, gained) = self.reviewed(roster);
        for (queue, agents) in &lost {
            let tail = tail::queue_only(queue, &self.last_name(queue), at);
            for agent in agents {
                self.send(QueueEvent::Removed, agent, &tail, sink);
                self.watch.sees_no_more(agent, queue);
            }
        }
        let changed = self.look(&gained);
        self.look_at_stale(gained.keys());
        let mut tails: BTreeMap<&QueueId, Arc<[u8]>> = BTreeMap::new();
        for (queue, agents) in &gained {
            let Some(tail) = self.whole(queue, at) else { continue };
            for agent in agents {
                self.send(QueueEvent::Added, agent, &tail, sink);
            }
            tails.insert(queue, tail);
        }
        // Whoever gained a queue is not among its watchers yet.
        for queue in &changed {
            let watchers = self.watch.watchers(queue);
            if watchers.is_empty() {
                continue;
            }
            let Some(tail) = tails.get(queue).cloned().or_else(|| self.whole(queue, at)) else { continue };
            for agent in watchers {
                self.send(QueueEvent::Changed, agent, &tail, sink);
            }
        }
        for (queue, agents) in &gained {
            for agent in agents {
                self.watch.sees(agent, queue);
            }
        }
        self.farewells.clear();
    }

    /// Which watched agents do not see which queues any more, and which they see now.
    fn reviewed(&mut self, roster: &Roster) -> (Audience, Audience) {
        let (mut lost, mut gained) = (Audience::new(), Audience::new());
        let agents: Vec<AgentId> = match std::mem::replace(&mut self.review, Review::NONE) {
            Review::Of(agents) => agents.into_iter().filter(|agent| self.watch.subjects.contains_key(agent)).collect(),
            Review::All => {
                let mut agents: Vec<AgentId> = self.watch.subjects.keys().cloned().collect();
                agents.sort_unstable();
                agents
            }
        };
        for agent in agents {
            let after = self.visible(roster, &agent);
            let Some(subject) = self.watch.subjects.get(&agent) else { continue };
            for queue in subject.queues.difference(&after) {
                lost.entry(queue.clone()).or_default().push(agent.clone());
            }
            for queue in after.difference(&subject.queues) {
                gained.entry(queue.clone()).or_default().push(agent.clone());
            }
        }
        (lost, gained)
    }

    /// Looks at what was touched; the queues that look different, by id. Those nobody watched sees are looked at when
    /// somebody does.
    fn look(&mut self, gained: &Audience) -> Vec<QueueId> {
        let mut touched = std::mem::take(&mut self.touched);
        touched.sort_unstable();
        let mut changed = Vec::new();
        for id in touched.drain(..) {
            let seen = !self.watch.watchers(&id).is_empty() || gained.contains_key(&id);
            if let Some(queue) = self.queues.get_mut(&id) {
                queue.touched = false;
                queue.stale |= !seen;
            }
            if seen && self.look_at(&id) {
                changed.push(id);
            }
        }
        self.touched = touched;
        changed
    }

    /// Looks at a queue; whether it looks different.
    fn look_at(&mut self, id: &QueueId) -> bool {
        let (Some(name), Some(queue)) = (self.book.name(id), self.queues.get_mut(id)) else { return false };
        let view = View {
            name: Arc::clone(name),
            waiting: self.waits.count(id),
            longest_since: self.waits.longest_since(id),
            agents: queue.agents(),
            day: self.day,
            answered: queue.answered,
            abandoned: queue.abandoned,
            partial: queue.partial,
        };
        queue.stale = false;
        let differs = queue.shown.as_ref() != Some(&view);
        if differs {
            queue.shown = Some(view);
        }
        differs
    }

    /// Looks at those of the queues that nobody saw so far. While the platform is away all are as they were shown.
    pub(super) fn look_at_stale<'q>(&mut self, queues: impl IntoIterator<Item = &'q QueueId>) {
        if !self.in_service {
            return;
        }
        for id in queues {
            if self.queues.get(id).is_some_and(|queue| queue.stale) {
                self.look_at(id);
            }
        }
    }

    /// The platform goes away, or is read again: what is shown from here on is what was true until now.
    pub(super) fn look_at_all(&mut self) {
        let ids: Vec<QueueId> = self.queues.keys().cloned().collect();
        self.look_at_stale(&ids);
    }

    fn whole(&self, queue: &QueueId, at: Time) -> Option<Arc<[u8]>> {
        let view = self.queues.get(queue)?.shown.as_ref()?;
        Some(tail::whole_queue(queue, view, at))
    }

    /// The name subscribers know a queue by.
    fn last_name(&self, queue: &QueueId) -> Arc<str> {
        let shown = self.queues.get(queue).and_then(|queue| queue.shown.as_ref());
        shown.map(|view| view.name.clone()).or_else(|| self.farewells.get(queue).cloned()).unwrap_or_else(|| "".into())
    }

    fn send(&self, event: QueueEvent, agent: &AgentId, tail: &Arc<[u8]>, sink: &mut impl QueueSink) {
        let Some(subject) = self.watch.subjects.get(agent) else { return };
        sink.event(&subject.links, event, agent, tail);
    }
}

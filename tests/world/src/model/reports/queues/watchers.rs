//! What changes queues, and what whoever watches them is told.

use interaction_core::cti::{CallEvent, Event, Server, Serves};
use serde_json::{Value, json};

use super::super::agent_id;
use super::{Book, DAY, Shown};
use crate::model::requests::Asked;
use crate::model::{Deadline, Fault, Model};

impl Model {
    /// A record that may be about queues; taken where records of people are.
    pub(in crate::model) fn queue_record(&mut self, event: &Event) {
        if self.staged.is_none() && self.frozen {
            return;
        }
        let people = self.staged.as_ref().unwrap_or(&self.people);
        let is_known = match event {
            Event::Serves(Serves { who: Server::Agent(agent), .. }) => people.knows(agent.as_str()),
            Event::Serves(Serves { who: Server::Team(team), .. }) => people.team_name(team.as_str()).is_some(),
            _ => true,
        };
        if is_known {
            self.reports.queues.take(event);
        }
    }

    pub(in crate::model) fn queues_call(&mut self, event: &CallEvent) {
        self.reports.queues.call(self.now, event);
    }

    /// What watchers know stays as it is until the platform is in service again.
    pub(in crate::model) fn queues_freeze(&mut self, was_in_service: bool, is_resync: bool) {
        if was_in_service {
            self.reports.queues.frozen = self.reports.queues.all(&self.people);
        }
        let queues = &mut self.reports.queues;
        queues.staged = is_resync.then(Book::default);
        if is_resync {
            queues.contacts.iter_mut().for_each(|contact| contact.is_mentioned = false);
        } else {
            queues.has_seen_all = false;
        }
    }

    pub(in crate::model) fn queues_resync_end(&mut self) {
        if let Some(truth) = self.reports.queues.staged.take() {
            self.reports.queues.resync_end(truth);
        }
    }

    pub(in crate::model) fn roll_day(&mut self) {
        let starts = self.config.day_starts_min;
        self.reports.queues.roll(self.now, starts);
    }

    /// The day turns by itself only where somebody watches.
    pub(in crate::model) fn arm_day(&mut self) {
        let queues = &self.reports.queues;
        if queues.watching.is_empty() || queues.book.names.is_empty() {
            self.deadlines.remove(&Deadline::Day);
        } else {
            self.deadlines.insert(Deadline::Day, queues.day + DAY);
        }
    }

    fn queues_of(&self, agent: &str) -> Shown {
        let queues = &self.reports.queues;
        let all = if self.platform.is_in_service() { queues.all(&self.people) } else { queues.frozen.clone() };
        let seen = queues.book.visible(&self.people, agent);
        all.into_iter().filter(|(id, _)| seen.contains(id)).collect()
    }

    /// Every watcher is told the differences: removed queues, then added, then changed ones, each by id.
    pub(in crate::model) fn tell_queue_watchers(&mut self) {
        if !self.platform.is_in_service() {
            return;
        }
        let mut told = Vec::new();
        for (link, agent) in self.reports.queues.watching.keys().cloned().collect::<Vec<_>>() {
            let after = self.queues_of(&agent);
            let before = self.reports.queues.watching.insert((link, agent.clone()), after.clone()).unwrap_or_default();
            for (id, then) in before.iter().filter(|(id, _)| !after.contains_key(*id)) {
                let named = json!({"queueId": id, "queueName": then["queueName"]});
                told.push((0, id.clone(), agent.clone(), link, named));
            }
            for (id, now) in after.iter().filter(|(id, now)| before.get(*id) != Some(now)) {
                let order = if before.contains_key(id) { 2 } else { 1 };
                told.push((order, id.clone(), agent.clone(), link, now.clone()));
            }
        }
        told.sort_by(|a, b| (a.0, &a.1, &a.2, a.3).cmp(&(b.0, &b.1, &b.2, b.3)));
        for (order, _, agent, link, queue) in told {
            let kind = ["queueremoved", "queueadded", "queuechanged"][order];
            self.tell_of_queue(link, kind, &agent, &queue);
        }
    }

    fn tell_of_queue(&mut self, link: u64, kind: &str, agent: &str, queue: &Value) {
        let body = self.report_event(&format!("report.queuestatus.{kind}"), json!({"agentId": agent, "queue": queue}));
        self.tell(link, body);
    }

    pub(in crate::model) fn begin_watching_queues(&mut self, asked: &Asked) -> Result<(), Fault> {
        let agent = agent_id(asked)?;
        let link = asked.link;
        if !self.may_watch(link, &agent) {
            return Err(Fault::new("access.denied"));
        }
        self.require_started()?;
        // CHOICE: where nobody watched, the day may have turned unnoticed, and turns now.
        self.roll_day();
        self.tell_queue_watchers();
        let key = (link, agent.clone());
        self.may_begin(&agent, link, self.reports.queues.watching.keys().map(|key| (key.0, &*key.1)))?;
        self.succeed(asked, Some(json!({})));
        let shown = self.queues_of(&agent);
        for queue in shown.values() {
            self.tell_of_queue(link, "queueadded", &agent, queue);
        }
        self.reports.queues.watching.insert(key, shown);
        Ok(())
    }

    pub(in crate::model) fn end_watching_queues(&mut self, asked: &Asked) -> Result<(), Fault> {
        let agent = agent_id(asked)?;
        self.reports.queues.watching.remove(&(asked.link, agent));
        self.succeed(asked, Some(json!({})));
        Ok(())
    }
}

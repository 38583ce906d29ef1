//! What a link knows by its snapshots and events: rosters by subscription, journeys followed, objects of sessions. An event
//! that cannot happen to what is known is a fault.

mod objects;
mod roster;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::fault::{Fault, Kind};

pub use objects::Objects;
pub use roster::{Roster, Team};

/// Everything mirrored of one link.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mirror {
    rosters: BTreeMap<(String, String), Roster>,
    queues: BTreeMap<(String, String), BTreeMap<String, Value>>,
    journeys: BTreeSet<(String, String)>,
    sessions: BTreeMap<String, Objects>,
}

impl Mirror {
    /// The roster of one agent, where there is a subscription.
    pub fn roster(&self, resource: &str, agent: &str) -> Option<&Roster> {
        self.rosters.get(&(resource.into(), agent.into()))
    }

    /// The queues one agent sees, by id, where there is a subscription.
    pub fn queues(&self, resource: &str, agent: &str) -> Option<&BTreeMap<String, Value>> {
        self.queues.get(&(resource.into(), agent.into()))
    }

    /// The objects of one session.
    pub fn session(&self, resource: &str) -> Option<&Objects> {
        self.sessions.get(resource)
    }

    /// Takes an answer in; `request` is what it answers.
    pub fn answered(&mut self, request: &Value, answer: &Value) {
        let body = if request["messageType"] == "coreRequest" { answer } else { &answer["response"] };
        if body["result"] != "success" {
            return;
        }
        let resource = request["resourceId"].as_str().unwrap_or_default().to_owned();
        let sent = if request["messageType"] == "coreRequest" { request } else { &request["request"] };
        let id = |name: &str| (resource.clone(), sent["data"][name].as_str().unwrap_or_default().to_owned());
        match sent["command"].as_str().map(str::trim).unwrap_or_default() {
            "report.teamstatus.begin" => {
                let roster = self.rosters.entry(id("agentId")).or_default();
                *roster = roster.begun_again();
            }
            "report.teamstatus.end" => {
                self.rosters.remove(&id("agentId"));
            }
            "report.queuestatus.begin" => {
                self.queues.insert(id("agentId"), BTreeMap::new());
            }
            "report.queuestatus.end" => {
                self.queues.remove(&id("agentId"));
            }
            "report.calljourney.begin" => {
                self.journeys.insert(id("CallId"));
            }
            "report.calljourney.end" => {
                self.journeys.remove(&id("CallId"));
            }
            "bindResource" => {
                self.sessions.entry(resource).or_default();
            }
            "unbindResource" => self.unbound(&resource),
            "unbindService" => *self = Self::default(),
            _ => {}
        }
    }

    /// Takes an event in.
    pub fn event(&mut self, message: &Value) -> Result<(), Fault> {
        let resource = message["resourceId"].as_str().unwrap_or_default();
        let event = &message["event"];
        match (message["messageType"].as_str(), event["name"].as_str().unwrap_or_default()) {
            (Some("coreEvent"), "resourceUnbound") => {
                self.unbound(event["data"]["resourceId"].as_str().unwrap_or_default());
                Ok(())
            }
            (Some("coreEvent"), "subscriptionEnded") => self.subscription_ended(&event["data"]),
            (Some("resourceEvent"), name) if name.starts_with("report.teamstatus.") => {
                let agent = event["data"]["agentId"].as_str().unwrap_or_default();
                match self.rosters.get_mut(&(resource.into(), agent.into())) {
                    Some(roster) => roster.apply(name, &event["data"]["team"]),
                    None => Err(Fault::new(Kind::Roster, format!("no subscription for {agent}: {message}"))),
                }
            }
            (Some("resourceEvent"), name) if name.starts_with("report.queuestatus.") => {
                self.queue(resource, name, event)
            }
            (Some("resourceEvent"), name) if name.starts_with("report.calljourney.") => {
                self.journey(resource, name, event)
            }
            (Some("resourceEvent"), _) => match self.sessions.get_mut(resource) {
                Some(objects) => objects.apply(event),
                None => Err(Fault::new(Kind::Objects, format!("{resource} is not bound: {message}"))),
            },
            _ => Ok(()),
        }
    }

    fn journey(&mut self, resource: &str, name: &str, event: &Value) -> Result<(), Fault> {
        let key = (resource.to_owned(), event["data"]["CallId"].as_str().unwrap_or_default().to_owned());
        if !self.journeys.contains(&key) {
            return Err(Fault::new(Kind::Roster, format!("{} is not followed: {event}", key.1)));
        }
        if name == "report.calljourney.ended" {
            self.journeys.remove(&key);
        }
        Ok(())
    }

    fn queue(&mut self, resource: &str, name: &str, event: &Value) -> Result<(), Fault> {
        let fault = |what: &str| Err(Fault::new(Kind::Roster, format!("{what}: {event}")));
        let agent = event["data"]["agentId"].as_str().unwrap_or_default();
        let Some(queues) = self.queues.get_mut(&(resource.to_owned(), agent.to_owned())) else {
            return fault("no subscription to queues");
        };
        let queue = &event["data"]["queue"];
        let id = queue["queueId"].as_str().unwrap_or_default().to_owned();
        let before = match name {
            "report.queuestatus.queueremoved" => queues.remove(&id),
            _ => queues.insert(id, queue.clone()),
        };
        match (name, before) {
            ("report.queuestatus.queueadded", None) | ("report.queuestatus.queueremoved", Some(_)) => Ok(()),
            ("report.queuestatus.queuechanged", Some(before)) if before != *queue => Ok(()),
            (_, None) => fault("an unknown queue"),
            (_, Some(_)) => fault("nothing new of a queue"),
        }
    }

    fn subscription_ended(&mut self, data: &Value) -> Result<(), Fault> {
        let resource = data["resourceId"].as_str().unwrap_or_default().to_owned();
        let id = |name: &str| (resource.clone(), data["data"][name].as_str().unwrap_or_default().to_owned());
        let known = match data["command"].as_str() {
            Some("report.queuestatus.begin") => self.queues.remove(&id("agentId")).is_some(),
            Some("report.calljourney.begin") => self.journeys.remove(&id("CallId")),
            _ => self.rosters.remove(&id("agentId")).is_some(),
        };
        if known { Ok(()) } else { Err(Fault::new(Kind::Roster, format!("no such subscription: {data}"))) }
    }

    fn unbound(&mut self, resource: &str) {
        self.rosters.retain(|(of, _), _| of != resource);
        self.queues.retain(|(of, _), _| of != resource);
        self.journeys.retain(|(of, _)| of != resource);
        self.sessions.remove(resource);
    }
}

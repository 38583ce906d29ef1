//! Section 2: services, resources, bindings.

use serde_json::{Value, json};

use super::requests::Asked;
use super::{Fault, Model, text};

const REPORTS_TYPE: &str = "com.openmethods.iserver.processor.reporting.uccx";
const SESSION_TYPE: &str = "com.openmethods.iserver.processor.session";

impl Model {
    pub(super) fn core_request(&mut self, asked: &Asked, message: &Value) -> Result<(), Fault> {
        let command = message["command"].as_str().map(str::trim).ok_or_else(|| Fault::invalid("command"))?;
        let link = asked.link;
        match command {
            "getServices" => {
                let services = self.services(link, message["serviceType"].as_str());
                let body = json!({"command": command, "result": "success", "data": {"services": services}});
                self.respond(asked, |_| body.clone());
                return Ok(());
            }
            "bindService" => {
                self.require_our_service(message)?;
                self.set_service_bound(link, true);
                self.done(asked, command);
            }
            "unbindService" => {
                self.require_our_service(message)?;
                self.set_service_bound(link, false);
                let bound: Vec<String> = self.links[&link].resources.iter().cloned().collect();
                self.done(asked, command);
                self.unbind(link, &bound);
            }
            "bindResource" => {
                self.require_our_service(message)?;
                let id = text::id(&message["resourceId"]).ok_or_else(|| Fault::invalid("resourceId"))?.to_owned();
                self.require_service_bound(link)?;
                let is_session = self.may_bind(link, &id)?;
                let own = self.links.get_mut(&link).ok_or_else(|| Fault::new("internal.error"))?;
                let most = self.config.limits.bindings_max as usize;
                if !own.resources.contains(&id) && own.resources.len() >= most {
                    return Err(Fault::new("rate.limited"));
                }
                let is_new = own.resources.insert(id.clone());
                self.done(asked, command);
                if is_new && is_session {
                    self.session_bound(&id);
                }
            }
            "unbindResource" => {
                self.require_our_service(message)?;
                let id = text::id(&message["resourceId"]).ok_or_else(|| Fault::invalid("resourceId"))?.to_owned();
                let was_bound = self.links[&link].resources.contains(&id);
                self.done(asked, command);
                if was_bound {
                    self.unbind(link, &[id]);
                }
            }
            _ => return Err(Fault::new("command.unsupported")),
        }
        Ok(())
    }

    fn done(&mut self, asked: &Asked, command: &str) {
        self.respond(asked, |_| json!({"command": command, "result": "success"}));
    }

    fn set_service_bound(&mut self, link: u64, is_bound: bool) {
        if let Some(link) = self.links.get_mut(&link) {
            link.service_bound = is_bound;
        }
    }

    /// Only the link that prepared a session may bind it; anybody the reports. Whether it is a session.
    fn may_bind(&self, link: u64, id: &str) -> Result<bool, Fault> {
        if id == &*self.config.reports_id && self.platform.has_reports() {
            return Ok(false);
        }
        match self.session_of_resource(id) {
            Some(session) if self.sessions[&session].owner == link => Ok(true),
            Some(_) => Err(Fault::new("access.denied")),
            None => Err(Fault::new("resource.unknown")),
        }
    }

    fn unbind(&mut self, link: u64, resources: &[String]) {
        for resource in resources {
            if let Some(link) = self.links.get_mut(&link) {
                link.resources.remove(resource);
            }
        }
        for resource in resources {
            if **resource == *self.config.reports_id {
                self.drop_subscriptions(link);
            } else {
                self.session_unbound(resource);
            }
        }
        self.review_rights(link);
    }

    pub(super) fn require_service_bound(&self, link: u64) -> Result<(), Fault> {
        if self.links[&link].service_bound { Ok(()) } else { Err(Fault::new("binding.required")) }
    }

    pub(super) fn require_resource_bound(&self, link: u64, id: &str) -> Result<(), Fault> {
        if self.links[&link].resources.contains(id) {
            return Ok(());
        }
        let exists =
            self.session_of_resource(id).is_some() || (id == &*self.config.reports_id && self.platform.has_reports());
        Err(Fault::new(if exists { "binding.required" } else { "resource.unknown" }))
    }

    pub(super) fn service_status(&self) -> Value {
        let status = self.platform.status();
        let clients = self.links.values().filter(|link| link.service_bound).count();
        json!({"status": status, "acceptingClients": status != "Stopping", "clientCount": clients})
    }

    fn services(&self, link: u64, kind: Option<&str>) -> Vec<Value> {
        let config = &self.config;
        if kind.is_some_and(|kind| *kind != *config.service_type) {
            return Vec::new();
        }
        let mut resources = Vec::new();
        if self.platform.has_reports() {
            resources.push(json!({"id": config.reports_id, "type": REPORTS_TYPE}));
        }
        // CHOICE: of the sessions a client is shown its own.
        for session in self.sessions.values().filter(|session| session.owner == link) {
            resources.push(json!({"id": session.resource, "type": SESSION_TYPE}));
        }
        let (vendor, version) = self.platform.vendor_and_version();
        vec![json!({
            "id": config.service_id, "name": config.service_name, "type": config.service_type,
            "serviceStatus": self.service_status(),
            "info": {"vendor": config.vendor, "version": config.version, "cti-vendor": vendor, "cti-version": version,
                "instance-domain": config.domain},
            "resources": resources,
        })]
    }

    /// Whoever bound the service hears of its status.
    pub(super) fn tell_service_status(&mut self) {
        let data = json!({"serviceId": self.config.service_id, "serviceStatus": self.service_status()});
        let bound = self.links.iter().filter(|(_, link)| link.service_bound).map(|(link, _)| *link);
        for link in bound.collect::<Vec<_>>() {
            self.core_event(link, "serviceStatus", data.clone());
        }
    }

    pub(super) fn capabilities(&mut self, asked: &Asked) -> Result<(), Fault> {
        asked.data_or_nothing(&[])?;
        let platform = self.platform.known.as_ref().ok_or_else(|| Fault::new("cti.unavailable"))?;
        let data =
            platform.offers.capabilities().map(|(key, offered)| (key.to_owned(), Value::from(offered))).collect();
        self.succeed(asked, Some(Value::Object(data)));
        Ok(())
    }
}

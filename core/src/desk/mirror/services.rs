//! What services there are, how they are, and what resources they have.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::super::read::{self, Text};
use crate::protocol::ResourceInfo;

/// The services of a server.
#[derive(Debug, Default)]
pub struct Services {
    services: Vec<Service>,
}

/// A service.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Service {
    /// What is bound.
    pub id: Box<str>,
    /// The name people read.
    pub name: Box<str>,
    /// What it speaks.
    #[serde(rename = "type")]
    pub kind: Box<str>,
    /// How it is: the server's text, which reads as [`crate::protocol::ServiceStatus`].
    pub service_status: Box<RawValue>,
    /// Who it is: the server's text, which reads as [`crate::protocol::Info`].
    pub info: Box<RawValue>,
    /// Its resources that this link may bind.
    pub resources: Vec<ResourceInfo>,
}

impl Service {
    /// Whether everything of it works.
    pub(in super::super) fn is_in_service(&self) -> bool {
        read::object::<Word<'_>>(self.service_status.get()).is_some_and(|word| &*word.status == "InService")
    }
}

#[derive(Deserialize)]
struct Word<'a> {
    #[serde(borrow)]
    status: Text<'a>,
}

#[derive(Deserialize)]
struct List<'a> {
    #[serde(borrow)]
    services: Vec<Body<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    id: Box<str>,
    name: Box<str>,
    #[serde(rename = "type")]
    kind: Box<str>,
    #[serde(borrow)]
    service_status: &'a RawValue,
    #[serde(borrow)]
    info: &'a RawValue,
    resources: Vec<ResourceInfo>,
}

impl Services {
    /// Reads what `getServices` answered; `None` where that is no list of services.
    pub(in super::super) fn read(data: &RawValue) -> Option<Self> {
        let List { services } = read::object(data.get())?;
        let keep = |body: Body<'_>| Service {
            id: body.id,
            name: body.name,
            kind: body.kind,
            service_status: body.service_status.to_owned(),
            info: body.info.to_owned(),
            resources: body.resources,
        };
        Some(Self { services: services.into_iter().map(keep).collect() })
    }

    /// Each of them.
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// The service of that type.
    pub(in super::super) fn of_type(&self, kind: &str) -> Option<&Service> {
        self.services.iter().find(|service| *service.kind == *kind)
    }

    /// A service's status changed. False where there is no such service.
    pub(in super::super) fn set_status(&mut self, id: &str, status: &RawValue) -> bool {
        let service = self.services.iter_mut().find(|service| *service.id == *id);
        service.map(|service| service.service_status = status.to_owned()).is_some()
    }

    pub(in super::super) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"\"services\":");
        // Nothing of it can fail to be written.
        out.extend_from_slice(serde_json::to_string(&self.services).unwrap_or_default().as_bytes());
    }
}

//! The service, its resources, and their bindings, which are the desk's own business.

use std::time::Duration;

use serde_json::value::RawValue;

use super::limits;
use super::output::MirrorKind;
use super::pending::{Owner, Pending, Recipient};
use super::problem::{Local, Problem};
use super::sorted::SortedMap;
use super::{Answer, Desk, Services};
use crate::failure::Code;
use crate::report::resource::RESOURCE_TYPE;
use crate::time::Time;

/// What is known of the service, and what is bound.
#[derive(Debug, Default)]
pub(super) struct Network {
    service: Option<Box<str>>,
    /// Whether it was ever told that there is no such service.
    is_missing: bool,
    /// Whether reports may yet appear: the platform was not reached so far.
    may_have_reports: bool,
    reports: Option<Box<str>>,
    listing: Listing,
    binding: Bind,
    resources: SortedMap<Box<str>, Bind>,
}

/// Whether the services were told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Listing {
    #[default]
    No,
    NotBefore(Time),
    Asked,
    /// Told before the service was bound: what changed in between is not known.
    Early,
    Told,
}

/// Whether something is bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Bind {
    #[default]
    No,
    NotBefore(Time),
    Asked,
    Yes,
}

/// What a request waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ready {
    Yes,
    Wait,
    Never(Problem),
}

impl Network {
    /// A fresh link has nothing bound; what the service is called is worth a try.
    pub(super) fn begin_afresh(&mut self) {
        self.listing = Listing::No;
        self.binding = Bind::No;
        self.resources.clear();
        self.is_missing = false;
    }

    pub(super) fn service(&self) -> &str {
        self.service.as_deref().unwrap_or_default()
    }

    pub(super) fn reports(&self) -> Option<&str> {
        self.reports.as_deref()
    }

    /// When something is asked again that failed.
    pub(super) fn next_ask(&self) -> Option<Time> {
        let listing = match self.listing {
            Listing::NotBefore(at) => Some(at),
            _ => None,
        };
        let binding = match self.binding {
            Bind::NotBefore(at) => Some(at),
            _ => None,
        };
        listing.into_iter().chain(binding).min()
    }

    /// What `to` has to wait for.
    pub(super) fn ready(&self, to: &Recipient) -> Ready {
        let service = || match (self.is_missing, self.binding) {
            (true, _) => Ready::Never(Problem::local(Local::NoService)),
            (false, Bind::Yes) => Ready::Yes,
            (false, _) => Ready::Wait,
        };
        let named = |resource: &str| match (service(), self.resources.get(resource)) {
            (Ready::Yes, Some(Bind::Yes)) => Ready::Yes,
            (Ready::Yes, _) => Ready::Wait,
            (other, _) => other,
        };
        match to {
            Recipient::Link | Recipient::Services(_) => Ready::Yes,
            Recipient::Binding if self.service.is_some() => Ready::Yes,
            Recipient::Binding => Ready::Wait,
            Recipient::Service | Recipient::ResourceBinding(_) => service(),
            Recipient::Resource(resource) => named(resource),
            Recipient::Reports => match &self.reports {
                Some(reports) => named(reports),
                None if self.listing == Listing::Told && !self.may_have_reports => {
                    Ready::Never(Problem::local(Local::NoService))
                }
                None => Ready::Wait,
            },
        }
    }

    /// The resource a request needs that is not being bound yet.
    fn to_bind(&self, to: &Recipient) -> Option<Box<str>> {
        let resource = match to {
            Recipient::Resource(resource) => resource,
            Recipient::Reports => self.reports.as_ref()?,
            _ => return None,
        };
        let is_no = matches!(self.resources.get(resource), None | Some(Bind::No));
        (self.binding == Bind::Yes && is_no).then(|| resource.clone())
    }

    /// A resource was bound; true where it was not before.
    pub(super) fn bound(&mut self, resource: &str) -> bool {
        self.resources.insert(resource.into(), Bind::Yes) != Some(Bind::Yes)
    }

    /// A resource is bound no more.
    pub(super) fn unbound(&mut self, resource: &str) {
        self.resources.remove(resource);
    }
}

impl Desk {
    /// Asks for what has to be known and bound before requests can be sent.
    pub(super) fn plan(&mut self) {
        let now = self.now;
        let is_due = |at: Time| at <= now;
        let network = &mut self.network;
        let bind = match network.binding {
            Bind::No => network.service.is_some(),
            Bind::NotBefore(at) => is_due(at),
            Bind::Asked | Bind::Yes => false,
        };
        if bind {
            network.binding = Bind::Asked;
            self.table.insert(Pending::own(Owner::BindService, Recipient::Binding, "bindService"));
        }
        let is_bound = matches!(network.binding, Bind::Asked | Bind::Yes);
        let list = match network.listing {
            Listing::No => true,
            Listing::NotBefore(at) => is_due(at),
            Listing::Early => is_bound,
            Listing::Asked | Listing::Told => false,
        };
        if list {
            network.listing = Listing::Asked;
            let owner = Owner::Services { is_bound };
            self.table.insert(Pending::own(owner, Recipient::Services(None), "getServices"));
        }
        if self.table.has_unsent() {
            self.plan_resources();
        }
    }

    fn plan_resources(&mut self) {
        let network = &mut self.network;
        let mut wanted = Vec::new();
        for (_, pending) in self.table.iter().filter(|(_, pending)| !pending.is_sent) {
            if let Some(resource) = network.to_bind(&pending.to) {
                network.resources.insert(resource.clone(), Bind::Asked);
                wanted.push(resource);
            }
        }
        for resource in wanted {
            self.table.insert(Pending::own(Owner::BindResource, Recipient::ResourceBinding(resource), "bindResource"));
        }
    }

    /// `getServices` of the desk's own was answered.
    pub(super) fn listed(&mut self, data: Option<&RawValue>, is_bound: bool) {
        let Some(services) = data.and_then(Services::read) else {
            self.nonsense("`getServices` was not answered by services");
            return;
        };
        let service = services.of_type(&self.config.service_type);
        let network = &mut self.network;
        network.is_missing = service.is_none();
        if let Some(service) = service {
            if network.service.as_ref().is_some_and(|before| *before != service.id) && network.binding != Bind::No {
                // Another server, whose service has another name.
                network.binding = Bind::No;
            }
            network.service = Some(service.id.clone());
            let reports = service.resources.iter().find(|resource| resource.kind == RESOURCE_TYPE);
            network.reports = reports.map(|reports| reports.id.as_str().into());
            network.may_have_reports = !service.is_in_service();
        }
        let is_final = is_bound || network.is_missing;
        network.listing = if is_final { Listing::Told } else { Listing::Early };
        self.mirrors.set_services(services, is_final);
        if is_final {
            self.reports.listed();
            self.tell_snapshot(MirrorKind::Services, "");
        }
    }

    /// The service's status changed: its resources may have, too.
    pub(super) fn list_again(&mut self) {
        if self.network.listing == Listing::Told {
            self.network.listing = Listing::No;
        }
    }

    /// The service is bound, or not.
    pub(super) fn service_bound(&mut self, done: Result<(), Problem>) {
        self.network.binding = match done {
            Ok(()) => Bind::Yes,
            Err(problem) => {
                let wait = self.wait_of(&problem);
                // It may have another name than it had.
                self.network.listing = Listing::No;
                self.warn(problem);
                Bind::NotBefore(self.now + wait)
            }
        };
    }

    /// A resource was asked to be bound, and is not: whoever needs it is told.
    pub(super) fn resource_refused(&mut self, resource: &str, problem: &Problem) {
        self.network.unbound(resource);
        let is_reports = self.network.reports() == Some(resource);
        let needs = |to: &Recipient| match to {
            Recipient::Resource(wanted) => **wanted == *resource,
            Recipient::Reports => is_reports,
            _ => false,
        };
        let waiting: Vec<u64> =
            self.table.iter().filter(|(_, one)| !one.is_sent && needs(&one.to)).map(|(id, _)| id).collect();
        for id in waiting {
            if let Some(pending) = self.table.remove(id) {
                self.settle(id, &pending, Answer::Failure { failure: problem.clone() });
            }
        }
    }

    /// `getServices` of the desk's own failed.
    pub(super) fn not_listed(&mut self, problem: Problem) {
        self.network.listing = Listing::NotBefore(self.now + self.wait_of(&problem));
        self.warn(problem);
    }

    /// A request of the desk's own was not answered: it is made anew.
    pub(super) fn unanswered(&mut self, id: u64) {
        if let Some(pending) = self.table.remove(id) {
            self.settle(id, &pending, Answer::Failure { failure: Problem::of(Code::RequestDeadline) });
        }
    }

    /// How long to wait before something that failed is tried again.
    pub(super) fn wait_of(&self, problem: &Problem) -> Duration {
        let told = problem.retry_after_ms.map_or(Duration::ZERO, Duration::from_millis);
        told.clamp(limits::BEGIN_AGAIN, limits::RETRY_AFTER_MAX)
    }
}

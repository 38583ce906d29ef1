//! The network core: services, resources, bindings, and the way of a request to whoever answers it.

use crate::cti_state::{CtiState, ServiceStatus};
use crate::failure::{Code, Failure};
use crate::ids::LinkId;
use crate::processor;
use crate::report::resource;
use crate::session::{self, Sessions};
use crate::turn::{Reply, Turn};
use crate::wire::message::{self, Envelope};
use crate::wire::write;

/// What a core request changed, for the parts that live by bindings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    /// Nothing.
    Unchanged,
    /// A session was bound.
    Session(Box<str>),
    /// These resources are bound no more.
    Unbound(Vec<Box<str>>),
}

/// A core request.
pub(crate) fn handle(
    turn: &mut Turn<'_>,
    cti: &CtiState,
    sessions: &Sessions,
    envelope: &Envelope<'_>,
    reply: &Reply,
) -> Bound {
    let Some(command) = envelope.command.as_deref().map(str::trim) else {
        let failure = Failure::invalid(
            "command",
            "is missing: getServices, bindService, unbindService, bindResource or unbindResource",
        );
        turn.error(reply, &failure);
        return Bound::Unchanged;
    };
    let done = match command {
        "getServices" => {
            services(turn, cti, sessions, envelope.service_type.as_deref(), reply);
            return Bound::Unchanged;
        }
        "bindService" => bind_service(turn, envelope, reply),
        "unbindService" => unbind_service(turn, envelope, reply),
        "bindResource" => bind_resource(turn, cti, sessions, envelope, reply),
        "unbindResource" => unbind_resource(turn, envelope, reply),
        command => Err(Failure::new(Code::CommandUnsupported).with("command", message::cut(command))),
    };
    match done {
        Ok(bound) => {
            turn.counters.answered += 1;
            turn.respond(reply, |out, _| {
                write::text_property(out, "command", command);
                out.extend_from_slice(b",\"result\":\"success\"");
            });
            bound
        }
        Err(failure) => {
            turn.error(reply, &failure);
            Bound::Unchanged
        }
    }
}

/// `serviceStatus` of the service.
pub(crate) fn write_status(turn: &Turn<'_>, status: ServiceStatus, out: &mut Vec<u8>) {
    out.push(b'{');
    write::text_property(out, "status", status.as_str());
    let accepting = status != ServiceStatus::Stopping;
    out.extend_from_slice(if accepting { b",\"acceptingClients\":true," } else { b",\"acceptingClients\":false," });
    write::number_property(out, "clientCount", turn.links.bound() as u64);
    out.push(b'}');
}

/// Which service a request means; the only one there is.
pub(crate) fn service<'a>(turn: &Turn<'_>, envelope: &'a Envelope<'_>) -> Result<&'a str, Failure> {
    let id = message::id(envelope.service_id.as_deref(), "serviceId")?;
    if id != &*turn.config.service_id {
        return Err(Failure::new(Code::ServiceUnknown).with("serviceId", message::cut(id)));
    }
    Ok(id)
}

fn services(turn: &mut Turn<'_>, cti: &CtiState, sessions: &Sessions, service_type: Option<&str>, reply: &Reply) {
    let config = turn.config;
    let mut data = b"{\"services\":[".to_vec();
    if service_type.is_none_or(|wanted| wanted == &*config.service_type) {
        data.push(b'{');
        write::text_property(&mut data, "id", &config.service_id);
        data.push(b',');
        write::text_property(&mut data, "name", &config.service_name);
        data.push(b',');
        write::text_property(&mut data, "type", &config.service_type);
        data.extend_from_slice(b",\"serviceStatus\":");
        write_status(turn, cti.status(), &mut data);
        data.extend_from_slice(b",\"info\":");
        processor::service_info(turn, cti, &mut data);
        data.extend_from_slice(b",\"resources\":[");
        let own = sessions.owned_by(reply.link);
        let own =
            own.iter().filter_map(|serial| sessions.get(*serial)).map(|own| (&*own.resource, session::RESOURCE_TYPE));
        let reports = cti.has_reports().then_some((&*config.reports_id, resource::RESOURCE_TYPE));
        for (position, (id, kind)) in reports.into_iter().chain(own).enumerate() {
            data.extend_from_slice(if position > 0 { b",{" } else { b"{" });
            write::text_property(&mut data, "id", id);
            data.push(b',');
            write::text_property(&mut data, "type", kind);
            data.push(b'}');
        }
        data.extend_from_slice(b"]}");
    }
    data.extend_from_slice(b"]}");
    turn.counters.answered += 1;
    turn.respond(reply, |out, _| {
        out.extend_from_slice(b"\"command\":\"getServices\",\"result\":\"success\",\"data\":");
        out.extend_from_slice(&data);
    });
}

fn bind_service(turn: &mut Turn<'_>, envelope: &Envelope<'_>, reply: &Reply) -> Result<Bound, Failure> {
    service(turn, envelope)?;
    turn.links.bind_service(reply.link, true);
    Ok(Bound::Unchanged)
}

fn unbind_service(turn: &mut Turn<'_>, envelope: &Envelope<'_>, reply: &Reply) -> Result<Bound, Failure> {
    service(turn, envelope)?;
    turn.links.bind_service(reply.link, false);
    let Some(link) = turn.links.get_mut(reply.link) else { return Ok(Bound::Unchanged) };
    Ok(Bound::Unbound(std::mem::take(&mut link.resources).into_iter().collect()))
}

fn bind_resource(
    turn: &mut Turn<'_>,
    cti: &CtiState,
    sessions: &Sessions,
    envelope: &Envelope<'_>,
    reply: &Reply,
) -> Result<Bound, Failure> {
    service(turn, envelope)?;
    let id = message::id(envelope.resource_id.as_deref(), "resourceId")?;
    require_service(turn, reply.link)?;
    let bound = if id == &*turn.config.reports_id && cti.has_reports() {
        Bound::Unchanged
    } else if let Some(session) = sessions.of_resource(id) {
        if session.owner != reply.link {
            let failure = Failure::new(Code::AccessDenied);
            return Err(failure
                .say("Only the link that prepared a session may bind it. Prepare one, with `override` if need be."));
        }
        Bound::Session(id.into())
    } else {
        return Err(Failure::new(Code::ResourceUnknown).with("resourceId", message::cut(id)));
    };
    let most = turn.config.limits.bindings_max as usize;
    let Some(link) = turn.links.get_mut(reply.link) else { return Ok(Bound::Unchanged) };
    if link.resources.contains(id) {
        return Ok(Bound::Unchanged);
    }
    if link.resources.len() >= most {
        return Err(
            Failure::new(Code::RateLimited).say("This link has bound as many resources as it may. Unbind one first.")
        );
    }
    link.resources.insert(id.into());
    Ok(bound)
}

fn unbind_resource(turn: &mut Turn<'_>, envelope: &Envelope<'_>, reply: &Reply) -> Result<Bound, Failure> {
    service(turn, envelope)?;
    let id = message::id(envelope.resource_id.as_deref(), "resourceId")?;
    let Some(link) = turn.links.get_mut(reply.link) else { return Ok(Bound::Unchanged) };
    Ok(if link.resources.remove(id) { Bound::Unbound(vec![id.into()]) } else { Bound::Unchanged })
}

/// A service request, or one of its resources', needs its service bound.
pub(crate) fn require_service(turn: &Turn<'_>, link: LinkId) -> Result<(), Failure> {
    if turn.links.get(link).is_some_and(|link| link.service_bound) {
        return Ok(());
    }
    Err(Failure::new(Code::BindingRequired).say("Bind the service first, with `bindService`."))
}

/// A resource request needs its resource bound.
pub(crate) fn require_resource(
    turn: &Turn<'_>,
    cti: &CtiState,
    sessions: &Sessions,
    link: LinkId,
    id: &str,
) -> Result<(), Failure> {
    if turn.links.get(link).is_some_and(|link| link.resources.contains(id)) {
        return Ok(());
    }
    if sessions.of_resource(id).is_some() || (id == &*turn.config.reports_id && cti.has_reports()) {
        return Err(Failure::new(Code::BindingRequired).say("Bind the resource first, with `bindResource`."));
    }
    Err(Failure::new(Code::ResourceUnknown).with("resourceId", message::cut(id)))
}

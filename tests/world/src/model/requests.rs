//! The way of what clients say: malformed, unknown, known before, or new.

use serde_json::{Map, Value, json};

use super::http::Kind;
use super::link::{Request, Verdict};
use super::{Fault, Model, text};

/// A request on its way: whom to answer, under what, and what was asked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Asked {
    pub(crate) link: u64,
    pub(crate) request: String,
    route: Route,
    pub(crate) command: String,
    pub(crate) target: Option<String>,
    pub(crate) original: Value,
    /// Its passwords are forgotten by the time it is answered: the echo has none.
    pub(crate) is_late: bool,
}

/// Which part of the protocol is asked.
#[derive(Clone, Debug, PartialEq)]
enum Route {
    Core,
    Service,
    Resource(String),
    /// A request that names no service of ours, or no resource; its error repeats what it names.
    Astray {
        class: &'static str,
        service: Value,
        resource: Value,
    },
}

/// What stands for an echo: as it came, or as it is kept.
#[derive(Clone, Copy)]
pub(super) struct Echo {
    with_passwords: bool,
}

impl Echo {
    pub(super) fn of(self, value: &Value) -> Value {
        if self.with_passwords { value.clone() } else { text::without_passwords(value) }
    }
}

impl Model {
    pub(super) fn said(&mut self, socket: u64, said: &str) {
        let Some(message) = text::read(said) else { return self.malformed(socket) };
        self.heard(socket);
        self.speaker = self.sockets.get(&socket).map(|socket| socket.address.clone()).unwrap_or_default();
        match self.link_of(socket) {
            Some(link) => self.said_on_link(socket, link, &message),
            None => self.said_before_link(socket, &message),
        }
    }

    pub(super) fn said_before_link(&mut self, socket: u64, message: &Value) {
        if !self.within_rate(socket, None, None) {
            return;
        }
        let request = text::request_id(message);
        let class = message["messageType"].as_str();
        if let Some(property) = text::wrong_in_envelope(message) {
            self.complain_unlinked(socket, request, &Fault::invalid(&property));
            if class == Some("connect") {
                self.close(socket, Some(4000));
            }
            return;
        }
        let fault = match class {
            Some("connect") => return self.connect(socket, message),
            Some(
                "ack" | "ping" | "authenticate" | "disconnect" | "coreRequest" | "serviceRequest" | "resourceRequest",
            ) => Fault::new("link.required"),
            Some(_) => Fault::new("messagetype.unknown"),
            None => Fault::invalid("messageType"),
        };
        self.complain_unlinked(socket, request, &fault);
    }

    pub(super) fn said_on_link(&mut self, socket: u64, link: u64, message: &Value) {
        let request = text::request_id(message).map(str::to_owned);
        if let Some(property) = text::wrong_in_envelope(message) {
            // CHOICE: whether what cannot be read counts as the request its id names for the rate.
            if self.within_rate(socket, Some(link), None) {
                self.refuse(link, request.as_deref(), &Fault::invalid(&property));
            }
            return;
        }
        match message["messageType"].as_str() {
            // An acknowledgement asks for nothing, and counts for nothing.
            Some("ack") => self.acknowledged(socket, link, message),
            Some("ping") => self.pinged(socket, link, request.as_deref()),
            class => {
                if self.within_rate(socket, Some(link), request.as_deref()) {
                    self.served(link, class, request, message);
                }
            }
        }
    }

    fn acknowledged(&mut self, socket: u64, link: u64, message: &Value) {
        let last = self.links[&link].last_seq;
        let remembered_max = self.config.limits.remembered_max;
        match message["seq"].as_u64() {
            Some(seq) if seq <= last => {
                if let Some(link) = self.links.get_mut(&link) {
                    link.acknowledge(seq, remembered_max);
                }
            }
            _ => {
                if self.within_rate(socket, Some(link), None) {
                    self.complain(link, &Fault::invalid("seq"));
                }
            }
        }
    }

    /// CHOICE: pings count as requests, and are answered beyond the rate until it is a flood.
    fn pinged(&mut self, socket: u64, link: u64, request: Option<&str>) {
        let (now, per_second) = (self.now, self.config.limits.requests_per_second);
        let verdict = self.links.get_mut(&link).map(|link| link.count(now, per_second));
        if let Some(flood @ Verdict::Flood) = verdict {
            if self.kind_of(socket) == Some(Kind::Posted) {
                return self.refuse_posted(socket, Some(link), request, &flood);
            }
            return self.close(socket, Some(4029));
        }
        let mut body = json!({"messageType": "pong", "time": self.now.as_millis()});
        if let Some(request) = request {
            body["requestId"] = request.into();
        }
        self.said.push(super::Expected::Message { socket, body, is_replay: false });
        self.answer_request(socket, 200);
    }

    fn served(&mut self, link: u64, class: Option<&str>, request: Option<String>, message: &Value) {
        let fault = match class {
            Some("disconnect") => return self.end_link(link, 1000),
            Some("authenticate" | "coreRequest" | "serviceRequest" | "resourceRequest") => {
                match request {
                    None => self.complain(link, &Fault::invalid("requestId")),
                    Some(request) => self.asked(link, request, message),
                }
                return;
            }
            Some("connect") => Fault::invalid("messageType"),
            Some(_) => Fault::new("messagetype.unknown"),
            None => Fault::invalid("messageType"),
        };
        self.refuse(link, request.as_deref(), &fault);
    }

    /// Answers what nothing can be made of.
    fn refuse(&mut self, link: u64, request: Option<&str>, fault: &Fault) {
        match request {
            None => self.complain(link, fault),
            Some(request) => {
                let asked = Asked::new(link, request, Route::Core);
                if self.is_new(&asked) {
                    self.error(&asked, fault);
                }
            }
        }
    }

    /// Whether a request is to be done; one that was answered and acknowledged is answered again here.
    fn is_new(&mut self, asked: &Asked) -> bool {
        let Some(link) = self.links.get_mut(&asked.link) else { return false };
        match link.requests.get(&asked.request) {
            Some(Request::InProgress | Request::Answered) => false,
            Some(Request::Remembered { body, .. }) => {
                let body = body.clone();
                self.answer_again(asked.link, &asked.request, body);
                false
            }
            None => {
                let in_progress = link.requests.values().filter(|one| matches!(one, Request::InProgress)).count();
                if in_progress >= self.config.limits.in_progress_max as usize {
                    let body = self.error_body(asked, &Fault::new("rate.limited"));
                    self.tell(asked.link, body);
                    return false;
                }
                link.requests.insert(asked.request.clone(), Request::InProgress);
                true
            }
        }
    }

    fn asked(&mut self, link: u64, request: String, message: &Value) {
        let asked = Asked::new(link, &request, self.route(message));
        if !self.is_new(&asked) {
            return;
        }
        let done = match message["messageType"].as_str() {
            Some("authenticate") => self.authenticate(link, message).map(|()| {
                self.respond(&asked, |_| json!({"command": "authenticate", "result": "success"}));
                self.review_rights(link);
            }),
            Some("coreRequest") => self.core_request(&asked, message),
            Some("serviceRequest") => self.of_service(&asked, message),
            _ => self.of_resource(&asked, message),
        };
        if let Err(fault) = done {
            self.error(&asked, &fault);
        }
    }

    fn route(&self, message: &Value) -> Route {
        let is_ours = message["serviceId"].as_str() == Some(&*self.config.service_id);
        let astray = |class, resource: &Value| Route::Astray {
            class,
            service: message["serviceId"].clone(),
            resource: resource.clone(),
        };
        match (message["messageType"].as_str(), message["resourceId"].as_str()) {
            (Some("serviceRequest"), _) if is_ours => Route::Service,
            (Some("serviceRequest"), _) => astray("serviceError", &Value::Null),
            (Some("resourceRequest"), Some(resource)) if is_ours => Route::Resource(resource.to_owned()),
            (Some("resourceRequest"), _) => astray("resourceError", &message["resourceId"]),
            _ => Route::Core,
        }
    }

    /// The service a request names must be ours.
    pub(super) fn require_our_service(&self, message: &Value) -> Result<(), Fault> {
        let id = text::id(&message["serviceId"]).ok_or_else(|| Fault::invalid("serviceId"))?;
        if id == &*self.config.service_id { Ok(()) } else { Err(Fault::new("service.unknown")) }
    }

    fn of_service(&mut self, asked: &Asked, message: &Value) -> Result<(), Fault> {
        self.require_our_service(message)?;
        self.require_service_bound(asked.link)?;
        let asked = asked.with_body(message)?;
        let done = match &*asked.command {
            "prepareSession" => self.prepare_session(&asked),
            "getCapabilities" => self.capabilities(&asked),
            _ => Err(Fault::new("command.unsupported")),
        };
        if let Err(fault) = done {
            self.fail(&asked, &fault);
        }
        Ok(())
    }

    fn of_resource(&mut self, asked: &Asked, message: &Value) -> Result<(), Fault> {
        self.require_our_service(message)?;
        let resource = text::id(&message["resourceId"]).ok_or_else(|| Fault::invalid("resourceId"))?;
        self.require_service_bound(asked.link)?;
        self.require_resource_bound(asked.link, resource)?;
        let asked = asked.with_body(message)?;
        let done = if resource == &*self.config.reports_id {
            self.report_request(&asked)
        } else {
            self.session_request(resource, &asked)
        };
        if let Err(fault) = done {
            self.fail(&asked, &fault);
        }
        Ok(())
    }

    /// Sends a response; `body` is its inside.
    pub(super) fn respond(&mut self, asked: &Asked, body: impl Fn(Echo) -> Value) {
        let shows = self.config.echo_password && !asked.is_late;
        let live = asked.envelope(body(Echo { with_passwords: shows }), &self.config.service_id);
        let kept = asked.envelope(body(Echo { with_passwords: false }), &self.config.service_id);
        self.answer(asked.link, &asked.request, live, kept);
    }

    pub(super) fn succeed(&mut self, asked: &Asked, data: Option<Value>) {
        self.respond(asked, |_| {
            let mut body = asked.response("success");
            if let Some(data) = &data {
                body["data"] = data.clone();
            }
            body
        });
    }

    /// What reached a service or resource and failed there gets its response.
    pub(super) fn fail(&mut self, asked: &Asked, fault: &Fault) {
        self.respond(asked, |echo| {
            let mut body = asked.response("failure");
            body["failure"] = fault.body();
            body["original"] = echo.of(&asked.original);
            body
        });
    }

    /// What cannot be routed, or is over a limit, gets an error.
    pub(super) fn error(&mut self, asked: &Asked, fault: &Fault) {
        let body = self.error_body(asked, fault);
        self.answer(asked.link, &asked.request, body.clone(), body);
    }

    fn error_body(&self, asked: &Asked, fault: &Fault) -> Value {
        let mut body = json!({"requestId": asked.request, "failure": fault.body()});
        let service = Value::from(&*self.config.service_id);
        let (class, service, resource) = match &asked.route {
            Route::Core => ("coreError", Value::Null, Value::Null),
            Route::Service => ("serviceError", service, Value::Null),
            Route::Resource(resource) => ("resourceError", service, resource.as_str().into()),
            Route::Astray { class, service, resource } => (*class, service.clone(), resource.clone()),
        };
        body["messageType"] = class.into();
        for (name, id) in [("serviceId", service), ("resourceId", resource)] {
            if !id.is_null() {
                body[name] = id;
            }
        }
        body
    }
}

impl Asked {
    fn new(link: u64, request: &str, route: Route) -> Self {
        Self {
            link,
            request: request.to_owned(),
            route,
            command: String::new(),
            target: None,
            original: Value::Null,
            is_late: false,
        }
    }

    /// The same with what stands in `request`.
    fn with_body(&self, message: &Value) -> Result<Self, Fault> {
        let body = &message["request"];
        if body.is_null() {
            return Err(Fault::invalid("request"));
        }
        let kinds = [("/command", text::Kind::Text), ("/target", text::Kind::Text)];
        if !body.is_object() {
            return Err(Fault::invalid("request"));
        }
        if let Some(path) = text::wrong_in(body, &kinds) {
            return Err(Fault::invalid(&format!("request{}", path.replace('/', "."))));
        }
        let command = body["command"].as_str().ok_or_else(|| Fault::invalid("request.command"))?;
        Ok(Self {
            command: command.trim().to_owned(),
            target: body["target"].as_str().map(str::to_owned),
            original: body.clone(),
            ..self.clone()
        })
    }

    /// The same for an answer that comes when its passwords are forgotten.
    pub(super) fn late(&self) -> Self {
        Self { is_late: true, ..self.clone() }
    }

    /// The request's `data`, which must be an object, and of which these properties must be of these kinds.
    pub(super) fn data(&self, kinds: &[(&str, text::Kind)]) -> Result<&Value, Fault> {
        match self.original.get("data") {
            None | Some(Value::Null) => Err(Fault::invalid("data")),
            Some(data) => self.checked(data, kinds),
        }
    }

    /// The same where it may be left out.
    pub(super) fn data_or_nothing(&self, kinds: &[(&str, text::Kind)]) -> Result<&Value, Fault> {
        match self.original.get("data") {
            None | Some(Value::Null) => Ok(&Value::Null),
            Some(data) => self.checked(data, kinds),
        }
    }

    fn checked<'a>(&self, data: &'a Value, kinds: &[(&str, text::Kind)]) -> Result<&'a Value, Fault> {
        if !data.is_object() {
            return Err(Fault::invalid("data"));
        }
        match text::wrong_in(data, kinds) {
            Some(path) => Err(Fault::invalid(&format!("data{}", path.replace('/', ".")))),
            None => Ok(data),
        }
    }

    pub(super) fn response(&self, result: &str) -> Value {
        let mut body = Map::new();
        body.insert("command".to_owned(), self.command.as_str().into());
        if let Some(target) = &self.target {
            body.insert("target".to_owned(), target.as_str().into());
        }
        body.insert("result".to_owned(), result.into());
        Value::Object(body)
    }

    fn envelope(&self, body: Value, service: &str) -> Value {
        match &self.route {
            Route::Core | Route::Astray { .. } => {
                let mut message = body;
                message["messageType"] = "coreResponse".into();
                message["requestId"] = self.request.as_str().into();
                message
            }
            Route::Service => json!({"messageType": "serviceResponse", "requestId": self.request, "serviceId": service,
                "response": body}),
            Route::Resource(resource) => json!({"messageType": "resourceResponse", "requestId": self.request,
                "serviceId": service, "resourceId": resource, "response": body}),
        }
    }
}

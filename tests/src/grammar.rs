//! The form of every message a server may send: class, required properties, their types.

use serde_json::Value;

use crate::fault::{Fault, Kind};

/// The failure codes of the protocol that a server may send.
pub const CODES: &[&str] = &[
    "request.malformed",
    "request.toolarge",
    "request.invalid",
    "request.deadline",
    "messagetype.unknown",
    "command.unsupported",
    "protocol.unsupported",
    "service.unknown",
    "resource.unknown",
    "binding.required",
    "binding.taken",
    "link.required",
    "link.elsewhere",
    "rate.limited",
    "access.denied",
    "credentials.invalid",
    "credentials.locked",
    "model.unknown",
    "cti.unavailable",
    "cti.refused",
    "domain.unavailable",
    "session.notstarted",
    "session.alreadystarted",
    "session.notinitialized",
    "target.unknown",
    "target.invalid",
    "state.invalid",
    "interaction.ongoing",
    "logout.reason.required",
    "channel.exists",
    "channel.inactive",
    "channel.busy",
    "channel.type.unsupported",
    "destination.invalid",
    "consult.missing",
    "agent.unknown",
    "call.unknown",
    "internal.error",
];

const CAPABILITIES: &[&str] = &[
    "channel-groups-supported",
    "telephony-supported",
    "chat-supported",
    "email-supported",
    "consult-supported",
    "blind-transfer-supported",
    "blind-conference-supported",
    "alternate-supported",
    "dtmf-supported",
    "recording-supported",
    "recording-pause-supported",
    "channel-activation-supported",
    "supervise-supported",
    "logout-reason-required",
    "reports-supported",
    "call-journey-live-supported",
];

const OBJECT_EVENTS: &[&str] = &[
    "session.initialized",
    "channelgroup.created",
    "channelgroup.initialized",
    "channelgroup.disposed",
    "channel.created",
    "channel.infochanged",
    "channel.initialized",
    "channel.disposed",
    "interaction.created",
    "interaction.datachanged",
    "interaction.preview",
    "interaction.initialized",
    "interaction.focuschanged",
    "interaction.ended",
    "interaction.disposed",
    "conversation.created",
    "conversation.initialized",
    "conversation.member.added",
    "conversation.member.removed",
    "conversation.disposed",
];

type Checked = Result<(), Fault>;

/// Checks one server message.
pub fn message(message: &Value) -> Checked {
    let class = text(message, "messageType")?;
    match class {
        "connected" => connected(message),
        "pong" => number(message, "time").map(drop),
        "coreEvent" => core_event(object(message, "event")?),
        "coreResponse" => {
            text(message, "requestId")?;
            text(message, "command")?;
            equals(message, "result", "success")?;
            if message.get("data").is_some() { object(message, "data").map(drop) } else { Ok(()) }
        }
        "coreError" | "serviceError" | "resourceError" => failure(object(message, "failure")?),
        "serviceResponse" => {
            text(message, "requestId")?;
            text(message, "serviceId")?;
            body(object(message, "response")?)
        }
        "resourceResponse" => {
            text(message, "requestId")?;
            text(message, "serviceId")?;
            text(message, "resourceId")?;
            body(object(message, "response")?)
        }
        "resourceEvent" => {
            text(message, "serviceId")?;
            text(message, "resourceId")?;
            let event = object(message, "event")?;
            number(event, "at")?;
            match event.get("messageType").and_then(Value::as_str) {
                None => report_event(event),
                Some("objectEvent") => object_event(event),
                Some("stateEvent") => state_event(event),
                Some(other) => fault(event, format!("no such event class: {other}")),
            }
        }
        other => fault(message, format!("a server sends no messageType `{other}`")),
    }
}

/// Checks a failure.
pub fn failure(failure: &Value) -> Checked {
    let code = text(failure, "code")?;
    if !CODES.contains(&code) {
        return fault(failure, format!("no such code: {code}"));
    }
    if text(failure, "message")?.trim().len() < 10 {
        return fault(failure, "`message` says neither what is wrong nor what to do".into());
    }
    string(failure, "context")?;
    if failure.get("params").is_some() {
        object(failure, "params")?;
    }
    if failure.get("retryAfterMs").is_some() {
        number(failure, "retryAfterMs")?;
    }
    Ok(())
}

/// Checks one member in full.
pub fn member(member: &Value) -> Checked {
    text(member, "memberId")?;
    string(member, "memberName")?;
    string(member, "reason")?;
    one_of(member, "memberType", &["Agent", "Supervisor", "TeamLead"])?;
    let state = one_of(member, "state", &["loggedout", "notready", "ready", "reserved", "talking", "hold", "work"])?;
    equals(
        member,
        "status",
        match state {
            "ready" => "ready",
            "work" => "ACW",
            _ => "not_ready",
        },
    )?;
    number(member, "since").map(drop)
}

/// Checks one step of a journey.
pub fn step(step: &Value) -> Checked {
    text(step, "CallId")?;
    text(step, "Device")?;
    one_of(step, "DeviceType", &["Trigger", "IVR", "CSQ", "Agent", "External"])?;
    string(step, "Description")?;
    if !is_duration(text(step, "Duration")?) {
        return fault(step, "`Duration` is not HH:MM:SS".into());
    }
    number(step, "StartedAt").map(drop)
}

/// Whether a text is `HH:MM:SS`, hours of two digits or more.
pub fn is_duration(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    let digits = |part: &str| part.len() >= 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    let sixtieth = |part: &str| part.len() == 2 && part < "60";
    matches!(parts[..], [h, m, s] if digits(h) && digits(m) && digits(s) && sixtieth(m) && sixtieth(s))
}

fn connected(message: &Value) -> Checked {
    if number(message, "protocol")? != 1 {
        return fault(message, "`protocol` is not 1".into());
    }
    for (whole, part) in [("server", "name"), ("server", "version"), ("server", "instance"), ("client", "id")] {
        text(object(message, whole)?, part)?;
    }
    text(message, "resumeKey")?;
    for name in ["time", "graceMs", "heartbeatMs"] {
        number(message, name)?;
    }
    one_of(message, "guarantee", &["process", "machine", "domain"])?;
    array(message, "instances")?;
    for name in ["messageBytes", "pendingBytes", "replayBytes", "requestsPerSecond"] {
        number(object(message, "limits")?, name)?;
    }
    match (message.get("resumed"), message.get("reason")) {
        (None | Some(Value::Bool(true)), None) => Ok(()),
        (Some(Value::Bool(false)), Some(_)) => {
            one_of(message, "reason", &["expired", "unknown", "gap", "instance"]).map(drop)
        }
        _ => fault(message, "`resumed` and `reason` do not go together".into()),
    }
}

fn core_event(event: &Value) -> Checked {
    let data = object(event, "data")?;
    match text(event, "name")? {
        "serviceStatus" => {
            text(data, "serviceId")?;
            service_status(object(data, "serviceStatus")?)
        }
        "resourceUnbound" => {
            text(data, "serviceId")?;
            text(data, "resourceId")?;
            if one_of(data, "reason", &["superseded", "ended", "released"])? == "superseded" {
                object(data, "client").or_else(|_| text(data, "client").map(|_| data))?;
                number(data, "at")?;
            }
            Ok(())
        }
        "subscriptionEnded" => {
            for name in ["serviceId", "resourceId", "command"] {
                text(data, name)?;
            }
            object(data, "data").map(drop)
        }
        "linkMoved" => Ok(()),
        "tokenExpiring" => number(data, "expiresAt").map(drop),
        "shutdown" => number(data, "graceMs").map(drop),
        other => fault(event, format!("no such core event: {other}")),
    }
}

/// Checks what `getServices` and `serviceStatus` tell of a service.
pub fn service_status(status: &Value) -> Checked {
    one_of(status, "status", &["Starting", "InService", "OutOfService", "Stopping"])?;
    match status.get("acceptingClients") {
        Some(Value::Bool(_)) => Ok(()),
        _ => fault(status, "`acceptingClients` is not a boolean".into()),
    }
}

fn body(response: &Value) -> Checked {
    let command = text(response, "command")?;
    match one_of(response, "result", &["success", "confirm", "failure"])? {
        "failure" => {
            object(response, "original")?;
            failure(object(response, "failure")?)
        }
        "confirm" if command == "prepareSession" => {
            text(response, "message")?;
            object(response, "original")?;
            let details = object(response, "details")?;
            text(details, "agentId")?;
            number(details, "since")?;
            text(details, "instance")?;
            if details.get("client").is_none() || details.get("calls").is_none() {
                return fault(details, "`client` or `calls` is missing".into());
            }
            Ok(())
        }
        "confirm" => fault(response, format!("{command} is not confirmed")),
        _ => success(command, response),
    }
}

fn success(command: &str, response: &Value) -> Checked {
    match command {
        "prepareSession" => {
            let resource = object(response, "resource")?;
            opaque_id(resource, "id")?;
            object(resource, "data").map(drop)
        }
        "getCapabilities" => {
            let Value::Object(capabilities) = object(response, "data")? else { unreachable!("checked") };
            for (name, value) in capabilities {
                if CAPABILITIES.contains(&name.as_str()) && !value.is_boolean() {
                    return fault(response, format!("`{name}` is not a boolean"));
                }
            }
            Ok(())
        }
        "report.calljourney" => array(object(response, "data")?, "CallJourney")?.iter().try_for_each(step),
        "report.calljourney.recent" => {
            for call in array(object(response, "data")?, "Calls")? {
                text(call, "CallId")?;
                string(call, "From")?;
                string(call, "To")?;
                let started = number(call, "StartedAt")?;
                if call.get("EndedAt").is_some() && number(call, "EndedAt")? < started {
                    return fault(call, "it ended before it started".into());
                }
            }
            Ok(())
        }
        "report.reasoncodes" => {
            let data = object(response, "data")?;
            for table in ["notReadyReasons", "logoutReasons", "wrapUpCodes"] {
                for reason in array(data, table)? {
                    text(reason, "code")?;
                    string(reason, "name")?;
                }
            }
            Ok(())
        }
        "report.teamstatus.begin" | "report.teamstatus.end" | "report.queuestatus.begin" | "report.queuestatus.end" => {
            match object(response, "data")? {
                Value::Object(data) if data.is_empty() => Ok(()),
                _ => fault(response, "`data` is not empty".into()),
            }
        }
        _ => Ok(()),
    }
}

fn report_event(event: &Value) -> Checked {
    let name = text(event, "name")?;
    let data = object(event, "data")?;
    match name {
        "report.calljourney.updated" => {
            text(data, "CallId")?;
            array(data, "CallJourney")?.iter().try_for_each(step)
        }
        "report.calljourney.ended" => text(data, "CallId").map(drop),
        "report.queuestatus.queueadded" | "report.queuestatus.queuechanged" => {
            text(data, "agentId")?;
            queue(object(data, "queue")?)
        }
        "report.queuestatus.queueremoved" => {
            text(data, "agentId")?;
            text(object(data, "queue")?, "queueId").map(drop)
        }
        _ => {
            text(data, "agentId")?;
            let team = object(data, "team")?;
            text(team, "teamId")?;
            string(team, "teamName")?;
            match name {
                "report.teamstatus.teamadded" => members(team, member),
                "report.teamstatus.memberadded" | "report.teamstatus.memberstatuschanged" => {
                    non_empty(team)?;
                    members(team, member)
                }
                "report.teamstatus.memberremoved" => {
                    non_empty(team)?;
                    members(team, |one| text(one, "memberId").map(drop))
                }
                "report.teamstatus.teamremoved" | "report.teamstatus.teamchanged" if team.get("members").is_none() => {
                    Ok(())
                }
                "report.teamstatus.teamremoved" | "report.teamstatus.teamchanged" => {
                    fault(event, format!("{name} carries no members"))
                }
                _ => fault(event, format!("no such report event: {name}")),
            }
        }
    }
}

fn queue(queue: &Value) -> Checked {
    text(queue, "queueId")?;
    string(queue, "queueName")?;
    let waits = number(queue, "waiting")? > 0;
    if waits != queue.get("longestWaitSince").is_some() {
        return fault(queue, "`longestWaitSince` stands where somebody waits, and there only".into());
    }
    if queue.get("agents").is_some() {
        let agents = object(queue, "agents")?;
        for state in ["loggedout", "notready", "ready", "reserved", "talking", "hold", "work"] {
            number(agents, state)?;
        }
    }
    let today = object(queue, "today")?;
    ["since", "answered", "abandoned"].into_iter().try_for_each(|name| number(today, name).map(drop))
}

fn non_empty(team: &Value) -> Checked {
    if array(team, "members")?.is_empty() { fault(team, "`members` is empty".into()) } else { Ok(()) }
}

fn members(team: &Value, check: impl Fn(&Value) -> Checked) -> Checked {
    let members = array(team, "members")?;
    members.iter().try_for_each(check)?;
    let ids: Vec<&str> = members.iter().filter_map(|one| one["memberId"].as_str()).collect();
    if ids.is_sorted_by(|a, b| a < b) {
        Ok(())
    } else {
        fault(team, "`members` are not in order of memberId, each once".into())
    }
}

fn object_event(event: &Value) -> Checked {
    target(event)?;
    one_of(event, "name", OBJECT_EVENTS)?;
    object(event, "data").map(drop)
}

fn state_event(event: &Value) -> Checked {
    target(event)?;
    equals(event, "name", "state.updated")?;
    text(event, "state")?;
    number(event, "since")?;
    for action in array(event, "data")? {
        text(action, "name")?;
        one_of(action, "type", &["enable", "disable"])?;
    }
    Ok(())
}

fn target(event: &Value) -> Checked {
    let path = text(event, "target")?;
    let well_formed = |id: &str| {
        (1..=64).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
    };
    if path.split('.').all(well_formed) && path.split('.').count() <= 5 {
        Ok(())
    } else {
        fault(event, format!("`target` is not a path of ids: {path}"))
    }
}

fn opaque_id(of: &Value, name: &str) -> Checked {
    target(&serde_json::json!({ "target": text(of, name)? }))
}

fn object<'v>(of: &'v Value, name: &str) -> Result<&'v Value, Fault> {
    match of.get(name) {
        Some(value @ Value::Object(_)) => Ok(value),
        _ => fault(of, format!("`{name}` is not an object")),
    }
}

fn array<'v>(of: &'v Value, name: &str) -> Result<&'v Vec<Value>, Fault> {
    match of.get(name) {
        Some(Value::Array(items)) => Ok(items),
        _ => fault(of, format!("`{name}` is not an array")),
    }
}

fn string<'v>(of: &'v Value, name: &str) -> Result<&'v str, Fault> {
    match of.get(name) {
        Some(Value::String(text)) => Ok(text),
        _ => fault(of, format!("`{name}` is not a string")),
    }
}

fn text<'v>(of: &'v Value, name: &str) -> Result<&'v str, Fault> {
    match string(of, name)? {
        "" => fault(of, format!("`{name}` is empty")),
        text => Ok(text),
    }
}

fn number(of: &Value, name: &str) -> Result<u64, Fault> {
    match of.get(name).and_then(Value::as_u64) {
        Some(number) => Ok(number),
        None => fault(of, format!("`{name}` is not a whole number")),
    }
}

fn one_of<'v>(of: &'v Value, name: &str, words: &[&str]) -> Result<&'v str, Fault> {
    let word = text(of, name)?;
    if words.contains(&word) { Ok(word) } else { fault(of, format!("`{name}` is `{word}`, none of {words:?}")) }
}

fn equals(of: &Value, name: &str, word: &str) -> Checked {
    one_of(of, name, &[word]).map(drop)
}

fn fault<T>(of: &Value, what: String) -> Result<T, Fault> {
    Err(Fault::new(Kind::Grammar, format!("{what}, in {:.400}", of.to_string())))
}

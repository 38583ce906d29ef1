//! The small contact centre most traces play in, so that they need not tell it.

use interaction_core::cti::{
    AgentRecord, AgentState, AgentStatus, Answer, Event, Member, Offers, Outcome, Platform, ReasonCode, Refusal,
    RefusalKind, ReportKind, RequestNo, Role, TeamRecord,
};

/// The platform, as `up` tells it. `reports=no`: it feeds no reports; `reason=required`: a logout needs a reason; `all`: it
/// offers everything.
pub(crate) fn up<'a>(options: impl Iterator<Item = &'a str>) -> Result<Event, String> {
    let offers = Offers {
        telephony: true,
        consult: true,
        alternate: true,
        supervise: true,
        reports: true,
        call_journey_live: true,
        ..Offers::default()
    };
    let codes = |codes: &[(&str, &str)]| -> Vec<ReasonCode> {
        codes.iter().map(|(code, name)| ReasonCode { code: (*code).into(), name: (*name).into() }).collect()
    };
    let mut platform = Platform {
        vendor: "Cisco".into(),
        version: "12.5".into(),
        offers,
        reports: Some(ReportKind::Uccx),
        not_ready_reasons: codes(&[("22", "Lunch")]),
        logout_reasons: codes(&[("40", "End of shift")]),
        wrap_up_codes: codes(&[("7", "Sale")]),
    };
    for option in options {
        match option {
            "reports=no" => {
                platform.reports = None;
                platform.offers.reports = false;
                platform.offers.call_journey_live = false;
            }
            "all" => {
                platform.offers = Offers {
                    channel_groups: true,
                    telephony: true,
                    chat: true,
                    email: true,
                    consult: true,
                    blind_transfer: true,
                    blind_conference: true,
                    alternate: true,
                    dtmf: true,
                    recording: true,
                    recording_pause: true,
                    channel_activation: true,
                    supervise: true,
                    ..platform.offers
                }
            }
            "reason=required" => platform.offers.logout_reason_required = true,
            _ => return Err(format!("`up` has no option `{option}`")),
        }
    }
    Ok(Event::Up(platform))
}

/// The platform and everything it knows, as `up` and `resync` tell them.
pub fn small_centre() -> Vec<Event> {
    let up = up(std::iter::empty()).into_iter();
    up.chain(resync()).collect()
}

/// The whole truth, as `resync` tells it.
///
/// Team 1 `Sales`: supervisor 2001 Sue, lead 1003 Cleo, agents 1001 Anna and 1002 Ben. Team 2 `Service`: supervisor 2001,
/// agent 1002. Agent 1009 Noa has no team. Ben is ready, Cleo talks, Sue is not ready, the others are logged out.
pub(crate) fn resync() -> Vec<Event> {
    let agent = |id: &str, name: &str| Event::Agent(AgentRecord { id: id.into(), name: name.into(), extension: None });
    let member = |id: &str, role| Member { agent: id.into(), role };
    let team = |id: &str, name: &str, members| Event::Team(TeamRecord { id: id.into(), name: name.into(), members });
    vec![
        Event::ResyncBegin,
        agent("1001", "Anna Ash"),
        agent("1002", "Ben Birch"),
        agent("1003", "Cleo Cedar"),
        agent("1009", "Noa Nettle"),
        agent("2001", "Sue Sumac"),
        team(
            "1",
            "Sales",
            vec![
                member("2001", Role::Supervisor),
                member("1003", Role::TeamLead),
                member("1001", Role::Agent),
                member("1002", Role::Agent),
            ],
        ),
        team("2", "Service", vec![member("2001", Role::Supervisor), member("1002", Role::Agent)]),
        status("1002", AgentState::Ready, ""),
        status("1003", AgentState::Talking, ""),
        status("2001", AgentState::NotReady, "22"),
        Event::ResyncEnd,
    ]
}

/// An agent's state and reason.
pub(crate) fn status(agent: &str, state: AgentState, reason: &str) -> Event {
    Event::AgentStatus(AgentStatus {
        agent: agent.into(),
        state,
        reason: reason.into(),
        since: None,
        pending: None,
        extension: None,
    })
}

/// The answer to a command: `done`, `verified <agent>`, or `refused <kind> <the platform's words>`.
pub(crate) fn answer(request: u64, words: &str) -> Result<Event, String> {
    let (word, rest) = words.split_once(' ').unwrap_or((words, ""));
    let outcome = match word {
        "done" => Outcome::Done,
        "verified" => Outcome::Verified { agent: rest.into() },
        "refused" => {
            let (kind, text) = rest.split_once(' ').unwrap_or((rest, ""));
            let kind: RefusalKind = serde_json::from_value(kind.into()).map_err(|error| error.to_string())?;
            Outcome::Refused(Refusal { kind, text: text.into() })
        }
        _ => return Err(format!("a command is not answered by `{word}`")),
    };
    Ok(Event::Answer(Answer { request: RequestNo(request), outcome }))
}

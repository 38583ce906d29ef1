//! prepareSession: who may hold an agent's session, and what becomes of the one who held it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::lockout::{Lockouts, Trying};
use super::refusal;
use crate::audit::{AuditAction, AuditActor, AuditRecord};
use crate::cti::{Command, Outcome, RefusalKind, RequestNo};
use crate::cti_state::{CtiState, Purpose};
use crate::directory::{self, Claiming};
use crate::failure::{Code, Failure};
use crate::ids::{AgentId, ClaimNo, LinkId, SecretRef};
use crate::input::{ClaimAnswer, SecretKind, SecretSpan};
use crate::link::Link;
use crate::map::Map;
use crate::report::resource::Reports;
use crate::session::{End, NewSession, Sessions};
use crate::time::Time;
use crate::timers::TimerName;
use crate::turn::{Asked, Turn};
use crate::wire::message::{self, PrepareSession, Request};
use crate::wire::write::{self, Echo};

/// Requests that wait for the platform or the directory, by the number both know them by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Prepares {
    pending: Map<u64, Prepare>,
    /// Claims the directory has not answered and nobody waits for any more: one that is won yet is given back.
    orphans: Map<u64, AgentId>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Prepare {
    asked: Asked,
    /// The request's `data`, for the echo of a success.
    data: Echo,
    /// The agent's id as the client spelled it, and where the client is: what lock-outs count by.
    spelled: Box<str>,
    address: Box<str>,
    model: Box<str>,
    override_: bool,
    password: SecretRef,
    /// Every secret of the request, the password among them.
    secrets: Vec<SecretRef>,
    stage: Stage,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Stage {
    /// The platform checks the password.
    Verifying,
    /// The directory is asked for the agent.
    Claiming { agent: AgentId },
}

impl Prepares {
    pub(crate) fn new(seed: u64) -> Self {
        Self { pending: Map::new(seed), orphans: Map::new(seed) }
    }

    /// How many requests and abandoned claims wait.
    pub(crate) fn len(&self) -> usize {
        self.pending.len() + self.orphans.len()
    }

    /// Takes back everything a link asked for: whatever comes of it later creates nothing.
    pub(crate) fn drop_link(&mut self, turn: &mut Turn<'_>, cti: &mut CtiState, link: LinkId) {
        let numbers: Vec<u64> = self
            .pending
            .iter()
            .filter(|(_, prepare)| prepare.asked.reply.link == link)
            .map(|(number, _)| *number)
            .collect();
        for number in numbers {
            self.abandon(turn, cti, number);
        }
    }

    /// The deadline of a request passed, or that of the directory's answer to an abandoned one.
    pub(crate) fn deadline(&mut self, turn: &mut Turn<'_>, cti: &mut CtiState, number: RequestNo) {
        if let Some(prepare) = self.pending.get(&number.0) {
            let asked = prepare.asked.clone();
            turn.fail(&asked, &Failure::new(Code::RequestDeadline));
            self.abandon(turn, cti, number.0);
        } else if let Some(agent) = self.orphans.shift_remove(&number.0) {
            turn.vacated.push(agent);
        }
    }

    /// The tries of passwords from this address that the platform has not answered.
    fn trying(&self, spelled: &str, address: &str) -> Trying {
        let mut trying = Trying::default();
        for prepare in self.pending.values() {
            if prepare.stage == Stage::Verifying && *prepare.address == *address {
                trying.of_address += 1;
                trying.of_agent += usize::from(*prepare.spelled == *spelled);
            }
        }
        trying
    }

    /// Takes a request out whose asker waits no more. The directory's answer is waited for a while: what it gives is given
    /// back.
    fn abandon(&mut self, turn: &mut Turn<'_>, cti: &mut CtiState, number: u64) {
        if let Some(Prepare { stage: Stage::Claiming { agent }, .. }) = self.take(turn, cti, number) {
            self.orphans.insert(number, agent);
            let limit = Duration::from_millis(u64::from(turn.config.limits.request_ms));
            turn.timers.set(TimerName::Request(RequestNo(number)), turn.now + limit);
        }
    }

    /// Gives back the claims of this turn's vacated agents that no session and no other request lives by. While a claim is
    /// asked for, its answer decides: a release that overtook it would take it away from whoever wins by it.
    pub(crate) fn give_back(&self, turn: &mut Turn<'_>, sessions: &Sessions) {
        for vacated in std::mem::take(&mut turn.vacated) {
            let is_claimed_by =
                |prepare: &Prepare| matches!(&prepare.stage, Stage::Claiming { agent } if *agent == vacated);
            if sessions.of_agent(vacated.as_str()).is_none() && !self.pending.values().any(is_claimed_by) {
                directory::release(turn, &vacated);
            }
        }
    }

    /// Takes a request out; its secrets are forgotten.
    fn take(&mut self, turn: &mut Turn<'_>, cti: &mut CtiState, number: u64) -> Option<Prepare> {
        let prepare = self.pending.shift_remove(&number)?;
        turn.timers.clear(TimerName::Request(RequestNo(number)));
        cti.asked.swap_remove(&RequestNo(number));
        for secret in &prepare.secrets {
            turn.outbox.forget(*secret);
        }
        Some(prepare)
    }
}

/// A prepareSession came.
#[allow(clippy::too_many_arguments, reason = "each part of the engine it touches, by name")]
pub(crate) fn prepare(
    turn: &mut Turn<'_>,
    prepares: &mut Prepares,
    lockouts: &mut Lockouts,
    cti: &mut CtiState,
    address: &str,
    text: &str,
    spans: &[SecretSpan],
    request: &Request<'_>,
    asked: Asked,
) {
    match read(turn, text, spans, request) {
        Err(failure) => turn.fail(&asked, &failure),
        Ok(read) => {
            if let Err(failure) =
                lockouts.check(turn.now, &read.spelled, address, prepares.trying(&read.spelled, address))
            {
                audit(
                    turn,
                    AuditAction::Refused,
                    &read.spelled.as_ref().into(),
                    &asked,
                    address,
                    failure.code.as_str(),
                );
                return turn.fail(&asked, &failure);
            }
            if !cti.is_up() {
                return turn.fail(&asked, &Failure::new(Code::CtiUnavailable).retry_after_ms(2_000));
            }
            let number = turn.ids.request();
            let command = Command::Verify { agent: AgentId::from(&*read.spelled) };
            cti.asked.insert(number, Purpose::Verify);
            turn.outbox.cti(number, command, Some(read.password));
            let limit = Duration::from_millis(u64::from(turn.config.limits.request_ms));
            turn.timers.set(TimerName::Request(number), turn.now + limit);
            let prepare = Prepare {
                asked,
                data: read.data,
                spelled: read.spelled,
                address: address.into(),
                model: read.model,
                override_: read.override_,
                password: read.password,
                secrets: turn.keep_secrets(),
                stage: Stage::Verifying,
            };
            prepares.pending.insert(number.0, prepare);
        }
    }
}

struct Read {
    data: Echo,
    spelled: Box<str>,
    model: Box<str>,
    override_: bool,
    password: SecretRef,
}

fn read(turn: &Turn<'_>, text: &str, spans: &[SecretSpan], request: &Request<'_>) -> Result<Read, Failure> {
    let data: PrepareSession<'_> = message::data(request)?;
    let agent =
        data.agent.ok_or_else(|| Failure::invalid("data.agent", "is missing: an object with `id` and `password`"))?;
    let spelled = message::id(agent.id.as_deref(), "data.agent.id")?.into();
    let password = agent.password.secret(text, spans, SecretKind::Password);
    let password = password.filter(|span| span.is_text).ok_or_else(|| {
        Failure::invalid("data.agent.password", "is missing or not a string: the agent's password is wanted")
    })?;
    let model = match data.model.as_deref().map(str::trim) {
        None | Some("") => turn.config.models.first().cloned().unwrap_or_default(),
        Some(model) => match turn.config.models.iter().find(|known| ***known == *model) {
            Some(known) => known.clone(),
            None => return Err(Failure::new(Code::ModelUnknown).with("model", message::cut(model))),
        },
    };
    let data_text = request.data.map_or("", serde_json::value::RawValue::get);
    Ok(Read {
        data: Echo::new(text, data_text, spans),
        spelled,
        model,
        override_: data.override_.unwrap_or(false),
        password: password.secret,
    })
}

/// The platform answered the check of a password.
#[allow(clippy::too_many_arguments, reason = "each part of the engine it touches, by name")]
pub(crate) fn verified(
    turn: &mut Turn<'_>,
    prepares: &mut Prepares,
    lockouts: &mut Lockouts,
    sessions: &mut Sessions,
    cti: &mut CtiState,
    reports: &Reports,
    number: RequestNo,
    outcome: &Outcome,
) {
    let max = turn.config.limits.lockouts_max;
    let Some(prepare) = prepares.pending.get_mut(&number.0) else { return };
    let mut locks = false;
    let refused = match outcome {
        Outcome::Verified { agent } => {
            lockouts.right(&prepare.spelled, &prepare.address);
            prepare.stage = Stage::Claiming { agent: agent.clone() };
            return seek(turn, prepares, sessions, cti, reports, number);
        }
        Outcome::Refused(refused) => {
            if refused.kind == RefusalKind::Credentials || refused.kind == RefusalKind::UnknownAgent {
                locks = lockouts.wrong(turn.now, &prepare.spelled, &prepare.address, max);
                // Whether the id or the password was wrong is not for a guesser to know.
                Failure::new(Code::CredentialsInvalid)
            } else {
                refusal(refused)
            }
        }
        Outcome::Done | Outcome::Call { .. } => Failure::new(Code::InternalError),
    };
    let (asked, spelled, address) = (prepare.asked.clone(), AgentId::from(&*prepare.spelled), prepare.address.clone());
    turn.fail(&asked, &refused);
    audit(turn, AuditAction::Refused, &spelled, &asked, &address, refused.code.as_str());
    if locks {
        audit(turn, AuditAction::LockedOut, &spelled, &asked, &address, "");
    }
    prepares.take(turn, cti, number.0);
}

/// Whoever says to be that agent signs in, or tries to.
fn audit(turn: &mut Turn<'_>, action: AuditAction, agent: &AgentId, asked: &Asked, peer: &str, note: &str) {
    let client = turn.links.get(asked.reply.link).map_or_else(Box::default, |link| link.client().into());
    let record = AuditRecord::new(turn.now, action, agent.clone(), AuditActor::Agent);
    turn.outbox.audit(AuditRecord { client, peer: peer.into(), note: note.into(), ..record });
}

/// Seeks the agent's session: here first, then in the domain.
fn seek(
    turn: &mut Turn<'_>,
    prepares: &mut Prepares,
    sessions: &mut Sessions,
    cti: &mut CtiState,
    reports: &Reports,
    number: RequestNo,
) {
    let Some(prepare) = prepares.pending.get(&number.0) else { return };
    let Stage::Claiming { agent } = &prepare.stage else { return };
    if let Some(holder) = sessions.of_agent(agent.as_str()) {
        if prepare.override_ {
            return win(turn, prepares, sessions, cti, number);
        }
        let holder = Holder {
            instance: turn.config.instance.clone(),
            client: holder.client.clone(),
            since: holder.since,
            calls: calls_of(reports, agent),
        };
        return confirm(turn, prepares, cti, number, &holder);
    }
    let client = turn.links.get(prepare.asked.reply.link).map_or("", Link::client).to_owned();
    match directory::claim(turn, ClaimNo(number.0), &agent.clone(), prepare.override_, &client) {
        Claiming::Won => win(turn, prepares, sessions, cti, number),
        Claiming::Asked(_) => {}
    }
}

/// The calls an agent has. A platform that tells of agents alone says by a state that there is one.
fn calls_of(reports: &Reports, agent: &AgentId) -> u32 {
    let state = crate::session::state_of(&reports.roster, agent.as_str());
    reports.journeys.calls_of(agent).max(u32::from(state.is_some_and(crate::session::is_ongoing)))
}

/// The directory answered.
pub(crate) fn claimed(
    turn: &mut Turn<'_>,
    prepares: &mut Prepares,
    sessions: &mut Sessions,
    cti: &mut CtiState,
    reports: &Reports,
    claim: ClaimNo,
    answer: ClaimAnswer,
) {
    let number = RequestNo(claim.0);
    if !matches!(answer, ClaimAnswer::Lost { .. })
        && let Some(agent) = prepares.orphans.shift_remove(&claim.0)
    {
        turn.timers.clear(TimerName::Request(number));
        // Nobody knows what became of one that could not be answered, nor of one before it that was given up: a claim that
        // may have been won is given back.
        if matches!(answer, ClaimAnswer::Won | ClaimAnswer::Unavailable) {
            turn.vacated.push(agent);
        }
        return;
    }
    let waiting = prepares.pending.get(&claim.0).and_then(|prepare| match &prepare.stage {
        Stage::Claiming { agent } => Some((agent.clone(), prepare.override_, prepare.asked.clone())),
        Stage::Verifying => None,
    });
    match (answer, waiting) {
        (ClaimAnswer::Won, Some((agent, override_, _))) => {
            if sessions.of_agent(agent.as_str()).is_some() && !override_ {
                // Two of this instance's clients asked at once: the first has it by now.
                return seek(turn, prepares, sessions, cti, reports, number);
            }
            win(turn, prepares, sessions, cti, number);
        }
        (ClaimAnswer::Held { instance, client, since, calls }, Some(_)) => {
            confirm(turn, prepares, cti, number, &Holder { instance, client, since, calls });
        }
        (ClaimAnswer::Unavailable, Some((agent, _, asked))) => {
            turn.fail(&asked, &Failure::new(Code::DomainUnavailable).retry_after_ms(2_000));
            prepares.take(turn, cti, number.0);
            // It may have been won nevertheless, by this request or by an abandoned one before it.
            turn.vacated.push(agent);
        }
        (ClaimAnswer::Lost { agent, client }, _) => {
            if let Some(session) = sessions.of_agent(agent.as_str()) {
                let serial = session.serial;
                sessions.end(turn, serial, &End::Superseded { client, peer: Box::default() });
            }
        }
        // Answered twice, or never asked.
        (ClaimAnswer::Won | ClaimAnswer::Held { .. } | ClaimAnswer::Unavailable, None) => {}
    }
}

/// The claim is won: the old session ends, the new one is prepared.
fn win(turn: &mut Turn<'_>, prepares: &mut Prepares, sessions: &mut Sessions, cti: &mut CtiState, number: RequestNo) {
    let Some(prepare) = prepares.pending.get_mut(&number.0) else { return };
    let Stage::Claiming { agent } = &prepare.stage else { return };
    let agent = agent.clone();
    let owner = prepare.asked.reply.link;
    if let Some(old) = sessions.of_agent(agent.as_str()) {
        let serial = old.serial;
        let client = turn.links.get(owner).map_or_else(Box::default, |link| link.client().into());
        sessions.end(turn, serial, &End::Superseded { client, peer: prepare.address.clone() });
    }
    audit(turn, AuditAction::SignIn, &agent, &prepare.asked, &prepare.address, "");
    let (model, peer) = (prepare.model.clone(), prepare.address.clone());
    let new = NewSession { agent, model, owner, peer, credentials: Some(prepare.password) };
    let resource = sessions.prepare(turn, new);
    turn.counters.answered += 1;
    turn.respond(&prepare.asked.reply, |out, splices| {
        write::text_property(out, "command", &prepare.asked.command);
        out.extend_from_slice(b",\"result\":\"success\",\"resource\":{");
        write::text_property(out, "id", &resource);
        out.extend_from_slice(b",\"data\":");
        prepare.data.write(out, splices);
        out.push(b'}');
    });
    // The password is the session's now, until it starts.
    let password = prepare.password;
    prepare.secrets.retain(|secret| *secret != password);
    prepares.take(turn, cti, number.0);
}

/// Who holds an agent's session.
struct Holder {
    instance: Box<str>,
    client: Box<str>,
    since: Time,
    calls: u32,
}

fn confirm(turn: &mut Turn<'_>, prepares: &mut Prepares, cti: &mut CtiState, number: RequestNo, holder: &Holder) {
    let Some(prepare) = prepares.pending.get(&number.0) else { return };
    let Stage::Claiming { agent } = &prepare.stage else { return };
    let minutes = turn.now.since(holder.since).as_secs() / 60;
    let ago = match minutes {
        0 => "less than a minute".to_owned(),
        1 => "a minute".to_owned(),
        2..60 => format!("{minutes} minutes"),
        _ => format!("{} h {} min", minutes / 60, minutes % 60),
    };
    let calls = match holder.calls {
        0 => "no call is in progress".to_owned(),
        1 => "one call is in progress".to_owned(),
        calls => format!("{calls} calls are in progress"),
    };
    let client = if holder.client.is_empty() { "another client" } else { &holder.client };
    let message = format!(
        "Agent {agent} has had a session for {ago}, from {client}; {calls}. Take it over by sending `override` true."
    );
    turn.counters.answered += 1;
    turn.respond(&prepare.asked.reply, |out, splices| {
        write::text_property(out, "command", &prepare.asked.command);
        out.extend_from_slice(b",\"result\":\"confirm\",");
        write::text_property(out, "message", &message);
        out.extend_from_slice(b",\"original\":");
        prepare.asked.original.write(out, splices);
        out.extend_from_slice(b",\"details\":{");
        write::text_property(out, "agentId", agent.as_str());
        out.push(b',');
        write::number_property(out, "since", holder.since.as_millis());
        out.push(b',');
        write::text_property(out, "client", &holder.client);
        out.push(b',');
        write::text_property(out, "instance", &holder.instance);
        out.push(b',');
        write::number_property(out, "calls", holder.calls.into());
        out.push(b'}');
    });
    prepares.take(turn, cti, number.0);
}

//! What the platform tells by itself: agents, teams, configuration, calls.

use super::adapter::UccxAdapter;
use super::codec::Message;
use super::codec::names::agent_state;
use super::mapping::{Calls, Directory, RoleRules, Roster, Turn, Unheeded, login_id};
use super::session::Session;
use crate::cti::Event;

/// Where what is told goes.
struct Target<'a> {
    roster: &'a mut Roster,
    before: Option<&'a Roster>,
    rules: &'a RoleRules,
    records_max: usize,
}

impl UccxAdapter {
    /// Takes messages that tell something; whether this was one.
    pub(super) fn on_platform(&mut self, message: &Message<'_>) -> bool {
        if !matches!(self.session, Session::Open(_)) {
            return false;
        }
        self.on_people(message) || self.on_configuration(message) || self.on_call(message)
    }

    fn on_people(&mut self, message: &Message<'_>) -> bool {
        let now = self.now;
        match message {
            Message::AgentStateEvent(event) => {
                self.tell(|target| target.roster.agent_state(now, event, target.before, target.records_max));
                if event.agent_state == agent_state::LOGOUT
                    && let Some(agent) = login_id(event.agent_id)
                {
                    self.agent_left(&agent);
                }
            }
            Message::TeamConfigEvent(event) => {
                self.progress();
                let goes_on = self.staging.as_ref().unwrap_or(&self.roster).goes_on(event);
                self.tell(|target| target.roster.team(event, target.rules, target.records_max));
                self.tell(|target| target.roster.team_queues(event, goes_on));
            }
            _ => return false,
        }
        true
    }

    fn on_configuration(&mut self, message: &Message<'_>) -> bool {
        let now = self.now;
        match message {
            Message::ConfigKeyEvent(_) => self.keys_told(),
            Message::ConfigBeginEvent(event) => self.configuration_begins(event.configuration_mask),
            Message::ConfigEndEvent(event) => self.configuration_ends(event.status, event.text),
            Message::ConfigApplicationEvent(_) => self.progress(),
            Message::ConfigAgentEvent(event) => {
                self.progress();
                for record in event.records {
                    self.tell(|target| target.roster.agent_record(now, &record, target.before, target.records_max));
                    self.tell(|target| target.roster.agent_queues(&record));
                }
            }
            Message::ConfigCsqEvent(event) => {
                self.progress();
                for record in event.records {
                    self.tell(|target| target.roster.queue_record(&record, target.records_max));
                }
            }
            Message::ConfigDeviceEvent(event) => {
                self.progress();
                for record in event.records {
                    self.tell(|target| target.roster.device_record(&record, target.records_max).map(|()| None));
                }
            }
            _ => return false,
        }
        true
    }

    /// Takes something into what is being read, or into what is known; then it is news for the engine.
    fn tell(&mut self, take: impl FnOnce(Target<'_>) -> Result<Option<Event>, Unheeded>) {
        let (rules, records_max) = (&self.rules, self.config.records_max as usize);
        let reading = self.staging.is_some();
        let taken = match &mut self.staging {
            Some(roster) => take(Target { roster, before: Some(&self.roster), rules, records_max }),
            None => take(Target { roster: &mut self.roster, before: None, rules, records_max }),
        };
        match taken {
            Ok(Some(event)) if self.told_up && !reading => self.emit(event),
            Ok(_) => {}
            Err(Unheeded::Unexpected) => self.diagnostics.unexpected += 1,
            Err(Unheeded::Full) => self.diagnostics.dropped += 1,
        }
    }

    fn on_call(&mut self, message: &Message<'_>) -> bool {
        let mut out = Vec::new();
        let begins = matches!(message, Message::BeginCallEvent(_));
        let consulting = if begins { self.pending.consulting() } else { Vec::new() };
        let directory = Directory {
            now: self.staging.as_ref().unwrap_or(&self.roster),
            before: self.staging.as_ref().map(|_| &self.roster),
            applications: &self.config.applications,
        };
        let mut turn = Turn { now: self.now, directory, consulting: &consulting, out: &mut out, unexpected: 0 };
        let heeded = apply(&mut self.calls, &mut turn, message);
        self.diagnostics.unexpected += turn.unexpected;
        if !out.is_empty() {
            self.emit_calls(out);
        }
        heeded
    }
}

/// Hands a call event to what it does; whether it was one.
fn apply(calls: &mut Calls, turn: &mut Turn<'_>, message: &Message<'_>) -> bool {
    match message {
        Message::BeginCallEvent(event) => calls.begin(turn, event),
        Message::EndCallEvent(event) => calls.end_call(turn, event),
        Message::CallDataUpdateEvent(event) => calls.data_update(turn, event),
        Message::CallServiceInitiatedEvent(event) => {
            let id = event.calling_device_id.or(event.connection_device_id);
            calls.dials(turn, event.connection_call_id, event.calling_device_type, id);
        }
        Message::CallOriginatedEvent(event) => {
            let id = event.calling_device_id.or(event.connection_device_id);
            calls.dials(turn, event.connection_call_id, event.calling_device_type, id);
        }
        Message::CallDeliveredEvent(event) => calls.delivered(turn, event),
        Message::CallQueuedEvent(event) => calls.queued(turn, event),
        Message::CallDequeuedEvent(event) => calls.dequeued(turn, event),
        Message::CallDivertedEvent(event) => calls.diverted(turn, event),
        Message::CallEstablishedEvent(event) => calls.established(turn, event),
        Message::CallHeldEvent(event) => {
            let id = event.holding_device_id.or(event.connection_device_id);
            calls.holds(turn, event.connection_call_id, event.holding_device_type, id, true);
        }
        Message::CallRetrievedEvent(event) => {
            let id = event.retrieving_device_id.or(event.connection_device_id);
            calls.holds(turn, event.connection_call_id, event.retrieving_device_type, id, false);
        }
        Message::CallConferencedEvent(event) => calls.conferenced(turn, event),
        Message::CallTransferredEvent(event) => calls.transferred(turn, event),
        Message::CallConnectionClearedEvent(event) => calls.left(turn, event),
        Message::CallClearedEvent(event) => calls.cleared(turn, event),
        Message::CallFailedEvent(event) => calls.failed(turn, event),
        _ => return false,
    }
    true
}

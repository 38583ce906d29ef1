//! Sockets: which one there is, when another is opened, and whether the present one lives.

use std::time::Duration;

use super::connection::{Loss, LossReason};
use super::limits;
use super::link::Link;
use super::output::{DeskOutput, EndReason, TokenPurpose};
use super::phase::Phase;
use super::problem::{Local, Problem};
use super::reports::Reports;
use super::{Answer, Desk, Network};
use crate::failure::Code;
use crate::secret::Secret;

impl Desk {
    pub(super) fn start(&mut self) {
        if matches!(self.phase, Phase::Idle | Phase::Closed) {
            self.reports.begin(self.now);
            self.connect();
        }
    }

    pub(super) fn stop(&mut self) {
        if matches!(self.phase, Phase::Idle | Phase::Closed) {
            return;
        }
        if matches!(self.phase, Phase::Live(_)) {
            self.send(r#"{"messageType":"disconnect"}"#.into());
        }
        self.drop_socket(1000, "stopped");
        for call in self.calls.ids() {
            self.answer(call, Answer::Failure { failure: Problem::local(Local::Stopped) });
        }
        self.end_all_mirrors(EndReason::Stopped);
        self.table.clear();
        self.link = Link::default();
        self.token = None;
        self.renew_at = None;
        self.pump_at = None;
        self.network = Network::default();
        self.reports = Reports::default();
        self.backoff.reset();
        self.enter(Phase::Closed);
    }

    pub(super) fn retry(&mut self) {
        match &self.phase {
            Phase::Waiting { .. } | Phase::Offline { .. } | Phase::Moved { .. } => self.connect(),
            Phase::Refused { .. } => {
                // What was refused may have been this link: another subject's token, for one.
                self.link.key = None;
                self.backoff.reset();
                self.connect();
            }
            Phase::Live(_) => self.probe(LossReason::Asked),
            Phase::Idle | Phase::Token { .. } | Phase::Opening { .. } | Phase::Greeting { .. } | Phase::Closed => {}
        }
    }

    /// Asks for a token, or for a socket.
    fn connect(&mut self) {
        if self.config.token {
            self.enter(Phase::Token { since: self.now });
            self.outbox.push_back(DeskOutput::WantToken { purpose: TokenPurpose::Connect });
        } else {
            self.open();
        }
    }

    fn open(&mut self) {
        self.attempt += 1;
        let url = self.addresses.next();
        self.outbox.push_back(DeskOutput::Open { attempt: self.attempt, url: url.clone() });
        self.enter(Phase::Opening { attempt: Some(self.attempt), url, since: self.now });
    }

    pub(super) fn token_given(&mut self, token: &str) {
        if token.len() > limits::DATA_BYTES_MAX || token.is_empty() {
            self.token_failed("it is empty, or longer than any server takes", false);
            return;
        }
        let secret = Secret::new(token.to_owned());
        match self.phase {
            Phase::Token { .. } => {
                self.token = Some(secret);
                self.open();
            }
            Phase::Live(_) => self.authenticate(secret),
            // The next attempt asks for one of its own.
            _ => {}
        }
    }

    pub(super) fn token_failed(&mut self, why: &str, again: bool) {
        let problem = Problem::local(Local::TokenUnavailable).say(why);
        match self.phase {
            Phase::Token { .. } if again => {
                self.lose(Loss { reason: LossReason::Token, code: None, message: why.into() }, limits::BACKOFF_FIRST);
            }
            Phase::Token { .. } => self.refuse(problem),
            Phase::Live(_) => {
                self.renew_at = again.then(|| self.now + limits::TOKEN_AGAIN);
                self.outbox.push_back(DeskOutput::Warning(problem));
            }
            _ => {}
        }
    }

    pub(super) fn opened(&mut self, attempt: u64) {
        let Phase::Opening { attempt: own, url, since } = &self.phase else { return };
        if *own != Some(attempt) {
            return;
        }
        let (url, since) = (url.clone(), *since);
        let is_resuming = self.link.key.is_some();
        let text = self.hello();
        self.send(text);
        // The application sees one state: it is connecting.
        self.phase = Phase::Greeting { attempt: Some(attempt), url, since, is_resuming };
    }

    pub(super) fn text(&mut self, attempt: u64, text: &str) {
        if self.phase.attempt() != Some(attempt) {
            return;
        }
        if text.len() > limits::MESSAGE_BYTES_MAX {
            self.nonsense("a message is longer than any a server sends");
            return;
        }
        match &mut self.phase {
            Phase::Live(live) => {
                live.heard = self.now;
                live.probe = None;
                self.message(text);
            }
            Phase::Greeting { .. } => self.greeted(text),
            _ => {}
        }
    }

    pub(super) fn binary(&mut self, attempt: u64) {
        if self.phase.attempt() == Some(attempt) {
            self.nonsense("a binary frame came");
        }
    }

    pub(super) fn closed(&mut self, attempt: u64, code: u16, reason: &str) {
        if self.phase.attempt() != Some(attempt) {
            return;
        }
        let opening = matches!(self.phase, Phase::Opening { .. });
        let loss = |kind, message: &str| {
            let message = if reason.is_empty() { message.into() } else { format!("{message}: {reason}").into() };
            Loss { reason: kind, code: Some(code), message }
        };
        let (loss, at_least) = match code {
            // The protocol's own codes mean something only from whoever speaks it.
            _ if opening => (loss(LossReason::Unreachable, "no connection came to be"), Duration::ZERO),
            4000 => {
                let problem = Problem::local(Local::Refused);
                self.forget_socket();
                self.refuse(if reason.is_empty() { problem } else { problem.say(reason) });
                return;
            }
            4001 => {
                self.forget_socket();
                self.moved();
                return;
            }
            1012 => (loss(LossReason::Restarting, "the server restarts"), Duration::ZERO),
            4002 => (loss(LossReason::Silent, "the server heard nothing for too long"), Duration::ZERO),
            4003 => (loss(LossReason::Token, "the token expired"), Duration::ZERO),
            4007 => (loss(LossReason::Elsewhere, "the link lives on another instance"), Duration::ZERO),
            4008 => (loss(LossReason::Slow, "messages were read too slowly"), Duration::ZERO),
            4029 => (loss(LossReason::Flood, "too many requests"), limits::FLOOD_WAIT),
            _ => (loss(LossReason::Closed, "the connection closed"), Duration::ZERO),
        };
        self.forget_socket();
        self.lose(loss, at_least);
    }

    /// The socket is lost, or none came to be: another attempt is made, not before so long.
    pub(super) fn lose(&mut self, why: Loss, at_least: Duration) {
        // A link that stood is looked for where it was, before it is looked for anywhere else.
        if !matches!(self.phase, Phase::Live(_)) {
            self.addresses.rotate();
        }
        // Where nothing came for so long the socket was dead by then, and nobody told: as when this machine slept.
        let lost_at = match &self.phase {
            Phase::Live(live) if self.now > live.heard + live.heartbeat + limits::PROBE_WITHIN => live.heard,
            _ => self.now,
        };
        self.drop_socket(4002, "given up");
        self.reports.lost(lost_at);
        self.link.pause();
        if self.is_online {
            let wait = self.backoff.draw(at_least);
            let failed = self.backoff.failed;
            self.backoff.failed += 1;
            self.enter(Phase::Waiting { next_at: self.now + wait, why, failed });
        } else {
            self.enter(Phase::Offline { until: self.now + limits::OFFLINE_RECHECK });
        }
    }

    /// The server sends this client to another instance; that is asked at once.
    pub(super) fn go_elsewhere(&mut self, url: &str) {
        self.backoff.elsewhere += 1;
        let is_fit = self.addresses.go(url);
        let message = format!("the link lives on another instance: {url}").into();
        let loss = Loss { reason: LossReason::Elsewhere, code: None, message };
        if !is_fit || self.backoff.elsewhere > limits::ELSEWHERE_MAX {
            self.lose(loss, limits::BACKOFF_FIRST);
            return;
        }
        self.drop_socket(1000, "elsewhere");
        self.reports.lost(self.now);
        self.link.pause();
        self.connect();
    }

    /// The server broke the protocol. The link is resumed once; if it is broken again it is given up, and in the end the server.
    pub(super) fn nonsense(&mut self, what: &str) {
        self.backoff.nonsense += 1;
        if self.backoff.nonsense >= limits::NONSENSE_MAX {
            self.refuse(Problem::local(Local::Nonsense).say(&format!("What was wrong: {what}.")));
            return;
        }
        if self.backoff.nonsense > 1 && self.link.key.take().is_some() {
            self.reports.give_up();
        }
        let message = format!("the server broke the protocol: {what}").into();
        self.lose(Loss { reason: LossReason::Nonsense, code: None, message }, Duration::ZERO);
    }

    /// Nothing more is tried before the user's act.
    pub(super) fn refuse(&mut self, failure: Problem) {
        self.drop_socket(1000, "refused");
        self.reports.lost(self.now);
        self.link.pause();
        self.give_up_calls(&failure);
        self.enter(Phase::Refused { since: self.now, failure });
    }

    /// Another socket took the link over.
    pub(super) fn moved(&mut self) {
        self.drop_socket(1000, "moved");
        self.reports.lost(self.now);
        self.link.pause();
        self.give_up_calls(&Problem::local(Local::Moved));
        self.enter(Phase::Moved { since: self.now });
    }

    pub(super) fn network_changed(&mut self, online: bool) {
        self.is_online = online;
        match (&self.phase, online) {
            (Phase::Live(_), _) => self.probe(LossReason::Network),
            (Phase::Waiting { .. } | Phase::Offline { .. }, true) => self.connect(),
            (Phase::Waiting { .. }, false) => {
                self.enter(Phase::Offline { until: self.now + limits::OFFLINE_RECHECK });
            }
            _ => {}
        }
    }

    pub(super) fn visible(&mut self) {
        match self.phase {
            Phase::Live(_) => self.probe(LossReason::Slept),
            Phase::Waiting { .. } => self.connect(),
            _ => {}
        }
    }

    /// Nothing was fed for so long after it was due: this machine slept, or held the page up.
    pub(super) fn slept(&mut self, late: Duration) {
        self.calls.postpone(late);
        if matches!(self.phase, Phase::Live(_)) {
            self.probe(LossReason::Slept);
        }
    }

    /// Makes sure that the socket lives: something has to come soon.
    fn probe(&mut self, doubt: LossReason) {
        let now = self.now;
        let Phase::Live(live) = &mut self.phase else { return };
        let until = now + limits::PROBE_WITHIN;
        live.probe = Some(live.probe.filter(|before| *before > now).map_or(until, |before| before.min(until)));
        live.doubt = doubt;
        self.ping(None);
    }

    pub(super) fn fire_phase(&mut self, late: Duration) {
        if self.phase.deadline().is_none_or(|at| at > self.now) {
            return;
        }
        let loss = |reason, message: &str| Loss { reason, code: None, message: message.into() };
        match &mut self.phase {
            Phase::Token { .. } => {
                self.lose(loss(LossReason::Token, "no token was given in time"), Duration::ZERO);
            }
            Phase::Opening { .. } => {
                self.lose(loss(LossReason::Unreachable, "no connection came to be in time"), Duration::ZERO);
            }
            Phase::Greeting { .. } => {
                self.lose(loss(LossReason::Unanswered, "the server did not answer in time"), Duration::ZERO);
            }
            Phase::Waiting { .. } | Phase::Offline { .. } => self.connect(),
            Phase::Live(live) => match live.probe {
                None => {
                    live.probe = Some(self.now + live.heartbeat * (limits::SILENT_BEATS - 1));
                    live.doubt = LossReason::Silent;
                    self.ping(None);
                }
                // Whoever was held up has not read what came meanwhile.
                Some(_) if late > limits::HELD_UP_AFTER => live.probe = Some(self.now + limits::PROBE_WITHIN),
                Some(_) => {
                    let doubt = live.doubt;
                    self.lose(loss(doubt, "nothing came for too long"), Duration::ZERO);
                }
            },
            Phase::Idle | Phase::Moved { .. } | Phase::Refused { .. } | Phase::Closed => {}
        }
    }

    /// Sends a `ping`; a numbered one marks a place in what comes.
    pub(super) fn ping(&mut self, number: Option<u64>) {
        let text = match number {
            None => r#"{"messageType":"ping"}"#.into(),
            Some(number) => format!(r#"{{"messageType":"ping","requestId":"m{number}"}}"#).into(),
        };
        self.send(text);
    }

    pub(super) fn acknowledge(&mut self) {
        if let Some(seq) = self.link.acknowledge(self.now) {
            self.send(format!(r#"{{"messageType":"ack","seq":{seq}}}"#).into());
        }
    }

    /// Sends a message on the socket there is.
    pub(super) fn send(&mut self, text: Box<str>) {
        if let Some(attempt) = self.phase.attempt() {
            self.outbox.push_back(DeskOutput::Send { attempt, text });
        }
    }

    /// Enters a phase, and tells the application if it sees a difference.
    pub(super) fn enter(&mut self, phase: Phase) {
        let before = self.connection();
        self.phase = phase;
        let after = self.connection();
        if before != after {
            self.outbox.push_back(DeskOutput::Connection(after));
        }
    }

    /// Closes the socket there is. A link that stood for a while counts as a good one.
    fn drop_socket(&mut self, code: u16, reason: &str) {
        if let Some(attempt) = self.phase.attempt() {
            self.outbox.push_back(DeskOutput::Close { attempt, code, reason: reason.into() });
        }
        self.forget_socket();
    }

    /// The socket there was is gone.
    fn forget_socket(&mut self) {
        match &mut self.phase {
            Phase::Live(live) => {
                live.attempt = None;
                if self.now.since(live.since) >= limits::STABLE_AFTER {
                    self.backoff.reset();
                }
            }
            Phase::Opening { attempt, .. } | Phase::Greeting { attempt, .. } => *attempt = None,
            Phase::Idle
            | Phase::Token { .. }
            | Phase::Waiting { .. }
            | Phase::Offline { .. }
            | Phase::Moved { .. }
            | Phase::Refused { .. }
            | Phase::Closed => {}
        }
    }

    /// Answers every call: what was sent may have been done, what was not was not.
    fn give_up_calls(&mut self, failure: &Problem) {
        for call in self.calls.ids() {
            let was_sent = self.was_sent(call);
            let failure = if was_sent { Problem::of(Code::RequestOutcomeUnknown) } else { failure.clone() };
            self.answer(call, Answer::Failure { failure });
        }
        self.drop_answered();
        self.stale_mirrors();
    }
}

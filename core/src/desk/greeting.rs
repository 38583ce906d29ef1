//! `connect` and its answer: a link that goes on, or a fresh one.

use std::time::Duration;

use super::connection::{FreshReason, Loss, LossReason};
use super::limits;
use super::link::Link;
use super::output::{DeskOutput, EndReason};
use super::pending::{Owner, Recipient, property};
use super::phase::{Live, Phase};
use super::problem::Problem;
use super::read::{self, Connected, Envelope};
use super::{Answer, Desk};
use crate::failure::Code;
use crate::wire::write;

impl Desk {
    /// `connect`, with the link there is.
    pub(super) fn hello(&mut self) -> Box<str> {
        let mut out = br#"{"messageType":"connect","requestId":"0","protocol":1"#.to_vec();
        let client = &self.config.client;
        out.extend_from_slice(b",\"client\":{");
        match (&client.id, &client.name) {
            (Some(id), name) => {
                write::text_property(&mut out, "id", id);
                if let Some(name) = name {
                    property(&mut out, "name", name);
                }
            }
            (None, Some(name)) => write::text_property(&mut out, "name", name),
            (None, None) => {}
        }
        out.push(b'}');
        if let Some(token) = self.token.take() {
            property(&mut out, "token", token.expose());
        }
        let seq = self.link.resume();
        if let Some(key) = &self.link.key {
            out.extend_from_slice(b",\"resume\":{");
            write::text_property(&mut out, "key", key.expose());
            out.push(b',');
            write::number_property(&mut out, "seq", seq);
            out.push(b'}');
        }
        out.push(b'}');
        // INVARIANT: every part is text, and so is what it is joined by.
        String::from_utf8(out).expect("messages are UTF-8").into()
    }

    /// The first message on a socket.
    pub(super) fn greeted(&mut self, text: &str) {
        let Some(envelope) = read::object::<Envelope<'_>>(text) else {
            self.nonsense("the answer to `connect` is no message");
            return;
        };
        match &*envelope.message_type {
            "connected" => match read::object::<Connected<'_>>(text) {
                Some(connected) => self.connected(connected),
                None => self.nonsense("`connected` lacks a property, or has a wrong one"),
            },
            "coreError" => match read::part::<Problem>(envelope.failure) {
                Some(failure) => self.turned_away(failure),
                None => self.nonsense("an error says no failure"),
            },
            "pong" => {}
            _ => self.nonsense("something else came before `connected`"),
        }
    }

    /// `connect` was refused.
    fn turned_away(&mut self, failure: Problem) {
        let wait = failure.retry_after_ms.map(Duration::from_millis);
        match (&*failure.code, wait) {
            ("link.elsewhere", _) => {
                let url = failure.params.get("url").cloned().unwrap_or_default();
                self.go_elsewhere(&url);
            }
            (_, Some(wait)) => self.busy(failure, wait),
            ("rate.limited" | "cti.unavailable" | "domain.unavailable" | "internal.error", None) => {
                self.busy(failure, Duration::ZERO);
            }
            _ => self.refuse(failure),
        }
    }

    fn busy(&mut self, failure: Problem, wait: Duration) {
        self.lose(Loss { reason: LossReason::Busy, code: None, message: failure.message }, wait);
    }

    fn connected(&mut self, connected: Connected<'_>) {
        let Phase::Greeting { attempt, url, is_resuming, .. } = &self.phase else { return };
        let (attempt, url, is_resuming) = (*attempt, url.clone(), *is_resuming);
        if connected.protocol != 1 {
            self.refuse(Problem::of(Code::ProtocolUnsupported).say("The server chose another version."));
            return;
        }
        if connected.resume_key.is_empty() || connected.resume_key.len() > limits::URL_BYTES_MAX {
            self.nonsense("`resumeKey` is no key");
            return;
        }
        let is_same = self.link.key.as_ref().is_some_and(|key| key.expose() == &*connected.resume_key);
        let fresh = match (is_resuming, connected.resumed) {
            (true, Some(true)) if is_same => None,
            (true, Some(true)) => {
                self.nonsense("another link was resumed than the one asked for");
                return;
            }
            (false, Some(true)) => {
                self.nonsense("a link was resumed that was not asked for");
                return;
            }
            (_, Some(false) | None) => Some(reason(connected.reason.as_deref())),
        };
        let key = connected.resume_key.to_owned();
        let live = self.stand(attempt, url, connected);
        match fresh {
            None => self.resume(live),
            Some(reason) => {
                self.link = Link::fresh(&key);
                self.begin_afresh(live, reason);
            }
        }
    }

    fn stand(&mut self, attempt: Option<u64>, url: Box<str>, connected: Connected<'_>) -> Box<Live> {
        self.backoff.elsewhere = 0;
        self.addresses.learn(connected.instances);
        let (shortest, longest) = limits::HEARTBEAT;
        let ours = i64::try_from(self.now.as_millis()).unwrap_or(i64::MAX);
        Box::new(Live {
            attempt,
            url,
            since: self.now,
            server: connected.server,
            client: connected.client,
            guarantee: connected.guarantee,
            clock_ahead_ms: i64::try_from(connected.time).unwrap_or(i64::MAX).saturating_sub(ours),
            heartbeat: Duration::from_millis(connected.heartbeat_ms).clamp(shortest, longest),
            message_bytes: connected.limits.message_bytes,
            requests_per_second: connected.limits.requests_per_second,
            heard: self.now,
            probe: None,
            doubt: LossReason::Silent,
        })
    }

    /// The link goes on: what was not answered is sent again.
    fn resume(&mut self, live: Box<Live>) {
        self.enter(Phase::Live(live));
        let resent = self.table.send_again();
        // It stands behind everything that was sent before, the snapshots that were being read included.
        let mark = self.table.last();
        self.reports.resuming(self.now, resent, mark);
        self.want_mark(mark);
    }

    /// The link is a fresh one: what can be is bound and read anew.
    fn begin_afresh(&mut self, live: Box<Live>, reason: FreshReason) {
        self.enter(Phase::Live(live));
        self.network.begin_afresh();
        self.renew_at = None;
        let (mut unknown, mut lost) = (0, 0);
        for id in self.table.ids() {
            let Some(pending) = self.table.get(id) else { continue };
            let call = match &pending.owner {
                Owner::App(call) => *call,
                Owner::Begin(_) => {
                    self.table.forget_sending(id);
                    continue;
                }
                // Planned anew, or of no use on a link that has no subscriptions.
                Owner::Services { .. }
                | Owner::BindService
                | Owner::BindResource
                | Owner::Authenticate
                | Owner::End => {
                    self.table.remove(id);
                    continue;
                }
            };
            let failure = match (&pending.to, pending.is_sent) {
                (_, true) if !pending.is_repeatable() => {
                    unknown += 1;
                    Problem::of(Code::RequestOutcomeUnknown)
                }
                (Recipient::Resource(_) | Recipient::ResourceBinding(_), _) if self.is_session_of(id) => {
                    Problem::of(Code::ResourceUnknown).say("It is gone with the link it lived by: prepare it again.")
                }
                _ => {
                    self.table.forget_sending(id);
                    continue;
                }
            };
            self.table.remove(id);
            self.answer(call, Answer::Failure { failure });
        }
        for resource in self.mirrors.session_ids() {
            lost += 1;
            self.end_mirror(&(super::MirrorKind::Session, resource), EndReason::LinkLost);
        }
        self.stale_mirrors();
        for key in self.mirrors.begin_all() {
            self.ask_to_begin(key);
        }
        self.reports.fresh(reason, unknown, lost);
    }

    /// Whether a request is for a session that is known.
    fn is_session_of(&self, id: u64) -> bool {
        let Some(Recipient::Resource(resource) | Recipient::ResourceBinding(resource)) =
            self.table.get(id).map(|pending| &pending.to)
        else {
            return false;
        };
        self.mirrors.session(resource).is_some()
    }

    /// Tells what became of the link, as soon as everything is there that was missed.
    pub(super) fn report(&mut self) {
        if let Some(output) = self.reports.take(self.now, self.mirrors.is_settled()) {
            self.outbox.push_back(output);
        }
    }

    /// Places a mark in what comes: when it is answered, everything sent before it was.
    pub(super) fn want_mark(&mut self, mark: u64) {
        self.reports.want_mark(mark);
    }

    /// Sends the mark that is wanted.
    pub(super) fn send_mark(&mut self) {
        if let Some(mark) = self.reports.take_mark() {
            self.ping(Some(mark));
        }
    }

    /// A `pong` came.
    pub(super) fn pong(&mut self, id: Option<&str>) {
        let Some(mark) = id.and_then(|id| id.strip_prefix('m')).and_then(|mark| mark.parse().ok()) else { return };
        self.reports.marked(mark);
        for key in self.mirrors.marked(mark) {
            self.snapshot_complete(&key);
        }
    }

    /// Something went wrong that stops nothing.
    pub(super) fn warn(&mut self, problem: Problem) {
        self.outbox.push_back(DeskOutput::Warning(problem));
    }
}

fn reason(word: Option<&str>) -> FreshReason {
    match word {
        Some("expired") => FreshReason::Expired,
        Some("unknown") => FreshReason::Unknown,
        Some("gap") => FreshReason::Gap,
        Some("instance") => FreshReason::Instance,
        _ => FreshReason::Unsaid,
    }
}

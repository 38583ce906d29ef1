//! Sending what waits to be sent, once everything it needs is there, and no faster than the server serves it.

use super::limits;
use super::network::Ready;
use super::pending::Owner;
use super::phase::Phase;
use super::problem::Problem;
use super::{Answer, Desk};
use crate::failure::Code;

impl Desk {
    /// Sends what can be sent. Called after every input.
    pub(super) fn pump(&mut self) {
        if !matches!(self.phase, Phase::Live(_)) {
            return;
        }
        self.plan();
        self.pump_at = self.pump_at.filter(|at| *at > self.now);
        if self.table.has_unsent() && self.pump_at.is_none() {
            let mut last = 0;
            while let Some(id) = self.table.next_unsent(last) {
                last = id;
                if !self.advance(id) {
                    break;
                }
            }
        }
        self.send_mark();
        self.report();
    }

    /// Sends one request if it is its turn. False where no more may be sent now.
    fn advance(&mut self, id: u64) -> bool {
        let Some(pending) = self.table.get(id) else { return true };
        // What is sent again had everything it needed.
        let ready = if pending.is_sent { Ready::Yes } else { self.network.ready(&pending.to) };
        match ready {
            Ready::Wait => return true,
            Ready::Never(failure) => {
                if let Some(pending) = self.table.remove(id) {
                    self.settle(id, &pending, Answer::Failure { failure });
                }
                return true;
            }
            Ready::Yes => {}
        }
        let Phase::Live(live) = &self.phase else { return false };
        let text = pending.compose(id, self.network.service(), self.network.reports().unwrap_or_default());
        let is_mark_wanted = matches!(pending.owner, Owner::Begin(_));
        let is_own = !matches!(pending.owner, Owner::App(_));
        let deadline = is_own.then(|| self.now + limits::ANSWER_WITHIN);
        if text.len() as u64 > live.message_bytes {
            let failure = Problem::of(Code::RequestTooLarge);
            if let Some(pending) = self.table.remove(id) {
                self.settle(id, &pending, Answer::Failure { failure });
            }
            return true;
        }
        if let Err(again) = self.pace.take(self.now, live.requests_per_second, self.table.in_flight()) {
            self.pump_at = again;
            return false;
        }
        self.table.sent(id, deadline);
        if is_mark_wanted {
            self.want_mark(id);
        }
        self.send(text);
        true
    }
}

//! What follows when a deadline has come, and which of them a stall of the driver moves.

use std::time::Duration;

use super::World;
use crate::attach;
use crate::cti::RequestNo;
use crate::cti_state::Purpose;
use crate::ids::QueryNo;
use crate::output::CloseCode;
use crate::report::resource;
use crate::session;
use crate::timers::TimerName;
use crate::turn::Turn;

impl World {
    /// Everything whose deadline has come.
    pub(super) fn expire(&mut self, turn: &mut Turn<'_>) {
        while let Some((_, name)) = turn.timers.expire(turn.now) {
            match name {
                TimerName::Connect(socket) => {
                    let parted = attach::close(turn, &mut self.sockets, socket, Some(CloseCode::Silent));
                    self.parted(turn, parted);
                }
                TimerName::Heartbeat(socket) => {
                    let parted = attach::heartbeat(turn, &mut self.sockets, socket);
                    self.parted(turn, parted);
                }
                TimerName::LinkGrace(link) => {
                    let parted = attach::end(turn, &mut self.sockets, link, CloseCode::Normal);
                    self.parted(turn, parted);
                }
                TimerName::Token(link) => {
                    let parted = attach::token_due(turn, &mut self.sockets, link);
                    self.parted(turn, parted);
                }
                TimerName::Request(number) => self.deadline(turn, number),
                TimerName::Session(serial) => {
                    session::due(turn, &mut self.sessions, &mut self.cti, &self.reports.roster, serial);
                }
                TimerName::Journeys => self.reports.journeys.tick(turn.now),
                TimerName::Poll(socket) => {
                    let parted = attach::http::poll_due(turn, &mut self.sockets, socket);
                    self.parted(turn, parted);
                }
                TimerName::WrapUp(serial) => {
                    let Self { sessions, cti, calls, reports, .. } = self;
                    session::wrap_up_due(turn, sessions, cti, (calls, &reports.roster), serial);
                }
                TimerName::Calls => self.sweep_calls(turn),
                TimerName::Day => self.new_day(turn),
            }
        }
    }

    fn deadline(&mut self, turn: &mut Turn<'_>, number: RequestNo) {
        match self.cti.asked.swap_remove(&number) {
            Some(Purpose::Login { session }) => self.login_answered(turn, session, None),
            Some(Purpose::Logout { session }) => self.logout_answered(turn, session, None),
            Some(Purpose::Session { session }) => self.session_answered(turn, session, number, None),
            Some(Purpose::Verify | Purpose::Policy) | None => {
                self.prepares.deadline(turn, &mut self.cti, number);
                resource::loaded(turn, &mut self.reports, &self.sessions, QueryNo(number.0), None);
            }
        }
    }

    /// The driver was held up: nobody is blamed for silence meanwhile.
    pub(super) fn stalled(&mut self, turn: &mut Turn<'_>, for_us: u64) {
        let by = Duration::from_micros(for_us);
        for socket in self.sockets.values_mut() {
            socket.heard = (socket.heard + by).min(turn.now);
        }
        turn.timers.postpone(by, |name| match name {
            TimerName::Connect(_) | TimerName::Heartbeat(_) | TimerName::LinkGrace(_) | TimerName::Session(_) => true,
            TimerName::Token(_)
            | TimerName::Request(_)
            | TimerName::Journeys
            | TimerName::Poll(_)
            | TimerName::WrapUp(_)
            | TimerName::Calls
            | TimerName::Day => false,
        });
    }
}

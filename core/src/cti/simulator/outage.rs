//! The connection to the platform: made, lost, made again; and the whole truth told each time it is made.

use super::Simulator;
use super::reasons;
use super::timers::Timer;
use super::world::Link;
use crate::cti::{CallEvent, Event, Offers, Platform, ReportKind};

impl Simulator {
    /// Somebody listens for the first time.
    pub(super) fn begin(&mut self) {
        self.come_up();
        let every = self.scenario.operations.outage_every_ms;
        if every != 0 {
            self.after(every, Timer::Outage);
        }
    }

    /// The connection breaks as regularly as the scenario says.
    pub(super) fn periodic_outage(&mut self) {
        let operations = &self.scenario.operations;
        let (every, lasts) = (operations.outage_every_ms, operations.outage_ms);
        self.after(every, Timer::Outage);
        self.lose(lasts);
    }

    /// The connection breaks for a while; one that is broken already stays so until the later of both ends.
    pub(super) fn lose(&mut self, for_ms: u64) {
        if self.link == Link::Unborn {
            return;
        }
        if self.link == Link::Up {
            self.emit(Event::Down { why: "the connection to the platform was lost".into() });
            self.link = Link::Down;
        }
        self.outages += 1;
        let outage = self.outages;
        self.after(for_ms, Timer::Restore { outage });
    }

    /// The connection stands again, unless it broke anew meanwhile.
    pub(super) fn restore(&mut self, outage: u64) {
        if self.link == Link::Down && outage == self.outages {
            self.come_up();
        }
    }

    fn come_up(&mut self) {
        self.link = Link::Up;
        let platform = self.platform();
        self.emit(Event::Up(platform));
        self.emit(Event::ResyncBegin);
        let truth = self.truth();
        let mut events: Vec<Event> = Vec::new();
        events.extend(truth.queues().map(Event::Queue));
        events.extend(truth.agents().map(Event::Agent));
        events.extend(truth.teams().map(Event::Team));
        events.extend(truth.serves().map(Event::Serves));
        events.extend(truth.statuses().map(Event::AgentStatus));
        events.extend(truth.calls().map(|call| Event::Call(CallEvent::Seen(call))));
        for event in events {
            self.emit(event);
        }
        self.emit(Event::ResyncEnd);
    }

    fn platform(&self) -> Platform {
        let offers_chat = self.queues.iter().any(|queue| queue.chats_per_hour != 0);
        let offers_email = self.queues.iter().any(|queue| queue.emails_per_hour != 0);
        let scripted = |media| {
            let offers = |act: &super::Act| matches!(act, super::Act::Call { media: m, .. } if *m == media);
            self.scenario.script.iter().any(|entry| offers(&entry.act))
        };
        Platform {
            vendor: "Simulated UCCX".into(),
            version: "12.5(1)SU1".into(),
            offers: Offers {
                channel_groups: true,
                telephony: true,
                chat: offers_chat || scripted(crate::cti::Media::Chat),
                email: offers_email || scripted(crate::cti::Media::Email),
                consult: true,
                blind_transfer: true,
                blind_conference: true,
                alternate: true,
                dtmf: true,
                recording: true,
                recording_pause: true,
                channel_activation: true,
                supervise: true,
                logout_reason_required: self.scenario.logout_reason_required,
                reports: true,
                call_journey_live: true,
            },
            reports: Some(ReportKind::Uccx),
            not_ready_reasons: reasons::codes(&reasons::NOT_READY),
            logout_reasons: reasons::codes(&reasons::LOGOUT),
            wrap_up_codes: reasons::codes(&reasons::WRAP_UP),
        }
    }
}

//! An engine with a client: what it sees of the events it is fed.

use std::borrow::Cow;

use interaction_core::config::{Config, Seed};
use interaction_core::cti::Event;
use interaction_core::engine::Engine;
use interaction_core::ids::{SecretRef, SocketId};
use interaction_core::input::{Access, Frame, FreshKey, Input, KeyHash, Scopes};
use interaction_core::output::Output;
use interaction_core::report::journey::JourneyRecord;
use interaction_core::time::Time;
use interaction_core::wire::intake::intake;

/// An engine with one client that watches the teams of some.
pub(crate) struct Watched {
    engine: Engine,
    /// Every team-status message the client got.
    pub(crate) seen: Vec<String>,
    /// Every journey that was handed to the store.
    #[allow(dead_code, reason = "not every test that includes this looks at journeys")]
    pub(crate) stored: Vec<JourneyRecord>,
}

impl Watched {
    pub(crate) fn new(now: Time, events: Vec<Event>, watches: &[&str]) -> Self {
        let mut config = Config::default();
        // The client neither pings nor acknowledges.
        (config.limits.heartbeat_ms, config.limits.replay_bytes, config.limits.pending_bytes) =
            (u32::MAX, u32::MAX, u32::MAX);
        let mut watched = Self { engine: Engine::new(config, Seed(7), now), seen: Vec::new(), stored: Vec::new() };
        watched.tell(now, events);
        let access = Access::Open(Scopes::LOOPBACK);
        let key = FreshKey { secret: SecretRef(1), hash: KeyHash([3; 32]) };
        watched.feed(now, Input::SocketOpened { socket: SocketId(1), peer: "127.0.0.1".into(), access, key });
        let begin = |agent: &&str| {
            format!(
                r#"{{"messageType":"resourceRequest","requestId":"{agent}","serviceId":"processor","resourceId":"reports","request":{{"command":"report.teamstatus.begin","data":{{"agentId":"{agent}"}}}}}}"#
            )
        };
        let opening = [
            r#"{"messageType":"connect","requestId":"1","client":{"name":"wallboard"}}"#,
            r#"{"messageType":"coreRequest","requestId":"2","command":"bindService","serviceId":"processor"}"#,
            r#"{"messageType":"coreRequest","requestId":"3","command":"bindResource","serviceId":"processor","resourceId":"reports"}"#,
        ];
        for frame in opening.into_iter().map(str::to_owned).chain(watches.iter().map(begin)) {
            let intake = intake(frame.as_bytes()).expect("well-formed");
            let frame = Frame::Text { text: intake.text, secrets: Cow::Borrowed(&[]), claims: None };
            watched.feed(now, Input::Frame { socket: SocketId(1), frame });
        }
        watched
    }

    pub(crate) fn tell(&mut self, now: Time, events: Vec<Event>) {
        for event in events {
            self.feed(now, Input::Cti(event));
        }
    }

    fn feed(&mut self, now: Time, input: Input<'_>) {
        self.engine.handle_input(now, input).expect("the driver keeps the rules");
        while let Some(output) = self.engine.poll_output() {
            if let Output::Store { journey } = output {
                self.stored.push(journey.clone());
            }
            output.each_message(|_, head, tail| {
                let message = [head, tail].concat();
                let message = String::from_utf8(message).expect("UTF-8");
                if message.contains("\"resourceEvent\"") && message.contains("report.teamstatus.") {
                    self.seen.push(message);
                }
            });
        }
    }
}

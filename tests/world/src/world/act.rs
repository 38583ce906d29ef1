//! What each kind of step does.

use std::time::Duration;

use interaction_core::cti::{Adapter, Answer, Event, Outcome, RequestNo};
use interaction_core::ids::{AgentId, ClaimNo, QueryNo, SocketId};
use interaction_core::input::{ClaimAnswer, Closed, Frame, Input, MalformedKind, StoreAnswer};
use serde_json::json;

use super::{Claim, Difference, Question, World};
use crate::centre::{AGENTS, Centre, Contacts};
use crate::history::{Kind, Step};
use crate::model::{Fate, Happening, Request};
use crate::rng::Rng;
use crate::setting::Plays;

impl World {
    pub(super) fn act(&mut self, step: Step) -> Result<(), Difference> {
        let rng = &mut Rng::new(step.draw);
        let client = rng.place(self.clients.len());
        match step.kind {
            Kind::Connect => self.connect(client, rng),
            Kind::Listen => self.listen(client, rng),
            Kind::Advance if self.clients[client].is_connected => match self.sensible(client, rng) {
                Some((class, rest)) => self.ask(client, class, rest),
                None => Ok(()),
            },
            Kind::Use if self.clients[client].is_connected => {
                match self.at_the_desk(client, rng).or_else(|| self.sensible(client, rng)) {
                    Some((class, rest)) => self.ask(client, class, rest),
                    None => Ok(()),
                }
            }
            Kind::Ask if self.clients[client].is_connected => {
                let (class, rest) = self.anything(client, rng);
                self.ask(client, class, rest)
            }
            Kind::Advance | Kind::Use | Kind::Ask => self.connect(client, rng),
            Kind::Repeat => self.repeat(client, rng),
            Kind::Acknowledge => self.acknowledge(client, rng),
            Kind::BeRude => self.be_rude(client, rng),
            Kind::Flood => self.flood(client, rng),
            Kind::Lose => self.lose(client, rng),
            Kind::Leave => self.say_on(client, r#"{"messageType":"disconnect"}"#),
            Kind::FallSilent => {
                self.clients[client].is_silent = !self.clients[client].is_silent;
                Ok(())
            }
            Kind::Wait => self.wait(client, rng),
            Kind::Answer => self.answer(rng, false),
            Kind::AnswerOddly => self.answer(rng, true),
            Kind::TellPeople if self.simulator.is_none() => {
                let event = Centre::people(rng, self.now());
                self.tell(event)
            }
            Kind::TellCall if self.setting.plays == Plays::Contacts => {
                let agents = self.model.agents_with_sessions();
                let events = self.contacts.next(rng, &self.model.calls, &agents, self.now());
                events.into_iter().try_for_each(|event| self.tell(Event::Call(event)))
            }
            Kind::TellCall if self.simulator.is_none() => {
                let event = Event::Call(self.centre.call(rng));
                self.tell(event)
            }
            Kind::TellAll if self.simulator.is_none() => self.tell_all(rng),
            Kind::TellPeople | Kind::TellCall | Kind::TellAll => self.pass(Duration::from_millis(rng.below(4_000))),
            Kind::Claim => self.claim(rng),
            Kind::Elsewhere => self.elsewhere(rng),
            Kind::Load => self.load(rng),
            Kind::Pass => {
                let most = rng.pick([200, 200, 2_000, 2_000, 20_000, 90_000]);
                self.pass(Duration::from_millis(rng.below(most)))
            }
            Kind::Sleep => {
                // A simulated centre does in a night what fills a history.
                let longest = if self.simulator.is_some() { 120 } else { 8 * 3600 };
                let seconds = rng.pick([5, 60, longest]);
                self.driver.sleep(Duration::from_secs(seconds));
                self.wake_simulator()?;
                self.happen(Happening::Input(Input::Stalled { for_us: seconds * 1_000_000 }))
            }
            Kind::Oversleep => {
                self.driver.sleep(Duration::from_secs(rng.below(200)));
                self.wake_simulator()
            }
            // It is for good, and much comes before it.
            Kind::ShutDown if rng.once_in(if self.model.platform.is_shutting_down { 2 } else { 24 }) => {
                let grace_ms = rng.pick([0, 5_000]);
                self.happen(Happening::Input(Input::ShutDown { grace_ms }))
            }
            Kind::ShutDown => Ok(()),
            Kind::Restart => self.driver.reincarnate().map_err(|broken| broken.0),
        }
    }

    /// What the simulator did meanwhile comes now.
    fn wake_simulator(&mut self) -> Result<(), Difference> {
        let now = self.now();
        match self.simulator.as_ref().and_then(Adapter::poll_timeout) {
            Some(at) if at <= now => self.simulate(now),
            _ => Ok(()),
        }
    }

    pub(super) fn link_of(&self, client: usize) -> Option<u64> {
        let own = &self.clients[client];
        if own.is_by_http && own.is_connected { self.link_by_key(own.key?) } else { self.model.link_of(own.socket?) }
    }

    pub(super) fn link_by_key(&self, key: u64) -> Option<u64> {
        self.model.links.iter().find(|(_, link)| link.key == key).map(|(number, _)| *number)
    }

    pub(super) fn fresh_socket(&mut self) -> u64 {
        self.last_socket += 1;
        self.last_socket
    }

    fn connect(&mut self, client: usize, rng: &mut Rng) -> Result<(), Difference> {
        if self.clients[client].is_connected && !rng.once_in(6) {
            return Ok(());
        }
        let socket = self.fresh_socket();
        let frame = self.connect_frame(client, rng);
        if self.resumes_uncertainly(&frame) {
            return Ok(());
        }
        if rng.once_in(3) {
            return self.connect_by_http(client, socket, frame, rng);
        }
        let own = &mut self.clients[client];
        let (peer, access) = (own.peer.clone(), own.access);
        let old = own.socket.replace(socket);
        own.is_connected = false;
        own.is_by_http = false;
        own.is_silent = false;
        self.happen(Happening::Opened { socket, peer, access })?;
        // Some never say anything.
        if !rng.once_in(40) {
            self.say(socket, frame)?;
        }
        match old.filter(|old| self.model.sockets.contains_key(old)) {
            Some(old) => self.close(old),
            None => Ok(()),
        }
    }

    /// Whether what the `connect` asks for depends on how the engine counts bytes.
    fn resumes_uncertainly(&self, frame: &str) -> bool {
        let message: serde_json::Value = serde_json::from_str(frame).unwrap_or_default();
        let key =
            message["resume"]["key"].as_str().and_then(|key| key.strip_prefix("resume-key-")?.parse::<u64>().ok());
        let link = self.model.links.values().find(|link| Some(link.key) == key);
        let seq = message["resume"]["seq"].as_u64().unwrap_or(0);
        link.is_some_and(|link| link.can_resume(seq) == Fate::Open)
    }

    fn ask(&mut self, client: usize, class: &str, mut message: serde_json::Value) -> Result<(), Difference> {
        let own = &mut self.clients[client];
        let request = own.next_request();
        message["messageType"] = class.into();
        message["requestId"] = request.as_str().into();
        let text = message.to_string();
        if class != "ping" {
            own.asked.push((request, text.clone()));
        }
        self.say_on(client, &text)
    }

    fn say(&mut self, socket: u64, text: String) -> Result<(), Difference> {
        self.happen(Happening::Said { socket, text })
    }

    fn say_on(&mut self, client: usize, text: &str) -> Result<(), Difference> {
        let own = &self.clients[client];
        match (own.is_by_http.then_some(own.key).flatten(), own.socket) {
            (Some(key), _) => {
                let socket = self.fresh_socket();
                self.post(client, socket, Some(key), text.to_owned())
            }
            (None, Some(socket)) => self.say(socket, text.to_owned()),
            (None, None) => Ok(()),
        }
    }

    fn repeat(&mut self, client: usize, rng: &mut Rng) -> Result<(), Difference> {
        let Some(link) = self.link_of(client) else { return Ok(()) };
        let (own, link) = (&self.clients[client], &self.model.links[&link]);
        let recent = &own.asked[own.asked.len().saturating_sub(8)..];
        let Some((request, text)) = rng.of(recent) else { return Ok(()) };
        // What is still remembered of the others depends on how the engine counts bytes.
        let is_sure = matches!(link.requests.get(request), Some(Request::InProgress | Request::Answered));
        if link.is_unsure && !(is_sure && link.kept.iter().all(|kept| kept.fate == Fate::Kept)) {
            return Ok(());
        }
        let text = text.clone();
        self.say_on(client, &text)
    }

    fn acknowledge(&mut self, client: usize, rng: &mut Rng) -> Result<(), Difference> {
        let back = if rng.once_in(2) { 0 } else { rng.below(4) };
        let seq = self.clients[client].received.saturating_sub(back);
        if !self.clients[client].is_connected {
            return Ok(());
        }
        self.say_on(client, &json!({"messageType": "ack", "seq": seq}).to_string())
    }

    fn be_rude(&mut self, client: usize, rng: &mut Rng) -> Result<(), Difference> {
        if self.clients[client].is_by_http {
            let large = || format!("\"{}\"", "x".repeat(self.setting.config.limits.message_bytes as usize));
            let frame = if rng.once_in(8) { large() } else { Self::rude_frame(rng) };
            return if self.is_uncertain(client) { Ok(()) } else { self.say_on(client, &frame) };
        }
        let Some(socket) = self.clients[client].socket else { return Ok(()) };
        let socket_id = SocketId(socket);
        match rng.below(12) {
            0 => {
                let frame = Frame::TooLarge { bytes: 1 << 20 };
                self.happen(Happening::Input(Input::Frame { socket: socket_id, frame }))
            }
            1 => {
                let frame = Frame::Malformed { kind: MalformedKind::Binary, bytes: 1 };
                self.happen(Happening::Input(Input::Frame { socket: socket_id, frame }))
            }
            _ => {
                let frame = Self::rude_frame(rng);
                if self.is_uncertain(client) {
                    return Ok(());
                }
                self.say(socket, frame)
            }
        }
    }

    /// Whether what a client asked before may or may not be remembered.
    fn is_uncertain(&self, client: usize) -> bool {
        self.link_of(client).is_some_and(|link| self.model.links[&link].is_unsure)
    }

    fn flood(&mut self, client: usize, rng: &mut Rng) -> Result<(), Difference> {
        if self.setting.config.limits.requests_per_second > 100 {
            return Ok(());
        }
        let times = rng.pick([15, 30, 130]);
        let class = rng.pick(["ping", "coreRequest"]);
        for _ in 0..times {
            self.ask(client, class, json!({"command": "getServices"}))?;
        }
        Ok(())
    }

    fn lose(&mut self, client: usize, rng: &mut Rng) -> Result<(), Difference> {
        if let Some(link) = self.link_of(client) {
            let acked = self.model.links[&link].acked;
            let own = &mut self.clients[client];
            if rng.once_in(2) {
                own.received = acked + rng.below(own.received.saturating_sub(acked) + 1);
            }
        }
        self.clients[client].socket.map_or(Ok(()), |socket| self.close(socket))
    }

    pub(super) fn close(&mut self, socket: u64) -> Result<(), Difference> {
        for client in self.clients.iter_mut().filter(|client| client.socket == Some(socket)) {
            client.parted();
        }
        self.happen(Happening::Input(Input::SocketClosed { socket: SocketId(socket), why: Closed::Gone }))
    }

    fn wait(&mut self, client: usize, rng: &mut Rng) -> Result<(), Difference> {
        let Some(socket) = self.clients[client].socket else { return Ok(()) };
        let bytes = if rng.once_in(2) { u64::from(self.setting.config.limits.pending_bytes) + 1 } else { 0 };
        self.happen(Happening::Input(Input::Backlog { socket: SocketId(socket), bytes }))
    }

    fn tell(&mut self, event: Event) -> Result<(), Difference> {
        self.happen(Happening::Input(Input::Cti(event)))
    }

    fn answer(&mut self, rng: &mut Rng, oddly: bool) -> Result<(), Difference> {
        let place = rng.place(self.commands.len());
        if self.simulator.is_some() {
            return Ok(());
        }
        let (number, outcome) = match self.commands.get(place) {
            None if !oddly => return Ok(()),
            None => (u64::MAX, Centre::odd_answer(rng)),
            Some((number, command, password)) => {
                let right = Centre::answer(command, password.as_deref());
                let outcome = if rng.once_in(12) { Centre::odd_answer(rng) } else { right };
                (*number, outcome)
            }
        };
        let mut effects = Vec::new();
        if self.setting.plays == Plays::Contacts
            && let (Some((_, command, _)), Outcome::Done | Outcome::Call { .. }) = (self.commands.get(place), &outcome)
        {
            effects = self.contacts.effects(rng, command, &self.model.calls);
        }
        // One that is answered oddly is answered again later.
        if !oddly && place < self.commands.len() {
            self.commands.remove(place);
        }
        let answer = Event::Answer(Answer { request: RequestNo(number), outcome });
        // Platforms promise no order between an answer and what comes of it.
        let place = if rng.once_in(2) { 0 } else { effects.len() };
        effects.insert(place, answer);
        if rng.once_in(5) {
            effects.truncate(1);
        }
        effects.into_iter().try_for_each(|event| self.tell(event))
    }

    /// The platform is there, and has told everything.
    pub(super) fn begin_service(&mut self) -> Result<(), Difference> {
        // Some histories begin before the platform is reached.
        if self.setting.seed.is_multiple_of(7) {
            return Ok(());
        }
        self.tell(Event::Up(self.setting.platform.clone()))?;
        self.resync(&mut Rng::new(self.setting.seed))
    }

    fn resync(&mut self, rng: &mut Rng) -> Result<(), Difference> {
        let now = self.now();
        let mut events = self.centre.everything(rng, now);
        if self.setting.plays == Plays::Contacts {
            let seen = Contacts::everything(rng, &self.model.calls, now);
            let end = events.len() - 1;
            events.splice(end..end, seen);
        }
        events.into_iter().try_for_each(|event| self.tell(event))
    }

    fn tell_all(&mut self, rng: &mut Rng) -> Result<(), Difference> {
        match rng.below(8) {
            0..=2 => {
                self.commands.clear();
                self.tell(Event::Down { why: "cable".into() })
            }
            3 => self.tell(Event::Up(self.setting.platform.clone())),
            4 => self.tell(Event::ResyncBegin),
            5 => self.tell(Event::ResyncEnd),
            _ => {
                self.tell(Event::Up(self.setting.platform.clone()))?;
                self.resync(rng)
            }
        }
    }

    /// The directory does the next thing it was asked, for some agent.
    fn claim(&mut self, rng: &mut Rng) -> Result<(), Difference> {
        let agents: Vec<String> = self.claims.iter().map(|claim| claim.agent().to_owned()).collect();
        let Some(agent) = rng.of(&agents) else { return Ok(()) };
        let place = self.claims.iter().position(|claim| claim.agent() == agent).unwrap_or(0);
        match self.claims.remove(place) {
            Claim::GivenBack { agent } => {
                self.directory.release(&AgentId::from(agent));
                Ok(())
            }
            Claim::Asked { number, agent, is_override } => {
                let agent = AgentId::from(agent);
                let answer = if rng.once_in(10) {
                    ClaimAnswer::Unavailable
                } else {
                    self.directory.claim(&agent, is_override, self.driver.now())
                };
                self.happen(Happening::Input(Input::Claimed { claim: ClaimNo(number), answer }))
            }
        }
    }

    fn elsewhere(&mut self, rng: &mut Rng) -> Result<(), Difference> {
        let agent = AgentId::from(rng.pick(AGENTS));
        // What was asked before comes first.
        if self.claims.iter().any(|claim| claim.agent() == agent.as_str()) {
            return Ok(());
        }
        if !rng.once_in(2) {
            self.directory.left_elsewhere(&agent);
            return Ok(());
        }
        if self.directory.taken_elsewhere(&agent) {
            let answer = ClaimAnswer::Lost { agent, client: "desk-b".into() };
            return self.happen(Happening::Input(Input::Claimed { claim: ClaimNo(u64::MAX), answer }));
        }
        Ok(())
    }

    fn load(&mut self, rng: &mut Rng) -> Result<(), Difference> {
        if self.questions.is_empty() {
            return Ok(());
        }
        let question = self.questions.remove(rng.place(self.questions.len()));
        let is_away = rng.once_in(10);
        let (number, answer) = match question {
            Question::Journey { number, call } => {
                (number, StoreAnswer::Journey(self.store.find(&call.into()).cloned()))
            }
            Question::Recent { number, limit, caller } => {
                (number, StoreAnswer::Recent(self.store.recent(limit as usize, caller.as_deref(), None)))
            }
        };
        let answer = if is_away { StoreAnswer::Unavailable } else { answer };
        self.happen(Happening::Input(Input::Loaded { query: QueryNo(number), answer }))
    }

    /// Everybody leaves, the platform too; then all deadlines come, and nothing may be left.
    pub(super) fn wind_up(&mut self) -> Result<(), Difference> {
        if self.setting.seed.is_multiple_of(4) {
            self.go_down()?;
        }
        for socket in self.model.sockets.keys().copied().collect::<Vec<_>>() {
            self.close(socket)?;
        }
        self.simulator = None;
        self.tell(Event::Down { why: "the end".into() })?;
        self.commands.clear();
        let rng = &mut Rng::new(self.setting.seed);
        while !self.claims.is_empty() {
            self.claim(rng)?;
        }
        self.pass(Duration::from_secs(3 * 86_400))?;
        while !self.claims.is_empty() {
            self.claim(rng)?;
        }
        self.check_nothing_is_left()
    }
}

impl Claim {
    fn agent(&self) -> &str {
        match self {
            Self::Asked { agent, .. } | Self::GivenBack { agent } => agent,
        }
    }
}

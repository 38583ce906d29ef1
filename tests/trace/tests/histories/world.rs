//! Everything around the engine, drawn from a seed.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use interaction_core::config::{Config, DirectoryKind, DisconnectPolicy, Seed};
use interaction_core::cti::simulator::Simulator;
use interaction_core::cti::{Adapter, AdapterInput, AdapterOutput, Event};
use interaction_core::engine::Misuse;
use interaction_core::ids::{AgentId, ClaimNo, QueryNo, SocketId};
use interaction_core::input::{Access, ClaimAnswer, Closed, Input, Scopes, StoreAnswer};
use interaction_core::limits::Limits;
use interaction_core::store::MemoryStore;
use interaction_core::time::Time;
use interaction_trace::{Broken, Driver, Seen, base_config};

use crate::client::{Client, Told};
use crate::directory::Directory;
use crate::outcome::Outcome;
use crate::queue;
use crate::rng::Rng;
use crate::scenario::scenario;
use crate::team;

const START: Time = Time::from_millis(1_790_000_000_000);
const AGENTS: [&str; 8] = ["1001", "1002", "2001", "2002", "2003", "2004", "2005", "2006"];
const REPLAY_BYTES: u32 = 30_000;

/// What the world says to the engine later.
#[derive(Debug)]
enum Later {
    Claim { claim: ClaimNo, agent: AgentId, override_: bool },
    Release(AgentId),
    Loaded(QueryNo, StoreAnswer),
}

#[derive(Debug)]
pub(crate) struct World {
    driver: Driver,
    simulator: Simulator,
    /// Whether the platform still tells; at the end of a history it does not.
    tells: bool,
    in_service: bool,
    directory: Directory,
    store: MemoryStore,
    later: BTreeMap<(Time, u64), Later>,
    last_later: u64,
    clients: Vec<Client>,
    last_socket: u64,
    rng: Rng,
    /// Draws what must not change the history.
    other_rng: Rng,
    restores: bool,
    digest: u64,
    outcome: Outcome,
}

impl World {
    pub(crate) fn new(seed: u64, restores: bool) -> Self {
        let mut rng = Rng::new(seed);
        let limits = Limits {
            replay_bytes: REPLAY_BYTES,
            requests_per_second: 10_000,
            grace_ms: 20_000,
            remembered_max: 4,
            in_progress_max: 6,
            ended_keys_max: 8,
            ..Limits::default()
        };
        let policies = [DisconnectPolicy::Keep, DisconnectPolicy::NotReady, DisconnectPolicy::Logout];
        let config = Config {
            directory: if rng.once_in(2) { DirectoryKind::Domain } else { DirectoryKind::Local },
            disconnect: *rng.of(&policies).unwrap_or(&DisconnectPolicy::Keep),
            limits,
            ..base_config()
        };
        let simulator = Simulator::new(scenario(), seed, START).expect("the scenario is valid");
        let clients = (0..5).map(|number| Client::new(format!("desk-{number}"), number % 2 == 0)).collect();
        Self {
            driver: Driver::new(config, Seed(seed), START, 25),
            simulator,
            tells: true,
            in_service: false,
            directory: Directory::default(),
            store: MemoryStore::default(),
            later: BTreeMap::new(),
            last_later: 0,
            clients,
            last_socket: 0,
            rng,
            other_rng: Rng::new(!seed),
            restores,
            digest: 0xcbf2_9ce4_8422_2325,
            outcome: Outcome::default(),
        }
    }

    pub(crate) fn digest(&self) -> u64 {
        self.digest
    }

    pub(crate) fn outcome(&self) -> Outcome {
        self.outcome.clone()
    }

    /// One thing happens, and some time passes.
    pub(crate) fn step(&mut self) -> Result<(), Broken> {
        let client = self.rng.below(self.clients.len() as u64) as usize;
        match self.rng.below(20) {
            0 => self.lose_socket(client)?,
            1 => self.be_rude(client)?,
            2 => self.directory_moves()?,
            3 => {
                let millis = self.rng.below(30_000);
                self.pass(Duration::from_millis(millis))?;
            }
            4 if self.rng.once_in(6) => self.stall()?,
            _ if self.clients[client].connected => self.ask(client)?,
            _ => self.connect(client)?,
        }
        let millis = self.rng.below(800);
        self.pass(Duration::from_millis(millis))?;
        if self.restores && self.other_rng.once_in(10) {
            self.driver.reincarnate()?;
        }
        self.check()
    }

    /// Every client comes back and waits for its answers; then all leave, and everything must end.
    pub(crate) fn wind_up(&mut self) -> Result<(), Broken> {
        for client in 0..self.clients.len() {
            if !self.clients[client].connected {
                self.connect(client)?;
            }
        }
        // Longer than any request may take.
        for _ in 0..13 {
            self.pass(Duration::from_secs(10))?;
        }
        self.check()?;
        for client in &self.clients {
            let unanswered = client.unanswered();
            if client.connected && !unanswered.is_empty() {
                return Err(Broken(format!("{} waits for ever: {unanswered:?}", client.name)));
            }
        }
        for client in 0..self.clients.len() {
            self.lose_socket(client)?;
        }
        // Calls end, agents are logged out by whatever the policy says.
        self.run(self.driver.now() + Duration::from_secs(300), false)?;
        self.tells = false;
        self.feed(Input::Cti(Event::Down { why: "the end".into() }))?;
        self.later.clear();
        while let Some(seen) = self.driver.tick(Time::MAX)? {
            self.hear(seen)?;
            self.later.clear();
        }
        let gauges = self.driver.engine().gauges();
        let left = (gauges.links, gauges.sockets, gauges.sessions, gauges.subscriptions, gauges.journeys);
        if left != (0, 0, 0, 0, 0) || gauges.waiting != 0 || gauges.deadlines != 0 || gauges.kept_bytes != 0 {
            return Err(Broken(format!("something is left: {gauges:?}")));
        }
        let held: Vec<_> = self.driver.held().collect();
        if !held.is_empty() {
            return Err(Broken(format!("secrets are left: {held:?}")));
        }
        let ours = self.directory.ours();
        if !ours.is_empty() {
            return Err(Broken(format!("claims are left: {ours:?}")));
        }
        Ok(())
    }

    /// What must hold at every moment.
    fn check(&mut self) -> Result<(), Broken> {
        let gauges = self.driver.engine().gauges();
        let most = gauges.links as u64 * u64::from(REPLAY_BYTES);
        if gauges.kept_bytes > most || gauges.sessions > AGENTS.len() || gauges.links > 60 || gauges.waiting > 400 {
            return Err(Broken(format!("a bound does not hold: {gauges:?}")));
        }
        if !self.in_service || !self.simulator.truth().is_up() {
            return Ok(());
        }
        let watches = self.clients.iter().any(|client| client.connected && !client.queues.is_empty());
        let queues = watches.then(|| queue::Truth::of(&self.simulator));
        for client in self.clients.iter().filter(|client| client.connected) {
            for (agent, teams) in &client.watched {
                let truth = team::truth(&self.simulator, agent);
                if *teams != truth {
                    let text = format!("{} sees of {agent}:\n{teams:#?}\nbut true is:\n{truth:#?}", client.name);
                    return Err(Broken(text));
                }
            }
            for (agent, known) in &client.queues {
                let (told, truth) =
                    (queue::told(known), queues.as_ref().map(|all| all.seen_by(agent)).unwrap_or_default());
                if told != truth {
                    let text = format!("{} sees queues of {agent}:\n{told:#?}\nbut true is:\n{truth:#?}", client.name);
                    return Err(Broken(text));
                }
            }
        }
        Ok(())
    }

    fn pass(&mut self, by: Duration) -> Result<(), Broken> {
        self.run(self.driver.now() + by, true)
    }

    /// Time passes; `alive`: clients answer pings.
    fn run(&mut self, until: Time, alive: bool) -> Result<(), Broken> {
        loop {
            let engine = self.driver.engine().poll_timeout().map(|(at, _)| at);
            let platform = self.simulator.poll_timeout().filter(|_| self.tells);
            let later = self.later.first_key_value().map(|((at, _), _)| *at);
            let next = [engine, platform, later].into_iter().flatten().min().filter(|at| *at <= until);
            let Some(next) = next else { break };
            if platform.is_some_and(|at| at <= next) {
                self.driver.sleep(next.since(self.driver.now()));
                self.platform(AdapterInput::Tick)?;
            } else if later.is_some_and(|at| at <= next) {
                self.driver.sleep(next.since(self.driver.now()));
                self.say_later()?;
            } else {
                let seen = self.driver.tick(next)?.unwrap_or_default();
                let pinged: Vec<u64> = seen
                    .iter()
                    .filter_map(|one| if let Seen::Ping { socket } = one { Some(*socket) } else { None })
                    .collect();
                self.hear(seen)?;
                for socket in pinged.into_iter().filter(|_| alive) {
                    // Some do not answer in time.
                    if !self.rng.once_in(8) {
                        self.feed(Input::Alive { socket: SocketId(socket) })?;
                    }
                }
            }
        }
        self.driver.sleep(until.since(self.driver.now()));
        Ok(())
    }

    fn stall(&mut self) -> Result<(), Broken> {
        let seconds = self.rng.below(60);
        self.driver.sleep(Duration::from_secs(seconds));
        self.feed(Input::Stalled { for_us: seconds * 1_000_000 })
    }

    fn say_later(&mut self) -> Result<(), Broken> {
        let Some((_, later)) = self.later.pop_first() else { return Ok(()) };
        match later {
            Later::Claim { claim, agent, override_ } => {
                let answer = if self.rng.once_in(12) {
                    ClaimAnswer::Unavailable
                } else {
                    self.directory.claim(&agent, override_, self.driver.now())
                };
                self.feed(Input::Claimed { claim, answer })
            }
            Later::Release(agent) => {
                self.directory.release(&agent);
                Ok(())
            }
            Later::Loaded(query, answer) => self.feed(Input::Loaded { query, answer }),
        }
    }

    fn later(&mut self, within_ms: u64, later: Later) {
        // Some answers never come, some too late.
        let millis = match self.rng.below(20) {
            0 => 40_000,
            1 => return,
            _ => self.rng.below(within_ms),
        };
        self.last_later += 1;
        self.later.insert((self.driver.now() + Duration::from_millis(millis), self.last_later), later);
    }

    /// Outputs are performed in their order: a release waits for the claims of that agent that were asked for before it.
    fn release(&mut self, agent: AgentId) {
        let claims =
            self.later.iter().filter(|(_, later)| matches!(later, Later::Claim { agent: own, .. } if *own == agent));
        match claims.map(|((at, _), _)| *at).max() {
            Some(at) => {
                self.last_later += 1;
                self.later.insert((at, self.last_later), Later::Release(agent));
            }
            None => self.directory.release(&agent),
        }
    }

    fn directory_moves(&mut self) -> Result<(), Broken> {
        let agent = AgentId::from(AGENTS[self.rng.below(AGENTS.len() as u64) as usize]);
        if self.rng.once_in(3) {
            if self.directory.taken_elsewhere(&agent) {
                let answer = ClaimAnswer::Lost { agent, client: "desk-b".into() };
                return self.feed(Input::Claimed { claim: ClaimNo(u64::MAX), answer });
            }
        } else {
            self.directory.left_elsewhere(&agent);
        }
        Ok(())
    }

    fn platform(&mut self, input: AdapterInput<'_>) -> Result<(), Broken> {
        self.simulator.handle_input(self.driver.now(), input);
        let mut events = VecDeque::new();
        while let Some(output) = self.simulator.poll_output() {
            match output {
                AdapterOutput::Event(event) => events.push_back(event),
                other => return Err(Broken(format!("a simulator needs no connection: {other:?}"))),
            }
        }
        for event in events {
            match event {
                Event::ResyncEnd => self.in_service = true,
                Event::Up(_) | Event::Down { .. } | Event::ResyncBegin => self.in_service = false,
                _ => {}
            }
            self.feed(Input::Cti(event))?;
        }
        Ok(())
    }

    fn connect(&mut self, number: usize) -> Result<(), Broken> {
        if self.clients[number].socket.is_some() && !self.rng.once_in(3) {
            return Ok(());
        }
        self.last_socket += 1;
        let socket = self.last_socket;
        let reports = self.clients[number].reports;
        let access = Access::Open(Scopes { agent: true, reports, ..Scopes::default() });
        let opened = self.driver.open(socket, "10.0.0.1", access)?;
        self.note();
        let seen = opened.map_err(|misuse| Broken(misuse.to_string()))?;
        self.hear(seen)?;
        let client = &mut self.clients[number];
        let old = client.socket.replace(socket);
        client.connected = false;
        let resume = client.key.map(|key| {
            let seq = match self.rng.below(16) {
                0 => client.last_seq + 10_000,
                1 => client.acked.saturating_sub(self.rng.below(3)),
                2 => client.acked + self.rng.below(client.last_seq - client.acked + 1),
                _ => client.last_seq,
            };
            client.resumes_after = seq;
            format!(r#","resume":{{"key":"resume-key-{key}","seq":{seq}}}"#)
        });
        let name = client.name.clone();
        let frame = format!(
            r#"{{"messageType":"connect","requestId":"c","client":{{"name":"{name}"}}{}}}"#,
            resume.unwrap_or_default()
        );
        self.send(socket, &frame)?;
        // An old socket of the client's, if it was not closed by the take-over, is given up.
        if let Some(old) = old.filter(|old| self.driver.open_sockets().any(|open| open == *old)) {
            let seen = self.driver.close(old, Closed::Gone)?;
            self.note();
            self.hear(seen)?;
        }
        Ok(())
    }

    fn lose_socket(&mut self, number: usize) -> Result<(), Broken> {
        let Some(socket) = self.clients[number].socket else { return Ok(()) };
        self.clients[number].parted();
        let seen = self.driver.close(socket, Closed::Gone)?;
        self.note();
        self.hear(seen)
    }

    /// What no client should do, and what no driver should.
    fn be_rude(&mut self, number: usize) -> Result<(), Broken> {
        let now = self.driver.now();
        let unknown = self.driver.feed(Input::Alive { socket: SocketId(u64::MAX) })?;
        self.note();
        if unknown != Err(Misuse::UnknownSocket(SocketId(u64::MAX))) {
            return Err(Broken(format!("{now:?}: an unknown socket is alive")));
        }
        let Some(socket) = self.clients[number].socket else { return Ok(()) };
        let frames = [
            "nonsense",
            "[]",
            "{}",
            r#"{"messageType":"ack","seq":999999999}"#,
            r#"{"messageType":"ack","seq":"1"}"#,
            r#"{"messageType":"coreRequest"}"#,
            r#"{"messageType":"coreRequest","requestId":5}"#,
            r#"{"messageType":"dance"}"#,
            r#"{"messageType":"serviceRequest","serviceId":"processor","request":{"password":"secret-of-nobody"}}"#,
            r#"{"a":1,"a":2}"#,
        ];
        let frame = *self.rng.of(&frames).unwrap_or(&"");
        if self.rng.once_in(6) {
            let seen = self.driver.send_large(socket, 1 << 20)?;
            self.note();
            return self.hear(seen.map_err(|misuse| Broken(misuse.to_string()))?);
        }
        self.send(socket, frame)
    }

    /// A client asks for something, acknowledges, or repeats itself.
    fn ask(&mut self, number: usize) -> Result<(), Broken> {
        let draw = self.rng.below(34);
        let agent = AGENTS[self.rng.below(AGENTS.len() as u64) as usize];
        let client = &mut self.clients[number];
        let Some(socket) = client.socket else { return Ok(()) };
        let sessions: Vec<String> = client.sessions.iter().cloned().collect();
        let session = self.rng.of(&sessions).cloned().unwrap_or_else(|| "s-none".to_owned());
        let service = r#""serviceId":"processor""#;
        let bind =
            |command: &str, resource: &str| format!(r#""command":"{command}",{service},"resourceId":"{resource}""#);
        let report = |command: &str, data: &str| {
            let request = format!(r#""request":{{"command":"{command}","data":{data}}}"#);
            format!(r#"{service},"resourceId":"reports",{request}"#)
        };
        let of_session = |command: &str| {
            let request = format!(r#""request":{{"command":"{command}","target":"{session}","data":{{}}}}"#);
            format!(r#"{service},"resourceId":"{session}",{request}"#)
        };
        let frame = match draw {
            0 => client.ask("coreRequest", "getServices", "", r#""command":"getServices""#),
            1..=4 => client.ask("coreRequest", "bindService", "", &format!(r#""command":"bindService",{service}"#)),
            5..=7 => client.ask("coreRequest", "bindResource", "", &bind("bindResource", "reports")),
            8..=11 => {
                let wrong = if self.rng.once_in(5) { "wrong-" } else { "" };
                let override_ = self.rng.once_in(4);
                let data = format!(
                    r#"{{"override":{override_},"agent":{{"id":"{agent}","password":"{wrong}secret-of-{agent}"}}}}"#
                );
                let request = format!(r#""request":{{"command":"prepareSession","data":{data}}}"#);
                client.ask("serviceRequest", "prepareSession", agent, &format!("{service},{request}"))
            }
            12..=14 => client.ask("coreRequest", "bindResource", "", &bind("bindResource", &session)),
            15..=16 => client.ask("resourceRequest", "session.start", "", &of_session("session.start")),
            17 => client.ask("resourceRequest", "session.request.logout", "", &of_session("session.request.logout")),
            18..=20 => {
                let body = report("report.teamstatus.begin", &format!(r#"{{"agentId":"{agent}"}}"#));
                client.ask("resourceRequest", "report.teamstatus.begin", agent, &body)
            }
            30..=32 => {
                let command = "report.queuestatus.begin";
                let body = report(command, &format!(r#"{{"agentId":"{agent}"}}"#));
                client.ask("resourceRequest", command, agent, &body)
            }
            33 => {
                let command = "report.queuestatus.end";
                let body = report(command, &format!(r#"{{"agentId":"{agent}"}}"#));
                client.ask("resourceRequest", command, agent, &body)
            }
            21 => {
                let body = report("report.teamstatus.end", &format!(r#"{{"agentId":"{agent}"}}"#));
                client.ask("resourceRequest", "report.teamstatus.end", agent, &body)
            }
            22 => {
                let calls: Vec<_> = self.simulator.truth().calls().map(|call| call.call).collect();
                let call = self.rng.of(&calls).map_or_else(|| "c-none".to_owned(), ToString::to_string);
                let command = *self.rng.of(&["report.calljourney", "report.calljourney.begin"]).unwrap_or(&"");
                client.ask("resourceRequest", command, "", &report(command, &format!(r#"{{"CallId":"{call}"}}"#)))
            }
            23 => {
                let body = report("report.calljourney.recent", r#"{"limit":5}"#);
                client.ask("resourceRequest", "report.calljourney.recent", "", &body)
            }
            24 if self.rng.once_in(3) => {
                client.ask("coreRequest", "unbindReports", "", &bind("unbindResource", "reports"))
            }
            25 if self.rng.once_in(3) => {
                client.ask("coreRequest", "unbindResource", "", &bind("unbindResource", &session))
            }
            26 if self.rng.once_in(6) => {
                client.forget();
                r#"{"messageType":"disconnect"}"#.to_owned()
            }
            24..=27 => {
                let seq = client.last_seq - self.rng.below(client.last_seq.min(3) + 1);
                client.acknowledged(seq);
                format!(r#"{{"messageType":"ack","seq":{seq}}}"#)
            }
            _ => {
                let known = client.repeatable();
                let Some(asked) = self.rng.of(&known).and_then(|id| client.asked.get_mut(id)) else { return Ok(()) };
                asked.sends += 1;
                asked.frame.clone()
            }
        };
        self.send(socket, &frame)
    }

    fn send(&mut self, socket: u64, frame: &str) -> Result<(), Broken> {
        let sent = self.driver.send(socket, frame.as_bytes())?;
        self.note();
        match sent {
            Ok(seen) => self.hear(seen),
            Err(misuse) => Err(Broken(format!("{misuse}: {frame}"))),
        }
    }

    fn feed(&mut self, input: Input<'_>) -> Result<(), Broken> {
        let fed = self.driver.feed(input)?;
        self.note();
        match fed {
            Ok(seen) => self.hear(seen),
            // The engine closed it meanwhile.
            Err(Misuse::UnknownSocket(_)) => Ok(()),
            Err(misuse) => Err(Broken(misuse.to_string())),
        }
    }

    /// Everybody hears what concerns them.
    fn hear(&mut self, seen: Vec<Seen>) -> Result<(), Broken> {
        self.note();
        for one in seen {
            match one {
                Seen::Message { socket, text, .. } => {
                    let Some(client) = self.clients.iter_mut().find(|client| client.socket == Some(socket)) else {
                        continue;
                    };
                    let told = client.hear(&text);
                    let told = told.map_err(|error| Broken(format!("{}: {error}", client.name)))?;
                    self.count(told);
                }
                Seen::Closed { socket, .. } => {
                    if let Some(client) = self.clients.iter_mut().find(|client| client.socket == Some(socket)) {
                        client.parted();
                    }
                }
                Seen::Ping { .. } | Seen::Answered { .. } => {}
                Seen::Cti { request, command, password } => {
                    // In the simulated world a password is the agent's id.
                    let secret = password
                        .map(|password| password.strip_prefix("secret-of-").unwrap_or("a wrong one").to_owned());
                    if self.tells {
                        let secret = secret.as_deref();
                        self.platform(AdapterInput::Command { request, command, secret })?;
                    }
                }
                Seen::Claim { claim, agent, override_, .. } => {
                    self.later(900, Later::Claim { claim, agent, override_ });
                }
                Seen::Release { agent } => {
                    self.outcome.given_back += 1;
                    self.release(agent);
                }
                Seen::Store { journey } => {
                    let _ = self.store.put(journey);
                }
                Seen::Audit { record } => {
                    let _ = self.store.put_audit(record);
                }
                Seen::LoadJourney { query, call } => {
                    let answer = StoreAnswer::Journey(self.store.find(&call).cloned());
                    self.later(500, Later::Loaded(query, answer));
                }
                Seen::LoadRecent { query, limit, number } => {
                    let recent = self.store.recent(limit as usize, number.as_deref(), None);
                    self.later(500, Later::Loaded(query, StoreAnswer::Recent(recent)));
                }
            }
        }
        Ok(())
    }

    fn count(&mut self, told: Told) {
        match told {
            Told::Nothing => {}
            Told::Resumed => self.outcome.resumed += 1,
            Told::Gap => self.outcome.gaps += 1,
            Told::Prepared => self.outcome.prepared += 1,
            Told::Confirmed => self.outcome.confirmed += 1,
            Told::Superseded => self.outcome.superseded += 1,
            Told::Released => self.outcome.released += 1,
            Told::Ended => self.outcome.ended += 1,
            Told::LoggedOut => self.outcome.logged_out += 1,
            Told::Repeated => self.outcome.repeated += 1,
            Told::TeamEvent => self.outcome.team_events += 1,
            Told::QueueEvent => self.outcome.queue_events += 1,
        }
    }

    /// Puts what was just recorded into the digest: FNV-1a.
    fn note(&mut self) {
        let Some(recorded) = self.driver.recorded.take() else { return };
        for bytes in std::iter::once(&recorded.input).chain(&recorded.outputs) {
            for byte in bytes {
                self.digest = (self.digest ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
            }
        }
    }
}

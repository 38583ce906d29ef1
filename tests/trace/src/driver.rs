//! The driver of a test: it plays the intake, keeps secrets by number, splices them, and believes nothing of the engine.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use interaction_core::audit::AuditRecord;
use interaction_core::codec;
use interaction_core::config::{Config, Seed};
use interaction_core::cti::{Command, RequestNo};
use interaction_core::engine::{Engine, Misuse};
use interaction_core::ids::{AgentId, CallId, ClaimNo, QueryNo, SecretRef, SocketId};
use interaction_core::input::{
    Access, Carrier, Claims, Closed, Frame, FreshKey, Input, MalformedKind, Recipient, Scopes, SecretKind,
};
use interaction_core::output::{CloseCode, Output, Sending, Status};
use interaction_core::report::journey::JourneyRecord;
use interaction_core::secret::Secret;
use interaction_core::time::Time;
use interaction_core::wire::intake::{self, Intake, Refused};

use crate::grammar::Grammar;
use crate::mirror::Mirror;

/// A promise of the engine that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken(pub String);

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Broken {}

/// What every resume key of a test begins with.
const KEY: &str = "resume-key-";

macro_rules! hold {
    ($held:expr, $($words:tt)+) => { if !$held { return Err(Broken(format!($($words)+))); } };
}

/// What the world sees of an output. Secrets that are forgotten are seen by the driver alone.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "each is documented at Output")]
pub enum Seen {
    Message { socket: u64, text: String, sending: Sending },
    Ping { socket: u64 },
    Closed { socket: u64, code: CloseCode },
    Answered { socket: u64, status: Status },
    Cti { request: RequestNo, command: Command, password: Option<String> },
    Claim { claim: ClaimNo, agent: AgentId, override_: bool, client: String },
    Release { agent: AgentId },
    Store { journey: JourneyRecord },
    LoadJourney { query: QueryNo, call: CallId },
    LoadRecent { query: QueryNo, limit: u32, number: Option<String> },
    Audit { record: AuditRecord },
}

/// One input as it was recorded, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// `codec::encode_input`.
    pub input: Vec<u8>,
    /// `codec::encode_output` of each output.
    pub outputs: Vec<Vec<u8>>,
    /// Whether the engine refused it.
    pub misuse: Option<Misuse>,
}

/// The driver.
#[derive(Debug)]
pub struct Driver {
    engine: Engine,
    config: Config,
    start: Time,
    now: Time,
    sockets: BTreeMap<u64, Mirror>,
    /// What the client of each link knows of its objects, by the link's resume key; and the last message it got, since what is
    /// replayed it may have got before.
    heard: BTreeMap<String, (u64, Grammar)>,
    secrets: BTreeMap<SecretRef, (SecretKind, Secret)>,
    last_secret: u64,
    /// Every secret there ever was, to be searched for where none may be.
    sensitive: BTreeSet<String>,
    /// After how many inputs the dear checks are made: those that write the engine down.
    checked_every: u64,
    inputs: u64,
    /// The last input and its outputs.
    pub recorded: Option<Recorded>,
}

impl Driver {
    /// A driver with a fresh engine. The dear checks are made with one in `checked_every` inputs.
    pub fn new(config: Config, seed: Seed, start: Time, checked_every: u64) -> Self {
        Self {
            engine: Engine::new(config.clone(), seed, start),
            config,
            start,
            now: start,
            sockets: BTreeMap::new(),
            heard: BTreeMap::new(),
            secrets: BTreeMap::new(),
            last_secret: 0,
            sensitive: BTreeSet::new(),
            checked_every,
            inputs: 0,
            recorded: None,
        }
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Goes on with an engine made of the present one's snapshot.
    ///
    /// # Errors
    /// The snapshot cannot be read.
    pub fn reincarnate(&mut self) -> Result<(), Broken> {
        let restored = Engine::restore(self.config.clone(), &self.engine.snapshot());
        self.engine = restored.map_err(|error| Broken(format!("restore: {error}")))?;
        Ok(())
    }

    /// The present moment.
    pub fn now(&self) -> Time {
        self.now
    }

    /// Sockets that are open, as the driver knows it.
    pub fn open_sockets(&self) -> impl Iterator<Item = u64> {
        self.sockets.keys().copied()
    }

    /// Secrets the engine has not asked to forget, oldest first.
    pub fn held(&self) -> impl Iterator<Item = (SecretRef, SecretKind)> {
        self.secrets.iter().map(|(secret, (kind, _))| (*secret, *kind))
    }

    /// Time passes without anybody's telling the engine.
    pub fn sleep(&mut self, by: Duration) {
        self.now = self.now + by;
    }

    /// Time passes to the engine's next deadline, if that is not after `until`. `None` when there is none.
    ///
    /// # Errors
    /// A broken promise.
    pub fn tick(&mut self, until: Time) -> Result<Option<Vec<Seen>>, Broken> {
        let Some((at, name)) = self.engine.poll_timeout().filter(|(at, _)| *at <= until) else { return Ok(None) };
        self.now = self.now.max(at);
        let seen = self.rightly(Input::Tick)?;
        let next = self.engine.poll_timeout();
        hold!(next.is_none_or(|(at, _)| at > self.now), "the deadline {name:?} was met, but {next:?} is due yet");
        Ok(Some(seen))
    }

    /// A socket stands.
    ///
    /// # Errors
    /// A broken promise.
    pub fn open(&mut self, socket: u64, peer: &str, access: Access) -> Result<Result<Vec<Seen>, Misuse>, Broken> {
        let key = format!("{KEY}{socket}");
        let hash = intake::key_hash(&key);
        let secret = self.keep(SecretKind::ResumeKey, Secret::new(format!("\"{key}\"")));
        let known = self.sockets.contains_key(&socket);
        self.sockets.entry(socket).or_default();
        let key = FreshKey { secret, hash };
        let opened = self.feed(Input::SocketOpened { socket: SocketId(socket), peer: peer.into(), access, key })?;
        if opened.is_err() {
            self.secrets.remove(&secret);
            if !known {
                self.sockets.remove(&socket);
            }
        }
        Ok(opened)
    }

    /// A client sends bytes: through the intake, as every frame.
    ///
    /// # Errors
    /// A broken promise.
    pub fn send(&mut self, socket: u64, frame: &[u8]) -> Result<Result<Vec<Seen>, Misuse>, Broken> {
        if frame.len() > self.config.limits.message_bytes as usize {
            return self.send_large(socket, frame.len() as u64);
        }
        if let Some(mirror) = self.sockets.get_mut(&socket) {
            mirror.sent(frame);
        }
        let bytes = u32::try_from(frame.len()).unwrap_or(u32::MAX);
        let taken = match intake::intake(frame) {
            Err(Refused::TooLarge) => return self.send_large(socket, frame.len() as u64),
            Err(Refused::Malformed(kind)) => {
                return self.feed(Input::Frame { socket: SocketId(socket), frame: Frame::Malformed { kind, bytes } });
            }
            Ok(taken) => taken,
        };
        let (frame, numbers) = self.frame(taken);
        let fed = self.feed(Input::Frame { socket: SocketId(socket), frame })?;
        if fed.is_err() {
            for number in numbers {
                self.secrets.remove(&number);
            }
        }
        Ok(fed)
    }

    /// What enters of a well-formed message, and the numbers of its secrets.
    fn frame<'a>(&mut self, taken: Intake<'a>) -> (Frame<'a>, Vec<SecretRef>) {
        let mut claims = None;
        let mut spans = Vec::new();
        for secret in taken.secrets {
            if secret.kind == SecretKind::Token && secret.is_top {
                claims = Some(self.verify(&secret.value));
            }
            let span = secret.span(SecretRef(self.last_secret + 1));
            self.keep(secret.kind, secret.value);
            spans.push(span);
        }
        let numbers = spans.iter().map(|span| span.secret).collect();
        (Frame::Text { text: taken.text, secrets: spans.into(), claims }, numbers)
    }

    /// A client posts bytes: a `connect` without a key, anything else for the link of its key.
    ///
    /// # Errors
    /// A broken promise.
    pub fn post(
        &mut self,
        socket: u64,
        (peer, access): (&str, Access),
        key: Option<&str>,
        body: &[u8],
    ) -> Result<Result<Vec<Seen>, Misuse>, Broken> {
        hold!(!self.sockets.contains_key(&socket), "the number {socket} is taken");
        let mut mirror = Mirror::exchange();
        mirror.sent(body);
        self.sockets.insert(socket, mirror);
        let to = match key {
            Some(key) => Recipient::Link(intake::key_hash(key)),
            None => {
                let key = format!("{KEY}{socket}");
                let hash = intake::key_hash(&key);
                let secret = self.keep(SecretKind::ResumeKey, Secret::new(format!("\"{key}\"")));
                Recipient::Fresh(FreshKey { secret, hash })
            }
        };
        let bytes = u32::try_from(body.len()).unwrap_or(u32::MAX);
        let frame = if body.len() > self.config.limits.message_bytes as usize {
            Frame::TooLarge { bytes: bytes.into() }
        } else {
            match intake::intake(body) {
                Ok(taken) => self.frame(taken).0,
                Err(Refused::Malformed(kind)) => Frame::Malformed { kind, bytes },
                Err(Refused::TooLarge) => Frame::TooLarge { bytes: bytes.into() },
            }
        };
        let done = self.feed(Input::Posted { socket: SocketId(socket), peer: peer.into(), access, to, frame })?;
        hold!(!self.sockets.contains_key(&socket), "the posted message {socket} is not answered");
        Ok(done)
    }

    /// A client polls, or opens a stream.
    ///
    /// # Errors
    /// A broken promise.
    pub fn attach(
        &mut self,
        socket: u64,
        key: &str,
        after: u64,
        carrier: Carrier,
    ) -> Result<Result<Vec<Seen>, Misuse>, Broken> {
        hold!(!self.sockets.contains_key(&socket), "the number {socket} is taken");
        self.sockets.insert(socket, Mirror::attached(key, after));
        let key = intake::key_hash(key);
        self.feed(Input::Attached { socket: SocketId(socket), key, after, carrier })
    }

    /// A token permits something else: `how` is the rest of its text, or `revoked`.
    ///
    /// # Errors
    /// A broken promise.
    pub fn change_token(&mut self, name: &str, how: &str) -> Result<Result<Vec<Seen>, Misuse>, Broken> {
        let token = intake::key_hash(name);
        let claims = self.claims(&format!("known/{name}/{how}"));
        self.feed(Input::TokenChanged { token, claims })
    }

    /// A client sends a binary frame.
    ///
    /// # Errors
    /// A broken promise.
    pub fn send_binary(&mut self, socket: u64) -> Result<Result<Vec<Seen>, Misuse>, Broken> {
        let frame = Frame::Malformed { kind: MalformedKind::Binary, bytes: 1 };
        self.feed(Input::Frame { socket: SocketId(socket), frame })
    }

    /// A client announces more than fits.
    ///
    /// # Errors
    /// A broken promise.
    pub fn send_large(&mut self, socket: u64, bytes: u64) -> Result<Result<Vec<Seen>, Misuse>, Broken> {
        self.feed(Input::Frame { socket: SocketId(socket), frame: Frame::TooLarge { bytes } })
    }

    /// A socket is gone.
    ///
    /// # Errors
    /// A broken promise.
    pub fn close(&mut self, socket: u64, why: Closed) -> Result<Vec<Seen>, Broken> {
        self.sockets.remove(&socket);
        self.rightly(Input::SocketClosed { socket: SocketId(socket), why })
    }

    /// Feeds an input that is no misuse.
    ///
    /// # Errors
    /// A broken promise.
    pub fn rightly(&mut self, input: Input<'_>) -> Result<Vec<Seen>, Broken> {
        self.feed(input)?.map_err(|misuse| Broken(format!("refused: {misuse}")))
    }

    /// Feeds an input, performs the outputs and checks what must always hold.
    ///
    /// # Errors
    /// A broken promise.
    pub fn feed(&mut self, input: Input<'_>) -> Result<Result<Vec<Seen>, Misuse>, Broken> {
        self.inputs += 1;
        let dear = self.inputs.is_multiple_of(self.checked_every);
        let mut record = Vec::new();
        codec::encode_input(self.now, &input, &mut record);
        self.holds_no_secret("an encoded input", &record)?;
        let decoded = codec::decode_input(&record).map_err(|error| Broken(format!("{error}: {input:?}")))?;
        hold!(decoded == (self.now, input), "{decoded:?} is not what was encoded");
        let before = dear.then(|| self.engine.snapshot());

        let done = self.engine.handle_input(self.now, decoded.1.clone());
        let mut outputs = Vec::new();
        let mut seen = Vec::new();
        while let Some(output) = self.engine.poll_output() {
            let mut bytes = Vec::new();
            codec::encode_output(&output, &mut bytes);
            outputs.push(bytes);
            match look(&output, &self.secrets)? {
                Look::Seen(one) => seen.push(one),
                Look::Fan(messages) => seen.extend(messages),
                Look::Forget(secret) => {
                    hold!(self.secrets.remove(&secret).is_some(), "secret {} was forgotten before", secret.0);
                }
            }
        }
        for bytes in &outputs {
            self.holds_no_secret("an encoded output", bytes)?;
            codec::decode_output(bytes).map_err(|error| Broken(format!("{error}: an output")))?;
        }
        hold!(done.is_ok() || outputs.is_empty(), "a refused input has outputs");
        if let Some(before) = before {
            let now = self.now;
            self.check_by_snapshot(now, &before, decoded.1, done, &outputs)?;
        }
        self.recorded = Some(Recorded { input: record, outputs, misuse: done.err() });
        for one in &seen {
            match one {
                Seen::Message { socket, text, .. } => {
                    let mirror = self.sockets.get_mut(socket);
                    let mirror = mirror.ok_or_else(|| Broken(format!("socket {socket} is not open: {text}")))?;
                    if let Some((key, seq, message)) = mirror.got(text).map_err(Broken)? {
                        let (last, grammar) = self.heard.entry(key).or_default();
                        // What is replayed was heard before; what went by other ways than a socket was not heard here.
                        if seq > *last {
                            if seq > *last + 1 {
                                *grammar = Grammar::midway();
                            }
                            *last = seq;
                            grammar.got(&message).map_err(Broken)?;
                        }
                    }
                }
                Seen::Closed { socket, .. } => {
                    hold!(self.sockets.remove(socket).is_some(), "socket {socket} is closed twice");
                }
                Seen::Answered { socket, .. } => {
                    hold!(self.sockets.remove(socket).is_some(), "request {socket} is answered twice");
                }
                Seen::Ping { .. }
                | Seen::Cti { .. }
                | Seen::Claim { .. }
                | Seen::Release { .. }
                | Seen::Store { .. }
                | Seen::LoadJourney { .. }
                | Seen::LoadRecent { .. }
                | Seen::Audit { .. } => {}
            }
        }
        Ok(done.map(|()| seen))
    }

    /// What an engine is, is what its snapshot says: one made of it does the same, and writes down the same.
    fn check_by_snapshot(
        &mut self,
        now: Time,
        before: &[u8],
        input: Input<'_>,
        done: Result<(), Misuse>,
        outputs: &[Vec<u8>],
    ) -> Result<(), Broken> {
        self.holds_no_secret("a snapshot", before)?;
        let after = self.engine.snapshot();
        hold!(done.is_ok() || after == before, "a refused input changed something");
        let mut twin =
            Engine::restore(self.config.clone(), before).map_err(|error| Broken(format!("restore: {error}")))?;
        hold!(twin.snapshot() == before, "a restored engine writes another snapshot");
        hold!(twin.handle_input(now, input) == done, "a restored engine judges an input differently");
        let mut others = Vec::new();
        while let Some(output) = twin.poll_output() {
            let mut bytes = Vec::new();
            codec::encode_output(&output, &mut bytes);
            others.push(bytes);
        }
        hold!(others == outputs, "a restored engine has other outputs");
        hold!(twin.snapshot() == after, "a restored engine comes to another state");
        hold!(twin.poll_timeout() == self.engine.poll_timeout(), "a restored engine has other deadlines");
        Ok(())
    }

    fn holds_no_secret(&self, what: &str, bytes: &[u8]) -> Result<(), Broken> {
        for secret in &self.sensitive {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            hold!(!found, "{what} holds the secret {secret}");
        }
        Ok(())
    }

    fn keep(&mut self, kind: SecretKind, value: Secret) -> SecretRef {
        let text = value.decoded().map_or_else(|| value.expose().to_owned(), |decoded| decoded.expose().to_owned());
        if kind == SecretKind::ResumeKey && text.starts_with(KEY) {
            self.sensitive.insert(KEY.to_owned());
        } else if text.len() >= 6 {
            // A shorter one may stand anywhere by chance.
            self.sensitive.insert(text);
        }
        self.last_secret += 1;
        self.secrets.insert(SecretRef(self.last_secret), (kind, value));
        SecretRef(self.last_secret)
    }

    /// Verifies a token of the form the crate's documentation shows.
    fn verify(&self, token: &Secret) -> Claims {
        self.claims(&token.decoded().map(|token| token.expose().to_owned()).unwrap_or_default())
    }

    fn claims(&self, token: &str) -> Claims {
        let parts: Vec<&str> = token.split('/').collect();
        let (name, [subject, scopes, expires]) = match parts[..] {
            ["good", subject, scopes, expires] => (None, [subject, scopes, expires]),
            ["known", name, subject, scopes, expires] => (Some(name), [subject, scopes, expires]),
            _ => return Claims::Bad,
        };
        let has = |scope| scopes.split(',').any(|one| one == scope);
        let scopes =
            Scopes { agent: has("agent"), supervisor: has("supervisor"), reports: has("reports"), admin: has("admin") };
        let expires = expires.parse().ok().map(|seconds| self.start + Duration::from_secs(seconds));
        let subject = subject.into();
        match name {
            None => Claims::Good { subject, scopes, expires },
            Some(name) => Claims::Known { token: intake::key_hash(name), subject, scopes, expires },
        }
    }
}

enum Look {
    Seen(Seen),
    Fan(Vec<Seen>),
    Forget(SecretRef),
}

/// Performs an output, as far as it is the driver's to perform.
fn look(output: &Output<'_>, secrets: &BTreeMap<SecretRef, (SecretKind, Secret)>) -> Result<Look, Broken> {
    Ok(Look::Seen(match output {
        Output::Send { socket, head, tail, splices, sending } => {
            for splice in *splices {
                hold!(secrets.contains_key(&splice.secret), "secret {} is spliced, but forgotten", splice.secret.0);
                hold!(*sending == Sending::Live, "secret {} is spliced into a replay", splice.secret.0);
            }
            let spliced = intake::splice(head, tail, splices, |secret| secrets.get(&secret).map(|(_, secret)| secret));
            let spliced = spliced.map_err(|error| Broken(error.to_string()))?;
            let text = String::from_utf8(spliced).map_err(|error| Broken(error.to_string()))?;
            Seen::Message { socket: socket.0, text, sending: *sending }
        }
        Output::Ping { socket } => Seen::Ping { socket: socket.0 },
        Output::Close { socket, code } => Seen::Closed { socket: socket.0, code: *code },
        Output::Cti { request, command, secret } => {
            let password = match secret {
                None => None,
                Some(number) => {
                    let (kind, secret) = secrets
                        .get(number)
                        .ok_or_else(|| Broken(format!("secret {} goes with a command, but is forgotten", number.0)))?;
                    hold!(*kind == SecretKind::Password, "a secret that is no password goes with a command");
                    secret.decoded().map(|password| password.expose().to_owned())
                }
            };
            Seen::Cti { request: *request, command: (*command).clone(), password }
        }
        Output::Answer { socket, status } => Seen::Answered { socket: socket.0, status: *status },
        Output::Forget { secret } => return Ok(Look::Forget(*secret)),
        Output::Claim { claim, agent, override_, client } => {
            Seen::Claim { claim: *claim, agent: (*agent).clone(), override_: *override_, client: (*client).to_owned() }
        }
        Output::Release { agent } => Seen::Release { agent: (*agent).clone() },
        Output::Store { journey } => Seen::Store { journey: (*journey).clone() },
        Output::LoadJourney { query, call } => Seen::LoadJourney { query: *query, call: (*call).clone() },
        Output::LoadRecent { query, limit, number } => {
            Seen::LoadRecent { query: *query, limit: *limit, number: number.map(str::to_owned) }
        }
        Output::Audit { record } => Seen::Audit { record: (*record).clone() },
        Output::Fan { to, .. } => {
            let mut messages = Vec::with_capacity(to.len());
            output.each_message(|socket, head, tail| messages.push((socket.0, [head, tail].concat())));
            let mut sockets: Vec<u64> = messages.iter().map(|(socket, _)| *socket).collect();
            sockets.sort_unstable();
            sockets.dedup();
            hold!(!to.is_empty(), "a fan goes to nobody");
            hold!(sockets.len() == to.len(), "a fan goes to a socket twice: {to:?}");
            let text = |(socket, text)| match String::from_utf8(text) {
                Ok(text) => Ok(Seen::Message { socket, text, sending: Sending::Live }),
                Err(error) => Err(Broken(error.to_string())),
            };
            return Ok(Look::Fan(messages.into_iter().map(text).collect::<Result<_, _>>()?));
        }
    }))
}

//! Putting the parts together, and taking them down.

use std::fmt;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use interaction_core::config::Seed;
use interaction_core::engine::Engine;
use interaction_core::input::{Access, Scopes};
use interaction_core::journal::Header;
use interaction_core::secret::Secrets;
use interaction_core::time::Time;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tracing::{info, warn};

use crate::clock::Clock;
use crate::config::{EngineKind, EngineSettings, Listen, Settings};
use crate::effects::Effects;
use crate::engine_loop::{EngineLoop, Entry};
use crate::exchange::Exchanges;
use crate::happening::{HAPPENINGS_MAX, Happening};
use crate::http::{self, Behind, Site};
use crate::machine::Machine;
use crate::platform;
use crate::plugins;
use crate::recording::{self, Done, RecordTo, Recorder};
use crate::replacing::{self, Asked, Replaced, Replacer};
use crate::socket::{Numbers, Peers};
use crate::store::{self, Store};
use crate::switches::Switch;
use crate::tokens::Tokens;

/// How long a simulated world may take until it is known in full: it is here at once.
const IN_SERVICE_WITHIN: Duration = Duration::from_secs(30);

/// How long a server waits for its platform before it listens all the same: a platform that is there answers in less, and
/// its clients do not see a beginning without agents.
const SOON: Duration = Duration::from_secs(1);

/// Why a server does not run.
#[derive(Debug)]
pub(crate) enum ServerError {
    /// It could not begin; what to do.
    Start(String),
    /// The engine's loop panicked: a fault of this program.
    Fault,
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start(what) => f.write_str(what),
            Self::Fault => f.write_str(
                "an invariant of the engine is broken and there is no journal to recover from: the log names it. Report it, \
                 and start the server again",
            ),
        }
    }
}

impl std::error::Error for ServerError {}

/// A server that runs.
pub(crate) struct Server {
    address: SocketAddr,
    happenings: mpsc::Sender<Happening>,
    engine: JoinHandle<()>,
    listener: JoinHandle<()>,
    /// The store's task, where there is one.
    storing: Option<JoinHandle<()>>,
    /// The end of the recording, where there is one.
    recorded: Option<Done>,
    stop: [Signal; 2],
    hangup: Signal,
    tokens: watch::Sender<Tokens>,
    /// Who replaces the engine, where it can be, and who asks for it.
    replacer: Option<Arc<Replacer>>,
    replacing: mpsc::Receiver<Asked>,
    grace_ms: u32,
}

/// When to listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Listening {
    /// When it is ready, or a moment after the start; `/readyz` says which.
    Soon,
    /// When it is ready.
    WhenReady,
}

impl Server {
    /// Starts everything; `record` says where to record, if anywhere.
    pub(crate) async fn start(
        settings: &Settings,
        listening: Listening,
        record: Option<&RecordTo>,
    ) -> Result<Self, ServerError> {
        allow_many_files();
        // Before anybody can know of the server: a signal that comes early is heard, not fatal.
        let stop = [heard(SignalKind::terminate())?, heard(SignalKind::interrupt())?];
        let hangup = heard(SignalKind::hangup())?;
        warn_of_access(&settings.listen);
        let clock = Clock::start();
        // First, so that a port that is taken is found before anything else begins.
        let listener = bind(settings)?;
        let address = listener.local_addr().map_err(|error| ServerError::Start(error.to_string()))?;
        let mut seed = [0; 8];
        getrandom::fill(&mut seed)
            .map_err(|error| ServerError::Start(format!("the system gives no random bytes: {error}")))?;

        let (happenings, happened) = mpsc::channel(HAPPENINGS_MAX);
        let (in_service, mut ready) = watch::channel(false);
        let chosen =
            platform::choose(&settings.cti, Path::new(&settings.server.data_dir)).map_err(ServerError::Start)?;
        let switch = Switch::start(chosen, clock, happenings.clone())
            .map_err(|error| ServerError::Start(format!("cannot start the telephony adapter: {error}")))?;
        let counting = switch.counting();
        let (store, storing) = Store::start(settings, clock, happenings.clone()).await.map_err(ServerError::Start)?;
        let numbers = Arc::new(Numbers::default());
        let effects = Effects {
            peers: Peers::new(Arc::clone(&numbers), settings.limits.pending_bytes),
            exchanges: Exchanges::new(settings.limits.pending_bytes),
            secrets: Secrets::default(),
            switch,
            store,
            cti_overflows: 0,
        };
        let tokens = Tokens::new(&settings.tokens).map_err(ServerError::Start)?;
        let (seed, born) = (Seed(u64::from_ne_bytes(seed)), clock.now());
        let (engine, replacer) = engine(settings, seed, born, &happenings).map_err(ServerError::Start)?;
        let (ask, replacing) = mpsc::channel(replacing::ASKED_MAX);
        let ask = replacer.is_some().then_some(ask);
        // Last of what may fail, so that a start that fails leaves no file in the way of the next.
        let (recorder, recorded) = match record {
            Some(to) => {
                let header = Header::of_new(settings.engine_config(), seed, born, to.keeps);
                let (recorder, recorded) = Recorder::start(to, &header).map_err(ServerError::Start)?;
                (Some(recorder), Some(recorded))
            }
            None => (None, None),
        };
        let access = if settings.listen.asks_for_tokens() { Access::Token } else { Access::Open(Scopes::LOOPBACK) };
        let entry = Entry { access, tokens: tokens.clone() };
        let engine = tokio::spawn(EngineLoop::new(engine, effects, clock, happened, in_service, entry, recorder).run());
        let (tokens, known) = watch::channel(tokens);
        let port = address.port();
        let behind = Behind {
            happenings: happenings.clone(),
            counting,
            in_service: ready.clone(),
            tokens: known,
            replacing: ask,
            numbers,
        };
        let site = Arc::new(Site::new(settings, port, clock, behind));
        let within = if listening == Listening::Soon { SOON } else { IN_SERVICE_WITHIN };
        let waited = tokio::time::timeout(within, ready.wait_for(|ready| *ready)).await;
        if !matches!(waited, Ok(Ok(_))) {
            warn!("the telephony platform is not known in full yet");
            if listening == Listening::WhenReady {
                return Err(ServerError::Start(format!(
                    "the telephony platform was not known in full within {} s",
                    IN_SERVICE_WITHIN.as_secs()
                )));
            }
        }
        let listener = listen(listener)?;
        let listener = tokio::spawn(http::listen(listener, site, settings.listen.clone()));
        info!(%address, instance = settings.server.instance, domain = settings.server.domain, "listening");
        let grace_ms = settings.server.shutdown_grace_ms;
        Ok(Self {
            address,
            happenings,
            engine,
            listener,
            storing,
            recorded,
            stop,
            hangup,
            tokens,
            replacer,
            replacing,
            grace_ms,
        })
    }

    /// Where it listens.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Runs until a signal to stop, and then as long as clients need to be told. A second signal ends it at once.
    /// At each hang-up `reload` reads the configuration again, of which the tokens are taken.
    pub(crate) async fn run(mut self, reload: impl Fn() -> Result<Settings, String>) -> Result<(), ServerError> {
        let [terminate, interrupt] = &mut self.stop;
        loop {
            tokio::select! {
                ended = &mut self.engine => {
                    recording::ended(self.recorded).await;
                    store::ended(self.storing).await;
                    return Err(over(ended));
                }
                _ = terminate.recv() => break,
                _ = interrupt.recv() => break,
                _ = self.hangup.recv() => {
                    let again = reload().and_then(|settings| Ok((Tokens::new(&settings.tokens)?, settings.engine)));
                    match again {
                        Ok((tokens, engine)) => {
                            info!(tokens = tokens.len(), "the tokens were read again; other settings count from the next start");
                            self.tokens.send_replace(tokens.clone());
                            // The loop is gone only when it panicked, which its end tells.
                            let _ = self.happenings.send(Happening::Tokens(tokens)).await;
                            if let Some(replacer) = &self.replacer {
                                tokio::spawn(replace(Arc::clone(replacer), Ok(engine), None));
                            }
                        }
                        Err(what) => warn!("the tokens stay as they are: {what}"),
                    }
                }
                Some(answer) = self.replacing.recv() => {
                    if let Some(replacer) = &self.replacer {
                        let engine = reload().map(|settings| settings.engine);
                        tokio::spawn(replace(Arc::clone(replacer), engine, Some(answer)));
                    }
                }
            }
        }
        info!("stopping: clients are told; a second signal stops at once");
        self.listener.abort();
        // The loop is gone only when it panicked, which its end tells.
        let _ = self.happenings.send(Happening::ShutDown { grace_ms: self.grace_ms }).await;
        let down = async {
            let ended = (&mut self.engine).await;
            // What the loop handed over last is kept, too.
            recording::ended(self.recorded).await;
            store::ended(self.storing).await;
            ended.map_err(|_| ServerError::Fault)
        };
        tokio::select! {
            ended = down => ended,
            _ = terminate.recv() => Ok(()),
            _ = interrupt.recv() => Ok(()),
        }
    }
}

/// An engine, and who replaces it where that can be done.
type Chosen = (Box<dyn Machine>, Option<Arc<Replacer>>);

/// The engine that the settings name.
fn engine(settings: &Settings, seed: Seed, born: Time, happenings: &mpsc::Sender<Happening>) -> Result<Chosen, String> {
    let config = settings.engine_config();
    match settings.engine.kind {
        EngineKind::Native => Ok((Box::new(Engine::new(config, seed, born)), None)),
        EngineKind::Component => {
            let data_dir = Path::new(&settings.server.data_dir);
            let build = replacing::build(&settings.engine, &config, &data_dir.join(plugins::DIRECTORY))?;
            let engine = build.create(seed, born).map_err(|failure| format!("engine.file: {failure}"))?;
            let replacer = Replacer::new(happenings.clone(), data_dir, config, &build);
            Ok((Box::new(engine), Some(Arc::new(replacer))))
        }
    }
}

/// Replaces the engine, and says what came of it: in the log, and to whoever asked.
async fn replace(replacer: Arc<Replacer>, engine: Result<EngineSettings, String>, answer: Option<Asked>) {
    let result = match engine {
        Ok(settings) => replacer.replace(settings).await,
        Err(what) => Err(what),
    };
    match &result {
        Ok(Replaced { sha256, is_new: true, paused_us }) => {
            info!(sha256, paused_us, "another build of the engine goes on in its place");
        }
        Ok(Replaced { sha256, .. }) => info!(sha256, "the engine's file is the one that runs"),
        Err(what) => warn!("the engine goes on as it was: {what}"),
    }
    // Whoever asked may have gone.
    answer.map(|answer| answer.send(result));
}

/// Says at each start who comes in without being asked, and what can be read on the way.
fn warn_of_access(listen: &Listen) {
    let address = listen.address;
    if address.is_loopback() {
        return;
    }
    if listen.allow_everybody_without_token {
        warn!(
            %address,
            "everybody who reaches this address may prepare agent sessions and read all reports, without a token: \
             `listen.allow-everybody-without-token` is set"
        );
    } else {
        warn!(
            %address,
            "tokens, passwords and resume keys cross the network in the clear: put a proxy that speaks TLS before this address"
        );
    }
}

fn heard(kind: SignalKind) -> Result<Signal, ServerError> {
    signal(kind).map_err(|error| ServerError::Start(format!("signals cannot be received on this system: {error}")))
}

/// The engine's loop ended though nobody asked it to.
fn over(ended: Result<(), tokio::task::JoinError>) -> ServerError {
    match ended {
        Ok(()) => ServerError::Start("the engine's loop ended".to_owned()),
        Err(_) => ServerError::Fault,
    }
}

/// Takes the port, without accepting connections yet.
fn bind(settings: &Settings) -> Result<std::net::TcpListener, ServerError> {
    let address = settings.listen.socket_address();
    let fail = |error: std::io::Error| {
        let remedy = match error.kind() {
            std::io::ErrorKind::AddrInUse => {
                "another program listens there: stop it, or choose another port (--port, or `listen.port`; 0 takes a free one)"
            }
            std::io::ErrorKind::PermissionDenied => "choose a port above 1023 (--port, or `listen.port`)",
            _ => "set `listen.address` and `listen.port` to an address of this machine",
        };
        ServerError::Start(format!("cannot listen on {address}: {error}; {remedy}"))
    };
    bound(address).map_err(fail)
}

fn bound(address: SocketAddr) -> std::io::Result<std::net::TcpListener> {
    use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, socket_with, sockopt};
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let socket = socket_with(family, SocketType::STREAM, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK, None)?;
    // A server that is started again does not wait for the last one's connections.
    sockopt::set_socket_reuseaddr(&socket, true)?;
    bind(&socket, &address)?;
    Ok(socket.into())
}

/// Accepts connections from here on.
fn listen(listener: std::net::TcpListener) -> Result<TcpListener, ServerError> {
    /// Connections not yet accepted: a storm of reconnects comes at once.
    const BACKLOG: i32 = 4_096;
    rustix::net::listen(&listener, BACKLOG)
        .map_err(std::io::Error::from)
        .and_then(|()| TcpListener::from_std(listener))
        .map_err(|error| ServerError::Start(format!("cannot listen: {error}")))
}

/// Lets the process open as many sockets as the system permits.
fn allow_many_files() {
    let limit = getrlimit(Resource::Nofile);
    if limit.current == limit.maximum {
        return;
    }
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum }) {
        warn!("the bound of open files stays at {:?}: {error}", limit.current);
    }
}

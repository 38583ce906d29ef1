//! The telephony platform's adapter: no turn of the engine waits for it.
//!
//! One that only reads and writes what a platform says is a task beside the loop: to wake another thread, and be woken by it, costs
//! more than what most frames ask for. One whose work takes long, or nobody knows how long, has a thread of its own.

pub(crate) mod connections;
mod counting;
mod passwords;

use std::collections::BTreeSet;
use std::io;
use std::net::TcpListener as StdListener;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::Duration;

use interaction_core::cti::{
    Adapter, AdapterInput, AdapterOutput, Answer, Command, Event, Outcome, Refusal, RefusalKind, RequestNo,
};
use interaction_core::secret::Secret;
use interaction_core::time::Time;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tracing::{error, info, warn};

use self::connections::{Connections, Heard};
pub(crate) use self::counting::Counting;
use self::counting::{Counted, counting};
use self::passwords::Passwords;
use crate::clock::Clock;
use crate::happening::Happening;
use crate::platform::Chosen;

/// Events told together: those of one read of the platform are one turn's, so that each client gets them in one write; few
/// enough that what the loop's channel holds stays small.
const EVENTS_MAX: usize = 32;
/// Commands that wait for the adapter; beyond that they are refused at once. A platform takes some hundred a second.
const COMMANDS_MAX: usize = 1_024;
/// The first wait before an adapter that failed is made again; each further one is twice as long.
const RESTART_FIRST: Duration = Duration::from_secs(1);
/// The longest such wait.
const RESTART_LONGEST: Duration = Duration::from_secs(60);
/// An adapter that ran for so long has recovered: its next failure waits the first time again.
const RESTART_FORGET: Duration = Duration::from_secs(300);

/// Troubles told in the log until the platform is known again; each once.
const TROUBLES_MAX: usize = 16;
/// How long to wait after a connection could not be accepted: the process has no file left, or the system no memory.
const ACCEPT_AGAIN: Duration = Duration::from_secs(1);

/// Makes an adapter, at the start and after each failure; or says why it cannot.
pub(crate) type Make = Box<dyn FnMut(Time) -> Result<Box<dyn Adapter + Send>, String> + Send>;

/// How the platform and the adapter find each other.
#[derive(Debug)]
pub(crate) enum Way {
    /// The adapter asks for connections to these addresses, `host:port`; names are resolved for each connection.
    Connect(Vec<String>),
    /// The platform connects here.
    Listen(StdListener),
}

/// What is asked of the adapter.
struct Asked {
    request: RequestNo,
    command: Command,
    secret: Option<Secret>,
}

/// The loop's end of the adapter.
#[derive(Debug)]
pub(crate) struct Switch {
    commands: mpsc::Sender<Asked>,
    counting: Counting,
}

impl Switch {
    /// Starts the adapter, on the present runtime where it has no thread of its own. What it tells goes to `happenings`.
    pub(crate) fn start(chosen: Chosen, clock: Clock, happenings: mpsc::Sender<Happening>) -> io::Result<Self> {
        let Chosen { make, way, finesse, plugin, is_apart } = chosen;
        let (commands, asked) = mpsc::channel(COMMANDS_MAX);
        let is_plugin = plugin.is_some();
        let (counting, counted) = counting(plugin);
        let runner = move || {
            let (addresses, listener) = match way {
                Way::Connect(addresses) => (addresses, None),
                Way::Listen(listener) => (Vec::new(), Some(TcpListener::from_std(listener)?)),
            };
            let (open, passwords, troubles) = (BTreeSet::new(), Passwords::new(finesse), BTreeSet::new());
            io::Result::Ok(Runner {
                make,
                clock,
                happenings,
                asked,
                counted,
                addresses,
                listener,
                open,
                passwords,
                troubles,
            })
        };
        if is_apart {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let runner = {
                let _within = runtime.enter();
                runner()?
            };
            thread::Builder::new().name("cti".into()).spawn(move || {
                if is_plugin {
                    give_way();
                }
                runtime.block_on(runner.run());
            })?;
        } else {
            tokio::spawn(runner()?.run());
        }
        Ok(Self { commands, counting })
    }

    /// Who asks the adapter what it counts.
    pub(crate) fn counting(&self) -> Counting {
        self.counting.clone()
    }

    /// Asks, without waiting. Returns the answer where the adapter cannot be asked.
    pub(crate) fn ask(&self, request: RequestNo, command: Command, secret: Option<Secret>) -> Option<Answer> {
        let full = self.commands.try_send(Asked { request, command, secret }).is_err();
        full.then(|| unavailable(request, "too many commands wait for the telephony platform"))
    }
}

fn unavailable(request: RequestNo, text: &str) -> Answer {
    Answer { request, outcome: Outcome::Refused(Refusal { kind: RefusalKind::Unavailable, text: text.into() }) }
}

struct Runner {
    make: Make,
    clock: Clock,
    happenings: mpsc::Sender<Happening>,
    asked: mpsc::Receiver<Asked>,
    counted: Counted,
    addresses: Vec<String>,
    /// Where the platform connects to, if it does.
    listener: Option<TcpListener>,
    /// Commands the adapter has not answered.
    open: BTreeSet<RequestNo>,
    passwords: Passwords,
    /// What stood in the way of a session since the platform was last known in full.
    troubles: BTreeSet<Box<str>>,
}

/// Why an adapter runs no more.
enum Over {
    /// It failed, or panicked; in which words.
    Failed(String),
    /// The server ends.
    ServerEnds,
}

impl Runner {
    async fn run(mut self) {
        let mut wait = RESTART_FIRST;
        loop {
            let started = self.clock.now();
            let why = match self.one().await {
                Over::ServerEnds => return,
                Over::Failed(why) => why,
            };
            error!("the telephony adapter failed: {why}");
            if self.clock.now().since(started) > RESTART_FORGET {
                wait = RESTART_FIRST;
            }
            if self.down(&why).await.is_err() || self.pause(wait).await.is_err() {
                return;
            }
            wait = (wait * 2).min(RESTART_LONGEST);
        }
    }

    /// Runs one adapter until it fails.
    async fn one(&mut self) -> Over {
        let now = self.clock.now();
        let mut adapter = match catch_unwind(AssertUnwindSafe(|| (self.make)(now))) {
            Ok(Ok(adapter)) => adapter,
            Ok(Err(why)) => return Over::Failed(why),
            Err(panic) => return Over::Failed(words(&*panic)),
        };
        let mut connections = Connections::new(self.addresses.clone());
        let mut due = Some(now);
        loop {
            let sleep = due.map(|due| self.clock.until(due)).unwrap_or(Duration::from_secs(3_600));
            let happened = tokio::select! {
                biased;
                asked = self.asked.recv() => match asked {
                    Some(asked) => Happened::Asked(asked),
                    None => return Over::ServerEnds,
                },
                heard = connections.heard() => Happened::Heard(heard),
                checked = self.passwords.next() => {
                    let mut told = checked.into_iter().filter_map(|event| self.answered(event)).collect();
                    if self.tell(&mut told).await.is_err() {
                        return Over::ServerEnds;
                    }
                    continue;
                }
                Some(answer) = self.counted.recv() => {
                    match catch_unwind(AssertUnwindSafe(|| adapter.counts())) {
                        // Whoever asked may have gone.
                        Ok(counts) => drop(answer.send([counts, self.passwords.counts()].concat())),
                        Err(panic) => return Over::Failed(words(&*panic)),
                    }
                    continue;
                }
                stream = accept(self.listener.as_ref()), if connections.have_room() => {
                    connections.accepted(stream);
                    continue;
                }
                () = tokio::time::sleep(sleep) => Happened::Due,
            };
            let now = self.clock.now();
            let happened = match happened {
                Happened::Asked(asked) => {
                    self.open.insert(asked.request);
                    match self.passwords.take(now, asked) {
                        Err(asked) => Happened::Asked(asked),
                        Ok(event) => {
                            let mut told = event.and_then(|event| self.answered(event)).into_iter().collect();
                            if self.tell(&mut told).await.is_err() {
                                return Over::ServerEnds;
                            }
                            continue;
                        }
                    }
                }
                happened => happened,
            };
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| feed(&mut *adapter, now, &happened))) {
                return Over::Failed(words(&*panic));
            }
            let mut events = Vec::new();
            loop {
                let output = match catch_unwind(AssertUnwindSafe(|| adapter.poll_output())) {
                    Ok(Some(output)) => output,
                    Ok(None) => break,
                    Err(panic) => {
                        // What it told before is true.
                        let told = self.tell(&mut events).await;
                        return if told.is_err() { Over::ServerEnds } else { Over::Failed(words(&*panic)) };
                    }
                };
                match output {
                    AdapterOutput::Event(event) => {
                        events.extend(self.admit(event));
                        if events.len() >= EVENTS_MAX && self.tell(&mut events).await.is_err() {
                            return Over::ServerEnds;
                        }
                    }
                    AdapterOutput::Connect { connection, address } => connections.connect(connection, address),
                    AdapterOutput::Send { connection, bytes } => connections.send(connection, bytes),
                    AdapterOutput::Disconnect { connection } => connections.disconnect(connection),
                }
            }
            if self.tell(&mut events).await.is_err() {
                return Over::ServerEnds;
            }
            if let Some(trouble) = adapter.trouble() {
                self.complain(trouble);
            }
            if let Some(why) = adapter.failure() {
                return Over::Failed(why);
            }
            due = match catch_unwind(AssertUnwindSafe(|| adapter.poll_timeout())) {
                Ok(due) => due,
                Err(panic) => return Over::Failed(words(&*panic)),
            };
            // Where the platform tells much, others on this thread get their turn between one piece and the next.
            if connections.have_told() {
                tokio::task::yield_now().await;
            }
        }
    }

    /// What is to be told of an event: nothing of an answer nobody waits for.
    fn answered(&mut self, event: Event) -> Option<Event> {
        match &event {
            Event::Answer(answer) if !self.open.remove(&answer.request) => {
                warn!(request = answer.request.0, "a command is answered that nobody waits for");
                None
            }
            _ => Some(event),
        }
    }

    /// What is to be told of an event of the adapter.
    fn admit(&mut self, event: Event) -> Option<Event> {
        let event = self.answered(event)?;
        let event = self.passwords.see(event);
        match &event {
            Event::Up(platform) => info!("the telephony platform is reached: {} {}", platform.vendor, platform.version),
            Event::Down { why } => warn!("the telephony platform is away: {why}"),
            Event::ResyncEnd => {
                self.troubles.clear();
                info!("the telephony platform is known in full");
            }
            _ => {}
        }
        Some(event)
    }

    /// Logs what stands in the way of a session: a node that is asked again and again says the same each time.
    fn complain(&mut self, trouble: Box<str>) {
        if self.troubles.len() < TROUBLES_MAX && !self.troubles.contains(&trouble) {
            warn!("no session with the telephony platform: {trouble}");
            self.troubles.insert(trouble);
        }
    }

    /// Tells the loop; what is told is taken out.
    async fn tell(&mut self, events: &mut Vec<Event>) -> Result<(), ()> {
        if events.is_empty() {
            return Ok(());
        }
        self.happenings.send(Happening::Cti(std::mem::take(events))).await.map_err(drop)
    }

    /// What an adapter that failed left open.
    async fn down(&mut self, why: &str) -> Result<(), ()> {
        let text = "the telephony adapter failed and is started again";
        let refused =
            std::mem::take(&mut self.open).into_iter().map(|request| Event::Answer(unavailable(request, text)));
        let down = self.passwords.see(Event::Down { why: format!("{text}: {why}").into() });
        self.tell(&mut refused.chain([down]).collect()).await
    }

    /// Waits, refusing what is asked meanwhile.
    async fn pause(&mut self, wait: Duration) -> Result<(), ()> {
        let sleep = tokio::time::sleep(wait);
        tokio::pin!(sleep);
        loop {
            tokio::select! {
                () = &mut sleep => return Ok(()),
                asked = self.asked.recv() => {
                    let Some(asked) = asked else { return Err(()) };
                    let refused = unavailable(asked.request, "the telephony adapter is being started again");
                    self.tell(&mut vec![Event::Answer(refused)]).await?;
                }
            }
        }
    }
}

/// Lets others go first where there is not time for all: what a plugin does with its time is not known.
#[cfg(target_os = "linux")]
fn give_way() {
    /// A third of the time of a thread that gives no way.
    const NICENESS: i32 = 5;
    // There the calling thread is meant. Without it a plugin takes its full share, no more.
    if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
        warn!("the plugin's thread keeps its priority: {error}");
    }
}

/// Elsewhere priorities are those of processes.
#[cfg(not(target_os = "linux"))]
const fn give_way() {}

/// The next platform that connects, where the adapter listens.
async fn accept(listener: Option<&TcpListener>) -> TcpStream {
    let Some(listener) = listener else { return std::future::pending().await };
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(error) => {
                warn!("the telephony platform's connection cannot be accepted: {error}");
                tokio::time::sleep(ACCEPT_AGAIN).await;
            }
        }
    }
}

enum Happened {
    Asked(Asked),
    Heard(Heard),
    Due,
}

fn feed(adapter: &mut dyn Adapter, now: Time, happened: &Happened) {
    let input = match happened {
        Happened::Asked(asked) => AdapterInput::Command {
            request: asked.request,
            command: asked.command.clone(),
            secret: asked.secret.as_ref().map(Secret::expose),
        },
        Happened::Heard(Heard::Connected(connection)) => AdapterInput::Connected { connection: *connection },
        Happened::Heard(Heard::Received(connection, bytes)) => {
            AdapterInput::Received { connection: *connection, bytes }
        }
        Happened::Heard(Heard::Disconnected(connection, why)) => {
            AdapterInput::Disconnected { connection: *connection, why }
        }
        Happened::Due => AdapterInput::Tick,
    };
    adapter.handle_input(now, input);
}

/// What a panic says.
fn words(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without words".to_owned())
}

#[cfg(test)]
pub(crate) mod tests;

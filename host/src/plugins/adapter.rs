//! A CTI adapter that is a component: the same verbs as a native one, and a judgement of everything it says.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use interaction_core::cti::{
    Adapter, AdapterInput, AdapterOutput, Answer, ConnectionId, Event, Outcome, Refusal, RefusalKind, RequestNo,
};
use interaction_core::secret::Secret;
use interaction_core::time::Time;
use tracing::warn;

use super::checked::{at_most, wrong};
use super::counts::{Count, PluginCounts};
use super::failure::Failure;
use super::limits::{
    ANSWER_WITHIN, COMMANDS_MAX, CONNECTIONS_MAX, COUNT_NAME_BYTES_MAX, COUNTS_EVERY, COUNTS_MAX, REST, SEND_BYTES_MAX,
    WARN_EVERY,
};
use super::load::{LoadError, Loaded};
use super::runtime::Runtime;
use super::v0_1;

pub(crate) use super::v0_1::About;

/// What an operator gives to a plugin, and nothing else.
#[derive(Debug, Default)]
pub(crate) struct Given {
    /// Its configuration, a JSON object.
    pub(crate) config: String,
    /// Where it may connect to, in this order.
    pub(crate) addresses: Vec<String>,
    /// What it is told, by name.
    pub(crate) secrets: Vec<(String, Secret)>,
}

/// What one instance may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bounds {
    /// Of memory.
    pub(crate) memory_bytes: usize,
    /// For one call.
    pub(crate) call_within: Duration,
}

/// Makes adapters of one component.
pub(crate) struct Plugin {
    factory: v0_1::Factory,
    bounds: Bounds,
    given: Given,
    counts: Arc<PluginCounts>,
}

impl Plugin {
    /// Finds out whether the component fits.
    pub(crate) fn new(runtime: &Runtime, loaded: &Loaded, bounds: Bounds, given: Given) -> Result<Self, LoadError> {
        let factory = v0_1::Factory::new(runtime, loaded)?;
        Ok(Self { factory, bounds, given, counts: Arc::default() })
    }

    /// What the component says of itself.
    pub(crate) fn about(&self) -> Result<About, Failure> {
        self.factory.describe(&self.bounds)
    }

    /// What is counted of all its adapters.
    pub(crate) fn counts(&self) -> Arc<PluginCounts> {
        Arc::clone(&self.counts)
    }

    /// Says, and counts, that the plugin wants a secret it is not granted.
    pub(crate) fn missing_secret(&self, name: &str) {
        PluginCounts::count(&self.counts.refused);
        warn!("the plugin may want the secret `{name}`, which it is not granted (`cti.plugin.secrets`)");
    }

    /// Makes an adapter.
    pub(crate) fn make(&self, seed: u64, now: Time) -> Result<PluginAdapter, Failure> {
        PluginCounts::count(&self.counts.made);
        let made = self.factory.make(&self.bounds, &self.given, seed, now);
        let instance = made.inspect_err(|failure| self.counts.failed(failure))?;
        Ok(PluginAdapter {
            instance,
            counts: Arc::clone(&self.counts),
            addresses: self.given.addresses.len(),
            connections: BTreeSet::new(),
            open: BTreeMap::new(),
            outputs: VecDeque::new(),
            due: Some(now),
            counted: None,
            warned: None,
            failed: None,
        })
    }
}

/// One adapter.
pub(crate) struct PluginAdapter {
    instance: v0_1::Instance,
    counts: Arc<PluginCounts>,
    /// How many addresses it is granted.
    addresses: usize,
    /// Its connections, those that are being made among them.
    connections: BTreeSet<ConnectionId>,
    /// Commands it has not answered, and since when.
    open: BTreeMap<RequestNo, Time>,
    outputs: VecDeque<AdapterOutput>,
    due: Option<Time>,
    /// When it was last asked what it counts.
    counted: Option<Time>,
    /// When the log was last told of what it may not.
    warned: Option<Time>,
    failed: Option<Failure>,
}

impl Adapter for PluginAdapter {
    fn handle_input(&mut self, now: Time, input: AdapterInput<'_>) {
        if self.failed.is_none()
            && let Err(failure) = self.step(now, input)
        {
            self.counts.failed(&failure);
            // Half of what a call returned is nothing to rely on.
            self.outputs.clear();
            self.failed = Some(failure);
        }
    }

    fn poll_output(&mut self) -> Option<AdapterOutput> {
        self.outputs.pop_front()
    }

    fn poll_timeout(&self) -> Option<Time> {
        let overdue = self.oldest().map(|since| since + ANSWER_WITHIN);
        self.due.into_iter().chain(overdue).min()
    }

    fn failure(&self) -> Option<String> {
        self.failed.as_ref().map(Failure::to_string)
    }
}

impl PluginAdapter {
    fn step(&mut self, now: Time, input: AdapterInput<'_>) -> Result<(), Failure> {
        if self.oldest().is_some_and(|since| now.since(since) >= ANSWER_WITHIN) {
            return Err(Failure::Unanswered(ANSWER_WITHIN));
        }
        match &input {
            AdapterInput::Command { request, .. } => {
                if self.open.len() >= COMMANDS_MAX {
                    self.refuse(*request);
                    return Ok(());
                }
                self.open.insert(*request, now);
            }
            AdapterInput::Connected { connection } => {
                self.connections.insert(*connection);
            }
            AdapterInput::Disconnected { connection, .. } => {
                self.connections.remove(connection);
            }
            AdapterInput::Tick | AdapterInput::Received { .. } => {}
        }
        self.call(now, input)?;
        self.due = self.instance.due()?.map(|due| due.max(now + REST));
        self.counts.memory_bytes.store(self.instance.bytes() as u64, Ordering::Relaxed);
        if self.counted.is_none_or(|at| now.since(at) >= COUNTS_EVERY) {
            self.counted = Some(now);
            let counts = counts(self.instance.counts()?)?;
            *self.counts.own.lock().unwrap_or_else(PoisonError::into_inner) = counts;
        }
        Ok(())
    }

    /// Steps, and again for each connection that it may not make.
    fn call(&mut self, now: Time, input: AdapterInput<'_>) -> Result<(), Failure> {
        PluginCounts::count(&self.counts.calls);
        let outputs = self.instance.step(now, input)?;
        let mut refused = VecDeque::new();
        self.judge(outputs, &mut refused)?;
        // One that does not take no for an answer is not asked for ever.
        for _ in 0..CONNECTIONS_MAX {
            let Some((connection, why)) = refused.pop_front() else { return Ok(()) };
            self.refused(now, &why);
            PluginCounts::count(&self.counts.calls);
            let outputs = self.instance.step(now, AdapterInput::Disconnected { connection, why: &why })?;
            self.judge(outputs, &mut refused)?;
        }
        wrong("it", "goes on to ask for connections it may not make")
    }

    /// Says, at most once a second, and counts that it wants to connect to where it may not.
    fn refused(&mut self, now: Time, why: &str) {
        PluginCounts::count(&self.counts.refused);
        if self.warned.is_none_or(|at| now.since(at) >= WARN_EVERY) {
            self.warned = Some(now);
            warn!("the plugin may not connect: {why}");
        }
    }

    /// Takes what it wants done, as far as it may want it.
    fn judge(
        &mut self,
        outputs: Vec<AdapterOutput>,
        refused: &mut VecDeque<(ConnectionId, String)>,
    ) -> Result<(), Failure> {
        for output in outputs {
            match &output {
                AdapterOutput::Event(Event::Answer(answer)) => {
                    if self.open.remove(&answer.request).is_none() {
                        return wrong(
                            "an answer",
                            format_args!("is of request {}, which is not open", answer.request.0),
                        );
                    }
                }
                AdapterOutput::Event(_) => {}
                AdapterOutput::Connect { connection, address } => {
                    if let Some(why) = self.refusal(*address) {
                        refused.push_back((*connection, why));
                        at_most("its connections that are refused", refused.len(), CONNECTIONS_MAX)?;
                        continue;
                    }
                    if !self.connections.insert(*connection) {
                        return wrong(
                            "a new connection",
                            format_args!("has the number {}, which is used", connection.0),
                        );
                    }
                }
                AdapterOutput::Send { connection, bytes } => {
                    self.own(*connection)?;
                    at_most("the bytes sent at once", bytes.len(), SEND_BYTES_MAX)?;
                }
                AdapterOutput::Disconnect { connection } => {
                    self.own(*connection)?;
                    self.connections.remove(connection);
                }
            }
            self.outputs.push_back(output);
        }
        Ok(())
    }

    /// Why it may not connect there.
    fn refusal(&self, address: usize) -> Option<String> {
        if address >= self.addresses {
            let granted = self.addresses;
            return Some(format!("address {address} is not granted; {granted} are (`cti.plugin.connect`)"));
        }
        (self.connections.len() >= CONNECTIONS_MAX)
            .then(|| format!("it has {CONNECTIONS_MAX} connections, which are the most"))
    }

    /// Since when a command waits, of those that are not answered: the engine counts them.
    fn oldest(&self) -> Option<Time> {
        self.open.first_key_value().map(|(_, since)| *since)
    }

    fn own(&self, connection: ConnectionId) -> Result<(), Failure> {
        if self.connections.contains(&connection) {
            return Ok(());
        }
        wrong("connection", format_args!("{} is not its own", connection.0))
    }

    fn refuse(&mut self, request: RequestNo) {
        let text = "the plugin has not answered the commands before";
        let refusal = Refusal { kind: RefusalKind::Unavailable, text: text.into() };
        let answer = Answer { request, outcome: Outcome::Refused(refusal) };
        self.outputs.push_back(AdapterOutput::Event(Event::Answer(answer)));
    }
}

/// What it counts, under names that metrics can show and that are nobody else's.
fn counts(told: Vec<Count>) -> Result<Vec<Count>, Failure> {
    at_most("what it counts", told.len(), COUNTS_MAX)?;
    let mut names = BTreeSet::new();
    for count in &told {
        let name = &*count.name;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let is_name = name.len() <= COUNT_NAME_BYTES_MAX
            && name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(plain);
        if !is_name {
            return wrong("the name of what it counts", "is not of lower-case letters, digits and `_`");
        }
        if !names.insert(name.to_owned()) {
            return wrong("the name of what it counts", format_args!("comes twice: {name}"));
        }
    }
    let prefixed = |count: Count| Count { name: format!("plugin_own_{}", count.name).into(), ..count };
    Ok(told.into_iter().map(prefixed).collect())
}

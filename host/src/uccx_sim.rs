//! The driver of the simulated UCCX: listeners, clients' connections, orders of people, time.

mod clients;
mod orders;

use std::collections::BTreeMap;
use std::time::Duration;

use interaction_core::cti::uccx::sim::{ClientId, SimInput, SimOutput, UccxSim};
use interaction_core::time::Time;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;

use self::clients::{Client, Heard, Unread};
pub(crate) use self::orders::Order;
use crate::clock::Clock;

/// What clients told that is not yet heard; then reading from them pauses.
const HEARD_MAX: usize = 64;
/// Orders not yet carried out.
const ORDERS_MAX: usize = 16;
/// The longest sleep: a wait without a deadline is none.
const SLEEP: Duration = Duration::from_secs(3_600);

/// Signals that stop it, heard from before anybody knows of it.
#[derive(Debug)]
pub(crate) struct Stop([Signal; 2]);

impl Stop {
    /// Begins to hear them.
    pub(crate) fn listen() -> std::io::Result<Self> {
        Ok(Self([signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?]))
    }

    async fn wanted(&mut self) {
        let [terminate, interrupt] = &mut self.0;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
}

/// Where it listens.
#[derive(Debug)]
pub(crate) struct Listeners {
    /// The nodes, the master first.
    pub(crate) nodes: Vec<TcpListener>,
    /// For orders, a line each.
    pub(crate) admin: Option<TcpListener>,
}

/// The server with its sockets.
#[derive(Debug)]
struct Driver<N> {
    sim: UccxSim,
    clock: Clock,
    clients: BTreeMap<ClientId, Client>,
    last_client: u32,
    tell: mpsc::Sender<Heard>,
    note: N,
}

/// Serves until a signal to stop. `note` gets a line for whatever clients do.
pub(crate) async fn serve(
    sim: UccxSim,
    clock: Clock,
    listeners: Listeners,
    mut stop: Stop,
    note: impl FnMut(Time, &str),
) {
    let (tell, mut heard) = mpsc::channel(HEARD_MAX);
    let (order, mut orders) = mpsc::channel(ORDERS_MAX);
    for (node, listener) in listeners.nodes.into_iter().enumerate() {
        tokio::spawn(clients::accept(node, listener, tell.clone()));
    }
    orders::read_stdin(order.clone());
    if let Some(listener) = listeners.admin {
        tokio::spawn(orders::accept(listener, order.clone()));
    }
    let mut driver = Driver { sim, clock, clients: BTreeMap::new(), last_client: 0, tell, note };
    loop {
        driver.drain();
        let wait = driver.sim.poll_timeout().map_or(SLEEP, |at| clock.until(at).min(SLEEP));
        tokio::select! {
            () = stop.wanted() => return,
            Some(heard) = heard.recv() => driver.heard(heard),
            Some(order) = orders.recv() => driver.order(order),
            () = tokio::time::sleep(wait) => driver.sim.handle_input(clock.now(), SimInput::Tick),
        }
    }
}

impl<N: FnMut(Time, &str)> Driver<N> {
    fn heard(&mut self, heard: Heard) {
        let now = self.clock.now();
        match heard {
            Heard::Accepted { node, stream } => {
                self.last_client += 1;
                let client = ClientId(self.last_client);
                self.clients.insert(client, Client::serve(client, stream, self.tell.clone()));
                self.sim.handle_input(now, SimInput::Accepted { client, node });
            }
            Heard::Received { client, bytes } => {
                if self.clients.contains_key(&client) {
                    self.sim.handle_input(now, SimInput::Received { client, bytes: &bytes });
                }
            }
            Heard::Ended { client, why } => {
                if self.clients.remove(&client).is_some() {
                    self.sim.handle_input(now, SimInput::Gone { client, why: &why });
                }
            }
        }
    }

    fn order(&mut self, order: Order) {
        let answer = match order.text.parse() {
            Ok(fault) => {
                self.sim.handle_input(self.clock.now(), SimInput::Fault(fault));
                "ok".to_owned()
            }
            Err(error) => error.to_string(),
        };
        match order.reply {
            // Whoever asked may have gone.
            Some(reply) => drop(reply.send(answer)),
            None if answer == "ok" => {}
            None => (self.note)(self.clock.now(), &answer),
        }
    }

    /// Does what the server wants done.
    fn drain(&mut self) {
        while let Some(output) = self.sim.poll_output() {
            match output {
                SimOutput::Send { client, bytes } => {
                    let Some(Err(Unread)) = self.clients.get(&client).map(|one| one.send(bytes)) else { continue };
                    self.clients.remove(&client);
                    let why = "it does not read what is sent to it";
                    self.sim.handle_input(self.clock.now(), SimInput::Gone { client, why });
                }
                SimOutput::Close { client } => {
                    if let Some(client) = self.clients.remove(&client) {
                        client.close();
                    }
                }
                SimOutput::Reset { client } => {
                    if let Some(client) = self.clients.remove(&client) {
                        client.reset();
                    }
                }
                SimOutput::Note(text) => (self.note)(self.clock.now(), &text),
            }
        }
    }
}

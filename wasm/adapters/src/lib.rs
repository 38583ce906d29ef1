//! CTI adapters as WebAssembly components of world `interaction:processor/cti-adapter`: what is between the vocabulary of
//! `wasm/wit/` and that of [`interaction_core::cti`], for whatever implements [`Adapter`]. It decides nothing.

use std::cell::RefCell;
use std::marker::PhantomData;

use interaction_core::cti::{Adapter, AdapterInput, ConnectionId, RequestNo};
use interaction_core::time::Time;

use bindings::exports::interaction::processor::adapter::{
    About, Asked, Count, Guest, GuestAdapter, Input, Output, Parting, Piece, Refusal, Settings,
};

mod command;
mod event;
pub mod plugins;

#[allow(unsafe_code, missing_docs, unreachable_pub, clippy::all, reason = "written by wit-bindgen")]
pub mod bindings {
    wit_bindgen::generate!({
        path: "../wit/0.1",
        world: "cti-adapter",
        pub_export_macro: true,
        default_bindings_module: "interaction_adapters::bindings",
    });
}

/// An adapter that can be a component.
pub trait Plugin: Adapter + Sized + 'static {
    /// What it is called.
    const NAME: &'static str;
    /// The secrets it may want.
    const SECRETS: &'static [&'static str];

    /// Makes one from what the operator granted.
    ///
    /// # Errors
    /// A property that is wrong, by its name.
    fn create(settings: Settings) -> Result<Self, Refusal>;
}

/// The component of an adapter.
#[derive(Debug)]
pub struct Component<P>(PhantomData<P>);

/// A resource is lent shared; calls never overlap, so the cell is never found borrowed.
#[derive(Debug)]
pub struct Lent<P>(RefCell<P>);

impl<P: Plugin> Guest for Component<P> {
    type Adapter = Lent<P>;

    fn describe() -> About {
        About {
            name: P::NAME.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            secrets: P::SECRETS.iter().map(|&name| name.to_owned()).collect(),
        }
    }
}

impl<P: Plugin> GuestAdapter for Lent<P> {
    fn create(settings: Settings) -> Result<bindings::exports::interaction::processor::adapter::Adapter, Refusal> {
        let adapter = Self(RefCell::new(P::create(settings)?));
        Ok(bindings::exports::interaction::processor::adapter::Adapter::new(adapter))
    }

    fn step(&self, now: u64, inputs: Vec<Input>) -> Vec<Output> {
        let now = Time::from_micros(now);
        let mut adapter = self.0.borrow_mut();
        let mut outputs = Vec::new();
        for input in inputs {
            feed(&mut *adapter, now, input);
            while let Some(output) = adapter.poll_output() {
                outputs.push(event::output(output));
            }
        }
        outputs
    }

    fn next_timeout(&self) -> Option<u64> {
        self.0.borrow().poll_timeout().map(Time::as_micros)
    }

    fn counts(&self) -> Vec<Count> {
        let counts = self.0.borrow().counts();
        let written = counts.into_iter().map(|count| Count {
            name: count.name.to_owned(),
            help: count.help.to_owned(),
            grows: count.grows,
            value: count.value,
        });
        written.collect()
    }
}

fn feed(adapter: &mut impl Adapter, now: Time, input: Input) {
    match input {
        Input::Tick => adapter.handle_input(now, AdapterInput::Tick),
        Input::Command(Asked { request, command, secret }) => {
            let (request, command) = (RequestNo(request), command::command(command));
            adapter.handle_input(now, AdapterInput::Command { request, command, secret: secret.as_deref() });
        }
        Input::Connected(connection) => {
            adapter.handle_input(now, AdapterInput::Connected { connection: ConnectionId(connection) });
        }
        Input::Received(Piece { connection, bytes }) => {
            let connection = ConnectionId(connection);
            adapter.handle_input(now, AdapterInput::Received { connection, bytes: &bytes });
        }
        Input::Disconnected(Parting { connection, why }) => {
            let connection = ConnectionId(connection);
            adapter.handle_input(now, AdapterInput::Disconnected { connection, why: &why });
        }
    }
}

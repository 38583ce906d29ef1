//! A CTI adapter as a plugin: a small contact centre of its own, to be replaced by what speaks to yours.
//!
//! It knows agents by its configuration, signs in whoever gives the id as the password, and changes states as it is asked. A
//! platform that is reached over the network answers `Input::Connected` and `Input::Received` instead of doing nothing on
//! them: ask for the connection with `Output::Connect`, and say `Event::Up` when the platform has said who it is.

mod centre;

use std::cell::RefCell;

use centre::{Centre, Config};
use exports::interaction::processor::adapter::{
    About, Adapter, Asked, Count, Guest, GuestAdapter, Input, Output, Refusal, Settings,
};

wit_bindgen::generate!({ path: "wit", world: "cti-adapter" });

struct Plugin;

impl Guest for Plugin {
    type Adapter = Session;

    fn describe() -> About {
        let [name, version] = [env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")].map(str::to_owned);
        // The secrets it may want, by name: the operator grants them, and the host refuses others.
        About { name, version, secrets: Vec::new() }
    }
}

/// One adapter. Calls never overlap, so the cell is never found borrowed.
struct Session(RefCell<Centre>);

impl GuestAdapter for Session {
    fn create(settings: Settings) -> Result<Adapter, Refusal> {
        let config: Config = serde_json::from_str(&settings.config)
            .map_err(|error| Refusal { key: String::new(), message: error.to_string() })?;
        if config.agents.is_empty() {
            let message = "name at least one agent, such as {\"id\":\"2001\",\"name\":\"Ann Agent\"}".to_owned();
            return Err(Refusal { key: "agents".to_owned(), message });
        }
        Ok(Adapter::new(Session(RefCell::new(Centre::new(config)))))
    }

    /// Everything that happened goes in, everything that is to be done comes out. Nothing here waits.
    fn step(&self, now: u64, inputs: Vec<Input>) -> Vec<Output> {
        let mut centre = self.0.borrow_mut();
        let mut events = Vec::new();
        for input in inputs {
            events.extend(centre.begin());
            match input {
                Input::Command(Asked { request, command, secret }) => {
                    events.extend(centre.command(now, request, command, secret.as_deref()));
                }
                Input::Tick | Input::Connected(_) | Input::Received(_) | Input::Disconnected(_) => {}
            }
        }
        events.into_iter().map(Output::Event).collect()
    }

    /// The first step is wanted at once; after that only commands make anything happen here.
    fn next_timeout(&self) -> Option<u64> {
        self.0.borrow().is_unborn().then_some(0)
    }

    fn counts(&self) -> Vec<Count> {
        let help = "Commands that were asked".to_owned();
        vec![Count { name: "commands".to_owned(), help, grows: true, value: self.0.borrow().commands() }]
    }
}

export!(Plugin);

//! Who signs in, and the question whether to take a session over.

use std::fs;
use std::io::{self, IsTerminal};

use interaction_core::secret::Secret;
use serde_json::{Map, Value, json};

use super::terminal::Terminal;
use super::{Args, Ended};
use crate::cli::Failed;
use crate::cli::client::{Client, Place, said};

/// The agent, the password, and what goes with them.
pub(super) struct Identity {
    agent: String,
    password: Secret,
    extension: Option<String>,
    model: Option<String>,
    takes_over: bool,
}

impl Identity {
    /// From the command line; the terminal asks for a password that no file holds.
    pub(super) fn of(args: &Args) -> Result<Self, Failed> {
        let mut password = match &args.password_file {
            Some(path) => fs::read_to_string(path)
                .map_err(|error| Failed::usage(format!("cannot read the password file {}: {error}", path.display())))?,
            None if io::stdin().is_terminal() => rpassword::prompt_password(format!("password of {}: ", args.agent))
                .map_err(|error| Failed::new(format!("cannot ask for a password: {error}")))?,
            None => return Err(Failed::usage("no terminal to ask for a password: name a file with --password-file")),
        };
        password.truncate(password.trim_end_matches(['\r', '\n']).len());
        Ok(Self {
            agent: args.agent.clone(),
            password: Secret::new(password),
            extension: args.extension.clone(),
            model: args.model.clone(),
            takes_over: args.takes_over,
        })
    }

    /// What `session.start` is told.
    pub(super) fn start_data(&self) -> Value {
        self.extension.as_ref().map_or_else(|| json!({}), |extension| json!({"extension": extension}))
    }

    /// Prepares a session and binds it. Where somebody has it already, the terminal asks, or `--override` answers.
    pub(super) async fn sign_in(&self, client: &mut Client, terminal: &Terminal) -> Result<Place, Ended> {
        let service = client.service().await?.map_err(refused)?;
        let mut takes_over = self.takes_over;
        loop {
            let data = self.data(takes_over);
            let answer = client.ask_service(&service, "prepareSession", data).await?.map_err(refused)?;
            if answer["result"] == "confirm" {
                let question = answer["message"].as_str().unwrap_or("The agent has a session already.");
                if !terminal.confirms(question).await {
                    return Err(Ended::Refused(format!("{question} Take it over with --override.")));
                }
                takes_over = true;
                continue;
            }
            let resource = answer["resource"]["id"].as_str().unwrap_or_default().to_owned();
            let place = Place::new(service, resource);
            return match client.bind(&place).await? {
                Ok(_) => Ok(place),
                Err(failure) => Err(refused(failure)),
            };
        }
    }

    fn data(&self, takes_over: bool) -> Value {
        let mut data = Map::new();
        if let Some(model) = &self.model {
            data.insert("model".into(), json!(model));
        }
        data.insert("override".into(), json!(takes_over));
        data.insert("agent".into(), json!({"id": self.agent, "password": self.password.expose()}));
        Value::Object(data)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is a way to map an error")]
fn refused(failure: Value) -> Ended {
    Ended::Refused(said(&failure))
}

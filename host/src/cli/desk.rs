//! `desk`: an agent's session on a terminal, for trying a platform by hand or by a script. Every action offered is one that
//! `state.updated` enabled.

mod action;
mod mirror;
mod sign_in;
mod terminal;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args as ClapArgs;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, sleep_until};

use self::action::{Ask, Word};
use self::mirror::Mirror;
use self::sign_in::Identity;
use self::terminal::Terminal;
use super::Failed;
use super::client::{At, Client, Lost, Place, Resumed, said};

/// The first wait before connecting again; each further one is twice as long.
const AGAIN_FIRST: Duration = Duration::from_millis(250);
/// The longest such wait.
const AGAIN_LONGEST: Duration = Duration::from_secs(5);
/// So long after the last event of a group its state is shown: events come in groups, and only their end is worth a line.
const GROUP: Duration = Duration::from_millis(50);
/// How long `wait` waits where it is not told.
const WAIT_DEFAULT_S: u64 = 60;

/// `interaction-processor desk`
#[derive(Debug, ClapArgs)]
#[command(after_help = action::HELP)]
pub(super) struct Args {
    /// Whose desk: the id of an agent
    #[arg(long, value_name = "ID")]
    agent: String,
    /// A file with the agent's password; without it the terminal asks
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Where to sign in, for a platform that does not know the agent's extension
    #[arg(long, value_name = "NUMBER")]
    extension: Option<String>,
    /// The call model of the session, where it is not the default one
    #[arg(long)]
    model: Option<String>,
    /// Take the session over from whoever has it, without asking
    #[arg(long = "override")]
    takes_over: bool,
    #[command(flatten)]
    at: At,
    /// One JSON object an event and an answer, and nothing else on standard output
    #[arg(long)]
    json: bool,
}

/// Runs until the agent logs out or leaves, or somebody ends the session.
pub(super) async fn run(args: Args) -> Result<(), Failed> {
    let identity = Identity::of(&args)?;
    let mut client = Client::connect(&args.at).await?;
    let terminal = Terminal::open(args.json, &args.agent);
    let place = match identity.sign_in(&mut client, &terminal).await {
        Ok(place) => place,
        Err(Ended::Lost(why)) => return Err(Failed::no_server(&args.at.url, why)),
        Err(Ended::Refused(what)) => return Err(Failed::refused(what)),
        Err(Ended::Left) => return Ok(()),
    };
    let mut desk = Desk { client, place, identity, terminal, mirror: Mirror::default(), waits: None, shows: None };
    let ended = tokio::select! {
        biased;
        _ = tokio::signal::ctrl_c() => Ok(()),
        ended = desk.run() => ended,
    };
    desk.terminal.close();
    desk.client.disconnect().await;
    ended
}

/// Why a desk does not go on.
#[derive(Debug)]
enum Ended {
    /// The socket is gone.
    Lost(String),
    /// The server will not have it.
    Refused(String),
    /// As its agent wanted.
    Left,
}

impl From<Lost> for Ended {
    fn from(lost: Lost) -> Self {
        match lost {
            Lost::Socket(why) => Self::Lost(why),
            Lost::Ended(why) => Self::Refused(why),
        }
    }
}

struct Desk {
    client: Client,
    place: Place,
    identity: Identity,
    terminal: Terminal,
    mirror: Mirror,
    /// What a script waits for, and until when.
    waits: Option<(String, Instant)>,
    /// When to show the state.
    shows: Option<Instant>,
}

impl Desk {
    async fn run(&mut self) -> Result<(), Failed> {
        let mut ended = self.start().await.err();
        loop {
            let why = match ended.take() {
                None => match self.follow().await {
                    Ok(()) => continue,
                    Err(why) => why,
                },
                Some(why) => why,
            };
            match why {
                Ended::Lost(why) => ended = self.again(&why).await.err(),
                Ended::Refused(what) => return Err(Failed::refused(what)),
                Ended::Left => return Ok(()),
            }
        }
    }

    async fn start(&mut self) -> Result<(), Ended> {
        let data = self.identity.start_data();
        let target = self.place.resource().to_owned();
        self.mirror = Mirror::of(&target);
        let started = self.client.ask_object(&self.place, "session.start", &target, data).await?;
        started.map(drop).map_err(|failure| Ended::Refused(said(&failure)))
    }

    /// One thing that happens: a message, a line typed, or the end of a wait.
    async fn follow(&mut self) -> Result<(), Ended> {
        self.stop_waiting();
        let until = self.waits.as_ref().map_or_else(Instant::now, |(_, until)| *until);
        tokio::select! {
            biased;
            message = self.client.next() => self.take(&message?),
            () = sleep_until(self.shows.unwrap_or(until)), if self.shows.is_some() => {
                self.shows = None;
                self.terminal.state(&self.mirror);
                Ok(())
            }
            () = sleep_until(until), if self.waits.is_some() => {
                let (what, _) = self.waits.take().unwrap_or((String::new(), until));
                Err(Ended::Refused(format!("`{what}` did not become possible in time")))
            }
            line = self.terminal.line(), if self.waits.is_none() => match line {
                Some(line) => self.typed(&line).await,
                None => Err(Ended::Left),
            },
        }
    }

    fn stop_waiting(&mut self) {
        if self.waits.as_ref().is_some_and(|(what, _)| self.mirror.offers(what)) {
            self.waits = None;
        }
    }

    fn take(&mut self, message: &Value) -> Result<(), Ended> {
        let event = &message["event"];
        match message["messageType"].as_str() {
            Some("resourceEvent") => {
                self.terminal.json(event);
                for line in self.mirror.apply(event) {
                    self.terminal.say(&line);
                }
                self.shows = Some(Instant::now() + GROUP);
            }
            Some("coreEvent") => {
                self.terminal.json(event);
                match event["name"].as_str() {
                    Some("resourceUnbound") => {
                        let reason = event["data"]["reason"].as_str().unwrap_or("ended");
                        let by = event["data"]["client"].as_str().map_or(String::new(), |by| format!(" by {by}"));
                        return Err(Ended::Refused(format!("the session is over: {reason}{by}")));
                    }
                    Some("serviceStatus") => {
                        let status = event["data"]["serviceStatus"]["status"].as_str().unwrap_or("unknown");
                        self.terminal.say(&format!("the platform is {status}"));
                    }
                    Some("shutdown") => self.terminal.say("the server goes down"),
                    _ => {}
                }
            }
            _ => {}
        }
        Ok(())
    }

    async fn typed(&mut self, line: &str) -> Result<(), Ended> {
        match action::read(line, &self.mirror) {
            Ok(Word::Nothing) => Ok(()),
            Ok(Word::Help) => {
                self.terminal.say(action::HELP);
                Ok(())
            }
            Ok(Word::Show) => {
                for line in self.mirror.describe() {
                    self.terminal.say(&line);
                }
                Ok(())
            }
            Ok(Word::Quit) => Err(Ended::Left),
            Ok(Word::Wait { verb, seconds }) => {
                let until = Instant::now() + Duration::from_secs(seconds.unwrap_or(WAIT_DEFAULT_S));
                self.waits = Some((verb, until));
                Ok(())
            }
            Ok(Word::Ask(ask)) => self.ask(ask).await,
            Err(what) => {
                self.terminal.complain(&what);
                if self.terminal.is_script() { Err(Ended::Refused(what)) } else { Ok(()) }
            }
        }
    }

    async fn ask(&mut self, ask: Ask) -> Result<(), Ended> {
        let Ask { command, target, data } = ask;
        let answer = self.client.ask_object(&self.place, &command, &target, data).await?;
        match answer {
            Ok(response) => {
                self.terminal.json(&response);
                if command == "session.request.logout" {
                    self.terminal.farewell("logged out");
                    return Err(Ended::Left);
                }
                Ok(())
            }
            Err(failure) => {
                self.terminal.json(&json!({"command": command, "result": "failure", "failure": failure}));
                let what = said(&failure);
                self.terminal.complain(&what);
                if self.terminal.is_script() { Err(Ended::Refused(what)) } else { Ok(()) }
            }
        }
    }

    /// Connects again until it works, and signs in again where the link was not kept.
    async fn again(&mut self, why: &str) -> Result<(), Ended> {
        let mut wait = AGAIN_FIRST;
        self.terminal.say(&format!("connection lost ({why}); connecting again"));
        loop {
            match self.client.resume().await {
                Ok(Resumed::Same) => {
                    self.terminal.say("connected again, nothing was lost");
                    return Ok(());
                }
                Ok(Resumed::Fresh(reason)) => {
                    self.terminal.say(&format!("connected again on a fresh link ({reason}): signing in again"));
                    self.place = self.identity.sign_in(&mut self.client, &self.terminal).await?;
                    return self.start().await;
                }
                Err(Lost::Ended(what)) => return Err(Ended::Refused(what)),
                Err(Lost::Socket(_)) => {}
            }
            sleep(wait).await;
            wait = (wait * 2).min(AGAIN_LONGEST);
        }
    }
}

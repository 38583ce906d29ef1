//! `watch`: the teams of an agent or a supervisor, live. The link is resumed when its socket is lost, and the view says so.

mod board;
mod queues;
mod screen;

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use clap::Args as ClapArgs;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, sleep_until};

use self::board::Board;
use self::screen::Screen;
use super::Failed;
use super::client::{At, Client, Lost, Resumed, said};

/// How often the view is drawn at most, and how often its times move on.
const DRAW_EVERY: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(1));
/// The first wait before connecting again; each further one is twice as long.
const AGAIN_FIRST: Duration = Duration::from_millis(250);
/// The longest such wait.
const AGAIN_LONGEST: Duration = Duration::from_secs(5);
/// How often a request is made again that the server could not answer yet.
const NOT_YET_MAX: u32 = 30;

/// `interaction-processor watch`
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// Whose teams: the id of an agent or of a supervisor
    #[arg(long, value_name = "ID")]
    agent: String,
    /// The queues as well: who waits, and how the day went
    #[arg(long)]
    queues: bool,
    #[command(flatten)]
    at: At,
    /// One JSON object an event, and nothing else on standard output
    #[arg(long)]
    json: bool,
}

/// Where the view goes.
enum View {
    /// A terminal, drawn again and again.
    Screen(Screen),
    /// A line an event.
    Lines,
    /// A JSON object an event.
    Json,
}

/// Watches until it is interrupted, or the server ends it.
pub(super) async fn run(args: Args) -> Result<(), Failed> {
    let client = Client::connect(&args.at).await?;
    let view = if args.json {
        View::Json
    } else if io::stdout().is_terminal() {
        View::Screen(Screen::open())
    } else {
        View::Lines
    };
    let mut watch = Watch {
        agent: args.agent,
        queues: args.queues,
        client,
        view,
        board: Board::default(),
        state: "live".to_owned(),
    };
    tokio::select! {
        biased;
        _ = tokio::signal::ctrl_c() => Ok(()),
        ended = watch.run() => ended,
    }
}

struct Watch {
    agent: String,
    queues: bool,
    client: Client,
    view: View,
    board: Board,
    /// Of the connection, in words.
    state: String,
}

impl Watch {
    async fn run(&mut self) -> Result<(), Failed> {
        let mut lost = self.begin().await.err();
        loop {
            let why = match lost.take() {
                None => match self.follow().await {
                    Ok(()) => return Ok(()),
                    Err(ended) => ended,
                },
                Some(ended) => ended,
            };
            match why {
                Ended::Lost(why) => lost = self.again(&why).await.err(),
                Ended::Refused(what) => return Err(Failed::refused(what)),
            }
        }
    }

    /// Subscribes. A server that does not know its agents yet is asked again.
    async fn begin(&mut self) -> Result<(), Ended> {
        let reports = self.client.reports().await?.map_err(|failure| Ended::Refused(said(&failure)))?;
        for _ in 0..NOT_YET_MAX {
            let data = json!({"agentId": self.agent});
            let asked = match self.client.ask(&reports, "report.teamstatus.begin", data.clone()).await? {
                Ok(_) if self.queues => self.client.ask(&reports, "report.queuestatus.begin", data).await?,
                asked => asked,
            };
            let Err(failure) = asked else { return Ok(()) };
            let Some(wait) = failure["retryAfterMs"].as_u64().filter(|_| failure["code"] == "cti.unavailable") else {
                return Err(Ended::Refused(said(&failure)));
            };
            self.say(&format!("waiting: {}", said(&failure)));
            sleep(Duration::from_millis(wait.clamp(100, 5_000))).await;
        }
        Err(Ended::Refused("the telephony platform stays away: try again later".to_owned()))
    }

    /// Shows what comes.
    async fn follow(&mut self) -> Result<(), Ended> {
        let mut drawn = Instant::now();
        let mut due = drawn;
        loop {
            tokio::select! {
                message = self.client.next() => {
                    self.take(&message?)?;
                    due = due.min(drawn + DRAW_EVERY.0);
                }
                () = sleep_until(due), if matches!(self.view, View::Screen(_)) => {
                    self.draw();
                    drawn = Instant::now();
                    due = drawn + DRAW_EVERY.1;
                }
            }
        }
    }

    fn take(&mut self, message: &Value) -> Result<(), Ended> {
        let event = &message["event"];
        match message["messageType"].as_str() {
            Some("resourceEvent") => {
                let lines = self.board.apply(event);
                match &self.view {
                    View::Json => print(&event.to_string())?,
                    View::Lines => lines.iter().try_for_each(|line| print(line))?,
                    View::Screen(_) => {}
                }
            }
            Some("coreEvent") => match event["name"].as_str() {
                Some("serviceStatus") => {
                    let status = event["data"]["serviceStatus"]["status"].as_str().unwrap_or("unknown");
                    let state = if status == "InService" { "live" } else { "the telephony platform is away" };
                    self.say(state);
                }
                Some("shutdown") => self.say("the server goes down"),
                Some("subscriptionEnded" | "resourceUnbound") => {
                    return Err(Ended::Refused("the server ended the subscription".to_owned()));
                }
                _ => {}
            },
            _ => {}
        }
        Ok(())
    }

    /// Connects again until it works.
    async fn again(&mut self, why: &str) -> Result<(), Ended> {
        let mut wait = AGAIN_FIRST;
        self.say(&format!("connection lost ({why}); connecting again"));
        let since = Instant::now();
        loop {
            match self.client.resume().await {
                Ok(Resumed::Same) => {
                    self.say("connected again, nothing was lost");
                    return Ok(());
                }
                Ok(Resumed::Fresh(reason)) => {
                    self.say(&format!("connected again on a fresh link ({reason}): everything is read anew"));
                    self.board = Board::default();
                    return self.begin().await;
                }
                Err(Lost::Ended(what)) => return Err(Ended::Refused(what)),
                Err(Lost::Socket(why)) => {
                    let away = since.elapsed().as_secs();
                    if let View::Screen(_) = self.view {
                        self.say(&format!("connecting again for {away} s ({why})"));
                    }
                }
            }
            sleep(wait).await;
            wait = (wait * 2).min(AGAIN_LONGEST);
        }
    }

    /// Tells of the connection: in the view, or beside the events.
    fn say(&mut self, state: &str) {
        if self.state == state {
            return;
        }
        state.clone_into(&mut self.state);
        match self.view {
            View::Screen(_) => self.draw(),
            View::Lines | View::Json => eprintln!("{state}"),
        }
    }

    fn draw(&mut self) {
        if let View::Screen(screen) = &mut self.view {
            screen.draw(&self.board, &self.agent, &self.state, self.client.server_now_ms());
        }
    }
}

/// Why a view does not go on.
enum Ended {
    /// The socket is gone.
    Lost(String),
    /// The server will not have it, or nobody reads any more.
    Refused(String),
}

impl From<Lost> for Ended {
    fn from(lost: Lost) -> Self {
        match lost {
            Lost::Socket(why) => Self::Lost(why),
            Lost::Ended(why) => Self::Refused(why),
        }
    }
}

fn print(line: &str) -> Result<(), Ended> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).map_err(|error| Ended::Refused(format!("cannot write: {error}")))
}

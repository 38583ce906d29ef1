//! The bench as a contact-centre platform: it feeds the processor JSON lines.

use std::fmt::Write as _;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// The agents of a team whose status changes, one after the other. Names are short, so that messages are as small as the
/// protocol has them.
const AGENTS: &[u8] = b"0123456789abcdef";
/// The supervisors of a team, whom clients watch it by.
const SUPERVISORS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZstuvwx";
const PATIENCE: Duration = Duration::from_secs(10);

/// A platform before the processor connected.
#[derive(Debug)]
pub struct Waiting(TcpListener);

/// A platform in service: teams of sixteen agents and some supervisors.
#[derive(Debug)]
pub struct Platform {
    stream: TcpStream,
    teams: usize,
    published: usize,
    lines: String,
}

/// The supervisor whose teams a client watches, of so many teams in all.
pub fn watched(client: usize, teams: usize) -> String {
    person(SUPERVISORS[client / teams % SUPERVISORS.len()], client % teams)
}

fn person(letter: u8, team: usize) -> String {
    let letter = char::from(letter);
    if team == 0 { letter.to_string() } else { format!("{letter}{team}") }
}

impl Waiting {
    /// Listens on a free port of loopback.
    pub fn listen() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        Ok(Self(listener))
    }

    /// Where.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }

    /// Waits for the processor and tells it everything.
    pub fn serve(self, teams: usize) -> Result<Platform> {
        let until = Instant::now() + PATIENCE;
        let mut stream = loop {
            match self.0.accept() {
                Ok((stream, _)) => break stream,
                Err(error) if error.kind() == ErrorKind::WouldBlock && Instant::now() < until => {
                    sleep(Duration::from_millis(5));
                }
                Err(error) => bail!("the processor did not connect to its platform: {error}"),
            }
        };
        stream.set_nonblocking(false)?;
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.write_all(everything(teams).as_bytes())?;
        stream.set_read_timeout(Some(Duration::from_millis(1)))?;
        Ok(Platform { stream, teams, published: 0, lines: String::new() })
    }
}

impl Platform {
    /// How many teams there are.
    pub fn teams(&self) -> usize {
        self.teams
    }

    /// Changes the status of so many agents, one line each, in one write: of one team after the other.
    pub fn publish(&mut self, changes: usize) -> Result<()> {
        self.lines.clear();
        for _ in 0..changes {
            let (team, round) = (self.published % self.teams, self.published / self.teams);
            // Each time round an agent gets the other state, so that every line is a change.
            let state = if (round / AGENTS.len()).is_multiple_of(2) { "ready" } else { "work" };
            let agent = person(AGENTS[round % AGENTS.len()], team);
            writeln!(self.lines, r#"{{"event":"agentStatus","agent":"{agent}","state":"{state}"}}"#)?;
            self.published += 1;
        }
        self.stream.write_all(self.lines.as_bytes())?;
        Ok(())
    }

    /// Fails if the processor found fault with a line.
    pub fn check(&mut self) -> Result<()> {
        let mut text = [0; 4_096];
        match self.stream.read(&mut text) {
            Ok(0) => bail!("the processor closed the platform's connection"),
            Ok(read) => bail!("the processor told its platform: {}", String::from_utf8_lossy(&text[..read])),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

fn everything(teams: usize) -> String {
    let mut lines = vec![
        r#"{"event":"hello","protocol":1,"vendor":"Bench","version":"1","offers":["telephony","reports"],"reports":"uccx"}"#
            .to_owned(),
        r#"{"event":"resyncBegin"}"#.to_owned(),
    ];
    for team in 0..teams {
        let member = |letter: &u8, role: &str| {
            let id = person(*letter, team);
            (format!(r#"{{"event":"agent","id":"{id}","name":"{id}"}}"#), format!(r#"{{"agent":"{id}"{role}}}"#))
        };
        let agents = AGENTS.iter().map(|letter| member(letter, ""));
        let supervisors = SUPERVISORS.iter().map(|letter| member(letter, r#","role":"supervisor""#));
        let (people, members): (Vec<_>, Vec<_>) = agents.chain(supervisors).unzip();
        lines.extend(people);
        let members = members.join(",");
        lines.push(format!(r#"{{"event":"team","id":"t{team}","name":"T","members":[{members}]}}"#));
        lines.extend(
            AGENTS.iter().map(|letter| {
                format!(r#"{{"event":"agentStatus","agent":"{}","state":"work"}}"#, person(*letter, team))
            }),
        );
    }
    lines.push(r#"{"event":"resyncEnd"}"#.to_owned());
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::watched;

    #[test]
    fn clients_are_spread_over_the_teams_and_their_supervisors() {
        assert_eq!(watched(0, 1), "A");
        assert_eq!(watched(11, 10), "B1");
        let all: BTreeSet<String> = (0..1_000).map(|client| watched(client, 100)).collect();
        assert_eq!(all.len(), 1_000, "ten supervisors of each of a hundred teams");
    }
}

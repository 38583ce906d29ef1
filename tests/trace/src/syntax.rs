//! The text form of a trace.

use std::time::Duration;

use interaction_core::config::{Config, Seed};
use interaction_core::cti::Event;
use interaction_core::ids::{ClaimNo, QueryNo};
use interaction_core::input::{Access, Carrier, ClaimAnswer, Closed, Scopes, StoreAnswer};
use interaction_core::time::Time;
use serde_json::Value;

use crate::{calls, centre};

/// A trace, read.
#[derive(Debug)]
pub struct Trace {
    /// The engine's configuration.
    pub config: Config,
    /// The engine's seed.
    pub seed: Seed,
    /// The engine's first moment.
    pub start: Time,
    pub(crate) lines: Vec<Line>,
}

#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) number: usize,
    pub(crate) text: String,
    pub(crate) kind: Kind,
}

#[derive(Debug)]
pub(crate) enum Kind {
    /// A comment, an empty line, a setting.
    Words,
    /// Made anew by running.
    Expected,
    /// Read again when it is run, with the numbers its `$` words stand for by then.
    Act,
}

#[derive(Debug)]
pub(crate) enum Act {
    Open { socket: u64, peer: String, access: Access },
    Send { socket: u64, frame: Vec<u8> },
    SendBinary { socket: u64 },
    SendLarge { socket: u64, bytes: u64 },
    Alive { socket: u64 },
    Backlog { socket: u64, bytes: u64 },
    Close { socket: u64, why: Closed },
    Advance(Duration),
    Stall(Duration),
    Cti(Vec<Event>),
    Claimed(ClaimNo, ClaimAnswer),
    Loaded(QueryNo, StoreAnswer),
    ShutDown(u32),
    Post { socket: u64, access: Access, key: Option<String>, body: String },
    Attach { socket: u64, key: String, after: u64, carrier: Carrier },
    Token { name: String, how: String },
}

/// What a trace's `config` lines change: fixed words where a build or a machine would have its own.
pub fn base_config() -> Config {
    Config { instance: "node-a".into(), domain: "centre".into(), version: "1.0.0".into(), ..Config::default() }
}

impl Trace {
    /// Reads a trace.
    ///
    /// # Errors
    /// A line that is none of a trace's, by its number.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut config = serde_json::to_value(base_config()).map_err(|error| error.to_string())?;
        let (mut seed, mut start) = (Seed(1), Time::from_millis(1_790_000_000_000));
        let mut lines = Vec::new();
        for (index, text) in text.lines().enumerate() {
            let number = index + 1;
            let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
            let at = |error: String| format!("line {number}: {error}");
            let kind = match word {
                "config" => {
                    merge(&mut config, json(rest).map_err(at)?).map_err(at)?;
                    Kind::Words
                }
                "seed" => {
                    seed = Seed(parse(rest).map_err(at)?);
                    Kind::Words
                }
                "start" => {
                    start = Time::from_millis(parse(rest).map_err(at)?);
                    Kind::Words
                }
                _ if word.is_empty() || word.starts_with('#') => Kind::Words,
                _ if is_expected(word) => Kind::Expected,
                _ => {
                    act(&Names::default().fill(text)).map_err(at)?;
                    Kind::Act
                }
            };
            lines.push(Line { number, text: text.to_owned(), kind });
        }
        let config = serde_json::from_value(config).map_err(|error| format!("config: {error}"))?;
        Ok(Self { config, seed, start, lines })
    }
}

fn is_expected(word: &str) -> bool {
    let after_digits = word.trim_start_matches(|c: char| c.is_ascii_digit());
    matches!(word, "=" | "!" | "cti<" | "claim<" | "release<" | "store<" | "load<" | "audit<" | "held<")
        || (after_digits.len() < word.len() && matches!(after_digits, "<" | "~" | "p" | "x" | "a"))
}

/// What the `$` words of a trace stand for.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// `$cti`: the last command's number.
    pub(crate) cti: u64,
    /// `$claim`: the last claim's number.
    pub(crate) claim: u64,
    /// `$query`: the number of the last question to the store.
    pub(crate) query: u64,
    /// `$session1`, `$session2` …: the resources of prepared sessions in their order; `$session`: the last one.
    pub(crate) sessions: Vec<String>,
    /// `$channel1`, `$interaction1`, `$conversation1`, `$channelgroup1` …: the paths of objects in the order of their
    /// creation; without a number: the last one.
    pub(crate) objects: Vec<(String, Vec<String>)>,
}

impl Names {
    /// The line with numbers and ids in place of its `$` words.
    pub(crate) fn fill(&self, line: &str) -> String {
        let mut line = line
            .replace("$cti", &self.cti.to_string())
            .replace("$claim", &self.claim.to_string())
            .replace("$query", &self.query.to_string());
        for (index, session) in self.sessions.iter().enumerate().rev() {
            line = line.replace(&format!("$session{}", index + 1), session);
        }
        line = line.replace("$session", self.sessions.last().map_or("none", String::as_str));
        // Longer words first: `$channelgroup` begins with `$channel`.
        for kind in ["channelgroup", "conversation", "interaction", "channel"] {
            let paths = self.objects.iter().find(|(known, _)| known == kind).map_or(&[][..], |(_, paths)| paths);
            for (index, path) in paths.iter().enumerate().rev() {
                line = line.replace(&format!("${kind}.id{}", index + 1), path.rsplit('.').next().unwrap_or_default());
                line = line.replace(&format!("${kind}{}", index + 1), path);
            }
            line = line.replace(&format!("${kind}"), paths.last().map_or("none", String::as_str));
        }
        line
    }

    /// An object was created beneath `parent`.
    pub(crate) fn created(&mut self, kind: &str, parent: &str, id: &str) {
        let path = format!("{parent}.{id}");
        match self.objects.iter_mut().find(|(known, _)| known == kind) {
            Some((_, paths)) if paths.contains(&path) => {}
            Some((_, paths)) => paths.push(path),
            None => self.objects.push((kind.to_owned(), vec![path])),
        }
    }
}

/// Reads an input's line, its `$` words filled in.
pub(crate) fn act(line: &str) -> Result<Act, String> {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    if let Some((socket, form)) = word.split_once('>') {
        return send(parse(socket)?, form, rest);
    }
    let mut words = rest.split_whitespace();
    let mut next = || words.next().ok_or_else(|| format!("`{word}` needs more"));
    Ok(match word {
        "open" => {
            let socket = parse(next()?)?;
            let (mut peer, mut access) = ("127.0.0.1".to_owned(), Access::Open(Scopes::LOOPBACK));
            for option in words {
                match option.split_once('=') {
                    Some(("peer", address)) => address.clone_into(&mut peer),
                    Some(("access", "loopback")) => {}
                    Some(("access", "agent")) => access = Access::Open(Scopes { agent: true, ..Scopes::default() }),
                    Some(("access", "none")) => access = Access::Open(Scopes::default()),
                    Some(("access", "token")) => access = Access::Token,
                    _ => return Err(format!("`open` has no option `{option}`")),
                }
            }
            Act::Open { socket, peer, access }
        }
        "ask" => {
            let mut words = rest.splitn(5, ' ');
            let mut next = || words.next().ok_or("`ask` needs a socket, a request id, a command, a target");
            let (socket, request, command, target) = (parse(next()?)?, next()?, next()?, next()?);
            let session = target.split('.').next().unwrap_or_default();
            let data = words.next().map(|data| format!(",\"data\":{data}")).unwrap_or_default();
            let frame = format!(
                "{{\"messageType\":\"resourceRequest\",\"requestId\":\"{request}\",\"serviceId\":\"processor\",\
                 \"resourceId\":\"{session}\",\"request\":{{\"command\":\"{command}\",\"target\":\"{target}\"{data}}}}}"
            );
            Act::Send { socket, frame: frame.into_bytes() }
        }
        "alive" => Act::Alive { socket: parse(next()?)? },
        "backlog" => Act::Backlog { socket: parse(next()?)?, bytes: parse(next()?)? },
        "close" => {
            let socket = parse(next()?)?;
            let why = match words.next() {
                None => Closed::Gone,
                Some("slow") => Closed::Slow,
                Some("protocol") => Closed::Protocol,
                Some(other) => return Err(format!("no socket closes for `{other}`")),
            };
            Act::Close { socket, why }
        }
        "advance" => Act::Advance(duration(next()?)?),
        "stall" => Act::Stall(duration(next()?)?),
        "cti" => Act::Cti(vec![json(rest)?]),
        "up" => Act::Cti(vec![centre::up(words)?]),
        "resync" => Act::Cti(centre::resync()),
        "status" => {
            let (agent, state) = (next()?, json(&format!("\"{}\"", next()?))?);
            let reason = words.next().and_then(|option| option.strip_prefix("reason=")).unwrap_or_default();
            Act::Cti(vec![centre::status(agent, state, reason)])
        }
        "call" => Act::Cti(vec![Event::Call(calls::event(rest)?)]),
        "answer" => {
            let (number, words) = rest.split_once(' ').ok_or("`answer` needs a number, an outcome")?;
            Act::Cti(vec![centre::answer(parse(number)?, words)?])
        }
        "claimed" | "loaded" => {
            let (number, answer) = rest.split_once(' ').ok_or_else(|| format!("`{word}` needs a number, an answer"))?;
            let number = parse(number)?;
            match word {
                "claimed" => Act::Claimed(ClaimNo(number), json(answer)?),
                _ => Act::Loaded(QueryNo(number), json(answer)?),
            }
        }
        "shutdown" => Act::ShutDown(parse(next()?)?),
        "post" => post(rest)?,
        "poll" => {
            let (socket, key, after) = (parse(next()?)?, next()?.to_owned(), parse(next()?)?);
            let wait_ms = u32::try_from(duration(next()?)?.as_millis()).map_err(|error| error.to_string())?;
            Act::Attach { socket, key, after, carrier: Carrier::Poll { wait_ms } }
        }
        "stream" => {
            let (socket, key, after) = (parse(next()?)?, next()?.to_owned(), parse(next()?)?);
            Act::Attach { socket, key, after, carrier: Carrier::Stream }
        }
        "token" => Act::Token { name: next()?.to_owned(), how: next()?.to_owned() },
        _ => return Err(format!("`{word}` begins no line of a trace")),
    })
}

/// `post 5 connect {…}`, `post 5 connect access=token {…}`, `post 5 resume-key-3 {…}`
fn post(rest: &str) -> Result<Act, String> {
    let (socket, rest) = rest.split_once(' ').ok_or("`post` needs a number")?;
    let (to, rest) = rest.split_once(' ').ok_or("`post` needs `connect` or a key")?;
    let (access, body) = match rest.strip_prefix("access=token ") {
        Some(body) => (Access::Token, body),
        None => (Access::Open(Scopes::LOOPBACK), rest),
    };
    let key = (to != "connect").then(|| to.to_owned());
    Ok(Act::Post { socket: parse(socket)?, access, key, body: body.to_owned() })
}

fn send(socket: u64, form: &str, rest: &str) -> Result<Act, String> {
    Ok(match form {
        "" => Act::Send { socket, frame: rest.as_bytes().to_vec() },
        "hex" => {
            let digits: Vec<u8> = rest.bytes().filter(|byte| *byte != b' ').collect();
            let pairs = digits.chunks(2).map(|pair| str::from_utf8(pair).map_err(|error| error.to_string()));
            let frame = pairs.map(|pair| u8::from_str_radix(pair?, 16).map_err(|error| error.to_string()));
            Act::Send { socket, frame: frame.collect::<Result<_, _>>()? }
        }
        "nest" => {
            let depth: usize = parse(rest)?;
            let frame = "{\"a\":".repeat(depth - 1) + "{}" + &"}".repeat(depth - 1);
            Act::Send { socket, frame: frame.into_bytes() }
        }
        "large" => Act::SendLarge { socket, bytes: parse(rest)? },
        "binary" => Act::SendBinary { socket },
        _ => return Err(format!("nothing is sent as `{form}`")),
    })
}

fn parse<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.trim().parse().map_err(|_| format!("`{text}` is not a number that fits"))
}

fn duration(text: &str) -> Result<Duration, String> {
    match (text.strip_suffix("ms"), text.strip_suffix('s')) {
        (Some(millis), _) => Ok(Duration::from_millis(parse(millis)?)),
        (None, Some(seconds)) => Ok(Duration::from_secs(parse(seconds)?)),
        (None, None) => Err(format!("`{text}` is no time: write 60s or 500ms")),
    }
}

fn json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| format!("{error} in {text}"))
}

fn merge(into: &mut Value, from: Value) -> Result<(), String> {
    let (Value::Object(into), Value::Object(from)) = (into, from) else {
        return Err("`config` takes an object".to_owned());
    };
    for (key, value) in from {
        match into.get_mut(&key) {
            Some(old @ Value::Object(_)) if value.is_object() => merge(old, value)?,
            Some(old) => *old = value,
            None => return Err(format!("the configuration has no `{key}`")),
        }
    }
    Ok(())
}

//! What happened, as a host writes it.

use std::borrow::Cow;

use serde::Deserialize;

use super::{KEY_BYTES_MAX, KEY_BYTES_MIN, Raw};
use crate::cti::Event;
use crate::cti::jsonl::{PlatformLine, Unread};
use crate::ids::{AgentId, ClaimNo, QueryNo};
use crate::input::{
    Access, Carrier, ClaimAnswer, Claims, Closed, KeyHash, MalformedKind, RecentCall, Scopes, StoreAnswer,
};
use crate::report::journey::JourneyRecord;
use crate::time::Time;

/// One input, checked.
pub(super) enum Happening<'a> {
    Tick,
    Stalled { for_us: u64 },
    Opened { socket: u64, peer: Cow<'a, str>, access: Access, key: Cow<'a, str> },
    Received { socket: u64, text: Cow<'a, str>, claims: Option<Claims> },
    Unreadable { socket: u64, kind: MalformedKind, bytes: u32 },
    TooLarge { socket: u64, bytes: u64 },
    Alive { socket: u64 },
    Backlog { socket: u64, bytes: u64 },
    Closed { socket: u64, why: Closed },
    Cti(Event),
    Claimed { claim: ClaimNo, answer: ClaimAnswer },
    Loaded { query: QueryNo, answer: StoreAnswer },
    ShutDown { grace_ms: u32 },
    Posted { socket: u64, peer: Cow<'a, str>, access: Access, to: To<'a>, text: Cow<'a, str>, claims: Option<Claims> },
    Attached { socket: u64, key: Cow<'a, str>, after: u64, carrier: Carrier },
    TokenChanged { token: KeyHash, claims: Claims },
}

/// Whom a posted message is for: by a key in the clear.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum To<'a> {
    Fresh(#[serde(borrow)] Cow<'a, str>),
    Link(#[serde(borrow)] Cow<'a, str>),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
enum Shape<'a> {
    Tick,
    Stalled {
        for_us: u64,
    },
    Opened {
        socket: u64,
        #[serde(borrow)]
        peer: Cow<'a, str>,
        access: AccessShape,
        #[serde(borrow)]
        key: Cow<'a, str>,
    },
    Received {
        socket: u64,
        #[serde(borrow)]
        text: Cow<'a, str>,
        #[serde(default)]
        claims: Option<ClaimsShape>,
    },
    Unreadable {
        socket: u64,
        kind: UnreadableWord,
        bytes: u32,
    },
    TooLarge {
        socket: u64,
        bytes: u64,
    },
    Alive {
        socket: u64,
    },
    Backlog {
        socket: u64,
        bytes: u64,
    },
    Closed {
        socket: u64,
        #[serde(default)]
        why: ClosedWord,
    },
    Cti(#[serde(borrow)] Raw<'a>),
    Claimed {
        claim: u64,
        answer: ClaimShape,
    },
    Loaded {
        query: u64,
        answer: StoreShape,
    },
    ShutDown {
        grace_ms: u32,
    },
    Posted {
        socket: u64,
        #[serde(borrow)]
        peer: Cow<'a, str>,
        access: AccessShape,
        #[serde(borrow)]
        to: To<'a>,
        #[serde(borrow)]
        text: Cow<'a, str>,
        #[serde(default)]
        claims: Option<ClaimsShape>,
    },
    Attached {
        socket: u64,
        #[serde(borrow)]
        key: Cow<'a, str>,
        after: u64,
        carrier: CarrierShape,
    },
    TokenChanged {
        token: String,
        claims: ClaimsShape,
    },
}

/// `"token"`, or `{"scopes":[…]}` for everybody.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum AccessShape {
    Token,
    Scopes(Vec<ScopeWord>),
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
enum ScopeWord {
    Agent,
    Supervisor,
    Reports,
    Admin,
}

/// `"bad"`, or `{"good":{…}}`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum ClaimsShape {
    Bad,
    Good(GoodShape),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct GoodShape {
    subject: Box<str>,
    scopes: Vec<ScopeWord>,
    #[serde(default)]
    expires: Option<u64>,
    /// The token's SHA-256 in hexadecimal digits, where it can be changed while links live by it.
    #[serde(default)]
    token: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
enum UnreadableWord {
    Binary,
    NotUtf8,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
enum ClosedWord {
    #[default]
    Gone,
    Slow,
    Protocol,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
enum ClaimShape {
    Won,
    Held { instance: Box<str>, client: Box<str>, since: u64, calls: u32 },
    Lost { agent: AgentId, client: Box<str> },
    Unavailable,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum StoreShape {
    Journey(Box<Option<JourneyRecord>>),
    Recent(Vec<RecentCall>),
    Unavailable,
    NoHistory,
}

/// `{"poll":30000}`, in milliseconds, or `"stream"`.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
enum CarrierShape {
    Poll(u32),
    Stream,
}

/// Reads all inputs.
///
/// # Errors
/// What is wrong with which property; a word of the text at most.
pub(super) fn read(inputs: &str) -> Result<Vec<Happening<'_>>, String> {
    let shapes: Vec<Shape<'_>> = serde_json::from_str(inputs).map_err(|error| explain(inputs, &error))?;
    let checked =
        shapes.into_iter().enumerate().map(|(at, shape)| check(shape).map_err(|what| format!("[{at}]{what}")));
    checked.collect()
}

#[cold]
fn explain(inputs: &str, error: &serde_json::Error) -> String {
    if !error.is_data() {
        return format!("not JSON at line {}, column {}: give an array of inputs", error.line(), error.column());
    }
    let mut json = serde_json::Deserializer::from_str(inputs);
    let Err(error) = serde_path_to_error::deserialize::<_, Vec<Shape<'_>>>(&mut json) else {
        return "not an array of inputs".to_owned();
    };
    let path = error.path().to_string();
    let what = error.inner().to_string();
    let what = what.rsplit_once(" at line ").map_or(&*what, |(what, _)| what);
    let what = without_finding(what);
    if path == "." { what } else { format!("{path}: {what}") }
}

/// What was found is not told: it may be a password that stands at the wrong place.
fn without_finding(what: &str) -> String {
    match what.rsplit_once(", expected ") {
        Some((_, wanted)) if !what.starts_with("unknown field ") => format!("must be {wanted}"),
        _ => what.to_owned(),
    }
}

fn check(shape: Shape<'_>) -> Result<Happening<'_>, String> {
    Ok(match shape {
        Shape::Tick => Happening::Tick,
        Shape::Stalled { for_us } => Happening::Stalled { for_us },
        Shape::Opened { socket, peer, access, key } => {
            good_key(&key).map_err(|what| format!(".opened.key: {what}"))?;
            Happening::Opened { socket, peer, access: access.into(), key }
        }
        Shape::Received { socket, text, claims } => {
            let claims = claims.map(read_claims).transpose().map_err(|what| format!(".received.claims{what}"))?;
            Happening::Received { socket, text, claims }
        }
        Shape::Unreadable { socket, kind, bytes } => {
            let kind = match kind {
                UnreadableWord::Binary => MalformedKind::Binary,
                UnreadableWord::NotUtf8 => MalformedKind::NotUtf8,
            };
            Happening::Unreadable { socket, kind, bytes }
        }
        Shape::TooLarge { socket, bytes } => Happening::TooLarge { socket, bytes },
        Shape::Alive { socket } => Happening::Alive { socket },
        Shape::Backlog { socket, bytes } => Happening::Backlog { socket, bytes },
        Shape::Closed { socket, why } => {
            let why = match why {
                ClosedWord::Gone => Closed::Gone,
                ClosedWord::Slow => Closed::Slow,
                ClosedWord::Protocol => Closed::Protocol,
            };
            Happening::Closed { socket, why }
        }
        Shape::Cti(line) => Happening::Cti(event(line).map_err(|what| format!(".cti{what}"))?),
        Shape::Claimed { claim, answer } => {
            let answer = match answer {
                ClaimShape::Won => ClaimAnswer::Won,
                ClaimShape::Held { instance, client, since, calls } => {
                    ClaimAnswer::Held { instance, client, since: Time::from_micros(since), calls }
                }
                ClaimShape::Lost { agent, client } => ClaimAnswer::Lost { agent, client },
                ClaimShape::Unavailable => ClaimAnswer::Unavailable,
            };
            Happening::Claimed { claim: ClaimNo(claim), answer }
        }
        Shape::Loaded { query, answer } => {
            let answer = match answer {
                StoreShape::Journey(journey) => StoreAnswer::Journey(*journey),
                StoreShape::Recent(calls) => StoreAnswer::Recent(calls),
                StoreShape::Unavailable => StoreAnswer::Unavailable,
                StoreShape::NoHistory => StoreAnswer::NoHistory,
            };
            Happening::Loaded { query: QueryNo(query), answer }
        }
        Shape::ShutDown { grace_ms } => Happening::ShutDown { grace_ms },
        Shape::Posted { socket, peer, access, to, text, claims } => {
            if let To::Fresh(key) = &to {
                good_key(key).map_err(|what| format!(".posted.to.fresh: {what}"))?;
            }
            let claims = claims.map(read_claims).transpose().map_err(|what| format!(".posted.claims{what}"))?;
            Happening::Posted { socket, peer, access: access.into(), to, text, claims }
        }
        Shape::Attached { socket, key, after, carrier } => {
            let carrier = match carrier {
                CarrierShape::Poll(wait_ms) => Carrier::Poll { wait_ms },
                CarrierShape::Stream => Carrier::Stream,
            };
            Happening::Attached { socket, key, after, carrier }
        }
        Shape::TokenChanged { token, claims } => {
            let token = hash(&token).map_err(|what| format!(".tokenChanged.token: {what}"))?;
            let claims = read_claims(claims).map_err(|what| format!(".tokenChanged.claims{what}"))?;
            Happening::TokenChanged { token, claims }
        }
    })
}

fn good_key(key: &str) -> Result<(), String> {
    if (KEY_BYTES_MIN..=KEY_BYTES_MAX).contains(&key.len()) {
        return Ok(());
    }
    Err(format!(
        "has {} bytes: draw at least 16 random bytes for each socket and give them as text, {KEY_BYTES_MIN} to \
         {KEY_BYTES_MAX} bytes of it",
        key.len()
    ))
}

fn read_claims(shape: ClaimsShape) -> Result<Claims, String> {
    let GoodShape { subject, scopes, expires, token } = match shape {
        ClaimsShape::Bad => return Ok(Claims::Bad),
        ClaimsShape::Good(good) => good,
    };
    let (scopes, expires) = (all(&scopes), expires.map(Time::from_micros));
    Ok(match token {
        None => Claims::Good { subject, scopes, expires },
        Some(token) => {
            let token = hash(&token).map_err(|what| format!(".good.token: {what}"))?;
            Claims::Known { token, subject, scopes, expires }
        }
    })
}

fn hash(digits: &str) -> Result<KeyHash, &'static str> {
    KeyHash::from_hex(digits).ok_or("must be the token's SHA-256, 64 hexadecimal digits")
}

fn event(line: Raw<'_>) -> Result<Event, String> {
    let told = match PlatformLine::read(line.get()) {
        Ok(line) => line.into_event(),
        Err(Unread::Unknown(error) | Unread::Wrong(error)) => Err(error),
    };
    match told {
        Ok(Some(event)) => Ok(event),
        Ok(None) => Err(".event: `ping` tells the engine nothing: leave it out".to_owned()),
        Err(error) => {
            let what = without_finding(&error.message);
            Err(error.property.map_or_else(|| format!(": {what}"), |property| format!(".{property}: {what}")))
        }
    }
}

impl From<AccessShape> for Access {
    fn from(shape: AccessShape) -> Self {
        match shape {
            AccessShape::Token => Self::Token,
            AccessShape::Scopes(words) => Self::Open(all(&words)),
        }
    }
}

fn all(words: &[ScopeWord]) -> Scopes {
    let mut scopes = Scopes::default();
    for word in words {
        match word {
            ScopeWord::Agent => scopes.agent = true,
            ScopeWord::Supervisor => scopes.supervisor = true,
            ScopeWord::Reports => scopes.reports = true,
            ScopeWord::Admin => scopes.admin = true,
        }
    }
    scopes
}

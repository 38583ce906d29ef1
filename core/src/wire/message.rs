//! What clients send: the envelope and the bodies, parsed borrowing from the frame's text.
//!
//! The fast path is one pass of serde over compact text; a failure is parsed again to name the property.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use serde::Deserialize;
use serde::de::{Deserializer, Visitor};
use serde_json::value::RawValue;

use crate::failure::Failure;
use crate::input::{SecretKind, SecretSpan};
use crate::limits::{ID_BYTES_MAX, PATH_BYTES_MAX, REQUEST_ID_BYTES_MAX};

/// A string of a client's: lent by the message, unless it is spelled with escapes. (`Option<Cow<str>>` would copy each.)
#[derive(Debug)]
pub(crate) struct Text<'a>(Cow<'a, str>);

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Lend;

        impl<'de> Visitor<'de> for Lend {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }

        deserializer.deserialize_str(Lend)
    }
}

/// Every property a client's message may have at its top level.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Envelope<'a> {
    #[serde(borrow)]
    pub(crate) message_type: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) request_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) command: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) service_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) resource_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) service_type: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) request: Option<&'a RawValue>,
    pub(crate) seq: Option<u64>,
    pub(crate) protocol: Option<u64>,
    #[serde(borrow)]
    pub(crate) client: Option<Client<'a>>,
    #[serde(borrow)]
    pub(crate) resume: Option<Resume<'a>>,
}

/// `connect.client`.
#[derive(Debug, Deserialize)]
pub(crate) struct Client<'a> {
    #[serde(borrow)]
    pub(crate) id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) name: Option<Text<'a>>,
}

/// `connect.resume`: the key is its hash by now, or null where it was no string.
#[derive(Debug, Deserialize)]
pub(crate) struct Resume<'a> {
    #[serde(borrow, default)]
    pub(crate) key: Place<'a>,
    pub(crate) seq: Option<u64>,
}

/// `request` of a service or resource request.
#[derive(Debug, Deserialize)]
pub(crate) struct Request<'a> {
    #[serde(borrow)]
    pub(crate) command: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) target: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) data: Option<&'a RawValue>,
}

/// `data` of prepareSession.
#[derive(Debug, Deserialize)]
pub(crate) struct PrepareSession<'a> {
    #[serde(borrow)]
    pub(crate) model: Option<Text<'a>>,
    #[serde(rename = "override")]
    pub(crate) override_: Option<bool>,
    #[serde(borrow)]
    pub(crate) agent: Option<Credentials<'a>>,
}

/// `agent` of prepareSession.
#[derive(Debug, Deserialize)]
pub(crate) struct Credentials<'a> {
    #[serde(borrow)]
    pub(crate) id: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(crate) password: Place<'a>,
}

/// Where a value stands, whatever it is; a null counts as a value.
#[derive(Debug, Default)]
pub(crate) struct Place<'a>(pub(crate) Option<&'a str>);

impl Place<'_> {
    /// The secret of that kind that stands here; `text` is the message this was parsed from.
    pub(crate) fn secret<'s>(&self, text: &str, spans: &'s [SecretSpan], kind: SecretKind) -> Option<&'s SecretSpan> {
        let offset = self.0?.as_ptr().addr().checked_sub(text.as_ptr().addr())?;
        spans.iter().find(|span| span.kind == kind && span.offset as usize == offset)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Place<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&RawValue>::deserialize(deserializer).map(|raw| Self(Some(raw.get())))
    }
}

/// `data` of a request that needs none.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Nothing {}

/// `data` of `session.start`.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct SessionStart<'a> {
    #[serde(borrow)]
    pub(crate) extension: Option<Text<'a>>,
}

/// `data` of `session.request.logout`.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct SessionLogout<'a> {
    #[serde(borrow)]
    pub(crate) reason: Option<Reason<'a>>,
}

/// A reason as a client gives it.
#[derive(Debug, Deserialize)]
pub(crate) struct Reason<'a> {
    #[serde(borrow)]
    pub(crate) code: Option<Text<'a>>,
}

/// `data` of `report.teamstatus.begin` and `.end`, and of `report.queuestatus`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StatusOf<'a> {
    #[serde(borrow)]
    pub(crate) agent_id: Option<Text<'a>>,
}

/// `data` of `report.calljourney`, `.begin` and `.end`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct JourneyOf<'a> {
    #[serde(borrow)]
    pub(crate) call_id: Option<Text<'a>>,
}

/// `data` of `report.calljourney.recent`.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct RecentCalls<'a> {
    pub(crate) limit: Option<u32>,
    #[serde(borrow)]
    pub(crate) number: Option<Text<'a>>,
}

/// Parses `text` as `T`; a failure names the property by its path below `root` (empty for the message itself).
pub(crate) fn parse<'a, T: Deserialize<'a>>(text: &'a str, root: &str) -> Result<T, Failure> {
    // serde would also read a struct from an array.
    if !text.starts_with('{') {
        return Err(Failure::invalid(if root.is_empty() { "message" } else { root }, "is not an object"));
    }
    serde_json::from_str(text).map_err(|_| name_the_property::<T>(text, root))
}

#[cold]
fn name_the_property<'a, T: Deserialize<'a>>(text: &'a str, root: &str) -> Failure {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let Err(error) = serde_path_to_error::deserialize::<_, T>(&mut deserializer) else {
        return Failure::new(crate::failure::Code::RequestInvalid);
    };
    let path = error.path().to_string();
    let property = match (root, path.as_str()) {
        ("", ".") => "message".to_owned(),
        ("", path) => path.to_owned(),
        (root, ".") => root.to_owned(),
        (root, path) => format!("{root}.{path}"),
    };
    Failure::invalid(&property, &format!("is of the wrong type: {} is wanted", wanted(&error.inner().to_string())))
}

/// What serde_json expected, in words for people: its own name types of this program, and may repeat the value.
fn wanted(error: &str) -> &'static str {
    let expected = error.rsplit_once("expected ").map_or("", |(_, expected)| expected);
    match expected.split(" at line ").next().unwrap_or_default() {
        "a string" | "a borrowed string" | "str" => "a string",
        "a boolean" => "true or false",
        "u64" | "u32" => "a whole number, not negative,",
        _ if expected.starts_with("struct ") => "an object",
        _ => "another one",
    }
}

/// Tries to read `requestId` of a message whose envelope does not parse.
#[cold]
pub(crate) fn request_id_of(text: &str) -> Option<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Only<'a> {
        #[serde(borrow)]
        request_id: Place<'a>,
    }
    let only: Only<'_> = serde_json::from_str(text).ok()?;
    let id: String = serde_json::from_str(only.request_id.0?).ok()?;
    request_id(Some(&id)).ok().map(str::to_owned)
}

/// Whether a message whose envelope does not parse says that it is a `connect`.
#[cold]
pub(crate) fn is_connect(text: &str) -> bool {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Only<'a> {
        #[serde(borrow)]
        message_type: Place<'a>,
    }
    let only: Result<Only<'_>, _> = serde_json::from_str(text);
    only.is_ok_and(|only| {
        let class = only.message_type.0.and_then(|class| serde_json::from_str::<String>(class).ok());
        class.is_some_and(|class| class == "connect")
    })
}

/// Checks a `requestId`.
pub(crate) fn request_id(id: Option<&str>) -> Result<&str, Failure> {
    match id {
        None => Err(Failure::invalid("requestId", "is missing: a string of 1 to 64 bytes")),
        Some(id) if id.is_empty() || id.len() > REQUEST_ID_BYTES_MAX => {
            Err(Failure::invalid("requestId", &format!("has {} bytes: a string of 1 to 64 bytes is wanted", id.len())))
        }
        Some(id) => Ok(id),
    }
}

/// Checks an id: 1 to 128 bytes without control characters.
pub(crate) fn id<'a>(id: Option<&'a str>, property: &str) -> Result<&'a str, Failure> {
    match id {
        None => Err(Failure::invalid(property, "is missing: a string of 1 to 128 bytes")),
        Some("") => Err(Failure::invalid(property, "is empty: a string of 1 to 128 bytes is wanted")),
        Some(id) if id.len() > ID_BYTES_MAX => {
            Err(Failure::invalid(property, &format!("has {} bytes: at most {ID_BYTES_MAX} are allowed", id.len())))
        }
        Some(id) if id.chars().any(char::is_control) => {
            Err(Failure::invalid(property, "contains control characters: leave them out"))
        }
        Some(id) => Ok(id),
    }
}

/// Parses the `data` of a request that needs one.
pub(crate) fn data<'a, T: Deserialize<'a>>(request: &Request<'a>) -> Result<T, Failure> {
    match request.data {
        Some(data) => parse(data.get(), "data"),
        None => Err(Failure::invalid("data", "is missing: an object is wanted")),
    }
}

/// Parses the `data` of a request that may go without.
pub(crate) fn data_or_default<'a, T: Deserialize<'a> + Default>(request: &Request<'a>) -> Result<T, Failure> {
    request.data.map_or_else(|| Ok(T::default()), |data| parse(data.get(), "data"))
}

/// A target as it is repeated and followed: whole, unless it is longer than any path of ids can be.
pub(crate) fn path(target: &str) -> Cow<'_, str> {
    if target.len() <= PATH_BYTES_MAX { Cow::Borrowed(target) } else { cut(target) }
}

/// A value of a client's, short enough to be repeated to it.
pub(crate) fn cut(text: &str) -> Cow<'_, str> {
    const CHARS: usize = 64;
    if text.len() <= CHARS || text.chars().count() <= CHARS {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().take(CHARS).chain(['…']).collect())
    }
}

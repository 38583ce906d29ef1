//! The `data` of a session's requests, read and checked.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;

use super::channel::media_of;
use crate::cti::{CallData, Media};
use crate::failure::{Code, Failure};
use crate::limits::{
    CALL_DATA_KEY_BYTES_MAX, CALL_DATA_VALUE_BYTES_MAX, CHANNELS_MAX, DESTINATION_BYTES_MAX, DIGITS_MAX, TEXT_BYTES_MAX,
};
use crate::wire::message::{self, Reason, Request, Text};

/// Keys of interaction data that the platform sets and nobody else.
const READ_ONLY: [&str; 4] = ["ani", "dnis", "queue", "enteredDigits"];

#[derive(Default, Deserialize)]
struct WithReason<'a> {
    #[serde(borrow)]
    reason: Option<Reason<'a>>,
}

/// `{reason?}`: the code.
pub(super) fn reason(request: &Request<'_>) -> Result<Option<Box<str>>, Failure> {
    let data: WithReason<'_> = message::data_or_default(request)?;
    data.reason.map(|reason| message::id(reason.code.as_deref(), "data.reason.code").map(Into::into)).transpose()
}

/// `{}`.
pub(super) fn nothing(request: &Request<'_>) -> Result<(), Failure> {
    message::data_or_default::<message::Nothing>(request).map(|_| ())
}

#[derive(Deserialize)]
struct WithDestination<'a> {
    #[serde(borrow)]
    destination: Option<Text<'a>>,
}

/// `{destination}`: what can be dialled at all; whether it is reached is the platform's to say.
pub(super) fn destination(request: &Request<'_>) -> Result<Box<str>, Failure> {
    let data: WithDestination<'_> = message::data(request)?;
    dialled(data.destination.as_deref())
}

#[derive(Deserialize)]
struct ToDial<'a> {
    #[serde(borrow)]
    destination: Option<Text<'a>>,
    #[serde(borrow)]
    extensions: Option<Changes<'a>>,
}

/// `{destination,extensions?}`: where to, and the interaction data the new call is to carry from its beginning.
pub(super) fn to_dial(request: &Request<'_>) -> Result<(Box<str>, CallData), Failure> {
    let data: ToDial<'_> = message::data(request)?;
    let destination = dialled(data.destination.as_deref())?;
    let mut extensions = changed("data.extensions", data.extensions.unwrap_or_default())?;
    // A new call has nothing yet that could be removed.
    extensions.retain(|(_, value)| !value.is_empty());
    Ok((destination, extensions))
}

fn dialled(destination: Option<&str>) -> Result<Box<str>, Failure> {
    let Some(destination) = destination else {
        return Err(Failure::invalid("data.destination", "is missing: the number or address to call"));
    };
    let text = destination.trim();
    if text.is_empty() || text.len() > DESTINATION_BYTES_MAX || text.chars().any(char::is_control) {
        return Err(Failure::new(Code::DestinationInvalid).with("destination", message::cut(text)));
    }
    Ok(text.into())
}

#[derive(Deserialize)]
struct WithDigits<'a> {
    #[serde(borrow)]
    digits: Option<Text<'a>>,
}

/// `{digits}`.
pub(super) fn digits(request: &Request<'_>) -> Result<Box<str>, Failure> {
    let data: WithDigits<'_> = message::data(request)?;
    let digits = data.digits.as_deref().unwrap_or_default();
    let is_digit = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'*' | b'#' | b'A'..=b'D');
    if digits.is_empty() || digits.len() > DIGITS_MAX || !digits.bytes().all(is_digit) {
        return Err(Failure::invalid("data.digits", "must be 1 to 32 of 0-9, *, #, A-D"));
    }
    Ok(digits.into())
}

#[derive(Default, Deserialize)]
struct WithDisposition<'a> {
    #[serde(borrow)]
    disposition: Option<Text<'a>>,
}

/// `{disposition?}`: a wrap-up code.
pub(super) fn disposition(request: &Request<'_>) -> Result<Option<Box<str>>, Failure> {
    let data: WithDisposition<'_> = message::data_or_default(request)?;
    data.disposition.map(|code| message::id(Some(&code), "data.disposition").map(Into::into)).transpose()
}

type Changes<'a> = BTreeMap<Cow<'a, str>, Option<Cow<'a, str>>>;

/// `{key:value,…}`; null removes.
pub(super) fn changes(request: &Request<'_>) -> Result<CallData, Failure> {
    changed("data", message::data(request)?)
}

fn changed(parent: &str, data: Changes<'_>) -> Result<CallData, Failure> {
    let mut changes = CallData::new();
    for (key, value) in data {
        let property = || format!("{parent}.{}", message::cut(&key));
        if key.is_empty() || key.len() > CALL_DATA_KEY_BYTES_MAX || key.chars().any(char::is_control) {
            return Err(Failure::invalid(&property(), "must have a name of 1 to 64 bytes without control characters"));
        }
        if READ_ONLY.contains(&&*key) {
            return Err(Failure::invalid(&property(), "is told by the platform and cannot be changed"));
        }
        let value = value.unwrap_or_default();
        if value.len() > CALL_DATA_VALUE_BYTES_MAX {
            return Err(Failure::invalid(&property(), "is longer than 4096 bytes"));
        }
        changes.push((key.as_ref().into(), value.as_ref().into()));
    }
    Ok(changes)
}

/// A channel that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) media: Media,
    pub(super) endpoint: Box<str>,
}

#[derive(Deserialize)]
struct Spec<'a> {
    #[serde(borrow)]
    endpoint: Option<Text<'a>>,
    #[serde(rename = "type", borrow)]
    kind: Option<Text<'a>>,
    #[serde(borrow)]
    id: Option<Text<'a>>,
}

impl Spec<'_> {
    fn wanted(&self, property: &str) -> Result<Wanted, Failure> {
        let kind = message::id(self.kind.as_deref(), &format!("{property}.type"))?;
        let endpoint = message::id(self.endpoint.as_deref(), &format!("{property}.endpoint"))?.into();
        match media_of(kind) {
            Some(media) => Ok(Wanted { media, endpoint }),
            None => Err(Failure::new(Code::ChannelTypeUnsupported).with("type", message::cut(kind))),
        }
    }
}

#[derive(Deserialize)]
struct WithChannel<'a> {
    #[serde(borrow)]
    channel: Option<Spec<'a>>,
}

fn channel<'a>(request: &Request<'a>) -> Result<Spec<'a>, Failure> {
    let data: WithChannel<'a> = message::data(request)?;
    data.channel.ok_or_else(|| Failure::invalid("data.channel", "is missing: an object is wanted"))
}

/// `{channel:{endpoint,type}}`.
pub(super) fn new_channel(request: &Request<'_>) -> Result<Wanted, Failure> {
    channel(request)?.wanted("data.channel")
}

/// `{channel:{id}}`.
pub(super) fn channel_id(request: &Request<'_>) -> Result<Box<str>, Failure> {
    let channel = channel(request)?;
    message::id(channel.id.as_deref(), "data.channel.id").map(Into::into)
}

#[derive(Deserialize)]
struct GroupSpec<'a> {
    #[serde(borrow)]
    id: Option<Text<'a>>,
    #[serde(borrow)]
    name: Option<Text<'a>>,
    #[serde(borrow)]
    channels: Option<Vec<Spec<'a>>>,
}

#[derive(Deserialize)]
struct WithGroup<'a> {
    #[serde(borrow)]
    channelgroup: Option<GroupSpec<'a>>,
}

fn group<'a>(request: &Request<'a>) -> Result<GroupSpec<'a>, Failure> {
    let data: WithGroup<'a> = message::data(request)?;
    data.channelgroup.ok_or_else(|| Failure::invalid("data.channelgroup", "is missing: an object is wanted"))
}

/// `{channelgroup:{name,channels:[…]}}`.
pub(super) fn new_group(request: &Request<'_>) -> Result<(Box<str>, Vec<Wanted>), Failure> {
    let group = group(request)?;
    let name = group.name.as_deref().filter(|name| !name.is_empty() && name.len() <= TEXT_BYTES_MAX);
    let name = name.ok_or_else(|| Failure::invalid("data.channelgroup.name", "is missing or longer than 512 bytes"))?;
    let channels = group.channels.as_deref().unwrap_or_default();
    if channels.len() > CHANNELS_MAX {
        return Err(Failure::invalid("data.channelgroup.channels", "has more than 16 channels"));
    }
    let wanted = channels.iter().enumerate();
    let wanted = wanted.map(|(place, spec)| spec.wanted(&format!("data.channelgroup.channels[{place}]")));
    Ok((name.into(), wanted.collect::<Result<_, _>>()?))
}

/// `{channelgroup:{id}}`.
pub(super) fn group_id(request: &Request<'_>) -> Result<Box<str>, Failure> {
    let group = group(request)?;
    message::id(group.id.as_deref(), "data.channelgroup.id").map(Into::into)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SuperviseData<'a> {
    #[serde(borrow)]
    agent_id: Option<Text<'a>>,
    #[serde(borrow)]
    call_id: Option<Text<'a>>,
    #[serde(borrow)]
    reason: Option<Reason<'a>>,
}

/// `{agentId,callId?,reason?}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Supervised {
    pub(super) agent: Box<str>,
    pub(super) call: Option<Box<str>>,
    pub(super) reason: Option<Box<str>>,
}

/// `{agentId,callId?,reason?}`.
pub(super) fn supervised(request: &Request<'_>) -> Result<Supervised, Failure> {
    let data: SuperviseData<'_> = message::data(request)?;
    let agent = message::id(data.agent_id.as_deref(), "data.agentId")?.into();
    let call = data.call_id.map(|id| message::id(Some(&id), "data.callId").map(Into::into)).transpose()?;
    let code = |reason: Reason<'_>| message::id(reason.code.as_deref(), "data.reason.code").map(Into::into);
    Ok(Supervised { agent, call, reason: data.reason.map(code).transpose()? })
}

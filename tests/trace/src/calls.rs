//! What happens to legs, in few words: `<leg> <what> …`.
//!
//! | words | mean |
//! | --- | --- |
//! | `c1 began Inbound +4930 8000 media=Chat consults=c0 ani=+4930` | a leg began, with data |
//! | `c1 dialing 1001`, `ringing`, `connected`, `held`, `retrieved` | a device on it; four digits are an agent at the extension `4` + id |
//! | `c1 ringing 1001 queue=Q1 alias=c9`, `c1 connected 2001 as=Listener` | … brought by a queue, under a second id; in another role |
//! | `c1 left 1001 Normal`, `c1 diverted 1001 NoAnswer`, `c1 failed +4930 Busy` | a device is off it |
//! | `c1 transferred c2 by=1001 +4930 1002`, `c1 conferenced c2 by=1001 …` | `c2` became part of `c1`; who is on it now |
//! | `c1 renamed c2`, `c1 data key=value`, `c1 recording 1001 Paused`, `c1 ended Normal` | as they say |
//! | `c1 seen Inbound +4930 8000 since=<ms> 1001:Held +4930:Connected` | a leg as it stands |

use interaction_core::cti::{
    CallData, CallEvent, CallKind, CallRecord, Device, DeviceKind, LegState, Media, Party, PartyRole,
};
use interaction_core::ids::CallId;
use interaction_core::time::Time;
use serde::de::DeserializeOwned;

/// Reads one event.
pub(crate) fn event(words: &str) -> Result<CallEvent, String> {
    let (options, plain): (Vec<&str>, Vec<&str>) = words.split_whitespace().partition(|word| word.contains('='));
    let option = |name: &str| options.iter().find_map(|option| option.strip_prefix(name)?.strip_prefix('='));
    let at = |place: usize| plain.get(place).copied().ok_or_else(|| format!("`call {words}` needs more words"));
    let call = CallId::from(at(0)?);
    let device_at = |place| at(place).map(device);
    Ok(match at(1)? {
        "began" => CallEvent::Began {
            call,
            media: option("media").map_or(Ok(Media::Voice), word)?,
            kind: word(at(2)?)?,
            from: at(3)?.into(),
            to: at(4)?.into(),
            consults: option("consults").map(CallId::from),
            data: data(&options),
        },
        "dialing" => CallEvent::Dialing { call, device: device_at(2)? },
        "ringing" => CallEvent::Ringing {
            call,
            device: device_at(2)?,
            queue: option("queue").map(Into::into),
            alias: option("alias").map(CallId::from),
        },
        "connected" => {
            CallEvent::Connected { call, device: device_at(2)?, role: option("as").map_or(Ok(PartyRole::Party), word)? }
        }
        "held" => CallEvent::Held { call, device: device_at(2)? },
        "retrieved" => CallEvent::Retrieved { call, device: device_at(2)? },
        "left" => CallEvent::Left { call, device: device_at(2)?, cause: word(at(3)?)? },
        "diverted" => CallEvent::Diverted { call, device: device_at(2)?, cause: word(at(3)?)? },
        "failed" => CallEvent::Failed { call, device: device_at(2)?, cause: word(at(3)?)? },
        "transferred" | "conferenced" => {
            let absorbed = CallId::from(at(2)?);
            let by = device(option("by").ok_or("`by=` is missing")?);
            let parties = plain[3..].iter().map(|party| on(&call, party)).collect::<Result<_, _>>()?;
            if at(1)? == "transferred" {
                CallEvent::Transferred { call, absorbed, by, parties }
            } else {
                CallEvent::Conferenced { call, absorbed, by, parties }
            }
        }
        "renamed" => CallEvent::Renamed { call, new: at(2)?.into() },
        "data" => CallEvent::Data { call, data: data(&options) },
        "recording" => CallEvent::Recording { call, device: device_at(2)?, state: word(at(3)?)? },
        "ended" => CallEvent::Ended { call, cause: word(at(2)?)? },
        "seen" => {
            let parties = plain[5..].iter().map(|party| on(&call, party)).collect::<Result<_, _>>()?;
            let since = option("since").map(|ms| ms.parse().map(Time::from_millis)).transpose();
            CallEvent::Seen(CallRecord {
                media: option("media").map_or(Ok(Media::Voice), word)?,
                kind: word::<CallKind>(at(2)?)?,
                from: at(3)?.into(),
                to: at(4)?.into(),
                since: since.map_err(|_| "`since=` is no number")?,
                consults: option("consults").map(CallId::from),
                parties,
                queues: Vec::new(),
                data: data(&options),
                call,
            })
        }
        other => return Err(format!("nothing a leg does is called `{other}`")),
    })
}

/// What names a leg's data rather than the event's own options.
fn data(options: &[&str]) -> CallData {
    let own = ["media", "consults", "queue", "alias", "as", "by", "since"];
    let pairs = options.iter().filter_map(|option| option.split_once('='));
    pairs.filter(|(key, _)| !own.contains(key)).map(|(key, value)| (key.into(), value.into())).collect()
}

fn on(call: &CallId, word_of: &str) -> Result<Party, String> {
    let (who, state) = word_of.split_once(':').unwrap_or((word_of, "Connected"));
    Ok(Party { call: call.clone(), device: device(who), role: PartyRole::Party, state: word::<LegState>(state)? })
}

fn device(who: &str) -> Device {
    let is_agent = who.len() == 4 && who.bytes().all(|byte| byte.is_ascii_digit());
    if is_agent {
        let label = match who {
            "1001" => "Anna Ash",
            "1002" => "Ben Birch",
            "1003" => "Cleo Cedar",
            "2001" => "Sue Sumac",
            _ => "",
        };
        Device { kind: DeviceKind::Agent, id: format!("4{who}").into(), agent: Some(who.into()), label: label.into() }
    } else {
        Device { kind: DeviceKind::External, id: who.into(), agent: None, label: "".into() }
    }
}

fn word<T: DeserializeOwned>(word: &str) -> Result<T, String> {
    serde_json::from_value(word.into()).map_err(|error| error.to_string())
}

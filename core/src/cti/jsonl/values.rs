//! Ids, moments and call data as they stand in a line, checked where they are read.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Error, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::cti::CallData;
use crate::ids::{AgentId, CallId, QueueId, TeamId};
use crate::limits::ID_BYTES_MAX;
use crate::time::Time;

/// An id: 1 to 128 bytes without control characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Id(Box<str>);

impl Id {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Id {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.is_empty() {
            return Err("is empty: an id of 1 to 128 bytes is wanted".to_owned());
        }
        if text.len() > ID_BYTES_MAX {
            return Err(format!("has {} bytes: an id has at most {ID_BYTES_MAX}", text.len()));
        }
        if text.chars().any(char::is_control) {
            return Err("contains control characters: leave them out".to_owned());
        }
        Ok(Self(text.into()))
    }
}

impl From<Id> for String {
    fn from(id: Id) -> Self {
        id.0.into()
    }
}

macro_rules! ids {
    ($($id:ident)*) => {$(
        impl From<&$id> for Id {
            fn from(id: &$id) -> Self {
                Self(id.as_str().into())
            }
        }

        impl From<Id> for $id {
            fn from(id: Id) -> Self {
                Self::from(&*id.0)
            }
        }
    )*};
}

ids!(AgentId TeamId QueueId CallId);

/// A moment: integer milliseconds since 1970-01-01 UTC, between the years 1990 and 10000, so that other units are noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct Millis(u64);

impl Millis {
    /// 1990-01-01: seconds since 1970 stay below it until the year 22,000.
    const EARLIEST: u64 = 631_152_000_000;
    /// 10000-01-01: microseconds since 1970 are above it from 1978 on.
    const LATEST: u64 = 253_402_300_800_000;
}

impl TryFrom<u64> for Millis {
    type Error = String;

    fn try_from(millis: u64) -> Result<Self, String> {
        match millis {
            ..Self::EARLIEST => Err("lies before 1990: give milliseconds since 1970-01-01 UTC, not seconds".to_owned()),
            Self::LATEST.. => Err("lies after the year 9999: give milliseconds since 1970-01-01 UTC".to_owned()),
            _ => Ok(Self(millis)),
        }
    }
}

impl From<Millis> for u64 {
    fn from(millis: Millis) -> Self {
        millis.0
    }
}

impl From<Time> for Millis {
    fn from(time: Time) -> Self {
        Self(time.as_millis())
    }
}

impl From<Millis> for Time {
    fn from(millis: Millis) -> Self {
        Self::from_millis(millis.0)
    }
}

/// Call data: an object of texts, in order; a null or an empty text removes. No key twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Data(CallData);

impl Data {
    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<&CallData> for Data {
    fn from(data: &CallData) -> Self {
        Self(data.clone())
    }
}

impl From<Data> for CallData {
    fn from(data: Data) -> Self {
        data.0
    }
}

impl Serialize for Data {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;

        impl<'de> Visitor<'de> for Entries {
            type Value = Data;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of strings, such as {\"ani\":\"5551234\"}")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Data, A::Error> {
                let mut keys: BTreeSet<Box<str>> = BTreeSet::new();
                let mut data = CallData::new();
                while let Some((key, value)) = map.next_entry::<Box<str>, Option<Box<str>>>()? {
                    if !keys.insert(key.clone()) {
                        return Err(A::Error::custom("names a key twice: name each once"));
                    }
                    data.push((key, value.unwrap_or_default()));
                }
                Ok(Data(data))
            }
        }

        deserializer.deserialize_map(Entries)
    }
}

//! Where a call has been.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::read;
use super::{Applied, write_list};
use crate::wire::write;

/// A call's journey.
#[derive(Debug, Default)]
pub struct Journey {
    steps: Vec<Box<RawValue>>,
    told: bool,
    over: bool,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow, rename = "CallJourney")]
    steps: Vec<&'a RawValue>,
}

impl Journey {
    /// Its steps, the oldest first: the server's text, which reads as [`crate::protocol::JourneyStep`].
    pub fn steps(&self) -> impl Iterator<Item = &RawValue> {
        self.steps.iter().map(|step| &**step)
    }

    /// Whether it was told: it comes at once after it was asked for.
    pub(in super::super) const fn is_told(&self) -> bool {
        self.told
    }

    /// Whether the call is over.
    pub(in super::super) const fn is_over(&self) -> bool {
        self.over
    }

    pub(super) fn apply(&mut self, name: &str, data: &RawValue) -> Applied {
        match name {
            "report.calljourney.updated" => {
                let Some(Data { steps }) = read::object(data.get()) else { return Applied::Misfit };
                self.steps = steps.into_iter().map(ToOwned::to_owned).collect();
            }
            "report.calljourney.ended" => self.over = true,
            _ => return Applied::Unknown,
        }
        self.told = true;
        Applied::Changed
    }

    pub(super) fn write(&self, call: &str, out: &mut Vec<u8>) {
        write::text_property(out, "callId", call);
        out.push(b',');
        write_list(out, "steps", self.steps());
    }
}

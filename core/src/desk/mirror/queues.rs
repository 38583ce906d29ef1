//! The queues an agent sees.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::limits;
use super::super::read::{self, Text};
use super::super::sorted::SortedMap;
use super::{Applied, write_list};
use crate::wire::write;

/// The queues an agent sees.
#[derive(Debug, Default)]
pub struct Queues {
    queues: SortedMap<Box<str>, Box<RawValue>>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    queue: &'a RawValue,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Queue<'a> {
    #[serde(borrow)]
    queue_id: Text<'a>,
}

impl Queues {
    /// Each queue by its id, in the order of ids: the server's text, which reads as [`crate::protocol::Queue`].
    pub fn queues(&self) -> impl Iterator<Item = (&str, &RawValue)> {
        self.queues.iter().map(|(id, queue)| (&**id, &**queue))
    }

    pub(super) fn apply(&mut self, name: &str, data: &RawValue) -> Applied {
        let Some(what) = name.strip_prefix("report.queuestatus.") else { return Applied::Unknown };
        let Some(Data { queue }) = read::object(data.get()) else { return Applied::Misfit };
        let Some(Queue { queue_id: id }) = read::object(queue.get()) else { return Applied::Misfit };
        let fits = match what {
            "queueadded" => {
                self.queues.insert((*id).into(), queue.to_owned());
                true
            }
            "queuechanged" => self.queues.get_mut(&*id).map(|shown| *shown = queue.to_owned()).is_some(),
            "queueremoved" => self.queues.remove(&*id).is_some(),
            _ => return Applied::Unknown,
        };
        match fits {
            true if self.queues.len() > limits::MEMBERS_MAX => Applied::TooLarge,
            true => Applied::Changed,
            false => Applied::Misfit,
        }
    }

    pub(super) fn write(&self, agent: &str, out: &mut Vec<u8>) {
        write::text_property(out, "agentId", agent);
        out.push(b',');
        write_list(out, "queues", self.queues.values().map(|queue| &**queue));
    }
}

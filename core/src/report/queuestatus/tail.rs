//! The shared rest of a queue status message: `"queue":{…}},"at":…}}`.

use std::sync::Arc;

use super::view::View;
use crate::cti::AgentState;
use crate::ids::QueueId;
use crate::time::Time;
use crate::wire::write;

/// The queue in full.
pub(super) fn whole_queue(id: &QueueId, view: &View, at: Time) -> Arc<[u8]> {
    let mut out = open(id, &view.name);
    out.push(b',');
    write::number_property(&mut out, "waiting", view.waiting.into());
    if let Some(since) = view.longest_since {
        out.push(b',');
        write::number_property(&mut out, "longestWaitSince", since.as_millis());
    }
    if let Some(agents) = &view.agents {
        out.extend_from_slice(b",\"agents\":{");
        for (position, (state, count)) in AgentState::ALL.into_iter().zip(agents).enumerate() {
            if position > 0 {
                out.push(b',');
            }
            write::number_property(&mut out, state.as_str(), (*count).into());
        }
        out.push(b'}');
    }
    out.extend_from_slice(b",\"today\":{");
    write::number_property(&mut out, "since", view.day.as_millis());
    out.push(b',');
    write::number_property(&mut out, "answered", view.answered);
    out.push(b',');
    write::number_property(&mut out, "abandoned", view.abandoned);
    if view.partial {
        out.extend_from_slice(b",\"partial\":true");
    }
    out.push(b'}');
    close(out, at)
}

/// The queue's id and name alone.
pub(super) fn queue_only(id: &QueueId, name: &str, at: Time) -> Arc<[u8]> {
    close(open(id, name), at)
}

fn open(id: &QueueId, name: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(384);
    out.extend_from_slice(b"\"queue\":{");
    write::text_property(&mut out, "queueId", id.as_str());
    out.push(b',');
    write::text_property(&mut out, "queueName", name);
    out
}

fn close(mut out: Vec<u8>, at: Time) -> Arc<[u8]> {
    out.extend_from_slice(b"}},");
    write::number_property(&mut out, "at", at.as_millis());
    out.extend_from_slice(b"}}");
    out.into()
}

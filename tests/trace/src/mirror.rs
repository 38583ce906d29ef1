//! What a client believes of the messages it gets: numbered from 1, without a hole, a duplicate or a step back.

use serde_json::Value;

/// A socket as its client sees it.
#[derive(Debug, Default)]
pub(crate) struct Mirror {
    /// The `resume.seq` of the `connect` that was sent, if it asked to resume.
    resume: Option<u64>,
    /// The number the next message must have; none before `connected`.
    next: Option<u64>,
    /// A posted message: what answers it has no number.
    is_exchange: bool,
    /// The key of the link that is attached.
    key: String,
}

impl Mirror {
    /// A posted message as its client sees it.
    pub(crate) fn exchange() -> Self {
        Self { is_exchange: true, ..Self::default() }
    }

    /// A poll or a stream that goes on after a number.
    pub(crate) fn attached(key: &str, after: u64) -> Self {
        Self { next: Some(after + 1), key: key.to_owned(), ..Self::default() }
    }

    /// The client sent this.
    pub(crate) fn sent(&mut self, frame: &[u8]) {
        let Ok(message) = serde_json::from_slice::<Value>(frame) else { return };
        if self.next.is_none() && message["messageType"] == "connect" {
            self.resume = message["resume"]["seq"].as_u64();
        }
    }

    /// The client got this: the link's key, the message's number and the message, where it has one.
    pub(crate) fn got(&mut self, text: &str) -> Result<Option<(String, u64, Value)>, String> {
        let message: Value = serde_json::from_str(text).map_err(|error| format!("{error}: {text}"))?;
        let class = message["messageType"].as_str().ok_or_else(|| format!("no messageType: {text}"))?;
        let seq = message.get("seq").map(|seq| seq.as_u64().ok_or_else(|| format!("seq is no number: {text}")));
        match (class, seq.transpose()?, self.next) {
            ("connected", None, None) => {
                let resumed = message.get("resumed").and_then(Value::as_bool);
                if resumed.is_some() != self.resume.is_some() {
                    return Err(format!("`resumed` appears where it was asked for, and there only: {text}"));
                }
                self.key = message["resumeKey"].as_str().unwrap_or_default().to_owned();
                self.next = Some(match (resumed, self.resume) {
                    (Some(true), Some(seq)) => seq + 1,
                    _ => 1,
                });
                Ok(None)
            }
            ("pong" | "coreError", None, _) if self.is_exchange => Ok(None),
            // A poll or a stream that is refused.
            ("coreError", None, Some(_)) if message["failure"]["params"]["reason"].is_string() => Ok(None),
            ("pong", None, Some(_)) | ("coreError", None, None) => Ok(None),
            ("coreEvent", None, Some(_)) if message["event"]["name"] == "linkMoved" => Ok(None),
            ("connected" | "pong", ..) => Err(format!("not now: {text}")),
            (_, Some(seq), Some(next)) if seq == next => {
                self.next = Some(next + 1);
                Ok(Some((self.key.clone(), seq, message)))
            }
            (_, _, next) => Err(format!("number {next:?} is expected: {text}")),
        }
    }
}

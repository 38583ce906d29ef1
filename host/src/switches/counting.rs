//! What the adapter counts, asked for by whoever shows it.

use std::time::Duration;

use interaction_core::cti::AdapterCount;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

/// How long the adapter may take to say what it counts.
const COUNTED_WITHIN: Duration = Duration::from_secs(1);
/// Readers of metrics that wait for it at a time.
const COUNTING_MAX: usize = 8;

/// Those who ask.
pub(super) type Counted = mpsc::Receiver<oneshot::Sender<Vec<AdapterCount>>>;

/// Both ends of the question.
pub(super) fn counting() -> (Counting, Counted) {
    let (asks, asked) = mpsc::channel(COUNTING_MAX);
    (Counting(asks), asked)
}

/// Asks the adapter what it counts.
#[derive(Clone, Debug)]
pub(crate) struct Counting(mpsc::Sender<oneshot::Sender<Vec<AdapterCount>>>);

impl Counting {
    /// What it counts; nothing where it does not answer, since it is being started again or has much to do.
    pub(crate) async fn counts(&self) -> Vec<AdapterCount> {
        let (answer, answered) = oneshot::channel();
        if self.0.try_send(answer).is_err() {
            return Vec::new();
        }
        timeout(COUNTED_WITHIN, answered).await.ok().and_then(Result::ok).unwrap_or_default()
    }
}

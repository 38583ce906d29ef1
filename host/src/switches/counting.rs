//! What the adapter counts, asked for by whoever shows it.

use std::sync::Arc;
use std::time::Duration;

use interaction_core::cti::AdapterCount;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use crate::plugins::{Count, PluginCounts};

/// How long the adapter may take to say what it counts.
const COUNTED_WITHIN: Duration = Duration::from_secs(1);
/// Readers of metrics that wait for it at a time.
const COUNTING_MAX: usize = 8;

/// Those who ask.
pub(super) type Counted = mpsc::Receiver<oneshot::Sender<Vec<AdapterCount>>>;

/// Both ends of the question.
pub(super) fn counting(plugin: Option<Arc<PluginCounts>>) -> (Counting, Counted) {
    let (asks, asked) = mpsc::channel(COUNTING_MAX);
    (Counting { asks, plugin }, asked)
}

/// Asks the adapter what it counts.
#[derive(Clone, Debug)]
pub(crate) struct Counting {
    asks: mpsc::Sender<oneshot::Sender<Vec<AdapterCount>>>,
    /// What is counted of an adapter that is a plugin, whether or not it answers.
    plugin: Option<Arc<PluginCounts>>,
}

impl Counting {
    /// What it counts; nothing where it does not answer, since it is being started again or has much to do. Of a plugin
    /// what is known without it.
    pub(crate) async fn counts(&self) -> Vec<Count> {
        if let Some(plugin) = &self.plugin {
            return plugin.all();
        }
        let (answer, answered) = oneshot::channel();
        if self.asks.try_send(answer).is_err() {
            return Vec::new();
        }
        let counts = timeout(COUNTED_WITHIN, answered).await.ok().and_then(Result::ok).unwrap_or_default();
        counts.into_iter().map(Count::from).collect()
    }
}

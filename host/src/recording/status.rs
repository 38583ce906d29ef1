//! How a recording does, as the loop, the recording's thread and the metrics share it.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

/// Shared numbers.
#[derive(Debug)]
pub(super) struct Status {
    waiting: AtomicU64,
    bytes: AtomicU64,
    inputs: AtomicU64,
    progress: AtomicU8,
}

/// Where a recording is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Nothing is recorded.
    #[default]
    Off,
    /// It goes on.
    Recording,
    /// It ended before the server did: the disk was full or slow, or its bound was reached.
    Failed,
    /// It ended with the server.
    Done,
}

impl Progress {
    /// Every one.
    pub(crate) const ALL: [Self; 4] = [Self::Off, Self::Recording, Self::Failed, Self::Done];

    /// The word metrics show.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Recording => "recording",
            Self::Failed => "failed",
            Self::Done => "done",
        }
    }
}

/// What metrics show of a recording.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct RecordingSeen {
    /// Where it is.
    pub(crate) progress: Progress,
    /// Inputs written.
    pub(crate) inputs: u64,
    /// Bytes written.
    pub(crate) bytes: u64,
    /// Bytes that wait for the disk.
    pub(crate) waiting: u64,
}

impl Status {
    /// A recording of so many bytes begins.
    pub(super) fn begin(bytes: u64) -> Self {
        Self {
            waiting: AtomicU64::new(0),
            bytes: AtomicU64::new(bytes),
            inputs: AtomicU64::new(0),
            progress: AtomicU8::new(Progress::Recording as u8),
        }
    }

    /// So many bytes more wait; says how many now.
    pub(super) fn wait_for(&self, bytes: u64) -> u64 {
        self.waiting.fetch_add(bytes, Ordering::Relaxed) + bytes
    }

    /// So many of them wait no more.
    pub(super) fn took(&self, bytes: u64) {
        self.waiting.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// So much is written.
    pub(super) fn wrote(&self, bytes: u64, inputs: u64) {
        self.bytes.store(bytes, Ordering::Relaxed);
        self.inputs.store(inputs, Ordering::Relaxed);
    }

    /// It is over.
    pub(super) fn over(&self, progress: Progress) {
        self.progress.store(progress as u8, Ordering::Relaxed);
    }

    /// What metrics show.
    pub(super) fn seen(&self) -> RecordingSeen {
        let progress = usize::from(self.progress.load(Ordering::Relaxed));
        let progress = Progress::ALL.get(progress).copied().unwrap_or_default();
        let waiting = self.waiting.load(Ordering::Relaxed);
        RecordingSeen {
            progress,
            inputs: self.inputs.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
            // What waited for a recording that is over waits for nothing.
            waiting: if progress == Progress::Recording { waiting } else { 0 },
        }
    }
}

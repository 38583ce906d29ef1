//! Recording: what the loop feeds its engine, and what comes of it, in a file that [`crate::cli`]'s `replay` reads.
//!
//! The loop only encodes, and hands what a turn held to a thread of the recording's own through a bound. A disk that is slow or
//! full ends the recording, is told, and stops no turn; the file stays readable up to there.

mod status;
#[cfg(test)]
mod tests;
mod writer;

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use interaction_core::codec;
use interaction_core::engine::Misuse;
use interaction_core::input::Input;
use interaction_core::journal::{Encoder, Ended, Header, Keeps, Verdict};
use interaction_core::output::Output;
use interaction_core::time::Time;
use tokio::sync::oneshot;
use tracing::{error, info, warn};

use status::Status;
use writer::{Disk, Writer};

pub(crate) use status::{Progress, RecordingSeen};

/// What may wait for the disk: seconds of a busy server's inputs, and no more memory than a few clients cost.
const WAITING_BYTES_MAX: u64 = 64 << 20;
/// How long a server that goes down waits for the disk.
const END_WITHIN: Duration = Duration::from_secs(10);
/// What one batch costs beside its bytes.
const BATCH_BYTES: u64 = 128;

/// Where to record, and what.
#[derive(Clone, Debug)]
pub(crate) struct RecordTo {
    /// The file, which must not be there yet.
    pub(crate) file: PathBuf,
    /// What is kept of outputs.
    pub(crate) keeps: Keeps,
    /// What the file may grow to, in bytes; 0 for as far as the disk goes.
    pub(crate) bytes_max: u64,
}

/// The loop's end of a recording.
pub(crate) struct Recorder {
    batch: Batch,
    batches: Option<mpsc::Sender<Batch>>,
    status: Arc<Status>,
}

/// What one turn held, encoded, in order.
#[derive(Debug, Default)]
struct Batch {
    bytes: Vec<u8>,
    parts: Vec<Part>,
}

/// One thing in a batch.
#[derive(Clone, Copy, Debug)]
enum Part {
    /// An input, up to this byte.
    Input(usize),
    /// An output, up to this byte.
    Output(usize),
    /// What the engine said.
    Said(Verdict),
    /// The recording ends.
    End(Ended),
}

/// The end of a recording's thread.
pub(crate) type Done = oneshot::Receiver<()>;

impl Recorder {
    /// Begins a recording.
    ///
    /// # Errors
    /// The file cannot be made, or its beginning cannot be written: what to do.
    pub(crate) fn start(to: &RecordTo, header: &Header) -> Result<(Self, Done), String> {
        let path = to.file.display();
        let failed =
            |error: io::Error| format!("cannot record to {path}: {error}; free room, or record to another file");
        let mut file = create(&to.file).map_err(|error| format!("cannot record to {path}: {error}"))?;
        let mut opening = Vec::new();
        let encoder = Encoder::begin(header, &mut opening);
        io::Write::write_all(&mut file, &opening).map_err(failed)?;
        let (recorder, done) = Self::run(file, &opening, encoder, to).map_err(failed)?;
        warn!(
            file = %path,
            "what clients and the platform tell is recorded: names, numbers and call data, without passwords, tokens and keys"
        );
        Ok((recorder, done))
    }

    fn run(disk: impl Disk, opening: &[u8], encoder: Encoder, to: &RecordTo) -> io::Result<(Self, Done)> {
        let status = Arc::new(Status::begin(opening.len() as u64));
        let (batches, handed) = mpsc::channel();
        let (over, done) = oneshot::channel();
        let writer = Writer::new(disk, encoder, to, status.clone());
        thread::Builder::new().name("recording".into()).spawn(move || {
            writer.run(&handed);
            // The server may be gone.
            let _ = over.send(());
        })?;
        Ok((Self { batch: Batch::default(), batches: Some(batches), status }, done))
    }

    /// An input is about to be fed.
    pub(crate) fn input(&mut self, now: Time, input: &Input<'_>) {
        if self.batches.is_some() {
            codec::encode_input(now, input, &mut self.batch.bytes);
            self.batch.parts.push(Part::Input(self.batch.bytes.len()));
        }
    }

    /// An output came of it.
    pub(crate) fn output(&mut self, output: &Output<'_>) {
        if self.batches.is_some() {
            codec::encode_output(output, &mut self.batch.bytes);
            self.batch.parts.push(Part::Output(self.batch.bytes.len()));
        }
    }

    /// All outputs came; this is what the engine said.
    pub(crate) fn said(&mut self, said: Result<(), Misuse>) {
        if self.batches.is_some() {
            self.batch.parts.push(Part::Said(said.into()));
        }
    }

    /// The turn is over: what it held goes to the disk.
    pub(crate) fn hand_over(&mut self) {
        let Some(batches) = &self.batches else { return };
        if self.batch.parts.is_empty() {
            return;
        }
        let batch = std::mem::take(&mut self.batch);
        let waiting = self.status.wait_for(batch.size());
        if batches.send(batch).is_err() {
            // Whoever wrote has said why.
            self.batches = None;
        } else if waiting > WAITING_BYTES_MAX {
            error!(
                "the recording ends here: the disk does not take it as fast as inputs come, and {} MiB wait",
                WAITING_BYTES_MAX >> 20
            );
            self.end(Ended::Behind);
        }
    }

    /// The recording is over, once what was handed over is written.
    pub(crate) fn end(&mut self, why: Ended) {
        self.hand_over();
        if let Some(batches) = self.batches.take() {
            let end = Batch { bytes: Vec::new(), parts: vec![Part::End(why)] };
            self.status.wait_for(end.size());
            // Whoever wrote has said why it does no more.
            let _ = batches.send(end);
        }
    }

    /// How it does.
    pub(crate) fn seen(&self) -> RecordingSeen {
        self.status.seen()
    }
}

impl Drop for Recorder {
    /// The loop panicked: the input that did it is the last one.
    fn drop(&mut self) {
        self.end(Ended::Fault);
    }
}

impl Batch {
    fn size(&self) -> u64 {
        self.bytes.len() as u64 + BATCH_BYTES
    }
}

/// Waits until what was recorded is written, or given up.
pub(crate) async fn ended(done: Option<Done>) {
    let Some(done) = done else { return };
    match tokio::time::timeout(END_WITHIN, done).await {
        Ok(_) => info!("the recording is over"),
        Err(_) => error!("the recording was not written within {} s: its end is missing", END_WITHIN.as_secs()),
    }
}

/// A file that was not there, for its owner alone.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            io::Error::new(error.kind(), "it is there already, and recordings are not overwritten; name another file")
        }
        io::ErrorKind::NotFound => io::Error::new(error.kind(), "its directory is not there; make it first"),
        _ => error,
    })
}

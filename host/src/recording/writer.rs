//! The recording's thread: makes records of what it is handed, and puts them on the disk.

use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use interaction_core::journal::{Digest, Encoder, Ended, Keeps};
use tracing::error;

use super::status::{Progress, Status};
use super::{Batch, Part, RecordTo};

/// What is joined into one write, where so much waits.
const WRITE_BYTES: usize = 1 << 20;
/// What the last record takes.
const END_BYTES: u64 = 64;

/// Where bytes go.
pub(super) trait Disk: Write + Send + 'static {
    /// Takes away what is beyond so many bytes.
    fn cut(&mut self, len: u64) -> io::Result<()>;

    /// Returns once all of it would survive the machine's end.
    fn settle(&mut self) -> io::Result<()>;
}

impl Disk for File {
    fn cut(&mut self, len: u64) -> io::Result<()> {
        self.set_len(len)
    }

    fn settle(&mut self) -> io::Result<()> {
        self.sync_all()
    }
}

/// The thread's own.
pub(super) struct Writer<D> {
    disk: D,
    encoder: Encoder,
    digest: Digest,
    keeps: Keeps,
    bytes_max: u64,
    status: Arc<Status>,
    /// Records to write.
    out: Vec<u8>,
    /// So much is on the disk, in whole records.
    written: u64,
}

/// The recording is over.
struct Over;

impl<D: Disk> Writer<D> {
    /// A writer of a recording whose opening is written.
    pub(super) fn new(disk: D, encoder: Encoder, to: &RecordTo, status: Arc<Status>) -> Self {
        let written = status.seen().bytes;
        let (keeps, bytes_max) = (to.keeps, if to.bytes_max == 0 { u64::MAX } else { to.bytes_max });
        Self { disk, encoder, digest: Digest::default(), keeps, bytes_max, status, out: Vec::new(), written }
    }

    /// Writes until the end.
    pub(super) fn run(mut self, batches: &Receiver<Batch>) {
        while let Ok(batch) = batches.recv() {
            let mut taken = batch.size();
            let mut done = self.take(&batch);
            while done.is_ok()
                && self.out.len() < WRITE_BYTES
                && let Ok(batch) = batches.try_recv()
            {
                taken += batch.size();
                done = self.take(&batch);
            }
            if done.and_then(|()| self.write()).is_err() {
                return;
            }
            self.status.took(taken);
        }
    }

    /// Makes records of a batch; writes them where that is the last one.
    fn take(&mut self, batch: &Batch) -> Result<(), Over> {
        let mut from = 0;
        for part in &batch.parts {
            match *part {
                Part::Input(to) => {
                    self.encoder.input(&batch.bytes[from..to], &mut self.out);
                    from = to;
                }
                Part::Output(to) => {
                    let output = &batch.bytes[from..to];
                    self.digest.add(output);
                    match self.keeps {
                        Keeps::Digests => {}
                        Keeps::Outputs => self.encoder.output(output, &mut self.out),
                    }
                    from = to;
                }
                Part::Said(verdict) => {
                    let outcome = self.digest.outcome(verdict);
                    self.encoder.outcome(outcome, &mut self.out);
                    self.keep_the_bound()?;
                }
                Part::End(why) => return self.end(why),
            }
        }
        Ok(())
    }

    /// Ends the recording where the next input might not fit.
    fn keep_the_bound(&mut self) -> Result<(), Over> {
        if self.written + self.out.len() as u64 + END_BYTES < self.bytes_max {
            return Ok(());
        }
        error!("the recording ends here: it has {} bytes and may have no more", self.bytes_max);
        self.end(Ended::Full)
    }

    fn end(&mut self, why: Ended) -> Result<(), Over> {
        self.encoder.end(why, &mut self.out);
        self.write()?;
        if let Err(error) = self.disk.settle() {
            error!("the recording's end may be lost with the machine: {error}");
        }
        self.status.over(match why {
            Ended::ShutDown | Ended::Cut | Ended::Fault => Progress::Done,
            Ended::Behind | Ended::Full => Progress::Failed,
        });
        Err(Over)
    }

    fn write(&mut self) -> Result<(), Over> {
        if let Err(error) = self.disk.write_all(&self.out) {
            error!(
                "the recording ends here, after {} inputs: it cannot be written: {error}",
                self.status.seen().inputs
            );
            // Part of a record may be there. It would be told as such, but without it the file is whole.
            if let Err(error) = self.disk.cut(self.written) {
                error!("the recording ends within a record: {error}");
            }
            self.status.over(Progress::Failed);
            return Err(Over);
        }
        self.written += self.out.len() as u64;
        self.out.clear();
        self.status.wrote(self.written, self.encoder.inputs());
        Ok(())
    }
}

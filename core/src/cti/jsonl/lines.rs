//! Bytes in whatever pieces the network chose, cut into lines.

/// A line that came whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// Its bytes, without the line feed.
    Whole(Vec<u8>),
    /// It was longer than the bound and was not kept.
    TooLong,
}

/// What came of the line in progress: at most the bound, however long the line is.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines {
    begun: Vec<u8>,
    /// The line in progress is too long, and what comes of it is dropped.
    skipping: bool,
}

impl Lines {
    /// Takes bytes up to the end of the next line out of `bytes`; `None` when there is none yet.
    pub(super) fn take(&mut self, bytes: &mut &[u8], bytes_max: usize) -> Option<Cut> {
        let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else {
            self.keep(bytes, bytes_max);
            *bytes = &[];
            return None;
        };
        self.keep(&bytes[..end], bytes_max);
        *bytes = &bytes[end + 1..];
        let line = std::mem::take(&mut self.begun);
        Some(if std::mem::take(&mut self.skipping) { Cut::TooLong } else { Cut::Whole(line) })
    }

    fn keep(&mut self, bytes: &[u8], bytes_max: usize) {
        if self.skipping {
            return;
        }
        if self.begun.len() + bytes.len() > bytes_max {
            self.skipping = true;
            self.begun = Vec::new();
        } else {
            self.begun.extend_from_slice(bytes);
        }
    }
}

//! A recording, read from its file piece by piece.

use std::fs::File;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::Path;

use interaction_core::journal::{Damage, DamageKind, Decoder, End, Item};

use super::Failed;

/// What is read at once.
const READ_BYTES: usize = 256 << 10;

/// How a recording ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// It was ended.
    Ended(End),
    /// It ends after a whole record, without having been ended.
    Open,
    /// It cannot be read on.
    Damaged(Damage),
    /// Whoever read it wants no more.
    Left,
}

impl Ending {
    /// Whether it is more than what a stopped writer leaves.
    pub(super) fn is_damage(&self) -> bool {
        matches!(self, Self::Damaged(Damage { kind, .. }) if *kind != DamageKind::Torn)
    }
}

/// Hands every record of a file over, in order, until somebody wants no more.
///
/// # Errors
/// The file cannot be read, or what `take` says.
pub(super) fn each(
    path: &Path,
    mut take: impl FnMut(Item<'_>) -> Result<ControlFlow<()>, Failed>,
) -> Result<Ending, Failed> {
    let unreadable = |error: std::io::Error| Failed::new(format!("cannot read {}: {error}", path.display()));
    let mut file = File::open(path).map_err(unreadable)?;
    let mut decoder = Decoder::new();
    let mut piece = vec![0; READ_BYTES];
    loop {
        loop {
            match decoder.next_item() {
                Ok(Some(item)) => {
                    if take(item)?.is_break() {
                        return Ok(Ending::Left);
                    }
                }
                Ok(None) => break,
                Err(damage) => return Ok(Ending::Damaged(damage)),
            }
        }
        match file.read(&mut piece).map_err(unreadable)? {
            0 => {
                return Ok(match decoder.finish() {
                    Ok(Some(end)) => Ending::Ended(end),
                    Ok(None) => Ending::Open,
                    Err(damage) => Ending::Damaged(damage),
                });
            }
            read => decoder.push(&piece[..read]),
        }
    }
}

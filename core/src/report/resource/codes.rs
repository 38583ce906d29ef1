//! The platform's codes, so that whoever is told one can show its name.

use super::{known_yet, still_reading};
use crate::cti_state::CtiState;
use crate::failure::Failure;
use crate::turn::{Asked, Turn};
use crate::wire::codes::write_codes;
use crate::wire::message::{self, Nothing, Request};

/// They are about nobody: whoever has bound the reports may ask.
pub(super) fn tell(turn: &mut Turn<'_>, cti: &CtiState, request: &Request<'_>, asked: &Asked) -> Result<(), Failure> {
    let Nothing {} = message::data_or_default(request)?;
    known_yet(cti)?;
    let platform = cti.platform.as_ref().ok_or_else(still_reading)?;
    let mut data = b"{".to_vec();
    write_codes(&mut data, platform);
    data.push(b'}');
    turn.succeed(asked, Some(&data));
    Ok(())
}

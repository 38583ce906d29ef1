//! A second reading of the form of recordings, as their documentation gives it: to look into one, and to alter one so that no
//! checksum tells.

/// A record: where it begins, its kind, its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Where it begins.
    pub at: usize,
    /// Its kind: 1 header, 2 snapshot, 3 input, 4 output, 5 outcome, 6 end.
    pub kind: u8,
    /// What it holds.
    pub body: Vec<u8>,
}

/// The mark and the version.
const OPENING: &[u8; 10] = b"IPjrnl\r\n\x01\x00";
const PIECE: usize = 1 << 20;
const GOES_ON: u8 = 0x80;

/// The records of a recording that is whole.
///
/// # Errors
/// What is wrong with it.
pub fn records(recording: &[u8]) -> Result<Vec<Record>, String> {
    let mut rest = recording.strip_prefix(OPENING).ok_or("another mark or version")?;
    let mut sum = crc32(0, OPENING);
    let mut records: Vec<Record> = Vec::new();
    let mut goes_on = false;
    while !rest.is_empty() {
        let at = recording.len() - rest.len();
        let (head, after) = rest.split_at_checked(7).ok_or(format!("torn at {at}"))?;
        sum = crc32(sum, &head[..5]);
        if head[5..] != sum.to_le_bytes()[..2] {
            return Err(format!("the check at {at}"));
        }
        let len = u32::from_le_bytes(head[..4].try_into().expect("four bytes")) as usize;
        let (body, after) = after.split_at_checked(len).ok_or(format!("torn at {at}"))?;
        let (told, after) = after.split_at_checked(4).ok_or(format!("torn at {at}"))?;
        sum = crc32(sum, body);
        if told != sum.to_le_bytes() {
            return Err(format!("the sum at {at}"));
        }
        if goes_on {
            records.last_mut().expect("a piece before").body.extend_from_slice(body);
        } else {
            records.push(Record { at, kind: head[4] & !GOES_ON, body: body.to_vec() });
        }
        goes_on = head[4] & GOES_ON != 0;
        rest = after;
    }
    Ok(records)
}

/// A recording of these records.
pub fn recording(records: &[Record]) -> Vec<u8> {
    let mut out = OPENING.to_vec();
    let mut sum = crc32(0, OPENING);
    for record in records {
        let mut pieces = record.body.chunks(PIECE).peekable();
        let mut body = pieces.next().unwrap_or_default();
        loop {
            let next = pieces.next();
            let mut head = u32::try_from(body.len()).expect("a piece is short").to_le_bytes().to_vec();
            head.push(record.kind | if next.is_some() { GOES_ON } else { 0 });
            sum = crc32(sum, &head);
            out.extend_from_slice(&head);
            out.extend_from_slice(&sum.to_le_bytes()[..2]);
            sum = crc32(sum, body);
            out.extend_from_slice(body);
            out.extend_from_slice(&sum.to_le_bytes());
            match next {
                Some(next) => body = next,
                None => break,
            }
        }
    }
    out
}

/// The CRC-32 of Ethernet and zip files, carried on.
fn crc32(before: u32, bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!before, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

#[cfg(test)]
mod tests {
    use super::crc32;

    #[test]
    fn the_sum_is_the_one_everybody_knows() {
        assert_eq!(crc32(0, b"123456789"), 0xcbf4_3926);
        assert_eq!(crc32(crc32(0, b"1234"), b"56789"), 0xcbf4_3926);
    }
}

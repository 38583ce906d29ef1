//! Bytes as hexadecimal digits.

/// Two lower-case digits a byte.
pub fn encode(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.extend([digit(byte >> 4), digit(byte & 15)]);
    }
    text
}

/// The bytes of an even number of digits; `None` for anything else.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let nibble = |digit: u8| {
        let value = char::from(digit).to_digit(16)?;
        u8::try_from(value).ok()
    };
    let (pairs, odd) = text.as_bytes().as_chunks::<2>();
    if !odd.is_empty() {
        return None;
    }
    let byte = |[high, low]: &[u8; 2]| Some(nibble(*high)? << 4 | nibble(*low)?);
    pairs.iter().map(byte).collect()
}

//! The UCCX CTI codec at its boundary: bytes in, messages out, and back.

mod generate;
mod inspected;
mod layouts;
mod names;
mod round_trip;
mod stream;
mod tolerance;
mod worked;

use interaction_core::cti::uccx::codec::Widths;

/// The three header widths a floating field can have.
const ALL_WIDTHS: [Widths; 3] = [Widths::V10, Widths::V18, Widths::WIDE];

fn bytes(hex: &str) -> Vec<u8> {
    let digit = |digit: u8| char::from(digit).to_digit(16).expect("a hexadecimal digit") as u8;
    hex.as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

fn framed(message_id: u32, body: &[u8]) -> Vec<u8> {
    let mut frame = (body.len() as u32).to_be_bytes().to_vec();
    frame.extend_from_slice(&message_id.to_be_bytes());
    frame.extend_from_slice(body);
    frame
}

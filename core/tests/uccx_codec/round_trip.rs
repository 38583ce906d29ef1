//! Every message through decoder and encoder, on values drawn from its layout.

use interaction_core::cti::uccx::codec::messages::{ConfigTerminalEvent, LAYOUTS};
use interaction_core::cti::uccx::codec::{EncodeError, Frame, Item, Message, Tail, Tlv, Widths};
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, any, prop_assert_eq, proptest};

use crate::generate::put;
use crate::generate::{Tape, body};
use crate::{ALL_WIDTHS, framed};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_the_encoder_could_have_written_is_written_again(tape in vec(any::<u8>(), 0..700)) {
        for layout in LAYOUTS {
            let Some(id) = layout.id else { continue };
            for widths in ALL_WIDTHS {
                let frame = framed(id, &body(layout, widths, &mut Tape(&tape)));
                let message = Message::decode(Frame::from_bytes(&frame)?, widths)?;
                prop_assert_eq!(message.layout().map(|layout| layout.name), Some(layout.name));
                prop_assert_eq!(message.extra_fields(), 0, "{}", layout.name);
                let mut written = vec![7]; // What stands before the frame is left alone.
                message.encode(widths, &mut written)?;
                prop_assert_eq!(&written[1..], &frame, "{}", layout.name);
                let again = Message::decode(Frame::from_bytes(&written[1..])?, widths)?;
                prop_assert_eq!(again, message);
            }
        }
    }

    #[test]
    fn single_fields_may_stand_anywhere(tape in vec(any::<u8>(), 0..700)) {
        let widths = Widths::V10;
        for layout in LAYOUTS {
            let Some(id) = layout.id else { continue };
            let in_order = body(layout, widths, &mut Tape(&tape));
            let (fixed, tail) = in_order.split_at(layout.fixed_bytes);
            let is_single = |tag: u16| layout.floating.iter().any(|item| matches!(item, Item::Field(field) if field.tag == tag));
            let fields: Vec<Tlv<'_>> = Tail::new(tail, widths).fields().collect::<Result<_, _>>().expect("whole fields");
            let (mut single, grouped): (Vec<_>, Vec<_>) = fields.into_iter().partition(|field| is_single(field.tag));
            let mut moved = fixed.to_vec();
            for field in grouped.into_iter().flat_map(|field| [single.pop(), Some(field)]).flatten() {
                put(&mut moved, widths, field.tag, field.value);
            }
            for field in single.into_iter().rev() {
                put(&mut moved, widths, field.tag, field.value);
            }
            let read = |body| Message::decode(Frame { message_id: id, body }, widths);
            prop_assert_eq!(moved.len(), in_order.len());
            prop_assert_eq!(read(&moved), read(&in_order), "{}", layout.name);
        }
    }

    #[test]
    fn the_message_without_a_number_too(tape in vec(any::<u8>(), 0..700)) {
        for widths in [Widths::V18, Widths::WIDE] {
            let frame = framed(245, &body(&ConfigTerminalEvent::LAYOUT, widths, &mut Tape(&tape)));
            let message = ConfigTerminalEvent::decode_body(Frame::from_bytes(&frame)?.body, widths)?;
            let mut written = Vec::new();
            message.encode_as(245, widths, &mut written)?;
            prop_assert_eq!(&written, &frame);
        }
    }

    #[test]
    fn any_bytes_are_decoded_or_refused(id in 0_u32..260, bytes in vec(any::<u8>(), 0..300)) {
        for widths in ALL_WIDTHS {
            let frame = Frame { message_id: id, body: &bytes };
            let Ok(message) = Message::decode(frame, widths) else { continue };
            // Walks every group and extra field.
            let shown = format!("{message:?}");
            prop_assert_eq!(shown.is_empty(), false);
            let mut written = Vec::new();
            if message.encode(widths, &mut written).is_ok() {
                let again = Message::decode(Frame::from_bytes(&written)?, widths)?;
                prop_assert_eq!(again.extra_fields(), message.extra_fields());
            }
        }
    }
}

#[test]
fn the_message_without_a_number_cannot_be_sent_as_it_is() {
    let mut out = vec![1];
    let error = ConfigTerminalEvent::default().encode(Widths::V18, &mut out);
    assert_eq!(error, Err(EncodeError::NoMessageId { message: "CONFIG_TERMINAL_EVENT" }));
    assert_eq!(out, [1]);
}

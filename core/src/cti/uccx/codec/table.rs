//! The macros the message table is written with.
//!
//! `messages!` (in `groups`) makes of each entry, with `message!`, a struct, its decoder, its encoder and its [`Layout`](super::Layout):
//!
//! ```text
//! /// Documentation.
//! Name: Some(type number), "NAME", ToClient {
//!     fixed {
//!         field: U4, "Name" = default;                 // one of the types in `kinds`
//!         count: U2, "Count" = 0, counts group;        // encoded as the number of records in `group`
//!     }
//!     floating {                                       // in the order they are encoded
//!         field: One(tag, "Name", U2),                 // Option<…>
//!         group: Many(RecordType, "Count"),            // Group<RecordType>
//!     }
//! }
//! ```
//!
//! Groups of fields that many messages begin with are said once, in `groups`, and stand as `@name` in an entry.
//!
//! `records!` does the same for one repetition of a group, which has floating fields only, and in it also
//! `count: Count(tag, "Name", U2, group)`, a floating field that counts a nested group.

use super::kinds::{FixedKind, FloatingKind};

/// The Rust type of a wire type: `Value` of its trait, spelled out, because a projection would make the messages
/// invariant in their lifetime.
macro_rules! value_type {
    (U1) => { u8 };
    (U2) => { u16 };
    (U4) => { u32 };
    (S4) => { i32 };
    (T4) => { u32 };
    (B2) => { $crate::cti::uccx::codec::Bool };
    (Opaque8) => { [u8; 8] };
    (Str) => { $crate::cti::uccx::codec::Text<'a> };
    (Bytes) => { &'a [u8] };
    (SecretStr) => { $crate::cti::uccx::codec::Secret<'a> };
    (SecretBytes) => { $crate::cti::uccx::codec::Secret<'a> };
    (NamedVar) => { $crate::cti::uccx::codec::NamedVariable<'a> };
    (NamedArr) => { $crate::cti::uccx::codec::NamedArray<'a> };
}

/// The Rust type of a floating item.
macro_rules! floating_type {
    (One($tag:literal, $name:literal, $kind:ident $(<$max:literal>)?)) => {
        Option<value_type!($kind)>
    };
    (Count($tag:literal, $name:literal, $kind:ident, $group:ident)) => {
        Option<value_type!($kind)>
    };
    (Many($record:ident, $count:literal)) => {
        $crate::cti::uccx::codec::Group<'a, $record<'a>>
    };
}

/// The metadata of a floating item.
macro_rules! floating_item {
    (One($tag:literal, $name:literal, $kind:ty)) => {
        $crate::cti::uccx::codec::Item::Field($crate::cti::uccx::codec::FloatingField {
            tag: $tag,
            name: $name,
            kind: <$kind as $crate::cti::uccx::codec::kinds::FloatingKind>::KIND,
            secret: <$kind as $crate::cti::uccx::codec::kinds::FloatingKind>::SECRET,
        })
    };
    (Count($tag:literal, $name:literal, $kind:ty, $group:ident)) => {
        floating_item!(One($tag, $name, $kind))
    };
    (Many($record:ident, $count:literal)) => {
        $crate::cti::uccx::codec::Item::Group($crate::cti::uccx::codec::GroupLayout {
            name: stringify!($record),
            count: $count,
            items: <$record<'static> as $crate::cti::uccx::codec::Record<'static>>::ITEMS,
        })
    };
}

/// The documentation of a floating item.
macro_rules! floating_doc {
    (One($tag:literal, $name:literal, $kind:ty)) => {
        concat!("Floating field ", $tag, ", `", $name, "`.")
    };
    (Count($tag:literal, $name:literal, $kind:ty, $group:ident)) => {
        concat!(
            "Floating field ",
            $tag,
            ", `",
            $name,
            "`, as received; encoded as the number of `",
            stringify!($group),
            "`."
        )
    };
    (Many($record:ident, $count:literal)) => {
        concat!("Repeated, `", $count, "` counts them.")
    };
}

/// Whether the item takes the field.
macro_rules! floating_take {
    ($slot:expr, $tlv:ident, One($tag:literal, $name:literal, $kind:ty)) => {
        $tlv.tag == $tag && $crate::cti::uccx::codec::table::fill::<$kind>(&mut $slot, $tlv.value)
    };
    ($slot:expr, $tlv:ident, Count($tag:literal, $name:literal, $kind:ty, $group:ident)) => {
        floating_take!($slot, $tlv, One($tag, $name, $kind))
    };
    ($slot:expr, $tlv:ident, Many($record:ident, $count:literal)) => {
        $crate::cti::uccx::codec::layout::place(<$record<'_> as $crate::cti::uccx::codec::Record<'_>>::ITEMS, $tlv)
            .is_some()
    };
}

/// Hands a group the fields it is read from.
macro_rules! floating_attach {
    ($slot:expr, $tail:ident, One $spec:tt) => {};
    ($slot:expr, $tail:ident, Count $spec:tt) => {};
    ($slot:expr, $tail:ident, Many $spec:tt) => {
        $slot = $crate::cti::uccx::codec::Group::on_wire($tail);
    };
}

/// Writes a floating item.
macro_rules! floating_write {
    ($message:expr, $field:ident, $encoder:expr, One($tag:literal, $name:literal, $kind:ty)) => {
        if let Some(value) = $message.$field {
            <$kind as $crate::cti::uccx::codec::kinds::FloatingKind>::write($tag, value, $encoder);
        }
    };
    ($message:expr, $field:ident, $encoder:expr, Count($tag:literal, $name:literal, $kind:ty, $group:ident)) => {
        if $message.$field.is_some() || !$message.$group.is_empty() {
            let count = <$kind as $crate::cti::uccx::codec::kinds::FixedKind>::of($message.$group.len() as i64);
            <$kind as $crate::cti::uccx::codec::kinds::FloatingKind>::write($tag, count, $encoder);
        }
    };
    ($message:expr, $field:ident, $encoder:expr, Many $spec:tt) => {
        for record in &$message.$field {
            $crate::cti::uccx::codec::Record::write(&record, $encoder);
        }
    };
}

/// The value of a fixed field to write.
macro_rules! fixed_value {
    ($message:expr, $field:ident, $kind:ty) => {
        $message.$field
    };
    ($message:expr, $field:ident, $kind:ty, $group:ident) => {
        <$kind as $crate::cti::uccx::codec::kinds::FixedKind>::of($message.$group.len() as i64)
    };
}

macro_rules! message {
    (
        $(#[$doc:meta])*
        $name:ident: $id:expr, $wire_name:literal, $direction:ident {
            fixed { $($fixed:ident: $kind:ident, $fixed_name:literal = $default:literal $(, counts $counted:ident)?;)* }
            floating { $($field:ident: $item:ident $spec:tt,)* }
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub struct $name<'a> {
            $(
                #[doc = concat!("`", $fixed_name, "`" $(, ", as received; encoded as the number of `", stringify!($counted), "`")?, ".")]
                pub $fixed: value_type!($kind),
            )*
            $(
                #[doc = floating_doc!($item $spec)]
                pub $field: floating_type!($item $spec),
            )*
            /// Floating fields that found no place above.
            pub extra: $crate::cti::uccx::codec::Extra<'a>,
        }

        impl<'a> $name<'a> {
            /// `MessageTypeID`; `None` where no public page prints it.
            pub const ID: Option<u32> = $id;
            /// Bytes of the fixed part.
            pub const FIXED_BYTES: usize =
                0 $(+ <$kind as $crate::cti::uccx::codec::kinds::FixedKind>::KIND.fixed_bytes())*;
            /// The message as data.
            pub const LAYOUT: $crate::cti::uccx::codec::Layout = $crate::cti::uccx::codec::Layout {
                id: Self::ID,
                name: $wire_name,
                direction: $crate::cti::uccx::codec::Direction::$direction,
                fixed: &[$($crate::cti::uccx::codec::FixedField {
                    name: $fixed_name,
                    kind: <$kind as $crate::cti::uccx::codec::kinds::FixedKind>::KIND,
                    default: $default,
                },)*],
                fixed_bytes: Self::FIXED_BYTES,
                floating: Self::FLOATING,
            };
            const FLOATING: &'static [$crate::cti::uccx::codec::Item] = &[$(floating_item!($item $spec),)*];

            /// Reads a body, borrowing from it.
            ///
            /// # Errors
            /// The body ends within the fixed part, or within a floating field.
            pub fn decode_body(
                body: &'a [u8],
                widths: $crate::cti::uccx::codec::Widths,
            ) -> Result<Self, $crate::cti::uccx::codec::DecodeError> {
                let Some((fixed, tail)) = body.split_at_checked(Self::FIXED_BYTES) else {
                    return Err($crate::cti::uccx::codec::DecodeError::FixedCut {
                        message: $wire_name,
                        needed: Self::FIXED_BYTES,
                        found: body.len(),
                    });
                };
                let mut fixed = $crate::cti::uccx::codec::table::Cursor(fixed);
                let tail = $crate::cti::uccx::codec::Tail::new(tail, widths);
                let mut message = Self::default();
                $(message.$fixed = fixed.take::<$kind>();)*
                let mut extra = 0;
                for tlv in tail.fields() {
                    let tlv = tlv.map_err(|cut| $crate::cti::uccx::codec::DecodeError::FieldCut {
                        message: $wire_name,
                        offset: Self::FIXED_BYTES + cut.offset,
                    })?;
                    let _ = &tlv;
                    let taken = false $(|| floating_take!(message.$field, tlv, $item $spec))*;
                    extra += usize::from(!taken);
                }
                $(floating_attach!(message.$field, tail, $item $spec);)*
                message.extra = $crate::cti::uccx::codec::Extra::new(tail, Self::FLOATING, extra);
                Ok(message)
            }

            /// Appends the frame to `out`; on an error `out` is as it was.
            ///
            /// # Errors
            /// A field or the frame is too long, or cannot be said with these widths.
            pub fn encode(
                &self,
                widths: $crate::cti::uccx::codec::Widths,
                out: &mut Vec<u8>,
            ) -> Result<(), $crate::cti::uccx::codec::EncodeError> {
                let Some(id) = Self::ID else {
                    return Err($crate::cti::uccx::codec::EncodeError::NoMessageId { message: $wire_name });
                };
                self.encode_as(id, widths, out)
            }

            /// Like [`encode`](Self::encode), with another message type number.
            ///
            /// # Errors
            /// See [`encode`](Self::encode).
            pub fn encode_as(
                &self,
                message_id: u32,
                widths: $crate::cti::uccx::codec::Widths,
                out: &mut Vec<u8>,
            ) -> Result<(), $crate::cti::uccx::codec::EncodeError> {
                let mut encoder = $crate::cti::uccx::codec::Encoder::begin(out, message_id, widths);
                $(encoder.fixed::<$kind>(fixed_value!(self, $fixed, $kind $(, $counted)?));)*
                $(floating_write!(self, $field, &mut encoder, $item $spec);)*
                self.extra.write(&mut encoder);
                encoder.finish()
            }
        }

        /// Reserved words hold their frozen values, floating fields are absent.
        impl Default for $name<'_> {
            fn default() -> Self {
                Self {
                    $($fixed: <$kind as $crate::cti::uccx::codec::kinds::FixedKind>::of($default),)*
                    $($field: Default::default(),)*
                    extra: $crate::cti::uccx::codec::Extra::default(),
                }
            }
        }
    };
}

macro_rules! records {
    ($(
        $(#[$doc:meta])*
        $name:ident { $($field:ident: $item:ident $spec:tt,)* }
    )*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq)]
        pub struct $name<'a> {
            $(
                #[doc = floating_doc!($item $spec)]
                pub $field: floating_type!($item $spec),
            )*
            #[doc(hidden)]
            pub borrowed: std::marker::PhantomData<&'a [u8]>,
        }

        impl<'a> $crate::cti::uccx::codec::Record<'a> for $name<'a> {
            const ITEMS: &'static [$crate::cti::uccx::codec::Item] = &[$(floating_item!($item $spec),)*];

            fn read(span: $crate::cti::uccx::codec::Tail<'a>) -> Self {
                let mut record = Self::default();
                for tlv in span.fields().map_while(Result::ok) {
                    let _taken = false $(|| floating_take!(record.$field, tlv, $item $spec))*;
                }
                $(floating_attach!(record.$field, span, $item $spec);)*
                record
            }

            fn write(&self, encoder: &mut $crate::cti::uccx::codec::Encoder<'_>) {
                $(floating_write!(self, $field, encoder, $item $spec);)*
            }
        }
    )*};
}

/// Walks a fixed part.
pub(super) struct Cursor<'a>(pub(super) &'a [u8]);

impl Cursor<'_> {
    pub(super) fn take<K: FixedKind>(&mut self) -> K::Value {
        let value = K::read(self.0);
        self.0 = self.0.get(K::KIND.fixed_bytes()..).unwrap_or_default();
        value
    }
}

/// Puts the value into its place if that is free and the length fits the type.
pub(super) fn fill<'a, K: FloatingKind>(slot: &mut Option<K::Value<'a>>, value: &'a [u8]) -> bool {
    if slot.is_some() {
        return false;
    }
    *slot = K::read(value);
    slot.is_some()
}

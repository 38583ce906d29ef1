//! The types the message table is written with: how each is read and written.

use super::encoder::Encoder;
use super::error::EncodeError;
use super::layout::Kind;
use super::values::{Bool, NamedArray, NamedVariable, Secret, Text, without_nul};

/// A type that can stand in the fixed part.
pub(super) trait FixedKind {
    /// The value in the message.
    type Value: Copy;
    /// As metadata.
    const KIND: Kind;

    /// The value a new message holds, from the number in the table.
    fn of(default: i64) -> Self::Value;
    /// Reads the first bytes; bytes that are missing count as zero.
    fn read(bytes: &[u8]) -> Self::Value;
    /// Appends the value.
    fn write(value: Self::Value, out: &mut Vec<u8>);
}

/// A type that can stand in the floating part.
pub(super) trait FloatingKind {
    /// The value in the message.
    type Value<'a>: Copy;
    /// As metadata.
    const KIND: Kind;
    /// Whether it is a password.
    const SECRET: bool = false;

    /// Reads the bytes of a field; `None` if their number does not fit the type.
    fn read(bytes: &[u8]) -> Option<Self::Value<'_>>;
    /// Appends a field.
    fn write(tag: u16, value: Self::Value<'_>, encoder: &mut Encoder<'_>);
}

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident = $value:ty, $kind:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub(super) enum $name {}

        impl FixedKind for $name {
            type Value = $value;
            const KIND: Kind = $kind;

            fn of(default: i64) -> $value {
                default as $value
            }

            fn read(bytes: &[u8]) -> $value {
                bytes.first_chunk().map_or(0, |bytes| <$value>::from_be_bytes(*bytes))
            }

            fn write(value: $value, out: &mut Vec<u8>) {
                out.extend_from_slice(&value.to_be_bytes());
            }
        }

        impl FloatingKind for $name {
            type Value<'a> = $value;
            const KIND: Kind = $kind;

            fn read(bytes: &[u8]) -> Option<$value> {
                bytes.try_into().ok().map(<$value>::from_be_bytes)
            }

            fn write(tag: u16, value: $value, encoder: &mut Encoder<'_>) {
                encoder.floating(tag, &[&value.to_be_bytes()], size_of::<$value>());
            }
        }
    )*};
}

numbers! {
    /// UCHAR.
    U1 = u8, Kind::U1;
    /// USHORT.
    U2 = u16, Kind::U2;
    /// UINT.
    U4 = u32, Kind::U4;
    /// INT.
    S4 = i32, Kind::S4;
    /// TIME: seconds since 1970 UTC.
    T4 = u32, Kind::Time;
}

/// BOOL.
#[derive(Debug)]
pub(super) enum B2 {}

impl FixedKind for B2 {
    type Value = Bool;
    const KIND: Kind = Kind::Bool;

    fn of(default: i64) -> Bool {
        Bool::from(default != 0)
    }

    fn read(bytes: &[u8]) -> Bool {
        Bool::Two(<U2 as FixedKind>::read(bytes))
    }

    fn write(value: Bool, out: &mut Vec<u8>) {
        let value = match value {
            Bool::Two(value) => value,
            Bool::Four(value) => u16::from(value != 0),
        };
        <U2 as FixedKind>::write(value, out);
    }
}

impl FloatingKind for B2 {
    type Value<'a> = Bool;
    const KIND: Kind = Kind::Bool;

    fn read(bytes: &[u8]) -> Option<Bool> {
        let two = <U2 as FloatingKind>::read(bytes).map(Bool::Two);
        two.or_else(|| <U4 as FloatingKind>::read(bytes).map(Bool::Four))
    }

    fn write(tag: u16, value: Bool, encoder: &mut Encoder<'_>) {
        match value {
            Bool::Two(value) => <U2 as FloatingKind>::write(tag, value, encoder),
            Bool::Four(value) => <U4 as FloatingKind>::write(tag, value, encoder),
        }
    }
}

/// UNSPEC of eight bytes in the fixed part.
#[derive(Debug)]
pub(super) enum Opaque8 {}

impl FixedKind for Opaque8 {
    type Value = [u8; 8];
    const KIND: Kind = Kind::Opaque(8);

    fn of(default: i64) -> [u8; 8] {
        default.to_be_bytes()
    }

    fn read(bytes: &[u8]) -> [u8; 8] {
        bytes.first_chunk().copied().unwrap_or_default()
    }

    fn write(value: [u8; 8], out: &mut Vec<u8>) {
        out.extend_from_slice(&value);
    }
}

macro_rules! bytes_like {
    ($($(#[$doc:meta])* $name:ident = $value:ident, $kind:ident, secret $secret:literal,
        |$bytes:ident| $read:expr, |$v:ident| $parts:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub(super) enum $name<const MAX: usize> {}

        impl<const MAX: usize> FloatingKind for $name<MAX> {
            type Value<'a> = $value<'a>;
            const KIND: Kind = Kind::$kind(MAX);
            const SECRET: bool = $secret;

            fn read($bytes: &[u8]) -> Option<$value<'_>> {
                Some($read)
            }

            fn write(tag: u16, $v: $value<'_>, encoder: &mut Encoder<'_>) {
                encoder.floating(tag, $parts, MAX);
            }
        }
    )*};
}

type Slice<'a> = &'a [u8];

bytes_like! {
    /// STRING of at most `MAX` bytes with its NUL.
    Str = Text, Text, secret false, |bytes| Text::from(without_nul(bytes)), |text| &[text.as_bytes(), &[0]];
    /// UNSPEC of at most `MAX` bytes.
    Bytes = Slice, Opaque, secret false, |bytes| bytes, |bytes| &[bytes];
    /// A password as STRING, with a NUL.
    SecretStr = Secret, Text, secret true, |bytes| Secret::new(without_nul(bytes)), |secret| &[secret.expose(), &[0]];
    /// A password as UNSPEC, without a NUL.
    SecretBytes = Secret, Opaque, secret true, |bytes| Secret::new(bytes), |secret| &[secret.expose()];
}

/// NAMEDVAR.
#[derive(Debug)]
pub(super) enum NamedVar {}

impl FloatingKind for NamedVar {
    type Value<'a> = NamedVariable<'a>;
    const KIND: Kind = Kind::NamedVariable;

    fn read(bytes: &[u8]) -> Option<NamedVariable<'_>> {
        Some(NamedVariable::from_wire(bytes))
    }

    fn write(tag: u16, value: NamedVariable<'_>, encoder: &mut Encoder<'_>) {
        write_variable(tag, &[], value, encoder);
    }
}

/// NAMEDARRAY.
#[derive(Debug)]
pub(super) enum NamedArr {}

impl FloatingKind for NamedArr {
    type Value<'a> = NamedArray<'a>;
    const KIND: Kind = Kind::NamedArray;

    fn read(bytes: &[u8]) -> Option<NamedArray<'_>> {
        let (index, rest) = bytes.split_first()?;
        Some(NamedArray { index: *index, variable: NamedVariable::from_wire(rest) })
    }

    fn write(tag: u16, value: NamedArray<'_>, encoder: &mut Encoder<'_>) {
        write_variable(tag, &[value.index], value.variable, encoder);
    }
}

fn write_variable(tag: u16, index: &[u8], variable: NamedVariable<'_>, encoder: &mut Encoder<'_>) {
    let (name, value) = (variable.name.as_bytes(), variable.value.as_bytes());
    if name.contains(&0) {
        encoder.fail(EncodeError::NulInName { tag });
    }
    let limits = [(name.len() + 1, NamedVariable::NAME_BYTES_MAX), (value.len() + 1, NamedVariable::VALUE_BYTES_MAX)];
    for (length, limit) in limits {
        if length > limit {
            encoder.fail(EncodeError::FieldTooLong { tag, length, limit });
        }
    }
    let max = index.len() + NamedVariable::NAME_BYTES_MAX + NamedVariable::VALUE_BYTES_MAX;
    encoder.floating(tag, &[index, name, &[0], value, &[0]], max);
}

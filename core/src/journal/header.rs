//! What a journal says of itself.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::codec;
use crate::config::Config;
use crate::time::Time;

/// The first record: what the engine was made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Header {
    /// The version of the program that wrote it.
    pub product: Box<str>,
    /// The version of the encoded inputs and outputs: [`codec::VERSION`].
    pub codec: u8,
    /// The engine's configuration.
    pub config: Config,
    /// The engine's seed.
    pub seed: u64,
    /// The moment the engine was made at, or that of the last input before this journal's first; microseconds since the epoch.
    pub from: Time,
    /// What is before the first input.
    pub begins: Begins,
    /// How many inputs the engine was fed before this journal's first one.
    pub inputs_before: u64,
    /// What it keeps of outputs.
    pub keeps: Keeps,
    /// Whether what is about people was taken out.
    pub redacted: bool,
}

/// Where a journal begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Begins {
    /// With an engine in which nothing has happened.
    New,
    /// With the snapshot in the next record.
    Snapshot,
}

/// What a journal keeps of outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Keeps {
    /// A digest of each input's: enough to know that they differ.
    Digests,
    /// All of them, and the digests: enough to know how they differ.
    Outputs,
}

/// Why a header cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeaderError {
    /// It is not a header, or not of a program this one knows; the words say what.
    Unreadable {
        /// The version of the program that wrote it, where it says so.
        product: Option<Box<str>>,
        /// What is wrong.
        what: String,
    },
    /// Inputs and outputs are encoded in another version.
    Codec {
        /// The version of the program that wrote it.
        product: Box<str>,
        /// The version of the encoding.
        found: u8,
    },
}

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { product: Some(product), what } => write!(
                f,
                "its header was written by version {product} and is not understood by version {OWN}: {what}. Use version {product}"
            ),
            Self::Unreadable { product: None, what } => write!(f, "its header is not understood: {what}"),
            Self::Codec { product, found } => write!(
                f,
                "its inputs are of format {found}, and version {OWN} reads format {}. Use version {product}, which wrote it",
                codec::VERSION
            ),
        }
    }
}

impl std::error::Error for HeaderError {}

/// The version of this program.
const OWN: &str = env!("CARGO_PKG_VERSION");

/// What every version's header says.
#[derive(Deserialize)]
struct Versions<'a> {
    product: &'a str,
    codec: u8,
}

impl Header {
    /// The header of a journal that begins with a new engine.
    pub fn of_new(config: Config, seed: crate::config::Seed, from: Time, keeps: Keeps) -> Self {
        let (product, codec) = (OWN.into(), codec::VERSION);
        let (begins, inputs_before, redacted) = (Begins::New, 0, false);
        Self { product, codec, config, seed: seed.0, from, begins, inputs_before, keeps, redacted }
    }

    /// Whether another version of the program wrote it: outputs may then differ on purpose.
    pub fn is_of_another_version(&self) -> bool {
        &*self.product != OWN
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        // INVARIANT: a header is plain values, which all have a JSON form.
        serde_json::to_vec(self).expect("a header has a JSON form")
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, HeaderError> {
        let versions: Versions<'_> = serde_json::from_slice(bytes)
            .map_err(|error| HeaderError::Unreadable { product: None, what: error.to_string() })?;
        if versions.codec != codec::VERSION {
            return Err(HeaderError::Codec { product: versions.product.into(), found: versions.codec });
        }
        let mut json = serde_json::Deserializer::from_slice(bytes);
        serde_path_to_error::deserialize(&mut json).map_err(|error| HeaderError::Unreadable {
            product: Some(versions.product.into()),
            what: format!("{}: {}", error.path(), error.inner()),
        })
    }
}

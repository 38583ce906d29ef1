//! `hello`: who the platform is and what it offers.

use serde::{Deserialize, Serialize};

use super::PROTOCOL;
use super::error::LineError;
use super::people::{all, into_all};
use super::words::{OfferWord, ReportWord};
use crate::cti::{Offers, Platform, ReasonCode};

/// `hello`: the first line of every connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hello {
    /// The version of these lines the platform speaks.
    pub protocol: u32,
    /// Its vendor or name, the service's `cti-vendor`.
    pub vendor: Box<str>,
    /// Its version, the service's `cti-version`.
    pub version: Box<str>,
    /// What it offers: the service's capabilities.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub offers: Vec<OfferWord>,
    /// Which report resource it feeds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reports: Option<ReportWord>,
    /// Reasons for going not ready.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_ready_reasons: Vec<ReasonShape>,
    /// Reasons for logging out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub logout_reasons: Vec<ReasonShape>,
    /// Wrap-up codes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wrap_up_codes: Vec<ReasonShape>,
}

/// A code with the words people read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReasonShape {
    /// The code, as text.
    pub code: Box<str>,
    /// Its name.
    pub name: Box<str>,
}

impl From<&ReasonCode> for ReasonShape {
    fn from(reason: &ReasonCode) -> Self {
        Self { code: reason.code.clone(), name: reason.name.clone() }
    }
}

impl From<ReasonShape> for ReasonCode {
    fn from(shape: ReasonShape) -> Self {
        Self { code: shape.code, name: shape.name }
    }
}

impl From<&Platform> for Hello {
    fn from(platform: &Platform) -> Self {
        Self {
            protocol: PROTOCOL,
            vendor: platform.vendor.clone(),
            version: platform.version.clone(),
            offers: OfferWord::of(&platform.offers),
            reports: platform.reports.map(ReportWord::from),
            not_ready_reasons: all(&platform.not_ready_reasons),
            logout_reasons: all(&platform.logout_reasons),
            wrap_up_codes: all(&platform.wrap_up_codes),
        }
    }
}

impl Hello {
    /// The platform this speaks of.
    ///
    /// # Errors
    ///
    /// It speaks another version of these lines.
    pub(super) fn platform(self) -> Result<Platform, LineError> {
        if self.protocol != PROTOCOL {
            let message = format!("is {}: this processor speaks version {PROTOCOL}", self.protocol);
            return Err(LineError::of("protocol", message));
        }
        let mut offers = Offers::default();
        for word in self.offers {
            word.add_to(&mut offers);
        }
        Ok(Platform {
            vendor: self.vendor,
            version: self.version,
            offers,
            reports: self.reports.map(Into::into),
            not_ready_reasons: into_all(self.not_ready_reasons),
            logout_reasons: into_all(self.logout_reasons),
            wrap_up_codes: into_all(self.wrap_up_codes),
        })
    }
}

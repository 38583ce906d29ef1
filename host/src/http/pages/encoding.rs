//! Which form of a file a client is sent: as it is, or as the build of the pages compressed it.

use axum::http::header::{ACCEPT_ENCODING, HeaderMap};

/// A form a file may lie in beside itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Brotli,
    Gzip,
}

impl Encoding {
    /// The smaller first.
    pub(super) const ALL: [Self; 2] = [Self::Brotli, Self::Gzip];

    /// What such a file's name ends in.
    pub(super) fn suffix(self) -> &'static str {
        match self {
            Self::Brotli => ".br",
            Self::Gzip => ".gz",
        }
    }

    /// Its content coding by its registered name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }
}

/// What a client takes, in thousandths: 0 is what it does not.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Accepted {
    brotli: u16,
    gzip: u16,
    identity: u16,
}

impl Accepted {
    /// Reads `Accept-Encoding` (RFC 9110, 12.5.3). An element that is none is passed over.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let (mut brotli, mut gzip, mut identity, mut others) = (None, None, None, None);
        let values = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
        for (coding, quality) in values.flat_map(|value| value.split(',')).filter_map(element) {
            let place = match coding.to_ascii_lowercase().as_str() {
                "br" => &mut brotli,
                "gzip" | "x-gzip" => &mut gzip,
                "identity" => &mut identity,
                "*" => &mut others,
                _ => continue,
            };
            *place = Some(quality);
        }
        Self {
            brotli: brotli.or(others).unwrap_or(0),
            gzip: gzip.or(others).unwrap_or(0),
            // Taken unless it is said not to be, and after whatever is asked for by name.
            identity: identity.unwrap_or(if others == Some(0) { 0 } else { 1 }),
        }
    }

    /// Those there might be a file of, what the client likes best first; `None` is the file as it is.
    pub(super) fn by_preference(&self) -> impl Iterator<Item = Option<Encoding>> {
        let mut all: Vec<_> = Encoding::ALL.map(|encoding| (self.quality(encoding), Some(encoding))).into();
        all.push((self.identity, None));
        // In this order where it likes several alike: the smaller first.
        all.sort_by_key(|(quality, _)| std::cmp::Reverse(*quality));
        all.into_iter().filter(|(quality, _)| *quality > 0).map(|(_, encoding)| encoding)
    }

    fn quality(&self, encoding: Encoding) -> u16 {
        match encoding {
            Encoding::Brotli => self.brotli,
            Encoding::Gzip => self.gzip,
        }
    }
}

/// `coding` or `coding;q=0.5`.
fn element(text: &str) -> Option<(&str, u16)> {
    let mut parts = text.split(';').map(|part| part.trim_matches([' ', '\t']));
    let coding = parts.next().filter(|coding| !coding.is_empty())?;
    let quality = match parts.next() {
        None => 1000,
        Some(weight) => {
            let (name, value) = weight.split_once('=')?;
            if !name.eq_ignore_ascii_case("q") {
                return None;
            }
            thousandths(value)?
        }
    };
    parts.next().is_none().then_some((coding, quality))
}

/// `0`, `1`, and what is between them in up to three digits.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, digits) = text.split_once('.').unwrap_or((text, ""));
    if digits.len() > 3 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let part: u16 = format!("{digits:0<3}").parse().ok()?;
    match whole {
        "0" => Some(part),
        "1" if part == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue};

    use super::{Accepted, Encoding, thousandths};

    const BR: Option<Encoding> = Some(Encoding::Brotli);
    const GZ: Option<Encoding> = Some(Encoding::Gzip);

    fn preferred(values: &[&str]) -> Vec<Option<Encoding>> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(ACCEPT_ENCODING, HeaderValue::from_str(value).unwrap());
        }
        Accepted::of(&headers).by_preference().collect()
    }

    #[test]
    fn what_is_liked_best_comes_first_and_the_smaller_of_what_is_liked_alike() {
        assert_eq!(preferred(&["gzip, deflate, br, zstd"]), [BR, GZ, None]);
        assert_eq!(preferred(&["br;q=0.5, GZIP"]), [GZ, BR, None]);
        assert_eq!(preferred(&["br;q=0.5 ,\tgzip ; Q=0.501"]), [GZ, BR, None]);
        assert_eq!(preferred(&["gzip", "br"]), [BR, GZ, None]);
        assert_eq!(preferred(&["identity, br;q=0.9"]), [None, BR]);
        assert_eq!(preferred(&["x-gzip"]), [GZ, None]);
    }

    #[test]
    fn who_says_nothing_gets_the_file_as_it_is() {
        for values in [&[][..], &[""], &["zstd"], &["deflate, , ;q=1"]] {
            assert_eq!(preferred(values), [None], "{values:?}");
        }
    }

    #[test]
    fn a_quality_of_zero_is_a_refusal() {
        assert_eq!(preferred(&["br;q=0, gzip;q=0.000, *"]), [None]);
        assert_eq!(preferred(&["*"]), [BR, GZ, None]);
        assert_eq!(preferred(&["*;q=0, gzip"]), [GZ]);
        assert_eq!(preferred(&["identity;q=0, br"]), [BR]);
        assert_eq!(preferred(&["identity;q=0"]), []);
    }

    #[test]
    fn what_is_no_quality_asks_for_nothing() {
        for wrong in
            ["br;q=", "br;q=2", "br;q=1.001", "br;q=0.1234", "br;q=-1", "br;q=.5", "br;q=0.5;x=1", "br;level=1"]
        {
            assert_eq!(preferred(&[wrong]), [None], "{wrong}");
        }
        assert_eq!([thousandths("0."), thousandths("1.0"), thousandths("0.05")], [Some(0), Some(1000), Some(50)]);
    }
}

//! `Authorization: Bearer …`, which names a link by its key, or an operator by a token.

use axum::http::header::{AUTHORIZATION, HeaderMap};

/// What stands behind `Bearer`, where it stands once.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let (scheme, credentials) = value.to_str().ok()?.split_once(' ')?;
    let credentials = credentials.trim_matches(' ');
    (scheme.eq_ignore_ascii_case("bearer") && !credentials.is_empty()).then_some(credentials)
}

#[cfg(test)]
mod tests {
    use axum::http::header::{AUTHORIZATION, HeaderMap, HeaderValue};

    use super::bearer;

    fn of(values: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        bearer(&headers).map(str::to_owned)
    }

    #[test]
    fn one_of_the_scheme_is_read() {
        assert_eq!(of(&["Bearer local.abc"]).as_deref(), Some("local.abc"));
        assert_eq!(of(&["bearer   local.abc "]).as_deref(), Some("local.abc"));
        for values in [&[][..], &["Bearer"], &["Bearer "], &["Basic abc"], &["local.abc"], &["Bearer a", "Bearer b"]] {
            assert_eq!(of(values), None, "{values:?}");
        }
        assert_eq!(of(&["Bearer k\u{e4}se"]), None, "not ASCII");
    }
}

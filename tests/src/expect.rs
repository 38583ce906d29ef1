//! Assertions on answers, with the whole answer in the words of a failed one.

use serde_json::Value;

/// The failure code of a response's body or of an error; empty where it is none.
pub fn code(answer: &Value) -> &str {
    answer["failure"]["code"].as_str().unwrap_or_default()
}

/// A success.
#[track_caller]
pub fn succeeded(answer: &Value) {
    assert_eq!(answer["result"], "success", "{answer}");
}

/// A failure of this code.
#[track_caller]
pub fn refused(answer: &Value, expected: &str) {
    assert_eq!(code(answer), expected, "{answer}");
}

/// `request.invalid` that names the property, in its message and its parameters.
#[track_caller]
pub fn invalid(answer: &Value, property: &str) {
    refused(answer, "request.invalid");
    let message = answer["failure"]["message"].as_str().unwrap_or_default();
    assert!(message.contains(property), "`{property}` is not named: {answer}");
    assert!(answer["failure"]["params"].is_object(), "no params for translation: {answer}");
}

/// A failure that can be waited out says for how long.
#[track_caller]
pub fn retries(answer: &Value) {
    assert!(answer["failure"]["retryAfterMs"].as_u64().is_some_and(|ms| ms > 0), "no retryAfterMs: {answer}");
}

mod properties;
mod refusals;

use std::borrow::Cow;

use super::{Intake, Misplaced, intake, key_hash, splice};
use crate::ids::SecretRef;
use crate::input::SecretKind;
use crate::output::Splice;
use crate::secret::Secret;

/// SHA-256 of "abc", from FIPS 180-2.
const ABC_HASH: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

fn taken(frame: &str) -> Intake<'_> {
    intake(frame.as_bytes()).unwrap_or_else(|fault| panic!("{fault:?}: {frame}"))
}

/// The secrets' kinds, values, and what stands in their places.
fn secrets(intake: &Intake<'_>) -> Vec<(SecretKind, String, String)> {
    let mut list = Vec::new();
    for secret in &intake.secrets {
        let rest = &intake.text[secret.offset as usize..];
        let end = rest.find([',', '}', ']']).expect("a value within an object ends");
        list.push((secret.kind, secret.value.expose().to_owned(), rest[..end].to_owned()));
    }
    list
}

#[test]
fn what_needs_no_change_is_borrowed() {
    for frame in [
        r"{}",
        r#"{"a":1}"#,
        r#"{"a":" b\n\u00e4\ud83d\ude00 ","c":[true,false,null,[],{}],"d":-0.50E+07}"#,
        r#"{"resume":{"seq":1},"key":"k","a":{"key":2},"password":null,"b":{"token":null},"":0}"#,
        r#"{"resume":{"key":null}}"#,
        r#"{"resume":[{"key":"not directly within"}]}"#,
        r#"{"resume":{"inner":{"key":"not directly within"}}}"#,
        r#"{"Password":1,"tokens":2,"passwor":3,"pass word":4}"#,
        r#"{"a":"password","b":["token"]}"#,
    ] {
        let intake = taken(frame);
        assert_eq!(intake.text, frame);
        assert!(matches!(intake.text, Cow::Borrowed(_)), "{frame}");
        assert!(intake.secrets.is_empty(), "{frame}");
    }
}

#[test]
fn white_space_around_the_frame_costs_no_copy() {
    let intake = taken(" \r\n\t{\"a\":1}\n ");
    assert!(matches!(intake.text, Cow::Borrowed("{\"a\":1}")));
}

#[test]
fn white_space_goes_except_in_strings() {
    for (frame, text) in [
        ("{ }", "{}"),
        ("{\t\"a\"\r\n: 1 }", "{\"a\":1}"),
        (" { \"a b\" : [ ] , \"c\" : [ 1 , \" x  y \" , { } ] } ", "{\"a b\":[],\"c\":[1,\" x  y \",{}]}"),
        ("{\"a\":1.0e5 ,\"\\u0041\" : \"\\/\"}", "{\"a\":1.0e5,\"\\u0041\":\"\\/\"}"),
    ] {
        assert_eq!(taken(frame).text, text);
    }
}

#[test]
fn secrets_of_any_type_become_null() {
    use SecretKind::{Password, Token};
    for (frame, text, expected) in [
        (r#"{"password":"p"}"#, r#"{"password":null}"#, vec![(Password, r#""p""#)]),
        (r#"{"token":"","a":1}"#, r#"{"token":null,"a":1}"#, vec![(Token, r#""""#)]),
        (r#"{"password":-1.50e1}"#, r#"{"password":null}"#, vec![(Password, "-1.50e1")]),
        (r#"{"password":false}"#, r#"{"password":null}"#, vec![(Password, "false")]),
        (r#"{"password":{}}"#, r#"{"password":null}"#, vec![(Password, "{}")]),
        (r#"{"password":[]}"#, r#"{"password":null}"#, vec![(Password, "[]")]),
        (r#"{"password":[1,{"a":"}"}]}"#, r#"{"password":null}"#, vec![(Password, r#"[1,{"a":"}"}]"#)]),
        (r#"{"pass\u0077ord":"p\u0020"}"#, r#"{"pass\u0077ord":null}"#, vec![(Password, r#""p\u0020""#)]),
        (
            r#"{"a":[[{"b":{"token":"ä€😀"}}]],"token":"\"}"}"#,
            r#"{"a":[[{"b":{"token":null}}]],"token":null}"#,
            vec![(Token, r#""ä€😀""#), (Token, r#""\"}""#)],
        ),
        (
            r#"{"password":{"token":"t","resume":{"key":"k"}},"token":1}"#,
            r#"{"password":null,"token":null}"#,
            vec![(Password, r#"{"token":"t","resume":{"key":"k"}}"#), (Token, "1")],
        ),
        (
            "{ \"password\" : { \"a b\" : [ 1 , \" c \" ] } , \"a\" : 2 }",
            r#"{"password":null,"a":2}"#,
            vec![(Password, r#"{"a b":[1," c "]}"#)],
        ),
    ] {
        let intake = taken(frame);
        assert_eq!(intake.text, text);
        let mut wanted = Vec::new();
        for (kind, value) in expected {
            wanted.push((kind, value.to_owned(), "null".to_owned()));
        }
        assert_eq!(secrets(&intake), wanted, "{frame}");
    }
}

#[test]
fn a_resume_key_becomes_its_hash() {
    let hash = format!("\"{ABC_HASH}\"");
    for (frame, value) in [
        (r#"{"resume":{"key":"abc","seq":41}}"#, r#""abc""#),
        (r#"{"resume":{"seq":41,"key":"\u0061bc"}}"#, r#""\u0061bc""#),
        (r#"{"r\u0065sume":{"\u006bey":"abc"}}"#, r#""abc""#),
        (r#"{"a":[{"resume":{"key":"abc"}}]}"#, r#""abc""#),
        (r#"{ "resume" : { "a" : [ {} ] , "key" : "abc" } }"#, r#""abc""#),
        (r#"{"resume":{"resume":{"key":"abc"}}}"#, r#""abc""#),
    ] {
        let wanted = vec![(SecretKind::ResumeKey, value.to_owned(), hash.clone())];
        assert_eq!(secrets(&taken(frame)), wanted, "{frame}");
    }
    assert_eq!(hex(&key_hash("abc").0), ABC_HASH);
}

#[test]
fn a_resume_key_that_is_no_string_becomes_null() {
    for value in ["12", "true", "[\"abc\"]", r#"{"key":"abc","password":"p"}"#] {
        let frame = format!(r#"{{"resume":{{"key":{value}}}}}"#);
        let intake = taken(&frame);
        assert_eq!(intake.text, r#"{"resume":{"key":null}}"#);
        assert_eq!(secrets(&intake), vec![(SecretKind::ResumeKey, value.to_owned(), "null".to_owned())]);
    }
}

#[test]
fn debug_of_an_intake_shows_no_secret() {
    let shown = format!("{:?}", taken(r#"{"password":"hunter2","resume":{"key":"hunter2"}}"#));
    assert!(!shown.contains("hunter2"), "{shown}");
}

/// Puts a frame's secrets back, the frame's text standing between `head` and `tail`.
fn spliced(head: &str, taken: &Intake<'_>, tail: &str) -> Result<String, Misplaced> {
    let mut splices = Vec::new();
    for (secret, index) in taken.secrets.iter().zip(0..) {
        let span = secret.span(SecretRef(index));
        splices.push(Splice { at: span.offset + head.len() as u32, len: span.len, secret: span.secret });
    }
    // Wherever head and tail part, even within a stand-in.
    let message = format!("{head}{}{tail}", taken.text);
    let (head, tail) = message.as_bytes().split_at(message.len() / 2);
    let bytes = splice(head, tail, &splices, |secret| Some(&taken.secrets[secret.0 as usize].value))?;
    Ok(String::from_utf8(bytes).expect("texts and secrets are UTF-8"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn splicing_puts_the_secrets_back_within_another_text() {
    let frame = r#"{"password":"p","resume":{"key":"abc"},"a":{"token":[1,2]}}"#;
    let wanted = format!("{{\"original\":{frame}}}");
    assert_eq!(spliced("{\"original\":", &taken(frame), "}"), Ok(wanted));
}

#[test]
fn a_secret_goes_only_where_one_was() {
    let value = Secret::new("\"p\"".to_owned());
    let text = format!("{{\"a\":null,\"b\":\"{ABC_HASH}\",\"c\":\"{}\"}}", ABC_HASH.to_uppercase());
    let put = |places: &[(u32, u32)]| {
        let mut splices = Vec::new();
        for &(at, len) in places {
            splices.push(Splice { at, len, secret: SecretRef(7) });
        }
        splice(text.as_bytes(), b"", &splices, |secret| (secret == SecretRef(7)).then_some(&value))
    };
    let misplaced = |at, len| Err(Misplaced { splice: Splice { at, len, secret: SecretRef(7) } });
    for at in 0..text.len() as u32 + 2 {
        for len in [0, 2, 3, 4, 5, 65, 66, 67, u32::MAX] {
            match (at, len) {
                (5, 4) => assert_eq!(put(&[(at, len)]), Ok(text.replace("null", "\"p\"").into_bytes())),
                (14, 66) => {
                    let wanted = text.replace(&format!("\"{ABC_HASH}\""), "\"p\"");
                    assert_eq!(put(&[(at, len)]), Ok(wanted.into_bytes()));
                }
                _ => assert_eq!(put(&[(at, len)]), misplaced(at, len), "{len} at {at}"),
            }
        }
    }
    assert_eq!(put(&[(14, 66), (5, 4)]), misplaced(5, 4));
    assert_eq!(put(&[(5, 4), (5, 4)]), misplaced(5, 4));
    assert_eq!(put(&[]), Ok(text.clone().into_bytes()));
}

#[test]
fn a_secret_no_longer_kept_stays_out() {
    let splices = [Splice { at: 5, len: 4, secret: SecretRef(1) }];
    assert_eq!(splice(b"{\"a\":", b"null}", &splices, |_| None), Ok(b"{\"a\":null}".to_vec()));
}

//! Lines, and the commands they mean.

use super::super::mirror::tests::ringing;
use super::*;

fn ask(line: &str) -> Ask {
    match read(line, &ringing()) {
        Ok(Word::Ask(ask)) => ask,
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn a_verb_goes_to_the_object_that_offers_it() {
    let answer = ask("answer");
    assert_eq!((answer.command.as_str(), answer.target.as_str()), ("conversation.answer", "s.c.i.v"));
    assert_eq!(ask("#1 answer"), answer);
    let lunch = ask("notready lunch");
    assert_eq!((lunch.command.as_str(), lunch.target.as_str()), ("channel.request.notready", "s.c"));
    assert_eq!(lunch.data, json!({"reason": {"code": "22", "name": "Lunch"}}));
    assert_eq!(ask("notready 99").data, json!({"reason": {"code": "99", "name": ""}}), "unlisted, as it is");
}

#[test]
fn what_is_not_possible_says_what_is() {
    let refused = |line: &str| read(line, &ringing()).expect_err(line);
    assert_eq!(refused("anser"), "`anser` is not possible now (`answer`?): answer, ready, notready");
    assert!(refused("dial 6001").contains("answer, ready, notready"));
    assert!(refused("#2 answer").contains("not possible"));
    assert!(refused("#x answer").contains("`show`"));
    assert!(refused("answer now").contains("takes nothing more"));
    assert!(refused("wait").contains("wait answer 30"));
    assert!(refused("wait answer long").contains("seconds"));
}

#[test]
fn data_is_what_the_verb_needs() {
    let of = |verb: &str, rest: &[&str]| data(&ringing(), verb, rest);
    assert_eq!(of("dial", &["+49 30", "1234"]), Ok(json!({"destination": "+49 30 1234"})));
    assert!(of("consult", &[]).is_err());
    assert_eq!(of("updatedata", &["a=b", "c="]), Ok(json!({"a": "b", "c": null})));
    assert!(of("updatedata", &["a"]).is_err());
    assert_eq!(of("supervise.listen", &["2002"]), Ok(json!({"agentId": "2002"})));
    assert_eq!(of("complete", &["7"]), Ok(json!({"disposition": "7"})));
    assert_eq!(of("hold", &[]), Ok(json!({})));
}

#[test]
fn words_of_the_desk_itself() {
    let word = |line: &str| read(line, &ringing());
    assert_eq!(word("  "), Ok(Word::Nothing));
    assert_eq!(word("quit"), Ok(Word::Quit));
    assert_eq!(word("show"), Ok(Word::Show));
    assert_eq!(word("wait answer 5"), Ok(Word::Wait { verb: "answer".into(), seconds: Some(5) }));
}

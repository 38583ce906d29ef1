//! What a person types, as the command it means.

use serde_json::{Map, Value, json};

use super::mirror::{Mirror, Reason, verb_of};

/// What can be typed.
pub(super) const HELP: &str = "\
Type what is offered: `ready`, `notready lunch`, `dial 6001`, `answer`, `hold`, `retrieve`, `drop`, `consult 2002`, `alternate`,
`consulttransfer`, `consultconference`, `transfer 2002`, `conference 2002`, `dtmf 12#`, `updatedata key=value`, `accept`,
`complete [code]`, `recording start`, `supervise listen 2002`, `logout [reason]`. `#2 hold` means the second call.
`show` lists every object with what may be done to it, `wait answer [seconds]` waits until that is possible (for scripts),
`quit` leaves without logging out. Scripts are lines on standard input; one that is refused ends the script with exit code 4.";

/// What was typed.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Word {
    Nothing,
    Help,
    Show,
    Quit,
    Wait { verb: String, seconds: Option<u64> },
    Ask(Ask),
}

/// A command to the session.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ask {
    pub(super) command: String,
    pub(super) target: String,
    pub(super) data: Value,
}

/// Reads a line; `Err` says what is wrong with it.
pub(super) fn read(line: &str, mirror: &Mirror) -> Result<Word, String> {
    let mut words: Vec<&str> = line.split_whitespace().collect();
    let number = match words.first().and_then(|word| word.strip_prefix('#')) {
        Some(number) => {
            let number = number.parse::<u32>().map_err(|_| format!("`#{number}` is no call: `show` lists them"))?;
            words.remove(0);
            Some(number)
        }
        None => None,
    };
    let Some((&first, mut rest)) = words.split_first() else { return Ok(Word::Nothing) };
    match first {
        "help" | "?" => return Ok(Word::Help),
        "show" => return Ok(Word::Show),
        "quit" | "exit" => return Ok(Word::Quit),
        "wait" => return wait(rest),
        _ => {}
    }
    let mut verb = first.to_owned();
    if let ("recording" | "supervise", Some((second, more))) = (first, rest.split_first()) {
        verb = format!("{first}.{second}");
        rest = more;
    }
    let (target, name) = place(mirror, number, &verb)?;
    let data = data(mirror, &verb, rest)?;
    let (kind, verb) = name.split_once('.').unwrap_or((name, ""));
    // Both spellings are understood; those that ask for something that takes its time are spelled so.
    let command = match (kind, verb) {
        ("session" | "channelgroup", _) | ("channel", "ready" | "notready" | "acw") => format!("{kind}.request.{verb}"),
        _ => name.to_owned(),
    };
    Ok(Word::Ask(Ask { command, target: target.to_owned(), data }))
}

fn wait(rest: &[&str]) -> Result<Word, String> {
    let (verb, seconds) = match rest {
        [verb] => (*verb, None),
        [verb, seconds] => match seconds.parse::<u64>() {
            Ok(seconds) if seconds <= 3_600 => (*verb, Some(seconds)),
            _ => return Err(format!("`{seconds}` must be seconds, up to 3600")),
        },
        _ => return Err("`wait` takes what to wait for, and seconds: `wait answer 30`".into()),
    };
    Ok(Word::Wait { verb: verb.to_owned(), seconds })
}

/// The object that a verb is meant for: of channels the first, of calls the last that came.
fn place<'a>(mirror: &'a Mirror, number: Option<u32>, verb: &str) -> Result<(&'a str, &'a str), String> {
    let mut found: Option<(&str, &str)> = None;
    for (target, object) in mirror.objects() {
        if number.is_some() && mirror.number_of(target) != number {
            continue;
        }
        if let Some(name) = object.enabled.iter().find(|name| verb_of(name) == verb)
            && (found.is_none() || matches!(object.kind, "interaction" | "conversation"))
        {
            found = Some((target, name));
        }
    }
    found.ok_or_else(|| {
        let verbs = mirror.verbs();
        let near = verbs.iter().max_by(|a, b| strsim::jaro(verb, a).total_cmp(&strsim::jaro(verb, b)));
        let near = near.filter(|near| strsim::jaro(verb, near) > 0.75).map(|near| format!(" (`{near}`?)"));
        format!("`{verb}` is not possible now{}: {}", near.unwrap_or_default(), verbs.join(", "))
    })
}

fn data(mirror: &Mirror, verb: &str, rest: &[&str]) -> Result<Value, String> {
    let all = rest.join(" ");
    let needs = |what: &str| format!("`{verb}` needs {what}");
    Ok(match verb {
        "dial" | "consult" | "transfer" | "conference" if all.is_empty() => {
            return Err(needs("a destination: a number"));
        }
        "dial" | "consult" | "transfer" | "conference" => json!({"destination": all}),
        "dtmf" if all.is_empty() => return Err(needs("digits")),
        "dtmf" => json!({"digits": all}),
        "notready" => reason(&mirror.not_ready, &all),
        "logout" => reason(&mirror.logout, &all),
        "complete" if all.is_empty() => json!({}),
        "complete" => json!({"disposition": code(&mirror.wrap_up, &all).0}),
        "updatedata" => {
            let mut tree = Map::new();
            for pair in rest {
                let (key, value) = pair.split_once('=').ok_or_else(|| needs("pairs such as key=value"))?;
                tree.insert(key.to_owned(), if value.is_empty() { Value::Null } else { json!(value) });
            }
            if tree.is_empty() {
                return Err(needs("pairs such as key=value; an empty value removes"));
            }
            Value::Object(tree)
        }
        _ if verb.starts_with("supervise.") => {
            let (agent, more) = rest.split_first().ok_or_else(|| needs("the id of an agent"))?;
            let mut told = json!({"agentId": agent});
            if !more.is_empty() {
                told["reason"] = json!({"code": more.join(" "), "name": ""});
            }
            told
        }
        "addchannel" => match rest {
            [kind, endpoint] => json!({"channel": {"type": kind, "endpoint": endpoint}}),
            _ => return Err(needs("a type and an endpoint: `addchannel chat 2001`")),
        },
        "removechannel" | "activate" | "deactivate" if all.is_empty() => return Err(needs("the id of a channel")),
        "removechannel" | "activate" | "deactivate" => json!({"channel": {"id": all}}),
        _ if all.is_empty() => json!({}),
        _ => return Err(format!("`{verb}` takes nothing more, and there is `{all}`")),
    })
}

/// A reason by its code or its name; a code that is not listed is sent as it is.
fn reason(known: &[Reason], wanted: &str) -> Value {
    if wanted.is_empty() {
        return json!({});
    }
    let (code, name) = code(known, wanted);
    json!({"reason": {"code": code, "name": name}})
}

fn code<'a>(known: &'a [Reason], wanted: &'a str) -> (&'a str, &'a str) {
    let found = known.iter().find(|reason| reason.code == wanted || reason.name.eq_ignore_ascii_case(wanted));
    found.map_or((wanted, ""), |reason| (&reason.code, &reason.name))
}

#[cfg(test)]
mod tests;

//! Simulated worlds for tests: silent but for a script, or busy.

/// A supervisor of team 1 in every world here, and nothing else.
pub const SUPERVISOR: &str = "1001";
/// The team lead of team 1.
pub const LEAD: &str = "2001";
/// An agent of team 1.
pub const AGENT: &str = "2002";
/// Another agent of team 1.
pub const COLLEAGUE: &str = "2003";
/// An agent of team 2.
pub const STRANGER: &str = "2012";
/// A password that is nobody's; no server may ever keep it.
pub const WRONG: &str = "wrong-Pa55word-never-kept";

/// A world in which nothing happens but these acts: six teams of ten agents and a supervisor each, all logged out; everybody's
/// password is the id. Times are milliseconds after the start.
pub fn scripted(acts: &[(u64, &str)]) -> String {
    scripted_with("", acts)
}

/// The same with more keys of the scenario.
pub fn scripted_with(keys: &str, acts: &[(u64, &str)]) -> String {
    let mut text = format!("name = \"scripted\"\n{keys}\n");
    for (at_ms, act) in acts {
        text.push_str(&format!("\n[[script]]\nat_ms = {at_ms}\n{act}\n"));
    }
    text
}

/// A contact centre at work: `speed` times as fast as life.
pub fn busy(speed: u32) -> String {
    format!(
        r#"
name = "busy"
speed = {speed}
warm_up_ms = 600000

[people]
logged_in_permille = 900
ready_permille = 700

[teams]
in_two_permille = 200
quiet_max_ms = 10000

[[queues]]
name = "Queue {{n}}"
count = 6
calls_per_hour = 120
chats_per_hour = 20

[calls]
outbound_per_hour = 120
internal_per_hour = 60
hold_permille = 300
consult_permille = 200
blind_transfer_permille = 100
no_answer_permille = 50

[life]
break_every_ms = 600000

[operations]
change_every_ms = 20000
change_lasts_ms = 60000
"#
    )
}

/// An agent changes state; `state` is `Ready`, `NotReady` or `LoggedOut`.
pub fn state(agent: &str, state: &str, reason: &str) -> String {
    format!("act = \"agent_state\"\nagent = \"{agent}\"\nstate = \"{state}\"\nreason = \"{reason}\"")
}

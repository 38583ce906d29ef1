//! Reading scenarios.

use super::super::{Act, Scenario};
use super::{LARGE, SMALL};

fn key_of(text: &str) -> String {
    let error = Scenario::from_toml(text).expect_err(text);
    assert!(error.to_string().contains(&error.key));
    error.key
}

#[test]
fn errors_name_the_key() {
    for (text, key) in [
        ("speed = 0", "speed"),
        ("speed = \"fast\"", "speed"),
        ("sped = 1", "sped"),
        ("[calls]\ntalk_ms = 0", "calls.talk_ms"),
        ("[calls]\nhold_permille = 1001", "calls.hold_permille"),
        ("[calls]\ntalk = 7", "calls.talk"),
        ("[people]\nfirst_agent = 1003", "people.first_agent"),
        ("[people]\nmanagers = 11", "people.managers"),
        ("[people]\nfirst_supervisor = 2\nmanagers = 2", "people.managers"),
        ("[people]\nfirst_supervisor = 3000\nfirst_agent = 2930\nagents = 70\nmanagers = 1", "people.managers"),
        ("[people]\nextension_prefix = \"x\"", "people.extension_prefix"),
        ("[teams]\ncount = 61", "teams.count"),
        ("[teams]\nnames = []", "teams.names"),
        ("queues = []", "queues"),
        ("[[queues]]\nname = \"A\"\n[[queues]]\nname = \"A\"", "queues[1].name"),
        ("[[queues]]\nname = \"A\"\ncount = 2", "queues[0].name"),
        ("[[triggers]]\nname = \"T\"\nqueues = [\"Nowhere\"]", "triggers[0].queues"),
        ("[[triggers]]\nnumber = 6001\n[[triggers]]\nnumber = 6001", "triggers[1].number"),
        ("[operations]\noutage_every_ms = 10\noutage_ms = 10", "operations.outage_ms"),
        ("[[script]]\nat_ms = 1\nact = \"outage\"\nfor_ms = 0", "script[0].for_ms"),
        ("[[script]]\nat_ms = 1\nact = \"agent_state\"\nagent = \"2001\"\nstate = \"Talking\"", "script[0].state"),
        ("speed = ", "(file)"),
    ] {
        assert_eq!(key_of(text), key, "{text}");
    }
    for unknown in ["act = \"fly\"", "act = \"outage\"\nfor_ms = 1\nwhy = \"x\"", "act = \"team_removed\""] {
        assert!(key_of(&format!("[[script]]\nat_ms = 1\n{unknown}")).starts_with("script[0]"), "{unknown}");
    }
}

#[test]
fn the_files_are_valid_and_of_the_size_they_say() {
    let small = Scenario::from_toml(SMALL).expect("valid");
    assert_eq!((small.people.supervisors, small.people.agents, small.teams.count), (6, 60, 6));
    assert_eq!((small.people.managers, small.people.first_supervisor), (1, 1001));
    assert_eq!((small.queues.len(), small.triggers.len(), small.speed), (4, 2, 1));
    let large = Scenario::from_toml(LARGE).expect("valid");
    assert_eq!((large.people.agents, large.teams.count), (5_000, 170));
    assert_eq!(Scenario::from_toml("").expect("all keys have defaults"), Scenario::default());
}

#[test]
fn a_script_is_read() {
    let text = "
        [[script]]
        at_ms = 1000
        act = \"call\"
        queue = \"General\"
        from = \"+15551234567\"
        talk_ms = 5000

        [[script]]
        at_ms = 2000
        act = \"team_changed\"
        team = 1
        added = [{ agent = \"2030\" }, { agent = \"2031\", role = \"TeamLead\" }]
    ";
    let scenario = Scenario::from_toml(text).expect("valid");
    assert!(matches!(&scenario.script[0].act, Act::Call { talk_ms: Some(5000), prompts_ms: None, .. }));
    assert!(matches!(&scenario.script[1].act, Act::TeamChanged { team: 1, added, .. } if added.len() == 2));
    let json = serde_json::to_string(&scenario).expect("written");
    assert_eq!(serde_json::from_str::<Scenario>(&json).expect("read"), scenario);
}

use std::sync::Arc;

use super::{BeginError, EventName, Room, Sink, TeamStatus};
use crate::cti::{AgentRecord, AgentState, AgentStatus, Event, Member, Role, TeamRecord};
use crate::ids::{AgentId, LinkId};
use crate::report::roster::Roster;
use crate::time::Time;

/// One event as a subscriber reads it.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) link: LinkId,
    pub(super) event: EventName,
    pub(super) agent: String,
    pub(super) data: serde_json::Value,
    pub(super) at: u64,
    pub(super) tail: Arc<[u8]>,
}

impl Sent {
    pub(super) fn text(&self, pointer: &str) -> String {
        self.data.pointer(pointer).and_then(serde_json::Value::as_str).expect(pointer).to_owned()
    }

    fn tail(&self) -> &str {
        std::str::from_utf8(&self.tail).expect("text")
    }
}

#[derive(Default)]
pub(super) struct Log(Vec<Sent>);

impl Sink for Log {
    fn event(&mut self, to: &[LinkId], event: EventName, agent: &AgentId, tail: &Arc<[u8]>) {
        let agent_id = serde_json::to_string(agent).expect("text");
        let mut message =
            format!(r#"{{"seq":1,"event":{{"name":"{}","data":{{"agentId":{agent_id},"#, event.as_str()).into_bytes();
        message.extend_from_slice(tail);
        let message: serde_json::Value = serde_json::from_slice(&message).expect("head and tail are one JSON text");
        self.0.extend(to.iter().map(|&link| Sent {
            link,
            event,
            agent: agent.to_string(),
            data: message["event"]["data"].clone(),
            at: message["event"]["at"].as_u64().expect("at"),
            tail: tail.clone(),
        }));
    }
}

pub(super) fn log<T>(act: impl FnOnce(&mut Log) -> T) -> (T, Vec<Sent>) {
    let mut sink = Log::default();
    let outcome = act(&mut sink);
    (outcome, sink.0)
}

/// `prepare` and `commit` in one, the snapshot however large.
pub(super) fn begin(
    teamstatus: &mut TeamStatus,
    roster: &Roster,
    index: u32,
    agent: &str,
    at: Time,
) -> Result<Vec<Sent>, BeginError> {
    let beginning = teamstatus.prepare(roster, link(index), agent, at, room(usize::MAX))?;
    Ok(log(|sink| teamstatus.commit(roster, beginning, sink)).1)
}

fn room(tail_bytes_max: usize) -> Room {
    Room { subscriptions_max: 20, tail_bytes_max }
}

pub(super) fn link(index: u32) -> LinkId {
    LinkId { index, generation: 1 }
}

struct Pair {
    roster: Roster,
    teamstatus: TeamStatus,
    now: Time,
}

impl Pair {
    /// Team `1` Blue: s supervises, l leads, a and b; team `2` Green: s supervises, c.
    fn new() -> Self {
        let mut pair = Self { roster: Roster::new(1), teamstatus: TeamStatus::new(1), now: Time::from_millis(1_000) };
        for id in ["a", "b", "c", "l", "s"] {
            pair.told(agent(id, &id.to_uppercase()));
        }
        pair.told(team(
            "1",
            "Blue",
            &[("s", Role::Supervisor), ("l", Role::TeamLead), ("a", Role::Agent), ("b", Role::Agent)],
        ));
        pair.told(team("2", "Green", &[("s", Role::Supervisor), ("c", Role::Agent)]));
        pair
    }

    fn told(&mut self, event: Event) -> Vec<Sent> {
        self.now = Time::from_millis(self.now.as_millis() + 1_000);
        let delta = self.roster.apply(self.now, &event).expect("taken");
        log(|sink| self.teamstatus.publish(&self.roster, &delta, self.now, sink)).1
    }

    fn begin(&mut self, index: u32, agent: &str) -> Vec<Sent> {
        self.try_begin(index, agent).expect("begun")
    }

    fn try_begin(&mut self, index: u32, agent: &str) -> Result<Vec<Sent>, BeginError> {
        begin(&mut self.teamstatus, &self.roster, index, agent, self.now)
    }
}

fn agent(id: &str, name: &str) -> Event {
    Event::Agent(AgentRecord { id: id.into(), name: name.into(), extension: None })
}

fn members(members: &[(&str, Role)]) -> Vec<Member> {
    members.iter().map(|(agent, role)| Member { agent: (*agent).into(), role: *role }).collect()
}

fn team(id: &str, name: &str, of: &[(&str, Role)]) -> Event {
    Event::Team(TeamRecord { id: id.into(), name: name.into(), members: members(of) })
}

fn changed(id: &str, name: Option<&str>, removed: &[(&str, Role)], added: &[(&str, Role)]) -> Event {
    let name = name.map(Into::into);
    Event::TeamChanged { team: id.into(), name, added: members(added), removed: members(removed) }
}

fn status(agent: &str, state: AgentState, reason: &str, since_ms: Option<u64>) -> Event {
    let since = since_ms.map(Time::from_millis);
    Event::AgentStatus(AgentStatus {
        agent: agent.into(),
        state,
        reason: reason.into(),
        since,
        pending: None,
        extension: None,
    })
}

/// `link agent kind team: members`, one line an event.
fn lines(sent: &[Sent]) -> Vec<String> {
    let line = |sent: &Sent| {
        let members = sent.data.pointer("/team/members").and_then(serde_json::Value::as_array);
        let ids: Vec<&str> =
            members.into_iter().flatten().map(|member| member["memberId"].as_str().expect("id")).collect();
        let kind = sent.event.as_str().rsplit('.').next().expect("a name");
        format!("{} {} {kind} {}: {}", sent.link.index, sent.agent, sent.text("/team/teamId"), ids.join(","))
    };
    sent.iter().map(line).collect()
}

#[test]
fn the_tail_is_written_to_the_letter() {
    let mut pair = Pair::new();
    pair.told(status("a", AgentState::Ready, "", Some(1_500)));
    let sent = pair.begin(1, "c");
    assert_eq!(
        sent[0].tail(),
        concat!(
            r#""team":{"teamId":"2","teamName":"Green","members":["#,
            r#"{"memberId":"c","memberType":"Agent","memberName":"C","status":"not_ready","reason":"","state":"loggedout","since":4000},"#,
            r#"{"memberId":"s","memberType":"Supervisor","memberName":"S","status":"not_ready","reason":"","state":"loggedout","since":6000}"#,
            r#"]}},"at":9000}}"#
        )
    );
    let sent = pair.told(status("c", AgentState::Work, "3\"2", Some(9_999)));
    assert_eq!(
        sent[0].tail(),
        concat!(
            r#""team":{"teamId":"2","teamName":"Green","members":["#,
            r#"{"memberId":"c","memberType":"Agent","memberName":"C","status":"ACW","reason":"3\"2","state":"work","since":9999}"#,
            r#"]}},"at":10000}}"#
        )
    );
    let sent = pair.told(changed("2", Some("G"), &[("s", Role::Supervisor)], &[]));
    assert_eq!(sent[0].tail(), r#""team":{"teamId":"2","teamName":"G"}},"at":11000}}"#);
    assert_eq!(sent[1].tail(), r#""team":{"teamId":"2","teamName":"G","members":[{"memberId":"s"}]}},"at":11000}}"#);
    assert_eq!(lines(&sent), ["1 c teamchanged 2: ", "1 c memberremoved 2: s"]);
    let sent = pair.told(Event::TeamRemoved { team: "2".into() });
    assert_eq!(sent[0].tail(), r#""team":{"teamId":"2","teamName":"G"}},"at":12000}}"#);
}

#[test]
fn a_snapshot_is_one_teamadded_for_each_team() {
    let mut pair = Pair::new();
    assert_eq!(lines(&pair.begin(1, "s")), ["1 s teamadded 1: a,b,l,s", "1 s teamadded 2: c,s"]);
    assert_eq!(lines(&pair.begin(1, "a")), ["1 a teamadded 1: a,b,l,s"]);
    pair.told(agent("n", "N"));
    assert_eq!(lines(&pair.begin(1, "n")), [""; 0]);
    assert_eq!(pair.try_begin(1, "nobody").err(), Some(BeginError::AgentUnknown));
}

#[test]
fn a_second_begin_repeats_the_snapshot_and_doubles_nothing() {
    let mut pair = Pair::new();
    pair.begin(1, "a");
    assert_eq!(lines(&pair.begin(1, "a")), ["1 a teamadded 1: a,b,l,s"]);
    assert_eq!(lines(&pair.told(status("b", AgentState::Ready, "", None))), ["1 a memberstatuschanged 1: b"]);
    assert!(pair.teamstatus.end(link(1), "a"));
    assert!(!pair.teamstatus.end(link(1), "a"));
    assert!(pair.told(status("b", AgentState::Work, "", None)).is_empty());
    assert!(pair.teamstatus.is_empty());
}

#[test]
fn each_change_of_status_is_told_once() {
    let mut pair = Pair::new();
    pair.begin(1, "a");
    let since = |sent: &[Sent]| sent.first().map(|sent| sent.data["team"]["members"][0]["since"].as_u64());
    let cases = [
        (AgentState::LoggedOut, "", None, None, "what nobody was told to be otherwise"),
        (AgentState::NotReady, "7", None, Some(10_000), "the state"),
        (AgentState::NotReady, "7", Some(1), None, "a duplicate, though it claims another since"),
        (AgentState::NotReady, "8", None, Some(10_000), "the reason: the state began when it did"),
        (AgentState::NotReady, "9", Some(8_500), Some(8_500), "the reason, with a since"),
        (AgentState::Talking, "9", Some(99_000), Some(14_000), "the state; a since of the future is now"),
        (AgentState::Hold, "9", None, Some(15_000), "a state of the same status"),
    ];
    for (state, reason, told, expected, why) in cases {
        let sent = pair.told(status("b", state, reason, told));
        assert_eq!(since(&sent).flatten(), expected, "{why}");
    }
}

#[test]
fn one_input_is_told_by_kind_then_team_then_agent() {
    let mut pair = Pair::new();
    pair.begin(2, "s");
    pair.begin(1, "s");
    pair.begin(1, "a");
    pair.begin(1, "c");
    let truth = [
        Event::ResyncBegin,
        agent("a", "A"),
        agent("b", "Bee"),
        agent("c", "C"),
        agent("s", "S"),
        team("1", "Blue!", &[("s", Role::Supervisor), ("b", Role::Agent), ("c", Role::Agent)]),
        team("2", "Green", &[("s", Role::Agent), ("a", Role::Agent)]),
        status("s", AgentState::Ready, "", None),
        status("b", AgentState::Ready, "", None),
    ];
    for record in truth {
        assert!(pair.told(record).is_empty(), "staged");
    }
    assert_eq!(
        lines(&pair.told(Event::ResyncEnd)),
        [
            "1 a teamremoved 1: ",
            "1 c teamremoved 2: ",
            "1 c teamadded 1: b,c,s",
            "1 a teamadded 2: a,s",
            "1 s teamchanged 1: ",
            "2 s teamchanged 1: ",
            "1 s memberremoved 1: a,b,l",
            "2 s memberremoved 1: a,b,l",
            "1 s memberremoved 2: c,s",
            "2 s memberremoved 2: c,s",
            "1 s memberadded 1: b,c",
            "2 s memberadded 1: b,c",
            "1 s memberadded 2: a,s",
            "2 s memberadded 2: a,s",
            "1 s memberstatuschanged 1: s",
            "2 s memberstatuschanged 1: s",
        ]
    );
}

#[test]
fn who_vanishes_stays_subscribed_and_comes_back() {
    let mut pair = Pair::new();
    pair.begin(1, "s");
    pair.begin(2, "c");
    let sent = pair.told(Event::AgentRemoved { agent: "s".into() });
    assert_eq!(lines(&sent), ["1 s teamremoved 1: ", "1 s teamremoved 2: ", "2 c memberremoved 2: s"]);
    assert!(pair.told(status("c", AgentState::Ready, "", None)).len() == 1, "only c's own");
    let sent = pair.told(changed("2", None, &[], &[("s", Role::Agent)]));
    assert_eq!(lines(&sent), ["1 s teamadded 2: c,s", "2 c memberadded 2: s"]);
    assert_eq!(sent[0].data["team"]["members"][1]["memberName"], "s", "its id until the record comes");
    let sent = pair.told(agent("s", "S"));
    let expected = ["2 c memberremoved 2: s", "1 s memberremoved 2: s", "2 c memberadded 2: s", "1 s memberadded 2: s"];
    assert_eq!(lines(&sent), expected);
}

#[test]
fn the_first_role_by_precedence_is_shown() {
    let mut pair = Pair::new();
    pair.begin(1, "b");
    assert!(pair.told(changed("1", None, &[], &[("s", Role::Agent)])).is_empty(), "still a supervisor");
    let sent = pair.told(changed("1", None, &[("s", Role::Supervisor)], &[("s", Role::TeamLead)]));
    assert_eq!(lines(&sent), ["1 b memberremoved 1: s", "1 b memberadded 1: s"]);
    assert_eq!(sent[1].data["team"]["members"][0]["memberType"], "TeamLead");
    assert!(pair.told(changed("1", None, &[("s", Role::Agent)], &[])).is_empty(), "still a lead");
    let sent = pair.told(changed("1", None, &[("s", Role::TeamLead)], &[]));
    assert_eq!(lines(&sent), ["1 b memberremoved 1: s"]);
}

#[test]
fn away_freezes_and_drops_what_was_staged() {
    let mut pair = Pair::new();
    pair.begin(1, "a");
    pair.told(Event::ResyncBegin);
    assert!(pair.told(Event::Down { why: "gone".into() }).is_empty());
    assert!(pair.roster.apply(pair.now, &status("b", AgentState::Ready, "", None)).is_err());
    assert!(pair.roster.apply(pair.now, &Event::ResyncEnd).is_err());
    assert_eq!(pair.roster.team("1").expect("kept").members().count(), 4);
    pair.told(Event::ResyncBegin);
    assert_eq!(lines(&pair.told(Event::ResyncEnd)), ["1 a teamremoved 1: "]);
    assert!(!pair.roster.is_frozen() && pair.roster.team_count() == 0 && pair.roster.agent_count() == 0);
}

#[test]
fn a_snapshot_that_does_not_fit_changes_nothing() {
    let mut pair = Pair::new();
    let begun = pair.teamstatus.prepare(&pair.roster, link(1), "s", pair.now, room(usize::MAX)).expect("fits");
    let (bytes, events) = (begun.tail_bytes(), begun.event_count());
    assert_eq!(events, 2);
    let refused = pair.teamstatus.prepare(&pair.roster, link(1), "s", pair.now, room(bytes - 1));
    assert_eq!(refused.err(), Some(BeginError::TooLarge));
    let fits = pair.teamstatus.prepare(&pair.roster, link(1), "s", pair.now, room(bytes)).expect("fits");
    assert!(pair.teamstatus.is_empty(), "nothing before the commit");
    let sent = log(|sink| pair.teamstatus.commit(&pair.roster, fits, sink)).1;
    assert_eq!(sent.iter().map(|sent| sent.tail.len()).sum::<usize>(), bytes);
}

#[test]
fn subscriptions_of_a_link_are_bounded() {
    let mut pair = Pair::new();
    for n in 0..=20 {
        pair.told(agent(&format!("n{n}"), "N"));
    }
    for n in 0..20 {
        pair.begin(1, &format!("n{n}"));
    }
    assert_eq!(pair.try_begin(1, "n20").err(), Some(BeginError::TooMany));
    assert!(pair.try_begin(1, "n0").is_ok(), "a repeat is no further one");
    assert!(pair.try_begin(2, "n20").is_ok());
    pair.teamstatus.drop_link(link(1));
    assert!(pair.try_begin(1, "n20").is_ok());
    assert_eq!(pair.teamstatus.subscriptions_of(link(1)).map(AgentId::as_str).collect::<Vec<_>>(), ["n20"]);
}

//! Histories against models: a naive roster of sets and maps, and one mirror for each subscription, built from what it was sent.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::tests::{Sent, begin, link, log};
use super::{EventName, TeamStatus};
use crate::cti::{AgentRecord, AgentState, AgentStatus, Event, Member, Role, TeamRecord};
use crate::ids::{AgentId, LinkId};
use crate::report::roster::Roster;
use crate::time::Time;

const ROLES: [Role; 3] = [Role::Supervisor, Role::TeamLead, Role::Agent];

#[derive(Clone, Debug)]
enum Op {
    Event(Event),
    Begin(u32, u8),
    End(u32, u8),
    DropLink(u32),
    Restore,
}

/// What the protocol says, as slowly and plainly as possible. It knows nothing of `since`.
#[derive(Clone, Debug, Default)]
struct Naive {
    names: BTreeMap<String, String>,
    teams: BTreeMap<String, (String, BTreeSet<(String, Role)>)>,
    statuses: BTreeMap<String, (AgentState, String)>,
}

#[derive(Clone, Debug, Default)]
struct Reference {
    live: Naive,
    staged: Option<Naive>,
    frozen: bool,
}

impl Naive {
    fn take(&mut self, event: &Event) {
        match event {
            Event::Agent(record) => {
                self.names.insert(record.id.to_string(), record.name.to_string());
            }
            Event::AgentRemoved { agent } => {
                self.names.remove(agent.as_str());
                self.statuses.remove(agent.as_str());
                for (_, members) in self.teams.values_mut() {
                    members.retain(|(member, _)| member != agent.as_str());
                }
            }
            Event::Team(record) => {
                let members = record.members.iter().map(|m| (m.agent.to_string(), m.role)).collect();
                self.teams.insert(record.id.to_string(), (record.name.to_string(), members));
            }
            Event::TeamRemoved { team } => {
                self.teams.remove(team.as_str());
            }
            Event::TeamChanged { team, name, added, removed } => {
                if let Some((present, members)) = self.teams.get_mut(team.as_str()) {
                    *present = name.as_ref().map_or(present.clone(), ToString::to_string);
                    for member in removed {
                        members.remove(&(member.agent.to_string(), member.role));
                    }
                    members.extend(added.iter().map(|m| (m.agent.to_string(), m.role)));
                }
            }
            Event::AgentStatus(status) => {
                self.statuses.insert(status.agent.to_string(), (status.state, status.reason.to_string()));
            }
            _ => {}
        }
    }

    fn view(&self, agent: &str) -> Teams {
        let teams = self.teams.iter().filter(|(_, (_, members))| members.iter().any(|(member, _)| member == agent));
        teams
            .map(|(id, (name, members))| {
                let mut seen: BTreeMap<String, MemberView> = BTreeMap::new();
                for (member, role) in members {
                    let (state, reason) =
                        self.statuses.get(member).cloned().unwrap_or((AgentState::LoggedOut, String::new()));
                    let name = self.names.get(member).unwrap_or(member).clone();
                    // A set's order is the order of precedence: the first stays.
                    seen.entry(member.clone()).or_insert(MemberView {
                        kind: role.as_str().into(),
                        name,
                        status: state.status().into(),
                        reason,
                        state: state.as_str().into(),
                        since: 0,
                    });
                }
                (id.clone(), (name.clone(), seen))
            })
            .collect()
    }
}

impl Reference {
    fn take(&mut self, event: &Event) {
        match event {
            Event::ResyncBegin => self.staged = Some(Naive::default()),
            Event::ResyncEnd => {
                if let Some(truth) = self.staged.take() {
                    self.live = truth;
                    self.frozen = false;
                }
            }
            Event::Down { .. } => {
                self.staged = None;
                self.frozen = true;
            }
            record => match &mut self.staged {
                Some(staged) => staged.take(record),
                None if self.frozen => {}
                None => self.live.take(record),
            },
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct MemberView {
    kind: String,
    name: String,
    status: String,
    reason: String,
    state: String,
    since: u64,
}

type Teams = BTreeMap<String, (String, BTreeMap<String, MemberView>)>;

fn roster_view(roster: &Roster, agent: &str) -> Teams {
    let Some(agent) = roster.agent(agent) else { return Teams::new() };
    let member = |(member, role): (crate::report::roster::AgentView<'_>, Role)| {
        let view = MemberView {
            kind: role.as_str().into(),
            name: member.name().into(),
            status: member.state().status().into(),
            reason: member.reason().into(),
            state: member.state().as_str().into(),
            since: member.since().as_millis(),
        };
        (member.id().to_string(), view)
    };
    agent
        .teams()
        .map(|(team, _)| (team.id().to_string(), (team.name().into(), team.members().map(member).collect())))
        .collect()
}

fn without_since(mut teams: Teams) -> Teams {
    teams.values_mut().for_each(|(_, members)| members.values_mut().for_each(|member| member.since = 0));
    teams
}

/// Applies one event to a mirror, refusing what makes no difference.
fn mirror(teams: &mut Teams, sent: &Sent, is_snapshot: bool) {
    let id = sent.text("/team/teamId");
    let name = sent.text("/team/teamName");
    let members: Vec<(String, Option<MemberView>)> = sent.members();
    assert!(members.is_sorted_by(|a, b| a.0 < b.0), "members by id, each once: {sent:?}");
    let in_full =
        || members.iter().map(|(id, view)| (id.clone(), view.clone().expect("in full"))).collect::<BTreeMap<_, _>>();
    if sent.event == EventName::TeamAdded {
        let before = teams.insert(id, (name, in_full()));
        assert!(is_snapshot || before.is_none(), "added twice: {sent:?}");
        return;
    }
    if sent.event == EventName::TeamRemoved {
        assert!(teams.remove(&id).is_some(), "removed what was not there: {sent:?}");
        return;
    }
    let (known_name, known) = teams.get_mut(&id).unwrap_or_else(|| panic!("of a team it is not in: {sent:?}"));
    if sent.event == EventName::TeamChanged {
        assert_ne!(*known_name, name, "no difference: {sent:?}");
        *known_name = name;
        return;
    }
    assert_eq!(*known_name, name, "teamchanged comes first");
    assert!(!members.is_empty(), "empty: {sent:?}");
    for (member, view) in members {
        let before = known.remove(&member);
        match sent.event {
            EventName::MemberRemoved => assert!(before.is_some() && view.is_none(), "{sent:?}"),
            EventName::MemberAdded => assert!(before.is_none(), "{sent:?}"),
            _ => {
                let (before, now) = (before.expect("a member"), view.as_ref().expect("in full"));
                assert_ne!(
                    (&before.status, &before.reason, &before.state),
                    (&now.status, &now.reason, &now.state),
                    "no difference"
                );
                assert_eq!((&before.kind, &before.name), (&now.kind, &now.name), "that is removed and added");
            }
        }
        known.extend(view.map(|view| (member, view)));
    }
}

impl Sent {
    fn members(&self) -> Vec<(String, Option<MemberView>)> {
        let text = |member: &serde_json::Value, key: &str| member[key].as_str().expect(key).to_owned();
        let Some(members) = self.data.pointer("/team/members") else { return Vec::new() };
        let view = |member: &serde_json::Value| {
            let full = member.get("memberType").is_some().then(|| MemberView {
                kind: text(member, "memberType"),
                name: text(member, "memberName"),
                status: text(member, "status"),
                reason: text(member, "reason"),
                state: text(member, "state"),
                since: member["since"].as_u64().expect("since"),
            });
            (text(member, "memberId"), full)
        };
        members.as_array().expect("members").iter().map(view).collect()
    }
}

/// The world under test beside its models.
struct World {
    now: Time,
    roster: Roster,
    teamstatus: TeamStatus,
    reference: Reference,
    mirrors: BTreeMap<(LinkId, String), Teams>,
}

impl World {
    fn new() -> Self {
        Self {
            now: Time::from_millis(1_000),
            roster: Roster::new(7),
            teamstatus: TeamStatus::new(7),
            reference: Reference::default(),
            mirrors: BTreeMap::new(),
        }
    }

    fn step(&mut self, op: &Op) {
        self.now = Time::from_millis(self.now.as_millis() + 10);
        match op {
            Op::Event(event) => self.event(event),
            Op::Begin(index, agent) => {
                let (link, agent) = (link(*index), agent_id(*agent));
                let known = self.roster.agent(&agent).is_some();
                let begun = begin(&mut self.teamstatus, &self.roster, *index, &agent, self.now);
                assert_eq!(begun.is_ok(), known);
                let sent = begun.unwrap_or_default();
                if known {
                    let fresh = self.mirrors.entry((link, agent.clone())).or_default();
                    let teams_before = std::mem::take(fresh);
                    for event in &sent {
                        assert_eq!((event.link, &event.agent, event.event), (link, &agent, EventName::TeamAdded));
                        mirror(fresh, event, true);
                    }
                    assert!(teams_before.is_empty() || teams_before == *fresh, "a second snapshot says the same");
                }
            }
            Op::End(index, agent) => {
                let (link, agent) = (link(*index), agent_id(*agent));
                let was = self.mirrors.remove(&(link, agent.clone())).is_some();
                assert_eq!(self.teamstatus.end(link, &agent), was);
            }
            Op::DropLink(index) => {
                self.teamstatus.drop_link(link(*index));
                self.mirrors.retain(|(other, _), _| *other != link(*index));
            }
            Op::Restore => self.restore(),
        }
        self.compare();
    }

    fn event(&mut self, event: &Event) {
        let relations_before = self.relations();
        let outcome = self.roster.apply(self.now, event);
        self.reference.take(event);
        let delta = outcome.unwrap_or_default();
        let told: BTreeSet<(String, String)> = delta
            .relations()
            .filter(|(.., change)| *change != crate::report::roster::RelationChange::RoleChanged)
            .map(|(agent, team, _)| (agent.to_string(), team.to_string()))
            .collect();
        let really: BTreeSet<_> = relations_before.symmetric_difference(&self.relations()).cloned().collect();
        assert_eq!(told, really, "whose relation to which team began or ended");
        let ((), sent) = log(|sink| self.teamstatus.publish(&self.roster, &delta, self.now, sink));
        let order: Vec<_> =
            sent.iter().map(|sent| (sent.event, sent.text("/team/teamId"), sent.agent.clone(), sent.link)).collect();
        assert!(order.is_sorted_by(|a, b| a < b), "kind, team, agent, link; each once: {order:?}");
        let mut whole = BTreeSet::new();
        for event in &sent {
            let subscription = (event.link, event.agent.clone());
            let team = (subscription.clone(), event.text("/team/teamId"));
            assert!(!whole.contains(&team), "nothing else beside teamadded or teamremoved");
            if matches!(event.event, EventName::TeamAdded | EventName::TeamRemoved) {
                whole.insert(team);
            }
            assert_eq!(event.at, self.now.as_millis());
            let mirrored = self.mirrors.get_mut(&subscription).expect("an event without a subscription");
            mirror(mirrored, event, false);
        }
        for (n, a) in sent.iter().enumerate() {
            let twin =
                sent[..n].iter().find(|b| a.event == b.event && a.text("/team/teamId") == b.text("/team/teamId"));
            assert!(twin.is_none_or(|b| std::sync::Arc::ptr_eq(&a.tail, &b.tail)), "one encoding for all");
        }
    }

    fn relations(&self) -> BTreeSet<(String, String)> {
        let pairs = self
            .roster
            .teams()
            .flat_map(|team| team.members().map(move |(agent, _)| (agent.id().to_string(), team.id().to_string())));
        pairs.collect()
    }

    fn restore(&mut self) {
        let (roster, teamstatus) = (
            postcard::to_allocvec(&self.roster).expect("saved"),
            postcard::to_allocvec(&self.teamstatus).expect("saved"),
        );
        self.roster = postcard::from_bytes(&roster).expect("restored");
        self.teamstatus = postcard::from_bytes(&teamstatus).expect("restored");
        assert_eq!(postcard::to_allocvec(&self.roster).expect("saved"), roster);
        assert_eq!(postcard::to_allocvec(&self.teamstatus).expect("saved"), teamstatus);
    }

    fn compare(&self) {
        for ((link, agent), mirrored) in &self.mirrors {
            assert_eq!(*mirrored, roster_view(&self.roster, agent), "{link:?} watching {agent}");
        }
        for agent in 0..AGENTS {
            let agent = agent_id(agent);
            assert_eq!(without_since(roster_view(&self.roster, &agent)), self.reference.live.view(&agent), "{agent}");
        }
        assert_eq!(self.teamstatus.len(), self.mirrors.len());
        for index in 0..LINKS {
            let expected = self.mirrors.keys().filter(|(other, _)| *other == link(index)).map(|(_, agent)| agent);
            let watched = self.teamstatus.subscriptions_of(link(index)).map(AgentId::as_str);
            assert!(watched.eq(expected.map(String::as_str)));
        }
    }
}

const AGENTS: u8 = 6;
const LINKS: u32 = 3;

fn agent_id(agent: u8) -> String {
    // Ids whose order is not the order of their making.
    ["zoe", "1001", "a\"1", "ümit", "1000", "b"][agent as usize].into()
}

fn any_agent() -> impl Strategy<Value = AgentId> {
    (0..AGENTS).prop_map(|agent| agent_id(agent).into())
}

fn any_member() -> impl Strategy<Value = Member> {
    (any_agent(), 0..3_usize).prop_map(|(agent, role)| Member { agent, role: ROLES[role] })
}

fn any_members(most: usize) -> impl Strategy<Value = Vec<Member>> {
    prop::collection::vec(any_member(), 0..most)
}

fn any_team() -> impl Strategy<Value = crate::ids::TeamId> {
    (0..4_usize).prop_map(|team| ["9", "10", "T\\", "éq"][team].into())
}

fn any_record() -> impl Strategy<Value = Event> {
    let name = || (0..3_usize).prop_map(|name| Box::from(["Ann", "Bo\n\"b\"", "Chloé"][name]));
    let status = (any_agent(), 0..7_usize, 0..3_usize, prop::option::of(0..3_000_u64));
    prop_oneof![
        3 => (any_agent(), name()).prop_map(|(id, name)| Event::Agent(AgentRecord { id, name, extension: None })),
        1 => any_agent().prop_map(|agent| Event::AgentRemoved { agent }),
        4 => (any_team(), name(), any_members(7))
            .prop_map(|(id, name, members)| Event::Team(TeamRecord { id, name, members })),
        1 => any_team().prop_map(|team| Event::TeamRemoved { team }),
        4 => (any_team(), prop::option::of(name()), any_members(4), any_members(4))
            .prop_map(|(team, name, added, removed)| Event::TeamChanged { team, name, added, removed }),
        6 => status.prop_map(|(agent, state, reason, since)| Event::AgentStatus(AgentStatus {
            agent,
            state: AgentState::ALL[state],
            reason: ["", "7", "32"][reason].into(),
            since: since.map(Time::from_millis),
            pending: None,
            extension: None,
        })),
    ]
}

fn any_ops() -> impl Strategy<Value = Vec<Op>> {
    let resync = prop::collection::vec(any_record(), 0..12).prop_map(|records| {
        let records = records.into_iter().map(Op::Event);
        let mut ops: Vec<Op> = vec![Op::Event(Event::ResyncBegin)];
        ops.extend(records);
        ops.push(Op::Event(Event::ResyncEnd));
        ops
    });
    let some = prop_oneof![
        24 => any_record().prop_map(|event| vec![Op::Event(event)]),
        8 => (0..LINKS, 0..AGENTS).prop_map(|(link, agent)| vec![Op::Begin(link, agent)]),
        2 => (0..LINKS, 0..AGENTS).prop_map(|(link, agent)| vec![Op::End(link, agent)]),
        1 => (0..LINKS).prop_map(|link| vec![Op::DropLink(link)]),
        2 => resync,
        1 => Just(vec![Op::Event(Event::ResyncBegin)]),
        1 => Just(vec![Op::Event(Event::ResyncEnd)]),
        1 => Just(vec![Op::Event(Event::Down { why: "".into() })]),
        1 => Just(vec![Op::Restore]),
    ];
    prop::collection::vec(some, 1..60).prop_map(|ops| ops.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn snapshot_and_events_are_the_roster(ops in any_ops()) {
        let mut world = World::new();
        for op in &ops {
            world.step(op);
        }
    }
}

//! The report resource: team status, queue status, call journeys.

use serde::{Deserialize, Serialize};

use super::{Data, Empty, MaybeData, Millis, Reason};

/// What the report resource is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "command")]
pub enum ReportRequest {
    /// To tell an agent's teams, now and whenever something changes.
    #[serde(rename = "report.teamstatus.begin")]
    TeamStatusBegin(Data<AgentOf>),
    /// To tell them no longer.
    #[serde(rename = "report.teamstatus.end")]
    TeamStatusEnd(Data<AgentOf>),
    /// To tell the queues an agent sees, now and whenever something changes.
    #[serde(rename = "report.queuestatus.begin")]
    QueueStatusBegin(Data<AgentOf>),
    /// To tell them no longer.
    #[serde(rename = "report.queuestatus.end")]
    QueueStatusEnd(Data<AgentOf>),
    /// Where a call has been.
    #[serde(rename = "report.calljourney")]
    CallJourney(Data<CallOf>),
    /// To tell where a call is, now and whenever it moves.
    #[serde(rename = "report.calljourney.begin")]
    CallJourneyBegin(Data<CallOf>),
    /// To tell it no longer.
    #[serde(rename = "report.calljourney.end")]
    CallJourneyEnd(Data<CallOf>),
    /// Which calls there are and were.
    #[serde(rename = "report.calljourney.recent")]
    CallJourneyRecent(MaybeData<RecentCalls>),
    /// Which codes the platform's administrator set up.
    #[serde(rename = "report.reasoncodes")]
    ReasonCodes(MaybeData<Empty>),
}

/// What the report resource answers with success.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "command")]
pub enum ReportSuccess {
    /// The teams follow as events.
    #[serde(rename = "report.teamstatus.begin")]
    TeamStatusBegin(Data<Empty>),
    /// Nothing follows.
    #[serde(rename = "report.teamstatus.end")]
    TeamStatusEnd(Data<Empty>),
    /// The queues follow as events.
    #[serde(rename = "report.queuestatus.begin")]
    QueueStatusBegin(Data<Empty>),
    /// Nothing follows.
    #[serde(rename = "report.queuestatus.end")]
    QueueStatusEnd(Data<Empty>),
    /// The journey.
    #[serde(rename = "report.calljourney")]
    CallJourney(Data<Journey>),
    /// The journey follows as an event.
    #[serde(rename = "report.calljourney.begin")]
    CallJourneyBegin(Data<Empty>),
    /// Nothing follows.
    #[serde(rename = "report.calljourney.end")]
    CallJourneyEnd(Data<Empty>),
    /// The calls.
    #[serde(rename = "report.calljourney.recent")]
    CallJourneyRecent(Data<Calls>),
    /// The codes.
    #[serde(rename = "report.reasoncodes")]
    ReasonCodes(Data<ReasonCodes>),
}

/// What the report resource tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "name")]
pub enum ReportEvent {
    /// The agent is in this team, or supervises it.
    #[serde(rename = "report.teamstatus.teamadded")]
    TeamAdded(At<TeamMembersData>),
    /// The agent is not in this team any more, or it is gone.
    #[serde(rename = "report.teamstatus.teamremoved")]
    TeamRemoved(At<TeamNameData>),
    /// The team has another name.
    #[serde(rename = "report.teamstatus.teamchanged")]
    TeamChanged(At<TeamNameData>),
    /// These members are new.
    #[serde(rename = "report.teamstatus.memberadded")]
    MemberAdded(At<TeamMembersData>),
    /// These members do something else.
    #[serde(rename = "report.teamstatus.memberstatuschanged")]
    MemberStatusChanged(At<TeamMembersData>),
    /// These members are gone.
    #[serde(rename = "report.teamstatus.memberremoved")]
    MemberRemoved(At<TeamData>),
    /// The agent sees this queue.
    #[serde(rename = "report.queuestatus.queueadded")]
    QueueAdded(At<QueueData>),
    /// Something of the queue changed; it is told in full.
    #[serde(rename = "report.queuestatus.queuechanged")]
    QueueChanged(At<QueueData>),
    /// The agent does not see this queue any more, or it is gone.
    #[serde(rename = "report.queuestatus.queueremoved")]
    QueueRemoved(At<QueueNameData>),
    /// The journey, whole.
    #[serde(rename = "report.calljourney.updated")]
    CallJourneyUpdated(At<JourneyOf>),
    /// The journey is over.
    #[serde(rename = "report.calljourney.ended")]
    CallJourneyEnded(At<CallOf>),
}

/// An event's data and moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
pub struct At<D> {
    /// What happened.
    pub data: D,
    /// When.
    pub at: Millis,
}

/// An agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct AgentOf {
    /// The agent's login id.
    pub agent_id: String,
}

/// A call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CallOf {
    /// The id of any of its legs.
    #[serde(rename = "CallId")]
    pub call_id: String,
}

/// Which calls to list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecentCalls {
    /// How many at most: 1 to 1000; absent: 50.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Only calls from or to this number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
}

/// A team with members, for one subscribed agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct TeamMembersData {
    /// The agent that was subscribed to.
    pub agent_id: String,
    /// The team.
    pub team: Team,
}

/// A team with the ids of members, for one subscribed agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct TeamData {
    /// The agent that was subscribed to.
    pub agent_id: String,
    /// The team.
    pub team: TeamMembers,
}

/// A team's name, for one subscribed agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct TeamNameData {
    /// The agent that was subscribed to.
    pub agent_id: String,
    /// The team.
    pub team: TeamName,
}

/// A team and members of it, in full, by id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Team {
    /// The team's id.
    pub team_id: String,
    /// The name people read.
    pub team_name: String,
    /// Every member of a team that is added, else those the event is about.
    pub members: Vec<Member>,
}

/// A team and members of it who left, by id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct TeamMembers {
    /// The team's id.
    pub team_id: String,
    /// The name people read.
    pub team_name: String,
    /// Who left.
    pub members: Vec<MemberId>,
}

/// A team's id and name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct TeamName {
    /// The team's id.
    pub team_id: String,
    /// The name people read.
    pub team_name: String,
}

/// A member's id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct MemberId {
    /// The member's login id.
    pub member_id: String,
}

/// A member in full.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// The member's login id.
    pub member_id: String,
    /// What the member is in the team: the first of these that holds.
    pub member_type: MemberType,
    /// The name people read.
    pub member_name: String,
    /// What the member does, in three words.
    pub status: MemberStatus,
    /// The platform's reason code; empty for none.
    pub reason: String,
    /// What the member does, as the platform says it.
    pub state: MemberState,
    /// When that state began.
    pub since: Millis,
}

/// What a member is in a team.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum MemberType {
    /// Supervises it.
    Supervisor,
    /// Leads it from within.
    TeamLead,
    /// Belongs to it.
    Agent,
}

/// What a member does, in three words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum MemberStatus {
    /// Waits for contacts.
    #[serde(rename = "ready")]
    Ready,
    /// Does anything else.
    #[serde(rename = "not_ready")]
    NotReady,
    /// After-call work.
    #[serde(rename = "ACW")]
    Work,
}

/// What a member does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum MemberState {
    /// Is logged out, or nothing is known.
    LoggedOut,
    /// Takes no contacts.
    NotReady,
    /// Waits for contacts.
    Ready,
    /// Is being offered one.
    Reserved,
    /// Talks.
    Talking,
    /// Has the caller on hold.
    Hold,
    /// After-call work.
    Work,
}

/// A queue, for one subscribed agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct QueueData {
    /// The agent that was subscribed to.
    pub agent_id: String,
    /// The queue.
    pub queue: Queue,
}

/// A queue's name, for one subscribed agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct QueueNameData {
    /// The agent that was subscribed to.
    pub agent_id: String,
    /// The queue.
    pub queue: QueueName,
}

/// A queue's id and name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct QueueName {
    /// The queue's id.
    pub queue_id: String,
    /// The name people read.
    pub queue_name: String,
}

/// A queue in full.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Queue {
    /// The queue's id.
    pub queue_id: String,
    /// The name people read.
    pub queue_name: String,
    /// How many contacts wait in it now.
    pub waiting: u32,
    /// Since when the one waits that has waited longest; absent where none does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest_wait_since: Option<Millis>,
    /// How many of the agents who take its contacts do what; absent where nobody is known to take them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agents: Option<AgentsByState>,
    /// How its day went so far.
    pub today: Today,
}

/// How many agents do what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AgentsByState {
    /// Are logged out, or nothing is known.
    #[serde(rename = "loggedout")]
    pub logged_out: u32,
    /// Take no contacts.
    #[serde(rename = "notready")]
    pub not_ready: u32,
    /// Wait for contacts.
    pub ready: u32,
    /// Are being offered one.
    pub reserved: u32,
    /// Talk.
    pub talking: u32,
    /// Have the caller on hold.
    pub hold: u32,
    /// After-call work.
    pub work: u32,
}

/// How a queue's day went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Today {
    /// When the day began.
    pub since: Millis,
    /// Contacts an agent answered for this queue.
    pub answered: u64,
    /// Contacts that gave up in it.
    pub abandoned: u64,
    /// Whether something of the day was not seen: the server was started, or lost the platform, meanwhile.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
}

/// Where a call has been.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Journey {
    /// Its steps, the oldest first.
    #[serde(rename = "CallJourney")]
    pub steps: Vec<JourneyStep>,
}

/// Where a call has been, under the id asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JourneyOf {
    /// The id asked for.
    #[serde(rename = "CallId")]
    pub call_id: String,
    /// Its steps, the oldest first.
    #[serde(rename = "CallJourney")]
    pub steps: Vec<JourneyStep>,
}

/// One step of a journey.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "PascalCase")]
pub struct JourneyStep {
    /// The leg it was on.
    pub call_id: String,
    /// Where: a number, a queue's name, an extension.
    pub device: String,
    /// What that is.
    pub device_type: DeviceType,
    /// What happened there, for people.
    pub description: String,
    /// How long it lasted, `HH:MM:SS`; of a running step: so far.
    pub duration: String,
    /// When it began.
    pub started_at: Millis,
    /// Whether its beginning or end was not seen.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
}

/// What a device is to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum DeviceType {
    /// Where calls enter.
    Trigger,
    /// A port that plays prompts.
    #[serde(rename = "IVR")]
    Ivr,
    /// A queue.
    #[serde(rename = "CSQ")]
    Queue,
    /// An agent's line.
    Agent,
    /// Anybody else.
    External,
}

/// Calls, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Calls {
    /// Running ones and those that ended.
    #[serde(rename = "Calls")]
    pub calls: Vec<CallEntry>,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "PascalCase")]
pub struct CallEntry {
    /// Its id.
    pub call_id: String,
    /// When it began.
    pub started_at: Millis,
    /// When it ended; absent while it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Millis>,
    /// Who called.
    pub from: String,
    /// What was called.
    pub to: String,
    /// Whether its end was not seen.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
}

/// The codes the platform's administrator set up, with what they are called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ReasonCodes {
    /// For going not ready.
    pub not_ready_reasons: Vec<Reason>,
    /// For logging out.
    pub logout_reasons: Vec<Reason>,
    /// For what came of a contact.
    pub wrap_up_codes: Vec<Reason>,
}

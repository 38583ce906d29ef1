//! What a platform tells.

use serde::{Deserialize, Serialize};

use super::{AgentRecord, AgentStatus, CallEvent, Member, QueueRecord, RequestNo, Serves, TeamRecord};
use crate::ids::{AgentId, CallId, QueueId, TeamId};

/// One thing a platform tells, as one input of the engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// The platform is reached. A resynchronisation follows before anything is in service. Told again while in service it
    /// only replaces what was said of the platform, such as reasons that were learnt since.
    Up(Platform),
    /// The platform is away. What was known is frozen, nobody is logged out by it.
    Down {
        /// Why, for people.
        why: Box<str>,
    },
    /// Records from here to [`Event::ResyncEnd`] are the whole truth, and are applied there as one change.
    ResyncBegin,
    /// The whole truth was told; what was not mentioned is gone.
    ResyncEnd,
    /// An agent is new, or its name or extension changed.
    Agent(AgentRecord),
    /// An agent is gone from the platform, and from all its teams.
    AgentRemoved {
        /// Who.
        agent: AgentId,
    },
    /// A team is new, or is told in full again.
    Team(TeamRecord),
    /// A team is gone.
    TeamRemoved {
        /// Which.
        team: TeamId,
    },
    /// A team changed: everything one message of the platform says of it.
    TeamChanged {
        /// Which.
        team: TeamId,
        /// The new name, when it changed.
        name: Option<Box<str>>,
        /// Memberships that begin (an agent and a role).
        added: Vec<Member>,
        /// Memberships that end; applied before `added`.
        removed: Vec<Member>,
    },
    /// A queue is new, or its name changed.
    Queue(QueueRecord),
    /// A queue is gone.
    QueueRemoved {
        /// Which.
        queue: QueueId,
    },
    /// An agent does something else now.
    AgentStatus(AgentStatus),
    /// A call did something.
    Call(CallEvent),
    /// A command is answered, exactly once.
    Answer(Answer),
    /// Which queues an agent or a team serves; after its record, and the queues' own.
    Serves(Serves),
}

/// Who the platform is and what it can do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Platform {
    /// Its vendor, the service's `cti-vendor`.
    pub vendor: Box<str>,
    /// Its version, the service's `cti-version`.
    pub version: Box<str>,
    /// What it offers.
    pub offers: Offers,
    /// Which report resource it feeds, if any.
    pub reports: Option<ReportKind>,
    /// Reasons for going not ready, as its administrator set them.
    pub not_ready_reasons: Vec<ReasonCode>,
    /// Reasons for logging out.
    pub logout_reasons: Vec<ReasonCode>,
    /// Wrap-up codes.
    pub wrap_up_codes: Vec<ReasonCode>,
}

/// The report resources there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReportKind {
    /// `com.openmethods.iserver.processor.reporting.uccx`.
    Uccx,
}

/// A code with the words people read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReasonCode {
    /// The code, as text.
    pub code: Box<str>,
    /// Its name.
    pub name: Box<str>,
}

macro_rules! offers {
    ($($(#[$doc:meta])* $field:ident = $key:literal,)*) => {
        /// What a platform offers, feature by feature; the service's capabilities follow from it.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        pub struct Offers {
            $($(#[$doc])* pub $field: bool,)*
        }

        impl Offers {
            /// Each feature's capability key and whether it is offered, in the protocol's order.
            pub fn capabilities(&self) -> impl Iterator<Item = (&'static str, bool)> {
                [$(($key, self.$field)),*].into_iter()
            }
        }
    };
}

offers! {
    /// Channels can be grouped.
    channel_groups = "channel-groups-supported",
    /// Telephone calls.
    telephony = "telephony-supported",
    /// Chats.
    chat = "chat-supported",
    /// E-mails.
    email = "email-supported",
    /// Consultation.
    consult = "consult-supported",
    /// Transfer without consultation.
    blind_transfer = "blind-transfer-supported",
    /// Conference without consultation.
    blind_conference = "blind-conference-supported",
    /// Alternating between two calls.
    alternate = "alternate-supported",
    /// Sending digits.
    dtmf = "dtmf-supported",
    /// Recording on request.
    recording = "recording-supported",
    /// Pausing a recording.
    recording_pause = "recording-pause-supported",
    /// Channels can be switched on and off.
    channel_activation = "channel-activation-supported",
    /// Supervisors can act on their team's calls and states.
    supervise = "supervise-supported",
    /// A logout must give a reason.
    logout_reason_required = "logout-reason-required",
    /// Team status and call journeys.
    reports = "reports-supported",
    /// Journeys of calls in progress.
    call_journey_live = "call-journey-live-supported",
}

/// The answer to a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The command's number.
    pub request: RequestNo,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// It is done, or is on its way and will be told as events.
    Done,
    /// The credentials are right.
    Verified {
        /// The agent's id as the platform spells it.
        agent: AgentId,
    },
    /// A call was made.
    Call {
        /// Its id.
        call: CallId,
    },
    /// The platform said no.
    Refused(Refusal),
}

/// Why the platform said no.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The kind, which decides the failure's code.
    pub kind: RefusalKind,
    /// The platform's own words; never a secret.
    pub text: Box<str>,
}

/// The kinds of a platform's no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RefusalKind {
    /// Unknown agent or wrong password.
    Credentials,
    /// The platform is away or did not answer in time.
    Unavailable,
    /// Not in this state.
    State,
    /// No such call.
    UnknownCall,
    /// No such agent.
    UnknownAgent,
    /// The destination cannot be dialled.
    Destination,
    /// A device or line is busy or out of service.
    Busy,
    /// The platform does not do this.
    Unsupported,
    /// Any other no.
    Other,
}

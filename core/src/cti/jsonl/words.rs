//! The words of the lines, each set one enum, mapped to the vocabulary's own enums in both directions.

use serde::{Deserialize, Serialize};

use crate::cti::{
    AgentState, CallKind, Cause, DeviceKind, LegState, Media, Offers, PartyRole, RecordingAction, RecordingState,
    RefusalKind, ReportKind, Role, SuperviseAction,
};

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident for $target:ident, $case:literal: $($variant:ident)*;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = $case)]
        #[allow(missing_docs, reason = "documented where the vocabulary names them")]
        pub enum $name { $($variant,)* }

        impl From<$target> for $name {
            fn from(value: $target) -> Self {
                match value { $($target::$variant => Self::$variant,)* }
            }
        }

        impl From<$name> for $target {
            fn from(word: $name) -> Self {
                match word { $($name::$variant => Self::$variant,)* }
            }
        }
    )*};
}

words! {
    /// What an agent does; the words clients read in `state`.
    StateWord for AgentState, "lowercase": LoggedOut NotReady Ready Reserved Talking Hold Work;
    /// What a member is in a team.
    RoleWord for Role, "camelCase": Supervisor TeamLead Agent;
    /// What a device is to a call.
    DeviceWord for DeviceKind, "camelCase": Trigger Ivr Queue Agent External;
    /// What carries a contact.
    MediaWord for Media, "camelCase": Voice Chat Email;
    /// Where a leg comes from.
    CallKindWord for CallKind, "camelCase": Inbound Outbound Internal Consult;
    /// Why something ended.
    CauseWord for Cause, "camelCase":
        Normal NoAnswer Busy Abandoned Redirected Transferred Rejected Unreachable Failed Other;
    /// What a party is to a leg.
    PartyWord for PartyRole, "camelCase": Party Listener Coach Barged;
    /// What a device does on a leg.
    LegWord for LegState, "camelCase": Dialing Ringing Connected Held Queued;
    /// The state of a recording.
    RecordingWord for RecordingState, "camelCase": Stopped Recording Paused;
    /// What is done to a recording.
    RecordingActionWord for RecordingAction, "camelCase": Start Stop Pause Resume;
    /// What a supervisor does to a call.
    SuperviseWord for SuperviseAction, "camelCase": Listen Coach Barge TakeOver;
    /// Why the platform said no.
    RefusalWord for RefusalKind, "camelCase":
        Credentials Unavailable State UnknownCall UnknownAgent Destination Busy Unsupported Other;
    /// Which report resource the platform feeds.
    ReportWord for ReportKind, "camelCase": Uccx;
}

/// What came of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "documented where the vocabulary names them")]
pub enum ResultWord {
    Done,
    Verified,
    Call,
    Refused,
}

macro_rules! offer_words {
    ($($variant:ident = $field:ident)*) => {
        /// A feature of `hello.offers`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase")]
        #[allow(missing_docs, reason = "documented where the vocabulary names them")]
        pub enum OfferWord { $($variant,)* }

        impl OfferWord {
            /// The words of what is offered.
            pub(super) fn of(offers: &Offers) -> Vec<Self> {
                let Offers { $($field,)* } = *offers;
                [$(($field, Self::$variant)),*].into_iter().filter(|(offered, _)| *offered).map(|(_, word)| word).collect()
            }

            pub(super) const fn add_to(self, offers: &mut Offers) {
                match self { $(Self::$variant => offers.$field = true,)* }
            }
        }
    };
}

offer_words! {
    ChannelGroups = channel_groups
    Telephony = telephony
    Chat = chat
    Email = email
    Consult = consult
    BlindTransfer = blind_transfer
    BlindConference = blind_conference
    Alternate = alternate
    Dtmf = dtmf
    Recording = recording
    RecordingPause = recording_pause
    ChannelActivation = channel_activation
    Supervise = supervise
    LogoutReasonRequired = logout_reason_required
    Reports = reports
    CallJourneyLive = call_journey_live
}

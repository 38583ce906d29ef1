//! The one table of failure codes, each with whether waiting helps and what to do.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// A failure as a client reads it: `{"code","message","context"}`, `params`, `retryAfterMs`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The code.
    pub code: Code,
    /// What is wrong and what to do.
    pub message: Cow<'static, str>,
    /// The values in the message, for translation.
    pub params: Vec<(&'static str, String)>,
    /// When to try again, where waiting helps.
    pub retry_after_ms: Option<u64>,
}

impl Failure {
    /// A failure with its code's own remedy as the message.
    pub fn new(code: Code) -> Self {
        Self { code, message: Cow::Borrowed(code.remedy()), params: Vec::new(), retry_after_ms: None }
    }

    /// A property is missing or wrong: names it, and says what it must be.
    pub fn invalid(property: &str, must_be: &str) -> Self {
        Self::new(Code::RequestInvalid)
            .say(format!("`{property}` {must_be}. Correct the request and send it again under a new requestId."))
            .with("property", property)
    }

    /// The same failure with another message.
    #[must_use]
    pub fn say(mut self, message: impl Into<Cow<'static, str>>) -> Self {
        self.message = message.into();
        self
    }

    /// The same failure with a value.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.params.push((name, value.into()));
        self
    }

    /// The same failure with a time after which it is worth trying again.
    #[must_use]
    pub fn retry_after_ms(mut self, millis: u64) -> Self {
        self.retry_after_ms = Some(millis);
        self
    }
}

macro_rules! codes {
    ($($name:ident = $code:literal, $remedy:literal;)*) => {
        /// Every failure code there is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "FailureCode"))]
        pub enum Code { $(#[doc = $remedy] #[serde(rename = $code)] $name,)* }

        impl Code {
            /// Every code, in the table's order.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The code on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// What to do about it.
            pub const fn remedy(self) -> &'static str {
                match self { $(Self::$name => $remedy,)* }
            }
        }
    };
}

codes! {
    RequestMalformed = "request.malformed", "The message is not one JSON object in UTF-8. Send one object a frame.";
    RequestTooLarge = "request.toolarge", "The message is larger than `limits.messageBytes`. Send a smaller one.";
    RequestInvalid = "request.invalid", "A property of the request is missing or wrong. Correct it and send the request again.";
    RequestDeadline = "request.deadline", "The request took too long and was given up. Late effects arrive as events; ask again if it is still wanted.";
    RequestOutcomeUnknown = "request.outcomeunknown", "The link was lost before the answer came. Look at the state, then decide.";
    MessageTypeUnknown = "messagetype.unknown", "There is no such `messageType`. Use one of the protocol's message classes.";
    CommandUnsupported = "command.unsupported", "There is no such command here. See getCapabilities for what this platform offers.";
    ProtocolUnsupported = "protocol.unsupported", "This server speaks protocol 1. Connect with `\"protocol\":1`.";
    ServiceUnknown = "service.unknown", "There is no such service. Ask getServices for those there are.";
    ResourceUnknown = "resource.unknown", "There is no such resource, or it has ended. Ask getServices or prepare a session.";
    BindingRequired = "binding.required", "Bind the service (and the resource) first.";
    BindingTaken = "binding.taken", "The resource is bound by another link.";
    LinkRequired = "link.required", "Send `connect` first.";
    LinkElsewhere = "link.elsewhere", "This link lives on another instance. Connect to the address in `params.url`.";
    RateLimited = "rate.limited", "Too many. Wait for `retryAfterMs` and send fewer.";
    AccessDenied = "access.denied", "This link has no right to that.";
    CredentialsInvalid = "credentials.invalid", "The agent's id or password is wrong. Correct them and try again.";
    CredentialsLocked = "credentials.locked", "Too many wrong passwords. Wait for `retryAfterMs`.";
    ModelUnknown = "model.unknown", "There is no such call model. Leave `model` out for the default.";
    CtiUnavailable = "cti.unavailable", "The telephony platform cannot be reached now. Try again after `retryAfterMs`.";
    CtiRefused = "cti.refused", "The telephony platform refused.";
    DomainUnavailable = "domain.unavailable", "The other instances of the domain cannot be asked now. Try again after `retryAfterMs`.";
    SessionNotStarted = "session.notstarted", "Send `session.start` first.";
    SessionAlreadyStarted = "session.alreadystarted", "`session.start` is sent once per binding.";
    SessionNotInitialized = "session.notinitialized", "Wait for `session.initialized`.";
    TargetUnknown = "target.unknown", "There is no such object, or it was disposed.";
    TargetInvalid = "target.invalid", "`target` is not a path of ids joined by dots, or names another kind of object.";
    StateInvalid = "state.invalid", "Not allowed in the present state; `state.updated` lists what is.";
    InteractionOngoing = "interaction.ongoing", "An interaction is in progress. End it first.";
    LogoutReasonRequired = "logout.reason.required", "Give `data.reason.code`: this platform wants a reason for a logout.";
    ChannelExists = "channel.exists", "There is such a channel already.";
    ChannelInactive = "channel.inactive", "Activate the channel first.";
    ChannelBusy = "channel.busy", "The channel is busy.";
    ChannelTypeUnsupported = "channel.type.unsupported", "This platform has no channels of that type.";
    DestinationInvalid = "destination.invalid", "The destination cannot be dialled. Correct it.";
    ConsultMissing = "consult.missing", "There is no consultation. Consult first.";
    AgentUnknown = "agent.unknown", "The platform knows no such agent.";
    CallUnknown = "call.unknown", "No such call is known.";
    InternalError = "internal.error", "The server failed to do this. Report it with the time it happened.";
}

//! A journey as the store keeps it.

use serde::{Deserialize, Serialize};

use crate::cti::{Cause, DeviceKind};
use crate::ids::{AgentId, CallId};
use crate::time::Time;

/// The journey of a call that ended: all legs that belonged together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JourneyRecord {
    /// Its legs, the first one first. Any of them finds the journey; the first names it.
    pub legs: Vec<CallId>,
    /// Who called.
    pub from: Box<str>,
    /// What was called.
    pub to: Box<str>,
    /// When it began.
    pub started: Time,
    /// When it ended.
    pub ended: Time,
    /// Why it ended.
    pub cause: Cause,
    /// The agents that took part, in order of their first step.
    pub agents: Vec<AgentId>,
    /// Its steps, oldest first.
    pub steps: Vec<Step>,
}

/// One step: a leg at a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The leg.
    pub call: CallId,
    /// The device's address, or the queue's name.
    pub device: Box<str>,
    /// What the device is.
    pub kind: DeviceKind,
    /// What happened there, for people.
    pub description: Box<str>,
    /// When it began.
    pub started: Time,
    /// When it ended; none while it lasts.
    pub ended: Option<Time>,
    /// Whether the processor joined while it lasted.
    pub partial: bool,
}

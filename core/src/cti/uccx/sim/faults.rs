//! Failures on demand: what they are called, and what they do.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

use super::config::NODES_MAX;
use super::{ClientId, UccxSim};
use crate::cti::uccx::codec::messages::{FailureEvent, SystemEvent};
use crate::cti::uccx::codec::names::{ccx_status, status, system_event};

/// Bytes a second of a slow server, unless said otherwise: a frame takes seconds.
const SLOW_BYTES: u32 = 200;

/// A failure, or the end of one. Its text form is what [`Display`] writes and [`FromStr`] reads; people count nodes from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// `standby [N]`: the node (else the master) is the master no more: sessions are told status 92 and closed.
    Standby(Option<usize>),
    /// `active [N]`: the node (else the first that lives) is the master; whoever was it stands by.
    Active(Option<usize>),
    /// `failover`: the master fails, its connections are reset, and the other node is the master.
    Failover,
    /// `failback`: as `failover`, back to the first node, if it is not the master.
    Failback,
    /// `kill [N]`: the node (else the master) takes no connection any more, and those it has are reset; the other takes over.
    Kill(Option<usize>),
    /// `revive [N]`: the node (else every one) takes connections again, as standby where there is a master.
    Revive(Option<usize>),
    /// `drop`: every connection is closed.
    Drop,
    /// `silence`: connections stay, and nothing is sent on those there are until `resume`.
    Silence,
    /// `garbage`: bytes that are no frame are sent to every client.
    Garbage,
    /// `slow [BYTES]`: everything is sent at so many bytes a second, to each, until `resume`.
    Slow(u32),
    /// `reset`: every client gets half a frame, and a reset.
    Reset,
    /// `half`: every client gets half a frame, and nothing more until `resume`.
    Half,
    /// `resume`: what was held back is sent, and nothing is held back any more.
    Resume,
    /// `config-reset`: every session is told status 96, after which clients read the configuration again.
    ConfigReset,
    /// `offline`: the system goes offline; sessions stay.
    Offline,
    /// `online`: and comes back.
    Online,
}

impl Fault {
    /// The node it names, from 0.
    pub(super) const fn node(self) -> Option<usize> {
        match self {
            Self::Standby(node) | Self::Active(node) | Self::Kill(node) | Self::Revive(node) => node,
            _ => None,
        }
    }
}

/// The names, with what may follow them.
const WORDS: &str = "standby [1|2], active [1|2], failover, failback, kill [1|2], revive [1|2], drop, silence, garbage, \
                     slow [BYTES_PER_SECOND], reset, half, resume, config-reset, offline, online";

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let wrong = || FaultError { text: text.chars().take(40).collect() };
        let mut words = text.split_whitespace();
        let (name, argument) = (words.next().ok_or_else(wrong)?, words.next());
        if words.next().is_some() {
            return Err(wrong());
        }
        let node = || match argument.map(str::parse::<usize>) {
            None => Ok(None),
            Some(Ok(node)) if (1..=NODES_MAX).contains(&node) => Ok(Some(node - 1)),
            Some(_) => Err(wrong()),
        };
        let fault = match name {
            "standby" => return node().map(Self::Standby),
            "active" => return node().map(Self::Active),
            "kill" => return node().map(Self::Kill),
            "revive" => return node().map(Self::Revive),
            "slow" => {
                let rate = argument.map_or(Ok(SLOW_BYTES), str::parse).map_err(|_| wrong())?;
                return if (10..=10_000_000).contains(&rate) { Ok(Self::Slow(rate)) } else { Err(wrong()) };
            }
            "failover" => Self::Failover,
            "failback" => Self::Failback,
            "drop" => Self::Drop,
            "silence" => Self::Silence,
            "garbage" => Self::Garbage,
            "reset" => Self::Reset,
            "half" => Self::Half,
            "resume" => Self::Resume,
            "config-reset" => Self::ConfigReset,
            "offline" => Self::Offline,
            "online" => Self::Online,
            _ => return Err(wrong()),
        };
        if argument.is_some() { Err(wrong()) } else { Ok(fault) }
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Standby(_) => "standby",
            Self::Active(_) => "active",
            Self::Failover => "failover",
            Self::Failback => "failback",
            Self::Kill(_) => "kill",
            Self::Revive(_) => "revive",
            Self::Drop => "drop",
            Self::Silence => "silence",
            Self::Garbage => "garbage",
            Self::Slow(rate) => return write!(f, "slow {rate}"),
            Self::Reset => "reset",
            Self::Half => "half",
            Self::Resume => "resume",
            Self::ConfigReset => "config-reset",
            Self::Offline => "offline",
            Self::Online => "online",
        };
        match self.node() {
            Some(node) => write!(f, "{name} {}", node + 1),
            None => f.write_str(name),
        }
    }
}

/// A text that names no failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultError {
    text: String,
}

impl Display for FaultError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no command. There are: {WORDS}; rates from 10 to 10000000", self.text)
    }
}

impl std::error::Error for FaultError {}

impl UccxSim {
    /// Brings a failure about, or ends one.
    pub(super) fn bring(&mut self, fault: Fault) {
        if fault.node().is_some_and(|node| node >= self.config.nodes) {
            return self.crowd.note(format!("{fault}: there is no such node"));
        }
        match fault {
            Fault::Standby(node) => self.stand_by(node),
            Fault::Active(node) => self.become_master(node),
            Fault::Failover => self.fail_over(None),
            Fault::Failback if self.master == Some(0) => {}
            Fault::Failback => self.fail_over(Some(0)),
            Fault::Kill(node) => self.kill(node),
            Fault::Revive(node) => self.revive(node),
            Fault::Drop => self.each(|sim, client| sim.crowd.close(client)),
            Fault::Silence => self.crowd.silence(),
            Fault::Garbage => self.crowd.garbage(),
            Fault::Slow(rate) => self.crowd.slow(rate),
            Fault::Reset => self.each(|sim, client| {
                sim.half_a_frame(client);
                sim.crowd.reset(client);
            }),
            Fault::Half => {
                self.each(Self::half_a_frame);
                self.crowd.silence();
            }
            Fault::Resume => self.crowd.resume(),
            Fault::ConfigReset => self.config_reset(),
            Fault::Offline | Fault::Online => {
                let was_online = self.is_online();
                self.kept_offline = fault == Fault::Offline;
                self.tell_online(was_online);
            }
        }
        let master = self
            .master
            .map_or_else(|| "no node is the master".into(), |node| format!("node {} is the master", node + 1));
        self.crowd.note(format!("{fault}: done; {master}"));
    }

    /// SYSTEM_EVENT, if what is so now was not so before.
    pub(super) fn tell_online(&mut self, was_online: bool) {
        let is_online = self.is_online();
        if was_online == is_online {
            return;
        }
        let (event, ccx_status) = if is_online {
            (system_event::CCX_ONLINE, ccx_status::IN_SERVICE)
        } else {
            (system_event::CCX_OFFLINE, ccx_status::OUT_OF_SERVICE)
        };
        let event = self.system_event(event, ccx_status);
        self.crowd.say_to_all(&event.into());
    }

    fn system_event(&self, system_event_id: u32, ccx_status: u32) -> SystemEvent<'static> {
        let ccx_time = u32::try_from(self.now.as_millis() / 1_000).unwrap_or(u32::MAX);
        SystemEvent { ccx_status, ccx_time, system_event_id, event_device_type: 0xFFFF, ..SystemEvent::default() }
    }

    fn each(&mut self, mut act: impl FnMut(&mut Self, ClientId)) {
        for client in self.crowd.ids() {
            act(self, client);
        }
    }

    fn half_a_frame(&mut self, client: ClientId) {
        let status = if self.is_online() { ccx_status::IN_SERVICE } else { ccx_status::OUT_OF_SERVICE };
        let event = self.system_event(system_event::INSTRUMENT_BACK_IN_SERVICE, status);
        self.crowd.send_half(client, &event.into());
    }

    fn config_reset(&mut self) {
        self.revision += 1;
        let event = FailureEvent { status: status::AUTO_CONFIG_RESET, ..FailureEvent::default() };
        self.crowd.say_to_all(&event.into());
    }

    fn stand_by(&mut self, node: Option<usize>) {
        let Some(node) = node.or(self.master).filter(|node| self.master == Some(*node)) else { return };
        let event = FailureEvent { status: status::SERVER_NOT_MASTER, ..FailureEvent::default() };
        self.crowd.say_to_all(&event.into());
        self.master = None;
        for client in self.crowd.at(node) {
            self.crowd.close(client);
        }
    }

    fn become_master(&mut self, node: Option<usize>) {
        let Some(node) = node.or_else(|| (0..self.config.nodes).find(|node| self.alive[*node])) else { return };
        if self.master == Some(node) || !self.alive[node] {
            return;
        }
        self.stand_by(None);
        self.master = Some(node);
    }

    fn fail_over(&mut self, to: Option<usize>) {
        let Some(from) = self.master else { return self.become_master(to) };
        let other = (from + 1) % self.config.nodes;
        self.reset_at(from);
        if self.alive[other] {
            self.master = Some(other);
        }
    }

    fn kill(&mut self, node: Option<usize>) {
        let Some(node) = node.or(self.master) else { return };
        self.alive[node] = false;
        self.reset_at(node);
        if self.master == Some(node) {
            self.master = (0..self.config.nodes).find(|other| self.alive[*other]);
        }
    }

    fn revive(&mut self, node: Option<usize>) {
        for one in 0..self.config.nodes {
            self.alive[one] |= node.is_none_or(|node| node == one);
        }
        self.master = self.master.or_else(|| (0..self.config.nodes).find(|node| self.alive[*node]));
    }

    fn reset_at(&mut self, node: usize) {
        for client in self.crowd.at(node) {
            self.crowd.reset(client);
        }
    }
}

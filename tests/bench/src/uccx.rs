//! The bench as a UCCX: the simulated one, on a thread of its own, whose frames are stamped before they are written; and how long
//! it takes until clients have read what follows from them.

mod lateness;
mod source;

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use interaction_core::cti::simulator::{Calls, Ivr, Life, People, QueueSpec, Scenario, Teams, TriggerSpec};

pub use self::lateness::Lateness;
pub use self::source::{Source, Told};
use crate::server::Server;

/// Reading everything of the largest of these worlds takes seconds.
const READY_WITHIN: Duration = Duration::from_secs(90);
const FIRST_SUPERVISOR: u32 = 1_001;
const FIRST_AGENT: u32 = 100_001;
const QUEUES: u32 = 100;
/// Longer than a contact takes: what goes on at the beginning goes on at the end.
const WARM_UP_MS: u64 = 120_000;

/// How large a contact centre is, and how busy.
#[derive(Clone, Copy, Debug)]
pub struct Centre {
    /// Agents, supervisors not counted.
    pub agents: u32,
    /// Teams, to which agents are dealt.
    pub teams: u32,
    /// Supervisors, each of as many teams.
    pub supervisors: u32,
    /// Calls that come in, in a minute of the simulated world.
    pub calls_per_minute: u32,
    /// How long they last, without ringing and what follows.
    pub talk: Duration,
    /// How long an agent works between breaks.
    pub break_every: Duration,
    /// How much faster than life it goes.
    pub speed: u32,
}

impl Centre {
    /// The largest that UCCX allows, in a busy hour, so much faster than life.
    pub const fn of_uccx(speed: u32) -> Self {
        Self {
            agents: 400,
            teams: 20,
            supervisors: 20,
            calls_per_minute: 200,
            talk: Duration::from_secs(60),
            break_every: Duration::from_mins(30),
            speed,
        }
    }

    /// The largest that its bigger sister allows: about 2,000 changes of agents' states a second, and the calls they come of.
    pub const fn of_its_sister() -> Self {
        Self {
            agents: 24_000,
            teams: 1_200,
            supervisors: 200,
            calls_per_minute: 27_600,
            talk: Duration::from_secs(20),
            break_every: Duration::from_mins(10),
            speed: 1,
        }
    }

    /// The supervisors' ids.
    pub fn supervisors(self) -> impl Iterator<Item = String> {
        (FIRST_SUPERVISOR..FIRST_SUPERVISOR + self.supervisors).map(|id| id.to_string())
    }

    fn scenario(self) -> Scenario {
        let queue = QueueSpec {
            name: "Queue {n}".to_owned(),
            count: QUEUES,
            calls_per_hour: self.calls_per_minute * 60 / QUEUES,
            ..QueueSpec::default()
        };
        Scenario {
            name: "bench".to_owned(),
            speed: self.speed,
            warm_up_ms: WARM_UP_MS,
            people: People {
                first_supervisor: FIRST_SUPERVISOR,
                supervisors: self.supervisors,
                first_agent: FIRST_AGENT,
                agents: self.agents,
                logged_in_permille: 950,
                ready_permille: 950,
                queues_each: 4,
                ..People::default()
            },
            teams: Teams { count: self.teams, ..Teams::default() },
            queues: vec![queue],
            triggers: vec![TriggerSpec { count: QUEUES, ..TriggerSpec::default() }],
            ivr: Ivr { ports: 20_000, ..Ivr::default() },
            calls: Calls {
                talk_ms: self.talk.as_millis() as u64,
                hold_permille: 200,
                consult_permille: 50,
                blind_transfer_permille: 50,
                no_answer_permille: 20,
                ..Calls::default()
            },
            life: Life { break_every_ms: self.break_every.as_millis() as u64, ..Life::default() },
            ..Scenario::default()
        }
    }
}

/// A server in service on a simulated UCCX.
#[derive(Debug)]
pub struct Stand {
    /// The UCCX.
    pub source: Source,
    /// The server.
    pub server: Server,
}

impl Stand {
    /// Starts both.
    pub fn start(program: &Path, core: Option<usize>, centre: Centre) -> Result<Self> {
        let source = Source::start(centre.scenario())?;
        let cti = format!(
            "[cti]\nkind = \"uccx\"\n\n[cti.uccx]\nnodes = [\"{}\"]\ncredentials = \"cti\"\nrecords-max = 50000\ncalls-max = 50000",
            source.address()
        );
        let mut server = Server::start(program, core, &cti)?;
        server.wait(READY_WITHIN)?;
        Ok(Self { source, server })
    }
}

//! The simulated contact centre of worlds whose platform is the simulator.

use interaction_core::cti::simulator::Scenario;

/// A small centre in which much happens.
pub(crate) fn scenario() -> Scenario {
    let mut scenario = Scenario { speed: 2, command_latency_ms: 50, ..Scenario::default() };
    scenario.people.supervisors = 2;
    scenario.people.agents = 6;
    scenario.people.logged_in_permille = 600;
    scenario.people.ready_permille = 700;
    scenario.teams.count = 2;
    scenario.teams.in_two_permille = 300;
    scenario.queues[0].calls_per_hour = 300;
    scenario.calls.talk_ms = 15_000;
    scenario.calls.hold_permille = 200;
    scenario.calls.consult_permille = 100;
    scenario.calls.duration_max_ms = 300_000;
    scenario.life.break_every_ms = 40_000;
    scenario.life.break_ms = 10_000;
    scenario.operations.change_every_ms = 10_000;
    scenario.operations.change_lasts_ms = 20_000;
    scenario.operations.outage_every_ms = 90_000;
    scenario.operations.outage_ms = 4_000;
    scenario
}

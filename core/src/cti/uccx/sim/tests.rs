//! What the server says, byte for byte where bytes were worked out by hand from the published tables.

use super::people::{state_event, team_events};
use super::{ClientId, Fault, SimConfig, SimInput, SimOutput, UccxSim, read_scenario};
use crate::cti::simulator::Scenario;
use crate::cti::uccx::codec::{Message, Widths};
use crate::cti::{AgentState, AgentStatus, Member, Role, TeamRecord};
use crate::time::Time;

const START: Time = Time::from_millis(1_790_000_000_000);
const CLIENT: ClientId = ClientId(1);

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    hex.as_bytes().chunks(2).map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap()).collect()
}

fn encoded(message: &Message<'_>) -> String {
    let mut out = Vec::new();
    message.encode(Widths::V10, &mut out).unwrap();
    hex(&out)
}

/// OPEN_REQ in bridge mode, version 14, as worked out by hand.
const OPEN_REQ: &str = "0000003600000003000000010000000e0000003c00000000000400960007efff000001ff0000000f\
                        00000000000000000000000001086869732d63746900";

fn server() -> UccxSim {
    let mut sim = UccxSim::new(Scenario::default(), 1, SimConfig::default(), START).unwrap();
    sim.handle_input(START, SimInput::Accepted { client: CLIENT, node: 0 });
    sim
}

fn sent(sim: &mut UccxSim) -> String {
    let mut out = Vec::new();
    while let Some(output) = sim.poll_output() {
        if let SimOutput::Send { bytes, .. } = output {
            out.extend(bytes);
        }
    }
    hex(&out)
}

fn say(sim: &mut UccxSim, hex: &str) -> String {
    let bytes = bytes(&hex.replace(' ', ""));
    sim.handle_input(START, SimInput::Received { client: CLIENT, bytes: &bytes });
    sent(sim)
}

#[test]
fn a_team_is_told_byte_for_byte() {
    let member = |agent: &str, role| Member { agent: agent.into(), role };
    let members = vec![member("sup1", Role::Supervisor), member("agt2005", Role::Agent)];
    let mut told = Vec::new();
    team_events(&TeamRecord { id: "7".into(), name: "Sales".into(), members }, |message| told.push(encoded(&message)));
    let expected = "00000041000000f300000007000200010000000000000000cc0653616c657300c205737570310057020001b7020000cd020001\
                    c208616774323030350057020000b7020000cd020001";
    assert_eq!(told, [expected.replace(' ', "")]);
}

#[test]
fn a_state_is_told_byte_for_byte() {
    let status = AgentStatus {
        agent: "agt2005".into(),
        state: AgentState::NotReady,
        reason: "32760".into(),
        since: None,
        pending: None,
        extension: Some("2005".into()),
    };
    let expected = "000000560000001e0000000000000001000000000015000000000000ffffffffffffffff000000027ff8000000010000000000\
                    000000000000000000000000010000c208616774323030350004053230303500060532303035007b02ffff";
    assert_eq!(encoded(&state_event(&status, 0, false).into()), expected.replace(' ', ""));
}

#[test]
fn the_requests_worked_out_by_hand_are_answered() {
    let mut sim = server();
    let conf = say(&mut sim, OPEN_REQ);
    // OPEN_CONF: invoke id 1, everything asked for granted, online; one peripheral, number 1, agents' lines told.
    let expected = "0000003200000004 00000001 00040096 00000000 00000000 00000000 0001 0015 0000\
                    e4020001 d00400000001 e0020001";
    let expected = expected.replace(' ', "");
    assert_eq!(conf[16..], expected[16..], "{conf}");
    assert_eq!(say(&mut sim, "000000040000000500000002"), "000000040000000600000002", "HEARTBEAT_CONF");
    let teams = say(&mut sim, "0000000e000000f20000000300010000000000000000");
    assert!(teams.ends_with("00000008000000f40000000300000000"), "TEAM_CONFIG_CONF is last: {teams}");
    assert_eq!(teams.matches("000000f300").count(), Scenario::default().teams.count as usize);
}

#[test]
fn frames_in_any_pieces_are_the_same_frames() {
    let stream = bytes(&OPEN_REQ.replace(' ', ""));
    for cut in 1..stream.len() {
        let mut sim = server();
        for piece in stream.chunks(cut) {
            sim.handle_input(START, SimInput::Received { client: CLIENT, bytes: piece });
        }
        assert!(sent(&mut sim).contains("00040096"), "pieces of {cut}");
    }
}

#[test]
fn failures_have_texts_that_are_read_back() {
    let all = [
        Fault::Standby(None),
        Fault::Standby(Some(1)),
        Fault::Active(Some(0)),
        Fault::Failover,
        Fault::Failback,
        Fault::Kill(Some(1)),
        Fault::Revive(None),
        Fault::Drop,
        Fault::Silence,
        Fault::Garbage,
        Fault::Slow(1_000),
        Fault::Reset,
        Fault::Half,
        Fault::Resume,
        Fault::ConfigReset,
        Fault::Offline,
        Fault::Online,
    ];
    for fault in all {
        assert_eq!(fault.to_string().parse(), Ok(fault));
    }
    assert_eq!(" slow ".parse(), Ok(Fault::Slow(200)));
    for wrong in ["", "sulk", "standby 0", "standby 3", "kill x", "slow 5", "slow fast", "drop 1", "failover 1 2"] {
        let error = wrong.parse::<Fault>().unwrap_err().to_string();
        assert!(error.contains("config-reset"), "{wrong}: {error}");
    }
}

#[test]
fn scenario_files_hold_failures_too() {
    let text = "name = \"x\"\n[[uccx.failures]]\nat_ms = 500\nwhat = \"kill 1\"\n[teams]\ncount = 2\n";
    let (scenario, faults) = read_scenario(text).unwrap();
    assert_eq!((scenario.teams.count, faults.len()), (2, 1));
    assert_eq!((faults[0].at_ms, faults[0].fault), (500, Fault::Kill(Some(0))));
    assert_eq!(read_scenario("name = \"y\"").unwrap().1, []);
    for (text, key) in [
        ("[[uccx.failures]]\nat_ms = 1\nwhat = \"sulk\"", "uccx.failures[0].what"),
        ("[[uccx.failures]]\nwhat = \"drop\"", "uccx"),
        ("[uccx]\nfailure = 1", "uccx"),
        ("[teams]\ncount = 0", "teams"),
        ("= 1", "(file)"),
    ] {
        let error = read_scenario(text).unwrap_err();
        assert!(error.key.starts_with(key), "{text}: {error}");
    }
}

#[test]
fn a_configuration_that_cannot_be_is_named() {
    let wrong = |config: SimConfig| UccxSim::new(Scenario::default(), 1, config, START).unwrap_err().to_string();
    assert!(wrong(SimConfig { nodes: 3, ..SimConfig::default() }).contains("nodes"));
    assert!(wrong(SimConfig { version_min: 9, ..SimConfig::default() }).contains("version_min"));
    let faults = vec![super::Planned { at_ms: 0, fault: Fault::Kill(Some(1)) }];
    assert!(wrong(SimConfig { nodes: 1, faults, ..SimConfig::default() }).contains("faults"));
}

#[test]
fn what_the_server_remembers_of_calls_goes_with_them() {
    let text = include_str!("../../../../../host/scenarios/small.toml");
    let (mut scenario, _) = read_scenario(text).unwrap();
    scenario.speed = 20;
    let mut sim = UccxSim::new(scenario, 3, SimConfig::default(), START).unwrap();
    let end = START + std::time::Duration::from_secs(60);
    while let Some(at) = sim.poll_timeout().filter(|at| *at <= end) {
        sim.handle_input(at, SimInput::Tick);
        while sim.poll_output().is_some() {}
        let (calls, others) = sim.calls.counts();
        let truth = sim.world.truth().calls().filter(|call| call.media == crate::cti::Media::Voice).count();
        if sim.is_online() {
            assert_eq!(calls, truth);
        }
        assert!(others <= 8 * calls, "{others} further numbers of {calls} calls");
    }
    assert!(sim.calls.counts().0 > 10);
}

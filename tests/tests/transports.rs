//! The protocol over HTTP: tests that hold on every transport, again with polls and with event streams.

#![allow(clippy::duplicate_mod, reason = "the same tests, by another transport: the modules' names choose it")]

#[path = "bindings.rs"]
mod events_bindings;
#[path = "journeys.rs"]
mod events_journeys;
#[path = "once_only.rs"]
mod events_once_only;
#[path = "prepare.rs"]
mod events_prepare;
#[path = "resuming.rs"]
mod events_resuming;
#[path = "teamstatus.rs"]
mod events_teamstatus;
#[path = "bindings.rs"]
mod polls_bindings;
#[path = "journeys.rs"]
mod polls_journeys;
#[path = "prepare.rs"]
mod polls_prepare;
#[path = "resuming.rs"]
mod polls_resuming;
#[path = "teamstatus.rs"]
mod polls_teamstatus;

#[test]
fn the_names_of_modules_choose_the_transport() {
    use interaction_tests::client::Transport;
    let of = |name: &str| {
        let thread = std::thread::Builder::new().name(name.into()).spawn(Transport::of_this_test);
        thread.expect("a thread").join().expect("its value")
    };
    assert_eq!(of("polls_bindings::twice"), Transport::Polls);
    assert_eq!(of("events_bindings::twice"), Transport::Events);
    assert_eq!(of("twice"), Transport::WebSocket);
}

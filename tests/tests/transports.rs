//! The protocol over HTTP: tests that hold on every transport, again with polls and with event streams.

#![allow(clippy::duplicate_mod, reason = "the same tests, by another transport: the modules' names choose it")]

#[path = "blackbox/bindings.rs"]
mod events_bindings;
#[path = "blackbox/journeys.rs"]
mod events_journeys;
#[path = "blackbox/once_only.rs"]
mod events_once_only;
#[path = "blackbox/prepare.rs"]
mod events_prepare;
#[path = "blackbox/resuming.rs"]
mod events_resuming;
#[path = "blackbox/teamstatus.rs"]
mod events_teamstatus;
#[path = "blackbox/bindings.rs"]
mod polls_bindings;
#[path = "blackbox/journeys.rs"]
mod polls_journeys;
#[path = "blackbox/prepare.rs"]
mod polls_prepare;
#[path = "blackbox/resuming.rs"]
mod polls_resuming;
#[path = "blackbox/teamstatus.rs"]
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

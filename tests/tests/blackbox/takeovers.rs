//! Of two sockets of one link the newer carries it.

use std::time::Duration;

use interaction_tests::world::SUPERVISOR;
use interaction_tests::{Client, Fault, Resumed, Server, Settings};
use serde_json::json;

#[tokio::test]
async fn the_newer_takes_over() -> Result<(), Fault> {
    let server = Server::silent().await?;
    let mut first = Client::bound(&server.address).await?;
    first.settle().await?;
    let mut second = first.twin();
    assert_eq!(second.resume().await?, Resumed::Same);
    let moved = first.event_named("linkMoved").await?;
    assert_eq!(moved["event"]["data"], json!({}), "{moved}");
    assert_eq!(first.closed().await?, Some(4001));
    second.watch(SUPERVISOR, 1).await
}

#[tokio::test]
async fn the_older_s_late_end_changes_nothing() -> Result<(), Fault> {
    let server = Server::start(Settings::default().limit("grace-ms", 400)).await?;
    let mut first = Client::bound(&server.address).await?;
    first.settle().await?;
    let mut second = first.twin();
    assert_eq!(second.resume().await?, Resumed::Same);
    first.lose_abruptly();
    second.read_for(Duration::from_millis(1200)).await?;
    second.watch(SUPERVISOR, 1).await
}

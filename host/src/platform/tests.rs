use std::path::Path;
use std::time::Duration;

use interaction_core::cti::{Command, Event, Outcome, RequestNo};
use interaction_core::ids::AgentId;
use interaction_core::secret::Secret;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{Reach, choose};
use crate::clock::Clock;
use crate::config::{Cti, CtiKind};
use crate::switches::tests::{event, events};
use crate::switches::{Switch, Way};

fn cti(connect: &[&str], listen: &str) -> Cti {
    let connect = connect.iter().map(|text| (*text).to_owned()).collect();
    Cti { kind: CtiKind::Jsonl, connect, listen: listen.into(), ..Cti::default() }
}

#[test]
fn one_way_is_given() {
    let one = "127.0.0.1:9200".parse().unwrap();
    let two = "[::1]:9201".parse().unwrap();
    assert_eq!(cti(&["127.0.0.1:9200", "[::1]:9201"], "").reach(), Ok(Reach::Connect(vec![one, two])));
    assert_eq!(cti(&[], "127.0.0.1:9200").reach(), Ok(Reach::Listen(one)));
    for (connect, listen, key, what) in [
        (&[][..], "", "cti.connect", "names no address"),
        (&["127.0.0.1:1"], "127.0.0.1:2", "cti.listen", "one of them"),
        (&["localhost"], "", "cti.connect", "`localhost` must be an IP address and a port"),
        (&[], "9200", "cti.listen", "`9200` must be"),
    ] {
        let (named, told) = cti(connect, listen).reach().unwrap_err();
        assert!(named == key && told.contains(what), "{named}: {told}");
    }
}

#[tokio::test]
async fn a_platform_that_connects_is_heard_and_a_second_one_told() {
    let chosen = choose(&cti(&[], "127.0.0.1:0"), Path::new("")).unwrap();
    let Way::Listen(listener) = &chosen.way else { panic!("it listens") };
    let address = listener.local_addr().unwrap();
    let (happenings, mut happened) = events();
    let switch = Switch::start(chosen, Clock::start(), happenings).unwrap();

    let mut platform = TcpStream::connect(address).await.unwrap();
    let hello = concat!(
        r#"{"event":"hello","protocol":1,"vendor":"Acme","version":"1"}"#,
        "\n",
        r#"{"event":"resyncBegin"}"#,
        "\n",
        r#"{"event":"resyncEnd"}"#,
        "\n"
    );
    platform.write_all(hello.as_bytes()).await.unwrap();
    assert!(matches!(event(&mut happened).await, Event::Up(_)));
    assert_eq!(event(&mut happened).await, Event::ResyncBegin);
    assert_eq!(event(&mut happened).await, Event::ResyncEnd);

    let mut second = TcpStream::connect(address).await.unwrap();
    second.write_all(hello.as_bytes()).await.unwrap();
    let mut told = String::new();
    let mut lines = BufReader::new(second);
    timeout(Duration::from_secs(5), lines.read_line(&mut told)).await.expect("in time").unwrap();
    assert!(told.contains("another platform is connected"), "{told}");
    let ended = timeout(Duration::from_secs(5), lines.read_line(&mut told)).await.expect("in time").unwrap();
    assert_eq!(ended, 0);

    let verify = Command::Verify { agent: AgentId::from("2001") };
    assert_eq!(switch.ask(RequestNo(7), verify, Some(Secret::new("pw".into()))), None);
    let mut platform = BufReader::new(platform);
    let mut asked = String::new();
    timeout(Duration::from_secs(5), platform.read_line(&mut asked)).await.expect("in time").unwrap();
    assert_eq!(asked, "{\"command\":\"verify\",\"request\":7,\"agent\":\"2001\",\"password\":\"pw\"}\n");
    platform
        .write_all(b"{\"event\":\"answer\",\"request\":7,\"result\":\"verified\",\"agent\":\"2001\"}\n")
        .await
        .unwrap();
    let Event::Answer(answer) = event(&mut happened).await else { panic!("no answer") };
    assert_eq!(answer.outcome, Outcome::Verified { agent: AgentId::from("2001") });

    drop(platform);
    assert!(matches!(event(&mut happened).await, Event::Down { .. }));
    // There is room again.
    let mut third = TcpStream::connect(address).await.unwrap();
    third.write_all(hello.as_bytes()).await.unwrap();
    assert!(matches!(event(&mut happened).await, Event::Up(_)));
}

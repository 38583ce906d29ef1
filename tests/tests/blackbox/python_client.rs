//! The documentation's client in Python, run against the server: what it shows is what happens, before and after the server
//! was killed, and all that is said is as the JSON Schema in `docs/schema` has it.

use std::process::Stdio;
use std::time::Duration;

use interaction_tests::world::{self, AGENT, SUPERVISOR};
use interaction_tests::{Fault, Server, Settings};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};
use tokio::time::timeout;

/// Runs the script that is named first, showing on the standard error what it sends and what it gets.
const TRACER: &str = r#"
import io, json, runpy, sys, urllib.request
real = urllib.request.urlopen
def traced(request, **options):
    if request.data:
        print("->", request.data.decode(), file=sys.stderr, flush=True)
    with real(request, **options) as answer:
        body = answer.read()
    told = json.loads(body or "{}")
    for message in told.get("messages", [told] if told else []):
        print("<-", json.dumps(message), file=sys.stderr, flush=True)
    return io.BytesIO(body)
urllib.request.urlopen = traced
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"#;
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/examples/wallboard.py");
const CLIENT: &str = include_str!("../../../docs/schema/client-message.json");
const SERVER: &str = include_str!("../../../docs/schema/server-message.json");
const WITHIN: Duration = Duration::from_secs(30);

struct Wallboard {
    process: Child,
    shown: Lines<BufReader<ChildStdout>>,
    traced: Lines<BufReader<ChildStderr>>,
}

impl Wallboard {
    fn start(server: &Server) -> Result<Self, Fault> {
        let mut python = Command::new("python3");
        python.args(["-c", TRACER, SCRIPT, &format!("http://{}", server.address), SUPERVISOR]);
        python.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut process = python.spawn()?;
        let shown = BufReader::new(process.stdout.take().expect("piped")).lines();
        let traced = BufReader::new(process.stderr.take().expect("piped")).lines();
        Ok(Self { process, shown, traced })
    }

    /// Waits until it shows a line that ends so.
    async fn shows(&mut self, end: &str) -> Result<(), Fault> {
        let found = timeout(WITHIN, async {
            while let Some(line) = self.shown.next_line().await? {
                if line.ends_with(end) {
                    return Ok::<_, Fault>(true);
                }
            }
            Ok(false)
        });
        assert!(found.await.expect("in time")?, "nothing shown ends with `{end}`");
        Ok(())
    }

    /// Ends it; returns what both sides said.
    async fn said(mut self) -> Result<Vec<String>, Fault> {
        self.process.kill().await?;
        let mut said = Vec::new();
        while let Some(line) = self.traced.next_line().await? {
            said.push(line);
        }
        Ok(said)
    }
}

#[tokio::test]
async fn the_wallboard_in_python_shows_what_happens_and_speaks_by_the_schema() -> Result<(), Fault> {
    let ready = world::state(AGENT, "Ready", "");
    let settings = Settings::world(world::scripted(&[(2_000, &ready)]));
    let server = Server::start(settings.clone()).await?;
    let mut wallboard = Wallboard::start(&server)?;
    wallboard.shows(&format!("{AGENT} loggedout")).await?;
    wallboard.shows(&format!("{AGENT} ready")).await?;

    // Another server at another address cannot have the link; at the same one it says so, and the client begins anew.
    let server = server.killed_and_started_there(settings).await?;
    wallboard.shows(&format!("{AGENT} loggedout")).await?;
    wallboard.shows(&format!("{AGENT} ready")).await?;
    drop(server);

    let validators = [("-> ", CLIENT), ("<- ", SERVER)].map(|(arrow, schema)| {
        let schema: Value = serde_json::from_str(schema).expect("docs/schema is JSON");
        (arrow, jsonschema::draft202012::new(&schema).expect("docs/schema is a schema"))
    });
    let mut counts = [0; 2];
    for line in wallboard.said().await? {
        let said = validators.iter().enumerate().find_map(|(at, (arrow, _))| Some((at, line.strip_prefix(arrow)?)));
        let Some((at, text)) = said else { panic!("it fails: {line}") };
        let message: Value = serde_json::from_str(text).expect("JSON is traced");
        if let Some(error) = validators[at].1.iter_errors(&message).next() {
            panic!("{error} at {}\n  {line}", error.instance_path());
        }
        counts[at] += 1;
    }
    assert!(counts[0] >= 8 && counts[1] >= 10, "two links were begun, and said something: {counts:?}");
    Ok(())
}

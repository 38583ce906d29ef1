//! ejabberd: a node of its publish-subscribe service (XEP-0060), subscribed over WebSocket; the kind of server that
//! contact-centre desktops get their events from today.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use super::{Peer, connect, connect_when_up, drain, free_port, local, payload, read_frame, upgrade, write};
use crate::dialect::Dialect;
use crate::frames::{self, TEXT};
use crate::process::Process;

const OPEN: &str = r#"<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="bench" version="1.0"/>"#;
const LOG_IN: &str = r#"<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="ANONYMOUS"/>"#;
const BIND: &str =
    r#"<iq type="set" id="b" xmlns="jabber:client"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/></iq>"#;

/// An ejabberd server.
#[derive(Debug)]
pub struct Ejabberd {
    process: Process,
    address: SocketAddr,
    publisher: TcpStream,
    publish: Vec<u8>,
    _directory: TempDir,
}

/// Where Debian puts its modules: the folder and the version.
pub(crate) fn installed() -> Option<(PathBuf, String)> {
    for arch in std::fs::read_dir("/usr/lib").ok()?.flatten() {
        for entry in std::fs::read_dir(arch.path()).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if let Some(version) = name.strip_prefix("ejabberd-")
                && entry.path().join("ebin/ejabberd.app").is_file()
            {
                return Some((arch.path(), version.to_owned()));
            }
        }
    }
    None
}

impl Ejabberd {
    /// Starts it as one Erlang node that speaks to no other.
    pub fn start(message_bytes: usize, core: Option<usize>) -> Result<Self> {
        let (libraries, _) = installed().context("ejabberd is not installed")?;
        let port = free_port()?;
        let directory = tempfile::tempdir()?;
        let config = directory.path().join("ejabberd.yml");
        write(&config, &configuration(port))?;
        let mut command = Command::new("erl");
        command.args(["-noshell", "-noinput", "+K", "true", "+P", "250000", "-mnesia", "dir"]);
        command.arg(quoted(&directory.path().join("db")));
        command.args(["-ejabberd", "config"]).arg(quoted(&config));
        command.arg("log_path").arg(quoted(&directory.path().join("log"))).args(["-s", "ejabberd"]);
        command.env("ERL_LIBS", libraries).env("ERL_CRASH_DUMP", "/dev/null").current_dir(directory.path());
        let mut process = Process::start(command.stdin(Stdio::null()).stdout(Stdio::null()), core)?;
        connect_when_up(&mut process, local(port))?;
        let (mut publisher, _) = log_in(local(port))?;
        ask(&mut publisher, &create_node()).context("ejabberd makes no node")?;
        let item = payload(message_bytes);
        let publish = frames::of_client(
            TEXT,
            format!(
                r#"<iq type="set" id="p" to="pubsub.bench" xmlns="jabber:client"><pubsub xmlns="http://jabber.org/protocol/pubsub"><publish node="n"><item id="1"><e xmlns="x">{item}</e></item></publish></pubsub></iq>"#
            )
            .as_bytes(),
        );
        Ok(Self { process, address: local(port), publisher, publish, _directory: directory })
    }
}

impl Peer for Ejabberd {
    fn dialect(&self) -> Dialect {
        Dialect::Xmpp
    }

    fn process(&self) -> &Process {
        &self.process
    }

    fn join(&mut self) -> Result<TcpStream> {
        let (mut stream, jid) = log_in(self.address)?;
        stream.write_all(&frames::of_client(TEXT, br#"<presence xmlns="jabber:client"/>"#))?;
        let subscribe = format!(
            r#"<iq type="set" id="s" to="pubsub.bench" xmlns="jabber:client"><pubsub xmlns="http://jabber.org/protocol/pubsub"><subscribe node="n" jid="{jid}"/></pubsub></iq>"#
        );
        ask(&mut stream, &subscribe).context("ejabberd refuses a subscription")?;
        Ok(stream)
    }

    fn publish(&mut self, messages: usize) -> Result<()> {
        drain(&mut self.publisher)?;
        Ok(self.publisher.write_all(&self.publish.repeat(messages))?)
    }
}

/// A stream that is logged in, and its address.
fn log_in(address: SocketAddr) -> Result<(TcpStream, String)> {
    let mut stream = connect(address)?;
    upgrade(&mut stream, "/ws", "Sec-WebSocket-Protocol: xmpp\r\n")?;
    let mut say = |stanza: &str, answers: usize| -> Result<String> {
        stream.write_all(&frames::of_client(TEXT, stanza.as_bytes()))?;
        let mut last = Vec::new();
        for _ in 0..answers {
            last = read_frame(&mut stream)?;
        }
        Ok(String::from_utf8_lossy(&last).into_owned())
    };
    say(OPEN, 2)?;
    let answer = say(LOG_IN, 1)?;
    ensure!(answer.starts_with("<success"), "ejabberd refuses a client: {answer}");
    say(OPEN, 2)?;
    let bound = say(BIND, 1)?;
    let jid = bound.split_once("<jid>").and_then(|(_, rest)| rest.split_once("</jid>"));
    let jid = jid.with_context(|| format!("ejabberd binds no client: {bound}"))?.0.to_owned();
    Ok((stream, jid))
}

/// Sends a request and reads until it is answered.
fn ask(stream: &mut TcpStream, request: &str) -> Result<()> {
    stream.write_all(&frames::of_client(TEXT, request.as_bytes()))?;
    loop {
        let answer = String::from_utf8_lossy(&read_frame(stream)?).into_owned();
        if answer.starts_with("<iq") {
            ensure!(!answer.contains("type='error'"), "{answer}");
            return Ok(());
        }
    }
}

fn create_node() -> String {
    let field = |name: &str, value: &str| format!(r#"<field var="{name}"><value>{value}</value></field>"#);
    let fields = [
        field("FORM_TYPE", "http://jabber.org/protocol/pubsub#node_config"),
        field("pubsub#persist_items", "0"),
        field("pubsub#send_last_published_item", "never"),
        field("pubsub#notification_type", "normal"),
        field("pubsub#access_model", "open"),
        field("pubsub#max_payload_size", "60000"),
    ];
    format!(
        r#"<iq type="set" id="c" to="pubsub.bench" xmlns="jabber:client"><pubsub xmlns="http://jabber.org/protocol/pubsub"><create node="n"/><configure><x xmlns="jabber:x:data" type="submit">{}</x></configure></pubsub></iq>"#,
        fields.concat()
    )
}

fn configuration(port: u16) -> String {
    format!(
        "loglevel: none\nhosts:\n  - bench\nlisten:\n  - port: {port}\n    ip: \"127.0.0.1\"\n    module: ejabberd_http\n    \
         request_handlers:\n      /ws: ejabberd_http_ws\nauth_method: anonymous\nanonymous_protocol: sasl_anon\n\
         websocket_ping_interval: 3600\nwebsocket_timeout: 3600\naccess_rules:\n  local:\n    allow: all\n\
         modules:\n  mod_pubsub:\n    access_createnode: local\n    plugins:\n      - flat\n"
    )
}

/// A path as an Erlang string.
fn quoted(path: &Path) -> String {
    format!("\"{}\"", path.display())
}

//! Finesse beside UCCX: whether an agent's password is right, and what the reasons agents choose from are called.
//!
//! It stands before the adapter, on the driver's side, and answers what checks a password in the adapter's place: an adapter knows
//! bytes of its own connections and nothing of TLS, names or certificates, and a password that Finesse checks never reaches the CTI
//! server's session at all.

mod reply;
mod tls;

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Bytes;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::header::{ACCEPT, AUTHORIZATION, CONNECTION, HOST, HeaderValue};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use interaction_core::cti::{AdapterCount, Outcome, ReasonCode, Refusal, RefusalKind};
use interaction_core::ids::AgentId;
use interaction_core::secret::Secret;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tracing::{debug, warn};

use crate::config::UccxSettings;

/// The longest reply that is read: a user is some kilobytes, a thousand reasons some hundred.
const REPLY_BYTES_MAX: usize = 512 << 10;

/// The Finesse of a UCCX: its nodes, and how they are asked.
pub(crate) struct Finesse {
    nodes: Vec<Node>,
    tls: TlsConnector,
    timeout: Duration,
    places: Semaphore,
    /// The node that answered last is asked first.
    preferred: AtomicUsize,
    reads_labels: bool,
    counts: Counts,
}

#[derive(Debug)]
struct Node {
    /// With its port.
    address: String,
    name: ServerName<'static>,
}

#[derive(Debug, Default)]
struct Counts {
    right: AtomicU64,
    wrong: AtomicU64,
    unanswered: AtomicU64,
    failures: AtomicU64,
}

/// The reasons an agent may give, by what for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reasons {
    /// For going not ready.
    pub(crate) not_ready: Vec<ReasonCode>,
    /// For logging out.
    pub(crate) logout: Vec<ReasonCode>,
}

/// Why a node did not say what was asked.
#[derive(Debug)]
enum Unsaid {
    /// It answered, and said no: another node would say the same.
    No(StatusCode, String),
    /// Something else is there, or nothing, or it is in trouble: another node may know.
    Failed(String),
}

impl Finesse {
    /// Makes ready to ask. Reads the certificates to trust.
    ///
    /// # Errors
    /// What is wrong, with the key of the configuration.
    pub(crate) fn new(settings: &UccxSettings) -> Result<Self, String> {
        let named = |(key, what): (String, String)| format!("{key}: {what}");
        settings.finesse.check().map_err(named)?;
        let node = |address: String| {
            let host = address.rsplit_once(':').map_or(&*address, |(host, _)| host).trim_matches(['[', ']']).to_owned();
            let name = ServerName::try_from(host)
                .map_err(|error| format!("cti.uccx.finesse.nodes: `{address}` can be in no certificate: {error}"))?;
            Ok(Node { address, name })
        };
        let nodes: Result<Vec<Node>, String> =
            settings.finesse_addresses().map_err(named)?.into_iter().map(node).collect();
        Ok(Self {
            nodes: nodes?,
            tls: tls::connector(&settings.finesse.ca_file)?,
            timeout: Duration::from_millis(settings.finesse.timeout_ms.into()),
            places: Semaphore::new(settings.finesse.checks_max as usize),
            preferred: AtomicUsize::new(0),
            reads_labels: settings.finesse.labels,
            counts: Counts::default(),
        })
    }

    /// Whether the password is the agent's.
    pub(crate) async fn check(&self, agent: &AgentId, password: Option<&Secret>) -> Outcome {
        // A blank password is nobody's, and a colon would end the id where it is sent.
        let Some(password) = password.filter(|password| !password.expose().is_empty() && !agent.as_str().contains(':'))
        else {
            return refused(RefusalKind::Credentials, "unknown agent or wrong password".to_owned());
        };
        let said = self.ask(agent, password, "").await;
        let counted = match &said {
            Ok(_) => &self.counts.right,
            Err(Unsaid::No(..)) => &self.counts.wrong,
            Err(Unsaid::Failed(_)) => &self.counts.unanswered,
        };
        counted.fetch_add(1, Ordering::Relaxed);
        match said {
            Ok(text) => match reply::user(&text) {
                Ok(id) if id.eq_ignore_ascii_case(agent.as_str()) => Outcome::Verified { agent: id.as_str().into() },
                Ok(_) => refused(RefusalKind::Other, "Finesse answers with another user than was asked for".to_owned()),
                Err(why) => refused(RefusalKind::Unavailable, format!("Finesse's answer is no user: {why}")),
            },
            Err(Unsaid::No(StatusCode::UNAUTHORIZED, _)) => {
                refused(RefusalKind::Credentials, "unknown agent or wrong password".to_owned())
            }
            Err(Unsaid::No(StatusCode::NOT_FOUND, why)) => refused(RefusalKind::UnknownAgent, why),
            Err(Unsaid::No(_, why)) => refused(RefusalKind::Other, why),
            Err(Unsaid::Failed(why)) => {
                warn!("no Finesse node could check a password: {why}");
                refused(RefusalKind::Unavailable, format!("no Finesse node answers: {why}"))
            }
        }
    }

    /// The reasons this agent may give; nothing where they are not read, or cannot be.
    pub(crate) async fn reasons(&self, agent: &AgentId, password: &Secret) -> Option<Reasons> {
        if !self.reads_labels {
            return None;
        }
        let mut lists = [Vec::new(), Vec::new()];
        for (list, category) in lists.iter_mut().zip(["NOT_READY", "LOGOUT"]) {
            let path = format!("/ReasonCodes?category={category}");
            let said = self.ask(agent, password, &path).await;
            let read = said.map_err(|unsaid| unsaid.to_string()).and_then(|text| reply::reasons(&text, category));
            match read {
                Ok(reasons) => *list = reasons,
                Err(why) => {
                    debug!("the reasons of category {category} cannot be read from Finesse: {why}");
                    return None;
                }
            }
        }
        let [not_ready, logout] = lists;
        Some(Reasons { not_ready, logout })
    }

    /// What it counts.
    pub(crate) fn counts(&self) -> Vec<AdapterCount> {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let Counts { right, wrong, unanswered, failures } = &self.counts;
        vec![
            AdapterCount::counter("finesse_right", "Passwords that Finesse knows", read(right)),
            AdapterCount::counter("finesse_wrong", "Passwords and users that Finesse refused", read(wrong)),
            AdapterCount::counter("finesse_unanswered", "Passwords that no node could check", read(unanswered)),
            AdapterCount::counter("finesse_failures", "Times a node did not answer as it should", read(failures)),
        ]
    }

    /// Asks the nodes in turn, until one says yes or no.
    async fn ask(&self, agent: &AgentId, password: &Secret, below: &str) -> Result<String, Unsaid> {
        let Ok(_place) = self.places.acquire().await else {
            return Err(Unsaid::Failed("nothing is asked any more".to_owned()));
        };
        let first = self.preferred.load(Ordering::Relaxed);
        let mut why = Vec::new();
        for step in 0..self.nodes.len() {
            let index = (first + step) % self.nodes.len();
            let Some(node) = self.nodes.get(index) else { continue };
            let said = match timeout(self.timeout, self.ask_node(node, agent, password, below)).await {
                Ok(said) => said,
                Err(_) => Err(Unsaid::Failed(format!("no answer within {} ms", self.timeout.as_millis()))),
            };
            match said {
                Err(Unsaid::Failed(failed)) => {
                    self.counts.failures.fetch_add(1, Ordering::Relaxed);
                    why.push(format!("{}: {failed}", node.address));
                }
                said => {
                    self.preferred.store(index, Ordering::Relaxed);
                    return said;
                }
            }
        }
        Err(Unsaid::Failed(why.join("; ")))
    }

    async fn ask_node(&self, node: &Node, agent: &AgentId, password: &Secret, below: &str) -> Result<String, Unsaid> {
        let path = format!("/finesse/api/User/{}{below}", escaped(agent.as_str()));
        let basic = basic(agent, password).map_err(|error| Unsaid::Failed(error.to_string()))?;
        let (status, text) = self.get(node, &path, Some(basic)).await?;
        match status {
            StatusCode::OK => Ok(text),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND | StatusCode::BAD_REQUEST => {
                Err(Unsaid::No(status, format!("Finesse says {status}{}", reply::error(&text))))
            }
            status => Err(Unsaid::Failed(format!("it says {status}{}", reply::error(&text)))),
        }
    }

    /// What each node says of itself, to whoever asks.
    pub(crate) async fn states(&self) -> Vec<(String, Result<String, String>)> {
        let mut states = Vec::new();
        for node in &self.nodes {
            let said = match timeout(self.timeout, self.get(node, "/finesse/api/SystemInfo", None)).await {
                Ok(Ok((StatusCode::OK, text))) => reply::system(&text),
                Ok(Ok((status, text))) => Err(format!("it says {status}{}", reply::error(&text))),
                Ok(Err(unsaid)) => Err(unsaid.to_string()),
                Err(_) => Err(format!("no answer within {} ms", self.timeout.as_millis())),
            };
            states.push((node.address.clone(), said));
        }
        states
    }

    async fn get(&self, node: &Node, path: &str, basic: Option<HeaderValue>) -> Result<(StatusCode, String), Unsaid> {
        let stream = TcpStream::connect(&node.address).await?;
        let stream = self.tls.connect(node.name.clone(), stream).await?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let _connection = AbortOnDrop(tokio::spawn(connection));
        let request = Request::builder()
            .method(Method::GET)
            .uri(path)
            .header(HOST, &node.address)
            .header(ACCEPT, "application/xml")
            .header(CONNECTION, "close");
        let request = match basic {
            Some(basic) => request.header(AUTHORIZATION, basic),
            None => request,
        };
        let request = request.body(Empty::<Bytes>::new()).map_err(|error| Unsaid::Failed(error.to_string()))?;
        let response = sender.send_request(request).await?;
        let status = response.status();
        let body = Limited::new(response.into_body(), REPLY_BYTES_MAX).collect().await;
        let body = body.map_err(|error| Unsaid::Failed(format!("its answer cannot be read: {error}")))?.to_bytes();
        Ok((status, String::from_utf8_lossy(&body).into_owned()))
    }
}

impl fmt::Debug for Finesse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Finesse").field("nodes", &self.nodes).finish_non_exhaustive()
    }
}

impl fmt::Display for Unsaid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::No(_, why) | Self::Failed(why) => f.write_str(why),
        }
    }
}

impl From<io::Error> for Unsaid {
    fn from(error: io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<hyper::Error> for Unsaid {
    fn from(error: hyper::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

struct AbortOnDrop(tokio::task::JoinHandle<hyper::Result<()>>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The credentials as they are sent.
fn basic(agent: &AgentId, password: &Secret) -> Result<HeaderValue, hyper::header::InvalidHeaderValue> {
    let pair = Secret::new(format!("{agent}:{}", password.expose()));
    let basic = Secret::new(format!("Basic {}", STANDARD.encode(pair.expose())));
    let mut basic = HeaderValue::from_str(basic.expose())?;
    basic.set_sensitive(true);
    Ok(basic)
}

/// An id as one segment of a path.
fn escaped(id: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    id.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn refused(kind: RefusalKind, text: String) -> Outcome {
    Outcome::Refused(Refusal { kind, text: text.into() })
}

/// Shared between the checks that run.
pub(crate) type SharedFinesse = Arc<Finesse>;

#[cfg(test)]
pub(crate) mod tests;

//! A Finesse with real TLS, small enough to say what it is, and what is asked of it.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::body::Bytes;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::AUTHORIZATION;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use interaction_core::cti::{Outcome, RefusalKind};
use interaction_core::ids::AgentId;
use interaction_core::secret::Secret;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use super::{Finesse, escaped};
use crate::config::UccxSettings;

/// A certificate authority, its certificate in a file.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    file: PathBuf,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let file = std::env::temp_dir().join(format!("interaction-processor-{}-{name}.pem", std::process::id()));
        std::fs::write(&file, certificate.pem()).unwrap();
        Self { issuer: Issuer::new(params, key), file }
    }

    pub(crate) fn file(&self) -> String {
        self.file.to_str().unwrap().to_owned()
    }

    fn acceptor(&self, host: &str) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.file);
    }
}

/// A node: what it says to a path and an authorization, and how often it was asked.
pub(crate) struct Node {
    pub(crate) address: SocketAddr,
    pub(crate) asked: Arc<AtomicU32>,
}

impl Node {
    pub(crate) async fn start<F>(
        authority: &Authority,
        host: &str,
        say: impl Fn(String, String) -> F + Clone + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = (u16, String)> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (acceptor, asked) = (authority.acceptor(host), Arc::new(AtomicU32::new(0)));
        let count = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, count, say) = (acceptor.clone(), Arc::clone(&count), say.clone());
                tokio::spawn(async move {
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    let service = service_fn(move |request: Request<Incoming>| {
                        count.fetch_add(1, Ordering::Relaxed);
                        let who = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
                        let who = who.and_then(|value| value.strip_prefix("Basic ")).unwrap_or_default();
                        let who = String::from_utf8(STANDARD.decode(who).unwrap_or_default()).unwrap_or_default();
                        let said = say(request.uri().to_string(), who);
                        async move {
                            let (status, body) = said.await;
                            let response = Response::builder().status(status).body(Full::new(Bytes::from(body)));
                            Ok::<_, Infallible>(response.unwrap())
                        }
                    });
                    let _ = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        });
        Self { address, asked }
    }

    fn asked(&self) -> u32 {
        self.asked.load(Ordering::Relaxed)
    }
}

/// What Finesse would say: agt2005's password is `right`.
pub(crate) async fn ordinary(path: String, who: String) -> (u16, String) {
    if who != "agt2005:right" {
        let error = "<ApiErrors><ApiError><ErrorType>Authorization Failure</ErrorType></ApiError></ApiErrors>";
        return (401, error.to_owned());
    }
    match path.as_str() {
        "/finesse/api/User/agt2005" | "/finesse/api/User/AGT2005" => {
            (200, "<User><loginId>agt2005</loginId><state>LOGOUT</state></User>".to_owned())
        }
        "/finesse/api/User/agt2005/ReasonCodes?category=NOT_READY" => {
            let reasons = "<ReasonCodes><ReasonCode><code>12</code><label>Lunch</label></ReasonCode></ReasonCodes>";
            (200, reasons.to_owned())
        }
        "/finesse/api/User/agt2005/ReasonCodes?category=LOGOUT" => (200, "<ReasonCodes/>".to_owned()),
        _ => (404, "<ApiErrors><ApiError><ErrorType>User Not Found</ErrorType></ApiError></ApiErrors>".to_owned()),
    }
}

pub(crate) fn settings(authority: &Authority, nodes: &[SocketAddr]) -> UccxSettings {
    let mut settings = UccxSettings { nodes: vec!["127.0.0.1".into()], ..UccxSettings::default() };
    settings.finesse.nodes = nodes.iter().map(ToString::to_string).collect();
    settings.finesse.ca_file = authority.file();
    settings.finesse.timeout_ms = 1_000;
    settings
}

fn finesse(authority: &Authority, nodes: &[SocketAddr]) -> Finesse {
    Finesse::new(&settings(authority, nodes)).unwrap()
}

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

async fn check(finesse: &Finesse, agent: &str, password: &str) -> Result<String, (RefusalKind, String)> {
    match finesse.check(&AgentId::from(agent), Some(&secret(password))).await {
        Outcome::Verified { agent } => Ok(agent.as_str().to_owned()),
        Outcome::Refused(refused) => Err((refused.kind, refused.text.to_string())),
        other => panic!("{other:?} is no answer to a check"),
    }
}

/// A port nobody listens on.
async fn nobody() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}

#[tokio::test]
async fn a_password_is_right_or_wrong() {
    let authority = Authority::new("right");
    let node = Node::start(&authority, "127.0.0.1", ordinary).await;
    let finesse = finesse(&authority, &[node.address]);
    assert_eq!(check(&finesse, "agt2005", "right").await, Ok("agt2005".to_owned()));
    assert_eq!(check(&finesse, "AGT2005", "right").await.unwrap_err().0, RefusalKind::Credentials);
    assert_eq!(check(&finesse, "agt2005", "wrong").await.unwrap_err().0, RefusalKind::Credentials);
    let asked = node.asked();
    assert_eq!(check(&finesse, "agt2005", "").await.unwrap_err().0, RefusalKind::Credentials);
    assert_eq!(check(&finesse, "agt2005:right", "x").await.unwrap_err().0, RefusalKind::Credentials);
    assert_eq!(node.asked(), asked, "what cannot be right is not asked");
    let counts: Vec<_> = finesse.counts().iter().map(|count| count.value).collect();
    assert_eq!(counts, [1, 2, 0, 0]);
}

#[tokio::test]
async fn a_wrong_password_is_asked_of_one_node_alone() {
    let authority = Authority::new("once");
    let first = Node::start(&authority, "127.0.0.1", ordinary).await;
    let second = Node::start(&authority, "127.0.0.1", ordinary).await;
    let finesse = finesse(&authority, &[first.address, second.address]);
    assert_eq!(check(&finesse, "agt2005", "wrong").await.unwrap_err().0, RefusalKind::Credentials);
    assert_eq!((first.asked(), second.asked()), (1, 0), "a second guess would lock the user sooner");
}

#[tokio::test]
async fn the_other_node_is_asked_where_one_is_away_or_in_trouble() {
    let authority = Authority::new("other");
    let troubled = Node::start(&authority, "127.0.0.1", async |_, _| (503, "starting".to_owned())).await;
    let good = Node::start(&authority, "127.0.0.1", ordinary).await;
    for first in [nobody().await, troubled.address] {
        let finesse = finesse(&authority, &[first, good.address]);
        assert_eq!(check(&finesse, "agt2005", "right").await, Ok("agt2005".to_owned()));
        let before = troubled.asked();
        assert_eq!(check(&finesse, "agt2005", "right").await, Ok("agt2005".to_owned()));
        assert_eq!(troubled.asked(), before, "the one that answered is asked first");
    }
    let finesse = finesse(&authority, &[nobody().await, troubled.address]);
    let (kind, why) = check(&finesse, "agt2005", "right").await.unwrap_err();
    assert!(kind == RefusalKind::Unavailable && why.contains("503"), "{why}");
    assert!(!why.contains("right"));
}

#[tokio::test]
async fn who_cannot_prove_to_be_finesse_gets_no_password() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let stranger = Node::start(&theirs, "127.0.0.1", ordinary).await;
    let misnamed = Node::start(&ours, "finesse.example.com", ordinary).await;
    for node in [&stranger, &misnamed] {
        let finesse = finesse(&ours, &[node.address]);
        let (kind, why) = check(&finesse, "agt2005", "right").await.unwrap_err();
        assert!(kind == RefusalKind::Unavailable && why.contains("certificate"), "{why}");
        assert_eq!(node.asked(), 0);
    }
}

#[tokio::test]
async fn what_is_no_answer_is_no_yes() {
    let authority = Authority::new("noyes");
    for (status, body, kind, part) in [
        (200, "<html/>", RefusalKind::Unavailable, "no user"),
        (200, "<User><loginId>other</loginId></User>", RefusalKind::Other, "another user"),
        (302, "", RefusalKind::Unavailable, "302"),
        (404, "", RefusalKind::UnknownAgent, "404"),
        (403, "", RefusalKind::Other, "403"),
    ] {
        let node = Node::start(&authority, "127.0.0.1", move |_, _| async move { (status, body.to_owned()) }).await;
        let (is, why) = check(&finesse(&authority, &[node.address]), "agt2005", "right").await.unwrap_err();
        assert!(is == kind && why.contains(part), "{status} {body}: {is:?} {why}");
    }
    let endless = Node::start(&authority, "127.0.0.1", async |_, _| (200, " ".repeat(1 << 20))).await;
    let (_, why) = check(&finesse(&authority, &[endless.address]), "agt2005", "right").await.unwrap_err();
    assert!(why.contains("cannot be read"), "{why}");
    let silent = Node::start(&authority, "127.0.0.1", async |_, _| {
        tokio::time::sleep(Duration::from_secs(60)).await;
        (200, String::new())
    })
    .await;
    let (_, why) = check(&finesse(&authority, &[silent.address]), "agt2005", "right").await.unwrap_err();
    assert!(why.contains("no answer within 1000 ms"), "{why}");
}

#[tokio::test]
async fn no_more_than_the_bound_are_asked_at_a_time() {
    let authority = Authority::new("bound");
    let (now, most) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let (running, peak) = (Arc::clone(&now), Arc::clone(&most));
    let node = Node::start(&authority, "127.0.0.1", move |path, who| {
        let (running, peak) = (Arc::clone(&running), Arc::clone(&peak));
        async move {
            peak.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(20)).await;
            running.fetch_sub(1, Ordering::SeqCst);
            ordinary(path, who).await
        }
    })
    .await;
    let mut settings = settings(&authority, &[node.address]);
    settings.finesse.checks_max = 2;
    let finesse = Arc::new(Finesse::new(&settings).unwrap());
    let checks: Vec<_> = (0..6)
        .map(|_| {
            let finesse = Arc::clone(&finesse);
            tokio::spawn(async move { check(&finesse, "agt2005", "right").await })
        })
        .collect();
    for check in checks {
        assert!(check.await.unwrap().is_ok());
    }
    assert!(most.load(Ordering::SeqCst) <= 2);
}

#[tokio::test]
async fn reasons_are_read_with_their_labels() {
    let authority = Authority::new("reasons");
    let node = Node::start(&authority, "127.0.0.1", ordinary).await;
    let reasons = finesse(&authority, &[node.address]).reasons(&AgentId::from("agt2005"), &secret("right")).await;
    let reasons = reasons.unwrap();
    assert_eq!((reasons.not_ready.len(), reasons.logout.len()), (1, 0));
    assert_eq!((&*reasons.not_ready[0].code, &*reasons.not_ready[0].name), ("12", "Lunch"));
    let mut without = settings(&authority, &[node.address]);
    without.finesse.labels = false;
    let without = Finesse::new(&without).unwrap();
    assert_eq!(without.reasons(&AgentId::from("agt2005"), &secret("right")).await, None);
    assert_eq!(finesse(&authority, &[node.address]).reasons(&AgentId::from("agt2005"), &secret("no")).await, None);
}

#[test]
fn certificates_that_are_none_are_named_by_their_key() {
    let mut settings = UccxSettings { nodes: vec!["127.0.0.1".into()], ..UccxSettings::default() };
    settings.finesse.ca_file = "/nowhere/at/all.pem".to_owned();
    assert!(Finesse::new(&settings).unwrap_err().contains("cti.uccx.finesse.ca-file"));
}

#[test]
fn an_id_is_one_segment_of_a_path() {
    assert_eq!(escaped("agt.2005-a"), "agt.2005-a");
    assert_eq!(escaped("../x?y z\u{e9}"), "..%2Fx%3Fy%20z%C3%A9");
}

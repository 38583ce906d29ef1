//! Which certificates are trusted.

use std::sync::Arc;

use rustls_native_certs::load_native_certs;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tracing::warn;

/// Trusts the certificates of a file, or those of the system where none is named.
pub(super) fn connector(ca_file: &str) -> Result<TlsConnector, String> {
    let mut roots = RootCertStore::empty();
    if ca_file.is_empty() {
        let found = load_native_certs();
        for error in &found.errors {
            warn!("a certificate of the system cannot be read: {error}");
        }
        roots.add_parsable_certificates(found.certs);
        if roots.is_empty() {
            return Err(
                "cti.uccx.finesse.ca-file: the system has no certificates to trust: name a file of them".to_owned()
            );
        }
    } else {
        let unreadable = |error: &dyn std::fmt::Display| {
            format!("cti.uccx.finesse.ca-file: `{ca_file}` is no file of certificates in PEM: {error}")
        };
        for certificate in CertificateDer::pem_file_iter(ca_file).map_err(|error| unreadable(&error))? {
            let certificate = certificate.map_err(|error| unreadable(&error))?;
            roots.add(certificate).map_err(|error| unreadable(&error))?;
        }
        if roots.is_empty() {
            return Err(unreadable(&"there is none in it"));
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("TLS cannot be set up: {error}"))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

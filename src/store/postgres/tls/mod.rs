//! TLS to the server: what is shown, and whom the double believes.

mod certificate_check;

use std::path::Path;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsConnector;

use self::certificate_check::CertificateCheck;
use crate::store::ssl::{SslMode, SslRoots, SslSettings};

/// What a server of PostgreSQL 17 and later wants to hear (RFC 7301); others skip it.
const ALPN: &[u8] = b"postgresql";

/// How connections are made that these settings ask for. The files are read now.
///
/// # Errors
/// A sentence about the file that cannot be used.
pub(super) fn connector(settings: &SslSettings) -> Result<TlsConnector, String> {
    let roots = match (settings.mode, &settings.roots) {
        (SslMode::VerifyCa | SslMode::VerifyFull, Some(SslRoots::File(file))) => {
            Some(certificates("sslrootcert", file)?)
        }
        _ => None,
    };
    let provider = Arc::new(default_provider());
    let check = match (settings.mode, roots) {
        (SslMode::VerifyFull, None) => CertificateCheck::public(provider.clone()),
        (mode, Some(roots)) => {
            CertificateCheck::by(roots, mode == SslMode::VerifyFull, provider.clone())
        }
        (_, None) => Ok(CertificateCheck::none(provider.clone())),
    }?;
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(check));
    let mut config = match &settings.identity {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => {
            let private = PrivateKeyDer::from_pem_file(key)
                .map_err(|error| format!("`sslkey` {}: {error}", key.display()))?;
            builder
                .with_client_auth_cert(certificates("sslcert", certificate)?, private)
                .map_err(|error| format!("`sslcert` {}: {error}", certificate.display()))?
        }
    };
    config.alpn_protocols = vec![ALPN.to_vec()];
    Ok(TlsConnector::from(Arc::new(config)))
}

/// The certificates in a PEM file, of which there is at least one.
fn certificates(parameter: &str, path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let unusable =
        |reason: &dyn std::fmt::Display| format!("`{parameter}` {}: {reason}", path.display());
    let read = CertificateDer::pem_file_iter(path).map_err(|error| unusable(&error))?;
    let read = read.collect::<Result<Vec<_>, _>>().map_err(|error| unusable(&error))?;
    if read.is_empty() {
        return Err(unusable(&"it holds no certificate"));
    }
    Ok(read)
}

//! TLS to the backend: rustls, HTTP/1.1 only.

use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};
use tokio_rustls::TlsConnector;

use super::error::TlsFailure;
use super::settings::{ClientIdentity, UpstreamSetupError};

/// HTTP/2 is never offered: awc would speak it past the codec.
const ALPN: &[u8] = b"http/1.1";

/// Everything a TLS handshake with the backend needs.
pub struct TlsSetup {
    /// Trust, client certificate and ALPN, shared by all connections.
    pub connector: TlsConnector,
    /// What SNI says, and what the certificate must be valid for.
    pub server_name: ServerName<'static>,
}

/// The name the backend's certificate must carry.
///
/// # Errors
/// When the host is neither a DNS name nor an address.
pub fn server_name(host: &str) -> Result<ServerName<'static>, UpstreamSetupError> {
    ServerName::try_from(host.to_owned())
        .map_err(|_| UpstreamSetupError::ServerName(host.to_owned()))
}

/// Trusts the public roots, or only the certificates in `ca`, or everything; shows `identity` to a
/// backend that asks for it.
///
/// # Errors
/// When a file cannot be read or holds nothing of use.
pub fn client_config(
    ca: Option<&Path>,
    insecure: bool,
    identity: Option<&ClientIdentity>,
) -> Result<Arc<ClientConfig>, UpstreamSetupError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| UpstreamSetupError::Tls(error.to_string()))?;
    let builder = if insecure {
        builder.dangerous().with_custom_certificate_verifier(Arc::new(AnyCertificate { provider }))
    } else {
        builder.with_root_certificates(roots(ca)?)
    };
    let mut config = match identity {
        None => builder.with_no_client_auth(),
        Some(ClientIdentity { certificate, key }) => {
            let private = PrivateKeyDer::from_pem_file(key).map_err(|error| {
                UpstreamSetupError::KeyFile { path: key.clone(), reason: error.to_string() }
            })?;
            builder
                .with_client_auth_cert(certificates(certificate)?, private)
                .map_err(|error| UpstreamSetupError::Identity(error.to_string()))?
        }
    };
    config.alpn_protocols = vec![ALPN.to_vec()];
    Ok(Arc::new(config))
}

/// Whether the protocol the peer chose is one the codec speaks. A peer without ALPN chose none.
pub fn is_http1(alpn: Option<&[u8]>) -> bool {
    alpn.is_none_or(|protocol| protocol == ALPN)
}

/// The fault behind a failed handshake, when it was TLS that failed and not the connection.
pub fn fault_of(error: &io::Error) -> Option<TlsFailure> {
    let error = error.get_ref()?.downcast_ref::<Error>()?;
    Some(match error {
        Error::InvalidCertificate(reason) => match reason {
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => TlsFailure::Expired,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                TlsFailure::WrongName
            }
            CertificateError::UnknownIssuer => TlsFailure::UnknownIssuer,
            _ => TlsFailure::Certificate,
        },
        Error::NoApplicationProtocol => TlsFailure::Protocol,
        _ => TlsFailure::Handshake,
    })
}

fn roots(ca: Option<&Path>) -> Result<RootCertStore, UpstreamSetupError> {
    let Some(path) = ca else {
        return Ok(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() });
    };
    let mut store = RootCertStore::empty();
    for certificate in certificates(path)? {
        store.add(certificate).map_err(|error| unreadable(path, &error))?;
    }
    Ok(store)
}

/// The certificates in a PEM file, of which there is at least one.
fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, UpstreamSetupError> {
    let read = CertificateDer::pem_file_iter(path).map_err(|error| unreadable(path, &error))?;
    let read: Result<Vec<_>, _> = read.collect();
    let certificates = read.map_err(|error| unreadable(path, &error))?;
    if certificates.is_empty() {
        return Err(UpstreamSetupError::CaEmpty { path: path.to_owned() });
    }
    Ok(certificates)
}

fn unreadable(path: &Path, reason: &dyn std::fmt::Display) -> UpstreamSetupError {
    UpstreamSetupError::CaFile { path: path.to_owned(), reason: reason.to_string() }
}

/// `--target-insecure`: believes every certificate, but still checks that the peer holds its key,
/// as the handshake makes no sense otherwise.
#[derive(Debug)]
struct AnyCertificate {
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

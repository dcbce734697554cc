//! Which certificate of a server is believed: as libpq's modes say, which are weaker than what
//! rustls does by itself.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

/// Looks at the certificate of a server.
#[derive(Debug)]
pub(super) struct CertificateCheck {
    /// None believes every server; that it holds the key of what it shows is always checked.
    chain: Option<Arc<WebPkiServerVerifier>>,
    /// The roots themselves: a server may show one of them as its own.
    roots: Vec<CertificateDer<'static>>,
    checks_name: bool,
    provider: Arc<CryptoProvider>,
}

impl CertificateCheck {
    pub(super) fn none(provider: Arc<CryptoProvider>) -> Self {
        Self { chain: None, roots: Vec::new(), checks_name: false, provider }
    }

    /// By the public roots, with the name: anybody can get a certificate that leads to them.
    pub(super) fn public(provider: Arc<CryptoProvider>) -> Result<Self, String> {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let chain = Some(verifier(roots, &provider)?);
        Ok(Self { chain, roots: Vec::new(), checks_name: true, provider })
    }

    pub(super) fn by(
        roots: Vec<CertificateDer<'static>>,
        checks_name: bool,
        provider: Arc<CryptoProvider>,
    ) -> Result<Self, String> {
        let mut store = RootCertStore::empty();
        for root in &roots {
            store.add(root.clone()).map_err(|error| format!("`sslrootcert`: {error}"))?;
        }
        Ok(Self { chain: Some(verifier(store, &provider)?), roots, checks_name, provider })
    }
}

fn verifier(
    roots: RootCertStore,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, String> {
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .build()
        .map_err(|error| error.to_string())
}

impl ServerCertVerifier for CertificateCheck {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(chain) = &self.chain else { return Ok(ServerCertVerified::assertion()) };
        let error = match chain.verify_server_cert(shown, between, name, ocsp_response, now) {
            Ok(verified) => return Ok(verified),
            Err(error) => error,
        };
        match &error {
            // Looked at last, so everything else is in order.
            Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            ) if !self.checks_name => Ok(ServerCertVerified::assertion()),
            // What `openssl req -x509` makes may sign others; as the very certificate that is to
            // be believed it says who the server is. Its time was looked at before.
            Error::InvalidCertificate(CertificateError::Other(reason))
                if reason.to_string().contains("CaUsedAsEndEntity")
                    && self.roots.iter().any(|root| root == shown) =>
            {
                if self.checks_name {
                    verify_server_name(&ParsedCertificate::try_from(shown)?, name)?;
                }
                Ok(ServerCertVerified::assertion())
            }
            _ => Err(error),
        }
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

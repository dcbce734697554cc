//! TLS on a listener: rustls, HTTP/2 and HTTP/1.1 by ALPN, with certificates that can be exchanged
//! at any time.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use actix_rt::net::TcpStream;
use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use thiserror::Error;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// What is offered, the better first (RFC 7301, RFC 9113, section 3.2).
const ALPN: [&[u8]; 2] = [HTTP_2, b"http/1.1"];

/// HTTP/2 in that offer.
pub const HTTP_2: &[u8] = b"h2";

/// Pause between two looks at whether the files of the certificate have changed: certificates are
/// renewed days before they end.
const LOOK_PAUSE: Duration = Duration::from_secs(10);

/// The first byte of a TLS handshake (RFC 8446, section 5.1); no method of HTTP begins with it.
const HANDSHAKE: u8 = 22;

/// Why a listener cannot speak TLS.
#[derive(Debug, Error)]
pub enum ListenerTlsError {
    /// A file cannot be read as PEM.
    #[error("`{path}`: {reason}")]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Certificate and key do not go together, or cannot be used.
    #[error("certificate not usable: {0}")]
    Certificate(String),
}

/// The certificate of the listeners, and how connections are accepted with it.
pub struct ListenerTls {
    acceptor: TlsAcceptor,
    /// Offers HTTP/1.1 alone.
    http_1_1: TlsAcceptor,
    shown: Arc<ShownCertificate>,
    /// Where it is read from; a made one has no files.
    files: Option<(PathBuf, PathBuf)>,
}

/// What the next handshake shows.
#[derive(Debug)]
struct ShownCertificate(ArcSwap<CertifiedKey>);

impl ResolvesServerCert for ShownCertificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

impl ListenerTls {
    /// The certificate, with those that lead to its issuer, and the key in two PEM files.
    ///
    /// # Errors
    /// [`ListenerTlsError`].
    pub fn from_files(certificate: &Path, key: &Path) -> Result<Self, ListenerTlsError> {
        let shown = read(certificate, key)?;
        Self::showing(shown, Some((certificate.to_owned(), key.to_owned())))
    }

    /// A certificate made for these names, for development: nobody trusts it unless told to.
    ///
    /// # Errors
    /// [`ListenerTlsError`].
    pub fn self_signed(names: Vec<String>) -> Result<Self, ListenerTlsError> {
        let unusable = |error: rcgen::Error| ListenerTlsError::Certificate(error.to_string());
        let made = rcgen::generate_simple_self_signed(names).map_err(unusable)?;
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der())
            .map_err(|error| ListenerTlsError::Certificate(error.to_owned()))?;
        Self::showing(certified(vec![made.cert.der().clone()], key)?, None)
    }

    fn showing(
        key: CertifiedKey,
        files: Option<(PathBuf, PathBuf)>,
    ) -> Result<Self, ListenerTlsError> {
        let shown = Arc::new(ShownCertificate(ArcSwap::from_pointee(key)));
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| ListenerTlsError::Certificate(error.to_string()))?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&shown) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = ALPN.iter().map(|protocol| protocol.to_vec()).collect();
        // The same, but for a listener that does not speak HTTP/2.
        let mut http_1_1 = config.clone();
        http_1_1.alpn_protocols.remove(0);
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            http_1_1: TlsAcceptor::from(Arc::new(http_1_1)),
            shown,
            files,
        })
    }

    /// Reads the files again; what they hold is shown from the next handshake on. What cannot be
    /// used is said in the log, and the certificate before stays.
    pub fn reload(&self) {
        let Some((certificate, key)) = &self.files else { return };
        match read(certificate, key) {
            Ok(key) => {
                self.shown.0.store(Arc::new(key));
                log::info!("TLS: the certificate of the listeners was read anew");
            }
            Err(error) => log::error!("TLS: the certificate before stays in use: {error}"),
        }
    }

    /// Reloads when the files change, and on SIGHUP, for as long as the double runs.
    pub async fn follow_files(self: Arc<Self>) {
        let Some((certificate, key)) = self.files.clone() else { return };
        let state = || [modified(&certificate), modified(&key)];
        let mut known = state();
        // Where the system has no such signal, the files alone tell.
        let mut hangup =
            tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).ok();
        loop {
            let told = async {
                match &mut hangup {
                    Some(hangup) => hangup.recv().await,
                    None => std::future::pending().await,
                }
            };
            let by_signal = tokio::time::timeout(LOOK_PAUSE, told).await.is_ok();
            let now = state();
            if by_signal || now != known {
                known = now;
                self.reload();
            }
        }
    }

    /// The connection behind a handshake, in which HTTP/2 is offered or not.
    ///
    /// # Errors
    /// Why there was none; [`io::ErrorKind::InvalidInput`] for a client that speaks plain HTTP.
    pub async fn accept(
        &self,
        stream: TcpStream,
        http_2: bool,
    ) -> Result<TlsStream<TcpStream>, (TcpStream, io::Error)> {
        let mut first = [0; 1];
        match stream.peek(&mut first).await {
            Ok(1) if first[0] != HANDSHAKE => {
                return Err((stream, io::ErrorKind::InvalidInput.into()));
            }
            Err(error) => return Err((stream, error)),
            Ok(_) => {}
        }
        let acceptor = if http_2 { &self.acceptor } else { &self.http_1_1 };
        acceptor.accept(stream).into_fallible().await.map_err(|(error, stream)| (stream, error))
    }
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|file| file.modified()).ok()
}

fn read(certificate: &Path, key: &Path) -> Result<CertifiedKey, ListenerTlsError> {
    let unreadable =
        |path: &Path, reason: String| ListenerTlsError::File { path: path.to_owned(), reason };
    let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(certificate)
        .map_err(|error| unreadable(certificate, error.to_string()))?
        .collect();
    let chain = chain.map_err(|error| unreadable(certificate, error.to_string()))?;
    if chain.is_empty() {
        return Err(unreadable(certificate, "no certificate in it".to_owned()));
    }
    let private =
        PrivateKeyDer::from_pem_file(key).map_err(|error| unreadable(key, error.to_string()))?;
    certified(chain, private)
}

fn certified(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<CertifiedKey, ListenerTlsError> {
    CertifiedKey::from_der(chain, key, &default_provider())
        .map_err(|error| ListenerTlsError::Certificate(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(folder: &Path) -> (PathBuf, PathBuf, Vec<u8>) {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let (certificate, key) = (folder.join("cert.pem"), folder.join("key.pem"));
        std::fs::write(&certificate, made.cert.pem()).unwrap();
        std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        (certificate, key, made.cert.der().to_vec())
    }

    fn shown(tls: &ListenerTls) -> Vec<u8> {
        tls.shown.0.load().cert[0].to_vec()
    }

    #[test]
    fn a_renewed_certificate_is_shown_and_a_broken_one_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (certificate, key, first) = write(folder.path());
        let tls = ListenerTls::from_files(&certificate, &key).unwrap();
        assert_eq!(shown(&tls), first);
        let (_, _, second) = write(folder.path());
        tls.reload();
        assert_eq!(shown(&tls), second);
        std::fs::write(&certificate, "no certificate").unwrap();
        tls.reload();
        assert_eq!(shown(&tls), second);
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (certificate, key, _) = write(one.path());
        let (_, foreign, _) = write(other.path());
        let refused = |certificate: &Path, key: &Path| {
            ListenerTls::from_files(certificate, key).err().map(|error| error.to_string())
        };
        assert_eq!(refused(&certificate, &key), None);
        assert!(refused(&certificate, &foreign).is_some(), "a key of another certificate");
        for (certificate, key) in [(&key, &key), (&certificate, &certificate)] {
            assert!(refused(certificate, key).is_some_and(|text| text.contains(".pem")));
        }
    }
}

//! A certificate authority of a test, and TLS for the scripted backend.

use std::io::Write as _;
use std::net::TcpStream;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};

use super::backend::{Backend, BackendConnection, ByteStream};

impl ByteStream for StreamOwned<ServerConnection, TcpStream> {
    fn announce_end(&mut self) {
        self.conn.send_close_notify();
        let _ = self.flush();
    }
}

/// A CA made for one test.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// Which certificate a backend shows.
#[derive(Default)]
pub struct Shown {
    /// The name it is for; `localhost` when none.
    pub name: Option<&'static str>,
    pub expired: bool,
    /// Whether it asks for a certificate of this authority in return.
    pub asks_in_return: bool,
    /// Application protocols it offers.
    pub alpn: &'static [&'static [u8]],
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        Self { issuer }
    }

    /// The CA's certificate as a file for `--target-ca`.
    pub fn file(&self) -> tempfile::NamedTempFile {
        file_with(&self.issuer.pem())
    }

    /// A certificate for a client and its key, as files.
    pub fn identity(&self) -> (tempfile::NamedTempFile, tempfile::NamedTempFile) {
        let (certificate, key) = self.issue("client");
        (file_with(&certificate), file_with(&key))
    }

    /// A certificate for a name and its key, PEM.
    pub fn issue(&self, name: &str) -> (String, String) {
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (certificate.pem(), key.serialize_pem())
    }

    /// What `openssl req -x509` makes: a certificate that signs itself and may sign others, its
    /// key, and a file with it.
    pub fn own(name: &str) -> (String, String, tempfile::NamedTempFile) {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap().pem();
        let file = file_with(&certificate);
        (certificate, key.serialize_pem(), file)
    }

    /// A backend behind a certificate of this authority.
    pub fn backend(
        &self,
        shown: &Shown,
        script: impl Fn(&mut BackendConnection) + Send + Sync + 'static,
    ) -> Backend {
        let config = self.server_config(shown);
        Backend::start_with(
            move |socket| {
                let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
                let mut stream = StreamOwned::new(connection, socket);
                while stream.conn.is_handshaking() {
                    stream.conn.complete_io(&mut stream.sock)?;
                }
                Ok(Box::new(stream))
            },
            script,
        )
    }

    fn server_config(&self, shown: &Shown) -> Arc<ServerConfig> {
        let name = shown.name.unwrap_or("localhost");
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        if shown.expired {
            params.not_before = date_time_ymd(2019, 1, 1);
            params.not_after = date_time_ymd(2020, 1, 1);
        }
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap();
        let config = if shown.asks_in_return {
            let mut roots = RootCertStore::empty();
            roots.add(self.issuer.der().clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider);
            config.with_client_cert_verifier(verifier.build().unwrap())
        } else {
            config.with_no_client_auth()
        };
        let mut config = config.with_single_cert(vec![certificate.der().clone()], key).unwrap();
        config.alpn_protocols = shown.alpn.iter().map(|protocol| protocol.to_vec()).collect();
        Arc::new(config)
    }
}

fn file_with(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

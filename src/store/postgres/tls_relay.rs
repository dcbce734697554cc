//! TLS for a libpq that has none: it speaks in clear text to a socket of this process, and what it
//! says goes on behind TLS.
//!
//! ```text
//! libpq ─ Unix socket ─▶ TlsRelay ─ SSLRequest, TLS ─▶ server
//! ```
//!
//! The socket has no name in the file system where that can be avoided, and serves this user
//! alone. What goes wrong on the way to the server is told to libpq as a server would tell it.

use std::io;
use std::os::unix::net::UnixListener as StdListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use rustls::pki_types::ServerName;
use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpStream, UnixListener, UnixStream, lookup_host};
use tokio::sync::oneshot;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::greeting::{pass_greeting, read_start};
use super::relay_place::RelayPlace;

/// What a client says first that wants TLS: length and code (PostgreSQL 18, section 54.7).
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// libpq's own patience is shorter; this ends what it no longer waits for.
const DIAL_TIMEOUT: Duration = Duration::from_secs(30);

/// What a server is said not to do; tells the caller that it may go without TLS where it may.
pub(super) const NO_TLS: &str = "the server does not speak TLS";

/// One server behind TLS.
#[derive(Debug, Clone)]
pub(super) struct TlsServer {
    /// Name or address that is dialled.
    pub address: String,
    pub port: u16,
    /// What its certificate must be for, where that is checked.
    pub name: ServerName<'static>,
    /// TLS from the first byte on.
    pub is_direct: bool,
}

/// Carries connections to servers behind TLS, on a thread of its own, until it is dropped.
pub(super) struct TlsRelay {
    place: RelayPlace,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl TlsRelay {
    /// Begins to accept connections: for the first server on port 1, and so on.
    pub(super) fn start(servers: Vec<TlsServer>, tls: &TlsConnector) -> io::Result<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let place = RelayPlace::new(NEXT.fetch_add(1, Ordering::Relaxed))?;
        let listeners = (1..)
            .zip(servers)
            .map(|(port, server)| Ok((place.listen(port)?, server)))
            .collect::<io::Result<Vec<_>>>()?;
        let (stop, stopped) = oneshot::channel();
        let tls = tls.clone();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let thread = std::thread::Builder::new().name("postgres-tls".into()).spawn(move || {
            runtime.block_on(async move {
                for (listener, server) in listeners {
                    tokio::spawn(serve(listener, Arc::new(server), tls.clone()));
                }
                let _dropped = stopped.await;
            });
            // Whoever still looks up a name is not waited for.
            runtime.shutdown_background();
        })?;
        Ok(Self { place, stop: Some(stop), thread: Some(thread) })
    }

    /// What libpq takes for the host of each server.
    pub(super) fn host(&self) -> &str {
        self.place.host()
    }
}

impl Drop for TlsRelay {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}

async fn serve(listener: StdListener, server: Arc<TlsServer>, tls: TlsConnector) {
    let listener = listener.set_nonblocking(true).and_then(|()| UnixListener::from_std(listener));
    let listener = match listener {
        Ok(listener) => listener,
        Err(error) => return log::error!("PostgreSQL: no way behind TLS: {error}"),
    };
    loop {
        match listener.accept().await {
            Ok((client, _)) if is_own(&client) => {
                tokio::spawn(carry(client, server.clone(), tls.clone()));
            }
            Ok(_stranger) => log::warn!("PostgreSQL: another user came to the relay: refused"),
            // No descriptors are left, say: the next look may find some.
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

/// Whether the other side belongs to the user of this process.
fn is_own(client: &UnixStream) -> bool {
    let user = |stream: &UnixStream| stream.peer_cred().map(|peer| peer.uid()).ok();
    let own = UnixStream::pair().ok().and_then(|(one, _other)| user(&one));
    own.is_some() && own == user(client)
}

async fn carry(mut client: UnixStream, server: Arc<TlsServer>, tls: TlsConnector) {
    let Ok(start) = read_start(&mut client).await else { return };
    let dialled = tokio::time::timeout(DIAL_TIMEOUT, dial(&server, &tls)).await;
    match dialled.unwrap_or_else(|_elapsed| Err("timeout expired".to_owned())) {
        Ok(mut server) => {
            let _ended = talk(&mut client, &mut server, &start).await;
        }
        Err(reason) => {
            let _told = refuse(&mut client, &reason).await;
        }
    }
}

/// Carries what both say, until one of them ends.
async fn talk(
    client: &mut UnixStream,
    server: &mut TlsStream<TcpStream>,
    start: &[u8],
) -> io::Result<()> {
    server.write_all(start).await?;
    server.flush().await?;
    pass_greeting(server, client).await?;
    copy_bidirectional(client, server).await.map(drop)
}

/// A connection to the server with the handshake done; the error continues "failed: ".
async fn dial(server: &TlsServer, tls: &TlsConnector) -> Result<TlsStream<TcpStream>, String> {
    let address = &server.address;
    let found = lookup_host((address.as_str(), server.port)).await;
    let found = found.map_err(|error| {
        format!("could not translate host name \"{address}\" to address: {error}")
    })?;
    let mut failed = format!("could not translate host name \"{address}\" to address");
    let mut reached = None;
    for place in found {
        match TcpStream::connect(place).await {
            Ok(stream) => {
                reached = Some(stream);
                break;
            }
            Err(error) => failed = error.to_string(),
        }
    }
    let mut stream = reached.ok_or(failed)?;
    keep_watch(&stream);
    if !server.is_direct {
        let mut answer = [0; 1];
        let asked = async {
            stream.write_all(&SSL_REQUEST).await?;
            stream.read_exact(&mut answer).await
        };
        asked.await.map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => "server closed the connection unexpectedly".to_owned(),
            _ => error.to_string(),
        })?;
        if answer != *b"S" {
            return Err(NO_TLS.to_owned());
        }
    }
    let shaken = tls.connect(server.name.clone(), stream).await;
    shaken.map_err(|error| format!("no TLS connection: {error}"))
}

/// What libpq would set on its own connection: see the parameters of the store.
fn keep_watch(stream: &TcpStream) {
    let socket = SockRef::from(stream);
    let probes = TcpKeepalive::new()
        .with_time(Duration::from_secs(10))
        .with_interval(Duration::from_secs(3))
        .with_retries(3);
    // A system that refuses one of these works without it, only slower to notice a lost server.
    let _ = socket.set_tcp_keepalive(&probes);
    #[cfg(target_os = "linux")]
    let _ = socket.set_tcp_user_timeout(Some(Duration::from_secs(5)));
    let _ = stream.set_nodelay(true);
}

/// Ends the start of a connection with a fatal error (PostgreSQL 18, section 54.7).
async fn refuse(client: &mut UnixStream, reason: &str) -> io::Result<()> {
    let mut fields = b"SFATAL\0VFATAL\0C08001\0M".to_vec();
    fields.extend(reason.bytes().filter(|byte| *byte != 0));
    fields.extend_from_slice(b"\0\0");
    let length = u32::try_from(fields.len() + 4).unwrap_or(u32::MAX);
    client.write_all(b"E").await?;
    client.write_u32(length).await?;
    client.write_all(&fields).await?;
    client.shutdown().await
}

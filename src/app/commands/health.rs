//! `health`: asks a double whether it is ready, and says so by exit code.

use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::process::ExitCode;
use std::time::Duration;

use rustls::{ClientConnection, StreamOwned};

use crate::app::EXIT_FAILURE;
use crate::http::upstream::tls;

/// Time the readiness question may take: shorter than the 3 s and more that container health
/// checks commonly allow.
const HEALTH_TIMEOUT: Duration = Duration::from_secs(2);

/// Asks a double whether it is ready.
pub fn run(url: &str) -> ExitCode {
    match ask(url) {
        Ok(status) if status.contains(" 200 ") => ExitCode::SUCCESS,
        Ok(status) => {
            eprintln!("stunt-double: not ready: {}", status.trim_end());
            ExitCode::from(EXIT_FAILURE)
        }
        Err(error) => {
            eprintln!("stunt-double: not reachable: {error}");
            ExitCode::from(EXIT_FAILURE)
        }
    }
}

/// The status line of a GET.
fn ask(url: &str) -> std::io::Result<String> {
    let invalid = || std::io::Error::other(format!("`{url}` is no http:// or https:// URL"));
    let parsed = url::Url::parse(url).map_err(|_| invalid())?;
    let host = parsed.host_str().filter(|_| ["http", "https"].contains(&parsed.scheme()));
    let host = host.ok_or_else(invalid)?;
    let port = parsed.port_or_known_default().unwrap_or(80);
    let address = (host.trim_matches(['[', ']']), port)
        .to_socket_addrs()?
        .next()
        .ok_or_else(|| std::io::Error::other("the host has no address"))?;
    let mut stream = TcpStream::connect_timeout(&address, HEALTH_TIMEOUT)?;
    stream.set_read_timeout(Some(HEALTH_TIMEOUT))?;
    let path = parsed.path();
    if parsed.scheme() == "https" {
        let mut tls = StreamOwned::new(unverified(host)?, stream);
        return status_line(&mut tls, &format!("{host}:{port}"), path);
    }
    status_line(&mut stream, &format!("{host}:{port}"), path)
}

/// A connection on which any certificate will do: what is asked is no secret, and the double that
/// runs on the same machine may have made its certificate itself.
fn unverified(host: &str) -> std::io::Result<ClientConnection> {
    let config = tls::client_config(None, true, None).map_err(std::io::Error::other)?;
    let name = tls::server_name(host.trim_matches(['[', ']'])).map_err(std::io::Error::other)?;
    ClientConnection::new(config, name).map_err(std::io::Error::other)
}

fn status_line(
    stream: &mut (impl Read + Write),
    authority: &str,
    path: &str,
) -> std::io::Result<String> {
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n")?;
    let mut head = [0; 256];
    let read = stream.read(&mut head)?;
    let text = String::from_utf8_lossy(&head[..read]);
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

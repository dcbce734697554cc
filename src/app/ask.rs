//! Requests of the process itself, over HTTP/1.1: to the admin of a double, and to webhooks.
//!
//! They wait for their socket, so they belong to commands and to threads of their own, never to one
//! that serves. Of `https://` addresses the certificate is verified against the public roots.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use rustls::{ClientConnection, StreamOwned};

use crate::http::upstream::tls;

/// Time in which a connection must come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Bytes of an answer: the largest model.
const ANSWER_BYTES_MAX: usize = 512 << 20;

/// Bytes of it that are read at once.
const PIECE_BYTES: usize = 64 << 10;

/// What is asked.
pub struct Asked<'a> {
    pub method: &'a str,
    /// Path and query.
    pub path: &'a str,
    pub headers: &'a [(String, String)],
    pub body: &'a [u8],
    /// Longest pause between two pieces of the answer.
    pub patience: Duration,
}

/// Asks the server at `base`, whose path stands before the path that is asked for; status and body.
pub fn ask(base: &str, asked: &Asked<'_>) -> std::io::Result<(u16, Vec<u8>)> {
    let error = |text: &str| std::io::Error::other(text.to_owned());
    let url = url::Url::parse(base).map_err(|_| error("no http:// or https:// URL"))?;
    let host = url.host_str().filter(|_| ["http", "https"].contains(&url.scheme()));
    let host = host.ok_or_else(|| error("no http:// or https:// URL"))?;
    let port = url.port_or_known_default().unwrap_or(80);
    let address = (host.trim_matches(['[', ']']), port).to_socket_addrs()?.next();
    let address = address.ok_or_else(|| error("the host has no address"))?;
    let mut stream = TcpStream::connect_timeout(&address, CONNECT_TIMEOUT)?;
    stream.set_read_timeout(Some(asked.patience))?;
    stream.set_write_timeout(Some(asked.patience))?;
    let head = head_of(asked, url.path().trim_end_matches('/'), &format!("{host}:{port}"));
    let bytes = if url.scheme() == "https" {
        exchanged(&mut StreamOwned::new(verified(host)?, stream), &head, asked.body)?
    } else {
        exchanged(&mut stream, &head, asked.body)?
    };
    answer_of(&bytes).ok_or_else(|| error("no valid answer"))
}

fn verified(host: &str) -> std::io::Result<ClientConnection> {
    let config = tls::client_config(None, false, None).map_err(std::io::Error::other)?;
    let name = tls::server_name(host.trim_matches(['[', ']'])).map_err(std::io::Error::other)?;
    ClientConnection::new(config, name).map_err(std::io::Error::other)
}

fn head_of(asked: &Asked<'_>, prefix: &str, authority: &str) -> String {
    let Asked { method, path, headers, body, .. } = asked;
    let mut head = format!("{method} {prefix}{path} HTTP/1.1\r\nHost: {authority}\r\n");
    for (name, value) in *headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() || matches!(*method, "POST" | "PUT" | "PATCH") {
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    head.push_str("Connection: close\r\n\r\n");
    head
}

/// Everything that comes back until the answer is whole or the other side closes: not all close
/// that are asked to.
fn exchanged(
    stream: &mut (impl Read + Write),
    head: &str,
    body: &[u8],
) -> std::io::Result<Vec<u8>> {
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)?;
    stream.flush()?;
    let (mut bytes, mut piece) = (Vec::new(), vec![0; PIECE_BYTES]);
    let mut end = None;
    while end.is_none_or(|end| bytes.len() < end) && bytes.len() < ANSWER_BYTES_MAX {
        match stream.read(&mut piece) {
            Ok(0) => break,
            Ok(n) => bytes.extend_from_slice(&piece[..n]),
            // TLS that ends without a goodbye: whether the answer is whole, its own length says.
            Err(error) if error.kind() == ErrorKind::UnexpectedEof && !bytes.is_empty() => break,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        end = end.or_else(|| end_of(&bytes));
    }
    Ok(bytes)
}

/// Where an answer ends that says its length; `None` while its head is not there, and where only
/// the end of the connection or the last chunk tells.
fn end_of(bytes: &[u8]) -> Option<usize> {
    let end = bytes.windows(4).position(|part| part == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(bytes.get(..end)?).to_ascii_lowercase();
    let status: u16 = head.split(' ').nth(1)?.parse().ok()?;
    match status {
        100..200 => end_of(bytes.get(end..)?).map(|rest| end + rest),
        204 => Some(end),
        _ => length_of(&head).map(|length| end + length),
    }
}

/// The length that a head says, in lower case.
fn length_of(head: &str) -> Option<usize> {
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    length.and_then(|length| length.trim().parse().ok())
}

/// Status and body of an answer that ends with its connection; `None` when it broke off.
fn answer_of(bytes: &[u8]) -> Option<(u16, Vec<u8>)> {
    let end = bytes.windows(4).position(|part| part == b"\r\n\r\n")?;
    let (head, body) = (bytes.get(..end)?, bytes.get(end + 4..)?);
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    if (100..200).contains(&status) {
        return answer_of(body);
    }
    if head.contains("\r\ntransfer-encoding: chunked") {
        return Some((status, unchunked(body)?));
    }
    match length_of(&head).filter(|_| status != 204) {
        Some(length) => Some((status, body.get(..length)?.to_vec())),
        None => Some((status, body.to_vec())),
    }
}

fn unchunked(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let line = rest.windows(2).position(|part| part == b"\r\n")?;
        let size = std::str::from_utf8(rest.get(..line)?).ok()?;
        let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
        rest = rest.get(line + 2..)?;
        if size == 0 {
            return Some(whole);
        }
        whole.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size + 2..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_with_and_without_chunks() {
        let plain = b"HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
        assert_eq!(answer_of(plain), Some((200, b"hi".to_vec())));
        let parts = b"HTTP/1.1 404 X\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n";
        assert_eq!(answer_of(parts), Some((404, b"hi".to_vec())));
        assert_eq!(answer_of(b"HTTP/1.1"), None);
    }

    #[test]
    fn an_answer_ends_where_it_says() {
        let early = b"HTTP/1.1 103 Early\r\n\r\n";
        let whole = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
        assert_eq!(end_of(&[&early[..], whole].concat()), Some(early.len() + whole.len() + 2));
        assert_eq!(end_of(early), None, "the answer itself is still to come");
        assert_eq!(end_of(b"HTTP/1.1 204 No\r\n\r\n"), Some(19));
        assert_eq!(end_of(b"HTTP/1.1 200 OK\r\n\r\nhi"), None, "it ends with its connection");
    }

    #[test]
    fn an_answer_that_broke_off_is_none() {
        assert_eq!(answer_of(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi"), None);
        assert_eq!(answer_of(b"HTTP/1.1 204 No\r\n\r\n"), Some((204, Vec::new())));
    }
}

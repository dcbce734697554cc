//! Requests to a double, plain HTTP: what the commands ask of one that runs.

use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use crate::config::ToolPlaceArgs;

/// Time in which a connection must come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Time between two pieces of an answer: an import is answered when all of it is learned.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(300);

/// Bytes of an answer: the largest model.
const ANSWER_BYTES_MAX: u64 = 512 << 20;

/// What is asked.
pub struct Asked<'a> {
    pub method: &'a str,
    /// Path and query.
    pub path: &'a str,
    pub headers: &'a [(String, String)],
    pub body: &'a [u8],
}

/// Where the admin of a double is, and who asks.
pub struct AdminPlace {
    /// With the admin's prefix: `http://127.0.0.1:8000/admin`.
    url: String,
    token: Option<String>,
}

impl AdminPlace {
    /// The admin at this URL, its prefix included.
    pub fn new(url: &str, token: Option<String>) -> Self {
        Self { url: url.trim_end_matches('/').to_owned(), token }
    }

    /// Asks it with these headers and its token: status and body; an error names the URL.
    pub fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<(u16, Vec<u8>), String> {
        let mut headers: Vec<(String, String)> =
            headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        if let Some(token) = &self.token {
            headers.push(("Authorization".to_owned(), format!("Bearer {token}")));
        }
        let asked = Asked { method, path, headers: &headers, body };
        ask(&self.url, &asked).map_err(|error| format!("{}: {error}", self.url))
    }

    /// What an answer that is none of 2xx says, in words.
    pub fn refusal(&self, status: u16, answer: &[u8]) -> String {
        let problem: serde_json::Value = serde_json::from_slice(answer).unwrap_or_default();
        let text = |name| problem.get(name).and_then(serde_json::Value::as_str);
        let detail = text("detail").or(text("title")).unwrap_or_default();
        format!("{} answers {status}: {detail}", self.url)
    }
}

/// Asks the admin of a double; the body of a 2xx answer.
pub fn ask_admin(
    place: &ToolPlaceArgs,
    method: &str,
    path: &str,
    body: &[u8],
) -> Result<Vec<u8>, String> {
    let url = place.url.as_deref().unwrap_or("http://127.0.0.1:8000");
    let url = format!("{}{}", url.trim_end_matches('/'), place.admin_prefix);
    let admin = AdminPlace::new(&url, place.admin_token.clone());
    let media = [("Content-Type", "application/octet-stream")];
    let headers: &[(&str, &str)] = if body.is_empty() { &[] } else { &media };
    let (status, answer) = admin.ask(method, path, headers, body)?;
    if (200..300).contains(&status) {
        return Ok(answer);
    }
    Err(admin.refusal(status, &answer))
}

/// Asks the server at `base`, an `http://` URL; status and body.
pub fn ask(base: &str, asked: &Asked<'_>) -> std::io::Result<(u16, Vec<u8>)> {
    let error = |text: &str| std::io::Error::other(text.to_owned());
    let url = url::Url::parse(base).map_err(|_| error("no http:// URL"))?;
    let host = url.host_str().filter(|_| url.scheme() == "http");
    let host = host.ok_or_else(|| error("no http:// URL"))?;
    let port = url.port_or_known_default().unwrap_or(80);
    let address = (host.trim_matches(['[', ']']), port).to_socket_addrs()?.next();
    let address = address.ok_or_else(|| error("the host has no address"))?;
    let mut stream = TcpStream::connect_timeout(&address, CONNECT_TIMEOUT)?;
    stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
    let prefix = url.path().trim_end_matches('/');
    let Asked { method, path, headers, body } = asked;
    let mut head = format!("{method} {prefix}{path} HTTP/1.1\r\nHost: {host}:{port}\r\n");
    for (name, value) in *headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() || matches!(*method, "POST" | "PUT" | "PATCH") {
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    head.push_str("Connection: close\r\n\r\n");
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)?;
    let mut bytes = Vec::new();
    stream.take(ANSWER_BYTES_MAX).read_to_end(&mut bytes)?;
    answer_of(&bytes).ok_or_else(|| error("no valid answer"))
}

/// Status and body of an answer that ends with its connection.
fn answer_of(bytes: &[u8]) -> Option<(u16, Vec<u8>)> {
    let end = bytes.windows(4).position(|part| part == b"\r\n\r\n")?;
    let (head, body) = (bytes.get(..end)?, bytes.get(end + 4..)?);
    let head = String::from_utf8_lossy(head);
    let status = head.split(' ').nth(1)?.parse().ok()?;
    if (100..200).contains(&status) {
        return answer_of(body);
    }
    let chunked = head.to_ascii_lowercase().contains("\r\ntransfer-encoding: chunked");
    Some((status, if chunked { unchunked(body)? } else { body.to_vec() }))
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
}

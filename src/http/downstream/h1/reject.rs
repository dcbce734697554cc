//! Answers the double writes by itself, past the server beneath: for connections it does not serve.

use actix_rt::net::TcpStream;
use actix_web::body::MessageBody;

use crate::http::error::{Problem, ProblemKind};

/// A whole answer with a problem, after which the connection ends.
pub fn answer(problem: &Problem) -> Vec<u8> {
    let response = problem.response();
    let status = response.status();
    let reason = status.canonical_reason().unwrap_or_default();
    let mut bytes = format!("HTTP/1.1 {} {reason}\r\n", status.as_str()).into_bytes();
    for (name, value) in response.headers() {
        bytes.extend_from_slice(name.as_str().as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    let body = response.into_body().try_into_bytes().unwrap_or_default();
    let end = format!("content-length: {}\r\nconnection: close\r\n\r\n", body.len());
    bytes.extend_from_slice(end.as_bytes());
    bytes.extend_from_slice(&body);
    bytes
}

/// What is to be said where the server beneath says no more than a status.
pub fn instead_of(refusal: &[u8]) -> Problem {
    let status = refusal.strip_prefix(b"HTTP/1.1 ").and_then(|line| line.get(..3));
    match status {
        Some(b"431") => {
            let detail = "the head of the request is larger than 128 KiB or has too many fields";
            Problem::new(ProblemKind::HeadTooLarge, detail)
        }
        _ => Problem::new(ProblemKind::RequestInvalid, "the head of the request is malformed"),
    }
}

/// Tells a client why its connection ends; the caller drops it then. Nothing is waited for: where a
/// few hundred bytes find no room, the client does not read.
pub fn refuse(stream: &TcpStream, problem: &Problem) {
    let _ = socket2::SockRef::from(stream).send(&answer(problem));
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_refusal_is_a_whole_answer() {
        let problem = Problem::new(ProblemKind::Overloaded, "full");
        let text = String::from_utf8(answer(&problem.retry_after(Duration::from_secs(1)))).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 503 Service Unavailable\r\n"), "{head}");
        for line in ["retry-after: 1", "x-mock-error: overloaded", "connection: close"] {
            assert!(head.lines().any(|had| had == line), "{head}");
        }
        assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{head}");
        assert!(serde_json::from_str::<serde_json::Value>(body).is_ok());
    }
}

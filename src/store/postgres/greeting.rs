//! The first words of a connection, which the relay has to understand: what a client starts with,
//! and how a server wants its password.
//!
//! A server behind TLS offers to bind the password's proof to its certificate
//! (`SCRAM-SHA-256-PLUS`). libpq, which sees no TLS here, would take such an offer for an attack,
//! so it is not passed on; without it the proof is the one of a client that knows no binding.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// The longest start of a client: what a server would read.
const START_BYTES_MAX: u32 = 10_000;

/// The longest message of a server before the client is let in: notices have texts.
const MESSAGE_BYTES_MAX: u32 = 64 * 1024;

/// Type of the messages about who the client is, and the code of those that offer ways to prove it.
const AUTHENTICATION: u8 = b'R';
const SASL: [u8; 4] = [0, 0, 0, 10];

/// Ways to prove it that need TLS on libpq's side end so.
const BOUND: &[u8] = b"-PLUS";

/// What a client starts with, whole.
pub(super) async fn read_start(client: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    let length = client.read_u32().await?;
    if !(8..=START_BYTES_MAX).contains(&length) {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut start = vec![0; length as usize];
    start[..4].copy_from_slice(&length.to_be_bytes());
    client.read_exact(&mut start[4..]).await?;
    Ok(start)
}

/// Passes a server's messages on up to the first one about who the client is, or its refusal.
pub(super) async fn pass_greeting(
    server: &mut (impl AsyncRead + Unpin),
    client: &mut (impl AsyncWrite + Unpin),
) -> io::Result<()> {
    loop {
        let kind = server.read_u8().await?;
        let length = server.read_u32().await?;
        if !(4..=MESSAGE_BYTES_MAX).contains(&length) {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut body = vec![0; length as usize - 4];
        server.read_exact(&mut body).await?;
        if kind == AUTHENTICATION && body.starts_with(&SASL) {
            body = without_binding(&body);
        }
        let length = u32::try_from(body.len() + 4).unwrap_or(u32::MAX);
        let mut message = vec![kind];
        message.extend_from_slice(&length.to_be_bytes());
        message.extend_from_slice(&body);
        client.write_all(&message).await?;
        if matches!(kind, AUTHENTICATION | b'E') {
            return Ok(());
        }
    }
}

/// The offer without the ways that bind the proof to a certificate: a code, then names that end
/// with a zero, then a zero (PostgreSQL 18, section 54.7).
fn without_binding(offer: &[u8]) -> Vec<u8> {
    let (code, names) = offer.split_at(SASL.len());
    let mut left = code.to_vec();
    for name in names.split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        if !name.ends_with(BOUND) {
            left.extend_from_slice(name);
            left.push(0);
        }
    }
    left.push(0);
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_is_passed_on_without_what_needs_the_clients_own_tls() {
        let offer = b"\0\0\0\x0aSCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0";
        assert_eq!(without_binding(offer), b"\0\0\0\x0aSCRAM-SHA-256\0\0");
        let without = b"\0\0\0\x0aSCRAM-SHA-256\0\0";
        assert_eq!(without_binding(without), without);
    }
}

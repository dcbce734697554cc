//! WebSocket through the relay, in the manner of the Autobahn suite: what one end says, the other
//! end hears byte for byte, while a side copy is learned.

use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;

use crate::support::double::Double;
use crate::support::websocket::{
    BINARY, CLOSE, PING, PONG, SocketClient, SocketServer, TEXT, frame, socket_backend,
};

const MASK: Option<[u8; 4]> = Some([0xa1, 0x0b, 0xc2, 0x3d]);

/// A backend that sends the bytes of its socket back as they came, and has done with the head.
fn mirror(server: &mut SocketServer<'_>) {
    while let Some(bytes) = server.raw.read_some() {
        server.raw.write(&bytes);
    }
}

#[test]
fn frames_of_any_kind_pass_byte_for_byte() {
    let backend = socket_backend("", mirror);
    let double = Double::in_front_of(backend.url());
    let deflated = {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&[b'z'; 5_000]).unwrap();
        encoder.finish().unwrap()
    };
    for (name, bytes) in [
        ("an empty text", frame(0x81, b"", MASK)),
        ("lengths of one, two and eight bytes", {
            [125, 126, 127, 128, 65_535, 65_536, 65_537]
                .iter()
                .flat_map(|length| frame(0x82, &vec![0xfe; *length], MASK))
                .collect()
        }),
        ("fragments with a ping between them", {
            [frame(0x01, b"a", MASK), frame(0x89, b"ping", MASK), frame(0x80, b"b", MASK)].concat()
        }),
        ("a message of a thousand frames", {
            let rest = (0..1_000).flat_map(|_| frame(0x00, b"*", MASK));
            frame(0x02, b"*", MASK).into_iter().chain(rest).chain(frame(0x80, b"", MASK)).collect()
        }),
        ("reserved bits", frame(0xf1, b"x", MASK)),
        ("an unknown opcode", frame(0x8f, b"x", MASK)),
        ("a text that is no UTF-8", frame(0x81, b"\xce\xba\xed\xa0\x80", MASK)),
        ("a compressed message", frame(0xc1, &deflated, MASK)),
        ("pings and pongs nobody asked for", {
            (0..50).flat_map(|n| frame(0x89 + n % 2, &[n; 125], MASK)).collect()
        }),
        ("a ping that is too long", frame(0x89, &[7; 126], MASK)),
        ("bytes that are no frames", (0..=255).cycle().take(9_999).collect()),
    ] {
        for cut in [usize::MAX, 1] {
            let mut client = SocketClient::open(double.addr, "/echo", &[]);
            for piece in bytes.chunks(cut.min(bytes.len())).take(5_000) {
                client.raw.send(piece);
            }
            let sent = bytes.len().min(cut.min(bytes.len()).saturating_mul(5_000));
            let heard = client.raw.read_exact(sent);
            assert!(heard.as_deref() == Some(&bytes[..sent]), "{name}, cut at {cut}");
        }
    }
}

#[test]
fn a_message_of_sixteen_mebibytes_passes_whole() {
    let backend = socket_backend("", |server| {
        while let Some((kind, message)) = server.hear() {
            server.send(kind, &message);
        }
    });
    let double = Double::in_front_of(backend.url());
    let message: Vec<u8> = (0..16 << 20).map(|at: u32| (at ^ at >> 11) as u8).collect();
    let mut client = SocketClient::open(double.addr, "/large", &[]);
    let frames = frame(0x82, &message, MASK);
    std::thread::scope(|scope| {
        let mut sender = client.raw.stream().try_clone().unwrap();
        scope.spawn(move || sender.write_all(&frames).unwrap());
        let (kind, heard) = client.frame().unwrap();
        assert_eq!(kind, BINARY);
        assert!(heard == message);
    });
    client.send(TEXT, b"and on");
    assert_eq!(client.text(), "and on");
    assert_eq!(client.close(1000), Some(1000));
    double.flush();
    assert_eq!(double.observations("GET /large"), 1);
    let stats = double.learning().counters();
    let dropped = stats.dropped_budget.load(std::sync::atomic::Ordering::SeqCst);
    assert_eq!(dropped, 0);
}

#[test]
fn close_codes_and_reasons_pass_in_both_directions() {
    for code in [1000_u16, 1001, 1003, 1008, 1011, 3000, 4999] {
        let backend = socket_backend("", move |server| {
            if let Some((_, said)) = server.hear()
                && said == b"close"
            {
                server.close(code, "because");
            }
        });
        let double = Double::in_front_of(backend.url());
        let mut client = SocketClient::open(double.addr, "/bye", &[]);
        assert_eq!(client.close(code), Some(code), "by the client");
        let mut client = SocketClient::open(double.addr, "/bye", &[]);
        client.send(TEXT, b"close");
        let (kind, payload) = client.frame().unwrap();
        assert_eq!((kind, &payload[2..]), (CLOSE, &b"because"[..]));
        assert_eq!(payload[..2], code.to_be_bytes());
    }
}

#[test]
fn a_compressed_conversation_passes_untouched_and_is_learned() {
    let extension = "sec-websocket-extensions: permessage-deflate; server_no_context_takeover; \
                     client_no_context_takeover\r\n";
    let deflate = |text: &str| {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.flush().unwrap();
        let mut bytes = encoder.get_ref().clone();
        assert!(bytes.ends_with(&[0, 0, 0xff, 0xff]));
        bytes.truncate(bytes.len() - 4);
        bytes
    };
    // The threads of backends have small stacks, which a compressor does not fit into.
    let welcome = frame(0xc1, &deflate(r#"{"type":"welcome"}"#), None);
    let backend = socket_backend(extension, move |server| {
        server.raw.write(&welcome);
        while let Some((_, message)) = server.hear() {
            server.raw.write(&frame(0xc1, &message, None));
        }
    });
    let double = Double::in_front_of(backend.url());
    for n in 0..12 {
        let offer = [("sec-websocket-extensions", "permessage-deflate")];
        let mut client = SocketClient::open(double.addr, "/zipped", &offer);
        assert!(client.answer.get("sec-websocket-extensions").is_some(), "the offer passes");
        assert_eq!(client.frame(), Some((TEXT, deflate(r#"{"type":"welcome"}"#))));
        let call = deflate(&format!(r#"{{"type":"call","id":{n}}}"#));
        client.raw.send(&frame(0xc1, &call, MASK));
        assert_eq!(client.frame(), Some((TEXT, call)));
        assert_eq!(client.close(1000), Some(1000));
    }
    double.flush();
    let offer = [("sec-websocket-extensions", "permessage-deflate")];
    let mut client = SocketClient::mocked(double.addr, "/zipped", &offer);
    assert_eq!(client.answer.get("sec-websocket-extensions"), None);
    assert_eq!(client.json()["type"], "welcome");
    client.send(TEXT, br#"{"type":"call","id":77}"#);
    assert_eq!(client.json()["id"], 77);
    client.send(PING, b"p");
    assert_eq!(client.frame(), Some((PONG, b"p".to_vec())));
}

use proptest::prelude::*;

use super::*;

const GET: HeadContext = HeadContext { head_request: false, tunnel: false };
const HEAD: HeadContext = HeadContext { head_request: true, tunnel: false };
const TUNNEL: HeadContext = HeadContext { head_request: false, tunnel: true };

fn parse(lines: &str, context: HeadContext) -> Result<ResponseHead, HeadError> {
    let text = format!("{}\r\n\r\n", lines.replace('|', "\r\n"));
    match parse_head(text.as_bytes(), context)? {
        HeadOutcome::Final { length, head } => {
            assert_eq!(length, text.len());
            Ok(head)
        }
        other => panic!("{lines}: {other:?}"),
    }
}

#[test]
fn the_boundary_of_a_body_follows_rfc_9112() {
    fn check(lines: &str, context: HeadContext, framing: Framing, keep_alive: bool) {
        let head = parse(lines, context).unwrap_or_else(|fault| panic!("{lines}: {fault}"));
        assert_eq!((head.framing, head.keep_alive), (framing, keep_alive), "{lines}");
    }
    let ok = "HTTP/1.1 200 OK|";
    check(&format!("{ok}Content-Length: 5"), GET, Framing::Length(5), true);
    check(&format!("{ok}Content-Length: 5|Connection: a, Close"), GET, Framing::Length(5), false);
    check(&format!("{ok}Content-Length: 0"), GET, Framing::Length(0), true);
    check(&format!("{ok}Content-Length: 5|content-length: 5"), GET, Framing::Length(5), true);
    check(&format!("{ok}Content-Length: 5, 5,5"), GET, Framing::Length(5), true);
    check(&format!("{ok}Transfer-Encoding: Chunked"), GET, Framing::Chunked, true);
    check(
        &format!("{ok}Content-Length: 3|Transfer-Encoding: chunked"),
        GET,
        Framing::Chunked,
        false,
    );
    check(&format!("{ok}X: y"), GET, Framing::UntilClose, false);
    check("HTTP/1.0 200 OK|Content-Length: 5", GET, Framing::Length(5), false);
    check(
        "HTTP/1.0 200 OK|Content-Length: 5|Connection: keep-alive",
        GET,
        Framing::Length(5),
        true,
    );
    check("HTTP/1.0 200 OK|X: y", GET, Framing::UntilClose, false);
    check("HTTP/1.1 204 No|Content-Length: 5", GET, Framing::Bodiless, true);
    check("HTTP/1.1 304 Not|Content-Length: 5", GET, Framing::Bodiless, true);
    check("HTTP/1.1 304 Not|Transfer-Encoding: chunked", GET, Framing::Bodiless, true);
    check(&format!("{ok}Content-Length: 5"), HEAD, Framing::Bodiless, true);
    check(&format!("{ok}Transfer-Encoding: chunked"), HEAD, Framing::Bodiless, true);
    check("HTTP/1.1 101 Switch|Upgrade: x", TUNNEL, Framing::Tunnel, false);
    check("HTTP/1.1 403 No|Content-Length: 2", TUNNEL, Framing::Length(2), true);
}

#[test]
fn heads_that_leave_room_for_two_opinions_are_faults() {
    fn check(lines: &str, context: HeadContext, fault: HeadError) {
        assert_eq!(parse(lines, context), Err(fault), "{lines}");
    }
    let ok = "HTTP/1.1 200 OK|";
    for length in
        ["5|Content-Length: 6", "5, 6", "+5", "-5", "", "5 5", "0x5", "5,", "99999999999999999999"]
    {
        check(&format!("{ok}Content-Length: {length}"), GET, HeadError::ContentLength);
    }
    for coding in [
        "gzip, chunked",
        "chunked, chunked",
        "identity",
        "xchunked",
        "chunked|Transfer-Encoding: chunked",
        "",
    ] {
        check(&format!("{ok}Transfer-Encoding: {coding}"), GET, HeadError::TransferEncoding);
    }
    check("HTTP/1.0 200 OK|Transfer-Encoding: chunked", GET, HeadError::TransferEncoding);
    check("HTTP/1.1 101 Switch|Upgrade: x", GET, HeadError::UnsolicitedUpgrade);
    check("HTTP/2 200 OK", GET, HeadError::Syntax);
    check("HTTP/1.1 20 OK", GET, HeadError::Syntax);
    check("SSH-2.0-OpenSSH", GET, HeadError::Syntax);
    check(&format!("{ok}Na me: x"), GET, HeadError::Syntax);
    check(&format!("{ok}Name : x"), GET, HeadError::Syntax);
    check(&format!("{ok}X: a\rb"), GET, HeadError::Syntax);
    check(&format!("{ok}X: a\0b"), GET, HeadError::Syntax);
    check(&format!("{ok}X: a| folded"), GET, HeadError::Syntax);
    check(
        &format!("{ok}{}", "X: y|".repeat(HEADER_FIELDS_MAX + 1).trim_end_matches('|')),
        GET,
        HeadError::TooManyFields,
    );
}

#[test]
fn fields_keep_order_and_repetition_and_lose_framing() {
    let head =
        parse("HTTP/1.1 200 OK|B: 1|Content-Length: 1|a: |B: 2|Set-Cookie: x=y;  z", GET).unwrap();
    let fields: Vec<_> =
        head.headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
    assert_eq!(fields, [("b", "1"), ("a", ""), ("b", "2"), ("set-cookie", "x=y;  z")]);
    assert_eq!(head.declared_length, Some(1));
}

#[test]
fn interim_heads_are_told_from_final_ones() {
    let glued = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n\r\n";
    let Ok(HeadOutcome::Interim { length, .. }) = parse_head(glued, GET) else { panic!() };
    assert!(glued[length..].starts_with(b"HTTP/1.1 200"));
    assert!(matches!(
        parse_head(b"HTTP/1.1 100 Continue\r\n\r\n", GET),
        Ok(HeadOutcome::Interim { .. })
    ));
}

#[test]
fn an_endless_head_is_refused() {
    let endless = [b"HTTP/1.1 200 OK\r\nX: ".to_vec(), vec![b'a'; HEAD_BYTES_MAX]].concat();
    assert_eq!(parse_head(&endless, GET), Err(HeadError::TooLarge));
}

proptest! {
    #[test]
    fn a_head_is_whole_only_at_its_end(
        fields in prop::collection::vec(("[A-Za-z-]{1,10}", "[!-~]{0,20}"), 0..8),
        length in 0_u64..1_000_000,
        surplus in prop::collection::vec(any::<u8>(), 0..20),
    ) {
        let mut text = b"HTTP/1.1 200 OK\r\n".to_vec();
        for (name, value) in &fields {
            text.extend(format!("X{name}: {value}\r\n").bytes());
        }
        text.extend(format!("Content-Length: {length}\r\n\r\n").bytes());
        let end = text.len();
        for cut in 0..end {
            prop_assert_eq!(parse_head(&text[..cut], GET), Ok(HeadOutcome::Partial));
        }
        text.extend(surplus);
        let Ok(HeadOutcome::Final { length: found, head }) = parse_head(&text, GET) else {
            return Err(TestCaseError::fail("not final"));
        };
        prop_assert_eq!(found, end);
        prop_assert_eq!(head.framing, Framing::Length(length));
        for ((name, value), (parsed, kept)) in fields.iter().zip(&head.headers) {
            prop_assert_eq!(format!("x{}", name.to_ascii_lowercase()), parsed.as_str());
            prop_assert_eq!(value.as_bytes(), kept.as_bytes());
        }
    }

    #[test]
    fn no_bytes_make_the_parser_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        prefixed in any::<bool>(),
    ) {
        let start: &[u8] = if prefixed { b"HTTP/1.1 200 OK\r\n" } else { b"" };
        let _ = parse_head(&[start, &bytes].concat(), TUNNEL);
    }
}

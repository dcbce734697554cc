use proptest::prelude::*;

use super::*;

const GET: &str = "GET / HTTP/1.1\r\nhost: d\r\n\r\n";
const POST: &str = "POST / HTTP/1.1\r\nhost: d\r\n";

/// Scans `input` given in pieces that end at `cuts`; the scanner, or the offset of the fault.
fn scan(input: &[u8], cuts: &[usize]) -> Result<RequestScanner, (usize, bool)> {
    let mut scanner = RequestScanner::default();
    let mut start = 0;
    for end in cuts.iter().copied().filter(|cut| *cut <= input.len()).chain([input.len()]) {
        let end = end.max(start);
        while start < end {
            start += scanner
                .advance(&input[start..end])
                .map_err(|fault| (start + fault.passed, fault.in_body))?;
        }
    }
    Ok(scanner)
}

#[test]
fn requests_are_told_apart() {
    fn check(bodies: &[&str]) {
        let input = format!("{}{GET}", bodies.concat());
        let mut scanner = RequestScanner::default();
        for body in bodies {
            assert_eq!(scanner.advance(format!("{body}{GET}").as_bytes()), Ok(body.len()));
        }
        for cut in 0..=input.len() {
            let scanner = scan(input.as_bytes(), &[cut]).unwrap_or_else(|at| {
                panic!("{input:?} cut at {cut}: {at:?}");
            });
            assert_eq!(scanner.requests(), bodies.len() as u64 + 1, "{input:?} cut at {cut}");
            assert!(!scanner.is_in_head());
        }
    }
    check(&[]);
    check(&[GET, GET]);
    check(&[&format!("{POST}Content-Length:  5 \r\n\r\nhello")]);
    check(&[&format!("{POST}content-length: 0\r\n\r\n")]);
    check(&[&format!("{POST}content-length: {}\r\n\r\n{GET}", GET.len()), GET]);
    let chunked = format!("{POST}transfer-encoding: Chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\n");
    check(&[&format!("{chunked}\r\n")]);
    check(&[&format!("{chunked}x-sum: 1\r\n\r\n"), GET]);
    check(&["GET / HTTP/1.0\r\n\r\n", "OPTIONS * HTTP/1.1\r\nhost: d\r\nupgrade: h2c\r\n\r\n"]);
}

#[test]
fn empty_lines_before_a_request_are_none() {
    assert_eq!(scan(format!("\r\n\r\n{GET}").as_bytes(), &[]).unwrap().requests(), 1);
}

#[test]
fn behind_a_tunnels_head_nothing_is_a_request() {
    for head in [
        "GET / HTTP/1.1\r\nhost: d\r\nupgrade: WebSocket\r\nconnection: upgrade\r\n\r\n",
        "CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\n",
    ] {
        let scanner = scan(format!("{head}\n \0{GET}").as_bytes(), &[]).unwrap();
        assert_eq!(scanner.requests(), 1, "{head}");
    }
}

#[test]
fn what_two_readers_could_read_differently_is_a_fault() {
    fn check(head: &str) {
        let input = format!("{head}{GET}");
        let fault = scan(input.as_bytes(), &[]).expect_err(head);
        assert!(!fault.1 && fault.0 < head.len(), "{head:?}: {fault:?}");
        for cut in 0..head.len() {
            assert_eq!(scan(input.as_bytes(), &[cut]).expect_err(head), fault, "{head:?}");
        }
    }
    check("GET / HTTP/1.1\nhost: d\r\n\r\n");
    check("GET / HTTP/1.1\r\nhost: d\n\r\n");
    check("GET / HTTP/1.1\r\nhost: d\r\n\n");
    check("\nGET / HTTP/1.1\r\nhost: d\r\n\r\n");
    check("GET / HTTP/1.1\r\n host: d\r\n\r\n");
    check("GET / HTTP/1.1\r\nhost: d\r\nx: y\r\n\tz\r\n\r\n");
    check("GET / HTTP/1.1\r\nno colon\r\n\r\n");
    check("POST / HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n");
    for fields in [
        "content-length: 5\r\ncontent-length: 5",
        "content-length: 5\r\ncontent-length: 6",
        "content-length: 5, 5",
        "content-length: +5",
        "content-length: -5",
        "content-length: 0x5",
        "content-length: ",
        "content-length: 5 5",
        "content-length: 99999999999999999999",
        "content-length: 5\r\ntransfer-encoding: chunked",
        "transfer-encoding: chunked\r\ncontent-length: 0",
        "transfer-encoding: chunked\r\ntransfer-encoding: chunked",
        "transfer-encoding: gzip, chunked",
        "transfer-encoding: identity",
        "transfer-encoding: xchunked",
        "transfer-encoding: ",
    ] {
        check(&format!("{POST}{fields}\r\n\r\n"));
    }
}

#[test]
fn faults_in_chunks_are_faults_of_the_body() {
    for body in [
        "0x1\r\na\r\n0\r\n\r\n",
        "1 \r\na\r\n0\r\n\r\n",
        "1\na\r\n0\r\n\r\n",
        "1\r\nab\r\n0\r\n\r\n",
        "0\r\nGET /x HTTP/1.1\r\n\r\n",
        "0\r\nx: y\n\r\n",
        "0\r\n x: y\r\n\r\n",
        "0\r\n\n",
    ] {
        let head = format!("{POST}transfer-encoding: chunked\r\n\r\n");
        let (at, in_body) = scan(format!("{head}{body}{GET}").as_bytes(), &[]).expect_err(body);
        assert!(in_body && (head.len()..head.len() + body.len()).contains(&at), "{body:?}: {at}");
    }
}

/// A head that got as far as its fault is refused by the server side at the next NUL: that is how
/// the scanner's verdict is made known to it.
#[test]
fn a_nul_anywhere_in_a_head_is_refused_by_the_server_sides_parser() {
    let head = format!("\r\n{POST}X-Y:  a b \r\ncontent-length: 5\r\n\r\n");
    for cut in 0..head.len() - 1 {
        let mut bytes = head.as_bytes()[..cut].to_vec();
        bytes.extend(b"\0");
        let mut fields = [httparse::EMPTY_HEADER; 16];
        let outcome = httparse::Request::new(&mut fields).parse(&bytes);
        assert!(outcome.is_err(), "{:?}: {outcome:?}", String::from_utf8_lossy(&bytes));
    }
}

/// What passes of a head that comes in one read.
fn passed(head: &str) -> (String, HeadFacts) {
    let mut bytes = head.as_bytes().to_vec();
    let mut scanner = RequestScanner::default();
    scanner.advance(&bytes).unwrap();
    for part in scanner.erased().to_vec() {
        bytes[part].fill(b' ');
    }
    (String::from_utf8(bytes).unwrap(), scanner.facts())
}

#[test]
fn offers_of_other_protocols_than_websocket_do_not_pass() {
    let head = "GET / HTTP/1.1\r\nConnection: keep-alive, Upgrade, HTTP2-Settings\r\n\
        HTTP2-Settings: AAEA\r\nUpgrade: h2c\r\nhost: a\r\n\r\n";
    let (text, _) = passed(head);
    assert_eq!(text.len(), head.len());
    let connection = text.lines().find(|line| line.starts_with("Connection")).unwrap();
    assert_eq!(connection.split_once(':').unwrap().1.replace(' ', ""), "keep-alive,,");
    assert!(text.lines().any(|line| line.trim_end() == "Upgrade:"), "{text}");
    let websocket =
        "GET / HTTP/1.1\r\nconnection: Upgrade\r\nupgrade: WebSocket\r\nhost: a\r\n\r\n";
    assert_eq!(passed(websocket).0, websocket);
}

#[test]
fn what_a_head_says_to_this_connection_is_noted() {
    let (text, facts) =
        passed("PUT / HTTP/1.1\r\nexpect: 100-Continue\r\nte: gzip, trailers\r\n\r\n");
    assert!(!text.to_ascii_lowercase().contains("100-continue"));
    assert!(facts.expects_continue && facts.accepts_trailers && facts.http_1_1);
    let old = "PUT / HTTP/1.0\r\nexpect: 100-continue\r\n\r\n";
    assert_eq!(passed(old), (old.to_owned(), HeadFacts::default()));
}

proptest! {
    #[test]
    fn cuts_never_change_the_outcome(
        pieces in prop::collection::vec(
            prop::sample::select(vec![
                "GET / HTTP/1.1\r\n", "POST / HTTP/1.1\r\n", "host: d\r\n", "\r\n", "\n", "\r", " ",
                "content-length: 3\r\n", "transfer-encoding: chunked\r\n", "3\r\n", "abc", "0\r\n",
                "x: y\r\n", "abc\r\n", "upgrade: websocket\r\n",
            ]),
            0..14,
        ),
        cuts in prop::collection::vec(0_usize..160, 0..8),
    ) {
        let input = pieces.concat().into_bytes();
        let mut cuts = cuts;
        cuts.sort_unstable();
        let outcome = |cuts: &[usize]| scan(&input, cuts)
            .map(|scanner| (scanner.requests(), scanner.is_in_head()))
            .map_err(|(at, in_body)| (if in_body { 0 } else { at }, in_body));
        prop_assert_eq!(outcome(&cuts), outcome(&[]));
    }

    /// Whatever passes the scanner ends where the server side's parser ends it.
    #[test]
    fn the_server_sides_parser_ends_heads_at_the_same_place(
        lines in prop::collection::vec("[A-Za-z-]{1,6}: ?[ -~\t]{0,8}", 0..5),
        ends in prop::collection::vec(prop::sample::select(vec!["\r\n", "\r\n", "\r\n", "\n"]), 7),
    ) {
        let mut input = format!("GET / HTTP/1.1{}", ends[0]);
        for (line, end) in lines.iter().zip(&ends[1..]) {
            input.push_str(line);
            input.push_str(end);
        }
        input.push_str("\r\n");
        input.push_str("rest");
        let mut fields = [httparse::EMPTY_HEADER; 16];
        let parsed = httparse::Request::new(&mut fields).parse(input.as_bytes());
        if let (Ok(scanner), Ok(httparse::Status::Complete(end))) =
            (scan(&input.as_bytes()[..input.len() - 4], &[]), parsed)
        {
            prop_assert_eq!(scanner.requests(), 1);
            prop_assert_eq!(end, input.len() - 4);
        }
    }
}

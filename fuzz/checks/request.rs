//! The request scanner: never panics, never depends on where reads are cut, and never ends a head
//! elsewhere than the parser of the server side does.

use stunt_double::http::framing::RequestScanner;

/// Requests and where the last of them ended, up to the first fault.
fn scan(pieces: &[&[u8]]) -> (u64, bool, usize) {
    let mut scanner = RequestScanner::default();
    let (mut at, mut end) = (0, 0);
    for piece in pieces {
        let mut rest = *piece;
        while !rest.is_empty() {
            let Ok(used) = scanner.advance(rest) else { return (scanner.requests(), true, end) };
            assert!((1..=rest.len()).contains(&used));
            rest = &rest[used..];
            at += used;
            if scanner.is_between() {
                end = at;
            }
        }
    }
    (scanner.requests(), false, end)
}

/// One input of the fuzzer.
pub fn check(input: &[u8]) {
    let Some((cut, input)) = input.split_first() else { return };
    let (start, rest) = input.split_at(usize::from(*cut).min(input.len()));
    assert_eq!(scan(&[input]), scan(&[start, rest]));
    let mut fields = [httparse::EMPTY_HEADER; 96];
    let parsed = httparse::Request::new(&mut fields).parse(input);
    let Ok(httparse::Status::Complete(end)) = parsed else { return };
    // The head is whole for the server side: for the scanner it is, too, or it is a fault.
    let mut scanner = RequestScanner::default();
    let mut at = 0;
    while scanner.requests() == 0 && at < end {
        match scanner.advance(&input[at..end]) {
            Ok(used) => at += used,
            Err(fault) => return assert!(!fault.in_body && at + fault.passed < end),
        }
    }
    assert_eq!((scanner.requests(), at), (1, end));
}

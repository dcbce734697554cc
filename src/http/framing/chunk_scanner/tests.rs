use proptest::prelude::*;

use super::*;

/// Scans `input` given in pieces that end at `cuts`; the data, and how much was consumed.
fn scan(input: &[u8], cuts: &[usize]) -> Result<(Vec<u8>, Option<usize>), ChunkError> {
    let mut scanner = ChunkScanner::default();
    let mut data = Vec::new();
    let mut start = 0;
    for end in cuts.iter().copied().filter(|cut| *cut <= input.len()).chain([input.len()]) {
        let mut at = start;
        while at < end {
            let (used, piece) = scanner.advance(&input[at..end])?;
            at += used;
            match piece {
                ChunkPiece::NeedMore => assert_eq!(at, end),
                ChunkPiece::Data(bytes) => data.extend_from_slice(bytes),
                ChunkPiece::End => return Ok((data, Some(at))),
            }
        }
        start = start.max(end);
    }
    // The very end may have been consumed with the last data.
    Ok((data, scanner.is_complete().then_some(input.len())))
}

#[test]
fn bodies_end_where_the_grammar_says() {
    fn check(input: &[u8], data: &[u8], end: usize) {
        for cut in 0..=input.len() {
            let scanned = scan(input, &[cut]).unwrap();
            assert_eq!(scanned, (data.to_vec(), Some(end)), "cut at {cut}");
        }
    }
    check(b"0\r\n\r\n", b"", 5);
    check(b"3\r\nabc\r\n0\r\n\r\nHTTP/1.1", b"abc", 13);
    check(b"3;a=b;c=\"d\"\r\nabc\r\nA\r\n0123456789\r\n00\r\n\r\n", b"abc0123456789", 39);
    check(b"1\r\na\r\n0\r\nX-Sum: 1\r\nY: \r\n\r\n", b"a", 26);
}

#[test]
fn ambiguous_framing_is_a_fault() {
    fn check(input: &[u8], fault: ChunkError) {
        assert_eq!(scan(input, &[]), Err(fault), "{:?}", String::from_utf8_lossy(input));
    }
    check(b"\r\n", ChunkError::Size);
    check(b" 3\r\n", ChunkError::Size);
    check(b"3 \r\n", ChunkError::Size);
    check(b"0x3\r\n", ChunkError::Size);
    check(b"+3\r\n", ChunkError::Size);
    check(b"-1\r\n", ChunkError::Size);
    check(b"3\nabc", ChunkError::Size);
    check(b"3\rabc", ChunkError::Size);
    check(b"g\r\n", ChunkError::Size);
    check(b"11111111111111111\r\n", ChunkError::SizeOverflow);
    check(b"00000000000000003\r\n", ChunkError::SizeOverflow);
    check(b"3;a\nb\r\n", ChunkError::Extension);
    check(b"3;\x00\r\n", ChunkError::Extension);
    check(b"3\r\nabcd", ChunkError::DataEnd);
    check(b"3\r\nabc\n", ChunkError::DataEnd);
    check(b"3\r\nabc\rx", ChunkError::DataEnd);
    check(b"0\r\n\n", ChunkError::Trailer);
    check(b"0\r\n: x\r\n", ChunkError::Trailer);
    check(b"0\r\nGET / HTTP/1.1\r\n", ChunkError::Trailer);
    check(b"0\r\nX: a\n\r\n", ChunkError::Trailer);
    check(b"0\r\nX : a\r\n", ChunkError::Trailer);
}

#[test]
fn sizes_of_answers_may_be_padded_and_nothing_else() {
    fn read(input: &[u8]) -> Result<Vec<u8>, ChunkError> {
        let mut scanner = ChunkScanner::of_response();
        let (mut data, mut rest) = (Vec::new(), input);
        loop {
            let (used, piece) = scanner.advance(rest)?;
            rest = &rest[used..];
            match piece {
                ChunkPiece::Data(bytes) => data.extend_from_slice(bytes),
                ChunkPiece::NeedMore => panic!("{input:?} did not end"),
                ChunkPiece::End => return Ok(data),
            }
        }
    }
    assert_eq!(read(b"5 \r\nhello\r\n0  \t \r\n\r\n"), Ok(b"hello".to_vec()));
    assert_eq!(read(b"5   ;a=b\r\nhello\r\n0\r\n\r\n"), Ok(b"hello".to_vec()));
    let padded = [b"1".to_vec(), b" ".repeat(300), b"\r\n".to_vec()].concat();
    // As hyper reads answers: blanks before or within a size, and a line feed alone, are faults.
    for broken in [b" 5\r\n".as_slice(), b"5 1\r\n", b"5 \n", b"5\nhello", &padded] {
        assert_eq!(read(broken), Err(ChunkError::Size), "{:?}", String::from_utf8_lossy(broken));
    }
    assert_eq!(read(b"1\r\na\n"), Err(ChunkError::DataEnd));
    assert_eq!(read(b"0\r\n\n"), Err(ChunkError::Trailer));
}

#[test]
fn trailers_are_kept_when_asked_for() {
    let input = b"1\r\na\r\n0\r\nX-Sum: 1\r\nY: \r\n\r\n";
    for cut in 0..input.len() {
        let mut scanner = ChunkScanner::default().keeping_trailers();
        for part in [&input[..cut], &input[cut..]] {
            let mut rest = part;
            while !rest.is_empty() {
                let (used, _) = scanner.advance(rest).unwrap();
                rest = &rest[used..];
            }
        }
        assert_eq!(scanner.take_trailers(), b"X-Sum: 1\r\nY: \r\n", "cut at {cut}");
    }
}

#[test]
fn extensions_and_trailers_are_bounded() {
    let long = [b"3;".to_vec(), vec![b'a'; 300]].concat();
    assert_eq!(scan(&long, &[]), Err(ChunkError::Extension));
    let long = [b"0\r\n".to_vec(), b"X: y\r\n".repeat(3000)].concat();
    assert_eq!(scan(&long, &[]), Err(ChunkError::TrailerTooLong));
}

proptest! {
    #[test]
    fn whatever_is_chunked_comes_out_whole_at_any_cut(
        chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..40), 0..6),
        extensions in prop::collection::vec("(;[a-z]{1,5}(=[a-z0-9]{1,5})?)?", 7),
        trailers in prop::collection::vec("[A-Za-z-]{1,8}: ?[ -~]{0,12}", 0..3),
        surplus in prop::collection::vec(any::<u8>(), 0..20),
        cuts in prop::collection::vec(0_usize..300, 0..5),
    ) {
        let mut input = Vec::new();
        for (chunk, extension) in chunks.iter().zip(&extensions) {
            input.extend(format!("{:X}{extension}\r\n", chunk.len()).bytes());
            input.extend(chunk);
            input.extend(b"\r\n");
        }
        input.extend(format!("0{}\r\n", extensions[6]).bytes());
        for trailer in &trailers {
            input.extend(format!("{trailer}\r\n").bytes());
        }
        input.extend(b"\r\n");
        let end = input.len();
        input.extend(surplus);
        let mut cuts = cuts;
        cuts.sort_unstable();
        prop_assert_eq!(scan(&input, &cuts), Ok((chunks.concat(), Some(end))));
    }

    #[test]
    fn cuts_never_change_the_outcome(
        input in prop::collection::vec(prop::sample::select(b"01F;= \r\n:xX\0\t".to_vec()), 0..60),
        cuts in prop::collection::vec(0_usize..60, 0..8),
    ) {
        let mut cuts = cuts;
        cuts.sort_unstable();
        prop_assert_eq!(scan(&input, &cuts), scan(&input, &[]));
    }

    #[test]
    fn a_body_that_is_cut_is_never_complete(
        chunk in prop::collection::vec(any::<u8>(), 1..40),
        keep in 0.0_f64..1.0,
    ) {
        let size = format!("{:x}\r\n", chunk.len());
        let whole = [size.as_bytes(), &chunk, b"\r\n0\r\n\r\n"].concat();
        let cut = (whole.len() as f64 * keep) as usize;
        prop_assert_eq!(scan(&whole[..cut], &[]).unwrap().1, None);
    }
}

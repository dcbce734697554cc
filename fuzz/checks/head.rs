//! The head rules: never panic, never find a head's end beyond the input, never frame by two rules.

use stunt_double::http::framing::{Framing, HeadContext, HeadOutcome, parse_head};

/// One input of the fuzzer.
pub fn check(input: &[u8]) {
    let Some((flags, input)) = input.split_first() else { return };
    let context = HeadContext { head_request: flags & 1 == 1, tunnel: flags & 2 == 2 };
    match parse_head(input, context) {
        Ok(HeadOutcome::Final { length, head }) => {
            assert!(length <= input.len());
            assert!(
                !context.head_request
                    || head.framing == Framing::Bodiless
                    || head.framing == Framing::Tunnel
            );
            assert!(
                !head.keep_alive || !matches!(head.framing, Framing::UntilClose | Framing::Tunnel)
            );
            if let Framing::Length(bytes) = head.framing {
                assert_eq!(head.declared_length, Some(bytes));
            }
            // What one read finds, a longer one finds too.
            let longer = [input, b"surplus"].concat();
            let Ok(HeadOutcome::Final { length: again, .. }) = parse_head(&longer, context) else {
                panic!("surplus changed the outcome");
            };
            assert_eq!(length, again);
        }
        Ok(HeadOutcome::Interim { length, .. }) => assert!(length <= input.len()),
        Ok(HeadOutcome::Partial) | Err(_) => {}
    }
}

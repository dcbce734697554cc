//! A client that sends no more: has it closed its side only, or left?
//!
//! The two look alike until something is sent: a client that left answers with a reset. So nothing
//! is done for a moment, in which most answers come; then an interim answer is sent, which any
//! client of HTTP/1.1 skips (RFC 9110, section 15.2), and a reset is looked for.

use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_rt::net::TcpStream;

use crate::http::downstream::timer::Timer;

/// How long an answer may take before it is asked whether anybody waits for it.
const PROBE_AFTER: Duration = Duration::from_millis(250);

/// First pause between two looks for a reset; a client nearby has answered by then.
const LOOK_FIRST: Duration = Duration::from_millis(10);

/// Longest pause between two looks.
const LOOK_MAX: Duration = Duration::from_secs(1);

/// Looks for a reset of a client that cannot be asked, as HTTP/1.0 has no interim answers: some
/// five seconds, after which it counts as gone.
const UNASKED_LOOKS_MAX: u32 = 12;

/// What is known of a client since it ended its side.
#[derive(Default)]
pub struct HalfClosed {
    timer: Option<Timer>,
    looks: u32,
    asked: bool,
}

impl HalfClosed {
    /// Whether the client has ended its side.
    pub fn is_set(&self) -> bool {
        self.timer.is_some()
    }

    /// Ready once the client is known to be gone. `probe` sends it something, where it can.
    pub fn poll_gone(
        &mut self,
        cx: &mut Context<'_>,
        stream: &TcpStream,
        probe: impl Fn() -> bool,
    ) -> Poll<()> {
        let timer = self.timer.get_or_insert_default();
        loop {
            let pause = match self.looks {
                0 => PROBE_AFTER,
                looks => LOOK_FIRST.saturating_mul(1 << looks.min(8)).min(LOOK_MAX),
            };
            ready!(timer.poll(cx, pause));
            timer.due = None;
            if self.looks == 0 {
                self.asked = probe();
            }
            self.looks += 1;
            let reset = !matches!(socket2::SockRef::from(stream).take_error(), Ok(None));
            if reset || (!self.asked && self.looks > UNASKED_LOOKS_MAX) {
                return Poll::Ready(());
            }
        }
    }
}

//! Access logs: paths, statuses and timings, and nothing of what was said.

use std::io::{BufRead, Read};

use super::log_line::{self, LogLine};
use super::{DocumentReport, Taker};
use crate::domain::endpoint::{BackendId, Observation, Provenance};

/// Bytes of a line; what is longer is cut, and then is no line.
const LINE_BYTES_MAX: u64 = 64 << 10;

/// Reads a log line by line; `now_ms` stands for times that it does not tell.
///
/// # Errors
/// When reading fails; a line that cannot be understood is left out instead.
pub fn read(
    mut log: impl BufRead,
    now_ms: i64,
    report: &mut DocumentReport,
    take: &mut Taker<'_>,
) -> Result<(), String> {
    let mut line = Vec::new();
    let mut untimed = 0_u64;
    loop {
        line.clear();
        let read = log.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line);
        if read.map_err(|error| format!("the log cannot be read: {error}"))? == 0 {
            break;
        }
        let text = String::from_utf8_lossy(&line);
        if text.trim().is_empty() {
            continue;
        }
        let Some(exchange) = log_line::parse(&text) else {
            report.leave("not a line of a common, combined or JSON access log");
            continue;
        };
        untimed += u64::from(exchange.total_us.is_none());
        if !take(observation(exchange, now_ms)) {
            return Ok(());
        }
        report.take("exchanges", 1);
    }
    if untimed > 0 {
        report.note(format!("{untimed} lines do not tell how long the answer took"));
    }
    Ok(())
}

fn observation(exchange: LogLine, now_ms: i64) -> Observation {
    let total_us = exchange.total_us.unwrap_or_default();
    Observation {
        at_ms: exchange.at_ms.unwrap_or(now_ms),
        provenance: Provenance::Upstream,
        backend: BackendId::ONLY,
        method: exchange.method.into(),
        path: exchange.path.into(),
        status: exchange.status,
        first_byte_us: total_us,
        total_us,
        sample: None,
    }
}

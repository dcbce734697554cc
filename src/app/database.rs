//! The way to an open database: a PostgreSQL server that is not there yet is waited for.

use std::time::{Duration, Instant};

use crate::config::Settings;
use crate::store::{self, DatabaseUrl, Store, StoreError};

/// Pause between two questions whether the server is there: short enough that the double is up
/// within a second of it.
const ASK_PAUSE: Duration = Duration::from_millis(500);

/// Pause between two lines about waiting: often enough for a person who looks at a start.
const TELL_PAUSE: Duration = Duration::from_secs(5);

/// Opens the database of these settings; a server that is away is waited for as long as they say.
///
/// # Errors
/// As [`store::open`]; after the wait, what the server's absence last looked like.
pub(super) async fn open(
    settings: &Settings,
    url: &DatabaseUrl,
) -> Result<Box<dyn Store>, StoreError> {
    let began = Instant::now();
    let mut told: Option<Instant> = None;
    loop {
        let error = match open_now(settings, url) {
            Err(error) if error.server_is_away() => error,
            outcome => return outcome,
        };
        let left = settings.database_wait.saturating_sub(began.elapsed());
        if left.is_zero() {
            return Err(error);
        }
        if told.is_none_or(|told| told.elapsed() >= TELL_PAUSE) {
            told = Some(Instant::now());
            let left = left.as_secs_f64().ceil();
            log::warn!("database: {error}; waiting for it, {left} s more at most");
        }
        tokio::time::sleep(ASK_PAUSE.min(left)).await;
    }
}

fn open_now(settings: &Settings, url: &DatabaseUrl) -> Result<Box<dyn Store>, StoreError> {
    if !settings.database_wait.is_zero() {
        // Opening asks a server that does not answer for twelve seconds, without a word.
        store::reach(url)?;
    }
    if settings.require_writable { store::open(url) } else { store::open_or_wait(url) }
}

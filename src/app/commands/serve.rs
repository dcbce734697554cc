//! `serve`: the double, until it is told to stop.

use super::{Ended, StopSignals, start, stop};
use crate::config::Settings;

/// Runs the double.
pub async fn run(settings: Settings) -> Result<(), Ended> {
    let mut stopping = StopSignals::listen()?;
    let app = tokio::select! {
        started = start(settings) => started?,
        // A start that waits for its database has nothing to save.
        () = stopping.wait() => return Ok(()),
    };
    stopping.wait().await;
    stop(app).await
}

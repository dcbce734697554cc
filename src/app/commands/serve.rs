//! `serve`: the double, until it is told to stop.

use super::{Ended, StopSignals, start, stop};
use crate::config::Settings;

/// Runs the double.
pub async fn run(settings: Settings) -> Result<(), Ended> {
    let stopping = StopSignals::listen()?;
    let app = start(settings).await?;
    stopping.wait().await;
    stop(app).await
}

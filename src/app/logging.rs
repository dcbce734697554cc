//! Log lines, on stderr: for people or as JSON, never with bodies, tokens, cookies or queries.

use std::io::Write;

use crate::config::LogFormat;

/// Starts logging; `RUST_LOG` says how much: by default `info`, without the workers that the server
/// beneath starts and ends.
pub fn start(format: LogFormat) {
    let env = env_logger::Env::default().default_filter_or("info,actix_server=warn");
    let mut builder = env_logger::Builder::from_env(env);
    if format == LogFormat::Json {
        builder.format(|out, record| {
            let line = serde_json::json!({
                "at": jiff::Timestamp::now().to_string(),
                "level": record.level().as_str().to_lowercase(),
                "target": record.target(),
                "message": record.args().to_string(),
            });
            writeln!(out, "{line}")
        });
    }
    // A second start in one process (tests) keeps the first logger.
    let _already = builder.try_init();
}

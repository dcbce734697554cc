//! Log lines, on stderr: for people or as JSON, never with bodies, tokens, cookies or queries.

use std::io::Write;

use crate::config::LogFormat;

/// How much is logged: without the workers that the server beneath starts and ends, and without the
/// messages of the agents' protocol, whose lines hold what agents say of themselves.
const FILTER: &str = "info,actix_server=warn,rmcp=warn,tracing::span=warn";

/// Starts logging; `RUST_LOG` says how much.
pub fn start(format: LogFormat) {
    let env = env_logger::Env::default().default_filter_or(FILTER);
    let mut builder = env_logger::Builder::from_env(env);
    // The server beneath writes an error for each broken request and each answer that breaks off;
    // the double says so itself, a few times a minute. Who names it in `RUST_LOG` gets its lines.
    let named = std::env::var("RUST_LOG").is_ok_and(|filter| filter.contains("actix_http"));
    if !named {
        builder.filter_module("actix_http", log::LevelFilter::Off);
    }
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

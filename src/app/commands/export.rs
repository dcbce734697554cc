//! `export`: what was learned, written in the notation of others.

use std::io::Write;
use std::path::Path;

use super::Ended;
use super::admin_client::ask_admin;
use crate::app::progress::Progress;
use crate::config::ExportArgs;
use crate::domain::portable::{self, ExportFormat, ExportOptions, PortableModel};
use crate::runtime::clock::now_ms;
use crate::runtime::portable::exports::stored_model;
use crate::store::{self, DatabaseUrl};

/// Writes what was learned.
pub fn run(args: &ExportArgs) -> Result<(), Ended> {
    let progress = Progress::of_wait("what was learned is read and written", false);
    let written = written(args);
    progress.end();
    let written = written?;
    match &args.output {
        Some(file) => std::fs::write(file, written)
            .map_err(|error| Ended::failed(format!("{}: {error}", file.display()))),
        None => Ok(std::io::stdout().write_all(&written)?),
    }
}

fn written(args: &ExportArgs) -> Result<Vec<u8>, Ended> {
    Ok(match (&args.place.url, &args.model) {
        (Some(_), _) => {
            let names = ExportFormat::NAMED.iter();
            let name = names.filter(|(_, format)| *format == args.format).map(|(name, _)| name);
            let seed: String = url::form_urlencoded::byte_serialize(args.seed.as_bytes()).collect();
            let path = format!(
                "/export?format={}&count={}&seed={seed}",
                name.copied().next().unwrap_or("model"),
                args.count,
            );
            ask_admin(&args.place, "GET", &path, &[]).map_err(Ended::failed)?
        }
        (None, Some(file)) => of_model(&read_model(file)?, args),
        (None, None) => of_model(&database_model(&args.place.database_url)?, args),
    })
}

fn of_model(model: &PortableModel, args: &ExportArgs) -> Vec<u8> {
    let options = ExportOptions {
        exchanges: args.count as usize,
        seed: args.seed.clone(),
        at_ms: now_ms(),
        ..ExportOptions::default()
    };
    portable::export(model, args.format, &options)
}

/// Reads a model file.
pub fn read_model(file: &Path) -> Result<PortableModel, Ended> {
    let named = |problem: String| Ended::usage(format!("{}: {problem}", file.display()));
    let bytes = std::fs::read(file).map_err(|error| named(error.to_string()))?;
    PortableModel::read(&bytes).map_err(|error| named(error.to_string()))
}

fn database_model(database_url: &str) -> Result<PortableModel, Ended> {
    let url: DatabaseUrl = database_url.parse().map_err(|error| {
        // The value may hold a password, so it is not repeated.
        Ended::usage(format!("--database-url (DATABASE_URL): {error}"))
    })?;
    let file = database_url.strip_prefix("sqlite://").filter(|file| *file != ":memory:");
    if file.is_some_and(|file| !Path::new(file).exists()) {
        return Err(Ended::usage("--database-url (DATABASE_URL): no such database"));
    }
    let opened = store::open(&url).and_then(|mut store| store.load());
    let stored = opened.map_err(|error| {
        Ended::failed(format!("database: {error}; for a double that runs, use --url"))
    })?;
    Ok(stored_model(&stored))
}

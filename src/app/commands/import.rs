//! `import`: documents of others, taken into a running double or a database.

use std::path::Path;

use super::admin_client::ask_admin;
use super::{App, Ended};
use crate::app::progress::Progress;
use crate::config::{ImportArgs, settings_of};
use crate::domain::portable::import::{DocumentReport, ImportFormat};
use crate::runtime::portable::imports::ImportSource;

/// Takes the files in, and says of each what became of it.
pub fn run(args: ImportArgs) -> Result<(), Ended> {
    let reports = if args.place.url.is_some() {
        args.files.iter().map(|file| send(file, &args)).collect::<Result<Vec<_>, _>>()?
    } else {
        actix::System::new().block_on(into_database(&args))?
    };
    if args.json {
        let text = serde_json::to_string_pretty(&reports);
        println!("{}", text.map_err(|error| Ended::failed(error.to_string()))?);
        return Ok(());
    }
    for (file, report) in args.files.iter().zip(&reports) {
        println!("{}: {}", file.display(), report.line());
        report.notes.iter().for_each(|note| println!("  note: {note}"));
    }
    Ok(())
}

fn send(file: &Path, args: &ImportArgs) -> Result<DocumentReport, Ended> {
    let named = |problem: String| Ended::failed(format!("{}: {problem}", file.display()));
    let bytes = std::fs::read(file).map_err(|error| named(error.to_string()))?;
    let format = args.format.map(ImportFormat::name);
    let query = format.map_or_else(String::new, |format| format!("?format={format}"));
    let path = format!("/import{query}");
    let progress = Progress::of_wait(format!("{} is learned", file.display()), args.json);
    let answer = ask_admin(&args.place, "POST", &path, &bytes);
    progress.end();
    let answer = answer.map_err(named)?;
    serde_json::from_slice(&answer).map_err(|error| named(error.to_string()))
}

async fn into_database(args: &ImportArgs) -> Result<Vec<DocumentReport>, Ended> {
    let url = &args.place.database_url;
    let place = ["--listen", "127.0.0.1:0", "--database-url", url, "--database-wait-s", "0"];
    let settings = settings_of(&place);
    let app = App::start(settings.map_err(Ended::usage)?).await?;
    let mut reports = Vec::new();
    let mut failed = None;
    for file in &args.files {
        let opened = opened(file, args.json);
        let imported = match opened {
            Ok((progress, source)) => {
                let imported = app.imports().import(source, args.format, "import").await;
                progress.end();
                imported.map_err(|error| error.to_string())
            }
            Err(error) => Err(error.to_string()),
        };
        match imported {
            Ok(report) => reports.push(report),
            Err(error) => {
                failed = Some(Ended::failed(format!("{}: {error}", file.display())));
                break;
            }
        }
    }
    app.stop().await.map_err(Ended::failed)?;
    failed.map_or(Ok(reports), Err)
}

/// A document to be read, with a line that shows how far that has come.
pub fn opened(file: &Path, is_quiet: bool) -> std::io::Result<(Progress, ImportSource)> {
    let what = file.display().to_string();
    let (progress, stream) = Progress::of_file(std::fs::File::open(file)?, what, is_quiet);
    Ok((progress, ImportSource::Stream(Box::new(stream))))
}

//! Learns the bodies of a benchmark folder and writes what was learned, for its scorer.
//!
//! ```text
//! cargo xtask fidelity bodies DATA/train OUT
//! python3 DATA/score_bodies.py DATA --schemas OUT/schemas --bodies OUT/bodies
//! ```
//!
//! A third argument asks for so many runs: `OUT/bodies-1` then holds the seeds 50 to 99, and so on,
//! so that luck can be told from gain.
//!
//! `DATA/train/<operation>.jsonl.gz` holds one JSON body a line. For each operation `OUT/schemas`
//! gets its JSON Schema and `OUT/bodies` fifty bodies of the seeds 0 to 49. The model goes through
//! its stored form first, so that what is scored is what a restart would know.

use std::error::Error;
use std::fs;
use std::io::{self, Read};
use std::path::Path;

use flate2::read::GzDecoder;
use stunt_double::domain::body::{BodyModel, BodyProgram, BodySample, SynthContext};
use stunt_double::domain::request::RequestView;
use stunt_double::domain::value::limits::ValueLimits;
use stunt_double::domain::value::relation::resource_links::ResourceLinks;

/// Bodies written per operation, as the scorer expects.
const BODIES: u64 = 50;

/// The moment the bodies are said to have been seen: 2026-11-01, after all times in the data.
const SEEN_AT_MS: i64 = 1_793_491_200_000;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args_os().skip(1);
    let (Some(train), Some(out)) = (args.next(), args.next()) else {
        return Err("usage: body_fidelity TRAIN_DIR OUT_DIR [RUNS]".into());
    };
    let (train, out) = (Path::new(&train), Path::new(&out));
    let runs = args.next().map_or(Ok(1), |runs| runs.to_string_lossy().parse())?;
    fs::create_dir_all(out.join("schemas"))?;
    let mut sizes = Vec::new();
    for entry in fs::read_dir(train)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        let Some(operation) = name.strip_suffix(".jsonl.gz") else { continue };
        let mut text = String::new();
        GzDecoder::new(fs::File::open(&path)?).read_to_string(&mut text)?;
        let stored = serde_json::to_vec(&learn(&text))?;
        sizes.push((stored.len(), operation.to_owned()));
        let model: BodyModel = serde_json::from_slice(&stored)?;
        let schema = model.json_schema().ok_or("no JSON body")?;
        fs::write(out.join(format!("schemas/{operation}.json")), schema.to_string())?;
        let program = model.compile(&ResourceLinks::default());
        for run in 0..runs {
            write_bodies(&program, run, operation, out)?;
        }
    }
    sizes.sort_unstable();
    let of = |share: f64| sizes.get((sizes.len() as f64 * share) as usize).map_or(0, |s| s.0);
    println!("operations {} model bytes: median {} p90 {}", sizes.len(), of(0.5), of(0.9));
    if let Some((bytes, operation)) = sizes.last() {
        println!("largest {bytes} ({operation})");
    }
    Ok(())
}

/// Writes the bodies of one run of seeds.
fn write_bodies(program: &BodyProgram, run: u64, operation: &str, out: &Path) -> io::Result<()> {
    let folder = if run == 0 { "bodies".to_owned() } else { format!("bodies-{run}") };
    let folder = out.join(folder);
    fs::create_dir_all(&folder)?;
    let mut lines = Vec::new();
    for seed in run * BODIES..(run + 1) * BODIES {
        let facts = RequestView { at_ms: SEEN_AT_MS, ..RequestView::default() };
        let ctx = SynthContext { seed, now_ms: SEEN_AT_MS, kind: None, request: &facts };
        program.write(&ctx, &mut lines);
        lines.push(b'\n');
    }
    fs::write(folder.join(format!("{operation}.jsonl")), lines)
}

fn learn(lines: &str) -> BodyModel {
    let limits = ValueLimits::default();
    let mut model = BodyModel::default();
    for line in lines.lines().filter(|line| !line.trim().is_empty()) {
        let sample = BodySample {
            content_type: Some("application/json"),
            bytes: line.as_bytes(),
            complete: true,
            total_bytes: line.len() as u64,
        };
        let facts = RequestView { at_ms: SEEN_AT_MS, ..RequestView::default() };
        model.observe(&sample, &facts, &limits);
    }
    model
}

//! Runs the path learner over recorded request logs and writes what it grouped.
//!
//! ```text
//! cargo xtask fidelity paths LOGS_DIR PREDICTIONS_DIR [SIZE,SIZE…]
//! cargo xtask fidelity paths flood
//! ```
//!
//! Reads each `<api>.<size>.log.jsonl.gz` in order and writes `<api>.<size>.pred.jsonl` for the
//! scorer of the path-grouping benchmark: the template answered when a request was seen, and the
//! one after the whole log was seen. `flood` sends a million random paths past a small API and
//! prints what is left of it, what is kept and what it took.

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use flate2::read::GzDecoder;
use serde::{Deserialize, Serialize};
use stunt_double::domain::path::{PathLearner, PathLimits, PathObservation};

#[derive(Deserialize)]
struct Request {
    i: usize,
    method: String,
    path: String,
    status: u16,
}

#[derive(Serialize)]
struct Prediction<'a> {
    request_index: usize,
    template: &'a str,
    first_template: &'a str,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).peekable();
    if arguments.next_if_eq("flood").is_some() {
        return flood();
    }
    let (Some(logs), Some(predictions)) = (arguments.next(), arguments.next()) else {
        return Err("usage: path_fidelity LOGS_DIR PREDICTIONS_DIR [SIZE,SIZE…]".into());
    };
    let sizes = arguments.next().unwrap_or_else(|| "cold,warm,hot,noisy".to_owned());
    fs::create_dir_all(&predictions)?;
    let mut names: Vec<String> = fs::read_dir(&logs)?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.sort();
    for name in names {
        let Some(stem) = name.strip_suffix(".log.jsonl.gz") else { continue };
        if !sizes.split(',').any(|size| stem.ends_with(&format!(".{size}"))) {
            continue;
        }
        let target = Path::new(&predictions).join(format!("{stem}.pred.jsonl"));
        replay(&Path::new(&logs).join(&name), &target)?;
    }
    Ok(())
}

fn replay(log: &Path, target: &Path) -> Result<(), Box<dyn Error>> {
    let mut learner = PathLearner::new(PathLimits::default());
    let mut seen = Vec::new();
    for line in BufReader::new(GzDecoder::new(File::open(log)?)).lines() {
        let request: Request = serde_json::from_str(&line?)?;
        let first = learner.observe(&PathObservation {
            method: &request.method,
            path: &request.path,
            status: request.status,
            media: None,
            shape: None,
        });
        seen.push((request, first));
    }
    learner.settle();
    let tree = learner.tree();
    let mut out = BufWriter::new(File::create(target)?);
    for (request, first) in &seen {
        let identified = tree.identify(&request.path);
        let prediction = Prediction {
            request_index: request.i,
            template: identified.template.as_str(),
            first_template: first.as_str(),
        };
        serde_json::to_writer(&mut out, &prediction)?;
        out.write_all(b"\n")?;
    }
    Ok(out.flush()?)
}

/// A million random paths that all succeed, among them a small API once in a thousand.
fn flood() -> Result<(), Box<dyn Error>> {
    const REAL: [(&str, &str); 5] = [
        ("/users", "/users"),
        ("/users/search", "/users/search"),
        ("/users/17/posts", "/users/{id}/posts"),
        ("/orders/latest", "/orders/latest"),
        ("/health/live", "/health/live"),
    ];
    let mut learner = PathLearner::new(PathLimits::default());
    let started = std::time::Instant::now();
    let mut noise = 0x9e37_79b9_7f4a_7c15u64;
    for n in 0..1_000_000u64 {
        let mut path = String::new();
        for _ in 0..1 + noise % 5 {
            noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(n | 1);
            path.push('/');
            let letters = 3 + (noise >> 60) as usize;
            path.extend((0..letters).map(|at| char::from(b'a' + (noise >> (at * 3) & 15) as u8)));
        }
        let real = (n % 200 == 0).then(|| REAL[(n / 200 % 5) as usize].0);
        for path in [Some(path.as_str()), real].into_iter().flatten() {
            learner.observe(&PathObservation {
                method: "GET",
                path,
                status: 200,
                media: None,
                shape: None,
            });
        }
    }
    learner.settle();
    let tree = learner.tree();
    let state = learner.state();
    let bytes = serde_json::to_vec(&state)?.len();
    println!("state kept: {bytes} bytes");
    println!("templates: {}", tree.templates().count());
    println!("time: {:.1} s", started.elapsed().as_secs_f64());
    if let Ok(status) = fs::read_to_string("/proc/self/status") {
        let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
        println!("peak memory of the process: {}", peak.trim_start_matches("VmHWM:").trim());
    }
    for (path, expected) in REAL {
        let identified = tree.identify(path);
        let verdict = if identified.template.as_str() == expected { "kept" } else { "LOST" };
        println!("{path}: {} ({verdict})", identified.template);
    }
    Ok(())
}

//! How near drawn latencies come to the truth: prints the tables of `docs/FIDELITY.md` and, given a
//! folder, writes the curves there.
//!
//! `cargo xtask fidelity latency docs`

#[path = "../../../src/domain/latency/reference_distributions.rs"]
mod reference_distributions;

use std::fmt::Write as _;
use std::hint::black_box;

use reference_distributions::{REFERENCE_DISTRIBUTIONS, ReferenceDistribution};
use stunt_double::domain::latency::{LatencyModel, LatencySampler};
use stunt_double::domain::random::seed;
use stunt_double::domain::status::StatusModel;

/// Independent runs per law.
const RUNS: u64 = 200;
const OBSERVATIONS: i64 = 1_000;
const DRAWS: usize = 20_000;

fn main() -> std::io::Result<()> {
    print_fidelity();
    print_costs();
    if let Some(folder) = std::env::args().nth(1) {
        std::fs::write(format!("{folder}/latency.svg"), plot())?;
    }
    Ok(())
}

fn uniforms(seed: u64) -> impl FnMut() -> f64 {
    let mut count = 0;
    move || {
        count += 1;
        seed::uniform(seed::mix(seed, count))
    }
}

fn draws(sampler: &LatencySampler, uniform: &mut dyn FnMut() -> f64) -> Vec<u64> {
    (0..DRAWS).map(|_| sampler.draw_us(uniform())).collect()
}

/// A model that has seen the first observations of a law, and what it saw.
fn learned(
    law: ReferenceDistribution,
    uniform: &mut dyn FnMut() -> f64,
) -> (LatencyModel, Vec<u64>) {
    let mut model = LatencyModel::default();
    let seen: Vec<u64> = (0..OBSERVATIONS).map(|_| law.draw_us(uniform)).collect();
    seen.iter().zip(0..).for_each(|(&us, at)| model.observe(us, at * 100));
    (model, seen)
}

/// Mean and the share that stays within `limit`.
fn figures(values: &[f64], limit: f64) -> (f64, f64) {
    let within = values.iter().filter(|value| **value <= limit).count();
    let count = values.len() as f64;
    (values.iter().sum::<f64>() / count, 100.0 * within as f64 / count)
}

fn print_fidelity() {
    println!(
        "| law | KS of the draws (<= 0.035) | KS of the 1,000 observations | p99 error (<= 6 %) \
         | of the observations | KS 200 after x2.5 (< 0.10) | false switches in 200,000 |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
    for law in REFERENCE_DISTRIBUTIONS {
        let (mut drawn, mut observed) = ((Vec::new(), Vec::new()), (Vec::new(), Vec::new()));
        let mut stepped = Vec::new();
        let truth = law.quantile_us(0.99) as f64;
        let error = |sorted: &[u64]| (sorted[sorted.len() * 99 / 100] as f64 / truth - 1.0).abs();
        for run in 0..RUNS {
            let mut uniform = uniforms(run);
            let (mut model, mut seen) = learned(law, &mut uniform);
            let mut values = draws(&model.compile(), &mut uniform);
            drawn.0.push(law.distance(&mut values));
            drawn.1.push(error(&values));
            observed.0.push(law.distance(&mut seen));
            observed.1.push(error(&seen));
            let slower = law.scaled(2.5);
            for at in 0..200 {
                model.observe(slower.draw_us(&mut uniform), 100_000 + at * 100);
            }
            stepped.push(slower.distance(&mut draws(&model.compile(), &mut uniform)));
        }
        let cell = |values: &[f64], limit: f64| {
            let (mean, within) = figures(values, limit);
            format!("{mean:.3} ({within:.0} %)")
        };
        println!(
            "| {} | {} | {} | {} | {} | {} | {} |",
            law.name,
            cell(&drawn.0, 0.035),
            cell(&observed.0, 0.035),
            cell(&drawn.1, 0.06),
            cell(&observed.1, 0.06),
            cell(&stepped, 0.1),
            false_switches(law)
        );
    }
}

fn false_switches(law: ReferenceDistribution) -> usize {
    let mut uniform = uniforms(77);
    let mut model = LatencyModel::default();
    let mut observe = |at: i64| {
        model.observe(law.draw_us(&mut uniform), at * 10);
        model.shifted_since_at_ms().is_some()
    };
    let shifted: Vec<bool> = (0..200_000).map(&mut observe).collect();
    shifted.windows(2).filter(|two| !two[0] && two[1]).count()
}

/// Nanoseconds of processor time per turn: other work on the machine does not count.
fn cost_ns(turns: u32, mut work: impl FnMut(u32)) -> f64 {
    let cpu_ns = || {
        let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
        stat.split(' ').next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or(f64::NAN)
    };
    let start = cpu_ns();
    (0..turns).for_each(&mut work);
    (cpu_ns() - start) / f64::from(turns)
}

fn print_costs() {
    println!("\n| law | observe latency | observe status | draw | compile | stored |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    for law in REFERENCE_DISTRIBUTIONS {
        let mut uniform = uniforms(5);
        let values: Vec<u64> = (0..8_192).map(|_| law.draw_us(&mut uniform)).collect();
        let mut model = LatencyModel::default();
        let mut statuses = StatusModel::default();
        let at = |turn: u32| turn as usize % values.len();
        let observe = cost_ns(1_000_000, |turn| model.observe(values[at(turn)], i64::from(turn)));
        let status = cost_ns(1_000_000, |turn| {
            statuses.observe(if turn % 32 == 0 { 503 } else { 200 }, i64::from(turn));
        });
        let sampler = model.compile();
        let draw = cost_ns(1_000_000, |turn| {
            black_box(sampler.draw_us(seed::uniform(seed::mix(1, u64::from(turn)))));
        });
        let compile = cost_ns(200, |_| {
            black_box(model.compile());
        });
        let stored = serde_json::to_string(&model).map_or(0, |json| json.len());
        println!(
            "| {} | {observe:.0} ns | {status:.0} ns | {draw:.0} ns | {:.0} µs | {stored} B |",
            law.name,
            compile / 1e3
        );
    }
}

const WIDTH: f64 = 300.0;
const HEIGHT: f64 = 180.0;

/// Cumulative curves of each law: truth, observations, draws; and how a step is followed.
fn plot() -> String {
    let mut svg = format!(
        "<svg xmlns='http://www.w3.org/2000/svg' width='{}' height='{}' font-family='sans-serif' \
         font-size='11'><rect width='100%' height='100%' fill='white'/>\n",
        3.0 * (WIDTH + 40.0),
        2.0 * (HEIGHT + 60.0)
    );
    for (at, law) in REFERENCE_DISTRIBUTIONS.into_iter().enumerate() {
        let _ = writeln!(svg, "<g transform='{}'>{}</g>", place(at), cumulative(law));
    }
    let _ = writeln!(
        svg,
        "<g transform='{}'>{}</g>\n</svg>",
        place(REFERENCE_DISTRIBUTIONS.len()),
        steps()
    );
    svg
}

fn place(at: usize) -> String {
    let (column, row) = ((at % 3) as f64, (at / 3) as f64);
    format!("translate({},{})", 20.0 + column * (WIDTH + 40.0), 30.0 + row * (HEIGHT + 60.0))
}

fn frame(title: &str, foot: &str) -> String {
    format!(
        "<text x='0' y='-8' font-weight='bold'>{title}</text>\
         <rect width='{WIDTH}' height='{HEIGHT}' fill='none' stroke='#ccc'/>\
         <text x='0' y='{}' fill='#666'>{foot}</text>",
        HEIGHT + 16.0
    )
}

fn line(points: impl Iterator<Item = (f64, f64)>, style: &str) -> String {
    let mut path = String::new();
    for (x, y) in points {
        let _ = write!(path, "{:.1},{:.1} ", x * WIDTH, (1.0 - y) * HEIGHT);
    }
    format!("<polyline points='{path}' fill='none' {style}/>")
}

fn cumulative(law: ReferenceDistribution) -> String {
    let mut uniform = uniforms(1);
    let (model, mut seen) = learned(law, &mut uniform);
    let mut drawn = draws(&model.compile(), &mut uniform);
    seen.sort_unstable();
    drawn.sort_unstable();
    let (from, to) = (law.quantile_us(0.001) as f64, law.quantile_us(0.999) as f64 * 1.05);
    let us = |x: f64| (from * (to / from).powf(x)) as u64;
    let below = |values: &[u64], us: u64| {
        values.partition_point(|&value| value <= us) as f64 / values.len() as f64
    };
    let steps = || (0..=400).map(|step| f64::from(step) / 400.0);
    let foot = format!("{:.1} ms to {:.0} ms, logarithmic", from / 1e3, to / 1e3);
    frame(law.name, &foot)
        + &line(steps().map(|x| (x, law.up_to(us(x)))), "stroke='#bbb' stroke-width='5'")
        + &line(steps().map(|x| (x, below(&seen, us(x)))), "stroke='#d62' stroke-width='1'")
        + &line(steps().map(|x| (x, below(&drawn, us(x)))), "stroke='#06c' stroke-width='1.2'")
}

/// KS distance to the new law by the number of observations since a step, means of 20 runs.
fn steps() -> String {
    const EVERY: usize = 8;
    const UP_TO: usize = 400;
    let mut svg = frame(
        "KS distance after a step of x2.5",
        "0 to 400 observations; 0 to 1; the line is 0.10",
    );
    svg += &line([(0.0, 0.1), (1.0, 0.1)].into_iter(), "stroke='#ccc'");
    for (law, colour) in
        REFERENCE_DISTRIBUTIONS.into_iter().zip(["#06c", "#d62", "#292", "#929", "#333"])
    {
        let slower = law.scaled(2.5);
        let mut distances = vec![0.0; UP_TO / EVERY];
        for run in 0..20 {
            let mut uniform = uniforms(run);
            let (mut model, _) = learned(law, &mut uniform);
            for distance in &mut distances {
                for _ in 0..EVERY {
                    model.observe(slower.draw_us(&mut uniform), 100_000);
                }
                let sampler = model.compile();
                let mut values: Vec<u64> = (0..2_000).map(|_| sampler.draw_us(uniform())).collect();
                *distance += slower.distance(&mut values) / 20.0;
            }
        }
        let count = distances.len() as f64;
        let points = distances.iter().enumerate().map(|(at, y)| ((at as f64 + 1.0) / count, *y));
        svg += &line(points, &format!("stroke='{colour}'"));
    }
    svg
}

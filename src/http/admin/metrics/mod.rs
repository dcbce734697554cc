//! Figures for Prometheus, read from the counters that the rest keeps, at the time of the scrape.
//!
//! Series per endpoint are bounded: the busiest have a label of their own
//! ([`traffic::ENDPOINTS_MAX`]), the others are summed as `other`, and what belongs to no learned
//! endpoint is `unlearned`.

mod chaos;
mod drift;
mod families;
mod memory;
mod process;
mod traffic;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use actix_web::HttpResponse;
use actix_web::web::Data;
use prometheus::proto::MetricFamily;
use prometheus::{TEXT_FORMAT, TextEncoder};

use self::families::{counter, counters, gauge, gauge_with, gauges};
pub use self::traffic::{EndpointLabels, requests_by_source};
use super::Admin;
use super::fidelity::whole;
use super::input::{NoQuery, Query};
use crate::http::backend_routes::Route;
use crate::http::error::{Problem, ProblemKind};
use crate::http::upstream::Upstream;

/// Figures in the text format of Prometheus.
#[utoipa::path(
    get, path = "/metrics", operation_id = "getMetrics", tag = "about",
    responses((status = 200, description = "The figures", body = String,
        content_type = "text/plain; version=0.0.4"))
)]
pub async fn metrics(admin: Data<Admin>, _query: Query<NoQuery>) -> Result<HttpResponse, Problem> {
    let mut families = traffic::families(&admin);
    families.extend(learning(&admin));
    families.push(fidelity(&admin));
    families.extend(drift::families(&admin));
    families.extend(memory::families(&admin));
    families.extend(sessions(&admin));
    families.extend(persistence(&admin));
    families.extend(backend(&admin));
    families.extend(chaos::families(&admin));
    families.extend(process::families());
    let text = TextEncoder::new().encode_to_string(&families).map_err(|error| {
        // The encoder refuses a family without samples; each of ours has some.
        log::error!("metrics: {error}");
        Problem::new(ProblemKind::Internal, "the figures could not be written")
    })?;
    Ok(HttpResponse::Ok().content_type(TEXT_FORMAT).body(text))
}

fn fidelity(admin: &Admin) -> MetricFamily {
    gauge(
        "stunt_double_fidelity",
        "How well exchanges were predicted before they were learned, 0 to 1, by traffic; NaN \
         while there is not enough.",
        whole(admin.learning.catalog().endpoints()).0.unwrap_or(f64::NAN),
    )
}

fn learning(admin: &Admin) -> Vec<MetricFamily> {
    vec![
        gauge(
            "stunt_double_endpoints",
            "Endpoints known.",
            admin.sum(|learning| learning.catalog().len() as u64) as f64,
        ),
        counter(
            "stunt_double_observations_accepted_total",
            "Observations accepted for learning.",
            admin.counted(|counted| &counted.accepted),
        ),
        counter(
            "stunt_double_observations_learned_total",
            "Observations learned by a model.",
            admin.counted(|counted| &counted.learned),
        ),
        counter(
            "stunt_double_observations_imported_total",
            "Observations of models that were imported.",
            admin.counted(|counted| &counted.imported),
        ),
        counters(
            "stunt_double_observations_dropped_total",
            "Observations that were not learned, by reason: the queue was full, no further \
             endpoint may be learned, the exchange does not teach, an actor panicked.",
            "reason",
            &[
                ("queue_full", admin.counted(|counted| &counted.dropped_budget)),
                ("endpoints_max", admin.counted(|counted| &counted.dropped_endpoints)),
                ("provenance", admin.counted(|counted| &counted.dropped_provenance)),
                ("panic", admin.counted(|counted| &counted.lost_in_panics)),
                ("evicted", admin.counted(|counted| &counted.evicted)),
                ("forgotten", admin.counted(|counted| &counted.forgotten)),
            ],
        ),
        counter(
            "stunt_double_observations_unplaced_total",
            "Error answers on paths that belong to no endpoint.",
            admin.counted(|counted| &counted.unplaced),
        ),
        counter(
            "stunt_double_bodies_unsampled_total",
            "Exchanges whose bodies were not looked at because the learner was busy.",
            admin.counted(|counted| &counted.bodies_unsampled),
        ),
        gauge(
            "stunt_double_learning_queue_bytes",
            "Bytes that wait to be learned.",
            admin.sum(|learning| learning.bytes_waiting() as u64) as f64,
        ),
        counter(
            "stunt_double_endpoint_actors_replaced_total",
            "Actors of endpoints that panicked and were replaced.",
            admin.counted(|counted| &counted.actors_replaced),
        ),
        counter(
            "stunt_double_endpoints_evicted_total",
            "Endpoints that made room for others because the table was full.",
            admin.counted(|counted| &counted.endpoints_evicted),
        ),
        counter(
            "stunt_double_endpoints_merged_total",
            "Endpoints folded into another one.",
            admin.counted(|counted| &counted.endpoints_merged),
        ),
    ]
}

fn sessions(admin: &Admin) -> Vec<MetricFamily> {
    let worlds = admin.learning.site().worlds();
    let counted = worlds.counters();
    let read = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
    vec![
        gauge(
            "stunt_double_sessions",
            "Consumers that hold a session.",
            worlds.sessions().len() as f64,
        ),
        gauge(
            "stunt_double_session_bytes",
            "Bytes of what consumers wrote, roughly.",
            worlds.bytes() as f64,
        ),
        counters(
            "stunt_double_sessions_ended_total",
            "Sessions that nobody reset: others needed their room, or nobody used them.",
            "reason",
            &[("evicted", read(&counted.evicted)), ("expired", read(&counted.expired))],
        ),
    ]
}

fn persistence(admin: &Admin) -> Vec<MetricFamily> {
    let persistence = admin.learning.persistence();
    let health = persistence.health();
    let read = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
    vec![
        counter(
            "stunt_double_store_batches_written_total",
            "Batches written to the database.",
            read(&health.batches_written),
        ),
        counter(
            "stunt_double_store_endpoints_written_total",
            "Snapshots of endpoints written to the database.",
            read(&health.endpoints_written),
        ),
        counter(
            "stunt_double_store_failures_total",
            "Attempts to reach the database that failed.",
            read(&health.failures),
        ),
        gauge(
            "stunt_double_store_endpoints_waiting",
            "Snapshots of endpoints that wait to be written.",
            persistence.endpoints_waiting() as f64,
        ),
        gauge(
            "stunt_double_store_up",
            "Whether the database takes what is written: 1 or 0.",
            f64::from(u8::from(health.failing().is_none())),
        ),
    ]
}

fn backend(admin: &Admin) -> Vec<MetricFamily> {
    let table = admin.routes.now();
    let default = admin.routes.default_route();
    let upstreams = |read: &dyn Fn(&Upstream) -> usize| -> usize {
        table.iter().map(|route| read(&route.upstream)).sum()
    };
    let up =
        |route: &Arc<Route>| (route.name().to_owned(), f64::from(u8::from(route.health.is_up())));
    let routes: Vec<(String, f64)> = table.iter().map(up).collect();
    vec![
        gauges(
            "stunt_double_route_up",
            "Whether the backend of a route counts as up: 1 or 0.",
            "route",
            &routes,
        ),
        gauge(
            "stunt_double_backend_up",
            "Whether the backend counts as up: 1 or 0.",
            f64::from(u8::from(default.health.is_up())),
        ),
        gauge(
            "stunt_double_backend_requests_in_flight",
            "Requests that the backend has not finished answering.",
            upstreams(&|upstream| upstream.in_flight()) as f64,
        ),
        gauge(
            "stunt_double_backend_connections_open",
            "Connections open to the backend, idle ones included.",
            upstreams(&|upstream| upstream.open_connections()) as f64,
        ),
        gauge(
            "stunt_double_requests_in_flight",
            "Requests of clients that are not finished yet.",
            admin.plane.in_flight.load(Ordering::Relaxed) as f64,
        ),
        gauge_with(
            "stunt_double_build_info",
            "What is running; always 1.",
            &[("version", env!("CARGO_PKG_VERSION"))],
            1.0,
        ),
        gauge(
            "stunt_double_uptime_seconds",
            "Time since the double was started.",
            admin.plane.started.elapsed().as_secs_f64(),
        ),
    ]
}

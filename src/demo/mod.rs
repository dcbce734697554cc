//! The built-in sample backend and its traffic: a small shop, for newcomers, tests and benches.
//!
//! It imports nothing of the rest of the crate, so it can stand in for any backend.
//! Everything is drawn from one seed: the records, the latencies, the outages, the traffic.
//!
//! | route | shows |
//! | --- | --- |
//! | `GET /users`, `POST /users`, `GET PUT PATCH DELETE /users/{id}` | numeric ids, pages, 422 |
//! | `GET /users/{id}/orders` | a collection under a record |
//! | `GET /products`, `GET /products/{uuid}` | UUIDs, `ETag` and 304 |
//! | `GET /products/{uuid}/image` | a binary body (PNG) |
//! | `GET /products/{uuid}/recommendations` | two latencies: cache hit or miss (`X-Cache`) |
//! | `GET /products/{uuid}/stock` | 3 % errors, in bursts |
//! | `GET /orders`, `POST /orders`, `GET PATCH DELETE /orders/{id}` | nesting, 409, `Location` |
//! | `GET /articles`, `GET /articles/{slug}` | slugs, HTML in JSON |
//! | `GET /search?q=` | mixed items |
//! | `POST /login`, `GET /me` | 401, 422, `Set-Cookie`, a bearer token |
//! | `GET /reports/{date}` | a heavy latency tail |
//! | `GET /events` | a slow chunked stream |
//! | `GET /health` | the smallest answer |
//!
//! Every route answers `HEAD` where it answers `GET`, speaks CORS, and reports errors as
//! `application/problem+json`.

mod articles;
mod envelope;
mod events;
mod image;
mod orders;
mod pace;
mod page;
mod products;
mod reply;
mod reports;
mod search;
mod sessions;
mod shop;
mod table;
mod traffic;
mod users;
mod validation;
mod words;

#[cfg(test)]
mod tests;

pub use traffic::{TrafficReport, send_traffic};

use std::{io, net::TcpListener};

use actix_web::{App, HttpServer, dev::Server, guard, middleware, web};

use shop::Shop;

/// Time for answers under way when the backend is stopped, in seconds: longer than the slowest
/// stream, shorter than the ten seconds after which containers are killed.
const SHUTDOWN_TIMEOUT_S: u64 = 3;

/// The sample backend before it serves.
#[derive(Debug, Clone, PartialEq)]
pub struct Backend {
    /// Seed of the records, the latencies and the outages.
    pub seed: u64,
    /// Multiplies every latency; 0 answers at once.
    pub latency_scale: f64,
    /// Threads that answer.
    pub workers: usize,
    /// Gives a member of all answers another name, (old, new): a backend that has moved away from
    /// what its consumers know.
    pub renamed: Option<(String, String)>,
}

impl Backend {
    /// A backend with natural latencies and one worker.
    pub fn seeded(seed: u64) -> Self {
        Self { seed, latency_scale: 1.0, workers: 1, renamed: None }
    }

    /// Serves on `listener`. The returned server runs once it is awaited or spawned; it leaves
    /// signals to the caller, and its `handle()` stops it.
    ///
    /// # Errors
    /// When the listener cannot be made non-blocking.
    pub fn serve(self, listener: TcpListener) -> io::Result<Server> {
        let mut shop = Shop::open(self.seed, self.latency_scale);
        shop.renamed = self.renamed;
        let shop = web::Data::new(shop);
        let server = HttpServer::new(move || {
            App::new()
                .app_data(shop.clone())
                .app_data(reply::json_config())
                .app_data(reply::query_config())
                .app_data(reply::path_config())
                .wrap(middleware::from_fn(envelope::rename))
                .wrap(middleware::from_fn(envelope::wrap))
                .configure(routes)
                .default_service(web::to(reply::no_such_page))
        });
        let server = server
            .workers(self.workers.max(1))
            .disable_signals()
            // Parts of an answer written apart must not wait for a delayed acknowledgement.
            .tcp_nodelay(true)
            .shutdown_timeout(SHUTDOWN_TIMEOUT_S)
            .listen(listener)?;
        Ok(server.run())
    }
}

fn routes(app: &mut web::ServiceConfig) {
    for resource in [
        users::routes,
        products::routes,
        orders::routes,
        articles::routes,
        search::routes,
        sessions::routes,
        reports::routes,
        events::routes,
    ] {
        resource(app);
    }
    app.service(resource("/health").route(read().to(health)));
}

/// A resource that answers 405 with a problem body where it has no route.
fn resource(path: &str) -> actix_web::Resource {
    web::resource(path).default_service(web::to(reply::method_not_allowed))
}

/// A route for `GET` and `HEAD`: actix-web leaves out the body of the latter.
fn read() -> actix_web::Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

async fn health() -> &'static str {
    "ok\n"
}

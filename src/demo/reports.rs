//! Daily reports: an address with a date, and a latency with a heavy tail.

use actix_web::{HttpResponse, web};
use rand::{RngExt, SeedableRng, rngs::SmallRng};
use serde::Serialize;

use super::{pace, read, reply, resource, shop::Shop};

#[derive(Serialize)]
struct Report {
    date: String,
    orders: u32,
    revenue: f64,
    currency: &'static str,
    by_hour: Vec<u32>,
}

pub(super) fn routes(app: &mut web::ServiceConfig) {
    app.service(resource("/reports/{date}").route(read().to(show)));
}

async fn show(shop: web::Data<Shop>, date: web::Path<String>) -> HttpResponse {
    shop.pace.wait(pace::REPORT).await;
    let Ok(date) = date.parse::<jiff::civil::Date>() else {
        return reply::not_found("report: the address ends with a date such as 2026-11-22");
    };
    // A day's figures follow from the seed and the day, so that repeats agree.
    let day = u64::from(date.year().unsigned_abs()) * 1_000
        + u64::from(date.day_of_year().unsigned_abs());
    let mut random = SmallRng::seed_from_u64(shop.seed ^ day);
    let by_hour: Vec<u32> = (0..24).map(|_| random.random_range(0..60)).collect();
    let orders = by_hour.iter().sum();
    let revenue = (f64::from(orders) * random.random_range(20.0..80.0) * 100.0).round() / 100.0;
    HttpResponse::Ok().json(Report {
        date: date.to_string(),
        orders,
        revenue,
        currency: "EUR",
        by_hour,
    })
}

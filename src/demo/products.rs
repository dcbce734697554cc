//! Products: UUIDs, validators, an image, a cached view and a view with outages.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web,
};
use rand::{RngExt, rngs::SmallRng};
use serde::{Deserialize, Serialize};

use super::{image, pace, page::PageQuery, read, reply, resource, shop::Shop, words};

/// Seeded products: several pages of a list.
const SEEDED: usize = 60;
/// Recommendations per product, as a shop window has.
const RECOMMENDED: usize = 4;
/// What a client is told to wait in an outage, in seconds.
const RETRY_AFTER_S: u32 = 2;

#[derive(Debug, Clone, Serialize)]
pub(super) struct Product {
    pub(super) id: String,
    sku: String,
    pub(super) name: String,
    category: String,
    pub(super) price: f64,
    currency: &'static str,
    tags: Vec<String>,
    rating: Option<f64>,
    dimensions_cm: [u32; 3],
    created_at: String,
}

#[derive(Debug, Deserialize)]
struct CategoryQuery {
    category: Option<String>,
}

#[derive(Serialize)]
struct Stock {
    product_id: String,
    warehouse: &'static str,
    available: u64,
    checked_at: String,
}

pub(super) fn routes(app: &mut web::ServiceConfig) {
    app.service(resource("/products").route(read().to(list)))
        .service(resource("/products/{id}").route(read().to(show)))
        .service(resource("/products/{id}/image").route(read().to(picture)))
        .service(resource("/products/{id}/recommendations").route(read().to(recommend)))
        .service(resource("/products/{id}/stock").route(read().to(stock)));
}

pub(super) fn seeded(random: &mut SmallRng) -> Vec<Product> {
    (0..SEEDED)
        .map(|_| {
            let material = words::pick(random, words::MATERIALS);
            let (thing, category) = words::pick_pair(random, words::THINGS);
            Product {
                id: words::uuid(random),
                sku: format!(
                    "{}-{:05}",
                    &thing[..3].to_uppercase(),
                    random.random_range(0..99_999)
                ),
                name: format!("{material} {thing}"),
                category: category.to_owned(),
                price: f64::from(random.random_range(499..24_999)) / 100.0,
                currency: "EUR",
                tags: words::tags(random),
                rating: random
                    .random_bool(0.8)
                    .then(|| f64::from(random.random_range(20..=50)) / 10.0),
                dimensions_cm: std::array::from_fn(|_| random.random_range(3..80)),
                created_at: words::instant(random),
            }
        })
        .collect()
}

async fn list(
    shop: web::Data<Shop>,
    query: web::Query<PageQuery>,
    filter: web::Query<CategoryQuery>,
) -> HttpResponse {
    shop.pace.wait(pace::LIST).await;
    let wanted = filter.into_inner().category;
    let listing = shop.products.lock().page(query.page(), |product| {
        wanted.as_ref().is_none_or(|category| *category == product.category)
    });
    HttpResponse::Ok().json(listing)
}

async fn show(shop: web::Data<Shop>, id: web::Path<String>, request: HttpRequest) -> HttpResponse {
    shop.pace.wait(pace::LOOKUP).await;
    match shop.products.lock().get(&id) {
        Some(product) => reply::record(&request, &product),
        None => reply::not_found("product"),
    }
}

async fn picture(shop: web::Data<Shop>, id: web::Path<String>) -> HttpResponse {
    shop.pace.wait(pace::LOOKUP).await;
    match shop.products.lock().get(&id) {
        Some(product) => HttpResponse::Ok()
            .insert_header(header::ContentType::png())
            .insert_header((header::CACHE_CONTROL, "public, max-age=86400"))
            .body(image::identicon(product.id.as_bytes())),
        None => reply::not_found("product"),
    }
}

/// A cache in front of something slow: two latencies, told apart by `X-Cache`.
async fn recommend(shop: web::Data<Shop>, id: web::Path<String>) -> HttpResponse {
    let hit = shop.pace.happens(pace::CACHE_HIT_SHARE);
    shop.pace.wait(if hit { pace::CACHE_HIT } else { pace::CACHE_MISS }).await;
    let products = shop.products.lock();
    let Some(product) = products.get(&id) else {
        return reply::not_found("product");
    };
    let alike = products
        .rows()
        .filter(|other| other.id != product.id && other.category == product.category);
    let items: Vec<&Product> = alike.take(RECOMMENDED).collect();
    HttpResponse::Ok()
        .insert_header(("X-Cache", if hit { "HIT" } else { "MISS" }))
        .json(serde_json::json!({ "product_id": product.id, "items": items }))
}

/// A warehouse that is down now and then, for a few requests in a row.
async fn stock(shop: web::Data<Shop>, id: web::Path<String>) -> HttpResponse {
    shop.pace.wait(pace::LOOKUP).await;
    if shop.pace.outage() {
        let mut response =
            reply::problem(StatusCode::SERVICE_UNAVAILABLE, "the warehouse does not answer");
        response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER_S.into());
        return response;
    }
    match shop.products.lock().get(&id) {
        Some(product) => HttpResponse::Ok().json(Stock {
            product_id: product.id,
            warehouse: "north",
            available: shop.pace.number() % 40,
            checked_at: words::timestamp(jiff::Timestamp::now().as_second()),
        }),
        None => reply::not_found("product"),
    }
}

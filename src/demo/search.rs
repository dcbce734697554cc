//! Search over everything the shop has: items of several kinds in one list.

use actix_web::{HttpResponse, http::StatusCode, web};
use serde::{Deserialize, Serialize};

use super::{pace, read, reply, resource, shop::Shop};

/// Hits of each kind that are shown.
const HITS_PER_KIND: usize = 5;

#[derive(Debug, Deserialize)]
struct SearchQuery {
    q: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Hit {
    User { id: u64, name: String },
    Product { id: String, name: String, price: f64 },
    Article { slug: String, title: String },
}

pub(super) fn routes(app: &mut web::ServiceConfig) {
    app.service(resource("/search").route(read().to(search)));
}

async fn search(shop: web::Data<Shop>, query: web::Query<SearchQuery>) -> HttpResponse {
    shop.pace.wait(pace::QUERY).await;
    let text = query.q.as_deref().unwrap_or_default().trim();
    if text.is_empty() {
        return reply::problem(StatusCode::BAD_REQUEST, "the parameter `q` is missing");
    }
    let items = hits(&shop, &text.to_lowercase());
    HttpResponse::Ok().json(serde_json::json!({
        "query": text,
        "total": items.len(),
        "items": items,
    }))
}

fn hits(shop: &Shop, text: &str) -> Vec<Hit> {
    let has = |name: &str| name.to_lowercase().contains(text);
    let mut hits = Vec::new();
    let users = shop.users.lock();
    hits.extend(
        users
            .rows()
            .filter(|user| has(&user.name))
            .take(HITS_PER_KIND)
            .map(|user| Hit::User { id: user.id, name: user.name.clone() }),
    );
    drop(users);
    let products = shop.products.lock();
    let matching = products.rows().filter(|product| has(&product.name)).take(HITS_PER_KIND);
    hits.extend(matching.map(|product| Hit::Product {
        id: product.id.clone(),
        name: product.name.clone(),
        price: product.price,
    }));
    drop(products);
    let articles = shop.articles.lock();
    let matching = articles.rows().filter(|article| has(&article.title)).take(HITS_PER_KIND);
    hits.extend(
        matching.map(|article| Hit::Article {
            slug: article.slug.clone(),
            title: article.title.clone(),
        }),
    );
    hits
}

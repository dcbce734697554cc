//! Articles: read only, addressed by slug.

use actix_web::{HttpRequest, HttpResponse, web};
use rand::{RngExt, rngs::SmallRng};
use serde::Serialize;

use super::{pace, page::PageQuery, read, reply, resource, shop::Shop, users::User, words};

#[derive(Debug, Clone, Serialize)]
pub(super) struct Article {
    pub(super) slug: String,
    pub(super) title: String,
    author: Author,
    published_on: String,
    reading_minutes: usize,
    featured: bool,
    body_html: String,
}

#[derive(Debug, Clone, Serialize)]
struct Author {
    user_id: u64,
    name: String,
}

pub(super) fn routes(app: &mut web::ServiceConfig) {
    app.service(resource("/articles").route(read().to(list)))
        .service(resource("/articles/{slug}").route(read().to(show)));
}

/// One article per topic and angle, so that no slug stands twice.
pub(super) fn seeded(random: &mut SmallRng, users: &[User]) -> Vec<Article> {
    let titles = words::TOPICS
        .iter()
        .flat_map(|topic| words::ANGLES.iter().map(move |angle| format!("{angle} {topic}")));
    titles
        .map(|title| {
            // Users are seeded before the articles, so the list is not empty.
            let author = &users[random.random_range(0..users.len())];
            let paragraphs = random.random_range(2..=8);
            let body_html = (0..paragraphs)
                .map(|_| format!("<p>{}</p>", words::pick(random, words::SENTENCES)))
                .collect();
            Article {
                slug: words::slug(&title),
                title,
                author: Author { user_id: author.id, name: author.name.clone() },
                published_on: words::instant(random).chars().take("2026-11-22".len()).collect(),
                reading_minutes: paragraphs,
                featured: random.random_bool(0.1),
                body_html,
            }
        })
        .collect()
}

async fn list(shop: web::Data<Shop>, query: web::Query<PageQuery>) -> HttpResponse {
    shop.pace.wait(pace::LIST).await;
    HttpResponse::Ok().json(shop.articles.lock().page(query.page(), |_| true))
}

async fn show(
    shop: web::Data<Shop>,
    slug: web::Path<String>,
    request: HttpRequest,
) -> HttpResponse {
    shop.pace.wait(pace::LOOKUP).await;
    match shop.articles.lock().get(&slug) {
        Some(article) => reply::record(&request, &article),
        None => reply::not_found("article"),
    }
}

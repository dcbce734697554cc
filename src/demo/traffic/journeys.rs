//! What visitors of the sample shop do, one journey after another until the budget is spent.

use actix_web::http::Method;
use rand::RngExt;
use serde_json::{Value, json};

use super::visitor::{BudgetSpent, Visitor};
use crate::demo::{sessions, words};

type Journey = Result<(), BudgetSpent>;

/// Journeys until the budget is spent.
pub(super) async fn visit(mut visitor: Visitor<'_>) {
    while journey(&mut visitor).await.is_ok() {}
}

/// One journey; the shares are those of a shop whose visitors also buy, and mistype.
async fn journey(visitor: &mut Visitor<'_>) -> Journey {
    match visitor.random.random_range(0..100) {
        0..17 => browse_users(visitor).await,
        17..43 => browse_products(visitor).await,
        43..52 => read_articles(visitor).await,
        52..70 => order(visitor).await,
        70..75 => search(visitor).await,
        75..80 => report(visitor).await,
        80..98 => register(visitor).await,
        _ => visitor.get("/events").await.map(drop),
    }
}

async fn browse_users(visitor: &mut Visitor<'_>) -> Journey {
    let page = visitor.random.random_range(1..=12);
    let list = visitor.get(&format!("/users?page={page}&per_page=10")).await?;
    for _ in 0..visitor.random.random_range(1..=3) {
        let id = pick(visitor, &list.body, "id");
        visitor.get(&format!("/users/{id}")).await?;
        if visitor.random.random_bool(0.4) {
            visitor.get(&format!("/users/{id}/orders")).await?;
        }
    }
    if visitor.random.random_bool(0.2) {
        let id: u32 = visitor.random.random_range(100_000..1_000_000);
        visitor.get(&format!("/users/{id}")).await?;
    }
    Ok(())
}

async fn browse_products(visitor: &mut Visitor<'_>) -> Journey {
    let page = visitor.random.random_range(1..=6);
    let list = visitor.get(&format!("/products?page={page}")).await?;
    for _ in 0..visitor.random.random_range(1..=3) {
        let path = format!("/products/{}", pick(visitor, &list.body, "id"));
        let product = visitor.get(&path).await?;
        visitor.get(&format!("{path}/image")).await?;
        visitor.get(&format!("{path}/recommendations")).await?;
        visitor.get(&format!("{path}/stock")).await?;
        if let Some(etag) = product.etag.filter(|_| visitor.random.random_bool(0.3)) {
            visitor.revalidate(&path, &etag).await?;
        }
    }
    if visitor.random.random_bool(0.2) {
        let sold_out: u32 = visitor.random.random();
        visitor.get(&format!("/products/{sold_out:08x}-51d0-4c1e-8a5e-5a5e5a5e5a5e")).await?;
    }
    Ok(())
}

async fn read_articles(visitor: &mut Visitor<'_>) -> Journey {
    let list = visitor.get("/articles?per_page=50").await?;
    for _ in 0..visitor.random.random_range(1..=3) {
        let path = format!("/articles/{}", pick(visitor, &list.body, "slug"));
        if visitor.random.random_bool(0.2) {
            visitor.send(Method::HEAD, &path, None).await?;
        }
        visitor.get(&path).await?;
    }
    Ok(())
}

async fn order(visitor: &mut Visitor<'_>) -> Journey {
    let page = visitor.random.random_range(1..=12);
    let users = visitor.get(&format!("/users?page={page}&per_page=10")).await?;
    let n = visitor.random.random_range(0..10);
    let user = &users.body["items"][n];
    let credentials = json!({ "email": user["email"], "password": sessions::PASSWORD });
    if visitor.random.random_bool(0.6) {
        let mistaken = mistaken(visitor, &credentials);
        visitor.send(Method::POST, "/login", Some(mistaken)).await?;
        visitor.get("/me").await?;
    }
    let session = visitor.send(Method::POST, "/login", Some(credentials)).await?;
    if visitor.random.random_bool(0.3) {
        let outdated: u128 = visitor.random.random();
        visitor.token = Some(format!("sess_{n}_{outdated:032x}"));
        visitor.get("/me").await?;
    }
    visitor.token = session.body["token"].as_str().map(str::to_owned);
    visitor.get("/me").await?;
    let products = visitor.get("/products").await?;
    let items: Vec<Value> = (0..visitor.random.random_range(0..4))
        .map(|_| {
            let quantity = visitor.random.random_range(1..=3);
            json!({ "product_id": pick(visitor, &products.body, "id"), "quantity": quantity })
        })
        .collect();
    let draft = json!({ "user_id": user["id"], "items": items });
    let order = visitor.send(Method::POST, "/orders", Some(draft)).await?;
    if order.status == 201 {
        let path = format!("/orders/{}", text(&order.body["id"]));
        visitor.get(&path).await?;
        let status = if visitor.random.random_bool(0.8) { "paid" } else { "delivered" };
        visitor.send(Method::PATCH, &path, Some(json!({ "status": status }))).await?;
        visitor.get(&format!("/users/{}/orders", text(&user["id"]))).await?;
        if visitor.random.random_bool(0.3) {
            visitor.send(Method::DELETE, &path, None).await?;
        }
    }
    visitor.token = None;
    visitor.get("/orders?per_page=20").await.map(drop)
}

/// What people who log in get wrong: the password, the address, or they forget the password.
fn mistaken(visitor: &mut Visitor<'_>, credentials: &Value) -> Value {
    let mut mistaken = credentials.clone();
    match visitor.random.random_range(0..3) {
        0 => mistaken["password"] = json!("guess"),
        1 => mistaken["email"] = json!("nobody@example.com"),
        _ => return json!({ "email": credentials["email"] }),
    }
    mistaken
}

async fn search(visitor: &mut Visitor<'_>) -> Journey {
    let words = match visitor.random.random_range(0..3) {
        0 => words::MATERIALS,
        1 => words::FAMILY_NAMES,
        _ => &["", "a", "oak", "zzz"],
    };
    let word = words::pick(&mut visitor.random, words);
    visitor.get(&format!("/search?q={word}")).await.map(drop)
}

async fn report(visitor: &mut Visitor<'_>) -> Journey {
    let month = visitor.random.random_range(1..=12);
    let day = visitor.random.random_range(1..=28);
    visitor.get(&format!("/reports/2026-{month:02}-{day:02}")).await.map(drop)
}

async fn register(visitor: &mut Visitor<'_>) -> Journey {
    let n: u32 = visitor.random.random();
    let name = words::pick(&mut visitor.random, words::GIVEN_NAMES);
    let email = format!("visitor{n}@example.com");
    let draft = json!({ "name": name, "email": email, "phone": null });
    if visitor.random.random_bool(0.5) {
        let unfinished = match visitor.random.random_range(0..4) {
            0 => json!({ "name": name }),
            1 => json!({ "name": "", "email": email, "phone": null }),
            _ => json!({ "name": name, "email": "nowhere", "phone": null }),
        };
        visitor.send(Method::POST, "/users", Some(unfinished)).await?;
    }
    let user = visitor.send(Method::POST, "/users", Some(draft.clone())).await?;
    if user.status != 201 {
        return Ok(());
    }
    let path = format!("/users/{}", text(&user.body["id"]));
    if visitor.random.random_bool(0.5) {
        visitor.send(Method::PATCH, &path, Some(json!({ "email": "nowhere" }))).await?;
    }
    visitor.send(Method::PATCH, &path, Some(json!({ "active": false }))).await?;
    visitor.send(Method::PUT, &path, Some(draft)).await?;
    visitor.get(&path).await?;
    visitor.send(Method::DELETE, &path, None).await?;
    visitor.get(&path).await.map(drop)
}

/// The `field` of a random item of a list; `1` when the list is empty or was not answered.
fn pick(visitor: &mut Visitor<'_>, list: &Value, field: &str) -> String {
    match list["items"].as_array() {
        Some(items) if !items.is_empty() => {
            let n = visitor.random.random_range(0..items.len());
            text(&items[n][field])
        }
        _ => "1".to_owned(),
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

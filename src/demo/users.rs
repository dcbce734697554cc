//! Users: numeric ids, the whole life of a record.

use actix_web::{HttpRequest, HttpResponse, web};
use rand::{RngExt, rngs::SmallRng};
use serde::{Deserialize, Serialize};

use super::{
    pace, page::PageQuery, read, reply, resource, shop::Shop, validation::Validation, words,
};

/// Seeded users: several pages of a list.
const SEEDED: u64 = 120;
const ROLES: &[&str] = &["customer", "customer", "customer", "editor", "admin"];
/// Longest name or address part taken, in bytes.
const TEXT_MAX_BYTES: usize = 120;

#[derive(Debug, Clone, Serialize)]
pub(super) struct User {
    pub(super) id: u64,
    pub(super) name: String,
    pub(super) email: String,
    role: String,
    active: bool,
    phone: Option<String>,
    address: Address,
    created_at: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Address {
    street: String,
    city: String,
    country: String,
}

/// A user as a client writes it.
#[derive(Debug, Deserialize)]
struct UserDraft {
    name: String,
    email: String,
    phone: Option<String>,
    address: Option<Address>,
}

/// A change to a user: what is absent stays.
#[derive(Debug, Deserialize)]
struct UserPatch {
    name: Option<String>,
    email: Option<String>,
    active: Option<bool>,
}

pub(super) fn routes(app: &mut web::ServiceConfig) {
    app.service(resource("/users").route(read().to(list)).route(web::post().to(create)))
        .service(
            resource("/users/{id}")
                .route(read().to(show))
                .route(web::put().to(replace))
                .route(web::patch().to(change))
                .route(web::delete().to(remove)),
        )
        .service(resource("/users/{id}/orders").route(read().to(list_orders)));
}

pub(super) fn seeded(random: &mut SmallRng) -> Vec<User> {
    (1..=SEEDED)
        .map(|id| {
            let given = words::pick(random, words::GIVEN_NAMES);
            let family = words::pick(random, words::FAMILY_NAMES);
            let (city, country) = words::pick_pair(random, words::PLACES);
            let number = random.random_range(1..200);
            let phone = random
                .random_bool(0.6)
                .then(|| format!("+49 30 {:07}", random.random_range(1_000_000..10_000_000)));
            User {
                id,
                name: format!("{given} {family}"),
                email: format!("{given}.{family}{id}@example.com").to_lowercase(),
                role: words::pick(random, ROLES).to_owned(),
                active: random.random_bool(0.9),
                phone,
                address: Address {
                    street: format!("{} {number}", words::pick(random, words::STREETS)),
                    city: city.to_owned(),
                    country: country.to_owned(),
                },
                created_at: words::instant(random),
            }
        })
        .collect()
}

async fn list(shop: web::Data<Shop>, query: web::Query<PageQuery>) -> HttpResponse {
    shop.pace.wait(pace::LIST).await;
    HttpResponse::Ok().json(shop.users.lock().page(query.page(), |_| true))
}

async fn show(shop: web::Data<Shop>, id: web::Path<u64>, request: HttpRequest) -> HttpResponse {
    shop.pace.wait(pace::LOOKUP).await;
    match shop.users.lock().get(&id) {
        Some(user) => reply::record(&request, &user),
        None => reply::not_found("user"),
    }
}

async fn list_orders(
    shop: web::Data<Shop>,
    id: web::Path<u64>,
    query: web::Query<PageQuery>,
) -> HttpResponse {
    shop.pace.wait(pace::LIST).await;
    let known = shop.users.lock().get(&id).is_some();
    if !known {
        return reply::not_found("user");
    }
    HttpResponse::Ok().json(shop.orders.lock().page(query.page(), |order| order.user_id == *id))
}

async fn create(shop: web::Data<Shop>, draft: web::Json<UserDraft>) -> HttpResponse {
    shop.pace.wait(pace::WRITE).await;
    if let Some(refusal) = check(&draft.name, &draft.email) {
        return refusal;
    }
    let user = draft.into_inner().into_user(shop.next_user_id());
    let location = format!("/users/{}", user.id);
    let dropped = shop.users.lock().insert(user.id, user.clone());
    if let Some(dropped) = dropped {
        shop.drop_orders_of(dropped);
    }
    reply::created(location, &user)
}

async fn replace(
    shop: web::Data<Shop>,
    id: web::Path<u64>,
    draft: web::Json<UserDraft>,
) -> HttpResponse {
    shop.pace.wait(pace::WRITE).await;
    if let Some(refusal) = check(&draft.name, &draft.email) {
        return refusal;
    }
    let replaced = shop.users.lock().update(&id, |user| {
        let created_at = std::mem::take(&mut user.created_at);
        *user = User { created_at, ..draft.into_inner().into_user(user.id) };
    });
    replaced.map_or_else(|| reply::not_found("user"), |user| HttpResponse::Ok().json(user))
}

async fn change(
    shop: web::Data<Shop>,
    id: web::Path<u64>,
    patch: web::Json<UserPatch>,
) -> HttpResponse {
    shop.pace.wait(pace::WRITE).await;
    let patch = patch.into_inner();
    let name = patch.name.as_deref().unwrap_or("unchanged");
    let email = patch.email.as_deref().unwrap_or("unchanged@example.com");
    if let Some(refusal) = check(name, email) {
        return refusal;
    }
    let changed = shop.users.lock().update(&id, |user| {
        user.name = patch.name.unwrap_or(std::mem::take(&mut user.name));
        user.email = patch.email.unwrap_or(std::mem::take(&mut user.email));
        user.active = patch.active.unwrap_or(user.active);
    });
    changed.map_or_else(|| reply::not_found("user"), |user| HttpResponse::Ok().json(user))
}

async fn remove(shop: web::Data<Shop>, id: web::Path<u64>) -> HttpResponse {
    shop.pace.wait(pace::WRITE).await;
    let removed = shop.users.lock().remove(&id);
    if removed.is_none() {
        return reply::not_found("user");
    }
    shop.drop_orders_of(*id);
    HttpResponse::NoContent().finish()
}

fn check(name: &str, email: &str) -> Option<HttpResponse> {
    let mut validation = Validation::default();
    validation.require(!name.trim().is_empty(), "name", "must not be empty");
    validation.require(name.len() <= TEXT_MAX_BYTES, "name", "is too long");
    let has_domain = email.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && domain.contains('.') && email.len() <= TEXT_MAX_BYTES
    });
    validation.require(has_domain, "email", "must be an e-mail address");
    validation.refusal()
}

impl UserDraft {
    fn into_user(self, id: u64) -> User {
        let unknown = || Address {
            street: String::new(),
            city: String::new(),
            country: "unknown".to_owned(),
        };
        User {
            id,
            name: self.name,
            email: self.email,
            role: "customer".to_owned(),
            active: true,
            phone: self.phone,
            address: self.address.unwrap_or_else(unknown),
            created_at: words::timestamp(jiff::Timestamp::now().as_second()),
        }
    }
}

//! Logging in: a token and a cookie, and the page that wants one of them.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web,
};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{pace, read, reply, resource, shop::Shop, users::User, validation::Validation};

/// The password of every sample user.
pub(super) const PASSWORD: &str = "double";
/// How long a session is said to last, in seconds: an hour.
const SESSION_S: u32 = 3_600;

#[derive(Debug, Deserialize)]
struct Credentials {
    email: Option<String>,
    password: Option<String>,
}

pub(super) fn routes(app: &mut web::ServiceConfig) {
    app.service(resource("/login").route(web::post().to(login)))
        .service(resource("/me").route(read().to(me)));
}

async fn login(shop: web::Data<Shop>, credentials: web::Json<Credentials>) -> HttpResponse {
    shop.pace.wait(pace::PASSWORD).await;
    let Credentials { email, password } = credentials.into_inner();
    let (Some(email), Some(password)) = (&email, &password) else {
        let mut validation = Validation::default();
        validation.require(email.is_some(), "email", "is required");
        validation.require(password.is_some(), "password", "is required");
        return validation.refusal().unwrap_or_else(unauthorized);
    };
    let user = shop.users.lock().rows().find(|user| user.email == *email).cloned();
    match user.filter(|_| password == PASSWORD) {
        Some(user) => welcome(&shop, &user),
        None => unauthorized(),
    }
}

async fn me(shop: web::Data<Shop>, request: HttpRequest) -> HttpResponse {
    shop.pace.wait(pace::LOOKUP).await;
    let user_id = bearer(&request).or_else(|| cookie(&request)).and_then(|token| {
        let user_id = token.split('_').nth(1)?.parse().ok()?;
        (token == session_token(shop.seed, user_id)).then_some(user_id)
    });
    match user_id.and_then(|id| shop.users.lock().get(&id)) {
        Some(user) => HttpResponse::Ok().json(user),
        None => unauthorized(),
    }
}

fn welcome(shop: &Shop, user: &User) -> HttpResponse {
    let token = session_token(shop.seed, user.id);
    let cookie = format!("session={token}; Path=/; Max-Age={SESSION_S}; HttpOnly; SameSite=Lax");
    HttpResponse::Ok().insert_header((header::SET_COOKIE, cookie)).json(serde_json::json!({
        "token": token,
        "token_type": "Bearer",
        "expires_in": SESSION_S,
        "user": { "id": user.id, "name": user.name },
    }))
}

fn unauthorized() -> HttpResponse {
    let mut response = reply::problem(StatusCode::UNAUTHORIZED, "log in first");
    let challenge = header::HeaderValue::from_static("Bearer realm=\"shop\"");
    response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    response
}

/// A token that carries its user and a digest, so that no table of sessions is needed. It guards
/// nothing but invented records.
fn session_token(seed: u64, user_id: u64) -> String {
    let digest = Sha256::digest(format!("{seed}/{user_id}"));
    let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("sess_{user_id}_{hex}")
}

fn bearer(request: &HttpRequest) -> Option<String> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    value.strip_prefix("Bearer ").map(str::to_owned)
}

fn cookie(request: &HttpRequest) -> Option<String> {
    let values = request.headers().get_all(header::COOKIE);
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .find_map(|pair| pair.trim().strip_prefix("session=").map(str::to_owned))
}

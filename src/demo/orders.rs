//! Orders: nested records whose ids name users and products that exist.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use rand::{RngExt, rngs::SmallRng};
use serde::{Deserialize, Serialize};

use super::{
    pace, page::PageQuery, products::Product, read, reply, resource, shop::Shop, users::User,
    validation::Validation, words,
};

/// Seeded orders: a few per user.
const SEEDED: u64 = 300;
/// The number of the first order: five digits, as shops like to have.
const FIRST_ID: u64 = 10_001;
/// Lines an order may have.
const LINES_MAX: usize = 20;
/// Pieces a line may have.
const QUANTITY_MAX: u32 = 99;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Pending,
    Paid,
    Shipped,
    Delivered,
    Cancelled,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct ShopOrder {
    pub(super) id: u64,
    pub(super) user_id: u64,
    status: Status,
    customer: Customer,
    items: Vec<Line>,
    total: f64,
    currency: &'static str,
    note: Option<String>,
    placed_at: String,
    shipping: Option<Shipping>,
}

#[derive(Debug, Clone, Serialize)]
struct Customer {
    id: u64,
    name: String,
    email: String,
}

#[derive(Debug, Clone, Serialize)]
struct Line {
    product_id: String,
    name: String,
    quantity: u32,
    unit_price: f64,
}

#[derive(Debug, Clone, Serialize)]
struct Shipping {
    carrier: &'static str,
    tracking: String,
}

#[derive(Debug, Deserialize)]
struct OrderDraft {
    user_id: u64,
    items: Vec<LineDraft>,
    note: Option<String>,
}

#[derive(Debug, Deserialize)]
struct LineDraft {
    product_id: String,
    quantity: u32,
}

#[derive(Debug, Deserialize)]
struct OrderPatch {
    status: Status,
}

pub(super) fn routes(app: &mut web::ServiceConfig) {
    app.service(resource("/orders").route(read().to(list)).route(web::post().to(create))).service(
        resource("/orders/{id}")
            .route(read().to(show))
            .route(web::patch().to(change))
            .route(web::delete().to(cancel)),
    );
}

pub(super) fn seeded(
    random: &mut SmallRng,
    users: &[User],
    products: &[Product],
) -> Vec<ShopOrder> {
    let statuses = [Status::Pending, Status::Paid, Status::Shipped, Status::Delivered];
    (0..SEEDED)
        .map(|n| {
            // Users and products are seeded before the orders, so neither list is empty.
            let user = &users[random.random_range(0..users.len())];
            let lines = (0..random.random_range(1..=4))
                .map(|_| {
                    let product = &products[random.random_range(0..products.len())];
                    Line::of(product, random.random_range(1..=3))
                })
                .collect();
            let status = statuses[random.random_range(0..statuses.len())];
            let mut order = ShopOrder::placed(FIRST_ID + n, user, lines);
            order.status = status;
            order.placed_at = words::instant(random);
            order.note = random.random_bool(0.15).then(|| "Please ring twice.".to_owned());
            order.shipping = matches!(status, Status::Shipped | Status::Delivered).then(|| {
                let tracking = format!("PX{:09}", random.random_range(0..1_000_000_000));
                Shipping { carrier: "parcel-express", tracking }
            });
            order
        })
        .collect()
}

async fn list(shop: web::Data<Shop>, query: web::Query<PageQuery>) -> HttpResponse {
    shop.pace.wait(pace::LIST).await;
    HttpResponse::Ok().json(shop.orders.lock().page(query.page(), |_| true))
}

async fn show(shop: web::Data<Shop>, id: web::Path<u64>, request: HttpRequest) -> HttpResponse {
    shop.pace.wait(pace::LOOKUP).await;
    match shop.orders.lock().get(&id) {
        Some(order) => reply::record(&request, &order),
        None => reply::not_found("order"),
    }
}

async fn create(shop: web::Data<Shop>, draft: web::Json<OrderDraft>) -> HttpResponse {
    shop.pace.wait(pace::WRITE).await;
    let draft = draft.into_inner();
    let user = shop.users.lock().get(&draft.user_id);
    let lines = lines(&shop, &draft.items);
    let (Some(user), Some(lines)) = (&user, lines) else {
        return refusal(user.is_some());
    };
    let mut order = ShopOrder::placed(shop.next_order_id(), user, lines);
    order.note = draft.note;
    shop.orders.lock().insert(order.id, order.clone());
    reply::created(format!("/orders/{}", order.id), &order)
}

/// Pending to paid to shipped to delivered; anything else is a conflict.
async fn change(
    shop: web::Data<Shop>,
    id: web::Path<u64>,
    patch: web::Json<OrderPatch>,
) -> HttpResponse {
    shop.pace.wait(pace::WRITE).await;
    let mut moved = false;
    let order = shop.orders.lock().update(&id, |order| {
        moved = patch.status as u8 == order.status as u8 + 1 && patch.status != Status::Cancelled;
        if moved {
            order.status = patch.status;
        }
    });
    match order {
        None => reply::not_found("order"),
        Some(order) if moved => HttpResponse::Ok().json(order),
        Some(_) => reply::problem(StatusCode::CONFLICT, "the order cannot take this status now"),
    }
}

async fn cancel(shop: web::Data<Shop>, id: web::Path<u64>) -> HttpResponse {
    shop.pace.wait(pace::WRITE).await;
    let mut orders = shop.orders.lock();
    match orders.get(&id).map(|order| order.status) {
        None => reply::not_found("order"),
        Some(Status::Shipped | Status::Delivered) => {
            reply::problem(StatusCode::CONFLICT, "the order is on its way already")
        }
        Some(_) => {
            orders.remove(&id);
            HttpResponse::NoContent().finish()
        }
    }
}

/// The lines of a draft with names and prices; `None` when one is not valid.
fn lines(shop: &Shop, drafts: &[LineDraft]) -> Option<Vec<Line>> {
    if drafts.is_empty() || drafts.len() > LINES_MAX {
        return None;
    }
    let products = shop.products.lock();
    let line = |draft: &LineDraft| {
        let valid = (1..=QUANTITY_MAX).contains(&draft.quantity);
        products.get(&draft.product_id).filter(|_| valid).map(|p| Line::of(&p, draft.quantity))
    };
    drafts.iter().map(line).collect()
}

fn refusal(user_known: bool) -> HttpResponse {
    let mut validation = Validation::default();
    validation.require(user_known, "user_id", "names no user");
    validation.require(!user_known, "items", "must be 1 to 20 known products, 1 to 99 of each");
    validation.refusal().unwrap_or_else(|| reply::not_found("order"))
}

impl ShopOrder {
    fn placed(id: u64, user: &User, items: Vec<Line>) -> Self {
        let cents: f64 = items
            .iter()
            .map(|line| (line.unit_price * 100.0).round() * f64::from(line.quantity))
            .sum();
        Self {
            id,
            user_id: user.id,
            status: Status::Pending,
            customer: Customer { id: user.id, name: user.name.clone(), email: user.email.clone() },
            items,
            total: cents / 100.0,
            currency: "EUR",
            note: None,
            placed_at: words::timestamp(jiff::Timestamp::now().as_second()),
            shipping: None,
        }
    }
}

impl Line {
    fn of(product: &Product, quantity: u32) -> Self {
        Self {
            product_id: product.id.clone(),
            name: product.name.clone(),
            quantity,
            unit_price: product.price,
        }
    }
}

//! A slow stream: one JSON document a line, sent as it happens.

use actix_web::{HttpResponse, web};
use bytes::Bytes;
use futures_util::stream;

use super::{read, resource, shop::Shop};

/// Lines of the stream.
const LINES: u32 = 6;
/// Time between two lines, in milliseconds: the stream lasts about a second.
const BETWEEN_LINES_MS: f64 = 200.0;
const KINDS: &[&str] = &["order.placed", "order.paid", "stock.changed"];

pub(super) fn routes(app: &mut web::ServiceConfig) {
    app.service(resource("/events").route(read().to(events)));
}

async fn events(shop: web::Data<Shop>) -> HttpResponse {
    let lines = stream::unfold((shop, 0), |(shop, n)| async move {
        if n == LINES {
            return None;
        }
        if n > 0 {
            shop.pace.sleep_ms(BETWEEN_LINES_MS).await;
        }
        let kind = KINDS[n as usize % KINDS.len()];
        let id = shop.pace.number() % 1_000_000;
        let line = format!("{{\"seq\":{n},\"kind\":\"{kind}\",\"event_id\":{id}}}\n");
        Some((Ok::<_, std::convert::Infallible>(Bytes::from(line)), (shop, n + 1)))
    });
    HttpResponse::Ok().content_type("application/x-ndjson").streaming(lines)
}

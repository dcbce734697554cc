//! Batches: a list of requests in one body, answered by a list in the same order.

use std::sync::Arc;

use serde_json::Value;

use crate::domain::world::{Document, Request, SiteExchange};

/// Requests of one batch that are told apart.
pub const BATCH_MAX: usize = 200;

/// The requests of a batch, where the body may be one.
#[must_use]
pub fn requests(request: &Request) -> Option<Vec<Request>> {
    let items = request.body.json()?.as_array()?;
    let is_batch = !items.is_empty() && items.len() <= BATCH_MAX && items.iter().all(is_request);
    let one = |item: &Value| Request { body: Document::Json(item.clone()), ..request.clone() };
    is_batch.then(|| items.iter().map(one).collect())
}

fn is_request(item: &Value) -> bool {
    item.as_object().is_some_and(|members| !members.is_empty())
}

/// The exchanges of a batch, where each request has its answer.
#[must_use]
pub fn exchanges(exchange: &SiteExchange) -> Option<Vec<SiteExchange>> {
    let answers = exchange.json()?.as_array()?;
    let requests = requests(&exchange.request)?;
    if requests.len() != answers.len() || !answers.iter().all(Value::is_object) {
        return None;
    }
    let one = |(request, answer): (Request, &Value)| SiteExchange {
        request: Arc::new(request),
        body: Document::Json(answer.clone()),
        bytes: answer.to_string().into_bytes().into(),
        ..exchange.clone()
    };
    Some(requests.into_iter().zip(answers).map(one).collect())
}

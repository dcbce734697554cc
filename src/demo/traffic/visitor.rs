//! One visitor's HTTP client: counts every exchange and stops when the budget is used up.

use std::time::Duration;

use actix_web::http::{Method, header};
use awc::{Client, Connector};
use rand::rngs::SmallRng;
use serde_json::Value;

use super::Ledger;

/// Time one request may take: several times the slowest answer of the sample backend.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);
/// How long a connection may idle before a new one is made: less than any server waits before it
/// closes one (actix-web: 5 s), so that no request meets a connection that is being closed.
const IDLE_MAX: Duration = Duration::from_secs(2);
/// Most bytes of an answer that are kept: several times the largest page.
const BODY_MAX_BYTES: usize = 2 * 1024 * 1024;

/// The budget of requests is used up: the journey ends here.
pub(super) struct BudgetSpent;

/// One answer; `status` is 0 and the body null when there was none.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Value,
    pub(super) etag: Option<String>,
}

/// One client with its own connections and its own randomness.
pub(super) struct Visitor<'a> {
    pub(super) random: SmallRng,
    client: Client,
    base_url: &'a str,
    ledger: &'a Ledger,
    pub(super) token: Option<String>,
}

impl<'a> Visitor<'a> {
    pub(super) fn new(base_url: &'a str, random: SmallRng, ledger: &'a Ledger) -> Self {
        let connector = Connector::new().conn_keep_alive(IDLE_MAX);
        let client = Client::builder()
            .connector(connector)
            .timeout(REQUEST_TIMEOUT)
            .disable_redirects()
            .finish();
        Self { random, client, base_url: base_url.trim_end_matches('/'), ledger, token: None }
    }

    pub(super) async fn get(&self, path: &str) -> Result<Answer, BudgetSpent> {
        self.exchange(Method::GET, path, None, None).await
    }

    /// Asks again for what the visitor has already.
    pub(super) async fn revalidate(&self, path: &str, etag: &str) -> Result<Answer, BudgetSpent> {
        self.exchange(Method::GET, path, None, Some(etag)).await
    }

    pub(super) async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Answer, BudgetSpent> {
        self.exchange(method, path, body, None).await
    }

    async fn exchange(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
        etag: Option<&str>,
    ) -> Result<Answer, BudgetSpent> {
        if !self.ledger.take() {
            return Err(BudgetSpent);
        }
        let mut request = self.client.request(method, format!("{}{path}", self.base_url));
        if let Some(token) = &self.token {
            request = request.insert_header((header::AUTHORIZATION, format!("Bearer {token}")));
        }
        if let Some(etag) = etag {
            request = request.insert_header((header::IF_NONE_MATCH, etag));
        }
        let sent = match body {
            Some(body) => request.send_json(&body).await,
            None => request.send().await,
        };
        let answer = match sent {
            Ok(mut response) => {
                let etag = response.headers().get(header::ETAG);
                let etag = etag.and_then(|tag| tag.to_str().ok()).map(str::to_owned);
                let body = response.body().limit(BODY_MAX_BYTES).await;
                body.ok().map(|body| Answer {
                    status: response.status().as_u16(),
                    body: serde_json::from_slice(&body).unwrap_or_default(),
                    etag,
                })
            }
            Err(_) => None,
        };
        self.ledger.answered(answer.as_ref().map(|answer| answer.status));
        Ok(answer.unwrap_or(Answer { status: 0, body: Value::Null, etag: None }))
    }
}

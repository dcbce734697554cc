//! Requests to the admin of a double that runs.

use std::time::Duration;

use crate::app::ask::{Asked, ask};
use crate::config::ToolPlaceArgs;

/// Time between two pieces of an answer: an import is answered when all of it is learned.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(300);

/// Where the admin of a double is, and who asks.
pub struct AdminPlace {
    /// With the admin's prefix: `http://127.0.0.1:8000/admin`.
    url: String,
    token: Option<String>,
}

impl AdminPlace {
    /// The admin at this URL, its prefix included.
    pub fn new(url: &str, token: Option<String>) -> Self {
        Self { url: url.trim_end_matches('/').to_owned(), token }
    }

    /// Asks it with these headers and its token: status and body; an error names the URL.
    pub fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<(u16, Vec<u8>), String> {
        let mut headers: Vec<(String, String)> =
            headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        if let Some(token) = &self.token {
            headers.push(("Authorization".to_owned(), format!("Bearer {token}")));
        }
        let asked = Asked { method, path, headers: &headers, body, patience: ANSWER_TIMEOUT };
        ask(&self.url, &asked).map_err(|error| format!("{}: {error}", self.url))
    }

    /// What an answer that is none of 2xx says, in words.
    pub fn refusal(&self, status: u16, answer: &[u8]) -> String {
        let problem: serde_json::Value = serde_json::from_slice(answer).unwrap_or_default();
        let text = |name| problem.get(name).and_then(serde_json::Value::as_str);
        let detail = text("detail").or(text("title")).unwrap_or_default();
        format!("{} answers {status}: {detail}", self.url)
    }
}

/// Asks the admin of a double; the body of a 2xx answer.
pub fn ask_admin(
    place: &ToolPlaceArgs,
    method: &str,
    path: &str,
    body: &[u8],
) -> Result<Vec<u8>, String> {
    let url = place.url.as_deref().unwrap_or("http://127.0.0.1:8000");
    let url = format!("{}{}", url.trim_end_matches('/'), place.admin_prefix);
    let admin = AdminPlace::new(&url, place.admin_token.clone());
    let media = [("Content-Type", "application/octet-stream")];
    let headers: &[(&str, &str)] = if body.is_empty() { &[] } else { &media };
    let (status, answer) = admin.ask(method, path, headers, body)?;
    if (200..300).contains(&status) {
        return Ok(answer);
    }
    Err(admin.refusal(status, &answer))
}

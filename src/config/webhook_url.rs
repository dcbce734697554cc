//! Where news are posted to.

use std::fmt;
use std::str::FromStr;

/// An http or https URL. Who knows a webhook's path and query may post to it, so they are secrets:
/// neither is shown.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookUrl(url::Url);

impl WebhookUrl {
    /// Scheme, host and port.
    #[must_use]
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// Path and query, as a request asks for them.
    #[must_use]
    pub fn path_and_query(&self) -> String {
        let query = self.0.query().map_or_else(String::new, |query| format!("?{query}"));
        format!("{}{query}", self.0.path())
    }
}

impl fmt::Debug for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WebhookUrl({}/…)", self.origin())
    }
}

impl FromStr for WebhookUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let expected = "expected an http:// or https:// URL without user name and password";
        let url = url::Url::parse(text).map_err(|error| format!("{expected} ({error})"))?;
        let is_http = ["http", "https"].contains(&url.scheme()) && url.has_host();
        let has_user = !url.username().is_empty() || url.password().is_some();
        if is_http && !has_user { Ok(Self(url)) } else { Err(expected.to_owned()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_webhook_is_a_url_whose_path_is_not_shown() {
        let url: WebhookUrl = "https://hooks.example/T1/s3cret?k=v".parse().expect("a URL");
        assert_eq!(url.origin(), "https://hooks.example");
        assert_eq!(url.path_and_query(), "/T1/s3cret?k=v");
        assert!(!format!("{url:?}").contains("s3cret"));
        for wrong in ["hooks", "ftp://a.example/", "https://me:pw@a.example/"] {
            assert!(wrong.parse::<WebhookUrl>().is_err(), "{wrong}");
        }
    }
}

//! Which backend a request is for: by its host, by the beginning of its path, or by both.
//!
//! Hosts are compared as names (RFC 9110, section 4.2.3): without case, without port, without the
//! dot that ends a full name. Paths are compared segment by segment as they stand, so `/pay` never
//! takes `/payments`, and no other spelling of a prefix leads to its backend.

use std::fmt;
use std::str::FromStr;

/// What people call the backend that takes the requests no route means.
pub const DEFAULT_ROUTE: &str = "default";

/// What a request must look like to go to a backend; at least one part is given.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RoutePattern {
    /// In lower case, without port; `*.` before a name stands for one or more labels.
    host: Option<Box<str>>,
    /// Begins with `/` and does not end with one.
    prefix: Option<Box<str>>,
}

/// How exactly a pattern says whom it means; the greater wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Specificity {
    /// 2 for a host by its whole name, 1 for one by its ending, 0 for any.
    host: u8,
    host_bytes: usize,
    prefix_bytes: usize,
}

impl RoutePattern {
    /// Whether a request for `host`, as it was sent, and `path`, without query, is meant.
    #[must_use]
    pub fn matches(&self, host: Option<&str>, path: &str) -> bool {
        self.matches_host(host) && self.matches_path(path)
    }

    fn matches_host(&self, host: Option<&str>) -> bool {
        let Some(wanted) = &self.host else { return true };
        let Some(host) = host.map(bare_host) else { return false };
        match wanted.strip_prefix("*.") {
            None => host.eq_ignore_ascii_case(wanted),
            Some(domain) => {
                let Some(at) = host.len().checked_sub(domain.len() + 1) else { return false };
                // A name of several bytes a character is none; it must not split one.
                let Some((sub, rest)) = host.split_at_checked(at) else { return false };
                !sub.is_empty() && rest[..1] == *"." && rest[1..].eq_ignore_ascii_case(domain)
            }
        }
    }

    fn matches_path(&self, path: &str) -> bool {
        let Some(prefix) = &self.prefix else { return true };
        path.strip_prefix(&**prefix)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
    }

    /// The beginning of the path that it asks for, without a slash at the end.
    #[must_use]
    pub fn prefix(&self) -> Option<&str> {
        self.prefix.as_deref()
    }

    /// The host that it asks for.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// How exact it is: a host before a path, a longer path before a shorter one.
    #[must_use]
    pub fn specificity(&self) -> Specificity {
        let host = match self.host.as_deref() {
            None => 0,
            Some(name) if name.starts_with('*') => 1,
            Some(_) => 2,
        };
        Specificity {
            host,
            host_bytes: self.host.as_ref().map_or(0, |host| host.len()),
            prefix_bytes: self.prefix.as_ref().map_or(0, |prefix| prefix.len()),
        }
    }

    /// A name made of it: `api.shop.test/v2` is called `api.shop.test-v2`.
    #[must_use]
    pub fn name(&self) -> String {
        let text = self.to_string();
        let text = text.trim_start_matches("*.").trim_matches('/');
        let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        text.chars().map(|c| if known(c) { c.to_ascii_lowercase() } else { '-' }).collect()
    }
}

/// The name of a host as it was sent: without port, and without the dot that ends a full name.
#[must_use]
pub fn bare_host(host: &str) -> &str {
    let host = match host.strip_prefix('[') {
        // An address of IPv6 has colons of its own.
        Some(rest) => return rest.split_once(']').map_or(host, |(address, _)| address),
        None => host.split_once(':').map_or(host, |(name, _port)| name),
    };
    host.strip_suffix('.').unwrap_or(host)
}

impl fmt::Display for RoutePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.host.as_deref().unwrap_or_default())?;
        f.write_str(self.prefix.as_deref().unwrap_or_default())
    }
}

/// What was expected where a pattern is none.
pub const PATTERN_EXPECTED: &str =
    "expected a host (`api.shop.test`, `*.shop.test`), a path (`/payments`), or both";

impl FromStr for RoutePattern {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (host, path) = match text.find('/') {
            Some(at) => text.split_at(at),
            None => (text, ""),
        };
        let path = path.trim_end_matches('/');
        let host = match host {
            "" => None,
            name => Some(read_host(name).ok_or(PATTERN_EXPECTED)?),
        };
        let prefix = match path {
            "" => None,
            prefix => Some(read_prefix(prefix).ok_or(PATTERN_EXPECTED)?),
        };
        match (&host, &prefix) {
            (None, None) => Err(PATTERN_EXPECTED),
            _ => Ok(Self { host, prefix }),
        }
    }
}

fn read_host(name: &str) -> Option<Box<str>> {
    let name = name.strip_suffix('.').unwrap_or(name);
    let labels = name.strip_prefix("*.").unwrap_or(name);
    let label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    (name.len() <= 253 && labels.split('.').all(label)).then(|| name.to_ascii_lowercase().into())
}

fn read_prefix(prefix: &str) -> Option<Box<str>> {
    let segment = |segment: &str| {
        let known = |b: u8| b.is_ascii_graphic() && !b"?#%\\".contains(&b);
        !segment.is_empty() && segment != "." && segment != ".." && segment.bytes().all(known)
    };
    prefix.strip_prefix('/')?.split('/').all(segment).then(|| prefix.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> RoutePattern {
        text.parse().unwrap()
    }

    #[test]
    fn a_host_is_met_without_case_port_or_last_dot() {
        let shop = pattern("API.shop.test");
        for host in ["api.shop.test", "Api.Shop.TEST:8080", "api.shop.test.", "api.shop.test.:80"] {
            assert!(shop.matches(Some(host), "/"), "{host}");
        }
        for host in ["shop.test", "xapi.shop.test", "api.shop.test.evil", "api.shop.test..", ""] {
            assert!(!shop.matches(Some(host), "/"), "{host}");
        }
        assert!(!shop.matches(None, "/"));
    }

    #[test]
    fn a_star_stands_for_labels_and_never_for_none() {
        let any = pattern("*.shop.test");
        assert!(any.matches(Some("a.shop.test"), "/") && any.matches(Some("a.b.shop.test"), "/"));
        for host in ["shop.test", ".shop.test", "ashop.test", "é.test", "ééééshop.test"] {
            assert!(!any.matches(Some(host), "/"), "{host}");
        }
    }

    #[test]
    fn a_path_is_met_by_whole_segments_as_they_stand() {
        let pay = pattern("/pay/v1/");
        for path in ["/pay/v1", "/pay/v1/", "/pay/v1/cards"] {
            assert!(pay.matches(None, path), "{path}");
        }
        for path in ["/pay/v10", "/pay", "//pay/v1", "/PAY/v1", "/p%61y/v1", "/x/../pay/v1"] {
            assert!(!pay.matches(None, path), "{path}");
        }
    }

    #[test]
    fn the_more_exact_pattern_is_the_greater_one() {
        let order =
            ["shop.test/a/b", "shop.test", "*.shop.test/a", "*.test", "/a/b/c", "/a"].map(pattern);
        assert!(order.is_sorted_by(|a, b| a.specificity() > b.specificity()));
    }

    #[test]
    fn a_pattern_has_a_name_and_what_is_none_is_refused() {
        assert_eq!(pattern("*.Shop.test/a/b").name(), "shop.test-a-b");
        assert_eq!(pattern("/payments").name(), "payments");
        for text in ["", "/", "http://a", "a b", "*.", "/a//b", "/a/../b", "/a?b", "/%41", "a:80"] {
            assert!(text.parse::<RoutePattern>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_address_of_ipv6_keeps_its_colons() {
        assert_eq!(bare_host("[::1]:80"), "::1");
        assert_eq!(bare_host("127.0.0.1:80"), "127.0.0.1");
    }
}

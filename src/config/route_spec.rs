//! A further backend as it is given: `MATCH=URL`, with options after a `;`.

use std::str::FromStr;

use super::TargetUrl;
use crate::domain::mode::Mode;
use crate::domain::route_pattern::{DEFAULT_ROUTE, RoutePattern};

/// Longest name of a route, in bytes; it stands in the ids of endpoints and in the database.
pub const ROUTE_NAME_BYTES_MAX: usize = 64;

/// One backend beside `--target`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteSpec {
    /// Names it in the admin and in the database.
    pub name: String,
    /// Whose requests it answers.
    pub pattern: RoutePattern,
    /// Where the backend is.
    pub target: TargetUrl,
    /// Whether the backend sees the path with its prefix. As with nginx's `proxy_pass`: a URL with
    /// a path stands in the place of the prefix, a URL without one leaves the path as it is.
    pub keeps_prefix: bool,
    /// Who answers here, where it is not the mode of the whole double.
    pub mode: Option<Mode>,
    /// Whether the client's `Host` goes to the backend, where it is not as `--preserve-host` says.
    pub preserve_host: Option<bool>,
}

/// What a route looks like.
const EXPECTED: &str = "expected MATCH=URL such as api.shop.test=https://shop.internal or \
     /payments=https://pay.internal/v2, and after it, if wanted, ;name=NAME, ;mode=MODE, \
     ;preserve-host=on";

impl RouteSpec {
    /// The route of `pattern` to the backend at `url`.
    ///
    /// # Errors
    /// What was expected of the URL.
    pub fn new(pattern: RoutePattern, url: &str) -> Result<Self, String> {
        Ok(Self {
            name: checked_name(&pattern.name())?,
            keeps_prefix: !has_path(url),
            target: url.parse()?,
            pattern,
            mode: None,
            preserve_host: None,
        })
    }
}

impl FromStr for RouteSpec {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (pattern, rest) = text.split_once('=').ok_or(EXPECTED)?;
        let mut parts = rest.split(';');
        let url = parts.next().unwrap_or_default();
        let mut route = Self::new(pattern.trim().parse()?, url.trim())?;
        for option in parts.map(str::trim).filter(|option| !option.is_empty()) {
            match option.split_once('=') {
                Some(("name", name)) => route.name = checked_name(name)?,
                Some(("mode", mode)) => {
                    route.mode = Some(mode.parse().map_err(|error| format!("mode: {error}"))?);
                }
                Some(("preserve-host", "on" | "true" | "1")) => route.preserve_host = Some(true),
                Some(("preserve-host", "off" | "false" | "0")) => route.preserve_host = Some(false),
                _ => return Err(EXPECTED.into()),
            }
        }
        Ok(route)
    }
}

/// `name`, if a route may be called so.
///
/// # Errors
/// What was expected.
pub fn checked_name(name: &str) -> Result<String, String> {
    let known = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b);
    let valid = (1..=ROUTE_NAME_BYTES_MAX).contains(&name.len())
        && name.bytes().all(known)
        && name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name != DEFAULT_ROUTE;
    valid.then(|| name.to_owned()).ok_or_else(|| {
        format!(
            "expected a name of up to {ROUTE_NAME_BYTES_MAX} small letters, digits, `.`, `_` and \
             `-`, other than `{DEFAULT_ROUTE}`"
        )
    })
}

/// Several routes in one text, apart by blanks or line ends; none in an empty one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RouteSpecs(pub Vec<RouteSpec>);

impl FromStr for RouteSpecs {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.split_ascii_whitespace().map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

/// Whether something follows the authority of `url`, a slash alone included.
fn has_path(url: &str) -> bool {
    url.split_once("://").is_some_and(|(_, rest)| rest.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_says_whom_it_means_and_where_it_leads() {
        let shop: RouteSpec = "api.shop.test=https://shop.internal".parse().unwrap();
        assert_eq!((shop.name.as_str(), shop.keeps_prefix), ("api.shop.test", true));
        let pay: RouteSpec =
            "/payments=http://u:p=w@pay:81/v2;name=pay;mode=mock;preserve-host=on".parse().unwrap();
        assert_eq!((pay.name.as_str(), pay.keeps_prefix), ("pay", false));
        assert_eq!(pay.target.as_str(), "http://pay:81/v2");
        assert_eq!((pay.mode, pay.preserve_host), (Some(Mode::Mock), Some(true)));
        let root: RouteSpec = "/a=http://b/".parse().unwrap();
        assert!(!root.keeps_prefix);
    }

    #[test]
    fn what_is_no_route_is_refused_in_words() {
        for text in [
            "http://a",
            "=http://a",
            "/a",
            "/a=ftp://b",
            "/a=http://b;mode=x",
            "/a=http://b;name=A",
            "/a=http://b;name=default",
            "/a=http://b;colour=red",
        ] {
            assert!(text.parse::<RouteSpec>().unwrap_err().contains("expected"), "{text}");
        }
    }

    #[test]
    fn one_variable_holds_several_or_none() {
        let routes: RouteSpecs = " /a=http://a\n/b=http://b ".parse().unwrap();
        assert_eq!(routes.0.len(), 2);
        assert!("".parse::<RouteSpecs>().unwrap().0.is_empty());
    }
}

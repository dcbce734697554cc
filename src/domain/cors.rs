//! Which CORS headers an answer gets, so that a page of another origin can use the double as it
//! uses the backend (Fetch standard, section 3.2).
//!
//! Three parts, each decided here and carried out in `http::exchange::cors`: the double's own
//! request headers pass every preflight that the backend lets pass, its own answer headers can be
//! read by pages, and what the double answers in the backend's place never hides its status.

use std::str::FromStr;

/// What stands behind the CORS headers of answers (`--cors`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CorsPolicy {
    /// The backend's own policy, as it was learned; permissive where nothing is known of it.
    #[default]
    Learned,
    /// Every origin is let in, whatever the backend says.
    Permissive,
    /// The double adds nothing and takes nothing away.
    Off,
}

impl FromStr for CorsPolicy {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "learned" => Ok(Self::Learned),
            "permissive" => Ok(Self::Permissive),
            "off" => Ok(Self::Off),
            _ => Err("expected learned, permissive or off"),
        }
    }
}

/// What an endpoint has taught about an origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OriginVerdict {
    /// No request with an `Origin` was ever seen.
    Unknown,
    /// The backend lets it in.
    Allowed,
    /// The backend saw origins and lets this one not in.
    Refused,
}

/// Whose answer is to be decided about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnsweredBy {
    /// The backend itself.
    Backend,
    /// The model, in the backend's place.
    Model,
    /// The double for itself: errors, chaos, preflights of paths nobody asked.
    Double,
}

/// What happens to the header that lets an origin in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admittance {
    /// As the answer says.
    AsItIs,
    /// The origin is let in, with credentials.
    LetIn,
    /// The origin is kept out.
    KeptOut,
}

/// Decides about the answer to a request with an `Origin`; `says_so`: whether the answer names
/// origins that are let in already.
#[must_use]
pub fn admit(
    policy: CorsPolicy,
    by: AnsweredBy,
    says_so: bool,
    verdict: OriginVerdict,
) -> Admittance {
    match (policy, by) {
        (CorsPolicy::Off, _) | (CorsPolicy::Learned, AnsweredBy::Backend) => Admittance::AsItIs,
        (CorsPolicy::Permissive, _) | (CorsPolicy::Learned, AnsweredBy::Double) => {
            Admittance::LetIn
        }
        (CorsPolicy::Learned, AnsweredBy::Model) => match verdict {
            OriginVerdict::Refused => Admittance::KeptOut,
            _ if says_so => Admittance::AsItIs,
            OriginVerdict::Allowed | OriginVerdict::Unknown => Admittance::LetIn,
        },
    }
}

/// `list` of a header with those of `names` behind it that it lacks; a lone `*` stays, unless
/// credentials make it mean nothing but itself.
#[must_use]
pub fn with_names<'n>(
    list: &str,
    names: impl Iterator<Item = &'n str>,
    with_credentials: bool,
) -> String {
    let mut whole = list.trim().to_owned();
    if whole == "*" && !with_credentials {
        return whole;
    }
    for name in names {
        let listed = whole.split(',').any(|known| known.trim().eq_ignore_ascii_case(name));
        if !listed {
            if !whole.is_empty() {
                whole.push_str(", ");
            }
            whole.push_str(name);
        }
    }
    whole
}

/// `list` of a header without those names that `is_own` holds for.
#[must_use]
pub fn without_names(list: &str, is_own: impl Fn(&str) -> bool) -> String {
    let names = list.split(',').map(str::trim).filter(|name| !name.is_empty() && !is_own(name));
    names.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_backends_policy_stands_and_the_doubles_own_answers_can_be_read() {
        use Admittance::{AsItIs, KeptOut, LetIn};
        use AnsweredBy::{Backend, Double, Model};
        use OriginVerdict::{Allowed, Refused, Unknown};
        let check = |by, says_so, verdict, expected| {
            assert_eq!(admit(CorsPolicy::Learned, by, says_so, verdict), expected, "{by:?}");
            assert_eq!(admit(CorsPolicy::Off, by, says_so, verdict), AsItIs);
            assert_eq!(admit(CorsPolicy::Permissive, by, says_so, verdict), LetIn);
        };
        check(Backend, false, Unknown, AsItIs);
        check(Model, true, Allowed, AsItIs);
        check(Model, false, Allowed, LetIn);
        check(Model, false, Unknown, LetIn);
        check(Model, true, Refused, KeptOut);
        check(Double, false, Refused, LetIn);
    }

    #[test]
    fn names_are_added_once_and_a_star_is_enough_without_credentials() {
        let names = || ["X-Mock-Source", "X-Mock-Chaos"].into_iter();
        let all = "Link, x-mock-source, X-Mock-Chaos";
        assert_eq!(with_names("Link, x-mock-source", names(), false), all);
        assert_eq!(with_names("", names(), true), "X-Mock-Source, X-Mock-Chaos");
        assert_eq!(with_names("*", names(), false), "*");
        assert_eq!(with_names("*", names(), true), "*, X-Mock-Source, X-Mock-Chaos");
        let own = |name: &str| name.starts_with("x-mock-");
        assert_eq!(without_names("x-mock-seed, content-type ,x-a", own), "content-type,x-a");
    }
}

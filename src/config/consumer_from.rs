//! Who a consumer is that names no session: `--consumer-from`.

use std::fmt;
use std::str::FromStr;

use actix_web::http::header::HeaderName;

/// What tells the consumers apart that send no `X-Mock-Session`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ConsumerFrom {
    /// Nothing: all of them share one world.
    #[default]
    Nobody,
    /// The value of a header.
    Header(HeaderName),
    /// The value of a cookie.
    Cookie(String),
    /// The credential: `Authorization`, else what API keys are commonly sent in.
    Credential,
    /// The address of the connection.
    Peer,
}

impl FromStr for ConsumerFrom {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let expected =
            || "expected `none`, `credential`, `peer`, `header:NAME` or `cookie:NAME`".to_owned();
        match text.split_once(':') {
            None => match text {
                "none" => Ok(Self::Nobody),
                "credential" => Ok(Self::Credential),
                "peer" => Ok(Self::Peer),
                _ => Err(expected()),
            },
            Some(("header", name)) => {
                HeaderName::from_str(name).map(Self::Header).map_err(|_no_name| expected())
            }
            Some(("cookie", name)) if !name.is_empty() && !name.contains([' ', ';', '=']) => {
                Ok(Self::Cookie(name.to_owned()))
            }
            Some(_) => Err(expected()),
        }
    }
}

impl fmt::Display for ConsumerFrom {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nobody => out.write_str("none"),
            Self::Header(name) => write!(out, "header:{name}"),
            Self::Cookie(name) => write!(out, "cookie:{name}"),
            Self::Credential => out.write_str("credential"),
            Self::Peer => out.write_str("peer"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_is_read_as_it_is_written() {
        for text in ["none", "credential", "peer", "header:x-user", "cookie:sid"] {
            let read: ConsumerFrom = text.parse().expect("one of the ways");
            assert_eq!(read.to_string(), text);
        }
        for text in ["", "nobody", "header:", "header:a b", "cookie:", "cookie:a=b", "ip:1"] {
            assert!(text.parse::<ConsumerFrom>().is_err(), "{text}");
        }
    }
}

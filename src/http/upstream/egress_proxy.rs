//! A proxy on the way to the backend, as `HTTP_PROXY` and its relatives name one.
//!
//! A target in clear text is asked through it with absolute URLs, a target behind TLS through a
//! tunnel (`CONNECT`), so that the proxy sees no more of it than its name.

use std::fmt;
use std::net::IpAddr;

use actix_web::http::header::HeaderValue;
use ipnet::IpNet;
use thiserror::Error;

use super::target::{Target, basic_credentials};

/// A proxy that speaks HTTP in clear text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EgressProxy {
    host: String,
    port: u16,
    /// For `Proxy-Authorization`; its `Debug` shows nothing.
    credentials: Option<HeaderValue>,
    variable: &'static str,
}

/// A variable that names a proxy of a kind that is not spoken. Its value, which may hold a
/// password, is not repeated.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{variable}` is not usable: {reason}; expected http://[user:password@]host[:port]")]
pub struct EgressProxyError {
    variable: &'static str,
    reason: String,
}

impl EgressProxy {
    /// The proxy that the environment names for a target, `None` when it names none or excepts the
    /// target (`NO_PROXY`).
    ///
    /// The names are curl's, in lower and in upper case, the lower one first: `http_proxy` for
    /// targets in clear text, `https_proxy` for the others, `all_proxy` for both.
    ///
    /// # Errors
    /// [`EgressProxyError`] for a proxy of another kind.
    pub fn for_target(
        target: &Target,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, EgressProxyError> {
        let of_scheme = if target.is_tls() {
            ["https_proxy", "HTTPS_PROXY"]
        } else {
            ["http_proxy", "HTTP_PROXY"]
        };
        let said = |name: &&'static str| {
            let value = variable(name).filter(|value| !value.trim().is_empty())?;
            Some((*name, value))
        };
        let named = of_scheme.iter().chain(&["all_proxy", "ALL_PROXY"]).find_map(said);
        let Some((name, value)) = named else { return Ok(None) };
        let excepted = ["no_proxy", "NO_PROXY"].iter().find_map(said);
        if excepted.is_some_and(|(_, list)| excepts(&list, target)) {
            return Ok(None);
        }
        Self::parse(name, value.trim()).map(Some)
    }

    fn parse(variable: &'static str, value: &str) -> Result<Self, EgressProxyError> {
        let unusable = |reason: &str| EgressProxyError { variable, reason: reason.to_owned() };
        // As curl reads it: without a scheme it is HTTP.
        let with_scheme =
            if value.contains("://") { value.to_owned() } else { format!("http://{value}") };
        let url = url::Url::parse(&with_scheme).map_err(|error| unusable(&error.to_string()))?;
        if url.scheme() != "http" {
            return Err(unusable(&format!("a proxy that speaks `{}` is not known", url.scheme())));
        }
        let host = url.host_str().filter(|host| !host.is_empty());
        let host = host.ok_or_else(|| unusable("a host is missing"))?;
        let credentials =
            basic_credentials(&url).map_err(|_| unusable("its credentials cannot be sent"))?;
        Ok(Self {
            host: host.trim_start_matches('[').trim_end_matches(']').to_owned(),
            port: url.port_or_known_default().unwrap_or(80),
            credentials,
            variable,
        })
    }

    /// Host name or address.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Its port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What to say in `Proxy-Authorization`.
    #[must_use]
    pub fn credentials(&self) -> Option<&HeaderValue> {
        self.credentials.as_ref()
    }

    /// The request for a tunnel to a target.
    pub(super) fn connect_head(&self, target: &Target) -> Vec<u8> {
        let host = target.host();
        let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        let authority = format!("{host}:{}", target.port());
        let mut head =
            format!("CONNECT {authority} HTTP/1.1\r\nhost: {authority}\r\n").into_bytes();
        if let Some(credentials) = &self.credentials {
            head.extend_from_slice(b"proxy-authorization: ");
            head.extend_from_slice(credentials.as_bytes());
            head.extend_from_slice(b"\r\n");
        }
        head.extend_from_slice(b"\r\n");
        head
    }
}

impl fmt::Display for EgressProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}:{} (from `{}`)", self.host, self.port, self.variable)
    }
}

/// Whether a list of `NO_PROXY` covers a target: `*`, a host and all below it (with or without a
/// dot in front), an address, a network, each with an optional port.
fn excepts(list: &str, target: &Target) -> bool {
    let host = target.host().to_ascii_lowercase();
    let address: Option<IpAddr> = host.parse().ok();
    list.split([',', ' ']).map(str::trim).filter(|entry| !entry.is_empty()).any(|entry| {
        if entry == "*" {
            return true;
        }
        if let (Ok(net), Some(address)) = (entry.parse::<IpNet>(), address) {
            return net.contains(&address);
        }
        let (name, port) = match entry.rsplit_once(':') {
            Some((name, port)) if !name.contains(':') || name.ends_with(']') => {
                (name, port.parse::<u16>().ok())
            }
            _ => (entry, None),
        };
        if port.is_some_and(|port| port != target.port()) {
            return false;
        }
        let name = name.trim_start_matches("*.").trim_start_matches('.').trim_matches(['[', ']']);
        let name = name.to_ascii_lowercase();
        host == name || host.strip_suffix(&name).is_some_and(|above| above.ends_with('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(target: &str, variables: &[(&str, &str)]) -> Option<String> {
        let target = Target::parse(target).unwrap();
        let value = |name: &str| {
            let known = variables.iter().find(|(known, _)| *known == name);
            known.map(|(_, value)| (*value).to_owned())
        };
        let proxy = EgressProxy::for_target(&target, value).unwrap()?;
        Some(format!("{}:{}", proxy.host(), proxy.port()))
    }

    #[test]
    fn the_variables_of_curl_name_the_proxy() {
        fn check(target: &str, variables: &[(&str, &str)], expected: Option<&str>) {
            assert_eq!(found(target, variables).as_deref(), expected, "{target} {variables:?}");
        }
        let both = [("HTTP_PROXY", "http://p:3128/"), ("https_proxy", "q:8080")];
        check("http://api.test", &both, Some("p:3128"));
        check("https://api.test", &both, Some("q:8080"));
        check("https://api.test", &[("HTTP_PROXY", "http://p")], None);
        check("https://api.test", &[("ALL_PROXY", "http://p")], Some("p:80"));
        check("http://a.test", &[("http_proxy", "low:1"), ("HTTP_PROXY", "up:2")], Some("low:1"));
        check("http://a.test", &[("HTTP_PROXY", " ")], None);
    }

    #[test]
    fn targets_are_excepted_by_name_address_network_and_port() {
        fn check(target: &str, list: &str, excepted: bool) {
            let variables = [("ALL_PROXY", "http://p:1"), ("NO_PROXY", list)];
            assert_eq!(found(target, &variables).is_none(), excepted, "{target} {list}");
        }
        check("http://api.corp.test", "localhost, .corp.test", true);
        check("http://api.corp.test", "corp.test", true);
        check("http://api.corp.test", "*.corp.test", true);
        check("http://apicorp.test", "corp.test", false);
        check("http://API.test", "api.TEST", true);
        check("http://10.1.2.3", "10.0.0.0/8", true);
        check("http://10.1.2.3", "10.1.2.4,192.168.0.0/16", false);
        check("http://[::1]:90", "::1", true);
        check("http://a.test:90", "a.test:91", false);
        check("http://a.test:90", "a.test:90", true);
        check("http://a.test", "*", true);
        check("http://a.test", "", false);
    }

    #[test]
    fn other_proxies_are_refused_without_their_password() {
        let target = Target::parse("http://a.test").unwrap();
        for value in ["socks5://user:secret@p:1", "https://user:secret@p", "http://"] {
            let error =
                EgressProxy::for_target(&target, |_| Some(value.to_owned()).filter(|_| true));
            // `NO_PROXY` has the same text here, and names nothing.
            let error = error.unwrap_err().to_string();
            assert!(error.contains("`http_proxy`") && !error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn a_tunnel_is_asked_for_with_the_proxys_credentials() {
        let target = Target::parse("https://[::1]:8443").unwrap();
        let proxy = EgressProxy::parse("ALL_PROXY", "http://u:p@proxy:3128").unwrap();
        let head = String::from_utf8(proxy.connect_head(&target)).unwrap();
        assert_eq!(
            head,
            "CONNECT [::1]:8443 HTTP/1.1\r\nhost: [::1]:8443\r\n\
             proxy-authorization: Basic dTpw\r\n\r\n"
        );
        assert!(!format!("{proxy:?} {proxy}").contains("dTpw"));
    }
}

//! Where a running admin may let routes lead.

use std::net::IpAddr;
use std::str::FromStr;

use super::Cidrs;
use crate::domain::route_pattern::RoutePattern;

/// Hosts and networks. Names are compared as they are given and never resolved: a name that is
/// allowed is believed, and an address must lie in an allowed network.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowedTargets {
    hosts: Vec<RoutePattern>,
    networks: Vec<Cidrs>,
}

impl AllowedTargets {
    /// Whether a backend may be at `host`, a name or an address, without port.
    #[must_use]
    pub fn allows(&self, host: &str) -> bool {
        match host.trim_matches(['[', ']']).parse::<IpAddr>() {
            Ok(address) => self.networks.iter().any(|network| network.contains(address)),
            Err(_name) => self.hosts.iter().any(|pattern| pattern.matches(Some(host), "/")),
        }
    }
}

impl FromStr for AllowedTargets {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut allowed = Self::default();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let pattern = part.parse::<RoutePattern>().ok();
            let host = pattern.filter(|pattern| pattern.prefix().is_none());
            if let Ok(network) = part.parse::<Cidrs>() {
                allowed.networks.push(network);
            } else if let Some(host) = host {
                allowed.hosts.push(host);
            } else {
                return Err(format!(
                    "`{part}` is neither; expected hosts and networks such as \
                     pay.internal,*.internal,10.0.0.0/8"
                ));
            }
        }
        Ok(allowed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_are_allowed_apart() {
        let allowed: AllowedTargets = "pay.internal, *.shop.test,10.0.0.0/8,::1".parse().unwrap();
        for host in ["pay.internal", "PAY.internal.", "a.shop.test", "10.1.2.3", "[::1]"] {
            assert!(allowed.allows(host), "{host}");
        }
        for host in ["shop.test", "169.254.169.254", "localhost", "127.0.0.1", "11.0.0.1"] {
            assert!(!allowed.allows(host), "{host}");
        }
        assert!(!AllowedTargets::default().allows("pay.internal"));
        assert!("/payments".parse::<AllowedTargets>().is_err());
    }
}

//! Who answers a request: the modes, and the table that decides between them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who answers, for the whole double.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// The backend.
    Proxy,
    /// The learned model.
    Mock,
    /// The backend, and the learned model while the backend is down.
    Failover,
}

/// Who answers, for one endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum EndpointMode {
    /// As the global mode says.
    #[default]
    Inherit,
    /// The backend, whatever the global mode.
    Proxy,
    /// The learned model, whatever the global mode.
    Mock,
    /// Failover, whatever the global mode.
    Failover,
}

/// A word that is no mode.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected one of {expected}")]
pub struct UnknownMode {
    expected: &'static str,
}

impl Mode {
    /// The word used in settings, JSON and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proxy => "proxy",
            Self::Mock => "mock",
            Self::Failover => "failover",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Mode {
    type Err = UnknownMode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "proxy" => Ok(Self::Proxy),
            "mock" => Ok(Self::Mock),
            "failover" => Ok(Self::Failover),
            _ => Err(UnknownMode { expected: "proxy, mock, failover" }),
        }
    }
}

impl EndpointMode {
    /// The word used in JSON and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Inherit => "inherit",
            Self::Proxy => "proxy",
            Self::Mock => "mock",
            Self::Failover => "failover",
        }
    }
}

impl FromStr for EndpointMode {
    type Err = UnknownMode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "inherit" => Ok(Self::Inherit),
            "proxy" => Ok(Self::Proxy),
            "mock" => Ok(Self::Mock),
            "failover" => Ok(Self::Failover),
            _ => Err(UnknownMode { expected: "inherit, proxy, mock, failover" }),
        }
    }
}

/// The mode in force for a request, and what set it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct EffectiveMode {
    /// The mode.
    pub effective: Mode,
    /// What set it.
    pub from: ModeSource,
}

/// What set a mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ModeSource {
    /// The request header `X-Mock-Enabled`.
    Header,
    /// The mode of the endpoint.
    Endpoint,
    /// The mode of the route, where the double has several backends.
    Route,
    /// The global mode.
    Global,
}

/// The decision table: header beats endpoint beats route beats global.
///
/// `header` is the value of `X-Mock-Enabled`: true mocks, false proxies.
#[must_use]
pub fn effective_mode(
    header: Option<bool>,
    endpoint: EndpointMode,
    route: Option<Mode>,
    global: Mode,
) -> EffectiveMode {
    let (effective, from) = match (header, endpoint) {
        (Some(true), _) => (Mode::Mock, ModeSource::Header),
        (Some(false), _) => (Mode::Proxy, ModeSource::Header),
        (None, EndpointMode::Proxy) => (Mode::Proxy, ModeSource::Endpoint),
        (None, EndpointMode::Mock) => (Mode::Mock, ModeSource::Endpoint),
        (None, EndpointMode::Failover) => (Mode::Failover, ModeSource::Endpoint),
        (None, EndpointMode::Inherit) => {
            route.map_or((global, ModeSource::Global), |mode| (mode, ModeSource::Route))
        }
    };
    EffectiveMode { effective, from }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_beats_endpoint_beats_route_beats_global() {
        use ModeSource::{Endpoint, Global, Header};
        for (header, endpoint, global, effective, from) in [
            (None, EndpointMode::Inherit, Mode::Proxy, Mode::Proxy, Global),
            (None, EndpointMode::Inherit, Mode::Failover, Mode::Failover, Global),
            (None, EndpointMode::Mock, Mode::Proxy, Mode::Mock, Endpoint),
            (None, EndpointMode::Proxy, Mode::Mock, Mode::Proxy, Endpoint),
            (None, EndpointMode::Failover, Mode::Mock, Mode::Failover, Endpoint),
            (Some(true), EndpointMode::Proxy, Mode::Proxy, Mode::Mock, Header),
            (Some(false), EndpointMode::Mock, Mode::Mock, Mode::Proxy, Header),
        ] {
            let decided = effective_mode(header, endpoint, None, global);
            assert_eq!(decided, EffectiveMode { effective, from });
        }
        let route = Some(Mode::Mock);
        let decided = effective_mode(None, EndpointMode::Inherit, route, Mode::Proxy);
        assert_eq!(decided, EffectiveMode { effective: Mode::Mock, from: ModeSource::Route });
        let decided = effective_mode(None, EndpointMode::Proxy, route, Mode::Mock);
        assert_eq!(decided, EffectiveMode { effective: Mode::Proxy, from: Endpoint });
    }
}

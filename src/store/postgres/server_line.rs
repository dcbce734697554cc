//! The way to the server: what libpq is told, with TLS or without it.

use diesel::Connection as _;
use diesel::PgConnection as Connection;
use rustls::pki_types::ServerName;

use super::tls;
use super::tls_relay::{NO_TLS, TlsRelay, TlsServer};
use crate::store::error::{Kind, StoreError};
use crate::store::ssl::SslMode;
use crate::store::url::PostgresParameters;

/// The port of PostgreSQL.
const PORT: &str = "5432";

/// A way to the server that is laid. Connections last no longer than it.
pub(super) struct ServerLine {
    /// What libpq is told.
    pub connection_string: String,
    relay: Option<TlsRelay>,
    places: Vec<Place>,
}

/// One of the places where the server may be.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    host: String,
    /// Dialled in the place of the host's name.
    address: String,
    port: String,
}

impl Place {
    /// Unix sockets are not for TLS, whatever is asked for: so libpq has it.
    fn is_tcp(&self) -> bool {
        !self.address.is_empty() || !(self.host.is_empty() || self.host.starts_with(['/', '@']))
    }

    fn server(&self, is_direct: bool) -> Result<TlsServer, String> {
        let first_of = |one: &str, other: &str| match one {
            "" => other.to_owned(),
            _ => one.to_owned(),
        };
        let name = first_of(&self.host, &self.address);
        let port = self.port.parse().map_err(|_| format!("`{}` is not a port", self.port))?;
        Ok(TlsServer {
            address: first_of(&self.address, &self.host),
            port,
            name: ServerName::try_from(name.clone())
                .map_err(|_| format!("`{name}` is neither a name nor an address"))?,
            is_direct,
        })
    }
}

impl ServerLine {
    /// Connects once, by each way that the parameters allow until one leads there.
    pub(super) fn reach(
        parameters: &PostgresParameters,
        defaults: &[(&str, &str)],
    ) -> Result<Self, StoreError> {
        let unavailable = |reason: String| Kind::Unavailable.of(parameters, reason);
        let places = places(parameters, |name| std::env::var(name).ok());
        let is_tcp = places.iter().any(Place::is_tcp);
        let ways: &[bool] = match parameters.ssl().mode {
            _ if !is_tcp => &[false],
            SslMode::Disable => &[false],
            SslMode::Allow => &[false, true],
            SslMode::Prefer => &[true, false],
            SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => &[true],
        };
        let mut refused: Option<StoreError> = None;
        for with_tls in ways {
            let line = if *with_tls {
                Self::behind_tls(parameters, defaults, places.clone()).map_err(unavailable)?
            } else {
                Self::plain(parameters, defaults)
            };
            let error = match Connection::establish(&line.connection_string) {
                Ok(_connected) => return Ok(line),
                Err(error) => unavailable(line.told(parameters, &error.to_string())),
            };
            if error.server_is_away() {
                return Err(error);
            }
            // Of two refusals the one behind TLS says more, if there was TLS at all.
            refused = match refused {
                Some(earlier) if !*with_tls && !earlier.to_string().contains(NO_TLS) => {
                    Some(earlier)
                }
                Some(earlier) if error.to_string().contains(NO_TLS) => Some(earlier),
                _ => Some(error),
            };
        }
        Err(refused.unwrap_or_else(|| unavailable("there is no way to it".to_owned())))
    }

    fn plain(parameters: &PostgresParameters, defaults: &[(&str, &str)]) -> Self {
        // Said in so many words, or libpq would ask its variables, and refuse.
        let connection_string = parameters.connection_string(&[("sslmode", "disable")], defaults);
        Self { connection_string, relay: None, places: Vec::new() }
    }

    fn behind_tls(
        parameters: &PostgresParameters,
        defaults: &[(&str, &str)],
        places: Vec<Place>,
    ) -> Result<Self, String> {
        let ssl = parameters.ssl();
        let behind: Vec<Place> = places.iter().filter(|place| place.is_tcp()).cloned().collect();
        let servers = behind.iter().map(|place| place.server(ssl.is_direct));
        let servers = servers.collect::<Result<Vec<_>, _>>()?;
        let relay = TlsRelay::start(servers, &tls::connector(ssl)?)
            .map_err(|error| format!("no way behind TLS: {error}"))?;
        let mut relayed = 0;
        let (hosts, ports): (Vec<_>, Vec<_>) = places
            .iter()
            .map(|place| {
                if !place.is_tcp() {
                    return (place.host.clone(), place.port.clone());
                }
                relayed += 1;
                (relay.host().to_owned(), relayed.to_string())
            })
            .unzip();
        let (hosts, ports) = (hosts.join(","), ports.join(","));
        let instead =
            [("sslmode", "disable"), ("host", &hosts), ("port", &ports), ("hostaddr", "")];
        let connection_string = parameters.connection_string(&instead, defaults);
        Ok(Self { connection_string, relay: Some(relay), places: behind })
    }

    /// What libpq says, about the server and not about the relay, and without secrets.
    pub(super) fn told(&self, parameters: &PostgresParameters, message: &str) -> String {
        let mut message = parameters.scrub(message);
        if let Some(relay) = &self.relay {
            for (port, place) in (1..).zip(&self.places) {
                let socket = format!("on socket \"{}/.s.PGSQL.{port}\"", relay.host());
                let server = format!("at \"{}\", port {}", place.host, place.port);
                message = message.replace(&socket, &server);
            }
        }
        message
    }
}

/// The places that the parameters name, or libpq's variables where they name none.
fn places(
    parameters: &PostgresParameters,
    variable: impl Fn(&str) -> Option<String>,
) -> Vec<Place> {
    let list = |name: &str, variable_name: &str| {
        let given = parameters.get(name).map(str::to_owned).or_else(|| variable(variable_name));
        let given = given.unwrap_or_default();
        given.split(',').map(str::to_owned).collect::<Vec<_>>()
    };
    let (hosts, addresses) = (list("host", "PGHOST"), list("hostaddr", "PGHOSTADDR"));
    let ports = list("port", "PGPORT");
    let of = |list: &[String], at: usize| list.get(at).cloned().unwrap_or_default();
    (0..hosts.len().max(addresses.len()))
        .map(|at| {
            let port = of(&ports, if ports.len() == 1 { 0 } else { at });
            let port = if port.is_empty() { PORT.to_owned() } else { port };
            Place { host: of(&hosts, at), address: of(&addresses, at), port }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::DatabaseUrl;

    #[test]
    fn every_place_is_found_with_its_port() {
        let check = |url: &str, expected: &[(&str, &str, &str, bool)]| {
            let url: DatabaseUrl = url.parse().unwrap();
            let found = places(url.postgres().unwrap(), |_| None);
            let found: Vec<_> =
                found.iter().map(|p| (&*p.host, &*p.address, &*p.port, p.is_tcp())).collect();
            assert_eq!(found, expected);
        };
        check("postgres://h/db", &[("h", "", "5432", true)]);
        check("postgres:///db?host=/run&port=7", &[("/run", "", "7", false)]);
        check("postgres:///db", &[("", "", "5432", false)]);
        check("postgres://a:1,b/db", &[("a", "", "1", true), ("b", "", "5432", true)]);
        check("postgres://a,b/db?port=7", &[("a", "", "7", true), ("b", "", "7", true)]);
        check("postgres://a/db?hostaddr=10.0.0.1", &[("a", "10.0.0.1", "5432", true)]);
    }
}

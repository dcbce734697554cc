//! What the double says of itself at its start: six lines at most, for somebody who has just
//! started it and wants to know what it is in front of, what it knows, and where to look.

use std::net::SocketAddr;

use crate::config::{NO_TARGET, Settings};
use crate::domain::mode::Mode;
use crate::store::DatabaseUrl;

/// What is known once the double runs.
#[derive(Debug, Clone)]
pub struct Announcement {
    /// Address of the public listener.
    pub address: SocketAddr,
    /// Address of the admin's own listener.
    pub admin_address: Option<SocketAddr>,
    /// The mode in force: the stored one, unless one was given.
    pub mode: Mode,
    /// The seed in force: the stored one, unless one was given.
    pub seed: String,
    /// Endpoints that earlier runs have learned.
    pub endpoints: usize,
}

/// The lines, each with its end. The first one is part of the contract: scripts wait for it and
/// read the address from it.
pub fn text(settings: &Settings, facts: &Announcement) -> String {
    let Announcement { address, admin_address, mode, seed, endpoints } = facts;
    let admin = admin_address.unwrap_or(*address);
    let prefix = settings.admin.prefix.as_str();
    let token = if settings.admin.token.is_some() { ", with the token" } else { "" };
    // Opened before, so it can be read; what is shown of it has no password.
    let database = settings.database_url.parse::<DatabaseUrl>();
    let database = database.map_or_else(|_| "database".to_owned(), |url| format!("database {url}"));
    let known = match endpoints {
        1 => "1 endpoint known".to_owned(),
        count => format!("{count} endpoints known"),
    };
    let scheme = settings.listener_tls.scheme();
    let mut lines = vec![
        format!("listening on {scheme}://{address}"),
        format!(
            "stunt-double {} in front of {}, mode {}, seed `{}`",
            env!("CARGO_PKG_VERSION"),
            settings.target.value,
            mode.as_str(),
            seed,
        ),
        format!("{database}: {known}"),
        format!(
            "console on {scheme}://{admin}{prefix}/{token}; admin API at \
             {scheme}://{admin}{prefix}/docs"
        ),
    ];
    if !settings.target.given {
        lines.push(NO_TARGET.to_owned());
    }
    lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
}

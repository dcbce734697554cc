//! Where what consumers wrote is kept: `--sessions`.

use std::fmt;
use std::str::FromStr;

/// Where what consumers wrote is kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SessionStore {
    /// In memory: a restart forgets it.
    #[default]
    Memory,
    /// In the database as well.
    Stored,
}

impl FromStr for SessionStore {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "memory" => Ok(Self::Memory),
            "stored" => Ok(Self::Stored),
            _ => Err("expected `memory` or `stored`"),
        }
    }
}

impl fmt::Display for SessionStore {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Memory => "memory",
            Self::Stored => "stored",
        })
    }
}

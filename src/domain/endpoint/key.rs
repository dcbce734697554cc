//! The name of an endpoint: backend, method and path template, and the stable id derived from them.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::BackendId;
use crate::domain::path::PathTemplate;

/// Backend, method and path template: what an endpoint is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EndpointKey {
    /// Backend that answers it.
    pub backend: BackendId,
    /// Request method as sent, e.g. `GET`.
    pub method: Arc<str>,
    /// Learned template, e.g. `/users/{id}`.
    pub template: PathTemplate,
}

impl EndpointKey {
    /// The key of `method` on `template` of the only backend.
    #[must_use]
    pub fn new(method: &str, template: PathTemplate) -> Self {
        Self::of_backend(BackendId::ONLY, method, template)
    }

    /// The key of `method` on `template` of `backend`.
    #[must_use]
    pub fn of_backend(backend: BackendId, method: &str, template: PathTemplate) -> Self {
        Self { backend, method: method.into(), template }
    }

    /// The same method and backend on another template.
    #[must_use]
    pub fn moved_to(&self, template: PathTemplate) -> Self {
        Self { template, ..self.clone() }
    }

    /// The id derived from this key: the same on every instance.
    #[must_use]
    pub fn id(&self) -> EndpointId {
        EndpointId::of_backend(&self.backend, &self.method, self.template.as_str())
    }
}

impl fmt::Display for EndpointKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.template.as_str())
    }
}

/// Stable id of an endpoint: the first 80 bits of SHA-256 over `METHOD template`, in hex.
///
/// 80 bits: two of a million endpoints share an id with probability 4 in 10^13, and a client
/// cannot craft a collision in useful time (2^40 work for any pair, 2^80 for a given one).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EndpointId(Arc<str>);

impl EndpointId {
    /// The id of `method` on `template` of the only backend.
    #[must_use]
    pub fn of(method: &str, template: &str) -> Self {
        Self::of_backend(&BackendId::ONLY, method, template)
    }

    /// The id of `method` on `template` of `backend`. A method holds no line break, so the name in
    /// front of it cannot be taken for one.
    #[must_use]
    pub fn of_backend(backend: &BackendId, method: &str, template: &str) -> Self {
        let mut digest = Sha256::new();
        if !backend.is_only() {
            digest.update(backend.as_str().as_bytes());
            digest.update(b"\n");
        }
        let digest = digest
            .chain_update(method.as_bytes())
            .chain_update(b" ")
            .chain_update(template.as_bytes())
            .finalize();
        let hex: String = digest.iter().take(10).map(|byte| format!("{byte:02x}")).collect();
        Self(hex.into())
    }

    /// An id as it came from outside; it need not exist.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        Self(text.into())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EndpointId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_stable_and_differ_by_method_and_template() {
        let id = EndpointId::of("GET", "/users/{id}");
        assert_eq!(id.as_str().len(), 20);
        assert_eq!(id, EndpointId::of("GET", "/users/{id}"));
        assert_ne!(id, EndpointId::of("PUT", "/users/{id}"));
        assert_ne!(id, EndpointId::of("GET", "/users"));
    }

    #[test]
    fn the_only_backend_adds_nothing_to_an_id_and_others_do() {
        // As stored by doubles that knew one backend.
        let id = EndpointId::of("GET", "/users/{id}");
        assert_eq!(id.as_str(), "e870987d0579f8d4cf37");
        assert_eq!(id, EndpointId::of_backend(&BackendId::named(""), "GET", "/users/{id}"));
        let of = |name| EndpointId::of_backend(&BackendId::named(name), "GET", "/users/{id}");
        assert_ne!(of("shop"), id);
        assert_ne!(of("shop"), of("bank"));
    }
}

//! Everything learned as one value, and its file: a gzip stream of one versioned JSON document.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::sync::Arc;

use flate2::Compression;
use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};

use crate::domain::endpoint::{BackendId, EndpointKey, EndpointModel, ModelLimits};
use crate::domain::path::{PathLearner, PathLimits, PathTemplate, PathTree, Pin};

/// Version of the document that is written here. Older ones are read, newer ones are refused.
pub const MODEL_VERSION: u32 = 1;

/// What the document says it is.
const FORMAT: &str = "stunt-double-model";

/// Bytes of a model's document when it is unpacked. 256 MiB: a thousand endpoints whose models are
/// as large as they may become; what inflates beyond is no model.
const UNPACKED_BYTES_MAX: u64 = 256 << 20;

/// Endpoints of one file: as many as published APIs have operations, many times over.
const ENDPOINTS_MAX: usize = 100_000;

/// The first bytes of a gzip stream (RFC 1952).
pub const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Why a file is no model that this version reads.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PortableError {
    /// The most bytes that are unpacked.
    #[error("longer than {0} bytes when unpacked")]
    TooLarge(u64),
    /// What gzip or JSON found wrong.
    #[error("no model: {0}")]
    Unreadable(String),
    /// A newer stunt-double wrote it.
    #[error("model of version {found}; this version of stunt-double reads up to {known}")]
    Newer {
        /// As the file says.
        found: u32,
        /// The newest that this build reads.
        known: u32,
    },
}

/// What was learned of one endpoint, with its name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PortableEndpoint {
    /// Name of the backend, empty for the only one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub backend: String,
    /// In capitals.
    pub method: String,
    /// Path with the placeholders of its parameters in braces.
    pub template: PathTemplate,
    /// Everything learned of it; shared, not copied, with who took it out.
    pub model: Arc<EndpointModel>,
}

/// Everything learned, as it travels.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct PortableModel {
    /// Always `stunt-double-model`.
    format: String,
    version: u32,
    /// The version that wrote it.
    #[serde(default)]
    pub made_by: String,
    /// What of real values it may hold: the privacy level under which it was learned.
    #[serde(default)]
    pub privacy: String,
    /// Templates given by people or documents, which win over learning.
    #[serde(default)]
    pub templates: Vec<String>,
    /// In no order that means anything.
    #[serde(default)]
    pub endpoints: Vec<PortableEndpoint>,
}

impl PortableEndpoint {
    /// `GET /users/{id}`
    #[must_use]
    pub fn label(&self) -> String {
        format!("{} {}", self.method, self.template)
    }

    /// Its key on every instance.
    #[must_use]
    pub fn key(&self) -> EndpointKey {
        let backend = BackendId::named(&self.backend);
        EndpointKey::of_backend(backend, &self.method, self.template.clone())
    }
}

impl PortableModel {
    /// A model of these endpoints, in the order of path and method.
    #[must_use]
    pub fn new(templates: Vec<String>, mut endpoints: Vec<PortableEndpoint>) -> Self {
        endpoints.sort_by(|a, b| {
            (&a.template, &a.method, &a.backend).cmp(&(&b.template, &b.method, &b.backend))
        });
        Self {
            format: FORMAT.to_owned(),
            version: MODEL_VERSION,
            made_by: concat!("stunt-double ", env!("CARGO_PKG_VERSION")).to_owned(),
            privacy: "strict".to_owned(),
            templates,
            endpoints,
        }
    }

    /// Exchanges learned, over all endpoints.
    #[must_use]
    pub fn observations(&self) -> u64 {
        self.endpoints.iter().map(|endpoint| endpoint.model.observations).sum()
    }

    /// The file: the same bytes for the same model.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        // Every model serializes (string keys, no failing implementations), and a vector takes all.
        let written = serde_json::to_writer(&mut packed, self).is_ok();
        debug_assert!(written, "a model is written");
        let _flushed = packed.flush();
        packed.finish().unwrap_or_default()
    }

    /// Reads a file, packed or plain.
    ///
    /// # Errors
    /// [`PortableError`]: too large, not a model, or of a newer version.
    pub fn read(bytes: &[u8]) -> Result<Self, PortableError> {
        let json = unpacked(bytes, UNPACKED_BYTES_MAX)?;
        let unreadable = |error: serde_json::Error| PortableError::Unreadable(error.to_string());
        // The head first: what a newer version wrote need not be readable otherwise.
        let head: Head = serde_json::from_slice(&json).map_err(unreadable)?;
        if head.format != FORMAT {
            return Err(PortableError::Unreadable("not written by stunt-double".to_owned()));
        }
        if head.version > MODEL_VERSION {
            let found = head.version;
            return Err(PortableError::Newer { found, known: MODEL_VERSION });
        }
        let model: Self = serde_json::from_slice(&json).map_err(unreadable)?;
        if model.endpoints.len() > ENDPOINTS_MAX {
            return Err(PortableError::Unreadable(format!("more than {ENDPOINTS_MAX} endpoints")));
        }
        Ok(model)
    }

    /// Adds what `other` knows: equals having seen both streams, within the sketches' error.
    pub fn merge(&mut self, other: &Self, limits: &ModelLimits) {
        let mut places: BTreeMap<_, usize> = BTreeMap::new();
        for (at, known) in self.endpoints.iter().enumerate() {
            places.insert((known.template.clone(), known.method.clone()), at);
        }
        for theirs in &other.endpoints {
            match places.get(&(theirs.template.clone(), theirs.method.clone())) {
                Some(at) => {
                    let ours = Arc::make_mut(&mut self.endpoints[*at].model);
                    ours.merge(&theirs.model, limits);
                }
                None => self.endpoints.push(theirs.clone()),
            }
        }
        for template in &other.templates {
            if !self.templates.contains(template) {
                self.templates.push(template.clone());
            }
        }
        *self = Self::new(std::mem::take(&mut self.templates), std::mem::take(&mut self.endpoints));
    }

    /// What finds the endpoints of paths.
    #[must_use]
    pub fn tree(&self) -> Arc<PathTree> {
        let limits = PathLimits::default();
        let most = limits.templates_max.max(self.endpoints.len() + self.templates.len());
        let limits = PathLimits { templates_max: most, pins_max: most, ..limits };
        let mut learner = PathLearner::new(limits);
        for pin in &self.templates {
            // A pin that contradicts another one was refused where it was made.
            let _pinned = learner.pin(Pin::new(pin.as_str()));
        }
        for endpoint in &self.endpoints {
            let hits = u32::try_from(endpoint.model.observations).unwrap_or(u32::MAX);
            let _known = learner.admit(endpoint.template.as_str(), hits.max(1));
        }
        learner.tree()
    }
}

/// A template without the names of its parameters: `/users/{}`.
#[must_use]
pub fn shape_of_path(path: &str) -> String {
    let mut shape = String::with_capacity(path.len());
    let mut inside = false;
    for character in path.chars() {
        match character {
            '{' => inside = true,
            '}' => inside = false,
            _ if inside => continue,
            _ => {}
        }
        shape.push(character);
    }
    shape
}

/// What is read of a document before the rest.
#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    format: String,
    #[serde(default)]
    version: u32,
}

/// The bytes of a document, unpacked when they are packed, and no more than `bytes_max`.
///
/// # Errors
/// [`PortableError`].
pub fn unpacked(bytes: &[u8], bytes_max: u64) -> Result<Vec<u8>, PortableError> {
    let mut plain = Vec::new();
    if bytes.starts_with(&GZIP_MAGIC) {
        let mut inflating = MultiGzDecoder::new(bytes).take(bytes_max + 1);
        inflating
            .read_to_end(&mut plain)
            .map_err(|error| PortableError::Unreadable(format!("broken gzip stream: {error}")))?;
    } else {
        plain.extend_from_slice(bytes.get(..=bytes_max as usize).unwrap_or(bytes));
    }
    if plain.len() as u64 > bytes_max {
        return Err(PortableError::TooLarge(bytes_max));
    }
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_comes_back_as_it_went_and_a_newer_one_is_refused() {
        let model = PortableModel::new(vec!["/teams/{name}".to_owned()], Vec::new());
        let bytes = model.to_bytes();
        let read = PortableModel::read(&bytes).unwrap();
        assert_eq!((read.templates.len(), read.to_bytes() == bytes), (1, true));
        let newer = format!(r#"{{"format":"{FORMAT}","version":2,"endpoints":7}}"#);
        let refused = PortableModel::read(newer.as_bytes()).unwrap_err();
        assert_eq!(refused, PortableError::Newer { found: 2, known: 1 });
        assert!(PortableModel::read(b"{}").is_err());
    }

    #[test]
    fn what_inflates_without_end_is_refused() {
        let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
        bomb.write_all(&vec![b' '; 3 << 20]).unwrap();
        let bomb = bomb.finish().unwrap();
        assert!(bomb.len() < 10_000);
        assert_eq!(unpacked(&bomb, 1 << 20), Err(PortableError::TooLarge(1 << 20)));
    }
}

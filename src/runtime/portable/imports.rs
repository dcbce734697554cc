//! Documents of others, taken in by a running double: read on a thread of their own, learned in
//! batches that wait for the learner, noted so that nothing is taken twice.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use crate::domain::chaos::ChaosLimits;
use crate::domain::endpoint::{ModelLimits, Observation};
use crate::domain::overrides::wiremock;
use crate::domain::portable::import::import_format::HEAD_BYTES;
use crate::domain::portable::import::{
    DOCUMENT_BYTES_MAX, DocumentReport, ImportError, ImportFormat, access_log, har, openapi,
    postman,
};
use crate::domain::portable::portable_model::{GZIP_MAGIC, unpacked};
use crate::domain::portable::{PortableError, PortableModel};
use crate::runtime::clock::now_ms;
use crate::runtime::directory::absorb::{Absorb, Absorbed, ForeignEndpoint};
use crate::runtime::learning::LearningHandle;
use crate::runtime::overrides::OverridesHandle;
use crate::runtime::persistence::PersistenceHandle;
use crate::runtime::persistence::pending_writes::PendingWrite;
use crate::store::Stored;

/// Name of the setting under which imports are noted.
const STORED_AS: &str = "imports";

/// Imports that are remembered; the oldest are forgotten, and could then be imported again.
const REMEMBERED_MAX: usize = 500;

/// Exchanges handed over at once, and their bytes.
const BATCH_MAX: usize = 256;
const BATCH_BYTES_MAX: usize = 1 << 20;

/// Bytes that may wait at the learner before the next batch is handed over: what clients send
/// meanwhile keeps its room.
const WAITING_BYTES_MAX: usize = 1 << 20;

/// Pause between two looks at the learner.
const WAIT: Duration = Duration::from_millis(2);

/// What a document is read from, more than once.
pub trait ReadSeek: Read + Seek + Send {}

impl<R: Read + Seek + Send> ReadSeek for R {}

/// Where a document is.
pub enum ImportSource {
    /// All of it in memory, as it was uploaded.
    Bytes(Vec<u8>),
    /// Read as a stream, where its format allows it.
    File(PathBuf),
    /// The same of a file that is open, by whoever wants to see how far it is read.
    Stream(Box<dyn ReadSeek>),
}

/// A part of a document, read.
enum Portion {
    Exchanges(Vec<Observation>),
    Endpoints { source: &'static str, templates: Vec<String>, endpoints: Vec<ForeignEndpoint> },
    Overrides(Vec<Value>),
}

/// Takes documents in.
#[derive(Clone)]
pub struct ImportsHandle {
    learning: LearningHandle,
    overrides: OverridesHandle,
    persistence: PersistenceHandle,
    limits: Arc<(ModelLimits, ChaosLimits)>,
    taken: Arc<Mutex<VecDeque<DocumentReport>>>,
    /// One import at a time: two of the same document must not both find it new.
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl ImportsHandle {
    /// Remembers what was imported by earlier runs.
    #[must_use]
    pub fn start(
        learning: LearningHandle,
        overrides: OverridesHandle,
        limits: (ModelLimits, ChaosLimits),
        stored: &Stored,
    ) -> Self {
        let noted = stored.settings.iter().find(|(name, _)| name == STORED_AS);
        let taken = noted.and_then(|(_, text)| {
            let read = serde_json::from_str(text);
            read.inspect_err(|error| log::warn!("earlier imports are forgotten: {error}")).ok()
        });
        Self {
            persistence: learning.persistence().clone(),
            learning,
            overrides,
            limits: Arc::new(limits),
            taken: Arc::new(Mutex::new(taken.unwrap_or_default())),
            turn: Arc::default(),
        }
    }

    /// Forgets what was imported: it may be imported again.
    pub fn forget(&self) {
        let mut taken = self.taken.lock();
        taken.clear();
        self.persistence.write(PendingWrite::Setting(STORED_AS, "[]".to_owned()));
    }

    /// Takes a document in; `caller` is who gave it. What is taken is learned, published and
    /// stored when this returns.
    ///
    /// # Errors
    /// [`ImportError`]; of a stream that breaks off, what came before is taken all the same.
    pub async fn import(
        &self,
        document: ImportSource,
        format: Option<ImportFormat>,
        caller: &str,
    ) -> Result<DocumentReport, ImportError> {
        let _turn = self.turn.lock().await;
        let (send, mut portions) = mpsc::channel(2);
        let (taken, limits) = (Arc::clone(&self.taken), Arc::clone(&self.limits));
        let reading = tokio::task::spawn_blocking(move || {
            let known =
                |sha256: &str| taken.lock().iter().find(|report| report.sha256 == sha256).cloned();
            Reader { send, limits }.read(document, format, known)
        });
        let mut absorbed = Absorbed::default();
        let mut overrides = 0;
        let lost = || self.learning.counters().dropped_budget.load(Ordering::Relaxed);
        let lost_before = lost();
        while let Some(portion) = portions.recv().await {
            match portion {
                Portion::Exchanges(batch) => self.learn(batch).await,
                Portion::Endpoints { source, templates, endpoints } => {
                    let order = Absorb { source, templates, endpoints, at_ms: now_ms() };
                    absorbed = self.learning.absorb(order).await.map_err(stopped)?;
                }
                Portion::Overrides(documents) => {
                    let made = self.overrides.create_all(&documents, caller);
                    overrides = made
                        .map_err(|error| ImportError::Unreadable(format!("overrides: {error}")))?
                        .len();
                }
            }
        }
        let read = reading.await.map_err(|error| ImportError::Unreadable(error.to_string()))?;
        self.learning.flush().await.map_err(stopped)?;
        let mut report = read?;
        if report.repeated {
            return Ok(report);
        }
        report.take("endpoints", absorbed.endpoints);
        report.take("observations", absorbed.observations);
        report.take("templates", absorbed.templates);
        report.take("overrides", overrides as u64);
        absorbed.refused.iter().for_each(|why| report.leave(why));
        let lost = lost().saturating_sub(lost_before);
        if lost > 0 {
            report.note(format!("{lost} exchanges were dropped: the learning queue was full"));
        }
        self.remember(&report);
        Ok(report)
    }

    async fn learn(&self, batch: Vec<Observation>) {
        for observation in batch {
            self.learning.observe(observation, None);
        }
        while self.learning.bytes_waiting() > WAITING_BYTES_MAX {
            tokio::time::sleep(WAIT).await;
        }
    }

    fn remember(&self, report: &DocumentReport) {
        let mut taken = self.taken.lock();
        taken.push_back(report.clone());
        while taken.len() > REMEMBERED_MAX {
            taken.pop_front();
        }
        // Reports serialize: names and numbers.
        let text = serde_json::to_string(&*taken).unwrap_or_else(|_| "[]".to_owned());
        self.persistence.write(PendingWrite::Setting(STORED_AS, text));
    }
}

fn stopped(error: crate::runtime::learning::LearningError) -> ImportError {
    ImportError::Unreadable(error.to_string())
}

/// Reads a document on a thread of its own.
struct Reader {
    send: mpsc::Sender<Portion>,
    limits: Arc<(ModelLimits, ChaosLimits)>,
}

impl Reader {
    fn read(
        self,
        document: ImportSource,
        format: Option<ImportFormat>,
        known: impl Fn(&str) -> Option<DocumentReport>,
    ) -> Result<DocumentReport, ImportError> {
        let mut content = Content::open(document)?;
        let sha256 = content.sha256()?;
        if let Some(before) = known(&sha256) {
            let format = before.format;
            return Ok(DocumentReport {
                format,
                sha256,
                repeated: true,
                ..DocumentReport::default()
            });
        }
        let format = format.or_else(|| ImportFormat::of_head(&content.head)).ok_or_else(|| {
            let names: Vec<&str> = ImportFormat::NAMED.iter().map(|(name, _)| *name).collect();
            ImportError::Unknown(format!("one of {}", names.join(", ")))
        })?;
        let mut report = DocumentReport { sha256, ..DocumentReport::of(format.name()) };
        match format {
            ImportFormat::Model => self.model(content.whole(256 << 20)?)?,
            ImportFormat::Openapi => {
                self.openapi(&content.whole(DOCUMENT_BYTES_MAX)?, &mut report)?;
            }
            ImportFormat::Wiremock => {
                self.wiremock(&content.whole(DOCUMENT_BYTES_MAX)?, &mut report)?;
            }
            ImportFormat::Postman => {
                let text = content.whole(DOCUMENT_BYTES_MAX)?;
                self.batched(|take| postman::read(&text, now_ms(), &mut report, take))?;
            }
            ImportFormat::Har => {
                let origin =
                    har::main_origin(content.stream()?).map_err(ImportError::Unreadable)?;
                let archive = content.stream()?;
                self.batched(|take| {
                    har::read(archive, origin.as_deref(), now_ms(), &mut report, take)
                        .map_err(ImportError::Unreadable)
                })?;
            }
            ImportFormat::AccessLog => {
                let log = BufReader::new(content.stream()?);
                self.batched(|take| {
                    access_log::read(log, now_ms(), &mut report, take)
                        .map_err(ImportError::Unreadable)
                })?;
            }
        }
        Ok(report)
    }

    fn send(&self, portion: Portion) -> bool {
        self.send.blocking_send(portion).is_ok()
    }

    /// Gathers exchanges into batches.
    fn batched(
        &self,
        read: impl FnOnce(&mut dyn FnMut(Observation) -> bool) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        let (mut batch, mut bytes) = (Vec::new(), 0);
        let done = read(&mut |observation| {
            bytes += observation.weight();
            batch.push(observation);
            if batch.len() < BATCH_MAX && bytes < BATCH_BYTES_MAX {
                return true;
            }
            bytes = 0;
            self.send(Portion::Exchanges(std::mem::take(&mut batch)))
        });
        self.send(Portion::Exchanges(batch));
        done
    }

    fn model(&self, bytes: Vec<u8>) -> Result<(), ImportError> {
        let model = PortableModel::read(&bytes).map_err(unreadable)?;
        let endpoints = model.endpoints.into_iter().map(|endpoint| ForeignEndpoint {
            backend: endpoint.backend,
            method: endpoint.method,
            template: endpoint.template.as_str().to_owned(),
            model: endpoint.model,
        });
        let endpoints = endpoints.collect();
        self.send(Portion::Endpoints { source: "model", templates: model.templates, endpoints });
        Ok(())
    }

    fn openapi(&self, text: &[u8], report: &mut DocumentReport) -> Result<(), ImportError> {
        let operations = openapi::read(text, now_ms(), &self.limits.0, report)?;
        let mut templates: Vec<String> = operations.iter().map(|o| o.path.clone()).collect();
        templates.dedup();
        let endpoints = operations.into_iter().map(|operation| ForeignEndpoint {
            backend: String::new(),
            method: operation.method,
            template: operation.path,
            model: operation.model,
        });
        let endpoints = endpoints.collect();
        self.send(Portion::Endpoints { source: "openapi", templates, endpoints });
        Ok(())
    }

    fn wiremock(&self, text: &[u8], report: &mut DocumentReport) -> Result<(), ImportError> {
        let document: Value = serde_json::from_slice(text)
            .map_err(|error| ImportError::Unreadable(error.to_string()))?;
        let read = wiremock::import(&document, &self.limits.1).map_err(ImportError::Unreadable)?;
        for mapping in read.reports {
            if mapping.imported {
                report.take("mappings", 1);
                for missing in mapping.missing {
                    report.note(format!("{}: without {missing}", mapping.mapping));
                }
            } else {
                report.leave(format!("{}: {}", mapping.mapping, mapping.missing.join("; ")));
            }
        }
        self.send(Portion::Overrides(read.overrides));
        Ok(())
    }
}

fn unreadable(error: PortableError) -> ImportError {
    match error {
        PortableError::TooLarge(bytes) => ImportError::TooLarge(bytes),
        other => ImportError::Unreadable(other.to_string()),
    }
}

/// A document, and its first bytes when it is unpacked.
struct Content {
    source: Source,
    head: Vec<u8>,
}

enum Source {
    Bytes(Vec<u8>),
    Stream(Box<dyn ReadSeek>),
}

impl Content {
    fn open(document: ImportSource) -> Result<Self, ImportError> {
        let source = match document {
            ImportSource::Bytes(bytes) => Source::Bytes(bytes),
            ImportSource::File(path) => {
                let opened = File::open(&path);
                let file = opened.map_err(|e| ImportError::Unreadable(e.to_string()))?;
                Source::Stream(Box::new(file))
            }
            ImportSource::Stream(stream) => Source::Stream(stream),
        };
        let mut content = Self { source, head: Vec::new() };
        let mut head = Vec::new();
        content.stream()?.take(HEAD_BYTES as u64).read_to_end(&mut head).map_err(broken)?;
        content.head = head;
        Ok(content)
    }

    /// The bytes as they are, from the beginning.
    fn raw(&mut self) -> Result<Box<dyn Read + '_>, ImportError> {
        Ok(match &mut self.source {
            Source::Bytes(bytes) => Box::new(bytes.as_slice()),
            Source::Stream(stream) => {
                stream.rewind().map_err(broken)?;
                Box::new(BufReader::new(stream))
            }
        })
    }

    /// The bytes, unpacked, from the beginning.
    fn stream(&mut self) -> Result<Box<dyn Read + '_>, ImportError> {
        let mut magic = Vec::new();
        self.raw()?.take(2).read_to_end(&mut magic).map_err(broken)?;
        let raw = self.raw()?;
        Ok(if magic == GZIP_MAGIC { Box::new(flate2::read::MultiGzDecoder::new(raw)) } else { raw })
    }

    /// All bytes, unpacked, and no more than `bytes_max`.
    fn whole(&mut self, bytes_max: u64) -> Result<Vec<u8>, ImportError> {
        if let Source::Bytes(bytes) = &self.source {
            return unpacked(bytes, bytes_max).map_err(unreadable);
        }
        let mut bytes = Vec::new();
        self.stream()?.take(bytes_max + 1).read_to_end(&mut bytes).map_err(broken)?;
        if bytes.len() as u64 > bytes_max {
            return Err(ImportError::TooLarge(bytes_max));
        }
        Ok(bytes)
    }

    fn sha256(&mut self) -> Result<String, ImportError> {
        let mut digest = Sha256::new();
        let mut raw = self.raw()?;
        let mut part = vec![0; 64 << 10];
        loop {
            let read = raw.read(&mut part).map_err(broken)?;
            if read == 0 {
                break;
            }
            digest.update(&part[..read]);
        }
        Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

fn broken(error: std::io::Error) -> ImportError {
    ImportError::Unreadable(format!("cannot be read: {error}"))
}

//! Files that one consumer uploaded, to be downloaded again: in memory only, and bounded.

use std::collections::VecDeque;
use std::sync::Arc;

use rustc_hash::FxHashMap;

/// Names of files of one consumer that are remembered, the newest.
const NAMES_MAX: usize = 256;

/// Bytes of the files of one consumer.
const BYTES_MAX: usize = 8 << 20;

/// Bytes that one name takes, roughly.
const NAME_WEIGHT: u64 = 128;

/// A file as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadedFile {
    /// Its bytes.
    pub bytes: Arc<[u8]>,
    /// Its media type; empty where none was said.
    pub media: Box<str>,
    /// The validator that the answer to its upload gave.
    pub etag: Option<Box<str>>,
}

/// Files by their names: numbers of paths and of ids.
#[derive(Debug, Clone, Default)]
pub struct UploadedFiles {
    files: FxHashMap<u64, UploadedFile>,
    order: VecDeque<u64>,
    bytes: usize,
}

impl UploadedFiles {
    /// Keeps a file under each of its names; the oldest make room, and what is too large is left
    /// out.
    pub fn keep(&mut self, names: &[u64], file: &UploadedFile) {
        for &name in names {
            self.forget(name);
            if file.bytes.len() > BYTES_MAX {
                continue;
            }
            self.bytes += file.bytes.len();
            self.files.insert(name, file.clone());
            self.order.push_back(name);
            while self.bytes > BYTES_MAX || self.order.len() > NAMES_MAX {
                let Some(&oldest) = self.order.front() else { break };
                self.forget(oldest);
            }
        }
    }

    /// The file of a name.
    #[must_use]
    pub fn find(&self, name: u64) -> Option<&UploadedFile> {
        self.files.get(&name)
    }

    /// Forgets a name.
    pub fn forget(&mut self, name: u64) {
        if let Some(old) = self.files.remove(&name) {
            self.bytes -= old.bytes.len();
            self.order.retain(|known| *known != name);
        }
    }

    /// Bytes that they take, roughly.
    #[must_use]
    pub fn weight(&self) -> u64 {
        self.bytes as u64 + self.order.len() as u64 * NAME_WEIGHT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(bytes: usize) -> UploadedFile {
        UploadedFile { bytes: vec![7; bytes].into(), media: "a/b".into(), etag: None }
    }

    #[test]
    fn the_oldest_files_make_room() {
        let mut files = UploadedFiles::default();
        for name in 0..1_000 {
            files.keep(&[name], &file(10));
        }
        assert!(files.find(0).is_none() && files.find(999).is_some());
        files.keep(&[1_000], &file(BYTES_MAX));
        assert!(files.find(999).is_none() && files.find(1_000).is_some());
        files.keep(&[1_001], &file(BYTES_MAX + 1));
        assert!(files.find(1_001).is_none() && files.find(1_000).is_some());
        files.forget(1_000);
        assert_eq!(files.weight(), 0);
    }
}

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
    /// Headers that come with it again.
    pub headers: Vec<(Box<str>, String)>,
}

/// Files by their names: numbers of paths and of ids.
#[derive(Debug, Clone, Default)]
pub struct UploadedFiles {
    files: FxHashMap<u64, UploadedFile>,
    order: VecDeque<u64>,
    bytes: usize,
    /// Names of files that were deleted.
    deleted: VecDeque<u64>,
}

impl UploadedFiles {
    /// Keeps a file under each of its names; the oldest make room, and what is too large is left
    /// out.
    pub fn keep(&mut self, names: &[u64], file: &UploadedFile) {
        for &name in names {
            self.forget(name);
            self.deleted.retain(|known| *known != name);
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

    /// Forgets the file of a name, and that there is none from now on.
    pub fn delete(&mut self, name: u64) {
        self.forget(name);
        self.deleted.retain(|known| *known != name);
        self.deleted.push_back(name);
        if self.deleted.len() > NAMES_MAX {
            self.deleted.pop_front();
        }
    }

    /// Whether the file of a name was deleted.
    #[must_use]
    pub fn is_deleted(&self, name: u64) -> bool {
        self.deleted.contains(&name)
    }

    /// Forgets a name.
    fn forget(&mut self, name: u64) {
        if let Some(old) = self.files.remove(&name) {
            self.bytes -= old.bytes.len();
            self.order.retain(|known| *known != name);
        }
    }

    /// Bytes that they take, roughly.
    #[must_use]
    pub fn weight(&self) -> u64 {
        let names = self.order.len() + self.deleted.len();
        self.bytes as u64 + names as u64 * NAME_WEIGHT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(bytes: usize) -> UploadedFile {
        UploadedFile { bytes: vec![7; bytes].into(), media: "a/b".into(), headers: Vec::new() }
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
        files.delete(1_000);
        assert!(files.find(1_000).is_none() && files.is_deleted(1_000));
        assert_eq!(files.weight(), NAME_WEIGHT);
    }
}

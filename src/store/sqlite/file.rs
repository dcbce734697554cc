//! The database file before SQLite touches it: refused when it is not ours, then locked.
//!
//! Opening a file with SQLite may create `-wal` and `-shm` beside it, replay a journal and
//! checkpoint. A file that is to be refused must be left as it was, so its header is read with
//! plain reads first (SQLite file format, section 1.3), and the lock file is created only beside
//! a file that is ours.

use std::fs::{self, File, TryLockError};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use crate::store::error::{Kind, StoreError};

/// "StDb": written into the header of every database of ours.
pub(super) const APPLICATION_ID: i32 = 0x5374_4462;

const HEADER_BYTES: usize = 100;
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
const USER_VERSION_OFFSET: usize = 60;
const APPLICATION_ID_OFFSET: usize = 68;

/// A database file that is new or ours, with its lock held until this is dropped.
pub(super) struct DatabaseFile {
    /// Absolute and without symbolic links, so that every name of the file leads to one lock.
    path: PathBuf,
    /// As the settings name it, for messages.
    shown: String,
    lock: File,
}

impl DatabaseFile {
    /// Refuses what is not ours or newer than schema `known`, and takes the lock.
    pub(super) fn claim(path: &Path, known: u32) -> Result<Self, StoreError> {
        let shown = path.display().to_string();
        let path = resolve(path, &shown)?;
        let lock_path = sidecar(&path, ".lock");
        // A lock file that is there may be held by this very process, and then the header must
        // not be read: closing a file drops every POSIX lock the process has on it, SQLite's
        // too. One that is not there is created only when the file proves to be ours.
        let lock = match File::options().read(true).write(true).open(&lock_path) {
            Ok(lock) => lock,
            Err(_) => {
                inspect(&path, &shown, known)?;
                let mut options = File::options();
                options.read(true).write(true).create(true).truncate(false);
                options.open(&lock_path).map_err(|error| {
                    let lock_path = lock_path.display();
                    io_kind(&error).of(&shown, format!("cannot create `{lock_path}`: {error}"))
                })?
            }
        };
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let lock = format!("it holds `{}`", lock_path.display());
                return Err(StoreError::Locked { database: shown, lock });
            }
            Err(TryLockError::Error(error)) => {
                let lock_path = lock_path.display();
                return Err(
                    Kind::Unavailable.of(&shown, format!("cannot lock `{lock_path}`: {error}"))
                );
            }
        }
        inspect(&path, &shown, known)?;
        Ok(Self { path, shown, lock })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    /// Whether there is a file with content; a missing or empty one is to be created.
    pub(super) fn is_new(&self) -> bool {
        fs::metadata(&self.path).map_or(true, |metadata| metadata.len() == 0)
    }

    /// Whether the sidecar with this suffix has content: `-wal` after a crash, `-journal` after
    /// a crash within the very first transaction.
    pub(super) fn has(&self, suffix: &str) -> bool {
        fs::metadata(sidecar(&self.path, suffix)).is_ok_and(|metadata| metadata.len() > 0)
    }

    /// Which file the path leads to now. SQLite goes on writing into a file that was deleted or
    /// replaced, where nothing would survive; comparing this notices.
    pub(super) fn identity(&self) -> Result<(u64, u64), StoreError> {
        use std::os::unix::fs::MetadataExt;
        match fs::metadata(&self.path) {
            Ok(metadata) => Ok((metadata.dev(), metadata.ino())),
            Err(error) => Err(Kind::Unavailable.of(&self.shown, error)),
        }
    }
}

impl Drop for DatabaseFile {
    /// Unlocked by word and not by closing: a process that is being started at this moment holds
    /// a copy of the open file, and with it the lock, until it has become another program.
    fn drop(&mut self) {
        if let Err(error) = self.lock.unlock() {
            log::debug!("unlocking `{}`: {error}", self.shown);
        }
    }
}

/// The path without symbolic links; the file itself need not exist, its folder must.
fn resolve(path: &Path, shown: &str) -> Result<PathBuf, StoreError> {
    if let Ok(resolved) = fs::canonicalize(path) {
        return Ok(resolved);
    }
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let name = path.file_name().ok_or_else(|| Kind::Foreign.of(shown, "it names no file"))?;
    match fs::canonicalize(folder) {
        Ok(folder) => Ok(folder.join(name)),
        Err(error) => {
            let folder = folder.display();
            Err(Kind::Unavailable.of(shown, format!("folder `{folder}`: {error}")))
        }
    }
}

/// Refuses a file whose header is not ours, without changing a byte or leaving one beside it.
fn inspect(path: &Path, shown: &str, known: u32) -> Result<(), StoreError> {
    match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(io_kind(&error).of(shown, error)),
        Ok(metadata) if !metadata.is_file() => {
            return Err(Kind::Foreign.of(shown, "it is not a regular file"));
        }
        Ok(metadata) if metadata.len() == 0 => return Ok(()),
        Ok(_) => {}
    }
    let mut header = [0; HEADER_BYTES];
    let mut file = File::options().read(true).write(true).open(path).map_err(|error| {
        // Reported as what it means, not as which call met it: the file cannot be written.
        io_kind(&error).of(shown, error)
    })?;
    if file.read_exact(&mut header).is_err() || !header.starts_with(MAGIC) {
        return Err(Kind::Foreign.of(shown, "it is not an SQLite database"));
    }
    if number(&header, APPLICATION_ID_OFFSET) != APPLICATION_ID.cast_unsigned() {
        return Err(Kind::Foreign.of(shown, "it is an SQLite database of another program"));
    }
    match number(&header, USER_VERSION_OFFSET) {
        found if found > known => {
            Err(StoreError::Newer { database: shown.to_owned(), found, known })
        }
        _ => Ok(()),
    }
}

/// The big-endian number at `offset`, which is a constant within the header.
fn number(header: &[u8; HEADER_BYTES], offset: usize) -> u32 {
    header.iter().skip(offset).take(4).fold(0, |number, byte| number << 8 | u32::from(*byte))
}

pub(super) fn io_kind(error: &std::io::Error) -> Kind {
    match error.kind() {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Kind::ReadOnly,
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Kind::Full,
        _ => Kind::Unavailable,
    }
}

pub(super) fn sidecar(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

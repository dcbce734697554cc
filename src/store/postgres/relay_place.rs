//! Where the sockets of a relay are: on Linux in the abstract namespace, so that a read-only file
//! system is no hindrance and nothing is left behind; elsewhere in a folder of this user's own.

use std::io;
use std::os::unix::net::UnixListener;

/// A family of sockets, one for each port.
pub(super) struct RelayPlace {
    /// libpq's name of it: it appends `/.s.PGSQL.PORT`.
    host: String,
}

impl RelayPlace {
    pub(super) fn host(&self) -> &str {
        &self.host
    }
}

#[cfg(target_os = "linux")]
impl RelayPlace {
    /// A place that no other relay of this machine has.
    #[expect(clippy::unnecessary_wraps, reason = "elsewhere a folder is made")]
    pub(super) fn new(number: u32) -> io::Result<Self> {
        use std::hash::{BuildHasher, Hasher, RandomState};
        // Containers that share a network may all have the same process id.
        let drawn = RandomState::new().build_hasher().finish();
        Ok(Self { host: format!("@stunt-double-{drawn:016x}-{number}") })
    }

    pub(super) fn listen(&self, port: u16) -> io::Result<UnixListener> {
        use std::os::linux::net::SocketAddrExt;
        // libpq puts a zero in the place of the `@`, and so does the kernel's name.
        let name = format!("{}/.s.PGSQL.{port}", self.host.trim_start_matches('@'));
        let address = std::os::unix::net::SocketAddr::from_abstract_name(name)?;
        UnixListener::bind_addr(&address)
    }
}

#[cfg(not(target_os = "linux"))]
impl RelayPlace {
    /// A folder that nobody else may enter; it fails where somebody made it before.
    pub(super) fn new(number: u32) -> io::Result<Self> {
        use std::os::unix::fs::DirBuilderExt;
        let name = format!("stunt-double-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let _left_behind = std::fs::remove_dir_all(&folder);
        std::fs::DirBuilder::new().mode(0o700).create(&folder)?;
        Ok(Self { host: folder.display().to_string() })
    }

    pub(super) fn listen(&self, port: u16) -> io::Result<UnixListener> {
        UnixListener::bind(format!("{}/.s.PGSQL.{port}", self.host))
    }
}

#[cfg(not(target_os = "linux"))]
impl Drop for RelayPlace {
    fn drop(&mut self) {
        let _already_gone = std::fs::remove_dir_all(&self.host);
    }
}

//! Which backend an endpoint belongs to.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// The name of a backend: empty for the only one, or for the one that takes what no other does.
///
/// An endpoint's id is derived from it as well as from method and template. The empty name adds
/// nothing there, so the ids of a double with one backend are the same whether it ever has others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BackendId(Option<Arc<str>>);

impl BackendId {
    /// The only backend.
    pub const ONLY: Self = Self(None);

    /// The backend called `name`; an empty name is the only backend.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self((!name.is_empty()).then(|| name.into()))
    }

    /// Its name, empty for the only one.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }

    /// The name under which something of this backend is stored that of the only one is called
    /// `name`.
    #[must_use]
    pub fn setting<'n>(&self, name: &'n str) -> Cow<'n, str> {
        match &self.0 {
            None => Cow::Borrowed(name),
            Some(backend) => Cow::Owned(format!("{name}@{backend}")),
        }
    }

    /// Whether it is the only one.
    #[must_use]
    pub fn is_only(&self) -> bool {
        self.0.is_none()
    }
}

impl fmt::Display for BackendId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

//! Methods that the backend refuses at a template: 405, or 501 where it knows them nowhere
//! (RFC 9110, sections 15.5.6 and 15.6.2). They are no endpoints; each endpoint of the template
//! remembers them, so that a mock refuses them, too.

use serde::{Deserialize, Serialize};

use crate::domain::sketch::heap_bytes::HeapBytes;

/// Methods remembered of a template. The ones in use are nine; what a scanner tries is not.
const METHODS_MAX: usize = 16;

/// Longest method remembered, bytes: the longest registered one, `UPDATEREDIRECTREF`, has 17.
const METHOD_BYTES_MAX: usize = 17;

/// Refused methods, each with the status that refused it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RefusedMethods(Vec<(Box<str>, u16)>);

impl HeapBytes for RefusedMethods {
    fn heap_bytes(&self) -> usize {
        self.0.heap_bytes()
    }
}

impl RefusedMethods {
    /// Notes a refusal; true when it was not known.
    pub fn note(&mut self, method: &str, status: u16) -> bool {
        if let Some((_, known)) = self.0.iter_mut().find(|(known, _)| **known == *method) {
            return std::mem::replace(known, status) != status;
        }
        let is_method =
            method.len() <= METHOD_BYTES_MAX && method.bytes().all(|b| b.is_ascii_uppercase());
        if !is_method || self.0.len() >= METHODS_MAX {
            return false;
        }
        self.0.push((method.into(), status));
        true
    }

    /// Adds what `other` knows.
    pub fn merge(&mut self, other: &Self) {
        for (method, status) in &other.0 {
            self.note(method, *status);
        }
    }

    /// The status by which a method is refused; `None` when it never was.
    #[must_use]
    pub fn status(&self, method: &str) -> Option<u16> {
        self.0.iter().find(|(known, _)| **known == *method).map(|(_, status)| *status)
    }

    /// Whether nothing was refused.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_noted_once_and_merged() {
        let mut refused = RefusedMethods::default();
        assert!(refused.note("PUT", 405) && !refused.note("PUT", 405));
        assert!(!refused.note("hidden-4711", 405), "no method in use");
        let mut other = RefusedMethods::default();
        other.note("BREW", 501);
        refused.merge(&other);
        assert_eq!((refused.status("PUT"), refused.status("BREW")), (Some(405), Some(501)));
        assert_eq!(refused.status("GET"), None);
        for letter in b'A'..=b'Z' {
            refused.note(&format!("M{}", char::from(letter)), 405);
        }
        assert!(refused.0.len() <= METHODS_MAX);
    }
}

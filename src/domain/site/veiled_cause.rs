//! Truths as they may be shown: those that hold a value of somebody's hold a stand-in.

use super::veil::Veil;
use crate::domain::outcome::Cause;

impl Veil {
    /// A truth whose value, if it has one, may be shown.
    #[must_use]
    pub fn cause(&self, cause: &Cause) -> Cause {
        // Flags are nobody's.
        let shown = |name: &str, value: &str| match value {
            "true" | "false" | "null" => value.into(),
            _ => self.text(name, value).into(),
        };
        match cause {
            Cause::State(name, value) => Cause::State(name.clone(), shown(name, value)),
            Cause::Says(name, value) => Cause::Says(name.clone(), shown(name, value)),
            Cause::Rival(by, name, value) => {
                Cause::Rival(by.clone(), name.clone(), shown(name, value))
            }
            Cause::Asker(name, value) if !name.is_empty() => {
                Cause::Asker(name.clone(), shown(name, value))
            }
            Cause::QueryValue(name, value) => Cause::QueryValue(name.clone(), shown(name, value)),
            // None of these holds a value: a new cause has to say here whether it does.
            Cause::Credential(_)
            | Cause::Scheme(_)
            | Cause::Owner(_)
            | Cause::Asker(..)
            | Cause::Entity(_)
            | Cause::EntityGone
            | Cause::EntityOdd
            | Cause::Parent(_)
            | Cause::Reference(..)
            | Cause::Condition(_)
            | Cause::Version(_)
            | Cause::BodyNone
            | Cause::BodyUnparsable
            | Cause::BodyForeign
            | Cause::Member(..)
            | Cause::AnyViolation
            | Cause::AnyRefused
            | Cause::TimePast(_)
            | Cause::OwnSecret(..)
            | Cause::SameMembers(..)
            | Cause::TimeOrder(..)
            | Cause::Used(_)
            | Cause::AnyUsed
            | Cause::Together(_)
            | Cause::Query(_)
            | Cause::QueryEmpty(_)
            | Cause::QueryOutside(_)
            | Cause::QueryMember(..)
            | Cause::QueryStrange
            | Cause::QueryUnparsable
            | Cause::AnyQuery
            | Cause::PageBeyond
            | Cause::Header(_)
            | Cause::Sends(_) => cause.clone(),
        }
    }
}

//! What a reason costs in bits: little where HTTP itself says that a status is about it.

use rustc_hash::FxHashSet;

use super::cause::{Cause, CauseGroup, Validator, VersionSent};
use super::counts::{KnownCauses, StatusCounts, count, total};

/// Bits of a reason that HTTP names, or that holds elsewhere on this site.
const CANONICAL_BITS: f64 = 1.0;

/// Bits of a reason that the refusals name themselves.
const NAMED_BITS: f64 = 2.0;

/// Bits of a reason that gathers what HTTP names with what suggests it: dearer than any that names
/// one thing and explains as much.
const GATHERED_BITS: f64 = 2.5;

/// Bits beyond the choice among the causes: where the kind of truth suits the status, where it
/// does not, and for server errors, which are hardly ever about the request.
const SUITABLE_BITS: f64 = 1.0;
const ODD_BITS: f64 = 5.0;
const SERVER_ERROR_BITS: f64 = 8.0;

/// Bits more for causes that come in great number, and for the narrower of two equal ones.
const NUMEROUS_BITS: f64 = 2.0;
const NARROW_BITS: f64 = 0.5;

/// Whether HTTP itself says that `status` is about this (RFC 9110, section 15; RFC 6585).
#[must_use]
pub(super) fn is_canonical(cause: &Cause, status: u16) -> bool {
    use Cause as C;
    match status {
        401 => match cause {
            C::Credential(_) | C::OwnSecret(..) => true,
            // A name with its password, as they were registered.
            C::Together(how) => &**how == "all",
            _ => false,
        },
        403 => match cause {
            C::Owner(_) | C::OwnSecret(..) => true,
            C::Asker(name, word) => is_role(name, word),
            _ => false,
        },
        404 => matches!(cause, C::Entity(_) | C::Parent(false) | C::PageBeyond),
        416 => matches!(cause, C::PageBeyond),
        410 => matches!(cause, C::EntityGone),
        304 => matches!(cause, C::Condition(Validator::NoneMatchHit)),
        412 | 428 => {
            matches!(cause, C::Condition(Validator::MatchHit | Validator::MatchMiss))
        }
        400 => match cause {
            C::AnyViolation
            | C::BodyUnparsable
            | C::AnyUsed
            | C::Used(_)
            | C::PageBeyond
            | C::OwnSecret(..) => true,
            C::Together(how) => &**how == "all",
            _ => false,
        },
        422 => matches!(cause, C::AnyViolation | C::AnyUsed | C::Used(_)),
        409 => matches!(cause, C::AnyUsed | C::Used(_) | C::Version(VersionSent::Stale)),
        _ => false,
    }
}

/// Whether a word of who asks says what they may do: a flag, or one of what is called a role.
fn is_role(name: &str, word: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let is_called = ["role", "scope", "permission", "group", "right", "privilege"];
    !name.is_empty()
        && (matches!(word, "true" | "false") || is_called.iter().any(|word| name.contains(word)))
}

/// Whether a kind of truth is what a status usually is about; `is_open`: no credential is told
/// from another there.
#[must_use]
pub fn suits(group: CauseGroup, status: u16, is_open: bool) -> bool {
    use CauseGroup as G;
    match status {
        401 | 403 if is_open => {
            matches!(group, G::Credential | G::Body | G::Conflict | G::Existence)
        }
        401 => matches!(group, G::Credential),
        403 => matches!(group, G::Owner | G::Credential),
        404 | 410 | 201 => matches!(group, G::Existence),
        412 | 304 | 428 => matches!(group, G::Condition),
        400 => matches!(group, G::Body | G::Conflict | G::Query | G::Existence),
        422 => matches!(group, G::Body | G::Conflict | G::Query),
        409 => matches!(group, G::Conflict | G::State | G::Existence | G::Condition),
        415 => matches!(group, G::Header | G::Body),
        406 | 206 | 416 => matches!(group, G::Header),
        _ => false,
    }
}

/// Bits that a split by the cause `number` costs; `choice` are those of choosing it among all.
pub fn bits(
    (number, cause): (u16, &Cause),
    (with, without): (&StatusCounts, &StatusCounts),
    choice: f64,
    (known, named, is_open): (&KnownCauses, &FxHashSet<(u16, u16)>, bool),
) -> f64 {
    let main = most_moved(with, without);
    // Somebody may be refused for who it is; that somebody else is refused for not being one of the
    // few who were seen is no law: whoever comes next is not among them either.
    if matches!(cause, Cause::Asker(..)) && main >= 400 && share(main, without) >= share(main, with)
    {
        return f64::INFINITY;
    }
    // That nobody ever said such words is no reason to refuse them; words that go together are one
    // to let somebody in.
    if main >= 400 && matches!(cause, Cause::Together(how) if &**how != "all") {
        return f64::INFINITY;
    }
    let is_gathered = match cause {
        Cause::AnyRefused => matches!(main, 400 | 409 | 422),
        Cause::AnyQuery => matches!(main, 400 | 422),
        _ => false,
    };
    if is_gathered {
        return GATHERED_BITS;
    }
    if is_canonical(cause, main) || known.contains_key(&(number, main)) {
        return CANONICAL_BITS;
    }
    if named.contains(&(number, main)) {
        return NAMED_BITS;
    }
    let mut price = match main {
        500.. => SERVER_ERROR_BITS,
        _ if suits(cause.group(), main, is_open) => SUITABLE_BITS,
        _ => ODD_BITS,
    };
    price += match cause {
        Cause::EntityGone
        | Cause::Parent(_)
        | Cause::Scheme(_)
        | Cause::BodyUnparsable
        | Cause::BodyNone
        | Cause::Member(..)
        | Cause::QueryMember(..)
        | Cause::SameMembers(..)
        | Cause::TimePast(_)
        | Cause::TimeOrder(..) => NARROW_BITS,
        Cause::Together(how) if &**how == "some" => NARROW_BITS,
        Cause::QueryValue(..)
        | Cause::Header(_)
        | Cause::State(..)
        | Cause::Sends(_)
        | Cause::Says(..)
        | Cause::Rival(..)
        | Cause::Asker(..) => NUMEROUS_BITS,
        _ => 0.0,
    };
    price + choice
}

/// Difference of two shares below which they are equal.
const EQUAL_SHARE: f64 = 1e-9;

/// The share of a status.
fn share(status: u16, counts: &StatusCounts) -> f64 {
    f64::from(count(counts, status)) / f64::from(total(counts).max(1))
}

/// The status, other than plain success, whose share differs most between the two sides.
fn most_moved(with: &StatusCounts, without: &StatusCounts) -> u16 {
    let sizes = (f64::from(total(with).max(1)), f64::from(total(without).max(1)));
    let distance = |status: u16| {
        (f64::from(count(with, status)) / sizes.0 - f64::from(count(without, status)) / sizes.1)
            .abs()
    };
    let statuses = with.iter().chain(without).map(|(status, _)| *status);
    let moved = statuses.filter(|status| *status >= 300 || *status == 201);
    // Where what is refused and what is made part the same examples, it is about the refusal.
    let weight = |status: u16| distance(status) + if status >= 300 { EQUAL_SHARE } else { 0.0 };
    moved.max_by(|a, b| weight(*a).total_cmp(&weight(*b)).then(b.cmp(a))).unwrap_or(0)
}

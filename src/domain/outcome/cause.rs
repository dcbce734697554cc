//! The truths about a request that the status of its answer may depend on.
//!
//! A new cause is a variant of [`Cause`] here, its place among the groups and its name; when it
//! holds is told by `domain/site/cause_finder.rs`, and which statuses it suits by `price.rs` here.

use std::fmt;

/// What is known of the credential of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Credential {
    /// There is none.
    None,
    /// It stood in an answer, or was accepted where others are refused.
    Known,
    /// It was never seen in an answer nor accepted.
    Strange,
}

/// A conditional header (RFC 9110, section 13.1) against the current validator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Validator {
    /// `If-None-Match` names the current one.
    NoneMatchHit,
    /// `If-None-Match` names another.
    NoneMatchMiss,
    /// `If-Match` names the current one.
    MatchHit,
    /// `If-Match` names another.
    MatchMiss,
}

/// A version that came with a write, against that of the entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum VersionSent {
    /// None came.
    None,
    /// The current one.
    Hit,
    /// Another one.
    Miss,
    /// None, or another one.
    Stale,
}

/// How a member of a body differs from those of accepted bodies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Violation {
    /// In every accepted body, and not in this one.
    Lacks,
    /// In no accepted body.
    Extra,
    /// Not in this body, and in every accepted one with the same word in another member.
    LacksBeside,
    /// Of a type that none had.
    Type,
    /// Of a type that none with the same word in another member had.
    TypeBeside,
    /// Outside a closed vocabulary.
    Vocabulary,
    /// An empty text, array or object, where none was.
    Empty,
    /// Below zero, where none was.
    Negative,
    /// Zero, where none was.
    Zero,
    /// Not a whole number, where all were.
    Fraction,
    /// Not of the form that all had.
    TextForm,
    /// A text with a sign that none had.
    Sign,
    /// A text shorter than all.
    Shorter,
    /// A text longer than all.
    Longer,
    /// A number lower than all.
    Lower,
    /// A number higher than all.
    Higher,
}

impl Violation {
    /// Whether only the extremes of what was accepted suggest it: it takes more to believe.
    #[must_use]
    pub const fn is_weak(self) -> bool {
        matches!(
            self,
            Self::TextForm | Self::Sign | Self::Shorter | Self::Longer | Self::Lower | Self::Higher
        )
    }

    /// Whether it takes what another member says to see it.
    #[must_use]
    pub const fn is_beside(self) -> bool {
        matches!(self, Self::LacksBeside | Self::TypeBeside)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Lacks => "lacks",
            Self::LacksBeside => "lacks-beside",
            Self::TypeBeside => "type-beside",
            Self::Fraction => "fraction",
            Self::Extra => "extra",
            Self::Type => "type",
            Self::Vocabulary => "vocabulary",
            Self::Empty => "empty",
            Self::Negative => "negative",
            Self::Zero => "zero",
            Self::TextForm => "form",
            Self::Sign => "sign",
            Self::Shorter => "shorter",
            Self::Longer => "longer",
            Self::Lower => "lower",
            Self::Higher => "higher",
        }
    }
}

/// The kinds of truths, in the order in which servers look at them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CauseGroup {
    /// Who asks.
    Credential,
    /// Whose the entity is.
    Owner,
    /// Whether the entity is there.
    Existence,
    /// Validators and versions.
    Condition,
    /// The body against accepted ones.
    Body,
    /// Values that are in use already.
    Conflict,
    /// Parameters of the query.
    Query,
    /// Headers.
    Header,
    /// Members of the entity addressed.
    State,
}

/// One truth, without a value that could be anybody's.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cause {
    /// What is known of the credential.
    Credential(Credential),
    /// The scheme or carrier of the credential, lower case.
    Scheme(Box<str>),
    /// The entity belongs to who asks (`true`) or to somebody else.
    Owner(bool),
    /// Who asks is one of few (by number, without a member), or somebody of whom a member said a
    /// word when the credential was issued.
    Asker(Box<str>, Box<str>),
    /// The entity addressed exists, or does not.
    Entity(bool),
    /// The entity addressed was deleted.
    EntityGone,
    /// Its id is written as no accepted one was.
    EntityOdd,
    /// The nearest ancestor exists, or does not.
    Parent(bool),
    /// A member of the body refers to something that exists, or does not.
    Reference(Box<str>, bool),
    /// A conditional header.
    Condition(Validator),
    /// The version that came with a write.
    Version(VersionSent),
    /// There is no body.
    BodyNone,
    /// The body cannot be parsed.
    BodyUnparsable,
    /// The body has none of the members that all accepted ones have.
    BodyForeign,
    /// A member violates what accepted bodies have in common.
    Member(Violation, Box<str>),
    /// Some member does.
    AnyViolation,
    /// Anything about the body was refused before: a violation, however weak, or a value in use.
    AnyRefused,
    /// A time of the body lies in the past.
    TimePast(Box<str>),
    /// A member of the body is the password of whoever asks, or is not.
    OwnSecret(Box<str>, bool),
    /// Two members of the body hold the same.
    SameMembers(Box<str>, Box<str>),
    /// A time of the body does not lie before another.
    TimeOrder(Box<str>, Box<str>),
    /// A telling value of the body is in use.
    Used(Box<str>),
    /// Some telling value is.
    AnyUsed,
    /// The strings of the body stood together in one that was accepted: all, some or none.
    Together(Box<str>),
    /// A query parameter is there.
    Query(Box<str>),
    /// It is empty.
    QueryEmpty(Box<str>),
    /// It has a value of a small vocabulary.
    QueryValue(Box<str>, Box<str>),
    /// It has a value outside the words that were accepted, or differs from accepted ones.
    QueryOutside(Box<str>),
    /// How its value differs from accepted ones.
    QueryMember(Violation, Box<str>),
    /// Some parameter came in no accepted request.
    QueryStrange,
    /// Some parameter begins as JSON and is none.
    QueryUnparsable,
    /// Anything about the query was in no accepted one: a parameter, its value or its form.
    AnyQuery,
    /// The page that is asked for lies behind the last one.
    PageBeyond,
    /// A header is there, or has a media type.
    Header(Box<str>),
    /// A member of the entity addressed has a value of a small vocabulary.
    State(Box<str>, Box<str>),
    /// The body of a write to an entity names a member that the entity has.
    Sends(Box<str>),
    /// It gives such a member a word of a small vocabulary.
    Says(Box<str>, Box<str>),
    /// Another of what is to be made names the same in this member, and has this word: the item is
    /// on loan already.
    Rival(Box<str>, Box<str>, Box<str>),
}

impl Cause {
    /// The kind of truth.
    #[must_use]
    pub const fn group(&self) -> CauseGroup {
        match self {
            Self::Credential(_) | Self::Scheme(_) => CauseGroup::Credential,
            Self::Owner(_) | Self::Asker(..) => CauseGroup::Owner,
            Self::Entity(_)
            | Self::EntityGone
            | Self::EntityOdd
            | Self::Parent(_)
            | Self::Reference(..) => CauseGroup::Existence,
            Self::Condition(_) | Self::Version(_) => CauseGroup::Condition,
            Self::BodyNone
            | Self::BodyUnparsable
            | Self::BodyForeign
            | Self::Member(..)
            | Self::AnyViolation
            | Self::AnyRefused
            | Self::TimePast(_)
            | Self::SameMembers(..)
            | Self::OwnSecret(..)
            | Self::TimeOrder(..) => CauseGroup::Body,
            Self::Used(_) | Self::AnyUsed | Self::Together(_) => CauseGroup::Conflict,
            Self::Query(_)
            | Self::QueryEmpty(_)
            | Self::QueryValue(..)
            | Self::QueryOutside(_)
            | Self::QueryMember(..)
            | Self::QueryStrange
            | Self::QueryUnparsable
            | Self::AnyQuery
            | Self::PageBeyond => CauseGroup::Query,
            Self::Header(_) => CauseGroup::Header,
            Self::State(..) | Self::Sends(_) | Self::Says(..) | Self::Rival(..) => {
                CauseGroup::State
            }
        }
    }

    /// Whether it says no more than which of a few asks: who that is, and why, stays open.
    #[must_use]
    pub fn is_bare_number(&self) -> bool {
        matches!(self, Self::Asker(member, _) if member.is_empty())
    }

    /// A short slug of the kind, e.g. `credential-none`, for headers and metrics.
    #[must_use]
    pub fn slug(&self) -> String {
        self.to_string().replace([' ', '.'], "-").replace('=', "-is-")
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = |known: bool| if known { "known" } else { "unknown" };
        match self {
            Self::Credential(Credential::None) => out.write_str("credential missing"),
            Self::Credential(Credential::Known) => out.write_str("credential known"),
            Self::Credential(Credential::Strange) => out.write_str("credential unknown"),
            Self::Scheme(scheme) => write!(out, "credential by {scheme}"),
            Self::Owner(true) => out.write_str("owner self"),
            Self::Owner(false) => out.write_str("owner other"),
            Self::Asker(member, number) if member.is_empty() => write!(out, "asker {number}"),
            Self::Asker(member, word) => write!(out, "asker {member}={word}"),
            Self::Entity(is) => write!(out, "entity {}", known(*is)),
            Self::EntityGone => out.write_str("entity deleted"),
            Self::EntityOdd => out.write_str("entity id malformed"),
            Self::Parent(is) => write!(out, "parent {}", known(*is)),
            Self::Reference(member, is) => write!(out, "reference {member} {}", known(*is)),
            Self::Condition(Validator::NoneMatchHit) => out.write_str("if-none-match current"),
            Self::Condition(Validator::NoneMatchMiss) => out.write_str("if-none-match outdated"),
            Self::Condition(Validator::MatchHit) => out.write_str("if-match current"),
            Self::Condition(Validator::MatchMiss) => out.write_str("if-match outdated"),
            Self::Version(VersionSent::None) => out.write_str("version missing"),
            Self::Version(VersionSent::Hit) => out.write_str("version current"),
            Self::Version(VersionSent::Miss) => out.write_str("version outdated"),
            Self::Version(VersionSent::Stale) => out.write_str("version not current"),
            Self::BodyNone => out.write_str("body missing"),
            Self::BodyUnparsable => out.write_str("body unparsable"),
            Self::BodyForeign => out.write_str("body foreign"),
            Self::Member(how, member) => write!(out, "body {} {member}", how.name()),
            Self::AnyViolation => out.write_str("body violates"),
            Self::AnyRefused => out.write_str("body refused"),
            Self::TimePast(member) => write!(out, "body past {member}"),
            Self::OwnSecret(name, true) => write!(out, "body secret {name} right"),
            Self::OwnSecret(name, false) => write!(out, "body secret {name} wrong"),
            Self::SameMembers(a, b) => write!(out, "body same {a} {b}"),
            Self::TimeOrder(a, b) => write!(out, "body order {a} {b}"),
            Self::Used(member) => write!(out, "conflict {member}"),
            Self::AnyUsed => out.write_str("conflict"),
            Self::Together(how) => write!(out, "together {how}"),
            Self::Query(name) => write!(out, "query {name}"),
            Self::QueryEmpty(name) => write!(out, "query {name} empty"),
            Self::QueryValue(name, value) => write!(out, "query {name}={value}"),
            Self::QueryOutside(name) => write!(out, "query {name} outside"),
            Self::QueryMember(how, name) => write!(out, "query {} {name}", how.name()),
            Self::QueryStrange => out.write_str("query unknown"),
            Self::QueryUnparsable => out.write_str("query unparsable"),
            Self::AnyQuery => out.write_str("query refused"),
            Self::PageBeyond => out.write_str("page beyond"),
            Self::Header(name) => write!(out, "header {name}"),
            Self::State(member, value) => write!(out, "state {member}={value}"),
            Self::Sends(member) => write!(out, "sent {member}"),
            Self::Says(member, value) => write!(out, "sent {member}={value}"),
            Self::Rival(by, member, value) => write!(out, "rival {by} {member}={value}"),
        }
    }
}

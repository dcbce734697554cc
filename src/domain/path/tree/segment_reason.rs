//! Why a segment of a template is what it is.

/// Why a segment is a literal or a parameter, with the counts behind it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct SegmentReason {
    pub ground: Basis,
    /// Distinct texts seen at this place that share the verdict.
    pub values: u32,
    /// Exchanges behind them.
    pub hits: u32,
}

/// The evidence that decided a segment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Basis {
    /// Nothing speaks for a parameter yet.
    #[default]
    FirstSight,
    /// Pinned by people.
    Pinned,
    /// The bytes are those of an identifier.
    Look,
    /// A version, or a word every API uses literally.
    FixedLook,
    /// Its siblings behave like values of one parameter, and so does it.
    Crowd,
    /// It is seen again and again beside a crowd of values that are seen once.
    Apart,
    /// It answers with the same structure as its siblings.
    SameAnswers,
    /// It answers with another structure than its siblings.
    OtherAnswers,
    /// Its siblings behave like resources of their own.
    FewSiblings,
    /// Files of several types lie below, at several depths.
    FileTree,
}

impl Basis {
    /// Each with the name under which it is stored.
    const NAMES: [(Self, &str); 10] = [
        (Self::FirstSight, "first-sight"),
        (Self::Pinned, "pinned"),
        (Self::Look, "look"),
        (Self::FixedLook, "fixed-look"),
        (Self::Crowd, "crowd"),
        (Self::Apart, "apart"),
        (Self::SameAnswers, "same-answers"),
        (Self::OtherAnswers, "other-answers"),
        (Self::FewSiblings, "few-siblings"),
        (Self::FileTree, "file-tree"),
    ];

    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(ground, _)| *ground == self).map_or("", |(_, name)| name)
    }

    /// The ground of this name; first sight when there is none.
    pub fn by_name(name: &str) -> Self {
        let known = Self::NAMES.iter().find(|(_, known)| *known == name);
        known.map(|(ground, _)| *ground).unwrap_or_default()
    }
}

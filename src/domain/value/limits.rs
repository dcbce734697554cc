//! What one body model may hold, each bound with its reason.

/// Named bounds of a [`crate::domain::body::BodyModel`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueLimits {
    /// Positions a model tells apart. The largest real answers (Kubernetes, Jira) have some
    /// hundreds; more is a map in disguise or an attack on memory.
    pub nodes_max: usize,
    /// Nesting followed; deeper values count as seen and are left alone. Real documents stay
    /// below 20.
    pub depth_max: usize,
    /// Members of one object told apart; more makes it a map with open keys.
    pub members_max: usize,
    /// Values a closed vocabulary may hold. Country and currency codes fit nearly whole.
    pub vocabulary_max: usize,
    /// Longest text kept as a vocabulary member, bytes: a sentence.
    pub text_bytes_max: usize,
    /// Items of one array looked at; the length is always counted. A page of 100 is seen whole.
    pub items_max: usize,
    /// Request facts compared with an answer for echoes: the members of a large form.
    pub echo_sources_max: usize,
    /// Distinct skeletons of one object kept: enough for the joint mix of presence and values.
    pub rows_max: usize,
    /// Bytes of skeletons kept per object.
    pub row_bytes_max: usize,
    /// Distinct string masks kept per position.
    pub masks_max: usize,
    /// Bytes of masks kept per position.
    pub mask_bytes_max: usize,
    /// Largest body parsed, bytes; a larger one teaches type and size alone, so that learning one
    /// body stays below a few milliseconds.
    pub parsed_bytes_max: usize,
}

impl Default for ValueLimits {
    fn default() -> Self {
        Self {
            nodes_max: 1024,
            depth_max: 24,
            members_max: 128,
            vocabulary_max: 96,
            text_bytes_max: 160,
            items_max: 128,
            echo_sources_max: 48,
            rows_max: 64,
            row_bytes_max: 4096,
            masks_max: 64,
            mask_bytes_max: 2048,
            parsed_bytes_max: 1 << 20,
        }
    }
}

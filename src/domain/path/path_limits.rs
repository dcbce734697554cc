//! What a [`PathLearner`](super::PathLearner) may hold, whatever is sent to it.

/// Bounds of a path learner; every collection that traffic can grow is named here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathLimits {
    /// Learned templates. An API description with a thousand paths is already rare; twice that
    /// leaves room for a gateway that fronts several services.
    pub templates_max: usize,
    /// Nodes of the template tree: about sixteen for each template.
    pub nodes_max: usize,
    /// Distinct paths kept as evidence, over all templates. The templates are a function of these
    /// paths, so this is also what bounds the time of one inference (a few tens of milliseconds).
    pub samples_max: usize,
    /// Bytes of evidence kept, path texts and their segment tables together.
    pub evidence_bytes_max: usize,
    /// Distinct paths kept for one template. Beyond a few hundred values more of the same prove
    /// nothing new about a parameter.
    pub samples_per_template_max: usize,
    /// Longest segment that is looked at byte by byte and kept as evidence. Longer ones are
    /// parameters at once: no API names a resource with 512 bytes.
    pub segment_bytes_max: usize,
    /// Longest path that is kept as evidence. Longer ones are identified and taught by their
    /// template alone.
    pub path_bytes_max: usize,
    /// Segments of a path that are looked at; what lies deeper is one tail parameter.
    pub depth_max: usize,
    /// Pinned templates: they are written by people or imported from one API description.
    pub pins_max: usize,
}

impl Default for PathLimits {
    fn default() -> Self {
        Self {
            templates_max: 2_048,
            nodes_max: 32_768,
            samples_max: 16_384,
            evidence_bytes_max: 8 * 1024 * 1024,
            samples_per_template_max: 512,
            segment_bytes_max: 512,
            path_bytes_max: 2_048,
            depth_max: 24,
            pins_max: 4_096,
        }
    }
}

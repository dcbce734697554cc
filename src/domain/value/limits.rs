//! What one body model may hold, each bound with its reason.

use crate::domain::privacy::privacy_level::PrivacyLevel;
use crate::domain::sketch::number_code::NUMBER_CODES;
use crate::domain::sketch::priority_sample::SampleBounds;

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
    /// Distinct numbers, lengths and distances kept per position when memory is short; never more
    /// than [`NUMBER_CODES`].
    pub number_codes_max: usize,
    /// What of real values may be kept.
    pub privacy: PrivacyLevel,
    /// Whether the parts of strings and the laws of records are learned, too: they are the first to
    /// go when memory is short.
    pub learns_details: bool,
    /// Largest body parsed, bytes; a larger one teaches type and size alone, so that learning one
    /// body stays below a few milliseconds.
    pub parsed_bytes_max: usize,
}

/// Steps of a tighter budget from which details are not learned.
const DETAILS_STEPS: u32 = 2;

impl ValueLimits {
    /// Bounds of a model that has outgrown its budget of memory `steps` times: each step halves
    /// what is kept of each position, down to what still draws a body of the right kind. Then
    /// details go, and only then positions: a member that is lost makes bodies wrong, a coarse one
    /// only plain.
    #[must_use]
    pub fn tightened(&self, steps: u32) -> Self {
        let halved = |bound: usize, least: usize| (bound >> steps).max(least.min(bound));
        Self {
            nodes_max: (self.nodes_max >> steps.saturating_sub(DETAILS_STEPS))
                .max(16.min(self.nodes_max)),
            vocabulary_max: halved(self.vocabulary_max, 4),
            rows_max: halved(self.rows_max, 2),
            row_bytes_max: halved(self.row_bytes_max, 256),
            masks_max: halved(self.masks_max, 2),
            mask_bytes_max: halved(self.mask_bytes_max, 128),
            number_codes_max: halved(self.number_codes_max, 4),
            learns_details: self.learns_details && steps < DETAILS_STEPS,
            ..self.clone()
        }
    }

    /// Bounds of a histogram of numbers.
    #[must_use]
    pub fn number_codes(&self) -> SampleBounds {
        SampleBounds { entries_max: self.number_codes_max, ..NUMBER_CODES }
    }
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
            number_codes_max: NUMBER_CODES.entries_max,
            privacy: PrivacyLevel::Strict,
            learns_details: true,
            parsed_bytes_max: 1 << 20,
        }
    }
}

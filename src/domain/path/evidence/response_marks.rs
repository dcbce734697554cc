//! What the answers to one path are like, as far as it tells endpoints apart.

use crate::domain::path::evidence::body_shape::BodyShape;

/// Marks of the answers to one method of a path: which statuses, which media type, which members.
///
/// A path is compared with others by its first method in the order of
/// [`method_bit`](super::observed_path::method_bit), because a `POST` answers otherwise than the
/// `GET` of the same resource.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ResponseMarks {
    /// The bit of the method; 0 when nothing was seen.
    pub method: u16,
    /// Bit set of the statuses, see [`status_bit`].
    pub statuses: u16,
    /// A mark of the media type; 0 when unknown, [`MIXED`] when there were several.
    pub media: u32,
    /// Which members the JSON has.
    pub shape: Option<Box<BodyShape>>,
}

/// The media mark of answers in several types.
const MIXED: u32 = 1;

/// Statuses that tell endpoints apart: a login that redirects is no list. Not among them are what
/// conditional and partial requests make of a 200 (206, 304), and errors.
const TELLING: [u16; 11] = [200, 201, 202, 203, 204, 205, 301, 302, 303, 307, 308];

fn status_bit(status: u16) -> u16 {
    TELLING.iter().position(|known| *known == status).map_or(0, |at| 1 << at)
}

/// The mark of a media type without its parameters; 0 for none.
fn media_mark(content_type: &str) -> u32 {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if essence.is_empty() {
        return 0;
    }
    // FNV-1a; a collision costs one distinction.
    let hash = essence.bytes().fold(0x811c_9dc5u32, |hash, byte| {
        (hash ^ u32::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0193)
    });
    hash.max(MIXED + 1)
}

/// Similarity from which two shapes are the same for the purpose of keeping one.
const SAME: f32 = 0.5;
/// How far disjoint statuses speak against one endpoint, from 0 to 1: a template may answer 200 and
/// 204 by chance, but seldom with one of them alone.
const STATUSES_APART: f32 = 0.75;

impl ResponseMarks {
    /// Takes note of one answer to `method`; one that is like those before costs nothing.
    pub fn note(
        &mut self,
        method: u16,
        status: u16,
        media: Option<&str>,
        shape: Option<&BodyShape>,
    ) {
        if self.method != 0 && self.method < method {
            return;
        }
        if self.method != method {
            *self = Self { method, ..Self::default() };
        }
        self.statuses |= status_bit(status);
        self.add_media(media.map_or(0, media_mark));
        let Some(shape) = shape else { return };
        match &self.shape {
            Some(known) if known.similarity(shape) >= SAME => {}
            _ => self.shape = Some(Box::new(shape.clone())),
        }
    }

    fn add_media(&mut self, media: u32) {
        self.media = match (self.media, media) {
            (known, 0) => known,
            (0, media) => media,
            (known, media) if known == media => known,
            _ => MIXED,
        };
    }

    /// Adds what is known of another path of the same template.
    pub fn absorb(&mut self, other: &Self) {
        if self.method == 0 {
            self.clone_from(other);
        } else if self.method == other.method {
            self.statuses |= other.statuses;
            self.add_media(other.media);
            if self.shape.is_none() {
                self.shape.clone_from(&other.shape);
            }
        }
    }

    /// How far two paths answer alike, from -1 (by all signs not one endpoint) to 1; `None` when
    /// nothing can be compared.
    pub fn agreement(&self, other: &Self) -> Option<f32> {
        if self.method == 0 || self.method != other.method {
            return None;
        }
        let known = |media: u32| media > MIXED;
        if known(self.media) && known(other.media) && self.media != other.media {
            return Some(-1.0);
        }
        let both = self.statuses != 0 && other.statuses != 0;
        let apart = if both && self.statuses & other.statuses == 0 { -STATUSES_APART } else { 0.0 };
        match (&self.shape, &other.shape) {
            (Some(own), Some(theirs)) => Some(own.agreement(theirs).min(1.0 + 2.0 * apart)),
            _ => (both || known(self.media) && known(other.media)).then_some(apart),
        }
    }

    /// The mark of the media type, where it is one and known.
    pub fn media(&self) -> Option<u32> {
        (self.media > MIXED).then_some(self.media)
    }

    /// Bytes held beside the struct itself.
    pub fn bytes(&self) -> usize {
        self.shape.as_ref().map_or(0, |_| size_of::<BodyShape>())
    }
}

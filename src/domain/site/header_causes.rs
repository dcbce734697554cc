//! The truths about the headers of a request.

use crate::domain::outcome::Cause;
use crate::domain::world::Request;

/// Characters of a media type that are told apart.
const MEDIA_MAX: usize = 30;

/// Gives the media types that a request names, and headers that are there or not.
pub(super) fn headers(request: &Request, put: &mut dyn FnMut(Cause)) {
    for name in ["content-type", "accept"] {
        if let Some(value) = request.header(name) {
            let media: String =
                value.split(';').next().unwrap_or_default().chars().take(MEDIA_MAX).collect();
            put(Cause::Header(format!("{name}={media}").into()));
            if value.contains(';') {
                put(Cause::Header(format!("{name} parameters").into()));
            }
        }
    }
    for name in ["origin", "range"] {
        if request.header(name).is_some() {
            put(Cause::Header(name.into()));
        }
    }
}

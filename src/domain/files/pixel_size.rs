//! How many pixels an image has.

/// Width and height of an image, pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PixelSize {
    pub width: usize,
    pub height: usize,
}

/// What an image has that is made after none.
const DEFAULT: PixelSize = PixelSize { width: 64, height: 64 };

/// Pixels up to which width and height are taken over: more is made smaller, since even flat
/// pixels take time.
const PIXELS_MAX: usize = 1 << 25;

impl PixelSize {
    /// What was read, within bounds; else the default.
    pub fn or_default(read: Option<(usize, usize)>) -> Self {
        let known = read.map(|(width, height)| Self { width, height });
        let fits = |size: &Self| {
            let pixels = size.width.checked_mul(size.height);
            pixels.is_some_and(|pixels| (1..=PIXELS_MAX).contains(&pixels))
                && size.width.max(size.height) <= 0x3fff
        };
        known.filter(fits).unwrap_or(DEFAULT)
    }
}

//! Files of known kinds that say nothing: stand-ins for images, documents, archives and media.
//!
//! A recorded file is somebody's, and noise under its type opens nowhere. A stand-in is a file of
//! the same kind, of the same bounds (pixels, pages, names in an archive, length of a sound) and
//! about the same size, that every reader opens: flat pixels, blank pages, silence.
//!
//! | kind | what is taken over from the recorded file |
//! | --- | --- |
//! | PNG, GIF, JPEG, WebP, BMP, TIFF, icon | width and height |
//! | PDF | number and size of its pages |
//! | ZIP, TAR, gzip | entries, with stand-ins for their names and contents |
//! | documents of Office Open XML | that it is a text, a workbook or a presentation |
//! | WAV, MP3 | format and length |
//! | MP4, WebM, Ogg, FLAC | nothing but the size |
//!
//! What is of no kind known here has no stand-in.

mod archive;
mod image;
mod jpeg;
mod media_file;
mod office;
mod pdf;
mod pixel_size;
mod raster;
mod reading;
mod sound;
mod tar;

/// Largest file that is made, bytes: a stand-in needs no more to be one, and memory stays bounded.
pub const FILE_BYTES_MAX: usize = 4 << 20;

/// Archives inside archives that are followed.
const DEPTH_MAX: u8 = 2;

/// A kind of file: known by its first bytes, or by its media type where there is no file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// An image of the W3C's PNG.
    Png,
    /// An image of CompuServe's GIF.
    Gif,
    /// An image of ITU-T T.81.
    Jpeg,
    /// An image of RFC 9649.
    Webp,
    /// An image of Windows without compression.
    Bmp,
    /// An icon of Windows.
    Icon,
    /// An image of TIFF 6.0.
    Tiff,
    /// A document of ISO 32000.
    Pdf,
    /// An archive of PKWARE's, and what is one underneath: documents of Office Open XML.
    Zip,
    /// A file of RFC 1952.
    Gzip,
    /// An archive of POSIX.
    Tar,
    /// A sound of samples.
    Wave,
    /// A sound of MPEG's layer III.
    Mp3,
    /// A film or a sound in a container of ISO/IEC 14496-12.
    Mp4,
    /// A film in a container of RFC 9559.
    Webm,
    /// A sound in a container of RFC 3533.
    Ogg,
    /// A sound of RFC 9639.
    Flac,
    /// A font, which nothing can stand in for.
    Font,
}

/// Kinds with the media types that name them.
const MEDIA: [(FileKind, &[&str]); 18] = [
    (FileKind::Png, &["image/png", "image/apng"]),
    (FileKind::Gif, &["image/gif"]),
    (FileKind::Jpeg, &["image/jpeg", "image/jpg", "image/pjpeg"]),
    (FileKind::Webp, &["image/webp"]),
    (FileKind::Bmp, &["image/bmp", "image/x-ms-bmp"]),
    (FileKind::Icon, &["image/x-icon", "image/vnd.microsoft.icon"]),
    (FileKind::Tiff, &["image/tiff"]),
    (FileKind::Pdf, &["application/pdf"]),
    (FileKind::Zip, &["application/zip", "application/x-zip-compressed"]),
    (FileKind::Gzip, &["application/gzip", "application/x-gzip", "application/x-tgz"]),
    (FileKind::Tar, &["application/x-tar"]),
    (FileKind::Wave, &["audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"]),
    (FileKind::Mp3, &["audio/mpeg", "audio/mp3"]),
    (FileKind::Mp4, &["video/mp4", "audio/mp4", "video/quicktime", "audio/x-m4a"]),
    (FileKind::Webm, &["video/webm", "audio/webm", "video/x-matroska"]),
    (FileKind::Ogg, &["audio/ogg", "application/ogg", "audio/opus"]),
    (FileKind::Flac, &["audio/flac", "audio/x-flac"]),
    (FileKind::Font, &["font/woff2", "font/woff", "font/ttf", "font/otf"]),
];

/// Media types that promise nothing of what the bytes mean.
const OPEN_MEDIA: [&str; 5] = [
    "",
    "application/octet-stream",
    "binary/octet-stream",
    "application/force-download",
    "application/x-binary",
];

/// What a file is made after.
#[derive(Clone, Copy)]
pub struct FilePattern<'p> {
    /// A recorded file, or as much of it as is known; empty where nothing is.
    pub like: &'p [u8],
    /// The content type that it is given under.
    pub media: &'p str,
    /// The size that it should have, bytes.
    pub bytes: usize,
    /// Files of different seeds differ, where their kind has room for that.
    pub seed: u64,
    /// The stand-in for a text: names of entries, and what texts say.
    pub text: &'p dyn Fn(&str) -> String,
    depth: u8,
}

impl<'p> FilePattern<'p> {
    /// A file after a recorded one.
    #[must_use]
    pub fn after(
        like: &'p [u8],
        media: &'p str,
        seed: u64,
        text: &'p dyn Fn(&str) -> String,
    ) -> Self {
        Self { like, media, bytes: like.len(), seed, text, depth: 0 }
    }

    /// A file of a size, after none.
    #[must_use]
    pub fn sized(media: &'p str, bytes: usize, seed: u64) -> Self {
        Self { like: &[], media, bytes, seed, text: &str::to_owned, depth: 0 }
    }

    /// The same for a file inside this one; `None` where that is too deep.
    fn within<'q>(&self, like: &'q [u8]) -> Option<FilePattern<'q>>
    where
        'p: 'q,
    {
        (self.depth < DEPTH_MAX).then_some(FilePattern {
            like,
            media: "",
            bytes: like.len(),
            seed: self.seed,
            text: self.text,
            depth: self.depth + 1,
        })
    }
}

impl FileKind {
    /// The kinds by the numbers under which stored models hold them.
    pub const NUMBERED: [Self; 18] = [
        Self::Png,
        Self::Gif,
        Self::Jpeg,
        Self::Pdf,
        Self::Zip,
        Self::Gzip,
        Self::Font,
        Self::Webp,
        Self::Bmp,
        Self::Icon,
        Self::Tiff,
        Self::Tar,
        Self::Wave,
        Self::Mp3,
        Self::Mp4,
        Self::Webm,
        Self::Ogg,
        Self::Flac,
    ];

    /// The kind of a file by its first bytes.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let has = |at: usize, sign: &[u8]| bytes.get(at..).is_some_and(|b| b.starts_with(sign));
        Some(match bytes {
            _ if has(0, b"\x89PNG\r\n\x1a\n") => Self::Png,
            _ if has(0, b"GIF87a") || has(0, b"GIF89a") => Self::Gif,
            _ if has(0, b"\xff\xd8\xff") => Self::Jpeg,
            _ if has(0, b"RIFF") && has(8, b"WEBP") => Self::Webp,
            _ if has(0, b"RIFF") && has(8, b"WAVE") => Self::Wave,
            _ if has(0, b"BM") && has(6, &[0; 4]) => Self::Bmp,
            _ if has(0, &[0, 0, 1, 0]) && has(5, &[0]) => Self::Icon,
            _ if has(0, b"II*\0") || has(0, b"MM\0*") => Self::Tiff,
            _ if has(0, b"%PDF-") => Self::Pdf,
            _ if has(0, b"PK\x03\x04") || has(0, b"PK\x05\x06") => Self::Zip,
            _ if has(0, b"\x1f\x8b\x08") => Self::Gzip,
            _ if has(257, b"ustar") => Self::Tar,
            _ if has(4, b"ftyp") => Self::Mp4,
            _ if has(0, b"\x1a\x45\xdf\xa3") => Self::Webm,
            _ if has(0, b"OggS") => Self::Ogg,
            _ if has(0, b"fLaC") => Self::Flac,
            _ if has(0, b"wOF2") || has(0, b"wOFF") || has(0, b"OTTO") => Self::Font,
            _ if has(0, b"ID3") || sound::is_frame(bytes) => Self::Mp3,
            _ => return None,
        })
    }

    /// The kind that a content type names.
    #[must_use]
    pub fn of_media(content_type: &str) -> Option<Self> {
        let media = essence(content_type);
        if media.starts_with("application/vnd.openxmlformats-officedocument.") {
            return Some(Self::Zip);
        }
        MEDIA.iter().find(|(_, names)| names.contains(&&*media)).map(|(kind, _)| *kind)
    }

    /// A file of this kind; `None` where nothing can stand in for one.
    #[must_use]
    pub fn make(self, pattern: &FilePattern<'_>) -> Option<Vec<u8>> {
        let pattern = &FilePattern { bytes: pattern.bytes.min(FILE_BYTES_MAX), ..*pattern };
        Some(match self {
            Self::Png => image::png(pattern),
            Self::Gif => image::gif(pattern),
            Self::Webp => image::webp(pattern),
            Self::Icon => image::icon(pattern),
            Self::Bmp => raster::bmp(pattern),
            Self::Tiff => raster::tiff(pattern),
            Self::Jpeg => jpeg::jpeg(pattern),
            Self::Pdf => pdf::pdf(pattern),
            Self::Zip => archive::zip(pattern),
            Self::Gzip => archive::gzip(pattern),
            Self::Tar => tar::tar(pattern),
            Self::Wave => sound::wave(pattern),
            Self::Mp3 => sound::mp3(pattern),
            Self::Mp4 => media_file::mp4(pattern),
            Self::Webm => media_file::webm(pattern),
            Self::Ogg => media_file::ogg(),
            Self::Flac => media_file::flac(pattern),
            Self::Font => return None,
        })
    }
}

/// The stand-in for a file: by its bytes, or by its media type where those say nothing; `None`
/// where it is of no known kind.
#[must_use]
pub fn stand_in(pattern: &FilePattern<'_>) -> Option<Vec<u8>> {
    let kind = FileKind::of_bytes(pattern.like).or_else(|| FileKind::of_media(pattern.media))?;
    kind.make(pattern)
}

/// Whether a content type promises a structure, so that noise under it is a lie.
#[must_use]
pub fn is_structured(content_type: &str) -> bool {
    !OPEN_MEDIA.contains(&&*essence(content_type))
}

/// Whether bytes are neither text nor a file of a known kind.
#[must_use]
pub fn is_noise(bytes: &[u8]) -> bool {
    FileKind::of_bytes(bytes).is_none() && str::from_utf8(bytes).is_err()
}

/// A content type without its parameters, in lower case.
fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

#[cfg(test)]
mod tests;

use std::io::Read as _;

use super::*;

/// A stand-in for a file under a media type.
fn after(like: &[u8], media: &str) -> Vec<u8> {
    let text = |text: &str| text.replace("Ann", "Xyz");
    stand_in(&FilePattern::after(like, media, 7, &text)).expect("a kind that is known")
}

#[test]
fn what_is_made_is_of_its_kind_and_about_of_its_size() {
    for (kind, names) in MEDIA.iter().filter(|(kind, _)| *kind != FileKind::Font) {
        for bytes in [0, 100, 3_000, 70_000, usize::MAX] {
            let made = kind.make(&FilePattern::sized(names[0], bytes, 3)).expect("made");
            assert_eq!(FileKind::of_bytes(&made), Some(*kind), "{kind:?}");
            let asked = bytes.min(FILE_BYTES_MAX);
            // Small samples have a size of their own; a comment of ZIP ends at 64 KiB.
            let has_room = (3_000..FILE_BYTES_MAX).contains(&asked);
            if has_room && ![FileKind::Ogg, FileKind::Bmp].contains(kind) {
                let off = made.len().abs_diff(asked);
                assert!(off <= 1_600, "{kind:?}: {} of {asked}", made.len());
            }
            assert!(made.len() <= FILE_BYTES_MAX + 2_000, "{kind:?}");
            let again = stand_in(&FilePattern::after(&made, "", 3, &str::to_owned));
            assert_eq!(FileKind::of_bytes(&again.expect("made")), Some(*kind), "{kind:?}");
        }
    }
}

#[test]
fn pixels_are_as_many_as_they_were() {
    let sized = |width: u16, height: u16| {
        let mut gif = b"GIF89a".to_vec();
        gif.extend(width.to_le_bytes());
        gif.extend(height.to_le_bytes());
        gif
    };
    let gif = after(&sized(320, 200), "image/gif");
    assert_eq!(&gif[6..10], &sized(320, 200)[6..10]);
    let png =
        [b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x01\x40\0\0\0\xc8".as_slice(), &[1; 900]].concat();
    let made = after(&png, "");
    assert_eq!(&made[16..24], &png[16..24]);
    let jpeg = b"\xff\xd8\xff\xc0\0\x0b\x08\0\xc8\x01\x40\x01\x01\x11\0\xff\xda";
    let made = after(jpeg, "");
    let frame = memchr::memmem::find(&made, b"\xff\xc0").expect("a frame");
    assert_eq!(&made[frame + 5..frame + 10], &jpeg[7..12], "of one component");
}

#[test]
fn entries_of_archives_have_stand_ins() {
    let text = |text: &str| text.to_owned();
    let plain = FilePattern::sized("", 2_000, 1);
    let zip = FileKind::Zip.make(&plain).expect("made");
    let names = memchr::memmem::find_iter(&zip, b"file.txt").count();
    assert_eq!(names, 2, "in the archive and in its directory");
    let again = stand_in(&FilePattern::after(&zip, "", 1, &text)).expect("made");
    assert_eq!(again, zip);

    let mut tar = FileKind::Tar.make(&plain).expect("made");
    tar.splice(512..516, *b"Ann\n");
    let mut coded = flate2::read::GzEncoder::new(&*tar, flate2::Compression::fast());
    let mut gzip = Vec::new();
    coded.read_to_end(&mut gzip).expect("coded");
    let made = after(&gzip, "application/gzip");
    assert!(made.len().abs_diff(gzip.len()) <= 64, "{} of {}", made.len(), gzip.len());
    let mut inner = Vec::new();
    flate2::read::GzDecoder::new(&*made).read_to_end(&mut inner).expect("decoded");
    assert_eq!(FileKind::of_bytes(&inner), Some(FileKind::Tar));
    assert_eq!(&inner[512..516], b"Xyz\n");
}

#[test]
fn a_document_of_office_is_a_small_one_of_its_kind() {
    let media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let made = FileKind::Zip.make(&FilePattern::sized(media, 9_000, 1)).expect("made");
    assert!(memchr::memmem::find(&made, b"xl/worksheets/sheet1.xml").is_some());
    assert_eq!(made.len(), 9_000);
}

#[test]
fn nothing_stands_in_for_what_is_not_known() {
    for (like, media) in [
        (&b"\x00\x01\x02\xff"[..], "application/vnd.acme.thing"),
        (b"wOF2\0\x01", "font/woff2"),
        (b"\xff\xfe", "application/octet-stream"),
    ] {
        assert_eq!(stand_in(&FilePattern::after(like, media, 1, &str::to_owned)), None);
    }
}

#[test]
fn files_that_are_cut_or_broken_anywhere_are_made_over() {
    for (kind, names) in MEDIA.iter().filter(|(kind, _)| *kind != FileKind::Font) {
        let made = kind.make(&FilePattern::sized(names[0], 900, 3)).expect("made");
        for end in (0..made.len().min(1_200)).step_by(7) {
            let cut = after(&made[..end], names[0]);
            assert!(!cut.is_empty());
        }
        for at in (0..made.len().min(600)).step_by(3) {
            let mut broken = made.clone();
            broken[at] ^= 0xff;
            let _ = after(&broken, names[0]);
        }
    }
}

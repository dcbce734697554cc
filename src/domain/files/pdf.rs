//! PDFs of blank pages (ISO 32000-1).

use std::fmt::Write as _;

use super::FilePattern;
use super::reading::find;

/// Pages at most.
const PAGES_MAX: usize = 500;

/// Width and height of a page that says neither, points.
const LETTER: &str = "0 0 612 792";

/// Bytes of a number of an offset's digits, in the table of objects.
const OFFSET_DIGITS: usize = 10;

/// A PDF of as many blank pages as the recorded one, filled up by a comment.
pub fn pdf(pattern: &FilePattern<'_>) -> Vec<u8> {
    let pages = pages(pattern.like).clamp(1, PAGES_MAX);
    let media_box = media_box(pattern.like).unwrap_or_else(|| LETTER.to_owned());
    let kids: String = (0..pages).fold(String::new(), |mut kids, n| {
        // Writing to a text does not fail.
        let _ = write!(kids, "{} 0 R ", n + 3);
        kids
    });
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        format!("<< /Type /Pages /Kids [ {kids}] /Count {pages} >>"),
    ];
    let page =
        format!("<< /Type /Page /Parent 2 0 R /Resources << >> /MediaBox [ {media_box} ] >>");
    objects.extend(std::iter::repeat_n(page, pages));
    let mut out = b"%PDF-1.4\n".to_vec();
    let mut offsets = Vec::with_capacity(objects.len());
    for (number, object) in objects.iter().enumerate() {
        offsets.push(out.len());
        out.extend(format!("{} 0 obj\n{object}\nendobj\n", number + 1).bytes());
    }
    let table = 60 + (objects.len() + 1) * 20 + OFFSET_DIGITS;
    let left = pattern.bytes.saturating_sub(out.len() + table);
    if left > 2 {
        out.push(b'%');
        out.extend(std::iter::repeat_n(b' ', left - 2));
        out.push(b'\n');
    }
    let start = out.len();
    let mut end = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for offset in offsets {
        let _ = writeln!(end, "{offset:010} 00000 n ");
    }
    let size = objects.len() + 1;
    let _ = write!(end, "trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
    out.extend(end.bytes());
    out
}

/// Pages that are named in plain sight; in compressed objects there are none to be seen.
fn pages(like: &[u8]) -> usize {
    let is_page = |at: usize| {
        let after = like.get(at + 5..).unwrap_or_default();
        let after = after.strip_prefix(b" ").unwrap_or(after);
        after.starts_with(b"/Page") && !after.starts_with(b"/Pages")
    };
    memchr::memmem::find_iter(like, b"/Type").filter(|at| is_page(*at)).count()
}

fn media_box(like: &[u8]) -> Option<String> {
    let after = like.get(find(like, b"/MediaBox")?..)?;
    let open = after.iter().take(20).position(|byte| *byte == b'[')?;
    let close = after.iter().take(100).position(|byte| *byte == b']')?;
    let text = str::from_utf8(after.get(open + 1..close)?).ok()?;
    let numbers: Vec<&str> = text.split_whitespace().collect();
    let is_number = |text: &&str| text.parse::<f32>().is_ok_and(f32::is_finite);
    (numbers.len() == 4 && numbers.iter().all(is_number)).then(|| numbers.join(" "))
}

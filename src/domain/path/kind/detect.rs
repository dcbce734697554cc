//! The predicates of the kind table: byte scanners, linear in the segment.

use super::scan::Scan;
use crate::domain::formats;
use crate::domain::privacy::is_sensitive_value;

/// Words that look like identifiers (a letter-digit mix) or stand where identifiers stand, and
/// that APIs use literally. Lower case; sorted, because it is searched by bisection.
const RESERVED: &[&str] = &[
    "2fa", "@all", "@me", "@self", "base32", "base64", "ec2", "h264", "http2", "ipv4", "ipv6",
    "k8s", "latest", "md5", "me", "mp3", "mp4", "oauth1", "oauth2", "s3", "self", "sha1", "sha256",
    "sha512", "utf8", "web3", "x509",
];

/// Extensions that name a representation or a media type.
const EXTENSIONS: &[&str] = &[
    "atom", "avi", "bin", "bmp", "c", "cfg", "conf", "cpp", "css", "csv", "doc", "docx", "gif",
    "go", "gz", "h", "htm", "html", "ical", "ico", "ics", "ini", "java", "jpeg", "jpg", "js",
    "json", "jsonp", "jsx", "kt", "lock", "log", "m3u8", "m4a", "md", "mkv", "mov", "mp3", "mp4",
    "mpd", "ogg", "pdf", "php", "plist", "png", "ppt", "pptx", "proto", "py", "rb", "rs", "rss",
    "rst", "rtf", "sh", "sql", "srt", "svg", "swift", "tar", "tgz", "tiff", "toml", "ts", "tsv",
    "tsx", "ttf", "txt", "vtt", "wasm", "wav", "webm", "webp", "woff", "woff2", "xls", "xlsx",
    "xml", "yaml", "yml", "zip",
];

/// What [`privacy`](crate::domain::privacy) would not keep: never the name of a resource.
pub fn sensitive(scan: &Scan<'_>) -> bool {
    is_sensitive_value(scan.text)
}

/// The known extension that `text` is, in any case.
pub fn extension(text: &str) -> Option<&'static str> {
    let place = EXTENSIONS.binary_search_by(|known| cmp_ignoring_case(known, text)).ok()?;
    EXTENSIONS.get(place).copied()
}

/// A value of a format, by the table that strings of bodies are told by.
pub fn formatted(scan: &Scan<'_>) -> bool {
    scan.digits > 0 && formats::is_parameter(scan.text)
}

pub fn never(_: &Scan<'_>) -> bool {
    false
}

pub fn always(_: &Scan<'_>) -> bool {
    true
}

pub fn empty(scan: &Scan<'_>) -> bool {
    scan.text.is_empty()
}

/// `v1`, `v1.2`, `v4beta`, `v1beta1`, `2.0`: one or two short numbers, with a `v` or a dot.
pub fn version(scan: &Scan<'_>) -> bool {
    if scan.length() > 10 || scan.digits == 0 || scan.digits > 6 || scan.dots > 1 {
        return false;
    }
    let text = scan.text;
    let Some(rest) = text.strip_prefix(['v', 'V']) else {
        return scan.dots == 1
            && usize::from(scan.digits) + 1 == scan.length()
            && text
                .split_once('.')
                .is_some_and(|(major, minor)| (1..=2).contains(&major.len()) && minor.len() == 1);
    };
    let number = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '_');
    if number.len() == rest.len() || number.is_empty() && scan.digits > 4 {
        return false;
    }
    let stage = number.trim_end_matches(|c: char| c.is_ascii_digit());
    matches!(stage, "" | "alpha" | "beta" | "rc" | "preview" | "p")
}

pub fn reserved(scan: &Scan<'_>) -> bool {
    // Six bytes is the longest of the list.
    scan.length() <= 6
        && RESERVED.binary_search_by(|word| cmp_ignoring_case(word, scan.text)).is_ok()
}

fn cmp_ignoring_case(word: &str, text: &str) -> std::cmp::Ordering {
    word.bytes().cmp(text.bytes().map(|byte| byte.to_ascii_lowercase()))
}

/// Strips the braces of `{…}`, plain or escaped, that some services put around UUIDs.
fn unbraced(text: &str) -> &str {
    for (open, close) in [("%7B", "%7D"), ("%7b", "%7d"), ("{", "}")] {
        if let Some(inner) = text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close)) {
            return inner;
        }
    }
    text
}

/// RFC 9562, the 8-4-4-4-12 form, in either case, braces allowed.
pub fn uuid(scan: &Scan<'_>) -> bool {
    if scan.hyphens != 4 {
        return false;
    }
    let text = unbraced(scan.text);
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// `2024-05-31`, `2024-05`, ISO week `2024-W07`: RFC 3339 full-date and its shorter forms.
pub fn date(scan: &Scan<'_>) -> bool {
    let bytes = scan.text.as_bytes();
    match bytes.len() {
        10 => scan.hyphens == 2 && scan.digits == 8 && is_year_month(bytes) && bytes[7] == b'-',
        8 if scan.hyphens == 1 => {
            scan.digits == 6 && &bytes[4..6] == b"-W" && matches!(bytes[0], b'1' | b'2')
        }
        7 => scan.hyphens == 1 && scan.digits == 6 && is_year_month(bytes),
        _ => false,
    }
}

/// Of at least seven bytes: `1970-01` to `2199-12`.
fn is_year_month(bytes: &[u8]) -> bool {
    matches!(bytes[0], b'1' | b'2')
        && bytes[4] == b'-'
        && matches!((bytes[5], bytes[6]), (b'0', b'1'..=b'9') | (b'1', b'0'..=b'2'))
}

/// A full date, then `T`, a space or its escape, then a time; or a time of day alone.
pub fn date_time(scan: &Scan<'_>) -> bool {
    let bytes = scan.text.as_bytes();
    if scan.digits < 4 {
        return false;
    }
    if bytes.len() > 11 && bytes[..10].is_ascii() && is_year_month(bytes) && bytes[7] == b'-' {
        return matches!(bytes[10], b'T' | b't' | b'_' | b'+' | b' ' | b'%');
    }
    let clock = scan.text.replace_colon();
    clock && usize::from(scan.digits) + usize::from(scan.others) == bytes.len() && scan.digits <= 6
}

trait Clock {
    /// Whether the text is two-digit groups with colons between, as in `12:30` or `12:30:05`.
    fn replace_colon(&self) -> bool;
}

impl Clock for str {
    fn replace_colon(&self) -> bool {
        self.contains(':')
            && self
                .split(':')
                .all(|part| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit()))
    }
}

pub fn integer(scan: &Scan<'_>) -> bool {
    let digits = scan.text.strip_prefix('-').unwrap_or(scan.text);
    scan.digits > 0 && usize::from(scan.digits) == digits.len()
}

pub fn decimal(scan: &Scan<'_>) -> bool {
    is_decimal(scan.text)
}

fn is_decimal(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    text.contains('.') && !fraction.is_empty() && all_digits(whole) && all_digits(fraction)
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Two or more numbers with commas (plain or `%2C`) between: `52.5,13.4`, `1,2,3`.
pub fn coordinates(scan: &Scan<'_>) -> bool {
    if scan.digits < 2 || scan.others == 0 {
        return false;
    }
    let number = |part: &str| {
        let part = part.strip_prefix('-').unwrap_or(part);
        all_digits(part) || is_decimal(part)
    };
    let text = scan.text;
    if text.contains(',') {
        text.split(',').all(|part| number(part.trim()))
    } else {
        (text.contains("%2C") && text.split("%2C").all(number))
            || (text.contains("%2c") && text.split("%2c").all(number))
    }
}

pub fn ip(scan: &Scan<'_>) -> bool {
    if scan.digits == 0 && scan.hex_letters == 0 {
        return false;
    }
    let host = scan.text.split_once("%2F").map_or(scan.text, |(host, _)| host);
    if scan.dots == 3 && host.parse::<std::net::Ipv4Addr>().is_ok() {
        return true;
    }
    let colons = host.contains("::") || host.matches(':').count() == 7;
    let escaped = host.contains("%3A%3A") || host.matches("%3A").count() == 7;
    (colons && host.parse::<std::net::Ipv6Addr>().is_ok())
        || (escaped && host.bytes().all(|b| b.is_ascii_hexdigit() || b == b'%'))
}

/// Six pairs of hex digits with `:`, `%3A` or `-` between.
pub fn mac(scan: &Scan<'_>) -> bool {
    let pairs = |separator: &str| {
        scan.text.split(separator).count() == 6
            && scan
                .text
                .split(separator)
                .all(|p| p.len() == 2 && p.bytes().all(|b| b.is_ascii_hexdigit()))
    };
    match scan.length() {
        17 => pairs(":") || pairs("-"),
        27 => pairs("%3A") || pairs("%3a"),
        _ => false,
    }
}

pub fn email(scan: &Scan<'_>) -> bool {
    let Some((user, host)) = scan.text.split_once('@').or_else(|| scan.text.split_once("%40"))
    else {
        return false;
    };
    let Some((name, top)) = host.rsplit_once('.') else { return false };
    !user.is_empty() && !name.is_empty() && top.len() >= 2 && lower_or_upper(top)
}

fn lower_or_upper(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// `arn:…` and `urn:…`, colons plain or escaped.
pub fn arn(scan: &Scan<'_>) -> bool {
    let Some(rest) = scan.text.get(3..) else { return false };
    let scheme = &scan.text.as_bytes()[..3];
    (scheme.eq_ignore_ascii_case(b"arn") || scheme.eq_ignore_ascii_case(b"urn"))
        && (rest.starts_with(':') || rest.starts_with("%3A") || rest.starts_with("%3a"))
}

/// 26 characters of Crockford base 32, the first of them 0 to 7 (the ULID specification).
pub fn ulid(scan: &Scan<'_>) -> bool {
    scan.length() == 26
        && scan.digits >= 4
        && scan.is_alphanumeric()
        && (scan.upper == 0 || scan.lower == 0)
        && matches!(scan.text.as_bytes().first(), Some(b'0'..=b'7'))
        && !scan.text.bytes().any(|b| matches!(b | 0x20, b'i' | b'l' | b'o' | b'u'))
}

pub fn object_id(scan: &Scan<'_>) -> bool {
    scan.length() == 24 && scan.is_hex() && scan.digits >= 3
}

/// Hexadecimal of eight digits and more: short commit ids, MD5, SHA.
pub fn hash(scan: &Scan<'_>) -> bool {
    (8..=128).contains(&scan.length()) && scan.is_hex() && scan.digits >= 2
        || (10..=128).contains(&scan.length()) && scan.is_hex() && scan.digits >= 1
        || matches!(scan.length(), 6 | 7)
            && scan.is_hex()
            && scan.digits >= 2
            && scan.hex_letters >= 1
}

/// `cus_9s6XKzkNRiz8i3`, `txn-00ab12…`: a short lower-case prefix and an opaque rest.
pub fn prefixed_id(scan: &Scan<'_>) -> bool {
    let text = scan.text;
    let Some(at) = text.rfind(['_', '-']) else { return false };
    let (prefix, rest) = (&text[..at], &text[at + 1..]);
    if !(1..=16).contains(&prefix.len()) || rest.len() < 6 {
        return false;
    }
    let body = Scan::of(rest);
    let named = prefix.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b.is_ascii_digit());
    named && body.is_alphanumeric() && opaque(&body)
}

/// Base64url, JWT and other long random text.
pub fn token(scan: &Scan<'_>) -> bool {
    if scan.length() < 20 || scan.others > 0 && !scan.text.ends_with('=') {
        return false;
    }
    let jwt = scan.text.starts_with("eyJ");
    let mixed =
        scan.digits >= 2 && scan.upper >= 3 && scan.lower >= 3 && scan.letter_digit_turns >= 3;
    let spread = scan.digits >= 4 && scan.letter_digit_turns >= 5 && scan.hyphens <= 2;
    jwt || mixed || spread
}

/// E.164 with a plus sign, plain or escaped.
pub fn phone(scan: &Scan<'_>) -> bool {
    let rest = scan.text.strip_prefix('+').or_else(|| scan.text.strip_prefix("%2B"));
    rest.is_some_and(|rest| (7..=15).contains(&rest.len()) && all_digits(rest))
}

/// Semantic versioning with all three numbers: `1.2.3`, `v1.2.3-rc.1`.
pub fn semver(scan: &Scan<'_>) -> bool {
    if scan.dots < 2 || scan.digits < 3 {
        return false;
    }
    let core = scan.text.strip_prefix('v').unwrap_or(scan.text);
    let core = core.split(['-', '+']).next().unwrap_or(core);
    core.split('.').count() >= 3 && core.split('.').all(all_digits)
}

/// BCP 47 with a region: `en-US`, `fr_FR`, `zh-Hans`.
pub fn locale(scan: &Scan<'_>) -> bool {
    let Some((language, region)) = scan.text.split_once(['-', '_']) else { return false };
    let language_fits = matches!(language.len(), 2 | 3) && lower(language);
    let region_fits = match region.len() {
        2 => region.bytes().all(|b| b.is_ascii_uppercase()),
        4 => region.starts_with(|c: char| c.is_ascii_uppercase()) && lower(&region[1..]),
        3 => all_digits(region),
        _ => false,
    };
    language_fits && region_fits
}

fn lower(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// Percent escapes, spaces, brackets, quotes, non-ASCII: text somebody typed.
pub fn encoded_text(scan: &Scan<'_>) -> bool {
    scan.others > 0
        && scan.text.bytes().any(|b| {
            !(b.is_ascii_alphanumeric()
                || matches!(
                    b,
                    b'-' | b'_'
                        | b'.'
                        | b'~'
                        | b'@'
                        | b'$'
                        | b':'
                        | b'='
                        | b','
                        | b';'
                        | b'!'
                        | b'*'
                        | b'('
                        | b')'
                        | b'\''
                ))
        })
}

/// `a,b`, `name@1.2`, `key=value`, `FRA:JFK`: values joined by punctuation.
pub fn pair(scan: &Scan<'_>) -> bool {
    let Some(at) = scan.text.find([',', '@', '=', ';', ':']) else { return false };
    at > 0 && at + 1 < scan.length() && (scan.digits > 0 || scan.text.as_bytes()[at] == b',')
}

/// A stem and a well-known extension.
pub fn file(scan: &Scan<'_>) -> bool {
    scan.dots > 0 && file_parts(scan.text).is_some_and(|(stem, _)| !reads_as_words(stem))
}

/// A stem of words alone: `users.json` may be a resource as well as a file.
pub fn word_file(scan: &Scan<'_>) -> bool {
    scan.dots > 0 && file_parts(scan.text).is_some_and(|(stem, _)| reads_as_words(stem))
}

fn reads_as_words(stem: &str) -> bool {
    let scan = Scan::of(stem);
    scan.digits == 0 && scan.others == 0 && !random_letters(&scan)
}

/// Stem and extension of a file name whose extension is well known.
pub fn file_parts(text: &str) -> Option<(&str, &str)> {
    let (stem, extension) = text.rsplit_once('.')?;
    let mut lowered = [0u8; 5];
    let lowered = lowered.get_mut(..extension.len())?;
    lowered.copy_from_slice(extension.as_bytes());
    lowered.make_ascii_lowercase();
    let known = EXTENSIONS.binary_search_by(|known| known.as_bytes().cmp(lowered)).is_ok();
    (known && !stem.is_empty()).then_some((stem, extension))
}

/// Names with dots: hosts, packages, API groups.
pub fn domain(scan: &Scan<'_>) -> bool {
    scan.dots > 0 && scan.others == 0 && scan.letter_count() > 1
}

/// `@scope`, `~user`, `$name`: names with a sigil.
pub fn handle(scan: &Scan<'_>) -> bool {
    scan.length() > 1 && scan.text.starts_with(['@', '~'])
}

/// Letters and digits mixed as no word mixes them.
pub fn alphanumeric_id(scan: &Scan<'_>) -> bool {
    scan.digits > 0 && scan.letter_count() > 0 && scan.others == 0 && opaque(scan)
}

/// Whether a mix of letters and digits is no word with a number behind it.
fn opaque(scan: &Scan<'_>) -> bool {
    let (digits, turns) = (scan.digits, scan.letter_digit_turns);
    if digits == 0 {
        return random_letters(scan);
    }
    let starts_with_digit = scan.text.starts_with(|c: char| c.is_ascii_digit());
    turns >= 3
        || (turns == 2 && (digits >= 2 || scan.lower == 0 && scan.length() >= 8))
        || (turns == 1 && starts_with_digit && scan.length() >= 4)
        || (digits >= 3 && turns >= 1)
        || (turns == 1 && digits >= 2 && scan.lower == 0 && scan.length() >= 4)
        || (turns >= 1 && scan.upper >= 2 && scan.lower >= 1 && scan.upper_pairs >= 1)
        || (turns >= 2
            && scan.letters.pairs >= 3
            && scan.letters.naturalness() < UNREADABLE_BESIDE_DIGITS)
        || random_letters(scan)
}

/// Letters alone that no camel case and no language explains: `HyWFzPqR`, `zqukcw`.
pub fn random_id(scan: &Scan<'_>) -> bool {
    scan.others == 0 && scan.dots == 0 && random_letters(scan)
}

/// Hundredths of a bit per pair below which six letters and more are random: of the path
/// literals of real APIs one in three hundred lies lower (`vpcs`, `by_uuid`), of random letters
/// four in five.
const UNREADABLE: i32 = -75;
/// The same for letters with a digit between them, however few.
const UNREADABLE_BESIDE_DIGITS: i32 = -100;
/// The same for long text in mixed case or with digits, where chance averages out.
const UNREADABLE_LONG: i32 = -30;

fn random_letters(scan: &Scan<'_>) -> bool {
    let letters = scan.letter_count();
    let both = scan.upper >= 2 && scan.lower >= 2;
    let mixed = both || scan.digits > 0;
    let naturalness = scan.letters.naturalness();
    // Each joint of a compound costs a pair that is not counted: five pairs are six letters.
    (scan.letters.pairs >= 5 && naturalness < UNREADABLE && scan.hyphens + scan.underscores <= 1)
        || (scan.letters.pairs >= 9 && naturalness < UNREADABLE_LONG && mixed)
        || (both && letters >= 6 && usize::from(scan.case_rises) * 10 >= letters * 3)
        || (both
            && letters >= 6
            && scan.upper_pairs >= 1
            && usize::from(scan.case_rises) * 4 >= letters)
}

/// Words joined by hyphens that read as a title or end in a number, too long for a resource.
pub fn slug(scan: &Scan<'_>) -> bool {
    if scan.others > 0 || scan.dots > 0 {
        return false;
    }
    let joints = scan.hyphens + scan.underscores;
    joints >= 1 && scan.digits > 0 && ends_in_number_or_hash(scan.text)
}

/// Five words and more: rather a title than the name of a resource.
pub fn phrase(scan: &Scan<'_>) -> bool {
    scan.others == 0 && scan.hyphens + scan.underscores >= 4
}

fn ends_in_number_or_hash(text: &str) -> bool {
    let last = text.rsplit(['-', '_']).next().unwrap_or(text);
    let scan = Scan::of(last);
    scan.digits >= 2 && (scan.is_digits() || scan.is_hex() || opaque(&scan))
}

/// One or two letters, or two to four capitals: languages, countries, airports, tickers.
pub fn code(scan: &Scan<'_>) -> bool {
    scan.is_alphanumeric()
        && scan.digits == 0
        && (scan.length() <= 2 || scan.lower == 0 && scan.length() <= 4)
}

/// Two to four words joined by hyphens or underscores.
pub fn compound(scan: &Scan<'_>) -> bool {
    scan.hyphens + scan.underscores > 0
}

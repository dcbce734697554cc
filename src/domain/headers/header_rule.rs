//! How each kind of header value is written.
//!
//! A new kind is a variant of [`HeaderRule`] and how it is drawn, here; what is counted for it is
//! gathered in `value.rs`, and `compile.rs` says when it is chosen.
//!
//! Headers that are never drawn stand in `names`; those that are digests of the body are set when
//! that is there, by `site::digest_headers`.

use bytes::Bytes;

use super::clock::write_http_date;
use super::cookie::EXPIRES_AT;
use super::{HeaderContext, HeaderText};
use crate::domain::random::seed::{hash_text, mix, uniform};
use crate::domain::request::RequestView;

const SECOND_MS: i64 = 1_000;

/// One value being drawn.
pub(super) struct Draw<'c, 'a> {
    pub(super) request: &'c RequestView<'a>,
    pub(super) context: &'c HeaderContext<'a>,
    pub(super) seed: u64,
}

/// A kind of value, ready to be drawn.
#[derive(Clone, Debug)]
pub(super) enum HeaderRule {
    /// The same lines each time.
    Literal(Vec<Bytes>),
    /// One of several, each with the share of those up to and including it.
    Mixture(Vec<(f64, HeaderRule)>),
    /// What the request said under `source`; where it must be among `only` when given.
    Echo { source: String, only: Option<Vec<u64>>, otherwise: Option<Box<HeaderRule>> },
    /// An HTTP date at a distance from now.
    Date { min_ms: i64, max_ms: i64 },
    /// Seconds or milliseconds since 1970.
    Epoch { min_ms: i64, max_ms: i64, in_ms: bool },
    /// A number that falls by `step` from answer to answer, or with the seconds, and starts over.
    CountDown { min: u64, max: u64, step: u64, with_time: bool },
    /// Text and made-up words.
    Pieces(Vec<HeaderPiece>),
    /// The requested path and the id of what was created below it.
    Created { scheme: Option<&'static str>, slash: bool, id: Option<Box<HeaderRule>> },
    /// Cookies, each a line.
    Cookies(Vec<CookieValue>),
}

/// A part of a made-up value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum HeaderPiece {
    Text(Vec<u8>),
    /// A number, padded with zeros to `width`.
    Number {
        min: u64,
        max: u64,
        width: usize,
    },
    /// Characters of an alphabet, never empty.
    Token {
        alphabet: Vec<u8>,
        min: usize,
        max: usize,
    },
    /// A random UUID (RFC 9562, version 4).
    Uuid,
    /// The id of what was created, else another piece.
    CreatedId(Box<HeaderPiece>),
}

/// A cookie ready to be drawn.
#[derive(Clone, Debug)]
pub(super) struct CookieValue {
    pub(super) name: String,
    /// Share of the answers with cookies that set this one.
    pub(super) presence: f64,
    pub(super) value: Option<HeaderRule>,
    pub(super) attributes: Option<HeaderRule>,
    pub(super) expires_min_ms: i64,
    pub(super) expires_max_ms: i64,
}

impl HeaderRule {
    /// Draws the value and hands over its lines.
    pub(super) fn draw<'p>(&'p self, draw: &Draw<'_, '_>, emit: &mut dyn FnMut(HeaderText<'p>)) {
        match self {
            Self::Literal(lines) => {
                for line in lines {
                    emit(HeaderText::Shared(line));
                }
            }
            Self::Mixture(values) => {
                if let Some(value) = pick(values, uniform(draw.seed)) {
                    value.draw(&draw.next(0), emit);
                }
            }
            Self::Echo { source, only, otherwise } => {
                match draw.request.header(source).filter(|value| allowed(only.as_deref(), value)) {
                    Some(value) => emit(HeaderText::Drawn(Bytes::copy_from_slice(value))),
                    None => {
                        if let Some(value) = otherwise {
                            value.draw(draw, emit);
                        }
                    }
                }
            }
            Self::Cookies(cookies) => draw_cookies(cookies, draw, emit),
            _ => {
                let mut out = Vec::new();
                self.write(draw, &mut out);
                let lines = Bytes::from(out);
                let mut start = 0;
                for end in memchr::memchr_iter(b'\n', &lines).chain([lines.len()]) {
                    emit(HeaderText::Drawn(lines.slice(start..end)));
                    start = end + 1;
                }
            }
        }
    }

    /// Writes a value that is one text.
    fn write(&self, draw: &Draw<'_, '_>, out: &mut Vec<u8>) {
        match self {
            Self::Literal(lines) => out.extend_from_slice(&lines.join(&b"\n"[..])),
            Self::Mixture(values) => {
                if let Some(value) = pick(values, uniform(draw.seed)) {
                    value.write(&draw.next(0), out);
                }
            }
            Self::Date { min_ms, max_ms } => {
                write_http_date(draw.time_ms(*min_ms, *max_ms), out);
            }
            Self::Epoch { min_ms, max_ms, in_ms } => {
                let at_ms = draw.window_end_ms(*min_ms, *max_ms);
                write_number(if *in_ms { at_ms } else { at_ms / SECOND_MS }.unsigned_abs(), out);
            }
            Self::CountDown { min, max, step, with_time } => {
                let turn = if *with_time {
                    draw.context.now_ms.unsigned_abs() / SECOND_MS.unsigned_abs()
                } else {
                    draw.context.sequence
                };
                let turns = (max - min) / step.max(&1) + 1;
                write_number(max - (turn % turns) * step.max(&1), out);
            }
            Self::Pieces(pieces) => {
                for (at, piece) in pieces.iter().enumerate() {
                    piece.write(&draw.next(at as u64 + 1), out);
                }
            }
            Self::Created { scheme, slash, id } => {
                draw.write_created(*scheme, *slash, id.as_deref(), out);
            }
            // These hand over lines and are never part of another text.
            Self::Echo { .. } | Self::Cookies(_) => {}
        }
    }
}

fn pick(values: &[(f64, HeaderRule)], at: f64) -> Option<&HeaderRule> {
    let found = values.partition_point(|(up_to, _)| *up_to <= at);
    values.get(found).or(values.last()).map(|(_, value)| value)
}

fn allowed(only: Option<&[u64]>, value: &[u8]) -> bool {
    only.is_none_or(|hashes| hashes.contains(&hash_text(value)))
}

fn draw_cookies<'p>(
    cookies: &'p [CookieValue],
    draw: &Draw<'_, '_>,
    emit: &mut dyn FnMut(HeaderText<'p>),
) {
    for cookie in cookies {
        let draw = draw.next(hash_text(cookie.name.as_bytes()));
        if uniform(draw.seed) >= cookie.presence {
            continue;
        }
        let mut line = Vec::with_capacity(64);
        line.extend_from_slice(cookie.name.as_bytes());
        line.push(b'=');
        if let Some(value) = &cookie.value {
            value.write(&draw.next(1), &mut line);
        }
        let mut attributes = Vec::new();
        if let Some(value) = &cookie.attributes {
            value.write(&draw.next(2), &mut attributes);
        }
        for byte in attributes {
            if char::from(byte) == EXPIRES_AT {
                let at_ms = draw.time_ms(cookie.expires_min_ms, cookie.expires_max_ms);
                write_http_date(at_ms, &mut line);
            } else {
                line.push(byte);
            }
        }
        emit(HeaderText::Drawn(Bytes::from(line)));
    }
}

impl<'c, 'a> Draw<'c, 'a> {
    fn next(&self, stream: u64) -> Draw<'c, 'a> {
        Draw { request: self.request, context: self.context, seed: mix(self.seed, stream) }
    }

    /// A whole second at a distance from now that was seen.
    fn time_ms(&self, min_ms: i64, max_ms: i64) -> i64 {
        let span = max_ms.saturating_sub(min_ms) as f64;
        // A span is at most a few years of milliseconds: far within what an f64 holds exactly.
        let offset = min_ms.saturating_add((uniform(self.seed) * span) as i64);
        let at_ms = self.context.now_ms.saturating_add(offset);
        at_ms.saturating_add(SECOND_MS / 2).div_euclid(SECOND_MS) * SECOND_MS
    }

    /// The end of the window that now lies in: windows as long as the distances differ, so that it
    /// stands still until it is reached, as the end of a quota does.
    fn window_end_ms(&self, min_ms: i64, max_ms: i64) -> i64 {
        let span = max_ms.saturating_sub(min_ms).max(SECOND_MS);
        let earliest = self.context.now_ms.saturating_add(min_ms);
        (earliest.div_euclid(span) + 1).saturating_mul(span)
    }

    fn write_created(
        &self,
        scheme: Option<&str>,
        slash: bool,
        id: Option<&HeaderRule>,
        out: &mut Vec<u8>,
    ) {
        let request = self.request;
        if let (Some(scheme), Some(host)) = (scheme, request.header("host")) {
            out.extend_from_slice(scheme.as_bytes());
            out.extend_from_slice(b"://");
            out.extend_from_slice(host);
        }
        out.extend_from_slice(request.path.trim_end_matches('/').as_bytes());
        out.push(b'/');
        match (self.context.created_id, id) {
            (Some(created), _) => out.extend_from_slice(created.as_bytes()),
            (None, Some(id)) => id.write(&self.next(1), out),
            (None, None) => {}
        }
        if slash {
            out.push(b'/');
        }
    }
}

impl HeaderPiece {
    fn write(&self, draw: &Draw<'_, '_>, out: &mut Vec<u8>) {
        match self {
            Self::Text(text) => out.extend_from_slice(text),
            Self::Number { min, max, width } => {
                let number = min + below(draw.seed, (max - min).saturating_add(1));
                let digits = number.checked_ilog10().unwrap_or(0) as usize + 1;
                out.resize(out.len() + width.saturating_sub(digits), b'0');
                write_number(number, out);
            }
            Self::Token { alphabet, min, max } => {
                let length = min + below(draw.seed, (max - min) as u64 + 1) as usize;
                for at in 0..length {
                    let index = below(mix(draw.seed, at as u64 + 1), alphabet.len() as u64);
                    // `below` stays below the alphabet's length.
                    out.push(alphabet[index as usize]);
                }
            }
            Self::Uuid => write_uuid(draw.seed, out),
            Self::CreatedId(otherwise) => match draw.context.created_id {
                Some(id) => out.extend_from_slice(id.as_bytes()),
                None => otherwise.write(draw, out),
            },
        }
    }
}

/// A number below `bound` from a mixed word; 0 for a bound of 0.
fn below(word: u64, bound: u64) -> u64 {
    // The high half of the product: uniform to within bound / 2^64 (Lemire 2019).
    ((u128::from(word) * u128::from(bound)) >> 64) as u64
}

fn write_number(number: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

fn write_uuid(seed: u64, out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let words = [mix(seed, 1), mix(seed, 2)];
    for at in 0..32 {
        if matches!(at, 8 | 12 | 16 | 20) {
            out.push(b'-');
        }
        let nibble = (words[at / 16] >> ((at % 16) * 4)) as usize & 15;
        out.push(match at {
            12 => b'4',
            16 => HEX[8 | (nibble & 3)],
            _ => HEX[nibble],
        });
    }
}

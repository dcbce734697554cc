//! Content negotiation: which of several representations an answer takes, by what the request
//! prefers (RFC 9110, section 12.5).
//!
//! Found by evidence: of the representations a status was answered in, nearly always the one came
//! that the request's `Accept` or `Accept-Language` preferred. What is remembered is a public
//! vocabulary: media types made of standard words, and ISO 639-1 languages. Nothing of a request
//! is kept.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::coding_choice::{CodingChoice, CodingProgram};
use crate::domain::body::content_coding::ContentCoding;
use crate::domain::headers::is_standard;
use crate::domain::request::RequestView;
use crate::domain::sketch::heap_bytes::heap_bytes;

/// What the answers of one status have in common with what was asked for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Negotiation {
    #[serde(rename = "m", skip_serializing_if = "Preference::is_empty")]
    media: Preference,
    #[serde(rename = "l", skip_serializing_if = "Preference::is_empty")]
    language: Preference,
    #[serde(rename = "e", skip_serializing_if = "CodingChoice::is_empty")]
    coding: CodingChoice,
}

heap_bytes!(Negotiation { media, language, coding });

/// The representations of one kind, and how they were chosen.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Preference {
    #[serde(rename = "v")]
    variants: Vec<Variant>,
    /// Requests that preferred one of the variants known to all others.
    #[serde(rename = "a")]
    asked: u32,
    /// Those that got it.
    #[serde(rename = "h")]
    met: u32,
}

heap_bytes!(Preference { variants, asked, met });

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Variant {
    #[serde(rename = "k")]
    name: Box<str>,
    /// Answers to requests that preferred it.
    #[serde(rename = "p")]
    preferred: u32,
    /// Answers to requests that left the choice to the backend.
    #[serde(rename = "d")]
    by_default: u32,
}

heap_bytes!(Variant { name, preferred, by_default });

/// What is known of a negotiation, for people.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct NegotiationFinding {
    /// The request header that decides.
    #[schema(example = "accept")]
    pub header: &'static str,
    /// The representations, the one that comes without a preference first.
    #[schema(example = json!(["application/json", "text/html"]))]
    pub variants: Vec<String>,
    /// Requests that preferred one of them and got it.
    pub hits: u32,
    /// Requests that preferred one of them.
    pub trials: u32,
}

/// Variants told apart: APIs offer a handful of media types, sites a few languages.
const VARIANTS_MAX: usize = 16;

/// Agreements before the request decides.
const MET_MIN: u32 = 3;

impl Negotiation {
    /// Learns one exchange; `response`: its headers, lowercase names and raw values.
    pub fn observe(&mut self, request: &RequestView<'_>, response: &[(&str, &[u8])]) {
        if let Some(media) = header(response, "content-type").map(media_type)
            && is_standard("content-type", &media)
        {
            self.media.observe(&media, request.header_text("accept"), media_quality);
        }
        if let Some(language) = header(response, "content-language")
            && is_language(language)
        {
            let accepted = request.header_text("accept-language");
            self.language.observe(language, accepted, language_quality);
        }
        let coding = header(response, "content-encoding");
        self.coding.observe(request.header_text("accept-encoding"), coding);
    }

    /// Adds what another model learned.
    pub fn merge(&mut self, other: &Self) {
        self.media.merge(&other.media);
        self.language.merge(&other.language);
        self.coding.merge(&other.coding);
    }

    /// Which request headers decide, among what.
    pub fn findings(&self) -> Vec<NegotiationFinding> {
        let parts = [("accept", &self.media), ("accept-language", &self.language)];
        let active = parts.into_iter().filter(|(_, preference)| preference.is_active());
        let finding = |(header, preference): (&'static str, &Preference)| NegotiationFinding {
            header,
            variants: preference.ordered().map(str::to_owned).collect(),
            hits: preference.met,
            trials: preference.asked,
        };
        active.map(finding).collect()
    }

    /// What decides, as long as the request decides anything.
    pub fn compile(&self) -> NegotiationProgram {
        let variants = |preference: &Preference| -> Box<[Box<str>]> {
            let all = preference.ordered().filter(|_| preference.is_active());
            all.map(Into::into).collect()
        };
        NegotiationProgram {
            media: variants(&self.media),
            language: variants(&self.language),
            usual_media: self.media.ordered().next().unwrap_or_default().into(),
            coding: self.coding.compile(),
        }
    }
}

impl Preference {
    fn is_empty(&self) -> bool {
        self.variants.is_empty()
    }

    fn observe(&mut self, variant: &str, accepted: Option<&str>, quality: Quality) {
        let at = match self.variants.iter().position(|v| *v.name == *variant) {
            Some(at) => at,
            None if self.variants.len() < VARIANTS_MAX => {
                self.variants.push(Variant { name: variant.into(), ..Variant::default() });
                self.variants.len() - 1
            }
            None => return,
        };
        let preferred = accepted.and_then(|accepted| {
            let names = self.variants.iter().map(|v| &*v.name);
            preferred(names, accepted, quality)
        });
        let Some(answered) = self.variants.get_mut(at) else { return };
        match preferred {
            Some(wanted) => {
                self.asked = self.asked.saturating_add(1);
                self.met = self.met.saturating_add(u32::from(wanted == at));
                answered.preferred += u32::from(wanted == at);
            }
            None => answered.by_default = answered.by_default.saturating_add(1),
        }
    }

    fn merge(&mut self, other: &Self) {
        self.asked = self.asked.saturating_add(other.asked);
        self.met = self.met.saturating_add(other.met);
        for theirs in &other.variants {
            let room = self.variants.len() < VARIANTS_MAX;
            match self.variants.iter_mut().find(|own| own.name == theirs.name) {
                Some(own) => {
                    own.preferred = own.preferred.saturating_add(theirs.preferred);
                    own.by_default = own.by_default.saturating_add(theirs.by_default);
                }
                None if room => self.variants.push(theirs.clone()),
                None => {}
            }
        }
    }

    /// Requests got what they preferred, and not all preferred the same.
    fn is_active(&self) -> bool {
        let chosen = self.variants.iter().filter(|v| v.preferred > 0).count();
        let others = self.variants.iter().any(|v| v.preferred == 0 && v.by_default > 0);
        // One in ten may be refused what it wants: an old client, a page that has no translation.
        let is_met = self.met >= MET_MIN && self.met * 10 >= self.asked * 9;
        is_met && (chosen >= 2 || (chosen == 1 && others))
    }

    /// Names of the variants, the default first.
    fn ordered(&self) -> impl Iterator<Item = &str> {
        let mut variants: Vec<&Variant> = self.variants.iter().collect();
        variants.sort_by(|a, b| {
            let weight = |v: &Variant| (v.by_default, v.preferred);
            weight(b).cmp(&weight(a)).then_with(|| a.name.cmp(&b.name))
        });
        variants.into_iter().map(|v| &*v.name)
    }
}

/// What decides, compiled: empty where the request decides nothing.
#[derive(Debug, Clone, Default)]
pub struct NegotiationProgram {
    /// The default first.
    media: Box<[Box<str>]>,
    language: Box<[Box<str>]>,
    /// The media type of most answers; empty where it is none that is known.
    usual_media: Box<str>,
    coding: CodingProgram,
}

impl NegotiationProgram {
    /// The media type of the answer, where requests decide it.
    pub fn media(&self, request: &RequestView<'_>) -> Option<&str> {
        choose(&self.media, request.header_text("accept"), media_quality)
    }

    /// The media type of most answers; empty where it is none that is known.
    pub fn usual_media(&self) -> &str {
        &self.usual_media
    }

    /// The content coding of the answer.
    pub fn coding(&self, request: &RequestView<'_>) -> Option<ContentCoding> {
        self.coding.coding(request.header_text("accept-encoding"))
    }

    /// The language of the answer, where requests decide it.
    pub fn language(&self, request: &RequestView<'_>) -> Option<&str> {
        choose(&self.language, request.header_text("accept-language"), language_quality)
    }
}

fn choose<'p>(
    variants: &'p [Box<str>],
    accepted: Option<&str>,
    quality: Quality,
) -> Option<&'p str> {
    let at = accepted
        .and_then(|accepted| preferred(variants.iter().map(|name| &**name), accepted, quality));
    variants.get(at.unwrap_or(0)).map(|name| &**name)
}

/// How far a range of `Accept` or `Accept-Language` means a variant: 0 for not at all, the more
/// the closer. The closest range decides (RFC 9110, section 12.5.1).
type Quality = fn(range: &str, variant: &str) -> u8;

/// Index of the variant that is preferred to all others; `None` when there is none.
fn preferred<'v>(
    variants: impl Iterator<Item = &'v str>,
    accepted: &str,
    quality: Quality,
) -> Option<usize> {
    let weight = |variant: &str| -> f32 {
        let ranges = accepted.split(',').filter_map(|range| {
            let (range, parameters) = range.split_once(';').unwrap_or((range, ""));
            let closeness = quality(range.trim(), variant);
            (closeness > 0).then_some((closeness, weight_of(parameters)))
        });
        ranges.max_by_key(|(closeness, _)| *closeness).map_or(0.0, |(_, weight)| weight)
    };
    let mut best: Option<(usize, f32)> = None;
    let mut is_tie = false;
    for (at, variant) in variants.enumerate() {
        let weight = weight(variant);
        match best {
            Some((_, known)) if weight < known => {}
            Some((_, known)) if weight == known => is_tie = true,
            _ => (best, is_tie) = (Some((at, weight)), false),
        }
    }
    best.filter(|(_, weight)| *weight > 0.0 && !is_tie).map(|(at, _)| at)
}

/// The `q` of a range, 1 when there is none (RFC 9110, section 12.4.2).
fn weight_of(parameters: &str) -> f32 {
    let mut pairs = parameters.split(';').filter_map(|pair| pair.split_once('='));
    let q = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("q"));
    q.map_or(1.0, |(_, value)| value.trim().parse().unwrap_or(0.0))
}

fn media_quality(range: &str, media: &str) -> u8 {
    if range == "*/*" {
        return 1;
    }
    match range.strip_suffix("/*") {
        Some(kind) => {
            let is_kind = media.split('/').next().is_some_and(|own| own.eq_ignore_ascii_case(kind));
            if is_kind { 2 } else { 0 }
        }
        None if range.eq_ignore_ascii_case(media) => 3,
        None => 0,
    }
}

/// Lookup and filtering both (RFC 4647, section 3): `de-AT` means `de`, and `de` means `de-AT`.
fn language_quality(range: &str, language: &str) -> u8 {
    let primary = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
    if range == "*" {
        1
    } else if range.eq_ignore_ascii_case(language) {
        4
    } else if primary(range) != primary(language) {
        0
    } else if range.contains('-') && language.contains('-') {
        2
    } else {
        3
    }
}

fn header<'h>(headers: &[(&str, &'h [u8])], name: &str) -> Option<&'h str> {
    let (_, value) = headers.iter().find(|(known, _)| *known == name)?;
    std::str::from_utf8(value).ok()
}

fn media_type(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Two-letter codes of ISO 639-1 in one line.
const LANGUAGES: &str = "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce \
    ch co cr cs cu cv cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv \
    ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr \
    ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn \
    no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so \
    sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh \
    yi yo za zh zu";

/// Is it a language tag of a public code, with at most a region (`de`, `pt-BR`)?
fn is_language(tag: &str) -> bool {
    let (language, region) = tag.split_once('-').unwrap_or((tag, "XX"));
    let is_region = region.len() == 2 && region.bytes().all(|b| b.is_ascii_alphabetic());
    language.len() == 2
        && is_region
        && LANGUAGES.split_ascii_whitespace().any(|known| known.eq_ignore_ascii_case(language))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with<'a>(headers: &'a [(&'a str, &'a [u8])]) -> RequestView<'a> {
        RequestView { headers, ..RequestView::default() }
    }

    fn learned(exchanges: &[(&str, &str)]) -> Negotiation {
        let mut model = Negotiation::default();
        for (accept, answered) in exchanges {
            let request: [(&str, &[u8]); 1] = [("accept", accept.as_bytes())];
            model.observe(&with(&request), &[("content-type", answered.as_bytes())]);
        }
        model
    }

    fn asked(model: &Negotiation, accept: &str) -> Option<String> {
        let program = model.compile();
        program.media(&with(&[("accept", accept.as_bytes())])).map(str::to_owned)
    }

    const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

    #[test]
    fn the_preferred_of_the_known_representations_comes() {
        let model = learned(&[
            ("application/json", "application/json; charset=utf-8"),
            ("*/*", "application/json; charset=utf-8"),
            (BROWSER, "text/html"),
            ("application/json", "application/json"),
            (BROWSER, "text/html"),
        ]);
        let check = |accept, expected| {
            assert_eq!(asked(&model, accept).as_deref(), Some(expected), "{accept}");
        };
        check("application/json", "application/json");
        check("text/*;q=0.9, application/json;q=0.1", "text/html");
        check("application/json;q=0, */*;q=0.2", "text/html");
        // Left to the backend, or asked for what there is not: its default.
        check("*/*", "application/json");
        check("image/png", "application/json");
        assert_eq!(model.compile().media(&with(&[])), Some("application/json"));
        assert_eq!(model.findings()[0].variants, ["application/json", "text/html"]);
    }

    #[test]
    fn a_backend_that_does_not_care_is_not_taken_to() {
        let one = learned(&[("application/json", "application/json"); 20]);
        assert_eq!(asked(&one, "text/html"), None);
        let media = ["application/json", "text/html"];
        let random: Vec<(&str, &str)> =
            (0..40usize).map(|n| (media[n % 2], media[n / 2 % 2])).collect();
        assert_eq!(asked(&learned(&random), "text/html"), None);
    }

    #[test]
    fn languages_are_looked_up_and_filtered() {
        let mut model = Negotiation::default();
        for (accepted, answered) in
            [("de-AT,de;q=0.9,en;q=0.5", "de"), ("en-US,en", "en"), ("fr", "fr"), ("tlh", "en")]
        {
            let request: [(&str, &[u8]); 1] = [("accept-language", accepted.as_bytes())];
            model.observe(&with(&request), &[("content-language", answered.as_bytes())]);
        }
        let program = model.compile();
        let language =
            |accepted: &str| program.language(&with(&[("accept-language", accepted.as_bytes())]));
        assert_eq!(language("de-CH"), Some("de"));
        assert_eq!(language("fr;q=0.3, en;q=0.2"), Some("fr"));
        assert_eq!(language("ja"), Some("en"));
    }

    #[test]
    fn nothing_but_public_words_is_remembered() {
        let mut model = Negotiation::default();
        for n in 0..50 {
            let media = format!("application/vnd.canary{n}+json");
            let accept = format!("{media}, canary");
            let request: &[(&str, &[u8])] =
                &[("accept", accept.as_bytes()), ("accept-language", b"canary")];
            let answer: &[(&str, &[u8])] =
                &[("content-type", media.as_bytes()), ("content-language", b"canary")];
            model.observe(&with(request), answer);
        }
        assert_eq!(serde_json::to_string(&model).unwrap(), "{}");
    }

    #[test]
    fn merging_equals_having_seen_both() {
        let exchanges = [("text/html", "text/html"), ("application/json", "application/json")];
        let (a, b) = (learned(&exchanges), learned(&exchanges));
        let mut merged = a.clone();
        merged.merge(&b);
        assert_eq!(merged.media.asked, 4);
        assert_eq!(asked(&merged, "text/html").as_deref(), Some("text/html"));
    }
}
